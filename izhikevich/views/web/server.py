"""The server of `izh web`: who may come in, and what they find.

It listens before the program behind it has been loaded: while that is imported in a thread, the
browser loads its scripts.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import json
import re
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from izhikevich.views.web import visitors
from izhikevich.views.web.access import LOOPBACK, Access, access_to
from izhikevich.views.web.files import Served, scripts_and_styles
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.threads import REPLIES, done_in
from izhikevich.views.web.visitors import BoundedServer, Visitors, address_of, note
from izhikevich.views.web.wire import packed

if TYPE_CHECKING:
    from izhikevich.views.web.page import Page

TITLE = "Izhikevich's neuron"
# A message of a page is some hundred bytes.
_LONGEST_MESSAGE = 100_000
# A file of this very version never changes.
_FOR_GOOD = "max-age=31536000, immutable"
# A page that does not answer is asked this often whether it is there, s.
_PING_EVERY = 20
# The code of a websocket that is closed because there are too many.
_TRY_AGAIN_LATER = 1013

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
    access : Access
        Who may come in.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self.visitors = Visitors()
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
        from izhikevich.views.web.page import Page
        from izhikevich.views.web.shelf import Shelf
        from izhikevich.views.web.thumbnails import Thumbnails

        thumbnails, shelf = Thumbnails(self._runs), Shelf()
        return lambda query: Page.of_link(self._runs, thumbnails, query, shelf)

    async def page(self, query: Any) -> Page:
        """A new page for whoever has followed a link."""
        return (await asyncio.wrap_future(self._pages))(query)

    async def loaded(self) -> None:
        """Wait until everything is there.

        Raises
        ------
        MissingPackageError
            If something is not installed.
        """
        await asyncio.wrap_future(self._pages)

    def close(self) -> None:
        """End the workers."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._runs.close()


class _Guarded(RequestHandler):
    """Whatever is asked of the server: only who may come in gets an answer."""

    @property
    def _site(self) -> _Site:
        return self.settings["site"]

    def set_default_headers(self) -> None:
        for name, value in self._site.access.headers.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        headers = self.request.headers
        if not self._site.access.admits(headers.get("Host", ""), headers.get("Origin")):
            self.send_error(403)

    def note(self, what: str) -> None:
        """Write down what became of the request, where that is wanted."""
        note(self._site.access, self.request, what)


class _File(_Guarded):
    """One of the few files there are."""

    def get(self, name: str) -> None:
        if name == "":
            file = self._site.index
        elif name in self._site.files:
            file = self._site.files[name]
        else:
            raise HTTPError(404)
        known = self.get_query_argument("v", None) == file.version
        self.set_header("Cache-Control", _FOR_GOOD if known else "no-cache")
        self.set_header("Content-Type", file.kind)
        self.set_header("Vary", "Accept-Encoding")
        if file.compressed and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(file.compressed)
        else:
            self.write(file.content)

    def head(self, name: str) -> None:
        """As `get`; Tornado leaves the content out."""
        self.get(name)


class _NotFound(_Guarded):
    def prepare(self) -> None:
        self.send_error(404)


class _Socket(_Guarded, WebSocketHandler):
    """The messages of one page."""

    def initialize(self) -> None:
        self._page: Page | None = None
        self._address = ""
        self._silence: Any = None

    def check_origin(self, origin: str) -> bool:
        # not asked by every Tornado; `prepare` is
        return self._site.access.admits(self.request.headers.get("Host", ""), origin)

    def open(self) -> None:
        # no message waits 40 ms for the next (Nagle's algorithm)
        self.set_nodelay(True)
        address = address_of(self.request, self._site.access)
        refusal = self._site.visitors.refusal(address)
        if refusal:
            self.close(_TRY_AGAIN_LATER, refusal)
            return
        self._site.visitors.enter(address)
        self._address = address
        # a page says at once what it wants to be shown
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(visitors.PATIENCE, self.close)
        self.note(f"opened, {self._site.visitors.number} are open")

    def on_close(self) -> None:
        if self._address:
            self._silence.cancel()
            self._site.visitors.leave(self._address)
            self.note(f"closed, {self._site.visitors.number} are open")
        if self._page is not None:
            self._page.leave()
        self._page = None

    async def on_message(self, text: str | bytes) -> None:
        """Answer one message; the next one is read when the answer is on its way."""
        if not self._address:
            return
        self._silence.cancel()
        try:
            if self._page is None:
                self._page = await self._site.page(self.request.query_arguments)
            reply = await self._page.answer(_read(text))
            await self.write_message(await done_in(REPLIES, packed, reply), binary=True)
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


def _note(handler: RequestHandler) -> None:
    """Write down who came, where that is wanted; what goes wrong is logged by Tornado, too."""
    if isinstance(handler, _Guarded):
        milliseconds = 1000 * handler.request.request_time()
        handler.note(f"{handler.get_status()} {milliseconds:.0f} ms")


def listen(host: str, port: int, **options: Any) -> _Site:
    """Begin to listen, within a running loop.

    Parameters
    ----------
    host : str
        Address to listen on. Other than a loopback address it puts a random token into the
        page's address.
    port : int
        0 takes any that is free.
    **options
        Of `access_to`.

    Returns
    -------
    _Site

    Raises
    ------
    OSError
        If the address cannot be listened on.
    ParameterError
        If an option cannot stand in an address.
    """
    access_to(host, port, **options)  # refused before anything is begun
    sockets = bind_sockets(port, host)
    site = _Site(access_to(host, sockets[0].getsockname()[1], **options))
    path = re.escape(site.access.path)
    application = Application(
        [(rf"{path}/ws", _Socket), (rf"{path}/([\w.]*)", _File)],
        default_handler_class=_NotFound,
        site=site,
        log_function=_note,
        websocket_max_message_size=_LONGEST_MESSAGE,
        websocket_ping_interval=_PING_EVERY,
    )
    BoundedServer(application).add_sockets(sockets)
    return site


def serve(host: str, port: int, open_browser: bool, log: str | None = None, **options: Any) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    host, port : str, int
        As for `listen`.
    open_browser : bool
        Whether to show the page.
    log : str, optional
        Where to write down who comes; as for `izhikevich.views.web.visitors.write_to`.
    **options
        Of `izhikevich.views.web.access.access_to`.

    Raises
    ------
    MissingPackageError
        If something that the page needs is not installed.
    OSError
        If the address cannot be listened on, or the log not be written.
    ParameterError
        If an option cannot stand in an address.
    """
    if log is not None:
        visitors.write_to(log)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, open_browser, **options))


async def _serve(host: str, port: int, open_browser: bool, **options: Any) -> None:
    site = listen(host, port, **options)
    addresses = site.access.addresses
    try:
        print(f"{TITLE}: {addresses[0]}", flush=True)
        if len(addresses) > 1 and (host not in LOOPBACK or site.access.origins):
            print("or, from another computer:", *addresses[1:], flush=True)
        print("Ctrl-C ends it.", flush=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(addresses[0],), daemon=True).start()
        await site.loaded()
        await asyncio.Event().wait()
    finally:
        site.close()
