"""The drawing functions by the names that scripts know, one for each publication."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure

from izhikevich.errors import ParameterError
from izhikevich.recording import Recording
from izhikevich.views.figures.currents import currents_figure
from izhikevich.views.figures.gallery import gallery_figure


def figure_2003(recordings: Iterable[Recording]) -> Figure:
    """Fig. 2 of the 2003 paper: see `izhikevich.views.figures.gallery.gallery_figure`."""
    return gallery_figure(_of("2003", recordings))


def figure_2004(recordings: Iterable[Recording]) -> Figure:
    """Fig. 1 of the 2004 paper: see `izhikevich.views.figures.gallery.gallery_figure`."""
    return gallery_figure(_of("2004", recordings))


def figure_2007(
    recordings: Iterable[Recording], *, label: str = "", figure: Figure | None = None
) -> Figure:
    """A figure of the book: see `izhikevich.views.figures.currents.currents_figure`."""
    return currents_figure(_of("2007", recordings), label=label, figure=figure)


def _of(paper: str, recordings: Iterable[Recording]) -> list[Recording]:
    """The recordings, all of one publication."""
    recordings = list(recordings)
    for recording in recordings:
        if recording.paper != paper:
            raise ParameterError(f"{recording.key!r} is of {recording.paper}, not of {paper}")
    if not recordings:
        raise ParameterError(f"a figure of {paper} needs recordings of {paper}; there is none")
    return recordings
