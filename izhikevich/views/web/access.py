"""Who may come in: by which address, from which page, and what a browser is told to refuse.

A server for this computer alone answers to this computer's own names. Without that, a page from
elsewhere could have a name of its own lead to this computer, and be taken for the server's own.
One for other computers cannot know by what name they call it; there the address holds a secret.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "::1", "localhost")

#: Sent with everything: what the page may load, and that no file is taken for what it is not.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Access:
    """By what addresses a server is reached, and from which pages.

    Attributes
    ----------
    names : sequence of str
        As a browser may call it, name:port, the best to show first.
    token : str
        A secret that stands in the address; empty where only `names` lead to the server.
    """

    names: Sequence[str]
    token: str = ""

    @property
    def prefix(self) -> str:
        """What every path begins with."""
        return f"/{self.token}" if self.token else ""

    @property
    def addresses(self) -> list[str]:
        """Of the page, the best to show first."""
        return [f"http://{name}{self.prefix}/" for name in self.names]

    def admits(self, host: str, origin: str | None) -> bool:
        """Whether a request may come in.

        Parameters
        ----------
        host : str
            What the browser calls the server.
        origin : str or None
            The page that asks, if the browser says so.
        """
        if not self.token and host.lower() not in self.names:
            return False
        return origin is None or urllib.parse.urlsplit(origin).netloc.lower() == host.lower()


def access_to(host: str, port: int) -> Access:
    """Who may use a server that listens on `host` and `port`."""
    # a browser leaves the usual port out
    ending = "" if port == 80 else f":{port}"
    names = [f"{name}{ending}" for name in names_of(host)]
    return Access(names, "" if host in LOOPBACK else secrets.token_urlsafe(16))


def names_of(host: str) -> list[str]:
    """The names by which a browser may call the server, the best to show first."""
    if host in LOOPBACK:
        return [f"[{host}]" if ":" in host else host, *(n for n in LOOPBACK if ":" not in n)]
    if host not in ("0.0.0.0", "::", ""):
        return [f"[{host}]" if ":" in host else host]
    name = socket.gethostname()
    found: set[str] = set()
    with contextlib.suppress(OSError):  # a computer need not know its own name
        found |= {str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # the address towards all other computers; nothing is sent
        probe.connect(("192.0.2.1", 9))
        found.add(probe.getsockname()[0])
    return [name, *sorted(each for each in found if not each.startswith("127."))]
