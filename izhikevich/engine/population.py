"""Populations: cells of one model as arrays, which one mechanism of NEURON's steps.

A point process costs NEURON 100 ns a step or more whatever it computes; a cell of a population
takes a few, by the same rule and to the same bit. It is part of NEURON all the same: its spikes
have gids, are recorded, and go through NetCons, which also end at its cells.

>>> import numpy as np
>>> from neuron import h
>>> from izhikevich import Population
>>> h.dt = 1
>>> population = Population("2003", 1000, {"Iin": np.linspace(0, 10, 1000), "c": -65, "d": 8})
>>> population.connect(np.arange(999), np.arange(1, 1000), weights=20, delays=2)
>>> _ = h.finitialize()
>>> while h.t < 500:
...     _ = h.fadvance()
>>> len(population.spikes.times) > 0
True
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from neuron import h
from numpy.typing import ArrayLike

from izhikevich.catalog import CellType, publication
from izhikevich.engine.addresses import address
from izhikevich.engine.gids import free_gids, is_whole, kind_of, register_points
from izhikevich.engine.parameters import IN_NETWORKS, check_values, defaults
from izhikevich.engine.population_cells import PopulationCell
from izhikevich.engine.population_connections import Arrays, Connector
from izhikevich.engine.population_library import address_of, aligned, library
from izhikevich.engine.population_plasticity import PlasticConnections, rules_of
from izhikevich.errors import ParameterError
from izhikevich.models import Model

__all__ = ["Population", "Spikes"]

#: Sources, targets, weights (mV/ms, 1/ms or nS) and delays (ms), as `Population.connect` has them.
Connections = tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]
#: By which number the library knows the rule of a mechanism.
_RULES = {"Izhi2003a": 0, "Izhi2007a": 1}
#: Number of the half steps of v, which all cells of a population share.
_HALVES = "halves"


class Spikes(NamedTuple):
    """Spikes in the order in which they came.

    Attributes
    ----------
    times : array of float
        ms.
    cells : array of int
        Gid of the cell of each spike, or its place where the population has no gids.
    """

    times: np.ndarray
    cells: np.ndarray


class Population:
    """Cells of one model, all stepped together.

    It needs NEURON's fixed step, and NEURON itself rather than CoreNEURON. Keep it for as long as
    its cells or connections are used.

    Parameters
    ----------
    model : str, Model or CellType
        A publication, such as "2003" or "2007", for the model of its cells, or the model; or a cell
        type, such as ``cell_type("2007", "RS")``, whose parameters the cells then have.
    size : int
        Number of cells.
    parameters : mapping of str to float or array of shape (size,), optional
        Parameters of Izhi2003a or Izhi2007a. What is not said is as in a new network
        (`create_cells`): Iin 0, keepg 1. ``halves`` is one number, 1 or 2, for all.
    gids : iterable of int, optional
        One for each cell, by which the cells are known on all ranks, in `spikes` and in `connect`.
    register : bool
        Whether to make all cells spike sources of NEURON under their gids at once, as other ranks,
        recordings and NetCons by gid need them. If not, `register` makes some.
    seed : int
        Of the noise, beside the gid, or else the place. The numbers are those of the ``stream`` of
        an Izhi2003a of ``set_ids(gid, seed, 1)``.
    v0, u0 : float or array of shape (size,), optional
        Where cells start, mV and in the unit of u; otherwise as a new mechanism does: at -65 mV
        and b v, or at vr and 0.
    keep_spikes : bool
        Whether `spikes` keeps them, at four bytes each.
    host : Section, optional
        What NEURON is to have the population in: it decides the thread. Default: a new one.

    Attributes
    ----------
    model : Model
    size : int
    gids : array of int or None
    v, u : array of shape (size,)
        The state itself, not a copy. What is written there counts from the next step on; a v above
        the peak is a spike at its end.

    Raises
    ------
    ParameterError
        With what is wrong; nothing has been made then.
    """

    def __init__(
        self,
        model: str | Model | CellType,
        size: int,
        parameters: Mapping[str, Any] | None = None,
        *,
        gids: Iterable[int] | None = None,
        register: bool = True,
        seed: int = 0,
        v0: ArrayLike | None = None,
        u0: ArrayLike | None = None,
        keep_spikes: bool = True,
        host: Any = None,
    ) -> None:
        self._library = library()
        kind, of_type = _kind_of(model)
        self.model = kind
        self._called = kind_of(model) if isinstance(model, CellType) else kind.mechanisms["PP"]
        if not is_whole(size) or not 1 <= size < 2**31:
            raise ParameterError(f"size is a whole number from 1 to 2^31 - 1, not {size!r}")
        self.size = int(size)
        rule = _RULES[kind.mechanisms["PP"]]
        self._places = {name: k for k, name in enumerate(self._library.names("parameters", rule))}
        #: What weights act on, in the order of a NetCon's.
        self.receptors = self._library.names("inputs", rule)
        values = self._complete(of_type, parameters or {})
        halves = values.pop(_HALVES, np.array(1.0))
        starts = [None if x is None else self._numbers(n, x) for n, x in (("v0", v0), ("u0", u0))]
        if not is_whole(seed) or not 0 <= seed < 2**32:
            raise ParameterError(f"seed must be a whole number from 0 to 2^32 - 1, not {seed!r}")
        self.gids = None if gids is None else np.array(free_gids(gids), np.int64)
        if self.gids is not None and len(self.gids) != self.size:
            raise ParameterError(f"there are {self.size} cells and {len(self.gids)} gids")

        self.v = aligned(starts[0] if starts[0] is not None else -65.0, self.size)
        self.u = aligned(0.0, self.size)
        self.number = self._library.new(
            rule,
            self.size,
            address_of(self.v),
            address_of(self.u),
            int(halves == 2),
            int(keep_spikes),
        )
        #: The arrays that the library reads, which are to last as long as it does.
        self._arrays: dict[str, np.ndarray] = {}
        for name, array in values.items():
            self._put(name, array)
        self._starts = [None if x is None else np.broadcast_to(x, self.size).copy() for x in starts]
        self._library.begin_at(self.number, *map(address_of, self._starts))
        self._seed = int(seed)
        self._ids = (np.arange(self.size) if self.gids is None else self.gids).astype(np.uint32)
        self._look_for_noise()

        self.section = h.Section(name=f"population{self.number}") if host is None else host
        address(self.section)
        self._mechanism = h.IzhiPopulation(self.section(0.5))
        self._mechanism.number = self.number
        self._ports: dict[int, Any] = {}
        self._connector = Connector(
            self._library, self.number, self._mechanism, self.size, self.gids
        )
        finalizer = weakref.finalize(self, _let_go, self._library, self.number, self._ports)
        finalizer.atexit = False
        if self.gids is not None and register:
            self.register()

    # --- parameters and state -------------------------------------------------------------------

    def _complete(self, of_type: Mapping[str, float], changes: Mapping[str, Any]) -> dict[str, Any]:
        """Every parameter by name, as an array of no dimension or of one."""
        known = {
            name: x
            for name, x in defaults(self.model.mechanisms["PP"]).items()
            if name in self._places or name == _HALVES
        }
        in_networks = {name: x for name, x in IN_NETWORKS.items() if name in known}
        mine = {name: x for name, x in of_type.items() if name in known}
        values = {**known, **in_networks, **mine, **changes}
        for name in changes:
            if name not in known:
                raise ParameterError(f"unknown parameter {name!r}: it is one of {', '.join(known)}")
        arrays = {name: self._numbers(name, x) for name, x in values.items()}
        halves = arrays.get(_HALVES)
        if halves is not None and (halves.ndim or halves not in (1, 2)):
            raise ParameterError(
                f"halves is one number for the whole population, 1 or 2, not {values[_HALVES]!r}"
            )
        return arrays

    def _numbers(self, name: str, value: Any) -> np.ndarray:
        try:
            array = np.array(value, dtype=float)
        except (TypeError, ValueError):
            raise ParameterError(f"{name} must be one number or an array, not {value!r}") from None
        if array.shape not in ((), (self.size,)):
            raise ParameterError(
                f"{name} is one number or {self.size}, one for each cell; its shape is "
                f"{array.shape}"
            )
        check_values(name, array)
        return array

    def _put(self, name: str, array: np.ndarray) -> None:
        if array.ndim:
            array = aligned(array, self.size)
        self._library.set(self.number, self._places[name], address_of(array), array.ndim)
        self._arrays[name] = array

    def set_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Set parameters of all cells: numbers, or arrays with one for each.

        Raises
        ------
        ParameterError
            If a name is unknown, or a parameter cannot have its value; none is set then.
        """
        for name in parameters:
            if name not in self._arrays:
                raise ParameterError(
                    f"unknown parameter {name!r}: it is one of {', '.join(self._arrays)}"
                )
        arrays = {name: self._numbers(name, x) for name, x in parameters.items()}
        for name, array in arrays.items():
            self._put(name, array)
        if "sigma" in arrays:
            self._look_for_noise()

    def parameter(self, name: str) -> np.ndarray:
        """A parameter of each cell: the numbers themselves, not a copy, as `v` is.

        Raises
        ------
        ParameterError
            If there is none of that name.
        """
        if name not in self._arrays:
            raise ParameterError(
                f"unknown parameter {name!r}: it is one of {', '.join(self._arrays)}"
            )
        if self._arrays[name].ndim == 0:
            self._put(name, np.broadcast_to(self._arrays[name], self.size))
        return self._arrays[name]

    @property
    def Iin(self) -> np.ndarray:
        """Current into each cell, mV/ms or pA: the numbers themselves, as `v` is."""
        return self.parameter("Iin")

    @Iin.setter
    def Iin(self, value: ArrayLike) -> None:
        self.set_parameters({"Iin": value})

    def _look_for_noise(self) -> None:
        is_noisy = "sigma" in self._arrays and np.any(self._arrays["sigma"] > 0)
        self._library.noise(self.number, address_of(self._ids if is_noisy else None), self._seed)

    # --- spikes ---------------------------------------------------------------------------------

    @property
    def spikes(self) -> Spikes:
        """Spikes since NEURON was initialised; within a step in the order of cells."""
        times, cells = self._library.spikes_of(self.number)
        return Spikes(times, cells.astype(np.int64) if self.gids is None else self.gids[cells])

    # --- as a part of NEURON's network ----------------------------------------------------------

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: int) -> PopulationCell:
        if not is_whole(place):
            raise TypeError(f"a cell is chosen by its place, a whole number, not {place!r}")
        if not -self.size <= place < self.size:
            raise IndexError(f"place {place} is none of the {self.size} cells")
        return PopulationCell(self, int(place) % self.size)

    def port(self, place: int) -> Any:
        """What NetCons of a cell start from and end at, made when it is first asked for."""
        if place not in self._ports:
            port = h.IzhiPort(self.section(0.5))
            port.place(self.number, place)
            self._ports[place] = port
        return self._ports[place]

    def register(self, places: Iterable[int] | None = None) -> None:
        """Make cells spike sources of this rank under their gids; those that are stay so.

        Parameters
        ----------
        places : iterable of int, optional
            Default: all.

        Raises
        ------
        ParameterError
            If the population has no gids.
        """
        if self.gids is None:
            raise ParameterError("the population has no gids: give them when it is made")
        exists = h.ParallelContext().gid_exists
        chosen = range(self.size) if places is None else list(places)
        chosen = [place for place in chosen if not exists(int(self.gids[place]))]
        ports = [self.port(place) for place in chosen]
        register_points(ports, self.gids[chosen].tolist(), self._called)

    def connect(
        self,
        sources: ArrayLike,
        targets: ArrayLike,
        *,
        weights: ArrayLike,
        delays: ArrayLike,
        receptor: str | None = None,
        plasticity: Any = None,
    ) -> PlasticConnections | None:
        """Connect cells by arrays, one element for each connection.

        Weights are rounded to multiples of 2^-20 mV/ms (pulse) or 2^-40 of their unit
        (conductances), whose sums are exact in any order. They last as long as the population.
        Weights with plasticity are not rounded, but what they give is.

        Parameters
        ----------
        sources : array of int, shape (n,)
            Gids, of any rank; places where the population has no gids.
        targets : array of int, shape (n,)
            Gids of cells of this population, or places.
        weights : float or array, shape (n,)
            mV/ms for "pulse", 1/ms for "conductance", nS for those of 2007.
        delays : float or array, shape (n,)
            ms: whole steps of the present ``h.dt``, one at least.
        receptor : str, optional
            One of `receptors`. Default: "pulse" where there is one.
        plasticity : STDP, DopamineSTDP, TsodyksMarkram, Adjustable, or a tuple, optional
            For connections within this population. Their delays may be 0: what the spike gives
            counts for the step that begins with it. STDP and TsodyksMarkram may come together.

        Returns
        -------
        PlasticConnections or None
            Those with plasticity; None without.

        Raises
        ------
        ParameterError
            With what is wrong; nothing has been connected then.
        """
        rules = rules_of(plasticity)
        which = self._receptor(receptor)
        connections = Arrays(sources, targets, weights, delays)
        if rules:
            return self._connector.connect_plastic(connections, *which, rules)
        self._connector.connect([connections], *which)
        return None

    def connect_pieces(self, pieces: Iterable[Connections], *, receptor: str | None = None) -> None:
        """Connect cells by more connections than one wants in memory twice: as `connect`.

        Parameters
        ----------
        pieces : iterable of (sources, targets, weights, delays)
            Arrays as `connect` takes them. They are read twice, first to look at them and to count,
            and have to be the same then: a list, or an object whose ``__iter__`` reads them anew.
            12 bytes stay of each connection.
        receptor : str, optional
            As for `connect`.

        Raises
        ------
        ParameterError
            As `connect`; or if the pieces can be read only once, or change.
        """
        which = self._receptor(receptor)
        if isinstance(pieces, Iterator):
            raise ParameterError(
                "pieces are read twice, and this iterator can be read only once: give a list, or "
                "an object whose __iter__ begins anew"
            )
        self._connector.connect(_Pieces(pieces), *which)

    def _receptor(self, receptor: str | None) -> tuple[int, bool]:
        """Number of a receptor, and whether it is for pulses."""
        if receptor is None and "pulse" in self.receptors:
            receptor = "pulse"
        if receptor not in self.receptors:
            raise ParameterError(
                f"unknown receptor {receptor!r}: it is one of {', '.join(self.receptors)}"
            )
        return self.receptors.index(receptor), receptor == "pulse"

    def connect_matrix(self, matrix: Any, *, delays: Any, receptor: str | None = None) -> None:
        """Connect cells of this population with each other by a matrix of weights.

        Parameters
        ----------
        matrix : array or sparse matrix of scipy, shape (size, size)
            The weight from the cell of the row to the cell of the column, by places. In an array 0
            is no connection.
        delays : float, or as `matrix`
            ms. A matrix has a delay for each connection in the same element.
        receptor : str, optional
            As for `connect`.

        Raises
        ------
        ParameterError
            As `connect`.
        """
        if tuple(matrix.shape) != (self.size, self.size):
            raise ParameterError(
                f"the matrix has a row and a column for each cell, {self.size}; its shape is "
                f"{tuple(matrix.shape)}"
            )
        if hasattr(matrix, "tocoo"):
            entries = matrix.tocoo()
            rows, columns, weights = entries.row, entries.col, entries.data
        else:
            rows, columns = np.nonzero(matrix)
            weights = np.asarray(matrix)[rows, columns]
        if hasattr(delays, "tocsr"):
            delays = np.asarray(delays.tocsr()[rows, columns]).ravel()
        elif np.ndim(delays) == 2:
            delays = np.asarray(delays)[rows, columns]
        numbers = np.arange(self.size) if self.gids is None else self.gids
        self.connect(
            numbers[rows], numbers[columns], weights=weights, delays=delays, receptor=receptor
        )

    def record(self, places: Iterable[int]) -> list[Any]:
        """Record v of chosen cells at every step.

        Returns
        -------
        list of Vector
            mV, one for each place; they last as long as they are kept.
        """
        return [h.Vector().record(self.port(place), self[place].vref) for place in places]


class _Pieces:
    """Pieces of connections, each looked at as it is read."""

    def __init__(self, pieces: Iterable[Connections]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[Arrays]:
        return (Arrays(*piece) for piece in self._pieces)


def _kind_of(model: Any) -> tuple[Model, Mapping[str, float]]:
    """The model, and parameters that all cells have."""
    if isinstance(model, CellType):
        return model.model, model.parameters
    if isinstance(model, str):
        model = publication(model).types[0].model
    if not isinstance(model, Model):
        raise TypeError(f"model is a publication, a model or a cell type, not {model!r}")
    if model.mechanisms["PP"] not in _RULES:
        raise ParameterError(f"there are no populations of {model!r}")
    return model, {}


def _let_go(functions: Any, number: int, ports: dict[int, Any]) -> None:
    """Forget a population that nobody holds any more."""
    functions.delete(number)
    while ports:
        ports.popitem()  # from the last: NEURON frees them slowly the other way round
