"""What drives a cell during a run: its start, the current as events, a synapse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from neuron import h

from izhikevich.choice import Choice, Synapse
from izhikevich.engine import isolation
from izhikevich.engine.cells import Cell


def start(cell: Cell, choice: Choice) -> None:
    """Initialise, with the cell at v0 and u0."""
    h.finitialize(choice.parameters["v0"])
    cell.set_state(choice.parameters["v0"], choice.parameters["u0"])
    if choice.scheme == "exact":
        isolation.shared().solver.re_init()
    h.frecord_init()


def schedule(times_and_amplitudes: list[tuple[float, float]], cell: Any, solver: Any) -> None:
    """Send the steps of the current as events."""
    for time, amplitude in times_and_amplitudes:

        def change(amplitude: float = amplitude) -> None:
            cell.izh.Iin = amplitude
            if solver.active():
                solver.re_init()

        solver.event(time, change)


@dataclass
class SynapseInPlace:
    """A synapse in place: what must stay alive during the run, and its conductance in `unit`."""

    objects: tuple[Any, ...]
    conductance: Any
    unit: float


def put_synapse(cell: Cell, choice: Choice, synapse: Synapse) -> SynapseInPlace:
    """Let a train of events drive the cell.

    A point process has receptors of its own; a section gets an ExpSyn, scaled so that the same
    weight moves the voltage as much: 1 nS, and 1/ms for 1 pF, is 0.001 uS.
    """
    if choice.variant == "PP":
        target = cell.izh
        unit = 1.0
        conductance = cell.set_synapse(synapse.tau, synapse.erev)
    else:
        target = h.ExpSyn(cell.sec(0.5))
        target.tau, target.e = synapse.tau, synapse.erev
        unit = 0.001
        conductance = target._ref_g
    train = h.NetStim()
    train.start, train.interval, train.number = synapse.start, synapse.interval, synapse.number
    connection = h.NetCon(train, target)
    connection.delay = synapse.delay
    connection.weight[0] = synapse.weight * unit
    return SynapseInPlace((target, train, connection), conductance, unit)
