"""SONATA files: spikes, cells and connections, as other tools write and read them.

Format: Dai et al. (2020), PLoS Comput. Biol. 16:e1007696, doi:10.1371/journal.pcbi.1007696. Node
ids count from 0 in each population.

>>> from izhikevich import Population
>>> from izhikevich.network.sonata import Edges, read_nodes
>>> cells = Population("2003", *read_nodes("nodes.h5"))  # doctest: +SKIP
>>> cells.connect_pieces(Edges("edges.h5", step=0.5))  # doctest: +SKIP
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.errors import MissingPackageError, ParameterError
from izhikevich.files import whole_file
from izhikevich.stored import choice_to_dict

if TYPE_CHECKING:
    from izhikevich.network.results import NetworkResult
    from izhikevich.recording import Recording

__all__ = [
    "Edges",
    "Nodes",
    "read_nodes",
    "write_edges",
    "write_nodes",
    "write_spikes",
    "write_spikes_of_run",
]

MAGIC, VERSION = 0x0A7A, (0, 1)
#: Connections that are read at a time.
PIECE = 1_000_000
#: What a table of types has where a type has no value.
NO_VALUE = "NULL"


class Nodes(NamedTuple):
    """Cells of a file: how many, and their parameters by name, each of shape (size,)."""

    size: int
    parameters: dict[str, np.ndarray]


def write_spikes(result: NetworkResult, path: str | os.PathLike[str]) -> None:
    """Write the spikes of a network's run, a group for each population.

    Node ids count from 0 in each population, where gids go on. The file appears whole or not at
    all.

    Parameters
    ----------
    result : NetworkResult
    path : path-like

    Raises
    ------
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be written.
    """
    trains, first = {}, 0
    for name, size in result.sizes.items():
        mine = (result.gids >= first) & (result.gids < first + size)
        trains[name] = result.times[mine], result.gids[mine] - first
        first += size
    _write_trains(trains, path)


def write_spikes_of_run(recording: Recording, path: str | os.PathLike[str]) -> None:
    """Write the spikes of one cell's run: node 0 of a population that is called as its cell type.

    Beside them, under the name ``choice``, what was run, as JSON. The file appears whole or not at
    all.

    Parameters
    ----------
    recording : Recording
    path : path-like

    Raises
    ------
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be written.
    """
    name = recording.key.replace("/", " ")  # which would be a group in a group
    trains = {name: (recording.spikes, np.zeros(len(recording.spikes)))}
    _write_trains(trains, path, choice=json.dumps(choice_to_dict(recording.choice)))


def _write_trains(
    trains: Mapping[str, tuple[np.ndarray, np.ndarray]],
    path: str | os.PathLike[str],
    **texts: str,
) -> None:
    """Write times (ms) and node ids of each population, and texts by their names."""
    h5py = require_h5py()
    sorting = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="uint8")
    with _whole(path) as file:
        for name, (times, ids) in trains.items():
            group = file.create_group(f"spikes/{name}")
            group.attrs.create("sorting", 2, dtype=sorting)
            group["timestamps"] = times
            group["timestamps"].attrs["units"] = "ms"
            group["node_ids"] = ids.astype(np.uint64)
        for name, text in texts.items():
            file[name] = text


def write_nodes(
    path: str | os.PathLike[str],
    size: int,
    parameters: Mapping[str, ArrayLike],
    population: str = "cells",
) -> None:
    """Write cells and their parameters, all of one type.

    The file appears whole or not at all.

    Parameters
    ----------
    path : path-like
    size : int
        Number of cells.
    parameters : mapping of str to float or array, shape (size,)
        As a `Population` takes them.
    population : str
        The name of the population in the file.

    Raises
    ------
    ParameterError
        If an array has another shape.
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be written.
    """
    columns = {name: _column(name, values, size) for name, values in parameters.items()}
    with _whole(path) as file:
        group = file.create_group(f"nodes/{population}")
        _write_types(group, "node", size)
        for name, values in columns.items():
            group[f"0/dynamics_params/{name}"] = values


def read_nodes(
    path: str | os.PathLike[str],
    population: str | None = None,
    *,
    types: str | os.PathLike[str] | None = None,
) -> Nodes:
    """Read cells and their parameters.

    Parameters
    ----------
    path : path-like
        HDF5 file of nodes.
    population : str, optional
        Which. Default: the only one.
    types : path-like, optional
        Table of node types. What a cell has not of its own it has from there.

    Returns
    -------
    Nodes
        Sizes, and parameters: all `dynamics_params` of the groups, and the numeric columns of the
        types; unpack it into a `Population`, or choose of the parameters first.

    Raises
    ------
    ParameterError
        If it is no such file; if a parameter is given for some of the cells alone.
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be read.
    """
    with _reading(path, "nodes", population) as group:
        table = _Table(group, "node", types)
        size = len(group["node_type_id"])
        names = table.names("dynamics_params")
        rows = slice(0, size)
        return Nodes(size, {name: table.values(name, rows) for name in sorted(names)})


def write_edges(
    path: str | os.PathLike[str],
    pieces: Iterable[tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]],
    *,
    source_population: str = "cells",
    target_population: str = "cells",
) -> None:
    """Write connections, piece by piece; the file appears whole or not at all.

    Parameters
    ----------
    path : path-like
    pieces : iterable of (sources, targets, weights, delays)
        Arrays of node ids and numbers, shape (n,); a weight or delay may be one number (ms).
    source_population, target_population : str
        Names of the populations in the file of nodes.

    Raises
    ------
    ParameterError
        If an array has another shape, or a node id is below 0.
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be written.
    """
    with _whole(path) as file:
        group = file.create_group(f"edges/{source_population}_to_{target_population}")
        columns = {
            "source_node_id": np.uint64,
            "target_node_id": np.uint64,
            "0/syn_weight": np.float64,
            "0/delay": np.float64,
        }
        stored = {
            name: group.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(2**16,))
            for name, dtype in columns.items()
        }
        size = 0
        for sources, targets, weights, delays in pieces:
            ids = np.asarray(sources)
            n = len(ids)
            arrays = (ids, targets, weights, delays)
            for (name, dataset), values in zip(stored.items(), arrays, strict=True):
                column = _column(name, values, n)
                if name.endswith("_id") and n and column.min() < 0:
                    raise ParameterError(f"{name}: {column.min()} is no node id, they count from 0")
                dataset.resize((size + n,))
                dataset[size:] = column
            size += n
        _write_types(group, "edge", size)
        group["source_node_id"].attrs["node_population"] = source_population
        group["target_node_id"].attrs["node_population"] = target_population


class Edges:
    """Connections of a file, read a million at a time, for `Population.connect_pieces`.

    Parameters
    ----------
    path : path-like
        HDF5 file of edges.
    population : str, optional
        Which. Default: the only one.
    types : path-like, optional
        Table of edge types. A `syn_weight` or `delay` that an edge has not of its own it has from
        there.
    first_source, first_target : int
        Gids, or places, of node 0 of the populations that the edges lead from and to.
    scale : float
        A weight of 1 in the file, in the unit of the receptor.
    step : float, optional
        ms. Delays are rounded to whole steps, one at least. Default: taken as they are.

    Raises
    ------
    ParameterError
        If it is no such file, or weights or delays are missing.
    MissingPackageError
        If h5py is not installed.
    OSError
        If it cannot be read.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        population: str | None = None,
        *,
        types: str | os.PathLike[str] | None = None,
        first_source: int = 0,
        first_target: int = 0,
        scale: float = 1.0,
        step: float | None = None,
    ) -> None:
        if step is not None and not step > 0:
            raise ParameterError(f"step is {step}, and steps are above 0 ms")
        self._what = (path, "edges", population)
        self._types = types
        self._firsts = first_source, first_target
        self._scale, self._step = scale, step
        with _reading(*self._what) as group:
            self._size = len(group["source_node_id"])
            table = _Table(group, "edge", types)
            for name in ("syn_weight", "delay"):
                table.values(name, slice(0, min(1, self._size)))

    def __len__(self) -> int:
        """How many connections there are."""
        return self._size

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        with _reading(*self._what) as group:
            table = _Table(group, "edge", self._types)
            for first in range(0, self._size, PIECE):
                rows = slice(first, min(first + PIECE, self._size))
                ids = (group[f"{end}_node_id"][rows] for end in ("source", "target"))
                sources, targets = (
                    each.astype(np.int64) + shift
                    for each, shift in zip(ids, self._firsts, strict=True)
                )
                delays = table.values("delay", rows)
                if self._step is not None:
                    delays = self._step * np.maximum(1, np.rint(delays / self._step))
                yield sources, targets, self._scale * table.values("syn_weight", rows), delays


class _Table:
    """Values of the rows of a population: of their groups, or else of their types."""

    def __init__(self, group: Any, kind: str, types: str | os.PathLike[str] | None) -> None:
        self._group, self._kind = group, kind
        self._types = {} if types is None else _read_types(types, kind)

    def names(self, folder: str) -> set[str]:
        """All names of values in a folder of the groups, and those of numbers in the types."""
        found = {name for row in self._types.values() for name in row}
        for key, group in self._group.items():
            if key.isdigit() and folder in group:
                found |= set(group[folder])
        return found

    def values(self, name: str, rows: slice) -> np.ndarray:
        """The value of each row."""
        types = self._group[f"{self._kind}_type_id"][rows]
        values = np.full(len(types), np.nan)
        for each in np.unique(types) if self._types else ():
            values[types == each] = self._types.get(int(each), {}).get(name, np.nan)
        missing = np.isnan(values)
        for key, where, indices in self._rows_of_groups(rows, len(types)):
            for place in (name, f"dynamics_params/{name}"):
                if f"{key}/{place}" in self._group:
                    # a file is read in order; each index once
                    unique, back = np.unique(indices, return_inverse=True)
                    stored = self._group[f"{key}/{place}"]
                    if len(unique) and unique[-1] - unique[0] + 1 == len(unique):
                        found = stored[int(unique[0]) : int(unique[-1]) + 1]
                    else:
                        found = stored[unique]
                    values[where] = found[back]
                    missing[where] = False
                    break
        if missing.any():
            first = rows.start + int(np.argmax(missing))
            raise ParameterError(
                f"{self._group.file.filename}: {name} of {self._kind} {first} is not given, "
                f"neither for itself nor for its type {types[first - rows.start]}"
                + ("" if self._types else "; is there a table of types to be given, too?")
            )
        return values

    def _rows_of_groups(self, rows: slice, n: int) -> Iterator[tuple[str, Any, np.ndarray]]:
        ids, indices = (f"{self._kind}_group_{what}" for what in ("id", "index"))
        if ids not in self._group or indices not in self._group:
            if "0" in self._group:  # as newer versions of the format have it
                yield "0", slice(None), np.arange(rows.start, rows.start + n)
            return
        of_rows, places = self._group[ids][rows], self._group[indices][rows]
        for each in np.unique(of_rows):
            where = of_rows == each
            yield str(each), where, places[where].astype(np.int64)


def _read_types(path: str | os.PathLike[str], kind: str) -> dict[int, dict[str, float]]:
    """Numbers of each type, by name."""
    found: dict[int, dict[str, float]] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=" ", skipinitialspace=True):
            try:
                number = int(row.pop(f"{kind}_type_id"))
            except (KeyError, TypeError, ValueError) as error:
                raise ParameterError(
                    f"{os.fspath(path)} is no table of {kind} types: it has no column of numbers "
                    f"{kind}_type_id"
                ) from error
            found[number] = numbers = {}
            for name, text in row.items():
                with contextlib.suppress(TypeError, ValueError):  # texts are for others
                    if text != NO_VALUE:
                        numbers[name] = float(text)
    return found


def _write_types(group: Any, kind: str, size: int) -> None:
    """Say that all rows are of type 0 and in group 0, one after the other."""
    compressed = {"compression": "gzip", "chunks": True} if size else {}
    for name in (f"{kind}_type_id", f"{kind}_group_id"):
        group.create_dataset(name, data=np.zeros(size, np.int64), **compressed)
    group.create_dataset(f"{kind}_group_index", data=np.arange(size), **compressed)
    group.require_group("0")


def _column(name: str, values: ArrayLike, size: int) -> np.ndarray:
    values = np.asarray(values)
    if values.shape not in ((), (size,)):
        raise ParameterError(f"{name} has the shape {values.shape}; it is a number, or ({size},)")
    return np.broadcast_to(values, (size,))


@contextlib.contextmanager
def _whole(path: str | os.PathLike[str]) -> Iterator[Any]:
    h5py = require_h5py()
    with whole_file(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.attrs["magic"] = np.uint32(MAGIC)
        file.attrs["version"] = np.array(VERSION, np.uint32)
        yield file


@contextlib.contextmanager
def _reading(path: str | os.PathLike[str], kind: str, population: str | None) -> Iterator[Any]:
    """A population of a file of nodes or edges."""
    h5py = require_h5py()
    where = os.fspath(path)
    with open(path, "rb"):
        pass  # h5py's words for a file that is not there are none for people
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ParameterError(f"{where} is no HDF5 file, or cut off") from error
    with file:
        names = list(file.get(kind, ()))
        if not names:
            raise ParameterError(f"{where} has no {kind} as SONATA files have them")
        if population is None and len(names) > 1:
            raise ParameterError(f"{where} has several populations, choose: {', '.join(names)}")
        chosen = names[0] if population is None else population
        if chosen not in names:
            raise ParameterError(f"{where} has no population {chosen!r}: it has {', '.join(names)}")
        group = file[kind][chosen]
        needed = ["node_type_id"] if kind == "nodes" else ["source_node_id", "target_node_id"]
        for name in (*needed, f"{kind[:-1]}_type_id"):
            if name not in group:
                raise ParameterError(f"{where}: {kind} {chosen!r} have no {name}")
        yield group


def require_h5py() -> Any:
    """Import h5py, or say how to get it."""
    try:
        import h5py
    except ImportError as error:
        raise MissingPackageError(
            "SONATA files need h5py: pip install 'izhikevich[sonata]'"
        ) from error
    return h5py
