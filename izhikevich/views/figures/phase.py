"""The figure of the phase plane: nullclines, fixed points and a trajectory.

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

from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.analysis.plane import PhasePlane, ViewWindow
from izhikevich.analysis.trajectories import trajectory_pieces
from izhikevich.errors import ParameterError
from izhikevich.recording import Recording
from izhikevich.views.figures.style import (
    BLACK,
    BLUE,
    LEGEND_BESIDE,
    ORANGE,
    SMALL_SIZE,
    VERMILLION,
    finish,
)

# Filled where the cell can stay; the shape says what the flow does.
_SHAPES = MappingProxyType({"node": "o", "focus": "D", "saddle": "s", "saddle-node": "^"})
_N_NULLCLINE_POINTS = 400
_N_ARROWS = (22, 16)


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
    ParameterError
        If a current is not finite.
    """
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.add_axes((0.12, 0.11, 0.56, 0.79))
    words = draw_plane(axes, plane, currents, recording, with_flow=with_flow, title=title)
    axes.legend(**LEGEND_BESIDE)
    if words:
        axes.text(
            1.04, 0.0, words, transform=axes.transAxes, va="bottom", fontsize=SMALL_SIZE, wrap=True
        )
    return figure


def draw_plane(
    axes: Axes,
    plane: PhasePlane,
    currents: tuple[float, float],
    recording: Recording | None = None,
    *,
    with_flow: bool = False,
    title: str = "",
) -> str:
    """Draw what `phase_figure` does into axes; returns what is to be said beside them."""
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
    finish(axes, "v (mV)", f"u ({unit})", title)
    return words


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
        except ParameterError as error:  # not isolated: a line of them has no mark
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


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 30)
