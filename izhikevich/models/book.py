"""The model of the book, in pF, mV and pA, with the rules that some of its types bend.

    100 C v' = k (v - vr)(v - vt) - u + I        v > peak: reset          C in units of 100 pF
          u' = a (U(v) - u)

E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8. What bends the rule
is chosen by `celltype`, a number that ModelDB 39948 gave each type: see `RULES`.

U(v) = b (v - vu), where vu is vr unless it is given. For the thalamocortical cell there are two
readings of the book's page 305. ModelDB 39948 has vu = vr; with vu = -65 mV, as others read it,
U is continuous where b changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from izhikevich.errors import ParameterError
from izhikevich.models.base import Model, Parameter
from izhikevich.models.planar import LARGEST, Branch, PlanarSystem, SpikeRule


@dataclass(frozen=True)
class Rule:
    """How a celltype departs from ``v > vpeak: v <- c, u <- u + d`` and ``U(v) = b (v - vu)``.

    Attributes
    ----------
    peak_slope : float
        The peak is ``vpeak + peak_slope u``, mV/pA.
    reset_slope : float
        v becomes ``c + reset_slope u``, mV/pA.
    largest_u : float
        u is at most this after a spike, pA.
    edge, upper_b : float or None
        Above `edge` (mV) b is `upper_b` (nS); None for one b everywhere.
    cubic : float
        Where it is not zero U is 0 below d and ``cubic (v - d)^3`` from d on, pA/mV^3: d is a
        voltage then, and u passes the spike unchanged.
    """

    peak_slope: float = 0.0
    reset_slope: float = 0.0
    largest_u: float = math.inf
    edge: float | None = None
    upper_b: float | None = None
    cubic: float = 0.0


#: The rule of each celltype.
RULES: Mapping[int, Rule] = MappingProxyType(
    {
        1: Rule(),  # regular spiking
        2: Rule(),  # intrinsically bursting
        3: Rule(),  # chattering
        4: Rule(peak_slope=-0.1, reset_slope=0.04, largest_u=670.0),  # low-threshold spiking
        5: Rule(cubic=0.025),  # fast spiking
        6: Rule(peak_slope=0.1, reset_slope=-0.1, edge=-65.0, upper_b=0.0),  # thalamocortical
        7: Rule(edge=-65.0, upper_b=2.0),  # reticular thalamic
    }
)


class Book(Model):
    """The model of the book of 2007."""

    name = "book"
    current_unit = "pA"
    conductance_unit = "nS"
    peak_name = "vpeak"
    mechanisms = MappingProxyType({"PP": "Izhi2007a", "Sec": "Izhi2007b"})
    parameters = (
        Parameter("C", "capacitance", "100 pF", slider=(0.05, 3.0), slider_step=0.01),
        Parameter("k", "gain of the quadratic", "nS/mV"),
        Parameter("vr", "resting voltage", "mV"),
        Parameter("vt", "threshold voltage", "mV"),
        Parameter("vpeak", "peak of a spike", "mV"),
        Parameter("a", "rate of recovery", "1/ms"),
        Parameter("b", "sensitivity of u to v", "nS"),
        Parameter("c", "reset of v", "mV", slider=(-90.0, 0.0)),
        Parameter("d", "after-spike jump of u", "pA"),
        Parameter(
            "celltype", "rules of the book's type", slider=(1.0, max(RULES)), slider_step=1.0
        ),
        Parameter("vu", "zero of u's target", "mV", follows="vr"),
    )
    start = (
        Parameter("v0", "voltage at the start", "mV", slider=(-100.0, 0.0)),
        Parameter("u0", "u at the start", "pA", slider=(-300.0, 300.0)),
    )
    section_area = 100 * math.pi

    def rule(self, values: Mapping[str, float]) -> Rule:
        """What the celltype bends."""
        return RULES[int(values["celltype"])]

    def system(self, values: Mapping[str, float]) -> PlanarSystem:
        """The equations between spikes: see `Model.system`."""
        return PlanarSystem(
            e=values["k"],
            f=values["k"] * (values["vr"] - values["vt"]),
            g=0.0,
            origin=values["vr"],
            capacitance=100 * values["C"],
            a=values["a"],
            leak=1.0,
            branches=self._branches(values),
        )

    def _branches(self, values: Mapping[str, float]) -> tuple[Branch, ...]:
        rule, d = self.rule(values), values["d"]
        if rule.cubic:
            return (
                Branch(-math.inf, d, origin=d, slope=0.0),
                Branch(d, math.inf, origin=d, slope=0.0, cubic=rule.cubic),
            )
        origin, b = values["vu"], values["b"]
        if rule.edge is None or rule.upper_b is None:
            return (Branch(-math.inf, math.inf, origin=origin, slope=b),)
        return (
            Branch(-math.inf, rule.edge, origin=origin, slope=b),
            Branch(rule.edge, math.inf, origin=origin, slope=rule.upper_b),
        )

    def spike(self, values: Mapping[str, float]) -> SpikeRule:
        """What happens at a spike: see `Model.spike`."""
        rule = self.rule(values)
        return SpikeRule(
            threshold=values["vpeak"],
            threshold_slope=rule.peak_slope,
            c=values["c"],
            c_slope=rule.reset_slope,
            jump=0.0 if rule.cubic else values["d"],
            largest_u=rule.largest_u,
        )

    def resting_start(self, values: Mapping[str, float], v0: float | None) -> tuple[float, float]:
        """At rest, where the book's programs start; u is 0 also where v0 is given."""
        return (values["vr"] if v0 is None else v0), 0.0

    def own_start(self, values: Mapping[str, float]) -> tuple[float, float]:
        """At rest: v = vr, u = 0."""
        return values["vr"], 0.0

    def equations(self, values: Mapping[str, float]) -> tuple[str, str, str]:
        """The equations as text, with the rule of the celltype: see `Model.equations`."""
        rule = self.rule(values)
        zero = "vr" if values["vu"] == values["vr"] else "vu"
        recovery = f"u' = a (b (v - {zero}) - u)"
        if rule.cubic:
            recovery = f"u' = a (U - u), U = 0 or {rule.cubic:g} (v - d)^3 from d on"
        elif rule.edge is not None:
            recovery += f", b = {rule.upper_b:g} above {rule.edge:g} mV"
        jump = "u + d" if math.isinf(rule.largest_u) else f"min(u + d, {rule.largest_u:g})"
        reset = f"v > vpeak{_times_u(rule.peak_slope)}: v = c{_times_u(rule.reset_slope)}"
        return (
            "100 C v' = k (v - vr)(v - vt) - u + I",
            recovery,
            reset if rule.cubic else f"{reset}, u = {jump}",
        )

    def section_capacitance(self, values: Mapping[str, float]) -> float:
        """100 C pF: C is in units of 100 pF."""
        return 100 * values["C"]

    def unit(self, name: str, values: Mapping[str, float]) -> str:
        """Unit of a parameter; d is a voltage in the fast spiking type."""
        if name == "d" and self.rule(values).cubic:
            return "mV"
        return super().unit(name, values)

    def check(self, values: Mapping[str, float]) -> None:
        """Refuse what is no cell of the book: see `Model.check`."""
        if values["C"] <= 0:
            raise ParameterError(f"C must be greater than 0 (in 100 pF), not {values['C']:g}")
        if values["C"] < 1 / LARGEST:
            raise ParameterError(f"C must be at least {1 / LARGEST:g}, not {values['C']:g}")
        if values["celltype"] not in RULES:
            raise ParameterError(
                f"celltype is one of {min(RULES)} to {max(RULES)}, not {values['celltype']:g}"
            )


def _times_u(slope: float) -> str:
    """How a multiple of u is added in a line of text."""
    if not slope:
        return ""
    return f" {'-' if slope < 0 else '+'} {abs(slope):g} u"
