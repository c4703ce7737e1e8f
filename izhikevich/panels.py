"""The window: one `Session` in NEURON's own InterViews widgets."""

from __future__ import annotations

import contextlib
import functools
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from neuron import h

from izhikevich import interviews, phase_plane
from izhikevich.catalog import CATALOG, CITATIONS, CellType
from izhikevich.recording import Recording
from izhikevich.session import MODELS, Session
from izhikevich.simulation import SCHEMES, Synapse

# InterViews' colours and brushes by number.
BLACK, RED, BLUE, GREEN, VIOLET, GRAY = 1, 2, 3, 4, 7, 9
THIN, THICK = 1, 2

# Position and size on the screen, in pixels: fits a 13-inch laptop.
LEFT, TOP, WIDTH, HEIGHT = 20, 20, 1240, 730
_STATUS_WIDTH = 190
# Clicks are looked for this often (s) during a run.
SERVE_EVERY = 0.03
_TEXT_WIDTH = 62
_N_TEXT_LINES = 7

EQUATIONS = {
    "2003": (
        "v' = e v^2 + f v + g - u + I",
        "u' = a (b (v - vu) - uleak u)",
        "v > thresh: v = c, u = u + d",
    ),
    "2007": (
        "100 C v' = k (v - vr)(v - vt) - u + I",
        "u' = a (b (v - vr) - u)",
        "v > vpeak: v = c, u = u + d",
    ),
}
EQUATIONS["2004"] = EQUATIONS["2003"]

# Buttons in columns, in the order of the figure's panels read along its rows.
_COLUMNS = {"2003": 4, "2004": 4, "2007": 3}
# Where the label of the figure is too long for a button.
_BUTTON_LABELS = {
    "spike frequency adaptation": "spike freq. adaptation",
    "subthreshold oscillations": "subthreshold osc.",
    "inhibition-induced spiking": "inh.-ind. spiking",
    "inhibition-induced bursting": "inh.-ind. bursting",
    "depolarizing afterpotential": "depolarizing afterpot.",
    "class 1 excitability": "class 1",
    "class 2 excitability": "class 2",
}


class _Stopped(Exception):
    """The person asked for an end of the run."""


class _Fields:
    """The values behind the fields and check boxes, which InterViews reads and writes itself."""

    live = keep = synapse = 0.0


def _box(box: Any, build: Callable[[], None], title: str = "", *place: float) -> Any:
    """Compose what `build` makes in `box` and map it."""
    box.intercept(1)
    build()
    box.intercept(0)
    box.map(title, *place)
    return box


def nice_ticks(low: float, high: float, at_most: int = 5) -> tuple[float, float, int]:
    """First tick, last tick and number of intervals: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / at_most
    power = 10.0 ** math.floor(math.log10(raw))
    size = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / size - 1e-9) * size, math.floor(high / size + 1e-9) * size
    return first, last, max(1, round((last - first) / size))


def button_label(entry: CellType) -> str:
    """What the button of a cell type says."""
    if entry.paper == "2007":
        return entry.key.replace("_", " ")
    if entry.paper == "2003":
        return entry.label
    return f"{entry.panel}  {_BUTTON_LABELS.get(entry.label, entry.label)}"


class _Plot:
    """A graph with axes along its edges, drawn anew as a whole."""

    def __init__(self, name: str, width: float, height: float) -> None:
        self.graph = h.Graph(0)
        self.graph.xaxis(3)
        self.name = name
        self.graph.view(0, 0, 1, 1, 0, 0, width, height)

    def clear(self, x: tuple[float, float], y: tuple[float, float], title: str) -> None:
        """Erase, and show the given ranges with axes and a title."""
        graph = self.graph
        graph.erase_all()
        margin_x, margin_y = 0.09 * (x[1] - x[0]), 0.12 * (y[1] - y[0])
        graph.size(x[0] - margin_x, x[1] + 0.3 * margin_x, y[0] - margin_y, y[1] + margin_y)
        first, last, n = nice_ticks(*x)
        graph.xaxis(first, last, y[0], n, 1, 0, 1)
        first, last, n = nice_ticks(*y)
        graph.yaxis(first, last, x[0], n, 1, 0, 1)
        graph.label(0.12, 0.91, title, 2, 1, 0, 0, BLACK)

    def curve(self, x: Iterable[float], y: Iterable[float], colour: int, brush: int = THIN) -> None:
        """Draw one connected line."""
        graph = self.graph
        graph.beginline(colour, brush)
        for point in zip(np.asarray(x).tolist(), np.asarray(y).tolist(), strict=True):
            graph.line(*point)

    def show(self) -> None:
        """Bring what was drawn to the screen."""
        self.graph.flush()


class Window:
    """One window on one `Session`.

    Parameters
    ----------
    session : Session, optional
        What to show; by default a new one.
    """

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or Session()
        self.is_open = False
        self.when_closed: Callable[[], None] | None = None
        self._running = self._stop_wanted = False
        self._next: Callable[[], None] | None = None
        self._guard = contextlib.ExitStack()
        self._fields = _Fields()
        self._plots: dict[str, _Plot] = {}
        self._decks: dict[str, Any] = {}
        self._status = h.ref(" " * _STATUS_WIDTH)
        self._text = [h.ref(" " * _TEXT_WIDTH) for _ in range(_N_TEXT_LINES)]
        self._build()

    # --- building ---

    def _build(self) -> None:
        self._refresh_fields()
        self._guard.enter_context(interviews.without_quit())
        self._main = h.VBox(3)
        self._main.dismiss_action(self._closed)
        place = (LEFT, TOP, WIDTH, HEIGHT)
        _box(self._main, self._build_all, "Izhikevich's neuron", *place)
        self.is_open = True
        self._show_status()

    def _build_all(self) -> None:
        _box(h.HBox(3), self._build_columns)
        h.xpanel("", 1)
        h.xvarlabel(self._status)
        h.xpanel()

    def _build_columns(self) -> None:
        _box(h.VBox(3), self._build_controls)
        _box(h.VBox(3), self._build_traces)
        _box(h.VBox(3), self._build_plane)

    def _build_controls(self) -> None:
        _box(h.HBox(3), self._build_choices)
        h.xpanel("", 1)
        h.xbutton("RUN", self._do(self._run))
        h.xbutton("STOP", self._stop)
        h.xbutton("reset", self._do(self._reset))
        h.xpanel()
        h.xpanel("")
        for label, name in (
            ("I0", "before"),
            ("I1", "after"),
            ("T1 (ms)", "change_at"),
            ("tstop (ms)", "tstop"),
            ("dt (ms)", "dt"),
        ):
            h.xvalue(label, (self._fields, name), 1, self._do(self._timing_changed, name))
        h.xpanel()
        self._decks["parameters"] = h.Deck()
        _box(self._decks["parameters"], self._build_parameter_cards)

    def _build_choices(self) -> None:
        h.xpanel("")
        h.xlabel("model")
        for model in MODELS:
            label = model.removesuffix(" model")
            h.xcheckbox(label, (self._fields, model), self._do(self._model_chosen, model))
        h.xpanel()
        h.xpanel("")
        h.xlabel("scheme")
        for scheme in SCHEMES:
            h.xcheckbox(scheme, (self._fields, scheme), self._do(self._scheme_chosen, scheme))
        h.xlabel("options")
        h.xcheckbox("live", (self._fields, "live"), self._do(self._nothing))
        h.xcheckbox("keep", (self._fields, "keep"), self._do(self._keep_changed))
        h.xcheckbox("synapse", (self._fields, "synapse"), self._do(self._synapse_changed))
        h.xpanel()

    def _build_parameter_cards(self) -> None:
        for paper in ("2004", "2007"):
            h.xpanel("")
            for line in EQUATIONS[paper]:
                h.xlabel(line)
            for name in Session(f"{paper} PP model", next(iter(CATALOG[paper]))).parameters:
                field = self._field_of(paper, name)
                h.xvalue(name, (self._fields, field), 1, self._do(self._parameter_changed, name))
            h.xpanel()

    def _build_traces(self) -> None:
        self._plots["v"] = _Plot("v", 600, 270)
        self._plots["i"] = _Plot("i", 600, 130)
        self._decks["types"] = h.Deck()
        _box(self._decks["types"], self._build_type_cards)

    def _build_type_cards(self) -> None:
        for paper in CATALOG:
            _box(h.VBox(3), functools.partial(self._build_type_card, paper))

    def _build_type_card(self, paper: str) -> None:
        h.xpanel("")
        h.xlabel(CITATIONS[paper])
        h.xpanel()
        entries = list(CATALOG[paper].values())
        n_columns = _COLUMNS[paper]

        def columns() -> None:
            for column in range(n_columns):
                h.xpanel("")
                for entry in entries[column::n_columns]:
                    h.xbutton(button_label(entry), self._do(self._type_chosen, entry.key))
                h.xpanel()

        _box(h.HBox(3), columns)

    def _build_plane(self) -> None:
        self._plots["plane"] = _Plot("plane", 370, 330)
        h.xpanel("")
        for line in self._text:
            h.xvarlabel(line)
        h.xpanel()

    # --- what a person does ---

    def _do(self, action: Callable[..., None], *arguments: Any) -> Callable[[], None]:
        """Wrap a callback: an exception that escapes one would end the whole process.

        A click in the middle of a run ends that run, and is carried out then.
        """

        def guarded() -> None:
            if self._running:
                self._next = guarded
                return
            try:
                action(*arguments)
            except _Stopped:
                pass
            except Exception as error:  # whatever it is, the person is told
                expected = isinstance(error, (ValueError, KeyError, RuntimeError))
                self.session.status = ("" if expected else f"{type(error).__name__}: ") + str(error)
            finally:
                self._refresh_fields()
                self._show_status()
            following, self._next = self._next, None
            if following is not None and self.is_open:
                following()

        return guarded

    def _nothing(self) -> None:
        """Let InterViews keep the value; nothing else follows."""

    def _run(self) -> None:
        """Run what the session has chosen, draw it, and serve clicks meanwhile."""
        self._running, self._stop_wanted = True, False
        served = time.monotonic()

        def serve(t: float) -> None:
            nonlocal served
            if time.monotonic() - served < SERVE_EVERY:
                return
            interviews.serve()
            served = time.monotonic()
            if self._stop_wanted or self._next is not None or not self.is_open:
                self.session.status = f"stopped at {t:g} ms; the picture is that of the run before"
                raise _Stopped

        try:
            self.session.run(serve)
        finally:
            self._running = False
        self.draw()

    def _stop(self) -> None:
        """End the run that is under way, if there is one."""
        self._stop_wanted = True

    def _run_if_live(self) -> None:
        if self._fields.live:
            self._run()

    def _reset(self) -> None:
        self.session.reset()
        self._run()

    def _model_chosen(self, model: str) -> None:
        self.session.choose_model(model)
        self._run()

    def _scheme_chosen(self, scheme: str) -> None:
        self.session.choose_scheme(scheme)
        self._run()

    def _type_chosen(self, key: str) -> None:
        self.session.choose_type(key)
        self._run()

    def _keep_changed(self) -> None:
        self.session.keep = bool(self._fields.keep)

    def _synapse_changed(self) -> None:
        self.session.synapse = Synapse() if self._fields.synapse else None
        self._run()

    def _timing_changed(self, name: str) -> None:
        self.session.set_timing(name, getattr(self._fields, name))
        self._run_if_live()

    def _parameter_changed(self, name: str) -> None:
        value = getattr(self._fields, self._field_of(self.session.paper, name))
        self.session.set_parameter(name, value)
        self._run_if_live()

    def _closed(self) -> None:
        self.is_open = False
        self._guard.close()
        if self.when_closed is not None:
            self.when_closed()

    # --- showing ---

    @staticmethod
    def _field_of(paper: str, name: str) -> str:
        """Name of the attribute behind a parameter's field: the two cards have their own."""
        return f"{'2007' if paper == '2007' else '2003'} {name}"

    def _refresh_fields(self) -> None:
        """Let every field and check box show the session."""
        session, fields = self.session, self._fields
        for model in MODELS:
            setattr(fields, model, float(model == session.model))
        for scheme in SCHEMES:
            setattr(fields, scheme, float(scheme == session.scheme))
        fields.keep = float(session.keep)
        fields.synapse = float(session.synapse is not None)
        for name in ("before", "after", "change_at", "tstop", "dt"):
            setattr(fields, name, getattr(session, name))
        for name, value in session.parameters.items():
            setattr(fields, self._field_of(session.paper, name), value)
        for paper in CATALOG:
            if paper != session.paper:
                entry = next(iter(CATALOG[paper].values()))
                for name in (*entry.parameters, "v0", "u0"):
                    field = self._field_of(paper, name)
                    setattr(fields, field, getattr(fields, field, 0.0))
        if self._decks:
            self._decks["types"].flip_to(list(CATALOG).index(session.paper))
            self._decks["parameters"].flip_to(int(session.paper == "2007"))

    def _show_status(self) -> None:
        self._status[0] = self.session.status.replace("\n", " ")

    def draw(self) -> None:
        """Draw the session's last run, and pale behind it the earlier ones that are kept."""
        recording = self.session.recording
        if recording is None:
            return
        self._draw_voltage(recording)
        self._draw_current(recording)
        self._draw_plane(recording)

    def _draw_voltage(self, recording: Recording) -> None:
        plot = self._plots["v"]
        runs = [*self.session.earlier, recording]
        low = min(float(run.v.min()) for run in runs)
        high = max(float(run.v.max()) for run in runs)
        title = f"v (mV) against t (ms): {recording.cell_type.label}"
        if len(runs) > 1:
            title += f" (gray: {len(runs) - 1} earlier)"
        plot.clear((0, recording.tstop), (min(low, -80.0), max(high, 40.0)), title)
        for run in runs[:-1]:
            plot.curve(run.t, run.v, GRAY)
        plot.curve(recording.t, recording.v, RED)
        plot.show()

    def _draw_current(self, recording: Recording) -> None:
        plot = self._plots["i"]
        unit = recording.current_unit
        title = f"I ({unit}) blue, u ({unit}) green"
        curves = [
            (recording.t, recording.u, GREEN),
            (*recording.waveform.knots(recording.tstop), BLUE),
        ]
        if recording.gsyn is not None:
            title += f", gsyn ({'nS' if recording.paper == '2007' else '1/ms'}) violet"
            curves.append((recording.t, recording.gsyn, VIOLET))
        low = min(float(np.min(y)) for _, y, _ in curves)
        high = max(float(np.max(y)) for _, y, _ in curves)
        pad = 0.05 * (high - low) or 1.0
        plot.clear((0, recording.tstop), (low - pad, high + pad), title)
        for x, y, colour in curves:
            plot.curve(x, y, colour)
        plot.show()

    def _draw_plane(self, recording: Recording) -> None:
        """The trajectory in the plane of v and u, cut at the resets."""
        plot = self._plots["plane"]
        v, u = recording.v, recording.u
        pad = 0.05 * float(np.ptp(u)) or 1.0
        plot.clear(
            (float(v.min()) - 2, float(v.max()) + 2),
            (float(u.min()) - pad, float(u.max()) + pad),
            f"u ({recording.current_unit}) against v (mV)",
        )
        for piece_v, piece_u in phase_plane.trajectory_pieces(
            v, u, recording.spike_samples().tolist()
        ):
            plot.curve(piece_v, piece_u, GREEN)
        plot.show()

    # --- the program ---

    def choose(self, model: str | None = None, key: str | None = None) -> None:
        """Do what a click on a model and on a cell type does; errors are raised.

        Raises
        ------
        ValueError
            If there is no such model.
        UnknownCellTypeError
            If the model's paper has no such type.
        """
        if model is not None:
            self.session.choose_model(model)
        if key is not None:
            self.session.choose_type(key)
        self._run()
        self._refresh_fields()
        self._show_status()

    def redraw(self) -> None:
        """Show the session after a change from outside of the window."""
        self.draw()
        self._refresh_fields()
        self._show_status()

    def serve(self) -> None:
        """Show what has changed and handle the clicks that are waiting."""
        interviews.serve()

    def close(self) -> None:
        """Close the window, as its own Close does."""
        if self.is_open:
            self._main.unmap()
            self._closed()
