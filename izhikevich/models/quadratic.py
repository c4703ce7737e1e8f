"""The quadratic model of 2003 and 2004, in which time is in ms and v in mV and all else follows.

    v' = e v^2 + f v + g - u + I         v > thresh:  v <- c,  u <- u + d
    u' = a (b (v - vu) - uleak u)

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks 14(6):1569-1572,
2003, equations (1) to (3). Its e, f and g are 0.04, 5 and 140; two types of the 2004 paper have
others, and one has a u that integrates without decay (vu and uleak).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from izhikevich.errors import ParameterError
from izhikevich.models.base import Model, Parameter
from izhikevich.models.planar import LARGEST, Branch, PlanarSystem, SpikeRule


class Quadratic(Model):
    """The model of the papers of 2003 and 2004."""

    name = "quadratic"
    current_unit = "mV/ms"
    conductance_unit = "1/ms"
    peak_name = "thresh"
    mechanisms = MappingProxyType({"PP": "Izhi2003a", "Sec": "Izhi2003b"})
    parameters = (
        Parameter("a", "rate of recovery", "1/ms"),
        Parameter("b", "sensitivity of u to v", "1/ms"),
        Parameter("c", "reset of v", "mV", slider=(-90.0, 0.0)),
        Parameter("d", "after-spike jump of u", "mV/ms"),
        Parameter(
            "e", "quadratic coefficient", "1/mV/ms", 0.04, slider=(0.0, 0.1), slider_step=0.001
        ),
        Parameter("f", "linear coefficient", "1/ms", 5.0),
        Parameter("g", "constant of the quadratic", "mV/ms", 140.0),
        Parameter("vu", "zero of u's target", "mV", 0.0, slider=(-100.0, 20.0)),
        Parameter("uleak", "decay of u", "", 1.0, slider=(0.0, 2.0), slider_step=0.01),
        Parameter("thresh", "peak of a spike", "mV", 30.0, slider=(0.0, 60.0)),
    )
    start = (
        Parameter("v0", "voltage at the start", "mV", slider=(-100.0, 0.0)),
        Parameter("u0", "u at the start", "mV/ms", slider=(-45.0, 45.0)),
    )
    # with 1 uF/cm2 it is 1 pF, in which 1 mV/ms is 0.001 nA
    section_area = 100.0
    # only the two inhibition-induced types live at 80 mV/ms
    ordinary_current = 40.0

    def system(self, values: Mapping[str, float]) -> PlanarSystem:
        """The equations between spikes: see `Model.system`."""
        return PlanarSystem(
            e=values["e"],
            f=values["f"],
            g=values["g"],
            origin=0.0,
            capacitance=1.0,
            a=values["a"],
            leak=values["uleak"],
            branches=(Branch(-math.inf, math.inf, origin=values["vu"], slope=values["b"]),),
        )

    def spike(self, values: Mapping[str, float]) -> SpikeRule:
        """What happens at a spike: see `Model.spike`."""
        return SpikeRule(threshold=values["thresh"], c=values["c"], jump=values["d"])

    def resting_start(self, values: Mapping[str, float], v0: float | None) -> tuple[float, float]:
        """On the u-nullcline of an ordinary type: u0 = b v0, as in the papers' programs."""
        v0 = values["c"] if v0 is None else v0
        return v0, values["b"] * v0

    def equations(self, values: Mapping[str, float]) -> tuple[str, str, str]:
        """The equations as text: see `Model.equations`."""
        return (
            "v' = e v^2 + f v + g - u + I",
            "u' = a (b (v - vu) - uleak u)",
            "v > thresh: v = c, u = u + d",
        )

    def section_capacitance(self, values: Mapping[str, float]) -> float:
        """1 pF: v' itself is the current, in pA."""
        return 1.0

    def check(self, values: Mapping[str, float]) -> None:
        """Refuse what cannot be computed: see `Model.check`."""
        if 0 < abs(values["uleak"]) < 1 / LARGEST:
            raise ParameterError(
                f"uleak must be 0 or at least {1 / LARGEST:g}, not {values['uleak']:g}"
            )
