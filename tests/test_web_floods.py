"""Floods: of sockets, of connections, of what is large; and pages that come and go."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from tornado.websocket import websocket_connect
from web_client import Client, get, run, serving, wait_until
from web_site import ask, listening, parts

from izhikevich.views.web import visitors
from izhikevich.views.web.visitors import Visitors


def test_as_many_pages_as_there_may_be():
    found = Visitors(most=5, most_from_one=3)
    for _ in range(3):
        assert found.refusal("a") == ""
        found.enter("a")
    assert found.refusal("a") == "3 pages are open from your address. Close some."
    assert found.refusal("b") == ""
    found.enter("b")
    found.enter("c")
    assert found.number == 5
    assert found.refusal("b").startswith("The server has 5 pages open and takes no more.")
    found.leave("a")
    assert found.refusal("a") == found.refusal("b") == ""
    for each in "aabc":
        found.leave(each)
    assert found.number == 0 and not found._from


@pytest.fixture
def site(without_runs):
    with listening("127.0.0.1") as site:
        yield site


async def opened(site):
    """A websocket of a page's."""
    host, port, home = parts(site)
    return await websocket_connect(f"ws://{host}:{port}{home}ws")


def test_who_is_too_many_is_told_and_let_in_when_another_has_gone(site, monkeypatch):
    monkeypatch.setattr(site, "visitors", Visitors(most=3, most_from_one=3))

    async def flood() -> None:
        sockets = [await opened(site) for _ in range(10)]
        for each in sockets[:3]:
            await each.write_message("x")
            assert await each.read_message() is not None
        for each in sockets[3:]:
            assert await each.read_message() is None
            assert each.close_code == 1013
            # a browser takes no longer one
            assert "takes no more" in each.close_reason and len(each.close_reason) < 123
        assert site.visitors.number == 3
        sockets[0].close()
        await sockets[0].read_message()
        await asyncio.to_thread(wait_until, lambda: site.visitors.number == 2, 10)
        another = await opened(site)
        await another.write_message("x")
        assert await another.read_message() is not None
        for each in (another, *sockets):
            each.close()
        await asyncio.to_thread(wait_until, lambda: site.visitors.number == 0, 10)

    run(flood())


def test_a_person_reads_why_and_is_let_in_later(site, monkeypatch, browser):
    monkeypatch.setattr(site, "visitors", Visitors(most=0, most_from_one=0))
    page = browser.new_page()
    page.clock.install()
    try:
        page.goto(site.access.addresses[0])
        problem = page.locator(".problem")
        problem.get_by_text("The server has 0 pages open and takes no more").wait_for()
        monkeypatch.setattr(site, "visitors", Visitors())
        page.clock.fast_forward(10_000)
        problem.get_by_text("nothing is run here").wait_for()
    finally:
        page.close()


def test_who_says_nothing_is_not_kept(site, monkeypatch):
    monkeypatch.setattr(visitors, "PATIENCE", 0.2)

    async def visit() -> None:
        silent, page = await opened(site), await opened(site)
        await page.write_message("x")
        await page.read_message()
        assert await asyncio.wait_for(silent.read_message(), 10) is None
        await page.write_message("x")
        assert await page.read_message() is not None

    run(visit())


def test_no_more_connections_than_so_many(without_runs, monkeypatch):
    monkeypatch.setattr(visitors, "MOST_CONNECTIONS", 20)
    with listening("127.0.0.1") as site, contextlib.ExitStack() as stack:
        host, port, _ = parts(site)
        silent = [stack.enter_context(socket.create_connection((host, port))) for _ in range(20)]
        with pytest.raises(OSError):
            ask(site, "")
        silent.pop().close()

        def is_answered() -> bool:
            with contextlib.suppress(OSError):
                return ask(site, "").status == 200
            return False

        wait_until(is_answered, 10)


@pytest.mark.parametrize(
    ("request_text", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: {}\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 100000000\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 2_000_000, b""),
    ],
)
def test_what_is_large_is_not_read(site, request_text, answer):
    host, port, _ = parts(site)
    with socket.create_connection((host, port), timeout=20) as connection:
        with contextlib.suppress(OSError):  # it is closed in the middle of it
            connection.sendall(request_text.replace(b"{}", f"{host}:{port}".encode()))
        received = b""
        with contextlib.suppress(OSError):
            received = connection.recv(1000)
        assert b" 200 " not in received
        if received and answer:
            assert answer in received or b"400" in received


def test_1000_pages_opened_and_closed_leave_nothing_behind(tmp_path):
    """Some say nothing, some leave before they are answered, some have kept runs."""
    import psutil

    with serving(tmp_path / "log") as server:
        get(server.address)
        process = psutil.Process(server.process.pid)

        async def one(n: int) -> None:
            client = await Client.open(server.address, load=False)
            if n % 12 == 1:
                await client.send({"number": 1, "action": "show", "value": None})
            elif n % 12 == 2:
                await client.ask("show")
            elif n % 12 == 3:
                await client.ask("show")
                await client.ask("switch", {"name": "keep", "on": True})
                await client.send({"number": 9, "action": "variant", "value": "both"})
            client.close()

        async def many(n: int) -> None:
            gate = asyncio.Semaphore(20)

            async def in_turn(k: int) -> None:
                async with gate:
                    await one(k)

            await asyncio.gather(*(in_turn(k) for k in range(n)))

        def settled() -> tuple[int, int, int]:
            """Sockets, threads and workers, when all is done."""
            wait_until(lambda: len(process.net_connections("tcp")) <= 1, 20)
            return process.num_fds(), process.num_threads(), len(server.workers())

        run(many(60))
        before, memory = settled(), process.memory_info().rss
        run(many(1000))
        files, threads, workers = settled()
        assert workers == before[2]
        assert files <= before[0] + 2 and threads <= before[1] + 4
        # the results of each would be some 100 kB
        assert process.memory_info().rss - memory < 10_000_000
        assert "Traceback" not in server.log
