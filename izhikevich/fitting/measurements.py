"""What was measured of a cell: currents, and the voltage or the spike times of each trial.

It is checked before a fit starts: what no cell could have given is refused, with what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.errors import ParameterError

#: A voltage that only a spike rises above, mV.
SPIKE = -10.0
#: The coarsest sampling that a spike time can be read from, ms.
LONGEST_STEP = 1.0
#: Finer samples are averaged in steps of this length at least, ms.
SHORTEST_STEP = 0.1
# pA: what a patched cell gets is neither weaker than the one nor stronger than the other
_WEAKEST, _STRONGEST = 5.0, 1e5
# mV
_LOWEST, _HIGHEST = -200.0, 200.0


@dataclass(frozen=True, eq=False)
class Stimulus:
    """One current, and what the cell made of it in each trial.

    Attributes
    ----------
    name : str
    dt : float
        Of the samples, ms.
    current : numpy.ndarray, shape (n,)
        pA; the mean of the trials' where each was measured.
    spikes : tuple of numpy.ndarray
        Times of each trial, ms.
    voltages : tuple of numpy.ndarray, shape (n,)
        mV, of each trial; empty where only spike times are known.
    """

    name: str
    dt: float
    current: np.ndarray
    spikes: tuple[np.ndarray, ...]
    voltages: tuple[np.ndarray, ...] = ()

    @property
    def duration(self) -> float:
        """Of the current, ms."""
        return len(self.current) * self.dt


def stimulus(
    name: str,
    dt: float,
    current: Any,
    *,
    voltages: Sequence[Any] = (),
    spikes: Sequence[Any] | None = None,
    is_weak: bool = False,
) -> Stimulus:
    """Check what was measured at one stimulus; spikes are found in the voltages where not given.

    Parameters
    ----------
    name : str
    dt : float
        Of the samples, ms.
    current : array_like, shape (n,)
        pA.
    voltages : sequence of array_like, shape (n,)
        mV, of each trial.
    spikes : sequence of array_like, optional
        Times of each trial, ms.
    is_weak : bool
        Whether the current is in pA though it is so weak that it looks like nA.

    Raises
    ------
    ParameterError
        If they are not of one length or not finite, or of a size that no cell has.
    """
    if not (np.isfinite(dt) and 0 < dt <= LONGEST_STEP):
        raise ParameterError(
            f"{name}: samples are {dt:g} ms apart; a fit needs more than 0 and at most "
            f"{LONGEST_STEP:g} ms"
        )
    current = numbers(f"the current of {name}", current)
    largest = np.abs(current).max(initial=0.0)
    if not current.any():
        raise ParameterError(f"{name} has no current: there is nothing to fit")
    if largest < _WEAKEST and not is_weak:
        raise ParameterError(
            f"the current of {name} is at most {largest:.3g}: that looks like nA, and pA are "
            "expected; say which they are, --current-unit nA or --current-unit pA"
        )
    if largest > _STRONGEST:
        raise ParameterError(
            f"the current of {name} is up to {largest:.3g}: pA are expected; if it is in fA or "
            "A, convert it"
        )
    traces = tuple(numbers(f"the voltage of {name}", trace) for trace in voltages)
    for trace in traces:
        if len(trace) != len(current):
            raise ParameterError(
                f"{name}: the current has {len(current)} samples and a voltage {len(trace)}"
            )
        if trace.min() < _LOWEST or trace.max() > _HIGHEST or np.ptp(trace) < 1:
            raise ParameterError(
                f"the voltage of {name} goes from {trace.min():.3g} to {trace.max():.3g}: mV are "
                "expected; say --voltage-unit V if these are volts"
            )
    if spikes is None:
        trains = tuple(spike_times(trace, dt) for trace in traces)
    else:
        trains = tuple(np.sort(numbers(f"the spikes of {name}", each)) for each in spikes)
    if not trains:
        raise ParameterError(f"{name} has neither voltages nor spikes")
    duration = len(current) * dt
    for train in trains:
        if len(train) and (train[0] < 0 or train[-1] > duration + dt):
            raise ParameterError(
                f"{name}: spikes from {train[0]:g} to {train[-1]:g} ms, and a current of "
                f"{duration:g} ms; both are in ms from the start"
            )
    return _in_steps(Stimulus(name, float(dt), current, trains, traces))


def check(stimuli: Sequence[Stimulus]) -> None:
    """Refuse what no cell can be fitted to.

    Raises
    ------
    ParameterError
        If there is no stimulus, no spike, or not one sampling step.
    """
    if not stimuli:
        raise ParameterError("there is no stimulus to fit")
    if not any(len(train) for each in stimuli for train in each.spikes):
        raise ParameterError(
            f"there are no spikes: none are given, and no voltage rises above {SPIKE:g} mV"
        )
    steps = {float(f"{each.dt:.6g}") for each in stimuli}
    if len(steps) > 1:
        raise ParameterError(
            f"stimuli are sampled in different steps, {', '.join(f'{x:g}' for x in sorted(steps))}"
            " ms; resample them to one"
        )


def spike_times(v: np.ndarray, dt: float) -> np.ndarray:
    """Times (ms) of the peaks of a trace: one wherever it rises above `SPIKE`."""
    above = v > SPIKE
    starts = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    ends = np.flatnonzero(~above[1:] & above[:-1]) + 1
    ends = ends[np.searchsorted(ends, starts[0], side="right") :] if len(starts) else ends
    return np.array(
        [
            dt * (first + int(np.argmax(v[first:last])))
            for first, last in zip(starts, ends, strict=False)
        ]
    )


def step_of(times: np.ndarray) -> float:
    """Time between samples.

    Parameters
    ----------
    times : array_like
        Of the samples.

    Raises
    ------
    ParameterError
        If the time axis jumps.
    """
    times = numbers("t", times)
    if len(times) < 2:
        raise ParameterError("there are fewer than two samples")
    steps = np.diff(times)
    step = float(np.median(steps))
    jumps = np.flatnonzero(np.abs(steps - step) > 0.01 * abs(step))
    if len(jumps):
        raise ParameterError(
            f"the time axis jumps from {times[jumps[0]]:g} to {times[jumps[0] + 1]:g} ms; "
            f"elsewhere its step is {step:g} ms"
        )
    return step


def numbers(what: str, values: Any) -> np.ndarray:
    """Give values as one row of finite numbers; what they are is for the message if they are not.

    Raises
    ------
    ParameterError
        With what is wrong.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{what} must be numbers: {error}") from error
    if array.ndim != 1:
        raise ParameterError(f"{what} must be one row of numbers; its shape is {array.shape}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise ParameterError(f"{what} has {array[wrong[0]]} at sample {wrong[0]}")
    return array


def _in_steps(given: Stimulus) -> Stimulus:
    """The same in steps that a fit can afford, each the mean of the samples in it."""
    many = int(np.ceil(SHORTEST_STEP / given.dt - 1e-6))
    if many <= 1:
        return given
    n = len(given.current) // many

    def means(values: np.ndarray) -> np.ndarray:
        return values[: n * many].reshape(n, many).mean(axis=1)

    return Stimulus(
        given.name,
        given.dt * many,
        means(given.current),
        given.spikes,
        tuple(means(trace) for trace in given.voltages),
    )
