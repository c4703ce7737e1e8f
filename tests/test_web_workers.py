"""The processes that run what the web page shows: they die, are ended and replaced, unnoticed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import urllib.parse
from pathlib import Path

from playwright.sync_api import expect
from web_client import Client, children, run, serving

from izhikevich.choice import choose
from izhikevich.engine.simulation import simulate
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
