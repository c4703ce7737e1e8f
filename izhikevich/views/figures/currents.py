"""The figures of the book: one type, a panel for each current."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from izhikevich.catalog import CATALOG, CellType, papers, publication
from izhikevich.errors import ParameterError
from izhikevich.experiments.current_in_words import constant_amplitude
from izhikevich.experiments.runaways import ran_away_at
from izhikevich.recording import Recording
from izhikevich.views.figures.style import LABEL_SIZE, SMALL_SIZE, TITLE_SIZE, number
from izhikevich.views.figures.traces import (
    draw_stimulus,
    draw_voltage,
    extremes,
    mark_runaway,
    scheme_in_words,
    voltage_range,
)


def currents_figure(
    recordings: Iterable[Recording], *, label: str = "", figure: Figure | None = None
) -> Figure:
    """One type, a panel for each current, the strongest on top: the figures of the book.

    Parameters
    ----------
    recordings : iterable of Recording
        Runs of one type, in any order. Those of its burst mode go side by side with the others, as
        in Figs. 8.31 and 8.32.
    label : str
        Legend of the traces; none if empty.
    figure : matplotlib.figure.Figure, optional
        An empty figure to draw in; default: a new one.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        If there is none, or they belong to several figures.
    """
    columns = _columns(recordings)
    everything = [recording for column in columns for recording in column]
    n_panels = max(len(column) for column in columns)
    size = (5.6 if len(columns) == 1 else 9.2, 1.3 + 1.15 * n_panels)
    if figure is None:
        figure = Figure(figsize=size)
    else:
        figure.set_size_inches(size)
    low, high = voltage_range(everything)
    bottom, top = 0.5 / size[1], 1 - 0.72 / size[1]
    changes = any(recording.waveform.steps for recording in everything)
    grid = figure.add_gridspec(
        n_panels + changes,
        len(columns),
        left=0.66 / size[0],
        right=1 - 0.78 / size[0],
        bottom=bottom,
        top=top,
        hspace=0.22,
        wspace=0.34,
        height_ratios=[1.0] * n_panels + [0.55] * changes,
    )
    for place, column in enumerate(columns):
        panels = [figure.add_subplot(grid[row, place]) for row in range(len(column))]
        for axes, recording in zip(panels, column, strict=True):
            _book_panel(axes, recording, low, high)
        panels[0].set_title(_mode(column[0]), fontsize=LABEL_SIZE, pad=4)
        if changes:
            panels.append(figure.add_subplot(grid[n_panels, place]))
            _book_currents(panels[-1], column)
        for axes in panels[1:]:
            axes.sharex(panels[0])
        panels[-1].tick_params(labelbottom=True)
        panels[-1].set_xlabel("t (ms)", fontsize=LABEL_SIZE)
    first = everything[0]
    figure.suptitle(
        f"{_author(first.cell_type)} {first.cell_type.figure}: {without_mode(first.cell_type)}\n"
        f"{first.variant}, {scheme_in_words(first)}",
        fontsize=TITLE_SIZE,
        y=1 - 0.08 / size[1],
        va="top",
    )
    if label:
        lines = figure.axes[0].get_lines()[:1]
        figure.axes[0].legend(
            lines, [label], fontsize=SMALL_SIZE, loc="lower left", bbox_to_anchor=(0, 1.0),
            frameon=False, borderaxespad=0.1,
        )  # fmt: skip
    return figure


def _columns(recordings: Iterable[Recording]) -> list[list[Recording]]:
    """The recordings of one figure: a column for each mode, the strongest current first."""
    by_key: dict[str, list[Recording]] = {}
    for recording in recordings:
        by_key.setdefault(recording.key, []).append(recording)
    if not by_key:
        raise ParameterError("a figure needs recordings; there is none")
    entries = [runs[0].cell_type for runs in by_key.values()]
    if len({figure_of(entry) for entry in entries}) > 1:
        names = {entry.figure for entry in entries}
        if len(names) == 1:
            names = {entry.label for entry in entries}
        raise ParameterError(
            f"one figure shows one type in one reading; these belong to {', '.join(sorted(names))}"
        )
    # the burst mode to the right
    columns = sorted(by_key.values(), key=lambda runs: runs[0].cell_type.conditioning is not None)
    return [sorted(runs, key=_strength, reverse=True) for runs in columns]


def figure_of(entry: CellType) -> tuple[Any, ...]:
    """What types have in common that share a figure: they are modes of one cell in one reading."""
    return entry.paper, entry.figure, entry.reading, *entry.parameters.items()


def _strength(recording: Recording) -> float:
    """What orders the panels: the current at the end of the run."""
    return recording.waveform.at(recording.tstop)


def without_mode(entry: CellType) -> str:
    """The name of the cell, whatever its mode."""
    return entry.label.removesuffix(", burst mode")


def _mode(recording: Recording) -> str:
    """What a column shows, where a figure may have several."""
    entry = recording.cell_type
    if entry.conditioning is not None:
        hyperpolarising, end = entry.conditioning
        unit = recording.current_unit
        return f"burst mode: {number(hyperpolarising)} {unit} until {end:g} ms"
    has_burst_mode = any(
        figure_of(other) == figure_of(entry) and other.conditioning
        for other in CATALOG.get(entry.paper, {}).values()
    )
    return "tonic mode" if has_burst_mode else ""


def _book_panel(axes: Axes, recording: Recording, low: float, high: float) -> None:
    draw_voltage(axes, recording)
    headroom = 0.22 if ran_away_at(recording) is not None else 0.06
    axes.set_ylim(low - 0.06 * (high - low), high + headroom * (high - low))
    axes.set_ylabel("v (mV)", fontsize=LABEL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE, labelbottom=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.text(
        1.02,
        0.5,
        _current_label(recording),
        transform=axes.transAxes,
        ha="left",
        va="center",
        fontsize=LABEL_SIZE,
    )
    mark_runaway(axes, recording)


def _current_label(recording: Recording) -> str:
    amplitude = constant_amplitude(recording)
    if amplitude is None:
        return f"I changes\n({recording.current_unit})"
    return f"{number(amplitude)} {recording.current_unit}"


def _book_currents(axes: Axes, column: Sequence[Recording]) -> None:
    """The currents that the panels of a column were driven with, on one scale."""
    for recording in column:
        draw_stimulus(axes, recording)
    currents = np.concatenate([recording.i for recording in column])
    low, high = float(currents.min()), float(currents.max())
    margin = 0.12 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)
    axes.set_yticks(extremes(currents))
    axes.set_ylabel(f"I ({column[0].current_unit})", fontsize=LABEL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def _author(entry: CellType) -> str:
    """Who published a type, and when."""
    return publication(entry.paper).author if entry.paper in papers() else entry.paper
