"""The four cells: the 2003/2004 and the 2007 model, as a point process and in a section.

A point process (PP) has a voltage of its own and needs a section only as its address, which
any number of cells can share. In a section (Sec) the model's voltage is the section's, so that
NEURON's clamps, synapses and connections work on it.

A cell becomes part of a network by `register`, which makes it a spike source under a gid, and by
`connect_from`, which lets it hear another. `create_cells` makes many at once:

>>> from izhikevich import IzhiCell, create_cells
>>> pyramids = create_cells("2007", "RS", range(80), parameters={"Iin": 100}, jitter=0.05)
>>> interneuron = IzhiCell("FS", "dummy")
>>> interneuron.register(80)
>>> for gid in range(80):
...     _ = interneuron.connect_from(gid, "AMPA", weight=1, delay=2)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from neuron import h, nrn

from izhikevich.catalog import CellType, cell_type
from izhikevich.engine import mechanisms
from izhikevich.engine.addresses import address, dummy_section
from izhikevich.engine.capacitance import fit_section
from izhikevich.engine.gids import (
    call,
    free_gids,
    has_gid,
    is_finite,
    kind_of,
    register_points,
    whole_gids,
)
from izhikevich.engine.parameters import (
    JITTERED,
    check_jitter,
    check_names,
    check_value,
    defaults,
    jitter_factors,
    mechanism_of,
    variables,
)
from izhikevich.errors import ParameterError
from izhikevich.models import BOOK, QUADRATIC, Model

#: What the weights of a NetCon act on, in their order; a section has NEURON's synapses instead.
RECEPTORS = {
    "Izhi2003a": ("conductance", "pulse"),
    "Izhi2003b": (),
    "Izhi2007a": ("AMPA", "NMDA", "GABAA", "GABAB", "opsin"),
    "Izhi2007b": (),
}
#: Which of these are conductances, that weights can only open.
CONDUCTANCES = ("conductance", "AMPA", "NMDA", "GABAA", "GABAB", "opsin")
#: Synapses of NEURON's whose weight is a conductance.
CONDUCTING_SYNAPSES = ("ExpSyn", "Exp2Syn")
#: Names that a cell has beside its mechanism.
ITS_OWN = ("alive", "cellid")


def section_for(model: Model, values: Mapping[str, float], name: str) -> Any:
    """A section that a cell has to itself, of one segment and with the capacitance of its model.

    Parameters
    ----------
    model : Model
    values : mapping of str to float
        Every parameter of the cell.
    name : str
        Of the section.
    """
    section = h.Section(name=name)
    section.L = section.diam = math.sqrt(model.section_area / math.pi)
    section.cm = 100 * model.section_capacitance(values) / model.section_area  # pF, uF/cm2, um2
    return section


class Cell:
    """What the cells of both models share.

    Attributes
    ----------
    cell_type : CellType
        What it is a cell of.
    sec : Section
        The cell's own section (Sec) or the host that is its address (PP).
    izh : point process
        The NMODL mechanism with the parameters; what a NetCon starts from.
    type : str
        Key of the cell type.
    variant : str
        "PP" or "Sec".
    gid : int or None
        Number of the cell as a spike source of the network; None until `register`.
    connections : list of NetCon
        Connections onto the cell, by `connect_from`. They last while they are in this list.
    """

    cell_type: CellType
    sec: Any
    izh: Any
    type: str
    variant: str
    cellid: int
    vinit: Any
    gid: int | None
    connections: list[Any]
    _kept: list[Any]

    def __init__(self, entry: CellType, host: Any, cellid: int) -> None:
        self._place(entry, host, cellid)
        self._become(entry, cellid)

    def _place(self, entry: CellType, host: Any, cellid: int) -> None:
        """Create the mechanism in a section of its own (host None) or in `host`."""
        mechanisms.load()
        if host is None:
            (section,) = own_sections(entry, [cellid])
        elif isinstance(host, str):
            if host != "dummy":
                raise ParameterError(f'host is None, a section or the string "dummy", not {host!r}')
            section = dummy_section()
        elif isinstance(host, nrn.Section):
            section = host
        else:
            raise TypeError(f'host is None, a section or the string "dummy", not {host!r}')
        variant = "Sec" if host is None else "PP"
        if isinstance(host, nrn.Section):
            address(section)
        self._hold(section, getattr(h, entry.model.mechanisms[variant])(section(0.5)), variant)

    def _become(self, entry: CellType, cellid: int) -> None:
        """Take the parameters of a cell type; what it does not say is as in a new mechanism."""
        model, known = entry.model, defaults(mechanism_of(self.izh))
        vinit, _ = model.resting_start(model.complete(entry.parameters), entry.v0)
        self._name(entry, cellid, vinit)
        names = [name for name in model.names if name in known]
        self._set({name: entry.parameters.get(name, known[name]) for name in names})
        if self.gid is not None:
            call([self.gid], kind_of(entry))

    def init(self) -> None:
        """Put the cell at its type's start, with the parameters that it has now."""
        entry = self.cell_type
        values = {name: getattr(self.izh, name, x) for name, x in entry.parameters.items()}
        v0, u0 = entry.model.resting_start(entry.model.complete(values), entry.v0)
        self.set_state(v0, u0 if entry.u0 is None else entry.u0)

    def _hold(self, section: Any, izh: Any, variant: str, gid: int | None = None) -> None:
        put = super().__setattr__  # faster, where there are many cells
        put("izh", izh)  # goes before its section: NEURON still looks at it otherwise, and crashes
        put("sec", section)
        put("variant", variant)
        put("gid", gid)
        put("connections", [])
        put("_kept", [])

    def _name(self, entry: CellType, cellid: int, vinit: float) -> None:
        put = super().__setattr__
        put("cell_type", entry)
        put("type", entry.key)
        put("cellid", cellid)
        put("vinit", vinit)

    def __setattr__(self, name: str, value: Any) -> None:
        mechanism = mechanism_of(self.izh) if self.izh else ""
        if mechanism and name in variables(mechanism) and name not in ITS_OWN:
            raise ParameterError(
                f"{name} belongs to {mechanism}, and would change nothing here: set cell.izh.{name}"
            )
        super().__setattr__(name, value)

    @property
    def vref(self) -> Any:
        """Pointer to the model's voltage, mV."""
        return self.sec(0.5)._ref_v if self.variant == "Sec" else self.izh._ref_V

    def set_synapse(self, tau: float, erev: float) -> Any:
        """Set decay (ms) and reversal potential (mV) of a point process's own synapse.

        Returns
        -------
        pointer
            To its conductance, in the model's unit.
        """
        raise NotImplementedError

    def set_parameters(self, parameters: Mapping[str, float]) -> None:
        """Set the mechanism's parameters by name; the section keeps the cell's capacitance.

        Raises
        ------
        ParameterError
            If a name is unknown, or a parameter cannot have its value; none is set then.
        """
        check_names(parameters, mechanism_of(self.izh))
        for name, value in parameters.items():
            check_value(name, value)
        self._set(parameters)

    def _set(self, parameters: Mapping[str, float]) -> None:
        for name, value in parameters.items():
            setattr(self.izh, name, value)
        if self.variant == "Sec" and not {"C", "Csec"}.isdisjoint(parameters):
            fit_section(self)
        if "celltype" in parameters and hasattr(self.izh, "take_celltype"):
            self.izh.take_celltype()

    def set_state(self, v: float, u: float) -> None:
        """Put the cell at voltage `v` (mV) and recovery variable `u`."""
        if self.variant == "Sec":
            self.sec(0.5).v = v
        else:
            self.izh.V = v
        self.izh.u = u

    # --- as a part of a network ----------------------------------------------------------------

    @property
    def receptors(self) -> tuple[str, ...]:
        """Names for `connect_from`, in the order of a NetCon's weights; none in a section."""
        return RECEPTORS[mechanism_of(self.izh)]

    @property
    def alive(self) -> bool:
        """Whether the cell sends its spikes; without, its own dynamics go on."""
        return bool(self.izh.alive)

    @alive.setter
    def alive(self, value: bool) -> None:
        self.izh.alive = float(bool(value))

    def source(self) -> Any:
        """A NetCon that starts from the cell and ends nowhere, to record its spikes with.

        Returns
        -------
        NetCon
            ``cell.source().record(vector)`` puts the times of spikes, ms, into a vector. NEURON
            has one recording for a cell: this one, or that of ``spike_record`` by gid.
        """
        source = h.NetCon(self.izh, None)
        source.delay = 1000  # of no connection, so that it does not bound the step of threads
        return source

    def register(self, gid: int) -> None:
        """Make the cell the spike source `gid` of this rank's part of the network.

        Parameters
        ----------
        gid : int
            0 or more, and no other cell's on any rank (`check_gids` looks at all of them).

        Raises
        ------
        ParameterError
            If the cell has a gid already, or this rank has another cell of that gid.
        """
        if self.gid is not None and has_gid(self.izh, self.gid):
            raise ParameterError(f"the cell is registered already, as gid {self.gid}")
        (number,) = free_gids([gid])
        register_points([self.izh], [number], kind_of(self.cell_type))
        self.gid = number

    def connect_from(
        self, source: Any, receptor: Any = None, *, weight: float, delay: float = 1.0
    ) -> Any:
        """Let the cell hear a spike source.

        Parameters
        ----------
        source : int, cell or point process
            A gid, of a cell on whichever rank; a cell of this rank, with a gid or without; or
            another spike source of NEURON's, such as a NetStim. None: a connection without
            source, for its `event`.
        receptor : str or point process
            In a point process a name of `receptors`; in a section a synapse of NEURON's that is
            in it, such as ``h.ExpSyn(cell.sec(0.5))``.
        weight : float
            nS for AMPA, NMDA, GABAA, GABAB and opsin; 1/ms for conductance and mV/ms for pulse
            in 2003; what the synapse takes in a section (uS for ExpSyn).
        delay : float
            ms.

        Returns
        -------
        NetCon
            Also kept in `connections`, and a synapse with it.

        Raises
        ------
        ParameterError
            If there is no such receptor, or a number is not what it has to be: a conductance is
            not negative.
        """
        target, index, is_conductance = self.ending(receptor)
        if not is_finite(weight):
            raise ParameterError(f"weight must be a finite number, not {weight!r}")
        if weight < 0 and is_conductance:
            raise ParameterError(
                f"the weight is a conductance, 0 or more, not {weight!r}: what inhibits is a "
                "receptor with a low reversal potential, such as GABAA"
            )
        if not is_finite(delay) or delay < 0:
            raise ParameterError(f"delay must be a finite number of ms, 0 or more, not {delay!r}")
        if hasattr(source, "izh"):  # a cell, also one of a population
            connection = h.NetCon(source.izh, target)
        elif source is None or hasattr(source, "hname"):
            connection = h.NetCon(source, target)
        else:
            connection = h.ParallelContext().gid_connect(*whole_gids([source]), target)
        connection.weight[index] = weight
        connection.delay = delay
        self.connections.append(connection)
        if target is not self.izh:
            self.keep(target)
        return connection

    def keep(self, other: Any) -> None:
        """Let an object of NEURON's last as long as the cell: a synapse in its section, a list."""
        if other not in self._kept:
            self._kept.append(other)

    def ending(self, receptor: Any) -> tuple[Any, int, bool]:
        """What a connection to a receptor ends at.

        Parameters
        ----------
        receptor : str or point process
            As for `connect_from`.

        Returns
        -------
        target : point process
            The cell's mechanism or the synapse.
        index : int
            Which of a NetCon's weights counts.
        is_conductance : bool
            Whether the weight is one; of a user's own synapse nobody here can say, so it is not.

        Raises
        ------
        ParameterError
            If the cell has no such receptor.
        """
        receptors = self.receptors
        if receptors:
            if receptor in receptors:
                return self.izh, receptors.index(receptor), receptor in CONDUCTANCES
            raise ParameterError(
                f"unknown receptor {receptor!r}: in {mechanism_of(self.izh)} it is one of "
                f"{', '.join(receptors)}"
            )
        name = self.sec.name()
        if not hasattr(receptor, "get_segment"):
            raise ParameterError(
                f"a cell in a section is heard through a synapse in {name}, such as "
                f"h.ExpSyn(cell.sec(0.5)), not through {receptor!r}"
            )
        segment = receptor.get_segment()
        if segment is None or segment.sec != self.sec:
            raise ParameterError(f"{receptor} is not in the cell's section, {name}")
        if receptor.same(self.izh):
            raise ParameterError(f"{receptor} has no receptors; put a synapse into {name}")
        return receptor, 0, mechanism_of(receptor) in CONDUCTING_SYNAPSES

    def jitter(self, fraction: float, seed: int, names: Sequence[str] = JITTERED) -> None:
        """Spread parameters: multiply each by a number of its own from 1 ± `fraction`.

        The numbers are evenly distributed. Each follows from the seed, the cell's number (its gid,
        or else its cellid) and the parameter's name alone, on whichever rank the cell is.
        Signs stay. Parameters are rounded as all numbers are, in which a fraction under 1e-15 is
        lost. A second call multiplies what the first one left; `reparam` brings back the
        published values.

        Parameters
        ----------
        fraction : float
            0 or more, and less than 1.
        seed : int
            0 to 2^32 - 1.
        names : sequence of str
            Parameters of the mechanism.

        Raises
        ------
        ParameterError
            If the cell has no number, a name is unknown or one of `CHOICES`, or `fraction` or
            `seed` is out of range.
        """
        number = self.cellid if self.gid is None else self.gid
        if number < 0:
            raise ParameterError(
                "the cell has no number to jitter by: register it, or give a cellid"
            )
        check_jitter(fraction, seed, names, mechanism_of(self.izh))
        for name in names:
            (factor,) = jitter_factors(fraction, seed, name, [number])
            self.set_parameters({name: getattr(self.izh, name) * factor})


class Izhi2003Cell(Cell):
    """A cell of the quadratic model, driven by `izh.Iin` (mV/ms), 0 to begin with.

    Parameters
    ----------
    type : str
        Key of the cell type, such as "tonic spiking".
    host : Section, "dummy" or None
        None: a section of the cell's own (Izhi2003b). Otherwise the section that serves the
        point process (Izhi2003a) as its address.
    cellid : int
        For the user's own book-keeping; part of the section's name.
    paper : str
        Name of the publication: "2003", "2004" or one that was registered.

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If the type is one of another model.
    """

    def __init__(
        self, type: str = "tonic spiking", host: Any = None, cellid: int = -1, paper: str = "2004"
    ) -> None:
        super().__init__(_of_model(QUADRATIC, paper, type), host, cellid)
        self.izh.Iin = 0

    @property
    def paper(self) -> str:
        """Name of the publication."""
        return self.cell_type.paper

    def reparam(self, type: str = "tonic spiking", cellid: int = -1) -> None:
        """Become a cell of another `type` of the same publication."""
        self._become(_of_model(QUADRATIC, self.paper, type), cellid)

    def set_synapse(self, tau: float, erev: float) -> Any:
        """Set decay (ms) and reversal potential (mV) of a point process's own conductance.

        Returns
        -------
        pointer
            To the conductance, 1/ms.
        """
        self.izh.taug, self.izh.erev = tau, erev
        return self.izh._ref_gsyn


class IzhiCell(Cell):
    """A cell of the book's model, driven by `izh.Iin` (pA).

    Parameters
    ----------
    type : str
        Key of the cell type: RS, IB, CH, LTS, FS, TC, TC_burst, RTN or RTN_burst; TC_vu65 or
        TC_burst_vu65 in the other reading of TC.
    host : Section, "dummy" or None
        None: a section of the cell's own (Izhi2007b). Otherwise the section that serves the
        point process (Izhi2007a) as its address.
    cellid : int
        Identifier of the cell, handed to the mechanism.
    paper : str
        Name of the publication: "2007" or one that was registered.

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If the type is one of another model.
    """

    def __init__(
        self, type: str = "RS", host: Any = None, cellid: int = -1, paper: str = "2007"
    ) -> None:
        super().__init__(_of_model(BOOK, paper, type), host, cellid)

    def reparam(self, type: str = "RS", cellid: int = -1) -> None:
        """Become a cell of another `type` of the same publication."""
        self._become(_of_model(BOOK, self.cell_type.paper, type), cellid)

    def _become(self, entry: CellType, cellid: int) -> None:
        super()._become(entry, cellid)
        self.izh.cellid = cellid

    def set_synapse(self, tau: float, erev: float) -> Any:
        """Set the decay (ms) of a point process's AMPA receptors, whose reversal is at 0 mV.

        Returns
        -------
        pointer
            To the conductance, nS.
        """
        self.izh.tauAMPA = tau
        return self.izh._ref_gAMPA


#: The class of the cells of each model.
CELLS: Mapping[Model, type[Izhi2003Cell] | type[IzhiCell]] = MappingProxyType(
    {QUADRATIC: Izhi2003Cell, BOOK: IzhiCell}
)


def cell_of(entry: CellType, host: Any = None, cellid: int = -1) -> Izhi2003Cell | IzhiCell:
    """A cell of any type, whether the catalogue knows it or not.

    Parameters
    ----------
    entry : CellType
    host : Section, "dummy" or None
        As for `IzhiCell`.
    cellid : int
        As for `IzhiCell`.
    """
    kind = CELLS[entry.model]
    cell = kind.__new__(kind)
    Cell.__init__(cell, entry, host, cellid)
    return cell


def _of_model(model: Model, paper: str, key: str) -> CellType:
    """An entry of the catalogue, of the model that a class of cells is for."""
    entry = cell_type(paper, key)
    if entry.model != model:
        raise ParameterError(
            f"{key!r} of {paper} is a cell of the {entry.model.name} model: use "
            f"{CELLS[entry.model].__name__}"
        )
    return entry


def own_sections(entry: CellType, cellids: Sequence[int]) -> list[Any]:
    """New sections, named after the cells that they are for."""
    values = entry.model.complete(entry.parameters)
    stem = f"izhi{entry.paper}{entry.key}"
    if entry.panel != entry.key:
        stem = f"izhi{entry.paper}_{entry.panel}_"
    return [section_for(entry.model, values, f"{stem}{cellid}") for cellid in cellids]
