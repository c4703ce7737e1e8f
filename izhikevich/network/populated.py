"""The cells of one rank as populations: one for each thread, with the connections onto them."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhikevich.engine.finite import NAMED, NotFiniteError, said_of
from izhikevich.engine.population import Population
from izhikevich.engine.population_connections import LATER
from izhikevich.models import QUADRATIC
from izhikevich.network.connections import connections_onto_each, populations
from izhikevich.network.specification import NetworkSpec

__all__ = ["PopulatedShare"]


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
        connections = [connections_onto_each(self._spec, gids) for gids in self.gids]
        elsewhere = [
            np.setdiff1d(mine.sources, gids)
            for mine, gids in zip(connections, self.gids, strict=True)
        ]
        # NEURON is to know the cells that are heard elsewhere before anybody listens to them
        wanted = np.unique(np.concatenate(elsewhere))
        if int(self.context.nhost()) > 1:
            wanted = np.unique(np.concatenate(self.context.py_allgather(wanted)))
        for each, gids in zip(self.populations, self.gids, strict=True):
            each.register(np.flatnonzero(np.isin(gids, wanted)).tolist())
        self.context.barrier()
        dt = self._spec.dt
        for mine, each in zip(connections, self.populations, strict=True):
            # to the nearest step, as NEURON delivers what is due between two
            delays = np.rint((mine.delays + LATER) / dt) * dt
            each.connect(mine.sources, mine.targets, weights=mine.weights, delays=delays)
        return sum(len(mine.sources) for mine in connections)

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
