"""The figures that compare PP with Sec and published with exact: of one type, and of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from izhikevich.catalog import CellType, publication
from izhikevich.catalog import papers as catalogued
from izhikevich.errors import ParameterError
from izhikevich.experiments.comparison import (
    FOUR_RUNS,
    PAIRS,
    Run,
    compare_recordings,
    four_runs,
)
from izhikevich.experiments.current_in_words import current_text
from izhikevich.experiments.runaways import ran_away_at
from izhikevich.recording import Recording
from izhikevich.views.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_SIZE,
    ORANGE,
    SMALL_SIZE,
    TITLE_SIZE,
    VERMILLION,
)
from izhikevich.views.figures.traces import draw_stimulus, extremes, voltage_range
from izhikevich.waveforms import Waveform

# A wide pale line that a narrow dark one of the same course does not hide: PP under Sec.
RUN_STYLES: Mapping[Run, Mapping[str, Any]] = MappingProxyType(
    {
        ("PP", "published"): dict(color=BLUE, linewidth=2.6, linestyle="-"),
        ("Sec", "published"): dict(color=BLACK, linewidth=0.9, linestyle="--"),
        ("PP", "exact"): dict(color=ORANGE, linewidth=2.6, linestyle="-"),
        ("Sec", "exact"): dict(color=VERMILLION, linewidth=1.0, linestyle=":"),
    }
)


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
        voltages.plot(recording.t, recording.v, label=" ".join(run), **RUN_STYLES[run])
    low, high = voltage_range(runs.values())
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
    draw_stimulus(current, longest)
    current.set_yticks(extremes(longest.i))
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
    papers = dict.fromkeys(paper for paper, _, _ in groups)
    figure.suptitle(
        f"{_authors(papers)}: spikes of the four runs of each type, with their number",
        fontsize=TITLE_SIZE,
        y=1 - 0.08 / height,
        va="top",
    )
    figure.legend(
        [Line2D([], [], color=RUN_STYLES[run]["color"], linewidth=1.6) for run in FOUR_RUNS],
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


def _authors(papers: Iterable[str]) -> str:
    """Who published them, such as "Izhikevich 2003 and 2004"."""
    years: dict[str, list[str]] = {}
    known = catalogued()
    for paper in papers:
        author = publication(paper).author if paper in known else paper
        name, _, year = author.removesuffix(")").partition(" (")
        years.setdefault(name, []).append(year)
    return ", ".join(f"{name} {' and '.join(each)}".strip() for name, each in years.items())


def _citation(entry: CellType) -> str:
    return publication(entry.paper).citation if entry.paper in catalogued() else entry.paper


def _raster(axes: Axes, runs: Mapping[Run, Recording], count_size: float) -> None:
    """The spikes of each run in a row, the first on top; on the right their number, if it ended."""
    for row, (run, recording) in enumerate(runs.items()):
        color = RUN_STYLES[run]["color"]
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
