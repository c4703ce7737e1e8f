"""The server of `izh web`: who may come in, and what they find.

It listens before the program behind it has been loaded: while that is imported in a thread, the
browser loads its scripts.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import secrets
import socket
import threading
import urllib.parse
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from izhikevich.views.web.files import Served, scripts_and_styles
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.wire import packed

if TYPE_CHECKING:
    from izhikevich.views.web.page import Page

TITLE = "Izhikevich's neuron"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# A message of a page is some hundred bytes.
_LONGEST_MESSAGE = 100_000
# A page that does not answer is asked this often whether it is there, s.
_PING_EVERY = 20

_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'"
)
_HTML = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<script data-bokeh async src="bokeh.min.js?v={bokeh}"></script>
<link rel="stylesheet" href="explorer.css?v={style}">
<script type="module" src="page.js?v={page}"></script>
<style>html {{ color-scheme: light dark }} body {{ margin: 0 }}
@media (prefers-color-scheme: dark) {{ html {{ background: #16191d }} }}</style>
</head>
<body></body>
</html>
"""


class _Site:
    """What all pages share.

    Parameters
    ----------
    origins : set of str, or None
        Whose pages may use it, as name:port. None: those of this server, by whatever name it was
        called; then its address must be a secret.
    """

    def __init__(self, origins: set[str] | None) -> None:
        self.origins = origins
        self.files = scripts_and_styles()
        html = _HTML.format(
            title=TITLE,
            bokeh=self.files["bokeh.min.js"].version,
            page=self.files["page.js"].version,
            style=self.files["explorer.css"].version,
        )
        self.index = Served(html.encode(), "text/html; charset=utf-8")
        self._runs = Runs()  # they start while the rest is imported
        self._threads = concurrent.futures.ThreadPoolExecutor(1, "izhikevich-load")
        self._pages = self._threads.submit(self._load_pages)
        for each in self.files.values():
            self._threads.submit(each.compress)

    def _load_pages(self) -> Callable[[Any], Page]:
        from izhikevich.views.web.exploration import Exploration
        from izhikevich.views.web.links import LinkError, from_link
        from izhikevich.views.web.page import Page
        from izhikevich.views.web.thumbnails import Thumbnails

        thumbnails = Thumbnails(self._runs)

        def page(query: Any) -> Page:
            exploration, notice = Exploration(), ""
            try:
                exploration = from_link(query)
            except LinkError as error:
                notice = f"This link cannot be shown, so here is the preset instead: {error}."
            return Page(self._runs, thumbnails, exploration, notice)

        return page

    async def page(self, query: Any) -> Page:
        """A new page for whoever has followed a link."""
        return (await asyncio.wrap_future(self._pages))(query)

    async def loaded(self) -> None:
        """Wait until everything is there.

        Raises
        ------
        ImportError
            If something is not installed.
        """
        await asyncio.wrap_future(self._pages)

    def close(self) -> None:
        """End the workers."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._runs.close()


class _File(RequestHandler):
    """One of the few files there are."""

    def initialize(self, site: _Site) -> None:
        self._site = site

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")
        self.clear_header("Server")

    def get(self, name: str) -> None:
        if name == "":
            file = self._site.index
        elif name in self._site.files:
            file = self._site.files[name]
        else:
            raise HTTPError(404)
        if self.get_query_argument("v", None) == file.version:
            self.set_header("Cache-Control", "max-age=31536000, immutable")
        self.set_header("Content-Type", file.kind)
        self.set_header("Vary", "Accept-Encoding")
        if file.compressed and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(file.compressed)
        else:
            self.write(file.content)


class _NotFound(RequestHandler):
    def prepare(self) -> None:
        self.send_error(404)


class _Socket(WebSocketHandler):
    """The messages of one page."""

    def initialize(self, site: _Site) -> None:
        self._site = site
        self._page: Page | None = None

    def check_origin(self, origin: str) -> bool:
        if self._site.origins is None:
            return super().check_origin(origin)
        return urllib.parse.urlsplit(origin).netloc.lower() in self._site.origins

    def open(self) -> None:
        # no message waits 40 ms for the next (Nagle's algorithm)
        self.set_nodelay(True)

    def on_close(self) -> None:
        self._page = None

    async def on_message(self, text: str | bytes) -> None:
        """Answer one message; the next one is read when the answer is on its way."""
        try:
            if self._page is None:
                self._page = await self._site.page(self.request.query_arguments)
            reply = await self._page.answer(_read(text))
            await self.write_message(packed(reply), binary=True)
        except WebSocketClosedError:
            pass  # whoever asked has gone
        except asyncio.CancelledError:
            self.close()  # the server is being ended


def _read(text: str | bytes) -> Any:
    """What a page sent; None, which is no message of a page's, where it cannot be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _quiet(handler: RequestHandler) -> None:
    """Keep no list of visitors; what goes wrong here is logged by Tornado all the same."""


def listen(host: str, port: int) -> tuple[_Site, list[str]]:
    """Begin to listen, within a running loop.

    Parameters
    ----------
    host : str
        Address to listen on. Other than a loopback address it puts a random token into the
        page's address.
    port : int
        0 takes any that is free.

    Returns
    -------
    site : _Site
    addresses : list of str
        Of the page, the best to show first.

    Raises
    ------
    OSError
        If the address cannot be listened on.
    """
    sockets = bind_sockets(port, host)
    port = sockets[0].getsockname()[1]
    names = _names_of(host)
    if host in _LOOPBACK:
        site, prefix = _Site({f"{name}:{port}" for name in names}), ""
    else:
        site, prefix = _Site(None), f"/{secrets.token_urlsafe(16)}"
    shared = {"site": site}
    application = Application(
        [(rf"{prefix}/ws", _Socket, shared), (rf"{prefix}/([\w.]*)", _File, shared)],
        default_handler_class=_NotFound,
        log_function=_quiet,
        websocket_max_message_size=_LONGEST_MESSAGE,
        websocket_ping_interval=_PING_EVERY,
    )
    HTTPServer(application).add_sockets(sockets)
    return site, [f"http://{name}:{port}{prefix}/" for name in names]


def serve(host: str, port: int, open_browser: bool) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    host, port : str, int
        As for `listen`.
    open_browser : bool
        Whether to show the page.

    Raises
    ------
    ImportError
        If something that the page needs is not installed.
    OSError
        If the address cannot be listened on.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, open_browser))


async def _serve(host: str, port: int, open_browser: bool) -> None:
    site, addresses = listen(host, port)
    try:
        print(f"{TITLE}: {addresses[0]}", flush=True)
        if host not in _LOOPBACK and len(addresses) > 1:
            print("or, from another computer:", *addresses[1:], flush=True)
        print("Ctrl-C ends it.", flush=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(addresses[0],), daemon=True).start()
        await site.loaded()
        await asyncio.Event().wait()
    finally:
        site.close()


def _names_of(host: str) -> list[str]:
    """The names by which a browser may call the server, the best to show first."""
    if host in _LOOPBACK:
        return [f"[{host}]" if ":" in host else host, *(n for n in _LOOPBACK if ":" not in n)]
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
