"""The sliders of a cell type: what each is called, its unit, and how far it goes."""

from __future__ import annotations

import functools
import math
from typing import Any

from izhikevich.catalog import CATALOG, cell_type
from izhikevich.views.web.exploration import TIMINGS, Exploration

_WORDS = {
    "a": "rate of recovery",
    "b": "sensitivity of u to v",
    "c": "reset of v",
    "d": "after-spike jump of u",
    "e": "quadratic coefficient",
    "f": "linear coefficient",
    "g": "constant of the quadratic",
    "vu": "zero of u's target",
    "uleak": "decay of u",
    "thresh": "peak of a spike",
    "C": "capacitance",
    "k": "gain of the quadratic",
    "vr": "resting voltage",
    "vt": "threshold voltage",
    "vpeak": "peak of a spike",
    "celltype": "rules of the book's type",
    "v0": "voltage at the start",
    "u0": "u at the start",
    "I0": "current until T1",
    "I1": "current from T1 on",
    "T1": "time of the change",
    "tstop": "duration",
    "dt": "step of the fixed scheme",
}
_UNITS = {
    "a": "1/ms",
    "e": "1/mV/ms",
    "f": "1/ms",
    "g": "mV/ms",
    "C": "100 pF",
    "k": "nS/mV",
    "T1": "ms",
    "tstop": "ms",
    "dt": "ms",
}
_VOLTAGES = ("c", "vu", "thresh", "vr", "vt", "vpeak", "v0")
_CURRENTS = ("d", "u0", "I0", "I1")
# Where no published type says how far a slider should go, or its values must not.
_LIMITS = {
    "v0": (-100.0, 0.0),
    "c": (-90.0, 0.0),
    "celltype": (1.0, 7.0),
    "thresh": (0.0, 60.0),
    "uleak": (0.0, 2.0),
    "vu": (-100.0, 20.0),
    "e": (0.0, 0.1),
    "dt": (0.01, 2.0),
    "C": (0.05, 3.0),
}
_STEPS = {"celltype": 1.0, "dt": 0.01, "C": 0.01, "uleak": 0.01, "e": 0.001}


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
    low, high = _limits(exploration.session.paper, exploration.session.key, name)
    # some 200 positions, each a round number
    step = _STEPS.get(name, 10.0 ** math.floor(math.log10((high - low) / 200)))
    return {
        "name": name,
        "group": group,
        "label": _WORDS[name],
        "unit": _unit(exploration, name),
        "min": math.floor(low / step) * step if name not in _LIMITS else low,
        "max": math.ceil(high / step) * step if name not in _LIMITS else high,
        "step": step,
        "value": value,
        "in_force": in_force,
    }


def _unit(exploration: Exploration, name: str) -> str:
    session = exploration.session
    of_2007 = session.paper == "2007"
    fast_spiking = 5  # whose d is the voltage at which U(v) leaves zero
    if name == "d" and of_2007 and session.parameters["celltype"] == fast_spiking:
        return "mV"
    if name in _VOLTAGES:
        return "mV"
    if name in _CURRENTS:
        return "pA" if of_2007 else "mV/ms"
    if name == "b":
        return "nS" if of_2007 else "1/ms"
    return _UNITS.get(name, "")


@functools.cache
def _limits(paper: str, key: str, name: str) -> tuple[float, float]:
    """How far a slider goes: over all published values of the paper, and a quarter beyond."""
    if name in _LIMITS:
        return _LIMITS[name]
    shown, types = cell_type(paper, key), CATALOG[paper].values()
    if name in ("I0", "I1"):
        values = [x for entry in types for w in entry.currents for x in w.knots(entry.tstop)[1]]
        # 80 mV/ms belongs to two types only, whose neighbourhood is far from all others
        if paper != "2007" and abs(shown.default_current.initial) < 40:
            values = [x for x in values if abs(x) < 40]
    elif name in ("tstop", "T1"):
        return (1.0 if name == "tstop" else 0.0), 2 * shown.tstop
    elif name == "u0":
        values = [-200.0, 200.0] if paper == "2007" else [-30.0, 30.0]
    else:
        values = [entry.parameters[name] for entry in types]
    low, high = float(min(values)), float(max(values))
    margin = 0.25 * (high - low) or abs(high) or 1.0
    return low - margin, high + margin
