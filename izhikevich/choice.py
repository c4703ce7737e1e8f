"""All that is chosen of one run, as a value: cell type, variant, scheme, current, parameters.

What follows from it (every parameter in force, the current, the phase plane) is computed once, when
it is asked for. A choice can be compared, stored, handed to another process; a `Recording` carries
the one that it is a run of.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from izhikevich.analysis.plane import PhasePlane, plane
from izhikevich.catalog import CellType, cell_type
from izhikevich.errors import ParameterError
from izhikevich.models import Model
from izhikevich.models.base import number, unknown_name
from izhikevich.waveforms import Waveform, step

VARIANTS = ("PP", "Sec")
SCHEMES = ("published", "exact", "fixed")

MAX_SAMPLES = 10_000_000
MAX_DURATION = 1e7
# Beyond it (mV/ms or pA) nothing is a neuron any more, and nothing can be drawn.
MAX_CURRENT = 1e9


@dataclass(frozen=True)
class Synapse:
    """A train of synaptic events onto the cell.

    Attributes
    ----------
    start, interval : float
        First event and the time between events, ms.
    number : int
        Number of events.
    weight : float
        Conductance added by each event: 1/ms in 2003 and 2004, nS (AMPA) in 2007.
    tau : float
        Decay of the conductance, ms.
    erev : float
        Reversal potential, mV; fixed at 0 in 2007's point process.
    delay : float
        Of the connection, ms.
    """

    start: float = 10.0
    interval: float = 10.0
    number: int = 10
    weight: float = 2.0
    tau: float = 3.0
    erev: float = 0.0
    delay: float = 1.0


@dataclass(frozen=True)
class ByHand:
    """A current made by hand: `before` until `change_at` (ms), then `after` (mV/ms or pA).

    Attributes
    ----------
    in_force : bool
        Whether it replaces the figure's current; zero, which is no current, does so, too.
    """

    before: float = 0.0
    after: float = 0.0
    change_at: float = 0.0
    in_force: bool = True

    def __setstate__(self, state: dict[str, Any]) -> None:
        # former versions had it in force while it was not zero
        former = state["before"] != 0 or state["after"] != 0
        self.__dict__.update({"in_force": former, **state})


#: The figure's current is in force.
NOT_BY_HAND = ByHand(in_force=False)


@dataclass(frozen=True)
class Choice:
    """What is chosen of one run.

    Attributes
    ----------
    cell_type : CellType
        With its parameters and its figure's protocol.
    variant : str
        "PP" or "Sec".
    scheme : str
        "published", "exact" or "fixed".
    tstop : float
        Duration, ms. Default: the figure's.
    fixed_dt : float
        Step of the *fixed* scheme, ms. Default: the figure's.
    changes : mapping of str to float
        Parameters, v0 and u0 that differ from the type's own.
    current : Waveform or None
        The injected current, if it is not the figure's.
    by_hand : ByHand
        Where `current` is None, a current made by hand, in force or not.
    synapse : Synapse or None
        The train of synaptic events that drives the cell.
    """

    cell_type: CellType
    variant: str = "PP"
    scheme: str = "published"
    tstop: float = math.nan
    fixed_dt: float = math.nan
    changes: Mapping[str, float] = field(default_factory=dict)
    current: Waveform | None = None
    by_hand: ByHand = NOT_BY_HAND
    synapse: Synapse | None = None

    def __post_init__(self) -> None:
        own = {"tstop": self.cell_type.tstop, "fixed_dt": self.cell_type.dt}
        for name, default in own.items():
            given = getattr(self, name)
            object.__setattr__(self, name, float(default if math.isnan(given) else given))
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))

    def __hash__(self) -> int:
        return hash((self.cell_type, self.variant, self.scheme, self.tstop, self.current))

    def __getstate__(self) -> dict[str, Any]:
        # without what is computed from it
        state = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return {**state, "changes": dict(self.changes)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, changes=MappingProxyType(state["changes"]))

    def but(self, **attributes: Any) -> Choice:
        """The same choice with other attributes."""
        other = dataclasses.replace(self, **attributes)
        if "cell_type" not in attributes and "changes" not in attributes:
            self._hand_on(other)
        return other

    def _hand_on(self, other: Choice) -> None:
        """Spare another choice of the same parameters what has been computed of them."""
        known = vars(self)
        vars(other).update({name: known[name] for name in _OF_PARAMETERS if name in known})

    def with_parameters(self, values: Mapping[str, float]) -> Choice:
        """The same choice with other values of parameters, v0 and u0 included.

        One that gets its own value, which the type or the other parameters give it, follows them
        again.

        Raises
        ------
        ParameterError
            If a name is unknown, or what comes of all of them cannot be run.
        """
        if not values:
            return self
        changes = {**self.changes, **values}
        changed = self.but(changes=changes)
        in_force = changed.parameters
        follow = {name for name in values if in_force[name] == changed.unchanged(name)}
        if not follow:
            return changed
        same = self.but(changes={name: x for name, x in changes.items() if name not in follow})
        changed._hand_on(same)
        return same

    # --- what follows --------------------------------------------------------------------------

    @property
    def paper(self) -> str:
        """Name of the publication."""
        return self.cell_type.paper

    @property
    def key(self) -> str:
        """Key of the cell type."""
        return self.cell_type.key

    @property
    def model(self) -> Model:
        """The equations."""
        return self.cell_type.model

    @property
    def mechanism(self) -> str:
        """Name of the NMODL mechanism."""
        return self.model.mechanisms[self.variant]

    @property
    def dt(self) -> float | None:
        """The step in force, ms; None under *exact*."""
        return {"published": self.cell_type.dt, "fixed": self.fixed_dt, "exact": None}[self.scheme]

    @property
    def n_steps(self) -> int:
        """Number of fixed steps that fit into the duration."""
        assert self.dt is not None
        return math.floor(self.tstop / self.dt + 1e-9)

    @functools.cached_property
    def _given(self) -> dict[str, float]:
        """The changes, checked as far as that can be done one by one."""
        names = self.model.names_with_start
        for name in self.changes:
            if name not in names:
                raise ParameterError(unknown_name(name, names))
        return {name: number(name, value) for name, value in self.changes.items()}

    @functools.cached_property
    def plane(self) -> PhasePlane:
        """The phase plane of the parameters in force.

        Raises
        ------
        ParameterError
            If one of `changes` is unknown or cannot be.
        """
        own = {name: value for name, value in self._given.items() if name in self.model.names}
        return plane(self.model, {**self.cell_type.parameters, **own})

    @property
    def model_parameters(self) -> Mapping[str, float]:
        """Every parameter of the model by name: those in force without v0 and u0."""
        return self.plane.parameters

    @functools.cached_property
    def parameters(self) -> Mapping[str, float]:
        """Every parameter in force by name, v0 and u0 included.

        A start that is not given follows the parameters, as the model says.

        Raises
        ------
        ParameterError
            If one of `changes` is unknown or cannot be run.
        """
        self.model.check_reset_below_peak(self.model_parameters)
        return MappingProxyType({**self.model_parameters, **self._start(self._given)})

    def _start(self, given: Mapping[str, float]) -> dict[str, float]:
        """v0 and u0: those that are given, else the type's, else the model's."""
        entry = self.cell_type
        v0, u0 = self.model.resting_start(self.model_parameters, given.get("v0", entry.v0))
        u0 = u0 if entry.u0 is None else entry.u0
        return {"v0": float(v0), "u0": float(given.get("u0", u0))}

    def unchanged(self, name: str) -> float:
        """What a parameter, v0 or u0 would be if it alone were not changed."""
        if name in self.cell_type.parameters:
            return float(self.cell_type.parameters[name])
        if name not in self.model.names:
            return self._start({n: x for n, x in self._given.items() if n != name})[name]
        parameter = self.model.parameter(name)
        if parameter.default is None:
            return self.parameters[parameter.follows]
        return parameter.default

    @functools.cached_property
    def waveform(self) -> Waveform:
        """The injected current."""
        if self.current is not None:
            return self.current
        if self.by_hand.in_force:
            return step(self.by_hand.before, self.by_hand.after, self.by_hand.change_at)
        return self.cell_type.default_current

    @property
    def current_is_made_by_hand(self) -> bool:
        """Whether a current made by hand replaces the figure's."""
        return self.current is None and self.by_hand.in_force

    @functools.cached_property
    def currents(self) -> tuple[float, float]:
        """The current at t = 0, and the one that lies farthest from it, mV/ms or pA."""
        return self.waveform.extremes(self.tstop)

    # --- checks --------------------------------------------------------------------------------

    def check(self) -> Choice:
        """Refuse what cannot be run; nothing is run.

        Returns
        -------
        Choice
            Itself.

        Raises
        ------
        ParameterError
            With what is wrong, and what would be right.
        """
        if self.variant not in VARIANTS:
            raise ParameterError(f"variant is PP or Sec, not {self.variant!r}")
        if self.scheme not in SCHEMES:
            raise ParameterError(f"scheme is published, exact or fixed, not {self.scheme!r}")
        _positive("tstop", self.tstop, "ms")
        if self.tstop > MAX_DURATION:
            raise ParameterError(f"tstop must be at most {MAX_DURATION:g} ms, not {self.tstop:g}")
        self._check_start()
        if self.synapse is not None:
            _check_synapse(self.synapse)
        self._check_step()
        if self.waveform.strongest > MAX_CURRENT:
            raise ParameterError(
                f"current must be within +-{MAX_CURRENT:g}; it is {self.waveform.strongest:g}"
            )
        return self

    def _check_start(self) -> None:
        """Refuse a start that is a spike already: NEURON sees one where v crosses the peak."""
        v0, u0 = self.parameters["v0"], self.parameters["u0"]
        peak = float(self.plane.peak(u0))
        if v0 > peak:
            raise ParameterError(
                f"the start v0 must not lie above the peak of {peak:g} mV; it is {v0:g}"
            )

    def _check_step(self) -> None:
        dt, tstop = self.dt, self.tstop
        if dt is None:
            return
        if self.scheme == "fixed":
            _positive("dt", dt, "ms")
            if dt > tstop:
                raise ParameterError(
                    f"dt must not exceed the duration of {tstop:g} ms; it is {dt:g}"
                )
        if tstop < dt:
            raise ParameterError(f"tstop must be at least one step of {dt:g} ms, not {tstop:g}")
        if tstop / dt > MAX_SAMPLES:
            raise ParameterError(
                f"{tstop / dt:.3g} steps are more than the {MAX_SAMPLES:,} that a recording "
                "holds: raise dt or shorten tstop"
            )


def choose(
    paper: str,
    key: str,
    *,
    variant: str = "PP",
    scheme: str = "published",
    dt: float | None = None,
    current: float | Waveform | None = None,
    tstop: float | None = None,
    parameters: Mapping[str, float] | None = None,
    synapse: Synapse | None = None,
) -> Choice:
    """Check the arguments of `izhikevich.simulate` and make a choice of them; runs nothing.

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If an argument cannot be run.
    """
    entry = cell_type(paper, key)
    if scheme == "fixed" and dt is None:
        raise ParameterError('scheme "fixed" needs a step: give dt in ms')
    if current is not None and not isinstance(current, Waveform):
        current = entry.driven_by(number("current", current))
    choice = Choice(
        entry,
        variant,
        scheme,
        tstop=entry.tstop if tstop is None else number("tstop", tstop),
        fixed_dt=entry.dt if dt is None else number("dt", dt),
        changes={name: number(name, x) for name, x in (parameters or {}).items()},
        current=current,
        synapse=synapse,
    ).check()
    if dt is not None and scheme != "fixed":
        _positive("dt", dt, "ms")
        raise ParameterError(
            f'dt belongs to scheme "fixed"; "{scheme}" '
            + (f"runs at {entry.dt:g} ms" if scheme == "published" else "chooses its steps")
        )
    return choice


def all_parameters(entry: CellType, changes: Mapping[str, float]) -> dict[str, float]:
    """Every parameter of a run, v0 and u0 included, with `changes` made.

    A start that is not given follows the parameters, as the model says.

    Raises
    ------
    ParameterError
        If a name is unknown or a value cannot be run.
    """
    return dict(Choice(entry, changes=changes).parameters)


# what of a choice its cell type and its changes alone decide
_OF_PARAMETERS = ("plane", "parameters")


def _positive(name: str, value: Any, unit: str) -> float:
    given = number(name, value)
    if given <= 0:
        raise ParameterError(f"{name} must be greater than 0 {unit}, not {given:g}")
    return given


def _check_synapse(synapse: Synapse) -> None:
    if not isinstance(synapse, Synapse):
        raise ParameterError(f"synapse must be a Synapse, not {synapse!r}")
    if not isinstance(synapse.number, int):
        raise ParameterError(f"the synapse's number must be a whole number, not {synapse.number!r}")
    for name in ("start", "weight", "erev"):
        number(f"the synapse's {name}", getattr(synapse, name))
    for name in ("interval", "tau", "delay"):
        _positive(f"the synapse's {name}", getattr(synapse, name), "ms")
    if synapse.start < 0 or synapse.number < 0:
        raise ParameterError("the synapse's start and number must not be negative")
