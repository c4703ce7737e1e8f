"""A network is run: what each rank does of it, and one result of what they give.

A run takes place in processes of its own, one for each rank, so that the caller's NEURON is left
alone and memory is the network's. Pulses are summed exactly (mod/Izhi2003a.mod), and all that a
cell is follows from the seed and its gid: so the same seed gives the same spikes, bit for bit, on
any number of ranks and threads, in NEURON and in CoreNEURON.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.engine import mechanisms
from izhikevich.engine.build import population_library
from izhikevich.network.connections import connections_onto_each, populations
from izhikevich.network.ranks import run_on_ranks
from izhikevich.network.results import NetworkResult
from izhikevich.network.share import Share
from izhikevich.network.specification import NetworkSpec, check

__all__ = ["run"]

#: Simulated time between two reports of progress, ms.
SLICE = 50.0


def run(
    spec: NetworkSpec,
    *,
    ranks: int = 1,
    threads: int = 1,
    coreneuron: bool = False,
    points: bool = False,
    progress: Callable[[float], None] | None = None,
) -> NetworkResult:
    """Run a network in processes of its own.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    ranks : int
        Processes; more than one needs MPI, which the PyPI package mpich brings.
    threads : int
        Threads in each of them.
    coreneuron : bool
        Run on CoreNEURON, whose library is built where it is missing.
    points : bool
        Make each cell a point process and each connection a NetCon, as CoreNEURON needs them,
        instead of populations: the same spikes, slower.
    progress : callable, optional
        Called with the simulated time reached, ms; under CoreNEURON at the end only. An
        exception that it raises ends the run.

    Returns
    -------
    NetworkResult

    Raises
    ------
    ParameterError
        If the network cannot be run so; nothing has been run then.
    NetworkError
        If MPI is missing, or a rank died or stopped at a cell whose voltage is no number any more;
        the message names it.
    MechanismError
        If the mechanisms cannot be built.
    """
    check(spec, ranks, threads, coreneuron)
    # builds what is missing, before any rank starts
    mechanisms.load()
    if coreneuron:
        mechanisms.build_coreneuron()
    elif not points:
        population_library()
    shares = run_on_ranks(_Job(spec, threads, coreneuron, points), ranks, progress)
    times = np.concatenate([share["times"] for share in shares])
    gids = np.concatenate([share["gids"] for share in shares])
    order = np.lexsort((gids, times))
    times, gids = times[order], gids[order]
    sizes = {p.name: p.size for p in populations(spec)}
    rates: dict[str, float] = {}
    first = 0
    for name, size in sizes.items():
        spikes = np.count_nonzero((gids >= first) & (gids < first + size))
        rates[name] = float(spikes / max(size, 1) / spec.seconds)
        first += size
    return NetworkResult(
        spec=spec,
        times=times,
        gids=gids,
        rates=rates,
        sizes=sizes,
        connections=sum(share["connections"] for share in shares),
        build_seconds=max(share["build_seconds"] for share in shares),
        run_seconds=max(share["run_seconds"] for share in shares),
        memory=sum(share["memory"] for share in shares),
        ranks=ranks,
        threads=threads,
        engine="CoreNEURON" if coreneuron else "NEURON",
    )


@dataclass(frozen=True)
class _Job:
    """What each rank is told."""

    spec: NetworkSpec
    threads: int
    coreneuron: bool
    points: bool

    def run(self, report: Callable[[float], None]) -> dict[str, Any]:
        """Run the share of this rank."""
        mechanisms.load(coreneuron=self.coreneuron)
        from neuron import coreneuron, h

        from izhikevich.engine.finite import check_finite, when_not_finite
        from izhikevich.network.populated import PopulatedShare

        when_not_finite("ignore")  # `_solve` looks, whose error comes to the caller as it is

        spec = self.spec
        gc.disable()  # a million connections, and not one circle among them
        before, start = _memory(), time.perf_counter()
        h.dt = spec.dt
        share: Share | PopulatedShare
        n_connections = 0
        if self.coreneuron or self.points:
            share = Share(self.threads)
            mine = _add_populations(share, spec)
            times, gids = h.Vector(), h.Vector()
            share.context.spike_record(-1, times, gids)
            if spec.fan_in != 0:
                connections = connections_onto_each(spec, mine)
                n_connections = len(connections.sources)
                share.connect(connections)
                del connections
            look = check_finite
        else:
            share = PopulatedShare(spec, self.threads)
            if spec.fan_in != 0:
                n_connections = share.connect()
            look = share.check_finite
        context = share.context
        # bins of one step rather than a tree: events are on the grid. CoreNEURON's bins are those
        # of a whole number of steps in a ms.
        h.CVode().queue_mode(not self.coreneuron or (1 / spec.dt).is_integer())
        context.set_maxstep(10)
        coreneuron.enable = self.coreneuron
        coreneuron.verbose = 0
        h.finitialize(-65)
        context.barrier()
        built = time.perf_counter()
        _solve(context, 1000 * spec.seconds, spec.dt, self.coreneuron, look, report)
        done, used = time.perf_counter(), _memory() - before
        if isinstance(share, PopulatedShare):
            spike_times, spike_gids = share.spikes()
        else:
            spike_times, spike_gids = times.as_numpy(), gids.as_numpy().astype(np.int64)
        within = spike_times <= 1000 * spec.seconds + 1e-6  # of steps that point processes see
        return {
            "times": spike_times[within],
            "gids": spike_gids[within],
            "connections": n_connections,
            "build_seconds": built - start,
            "run_seconds": done - built,
            "memory": used,
        }


def _add_populations(share: Share, spec: NetworkSpec) -> np.ndarray:
    """Create the cells of this rank, dealt out like cards; returns their gids."""
    rank, ranks = int(share.context.id()), int(share.context.nhost())
    mine = []
    for population in populations(spec):
        gids = np.arange(population.first, population.first + population.size)
        chosen = gids % ranks == rank
        parameters = {name: x[chosen] for name, x in population.parameters.items()}
        share.add(gids[chosen].tolist(), parameters, spec.seed)
        mine.append(gids[chosen])
    return np.concatenate(mine)


def _solve(
    context: Any,
    tstop: float,
    dt: float,
    in_one: bool,
    look: Callable[[], None],
    report: Callable[[float], None],
) -> None:
    """Advance to `tstop` and one step on, at which a point process's last spike is seen."""
    if not in_one:  # CoreNEURON is handed all data anew with each call
        for k in range(1, math.ceil(tstop / SLICE)):
            context.psolve(k * SLICE)
            look()
            report(k * SLICE)
    context.psolve(tstop + dt)
    look()
    report(tstop)


def _memory() -> int:
    """Memory of this process now, bytes."""
    import psutil

    return psutil.Process().memory_info().rss
