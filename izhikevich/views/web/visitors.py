"""How many may be there at once, and what the server writes down of them: nothing, unless asked."""

from __future__ import annotations

import collections
import logging
import re
import sys
import weakref
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream

from izhikevich.views.web.access import LOOPBACK, Access

#: Pages on the server, and of those from one address. A class behind one router has one address.
MOST_PAGES, MOST_FROM_ONE = 200, 100
#: Connections of any kind; a browser has up to six.
MOST_CONNECTIONS = 600
#: A connection that says nothing is closed after this time, s.
PATIENCE = 30.0
# A request of a page's has no content, and some hundred bytes of headers.
_BOUNDS = {
    "idle_connection_timeout": PATIENCE,
    "body_timeout": PATIENCE,
    "max_header_size": 16_000,
    "max_body_size": 1000,
    "max_buffer_size": 1_000_000,
}

_log = logging.getLogger("izhikevich.web")


class Visitors:
    """The pages that are open.

    Parameters
    ----------
    most, most_from_one : int
        As `MOST_PAGES` and `MOST_FROM_ONE`.
    """

    def __init__(self, most: int = MOST_PAGES, most_from_one: int = MOST_FROM_ONE) -> None:
        self._most, self._most_from_one = most, most_from_one
        self._from: collections.Counter[str] = collections.Counter()

    @property
    def number(self) -> int:
        """How many pages are open."""
        return self._from.total()

    def refusal(self, address: str) -> str:
        """Why no further page may be opened from an address; empty if one may."""
        if self.number >= self._most:
            return f"The server has {self._most} pages open and takes no more. Trying again ..."
        if self._from[address] >= self._most_from_one:
            return f"{self._most_from_one} pages are open from your address. Close some."
        return ""

    def enter(self, address: str) -> None:
        """Count a page that has been opened."""
        self._from[address] += 1

    def leave(self, address: str) -> None:
        """Count it no more."""
        self._from[address] -= 1
        if not self._from[address]:
            del self._from[address]


class BoundedServer(HTTPServer):
    """A server that takes no more than so many connections, and no large requests."""

    def initialize(self, *arguments: Any, **options: Any) -> None:
        """As Tornado does."""
        super().initialize(*arguments, **(_BOUNDS | options))
        self._streams: weakref.WeakSet[IOStream] = weakref.WeakSet()

    def handle_stream(self, stream: IOStream, address: tuple) -> None:
        """Serve a connection, or close it when there are too many."""
        if len(self._streams) >= MOST_CONNECTIONS:
            self._streams = weakref.WeakSet(each for each in self._streams if not each.closed())
        if len(self._streams) >= MOST_CONNECTIONS:
            stream.close()
            return
        self._streams.add(stream)
        super().handle_stream(stream, address)


def address_of(request: HTTPServerRequest, access: Access) -> str:
    """Where a request comes from.

    What a web server says of whom it asks for is believed where one has been told of, on this
    computer.
    """
    peer = request.remote_ip or ""
    if access.origins and peer in LOOPBACK:
        said = request.headers.get("X-Real-Ip", "")
        return said if re.fullmatch(r"[\da-fA-F.:]{2,45}", said) else peer
    return peer


def write_to(log: str) -> None:
    """Write down who comes, from now on.

    Parameters
    ----------
    log : str
        A file, to which lines are added; "-" is the standard error.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    handler: logging.Handler
    if log == "-":
        handler = logging.StreamHandler(sys.stderr)
    else:
        handler = logging.FileHandler(Path(log), encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def note(access: Access, request: HTTPServerRequest, what: str) -> None:
    """Write one line, if lines are written: without the secret, and without what is looked at."""
    if _log.handlers:
        path = request.path[:200]
        if access.token:
            path = path.replace(access.token, "TOKEN")
        _log.info("%s %s %r %s", address_of(request, access), request.method, path, what)
