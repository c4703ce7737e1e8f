"""Quantities of NeuroML, such as "0.7 nS_per_mV", to the last digit: by decimals, not doubles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from izhikevich.errors import ParameterError

#: Units of each dimension with the power of ten of one of them; the first is the one that is
#: written, in which a model has its numbers. A number without dimension has no unit.
UNITS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "none": {"": 0},
        "time": {"ms": -3, "s": 0, "us": -6},
        "per_time": {"per_ms": 3, "per_s": 0, "Hz": 0},
        "voltage": {"mV": -3, "V": 0},
        "current": {"pA": -12, "nA": -9, "uA": -6, "A": 0},
        "capacitance": {"pF": -12, "nF": -9, "uF": -6, "F": 0},
        "conductance": {"nS": -9, "pS": -12, "uS": -6, "mS": -3, "S": 0},
        "conductance_per_voltage": {"nS_per_mV": -6, "S_per_V": 0},
        "resistance": {"Mohm": 6, "kohm": 3, "ohm": 0},
    }
)
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z_]*)\s*")
#: Powers beyond these are no quantities of a neuron, and no doubles.
_LARGEST_POWER = 300


def read(what: str, text: str, dimension: str) -> Decimal:
    """The number of a quantity in the unit of the model.

    Parameters
    ----------
    what : str
        What it is, for the error.
    text : str
        Such as "-60mV" or "0.7 nS_per_mV".
    dimension : str
        One of `UNITS`.

    Raises
    ------
    ParameterError
        If it is no number, or its unit is another's.
    """
    units = UNITS[dimension]
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ParameterError(f"{what} is {text!r}, which is no {_words(dimension)}")
    number, unit = Decimal(found[1]), found[2]
    if unit not in units:
        wanted = f"one of {', '.join(units)}" if dimension != "none" else "none"
        said = f"the unit {unit}" if unit else "no unit"
        raise ParameterError(
            f"{what} is {text!r}: it has {said}, and its unit as a {_words(dimension)} is {wanted}"
        )
    if number and abs(number.adjusted()) > _LARGEST_POWER:
        raise ParameterError(f"{what} is {text!r}, which no neuron has")
    return number.scaleb(units[unit] - next(iter(units.values())))


def write(value: float | Decimal, dimension: str) -> str:
    """A quantity as text, to the last digit, in the unit of the model."""
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    text = f"{number.normalize():f}" if -7 < number.adjusted() < 16 else f"{number:e}"
    # the schema has no plus sign
    return text.replace("e+", "e") + next(iter(UNITS[dimension]))


def _words(dimension: str) -> str:
    return "number" if dimension == "none" else dimension.replace("_", " ")
