"""Spikes of chosen cells, recorded beside whatever else records them.

NEURON has one recording by vector for each source, and the last one counts: `spike_record` of one
part of a model, such as NetPyNE, takes the spikes away from a `NetCon.record` of another. What a
source has besides is a statement that is executed at each spike, and that is what is used here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np
from neuron import h

from izhikevich.engine.gids import IS_HERE, is_whole
from izhikevich.errors import ParameterError

# in NEURON's own language, which threads execute in turns
_NOTES = """
begintemplate IzhikevichSpikes
    public times, places, is_open, note
    objref times, places
    proc init() {
        times = new Vector()
        places = new Vector()
        is_open = 1
    }
    proc note() {
        if (is_open) {
            times.append(t)
            places.append($1)
        }
    }
endtemplate IzhikevichSpikes
"""


@functools.cache
def _all_notes() -> Any:
    """What every record of this process notes in: a source names it as long as it exists."""
    h(_NOTES)
    return h.List()


class SpikeRecord:
    """Spikes of cells of this rank since the last initialisation, until it is no longer held.

    It works under the fixed and the variable step and on threads; not in CoreNEURON, which knows
    the recordings of `ParallelContext.spike_record` alone. Of several of one source the last one
    counts.

    Parameters
    ----------
    sources : iterable of cell, point process or int
        Cells of ours, spike sources of NEURON's, or gids of this rank, of whatever makes.

    Raises
    ------
    ParameterError
        If a gid has no cell on this rank.

    Examples
    --------
    >>> from neuron import h
    >>> from izhikevich import IzhiCell, SpikeRecord
    >>> cell = IzhiCell("RS")
    >>> cell.izh.Iin = 100
    >>> record = SpikeRecord([cell])
    >>> h.dt = 0.1
    >>> h.finitialize()
    1.0
    >>> while h.t < 200:
    ...     _ = h.fadvance()
    >>> len(record.times)
    3
    """

    def __init__(self, sources: Iterable[Any]) -> None:
        self.sources = list(sources)
        self._connections: list[Any] = []
        context = h.ParallelContext()
        for source in self.sources:
            if is_whole(source) and context.gid_exists(source) != IS_HERE:
                raise ParameterError(f"gid {source} is no cell of this rank, which records its own")
        kept = _all_notes()
        self._notes = notes = h.IzhikevichSpikes()
        kept.append(notes)
        before_all_else = 3
        self._at_start = h.FInitializeHandler(before_all_else, lambda: _clear(notes))
        self._receiver = h.IntFire1()
        for place, source in enumerate(self.sources):
            connection = self._listen_to(source)
            connection.delay = 1000  # of no connection, so that it does not bound the step
            connection.record(f"{notes}.note({place})")
            self._connections.append(connection)

    def _listen_to(self, source: Any) -> Any:
        if is_whole(source):
            connection = h.ParallelContext().gid_connect(source, self._receiver)
            connection.active(False)  # NEURON knows a gid's source by what it is connected to
            return connection
        return h.NetCon(getattr(source, "izh", source), None)

    @property
    def times(self) -> np.ndarray:
        """Spike times, ms, in the order in which they came."""
        return np.array(self._notes.times)

    @property
    def places(self) -> np.ndarray:
        """Which of `sources` each spike is of, as its place among them."""
        return np.array(self._notes.places, dtype=int)

    def of(self, place: int) -> np.ndarray:
        """Spike times of one of the sources, ms."""
        return self.times[self.places == place]

    def close(self) -> None:
        """Record no more."""
        self._notes.is_open = 0
        self._connections.clear()

    def __del__(self) -> None:
        if hasattr(self, "_notes"):
            self.close()
            _clear(self._notes)


def _clear(notes: Any) -> None:
    notes.times.resize(0)
    notes.places.resize(0)
