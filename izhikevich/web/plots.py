"""The four plots: v(t), u(t) and I(t), linked in time, and the phase plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Line, Range1d, Scatter
from bokeh.plotting import figure

from izhikevich.phase_plane import PhasePlane, Polyline, ViewWindow, trajectory_pieces
from izhikevich.recording import Recording
from izhikevich.web.exploration import Exploration

MOST_RUNS = 4
_N_NULLCLINE_POINTS = 241
# A run that diverges is drawn this far: v in mV, u in mV/ms or pA.
_FARTHEST, _FARTHEST_U = 1000.0, 100_000.0

# The colours of Okabe and Ito, which people of every colour vision can tell apart; on a dark
# ground blue is too dim and black invisible.
_LIGHT = {
    "ground": "#ffffff",
    "ink": "#222222",
    "faint": "#e3e3e3",
    "runs": ("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
    "v-nullcline": "#009E73",
    "u-nullcline": "#AA4499",
}
_DARK = {
    "ground": "#16191d",
    "ink": "#e6e6e6",
    "faint": "#30353c",
    "runs": ("#56B4E9", "#E69F00", "#009E73", "#CC79A7"),
    "v-nullcline": "#2FD3A0",
    "u-nullcline": "#CC79A7",
}
_DASHES = ("solid", "dashed", "dotdash", "dotted")

# Shape tells the kind, filling the stability.
MARKERS = {
    "node": "circle",
    "focus": "diamond",
    "saddle": "x",
    "centre": "circle_cross",
    "saddle-node": "triangle",
}


class Plots:
    """The plots of one page; they show an `Exploration` and know nothing else."""

    def __init__(self) -> None:
        self.runs = [
            ColumnDataSource(_empty("t", "v", "u"), name=f"run{n}") for n in range(MOST_RUNS)
        ]
        self.paths = [ColumnDataSource(_empty("v", "u"), name=f"path{n}") for n in range(MOST_RUNS)]
        self.current = ColumnDataSource(_empty("t", "i"), name="current")
        self.nullclines = {
            name: ColumnDataSource(_empty("v", "u"), name=name)
            for name in ("v-nullcline before", "v-nullcline during", "u-nullcline")
        }
        self.points = ColumnDataSource(
            _empty("v", "u", "kind", "marker", "fill", "alpha", "when"), name="fixed points"
        )
        # where slow motion has arrived; moved by the page itself
        self.now = ColumnDataSource(_empty("t", "v", "u", "i"), name="now")
        self.tail = ColumnDataSource(_empty("v", "u"), name="tail")
        self._glyphs: list[tuple[str, Any]] = []
        time = Range1d(start=0, end=100)
        self.v = self._over_time("v (mV)", "v", time, Range1d(start=-85, end=45))
        self.u = self._over_time("u", "u", time, Range1d())
        self.i = self._over_time("I", "i", time, Range1d())
        self.i.xaxis.axis_label = "t (ms)"
        self.plane = self._phase_plane()
        self._shown: tuple[str, str, float] | None = None
        self._fitted: dict[str, tuple[float, float]] = {}
        self.paint(dark=False)

    @property
    def figures(self) -> dict[str, Any]:
        """The plots by name."""
        return {"v_plot": self.v, "u_plot": self.u, "i_plot": self.i, "plane_plot": self.plane}

    # --- what they are made of ---

    def _figure(self, name: str, label: str, x_range: Any, y_range: Any) -> Any:
        plot = figure(
            name=f"plot {name}",
            x_range=x_range,
            y_range=y_range,
            sizing_mode="stretch_both",
            min_height=60,
            tools="pan,xbox_zoom,box_zoom,wheel_zoom,reset,save",
            active_drag=None,
            active_scroll=None,
            toolbar_location="right",
            min_border=4,
        )
        plot.toolbar.logo = None
        plot.toolbar.autohide = True
        plot.yaxis.axis_label = label
        plot.axis.axis_label_text_font_style = "normal"
        plot.axis.major_label_text_font_size = "11px"
        plot.axis.axis_label_text_font_size = "12px"
        plot.axis.minor_tick_line_color = None
        return plot

    def _over_time(self, label: str, name: str, x_range: Any, y_range: Any) -> Any:
        plot = self._figure(name, label, x_range, y_range)
        plot.yaxis.ticker.desired_num_ticks = 4
        plot.min_border_left = 62  # the three axes of time stand under one another
        if name == "i":
            lines = [plot.add_glyph(self.current, Line(x="t", y="i", line_width=1.6))]
            self._glyphs.append(("current", lines[0].glyph))
        else:
            lines = [
                plot.add_glyph(source, Line(x="t", y=name, line_width=1.4, line_dash=dash))
                for source, dash in zip(self.runs, _DASHES, strict=True)
            ]
            self._glyphs += [(f"run {n}", line.glyph) for n, line in enumerate(lines)]
        now = plot.add_glyph(self.now, Scatter(x="t", y=name, size=9))
        self._glyphs.append(("now", now.glyph))
        tooltips = [("t", "@t{0.00} ms"), (label.split()[0], f"@{name}{{0.00}}")]
        plot.add_tools(HoverTool(renderers=lines, tooltips=tooltips, mode="vline"))
        return plot

    def _phase_plane(self) -> Any:
        plot = self._figure("plane", "u", Range1d(start=-90, end=40), Range1d(start=-30, end=30))
        plot.xaxis.axis_label = "v (mV)"
        source = self.nullclines
        for name, dash in (
            ("v-nullcline before", "dotted"),
            ("v-nullcline during", "solid"),
            ("u-nullcline", "dashed"),
        ):
            line = plot.add_glyph(source[name], Line(x="v", y="u", line_width=1.8, line_dash=dash))
            self._glyphs.append((name, line.glyph))
        for n, path in enumerate(self.paths):
            line = plot.add_glyph(path, Line(x="v", y="u", line_width=1.1, line_alpha=0.8))
            self._glyphs.append((f"run {n}", line.glyph))
        mark = Scatter(x="v", y="u", marker="marker", size=11, line_width=2)
        mark.update(line_alpha="alpha", fill_alpha="fill")
        points = plot.add_glyph(self.points, mark)
        tail = plot.add_glyph(self.tail, Line(x="v", y="u", line_width=3.5))
        now = plot.add_glyph(self.now, Scatter(x="v", y="u", size=10))
        self._glyphs += [("points", points.glyph), ("tail", tail.glyph), ("now", now.glyph)]
        plot.add_tools(
            HoverTool(
                renderers=[points],
                tooltips=[("", "@kind, @when"), ("v", "@v{0.00} mV"), ("u", "@u{0.00}")],
            )
        )
        return plot

    # --- what they show ---

    def show(self, exploration: Exploration) -> None:
        """Draw the runs of an exploration and the phase plane of its parameters."""
        session, recordings = exploration.session, exploration.recordings
        for n, (run, path) in enumerate(zip(self.runs, self.paths, strict=True)):
            if n < len(recordings):
                run.data = _samples(recordings[n])
                path.data = _path(recordings[n])
            elif len(run.data["t"]):
                run.data, path.data = _empty("t", "v", "u"), _empty("v", "u")
        times, amplitudes = session.waveform.knots(session.tstop)
        self.current.data = {"t": times, "i": amplitudes}
        window = self._show_plane(exploration)
        unit = recordings[0].current_unit
        if self.u.yaxis[0].axis_label != f"u ({unit})":
            self.u.yaxis.axis_label = self.plane.yaxis.axis_label = f"u ({unit})"
            self.i.yaxis.axis_label = f"I ({unit})"
        self._show_ranges(exploration, window)

    def _show_plane(self, exploration: Exploration) -> ViewWindow:
        session = exploration.session
        plane, before, during = session.plane, session.current_before, session.current_during
        v, u = (np.concatenate(each) for each in _pairs(exploration.recordings))
        window = plane.view_window((before, during), v, u)
        width, height = window.v[1] - window.v[0], window.u[1] - window.u[0]
        # beyond the window, for who moves it
        v = np.linspace(window.v[0] - width, window.v[1] + width, _N_NULLCLINE_POINTS)
        u_limits = (window.u[0] - height, window.u[1] + height)
        for name, current in (("v-nullcline before", before), ("v-nullcline during", during)):
            self.nullclines[name].data = {"v": v, "u": plane.v_nullcline(v, current)}
        self.nullclines["u-nullcline"].data = _joined(plane.u_nullcline(v, u_limits))
        self.points.data = _fixed_points(plane, before, during)
        return window

    def _show_ranges(self, exploration: Exploration, window: ViewWindow) -> None:
        """Fit the axes to another type; while a slider moves, only where something would not fit.

        So the picture stands still under a moving slider, and stays as a person zoomed it.
        """
        session = exploration.session
        shown = (session.paper, session.key, session.tstop)
        is_new = shown != self._shown
        self._shown = shown
        v, u = (np.concatenate(each) for each in _pairs(exploration.recordings))
        _, amplitudes = session.waveform.knots(session.tstop)
        v_needed = (min(-85.0, float(v.min()) - 5), max(45.0, float(v.max()) + 5))
        for axis, needed in (
            (self.v.x_range, (0.0, session.tstop)),
            (self.v.y_range, v_needed),
            (self.u.y_range, _padded(u)),
            (self.i.y_range, _padded(amplitudes)),
            (self.plane.x_range, window.v),
            (self.plane.y_range, window.u),
        ):
            if is_new or not _suits(self._fitted[axis.id], needed):
                self._fitted[axis.id] = needed
                # where the reset tool leads, too
                start, end = needed
                axis.update(start=start, end=end, reset_start=start, reset_end=end)

    # --- how they look ---

    def paint(self, dark: bool) -> None:
        """Take the colours of a light or a dark page."""
        colours: dict[str, Any] = _DARK if dark else _LIGHT
        for plot in self.figures.values():
            plot.background_fill_color = plot.border_fill_color = colours["ground"]
            plot.outline_line_color = colours["faint"]
            plot.grid.grid_line_color = colours["faint"]
            for axis in plot.axis:
                axis.axis_line_color = axis.major_tick_line_color = colours["ink"]
                axis.axis_label_text_color = axis.major_label_text_color = colours["ink"]
        for role, glyph in self._glyphs:
            glyph.line_color = _colour(colours, role)
            if role in ("now", "points"):
                glyph.fill_color = colours["ink"]


# --- recordings and phase planes as columns ------------------------------------------------------


def _colour(colours: Mapping[str, Any], role: str) -> str:
    """The colour of the lines of what plays `role`, such as "run 0" or "v-nullcline during"."""
    kind, _, rest = role.partition(" ")
    if kind == "run":
        return colours["runs"][int(rest)]
    if kind == "now":
        return colours["ground"]
    return colours.get(kind, colours["ink"])


def _empty(*names: str) -> dict[str, list]:
    return {name: [] for name in names}


def _samples(recording: Recording) -> dict[str, np.ndarray]:
    v, u = _clipped(recording)
    return {"t": recording.t, "v": v, "u": u}


def _clipped(recording: Recording) -> Polyline:
    return (
        np.clip(recording.v, -_FARTHEST, _FARTHEST),
        np.clip(recording.u, -_FARTHEST_U, _FARTHEST_U),
    )


def _path(recording: Recording) -> dict[str, np.ndarray]:
    """The trajectory as the cell went: cut at each reset, to which it moves in no time."""
    v, u = recording.trajectory()
    v, u = np.clip(v, -_FARTHEST, _FARTHEST), np.clip(u, -_FARTHEST_U, _FARTHEST_U)
    return _joined(trajectory_pieces(v, u, recording.spike_samples().tolist()))


def _joined(pieces: Sequence[Polyline]) -> dict[str, np.ndarray]:
    """Pieces as one column each, with a gap between two."""
    gap = np.array([np.nan])
    parts: dict[str, list[np.ndarray]] = {"v": [], "u": []}
    for v, u in pieces:
        parts["v"] += [v, gap]
        parts["u"] += [u, gap]
    return {name: np.concatenate(each) if each else np.array([]) for name, each in parts.items()}


def _fixed_points(plane: PhasePlane, before: float, during: float) -> dict[str, list]:
    columns: dict[str, list] = _empty("v", "u", "kind", "marker", "fill", "alpha", "when")
    currents = {"during": during} if before == during else {"before": before, "during": during}
    for when, current in currents.items():
        try:
            points = plane.fixed_points(current)
        except ValueError:  # not isolated; the explanation says so
            continue
        for point in points:
            columns["v"].append(point.v)
            columns["u"].append(point.u)
            columns["kind"].append(point.kind)
            columns["marker"].append(MARKERS[point.kind.split()[-1]])
            alpha = 0.45 if when == "before" else 1.0
            columns["fill"].append(alpha if point.stable else 0.0)
            columns["alpha"].append(alpha)
            columns["when"].append(f"{when} the stimulus")
    return columns


def _pairs(recordings: Sequence[Recording]) -> list[tuple[np.ndarray, ...]]:
    """Of all recordings the v, and the u."""
    return list(zip(*map(_clipped, recordings), strict=True))


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.1 * (high - low) or 1.0
    return low - margin, high + margin


def _suits(shown: tuple[float, float], needed: tuple[float, float]) -> bool:
    """Whether what is needed lies within what is shown, and fills a good part of it."""
    slack = 0.02 * (shown[1] - shown[0])
    within = shown[0] - slack <= needed[0] and needed[1] <= shown[1] + slack
    return within and needed[1] - needed[0] >= 0.45 * (shown[1] - shown[0])
