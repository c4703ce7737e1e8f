"""The cells of one rank as populations: one for each thread, with the connections onto them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from izhikevich.engine.finite import NAMED, NotFiniteError, said_of
from izhikevich.engine.population import Population
from izhikevich.engine.population_connections import LATER
from izhikevich.models import QUADRATIC
from izhikevich.network.connections import connections_onto_each, fan_in_of, populations
from izhikevich.network.specification import NetworkSpec

__all__ = ["PopulatedShare"]

#: Connections that are kept as they were drawn until all are made; of more they are drawn anew, for
#: they would take more memory than what stays of them.
KEPT = 2_000_000
#: Connections that are drawn together, about.
DRAWN = 2**17

#: Sources, targets, weights (mV/ms) and delays (ms).
Piece = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class _Drawn:
    """The connections onto some cells, drawn whenever they are read."""

    def __init__(self, spec: NetworkSpec, gids: np.ndarray) -> None:
        self._spec = spec
        self._gids = gids

    def __iter__(self) -> Iterator[Piece]:
        dt = self._spec.dt
        together = max(1, DRAWN // fan_in_of(self._spec))
        for begin in range(0, len(self._gids), together):
            found = connections_onto_each(self._spec, self._gids[begin : begin + together])
            # to the nearest step, as NEURON delivers what is due between two
            delays = np.rint((found.delays + LATER) / dt) * dt
            yield found.sources, found.targets, found.weights, delays


class PopulatedShare:
    """The cells of one rank: a population for each thread, dealt out like cards.

    Parameters
    ----------
    spec : NetworkSpec
        The network; ``h.dt`` is its step already.
    threads : int
        Threads of this process.
    """

    def __init__(self, spec: NetworkSpec, threads: int = 1) -> None:
        from neuron import h

        self._spec = spec
        self.context = h.ParallelContext()
        self.context.nthread(threads)
        rank, parts = int(self.context.id()), int(self.context.nhost()) * threads
        self.gids = [np.arange(rank * threads + k, spec.cells, parts) for k in range(threads)]
        self.populations = [self._population(gids) for gids in self.gids]

    def _population(self, gids: np.ndarray) -> Population:
        found = populations(self._spec)
        usual = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0}
        values: dict[str, Any] = {"halves": 2.0}
        for name in (*usual, "sigma", "Iin"):
            everyone = [
                each.parameters.get(name, np.full(each.size, usual.get(name))) for each in found
            ]
            mine = np.concatenate(everyone)[gids]
            values[name] = mine[0] if np.all(mine == mine[0]) else mine
        return Population(
            QUADRATIC, len(gids), values, gids=gids, register=False, seed=self._spec.seed
        )

    def connect(self) -> int:
        """Make the connections onto the cells of this rank; all ranks call it. Gives how many."""
        drawn: list[Iterable[Piece]] = [_Drawn(self._spec, gids) for gids in self.gids]
        n = sum(map(len, self.gids)) * fan_in_of(self._spec)
        if n <= KEPT:
            drawn = [list(pieces) for pieces in drawn]
        if int(self.context.nhost()) * len(self.gids) > 1:
            self._register_who_is_heard(drawn)
        for pieces, each in zip(drawn, self.populations, strict=True):
            each.connect_pieces(pieces)
        return n

    def _register_who_is_heard(self, drawn: list[Iterable[Piece]]) -> None:
        """Let NEURON know the cells that are heard elsewhere, before anybody listens to them."""
        is_heard = np.zeros(self._spec.cells, bool)
        for pieces, gids in zip(drawn, self.gids, strict=True):
            heard_by_these = np.zeros_like(is_heard)
            for sources, *_ in pieces:
                heard_by_these[sources] = True
            heard_by_these[gids] = False
            is_heard |= heard_by_these
        if int(self.context.nhost()) > 1:
            for other in self.context.py_allgather(is_heard):
                is_heard |= other
        for each, gids in zip(self.populations, self.gids, strict=True):
            each.register(np.flatnonzero(is_heard[gids]).tolist())
        self.context.barrier()

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and gids of all spikes of the rank."""
        times, gids = zip(*(each.spikes for each in self.populations), strict=True)
        return np.concatenate(times), np.concatenate(gids)

    def check_finite(self) -> None:
        """Raise a NotFiniteError if the voltage of a cell is no number any more."""
        lost = np.concatenate(
            [
                gids[~np.isfinite(each.v)]
                for each, gids in zip(self.populations, self.gids, strict=True)
            ]
        )
        if len(lost):
            names = [f"gid {gid}, Izhi2003a" for gid in np.sort(lost)[:NAMED].tolist()]
            raise NotFiniteError(said_of(names, len(lost)))
