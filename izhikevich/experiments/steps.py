"""A step of current from rest: how long the first spike takes, and the smallest step that fires.

The *step rheobase* is not the current at which the rest is lost (the *bifurcation current*, which
`izhikevich.analysis.bifurcations` computes, and a slow ramp finds): u lags behind a step, so a cell
that loses its rest by a subcritical Andronov-Hopf bifurcation fires at a step below it.

Source
------
E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapters 6 and 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.analysis.plane import PhasePlane
from izhikevich.choice import Choice, choose
from izhikevich.errors import ParameterError
from izhikevich.experiments.resting import NoRestError, Parameters, State, rest_at, run_on
from izhikevich.waveforms import constant

# A run that waits for the first spike looks for it this often, ms.
_PIECE = 50.0
# How long a step is held by default, ms. Just above a saddle-node the first spike takes longer.
WAIT = 1000.0


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
    duration: float = WAIT,
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
    ParameterError
        If a number is not finite, or `duration` is not greater than 0.
    RunawayError
        If the solution leaves every bound before a spike.
    """
    choice = choose(paper, key, scheme="exact", parameters=parameters)
    rest = rest_at(choice.plane, before)
    steps = np.atleast_1d(np.asarray(currents, dtype=float))
    times = [_first_spike(choice, x, duration, rest) for x in steps.tolist()]
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
    duration: float = WAIT,
    tolerance: float = 1e-4,
    parameters: Parameters = None,
) -> float:
    """Find the smallest step of current from rest that makes the cell fire, by bisection.

    This is not the bifurcation current: see `izhikevich.experiments.steps`.

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
    ParameterError
        If a number is not one that can be run.
    """
    if not 0 < tolerance < 1:
        raise ParameterError(f"tolerance must lie between 0 and 1, not {tolerance}")
    choice = choose(paper, key, scheme="exact", parameters=parameters)
    plane = choice.plane
    rest = rest_at(plane, before)

    def fires(step: float) -> bool:
        return _first_spike(choice, before + step, duration, rest) is not None

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


def _first_spike(choice: Choice, current: float, duration: float, rest: FixedPoint) -> float | None:
    """Time of the first spike (ms) at a constant current from `rest`; None without one."""
    if not (math.isfinite(duration) and duration > 0):
        raise ParameterError(f"duration must be greater than 0 ms, not {duration}")
    state: State = (rest.v, rest.u)
    begin = 0.0
    while begin < duration:
        length = min(_PIECE, duration - begin)
        time, state = run_on(choice, constant(current), length, state)
        if time is not None:
            return begin + time
        begin += length
    return None
