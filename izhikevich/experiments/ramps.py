"""A slow ramp of current finds the *bifurcation current*, at which the rest of a cell is lost.

Sources
-------
E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapters 6 and 7.
S. M. Baer, T. Erneux, J. Rinzel, "The slow passage through a Hopf bifurcation: delay, memory
effects, and resonance", SIAM J. Appl. Math. 49(1):55-71, 1989.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from izhikevich.analysis.bifurcations import Bifurcation, Hopf
from izhikevich.analysis.plane import PhasePlane
from izhikevich.choice import choose
from izhikevich.errors import ParameterError
from izhikevich.experiments.resting import NoRestError, Parameters, State, rest_at, run_on
from izhikevich.waveforms import Ramp, Waveform

# What ends a rest is a push, however small: that of rounding comes late, so a ramp gives its own.
KICK = 0.05
_N_KICKS = 100
# How far (mV) a kick has to grow to become a spike.
_SPIKE_SIZE = 10.0
# Slow passage through a saddle-node: the first zero of Airy's function, x' = x^2 + t.
_AIRY = 2.338


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
    progress: Callable[[float], None] | None = None,
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
    ParameterError
        If a number is not one that can be run.
    """
    choice = choose(paper, key, scheme="exact", parameters=parameters)
    plane = choice.plane
    event, direction = _loss_of_rest(plane)
    slope = gentle_slope(plane) if slope is None else slope
    if not (math.isfinite(slope) and slope > 0 and margin > 0 and kick >= 0):
        raise ParameterError("slope and margin must be greater than 0, and kick not less than 0")
    way = margin * (abs(event.current) or 1.0)
    start, stop = event.current - direction * way, event.current + 4 * direction * way
    duration = 5 * way / slope
    rest = rest_at(plane, start)
    state: State = (rest.v, rest.u)
    for number in range(_N_KICKS):
        low, high = (start + (stop - start) * n / _N_KICKS for n in (number, number + 1))
        piece = Waveform(low, ramps=(Ramp(0.0, duration / _N_KICKS, low, high),))
        state = state[0] + kick, state[1]
        time, state = run_on(choice, piece, duration / _N_KICKS, state)
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
