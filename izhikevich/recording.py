"""What a run gives back: voltage, recovery, current and spikes over time, with its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from izhikevich.catalog import CellType, cell_type
from izhikevich.waveforms import Waveform


@dataclass(frozen=True)
class Recording:
    """One run of one cell.

    Attributes
    ----------
    t, v, u, i : numpy.ndarray, shape (n,)
        Time (ms), voltage (mV), recovery variable and injected current (both mV/ms in 2003 and
        2004, pA in 2007). Under a fixed step t[j] = j dt, the state is that after j steps and
        i[j] is the current of the step that ended at t[j]; at a spike v shows the peak and u
        the value after the reset. Under *exact* t does not decrease and a spike (peak, reset)
        and a jump of the current have two samples each.
    spikes : numpy.ndarray, shape (n_spikes,)
        Times of the spikes, ms.
    gsyn : numpy.ndarray, shape (n,), or None
        Synaptic conductance (1/ms in 2003 and 2004, nS in 2007) where the cell was driven by
        a synapse.
    paper, key, variant, scheme : str
        What was run: see `izhikevich.simulate`.
    dt : float or None
        The step, ms; None under *exact*.
    tstop : float
        Duration asked for, ms.
    parameters : mapping of str to float
        Every parameter in force, v0 and u0 included.
    waveform : Waveform
        The injected current.
    """

    t: np.ndarray
    v: np.ndarray
    u: np.ndarray
    i: np.ndarray
    spikes: np.ndarray
    paper: str
    key: str
    variant: str
    scheme: str
    dt: float | None
    tstop: float
    parameters: Mapping[str, float] = field(default_factory=dict)
    waveform: Waveform = field(default_factory=Waveform)
    gsyn: np.ndarray | None = None

    def __getstate__(self) -> dict:
        return {**self.__dict__, "parameters": dict(self.parameters)}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, parameters=MappingProxyType(state["parameters"]))

    @property
    def cell_type(self) -> CellType:
        """The catalogue's entry for this run."""
        return cell_type(self.paper, self.key)

    @property
    def current_unit(self) -> str:
        """Unit of `i` and `u`."""
        return "pA" if self.paper == "2007" else "mV/ms"

    @property
    def mean_rate(self) -> float:
        """Spikes per second over the whole run."""
        return 1000.0 * len(self.spikes) / self.tstop

    @property
    def intervals(self) -> np.ndarray:
        """Times between neighbouring spikes, ms; shape (n_spikes - 1,), empty without two."""
        return np.diff(self.spikes)

    def spike_samples(self) -> np.ndarray:
        """Index of the sample that shows the peak of each spike; shape (n_spikes,)."""
        if self.dt is not None:
            return np.rint(self.spikes / self.dt).astype(int)
        return np.searchsorted(self.t, self.spikes, side="left")
