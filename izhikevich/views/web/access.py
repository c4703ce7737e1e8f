"""Who may come in: by which address, from which page, and what a browser is told to refuse.

A server for this computer alone answers to this computer's own names. Without that, a page from
elsewhere could have a name of its own lead to this computer, and be taken for the server's own.
One for other computers cannot know by what name they call it; there the address holds a secret.
Behind a web server that passes requests on, the addresses that people use are told to it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from izhikevich.errors import ParameterError

LOOPBACK = ("127.0.0.1", "::1", "localhost")

# What the page may load.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'"
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


@dataclass(frozen=True)
class Access:
    """By what addresses a server is reached, and from which pages.

    Attributes
    ----------
    names : sequence of str
        As a browser may call it, name:port, the best to show first.
    token : str
        A secret that stands in the address; empty where only `names` and `origins` lead to the
        server.
    origins : sequence of str
        By which people come through a web server that passes requests on, such as
        ``https://neurons.example``.
    prefix : str
        What the path of every address begins with there, such as ``/izh``.
    embedded_in : sequence of str
        Origins of pages that may show this one in a frame.
    """

    names: Sequence[str]
    token: str = ""
    origins: Sequence[str] = ()
    prefix: str = ""
    embedded_in: Sequence[str] = ()

    @property
    def path(self) -> str:
        """What every path begins with."""
        return self.prefix + (f"/{self.token}" if self.token else "")

    @property
    def addresses(self) -> list[str]:
        """Of the page, the best to show first."""
        return [
            f"{origin}{self.path}/"
            for origin in (*self.origins, *(f"http://{name}" for name in self.names))
        ]

    @property
    def headers(self) -> Mapping[str, str]:
        """Sent with everything: what a browser must refuse."""
        frames = " ".join(self.embedded_in) or "'none'"
        headers = {
            "Content-Security-Policy": f"{_POLICY}; frame-ancestors {frames}",
            "X-Content-Type-Options": "nosniff",
        }
        return headers if self.embedded_in else headers | {"X-Frame-Options": "DENY"}

    def admits(self, host: str, origin: str | None) -> bool:
        """Whether a request may come in.

        Parameters
        ----------
        host : str
            What the browser calls the server.
        origin : str or None
            The page that asks, if the browser says so.
        """
        host = host.lower()
        # who knows a secret address may call the server what they like
        is_ours = host in self.names or bool(self.token and not self.origins)
        if not is_ours and host not in map(_host_of, self.origins):
            return False
        if origin is None or origin.lower() in self.origins:
            return True
        return is_ours and urllib.parse.urlsplit(origin).netloc.lower() == host


def access_to(
    host: str,
    port: int,
    token: str = "",
    origins: Sequence[str] = (),
    prefix: str = "",
    embedded_in: Sequence[str] = (),
) -> Access:
    """Who may use a server that listens on `host` and `port`.

    Parameters
    ----------
    host, port : str, int
        Of other computers, too, unless it is a loopback address.
    token : str
        The secret of the address. Default: a new one where other computers are let in.
    origins, prefix, embedded_in
        As of `Access`.

    Raises
    ------
    ParameterError
        If one of them cannot stand in an address.
    """
    # a browser leaves the usual port out
    ending = "" if port == 80 else f":{port}"
    names = [f"{name}{ending}" for name in names_of(host)]
    if token and not _TOKEN.fullmatch(token):
        raise ParameterError(
            "a token is 16 to 200 letters, digits, - and _, which nobody can guess; such as "
            f"{secrets.token_urlsafe(16)}"
        )
    prefix = prefix.rstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise ParameterError(f"a prefix is a path such as /izh, not {prefix[:40]!r}")
    if not token and host not in LOOPBACK:
        token = new_token()
    return Access(
        names,
        token,
        [checked_origin(each) for each in origins],
        prefix,
        [checked_origin(each) for each in embedded_in],
    )


def new_token() -> str:
    """A secret that nobody can guess."""
    return secrets.token_urlsafe(16)


def token_in(file: Path) -> str:
    """The token that a file holds; where there is no such file, it is made, with a new one.

    Raises
    ------
    OSError
        If it can neither be read nor made.
    """
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="utf-8").strip()
    token = new_token()
    with os.fdopen(made, "w", encoding="utf-8") as new:
        new.write(token + "\n")
    return token


def checked_origin(text: str) -> str:
    """An origin as browsers write it.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urllib.parse.SplitResult("", "", "", "", ""), None
    is_plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not is_plain or not re.fullmatch(r"[\w.:-]+", host):
        raise ParameterError(
            f"an origin is an address without a path, such as https://neurons.example, "
            f"not {text[:80]!r}"
        )
    usual = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in (None, usual) else "")


def _host_of(origin: str) -> str:
    return origin.partition("://")[2]


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
