"""The three graphs of the window: voltage, current and phase plane, drawn with InterViews."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from neuron import h

from izhikevich.analysis.plane import PhasePlane
from izhikevich.analysis.trajectories import trajectory_pieces
from izhikevich.engine.isolation import drawing_vectors
from izhikevich.recording import Recording
from izhikevich.session import Session

# InterViews' colours and brushes by number.
BLACK, RED, BLUE, GREEN, ORANGE, VIOLET, GRAY = 1, 2, 3, 4, 5, 7, 9
THIN, THICK, DASHED = 1, 2, 6

# How a fixed point is marked: filled if the cell can stay there.
_MARKS = {"saddle": "s"}
_N_NULLCLINE_POINTS = 200
_N_ARROWS = (14, 10)
# Of the lines above the axes, in pixels.
LINE_HEIGHT = 16


def nice_ticks(low: float, high: float, at_most: int = 5) -> tuple[float, float, int]:
    """First tick, last tick and number of intervals: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / at_most
    power = 10.0 ** math.floor(math.log10(raw))
    size = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / size - 1e-9) * size, math.floor(high / size + 1e-9) * size
    return first, last, max(1, round((last - first) / size))


class Plot:
    """A graph with axes along its edges, drawn anew as a whole."""

    def __init__(self, width: float, height: float) -> None:
        self.graph = h.Graph(0)
        self.graph.xaxis(3)
        self.graph.view(0, 0, 1, 1, 0, 0, width, height)
        self.height = height
        self.x = self.y = (0.0, 1.0)

    def clear(
        self, x: tuple[float, float], y: tuple[float, float], title: str, *notes: str
    ) -> None:
        """Erase, and show the given ranges with axes, a title and lines under it."""
        graph = self.graph
        self.x, self.y = x, y
        graph.erase_all()
        margin_x, margin_y = 0.09 * (x[1] - x[0]), 0.12 * (y[1] - y[0])
        head = margin_y * (1 + 0.5 * len(notes))
        graph.size(x[0] - margin_x, x[1] + 0.3 * margin_x, y[0] - margin_y, y[1] + head)
        first, last, n = nice_ticks(*x)
        graph.xaxis(first, last, y[0], n, 1, 0, 1)
        first, last, n = nice_ticks(*y)
        graph.yaxis(first, last, x[0], n, 1, 0, 1)
        for line, text in enumerate((title, *notes)):
            graph.label(0.05, 1 - LINE_HEIGHT * (line + 1) / self.height, text, 2, 1, 0, 0, BLACK)

    def curve(self, x: Iterable[float], y: Iterable[float], colour: int, brush: int = THIN) -> None:
        """Draw one connected line."""
        along, up = drawing_vectors()
        along.from_python(np.asarray(x, dtype=float))
        up.from_python(np.asarray(y, dtype=float)).line(self.graph, along, colour, brush)

    def mark(self, x: float, y: float, style: str, colour: int, size: float = 9) -> None:
        """Draw one symbol, if it is within the axes."""
        if self.x[0] <= x <= self.x[1] and self.y[0] <= y <= self.y[1]:
            self.graph.mark(x, y, style, size, colour, THIN)

    def show(self) -> None:
        """Bring what was drawn to the screen."""
        self.graph.flush()


def draw_voltage(plot: Plot, session: Session, point: int | None = None) -> None:
    """Draw v(t) of the last run, gray behind it those that are kept, with a point on it."""
    recording = session.recording
    assert recording is not None
    runs = [*session.earlier, recording]
    low = min(float(run.v.min()) for run in runs)
    high = max(float(run.v.max()) for run in runs)
    title = f"v (mV) against t (ms): {recording.cell_type.label}"
    if len(runs) > 1:
        title += f" (gray: {len(runs) - 1} earlier)"
    plot.clear((0, recording.tstop), (min(low, -80.0), max(high, 40.0)), title)
    for run in runs[:-1]:
        plot.curve(run.t, run.v, GRAY)
    plot.curve(recording.t, recording.v, RED)
    if point is not None:
        plot.mark(float(recording.t[point]), float(recording.v[point]), "O", BLACK)
    plot.show()


def draw_trace(plot: Plot, recording: Recording) -> None:
    """Draw v(t) of one of a figure's currents, which its title names."""
    amplitude = recording.waveform.at(recording.tstop)
    title = f"v (mV) against t (ms) at {amplitude:g} {recording.current_unit}"
    low, high = min(float(recording.v.min()), -80.0), max(float(recording.v.max()), 40.0)
    plot.clear((0, recording.tstop), (low, high), title)
    plot.curve(recording.t, recording.v, RED)
    plot.show()


def draw_current(plot: Plot, recording: Recording) -> None:
    """Draw I(t) as it was injected, u(t), and the synaptic conductance where there is one."""
    unit = recording.current_unit
    title = f"I ({unit}) blue, u ({unit}) green"
    times, amplitudes = recording.waveform.knots(recording.tstop)
    curves = [(recording.t, recording.u, GREEN), (times, amplitudes, BLUE)]
    if recording.gsyn is not None:
        title += f", gsyn ({recording.conductance_unit}) violet"
        curves.append((recording.t, recording.gsyn, VIOLET))
    low = min(float(np.min(y)) for _, y, _ in curves)
    high = max(float(np.max(y)) for _, y, _ in curves)
    pad = 0.05 * (high - low) or 1.0
    plot.clear((0, recording.tstop), (low - pad, high + pad), title)
    for x, y, colour in curves:
        plot.curve(x, y, colour)
    plot.show()


def draw_plane(
    plot: Plot, session: Session, point: int | None = None, *, with_flow: bool = False
) -> None:
    """Draw both nullclines before and during the stimulus, fixed points and the trajectory.

    The nullclines are those of the parameters in force, which a person may have changed since
    the trajectory was run. Only the trajectory up to `point` is drawn, where one is given.
    """
    plane, recording = session.plane, session.recording
    before, during = session.current_before, session.current_during
    v, u = np.empty(0), np.empty(0)
    if recording is not None and recording.paper == session.paper:
        end = None if point is None else point + 1
        v, u = (each[:end] for each in recording.trajectory())
    window = plane.view_window((before, during), v=_or_none(v), u=_or_none(u))
    plot.clear(
        window.v,
        window.u,
        f"u ({plane.current_unit}) against v (mV), red",
        "blue: v' = 0 (dashed: before the stimulus)",
        "orange: u' = 0   filled: stable   square: saddle",
    )
    if with_flow:
        _draw_flow(plot, plane, during)
    grid = np.linspace(*window.v, _N_NULLCLINE_POINTS)
    if before != during:
        _draw_inside(plot, grid, plane.v_nullcline(grid, before), BLUE, DASHED)
    _draw_inside(plot, grid, plane.v_nullcline(grid, during), BLUE, THICK)
    for piece_v, piece_u in plane.u_nullcline(grid, window.u):
        _draw_inside(plot, piece_v, piece_u, ORANGE, THICK)
    spikes = [] if recording is None or not v.size else recording.spike_samples().tolist()
    for piece_v, piece_u in trajectory_pieces(v, u, [s for s in spikes if s < len(v)]):
        plot.curve(piece_v, piece_u, RED)
    _mark_fixed_points(plot, plane, {before, during})
    if point is not None and v.size:
        plot.mark(float(v[-1]), float(u[-1]), "O", BLACK)
    plot.show()


def _or_none(values: np.ndarray) -> np.ndarray | None:
    return values if values.size else None


def _draw_inside(
    plot: Plot, x: Sequence[float] | np.ndarray, y: np.ndarray, colour: int, brush: int
) -> None:
    """Draw the parts of a curve that lie within the axes."""
    x = np.asarray(x)
    inside = (y >= plot.y[0]) & (y <= plot.y[1])
    # the first point outside belongs to the curve, too: clipped to the edge
    shown = inside | np.roll(inside, 1) | np.roll(inside, -1)
    for run in np.split(np.arange(len(x)), np.flatnonzero(np.diff(shown.astype(int))) + 1):
        if shown[run[0]] and len(run) > 1:
            plot.curve(x[run], np.clip(y[run], *plot.y), colour, brush)


def _draw_flow(plot: Plot, plane: PhasePlane, current: float) -> None:
    """Draw the direction of the flow as strokes that begin at their grid points."""
    spans = (plot.x[1] - plot.x[0], plot.y[1] - plot.y[0])
    v = plot.x[0] + spans[0] * (np.arange(_N_ARROWS[0]) + 0.5) / _N_ARROWS[0]
    u = plot.y[0] + spans[1] * (np.arange(_N_ARROWS[1]) + 0.5) / _N_ARROWS[1]
    v, u = (each.ravel() for each in np.meshgrid(v, u))
    dv, du = plane.flow(v, u, current)
    dv, du = dv / spans[0], du / spans[1]
    length = np.hypot(dv, du)
    length[length == 0] = 1.0
    scale = 0.6 / _N_ARROWS[0] / length
    for x, y, dx, dy in zip(v, u, dv * scale * spans[0], du * scale * spans[1], strict=True):
        plot.curve((x, x + dx), (y, y + dy), GRAY)
        plot.mark(x, y, "o", GRAY, 2)


def _mark_fixed_points(plot: Plot, plane: PhasePlane, currents: set[float]) -> None:
    for current in currents:
        try:
            points = plane.fixed_points(current)
        except ValueError:  # not isolated: a line of them has no mark
            continue
        for fixed in points:
            style = _MARKS.get(fixed.kind, "o")
            plot.mark(fixed.v, fixed.u, style.upper() if fixed.stable else style, BLACK)
