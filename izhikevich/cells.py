"""The four cells: the 2003/2004 and the 2007 model, as a point process and in a section.

A point process (PP) has a voltage of its own and needs a section only as its address, which
any number of cells can share. In a section (Sec) the model's voltage is the section's, so that
NEURON's clamps, synapses and connections work on it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

from neuron import h, nrn

from izhikevich import mechanisms
from izhikevich.catalog import cell_type

MECHANISM = {
    ("2003", "PP"): "Izhi2003a",
    ("2003", "Sec"): "Izhi2003b",
    ("2004", "PP"): "Izhi2003a",
    ("2004", "Sec"): "Izhi2003b",
    ("2007", "PP"): "Izhi2007a",
    ("2007", "Sec"): "Izhi2007b",
}


@functools.cache
def dummy_section() -> Any:
    """The section that cells created with ``host="dummy"`` share as their address."""
    return h.Section(name="dummy")


def section_2003(name: str) -> Any:
    """A section of 1 pF (100 um2 at 1 uF/cm2), in which 1 mV/ms is 0.001 nA."""
    section = h.Section(name=name)
    section.L = section.diam = math.sqrt(100 / math.pi)
    section.cm = 1
    return section


def section_2007(name: str) -> Any:
    """A section of 100 pF, the unit that C is given in."""
    section = h.Section(name=name)
    section.L = section.diam = 10
    section.cm = 100 / math.pi
    return section


class _Cell:
    """What the cells of both models share.

    Attributes
    ----------
    sec : Section
        The cell's own section (Sec) or the host that is its address (PP).
    izh : point process
        The NMODL mechanism with the parameters.
    type : str
        Key of the cell type.
    """

    sec: Any
    izh: Any
    type: str

    def _place(self, paper: str, name: str, host: Any, own_section: Any) -> None:
        """Create the mechanism in a section of its own (host None) or in `host`."""
        mechanisms.load()
        variant = "Sec" if host is None else "PP"
        if host is None:
            self.sec = own_section(name)
        elif isinstance(host, str):
            if host != "dummy":
                raise ValueError(f'host is None, a section or the string "dummy", not {host!r}')
            self.sec = dummy_section()
        elif isinstance(host, nrn.Section):
            self.sec = host
        else:
            raise TypeError(f'host is None, a section or the string "dummy", not {host!r}')
        self.izh = getattr(h, MECHANISM[paper, variant])(self.sec(0.5))
        self.variant = variant

    @property
    def vref(self) -> Any:
        """Pointer to the model's voltage, mV."""
        return self.sec(0.5)._ref_v if self.variant == "Sec" else self.izh._ref_V

    def set_parameters(self, parameters: Mapping[str, float]) -> None:
        """Set the mechanism's parameters by name."""
        for name, value in parameters.items():
            setattr(self.izh, name, value)

    def set_state(self, v: float, u: float) -> None:
        """Put the cell at voltage `v` (mV) and recovery variable `u`."""
        if self.variant == "Sec":
            self.sec(0.5).v = v
        else:
            self.izh.V = v
        self.izh.u = u


class Izhi2003Cell(_Cell):
    """A cell of the 2003/2004 model, driven by `izh.Iin` (mV/ms), 0 to begin with.

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
        "2003" or "2004".

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    """

    def __init__(
        self, type: str = "tonic spiking", host: Any = None, cellid: int = -1, paper: str = "2004"
    ) -> None:
        entry = cell_type(paper, type)
        self.paper = paper
        self._place(paper, f"izhi{paper}_{entry.panel}_{cellid}", host, section_2003)
        self.reparam(type, cellid)
        self.izh.Iin = 0

    def reparam(self, type: str = "tonic spiking", cellid: int = -1) -> None:
        """Become a cell of another `type` of the same paper."""
        entry = cell_type(self.paper, type)
        self.type = type
        self.cellid = cellid
        self.vinit = entry.v0
        self.set_parameters(
            {name: x for name, x in entry.parameters.items() if hasattr(self.izh, name)}
        )

    def init(self) -> None:
        """Put the cell at its type's start: v0 of the figure and its u0."""
        entry = cell_type(self.paper, self.type)
        assert entry.v0 is not None
        self.set_state(entry.v0, self.izh.b * entry.v0 if entry.u0 is None else entry.u0)


class IzhiCell(_Cell):
    """A cell of the 2007 model, driven by `izh.Iin` (pA).

    Parameters
    ----------
    type : str
        Key of the cell type: RS, IB, CH, LTS, FS, TC, TC_burst, RTN or RTN_burst.
    host : Section, "dummy" or None
        None: a section of the cell's own (Izhi2007b). Otherwise the section that serves the
        point process (Izhi2007a) as its address.
    cellid : int
        Identifier of the cell, handed to the mechanism.

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    """

    def __init__(self, type: str = "RS", host: Any = None, cellid: int = -1) -> None:
        cell_type("2007", type)
        self._place("2007", f"izhi2007{type}{cellid}", host, section_2007)
        self.reparam(type, cellid)

    def reparam(self, type: str = "RS", cellid: int = -1) -> None:
        """Become a cell of another `type`."""
        entry = cell_type("2007", type)
        self.type = type
        self.vinit = entry.parameters["vr"]
        self.set_parameters({**entry.parameters, "cellid": cellid})

    def init(self) -> None:
        """Put the cell at rest: v = vr, u = 0."""
        self.set_state(self.izh.vr, 0)
