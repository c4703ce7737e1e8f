"""The teaching tool in a browser: one page for one person or a class, and in a notebook.

runs          worker processes that run what everyone asks for, each within a bounded time
exploration   what one person has chosen, and the link that leads back to it
fields        the sliders
plots         the four plots
thumbnails    the pictures of the menu
downloads     the table and the script to take home
page          the page: messages in, data out (explorer.js and explorer.css in the browser)
server        `izh web`: who may come in
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from izhikevich.web.page import Explorer

NEEDS = "'izh web' and explorer() need Panel and Bokeh: pip install 'izhikevich[web]'"


def explorer() -> Explorer:
    """The page of `izh web` in a notebook: put it last in a cell.

    Returns
    -------
    Explorer

    Raises
    ------
    ImportError
        If Panel is not installed (``pip install izhikevich[web]``).
    """
    try:
        import panel
    except ImportError as error:
        raise ImportError(NEEDS) from error
    from izhikevich.web.page import Explorer, shared_runs, shared_thumbnails

    panel.extension(inline=True)
    return Explorer(shared_runs(), shared_thumbnails())


def serve(host: str = "127.0.0.1", port: int = 5006, open_browser: bool = True) -> None:
    """Serve the page until Ctrl-C: see `izhikevich.web.server.serve`.

    Raises
    ------
    ImportError
        If Panel is not installed (``pip install izhikevich[web]``).
    OSError
        If the address cannot be listened on.
    """
    if importlib.util.find_spec("panel") is None:
        raise ImportError(NEEDS)
    from izhikevich.web.runs import Runs

    runs = Runs()  # the workers start while Panel is being imported
    try:
        from izhikevich.web import server

        server.serve(runs, host, port, open_browser)
    finally:
        runs.close()
