"""Connections onto a population: from arrays into the order in which a spike goes through them."""

from __future__ import annotations

from collections.abc import Sequence
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


class Connector:
    """The connections onto one population."""

    def __init__(self, functions: Any, number: int, mechanism: Any) -> None:
        self._functions = functions
        self._number = number
        self._mechanism = mechanism
        self._kept: list[Any] = []  # arrays that the library reads, and NetCons
        self._groups_from_elsewhere = 0
        self._dt: float | None = None

    def connect(
        self,
        size: int,
        gids: np.ndarray | None,
        sources: ArrayLike,
        targets: ArrayLike,
        weights: ArrayLike,
        delays: ArrayLike,
        receptor: int,
        is_pulse: bool,
        rules: Sequence[Any] = (),
    ) -> PlasticConnections | None:
        """Connect: see `Population.connect`."""
        dt = float(h.dt)
        if self._dt is not None and dt != self._dt:
            raise ParameterError(
                f"the population was connected at h.dt = {self._dt:g} ms, and it is {dt:g} ms now"
            )
        pre, post = _whole("sources", sources), _whole("targets", targets)
        if len(pre) != len(post):
            raise ParameterError(
                "sources and targets have one number for each connection; they have "
                f"{len(pre)} and {len(post)}"
            )
        ending = _places(gids, size, post)
        if (ending < 0).any():
            raise ParameterError(
                f"{post[ending < 0][0]} is a target, and none of the cells of this population"
            )
        strengths = _numbers("weights", weights, len(pre))
        if not is_pulse and len(pre) and strengths.min() < 0:
            raise ParameterError(
                f"weights of conductances must be 0 or more; one is {strengths.min():g}"
            )
        steps = _steps(_numbers("delays", delays, len(pre)), dt, 0 if rules else 1)
        if len(pre) and (int(steps.max()) + 1) * size >= 2**32:
            raise ParameterError(
                f"{steps.max()} steps of delay and {size} cells are too many together: make "
                "several populations of fewer cells"
            )
        starting = _places(gids, size, pre)
        if gids is None and (starting < 0).any():
            raise ParameterError(
                f"{pre[starting < 0][0]} is a source, and none of the cells of this population, "
                "which knows others by gids alone"
            )
        elsewhere = starting < 0
        _refuse_unknown(np.unique(pre[elsewhere]))
        if rules:
            if elsewhere.any():
                raise ParameterError(
                    f"gid {pre[elsewhere][0]} is a source elsewhere: connections with plasticity "
                    "are between cells of one population"
                )
            return self._plastic(
                size, pre, starting, post, ending, strengths, steps, receptor, rules, dt
            )
        if not len(pre):
            return None
        rounded = exact(strengths, PARTS_OF_PULSE if is_pulse else PARTS_OF_CONDUCTANCE)
        self._dt = dt
        if not elsewhere.any():
            self._from_here(size, starting, ending, rounded, steps, receptor)
            return None
        here = ~elsewhere
        if here.any():
            self._from_here(
                size, starting[here], ending[here], rounded[here], steps[here], receptor
            )
        self._from_elsewhere(
            size, pre[elsewhere], ending[elsewhere], rounded[elsewhere], steps[elsewhere], receptor
        )
        return None

    def _plastic(
        self,
        size: int,
        sources: np.ndarray,
        starting: np.ndarray,
        targets: np.ndarray,
        ending: np.ndarray,
        weights: np.ndarray,
        steps: np.ndarray,
        receptor: int,
        rules: Sequence[Any],
        dt: float,
    ) -> PlasticConnections:
        numbers = numbers_of(rules, weights, dt)
        order = _sorted(starting, steps * size + ending)
        first = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(starting, minlength=size), out=first[1:])
        kept = first, ending[order].astype(np.uint32), steps[order].astype(np.uint32)
        made = PlasticConnections(
            sources[order].astype(np.int32),
            targets[order].astype(np.int32),
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

    def _from_here(
        self,
        size: int,
        sources: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        steps: np.ndarray,
        receptor: int,
    ) -> None:
        slots = steps * size + targets
        self._add(False, receptor, sources, size, slots, weights, int(steps.max()))

    def _from_elsewhere(
        self,
        size: int,
        gids: np.ndarray,
        targets: np.ndarray,
        weights: np.ndarray,
        steps: np.ndarray,
        receptor: int,
    ) -> None:
        """Listen to each source once, by its shortest delay; the rest of a delay is waited here."""
        known, rows = np.unique(gids, return_inverse=True)
        shortest = np.full(len(known), np.iinfo(np.int64).max)
        np.minimum.at(shortest, rows, steps)
        rest = steps - shortest[rows]
        self._add(True, receptor, rows, len(known), rest * size + targets, weights, int(rest.max()))
        group = self._groups_from_elsewhere
        self._groups_from_elsewhere += 1
        context, dt = h.ParallelContext(), self._dt
        assert dt is not None
        for row, (gid, wait) in enumerate(zip(known.tolist(), shortest.tolist(), strict=True)):
            connection = context.gid_connect(gid, self._mechanism)
            connection.weight[0], connection.weight[1] = group, row
            connection.delay = wait * dt + LATER
            self._kept.append(connection)

    def _add(
        self,
        from_elsewhere: bool,
        receptor: int,
        sources: np.ndarray,
        n_sources: int,
        slots: np.ndarray,
        weights: np.ndarray,
        longest: int,
    ) -> None:
        order = _sorted(sources, slots)
        first = np.zeros(n_sources + 1, np.int64)
        np.cumsum(np.bincount(sources, minlength=n_sources), out=first[1:])
        kept = first, slots[order].astype(np.uint32), np.ascontiguousarray(weights[order])
        self._kept.append(kept)
        self._functions.connect(
            self._number,
            from_elsewhere,
            receptor,
            n_sources,
            *map(address_of, kept),
            longest,
            self._dt,
        )


def _sorted(sources: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """The order of sources, and of slots within each."""
    if not len(sources):
        return np.arange(0)
    together = sources * (int(slots.max()) + 1) + slots  # under 2^63: 2^31 sources, 2^32 slots
    if np.all(together[1:] >= together[:-1]):
        return np.arange(len(together))
    return np.argsort(together, kind="stable")


def _whole(name: str, values: ArrayLike) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ParameterError(f"{name} is an array of one dimension, not of shape {array.shape}")
    if len(array) and array.dtype.kind not in "iu":
        raise ParameterError(f"{name} are whole numbers, not {array.dtype.name}")
    if len(array) and not 0 <= array.min() <= array.max() < 2**31:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ParameterError(f"{name} are whole numbers from 0 to 2^31 - 1; one is {wrong}")
    return array.astype(np.int64, copy=False)


def _numbers(name: str, values: ArrayLike, n: int) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} are numbers, not {values!r}") from None
    if array.shape not in ((), (n,)):
        raise ParameterError(
            f"{name} are one number or {n}, one for each connection; the shape is {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ParameterError(f"{name} must be finite; one is {array[~np.isfinite(array)].flat[0]}")
    return np.broadcast_to(array, n)


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
