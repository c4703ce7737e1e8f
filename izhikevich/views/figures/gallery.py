"""The figures with a panel for each type of a publication: Fig. 2 of 2003, Fig. 1 of 2004."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from izhikevich.catalog import CATALOG, PUBLICATIONS
from izhikevich.errors import ParameterError
from izhikevich.experiments.runaways import ran_away_at
from izhikevich.recording import Recording
from izhikevich.views.figures.style import (
    GREY,
    LABEL_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    TRACE,
    number,
)
from izhikevich.views.figures.traces import (
    draw_stimulus,
    extremes,
    mark_runaway,
    room_for_stimulus,
    voltage_range,
)

_COLUMNS = 4


def gallery_figure(recordings: Iterable[Recording]) -> Figure:
    """A panel for each type of a publication, the injected current under each trace.

    Fig. 2 of the 2003 paper, with eight types, and Fig. 1 of the 2004 paper, with twenty features.

    Parameters
    ----------
    recordings : iterable of Recording
        One of each type of the publication, in any order, of any variant and scheme; the place of
        a missing one stays empty.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        If there is none, one twice, or one of another publication than the others.
    """
    by_key = _by_key(recordings)
    first = next(iter(by_key.values()))
    publication, entries = PUBLICATIONS[first.paper], CATALOG[first.paper]
    rows = math.ceil(len(entries) / _COLUMNS)
    bar = publication.scale_bar or _round_length(first.tstop / 5)
    figure = Figure(figsize=(8.4, 0.95 + 1.75 * rows))
    margin = 0.45 / figure.get_figheight()
    grid = figure.add_gridspec(
        rows,
        _COLUMNS,
        left=0.02,
        right=0.98,
        top=1 - 1.25 * margin,
        bottom=margin,
        hspace=0.42,
        wspace=0.1,
    )
    low, high = voltage_range(by_key.values())
    low, high = min(low, -90.0), max(high, 30.0)
    for place, entry in enumerate(entries.values()):
        axes = figure.add_subplot(grid[place])
        axes.set_axis_off()
        axes.set_label(entry.key)
        if entry.key in by_key:
            axes.set_title(entry.title, fontsize=LABEL_SIZE, pad=3)
            _gallery_panel(axes, by_key[entry.key], low, high, bar)
    figure.suptitle(
        f"{publication.citation} ({first.variant}, {first.scheme})", fontsize=TITLE_SIZE, y=0.995
    )
    figure.text(
        0.5,
        0.2 * margin,
        f"Upper traces: v from {number(low)} to {number(high)} mV, vertical bars 20 mV; "
        f"lower traces: injected current I; horizontal bars {bar:g} ms",
        ha="center",
        va="bottom",
        fontsize=SMALL_SIZE,
    )
    return figure


def _by_key(recordings: Iterable[Recording]) -> dict[str, Recording]:
    """The recordings of one publication by key, each key once."""
    by_key: dict[str, Recording] = {}
    for recording in recordings:
        paper = next(iter(by_key.values()), recording).paper
        if recording.paper != paper:
            raise ParameterError(f"{recording.key!r} is of {recording.paper}, not of {paper}")
        if recording.key in by_key:
            raise ParameterError(f"{recording.key!r} is there twice; its panel shows one run")
        by_key[recording.key] = recording
    if not by_key:
        raise ParameterError("a figure needs recordings; there is none")
    return by_key


def _round_length(raw: float) -> float:
    """A power of ten, or two or five of them, of at most the given size."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (5, 2, 1) if m * power <= raw)


def _gallery_panel(axes: Axes, recording: Recording, low: float, high: float, bar: float) -> None:
    """Trace, current and scale bars, in axes that are not shown themselves."""
    axes.plot(recording.t, recording.v, **TRACE)
    axes.set_xlim(0, recording.tstop)
    axes.set_ylim(low, high + (26 if ran_away_at(recording) is not None else 4))
    stimulus = room_for_stimulus(axes, 0.26)
    stimulus.set_axis_off()
    draw_stimulus(stimulus, recording)
    mark_runaway(axes, recording)
    along_v: dict[str, Any] = dict(transform=axes.get_yaxis_transform(), clip_on=False)
    axes.plot([-0.015, -0.015], [low, low + 20], color=GREY, linewidth=1.6, **along_v)
    along_t: dict[str, Any] = dict(transform=axes.get_xaxis_transform(), clip_on=False)
    end = recording.tstop
    axes.plot([end - bar, end], [-0.04, -0.04], color=GREY, linewidth=1.6, **along_t)
    small: dict[str, Any] = dict(va="top", fontsize=SMALL_SIZE, **along_t)
    axes.text(end, -0.07, f"{bar:g} ms", ha="right", **small)
    span = " to ".join(number(amplitude) for amplitude in extremes(recording.i))
    axes.text(0, -0.04, f"I: {span} {recording.current_unit}", ha="left", **small)
