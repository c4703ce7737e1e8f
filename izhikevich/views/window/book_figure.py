"""The book's figure of a cell type, in a window of its own: v(t) at every current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuron import h

from izhikevich.catalog import CellType, publication
from izhikevich.recording import Recording
from izhikevich.views.window.graphs import Plot, draw_trace
from izhikevich.views.window.layout import boxed

# Where it opens, and the size of one trace.
_LEFT, _TOP = 330, 60
_WIDTH, _HEIGHT = 480, 160


class BookFigure:
    """The window of one figure; opening it is drawing it.

    Parameters
    ----------
    entry : CellType
        Whose figure it is.
    recordings : sequence of Recording
        From top to bottom.
    """

    def __init__(self, entry: CellType, recordings: Sequence[Recording]) -> None:
        self._box: Any = h.VBox(3)

        def build() -> None:
            for recording in recordings:
                draw_trace(Plot(_WIDTH, _HEIGHT), recording)

        title = f"{publication(entry.paper).author} {entry.figure}: {entry.label}"
        size = (_WIDTH + 20, _HEIGHT * len(recordings))
        boxed(self._box, build, title, _LEFT, _TOP, *size)

    def close(self) -> None:
        """Take it off the screen."""
        self._box.unmap()
