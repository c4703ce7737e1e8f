"""Currents over time: constants, steps, pulses and ramps, described once.

The events sent to NEURON, the drawn stimulus and any reference solution are all derived from
a `Waveform`. Times are in ms; amplitudes are in the model's own unit (mV/ms in the 2003/2004
equations, pA in those of 2007).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.errors import ParameterError

# Two times closer than this are the same point of a step grid: rounding of j*dt must not
# move a step of the current to a neighbouring grid point.
GRID_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Step:
    """The current changes to `amplitude` (mV/ms or pA) at `time` (ms) and stays there.

    On a step grid, a step that is ``inclusive`` is already in force in the step that starts
    at `time` (the author's ``t >= T``); otherwise in the first one that starts later than
    `time` (``t > T``). In continuous time both mean "at T".
    """

    time: float
    amplitude: float
    inclusive: bool = True


@dataclass(frozen=True)
class Ramp:
    """The current is linear from `start` (ms, included) to `stop` (not included).

    It is `first` (mV/ms or pA) at `start`, and comes to `last` at `stop`.
    """

    start: float
    stop: float
    first: float
    last: float


@dataclass(frozen=True)
class Waveform:
    """A current: `initial` from t = 0, changed by steps, overridden within ramps.

    Parameters
    ----------
    initial : float
        Amplitude from t = 0 on.
    steps : tuple of Step
        In order of time.
    ramps : tuple of Ramp
        In order of time, not overlapping.

    Raises
    ------
    ParameterError
        If a number is not finite, a time is negative, or the parts are out of order.
    """

    initial: float = 0.0
    steps: tuple[Step, ...] = ()
    ramps: tuple[Ramp, ...] = ()

    def __post_init__(self) -> None:
        numbers = [self.initial]
        numbers += [x for s in self.steps for x in (s.time, s.amplitude)]
        numbers += [x for r in self.ramps for x in (r.start, r.stop, r.first, r.last)]
        for number in numbers:
            if not math.isfinite(number):
                raise ParameterError(f"a current needs finite numbers, not {number}")
        times = [s.time for s in self.steps]
        if times != sorted(times) or any(time < 0 for time in times):
            raise ParameterError(f"the times of a current's steps must be >= 0 and rise: {times}")
        edges = [x for r in self.ramps for x in (r.start, r.stop)]
        if edges != sorted(edges) or any(edge < 0 for edge in edges):
            raise ParameterError(f"a current's ramps must start at >= 0 and not overlap: {edges}")
        if any(r.start == r.stop for r in self.ramps):
            raise ParameterError(f"a current's ramp needs a duration: {edges}")

    @property
    def strongest(self) -> float:
        """The largest size of the current, mV/ms or pA."""
        return max(
            abs(self.initial),
            *(abs(step.amplitude) for step in self.steps),
            *(max(abs(ramp.first), abs(ramp.last)) for ramp in self.ramps),
            0.0,
        )

    @property
    def first_change(self) -> float:
        """Time of the first step or ramp, ms; 0 if there is none."""
        times = [step.time for step in self.steps] + [ramp.start for ramp in self.ramps]
        return float(min(times, default=0.0))

    def extremes(self, tstop: float) -> tuple[float, float]:
        """The current at t = 0, and the one within `tstop` (ms) that lies farthest from it."""
        _, amplitudes = self.knots(tstop)
        before = self.at(0)
        return before, float(amplitudes[np.argmax(np.abs(amplitudes - before))])

    def scaled(self, factor: float) -> Waveform:
        """The same waveform, times a factor, as in another unit."""
        return Waveform(
            factor * self.initial,
            tuple(Step(s.time, factor * s.amplitude, s.inclusive) for s in self.steps),
            tuple(Ramp(r.start, r.stop, factor * r.first, factor * r.last) for r in self.ramps),
        )

    def to_dict(self) -> dict[str, Any]:
        """The waveform in lists and numbers, as JSON has them; `from_dict` reads it back."""
        return {
            "initial": self.initial,
            "steps": [[s.time, s.amplitude, s.inclusive] for s in self.steps],
            "ramps": [[r.start, r.stop, r.first, r.last] for r in self.ramps],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Waveform:
        """Read what `to_dict` gave."""
        return cls(
            stored["initial"],
            tuple(Step(*step) for step in stored["steps"]),
            tuple(Ramp(*ramp) for ramp in stored["ramps"]),
        )

    def at(self, time: float) -> float:
        """Amplitude (mV/ms or pA) at `time` (ms) in continuous time; at a jump, that after it."""
        amplitude = self.initial
        for step in self.steps:
            if step.time <= time:
                amplitude = step.amplitude
        for ramp in self.ramps:
            if ramp.start <= time < ramp.stop:
                fraction = (time - ramp.start) / (ramp.stop - ramp.start)
                amplitude = ramp.first + (ramp.last - ramp.first) * fraction
        return amplitude

    def sampled(self, dt: float, n_steps: int) -> np.ndarray:
        """Amplitude during each step of a grid, as the published rule uses it.

        Parameters
        ----------
        dt : float
            Step, ms.
        n_steps : int
            Number of steps; step j starts at j*dt.

        Returns
        -------
        numpy.ndarray, shape (n_steps,)
            mV/ms or pA.
        """
        starts = np.arange(n_steps) * dt
        current = np.full(n_steps, float(self.initial))
        for step in self.steps:
            current[self._first_step(step, dt) :] = step.amplitude
        for ramp in self.ramps:
            inside = (starts > ramp.start - GRID_TOLERANCE) & (starts < ramp.stop - GRID_TOLERANCE)
            fraction = (starts[inside] - ramp.start) / (ramp.stop - ramp.start)
            current[inside] = ramp.first + (ramp.last - ramp.first) * fraction
        return current

    @staticmethod
    def _first_step(step: Step, dt: float) -> int:
        """Index of the first grid step that uses the new amplitude."""
        if step.inclusive:
            return math.ceil((step.time - GRID_TOLERANCE) / dt)
        return math.floor((step.time + GRID_TOLERANCE) / dt) + 1

    def knots(self, tstop: float) -> tuple[np.ndarray, np.ndarray]:
        """The waveform as a polygon for 0 <= t <= tstop, with two points at a jump.

        Returns
        -------
        times, amplitudes : numpy.ndarray
            Of equal length; `times` does not decrease.
        """
        corners = {0.0, float(tstop)}
        corners.update(s.time for s in self.steps)
        corners.update(x for r in self.ramps for x in (r.start, r.stop))
        times: list[float] = []
        amplitudes: list[float] = []
        for time in sorted(corner for corner in corners if corner <= tstop):
            before, after = self._before(time), self.at(time)
            if time > 0 and before != after:
                times.append(time)
                amplitudes.append(before)
            times.append(time)
            amplitudes.append(after)
        return np.array(times), np.array(amplitudes)

    def _before(self, time: float) -> float:
        """Limit of the amplitude as `time` is approached from below."""
        amplitude = self.initial
        for step in self.steps:
            if step.time < time:
                amplitude = step.amplitude
        for ramp in self.ramps:
            if ramp.start < time <= ramp.stop:
                fraction = (time - ramp.start) / (ramp.stop - ramp.start)
                amplitude = ramp.first + (ramp.last - ramp.first) * fraction
        return amplitude


def constant(amplitude: float) -> Waveform:
    """The same current from t = 0 on."""
    return Waveform(float(amplitude))


def step(before: float, after: float, time: float) -> Waveform:
    """`before` until `time` (ms), `after` from then on."""
    return Waveform(float(before), (Step(float(time), float(after)),))
