"""The processes that run what the web page shows: they die, are ended and replaced, unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
import urllib.parse
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from web_client import Client, children, run, serving, wait_until

from izhikevich.choice import choose
from izhikevich.engine.simulation import simulate
from izhikevich.engine.worker import WorkerDiedError
from izhikevich.views.web import runs as runs_module


def test_a_worker_killed_in_the_middle_of_a_run(view, server):
    view.open()
    view.choose("scheme", "exact")
    server.signal_workers(signal.SIGSTOP)  # so that the run is under way when the kill comes
    view.box("d").fill("5.5")
    view.box("d").press("Enter")
    expect(view.page.locator(".page")).to_have_attribute("aria-busy", "true")
    time.sleep(0.3)
    server.signal_workers(signal.SIGKILL)
    view.settle()
    assert "ended before it answered" in view.problem
    assert view.box("d").input_value() == "6"
    view.type("d", "5.5")
    assert view.problem == ""
    view.shows(simulate("2004", "tonic spiking", scheme="exact", parameters={"d": 5.5}))


def test_workers_killed_between_two_runs_are_not_missed(view, server):
    view.open()
    server.signal_workers(signal.SIGKILL)
    time.sleep(0.2)
    view.type("d", "5")
    assert view.problem == ""
    view.shows(simulate("2004", "tonic spiking", parameters={"d": 5}))


def test_a_worker_is_replaced_after_many_runs(monkeypatch):
    monkeypatch.setattr(runs_module, "MOST_RUNS", 3)
    runs = runs_module.Runs(1)
    try:
        choice = choose("2004", "tonic spiking")
        processes = set()
        for _ in range(6):
            assert len(runs.run(choice).spikes) == 5
            processes |= set(children(os.getpid()))
        assert len(processes) > 1
    finally:
        runs.close()


@pytest.fixture
def runs():
    runs = runs_module.Runs(2)
    with contextlib.closing(runs):
        wait_until(lambda: len(runs.workers) == 2 and all(w.n_runs for w in runs.workers), 120)
        yield runs


LONG = choose("2004", "tonic spiking", scheme="exact", tstop=9900.0)
SHORT = choose("2004", "tonic spiking")


def test_a_long_run_ends_without_its_process(runs, monkeypatch):
    monkeypatch.setattr(runs_module, "LONGEST_RUN", 0.3)
    pids = [worker.start().pid for worker in runs.workers]
    with pytest.raises(runs_module.TooLongError, match=r"over 0\.3 s"):
        runs.run(LONG, "a")
    assert len(runs.run(SHORT, "a").spikes) == 5
    assert [worker.start().pid for worker in runs.workers] == pids


def test_long_runs_of_some_are_put_off_for_a_short_one_of_another(runs, monkeypatch):
    monkeypatch.setattr(runs_module, "LONGEST_RUN", 60.0)
    pids = [worker.start().pid for worker in runs.workers]
    long = [runs.submit(LONG, "a") for _ in range(2)]  # who is alone has both workers
    wait_until(lambda: all(future.running() for future in long), 20)
    assert len(runs.submit(SHORT, "b").result(20).spikes) == 5
    # one goes on while the other waits to begin again; both arrive
    recordings = [future.result(120) for future in long]
    assert np.array_equal(recordings[0].v, recordings[1].v)
    assert recordings[0].t[-1] == 9900
    assert [worker.start().pid for worker in runs.workers] == pids


def test_what_nobody_waits_for_is_not_run(runs):
    long = [runs.submit(LONG, "a") for _ in range(5)]
    wait_until(lambda: sum(future.running() for future in long) == 2, 20)
    waiting = [future for future in long if not future.running() and not future.done()]
    runs.leave("a")
    assert all(future.cancelled() for future in waiting)
    n_before = sum(worker.n_runs for worker in runs.workers)
    assert len(runs.run(SHORT, "b").spikes) == 5
    assert sum(worker.n_runs for worker in runs.workers) == n_before + 1


def test_where_one_run_cannot_be_shown_the_others_are_not_made(monkeypatch):
    from izhikevich.views.web.page import Page

    runs = runs_module.Runs(1)  # of several, others may begin the four runs together
    try:
        page = Page(runs, None)
        for action, value in (("show", None), ("variant", "both"), ("scheme", "both")):
            message = {"number": 1, "action": action, "value": value}
            assert "problem" not in run(page.answer(message))
        n_before = runs.workers[0].n_runs
        monkeypatch.setattr(runs_module, "LONGEST_RUN", 0.3)
        change = {"name": "tstop", "value": 9900.0}
        reply = run(page.answer({"number": 1, "action": "set", "value": change}))
        assert "over 0.3 s" in reply["problem"]
        assert runs.workers[0].n_runs <= n_before + 3
    finally:
        runs.close()


def test_closing_tells_who_waits():
    runs = runs_module.Runs(1)
    waiting = [runs.submit(LONG, "a") for _ in range(3)]
    runs.close()
    for future in waiting:
        with pytest.raises((WorkerDiedError, CancelledError)):
            future.result(20)
    with pytest.raises(WorkerDiedError, match="being closed"):
        runs.run(SHORT)


def test_a_run_that_takes_too_long_is_ended(view, server):
    view.open()
    server.signal_workers(signal.SIGSTOP)
    view.type("d", "5.5")
    assert "over 2 s" in view.problem
    server.signal_workers(signal.SIGCONT)
    view.type("d", "5.5")
    assert view.problem == ""


def test_no_session_sees_another(server):
    """Ten at once, each with its own parameters: each gets its own run."""

    async def one(n: int) -> None:
        d = 2 + 0.5 * n
        client = await Client.open(server.address, f"?d={d}")
        for k in range(3):
            value = d + 0.01 * (k + 1)
            reply = await client.ask("set", {"name": "d", "value": value})
            expected = simulate("2004", "tonic spiking", parameters={"d": value})
            assert f"changed: d {value:g}" in reply["words"]["status"]
            assert f"| {len(expected.spikes)} spikes" in reply["words"]["status"]
            assert f"last {expected.intervals[-1]:.2f} ms" in reply["words"]["status"]
        client.close()

    async def everyone() -> None:
        await asyncio.gather(*(one(n) for n in range(10)))

    run(everyone())


def test_the_page_comes_back_with_the_server(browser, tmp_path):
    with serving(tmp_path / "log") as server:
        port = str(urllib.parse.urlsplit(server.address).port)
        page = browser.new_page()
        page.goto(server.address + "?d=4.5&variant=Sec")
        page.locator(".page[data-answered]").wait_for()
    expect(page.locator(".problem")).to_contain_text("connection is lost", timeout=10000)
    with serving(tmp_path / "log", "--no-browser", "--port", port):
        expect(page.locator(".problem")).to_be_hidden(timeout=20000)
        expect(page.locator(".status")).to_contain_text("2004 Sec")
        expect(page.locator(".status")).to_contain_text("changed: d 4.5")
        page.close()


def test_neuron_is_loaded_by_the_workers_alone(server):
    async def visit() -> None:
        client = await Client.open(server.address, "?variant=both&scheme=both&synapse=1")
        for action, value in (
            ("show", None),
            ("pictures", None),
            ("compare", None),
            ("download", "csv"),
            ("download", "script"),
            ("paper", "2007"),
            ("current", "hand"),
        ):
            assert "problem" not in await client.ask(action, value)
        client.close()

    run(visit())
    assert "libnrniv" not in Path(f"/proc/{server.process.pid}/maps").read_text()
    for worker in server.workers():
        assert "libnrniv" in Path(f"/proc/{worker}/maps").read_text()
