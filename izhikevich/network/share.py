"""The cells of one rank as point processes, with their gids and the connections onto them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from izhikevich.engine import mechanisms
from izhikevich.errors import ParameterError
from izhikevich.network.connections import Connections

__all__ = ["Share"]

#: What ParallelContext.gid_exists gives for a gid with a cell of this rank.
IS_HERE = 3


class _Cells(Mapping[int, Any]):
    """The cells of a rank by gid, held by NEURON: Python's objects would take 200 bytes a cell."""

    def __init__(self, context: Any) -> None:
        from neuron import h

        self._context = context
        self._held = h.List()
        self._gids = array("i")

    def __getitem__(self, gid: int) -> Any:
        if gid not in self:
            raise KeyError(gid)
        return self._context.gid2cell(gid)

    def __contains__(self, gid: object) -> bool:
        return self._context.gid_exists(gid) == IS_HERE

    def __iter__(self) -> Iterator[int]:
        return iter(self._gids)

    def __len__(self) -> int:
        return len(self._gids)

    def hold(self, gid: int, cell: Any) -> None:
        """Keep a cell that has its gid."""
        self._held.append(cell)
        self._gids.append(gid)

    def clear(self) -> None:
        """Let go of all cells."""
        del self._gids[:]
        for k in range(int(self._held.count()) - 1, -1, -1):
            self._held.remove(k)  # from the last: the other order takes quadratic time


class Share:
    """The cells of one rank: point processes, their gids and the connections onto them.

    One at a time: NEURON forgets all gids together.

    Parameters
    ----------
    threads : int
        Threads of this process; the cells of each share a host section.
    """

    def __init__(self, threads: int = 1) -> None:
        from neuron import h

        mechanisms.load()
        self._h = h
        self.context = h.ParallelContext()
        if threads > 1:
            self.context.nthread(threads)
        self.hosts = [h.Section(name=f"host{j}") for j in range(threads)]
        self.cells = _Cells(self.context)
        self._kept: list[Any] = []

    def add(self, gids: Sequence[int], parameters: Mapping[str, Any], seed: int = 0) -> None:
        """Create cells of Izhi2003a, each a spike source with a gid.

        Parameters
        ----------
        gids : sequence of int
            Of the new cells.
        parameters : mapping of str to float or array
            Parameters of Izhi2003a: one value for all cells or one for each.
        seed : int
            Of the noise, beside the gid.

        Raises
        ------
        ParameterError
            If a gid is none or used twice, or a parameter unknown; no cell has been created then.
        """
        from izhikevich.engine.gids import call, free_gids
        from izhikevich.engine.parameters import check_names

        numbers = free_gids(gids)
        check_names(parameters, "Izhi2003a")
        call(numbers, "Izhi2003a")
        make, connect, context = self._h.Izhi2003a, self._h.NetCon, self.context
        rank = context.id()
        segments = [host(0.5) for host in self.hosts]
        names = list(parameters)
        columns = [np.broadcast_to(parameters[name], len(numbers)) for name in names]
        for k, gid in enumerate(numbers):
            cell = make(segments[k % len(segments)])
            for name, column in zip(names, columns, strict=True):
                setattr(cell, name, column[k])
            cell.stream.set_ids(gid, seed, 1)
            context.set_gid2node(gid, rank)
            context.cell(gid, connect(cell, None))  # the gid keeps what it needs of the NetCon
            self.cells.hold(gid, cell)

    def connect(self, connections: Connections) -> None:
        """Connect cells, of any rank, to cells of this rank, by pulses.

        Parameters
        ----------
        connections : Connections
            All targets are of this rank.

        Raises
        ------
        ParameterError
            If a target is not, or a number not what it has to be; nothing has been connected then.
        """
        from izhikevich.engine.population_connections import LATER

        self._check_connections(connections)
        # in the order of sources: a spike then goes through memory from one end to the other,
        # which is three times faster than to connections created in the order of targets
        order = np.lexsort((connections.targets, connections.sources))
        connect, cells, keep = self.context.gid_connect, self.cells, self._kept.append
        for source, target, weight, delay in zip(
            connections.sources[order].tolist(),
            connections.targets[order].tolist(),
            connections.weights[order].tolist(),
            connections.delays[order].tolist(),
            strict=True,
        ):
            connection = connect(source, cells[target])
            connection.weight[1] = weight
            connection.delay = delay + LATER
            keep(connection)

    def _check_connections(self, connections: Connections) -> None:
        missing = [gid for gid in np.unique(connections.targets).tolist() if gid not in self.cells]
        if missing:
            raise ParameterError(
                f"gid {missing[0]} is no cell of this rank, and cannot be a target"
            )
        for name, values, least in (
            ("weights", connections.weights, -np.inf),
            ("delays", connections.delays, 0),
        ):
            wrong = values[~(np.isfinite(values) & (values >= least))]
            if len(wrong):
                raise ParameterError(
                    f"{name} must be finite, and delays 0 or more; one is {wrong[0]}"
                )

    def clear(self) -> None:
        """Forget the cells, their connections and all gids of the process; leave one thread."""
        from izhikevich.engine.gids import forget_gids

        forget_gids()
        self._kept.clear()
        self.cells.clear()
        self.hosts.clear()
        self.context.nthread(1)
