"""Pulses of many connections at once, without a NetCon for each.

In the network of 2003 each spike goes to a thousand cells. Delivering it through a thousand NetCons
takes nearly all of the time of a run; what it amounts to is one row of a matrix, added to the
input of the cells. So here the connections are arrays. Spikes are taken from NEURON's records,
their pulses summed over the steps in which they are due, and each step's sum is handed to the
cells in one go, just before they take that step. The spikes are those that NetCons give, bit for
bit, since pulses add up exactly in any order (mod/Izhi2003a.mod).
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import numpy as np

from izhikevich.errors import ParameterError

__all__ = ["LATER", "PulseBundle", "exact"]

#: Added to delays, ms: still the same step, and enough for ranks, which refuse one step exactly.
LATER = 1e-6
#: Pulses are multiples of one part in this, mV/ms, as in mod/Izhi2003a.mod.
PARTS = 2**20
#: Steps between two times that sums are moved to the front of their array.
PRESENT = 64


def exact(pulses: np.ndarray) -> np.ndarray:
    """Pulses as the mechanism rounds them: such add up exactly in any order.

    Parameters
    ----------
    pulses : array of float
        mV/ms.

    Returns
    -------
    array of float
        The nearest multiples of 2^-20 mV/ms.
    """
    return np.floor(pulses * PARTS + 0.5) / PARTS


class PulseBundle:
    """Connections onto the cells of this rank, delivered together, from creation to `close`.

    It works under NEURON's fixed step on one thread, not in CoreNEURON. Pulses of NetCons onto the
    same cells add to these. NEURON has one recording for each source: a later one, by
    `ParallelContext.spike_record` or `NetCon.record`, takes the spikes away from here. Garbage is
    not collected while pulses are delivered, for NEURON ends the process if a section or a point
    process is freed then. Where there has been a bundle once, NEURON runs no threads any more: it
    ends the process that tries.

    Parameters
    ----------
    cells : mapping of int to Izhi2003a
        The cells of this rank by gid.
    sources, targets : array of int
        Gids of each connection, of one at least; targets are among `cells`.
    weights : array of float
        Pulses, mV/ms.
    delays : array of float
        ms; at least one step.
    times, gids : Vector
        What `ParallelContext.spike_record` records of the cells of this rank.
    dt : float
        Step, ms.

    Raises
    ------
    ParameterError
        If a delay is under the step.

    At initialisation, and when it happens, NEURON raises a RuntimeError that says what is wrong:
    another step, threads, CoreNEURON, emptied records.
    """

    def __init__(
        self,
        cells: Mapping[int, Any],
        sources: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        delays: np.ndarray,
        times: Any,
        gids: Any,
        dt: float,
    ) -> None:
        from neuron import h

        if delays.min() < dt:
            raise ParameterError(
                f"delays must be at least the step, {dt:g} ms; one is {delays.min():g} ms"
            )
        n = len(cells)
        steps = np.rint((delays + LATER) / dt).astype(np.intp)
        order = np.argsort(sources, kind="stable")
        # the connections of a source follow each other; `_begin` says where
        self._sources, begin = np.unique(sources[order], return_index=True)
        self._begin = np.append(begin, len(sources))
        self._place = np.full(max(int(self._sources[-1]), *cells) + 1, -1)
        self._place[self._sources] = np.arange(len(self._sources))
        row = np.empty(max(cells) + 1, np.intp)
        row[list(cells)] = np.arange(n)
        # a slot is a cell in one of the steps that follow the spike
        self._slots = (steps * n + row[targets])[order]
        self._pulses = exact(weights[order])
        # the past that a spike may be reported from, some present, and the future it may reach
        self._longest = int(steps.max())
        self._sums = np.zeros((2 * self._longest + PRESENT, n))
        self._dt = dt

        self._inputs = h.PtrVector(n)
        for k, cell in enumerate(cells.values()):
            self._inputs.pset(k, cell._ref_Ipulse)
        self._due = h.Vector(n)
        self._due_array = self._due.as_numpy()

        self._records = [_Record(times, gids)]
        self._connections = self._listen_to_other_ranks(cells, float(delays.min()))
        self._cvode = h.CVode()
        self._step = 0  # NEURON's own time stands still during psolve
        self._row = self._longest
        self._initializer = h.FInitializeHandler(self._clear)
        self._dt_of_neuron = h._ref_dt
        self._hook: Any = self._deliver  # the very object that NEURON is to forget again
        self._cvode.extra_scatter_gather(0, self._hook)

    def close(self) -> None:
        """Deliver nothing more."""
        self._cvode.extra_scatter_gather_remove(self._hook)
        self._hook = self._initializer = self._receiver = None
        self._connections.clear()

    def _listen_to_other_ranks(self, cells: Mapping[int, Any], delay: float) -> list[Any]:
        """Have spikes of other ranks sent here and recorded: one NetCon for each source."""
        from neuron import h

        self._receiver = None
        context = h.ParallelContext()
        elsewhere = [gid for gid in self._sources.tolist() if gid not in cells]
        if not elsewhere:
            return []
        times, gids = h.Vector(), h.Vector()
        self._records.append(_Record(times, gids))
        self._receiver = h.IntFire1()
        connections = []
        for gid in elsewhere:
            connection = context.gid_connect(gid, self._receiver)
            connection.weight[0] = 0
            connection.delay = delay + LATER
            connection.record(times, gids, gid)
            connections.append(connection)
        return connections

    def _clear(self) -> None:
        """Begin anew: NEURON is being initialised."""
        from neuron import coreneuron, h

        if self._cvode.active():
            raise RuntimeError("bundled pulses need the fixed step: cvode.active(False)")
        if coreneuron.enable:
            raise RuntimeError("bundled pulses do not reach CoreNEURON: coreneuron.enable = False")
        if h.ParallelContext().nthread() > 1:
            raise RuntimeError("bundled pulses need one thread: ParallelContext().nthread(1)")
        self._check_step()
        self._sums[:] = 0
        self._step, self._row = 0, self._longest
        for record in self._records:
            record.seen = 0

    def _check_step(self) -> None:
        dt = self._dt_of_neuron[0]
        if dt != self._dt:
            raise RuntimeError(f"pulses were bundled for a step of {self._dt:g} ms, not {dt:g} ms")

    def _deliver(self) -> None:
        """Add the pulses that are due in the step that is being taken; called by NEURON."""
        collects = gc.isenabled()
        gc.disable()
        try:
            self._check_step()
            self._add_due()
        finally:
            if collects:
                gc.enable()

    def _add_due(self) -> None:
        for record in self._records:
            if record.times.size() != record.seen:
                self._schedule(*record.new())
        self._inputs.gather(self._due)
        self._due_array += self._sums[self._row]
        self._inputs.scatter(self._due)
        self._step += 1
        self._row += 1
        if self._row + self._longest == len(self._sums):
            kept = 2 * self._longest
            self._sums[:kept] = self._sums[-kept:]
            self._sums[kept:] = 0
            self._row = self._longest

    def _schedule(self, times: np.ndarray, gids: np.ndarray) -> None:
        """Add the pulses of spikes to the sums of the steps in which they are due."""
        steps = np.rint(times / self._dt).astype(np.intp)
        if gids.max() >= len(self._place):  # of a cell that came later
            known = gids < len(self._place)
            gids, steps = gids[known], steps[known]
        which = self._place[gids]
        has_targets = which >= 0
        if not has_targets.all():
            which, steps = which[has_targets], steps[has_targets]
        for step in set(steps.tolist()):  # rarely more than one
            fired = which[steps == step]
            spans = list(
                zip(self._begin[fired].tolist(), self._begin[fired + 1].tolist(), strict=True)
            )
            from_then = self._sums[self._row + step - self._step :].reshape(-1)
            slots = np.concatenate([self._slots[begin:end] for begin, end in spans])
            pulses = np.concatenate([self._pulses[begin:end] for begin, end in spans])
            np.add.at(from_then, slots, pulses)


class _Record:
    """Spikes that NEURON records, and how many of them have been seen."""

    def __init__(self, times: Any, gids: Any) -> None:
        self.times, self.gids = times, gids
        self.seen = 0

    def new(self) -> tuple[np.ndarray, np.ndarray]:
        """Spike times and gids that have come since the last call."""
        first, self.seen = self.seen, int(self.times.size())
        if self.seen < first:
            raise RuntimeError("the record of spikes was emptied while their pulses are bundled")
        return np.asarray(self.times)[first:], np.asarray(self.gids)[first:].astype(np.intp)
