"""The server of `izh web`: who may come in, and what they find."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from typing import Any

import panel
from jinja2 import Template
from panel.io.resources import BASE_TEMPLATE
from panel.io.server import WSHandler, get_server, per_app_patterns
from tornado.web import RequestHandler

from izhikevich.web.exploration import Exploration, LinkError, from_link
from izhikevich.web.page import Explorer
from izhikevich.web.runs import Runs
from izhikevich.web.thumbnails import Thumbnails

TITLE = "Izhikevich's neuron"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
# A message of a page is some hundred bytes.
_LONGEST_MESSAGE = 100_000
# A page that has been closed is forgotten after this time, ms.
_FORGOTTEN_AFTER = 10_000

_TEMPLATE = Template(
    """{% extends base %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline' \
'unsafe-eval' data: blob:; connect-src 'self' blob: ws: wss:; object-src 'none'; \
base-uri 'none'; form-action 'none'">
<style>html { color-scheme: light dark } body { margin: 0 }
@media (prefers-color-scheme: dark) { html { background: #16191d } }</style>
{% endblock %}
"""
)


class _PromptSocket(WSHandler):
    """A page's websocket, in which no message waits 40 ms for the next (Nagle's algorithm)."""

    def open(self) -> None:
        """Take the connection."""
        self.set_nodelay(True)
        super().open()


# Panel's own way to put its handlers in the place of Bokeh's
for _n, _pattern in enumerate(per_app_patterns):
    if _pattern[1] is WSHandler:
        per_app_patterns[_n] = (_pattern[0], _PromptSocket)


class _NotFound(RequestHandler):
    """For addresses that Panel offers and this page does not need."""

    def prepare(self) -> None:
        self.send_error(404)


def make_server(host: str, port: int, runs: Runs) -> tuple[Any, str]:
    """A server that listens but does not serve yet, and the address of its page.

    Parameters
    ----------
    host : str
        Address to listen on. Other than a loopback address it puts a random token into the
        page's address.
    port : int
        0 takes any that is free.
    runs : Runs
        Where the runs take place.

    Returns
    -------
    server : bokeh.server.server.Server
    address : str
        Of the page.

    Raises
    ------
    OSError
        If the address cannot be listened on.
    """
    thumbnails = Thumbnails(runs)

    def page() -> Explorer:
        exploration, notice = Exploration(), ""
        try:
            exploration = from_link(panel.state.session_args)
        except LinkError as error:
            notice = f"This link cannot be shown, so here is the preset instead: {error}."
        document = panel.state.curdoc
        if document is not None:
            document.template = _TEMPLATE
            document.template_variables["base"] = BASE_TEMPLATE
        return Explorer(runs, thumbnails, exploration, notice)

    token = "" if host in _LOOPBACK else secrets.token_urlsafe(16)
    prefix = f"/{token}" if token else ""
    if port == 0:
        port = _free_port(host)
    origins = [f"{each}:{port}" for each in _names_of(host)]
    server = get_server(
        page,
        port=port,
        address=host,
        prefix=prefix,
        websocket_origin=origins,
        title=TITLE,
        location=False,
        show=False,
        start=False,
        websocket_max_message_size=_LONGEST_MESSAGE,
        unused_session_lifetime=_FORGOTTEN_AFTER,
        check_unused_sessions=_FORGOTTEN_AFTER // 2,
        extra_patterns=[(rf"{prefix}/(components|rest|admin|session|metadata)(/.*)?", _NotFound)],
    )
    shown = _names_of(host)[0]
    return server, f"http://{shown}:{port}{prefix}/"


def serve(runs: Runs, host: str, port: int, open_browser: bool) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    runs : Runs
        Where the runs take place.
    host, port : str, int
        As for `make_server`.
    open_browser : bool
        Whether to show the page.

    Raises
    ------
    OSError
        If the address cannot be listened on.
    """
    server, address = make_server(host, port, runs)
    print(f"{TITLE}: {address}", flush=True)
    print("Ctrl-C ends it.", flush=True)
    if open_browser:
        server.io_loop.add_callback(webbrowser.open, address)
    server.start()
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        server.stop()


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _names_of(host: str) -> list[str]:
    """The names by which a browser may call the server, the best to show first."""
    if host in _LOOPBACK:
        return [f"[{host}]" if ":" in host else host, *(n for n in _LOOPBACK if ":" not in n)]
    if host not in ("0.0.0.0", "::", ""):
        return [f"[{host}]" if ":" in host else host]
    name = socket.gethostname()
    addresses = {str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET)}
    return [name, *sorted(addresses)]
