"""A cell of a population, as part of NEURON's network: what NetCons start from and end at."""

from __future__ import annotations

from typing import Any

import neuron
from neuron import h

from izhikevich.engine.gids import is_finite, whole_gids
from izhikevich.errors import ParameterError


class PopulationCell:
    """One cell of a population.

    Attributes
    ----------
    population : Population
        Which it keeps.
    place : int
        Its place in the arrays.
    """

    def __init__(self, population: Any, place: int) -> None:
        self.population = population
        self.place = place

    def __repr__(self) -> str:
        return f"<cell {self.place} of a population of {self.population.size}>"

    @property
    def gid(self) -> int | None:
        """Number of the cell in the network; None if the population has none."""
        gids = self.population.gids
        return None if gids is None else int(gids[self.place])

    @property
    def izh(self) -> Any:
        """What a NetCon starts from or ends at, with the weights of the mechanism of the model."""
        return self.population.port(self.place)

    @property
    def v(self) -> float:
        """Voltage, mV."""
        return float(self.population.v[self.place])

    @property
    def u(self) -> float:
        """Recovery variable."""
        return float(self.population.u[self.place])

    @property
    def vref(self) -> Any:
        """Pointer to the voltage, mV, for a Vector to record."""
        return neuron.numpy_element_ref(self.population.v, self.place)

    @property
    def _ref_Iin(self) -> Any:
        """Pointer to the current, for a Vector to play into."""
        return neuron.numpy_element_ref(self.population.Iin, self.place)

    def register(self) -> None:
        """Make the cell a spike source of this rank under its gid: see `Population.register`."""
        self.population.register([self.place])

    def source(self) -> Any:
        """A NetCon that starts from the cell and ends nowhere, to record its spikes with."""
        source = h.NetCon(self.izh, None)
        source.delay = 1000  # of no connection, so that it does not bound the step of threads
        return source

    def connect_from(self, source: Any, receptor: str, *, weight: float, delay: float = 1.0) -> Any:
        """Let the cell hear a spike source.

        Parameters
        ----------
        source : int, cell or point process
            A gid, a cell of a population or another, a spike source of NEURON's, such as a
            NetStim, or None: as for `IzhiCell.connect_from`.
        receptor : str
            One of the population's `receptors`.
        weight : float
            mV/ms for "pulse", 1/ms for "conductance", nS for those of 2007.
        delay : float
            ms.

        Returns
        -------
        NetCon
            It lasts while it is kept.

        Raises
        ------
        ParameterError
            If there is no such receptor, or a number is not what it has to be.
        """
        receptors = self.population.receptors
        if receptor not in receptors:
            raise ParameterError(
                f"unknown receptor {receptor!r}: it is one of {', '.join(receptors)}"
            )
        if not is_finite(weight) or (weight < 0 and receptor != "pulse"):
            raise ParameterError(
                f"weight must be a finite number, and a conductance 0 or more, not {weight!r}"
            )
        if not is_finite(delay) or delay < 0:
            raise ParameterError(f"delay must be a finite number of ms, 0 or more, not {delay!r}")
        if source is None or hasattr(source, "hname"):
            connection = h.NetCon(source, self.izh)
        elif hasattr(source, "izh"):
            connection = h.NetCon(source.izh, self.izh)
        else:
            connection = h.ParallelContext().gid_connect(*whole_gids([source]), self.izh)
        connection.weight[receptors.index(receptor)] = weight
        connection.delay = delay
        return connection
