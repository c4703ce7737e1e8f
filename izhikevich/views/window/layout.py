"""Where everything is in the window: fields, check boxes, graphs, buttons, lines of text.

    +----------------+------------------------------+------------------------+
    | model, scheme  |  v(t)                        |  phase plane           |
    | RUN STOP reset |------------------------------|------------------------|
    | times          |  I(t), u(t)                  |  equations             |
    |----------------|  a current by hand           |  slow motion, figure   |
    | every parameter|------------------------------|------------------------|
    |                |  a button for each cell type |  what is seen, and why |
    +----------------+------------------------------+------------------------+
    | status                                                                 |
    +------------------------------------------------------------------------+

Parameters have a card for each model, buttons one for each publication; those of what is chosen
are in view. Nothing here knows one model or publication from another.
"""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from neuron import h

from izhikevich.catalog import PUBLICATIONS, Publication, papers, publication
from izhikevich.choice import SCHEMES, VARIANTS, all_parameters
from izhikevich.models import MODELS, Model
from izhikevich.session import Session
from izhikevich.views.window.graphs import Plot

# Position and size on the screen, in points of 75/72 pixels: fits 1280 x 800 with a title bar.
LEFT, TOP, WIDTH, HEIGHT = 10, 10, 1205, 706
# Slow motion: ms of the recording per second.
SPEED = 10.0
# There is room for so many buttons one below the other, and for so much text.
_MOST_ROWS = 5
_LONGEST_NAME = 14
_STATUS_WIDTH = 190
_TEXT_WIDTH = 55
_N_TEXT_LINES = 9
_N_EQUATIONS = 3

# What is shown, and the session's name for it.
_BY_HAND = (("I0", "before"), ("I1", "after"), ("T1 (ms)", "change_at"))
_TIMES = (("tstop (ms)", "tstop"), ("dt (ms)", "dt"))


class Fields:
    """The values behind fields and check boxes, which InterViews reads and writes itself.

    It reads them even after a window is closed, so they must outlast it. A parameter's is called
    by its model and its name: the card of each model has its own.

    Attributes
    ----------
    status : reference to str
        The line below everything.
    equations, text : list of reference to str
        The lines below the phase plane.
    """

    live = keep = synapse = by_hand = flow = 0.0
    speed = SPEED

    def __init__(self) -> None:
        self.status = h.ref(" " * _STATUS_WIDTH)
        self.equations = [h.ref(" " * _TEXT_WIDTH) for _ in range(_N_EQUATIONS)]
        self.text = [h.ref(" " * _TEXT_WIDTH) for _ in range(_N_TEXT_LINES)]


def field_of(model: Model, name: str) -> str:
    """Name of the attribute of `Fields` that is a parameter's, v0's or u0's."""
    return f"{model.name} {name}"


def paper_field(name: str) -> str:
    """Name of the attribute of `Fields` that is a publication's check box."""
    return f"of {name}"


def boxed(box: Any, build: Callable[[], None], title: str = "", *place: float) -> Any:
    """Compose what `build` makes in `box` and map it."""
    box.intercept(1)
    build()
    box.intercept(0)
    box.map(title, *place)
    return box


class Layout:
    """The widgets of a window, built for what the catalogue holds now.

    Parameters
    ----------
    window : panels.Window
        Whose methods the widgets call, and whose session they show at first.
    fields : Fields, optional
        Those of a layout before this one.

    Attributes
    ----------
    publications : tuple of Publication
        Whose cell types have buttons.
    papers : tuple of str
        Names of these, and of those whose types get a card when one of them is chosen.
    fields : Fields
    plots : dict of str to Plot
        "v", "i" and "plane".
    """

    def __init__(self, window: Any, fields: Fields | None = None) -> None:
        self._window = window
        self.publications = tuple(PUBLICATIONS.values())
        self.papers = papers()
        self._cards = [each.name for each in self.publications]
        self.fields = fields or Fields()
        self.plots: dict[str, Plot] = {}
        self._types, self._parameters = h.Deck(), h.Deck()
        self._fill_cards()
        self._show_values(window.session)
        self._main = h.VBox(3)
        self._main.dismiss_action(window.do(window.closed, at_once=True))
        boxed(self._main, self._all, "Izhikevich's neuron", LEFT, TOP, WIDTH, HEIGHT)

    def _fill_cards(self) -> None:
        """Give every parameter a value, also on the cards that are not in view.

        What a field shows when it is built is what its check mark leads back to.
        """
        for each in reversed(self.publications):
            first = each.types[0]
            for name, value in all_parameters(first, {}).items():
                setattr(self.fields, field_of(first.model, name), value)

    # --- building ------------------------------------------------------------------------------

    def _all(self) -> None:
        boxed(h.HBox(3), self._columns)
        h.xpanel("", 1)
        h.xvarlabel(self.fields.status)
        h.xpanel()

    def _columns(self) -> None:
        boxed(h.VBox(3), self._controls)
        boxed(h.VBox(3), self._traces)
        boxed(h.VBox(3), self._plane)

    def _check_box(self, label: str, name: str, action: Callable[[], None]) -> None:
        h.xcheckbox(label, (self.fields, name), action)

    def _number(self, label: str, name: str, action: Callable[[], None]) -> None:
        h.xvalue(label, (self.fields, name), 1, action)

    def _controls(self) -> None:
        do, window = self._window.do, self._window
        boxed(h.HBox(3), self._choices)
        h.xpanel("", 1)
        h.xbutton("RUN", do(window.run))
        h.xbutton("STOP", do(window.stop, at_once=True))
        h.xbutton("reset", do(window.reset))
        h.xpanel()
        h.xpanel("")
        self._timings(_TIMES)
        h.xpanel()
        boxed(self._parameters, self._parameter_cards)

    def _timings(self, shown: Sequence[tuple[str, str]]) -> None:
        for label, name in shown:
            action = self._window.do(self._window.timing_changed, name)
            self._number(label, name, action)

    def _choices(self) -> None:
        boxed(h.VBox(3), self._models)
        boxed(h.VBox(3), self._scheme_and_options)

    def _models(self) -> None:
        do, window = self._window.do, self._window
        h.xpanel("")
        h.xlabel("model")
        for name in self.papers:
            label = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "."
            self._check_box(label, paper_field(name), do(window.paper_chosen, name))
        h.xpanel()
        h.xpanel("")
        for variant in VARIANTS:
            self._check_box(variant, variant, do(window.variant_chosen, variant))
        h.xpanel()

    def _scheme_and_options(self) -> None:
        do, window = self._window.do, self._window
        h.xpanel("")
        h.xlabel("scheme")
        for scheme in SCHEMES:
            self._check_box(scheme, scheme, do(window.scheme_chosen, scheme))
        h.xpanel()
        h.xpanel("")
        self._check_box("live", "live", do(window.nothing))
        self._check_box("keep", "keep", do(window.keep_changed))
        self._check_box("synapse", "synapse", do(window.synapse_changed))
        h.xpanel()

    def _parameter_cards(self) -> None:
        do, window = self._window.do, self._window
        for model in MODELS.values():
            h.xpanel("")
            for name in model.names_with_start:
                self._number(name, field_of(model, name), do(window.parameter_changed, name))
            h.xpanel(0)  # all in view, without a scroll bar

    def _traces(self) -> None:
        self.plots["v"] = Plot(612, 250)
        self.plots["i"] = Plot(612, 150)
        h.xpanel("", 1)
        self._check_box("by hand", "by_hand", self._window.do(self._window.by_hand_changed))
        self._timings(_BY_HAND)
        h.xpanel()
        boxed(self._types, self._type_cards)

    def _type_cards(self) -> None:
        for each in self.publications:
            boxed(h.VBox(3), functools.partial(self._type_card, each))

    def _type_card(self, shown: Publication) -> None:
        h.xpanel("")
        h.xlabel(shown.citation)
        h.xpanel()
        boxed(h.HBox(3), functools.partial(self._type_buttons, shown))

    def _type_buttons(self, shown: Publication) -> None:
        do, window = self._window.do, self._window
        types = shown.types
        n_columns = max(shown.columns, math.ceil(len(types) / _MOST_ROWS))
        for column in range(n_columns):
            h.xpanel("")
            for entry in types[column::n_columns]:
                h.xbutton(entry.button, do(window.type_chosen, entry.key))
            h.xpanel()

    def _add_card(self, paper: str) -> None:
        """Give the types of a large publication their card, now that somebody looks at it."""
        self._types.intercept(1)
        boxed(h.VBox(3), functools.partial(self._group_card, publication(paper)))
        self._types.intercept(0)
        self._cards.append(paper)

    def _group_card(self, shown: Publication) -> None:
        """A button for each group of types, and two that go through its types."""
        h.xpanel("")
        h.xlabel(shown.citation)
        h.xpanel()
        do, window = self._window.do, self._window
        h.xpanel("", 1)
        for group in dict.fromkeys(entry.group for entry in shown.types):
            h.xbutton(group, do(window.group_chosen, group))
        h.xpanel()
        h.xpanel("", 1)
        h.xbutton("previous", do(window.neighbour_chosen, -1))
        h.xbutton("next", do(window.neighbour_chosen, 1))
        h.xlabel("of the region; the preferred models of each type come first")
        h.xpanel()

    def _plane(self) -> None:
        do, window = self._window.do, self._window
        self.plots["plane"] = Plot(358, 330)
        h.xpanel("")
        for line in self.fields.equations:
            h.xvarlabel(line)
        h.xpanel()
        h.xpanel("", 1)
        h.xbutton("slow motion", do(window.play))
        h.xbutton("pause", do(window.pause))
        h.xbutton("step", do(window.step))
        h.xbutton("book figure", do(window.show_book_figure))
        h.xpanel()
        h.xpanel("", 1)
        self._check_box("flow", "flow", do(window.draw_plane))
        self._number("ms per s", "speed", do(window.speed_changed))
        h.xpanel()
        h.xpanel("")
        for line in self.fields.text:
            h.xvarlabel(line)
        h.xpanel()

    # --- showing -------------------------------------------------------------------------------

    def show(self, session: Session) -> None:
        """Let every field, check box and card, the equations and the status line show a session."""
        self._show_values(session)
        choice = session.choice
        if choice.paper in self.papers:
            if choice.paper not in self._cards:
                self._add_card(choice.paper)
            self._types.flip_to(self._cards.index(choice.paper))
        self._parameters.flip_to(list(MODELS.values()).index(choice.model))
        lines = choice.model.equations(choice.parameters)
        for shown, line in zip(self.fields.equations, lines, strict=True):
            shown[0] = line
        self.fields.status[0] = session.status.replace("\n", " ")

    def _show_values(self, session: Session) -> None:
        fields, choice = self.fields, session.choice
        for paper in self.papers:
            setattr(fields, paper_field(paper), float(paper == choice.paper))
        for name in (*VARIANTS, *SCHEMES):
            setattr(fields, name, float(name in (choice.variant, choice.scheme)))
        fields.keep = float(session.keep)
        fields.by_hand = float(session.current_is_made_by_hand)
        fields.synapse = float(choice.synapse is not None)
        for _, name in (*_BY_HAND, *_TIMES):
            setattr(fields, name, getattr(session, name))
        for name, value in choice.parameters.items():
            setattr(fields, field_of(choice.model, name), value)

    def explain(self, sentences: list[str]) -> None:
        """Show sentences beside the phase plane, a line for each unless they are too many."""
        wrap = textwrap.TextWrapper(_TEXT_WIDTH, break_on_hyphens=False).wrap
        lines = [line for each in sentences for line in wrap(each)]
        if len(lines) > _N_TEXT_LINES:
            lines = wrap(" ".join(sentences))
        if len(lines) > _N_TEXT_LINES:
            lines[_N_TEXT_LINES - 1] += " ..."
        for index, shown in enumerate(self.fields.text):
            shown[0] = lines[index] if index < len(lines) else ""

    def close(self) -> None:
        """Take the window off the screen."""
        self._main.unmap()
