"""A cell type, a scheme and a current in; a `Recording` out.

What NEURON shares among everyone in the process (its step, its variable-step solver, its clock)
is touched here and put back as it was.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from neuron import coreneuron, h

from izhikevich.analysis import phase_plane
from izhikevich.catalog import CellType, cell_type
from izhikevich.engine import mechanisms
from izhikevich.engine.cells import MECHANISM, Izhi2003Cell, IzhiCell
from izhikevich.recording import Recording
from izhikevich.waveforms import Waveform

VARIANTS = ("PP", "Sec")
SCHEMES = ("published", "exact", "fixed")

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

MAX_SAMPLES = 10_000_000
# Room for so many samples is kept from one run to the next.
LARGE_BUFFER = 100_000
MAX_DURATION = 1e7
# Beyond these (mV/ms or pA; any unit) nothing is a neuron any more, and nothing can be drawn.
MAX_CURRENT = 1e9
MAX_PARAMETER = phase_plane.LARGEST


# One run at a time in this process; a run within a run finds the outer one's cell, and leaves.
_TURN = threading.RLock()


class RunawayError(RuntimeError):
    """The solution left every bound; `recording` holds the run until then.

    Attributes
    ----------
    recording : Recording
        The run up to `time`.
    time : float
        When it ran away, ms.
    """

    def __init__(self, message: str, recording: Recording, time: float) -> None:
        super().__init__(message, recording, time)
        self.recording = recording
        self.time = time

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Synapse:
    """A train of synaptic events onto the cell.

    Attributes
    ----------
    start, interval : float
        First event and the time between events, ms.
    number : int
        Number of events.
    weight : float
        Conductance added by each event: 1/ms in 2003 and 2004, nS (AMPA) in 2007.
    tau : float
        Decay of the conductance, ms.
    erev : float
        Reversal potential, mV; fixed at 0 in 2007's point process.
    delay : float
        Of the connection, ms.
    """

    start: float = 10.0
    interval: float = 10.0
    number: int = 10
    weight: float = 2.0
    tau: float = 3.0
    erev: float = 0.0
    delay: float = 1.0


@dataclass(frozen=True)
class Protocol:
    """Everything a run needs, checked: what `simulate` makes of its arguments."""

    paper: str
    key: str
    variant: str
    scheme: str
    dt: float | None
    tstop: float
    waveform: Waveform
    parameters: dict[str, float]
    v0: float
    u0: float
    synapse: Synapse | None = None

    @property
    def mechanism(self) -> str:
        """Name of the NMODL mechanism."""
        return MECHANISM[self.paper, self.variant]

    @property
    def n_steps(self) -> int:
        """Number of fixed steps that fit into the duration."""
        assert self.dt is not None
        return math.floor(self.tstop / self.dt + 1e-9)


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
        "2003", "2004" or "2007".
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
    ValueError
        If an argument cannot be run; nothing has been run then.
    RunawayError
        If the solution leaves every bound: v or u over 1e30 under a fixed step; under *exact* an
        interval between spikes under 0.02 ms, or a solver that cannot go on. It carries the
        recording so far.
    MechanismError
        If the mechanisms cannot be built, or the one that is needed is not this package's.
    """
    protocol = make_protocol(
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
    return simulate_protocol(protocol, progress)


def simulate_protocol(
    protocol: Protocol, progress: Callable[[float], None] | None = None
) -> Recording:
    """Run what `make_protocol` has checked: the second half of `simulate`.

    Parameters
    ----------
    protocol : Protocol
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
    if protocol.mechanism in mechanisms.foreign():
        raise mechanisms.MechanismError(
            f"the {protocol.mechanism} that this process has loaded is not this package's but one "
            "of the user's own libraries, so its results would not be those of the catalogue; "
            f"start Python where no other library defines {protocol.mechanism}"
        )
    with _TURN:
        if not _holds_objects_of_the_user():
            return run(protocol, progress)
    from izhikevich.engine import worker

    return worker.shared().run(protocol, progress)


def make_protocol(
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
) -> Protocol:
    """Check the arguments of `simulate` and fill in what the catalogue gives; runs nothing."""
    entry = cell_type(paper, key)
    if variant not in VARIANTS:
        raise ValueError(f"variant is PP or Sec, not {variant!r}")
    if scheme not in SCHEMES:
        raise ValueError(f"scheme is published, exact or fixed, not {scheme!r}")
    tstop = _positive("tstop", entry.tstop if tstop is None else tstop, "ms")
    if tstop > MAX_DURATION:
        raise ValueError(f"tstop must be at most {MAX_DURATION:g} ms, not {tstop:g}")
    values = all_parameters(entry, parameters or {})
    v0, u0 = values.pop("v0"), values.pop("u0")
    _check_start(paper, values, v0, u0)
    if synapse is not None:
        _check_synapse(synapse)
    return Protocol(
        paper=paper,
        key=key,
        variant=variant,
        scheme=scheme,
        dt=_step(entry, scheme, dt, tstop),
        tstop=tstop,
        waveform=_waveform(entry, current),
        parameters=values,
        v0=v0,
        u0=u0,
        synapse=synapse,
    )


def _number(name: str, value: Any) -> float:
    """`value` as a finite number, or an error that names it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, not {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    return number


def _positive(name: str, value: Any, unit: str) -> float:
    number = _number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be greater than 0 {unit}, not {number:g}")
    return number


def _step(entry: CellType, scheme: str, dt: float | None, tstop: float) -> float | None:
    """The step in force, ms; None under *exact*."""
    if scheme == "fixed" and dt is None:
        raise ValueError('scheme "fixed" needs a step: give dt in ms')
    if dt is not None:
        dt = _positive("dt", dt, "ms")
        if dt > tstop:
            raise ValueError(f"dt must not exceed the duration of {tstop:g} ms; it is {dt:g}")
        if scheme != "fixed":
            raise ValueError(
                f'dt belongs to scheme "fixed"; "{scheme}" '
                + (f"runs at {entry.dt:g} ms" if scheme == "published" else "chooses its steps")
            )
    if scheme == "exact":
        return None
    dt = entry.dt if dt is None else dt
    if tstop < dt:
        raise ValueError(f"tstop must be at least one step of {dt:g} ms, not {tstop:g}")
    if tstop / dt > MAX_SAMPLES:
        raise ValueError(
            f"{tstop / dt:.3g} steps are more than the {MAX_SAMPLES:,} that a recording holds: "
            "raise dt or shorten tstop"
        )
    return dt


def _waveform(entry: CellType, current: float | Waveform | None) -> Waveform:
    if current is None:
        return entry.default_current
    if not isinstance(current, Waveform):
        current = entry.driven_by(_number("current", current))
    strongest = max(
        abs(current.initial),
        *(abs(step.amplitude) for step in current.steps),
        *(max(abs(ramp.first), abs(ramp.last)) for ramp in current.ramps),
        0.0,
    )
    if strongest > MAX_CURRENT:
        raise ValueError(f"current must be within +-{MAX_CURRENT:g}; it is {strongest:g}")
    return current


def _check_start(paper: str, values: Mapping[str, float], v0: float, u0: float) -> None:
    """Refuse a start that is a spike already: NEURON sees a spike where v crosses the peak."""
    peak = float(phase_plane.plane(paper, values).peak(u0))
    if v0 > peak:
        raise ValueError(f"the start v0 must not lie above the peak of {peak:g} mV; it is {v0:g}")


def _check_synapse(synapse: Synapse) -> None:
    if not isinstance(synapse, Synapse):
        raise ValueError(f"synapse must be a Synapse, not {synapse!r}")
    if not isinstance(synapse.number, int):
        raise ValueError(f"the synapse's number must be a whole number, not {synapse.number!r}")
    for name in ("start", "weight", "erev"):
        _number(f"the synapse's {name}", getattr(synapse, name))
    for name in ("interval", "tau", "delay"):
        _positive(f"the synapse's {name}", getattr(synapse, name), "ms")
    if synapse.start < 0 or synapse.number < 0:
        raise ValueError("the synapse's start and number must not be negative")


def all_parameters(entry: CellType, changes: Mapping[str, float]) -> dict[str, float]:
    """Every parameter of a run, v0 and u0 included, with `changes` made.

    A start that is not given follows the parameters: u0 = b v0 in 2003 and 2004 (where the type
    has none of its own), v0 = vr and u0 = 0 in 2007.

    Raises
    ------
    ValueError
        If a name is unknown or a value cannot be run.
    """
    known = [*entry.parameters, "v0", "u0"]
    for name in changes:
        if name not in known:
            raise ValueError(f"unknown parameter {name!r}: it is one of {', '.join(known)}")
    given = {name: _number(name, value) for name, value in changes.items()}
    for name, value in given.items():
        if abs(value) > MAX_PARAMETER:
            raise ValueError(f"{name} must be within +-{MAX_PARAMETER:g}; it is {value:g}")
    values = {name: float(given.get(name, x)) for name, x in entry.parameters.items()}
    rest = values["vr"] if entry.v0 is None else entry.v0
    values["v0"] = v0 = given.get("v0", float(rest))
    u0 = entry.u0
    if u0 is None:
        u0 = 0.0 if entry.paper == "2007" else values["b"] * v0
    values["u0"] = given.get("u0", float(u0))
    _check_parameters(values)
    return values


def _check_parameters(values: Mapping[str, float]) -> None:
    if "C" in values:
        if values["C"] <= 0:
            raise ValueError(f"C must be greater than 0 (in 100 pF), not {values['C']:g}")
        if values["celltype"] not in range(1, 8):
            raise ValueError(f"celltype is one of 1 to 7, not {values['celltype']:g}")
    peak = "vpeak" if "vpeak" in values else "thresh"
    if values["c"] >= values[peak]:
        raise ValueError(
            f"the reset c must lie below the peak {peak} = {values[peak]:g} mV, or every step is a "
            f"spike; it is {values['c']:g}"
        )


# --- the run itself ---


def run(protocol: Protocol, progress: Callable[[float], None] | None = None) -> Recording:
    """Run a checked protocol in this process, which must hold nothing of the user's own."""
    with _neuron_as_found(), _cell_of(protocol) as cell:
        return _run_cell(cell, protocol, progress)


def run_on(cell: Izhi2003Cell | IzhiCell, protocol: Protocol) -> Recording:
    """Run a checked protocol on a cell of the user's own, which has its parameters already.

    Like any initialisation it starts everything anew that the process holds.

    Raises
    ------
    RunawayError
        As for `simulate`.
    """
    with _neuron_as_found():
        return _run_cell(cell, protocol, None)


def _run_cell(
    cell: Izhi2003Cell | IzhiCell,
    protocol: Protocol,
    progress: Callable[[float], None] | None,
) -> Recording:
    with _recording_of(cell, protocol) as record:
        if protocol.scheme == "exact":
            with _tolerances_unscaled(protocol):
                return _run_exact(cell, protocol, record, progress)
        return _run_fixed(cell, protocol, record, progress)


@contextlib.contextmanager
def _cell_of(protocol: Protocol) -> Iterator[Izhi2003Cell | IzhiCell]:
    """The cell of the run, which is gone afterwards."""
    host = None if protocol.variant == "Sec" else h.Section(name="host")
    cell: Izhi2003Cell | IzhiCell
    if protocol.paper == "2007":
        cell = IzhiCell(protocol.key, host)
    else:
        cell = Izhi2003Cell(protocol.key, host, paper=protocol.paper)
    if host is None:
        # NEURON couples a section to its ends; with one segment that adds nothing but rounding
        cell.sec.Ra = 1e9
    cell.set_parameters(protocol.parameters)
    try:
        yield cell
    finally:
        # an exception that the caller keeps would otherwise keep the cell alive through its frames
        cell.izh = cell.sec = host = None


class _Live:
    """Templates of hoc whose instances `finitialize` would overwrite, as live lists.

    Each hoc object leaves some 100 bytes behind for good, so the lists and the vectors that
    runs record into are made once and used again.
    """

    def __init__(self) -> None:
        self.vectors = {
            name: h.Vector()
            for name in ("t", "v", "u", "i", "g", "spikes", "play", "play_t", "x", "y")
        }
        self.templates = [
            h.List(name)
            for name in ("NetCon", "NetStim", "IntFire1", "IntFire2", "IntFire4", "Random")
        ]
        self.handlers = h.List("FInitializeHandler")
        self.all_vectors = h.List("Vector")
        self.solver = h.CVode()
        self.parallel = h.ParallelContext()


@functools.cache
def _live() -> _Live:
    return _Live()


def drawing_vectors() -> tuple[Any, Any]:
    """Two vectors for a view to draw from; any others would count as the user's own."""
    vectors = _live().vectors
    return vectors["x"], vectors["y"]


def _holds_objects_of_the_user() -> bool:
    """Whether an initialisation could overwrite something that is not this package's."""
    live = _live()
    if int(live.all_vectors.count()) > len(live.vectors):
        return True
    if any(int(instances.count()) for instances in live.templates):
        return True
    if int(live.handlers.count()) > 1:  # one is that of mechanisms.load()
        return True
    return any(True for _ in h.allsec())


@contextlib.contextmanager
def _neuron_as_found() -> Iterator[None]:
    """Give back NEURON's clock, step, threads and solver settings as they were found."""
    live = _live()
    solver, parallel = live.solver, live.parallel
    in_coreneuron = coreneuron.enable
    t, dt, secondorder, threads = h.t, h.dt, h.secondorder, int(parallel.nthread())
    settings = ("active", "atol", "rtol", "condition_order", "maxstep", "minstep", "maxorder")
    found = {name: getattr(solver, name)() for name in settings}
    stiffness, daspk, local = solver.stiff(), solver.use_daspk(), solver.use_local_dt()
    jacobian = solver.jacobian()
    try:
        coreneuron.enable = False
        if threads != 1:
            parallel.nthread(1)
        if daspk:
            solver.use_daspk(0)
        if local:
            solver.use_local_dt(0)
        solver.stiff(2)
        solver.jacobian(0)
        solver.maxorder(5)
        solver.minstep(0)
        solver.maxstep(1e9)
        h.secondorder = 0
        yield
    finally:
        solver.active(0)
        for name in settings[1:]:
            if getattr(solver, name)() != found[name]:
                getattr(solver, name)(found[name])
        solver.stiff(stiffness)
        solver.jacobian(jacobian)
        if local:
            solver.use_local_dt(1)
        if solver.use_daspk() != daspk:
            solver.use_daspk(daspk)
        solver.active(found["active"])
        if threads != 1:
            parallel.nthread(threads)
        h.secondorder = secondorder
        h.dt = dt
        h.t = t
        coreneuron.enable = in_coreneuron


@contextlib.contextmanager
def _tolerances_unscaled(protocol: Protocol) -> Iterator[None]:
    """Undo what the user may have set by CVode.atolscale for the states of the run."""
    solver = _live().solver
    own_voltage = f"{protocol.mechanism}.V" if protocol.variant == "PP" else "v"
    states = (own_voltage, f"{protocol.mechanism}.u")
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
def _recording_of(cell: Izhi2003Cell | IzhiCell, protocol: Protocol) -> Iterator[_Record]:
    """Record time, state, current, conductance and spikes, with the synapse in place."""
    vectors = _live().vectors
    references = {"t": h._ref_t, "v": cell.vref, "u": cell.izh._ref_u, "i": cell.izh._ref_Iin}
    drive = None if protocol.synapse is None else _drive(cell, protocol, protocol.synapse)
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


def _drive(cell: Izhi2003Cell | IzhiCell, protocol: Protocol, synapse: Synapse) -> _Drive:
    """Let a train of events drive the cell.

    A point process has receptors of its own; a section gets an ExpSyn, scaled so that the same
    weight moves the voltage as much: for 1 pF 1/ms is 0.001 uS; for 2007 the section stands for
    100 pF where the cell has C.
    """
    if protocol.variant == "PP":
        target = cell.izh
        unit = 1.0
        if protocol.paper == "2007":
            target.tauAMPA = synapse.tau
            conductance = target._ref_gAMPA
        else:
            target.taug, target.erev = synapse.tau, synapse.erev
            conductance = target._ref_gsyn
    else:
        target = h.ExpSyn(cell.sec(0.5))
        target.tau, target.e = synapse.tau, synapse.erev
        unit = 0.001 / protocol.parameters.get("C", 1.0)
        conductance = target._ref_g
    train = h.NetStim()
    train.start, train.interval, train.number = synapse.start, synapse.interval, synapse.number
    connection = h.NetCon(train, target)
    connection.delay = synapse.delay
    connection.weight[0] = synapse.weight * unit
    return _Drive((target, train, connection), conductance, unit)


def _start(cell: Izhi2003Cell | IzhiCell, protocol: Protocol) -> None:
    """Initialise, with the cell at v0 and u0."""
    h.finitialize(protocol.v0)
    cell.set_state(protocol.v0, protocol.u0)
    if protocol.scheme == "exact":
        _live().solver.re_init()
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
    protocol: Protocol,
    record: _Record,
    progress: Callable[[float], None] | None,
) -> Recording:
    """The published rule: forward steps of dt."""
    solver = _live().solver
    dt, n_steps = protocol.dt, protocol.n_steps
    assert dt is not None
    waveform = protocol.waveform
    solver.active(0)
    h.dt = dt
    current = waveform.sampled(dt, n_steps + 1)
    cell.izh.Iin = current[0]
    if waveform.ramps:
        record.vectors["play"].from_python(current).play(cell.izh._ref_Iin, dt)
    _start(cell, protocol)
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
    return _fixed_recording(protocol, record.arrays(), n_steps)


def _fixed_recording(protocol: Protocol, arrays: dict[str, np.ndarray], n_steps: int) -> Recording:
    """Put peak and reset into the samples of the spikes; stop where the run is not finite."""
    assert protocol.dt is not None
    n = min(n_steps + 1, len(arrays["v"]))
    v, u = arrays["v"][:n], arrays["u"][:n]
    with np.errstate(invalid="ignore"):
        bounded = (np.abs(v) < RUNAWAY_SIZE) & (np.abs(u) < RUNAWAY_SIZE)
    end = n if bounded.all() else int(np.argmin(bounded))
    at = np.rint(arrays["spikes"] / protocol.dt).astype(int)
    at = at[at < end]
    plane = phase_plane.plane(protocol.paper, protocol.parameters)
    u_before = u[at]
    v[at] = plane.peak(u_before)
    u[at] = plane.reset(u_before)[1]
    recording = _as_recording(
        protocol,
        t=np.arange(end) * protocol.dt,
        v=v[:end],
        u=u[:end],
        i=arrays["i"][:end],
        spikes=at * protocol.dt,
        gsyn=arrays["g"][:end] if "g" in arrays else None,
    )
    if end < n:
        time = end * protocol.dt
        raise RunawayError(
            f"{protocol.key} ({protocol.scheme}, dt {protocol.dt:g} ms) ran away at {time:g} ms: "
            "its state is out of every bound; try a smaller step or a weaker current",
            recording,
            time,
        )
    return recording


def _run_exact(
    cell: Izhi2003Cell | IzhiCell,
    protocol: Protocol,
    record: _Record,
    progress: Callable[[float], None] | None,
) -> Recording:
    """The variable step, in slices, so that a runaway is seen and a person can stop it."""
    solver = _live().solver
    tstop, waveform = protocol.tstop, protocol.waveform
    solver.active(1)
    solver.atol(ABSOLUTE_TOLERANCE)
    solver.rtol(RELATIVE_TOLERANCE)
    solver.condition_order(2)
    times, amplitudes = waveform.knots(tstop)
    if waveform.ramps:
        polygon = record.vectors["play"].from_python(amplitudes)
        polygon.play(cell.izh._ref_Iin, record.vectors["play_t"].from_python(times), 1)
    cell.izh.Iin = waveform.at(0)
    _start(cell, protocol)
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
            raise _runaway(protocol, record, h.t, reason) from None
        spikes = record.vectors["spikes"].to_python()
        for earlier, later in itertools.pairwise(spikes[max(0, n_spikes - 1) :]):
            if later - earlier < RUNAWAY_INTERVAL:
                reason = f"an interval between spikes fell under {RUNAWAY_INTERVAL:g} ms"
                raise _runaway(protocol, record, later, reason)
        if not (math.isfinite(cell.vref[0]) and math.isfinite(cell.izh.u)):
            raise _runaway(protocol, record, h.t, "its state is no finite number any more")
        if len(record.vectors["t"]) > MAX_SAMPLES:
            raise _runaway(protocol, record, h.t, f"it took over {MAX_SAMPLES:,} samples")
        n_spikes = len(spikes)
        if progress is not None:
            progress(h.t)
    return _exact_recording(protocol, record.arrays())


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


def _runaway(protocol: Protocol, record: _Record, time: float, reason: str) -> RunawayError:
    """The exact run ended at `time` (ms) for `reason`; what was recorded until then."""
    arrays = record.arrays()
    kept = (arrays["t"] <= time) & np.isfinite(arrays["v"]) & np.isfinite(arrays["u"])
    spikes = arrays.pop("spikes")
    arrays = {name: values[kept] for name, values in arrays.items()}
    recording = _exact_recording(protocol, {**arrays, "spikes": spikes[spikes <= time]})
    return RunawayError(
        f"{protocol.key} (exact) ran away at {time:g} ms: {reason}", recording, time
    )


def _exact_recording(protocol: Protocol, arrays: dict[str, np.ndarray]) -> Recording:
    """Let the first of the two samples at a spike show the peak itself.

    NEURON has located it to within its tolerance of the voltage, some 0.001 mV.
    """
    t, v, u, spikes = (arrays[name] for name in ("t", "v", "u", "spikes"))
    at = np.searchsorted(t, spikes, side="left")
    v[at] = phase_plane.plane(protocol.paper, protocol.parameters).peak(u[at])
    return _as_recording(
        protocol, t=t, v=v, u=u, i=arrays["i"], spikes=spikes, gsyn=arrays.get("g")
    )


def _as_recording(protocol: Protocol, **arrays: Any) -> Recording:
    return Recording(
        **arrays,
        paper=protocol.paper,
        key=protocol.key,
        variant=protocol.variant,
        scheme=protocol.scheme,
        dt=protocol.dt,
        tstop=protocol.tstop,
        parameters=MappingProxyType({**protocol.parameters, "v0": protocol.v0, "u0": protocol.u0}),
        waveform=protocol.waveform,
    )
