"""How a cell begins to fire, measured with NEURON: beside what the phase plane computes.

Two currents are easily taken for one another and are named apart throughout:

* the *bifurcation current*, at which the rest is lost. `phase_plane` computes it, and a ramp that
  is slow enough finds it: `slow_ramp`;
* the *step rheobase*, the smallest step of current from rest that makes the cell fire:
  `step_rheobase`. u lags behind a step, so a cell that loses its rest by a subcritical
  Andronov-Hopf bifurcation fires at a step below it.

Currents are in mV/ms for 2003 and 2004 and in pA for 2007; times in ms, rates in Hz. All runs but
those of the f-I curve are of the exact scheme.

Sources
-------
E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapters 6 and 7.
S. M. Baer, T. Erneux, J. Rinzel, "The slow passage through a Hopf bifurcation: delay, memory
effects, and resonance", SIAM J. Appl. Math. 49(1):55-71, 1989.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis.phase_plane import Bifurcation, FixedPoint, Hopf, PhasePlane, for_cell_type
from izhikevich.catalog import CellType, cell_type
from izhikevich.engine.simulation import simulate
from izhikevich.errors import IzhikevichError
from izhikevich.recording import RunawayError
from izhikevich.waveforms import Ramp, Step, Waveform, constant

Parameters = Mapping[str, float] | None
Progress = Callable[[float], None] | None
# v in mV, u in mV/ms or pA
State = tuple[float, float]

# Time on each stair of an f-I curve, ms.
HOLD = 1000.0

# What ends a rest is a push, however small: that of rounding comes late, so a ramp gives its own.
KICK = 0.05
_N_KICKS = 100
# How far (mV) a kick has to grow to become a spike.
_SPIKE_SIZE = 10.0
# Slow passage through a saddle-node: the first zero of Airy's function, x' = x^2 + t.
_AIRY = 2.338
# A run that waits for the first spike looks for it this often, ms.
_PIECE = 50.0
# What is left of ringing below this share of its beginning may be the solver's own error.
_LEAST_RINGING = 1e-5


class NoRestError(IzhikevichError, ValueError):
    """The cell has no stable rest to begin with, or no bifurcation that takes it away."""


# --- firing rate against current ------------------------------------------------------------------


@dataclass(frozen=True)
class FICurve:
    """The firing rate on a staircase of currents that is climbed and then descended.

    Attributes
    ----------
    current : numpy.ndarray, shape (n,)
        Currents of the stairs in rising order, mV/ms or pA.
    up, down : numpy.ndarray, shape (n,)
        Rate on each stair on the way up and on the way down, Hz; 0 where firing has ceased.
    hold : float
        Time on each stair, ms.
    """

    current: np.ndarray
    up: np.ndarray
    down: np.ndarray
    hold: float

    @property
    def bistable(self) -> np.ndarray:
        """Currents of the stairs on which the cell rests in one direction and fires in the other.

        Empty without hysteresis. A rate below 8/`hold` proves nothing: a cell that slow may just
        not have had the time for its spikes on the other way.
        """
        faster = np.maximum(self.up, self.down) > 8000 / self.hold
        return self.current[((self.up > 0) != (self.down > 0)) & faster]

    @property
    def onset(self) -> tuple[float, float] | None:
        """Current and rate (Hz) of the first stair that fires on the way up; None if none does."""
        firing = np.flatnonzero(self.up > 0)
        if not firing.size:
            return None
        return float(self.current[firing[0]]), float(self.up[firing[0]])


def fi_curve(
    paper: str,
    key: str,
    currents: ArrayLike | None = None,
    *,
    hold: float = HOLD,
    scheme: str = "published",
    parameters: Parameters = None,
    progress: Progress = None,
) -> FICurve:
    """Measure the rate up and down one staircase of currents, in a single run.

    A single run keeps the state from stair to stair, so that a cell which is bistable goes on
    resting on the way up and goes on firing on the way down. The rate is that of the later half
    of each stair, when a transient is over; one below 4/`hold` counts as none. Each stair is a
    small step: many fine ones find the loss of the rest later than few coarse ones.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    currents : array_like, shape (n,), optional
        Stairs, mV/ms or pA, in any order; default: 41 up to twice the bifurcation current.
    hold : float
        Time on each stair, ms.
    scheme : str
        "published" (the author's rule) or "exact".
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.
    progress : callable, optional
        As in `izhikevich.simulate`.

    Returns
    -------
    FICurve

    Raises
    ------
    ValueError
        If `currents` is empty or not finite, or `hold` is not greater than 0.
    RunawayError
        If the solution leaves every bound.
    """
    entry = cell_type(paper, key)
    plane = _plane(entry, parameters)
    if currents is None:
        currents = default_currents(plane, entry)
    stairs = np.unique(np.asarray(currents, dtype=float))
    if not stairs.size or not np.all(np.isfinite(stairs)):
        raise ValueError("an f-I curve needs at least one current, and finite ones")
    if not (math.isfinite(hold) and hold > 0):
        raise ValueError(f"hold must be greater than 0 ms, not {hold}")
    both_ways = np.concatenate([stairs, stairs[::-1]]).tolist()
    steps = tuple(Step(number * hold, amplitude) for number, amplitude in enumerate(both_ways))
    recording = simulate(
        paper,
        key,
        scheme=scheme,
        current=Waveform(both_ways[0], steps[1:]),
        tstop=hold * len(both_ways),
        parameters=_with_start(parameters, _rest_or_none(plane, both_ways[0])),
        progress=progress,
    )
    rates = np.array([_rate(recording.spikes, step.time, hold) for step in steps])
    return FICurve(stairs, rates[: len(stairs)], rates[: len(stairs) - 1 : -1], hold)


def default_currents(plane: PhasePlane, entry: CellType, n: int = 41) -> np.ndarray:
    """`n` currents about the loss of the rest: up to twice the bifurcation current.

    Where a cell fires at a falling current (a < 0), from a tenth below the bifurcation to the
    saddle-node; without a bifurcation, up to twice the strongest current of the type's figure.
    """
    found = plane.bifurcations()
    events = [x.current for x in (found.hopf, found.saddle_node) if x is not None]
    if not events:
        _, amplitudes = entry.default_current.knots(entry.tstop)
        return np.linspace(0.0, 2 * float(np.abs(amplitudes).max()) or 1.0, n)
    if plane.a * plane.leak < 0:
        return np.linspace(min(events) - 0.1 * abs(min(events)), max(events), n)
    low, high = min(0.0, 2 * min(events)), max(0.0, 2 * max(events))
    return np.linspace(low, high if high > low else low + 1, n)


def _rate(spikes: np.ndarray, start: float, hold: float) -> float:
    """Rate (Hz) in the later half of a stair; 0 where firing has stopped before its end."""
    end = start + hold
    late = spikes[(spikes > start + hold / 2) & (spikes <= end)]
    if len(late) < 2:
        return 0.0
    intervals = np.diff(late)
    return 1000.0 / float(intervals.mean()) if end - late[-1] <= 1.5 * intervals.max() else 0.0


# --- a step from rest -----------------------------------------------------------------------------


@dataclass(frozen=True)
class LatencyCurve:
    """Time from the onset of a step to the first spike.

    Attributes
    ----------
    current : numpy.ndarray, shape (n,)
        Of the steps, mV/ms or pA.
    latency : numpy.ndarray, shape (n,)
        ms; infinite where no spike came within `duration`.
    before : float
        Current at which the cell rested, mV/ms or pA.
    duration : float
        Of each step, ms.
    """

    current: np.ndarray
    latency: np.ndarray
    before: float
    duration: float


def latency(
    paper: str,
    key: str,
    currents: ArrayLike,
    *,
    before: float = 0.0,
    duration: float = 1000.0,
    parameters: Parameters = None,
) -> LatencyCurve:
    """Measure how long the first spike takes after a step of current from rest.

    Just above a saddle-node the cell lingers where the rest was (its "ghost"): the latency grows
    as one over the square root of the distance.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    currents : array_like, shape (n,)
        Of the steps, mV/ms or pA.
    before : float
        Current at which the cell rests until then, mV/ms or pA.
    duration : float
        Of each step, ms.
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.

    Returns
    -------
    LatencyCurve

    Raises
    ------
    NoRestError
        If the cell has no stable rest at `before`.
    ValueError
        If a number is not finite, or `duration` is not greater than 0.
    RunawayError
        If the solution leaves every bound before a spike.
    """
    entry = cell_type(paper, key)
    rest = _rest(_plane(entry, parameters), before)
    steps = np.atleast_1d(np.asarray(currents, dtype=float))
    times = [_first_spike(entry, x, duration, rest, parameters) for x in steps.tolist()]
    return LatencyCurve(
        steps,
        np.array([math.inf if time is None else time for time in times]),
        float(before),
        float(duration),
    )


def step_rheobase(
    paper: str,
    key: str,
    *,
    before: float = 0.0,
    duration: float = 1000.0,
    tolerance: float = 1e-4,
    parameters: Parameters = None,
) -> float:
    """Find the smallest step of current from rest that makes the cell fire, by bisection.

    This is not the bifurcation current: see the head of this module.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    before : float
        Current at which the cell rests until then, mV/ms or pA.
    duration : float
        Time within which the spike must come, ms.
    tolerance : float
        Of the current, as a share of the step.
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.

    Returns
    -------
    float
        The current during the step, mV/ms or pA: it fires, and one smaller by `tolerance` of the
        step does not.

    Raises
    ------
    NoRestError
        If the cell has no stable rest at `before`, or no step makes it fire.
    ValueError
        If a number is not one that can be run.
    """
    if not 0 < tolerance < 1:
        raise ValueError(f"tolerance must lie between 0 and 1, not {tolerance}")
    entry = cell_type(paper, key)
    plane = _plane(entry, parameters)
    rest = _rest(plane, before)

    def fires(step: float) -> bool:
        return _first_spike(entry, before + step, duration, rest, parameters) is not None

    # a current that certainly matters: what the v-nullcline lacks to clear the rest
    step = max(float(plane.v_nullcline(rest.v, 0.0)) - _lowest(plane), 1e-3)
    for _ in range(30):
        if fires(step):
            break
        step *= 2
    else:
        raise NoRestError(f"no step up to {before + step:.4g} {plane.current_unit} makes it fire")
    silent = 0.0
    while step - silent > tolerance * step:
        middle = (silent + step) / 2
        if fires(middle):
            step = middle
        else:
            silent = middle
        if step < 1e-9:
            raise NoRestError(f"the cell fires without a step from its rest at {before:g}")
    return before + step


def _lowest(plane: PhasePlane) -> float:
    """The knee of the parabola, in units of the current."""
    if plane.e <= 0:
        raise NoRestError("the parabola of the v-nullcline does not open upwards")
    return float(plane.v_nullcline(plane.origin - plane.f / (2 * plane.e), 0.0))


# --- a slow ramp ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RampThreshold:
    """The current at which a slow ramp fires a cell, beside the bifurcation current.

    Attributes
    ----------
    current : float or None
        Of the ramp at the first spike, mV/ms or pA; None if it reached its end without one.
    bifurcation : Bifurcation
        What takes the rest away, as computed.
    start, stop : float
        Where the ramp began and where it would have ended, mV/ms or pA.
    slope : float
        Current per time, mV/ms^2 or pA/ms; negative on a falling ramp.
    """

    current: float | None
    bifurcation: Bifurcation
    start: float
    stop: float
    slope: float

    @property
    def delay(self) -> float | None:
        """How far beyond the bifurcation the spike came, as a share of the bifurcation current."""
        if self.current is None or self.bifurcation.current == 0:
            return None
        beyond = (self.current - self.bifurcation.current) * math.copysign(1, self.slope)
        return beyond / abs(self.bifurcation.current)


def slow_ramp(
    paper: str,
    key: str,
    *,
    slope: float | None = None,
    margin: float = 0.005,
    kick: float = KICK,
    parameters: Parameters = None,
    progress: Progress = None,
) -> RampThreshold:
    """Raise the current slowly through the bifurcation until the cell fires.

    An Andronov-Hopf bifurcation that is passed slowly shows late: past it the ringing has to grow
    from almost nothing, so the noise-free delay depends on where the ramp began (Baer, Erneux,
    Rinzel 1989) and on rounding. Here the cell is pushed by `kick` mV a hundred times on the way:
    the ramp is run in pieces, each from the end of the one before. What remains of the delay
    shrinks with the root of the slope (at a saddle-node with its power 2/3), wherever the ramp
    began.

    The ramp starts from the rest at `margin` before the bifurcation and stops four times as far
    beyond it. Where a falling current takes the rest away (a < 0) it falls.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    slope : float, optional
        Current per time, greater than 0, mV/ms^2 or pA/ms. Default: `gentle_slope`.
    margin : float
        Start of the ramp, as a share of the bifurcation current.
    kick : float
        How far each push moves v, mV; 0 for a plain ramp.
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.
    progress : callable, optional
        Called with the share of the ramp that is done, a hundred times at most.

    Returns
    -------
    RampThreshold

    Raises
    ------
    NoRestError
        If no bifurcation takes the rest of this cell away.
    ValueError
        If a number is not one that can be run.
    """
    entry = cell_type(paper, key)
    plane = _plane(entry, parameters)
    event, direction = _loss_of_rest(plane)
    slope = gentle_slope(plane) if slope is None else slope
    if not (math.isfinite(slope) and slope > 0 and margin > 0 and kick >= 0):
        raise ValueError("slope and margin must be greater than 0, and kick not less than 0")
    way = margin * (abs(event.current) or 1.0)
    start, stop = event.current - direction * way, event.current + 4 * direction * way
    duration = 5 * way / slope
    rest = _rest(plane, start)
    state: State = (rest.v, rest.u)
    for number in range(_N_KICKS):
        low, high = (start + (stop - start) * n / _N_KICKS for n in (number, number + 1))
        piece = Waveform(low, ramps=(Ramp(0.0, duration / _N_KICKS, low, high),))
        state = state[0] + kick, state[1]
        time, state = _go_on(entry, piece, duration / _N_KICKS, state, parameters)
        if time is not None:
            current = low + direction * slope * time
            return RampThreshold(current, event, start, stop, direction * slope)
        if progress is not None:
            progress((number + 1) / _N_KICKS)
    return RampThreshold(None, event, start, stop, direction * slope)


def gentle_slope(plane: PhasePlane, delay: float = 0.0045) -> float:
    """Slope of a ramp that should fire `delay` (a share of the current) past the bifurcation.

    Past an Andronov-Hopf bifurcation a kick grows at a rate proportional to the way beyond it;
    past a saddle-node the cell follows ``x' = x^2 + t``, slowed down by u.

    Parameters
    ----------
    plane : PhasePlane
    delay : float
        As a share of the bifurcation current.

    Returns
    -------
    float
        mV/ms^2 or pA/ms.

    Raises
    ------
    NoRestError
        If no bifurcation takes the rest away.
    """
    event, _ = _loss_of_rest(plane)
    way = delay * (abs(event.current) or 1.0)
    branch = next(branch for branch in plane.branches if event.v <= branch.upper)
    steepness = branch.steepness(event.v) / plane.leak
    recovery = plane.a * plane.leak * plane.capacitance
    if isinstance(event, Hopf):
        growth = plane.e / (plane.capacitance * abs(steepness - recovery))
        return growth * way**2 / (2 * math.log(_SPIKE_SIZE / KICK))
    slowed = plane.capacitance * abs(1 - steepness / recovery)
    return (way * plane.e ** (1 / 3) / _AIRY) ** 1.5 / slowed


def _loss_of_rest(plane: PhasePlane) -> tuple[Bifurcation, int]:
    """The bifurcation that takes the rest away, and the direction of the current that meets it."""
    found = plane.bifurcations()
    if found.first is not None:
        event = found.saddle_node if found.hopf is None else found.hopf
        if found.saddle_node is not None and found.first == "saddle-node":
            event = found.saddle_node
        assert event is not None
        return event, 1
    if found.hopf is not None and plane.a * plane.leak < 0:
        return found.hopf, -1
    raise NoRestError(f"no bifurcation takes the rest away. {found.reason}")


# --- ringing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ringing:
    """Period of the small oscillation about the rest.

    Attributes
    ----------
    current : float
        mV/ms or pA.
    measured : float or None
        In NEURON, ms; None where it dies within half a turn.
    predicted : float or None
        From the eigenvalues, ms; None where the rest does not ring.
    """

    current: float
    measured: float | None
    predicted: float | None


def ringing(
    paper: str,
    key: str,
    current: float = 0.0,
    *,
    displacement: float = 0.03,
    parameters: Parameters = None,
) -> Ringing:
    """Push the resting cell and measure the period of its subthreshold oscillation.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    current : float
        mV/ms or pA.
    displacement : float
        Of v at the start, mV: small, since the prediction is that of the linear system.
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.

    Returns
    -------
    Ringing

    Raises
    ------
    NoRestError
        If the cell has no stable rest at `current`.
    """
    entry = cell_type(paper, key)
    plane = _plane(entry, parameters)
    rest = _rest(plane, current)
    predicted = plane.subthreshold_period(current)
    if predicted is None:
        return Ringing(current, None, None)
    recording = simulate(
        paper,
        key,
        scheme="exact",
        current=current,
        tstop=5 * predicted,
        parameters=_with_start(parameters, rest, displacement),
    )
    away = recording.v - rest.v
    crossings = [
        j
        for j in np.flatnonzero(away[:-1] * away[1:] < 0)
        if abs(away[j:]).max() > _LEAST_RINGING * displacement
    ]
    times = [np.interp(0.0, *_rising(away[j : j + 2], recording.t[j : j + 2])) for j in crossings]
    measured = 2 * float(np.diff(times).mean()) if len(times) > 1 else None
    return Ringing(current, measured, predicted)


# --- what the measurements share ------------------------------------------------------------------


def _plane(entry: CellType, parameters: Parameters) -> PhasePlane:
    start = ("v0", "u0")
    own = {name: x for name, x in (parameters or {}).items() if name not in start}
    return for_cell_type(entry, own)


def _rest_or_none(plane: PhasePlane, current: float) -> FixedPoint | None:
    try:
        points: Sequence[FixedPoint] = plane.fixed_points(current)
    except ValueError:  # not isolated: no one of them is the rest
        return None
    return next((point for point in points if point.stable), None)


def _rest(plane: PhasePlane, current: float) -> FixedPoint:
    rest = _rest_or_none(plane, current)
    if rest is None:
        raise NoRestError(
            f"at I = {current:.4g} {plane.current_unit} this cell has no stable rest to start from"
        )
    return rest


def _with_start(
    parameters: Parameters, rest: FixedPoint | None, displacement: float = 0.0
) -> dict[str, float]:
    """The parameters with the start at `rest`, where there is one."""
    if rest is None:
        return dict(parameters or {})
    return {**(parameters or {}), "v0": rest.v + displacement, "u0": rest.u}


def _rising(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(x)
    return x[order], y[order]


def _first_spike(
    entry: CellType, current: float, duration: float, rest: FixedPoint, parameters: Parameters
) -> float | None:
    """Time of the first spike (ms) at a constant current from `rest`; None without one."""
    if not (math.isfinite(duration) and duration > 0):
        raise ValueError(f"duration must be greater than 0 ms, not {duration}")
    state: State = (rest.v, rest.u)
    begin = 0.0
    while begin < duration:
        length = min(_PIECE, duration - begin)
        time, state = _go_on(entry, constant(current), length, state, parameters)
        if time is not None:
            return begin + time
        begin += length
    return None


def _go_on(
    entry: CellType, waveform: Waveform, duration: float, state: State, parameters: Parameters
) -> tuple[float | None, State]:
    """Run on from `state`; the time of the first spike (ms), or None, and the state at the end."""
    try:
        recording = simulate(
            entry.paper,
            entry.key,
            scheme="exact",
            current=waveform,
            tstop=duration,
            parameters={**(parameters or {}), "v0": state[0], "u0": state[1]},
        )
    except RunawayError as error:  # what follows the first spike is of no interest here
        recording = error.recording
        if not len(recording.spikes):
            raise
    time = float(recording.spikes[0]) if len(recording.spikes) else None
    return time, (float(recording.v[-1]), float(recording.u[-1]))
