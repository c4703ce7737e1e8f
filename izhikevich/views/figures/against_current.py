"""The figures with the current along the axis: the f-I curve, and the bifurcation diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from izhikevich.analysis.bifurcations import Bifurcations
from izhikevich.analysis.plane import PhasePlane
from izhikevich.errors import ParameterError
from izhikevich.experiments.rates import FICurve, goes_on_firing
from izhikevich.recording import Recording
from izhikevich.views.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LEGEND_BESIDE,
    VERMILLION,
    finish,
)


def fi_figure(curve: FICurve, found: Bifurcations, unit: str, title: str = "") -> Figure:
    """Draw the rate against the current, up and down, with the bifurcation currents.

    Parameters
    ----------
    curve : FICurve
    found : Bifurcations
        Of the same cell.
    unit : str
        Of the current, such as "mV/ms".
    title : str
        Above the axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _with_room_for_legend()
    up: dict[str, Any] = dict(color=BLUE, linewidth=2.2, marker="^", markersize=5)
    down: dict[str, Any] = dict(color=VERMILLION, linewidth=1.0, marker="v", markersize=4)
    axes.plot(curve.current, curve.up, label="current rises", **up)
    axes.plot(curve.current, curve.down, linestyle="--", label="current falls", **down)
    _mark_bifurcations(axes, found)
    axes.set_ylim(bottom=-0.03 * max(1.0, *curve.up, *curve.down))
    finish(axes, f"I ({unit})", "rate (Hz)", title)
    axes.legend(**LEGEND_BESIDE)
    return figure


def _mark_bifurcations(axes: Axes, found: Bifurcations) -> None:
    if found.hopf is not None:
        label = f"Andronov-Hopf, {found.hopf.current:.4g}"
        axes.axvline(found.hopf.current, color=GREY, linewidth=1.0, linestyle="--", label=label)
    if found.saddle_node is not None:
        label = f"saddle-node, {found.saddle_node.current:.4g}"
        axes.axvline(found.saddle_node.current, color=GREY, linewidth=1.0, ls=":", label=label)


def bifurcation_figure(
    plane: PhasePlane,
    currents: Sequence[float] | np.ndarray,
    recordings: Mapping[float, Recording] | None = None,
    title: str = "",
) -> Figure:
    """Draw the fixed points against the current, and the range of v while the cell fires.

    Parameters
    ----------
    plane : PhasePlane
    currents : array_like
        Range of the diagram, mV/ms or pA.
    recordings : mapping of float to Recording, optional
        Runs at constant currents; the range of v of the later half of one that fires there is
        drawn as a bar.
    title : str
        Above the axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _with_room_for_legend()
    low, high = float(np.min(currents)), float(np.max(currents))
    fine = np.union1d(np.linspace(low, high, 600), _near_bifurcations(plane, low, high))
    stable, unstable = _branches(plane, fine)
    for (x, y), label, colour, size in (
        (stable, "stable fixed point", BLACK, 3.0),
        (unstable, "unstable fixed point", VERMILLION, 1.2),
    ):
        if x:
            axes.plot(x, y, ".", markersize=size, color=colour, label=label)
    label = "range of v while it fires"
    for current, recording in (recordings or {}).items():
        if goes_on_firing(recording):
            late = recording.t > recording.tstop / 2
            lowest, highest = recording.v[late].min(), recording.v[late].max()
            ends: dict[str, Any] = dict(marker="_", markersize=6, linewidth=1.2, label=label)
            axes.plot([current, current], [lowest, highest], color=BLUE, **ends)
            label = "_"
    _mark_bifurcations(axes, plane.bifurcations())
    axes.set_xlim(low, high)
    finish(axes, f"I ({plane.current_unit})", "v (mV)", title)
    _legend_with_large_marks(axes)
    return figure


def _near_bifurcations(plane: PhasePlane, low: float, high: float) -> np.ndarray:
    """Currents close to a saddle-node, where v changes steeply."""
    fold = plane.bifurcations().saddle_node
    if fold is None:
        return np.empty(0)
    near = fold.current - (high - low) * np.linspace(0, 0.1, 60) ** 2
    return near[(near >= low) & (near <= high)]


def _branches(
    plane: PhasePlane, currents: np.ndarray
) -> tuple[tuple[list[float], list[float]], tuple[list[float], list[float]]]:
    """Current and voltage of the stable fixed points, and of the others."""
    stable: tuple[list[float], list[float]] = ([], [])
    unstable: tuple[list[float], list[float]] = ([], [])
    for current in currents.tolist():
        try:
            points = plane.fixed_points(current)
        except ParameterError:  # not isolated: nothing to draw
            continue
        for point in points:
            x, y = stable if point.stable else unstable
            x.append(current)
            y.append(point.v)
    return stable, unstable


def _legend_with_large_marks(axes: Axes) -> None:
    lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
    large = []
    for line in lines:
        copy = Line2D([], [])
        copy.update_from(line)
        copy.set_markersize(max(6.0, line.get_markersize()))
        large.append(copy)
    axes.legend(large, [str(line.get_label()) for line in lines], **LEGEND_BESIDE)


def _with_room_for_legend() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, 3.9))
    return figure, figure.add_axes((0.09, 0.13, 0.64, 0.76))
