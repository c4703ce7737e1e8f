"""The published rule: a run in forward steps of dt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from neuron import h

from izhikevich.choice import Choice
from izhikevich.engine import isolation
from izhikevich.engine.cells import Cell
from izhikevich.engine.drive import schedule, start
from izhikevich.engine.traces import Traces
from izhikevich.recording import Recording, RunawayError

# A solution whose v (mV) or u exceeds this has run away.
RUNAWAY_SIZE = 1e30
# A run looks so often (ms) whether it has, and says how far it is.
SLICE = 2.0


def run_fixed_step(
    cell: Cell,
    choice: Choice,
    traces: Traces,
    progress: Callable[[float], None] | None,
) -> Recording:
    """The published rule: forward steps of dt."""
    solver = isolation.shared().solver
    dt, n_steps = choice.dt, choice.n_steps
    assert dt is not None
    waveform = choice.waveform
    solver.active(0)
    h.dt = dt
    current = waveform.sampled(dt, n_steps + 1)
    cell.izh.Iin = current[0]
    if waveform.ramps:
        traces.vectors["play"].from_python(current).play(cell.izh._ref_Iin, dt)
    start(cell, choice)
    if not waveform.ramps:
        # one event a step: NEURON does not keep the order of events at the same time
        changes = np.flatnonzero(np.diff(current)) + 1
        schedule([(j * dt, float(current[j])) for j in changes.tolist()], cell, solver)
    fadvance, voltage = h.fadvance, cell.vref
    every = max(1, round(SLICE / dt))
    # NEURON looks for a spike when the next step begins: one step more shows one in the last
    for step in range(n_steps + 1):
        fadvance()
        if step % every == 0:
            if not (abs(voltage[0]) < RUNAWAY_SIZE and abs(cell.izh.u) < RUNAWAY_SIZE):
                break
            if progress is not None:
                progress(step * dt)
    return _fixed_recording(choice, traces.arrays(), n_steps)


def _fixed_recording(choice: Choice, arrays: dict[str, np.ndarray], n_steps: int) -> Recording:
    """Put peak and reset into the samples of the spikes; stop where the run is not finite."""
    assert choice.dt is not None
    n = min(n_steps + 1, len(arrays["v"]))
    v, u = arrays["v"][:n], arrays["u"][:n]
    with np.errstate(invalid="ignore"):
        bounded = (np.abs(v) < RUNAWAY_SIZE) & (np.abs(u) < RUNAWAY_SIZE)
    end = n if bounded.all() else int(np.argmin(bounded))
    at = np.rint(arrays["spikes"] / choice.dt).astype(int)
    at = at[at < end]
    plane = choice.plane
    u_before = u[at]
    v[at] = plane.peak(u_before)
    u[at] = plane.reset(u_before)[1]
    recording = Recording(
        choice=choice,
        t=np.arange(end) * choice.dt,
        v=v[:end],
        u=u[:end],
        i=arrays["i"][:end],
        spikes=at * choice.dt,
        gsyn=arrays["g"][:end] if "g" in arrays else None,
    )
    if end < n:
        time = end * choice.dt
        raise RunawayError(
            f"{choice.key} ({choice.scheme}, dt {choice.dt:g} ms) ran away at {time:g} ms: "
            "its state is out of every bound; try a smaller step or a weaker current",
            recording,
            time,
        )
    return recording
