"""Figures of why a cell fires: the phase plane, the f-I curve, the bifurcation diagram.

As in `figures`, nothing here runs a model, opens a window or changes a setting of matplotlib:
data go in, a `matplotlib.figure.Figure` comes out, and `figures.save` writes it.

>>> from izhikevich import simulate
>>> from izhikevich.catalog import cell_type
>>> from izhikevich.views.figures.phase import phase_figure
>>> from izhikevich.analysis.plane import for_cell_type
>>> plane = for_cell_type(cell_type("2004", "tonic spiking"))
>>> figure = phase_figure(plane, (0, 14), simulate("2004", "tonic spiking"))
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from izhikevich.analysis.bifurcations import Bifurcations
from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.analysis.plane import PhasePlane, ViewWindow
from izhikevich.analysis.trajectories import trajectory_pieces
from izhikevich.experiments.excitability import FICurve
from izhikevich.recording import Recording

BLACK, BLUE, ORANGE, VERMILLION, GREY = "#000000", "#0072B2", "#E69F00", "#D55E00", "#666666"
TITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 9.0, 8.0, 7.0

# Filled where the cell can stay; the shape says what the flow does.
_SHAPES = MappingProxyType({"node": "o", "focus": "D", "saddle": "s", "saddle-node": "^"})
_BESIDE: Mapping[str, Any] = MappingProxyType(
    dict(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=SMALL_SIZE, frameon=False)
)
_N_NULLCLINE_POINTS = 400
_N_ARROWS = (22, 16)


# --- the phase plane ------------------------------------------------------------------------------


def phase_figure(
    plane: PhasePlane,
    currents: tuple[float, float],
    recording: Recording | None = None,
    *,
    with_flow: bool = False,
    title: str = "",
) -> Figure:
    """Draw both nullclines before and during a stimulus, the fixed points and a trajectory.

    Parameters
    ----------
    plane : PhasePlane
    currents : (float, float)
        Before and during the stimulus, mV/ms or pA.
    recording : Recording, optional
        Whose trajectory to draw; resets are left out, as no cell passes between.
    with_flow : bool
        Whether to draw the direction of the flow during the stimulus.
    title : str
        Above the axes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a current is not finite.
    """
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.add_axes((0.12, 0.11, 0.56, 0.79))
    before, during = currents
    v, u = (None, None) if recording is None else recording.trajectory()
    window = plane.view_window(currents, v=v, u=u)
    grid = np.linspace(*window.v, _N_NULLCLINE_POINTS)
    if with_flow:
        _draw_flow(axes, plane, during, window)
    unit = plane.current_unit
    if before != during:
        label = f"v' = 0 at I = {before:.4g} {unit}"
        parabola = plane.v_nullcline(grid, before)
        axes.plot(grid, parabola, color=BLUE, linewidth=1.0, linestyle="--", label=label)
    label = f"v' = 0 at I = {during:.4g} {unit}"
    axes.plot(grid, plane.v_nullcline(grid, during), color=BLUE, linewidth=1.6, label=label)
    for number, (x, y) in enumerate(plane.u_nullcline(grid, window.u)):
        label = "_" if number else "u' = 0"
        axes.plot(x, y, color=ORANGE, linewidth=1.6, label=label)
    if recording is not None and v is not None and u is not None:
        _draw_trajectory(axes, v, u, recording.spike_samples().tolist())
    words = _draw_fixed_points(axes, plane, dict.fromkeys(currents))
    axes.set_xlim(window.v)
    axes.set_ylim(window.u)
    _finish(axes, "v (mV)", f"u ({unit})", title)
    axes.legend(**_BESIDE)
    if words:
        axes.text(
            1.04, 0.0, words, transform=axes.transAxes, va="bottom", fontsize=SMALL_SIZE, wrap=True
        )
    return figure


def _draw_trajectory(axes: Axes, v: np.ndarray, u: np.ndarray, spikes: Sequence[int]) -> None:
    label = "trajectory"
    for piece_v, piece_u in trajectory_pieces(v, u, spikes):
        axes.plot(piece_v, piece_u, color=VERMILLION, linewidth=0.9, label=label)
        label = "_"


def _draw_flow(axes: Axes, plane: PhasePlane, current: float, window: ViewWindow) -> None:
    v, u = np.meshgrid(np.linspace(*window.v, _N_ARROWS[0]), np.linspace(*window.u, _N_ARROWS[1]))
    dv, du = plane.flow(v, u, current)
    dv, du = dv / (window.v[1] - window.v[0]), du / (window.u[1] - window.u[0])
    length = np.hypot(dv, du)
    length[length == 0] = 1.0
    axes.quiver(v, u, dv / length, du / length, color="#BBBBBB", scale=34, width=0.003, zorder=0)


def _draw_fixed_points(axes: Axes, plane: PhasePlane, currents: Mapping[float, None]) -> str:
    """Mark the fixed points; return what there is to say where none can be marked."""
    words = []
    labels: set[str] = set()
    for current in currents:
        try:
            points = plane.fixed_points(current)
        except ValueError as error:  # not isolated: a line of them has no mark
            words.append(f"I = {current:.4g}:\n{_wrapped(str(error))}")
            continue
        if not points:
            words.append(f"I = {current:.4g}: no fixed point")
        for point in points:
            label = "_" if point.kind in labels else point.kind
            labels.add(point.kind)
            axes.plot([point.v], [point.u], linestyle="none", label=label, **_mark(point))
    return "\n".join(words)


def _mark(point: FixedPoint) -> dict[str, Any]:
    shape = _SHAPES.get(point.kind, _SHAPES.get(point.kind.split()[-1], "P"))
    fill = BLACK if point.stable else "#FFFFFF"
    return dict(marker=shape, markersize=6, color=BLACK, markerfacecolor=fill, zorder=5)


# --- rate against current -------------------------------------------------------------------------


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
    _finish(axes, f"I ({unit})", "rate (Hz)", title)
    axes.legend(**_BESIDE)
    return figure


def _mark_bifurcations(axes: Axes, found: Bifurcations) -> None:
    if found.hopf is not None:
        label = f"Andronov-Hopf, {found.hopf.current:.4g}"
        axes.axvline(found.hopf.current, color=GREY, linewidth=1.0, linestyle="--", label=label)
    if found.saddle_node is not None:
        label = f"saddle-node, {found.saddle_node.current:.4g}"
        axes.axvline(found.saddle_node.current, color=GREY, linewidth=1.0, ls=":", label=label)


# --- the bifurcation diagram ----------------------------------------------------------------------


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
        late = recording.t > recording.tstop / 2
        if np.any(recording.spikes > recording.tstop / 2):
            lowest, highest = recording.v[late].min(), recording.v[late].max()
            ends: dict[str, Any] = dict(marker="_", markersize=6, linewidth=1.2, label=label)
            axes.plot([current, current], [lowest, highest], color=BLUE, **ends)
            label = "_"
    _mark_bifurcations(axes, plane.bifurcations())
    axes.set_xlim(low, high)
    _finish(axes, f"I ({plane.current_unit})", "v (mV)", title)
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
        except ValueError:  # not isolated: nothing to draw
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
    axes.legend(large, [str(line.get_label()) for line in lines], **_BESIDE)


# --- what the figures share -----------------------------------------------------------------------


def _with_room_for_legend() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, 3.9))
    return figure, figure.add_axes((0.09, 0.13, 0.64, 0.76))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 30)


def _finish(axes: Axes, x: str, y: str, title: str) -> None:
    axes.set_xlabel(x, fontsize=LABEL_SIZE)
    axes.set_ylabel(y, fontsize=LABEL_SIZE)
    axes.set_title(title, fontsize=TITLE_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    axes.spines[["top", "right"]].set_visible(False)
