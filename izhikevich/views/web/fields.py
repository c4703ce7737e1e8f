"""The sliders of a cell type: what each is called, its unit, and how far it goes."""

from __future__ import annotations

import functools
import math
from typing import Any

from izhikevich.catalog import CATALOG, cell_type
from izhikevich.models import Parameter
from izhikevich.views.web.exploration import TIMINGS, Exploration

#: What is not a parameter of the model, with the words for a person; units where they are fixed.
_OTHERS = {
    "I0": Parameter("I0", "current until T1"),
    "I1": Parameter("I1", "current from T1 on"),
    "T1": Parameter("T1", "time of the change", "ms"),
    "tstop": Parameter("tstop", "duration", "ms"),
    "dt": Parameter("dt", "step of the fixed scheme", "ms", slider=(0.01, 2.0), slider_step=0.01),
}


def fields(exploration: Exploration) -> list[dict[str, Any]]:
    """Every slider, in order: the parameters, the start, the current, the times.

    Returns
    -------
    list of dict
        name, group, label, unit, min, max, step, value, and whether it is in force.
    """
    session = exploration.session
    by_hand = session.current_is_made_by_hand
    found = [
        _field(exploration, "start" if name in ("v0", "u0") else "parameters", name, value)
        for name, value in session.parameters.items()
    ]
    for name in ("I0", "I1", "T1"):
        value = getattr(session, TIMINGS[name])
        found.append(_field(exploration, "current", name, value, in_force=by_hand))
    found.append(_field(exploration, "times", "tstop", session.tstop))
    fixed = exploration.scheme == "fixed"
    found.append(_field(exploration, "times", "dt", session.dt, in_force=fixed))
    return found


def _field(
    exploration: Exploration, group: str, name: str, value: float, in_force: bool = True
) -> dict[str, Any]:
    choice = exploration.session.choice
    parameter = _OTHERS[name] if name in _OTHERS else choice.model.parameter(name)
    low, high = parameter.slider or _limits(choice.paper, choice.key, name)
    # some 200 positions, each a round number
    step = parameter.slider_step or 10.0 ** math.floor(math.log10((high - low) / 200))
    if parameter.slider is None:
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    if name in ("I0", "I1"):
        unit = choice.model.current_unit
    else:
        unit = parameter.unit if name in _OTHERS else choice.model.unit(name, choice.parameters)
    return {
        "name": name,
        "group": group,
        "label": parameter.words,
        "unit": unit,
        "min": low,
        "max": high,
        "step": step,
        "value": value,
        "in_force": in_force,
    }


@functools.cache
def _limits(paper: str, key: str, name: str) -> tuple[float, float]:
    """How far a slider goes: over all values of the publication, and a quarter beyond."""
    shown = cell_type(paper, key)
    types = [entry for entry in CATALOG[paper].values() if entry.model == shown.model]
    if name in ("I0", "I1"):
        values = [x for entry in types for w in entry.currents for x in w.knots(entry.tstop)[1]]
        ordinary = shown.model.ordinary_current
        if abs(shown.default_current.initial) < ordinary:
            values = [x for x in values if abs(x) < ordinary]
    elif name in ("tstop", "T1"):
        return (1.0 if name == "tstop" else 0.0), 2 * shown.tstop
    else:
        values = [entry.model.complete(entry.parameters)[name] for entry in types]
    low, high = float(min(values)), float(max(values))
    margin = 0.25 * (high - low) or abs(high) or 1.0
    return low - margin, high + margin
