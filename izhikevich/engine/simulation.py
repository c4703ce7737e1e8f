"""A cell type, a scheme and a current in; a `Recording` out.

What NEURON shares among everyone in the process (its step, its variable-step solver, its clock)
is touched here and put back as it was.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping

from neuron import h

from izhikevich.choice import Choice, Synapse, choose
from izhikevich.engine import isolation, mechanisms
from izhikevich.engine.cells import Cell, cell_of
from izhikevich.engine.fixed_step import run_fixed_step
from izhikevich.engine.traces import traces_of
from izhikevich.engine.variable_step import run_variable_step
from izhikevich.recording import Recording
from izhikevich.waveforms import Waveform

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
    with isolation.neuron_as_found(), _cell_of(choice) as cell, _apart_from_its_ends(cell, choice):
        return _run_cell(cell, choice, progress)


def run_on(cell: Cell, choice: Choice) -> Recording:
    """Run a checked choice on a cell of the user's own, which has its parameters already.

    Like any initialisation it starts everything anew that the process holds.

    Raises
    ------
    RunawayError
        As for `simulate`.
    """
    with isolation.neuron_as_found(), _apart_from_its_ends(cell, choice):
        return _run_cell(cell, choice, None)


@contextlib.contextmanager
def _apart_from_its_ends(cell: Cell, choice: Choice) -> Iterator[None]:
    """Undo NEURON's coupling of a section to its ends: with one segment it adds only rounding.

    A section that is connected to others keeps it, and one whose voltage is not the model's.
    """
    section = cell.izh.get_segment().sec
    alone = (
        choice.variant == "Sec"
        and section.nseg == 1
        and not section.children()
        and section.parentseg() is None
    )
    axial_resistance = section.Ra
    if alone:
        section.Ra = 1e9
    try:
        yield
    finally:
        section.Ra = axial_resistance


def _run_cell(
    cell: Cell,
    choice: Choice,
    progress: Callable[[float], None] | None,
) -> Recording:
    run_cell = run_variable_step if choice.scheme == "exact" else run_fixed_step
    with traces_of(cell, choice) as traces:
        return run_cell(cell, choice, traces, progress)


@contextlib.contextmanager
def _cell_of(choice: Choice) -> Iterator[Cell]:
    """The cell of the run, which is gone afterwards."""
    host = None if choice.variant == "Sec" else h.Section(name="host")
    cell = cell_of(choice.cell_type, host)
    cell.set_parameters(choice.model_parameters)
    try:
        yield cell
    finally:
        # an exception that the caller keeps would otherwise keep the cell alive through its frames
        cell.izh = cell.sec = host = None
