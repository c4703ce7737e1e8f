"""The exact scheme: a run by NEURON's variable step, in slices, so that a runaway is seen."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
from neuron import h

from izhikevich.choice import MAX_SAMPLES, Choice
from izhikevich.engine import isolation
from izhikevich.engine.cells import Cell
from izhikevich.engine.drive import schedule, start
from izhikevich.engine.traces import Traces
from izhikevich.recording import Recording, RunawayError

# With events located by the solver's own interpolation (condition_order 2) these keep spike times
# within 0.001 ms of a high-order solution.
ABSOLUTE_TOLERANCE = 1e-9
RELATIVE_TOLERANCE = 0.0

# A solution whose spikes follow each other faster than this (ms) has run away.
RUNAWAY_INTERVAL = 0.02
# One uninterrupted call of the solver can take minutes where a solution runs away, so it goes on
# in slices (ms): the first after a change of the current is short, the next twice as long, ...
FIRST_SLICE, SLICE = 1e-5, 2.0


def run_variable_step(
    cell: Cell,
    choice: Choice,
    traces: Traces,
    progress: Callable[[float], None] | None,
) -> Recording:
    """The variable step, in slices, so that a runaway is seen and a person can stop it."""
    with _tolerances_unscaled(choice):
        return _solve(cell, choice, traces, progress)


def _solve(
    cell: Cell,
    choice: Choice,
    traces: Traces,
    progress: Callable[[float], None] | None,
) -> Recording:
    solver = isolation.shared().solver
    tstop, waveform = choice.tstop, choice.waveform
    solver.active(1)
    solver.atol(ABSOLUTE_TOLERANCE)
    solver.rtol(RELATIVE_TOLERANCE)
    solver.condition_order(2)
    times, amplitudes = waveform.knots(tstop)
    if waveform.ramps:
        polygon = traces.vectors["play"].from_python(amplitudes)
        polygon.play(cell.izh._ref_Iin, traces.vectors["play_t"].from_python(times), 1)
    cell.izh.Iin = waveform.at(0)
    start(cell, choice)
    corners = np.unique(times[(times > 0) & (times < tstop)]).tolist()
    if waveform.ramps:
        for time in corners:
            solver.event(time, solver.re_init)
    else:
        schedule([(time, waveform.at(time)) for time in corners], cell, solver)
    n_spikes = 0
    for end in _slice_ends(corners, tstop):
        try:
            solver.solve(end)
        except RuntimeError:  # NEURON has printed what its solver says
            reason = "it grows too fast for the variable step to follow"
            raise _runaway(choice, traces, h.t, reason) from None
        spikes = traces.vectors["spikes"].to_python()
        for earlier, later in itertools.pairwise(spikes[max(0, n_spikes - 1) :]):
            if later - earlier < RUNAWAY_INTERVAL:
                reason = f"an interval between spikes fell under {RUNAWAY_INTERVAL:g} ms"
                raise _runaway(choice, traces, later, reason)
        if not (math.isfinite(cell.vref[0]) and math.isfinite(cell.izh.u)):
            raise _runaway(choice, traces, h.t, "its state is no finite number any more")
        if len(traces.vectors["t"]) > MAX_SAMPLES:
            raise _runaway(choice, traces, h.t, f"it took over {MAX_SAMPLES:,} samples")
        n_spikes = len(spikes)
        if progress is not None:
            progress(h.t)
    return _exact_recording(choice, traces.arrays())


def _slice_ends(corners: list[float], tstop: float) -> Iterator[float]:
    """Where the solver pauses, ms: at every corner of the current, so that it is sampled before it.

    After a corner the slices begin short, as what follows may run away at once.
    """
    time = 0.0
    for corner in [*corners, tstop]:
        length = FIRST_SLICE
        while time + length < corner:
            time += length
            yield time
            length = min(2 * length, SLICE)
        time = corner
        yield time


def _runaway(choice: Choice, traces: Traces, time: float, reason: str) -> RunawayError:
    """The exact run ended at `time` (ms) for `reason`; what was recorded until then."""
    arrays = traces.arrays()
    kept = (arrays["t"] <= time) & np.isfinite(arrays["v"]) & np.isfinite(arrays["u"])
    spikes = arrays.pop("spikes")
    arrays = {name: values[kept] for name, values in arrays.items()}
    recording = _exact_recording(choice, {**arrays, "spikes": spikes[spikes <= time]})
    return RunawayError(f"{choice.key} (exact) ran away at {time:g} ms: {reason}", recording, time)


def _exact_recording(choice: Choice, arrays: dict[str, np.ndarray]) -> Recording:
    """Let the first of the two samples at a spike show the peak itself.

    NEURON has located it to within its tolerance of the voltage, some 0.001 mV.
    """
    t, v, u, spikes = (arrays[name] for name in ("t", "v", "u", "spikes"))
    at = np.searchsorted(t, spikes, side="left")
    v[at] = choice.plane.peak(u[at])
    return Recording(
        t=t, v=v, u=u, i=arrays["i"], spikes=spikes, gsyn=arrays.get("g"), choice=choice
    )


@contextlib.contextmanager
def _tolerances_unscaled(choice: Choice) -> Iterator[None]:
    """Undo what the user may have set by CVode.atolscale for the states of the run."""
    solver = isolation.shared().solver
    own_voltage = f"{choice.mechanism}.V" if choice.variant == "PP" else "v"
    states = (own_voltage, f"{choice.mechanism}.u")
    found = {state: solver.atolscale(state) for state in states}
    try:
        for state in states:
            solver.atolscale(state, 1)
        yield
    finally:
        for state, scale in found.items():
            solver.atolscale(state, scale)
