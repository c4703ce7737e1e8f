"""The figures of the three publications and of the comparisons, from recordings.

Nothing here runs a model, opens a window or changes a setting of matplotlib: recordings go in,
a `matplotlib.figure.Figure` comes out, and `save` writes it. Which runs a figure needs is
said by its `FigurePlan`:

>>> from izhikevich import simulate
>>> from izhikevich.views.figures.published import FIGURES, save
>>> plan = FIGURES["2004-fig1"]
>>> figure = plan.draw([simulate(**run) for run in plan.runs()])
>>> save(figure, "fig1.pdf")

The colours are those that people with any colour vision tell apart (M. Okabe and K. Ito, "Color
universal design", 2008). They differ in lightness as well, and lines in width or dashes, so
that the figures can be printed in black and white.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from izhikevich.catalog import CATALOG, PUBLICATIONS, CellType
from izhikevich.errors import ParameterError
from izhikevich.experiments.comparison import (
    FOUR_RUNS,
    PAIRS,
    Run,
    compare_recordings,
    constant_amplitude,
    current_text,
    four_runs,
    ran_away_at,
)
from izhikevich.files import whole_file
from izhikevich.models import MODELS
from izhikevich.recording import Recording
from izhikevich.waveforms import Waveform

BLACK, BLUE, ORANGE, VERMILLION, GREY = "#000000", "#0072B2", "#E69F00", "#D55E00", "#666666"

TRACE: Mapping[str, Any] = MappingProxyType(dict(color=BLACK, linewidth=0.8))
STIMULUS: Mapping[str, Any] = MappingProxyType(dict(color=VERMILLION, linewidth=0.9))

# A wide pale line that a narrow dark one of the same course does not hide: PP under Sec.
_RUN_STYLES: Mapping[Run, Mapping[str, Any]] = MappingProxyType(
    {
        ("PP", "published"): dict(color=BLUE, linewidth=2.6, linestyle="-"),
        ("Sec", "published"): dict(color=BLACK, linewidth=0.9, linestyle="--"),
        ("PP", "exact"): dict(color=ORANGE, linewidth=2.6, linestyle="-"),
        ("Sec", "exact"): dict(color=VERMILLION, linewidth=1.0, linestyle=":"),
    }
)

TITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 9.0, 8.0, 7.0

_GALLERY_COLUMNS = 4

# Beyond these a runaway would flatten everything else (mV).
_LOWEST_SHOWN, _HIGHEST_SHOWN = -150.0, 100.0


# --- writing -------------------------------------------------------------------------------------


def save(figure: Figure, path: str | os.PathLike[str], *, dpi: float = 200) -> None:
    """Write a figure; its text stays text in .svg and .pdf.

    The file appears whole or not at all, and an existing one is replaced only by a whole one. The
    same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path-like
        The ending says the format: .pdf, .svg, .png or another that matplotlib knows.
    dpi : float
        Resolution of .png, dots per inch.

    Raises
    ------
    ParameterError
        If the ending is missing or unknown.
    OSError
        If the folder cannot be written to.
    """
    path = Path(path)
    file_format = path.suffix[1:].lower()
    known = figure.canvas.get_supported_filetypes()
    if file_format not in known:
        raise ParameterError(f"{path.name!r} must end in one of .{', .'.join(sorted(known))}")
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format)
    vector_text: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "izhikevich",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
    }
    with whole_file(path) as unfinished, matplotlib.rc_context(vector_text):
        figure.savefig(unfinished, format=file_format, dpi=dpi, metadata=no_date)


# --- one trace -----------------------------------------------------------------------------------


def trace(recording: Recording, axes: Axes | None = None) -> Axes:
    """Draw the voltage over time, with the injected current below it.

    Parameters
    ----------
    recording : Recording
    axes : matplotlib.axes.Axes, optional
        Where to draw; default: the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the voltage (ms, mV); those of the current are its one inset, ``child_axes[0]``.
    """
    if axes is None:
        figure = Figure(figsize=(6.4, 4.0))
        axes = figure.add_axes((0.11, 0.13, 0.76, 0.75))
    entry = recording.cell_type
    axes.set_title(f"{entry.label}: {recording.variant}, {_scheme(recording)}", fontsize=TITLE_SIZE)
    _voltage(axes, recording, headroom=0.16 if ran_away_at(recording) is not None else 0.04)
    axes.set_xlabel("t (ms)", fontsize=LABEL_SIZE)
    axes.set_ylabel("v (mV)", fontsize=LABEL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    stimulus = _room_for_stimulus(axes, 0.2)
    _stimulus(stimulus, recording)
    stimulus.yaxis.tick_right()
    stimulus.yaxis.set_label_position("right")
    stimulus.set_ylabel(f"I ({recording.current_unit})", fontsize=LABEL_SIZE)
    stimulus.set_yticks(_extremes(recording.i))
    stimulus.tick_params(labelsize=SMALL_SIZE, labelbottom=False, bottom=False)
    stimulus.spines[["top", "left", "bottom"]].set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    _mark_runaway(axes, recording)
    return axes


def _scheme(recording: Recording) -> str:
    """The scheme with its step, for a title."""
    if recording.dt is None:
        return recording.scheme
    return f"{recording.scheme}, dt = {recording.dt:g} ms"


def _voltage(
    axes: Axes, recording: Recording, style: Mapping[str, Any] = TRACE, headroom: float = 0.04
) -> None:
    """Draw v and show its range and the whole duration, even of a run that ended early."""
    axes.plot(recording.t, recording.v, **style)
    low, high = _voltage_range([recording])
    axes.set_ylim(low - 0.04 * (high - low), high + headroom * (high - low))
    axes.set_xlim(0, recording.tstop)


def _voltage_range(recordings: Iterable[Recording]) -> tuple[float, float]:
    """Lowest and highest voltage worth showing, mV."""
    lows, highs = zip(*((r.v.min(), r.v.max()) for r in recordings), strict=True)
    low, high = max(min(lows), _LOWEST_SHOWN), min(max(highs), _HIGHEST_SHOWN)
    return (low, high) if high - low > 1 else (low - 1, high + 1)


def _room_for_stimulus(axes: Axes, share: float) -> Axes:
    """Keep the lowest `share` of the axes free of the voltage, for the axes returned."""
    low, high = axes.get_ylim()
    axes.set_ylim(high - (high - low) / (1 - share), high)
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    axes.set_yticks(ticks)
    inset = axes.inset_axes((0, 0.02, 1, share - 0.08), sharex=axes)
    inset.patch.set_visible(False)
    return inset


def _stimulus(axes: Axes, recording: Recording) -> None:
    """Draw the current as it was injected: step by step, or as the polygon it is in between."""
    if recording.dt is None:
        times, amplitudes = recording.waveform.knots(float(recording.t[-1]))
        # a jump at the very end was not injected any more
        n = int(np.searchsorted(times, times[-1])) + 1
        axes.plot(times[:n], amplitudes[:n], **STIMULUS)
    else:
        # i[j] is the current of the step that ended at t[j]
        axes.plot(recording.t, recording.i, drawstyle="steps-pre", **STIMULUS)
    low, high = float(recording.i.min()), float(recording.i.max())
    margin = 0.1 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _extremes(values: np.ndarray) -> list[float]:
    """Lowest and highest value; one where they are the same."""
    return sorted({float(values.min()), float(values.max())})


def _mark_runaway(axes: Axes, recording: Recording) -> None:
    """Say where a run left every bound, in the headroom above the trace."""
    end = ran_away_at(recording)
    if end is not None:
        axes.axvline(end, ymax=0.83, color=GREY, linewidth=0.6, linestyle=":")
        axes.text(
            0.99,
            0.97,
            f"runs away at {end:.1f} ms",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=SMALL_SIZE,
        )


# --- 2003 and 2004 -------------------------------------------------------------------------------


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
    rows = math.ceil(len(entries) / _GALLERY_COLUMNS)
    bar = publication.scale_bar or _round_length(first.tstop / 5)
    figure = Figure(figsize=(8.4, 0.95 + 1.75 * rows))
    margin = 0.45 / figure.get_figheight()
    grid = figure.add_gridspec(
        rows,
        _GALLERY_COLUMNS,
        left=0.02,
        right=0.98,
        top=1 - 1.25 * margin,
        bottom=margin,
        hspace=0.42,
        wspace=0.1,
    )
    low, high = _voltage_range(by_key.values())
    low, high = min(low, -90.0), max(high, 30.0)
    for number, entry in enumerate(entries.values()):
        axes = figure.add_subplot(grid[number])
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
        f"Upper traces: v from {_number(low)} to {_number(high)} mV, vertical bars 20 mV; "
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
    stimulus = _room_for_stimulus(axes, 0.26)
    stimulus.set_axis_off()
    _stimulus(stimulus, recording)
    _mark_runaway(axes, recording)
    along_v: dict[str, Any] = dict(transform=axes.get_yaxis_transform(), clip_on=False)
    axes.plot([-0.015, -0.015], [low, low + 20], color=GREY, linewidth=1.6, **along_v)
    along_t: dict[str, Any] = dict(transform=axes.get_xaxis_transform(), clip_on=False)
    end = recording.tstop
    axes.plot([end - bar, end], [-0.04, -0.04], color=GREY, linewidth=1.6, **along_t)
    small: dict[str, Any] = dict(va="top", fontsize=SMALL_SIZE, **along_t)
    axes.text(end, -0.07, f"{bar:g} ms", ha="right", **small)
    span = " to ".join(_number(amplitude) for amplitude in _extremes(recording.i))
    axes.text(0, -0.04, f"I: {span} {recording.current_unit}", ha="left", **small)


def _number(value: float) -> str:
    """A number for people, with a true minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


# --- 2007 ----------------------------------------------------------------------------------------


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
    low, high = _voltage_range(everything)
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
        f"{_author(first.cell_type)} {first.cell_type.figure}: {_without_mode(first.cell_type)}\n"
        f"{first.variant}, {_scheme(first)}",
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
    if len({_figure_of(entry) for entry in entries}) > 1:
        figures = ", ".join(sorted({f"{entry.paper} {entry.figure}" for entry in entries}))
        raise ParameterError(f"one figure shows one type in one reading; these are of {figures}")
    # the burst mode to the right
    columns = sorted(by_key.values(), key=lambda runs: runs[0].cell_type.conditioning is not None)
    return [sorted(runs, key=_strength, reverse=True) for runs in columns]


def _figure_of(entry: CellType) -> tuple[str, str, str]:
    """What types have in common that share a figure."""
    return entry.paper, entry.figure, entry.reading


def _strength(recording: Recording) -> float:
    """What orders the panels: the current at the end of the run."""
    return recording.waveform.at(recording.tstop)


def _without_mode(entry: CellType) -> str:
    return entry.label.removesuffix(", burst mode")


def _mode(recording: Recording) -> str:
    """What a column shows, where a figure may have several."""
    entry = recording.cell_type
    if entry.conditioning is not None:
        hyperpolarising, end = entry.conditioning
        unit = recording.current_unit
        return f"burst mode: {_number(hyperpolarising)} {unit} until {end:g} ms"
    has_burst_mode = any(
        _figure_of(other) == _figure_of(entry) and other.conditioning
        for other in CATALOG.get(entry.paper, {}).values()
    )
    return "tonic mode" if has_burst_mode else ""


def _book_panel(axes: Axes, recording: Recording, low: float, high: float) -> None:
    _voltage(axes, recording)
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
    _mark_runaway(axes, recording)


def _current_label(recording: Recording) -> str:
    amplitude = constant_amplitude(recording)
    if amplitude is None:
        return f"I changes\n({recording.current_unit})"
    return f"{_number(amplitude)} {recording.current_unit}"


def _book_currents(axes: Axes, column: Sequence[Recording]) -> None:
    """The currents that the panels of a column were driven with, on one scale."""
    for recording in column:
        _stimulus(axes, recording)
    currents = np.concatenate([recording.i for recording in column])
    low, high = float(currents.min()), float(currents.max())
    margin = 0.12 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)
    axes.set_yticks(_extremes(currents))
    axes.set_ylabel(f"I ({column[0].current_unit})", fontsize=LABEL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


# --- comparisons ---------------------------------------------------------------------------------


def comparison_figure(recordings: Iterable[Recording]) -> Figure:
    """The four runs of one type, overlaid, with their spikes and where they part.

    Parameters
    ----------
    recordings : iterable of Recording
        PP and Sec, each published and exact, of one type with one current, in any order.

    Returns
    -------
    matplotlib.figure.Figure
        Its axes are, from the top: voltages, spikes, current. A line and a triangle mark where
        two runs part: PP and Sec with the first spike that is not the same, published and exact
        with the first one that is more than 1 ms apart.

    Raises
    ------
    ParameterError
        If they are not the four runs of one protocol.
    """
    comparison = compare_recordings(recordings)
    runs, entry = comparison.runs, comparison.cell_type
    figure = Figure(figsize=(7.6, 6.0))
    grid = figure.add_gridspec(
        3, 1, left=0.15, right=0.87, top=0.85, bottom=0.2, hspace=0.12, height_ratios=[4, 1.5, 0.8]
    )
    voltages = figure.add_subplot(grid[0])
    raster = figure.add_subplot(grid[1], sharex=voltages)
    current = figure.add_subplot(grid[2], sharex=voltages)

    for run, recording in runs.items():
        voltages.plot(recording.t, recording.v, label=" ".join(run), **_RUN_STYLES[run])
    low, high = _voltage_range(runs.values())
    voltages.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    voltages.set_xlim(0, comparison.recording.tstop)
    voltages.set_ylabel("v (mV)", fontsize=LABEL_SIZE)
    figure.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0.92), ncols=4, fontsize=SMALL_SIZE, frameon=False,
        handlelength=3.5,
    )  # fmt: skip

    _raster(raster, runs, LABEL_SIZE)
    raster.set_yticks(range(len(runs)), [" ".join(run) for run in runs])
    longest = max(runs.values(), key=lambda recording: float(recording.t[-1]))
    _stimulus(current, longest)
    current.set_yticks(_extremes(longest.i))
    current.set_ylabel(f"I ({longest.current_unit})", fontsize=LABEL_SIZE)
    current.set_xlabel("t (ms)", fontsize=LABEL_SIZE)

    for axes in (voltages, raster, current):
        axes.tick_params(labelsize=SMALL_SIZE, labelbottom=axes is current)
        axes.spines[["top", "right"]].set_visible(False)
    findings = []
    for first, second in PAIRS:
        difference = comparison.difference(first, second)
        pair = f"{' '.join(first)} and {' '.join(second)}"
        parted_at = difference.parted_at
        if difference.reason:
            findings.append(f"{pair}: {difference.reason}")
        elif difference.same:
            findings.append(f"{pair}: the same spikes")
        elif parted_at is None:
            findings.append(f"{pair}: spikes at most {difference.largest:.2g} ms apart")
        else:
            findings.append(f"{pair}: part at {parted_at:.1f} ms")
            for axes in (voltages, raster):
                axes.axvline(parted_at, color=GREY, linewidth=0.8, linestyle="-.")
            voltages.plot(
                parted_at, 1.02, marker="v", color=GREY, markersize=5, clip_on=False,
                transform=voltages.get_xaxis_transform(),
            )  # fmt: skip
    figure.suptitle(
        f"{_citation(entry)}\n{_title(comparison.recording)}", fontsize=TITLE_SIZE, y=0.98
    )
    figure.text(
        0.15, 0.015, "\n".join(findings), fontsize=SMALL_SIZE, va="bottom", linespacing=1.35
    )
    return figure


def overview_figure(recordings: Iterable[Recording]) -> Figure:
    """Spike trains of many types at a glance, four rows to a type: one for each of its four runs.

    Parameters
    ----------
    recordings : iterable of Recording
        For each type and current PP and Sec, each published and exact, in any order. Types
        are shown in the order of the first recording of each.

    Returns
    -------
    matplotlib.figure.Figure
        An axes for each type and current, in two columns.

    Raises
    ------
    ParameterError
        If there is none, or one of the four runs of a type is missing.
    """
    groups: dict[tuple[str, str, Waveform], list[Recording]] = {}
    for recording in recordings:
        protocol = (recording.paper, recording.key, recording.waveform)
        groups.setdefault(protocol, []).append(recording)
    if not groups:
        raise ParameterError("an overview needs recordings; there is none")
    n_rows = (len(groups) + 1) // 2
    height = 0.8 + 0.55 * n_rows
    figure = Figure(figsize=(9.4, height))
    grid = figure.add_gridspec(
        n_rows, 2, left=0.2, right=0.955, top=1 - 0.65 / height, bottom=0.15 / height,
        hspace=0.28, wspace=0.72,
    )  # fmt: skip
    for number, group in enumerate(groups.values()):
        runs = four_runs(group)
        first = next(iter(runs.values()))
        axes = figure.add_subplot(grid[number % n_rows, number // n_rows])
        _raster(axes, runs, 5.5)
        axes.set_xlim(0, first.tstop)
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set(color=GREY, linewidth=0.4)
        axes.text(
            -0.025,
            0.5,
            "\n".join([_title(first), f"{first.tstop:g} ms", *_runaways(runs)]),
            transform=axes.transAxes,
            ha="right",
            va="center",
            fontsize=SMALL_SIZE,
            linespacing=1.15,
        )
    papers = " and ".join(dict.fromkeys(paper for paper, _, _ in groups))
    figure.suptitle(
        f"Izhikevich {papers}: spikes of the four runs of each type, with their number",
        fontsize=TITLE_SIZE,
        y=1 - 0.08 / height,
        va="top",
    )
    figure.legend(
        [Line2D([], [], color=_RUN_STYLES[run]["color"], linewidth=1.6) for run in FOUR_RUNS],
        [f"row {row}: {' '.join(run)}" for row, run in enumerate(FOUR_RUNS, 1)],
        loc="upper center", bbox_to_anchor=(0.5, 1 - 0.3 / height), ncols=4, fontsize=SMALL_SIZE,
        frameon=False,
    )  # fmt: skip
    return figure


def _runaways(runs: Mapping[Run, Recording]) -> list[str]:
    """One line on the runs that left every bound, or none."""
    ends = {run: ran_away_at(recording) for run, recording in runs.items()}
    times = [end for end in ends.values() if end is not None]
    if not times:
        return []
    schemes = " and ".join(dict.fromkeys(run[1] for run, end in ends.items() if end is not None))
    return [f"{schemes} runs away at {min(times):.0f} ms"]


def _title(recording: Recording) -> str:
    """Letter or short name of the type, its label, and the current where it has several."""
    entry = recording.cell_type
    return f"{entry.title}, {current_text(recording)}" if entry.amplitudes else entry.title


def _author(entry: CellType) -> str:
    return PUBLICATIONS[entry.paper].author if entry.paper in PUBLICATIONS else entry.paper


def _citation(entry: CellType) -> str:
    return PUBLICATIONS[entry.paper].citation if entry.paper in PUBLICATIONS else entry.paper


def _raster(axes: Axes, runs: Mapping[Run, Recording], count_size: float) -> None:
    """The spikes of each run in a row, the first on top; on the right their number, if it ended."""
    for row, (run, recording) in enumerate(runs.items()):
        color = _RUN_STYLES[run]["color"]
        axes.vlines(recording.spikes, row - 0.38, row + 0.38, color=color, linewidth=1.2)
        axes.text(
            1.01,
            row,
            str(len(recording.spikes)) if ran_away_at(recording) is None else "\N{EN DASH}",
            transform=axes.get_yaxis_transform(),
            ha="left",
            va="center_baseline",
            fontsize=count_size,
        )
    axes.set_ylim(len(runs) - 0.5, -0.5)


# --- which runs a figure needs -------------------------------------------------------------------


@dataclass(frozen=True)
class FigurePlan:
    """A figure, the runs it is drawn from, and how.

    Attributes
    ----------
    name : str
        For the file; a key of `FIGURES`.
    title : str
        For people.
    traces : tuple of (CellType, Waveform)
        What is to be run, in order.
    compares : bool
        Whether each trace is needed in the four ways, PP and Sec, published and exact.
    draw : callable
        Makes the figure from the recordings.
    """

    name: str
    title: str
    traces: tuple[tuple[CellType, Waveform], ...]
    compares: bool
    draw: Callable[[Iterable[Recording]], Figure]

    def runs(self, variant: str = "PP", scheme: str = "published") -> list[dict[str, Any]]:
        """What to call `izhikevich.simulate` with, run by run.

        Parameters
        ----------
        variant, scheme : str
            For a published figure; a comparison needs them all.
        """
        ways = FOUR_RUNS if self.compares else ((variant, scheme),)
        return [
            dict(
                paper=entry.paper,
                key=entry.key,
                current=current,
                variant=one_variant,
                scheme=one_scheme,
            )
            for entry, current in self.traces
            for one_variant, one_scheme in ways
        ]


def _traces(*entries: CellType) -> tuple[tuple[CellType, Waveform], ...]:
    return tuple((entry, current) for entry in entries for current in entry.currents)


def _plans() -> Iterator[FigurePlan]:
    """The published figures and the comparisons, all from the catalogue."""
    for name, publication in PUBLICATIONS.items():
        entries = tuple(publication.types)
        if publication.scale_bar is not None:
            number = entries[0].figure.removeprefix("Fig. ")
            yield FigurePlan(
                f"{name}-fig{number}",
                publication.citation,
                _traces(*entries),
                False,
                gallery_figure,
            )
            continue
        for figure in dict.fromkeys(map(_figure_of, entries)):
            shown = [entry for entry in entries if _figure_of(entry) == figure]
            first = shown[0]
            yield FigurePlan(
                f"{name}-fig{first.figure.removeprefix('Fig. ')}-{first.key}",
                f"{publication.author} {first.figure}, {_without_mode(first)}",
                _traces(*shown),
                False,
                currents_figure,
            )
    for model in MODELS.values():
        of_model = [e for types in CATALOG.values() for e in types.values() if e.model == model]
        papers = list(dict.fromkeys(entry.paper for entry in of_model))
        yield FigurePlan(
            f"{'-'.join(papers)}-comparison",
            f"PP and Sec, published and exact: every type of {' and '.join(papers)}",
            _traces(*of_model),
            True,
            overview_figure,
        )


class _Figures(Mapping[str, FigurePlan]):
    """Every plan by name, as the catalogue is now."""

    def __getitem__(self, name: str) -> FigurePlan:
        return {plan.name: plan for plan in _plans()}[name]

    def __iter__(self) -> Iterator[str]:
        return (plan.name for plan in _plans())

    def __len__(self) -> int:
        return len(list(_plans()))


FIGURES: Mapping[str, FigurePlan] = _Figures()

# by the names that scripts know them
figure_2003 = figure_2004 = gallery_figure
figure_2007 = currents_figure
