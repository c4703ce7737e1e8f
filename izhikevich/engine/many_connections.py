"""Many connections at once, from arrays: the same ones as one by one, faster and smaller.

What takes time is to go from Python to NEURON for each connection, its weight and its delay. So
the arrays are handed over, and a loop of NEURON's own interpreter makes the connections; it also
spares an object of Python's for each.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from neuron import h
from numpy.typing import ArrayLike

from izhikevich.engine.cells import Cell
from izhikevich.errors import ParameterError

#: Connections that are handed over at a time, which bounds what copies of the arrays take.
SLICE = 1_000_000

_LOOP = """
begintemplate IzhikevichConnector
    public make
    objref context, connection
    proc init() {
        context = new ParallelContext()
    }
    // sources, what may be a target, which of them, index of the weight, weights, delays, keeper
    proc make() { local k
        for k = 0, $o1.size() - 1 {
            connection = context.gid_connect($o1.x[k], $o2.o($o3.x[k]))
            connection.weight[$4] = $o5.x[k]
            connection.delay = $o6.x[k]
            $o7.append(connection)
        }
    }
endtemplate IzhikevichConnector
"""


@functools.cache
def _connector() -> Any:
    """The loop, known to NEURON from the first call on."""
    h(_LOOP)
    return h.IzhikevichConnector


def connect_cells(
    cells: Sequence[Any],
    sources: ArrayLike,
    targets: ArrayLike,
    receptor: Any,
    *,
    weights: ArrayLike,
    delays: ArrayLike = 1.0,
) -> Any:
    """Connect cells by arrays, as `connect_from` does one by one.

    Of each source, connections are made in the order of the arrays, so that spikes are the same as
    after `connect_from` in that order, bit for bit. Ten million take half a minute.

    Parameters
    ----------
    cells : sequence of IzhiCell or Izhi2003Cell
        The cells of this rank that may be targets; each has a gid.
    sources, targets : array of int, shape (n,)
        Gids of each connection: sources of any rank, targets among `cells`.
    receptor : str or sequence of point process
        For point processes the name of a receptor. For cells in sections one synapse of NEURON's
        for each of `cells`, in their order and in their section.
    weights : float or array, shape (n,)
        As for `connect_from`.
    delays : float or array, shape (n,)
        ms.

    Returns
    -------
    h.List of NetCon
        In the order of sources, those of one source in the order of the arrays. It lasts, and the
        connections with it, while one of `cells` does; `remove_all()` ends them.

    Raises
    ------
    ParameterError
        With what is wrong; nothing has been connected then.

    Examples
    --------
    >>> import numpy as np
    >>> from izhikevich import connect_cells, create_cells
    >>> cells = create_cells("2007", "RS", range(100), parameters={"Iin": 100}, jitter=0.1)
    >>> random = np.random.default_rng(1)
    >>> sources, targets = random.integers(0, 100, (2, 5000))
    >>> _ = connect_cells(cells, sources, targets, "AMPA", weights=0.5, delays=2)
    """
    pre, post = _gids("sources", sources), _gids("targets", targets)
    if len(pre) != len(post):
        raise ParameterError(
            f"sources and targets have one gid for each connection; they have {len(pre)} and "
            f"{len(post)}"
        )
    places = _places(cells, post)
    endings, index, are_conductances = _endings(cells, receptor)
    strengths = _numbers("weights", weights, len(pre))
    times = _numbers("delays", delays, len(pre))
    for name, values, bounded in (
        ("weights of conductances", strengths, are_conductances),
        ("delays", times, True),
    ):
        if bounded and len(values) and values.min() < 0:
            raise ParameterError(f"{name} must be 0 or more; one is {values.min():g}")

    may_be_target, kept = h.List(), h.List()
    for ending in endings:
        may_be_target.append(ending)
    connector = _connector()()
    # a spike then goes through memory from one end to the other
    order = np.argsort(pre, kind="stable")
    for begin in range(0, len(order), SLICE):
        some = order[begin : begin + SLICE]
        sent = [h.Vector(values[some].astype(float)) for values in (pre, places, strengths, times)]
        connector.make(sent[0], may_be_target, sent[1], index, sent[2], sent[3], kept)
    for cell, ending in zip(cells, endings, strict=True):
        cell.keep(kept)
        if ending is not cell.izh:
            cell.keep(ending)
    return kept


def _gids(name: str, values: ArrayLike) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ParameterError(f"{name} is an array of one dimension, not of shape {array.shape}")
    if len(array) and array.dtype.kind not in "iu":
        raise ParameterError(f"{name} are gids, whole numbers, not {array.dtype.name}")
    if len(array) and not 0 <= array.min() <= array.max() < 2**31:
        wrong = array.min() if array.min() < 0 else array.max()
        raise ParameterError(f"a gid is a whole number from 0 to 2^31 - 1; in {name} is {wrong}")
    return array.astype(np.int64, copy=False)


def _places(cells: Sequence[Any], targets: np.ndarray) -> np.ndarray:
    """Where in `cells` each target is."""
    for cell in cells:
        if not isinstance(cell, Cell):
            raise TypeError(f"cells are IzhiCell or Izhi2003Cell, not {cell!r}")
        if cell.gid is None:
            raise ParameterError("a target is known by its gid: register the cell first")
    gids = np.array([cell.gid for cell in cells], dtype=np.int64)
    if not len(targets):
        return targets
    if not len(gids):
        raise ParameterError("there are no cells to connect")
    order = np.argsort(gids)
    found = np.minimum(np.searchsorted(gids, targets, sorter=order), len(gids) - 1)
    places = order[found]
    missing = gids[places] != targets
    if missing.any():
        raise ParameterError(
            f"gid {targets[missing][0]} is a target, and none of the cells: each rank connects "
            "its own"
        )
    return places


def _endings(cells: Sequence[Any], receptor: Any) -> tuple[list[Any], int, bool]:
    """What each cell is heard through, which weight counts, and whether that is a conductance."""
    if isinstance(receptor, str):
        receptors = [receptor] * len(cells)
    else:
        receptors = list(receptor)
        if len(receptors) != len(cells):
            raise ParameterError(
                f"there are {len(cells)} cells and {len(receptors)} synapses: each cell needs one"
            )
    found = [cell.ending(each) for cell, each in zip(cells, receptors, strict=True)]
    indices = {index for _, index, _ in found}
    if len(indices) > 1:
        raise ParameterError(f"{receptor!r} is not the same in all cells: connect them by type")
    return (
        [ending for ending, _, _ in found],
        indices.pop() if indices else 0,
        any(conducts for _, _, conducts in found),
    )


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
        wrong = array[~np.isfinite(array)].flat[0]
        raise ParameterError(f"{name} must be finite; one is {wrong}")
    return np.broadcast_to(array, n)
