"""The web server within the tests' own process, where nobody runs anything, and who knocks at it.

Requests are written by hand, as no browser and no library would send all of them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import socket
import threading
import urllib.parse
from collections.abc import Iterator

from izhikevich.errors import ParameterError
from izhikevich.views.web import server


class NoRuns:
    """In the place of worker processes."""

    def submit(self, choice, owner=None):
        raise ParameterError("nothing is run here")

    def close(self):
        pass


@contextlib.contextmanager
def listening(host: str, port: int = 0, **options) -> Iterator[server._Site]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> server._Site:
        site = server.listen(host, port, **options)
        await site.loaded()
        return site

    async def end() -> None:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    try:
        site = asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
        yield site
        site.close()
        asyncio.run_coroutine_threadsafe(end(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)


def parts(site: server._Site) -> tuple[str, int, str]:
    """Address, port and path of its page."""
    found = urllib.parse.urlsplit(site.access.addresses[0])
    assert found.hostname and found.port
    return found.hostname, found.port, found.path


def ask(site: server._Site, path: str, method: str = "GET", **headers: str):
    """The answer to a request for `path` below the page's address, or from the root with "//"."""
    host, port, home = parts(site)
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request(
            method,
            path[1:] if path.startswith("//") else home + path,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        answer = connection.getresponse()
        answer.text = answer.read()
        return answer
    finally:
        connection.close()


def knock(site: server._Site, path: str = "ws", **headers: str) -> int:
    """The status of a websocket's handshake; 101 lets in."""
    host, port, home = parts(site)
    lines = {
        "Host": f"{host}:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    text = f"GET {path if path.startswith('/') else home + path} HTTP/1.1\r\n"
    text += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall((text + "\r\n").encode())
        return int(connection.recv(100).split()[1])
