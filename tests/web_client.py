"""The web page without a browser: the server as a subprocess, and what a browser would send it.

For the tests and `benchmarks/web.py`; a client here can send what no page would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

ROOT = Path(__file__).resolve().parent.parent
_RUN_IZH = "from izhikevich.views.cli.main import main; main(prog_name='izh')"


class Server:
    """A running `izh web`."""

    def __init__(self, process: subprocess.Popen, address: str, log: Path) -> None:
        self.process = process
        self.address = address
        self._log = log

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text()

    def workers(self) -> list[int]:
        """Process numbers of its workers."""
        return children(self.process.pid)

    def signal_workers(self, number: signal.Signals) -> None:
        for pid in self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kilobytes(self) -> tuple[int, int]:
        """Resident memory of the server and of its workers together."""
        return resident(self.process.pid), sum(map(resident, self.workers()))

    def processor_seconds(self) -> tuple[float, float]:
        """Processor time of the server and of its workers together, so far."""
        return processor_time(self.process.pid), sum(map(processor_time, self.workers()))


def processor_time(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            text = status.read_text()
            if f"\nPPid:\t{pid}\n" in text and "\nState:\tZ" not in text:
                found.append(int(status.parent.name))
    return found


def resident(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found.group(1)) if found else 0


def start(*arguments: str, first: str = "") -> subprocess.Popen:
    """`izh web` as a process; `first` is Python that it runs before."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
        ),
        "NEURON_MODULE_OPTIONS": "-nogui",
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-c", first + _RUN_IZH, "web", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        # a shell's background job ignores Ctrl-C, which the server is ended with
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@contextlib.contextmanager
def serving(log: Path, *arguments: str, first: str = "") -> Iterator[Server]:
    """A server, which is ended as with Ctrl-C; it must leave no worker behind."""
    process = start("--no-browser", *(arguments or ("--port", "0")), first=first)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stdout.read()
        reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=log.open("w"))
        server = Server(process, found.group(), log)
        yield server
        assert process.poll() is None, server.log
        workers = server.workers()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        reader.wait(timeout=20)
        left = [pid for pid in workers if Path(f"/proc/{pid}").exists()]
        assert not left, "workers were left behind"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_until(condition: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it has not happened in time"
        time.sleep(0.02)


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()


def status(address: str) -> int:
    """The status of the answer, without following it anywhere."""
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What `asyncio.run` gives, also where Playwright has a loop of its own in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Client:
    """What a page sends and gets, over its websocket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.number = 0

    @classmethod
    async def open(
        cls, address: str, query: str = "", origin: str | None = None, load: bool = True
    ) -> Client:
        """Load the page, unless it is there already, and connect, as a browser does."""
        if load:
            await asyncio.to_thread(get, address + query)
        headers = {"Origin": origin or "/".join(address.split("/")[:3])}
        connection = await websocket_connect(
            HTTPRequest("ws" + address.removeprefix("http") + "ws" + query, headers=headers),
            max_message_size=2**28,
        )
        # as browsers do: small messages go out at once
        connection.protocol.set_nodelay(True)
        return cls(connection)

    async def send_text(self, text: str | bytes) -> None:
        """Send what need not be a message of a page's at all."""
        await self._connection.write_message(text, binary=isinstance(text, bytes))

    async def send(self, data: Any) -> None:
        """Send any data as the page's message."""
        await self.send_text(json.dumps(data))

    async def ask(self, action: str, value: Any = None) -> dict[str, Any]:
        """Send an action and wait for the answer to it."""
        self.number += 1
        number = self.number
        await self.send({"number": number, "action": action, "value": value})
        while True:
            reply = await self.reply()
            if reply.get("number") == number:
                return reply

    async def ask_anything(self, data: Any) -> dict[str, Any]:
        """Send any data, and wait for the next answer."""
        await self.send(data)
        return await asyncio.wait_for(self.reply(), 20)

    async def reply(self) -> dict[str, Any]:
        """The next answer."""
        message = await self._connection.read_message()
        if message is None:
            raise WebSocketClosedError
        return unpacked(message)

    def close(self) -> None:
        self._connection.close()


def unpacked(message: bytes) -> dict[str, Any]:
    """A reply, with each column of numbers as a list."""
    (length,) = struct.unpack_from("<I", message)
    reply = json.loads(message[4 : 4 + length])
    if "file" in reply:
        at, size = (reply["file"]["content"][name] for name in ("at", "bytes"))
        start = 4 + length + 8 * at
        reply["file"]["content"] = message[start : start + size]
    for columns in reply.get("columns", {}).values():
        for name, column in columns.items():
            if isinstance(column, dict):
                start = 4 + length + 8 * column["at"]
                kind = "f" if "single" in column else "d"
                columns[name] = list(struct.unpack_from(f"<{column['n']}{kind}", message, start))
    return reply


def followed(link: str) -> Any:
    """The exploration that a link leads to, as the server reads it."""
    from izhikevich.views.web.links import from_link

    query = urllib.parse.parse_qs(link, keep_blank_values=True)
    return from_link({name: [text.encode() for text in given] for name, given in query.items()})
