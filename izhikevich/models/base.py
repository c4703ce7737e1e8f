"""What a model is: everything that its equations alone decide, said in one place.

A `Model` knows its parameters, its equations in numbers and in words, where a run starts, what a
spike does, its units and its mechanisms. Whoever shows or runs a cell asks its model; nobody asks
which publication it is from.
"""

from __future__ import annotations

import difflib
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from izhikevich.errors import ParameterError
from izhikevich.models.planar import LARGEST, PlanarSystem, SpikeRule


@dataclass(frozen=True)
class Parameter:
    """One number that a person may set.

    Attributes
    ----------
    name : str
        The symbol of the paper, by which mechanisms and scripts know it.
    words : str
        What it is, for a person.
    unit : str
        Empty for a pure number.
    default : float or None
        Its value where a type does not say; None if every type has to.
    follows : str
        Name of the parameter whose value is the default; empty if none.
    slider : (float, float) or None
        How far a slider goes; None: as far as the published values, and a quarter beyond.
    slider_step : float or None
        Of the slider; None: a round one.
    """

    name: str
    words: str
    unit: str = ""
    default: float | None = None
    follows: str = ""
    slider: tuple[float, float] | None = None
    slider_step: float | None = None

    @property
    def required(self) -> bool:
        """Whether every type has to say it."""
        return self.default is None and not self.follows


class Model(ABC):
    """A set of equations with its parameters, units and mechanisms.

    A subclass is a model; it has no state, so that all its instances are equal.

    Attributes
    ----------
    name : str
        By which files and messages know it.
    parameters : tuple of Parameter
        In the order in which they are shown.
    start : tuple of Parameter
        v0 and u0, where a run starts.
    current_unit : str
        Unit of the current and of u.
    conductance_unit : str
        Unit of a synaptic conductance.
    peak_name : str
        Name of the parameter that says where a spike is cut.
    mechanisms : mapping of str to str
        NMODL mechanism of each variant, "PP" and "Sec".
    section_area : float
        Of the section of a cell in a section, um2.
    ordinary_current : float
        Currents beyond it (in `current_unit`) are those of a few types, far from all others.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]]
    start: ClassVar[tuple[Parameter, ...]]
    current_unit: ClassVar[str]
    conductance_unit: ClassVar[str]
    peak_name: ClassVar[str]
    mechanisms: ClassVar[Mapping[str, str]]
    section_area: ClassVar[float]
    ordinary_current: ClassVar[float] = math.inf

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        return f"<the {self.name} model>"

    # --- what a model says of itself -----------------------------------------------------------

    @abstractmethod
    def system(self, values: Mapping[str, float]) -> PlanarSystem:
        """The equations between spikes, for `complete` and checked values."""

    @abstractmethod
    def spike(self, values: Mapping[str, float]) -> SpikeRule:
        """What happens at a spike, for `complete` and checked values."""

    @abstractmethod
    def resting_start(self, values: Mapping[str, float], v0: float | None) -> tuple[float, float]:
        """Where a run starts that nobody has said otherwise of.

        Parameters
        ----------
        values : mapping of str to float
            Every parameter.
        v0 : float or None
            The voltage, mV, where the type or a person gives one.

        Returns
        -------
        v0, u0 : float
            mV, and mV/ms or pA.
        """

    def own_start(self, values: Mapping[str, float]) -> tuple[float, float] | None:
        """Where every run starts, v and u, if the parameters alone say it; else None."""
        return None

    @abstractmethod
    def equations(self, values: Mapping[str, float]) -> tuple[str, str, str]:
        """The equations of v and u and the rule of the spike, each a line of text."""

    @abstractmethod
    def section_capacitance(self, values: Mapping[str, float]) -> float:
        """Capacitance of the section of a cell in a section, pF."""

    @abstractmethod
    def check(self, values: Mapping[str, float]) -> None:
        """Refuse `complete` values that are none of a cell of this model.

        Raises
        ------
        ParameterError
            With the parameter, its value, and what would be right.
        """

    # --- what follows --------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def names_with_start(self) -> tuple[str, ...]:
        """Names of the parameters, and v0 and u0."""
        return (*self.names, *(parameter.name for parameter in self.start))

    def parameter(self, name: str) -> Parameter:
        """A parameter by name, v0 and u0 included.

        Raises
        ------
        ParameterError
            If there is none; the message names the nearest.
        """
        for parameter in (*self.parameters, *self.start):
            if parameter.name == name:
                return parameter
        raise ParameterError(unknown_name(name, self.names_with_start))

    def unit(self, name: str, values: Mapping[str, float]) -> str:
        """Unit of a parameter, which may depend on others."""
        return self.parameter(name).unit

    def complete(self, given: Mapping[str, Any]) -> dict[str, float]:
        """Every parameter by name: those given, and for the others their defaults.

        Parameters
        ----------
        given : mapping of str to float
            By name; v0 and u0 are no parameters of a model.

        Returns
        -------
        dict of str to float

        Raises
        ------
        ParameterError
            If a name is unknown, one is missing, or a value is no finite number.
        """
        for name in given:
            if name not in self.names:
                near = difflib.get_close_matches(str(name), self.names, n=1)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"it is one of {', '.join(self.names)}"
                )
                raise ParameterError(f"unknown parameter {name!r} of the {self.name} model: {hint}")
        missing = [p.name for p in self.parameters if p.required and p.name not in given]
        if missing:
            raise ParameterError(f"the {self.name} model needs {', '.join(missing)}, too")
        values: dict[str, float] = {}
        for parameter in self.parameters:
            if parameter.name in given:
                values[parameter.name] = number(parameter.name, given[parameter.name])
            elif parameter.default is not None:
                values[parameter.name] = parameter.default
        for parameter in self.parameters:
            if parameter.name not in values:
                values[parameter.name] = values[parameter.follows]
        return {name: values[name] for name in self.names}

    def check_reset_below_peak(self, values: Mapping[str, float]) -> None:
        """Refuse a reset at or above the peak: every step would be a spike.

        Raises
        ------
        ParameterError
        """
        if values["c"] >= values[self.peak_name]:
            raise ParameterError(
                f"the reset c must lie below the peak {self.peak_name} = "
                f"{values[self.peak_name]:g} mV, or every step is a spike; it is {values['c']:g}"
            )


def unknown_name(name: Any, known: Sequence[str]) -> str:
    """What to say of a parameter that there is not: the nearest that there is, and all."""
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown parameter {name!r}: {hint}it is one of {', '.join(known)}"


def number(name: str, value: Any) -> float:
    """`value` as a finite number that can be computed with, or an error that names it.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        given = float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a number, not {value!r}") from None
    if not math.isfinite(given):
        raise ParameterError(f"{name} must be a finite number, not {value!r}")
    if abs(given) > LARGEST:
        raise ParameterError(f"{name} must be within +-{LARGEST:g}; it is {given:g}")
    return given
