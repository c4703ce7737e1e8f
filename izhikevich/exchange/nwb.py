"""A run as an NWB file, the format in which laboratories share recordings, by pynwb.

Format: Ruebel et al. (2022), eLife 11:e78362, doi:10.7554/eLife.78362.

>>> from izhikevich import simulate
>>> from izhikevich.exchange import nwb
>>> nwb.write(simulate("2007", "RS"), "rs.nwb")  # doctest: +SKIP
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime, timezone
from typing import Any

import numpy as np

from izhikevich.errors import MissingPackageError
from izhikevich.files import whole_file
from izhikevich.recording import Recording
from izhikevich.script import script
from izhikevich.stored import choice_to_dict

__all__ = ["require_pynwb", "write"]

#: What a unit is in SI, as NWB wants it, and how much of that; others stand as they are.
_SI = {"mV": ("volts", 1e-3), "pA": ("amperes", 1e-12), "nS": ("siemens", 1e-9)}
_MEANINGS = {
    "u": "recovery variable",
    "i": "injected current; under a fixed step that of the step which ends at the sample",
    "gsyn": "synaptic conductance",
}


def write(recording: Recording, path: str | os.PathLike[str]) -> None:
    """Write the traces and spikes of a run, with the script that runs it again.

    The numbers stand as they are, in double precision, with their factor to SI. The voltage is a
    CurrentClampSeries, a current in pA a CurrentClampStimulusSeries, which `izh fit` and others
    read; a current in mV/ms is none of an electrode and so a TimeSeries. Of two samples at one time
    (a spike or a jump of the current under *exact*) the first is written, as readers want times
    that rise. The spikes are the one unit. The notes hold the choice as JSON. The file appears
    whole or not at all.

    Parameters
    ----------
    recording : Recording
    path : path-like

    Raises
    ------
    MissingPackageError
        If pynwb is not installed.
    OSError
        If it cannot be written.
    """
    pynwb = require_pynwb()
    entry = recording.cell_type
    file = pynwb.NWBFile(
        session_description=f"simulation of {entry.label} ({entry.paper} {entry.figure}), "
        f"{recording.variant}, {recording.scheme}",
        identifier=str(uuid.uuid4()),
        session_start_time=datetime.now(timezone.utc),
        notes=json.dumps(choice_to_dict(recording.choice)),
        source_script=script([recording.choice]),
        source_script_file_name="run.py",
    )
    _add_traces(file, recording)
    file.add_unit(
        spike_times=recording.spikes / 1e3,
        obs_intervals=[[0.0, max([recording.tstop, *recording.spikes]) / 1e3]],
    )
    with whole_file(path) as unfinished, pynwb.NWBHDF5IO(unfinished, "w") as writer:
        writer.write(file)


def require_pynwb() -> Any:
    """Import pynwb, or say how to get it."""
    try:
        import pynwb
        import pynwb.icephys
    except ImportError as error:
        raise MissingPackageError("NWB files need pynwb: pip install 'izhikevich[nwb]'") from error
    return pynwb


def _add_traces(file: Any, recording: Recording) -> None:
    from pynwb import TimeSeries
    from pynwb.icephys import CurrentClampSeries, CurrentClampStimulusSeries

    electrode = file.create_icephys_electrode(
        name="electrode",
        description="none: voltage and current of a simulated cell",
        device=file.create_device(name="NEURON", description="simulator"),
    )
    if recording.dt is None:
        kept = recording.has_new_time()
        times: dict[str, Any] = {"timestamps": recording.t[kept] / 1e3}
    else:
        kept = np.full(len(recording.t), True)
        times = {"rate": 1e3 / recording.dt, "starting_time": 0.0}
    patched = {"electrode": electrode, "gain": 1.0, "sweep_number": np.uint64(0)}
    for title, values in list(recording.columns().items())[1:]:
        name, own_unit = title.removesuffix(")").split(" (")
        unit, conversion = _SI.get(own_unit, (own_unit, 1.0))
        common = {"name": name, "data": values[kept], "conversion": conversion, **times}
        if name == "v":
            file.add_acquisition(CurrentClampSeries(**common, **patched))
            continue
        common["description"] = _MEANINGS[name]
        if name != "i":
            file.add_acquisition(TimeSeries(**common, unit=unit))
        elif own_unit == "pA":
            file.add_stimulus(CurrentClampStimulusSeries(**common, **patched))
        else:
            file.add_stimulus(TimeSeries(**common, unit=unit))
