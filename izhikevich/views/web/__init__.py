"""The teaching tool in a browser: one page for one person or a class, and in a notebook.

runs          worker processes that run what everyone asks for, each within a bounded time
turns         whose run is next
shelf         how much of the memory each page's results may take
exploration   what one person has chosen
links         the link that leads back to it
fields        the sliders
columns       what the plots show, in numbers
thinning      which samples of it a screen can show
thumbnails    the pictures of the menu
downloads     the table and the script to take home
page          what a page is answered: messages in, replies out
equations     the equations in force, in pieces that can be touched
explorer.js, plots.js, sliders.js, motion.js, equations.js, lesson.js, dom.js, explorer.css,
lesson.css
              the page in the browser
server        `izh web` (page.js in the browser)
access        who may come in
visitors      how many of them at once
threads       what is done beside the server's event loop
wire, files   replies in bytes; the files that the browser loads
notebook      the same page in a cell of a notebook
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from izhikevich.errors import MissingPackageError

if TYPE_CHECKING:
    from izhikevich.views.web.notebook import Explorer

NEEDS = "'izh web' needs Bokeh, explorer() needs Panel: pip install 'izhikevich[web]'"


def explorer() -> Explorer:
    """The page of `izh web` in a notebook: put it last in a cell.

    Returns
    -------
    Explorer

    Raises
    ------
    MissingPackageError
        If Panel is not installed (``pip install izhikevich[web]``).
    """
    try:
        import panel
    except ImportError as error:
        raise MissingPackageError(NEEDS) from error
    from izhikevich.views.web.notebook import Explorer

    panel.extension(inline=True)
    return Explorer()


def serve(
    host: str = "127.0.0.1", port: int = 5006, open_browser: bool = True, **options: Any
) -> None:
    """Serve the page until Ctrl-C: see `izhikevich.views.web.server.serve`.

    Raises
    ------
    MissingPackageError
        If Bokeh is not installed (``pip install izhikevich[web]``).
    OSError
        If the address cannot be listened on.
    """
    if importlib.util.find_spec("bokeh") is None:
        raise MissingPackageError(NEEDS)
    from izhikevich.views.web import server

    server.serve(host, port, open_browser, **options)
