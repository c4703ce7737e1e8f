"""The page in a notebook, where messages travel between the kernel and the cell's output."""

from __future__ import annotations

import asyncio
import atexit
import collections
import functools
from typing import Any

from panel.custom import JSComponent

from izhikevich.views.web import files
from izhikevich.views.web.page import Page
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.thumbnails import Thumbnails

# A page waits for the answer before it sends again; whoever sends more at once is no page.
_MOST_WAITING = 20

_RENDER = """
export function render({ model }) {
  const connection = {
    send: (message) => model.send_msg(message),
    listen: ({ receive }) => model.on("msg:custom", receive),
    bokeh: Promise.resolve(window.Bokeh),
    address: null,
  };
  return explorer(connection);
}
"""


class Explorer(JSComponent):
    """The page of `izh web`, for the last line of a cell.

    Attributes
    ----------
    exploration : Exploration
        What is shown: `exploration.recordings` are the runs.
    """

    _esm = files.text(*files.SCRIPTS) + _RENDER
    _stylesheets = [files.text(*files.STYLES)]  # noqa: RUF012

    def __init__(self, **params: Any) -> None:
        self._page = Page(_shared_runs(), _shared_thumbnails())
        self._waiting: collections.deque[Any] = collections.deque()
        self._busy = False
        super().__init__(sizing_mode="stretch_width", **params)

    @property
    def exploration(self) -> Any:
        """What is shown."""
        return self._page.exploration

    def _handle_msg(self, data: Any) -> None:
        """Take a message of the browser's; answered in turn."""
        if len(self._waiting) >= _MOST_WAITING:
            return
        self._waiting.append(data)
        if not self._busy:
            self._busy = True
            self._task = asyncio.ensure_future(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                self._send_msg(await self._page.answer(self._waiting.popleft()))
        finally:
            self._busy = False


@functools.cache
def _shared_runs() -> Runs:
    """The workers of this process; they end with it."""
    runs = Runs()
    atexit.register(runs.close)
    return runs


@functools.cache
def _shared_thumbnails() -> Thumbnails:
    return Thumbnails(_shared_runs())
