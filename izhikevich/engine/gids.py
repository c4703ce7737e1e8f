"""Gids: the numbers by which the cells of a network are known on all ranks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from neuron import h

from izhikevich.errors import ParameterError


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def is_finite(value: Any) -> bool:
    """Whether a value is a number, and a finite one."""
    return isinstance(value, (int, float, np.number)) and math.isfinite(value)


def whole_gids(gids: Iterable[Any]) -> list[int]:
    """Gids as Python's own whole numbers; raises for what is none."""
    numbers = []
    for gid in gids:
        if not is_whole(gid) or not 0 <= gid < 2**31:
            raise ParameterError(f"a gid is a whole number from 0 to 2^31 - 1, not {gid!r}")
        numbers.append(int(gid))
    return numbers


def free_gids(gids: Iterable[Any]) -> list[int]:
    """Gids as Python's own whole numbers, each of them free on this rank.

    Raises
    ------
    ParameterError
        If one is no gid, or is used already.
    """
    numbers = whole_gids(gids)
    exists = h.ParallelContext().gid_exists
    seen: set[int] = set()
    for gid in numbers:
        if gid in seen or exists(gid):
            raise ParameterError(f"gid {gid} is used twice: each cell needs one of its own")
        seen.add(gid)
    return numbers


def register_points(points: Sequence[Any], gids: Sequence[int]) -> None:
    """Make point processes spike sources of this rank."""
    context = h.ParallelContext()
    rank = context.id()
    for point, gid in zip(points, gids, strict=True):
        context.set_gid2node(gid, rank)
        context.cell(gid, h.NetCon(point, None))  # the gid outlasts the NetCon


def check_gids(gids: Iterable[int]) -> None:
    """Raise, on all ranks alike, if a gid is used twice in the whole network.

    All ranks have to call it, once their cells are there; each alone sees only its own.

    Parameters
    ----------
    gids : iterable of int
        All gids of this rank.

    Raises
    ------
    ParameterError
        With a gid that is used twice, and the ranks it is on.
    """
    # looked at after they are exchanged, so that no rank waits for one that has raised
    parts = [whole_gids(part) for part in h.ParallelContext().py_allgather(list(gids))]
    everyone = np.concatenate([np.array(part, dtype=np.int64) for part in parts])
    ranks = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    found, counts = np.unique(everyone, return_counts=True)
    if np.any(counts > 1):
        gid = found[counts > 1][0]
        where = ", ".join(map(str, ranks[everyone == gid]))
        raise ParameterError(f"gid {gid} is used twice, on ranks {where}: each cell needs its own")
