"""What a run gives back: voltage, recovery, current and spikes over time, with its protocol."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.catalog import CellType
from izhikevich.choice import Choice
from izhikevich.errors import IzhikevichError, MissingPackageError, ParameterError
from izhikevich.files import whole_file
from izhikevich.stored import choice_from_dict, choice_of_run, choice_to_dict
from izhikevich.waveforms import Waveform


@dataclass(frozen=True, eq=False)
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
    choice : Choice
        What was run.
    """

    t: np.ndarray
    v: np.ndarray
    u: np.ndarray
    i: np.ndarray
    spikes: np.ndarray
    choice: Choice
    gsyn: np.ndarray | None = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "choice" not in state:  # of a version that had the protocol as single attributes
            protocol = {name: state.pop(name) for name in _FORMER_PROTOCOL}
            state["choice"] = choice_of_run(**protocol)
        self.__dict__.update(state)

    # --- the choice, by its parts ---

    @property
    def cell_type(self) -> CellType:
        """The cell type."""
        return self.choice.cell_type

    @property
    def paper(self) -> str:
        """Name of the publication."""
        return self.choice.paper

    @property
    def key(self) -> str:
        """Key of the cell type."""
        return self.choice.key

    @property
    def variant(self) -> str:
        """What was run, "PP" or "Sec"."""
        return self.choice.variant

    @property
    def scheme(self) -> str:
        """How it was run: "published", "exact" or "fixed"."""
        return self.choice.scheme

    @property
    def dt(self) -> float | None:
        """The step, ms; None under *exact*."""
        return self.choice.dt

    @property
    def tstop(self) -> float:
        """Duration asked for, ms."""
        return self.choice.tstop

    @property
    def parameters(self) -> Mapping[str, float]:
        """Every parameter in force, v0 and u0 included."""
        return self.choice.parameters

    @property
    def waveform(self) -> Waveform:
        """The injected current."""
        return self.choice.waveform

    @property
    def current_unit(self) -> str:
        """Unit of `i` and `u`."""
        return self.choice.model.current_unit

    @property
    def conductance_unit(self) -> str:
        """Unit of `gsyn`."""
        return self.choice.model.conductance_unit

    # --- what came of it ---

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

    def has_new_time(self) -> np.ndarray:
        """Whether a sample is the first of its time; boolean, shape (n,).

        Under *exact* a spike and a jump of the current have two.
        """
        return np.diff(self.t, prepend=-np.inf) > 0

    def trajectory(self) -> tuple[np.ndarray, np.ndarray]:
        """The way of the cell in the plane of v and u: at a spike u is that before the reset.

        Under a fixed step `u` shows the one after it, where the cell was not when v peaked; here
        it is the u of the step before.

        Returns
        -------
        v, u : numpy.ndarray, shape (n,)
            mV, and mV/ms or pA.
        """
        u = self.u.copy()
        if self.dt is not None:
            spikes = self.spike_samples()
            u[spikes] = self.u[np.maximum(spikes - 1, 0)]
        return self.v, u

    # --- data out ---

    def columns(self) -> dict[str, np.ndarray]:
        """The samples by name and unit, such as "v (mV)", in the order of a table."""
        unit = self.current_unit
        columns = {
            "t (ms)": self.t,
            "v (mV)": self.v,
            f"u ({unit})": self.u,
            f"i ({unit})": self.i,
        }
        if self.gsyn is not None:
            columns[f"gsyn ({self.conductance_unit})"] = self.gsyn
        return columns

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the samples as a table with a header of names and units.

        The numbers are written so that reading them gives the same ones back. The file appears
        whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        columns = self.columns()
        with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
            file.write(",".join(columns) + "\n")
            for row in zip(*(values.tolist() for values in columns.values()), strict=True):
                file.write(",".join(map(repr, row)) + "\n")

    def to_npz(self, path: str | os.PathLike[str]) -> None:
        """Write everything in numpy's format; `from_npz` reads it back.

        The file appears whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        if self.gsyn is not None:
            arrays["gsyn"] = self.gsyn
        stored = choice_to_dict(self.choice)
        with whole_file(path) as unfinished, unfinished.open("wb") as file:
            np.savez_compressed(file, choice=np.array(json.dumps(stored)), **arrays)

    @classmethod
    def from_npz(cls, path: str | os.PathLike[str]) -> Recording:
        """Read what `to_npz` wrote.

        Raises
        ------
        OSError
            If there is no such file.
        ParameterError
            If it is not a recording.
        """
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise ParameterError(f"{os.fspath(path)} is not a recording, or cut off")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                described = [name for name in ("choice", "protocol") if name in stored]
                if not described or any(name not in stored for name in _ARRAYS):
                    raise ParameterError(f"{os.fspath(path)} is not a recording")
                text = json.loads(str(stored[described[0]]))
                arrays = {name: stored[name] for name in (*_ARRAYS, "gsyn") if name in stored}
        try:
            if described[0] == "choice":
                choice = choice_from_dict(text)
            else:  # of a former version
                waveform = Waveform.from_dict(text.pop("waveform"))
                choice = choice_of_run(**text, waveform=waveform)
        except (KeyError, TypeError) as error:
            raise ParameterError(
                f"{os.fspath(path)} is a recording, but of what this version does not know: {error}"
            ) from error
        return cls(**arrays, choice=choice)

    def to_neo(self) -> Any:
        """The recording as a Neo block, from which Elephant, NIX and NWB are one step away.

        The signals are irregularly sampled where the variable step chose the times (a second
        sample at one time, after a spike or a jump of the current, is left out: Neo wants rising
        times), and regularly under a fixed step. Quantities of the 2003 and 2004 models are in
        mV/ms.

        Returns
        -------
        neo.Block
            One segment with the signals v, u, i (and gsyn), and a spike train.

        Raises
        ------
        MissingPackageError
            If Neo is not installed (``pip install izhikevich[neo]``).
        """
        try:
            import neo
            import quantities
        except ImportError as error:
            raise MissingPackageError(
                "Neo is needed for to_neo(): pip install 'izhikevich[neo]'"
            ) from error
        block = neo.Block(
            name=f"{self.paper} {self.key}",
            description=f"{self.variant}, {self.scheme}",
            **dict(self.parameters),
        )
        segment = neo.Segment(name=self.key)
        block.segments.append(segment)
        rising = self.has_new_time()
        for title, values in list(self.columns().items())[1:]:
            name, unit = title.removesuffix(")").split(" (")
            if self.dt is not None:
                signal = neo.AnalogSignal(
                    values, units=unit, sampling_period=self.dt * quantities.ms, name=name
                )
                segment.analogsignals.append(signal)
            else:
                signal = neo.IrregularlySampledSignal(
                    self.t[rising], values[rising], units=unit, time_units="ms", name=name
                )
                segment.irregularlysampledsignals.append(signal)
        segment.spiketrains.append(
            neo.SpikeTrain(self.spikes, t_stop=max(self.tstop, *self.spikes[-1:], 0.0), units="ms")
        )
        return block


class RunawayError(IzhikevichError, RuntimeError):
    """The solution left every bound; `recording` holds the run until then.

    Attributes
    ----------
    recording : Recording
        The run up to `time`.
    time : float
        When it ran away, ms.
    """

    def __init__(self, message: str, recording: Recording, time: float) -> None:
        super().__init__(message, recording, time)
        self.recording = recording
        self.time = time

    def __str__(self) -> str:
        return str(self.args[0])


_ARRAYS = ("t", "v", "u", "i", "spikes")
_FORMER_PROTOCOL = (
    "paper",
    "key",
    "variant",
    "scheme",
    "dt",
    "tstop",
    "parameters",
    "waveform",
)
