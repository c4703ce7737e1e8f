"""The window: one `Session` in NEURON's own InterViews widgets, and what a person does with it."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from neuron import h

from izhikevich.catalog import PUBLICATIONS, types_of
from izhikevich.choice import Choice, Synapse
from izhikevich.engine.simulation import simulate_choice
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.recording import Recording, RunawayError
from izhikevich.session import Session
from izhikevich.views.window import graphs, interviews
from izhikevich.views.window.book_figure import BookFigure
from izhikevich.views.window.layout import SPEED, Layout, field_of
from izhikevich.views.window.slow_motion import FRAME, SlowMotion

# Clicks are looked for this often (s) during a run.
SERVE_EVERY = 0.03
# The fastest slow motion: ms of the recording per second.
FASTEST = 10_000.0

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The person asked for an end of the run."""


class Window:
    """One window on one `Session`.

    Parameters
    ----------
    session : Session, optional
        What to show; by default a new one.

    Attributes
    ----------
    session : Session
    layout : Layout
        The widgets.
    is_open : bool
    is_running : bool
        Whether a run is under way.
    motion : SlowMotion or None
        The run that is played slowly.
    """

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or Session()
        self.is_open = True
        self.is_running = False
        self.when_closed: Callable[[], None] | None = None
        self.motion: SlowMotion | None = None
        self._book: BookFigure | None = None
        self._stop_wanted = False
        self._next: Callable[[], None] | None = None
        self._guard = contextlib.ExitStack()
        self._timer: Any = None
        self.layout = Layout(self)
        self.layout.show(self.session)

    # --- how it is done ------------------------------------------------------------------------

    def do(
        self, action: Callable[..., None], *arguments: Any, at_once: bool = False
    ) -> Callable[[], None]:
        """Give what a widget calls to have an action done.

        An exception that escapes a callback would end the whole process: that of a person's is
        told in the status line, and a fault of the program is logged as well. A click in the middle
        of a run ends that run, and is carried out then, or `at_once`.
        """

        def guarded() -> None:
            if self.is_running and not at_once:
                self._next = guarded
                return
            try:
                action(*arguments)
            except _Stopped:
                pass
            except IzhikevichError as error:
                self.session.status = str(error)
            except Exception as error:
                _log.exception("a fault of the program in the window")
                self.session.status = (
                    f"internal error, see the log: {type(error).__name__}: {error}"
                )
            finally:
                self.layout.show(self.session)
                interviews.expect_number()
            if self.is_running:
                return
            following, self._next = self._next, None
            if following is not None and self.is_open:
                following()

        return guarded

    @contextlib.contextmanager
    def _serving_clicks(self, kept: str) -> Iterator[Callable[[float], None]]:
        """Handle clicks meanwhile: gives what a run is to call with the time it has reached, ms.

        A click that is to be carried out, STOP and closing the window end the run; the status line
        says when, and what is `kept`.
        """
        self.is_running, self._stop_wanted = True, False
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
            self.is_running = False

    # --- what a person does --------------------------------------------------------------------

    def run(self) -> None:
        """Run what the session has chosen, and draw it."""
        with self._serving_clicks("; the picture is that of the run before") as serve:
            self.session.run(serve)
        self.draw()

    def stop(self) -> None:
        """End the run that is under way, if there is one."""
        self._stop_wanted = True

    def reset(self) -> None:
        """Go back to the type as published, and run it."""
        self.session.reset()
        self.run()

    def nothing(self) -> None:
        """Let InterViews keep the value; nothing else follows."""

    def _follow(self) -> None:
        """After a change: run at once if live; else let the nullclines alone follow it."""
        if self.layout.fields.live:
            self.run()
        else:
            self.draw_plane()

    def paper_chosen(self, paper: str) -> None:
        """Go to another publication, and run its first cell type."""
        self.session.choose_paper(paper)
        self.run()

    def variant_chosen(self, variant: str) -> None:
        """Run as a point process, or in a section."""
        self.session.choose_variant(variant)
        self.run()

    def scheme_chosen(self, scheme: str) -> None:
        """Run by another scheme."""
        self.session.choose_scheme(scheme)
        self.run()

    def type_chosen(self, key: str) -> None:
        """Take another cell type, and run it."""
        self.session.choose_type(key)
        self.run()

    def group_chosen(self, group: str) -> None:
        """Take the first cell type of a group, such as a region, and run it."""
        self.type_chosen(self._of_group(group)[0])

    def neighbour_chosen(self, step: int) -> None:
        """Take the next cell type of the same group, or the one before, and run it."""
        choice = self.session.choice
        keys = self._of_group(choice.cell_type.group)
        self.type_chosen(keys[(keys.index(choice.cell_type.key) + step) % len(keys)])

    def _of_group(self, group: str) -> list[str]:
        """Types of a group by key, the preferred before the others."""
        types = types_of(self.session.choice.paper).values()
        found = [entry for entry in types if entry.group == group]
        return [entry.key for entry in sorted(found, key=lambda entry: not entry.is_preferred)]

    def keep_changed(self) -> None:
        """Keep earlier runs on view from now on, or not."""
        self.session.keep = bool(self.layout.fields.keep)

    def synapse_changed(self) -> None:
        """Drive the cell by a synapse, or not."""
        self.session.synapse = Synapse() if self.layout.fields.synapse else None
        self.run()

    def by_hand_changed(self) -> None:
        """Make the current by hand, from that of the figure on, or take the figure's again."""
        if self.layout.fields.by_hand:
            self.session.make_current_by_hand()
        else:
            self.session.take_published_current()
        self.run()

    def timing_changed(self, name: str) -> None:
        """Take what a field of the current or the times has now."""
        self.session.set_timing(name, self._number_in(name))
        self._follow()

    def parameter_changed(self, name: str) -> None:
        """Take what the field of a parameter has now."""
        value = self._number_in(field_of(self.session.choice.model, name))
        self.session.set_parameter(name, value)
        self._follow()

    def _number_in(self, field: str) -> float:
        """The number that was typed, nan where it was none."""
        number = getattr(self.layout.fields, field)
        if number != number:
            raise ParameterError("what was typed is no number; the field keeps its own")
        return number

    # --- drawing -------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw the session's last run, and gray behind it the earlier ones that are kept."""
        recording = self.session.recording
        if recording is None:
            return
        self.motion = None
        graphs.draw_voltage(self.layout.plots["v"], self.session)
        graphs.draw_current(self.layout.plots["i"], recording)
        self.draw_plane()

    def draw_plane(self) -> None:
        """Draw the phase plane, and beside it say what is seen."""
        point = None if self.motion is None else self.motion.sample
        with_flow = bool(self.layout.fields.flow)
        graphs.draw_plane(self.layout.plots["plane"], self.session, point, with_flow=with_flow)
        self.layout.explain(self.session.explanation())

    # --- slow motion ---------------------------------------------------------------------------

    def play(self) -> None:
        """Let a point move along the trace and on the phase plane, from the beginning."""
        if self.session.recording is None:
            raise ParameterError("there is no run to play yet: click on a cell type")
        self.motion = SlowMotion(self.session.recording)

    def pause(self) -> None:
        """Let the point stand still, or move on."""
        if self.motion is not None:
            self.motion.pause()

    def step(self) -> None:
        """Let the point stand still at the next sample."""
        if self.motion is None:
            self.play()
        assert self.motion is not None
        self.motion.step()
        self._draw_point(self.motion)

    def speed_changed(self) -> None:
        """Refuse a speed that cannot be."""
        fields = self.layout.fields
        if not 0 < fields.speed <= FASTEST:
            refused, fields.speed = fields.speed, SPEED
            raise ParameterError(
                f"the speed is above 0 and at most {FASTEST:g} ms/s, not {refused:g}"
            )

    def _advance(self) -> None:
        """Move the point on by the time that has passed."""
        if self.motion is not None and self.motion.advance(self.layout.fields.speed):
            self._draw_point(self.motion)

    def _draw_point(self, motion: SlowMotion) -> None:
        graphs.draw_voltage(self.layout.plots["v"], self.session, motion.sample)
        self.draw_plane()

    # --- the book's figure ---------------------------------------------------------------------

    def show_book_figure(self) -> None:
        """Show every current of the book's figure of the type in a window of its own."""
        choices = self.session.figure_choices()
        with self._serving_clicks("; the figure was not drawn") as serve:
            runs = [_until_runaway(choice, serve) for choice in choices]
        self._close_book_figure()
        self._book = BookFigure(self.session.cell_type, runs)

    def _close_book_figure(self) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None

    # --- the program ---------------------------------------------------------------------------

    def choose(self, model: str | None = None, key: str | None = None) -> None:
        """Do what a click on a model and on a cell type does; errors are raised.

        Raises
        ------
        ParameterError
            If there is no such model.
        UnknownCellTypeError
            If the model's publication has no such type.
        """
        self.follow_catalogue()
        if model is not None:
            self.session.choose_model(model)
        if key is not None:
            self.session.choose_type(key)
        self.run()
        self.layout.show(self.session)

    def redraw(self) -> None:
        """Show the session after a change from outside of the window."""
        self.draw()
        self.layout.show(self.session)

    def follow_catalogue(self) -> None:
        """Let what the catalogue has got since have its buttons: the window is built anew."""
        if self.layout.publications == tuple(PUBLICATIONS.values()):
            return
        former = self.layout
        self.layout = Layout(self, former.fields)
        former.close()
        self.redraw()

    def serve(self) -> None:
        """Show what has changed, handle the clicks that are waiting, let slow motion go on."""
        interviews.serve()
        if self.is_open:
            self._advance()

    def tick(self) -> None:
        """Look after itself where NEURON's own prompt serves the window, not `serve`."""
        self._guard.enter_context(interviews.without_quit())
        advance = self.do(self._advance)

        def unless_running() -> None:
            if self.motion is not None and not self.is_running:
                advance()

        self._timer = h.Timer(unless_running)
        self._timer.seconds(FRAME)
        self._timer.start()

    def close(self) -> None:
        """Close the window, as its own Close does."""
        if self.is_open:
            self.layout.close()
            self.closed()

    def closed(self) -> None:
        """Let go of everything after the window has been closed."""
        self.is_open = False
        if self._timer is not None:
            self._timer.end()
        self._close_book_figure()
        self._guard.close()
        if self.when_closed is not None:
            self.when_closed()


def _until_runaway(choice: Choice, serve: Callable[[float], None]) -> Recording:
    """A run of a figure; of one that leaves every bound what came before."""
    try:
        return simulate_choice(choice, serve)
    except RunawayError as error:
        return error.recording
