"""A cell type, a scheme and a current in; a `Recording` out.

What NEURON shares among everyone in the process (its step, its variable-step solver, its clock)
is touched here and put back as it was.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from neuron import h

from izhikevich.choice import MAX_SAMPLES, Choice, Synapse, choose
from izhikevich.engine import isolation, mechanisms
from izhikevich.engine.cells import Izhi2003Cell, IzhiCell, cell_of
from izhikevich.recording import Recording, RunawayError
from izhikevich.waveforms import Waveform

# Tolerances of the exact scheme. With events located by the solver's own interpolation
# (condition_order 2) they keep spike times within 0.001 ms of a high-order solution.
ABSOLUTE_TOLERANCE = 1e-9
RELATIVE_TOLERANCE = 0.0

# An exact solution whose spikes follow each other faster than this (ms) has run away.
RUNAWAY_INTERVAL = 0.02
# One uninterrupted call of the solver can take minutes where a solution runs away, so it goes on
# in slices (ms): the first after a change of the current is short, the next twice as long, ...
FIRST_SLICE, SLICE = 1e-5, 2.0

# A fixed-step solution whose v (mV) or u exceeds this has run away.
RUNAWAY_SIZE = 1e30

# Room for so many samples is kept from one run to the next.
LARGE_BUFFER = 100_000

# One run at a time in this process; a run within a run finds the outer one's cell, and leaves.
_TURN = threading.RLock()


def simulate(
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
    progress: Callable[[float], None] | None = None,
) -> Recording:
    """Run one published cell type in NEURON.

    NEURON's dt, clock, threads and variable-step settings are left as they were found. In a
    process that holds sections, artificial cells, recordings or connections of the user's own,
    which any initialisation would overwrite, the run takes place in a worker process. Events and
    callbacks that the user has given to CVode are not seen: do not let them wait over a call.

    Parameters
    ----------
    paper : str
        Name of a publication: "2003", "2004", "2007" or one that was registered.
    key : str
        Key of the catalogue, such as "tonic spiking" or "RS".
    variant : str
        "PP" (a point process with its own voltage) or "Sec" (in a section).
    scheme : str
        "published": the author's update rule at the author's step. "exact": the variable step,
        the answer of the equations themselves. "fixed": the published rule at the step `dt`.
    dt : float, optional
        Step of the *fixed* scheme, ms; for that scheme alone.
    current : float or Waveform, optional
        Injected current, mV/ms (2003, 2004) or pA (2007). A number is a constant current, in
        the burst modes of 2007 after their conditioning. Default: the figure's (of several,
        the strongest).
    tstop : float, optional
        Duration, ms. Default: the figure's.
    parameters : mapping of str to float, optional
        Parameters of the mechanism by name, and the start v0 (mV) and u0, that replace the
        type's own.
    synapse : Synapse, optional
        A train of synaptic events, in addition.
    progress : callable, optional
        Called with the time reached (ms) every few ms of simulated time. An exception that it
        raises ends the run.

    Returns
    -------
    Recording

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If an argument cannot be run; nothing has been run then.
    RunawayError
        If the solution leaves every bound: v or u over 1e30 under a fixed step; under *exact* an
        interval between spikes under 0.02 ms, or a solver that cannot go on. It carries the
        recording so far.
    MechanismError
        If the mechanisms cannot be built, or the one that is needed is not this package's.
    """
    choice = choose(
        paper,
        key,
        variant=variant,
        scheme=scheme,
        dt=dt,
        current=current,
        tstop=tstop,
        parameters=parameters,
        synapse=synapse,
    )
    return simulate_choice(choice, progress)


def simulate_choice(choice: Choice, progress: Callable[[float], None] | None = None) -> Recording:
    """Run a choice: the second half of `simulate`.

    Parameters
    ----------
    choice : Choice
        What `izhikevich.choice.choose` gave, or `Choice.check`.
    progress : callable, optional
        As for `simulate`.

    Returns
    -------
    Recording

    Raises
    ------
    RunawayError, MechanismError
        As for `simulate`.
    """
    mechanisms.load()
    if choice.mechanism in mechanisms.foreign():
        raise mechanisms.MechanismError(
            f"the {choice.mechanism} that this process has loaded is not this package's but one "
            "of the user's own libraries, so its results would not be those of the catalogue; "
            f"start Python where no other library defines {choice.mechanism}"
        )
    with _TURN:
        if not isolation.holds_objects_of_the_user():
            return run(choice, progress)
    from izhikevich.engine import worker

    return worker.shared().run(choice, progress)


# --- the run itself ---


def run(choice: Choice, progress: Callable[[float], None] | None = None) -> Recording:
    """Run a checked choice in this process, which must hold nothing of the user's own."""
    with isolation.neuron_as_found(), _cell_of(choice) as cell:
        return _run_cell(cell, choice, progress)


def run_on(cell: Izhi2003Cell | IzhiCell, choice: Choice) -> Recording:
    """Run a checked choice on a cell of the user's own, which has its parameters already.

    Like any initialisation it starts everything anew that the process holds.

    Raises
    ------
    RunawayError
        As for `simulate`.
    """
    with isolation.neuron_as_found():
        return _run_cell(cell, choice, None)


def _run_cell(
    cell: Izhi2003Cell | IzhiCell,
    choice: Choice,
    progress: Callable[[float], None] | None,
) -> Recording:
    with _recording_of(cell, choice) as record:
        if choice.scheme == "exact":
            with _tolerances_unscaled(choice):
                return _run_exact(cell, choice, record, progress)
        return _run_fixed(cell, choice, record, progress)


@contextlib.contextmanager
def _cell_of(choice: Choice) -> Iterator[Izhi2003Cell | IzhiCell]:
    """The cell of the run, which is gone afterwards."""
    host = None if choice.variant == "Sec" else h.Section(name="host")
    cell = cell_of(choice.cell_type, host)
    if host is None:
        # NEURON couples a section to its ends; with one segment that adds nothing but rounding
        cell.sec.Ra = 1e9
    known = {n: x for n, x in choice.model_parameters.items() if hasattr(cell.izh, n)}
    cell.set_parameters(known)
    try:
        yield cell
    finally:
        # an exception that the caller keeps would otherwise keep the cell alive through its frames
        cell.izh = cell.sec = host = None


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


@dataclass
class _Record:
    """The vectors of one run, being filled by NEURON."""

    vectors: dict[str, Any]
    drive: _Drive | None

    def arrays(self) -> dict[str, np.ndarray]:
        """Copies of what was recorded, by name."""
        arrays = {}
        for name in ("t", "v", "u", "i", "g", "spikes"):
            vector = self.vectors[name]
            arrays[name] = vector.to_python(np.empty(len(vector)))
        if self.drive is None:
            del arrays["g"]
        else:
            arrays["g"] /= self.drive.unit
        return arrays


@contextlib.contextmanager
def _recording_of(cell: Izhi2003Cell | IzhiCell, choice: Choice) -> Iterator[_Record]:
    """Record time, state, current, conductance and spikes, with the synapse in place."""
    vectors = isolation.shared().vectors
    references = {"t": h._ref_t, "v": cell.vref, "u": cell.izh._ref_u, "i": cell.izh._ref_Iin}
    drive = None if choice.synapse is None else _drive(cell, choice, choice.synapse)
    if drive is not None:
        references["g"] = drive.conductance
    spikes = h.NetCon(cell.izh, None)
    try:
        for name, reference in references.items():
            vectors[name].record(reference)
        spikes.record(vectors["spikes"])
        record = _Record(vectors, drive)
        yield record
        record.drive = None
    finally:
        for vector in vectors.values():
            vector.play_remove()
            vector.resize(0)
            if vector.buffer_size() > LARGE_BUFFER:
                vector.buffer_size(LARGE_BUFFER)
        spikes = drive = reference = None
        references.clear()


@dataclass
class _Drive:
    """A synapse in place: what must stay alive during the run, and its conductance in `unit`."""

    objects: tuple[Any, ...]
    conductance: Any
    unit: float


def _drive(cell: Izhi2003Cell | IzhiCell, choice: Choice, synapse: Synapse) -> _Drive:
    """Let a train of events drive the cell.

    A point process has receptors of its own; a section gets an ExpSyn, scaled so that the same
    weight moves the voltage as much: for 1 pF 1/ms is 0.001 uS; for 2007 the section stands for
    100 pF where the cell has C.
    """
    if choice.variant == "PP":
        target = cell.izh
        unit = 1.0
        conductance = cell.set_synapse(synapse.tau, synapse.erev)
    else:
        target = h.ExpSyn(cell.sec(0.5))
        target.tau, target.e = synapse.tau, synapse.erev
        unit = 0.001 / choice.parameters.get("C", 1.0)
        conductance = target._ref_g
    train = h.NetStim()
    train.start, train.interval, train.number = synapse.start, synapse.interval, synapse.number
    connection = h.NetCon(train, target)
    connection.delay = synapse.delay
    connection.weight[0] = synapse.weight * unit
    return _Drive((target, train, connection), conductance, unit)


def _start(cell: Izhi2003Cell | IzhiCell, choice: Choice) -> None:
    """Initialise, with the cell at v0 and u0."""
    h.finitialize(choice.parameters["v0"])
    cell.set_state(choice.parameters["v0"], choice.parameters["u0"])
    if choice.scheme == "exact":
        isolation.shared().solver.re_init()
    h.frecord_init()


def _schedule(times_and_amplitudes: list[tuple[float, float]], cell: Any, solver: Any) -> None:
    """Send the steps of the current as events."""
    for time, amplitude in times_and_amplitudes:

        def change(amplitude: float = amplitude) -> None:
            cell.izh.Iin = amplitude
            if solver.active():
                solver.re_init()

        solver.event(time, change)


def _run_fixed(
    cell: Izhi2003Cell | IzhiCell,
    choice: Choice,
    record: _Record,
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
        record.vectors["play"].from_python(current).play(cell.izh._ref_Iin, dt)
    _start(cell, choice)
    if not waveform.ramps:
        # one event a step: NEURON does not keep the order of events at the same time
        changes = np.flatnonzero(np.diff(current)) + 1
        _schedule([(j * dt, float(current[j])) for j in changes.tolist()], cell, solver)
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
    return _fixed_recording(choice, record.arrays(), n_steps)


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


def _run_exact(
    cell: Izhi2003Cell | IzhiCell,
    choice: Choice,
    record: _Record,
    progress: Callable[[float], None] | None,
) -> Recording:
    """The variable step, in slices, so that a runaway is seen and a person can stop it."""
    solver = isolation.shared().solver
    tstop, waveform = choice.tstop, choice.waveform
    solver.active(1)
    solver.atol(ABSOLUTE_TOLERANCE)
    solver.rtol(RELATIVE_TOLERANCE)
    solver.condition_order(2)
    times, amplitudes = waveform.knots(tstop)
    if waveform.ramps:
        polygon = record.vectors["play"].from_python(amplitudes)
        polygon.play(cell.izh._ref_Iin, record.vectors["play_t"].from_python(times), 1)
    cell.izh.Iin = waveform.at(0)
    _start(cell, choice)
    corners = np.unique(times[(times > 0) & (times < tstop)]).tolist()
    if waveform.ramps:
        for time in corners:
            solver.event(time, solver.re_init)
    else:
        _schedule([(time, waveform.at(time)) for time in corners], cell, solver)
    n_spikes = 0
    for end in _slice_ends(corners, tstop):
        try:
            solver.solve(end)
        except RuntimeError as error:
            reason = f"the solver could not go on ({str(error).splitlines()[0]})"
            raise _runaway(choice, record, h.t, reason) from None
        spikes = record.vectors["spikes"].to_python()
        for earlier, later in itertools.pairwise(spikes[max(0, n_spikes - 1) :]):
            if later - earlier < RUNAWAY_INTERVAL:
                reason = f"an interval between spikes fell under {RUNAWAY_INTERVAL:g} ms"
                raise _runaway(choice, record, later, reason)
        if not (math.isfinite(cell.vref[0]) and math.isfinite(cell.izh.u)):
            raise _runaway(choice, record, h.t, "its state is no finite number any more")
        if len(record.vectors["t"]) > MAX_SAMPLES:
            raise _runaway(choice, record, h.t, f"it took over {MAX_SAMPLES:,} samples")
        n_spikes = len(spikes)
        if progress is not None:
            progress(h.t)
    return _exact_recording(choice, record.arrays())


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


def _runaway(choice: Choice, record: _Record, time: float, reason: str) -> RunawayError:
    """The exact run ended at `time` (ms) for `reason`; what was recorded until then."""
    arrays = record.arrays()
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
