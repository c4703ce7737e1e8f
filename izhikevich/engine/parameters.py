"""Parameters of the mechanisms, as NEURON has them, and their spread over many cells."""

from __future__ import annotations

import functools
import math
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from neuron import h

from izhikevich.engine.gids import is_finite, is_whole
from izhikevich.errors import ParameterError
from izhikevich.models.book import RULES

#: Parameters that `jitter` spreads unless told otherwise: those of recovery and reset.
JITTERED = ("a", "b", "c", "d")
#: Parameters that choose or name something, and so are not to be spread.
CHOICES = ("alive", "celltype", "cellid", "fflag", "halves")
#: What a cell of a new network has other than a new mechanism: no current, and receptors that stay
#: open over a spike of the cell's own, as in the papers, where ModelDB 39948 closes them.
IN_NETWORKS = {"Iin": 0.0, "keepg": 1.0}
#: Parameters that are divided by.
DIVISORS = ("C", "tauAMPA", "tauNMDA", "tauGABAA", "tauGABAB", "tauOpsin", "taug")


def mechanism_of(point: Any) -> str:
    """Name of the mechanism of a point process."""
    return point.hname().partition("[")[0]


@functools.cache
def defaults(mechanism: str) -> dict[str, float]:
    """Parameters of a mechanism, with the values of a new one."""
    standard = h.MechanismStandard(mechanism, 1)
    name = h.ref("")
    found = {}
    for k in range(int(standard.count())):
        standard.name(name, k)
        found[name[0]] = standard.get(name[0])
    return found


@functools.cache
def variables(mechanism: str) -> frozenset[str]:
    """Names of the parameters and states of a mechanism."""
    states, name = h.MechanismStandard(mechanism, 3), h.ref("")
    found = set(defaults(mechanism))
    for k in range(int(states.count())):
        states.name(name, k)
        found.add(name[0])
    return frozenset(found)


def check_names(names: Iterable[str], mechanism: str) -> None:
    """Raise a ParameterError if one is no parameter of a mechanism."""
    known = defaults(mechanism)
    for name in names:
        if name not in known:
            raise ParameterError(f"unknown parameter {name!r}: it is one of {', '.join(known)}")


def check_value(name: str, value: Any) -> None:
    """Raise a ParameterError if a parameter cannot have a value."""
    try:
        is_number = math.isfinite(value)
    except TypeError:
        raise ParameterError(f"{name} must be a number, not {value!r}") from None
    if not is_number:
        raise ParameterError(f"{name} must be finite, not {value}")
    if name in DIVISORS and value <= 0:
        raise ParameterError(f"{name} must be greater than 0, not {value:g}")
    if name == "celltype" and value not in RULES:
        raise ParameterError(
            f"celltype is a whole number from {min(RULES)} to {max(RULES)}, not {value:g}"
        )


def check_values(name: str, values: np.ndarray) -> None:
    """Raise a ParameterError if a parameter cannot have one of an array of values."""
    few = np.unique(values) if name == "celltype" else (values.min(), values.max())
    for value in few:  # of numbers that are not, min and max are not either
        check_value(name, float(value))


def check_jitter(fraction: float, seed: int, names: Iterable[str], mechanism: str) -> None:
    """Raise a ParameterError if parameters cannot be spread so."""
    check_names(names, mechanism)
    for name in names:
        if name in CHOICES:
            raise ParameterError(f"{name} is not a quantity that can be spread")
    if not is_finite(fraction) or not 0 <= fraction < 1:
        raise ParameterError(f"jitter is a fraction from 0 to less than 1, not {fraction!r}")
    if not is_whole(seed) or not 0 <= seed < 2**32:
        raise ParameterError(f"seed must be a whole number from 0 to 2^32 - 1, not {seed!r}")


def jitter_factors(fraction: float, seed: int, name: str, numbers: Sequence[int]) -> np.ndarray:
    """Factors of a parameter, each the first number of a stream of its cell's own."""
    stream = h.Random()
    of_name = zlib.crc32(name.encode())
    stream.Random123(0, 0, 0)
    stream.uniform(1 - fraction, 1 + fraction)
    choose, pick = stream.Random123, stream.repick
    factors = []
    for number in numbers:
        choose(number, seed, of_name)
        factors.append(pick())
    return np.array(factors)
