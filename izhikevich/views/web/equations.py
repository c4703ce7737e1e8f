"""The equations in force, in pieces: text, and symbols with their numbers and what they are."""

from __future__ import annotations

import re
from typing import Any

from izhikevich.choice import Choice
from izhikevich.models import Model
from izhikevich.views.web.exploration import SHOWN_SCHEMES, SHOWN_VARIANTS, Exploration

Piece = str | dict[str, Any]

_SYMBOL = re.compile(r"([A-Za-z]\w*'?)")
#: How a cell is made, and how its equations are solved, for who meets these words first.
_VARIANTS = {
    "PP": "a point process: an object with a voltage of its own, which its section does not feel",
    "Sec": "in a section: the equations are the section's current, beside channels and synapses",
}
_SCHEMES = {
    "published": "the author's own program: steps of {dt:g} ms, in his order of operations",
    "exact": "what the equations themselves say: steps as short as each moment needs, and the time "
    "of each spike found",
    "fixed": "the author's rule at a step of yours, {dt:g} ms",
}


def equations(exploration: Exploration) -> list[list[Piece]]:
    """The lines of the equations, and one of how they are solved.

    Returns
    -------
    list of list
        Of each line the pieces in order: text, or a symbol as a dict of symbol, value (None where
        it has none that stays), words, and is_word where it is no symbol of an equation.
    """
    choice = exploration.session.choice
    lines = [
        [_piece(each, choice) for each in _SYMBOL.split(line) if each]
        for line in choice.model.equations(choice.parameters)
    ]
    return [*lines, _how_it_is_solved(exploration)]


def _piece(text: str, choice: Choice) -> Piece:
    model = choice.model
    if text in model.names:
        unit = model.unit(text, choice.parameters)
        words = f"{model.parameter(text).words}{f', {unit}' if unit else ''}"
        return {"symbol": text, "value": choice.parameters[text], "words": words}
    variables = _variables(model)
    if text in variables:
        return {"symbol": text, "value": None, "words": variables[text]}
    return text


def _variables(model: Model) -> dict[str, str]:
    unit = model.current_unit
    return {
        "v": "voltage of the membrane, mV",
        "v'": "how fast v changes, mV/ms; the v-nullcline is where it is 0",
        "u": f"recovery variable, {unit}: what holds v back, and is slower",
        "u'": f"how fast u changes, {unit}/ms; the u-nullcline is where it is 0",
        "U": f"what u goes to, {unit}",
        "I": f"injected current, {unit}, in the lowest plot",
    }


def _how_it_is_solved(exploration: Exploration) -> list[Piece]:
    session = exploration.session
    found: list[Piece] = []
    for before, shown, words in (
        ("solved: ", SHOWN_SCHEMES[exploration.scheme], _SCHEMES),
        (", cell: ", SHOWN_VARIANTS[exploration.variant], _VARIANTS),
    ):
        for n, name in enumerate(shown):
            found.append(" and " if n else before)
            dt = session.dt if name == "fixed" else session.choice.cell_type.dt
            said = words[name].format(dt=dt)
            found.append({"symbol": name, "value": None, "words": said, "is_word": True})
    return found
