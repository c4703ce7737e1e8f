"""Connections onto a population: from arrays into the order in which a spike goes through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from neuron import h
from numpy.typing import ArrayLike

from izhikevich.engine.population_library import address_of
from izhikevich.engine.population_plasticity import PlasticConnections, numbers_of
from izhikevich.errors import ParameterError

#: Added to delays of NEURON's, ms: still the same step, and enough for ranks, which refuse one step
#: exactly.
LATER = 1e-6
#: A delay is a whole number of steps to within this part of a step.
NEARLY = 1e-4
#: Weights are multiples of one part in these, of mV/ms (as in mod/Izhi2003a.mod) or a conductance.
PARTS_OF_PULSE, PARTS_OF_CONDUCTANCE = 2.0**20, 2.0**40
#: Connections that are looked at together, which bounds what that takes.
SLICE = 2**17
CHANGED = "the pieces were other connections when they were read again: they have to stay the same"


def exact(weights: np.ndarray, parts: float = PARTS_OF_PULSE) -> np.ndarray:
    """Weights as they are rounded: such add up exactly in any order.

    Parameters
    ----------
    weights : array of float
    parts : float
        A power of two.

    Returns
    -------
    array of float
        The nearest multiples of one part.
    """
    return np.floor(weights * parts + 0.5) / parts


class Arrays:
    """Connections as arrays, which are looked at and read a slice at a time.

    Parameters
    ----------
    sources, targets : array of int, shape (n,)
    weights, delays : float or array, shape (n,)

    Raises
    ------
    ParameterError
        If they are no such arrays.
    """

    def __init__(
        self, sources: ArrayLike, targets: ArrayLike, weights: ArrayLike, delays: ArrayLike
    ) -> None:
        self.sources, self.targets = _whole("sources", sources), _whole("targets", targets)
        if len(self.sources) != len(self.targets):
            raise ParameterError(
                "sources and targets have one number for each connection; they have "
                f"{len(self.sources)} and {len(self.targets)}"
            )
        self.weights = _numbers("weights", weights, len(self.sources))
        self.delays = _numbers("delays", delays, len(self.sources))

    def __len__(self) -> int:
        return len(self.sources)

    def slices(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Sources, targets, weights and delays of so many connections at a time."""
        for begin in range(0, len(self), SLICE):
            some = slice(begin, begin + SLICE)
            yield self.sources[some], self.targets[some], self.weights[some], self.delays[some]


class _Heard:
    """Sources elsewhere: how many connections each has, and its shortest and longest delay."""

    def __init__(self) -> None:
        self.gids = np.empty(0, np.int64)
        self.counts, self.shortest, self.longest = (np.empty(0, np.int64) for _ in range(3))

    def add(self, gids: np.ndarray, steps: np.ndarray) -> None:
        known = np.union1d(self.gids, gids)
        old, new = np.searchsorted(known, self.gids), np.searchsorted(known, gids)
        counts = np.bincount(new, minlength=len(known))
        shortest, longest = np.full(len(known), np.iinfo(np.int64).max), np.zeros_like(counts)
        counts[old] += self.counts
        shortest[old], longest[old] = self.shortest, self.longest
        np.minimum.at(shortest, new, steps)
        np.maximum.at(longest, new, steps)
        self.gids, self.counts, self.shortest, self.longest = known, counts, shortest, longest

    def rows_and_rest(self, gids: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which source each connection is from, and its delay beyond the source's shortest."""
        if not np.isin(gids, self.gids).all():
            raise ParameterError(CHANGED)
        rows = np.searchsorted(self.gids, gids)
        if np.any((steps < self.shortest[rows]) | (steps > self.longest[rows])):
            raise ParameterError(CHANGED)
        return rows, steps - self.shortest[rows]


class _BySource:
    """Room for connections in the order of their sources, filled in any order."""

    def __init__(self, functions: Any, counts: np.ndarray) -> None:
        self._functions = functions
        self.first = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=self.first[1:])
        self.slots = np.empty(self.first[-1], np.uint32)
        self.weights = np.empty(self.first[-1])
        self._next = self.first[:-1].copy()

    def put(self, rows: np.ndarray, slots: np.ndarray, weights: np.ndarray) -> None:
        read = (
            rows.astype(np.int64, copy=False),
            slots.astype(np.uint32),
            np.ascontiguousarray(weights),
        )
        written = self.first, self._next, self.slots, self.weights
        if not self._functions.place(len(rows), *map(address_of, read + written)):
            raise ParameterError(CHANGED)

    def finish(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if np.any(self._next != self.first[1:]):
            raise ParameterError(CHANGED)
        done = self.first, self.slots, self.weights
        self._functions.arrange(len(self.first) - 1, *map(address_of, done))
        return done


class Connector:
    """The connections onto one population.

    Parameters
    ----------
    functions : Library
    number : int
        Of the population, by which the library knows it.
    mechanism : IzhiPopulation
    size : int
    gids : array of int or None
    """

    def __init__(
        self, functions: Any, number: int, mechanism: Any, size: int, gids: np.ndarray | None
    ) -> None:
        self._functions = functions
        self._number = number
        self._mechanism = mechanism
        self._size = size
        self._gids = gids
        self._kept: list[Any] = []  # arrays that the library reads, and NetCons
        self._groups_from_elsewhere = 0
        self._dt: float | None = None

    def connect(self, pieces: Iterable[Arrays], receptor: int, is_pulse: bool) -> None:
        """Connect, reading the pieces twice: see `Population.connect_pieces`."""
        dt = self._step()
        counts, longest, heard = np.zeros(self._size, np.int64), 0, _Heard()
        for pre, starting, _, _, steps in self._looked_at(pieces, dt, is_pulse):
            here = starting >= 0
            counts += np.bincount(starting[here], minlength=self._size)
            longest = max(longest, int(steps[here].max(initial=0)))
            if not here.all():
                heard.add(pre[~here], steps[~here])
        _refuse_unknown(heard.gids)
        if not len(heard.gids) and not counts.any():
            return
        ours, others = _BySource(self._functions, counts), _BySource(self._functions, heard.counts)
        parts = PARTS_OF_PULSE if is_pulse else PARTS_OF_CONDUCTANCE
        for pre, starting, ending, weights, steps in self._looked_at(pieces, dt, is_pulse):
            rounded, here = exact(weights, parts), starting >= 0
            if steps[here].max(initial=0) > longest:
                raise ParameterError(CHANGED)
            if here.all():
                ours.put(starting, steps * self._size + ending, rounded)
                continue
            ours.put(starting[here], (steps * self._size + ending)[here], rounded[here])
            rows, rest = heard.rows_and_rest(pre[~here], steps[~here])
            others.put(rows, rest * self._size + ending[~here], rounded[~here])
        done = [each.finish() for each in (ours, others)]
        self._dt = dt
        if counts.any():
            self._add(False, receptor, done[0], longest)
        if len(heard.gids):
            self._add(True, receptor, done[1], int((heard.longest - heard.shortest).max()))
            self._listen(heard, dt)

    def connect_plastic(
        self, connections: Arrays, receptor: int, is_pulse: bool, rules: Sequence[Any]
    ) -> PlasticConnections:
        """Connect within the population, with weights that change."""
        dt, size = self._step(), self._size
        looked_at = list(self._looked_at([connections], dt, is_pulse, fewest=0))
        columns = [np.concatenate(each) for each in zip(*looked_at, strict=True)] or [
            np.empty(0, np.int64) for _ in range(5)
        ]
        sources, starting, ending, weights, steps = columns
        if (starting < 0).any():
            raise ParameterError(
                f"gid {sources[starting < 0][0]} is a source elsewhere: connections with "
                "plasticity are between cells of one population"
            )
        numbers = numbers_of(rules, weights, dt)
        order = np.lexsort((ending, steps, starting))
        first = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(starting, minlength=size), out=first[1:])
        kept: tuple[np.ndarray, np.ndarray, np.ndarray]
        kept = first, ending[order].astype(np.uint32), steps[order].astype(np.uint32)
        made = PlasticConnections(
            sources[order].astype(np.int32),
            connections.targets[order].astype(np.int32),
            kept[2],
            dt,
            weights[order],
            order.astype(np.uint32),
            rules,
        )
        self._kept.append((kept, made))
        self._dt = dt
        places = *map(address_of, kept), *made.addresses()
        self._functions.connect_plastic(
            self._number, receptor, *places, *map(address_of, numbers), dt
        )
        return made

    def _step(self) -> float:
        dt = float(h.dt)
        if self._dt is not None and dt != self._dt:
            raise ParameterError(
                f"the population was connected at h.dt = {self._dt:g} ms, and it is {dt:g} ms now"
            )
        return dt

    def _looked_at(
        self, pieces: Iterable[Arrays], dt: float, is_pulse: bool, fewest: int = 1
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Sources, their places (-1: elsewhere), places of targets, weights, steps of delay."""
        for piece in pieces:
            for pre, post, weights, delays in piece.slices():
                ending = _places(self._gids, self._size, post)
                if (ending < 0).any():
                    raise ParameterError(
                        f"{post[ending < 0][0]} is a target, and none of the cells of this "
                        "population"
                    )
                for name, values in (("weights", weights), ("delays", delays)):
                    _refuse_infinite(name, values)
                if not is_pulse and weights.min() < 0:
                    raise ParameterError(
                        f"weights of conductances must be 0 or more; one is {weights.min():g}"
                    )
                steps = _steps(delays, dt, fewest)
                if (int(steps.max()) + 1) * self._size >= 2**32:
                    raise ParameterError(
                        f"{steps.max()} steps of delay and {self._size} cells are too many "
                        "together: make several populations of fewer cells"
                    )
                starting = _places(self._gids, self._size, pre)
                if self._gids is None and (starting < 0).any():
                    raise ParameterError(
                        f"{pre[starting < 0][0]} is a source, and none of the cells of this "
                        "population, which knows others by gids alone"
                    )
                yield pre, starting, ending, weights, steps

    def _listen(self, heard: _Heard, dt: float) -> None:
        """Listen to each source once, by its shortest delay; the rest of a delay is waited here."""
        group = self._groups_from_elsewhere
        self._groups_from_elsewhere += 1
        context = h.ParallelContext()
        for row, (gid, wait) in enumerate(
            zip(heard.gids.tolist(), heard.shortest.tolist(), strict=True)
        ):
            connection = context.gid_connect(gid, self._mechanism)
            connection.weight[0], connection.weight[1] = group, row
            connection.delay = wait * dt + LATER
            self._kept.append(connection)

    def _add(
        self,
        from_elsewhere: bool,
        receptor: int,
        by_source: tuple[np.ndarray, np.ndarray, np.ndarray],
        longest: int,
    ) -> None:
        self._kept.append(by_source)
        self._functions.connect(
            self._number,
            from_elsewhere,
            receptor,
            len(by_source[0]) - 1,
            *map(address_of, by_source),
            longest,
            self._dt,
        )


def _whole(name: str, values: ArrayLike) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ParameterError(f"{name} is an array of one dimension, not of shape {array.shape}")
    if len(array) and array.dtype.kind not in "iu":
        raise ParameterError(f"{name} are whole numbers, not {array.dtype.name}")
    if len(array) and not 0 <= array.min() <= array.max() < 2**31:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ParameterError(f"{name} are whole numbers from 0 to 2^31 - 1; one is {wrong}")
    return array


def _numbers(name: str, values: ArrayLike, n: int) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} are numbers, not {values!r}") from None
    if array.shape not in ((), (n,)):
        raise ParameterError(
            f"{name} are one number or {n}, one for each connection; the shape is {array.shape}"
        )
    return np.broadcast_to(array, n)


def _refuse_infinite(name: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        raise ParameterError(f"{name} must be finite; one is {values[~np.isfinite(values)][0]}")


def _steps(delays: np.ndarray, dt: float, fewest: int) -> np.ndarray:
    """Delays as whole steps."""
    steps = np.rint(delays / dt)
    if (steps < fewest).any():
        least = f"the step, {dt:g} ms" if fewest else "0"
        raise ParameterError(
            f"delays must be at least {least}; one is {delays[steps < fewest][0]:g} ms"
        )
    broken = np.abs(delays / dt - steps) > NEARLY
    if broken.any():
        raise ParameterError(
            f"delays must be whole steps of h.dt, {dt:g} ms; one is {delays[broken][0]:g} ms"
        )
    return steps.astype(np.int64)


def _places(gids: np.ndarray | None, size: int, numbers: np.ndarray) -> np.ndarray:
    """Where each number is among the cells; -1 where it is not."""
    if gids is None:
        return np.where(numbers < size, numbers, -1)
    if gids[-1] - gids[0] == size - 1 and np.all(np.diff(gids) == 1):
        found = numbers - gids[0]
        return np.where((found >= 0) & (found < size), found, -1)
    order = np.argsort(gids)
    found = order[np.minimum(np.searchsorted(gids, numbers, sorter=order), size - 1)]
    return np.where(gids[found] == numbers, found, -1)


def _refuse_unknown(gids: np.ndarray) -> None:
    """Raise if a source is no cell at all, where that can be known: on one rank."""
    context = h.ParallelContext()
    if int(context.nhost()) == 1:
        for gid in gids.tolist():
            if not context.gid_exists(gid):
                raise ParameterError(
                    f"gid {gid} is a source, and no cell has it: make and register cells first"
                )
