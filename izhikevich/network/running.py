"""Networks of the 2003 model: Fig. 3 of the paper, and sparse ones of any size.

A `NetworkSpec` says what the network is, `run` gives its spikes:

>>> from izhikevich.network import running as network
>>> result = network.run(network.fig3_network(seconds=1, seed=1))  # doctest: +SKIP
>>> result.rates  # doctest: +SKIP
{'excitatory': 7.6, 'inhibitory': 7.3}

A run takes place in processes of its own, one for each rank, so that the caller's NEURON is left
alone and memory is the network's. What a rank holds is a `Share`, which also serves to put cells
with their gids into a model of one's own.

Each cell's parameters, connections and noise follow from the seed and its gid alone, and pulses
are summed exactly (mod/Izhi2003a.mod): so the same seed gives the same spikes, bit for bit, on
any number of ranks and threads, in NEURON and in CoreNEURON.

Source
------
E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, Fig. 3 and the program beside it.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib.metadata
import math
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from izhikevich.engine import mechanisms
from izhikevich.errors import IzhikevichError
from izhikevich.network.pulses import LATER, PulseBundle

__all__ = [
    "Connections",
    "NetworkError",
    "NetworkResult",
    "NetworkSpec",
    "Population",
    "Share",
    "check",
    "connections_onto",
    "fig3_network",
    "populations",
    "run",
    "run_on_ranks",
    "sparse_network",
]

#: Fan-in that the paper's weights are meant for; with another they are scaled by the ratio.
FAN_IN_2003 = 1000
#: Of five cells four are excitatory.
EXCITATORY_FRACTION = 0.8
#: Delays longer than these are a mistake, ms, and sums of pulses take memory for each.
LONGEST_DELAY = 1000.0
#: What ParallelContext.gid_exists gives for a gid with a cell of this rank.
IS_HERE = 3
#: Simulated time between two reports of progress, ms.
SLICE = 50.0
#: Time that MPI has to stop its ranks before they are killed, s.
GRACE = 3.0


class NetworkError(IzhikevichError, RuntimeError):
    """A network cannot be run, or a rank of it died; the message says which and why.

    Attributes
    ----------
    summary : str
        The message without the output.
    output : str
        The last lines that the ranks wrote, if one died.
    """

    def __init__(self, summary: str, output: str = "") -> None:
        told = f" The last lines of the output are\n\n{output}" if output else ""
        super().__init__(summary + told)
        self.summary = summary
        self.output = output


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, apart from the machine that it runs on.

    Attributes
    ----------
    cells : int
        Number of cells, of which the first 80 % are excitatory.
    fan_in : int or None
        Connections onto each cell, from others drawn at random. None: from all cells, itself
        included, as in the paper. 0: none.
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, connections and noise; 0 or more.
    min_delay, max_delay : float
        Delays are drawn evenly from the whole ms between them, ms.
    noise : tuple of float
        Standard deviation of the thalamic input, drawn anew every ms, of excitatory and
        inhibitory cells, mV/ms.
    current : float
        Constant input of every cell, mV/ms.
    dt : float
        Step, ms; v takes it in two halves.
    """

    cells: int = 1000
    fan_in: int | None = None
    seconds: float = 1.0
    seed: int = 1
    min_delay: float = 1.0
    max_delay: float = 1.0
    noise: tuple[float, float] = (5.0, 2.0)
    current: float = 0.0
    dt: float = 1.0


def fig3_network(seconds: float = 1.0, seed: int = 1) -> NetworkSpec:
    """The network of the 2003 paper, Fig. 3: 800 + 200 cells, all to all, delays of 1 ms.

    Parameters
    ----------
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, weights and noise.
    """
    return NetworkSpec(seconds=seconds, seed=seed)


def sparse_network(
    cells: int, fan_in: int = 100, seconds: float = 1.0, seed: int = 1, **changes: Any
) -> NetworkSpec:
    """A network of any size with delays of 1 to 20 ms.

    Parameters
    ----------
    cells, fan_in : int
        Number of cells, and of connections onto each.
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, connections and noise.
    **changes
        Other attributes of `NetworkSpec`.
    """
    values: dict[str, Any] = {"max_delay": 20.0, **changes}
    return NetworkSpec(cells=cells, fan_in=fan_in, seconds=seconds, seed=seed, **values)


@dataclass(frozen=True)
class Population:
    """Cells with consecutive gids.

    Attributes
    ----------
    name : str
        "excitatory" or "inhibitory".
    first, size : int
        First gid, and number of cells.
    parameters : dict of str to array
        Parameters of Izhi2003a by name, one value for each cell.
    """

    name: str
    first: int
    size: int
    parameters: dict[str, np.ndarray]


@dataclass(frozen=True)
class Connections:
    """Connections, one for each element of the arrays.

    Attributes
    ----------
    sources, targets : array of int
        Gids.
    weights : array of float
        Pulses, mV/ms.
    delays : array of float
        ms.
    """

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray


@dataclass(frozen=True)
class NetworkResult:
    """What a run gave.

    Attributes
    ----------
    spec : NetworkSpec
        The network.
    times : array of float
        Spike times in order, ms; equal times in the order of gids.
    gids : array of int
        The cell of each spike.
    rates : dict of str to float
        Mean rate of each population, spikes/s.
    sizes : dict of str to int
        Cells of each population; gids follow each other in this order.
    connections : int
        Number of connections.
    build_seconds, run_seconds : float
        Wall time to create the network, and to run it, of the slowest rank, s.
    memory : int
        What the network added to the memory of all ranks, bytes.
    ranks, threads : int
        Processes, and threads in each.
    engine : str
        "NEURON" or "CoreNEURON".
    """

    spec: NetworkSpec
    times: np.ndarray
    gids: np.ndarray
    rates: dict[str, float]
    sizes: dict[str, int]
    connections: int
    build_seconds: float
    run_seconds: float
    memory: int
    ranks: int
    threads: int
    engine: str

    def population_rate(self, name: str | None = None, width: float = 1.0) -> np.ndarray:
        """Rate of a population over time.

        Parameters
        ----------
        name : str, optional
            Population; default: all cells.
        width : float
            Of the bins, ms.

        Returns
        -------
        array of float
            Spikes/s per cell in consecutive bins.
        """
        first, size = 0, self.spec.cells
        if name is not None:
            names = list(self.sizes)
            if name not in names:
                raise ValueError(f"unknown population {name!r}: it is one of {', '.join(names)}")
            size = self.sizes[name]
            first = sum(self.sizes[other] for other in names[: names.index(name)])
        chosen = (self.gids >= first) & (self.gids < first + size)
        n_bins = math.ceil(1000 * self.spec.seconds / width - 1e-9)
        # half a step aside, so that rounding of a time on the grid does not choose the bin
        edges = np.arange(n_bins + 1) * width + 0.5 * self.spec.dt
        counts, _ = np.histogram(self.times[chosen], edges)
        return counts * (1000 / width / max(size, 1))


# --- what a seed means -------------------------------------------------------------------------


def populations(spec: NetworkSpec) -> tuple[Population, ...]:
    """The populations of a network, spread by the formulae of the paper.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    tuple of Population
        Excitatory and inhibitory.
    """
    n_e = round(EXCITATORY_FRACTION * spec.cells)
    r = np.random.default_rng([spec.seed, 0]).random(spec.cells)
    r_e, r_i = r[:n_e], r[n_e:]
    constant = {"Iin": spec.current, "halves": 2.0}
    spread_e = {"c": -65 + 15 * r_e**2, "d": 8 - 6 * r_e**2, "sigma": spec.noise[0]}
    spread_i = {"a": 0.02 + 0.08 * r_i, "b": 0.25 - 0.05 * r_i, "sigma": spec.noise[1]}
    return (
        _population("excitatory", 0, n_e, {"a": 0.02, "b": 0.2, **spread_e, **constant}),
        _population(
            "inhibitory", n_e, spec.cells - n_e, {**spread_i, "c": -65.0, "d": 2.0, **constant}
        ),
    )


def _population(name: str, first: int, size: int, parameters: Mapping[str, Any]) -> Population:
    arrays = {key: np.broadcast_to(np.float64(x), size) for key, x in parameters.items()}
    return Population(name, first, size, arrays)


def connections_onto(spec: NetworkSpec, target: int) -> Connections:
    """The connections onto one cell, which follow from the seed and its gid alone.

    Weights are uniform in [0, 0.5) from excitatory and in (-1, 0] from inhibitory cells, times
    1000/fan-in, which keeps the mean input of the paper.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    target : int
        Gid of the cell.

    Returns
    -------
    Connections
    """
    random = np.random.Generator(np.random.Philox(key=[spec.seed, target + 1]))
    if spec.fan_in is None:
        sources = np.arange(spec.cells)
    else:
        sources = np.sort(random.choice(spec.cells, spec.fan_in, replace=False, shuffle=False))
    is_excitatory = sources < round(EXCITATORY_FRACTION * spec.cells)
    weights = np.where(is_excitatory, 0.5, -1.0) * random.random(len(sources))
    weights *= FAN_IN_2003 / max(len(sources), 1)
    shortest, longest = int(spec.min_delay), int(spec.max_delay)
    delays = random.integers(shortest, longest, len(sources), endpoint=True)
    return Connections(sources, np.full(len(sources), target), weights, delays.astype(float))


def check(spec: NetworkSpec, ranks: int = 1, threads: int = 1, coreneuron: bool = False) -> None:
    """Raise if a network cannot be run so; nothing is run.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    ranks, threads : int
        Processes, and threads in each.
    coreneuron : bool
        Whether it is to run on CoreNEURON.

    Raises
    ------
    ValueError
        With what is wrong, and what would be right.
    """
    for name, value in (("cells", spec.cells), ("ranks", ranks), ("threads", threads)):
        if not _is_whole(value) or value < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")
    if not _is_whole(spec.seed) or not 0 <= spec.seed < 2**32:
        raise ValueError(f"seed must be a whole number from 0 to 2^32 - 1, not {spec.seed!r}")
    if spec.cells >= 2**31:
        raise ValueError(f"cells must be fewer than 2^31, for each needs a gid; not {spec.cells}")
    if ranks * threads > spec.cells:
        raise ValueError(
            f"{ranks} ranks x {threads} threads are more than the {spec.cells} cells: each needs "
            "a cell"
        )
    if spec.fan_in is not None:
        if not _is_whole(spec.fan_in) or spec.fan_in < 0:
            raise ValueError(f"fan_in must be a whole number, 0 or more, not {spec.fan_in!r}")
        if spec.fan_in > spec.cells:
            raise ValueError(
                f"fan_in must not exceed the number of cells, {spec.cells}; it is {spec.fan_in}"
            )
    for name, number in (("seconds", spec.seconds), ("dt", spec.dt)):
        if not _is_finite(number) or number <= 0:
            raise ValueError(f"{name} must be a number greater than 0, not {number!r}")
    if 1000 * spec.seconds < spec.dt:
        raise ValueError(f"{spec.seconds:g} s are less than one step of {spec.dt:g} ms")
    noise = spec.noise if isinstance(spec.noise, (tuple, list)) else ()
    if len(noise) != 2 or not all(_is_finite(x) and x >= 0 for x in noise):
        raise ValueError(f"noise is two numbers of mV/ms, 0 or more, not {spec.noise!r}")
    if not _is_finite(spec.current):
        raise ValueError(f"current must be a finite number of mV/ms, not {spec.current!r}")
    if spec.fan_in != 0:
        _check_delays(spec, threads > 1 or (coreneuron and ranks > 1))


def _check_delays(spec: NetworkSpec, needs_two_steps: bool) -> None:
    for name, value in (("min_delay", spec.min_delay), ("max_delay", spec.max_delay)):
        if not _is_finite(value) or value != int(value):
            raise ValueError(f"{name} must be a whole number of ms, not {value!r}")
    if spec.max_delay > LONGEST_DELAY:
        raise ValueError(
            f"max_delay must be at most {LONGEST_DELAY:g} ms; it is {spec.max_delay:g} ms"
        )
    if spec.min_delay > spec.max_delay:
        raise ValueError(
            f"min_delay, {spec.min_delay:g} ms, must not exceed max_delay, {spec.max_delay:g} ms"
        )
    if spec.min_delay < spec.dt:
        raise ValueError(
            f"min_delay must be at least the step, {spec.dt:g} ms; it is {spec.min_delay:g} ms"
        )
    if needs_two_steps and spec.min_delay < 2 * spec.dt:
        raise ValueError(
            "on more than one thread, or CoreNEURON on more than one rank, delays must be at "
            f"least two steps, {2 * spec.dt:g} ms; min_delay is {spec.min_delay:g} ms. NEURON on "
            "ranks does with one."
        )


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return (
        isinstance(value, (int, float, np.number))
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
    )


# --- running -----------------------------------------------------------------------------------


def run(
    spec: NetworkSpec,
    *,
    ranks: int = 1,
    threads: int = 1,
    coreneuron: bool = False,
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
    progress : callable, optional
        Called with the simulated time reached, ms; under CoreNEURON at the end only. An
        exception that it raises ends the run.

    Returns
    -------
    NetworkResult

    Raises
    ------
    ValueError
        If the network cannot be run so; nothing has been run then.
    NetworkError
        If MPI is missing, or a rank died; the message names it.
    MechanismError
        If the mechanisms cannot be built.
    """
    check(spec, ranks, threads, coreneuron)
    mechanisms.load()  # builds what is missing, before any rank starts
    if coreneuron:
        mechanisms.build_coreneuron()
    shares = run_on_ranks(_Job(spec, threads, coreneuron), ranks, progress)
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
        self._bundle: PulseBundle | None = None

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
        ValueError
            If a gid is none or used twice, or a parameter unknown; no cell has been created then.
        """
        from izhikevich.engine.gids import free_gids
        from izhikevich.engine.parameters import check_names

        numbers = free_gids(gids)
        check_names(parameters, "Izhi2003a")
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
        ValueError
            If a target is not, or a number not what it has to be; nothing has been connected then.
        """
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

    def bundle(self, connections: Connections, times: Any, gids: Any, dt: float) -> None:
        """Connect as `connect` does, without a NetCon for each connection: see `pulses`.

        For NEURON's fixed step on one thread.

        Parameters
        ----------
        connections : Connections
            All targets are of this rank.
        times, gids : Vector
            What `ParallelContext.spike_record` records of the cells of this rank.
        dt : float
            Step, ms.

        Raises
        ------
        ValueError
            As `connect`, and if a delay is under the step, or there is a bundle already: NEURON
            has one recording for each source.
        """
        if self._bundle is not None:
            raise ValueError("the connections of a rank go into one bundle; it has one already")
        self._check_connections(connections)
        if len(connections.sources):
            arrays = vars(connections)
            self._bundle = PulseBundle(self.cells, **arrays, times=times, gids=gids, dt=dt)

    def _check_connections(self, connections: Connections) -> None:
        missing = [gid for gid in np.unique(connections.targets).tolist() if gid not in self.cells]
        if missing:
            raise ValueError(f"gid {missing[0]} is no cell of this rank, and cannot be a target")
        for name, values, least in (
            ("weights", connections.weights, -np.inf),
            ("delays", connections.delays, 0),
        ):
            wrong = values[~(np.isfinite(values) & (values >= least))]
            if len(wrong):
                raise ValueError(f"{name} must be finite, and delays 0 or more; one is {wrong[0]}")

    def clear(self) -> None:
        """Forget the cells, their connections and all gids of the process; leave one thread."""
        if self._bundle is not None:
            self._bundle.close()
            self._bundle = None
        self.context.gid_clear()
        self._kept.clear()
        self.cells.clear()
        self.hosts.clear()
        self.context.nthread(1)


@dataclass(frozen=True)
class _Job:
    """What each rank is told."""

    spec: NetworkSpec
    threads: int
    coreneuron: bool

    def run(self, report: Callable[[float], None]) -> dict[str, Any]:
        """Run the share of this rank."""
        mechanisms.load(coreneuron=self.coreneuron)
        from neuron import coreneuron, h

        spec = self.spec
        gc.disable()  # a million connections, and not one circle among them
        before, start = _memory(), time.perf_counter()
        share = Share(self.threads)
        context = share.context
        rank, ranks = int(context.id()), int(context.nhost())
        mine = _add_populations(share, spec, rank, ranks)
        times, gids = h.Vector(), h.Vector()
        context.spike_record(-1, times, gids)
        n_connections = 0
        if spec.fan_in != 0:
            connections = _connections_onto_all(spec, mine)
            n_connections = len(connections.sources)
            if self.threads > 1 or self.coreneuron:
                share.connect(connections)
            else:
                share.bundle(connections, times, gids, spec.dt)
            del connections
        h.dt = spec.dt
        # bins of one step rather than a tree: events are on the grid. CoreNEURON's bins are those
        # of a whole number of steps in a ms.
        h.CVode().queue_mode(not self.coreneuron or (1 / spec.dt).is_integer())
        context.set_maxstep(10)
        coreneuron.enable = self.coreneuron
        coreneuron.verbose = 0
        h.finitialize(-65)
        context.barrier()
        built = time.perf_counter()
        _solve(context, 1000 * spec.seconds, spec.dt, self.coreneuron, report)
        done = time.perf_counter()
        lost = sum(not math.isfinite(cell.V) for cell in share.cells.values())
        if lost:
            raise NetworkError(f"the voltage of {lost} cells ran away; weaken what drives them")
        stop = 1000 * spec.seconds + 0.5 * spec.dt
        spike_times = times.as_numpy()
        within = spike_times <= stop
        return {
            "times": spike_times[within],
            "gids": gids.as_numpy()[within].astype(np.int64),
            "connections": n_connections,
            "build_seconds": built - start,
            "run_seconds": done - built,
            "memory": _memory() - before,
        }


def _add_populations(share: Share, spec: NetworkSpec, rank: int, ranks: int) -> np.ndarray:
    """Create the cells of this rank, dealt out like cards; returns their gids."""
    mine = []
    for population in populations(spec):
        gids = np.arange(population.first, population.first + population.size)
        chosen = gids % ranks == rank
        parameters = {name: x[chosen] for name, x in population.parameters.items()}
        share.add(gids[chosen].tolist(), parameters, spec.seed)
        mine.append(gids[chosen])
    return np.concatenate(mine)


def _connections_onto_all(spec: NetworkSpec, targets: np.ndarray) -> Connections:
    """The connections onto many cells, in arrays that take no more than they need."""
    shape = (len(targets), spec.cells if spec.fan_in is None else spec.fan_in)
    sources, ends = np.empty(shape, np.int32), np.empty(shape, np.int32)
    weights, delays = np.empty(shape), np.empty(shape, np.float32)
    for k, target in enumerate(targets.tolist()):
        found = connections_onto(spec, target)
        sources[k], ends[k] = found.sources, found.targets
        weights[k], delays[k] = found.weights, found.delays
    return Connections(sources.ravel(), ends.ravel(), weights.ravel(), delays.ravel())


def _solve(
    context: Any, tstop: float, dt: float, in_one: bool, report: Callable[[float], None]
) -> None:
    """Advance to `tstop` and one step on, at which a spike of the last state is seen."""
    if not in_one:  # CoreNEURON is handed all data anew with each call
        for k in range(1, math.ceil(tstop / SLICE)):
            context.psolve(k * SLICE)
            report(k * SLICE)
    context.psolve(tstop + dt)
    report(tstop)


def _memory() -> int:
    """Memory of this process now, bytes; its peak where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * os.sysconf("SC_PAGE_SIZE")


# --- processes ---------------------------------------------------------------------------------


def run_on_ranks(
    job: Any, ranks: int, progress: Callable[[float], None] | None = None
) -> list[dict[str, Any]]:
    """Run a job on ranks of their own, starting MPI for more than one.

    Ctrl-C, and every other exception, stops all ranks and leaves no process.

    Parameters
    ----------
    job : object
        What can be pickled; `job.run(report)` gives a rank's result, a dict.
    ranks : int
        Number of processes.
    progress : callable, optional
        Called with what rank 0 reports.

    Returns
    -------
    list of dict
        The result of each rank.

    Raises
    ------
    NetworkError
        If MPI is missing, or a rank died; the message names it.
    """
    command = [sys.executable, "-m", "izhikevich.network.running"]
    changes: dict[str, str] = {}
    if ranks > 1:
        launcher, changes = _mpi()
        command = [launcher, "-n", str(ranks), *command]
    with tempfile.TemporaryDirectory(prefix="izhikevich-network-") as name:
        folder = Path(name)
        (folder / "job").write_bytes(pickle.dumps(job))
        with _running([*command, name, str(ranks)], folder, changes) as process:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                if line.startswith("progress "):
                    if progress is not None:
                        progress(float(line.split()[1]))
                elif not line.startswith("numprocs="):  # NEURON's greeting
                    said.append(line)
            process.wait()
        _raise_if_died(folder, ranks, process.returncode, "".join(said))
        return [pickle.loads((folder / f"{k}.result").read_bytes()) for k in range(ranks)]


@contextlib.contextmanager
def _running(
    command: list[str], folder: Path, changes: Mapping[str, str]
) -> Iterator[subprocess.Popen]:
    """A process with all that it starts, none of which outlives the context."""
    home = str(Path(__file__).resolve().parent.parent.parent)
    path = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        command,
        cwd=folder,  # away from the caller's, whose compiled mechanisms NEURON would load
        env={
            **os.environ,
            "PYTHONPATH": path,
            "NEURON_MODULE_OPTIONS": "-nogui",
            "OPENBLAS_NUM_THREADS": "1",  # its idle threads take the cores of the ranks
            **changes,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a Ctrl-C at the terminal is ours to hand on
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
        for pid in [process.pid, *_pids(folder).values()]:
            # only ours: a rank writes its pid, and ends for good by this signal
            if _is_rank(pid, folder) or process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _pids(folder: Path) -> dict[int, int]:
    """Process of each rank that has started."""
    return {int(file.stem): int(file.read_text() or 0) for file in folder.glob("*.pid")}


def _is_rank(pid: int, folder: Path) -> bool:
    """Whether a process is still a rank of the run with that folder."""
    try:
        return str(folder) in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def _raise_if_died(folder: Path, ranks: int, code: int, said: str) -> None:
    """Raise for the rank that died first, if one did."""
    errors = sorted(folder.glob("*.error"), key=lambda file: file.stat().st_mtime_ns)
    if errors:
        kind, message = pickle.loads(errors[0].read_bytes())
        if kind == "MechanismError":
            raise mechanisms.MechanismError(message)
        raise NetworkError(f"Rank {errors[0].stem} of {ranks} stopped: {message}")
    finished = {int(file.stem) for file in folder.glob("*.result")}
    if code == 0 and len(finished) == ranks:
        return
    pids = _pids(folder)
    found = re.search(r"PID (\d+) RUNNING", said)  # of the rank that MPI saw die
    last = "\n".join(said.splitlines()[-12:])
    if ranks > 1 and code < 0 and not found:
        raise NetworkError(f"mpiexec died (signal {-code}), and the {ranks} ranks with it.", last)
    dead = [rank for rank, pid in pids.items() if found and pid == int(found[1])]
    dead = dead or [rank for rank in range(ranks) if rank not in finished]
    reason = re.search(r"EXIT CODE: (\d+)", said)
    number = int(reason[1]) if reason else (-code if code < 0 else code)
    how = f"signal {number}" if (found or code < 0) and 0 < number < 64 else f"exit code {number}"
    raise NetworkError(
        f"Rank {', '.join(map(str, dead))} of {ranks} died ({how}), and the run with it.", last
    )


@functools.cache
def _mpi() -> tuple[str, dict[str, str]]:
    """The program that starts ranks, and the environment in which NEURON finds its library."""
    try:
        files = importlib.metadata.files("mpich") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    paths = [Path(str(file.locate())).resolve() for file in files]
    launchers = [p for p in paths if p.name in ("mpiexec", "mpiexec.hydra")]
    libraries = [p for p in paths if re.fullmatch(r"libmpi\.so\.12|libmpi\.12\.dylib", p.name)]
    if launchers and libraries:
        return str(launchers[0]), {"MPI_LIB_NRN_PATH": str(libraries[0])}
    system = shutil.which("mpiexec")
    if system is None:
        raise NetworkError(
            "More than one rank needs MPI, which is not installed. Install it with\n\n"
            "    pip install mpich"
        )
    return system, {}


def _serve(folder: Path, ranks: int) -> None:
    """Be one rank: do the job of the folder, leave the result there."""
    if sys.platform == "linux":
        # however the process ends that started this one, by SIGKILL even, it ends too
        set_signal_at_death_of_parent = 1
        ctypes.CDLL(None).prctl(set_signal_at_death_of_parent, signal.SIGKILL)
    from neuron import h

    if ranks > 1:
        h.nrnmpi_init()
    context = h.ParallelContext()
    rank = int(context.id())
    _write(folder / f"{rank}.pid", str(os.getpid()).encode())
    code = 1
    try:
        if int(context.nhost()) != ranks:
            raise NetworkError(
                f"NEURON sees {int(context.nhost())} of {ranks} ranks: it did not find the MPI "
                "library of mpiexec. Install MPI with `pip install mpich`."
            )
        job = pickle.loads((folder / "job").read_bytes())

        def report(done: float) -> None:
            if rank == 0:
                print(f"progress {done}", flush=True)

        result = job.run(report)
        _write(folder / f"{rank}.result", pickle.dumps(result))
        context.barrier()  # nobody leaves before all have written
        code = 0
    except Exception as error:
        _write(folder / f"{rank}.error", pickle.dumps((type(error).__name__, str(error))))
    finally:
        sys.stdout.flush()
        if code == 0 and ranks > 1:
            context.done()
            h.quit()
        # at once: to free a hundred thousand cells one by one takes longer than to run them
        os._exit(code)


def _write(file: Path, content: bytes) -> None:
    """Write a file that appears whole."""
    part = file.with_name(file.name + ".part")
    part.write_bytes(content)
    part.rename(file)


if __name__ == "__main__":
    # under the name that pickled jobs know it by
    from izhikevich.network import running as network

    network._serve(Path(sys.argv[1]), int(sys.argv[2]))
