"""Plasticity of the connections within a population: the rules, and connections that have one.

A trace of each cell and of each connection is set to `amplitude` by a spike, and falls from ms to
ms. What has arrived by a connection when its target spikes adds to its eligibility, and what
arrives after the target has spiked takes from it. Now and then eligibility passes into weights.

>>> from neuron import h
>>> from izhikevich import STDP, Population
>>> h.dt = 1
>>> population = Population("2003", 2, {"Iin": [10, 9], "c": -65, "d": 8})
>>> learning = population.connect(
...     [0, 1], [1, 0], weights=6, delays=[2, 5], plasticity=STDP(every=100)
... )
>>> _ = h.finitialize()
>>> while h.t < 500:
...     _ = h.fadvance()
>>> bool((learning.weights != 6).all())
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from izhikevich.engine.gids import is_finite
from izhikevich.errors import ParameterError

__all__ = ["STDP", "Adjustable", "DopamineSTDP", "PlasticConnections", "TsodyksMarkram"]

#: A time is a whole number of steps to within this part of a step.
NEARLY = 1e-4


class _Rule:
    """Numbers by name, each within its bounds."""

    _BOUNDS: dict[str, tuple[float, float]]

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]
            value, (low, high) = getattr(self, each.name), self._BOUNDS[each.name]
            if not is_finite(value) or not low <= value <= high:
                limits = f"from {low:g} to {high:g}" if high < np.inf else f"{low:g} or more"
                raise ParameterError(f"{each.name} must be a number, {limits}, not {value!r}")


@dataclass(frozen=True)
class STDP(_Rule):
    """Weights by the times of spikes; as it is, the rule of the program of 2006.

    When a cell spikes, the eligibility of each connection onto it grows by the trace of what has
    arrived: `amplitude` for what arrived for the step before. When a spike arrives, the eligibility
    of its connection falls by `ratio` times the trace of the target. Of each the last spike counts.
    `every` so many ms::

        weight <- weight + growth + rate * eligibility, no less than 0 and no more than largest
        eligibility <- remains * eligibility

    Parameters
    ----------
    largest : float
        Weight, in its unit.
    amplitude : float
        Of a trace, in the unit of weights.
    ratio : float
        Of what is taken to what is added, A- / A+.
    decay : float
        Part of a trace that is left after 1 ms: 0.95 is a time constant of 20 ms.
    every : float
        ms between changes of weights: whole steps.
    growth : float
        Of every weight at each change, whatever the spikes.
    rate : float
        Part of the eligibility that passes into the weight at a change.
    remains : float
        Part of the eligibility that is left after a change.

    Raises
    ------
    ParameterError
        If a number is out of its bounds.

    References
    ----------
    E. M. Izhikevich, Polychronization: computation with spikes, Neural Comput. 18:245-282 (2006).
    """

    largest: float = 10.0
    amplitude: float = 0.1
    ratio: float = 1.2
    decay: float = 0.95
    every: float = 1000.0
    growth: float = 0.01
    rate: float = 1.0
    remains: float = 0.9

    _BOUNDS = {  # noqa: RUF012  # not a field: it has no annotation
        "largest": (0, np.inf), "amplitude": (0, np.inf), "ratio": (0, np.inf), "decay": (0, 1),
        "every": (0, 1e12), "growth": (-np.inf, np.inf), "rate": (0, np.inf), "remains": (0, 1),
        "dopamine_decay": (0, 1),
    }  # fmt: skip


@dataclass(frozen=True)
class DopamineSTDP(STDP):
    """Weights by the times of spikes and by dopamine; as it is, the rule of the program of 2007.

    As `STDP`, with ``rate + dopamine`` in place of ``rate``. Dopamine is one number for the
    connections, `PlasticConnections.dopamine`, to which a reward adds.

    Parameters
    ----------
    dopamine_decay : float
        Part of the dopamine that is left after 1 ms.

    References
    ----------
    E. M. Izhikevich, Solving the distal reward problem through linkage of STDP and dopamine
    signaling, Cereb. Cortex 17:2443-2452 (2007).
    """

    largest: float = 4.0
    ratio: float = 1.5
    every: float = 10.0
    growth: float = 0.0
    rate: float = 0.002
    remains: float = 0.99
    dopamine_decay: float = 0.995


@dataclass(frozen=True)
class TsodyksMarkram(_Rule):
    """Weights by what the source has sent lately: depression and facilitation.

    At a spike ``u <- u + U (1 - u)``; the connections give ``u x`` times their weight, and x loses
    as much. Between spikes x recovers to 1, and u falls to 0.

    Parameters
    ----------
    U : float
        Part of what is ready that a spike after a long rest uses.
    tau_rec : float
        ms, of x.
    tau_facil : float
        ms, of u; 0: none, and u is U at each spike.

    Raises
    ------
    ParameterError
        If a number is out of its bounds.

    References
    ----------
    M. Tsodyks, K. Pawelzik, H. Markram, Neural networks with dynamic synapses, Neural Comput.
    10:821-835 (1998).
    """

    U: float = 0.5
    tau_rec: float = 800.0
    tau_facil: float = 0.0

    _BOUNDS = {  # noqa: RUF012  # not a field: it has no annotation
        "U": (0, 1), "tau_rec": (1e-9, np.inf), "tau_facil": (0, np.inf),
    }  # fmt: skip


@dataclass(frozen=True)
class Adjustable:
    """Weights that stay until others are written, as a learning rule of one's own does."""


class PlasticConnections:
    """Connections whose weights change, in the order of their sources, delays and targets.

    Attributes
    ----------
    sources, targets : array of int, shape (n,)
        Gids, or places where the population has no gids.
    given : array of int, shape (n,)
        Which of those given to `Population.connect` each is.
    """

    def __init__(
        self,
        sources: np.ndarray,
        targets: np.ndarray,
        steps: np.ndarray,
        dt: float,
        weights: np.ndarray,
        given: np.ndarray,
        rules: Sequence[Any],
    ) -> None:
        self.sources, self.targets = sources, targets
        self._steps, self._dt = steps, dt
        self._weights, self._start, self.given = weights, weights.copy(), given
        self._eligibility = np.zeros(len(weights) if any(isinstance(r, STDP) for r in rules) else 0)
        self.rules = tuple(rules)
        self._dopamine = np.zeros(1)

    def __len__(self) -> int:
        return len(self._weights)

    @property
    def weights(self) -> np.ndarray:
        """Weights as they are: the numbers themselves, not a copy. What is written there counts."""
        return self._weights

    @property
    def start(self) -> np.ndarray:
        """What `weights` become when NEURON initialises: those given, or what is written here."""
        return self._start

    @property
    def eligibility(self) -> np.ndarray:
        """What passes into weights, itself; 0 when NEURON is initialised. Without STDP empty."""
        return self._eligibility

    @property
    def delays(self) -> np.ndarray:
        """Delays, ms."""
        return self._steps * self._dt

    @property
    def dopamine(self) -> float:
        """Dopamine now, for `DopamineSTDP`; 0 when NEURON is initialised.

        Raises
        ------
        ParameterError
            If it is set to what it cannot be, or the connections have another rule.
        """
        return float(self._dopamine[0])

    @dopamine.setter
    def dopamine(self, value: float) -> None:
        if not any(isinstance(rule, DopamineSTDP) for rule in self.rules):
            raise ParameterError("dopamine acts where plasticity is DopamineSTDP")
        if not is_finite(value):
            raise ParameterError(f"dopamine must be a finite number, not {value!r}")
        self._dopamine[0] = value

    def addresses(self) -> tuple[int, ...]:
        """Where the library finds weights, their start, eligibility and dopamine."""
        arrays = self._weights, self._start, self._eligibility, self._dopamine
        return tuple(array.ctypes.data for array in arrays)


def rules_of(plasticity: Any) -> tuple[Any, ...]:
    """The rules that are meant: none, one, or one of each kind.

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    if plasticity is None:
        return ()
    rules = tuple(plasticity) if isinstance(plasticity, (tuple, list)) else (plasticity,)
    known = STDP, TsodyksMarkram, Adjustable
    kinds = {kind for rule in rules for kind in known if isinstance(rule, kind)}
    if not rules or len(kinds) < len(rules) or (Adjustable in kinds and len(rules) > 1):
        raise ParameterError(
            "plasticity is STDP(), DopamineSTDP(), TsodyksMarkram(), a tuple of one of the first "
            f"two and the third, or Adjustable(), not {plasticity!r}"
        )
    return rules


def numbers_of(rules: Sequence[Any], weights: np.ndarray, dt: float) -> list[np.ndarray]:
    """STDP and Tsodyks-Markram as the library takes them, by steps of `dt`; zeros where not meant.

    Raises
    ------
    ParameterError
        If a weight is out of the rule's bounds, or weights would change between steps.
    """
    slow, fast = np.zeros(10), np.zeros(4)
    for rule in rules:
        if isinstance(rule, TsodyksMarkram):
            fast[:] = 1, rule.U, rule.tau_rec / dt, rule.tau_facil / dt
        if not isinstance(rule, STDP):
            continue
        outside = (weights < 0) | (weights > rule.largest)
        if outside.any():
            raise ParameterError(
                f"weights with STDP are from 0 to {rule.largest:g}, its largest; one is "
                f"{weights[outside][0]:g}"
            )
        every = round(rule.every / dt)
        if every < 1 or abs(rule.every / dt - every) > NEARLY:
            raise ParameterError(
                f"weights change every {rule.every:g} ms, which must be whole steps of h.dt, "
                f"{dt:g} ms, one at least"
            )
        dopamine_decay = rule.dopamine_decay**dt if isinstance(rule, DopamineSTDP) else 0.0
        slow[:] = (
            1, rule.amplitude, rule.ratio, rule.decay**dt, every, rule.growth, rule.rate,
            rule.remains, rule.largest, dopamine_decay,
        )  # fmt: skip
    return [slow, fast]
