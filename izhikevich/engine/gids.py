"""Gids: the numbers by which the cells of a network are known on all ranks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from neuron import h

from izhikevich.errors import ParameterError

if TYPE_CHECKING:
    from izhikevich.publications.base import CellType

#: What ParallelContext.gid_exists gives for a gid with a cell of this rank.
IS_HERE = 3


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
        if gid in seen:
            raise ParameterError(f"gid {gid} is used twice: each cell needs one of its own")
        if exists(gid):
            raise ParameterError(
                f"gid {gid} is used twice: each cell needs one of its own. If the same lines ran "
                "before, as in a notebook, let go of that network first: izhikevich.forget_gids()"
            )
        seen.add(gid)
    return numbers


def forget_gids() -> None:
    """Let go of all gids of this rank, so that a network can be made anew.

    A cell of a notebook that makes a network can run again if it begins with this. Cells
    themselves go when nothing holds them any more: what the second run puts into the same names
    replaces those of the first. Until then they go on without a gid, and can be registered again.

    All gids of NEURON's go, those of cells of other makes too. On several ranks, each calls it.
    """
    h.ParallelContext().gid_clear()
    _KINDS.clear()


#: Gids, and what kind of cell they were given to, in the order in which they were.
_KINDS: list[tuple[np.ndarray, str]] = []


def kind_of(entry: CellType) -> str:
    """What a message calls cells of a type."""
    return f"{entry.paper} {entry.key}"


def call(gids: Sequence[int], kind: str) -> None:
    """Note what kind of cells has gids of this rank, for messages that name one."""
    _KINDS.append((np.array(gids, dtype=np.int32), kind))


def known_as(point: Any) -> str:
    """A point process as a message names it: by gid and kind of cell, if it has a gid."""
    for gids, kind in reversed(_KINDS):
        for gid in gids.tolist():
            if has_gid(point, gid):
                return f"gid {gid}, {kind}"
    return str(point)


def has_gid(point: Any, gid: int) -> bool:
    """Whether a point process is this rank's spike source of a gid."""
    context = h.ParallelContext()
    return context.gid_exists(gid) == IS_HERE and point.same(context.gid2cell(gid))


def register_points(points: Sequence[Any], gids: Sequence[int], kind: str) -> None:
    """Make point processes spike sources of this rank, all of one kind of cell."""
    call(gids, kind)
    context = h.ParallelContext()
    rank = context.id()
    here, source, connection = context.set_gid2node, context.cell, h.NetCon
    for point, gid in zip(points, gids, strict=True):
        here(gid, rank)
        source(gid, connection(point, None))  # the gid outlasts the NetCon


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
