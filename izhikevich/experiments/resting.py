"""What measurements from rest share: the rest of a cell, and runs on from a state to a spike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.analysis.plane import PhasePlane
from izhikevich.choice import Choice
from izhikevich.engine.simulation import simulate_choice
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.recording import RunawayError
from izhikevich.waveforms import Waveform

Parameters = Mapping[str, float] | None
# v in mV, u in mV/ms or pA
State = tuple[float, float]


class NoRestError(IzhikevichError, ValueError):
    """The cell has no stable rest to begin with, or no bifurcation that takes it away."""


def rest_or_none(plane: PhasePlane, current: float) -> FixedPoint | None:
    """The stable fixed point at a constant current; None where there is none."""
    try:
        points: Sequence[FixedPoint] = plane.fixed_points(current)
    except ParameterError:  # not isolated: no one of them is the rest
        return None
    return next((point for point in points if point.stable), None)


def rest_at(plane: PhasePlane, current: float) -> FixedPoint:
    """The stable fixed point at a constant current.

    Raises
    ------
    NoRestError
        If there is none.
    """
    rest = rest_or_none(plane, current)
    if rest is None:
        raise NoRestError(
            f"at I = {current:.4g} {plane.current_unit} this cell has no stable rest to start from"
        )
    return rest


def started_at(choice: Choice, v: float, u: float) -> Choice:
    """The choice with the start at `v` (mV) and `u` (mV/ms or pA)."""
    return choice.but(changes={**choice.changes, "v0": v, "u0": u})


def run_on(
    choice: Choice, current: Waveform, duration: float, state: State
) -> tuple[float | None, State]:
    """Run on from a state.

    Parameters
    ----------
    choice : Choice
    current : Waveform
    duration : float
        ms.
    state : (float, float)
        v and u at the start, mV, and mV/ms or pA.

    Returns
    -------
    first_spike : float or None
        Its time, ms; None without one.
    state : (float, float)
        v and u at the end.

    Raises
    ------
    RunawayError
        If the solution leaves every bound before a spike.
    """
    run = started_at(choice, *state).but(current=current, tstop=duration)
    try:
        recording = simulate_choice(run.check())
    except RunawayError as error:  # what follows the first spike is of no interest here
        recording = error.recording
        if not len(recording.spikes):
            raise
    time = float(recording.spikes[0]) if len(recording.spikes) else None
    return time, (float(recording.v[-1]), float(recording.u[-1]))
