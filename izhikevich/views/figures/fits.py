"""The report of a fit, on one page: the cell beside what was measured, and what it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from izhikevich.analysis.plane import PhasePlane
from izhikevich.experiments.rates import FICurve
from izhikevich.fitting.cell_files import spread_in_words
from izhikevich.fitting.prediction import Prediction
from izhikevich.fitting.score import WINDOW, reliability
from izhikevich.fitting.search import Fit
from izhikevich.views.figures.phase import draw_plane
from izhikevich.views.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SMALL_SIZE,
    TITLE_SIZE,
    VERMILLION,
    finish,
    number,
)

#: How much of a trace is shown, ms.
_SHOWN = 600.0


def fit_report(
    fit: Fit,
    fitted: Sequence[Prediction],
    held_out: Sequence[Prediction],
    plane: PhasePlane,
    curve: FICurve | None,
    title: str = "",
) -> Figure:
    """Draw the report of a fit.

    Parameters
    ----------
    fit : Fit
    fitted, held_out : sequence of Prediction
        The cell under the stimuli that it was fitted to, and under others.
    plane : PhasePlane
        Of the cell.
    curve : FICurve, optional
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        A4, upright.
    """
    figure = Figure(figsize=(8.27, 11.69), layout="constrained")
    figure.suptitle(title, fontsize=TITLE_SIZE + 2)
    grid = figure.add_gridspec(4, 2, height_ratios=(1.1, 0.8, 1.3, 1.2))
    shown = (*held_out, *fitted)[0]
    start = _busiest(shown)
    which = "held out" if held_out else "fitted"
    name = f"{shown.stimulus.name} ({which})"
    trace = figure.add_subplot(grid[0, :])
    _draw_trace(trace, shown, start, name)
    raster = figure.add_subplot(grid[1, :], sharex=trace)
    _draw_raster(raster, shown, start, name)
    _draw_factors(figure.add_subplot(grid[2, 0]), fitted, held_out)
    _draw_parameters(figure.add_subplot(grid[2, 1]), fit)
    phase = figure.add_subplot(grid[3, 0])
    mean = float(np.mean(shown.stimulus.current))
    draw_plane(phase, plane, (0.0, mean), title="Phase plane, at no current and at the mean one")
    phase.legend(fontsize=SMALL_SIZE - 1, frameon=False)
    rates = figure.add_subplot(grid[3, 1])
    if curve is not None:
        rates.plot(curve.current, curve.up, color=BLUE, marker="^", markersize=3)
    finish(rates, "I (pA)", "rate (Hz)", "Rate at a constant current")
    return figure


def _busiest(shown: Prediction) -> float:
    """Where a window of `_SHOWN` begins that has as many measured spikes as any."""
    spikes = np.sort(np.concatenate(shown.stimulus.spikes))
    last = max(shown.stimulus.duration - _SHOWN, 0.0)
    if not len(spikes):
        return 0.0
    many = np.searchsorted(spikes, spikes + _SHOWN) - np.arange(len(spikes))
    return float(np.clip(spikes[int(np.argmax(many))] - 10, 0, last))


def _draw_trace(axes: Axes, shown: Prediction, start: float, name: str) -> None:
    stimulus = shown.stimulus
    times = stimulus.dt * np.arange(1, len(shown.v) + 1)
    inside = (times >= start) & (times <= start + _SHOWN)
    if stimulus.voltages:
        v = stimulus.voltages[0][inside]
        axes.plot(times[inside], v, color=GREY, linewidth=0.8, label="measured, first trial")
    axes.plot(times[inside], shown.v[inside], color=BLUE, linewidth=0.9, label="fit")
    finish(axes, "", "v (mV)", f"Voltage, {name}")
    axes.legend(fontsize=SMALL_SIZE, frameon=False, loc="upper right", ncols=2)


def _draw_raster(axes: Axes, shown: Prediction, start: float, name: str) -> None:
    trains = [*reversed(shown.stimulus.spikes), shown.spikes]
    colours = [BLACK] * len(shown.stimulus.spikes) + [BLUE]
    inside = [train[(train >= start) & (train <= start + _SHOWN)] for train in trains]
    axes.eventplot(inside, colors=colours, linewidths=1.0, linelengths=0.7)
    labels = [f"trial {k}" for k in range(len(trains) - 1, 0, -1)]
    axes.set_yticks(range(len(trains)), [*labels, "fit"])
    axes.set_xlim(start, start + _SHOWN)
    finish(axes, "t (ms)", "", f"Spikes, {name}")


def _draw_factors(axes: Axes, fitted: Sequence[Prediction], held_out: Sequence[Prediction]) -> None:
    both = [*fitted, *held_out]
    places = np.arange(len(both))
    colours = [BLUE] * len(fitted) + [VERMILLION] * len(held_out)
    values = [each.gamma for each in both]
    axes.bar(places, values, color=colours, width=0.6)
    agreement = [reliability(each.stimulus) for each in both]
    axes.plot(places, agreement, linestyle="none", marker="_", color=BLACK, markersize=16)
    for place, each in zip(places, both, strict=True):
        axes.annotate(
            number(round(each.relative_gamma, 2)),
            (place, 0.02),
            ha="center",
            fontsize=SMALL_SIZE + 1,
            color="white" if each.gamma > 0.1 else BLACK,
        )
    names = [f"{each.stimulus.name}{' held out' * (each in held_out)}" for each in both]
    axes.set_xticks(places, names)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set_ylim(min(0.0, *values) - 0.05, 1.1)
    title = (
        f"Coincidence factor within {WINDOW:g} ms\n(line: trials with each other; number: share)"
    )
    finish(axes, "", "\N{GREEK CAPITAL LETTER GAMMA}", title)


def _draw_parameters(axes: Axes, fit: Fit) -> None:
    axes.axis("off")
    axes.set_title("Parameters (C in 100 pF)", fontsize=TITLE_SIZE)
    rows = [
        [name, number(value), spread_in_words(fit, name).replace("-", "\N{MINUS SIGN}")]
        for name, value in fit.parameters.items()
    ]
    table = axes.table(
        rows, colLabels=["", "best", "equally good"], loc="center", colWidths=[0.2, 0.3, 0.5]
    )
    table.auto_set_font_size(False)
    table.set_fontsize(SMALL_SIZE + 1)
    table.scale(1, 1.3)
    for cell in table.get_celld().values():
        cell.set_linewidth(0.4)
