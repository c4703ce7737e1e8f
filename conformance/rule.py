"""The published rule, and the ways in which simulators depart from it, one by one.

Plain Python, so that it runs beside any simulator. The rule is that of the author's scripts:
for 2003 and 2004 v is stepped first, from the old v and u, then u from the *new* v; for 2007
both are stepped from the old v, with the new one choosing the branch of U(v) alone. Each
departure is a `Difference`: one aspect of the rule, taken in another way.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

# a state beyond this (mV) is lost: the run ends there
BOUND = 1e6
# over which NEURON takes the slope of a current, mV
SECANT = 1e-3


@dataclass(frozen=True)
class Rule:
    """How a step is taken; what stands here by default is the published rule of 2003 and 2004.

    Parameters
    ----------
    order : {"v, then u", "together", "u, then v", "reset, then u"}
        What the step of u sees: the new v; the old v; the old v, and v sees the new u; or the new
        v after its reset.
    step_of_v : {"Euler", "two halves", "exponential", "linearly implicit"}
        How v is stepped.
    step_of_u : {"Euler", "exponential", "implicit"}
        How u is stepped.
    reset : {"in the step", "at the start of the next"}
        When a v above the peak is reset.
    current : {"as published", "a step late", "a step early", "after the reset", "none"}
        Which step's current a step uses, or that v takes it up only after its reset.
    start_of_u : {"as published", "b v", "zero", "-14"}
        The first u; -14 is b v at -70 mV for b = 0.2, which some have for every cell.
    branch : {"new v", "old v"}
        Which v chooses the branch of U(v), where there are two (2007: FS, TC, RTN).
    """

    order: str = "v, then u"
    step_of_v: str = "Euler"
    step_of_u: str = "Euler"
    reset: str = "in the step"
    current: str = "as published"
    start_of_u: str = "as published"
    branch: str = "new v"


# aspect -> what else simulators do, the least first
OTHERWISE: dict[str, tuple[str, ...]] = {
    "order": ("together", "v, then u", "u, then v", "reset, then u"),
    "step_of_v": ("two halves", "exponential", "linearly implicit"),
    "step_of_u": ("exponential", "implicit"),
    "reset": ("at the start of the next",),
    "current": ("a step late", "a step early", "after the reset", "none"),
    "start_of_u": ("b v", "zero", "-14"),
}
# and where the model is the book's
OTHERWISE_IN_THE_BOOK = {"branch": ("old v",)}


def published_rule(trace: dict[str, Any]) -> Rule:
    """The rule of a trace's publication."""
    return Rule(order="together") if trace["model"] == "book" else Rule()


def differences(rule: Rule, from_rule: Rule) -> dict[str, str]:
    """The aspects in which a rule is another one, and how it takes them."""
    return {
        each.name: getattr(rule, each.name)
        for each in fields(rule)
        if getattr(rule, each.name) != getattr(from_rule, each.name)
    }


def rules(trace: dict[str, Any]) -> Iterator[Rule]:
    """Every rule for a trace's model, those that differ in fewest aspects first."""
    from_rule = published_rule(trace)
    otherwise = OTHERWISE | (OTHERWISE_IN_THE_BOOK if trace["model"] == "book" else {})
    names = list(otherwise)
    for number in range(len(names) + 1):
        for chosen in itertools.combinations(names, number):
            ways = [
                [way for way in otherwise[name] if way != getattr(from_rule, name)]
                for name in chosen
            ]
            for taken in itertools.product(*ways):
                yield replace(from_rule, **dict(zip(chosen, taken, strict=True)))


def current_of_steps(trace: dict[str, Any]) -> list[float]:
    """The current of each step, in the model's own unit."""
    n_steps = round(trace["tstop"] / trace["dt"])
    pieces = trace["current_of_steps"]
    ends = [piece[0] for piece in pieces[1:]] + [n_steps]
    return [
        value + slope * (step - start)
        for (start, value, slope), end in zip(pieces, ends, strict=True)
        for step in range(start, end)
    ]


def spike_steps(
    trace: dict[str, Any], rule: Rule | None = None, last_bits: random.Random | None = None
) -> list[int]:
    """Run a trace by a rule, the published one if none is given.

    Parameters
    ----------
    trace : dict
        Of traces.json.
    rule : Rule, optional
        How a step is taken.
    last_bits : random.Random, optional
        Rounds v and u up or down by a last bit in each step, as other orders of the same sums do.

    Returns
    -------
    list of int
        The steps at whose end v lies above the peak; the first step has number 1.
    """
    rule = published_rule(trace) if rule is None else rule
    model = (
        _Book(trace["parameters"]) if trace["model"] == "book" else _Quadratic(trace["parameters"])
    )
    currents = _shifted(current_of_steps(trace), rule.current)
    v, u = trace["v0"], _first_u(trace, rule, model)
    spikes = []
    is_late = rule.reset == "at the start of the next"
    must_reset = False
    for number, current in enumerate(currents, start=1):
        if must_reset:
            v, u = model.after_spike(u)
            must_reset = False
        taken_up_later = 0.0
        if rule.current == "after the reset":
            taken_up_later = trace["dt"] * (model.slope(v, u, current) - model.slope(v, u, 0.0))
            current = 0.0
        v, u, was_reset = _step(model, rule, trace["dt"], v, u, current)
        if last_bits is not None:
            v, u = (math.nextafter(x, last_bits.choice((-math.inf, x, math.inf))) for x in (v, u))
        if not abs(v) < BOUND or not abs(u) < BOUND:
            # what lies above every bound lies above the peak
            if v > 0 or was_reset:
                spikes.append(number)
            break
        if was_reset:
            spikes.append(number)
        elif v > model.peak(u):
            spikes.append(number)
            if is_late:
                must_reset = True
            else:
                v, u = model.after_spike(u)
        v += taken_up_later
    return spikes


def _step(
    model: _Quadratic | _Book, rule: Rule, dt: float, v: float, u: float, current: float
) -> tuple[float, float, bool]:
    """The new v and u, and whether the reset took place within the step."""
    if rule.order == "u, then v":
        u = _new_u(model, rule, dt, v, v, u)
        return _new_v(model, rule, dt, v, u, current), u, False
    v_new = _new_v(model, rule, dt, v, u, current)
    if rule.order == "reset, then u":
        is_spike = v_new > model.peak(u)
        u_before = u
        if is_spike:
            v_new, u_after = model.after_spike(u)
        u = _new_u(model, rule, dt, v_new, v_new, u)
        if is_spike:
            u += u_after - u_before
        return v_new, u, is_spike
    seen = v if rule.order == "together" else v_new
    of_branch = v_new if rule.branch == "new v" else v
    return v_new, _new_u(model, rule, dt, seen, of_branch, u), False


def _new_v(
    model: _Quadratic | _Book, rule: Rule, dt: float, v: float, u: float, current: float
) -> float:
    if rule.step_of_v == "two halves":
        middle = v + 0.5 * dt * model.slope(v, u, current)
        return middle + 0.5 * dt * model.slope(middle, u, current)
    slope = model.slope(v, u, current)
    if rule.step_of_v == "exponential":
        x = dt * model.slope_in_v(v)
        return v + dt * slope * (math.expm1(x) / x if 0 < abs(x) < 700 else 1.0)
    if rule.step_of_v == "linearly implicit":
        # by a secant, as NEURON has it for a point process
        secant = (model.slope(v + SECANT, u, current) - slope) / SECANT
        return v + dt * slope / (1 - dt * secant)
    return v + dt * slope


def _new_u(
    model: _Quadratic | _Book, rule: Rule, dt: float, v: float, v_of_branch: float, u: float
) -> float:
    a, towards = model.a, model.towards(v, v_of_branch)
    if not model.has_decay:
        return u + dt * a * towards
    if rule.step_of_u == "exponential":
        return towards + (u - towards) * math.exp(-a * dt)
    if rule.step_of_u == "implicit":
        return (u + dt * a * towards) / (1 + dt * a)
    return u + dt * a * (towards - u)


def _first_u(trace: dict[str, Any], rule: Rule, model: _Quadratic | _Book) -> float:
    if rule.start_of_u == "b v":
        return model.towards(trace["v0"], trace["v0"])
    return {"zero": 0.0, "-14": -14.0}.get(rule.start_of_u, trace["u0"])


def _shifted(currents: Sequence[float], how: str) -> list[float]:
    if how == "a step late":
        return [0.0, *currents[:-1]]
    if how == "a step early":
        return [*currents[1:], currents[-1]]
    return [0.0] * len(currents) if how == "none" else list(currents)


class _Quadratic:
    """2003 and 2004: v' = e v^2 + f v + g - u + I, u' = a (b v - u)."""

    def __init__(self, parameters: dict[str, float]) -> None:
        self.a, self.b = parameters["a"], parameters["b"]
        self.c, self.d = parameters["c"], parameters["d"]
        self.e, self.f, self.g = parameters["e"], parameters["f"], parameters["g"]
        self.vu, self.has_decay = parameters["vu"], parameters["uleak"] != 0
        self.threshold = parameters["thresh"]

    def slope(self, v: float, u: float, current: float) -> float:
        return self.e * v * v + self.f * v + self.g - u + current

    def slope_in_v(self, v: float) -> float:
        return 2 * self.e * v + self.f

    def towards(self, v: float, v_of_branch: float) -> float:
        return self.b * (v - self.vu)

    def peak(self, u: float) -> float:
        return self.threshold

    def after_spike(self, u: float) -> tuple[float, float]:
        return self.c, u + self.d


class _Book:
    """2007: C v' = k (v - vr)(v - vt) - u + I, u' = a (U(v) - u); FS, LTS, TC, RTN in their way."""

    has_decay = True

    def __init__(self, parameters: dict[str, float]) -> None:
        self.a, self.b = parameters["a"], parameters["b"]
        self.c, self.d = parameters["c"], parameters["d"]
        self.k, self.capacitance = parameters["k"], parameters["C"]
        self.vr, self.vt, self.vpeak = parameters["vr"], parameters["vt"], parameters["vpeak"]
        self.celltype = parameters["celltype"]

    def slope(self, v: float, u: float, current: float) -> float:
        return (self.k * (v - self.vr) * (v - self.vt) - u + current) / self.capacitance

    def slope_in_v(self, v: float) -> float:
        return self.k * (2 * v - self.vr - self.vt) / self.capacitance

    def towards(self, v: float, v_of_branch: float) -> float:
        if self.celltype == 5:
            return 0.0 if v_of_branch < self.d else 0.025 * (v - self.d) ** 3
        b = self.b
        if self.celltype in (6, 7) and v_of_branch > -65:
            b = 0.0 if self.celltype == 6 else 2.0
        return b * (v - self.vr)

    def peak(self, u: float) -> float:
        return self.vpeak + {4: -0.1, 6: 0.1}.get(self.celltype, 0.0) * u

    def after_spike(self, u: float) -> tuple[float, float]:
        if self.celltype == 4:
            return self.c + 0.04 * u, min(u + self.d, 670)
        if self.celltype == 5:
            return self.c, u
        return self.c - (0.1 * u if self.celltype == 6 else 0.0), u + self.d
