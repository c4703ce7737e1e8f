"""The sliders of a cell type: what each is called, its unit, and how far it goes."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

from izhikevich.catalog import CATALOG, CellType, papers, types_of
from izhikevich.choice import all_parameters
from izhikevich.models import Parameter
from izhikevich.views.web.exploration import TIMINGS, Exploration

#: What is not a parameter of the model; the unit of a current is the model's.
_OTHERS = {
    "I0": Parameter("I0", "current until T1"),
    "I1": Parameter("I1", "current from T1 on"),
    "T1": Parameter("T1", "time of the change", "ms"),
    "tstop": Parameter("tstop", "duration", "ms"),
    "dt": Parameter("dt", "step of the fixed scheme", "ms", slider=(0.01, 2.0), slider_step=0.01),
}
_CURRENTS = ("I0", "I1")
# A slider goes no farther than this many times the type's own value: types differ by orders of
# magnitude, and a movement of a hair should change no parameter by its own size.
_FARTHEST = 5


def fields(exploration: Exploration) -> list[dict[str, Any]]:
    """Every slider, in order: the parameters, the start, the current, the times.

    Returns
    -------
    list of dict
        name, group, label, unit, min, max, step, value, and whether it is in force.
    """
    session = exploration.session
    choice = session.choice
    start = [parameter.name for parameter in choice.model.start]
    limits = _limits(choice.cell_type)

    def field(group: str, name: str, value: float, in_force: bool = True) -> dict[str, Any]:
        parameter = _OTHERS[name] if name in _OTHERS else choice.model.parameter(name)
        if name in _CURRENTS:
            unit = choice.model.current_unit
        elif name in _OTHERS:
            unit = parameter.unit
        else:
            unit = choice.model.unit(name, choice.parameters)
        return {
            "name": name,
            "group": group,
            "label": parameter.words,
            "unit": unit,
            **_positions(parameter, limits),
            "value": value,
            "in_force": in_force,
        }

    by_hand, fixed = session.current_is_made_by_hand, exploration.scheme == "fixed"
    return [
        *(
            field("start" if name in start else "parameters", name, value)
            for name, value in choice.parameters.items()
        ),
        *(
            field("current", name, getattr(session, TIMINGS[name]), by_hand)
            for name in ("I0", "I1", "T1")
        ),
        field("times", "tstop", session.tstop),
        field("times", "dt", session.dt, fixed),
    ]


def _positions(parameter: Parameter, limits: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Ends and step of a slider: some 200 positions, each a round number."""
    low, high = parameter.slider or limits[parameter.name]
    step = parameter.slider_step or 10.0 ** math.floor(math.log10((high - low) / 200))
    if parameter.slider is None:
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return {"min": low, "max": high, "step": step}


def _limits(shown: CellType) -> Mapping[str, tuple[float, float]]:
    """How far sliders go: over all values of the publication, and a quarter beyond.

    Where a publication has one value only, over those of all with this model; and not much farther
    than the type's own value, from either side of zero.
    """
    known = [entry for types in CATALOG.values() for entry in types.values()]
    if shown.paper in papers() and shown.paper not in CATALOG:
        known += types_of(shown.paper).values()
    return _limits_among(shown, tuple(known))


@functools.lru_cache(maxsize=100)
def _limits_among(
    shown: CellType, known: tuple[CellType, ...]
) -> Mapping[str, tuple[float, float]]:
    alike = [shown, *(entry for entry in known if entry.model == shown.model)]
    beside = [entry for entry in alike if entry.paper == shown.paper]
    found = {"tstop": (1.0, 2 * shown.tstop), "T1": (0.0, 2 * shown.tstop)}
    for name in (*shown.model.names_with_start, *_CURRENTS):
        values = _values(name, shown, beside)
        if min(values) == max(values):
            values = _values(name, shown, alike)
        low, high = min(values), max(values)
        margin = 0.25 * (high - low) or abs(high) or 1.0
        found[name] = low - margin, high + margin
        if name not in _CURRENTS and (own := abs(_parameters(shown)[name])):
            reach = _FARTHEST * own
            found[name] = max(low - margin, -reach), min(high + margin, reach)
    return found


def _values(name: str, shown: CellType, types: list[CellType]) -> list[float]:
    """What types have as a parameter or, for I0 and I1, as a current."""
    if name not in _CURRENTS:
        return [_parameters(entry)[name] for entry in types]
    values = [float(x) for entry in types for w in entry.currents for x in w.knots(entry.tstop)[1]]
    ordinary = shown.model.ordinary_current
    if abs(shown.default_current.initial) < ordinary:
        values = [x for x in values if abs(x) < ordinary]
    return values


@functools.lru_cache(maxsize=500)
def _parameters(entry: CellType) -> Mapping[str, float]:
    return all_parameters(entry, {})
