"""The window: one `Session` in NEURON's own InterViews widgets."""

from __future__ import annotations

import contextlib
import functools
import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

from neuron import h

from izhikevich.catalog import CATALOG, PUBLICATIONS
from izhikevich.choice import SCHEMES, Choice, Synapse, all_parameters
from izhikevich.engine.simulation import simulate_choice
from izhikevich.models import MODELS, Model
from izhikevich.recording import Recording, RunawayError
from izhikevich.session import Playback, Session, models
from izhikevich.views.window import graphs, interviews

# Position and size on the screen, in points of 75/72 pixels: fits 1280 x 800 with a title bar.
LEFT, TOP, WIDTH, HEIGHT = 10, 10, 1205, 706
_STATUS_WIDTH = 190
# Clicks are looked for this often (s) during a run.
SERVE_EVERY = 0.03
# Slow motion: ms of the recording per second, the fastest, and the time of a picture, s.
SPEED, FASTEST = 10.0, 10_000.0
FRAME = 0.05
# The window of the book's figure: where it opens, and the height of one trace.
BOOK_PLACE = (330, 60)
BOOK_HEIGHT = 160
TEXT_WIDTH = 58
_N_TEXT_LINES = 9
_N_EQUATIONS = 3


class _Stopped(Exception):
    """The person asked for an end of the run."""


class _Fields:
    """The values behind the fields and check boxes, which InterViews reads and writes itself."""

    live = keep = synapse = flow = 0.0
    speed = SPEED


def _box(box: Any, build: Callable[[], None], title: str = "", *place: float) -> Any:
    """Compose what `build` makes in `box` and map it."""
    box.intercept(1)
    build()
    box.intercept(0)
    box.map(title, *place)
    return box


def _until_runaway(choice: Choice, serve: Callable[[float], None]) -> Recording:
    """A run of a figure; of one that leaves every bound what came before."""
    try:
        return simulate_choice(choice, serve)
    except RunawayError as error:
        return error.recording


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
        self._plots: dict[str, graphs.Plot] = {}
        self._playback: Playback | None = None
        self._ticked = 0.0
        self._timer: Any = None
        self._book: Any = None
        self._decks: dict[str, Any] = {}
        self._status = h.ref(" " * _STATUS_WIDTH)
        self._equations = [h.ref(" " * TEXT_WIDTH) for _ in range(_N_EQUATIONS)]
        self._text = [h.ref(" " * TEXT_WIDTH) for _ in range(_N_TEXT_LINES)]
        self._fill_cards()
        self._build()

    # --- building ---

    def _fill_cards(self) -> None:
        """Give every field of a parameter a value, also on the card that is not in view."""
        for types in CATALOG.values():
            for entry in types.values():
                for name, value in all_parameters(entry, {}).items():
                    setattr(self._fields, self._field_of(entry.model, name), value)

    def _build(self) -> None:
        self._refresh_fields()
        self._main = h.VBox(3)
        self._main.dismiss_action(self._do(self._closed, at_once=True))
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
        h.xbutton("STOP", self._do(self._stop, at_once=True))
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
        for model in models():
            label = model.removesuffix(" model")
            h.xcheckbox(label, (self._fields, model), self._do(self._model_chosen, model))
        h.xpanel()
        _box(h.VBox(3), self._build_scheme_and_options)

    def _build_scheme_and_options(self) -> None:
        h.xpanel("")
        h.xlabel("scheme")
        for scheme in SCHEMES:
            h.xcheckbox(scheme, (self._fields, scheme), self._do(self._scheme_chosen, scheme))
        h.xpanel()
        h.xpanel("")
        h.xcheckbox("live", (self._fields, "live"), self._do(self._nothing))
        h.xcheckbox("keep", (self._fields, "keep"), self._do(self._keep_changed))
        h.xcheckbox("synapse", (self._fields, "synapse"), self._do(self._synapse_changed))
        h.xpanel()

    def _build_parameter_cards(self) -> None:
        for model in MODELS.values():
            h.xpanel("")
            for name in model.names_with_start:
                field = self._field_of(model, name)
                h.xvalue(name, (self._fields, field), 1, self._do(self._parameter_changed, name))
            h.xpanel(0)  # all in view, without a scroll bar

    def _build_traces(self) -> None:
        self._plots["v"] = graphs.Plot(608, 270)
        self._plots["i"] = graphs.Plot(608, 130)
        self._decks["types"] = h.Deck()
        _box(self._decks["types"], self._build_type_cards)

    def _build_type_cards(self) -> None:
        for paper in CATALOG:
            _box(h.VBox(3), functools.partial(self._build_type_card, paper))

    def _build_type_card(self, paper: str) -> None:
        h.xpanel("")
        h.xlabel(PUBLICATIONS[paper].citation)
        h.xpanel()
        entries = list(CATALOG[paper].values())
        n_columns = PUBLICATIONS[paper].columns

        def columns() -> None:
            for column in range(n_columns):
                h.xpanel("")
                for entry in entries[column::n_columns]:
                    h.xbutton(entry.button, self._do(self._type_chosen, entry.key))
                h.xpanel()

        _box(h.HBox(3), columns)

    def _build_plane(self) -> None:
        self._plots["plane"] = graphs.Plot(362, 330)
        h.xpanel("")
        for line in self._equations:
            h.xvarlabel(line)
        h.xpanel()
        h.xpanel("", 1)
        h.xbutton("slow motion", self._do(self._play))
        h.xbutton("pause", self._do(self._pause))
        h.xbutton("step", self._do(self._step))
        h.xbutton("book figure", self._do(self._show_book_figure))
        h.xpanel()
        h.xpanel("", 1)
        h.xcheckbox("flow", (self._fields, "flow"), self._do(self._draw_plane))
        h.xvalue("ms per s", (self._fields, "speed"), 1, self._do(self._speed_changed))
        h.xpanel()
        h.xpanel("")
        for line in self._text:
            h.xvarlabel(line)
        h.xpanel()

    # --- what a person does ---

    def _do(
        self, action: Callable[..., None], *arguments: Any, at_once: bool = False
    ) -> Callable[[], None]:
        """Wrap a callback: an exception that escapes one would end the whole process.

        A click in the middle of a run ends that run, and is carried out then, or `at_once`.
        """

        def guarded() -> None:
            if self._running and not at_once:
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
                interviews.expect_number()
            if self._running:
                return
            following, self._next = self._next, None
            if following is not None and self.is_open:
                following()

        return guarded

    def _nothing(self) -> None:
        """Let InterViews keep the value; nothing else follows."""

    def _run(self) -> None:
        """Run what the session has chosen, and draw it."""
        with self._serving_clicks("; the picture is that of the run before") as serve:
            self.session.run(serve)
        self.draw()

    @contextlib.contextmanager
    def _serving_clicks(self, kept: str) -> Iterator[Callable[[float], None]]:
        """Handle clicks meanwhile: gives what a run is to call with the time it has reached, ms.

        A click that is to be carried out, STOP and closing the window end the run; the status line
        says when, and what is `kept`.
        """
        self._running, self._stop_wanted = True, False
        served = time.monotonic()

        def serve(t: float) -> None:
            nonlocal served
            if time.monotonic() - served < SERVE_EVERY:
                return
            interviews.serve()
            served = time.monotonic()
            if self._stop_wanted or self._next is not None or not self.is_open:
                self.session.status = f"stopped at {t:g} ms{kept}"
                raise _Stopped

        try:
            yield serve
        finally:
            self._running = False

    def _stop(self) -> None:
        """End the run that is under way, if there is one."""
        self._stop_wanted = True

    def _follow(self) -> None:
        """After a change: run at once if live; else let the nullclines alone follow it."""
        if self._fields.live:
            self._run()
        else:
            self._draw_plane()

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
        self.session.set_timing(name, self._number_in(name))
        self._follow()

    def _parameter_changed(self, name: str) -> None:
        value = self._number_in(self._field_of(self.session.choice.model, name))
        self.session.set_parameter(name, value)
        self._follow()

    def _number_in(self, field: str) -> float:
        """The number that was typed, nan where it was none."""
        number = getattr(self._fields, field)
        if number != number:
            raise ValueError("what was typed is no number; the field keeps its own")
        return number

    def _closed(self) -> None:
        self.is_open = False
        if self._timer is not None:
            self._timer.end()
        if self._book is not None:
            self._book.unmap()
        self._guard.close()
        if self.when_closed is not None:
            self.when_closed()

    # --- showing ---

    @staticmethod
    def _field_of(model: Model, name: str) -> str:
        """Name of the attribute behind a parameter's field: the card of each model has its own."""
        return f"{model.name} {name}"

    def _refresh_fields(self) -> None:
        """Let every field and check box show the session."""
        session, fields = self.session, self._fields
        for name in models():
            setattr(fields, name, float(name == session.model))
        for scheme in SCHEMES:
            setattr(fields, scheme, float(scheme == session.scheme))
        fields.keep = float(session.keep)
        fields.synapse = float(session.synapse is not None)
        for name in ("before", "after", "change_at", "tstop", "dt"):
            setattr(fields, name, getattr(session, name))
        model = session.choice.model
        for name, value in session.choice.parameters.items():
            setattr(fields, self._field_of(model, name), value)
        if self._decks:
            self._decks["types"].flip_to(list(CATALOG).index(session.paper))
            self._decks["parameters"].flip_to(list(MODELS.values()).index(model))
        for shown, line in zip(self._equations, model.equations(session.parameters), strict=True):
            shown[0] = line

    def _show_status(self) -> None:
        self._status[0] = self.session.status.replace("\n", " ")

    def draw(self) -> None:
        """Draw the session's last run, and gray behind it the earlier ones that are kept."""
        recording = self.session.recording
        if recording is None:
            return
        self._playback = None
        graphs.draw_voltage(self._plots["v"], self.session)
        graphs.draw_current(self._plots["i"], recording)
        self._draw_plane()

    def _draw_plane(self) -> None:
        """Draw the phase plane, and beside it say what is seen."""
        point = None if self._playback is None else self._playback.sample
        with_flow = bool(self._fields.flow)
        graphs.draw_plane(self._plots["plane"], self.session, point, with_flow=with_flow)
        wrapped = [
            line
            for sentence in self.session.explanation()
            for line in textwrap.wrap(sentence, TEXT_WIDTH)
        ]
        for index, shown in enumerate(self._text):
            shown[0] = wrapped[index] if index < len(wrapped) else ""

    # --- slow motion ---

    def _play(self) -> None:
        """Let a point move along the trace and on the phase plane, from the beginning."""
        if self.session.recording is None:
            raise ValueError("there is no run to play yet: click on a cell type")
        self._playback = Playback(self.session.recording)
        self._ticked = time.monotonic()

    def _pause(self) -> None:
        if self._playback is not None:
            self._playback.playing = not self._playback.playing and not self._playback.at_end
            self._ticked = time.monotonic()

    def _step(self) -> None:
        if self._playback is None:
            self._play()
        assert self._playback is not None
        self._playback.step()
        self._draw_point()

    def _speed_changed(self) -> None:
        if not 0 < self._fields.speed <= FASTEST:
            refused, self._fields.speed = self._fields.speed, SPEED
            raise ValueError(f"the speed is above 0 and at most {FASTEST:g} ms/s, not {refused:g}")

    def _draw_point(self) -> None:
        assert self._playback is not None
        graphs.draw_voltage(self._plots["v"], self.session, self._playback.sample)
        self._draw_plane()

    def _advance(self) -> None:
        """Move the point of slow motion on by the time that has passed."""
        playback = self._playback
        now = time.monotonic()
        if playback is None or not playback.playing or now - self._ticked < FRAME:
            return
        playback.advance(self._fields.speed * (now - self._ticked))
        self._ticked = now
        self._draw_point()

    # --- the book's figure ---

    def _show_book_figure(self) -> None:
        """Show every current of the book's figure of the type in a window of its own."""
        choices = self.session.figure_choices()
        with self._serving_clicks("; the figure was not drawn") as serve:
            runs = [_until_runaway(choice, serve) for choice in choices]
        if self._book is not None:
            self._book.unmap()
        self._book = h.VBox(3)

        def build() -> None:
            for recording in runs:
                graphs.draw_trace(graphs.Plot(480, BOOK_HEIGHT), recording)

        entry = self.session.cell_type
        author = PUBLICATIONS[entry.paper].author
        title = f"{author} {entry.figure}: {entry.label}"
        _box(self._book, build, title, *BOOK_PLACE, 500, BOOK_HEIGHT * len(runs))

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
        """Show what has changed, handle the clicks that are waiting, let slow motion go on."""
        interviews.serve()
        if self.is_open:
            self._advance()

    def tick(self) -> None:
        """Look after itself where NEURON's own prompt serves the window, not `serve`."""
        self._guard.enter_context(interviews.without_quit())
        advance = self._do(self._advance)

        def unless_running() -> None:
            if self._playback is not None and not self._running:
                advance()

        self._timer = h.Timer(unless_running)
        self._timer.seconds(FRAME)
        self._timer.start()

    def close(self) -> None:
        """Close the window, as its own Close does."""
        if self.is_open:
            self._main.unmap()
            self._closed()
