"""How fast a cell fires at a constant current: the f-I curve, and single long runs.

Currents are in the unit of the model, times in ms, rates in Hz.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis.plane import PhasePlane
from izhikevich.catalog import CellType
from izhikevich.choice import Choice, choose
from izhikevich.engine.simulation import simulate_choice
from izhikevich.errors import ParameterError
from izhikevich.experiments.resting import Parameters, rest_or_none, started_at
from izhikevich.experiments.runaways import run_until_runaway
from izhikevich.recording import Recording
from izhikevich.waveforms import Step, Waveform, constant

# Time on each stair of an f-I curve, and of a single long run, ms.
HOLD = 1000.0


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
    progress: Callable[[float], None] | None = None,
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
    ParameterError
        If `currents` is empty or not finite, or `hold` is not greater than 0.
    RunawayError
        If the solution leaves every bound.
    """
    choice = choose(paper, key, scheme=scheme, parameters=parameters)
    if currents is None:
        currents = default_currents(choice.plane, choice.cell_type)
    stairs = np.unique(np.asarray(currents, dtype=float))
    if not stairs.size or not np.all(np.isfinite(stairs)):
        raise ParameterError("an f-I curve needs at least one current, and finite ones")
    if not (math.isfinite(hold) and hold > 0):
        raise ParameterError(f"hold must be greater than 0 ms, not {hold}")
    both_ways = np.concatenate([stairs, stairs[::-1]]).tolist()
    steps = tuple(Step(number * hold, amplitude) for number, amplitude in enumerate(both_ways))
    rest = rest_or_none(choice.plane, both_ways[0])
    if rest is not None:
        choice = started_at(choice, rest.v, rest.u)
    choice = choice.but(current=Waveform(both_ways[0], steps[1:]), tstop=hold * len(both_ways))
    recording = simulate_choice(choice.check(), progress)
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


def long_run(choice: Choice, current: float) -> Recording:
    """Run at a constant current for `HOLD` ms, or until it runs away.

    Parameters
    ----------
    choice : Choice
        The cell.
    current : float
        In the model's unit.
    """
    return run_until_runaway(choice.but(current=constant(current), tstop=HOLD).check())


def goes_on_firing(recording: Recording) -> bool:
    """Whether there is a spike in the later half of a run."""
    return bool(np.any(recording.spikes > recording.tstop / 2))


def _rate(spikes: np.ndarray, start: float, hold: float) -> float:
    """Rate (Hz) in the later half of a stair; 0 where firing has stopped before its end."""
    end = start + hold
    late = spikes[(spikes > start + hold / 2) & (spikes <= end)]
    if len(late) < 2:
        return 0.0
    intervals = np.diff(late)
    return 1000.0 / float(intervals.mean()) if end - late[-1] <= 1.5 * intervals.max() else 0.0
