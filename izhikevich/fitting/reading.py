"""Recordings as files: tables, arrays of numpy, NWB and ABF.

A table (.csv) has a line of names, of which the first words are ``t`` (ms), ``current`` (pA) and
``v`` (mV), a ``v`` for each trial::

    t (ms),current (pA),v 1 (mV),v 2 (mV)

An .npz has ``current``, ``v`` or ``spikes`` (ms) or both, and ``t`` or ``dt`` (ms). Several stimuli
and trials are told apart by name: ``STIMULUS_current_TRIAL``, ``STIMULUS_v_TRIAL``,
``STIMULUS_spikes_TRIAL``.

In NWB and ABF files, which say their units, each sweep in current clamp is a trial; those with the
same current are of one stimulus.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from izhikevich.errors import ParameterError
from izhikevich.fitting import sweeps
from izhikevich.fitting.measurements import Stimulus, check, numbers, step_of, stimulus


def read(
    path: str | os.PathLike[str],
    *,
    dt: float | None = None,
    current_unit: str | None = None,
    voltage_unit: str = "mV",
) -> list[Stimulus]:
    """Read a recording.

    Parameters
    ----------
    path : path-like
        .csv, .npz, .nwb or .abf.
    dt : float, optional
        Of the samples, ms, where the file has no times.
    current_unit : str, optional
        "pA" or "nA" in a .csv or .npz. Default: pA, but numbers that look like nA are refused.
    voltage_unit : str
        "mV" or "V", there.

    Returns
    -------
    list of Stimulus
        By name.

    Raises
    ------
    ParameterError
        If it is no such file, or what it holds cannot be fitted; the message names the file.
    MissingPackageError
        If it is NWB or ABF, and the package that reads it is not installed.
    OSError
        If it cannot be read.
    """
    for unit, known in ((current_unit, _UNITS["current"]), (voltage_unit, _UNITS["v"])):
        if unit is not None and unit not in known:
            raise ParameterError(f"the unit is {' or '.join(known)}, not {unit!r}")
    where = Path(path)
    ending = where.suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(f"{where} must end in one of {', '.join(ENDINGS)}")
    with where.open("rb"):  # what cannot be read at all is said by the system
        pass
    try:
        if ending in _TABLES:
            scale = {
                "current": _UNITS["current"][current_unit or "pA"],
                "v": _UNITS["v"][voltage_unit],
            }
            stimuli = _grouped(_TABLES[ending](where), dt, scale, current_unit == "pA")
        else:
            stimuli = sweeps.stimuli(sweeps.READERS[ending](where))
        check(stimuli)
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from error
    return stimuli


_UNITS: dict[str, dict[str, float]] = {"current": {"pA": 1, "nA": 1e3}, "v": {"mV": 1, "V": 1e3}}
_NAME = re.compile(r"(?:(?P<stimulus>.+)_)?(?P<what>current|v|spikes)(?:_(?P<trial>\d+))?")


def _read_npz(path: Path) -> Mapping[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError) as error:
        raise ParameterError(f"it is no whole .npz: {error}") from error


def _read_csv(path: Path) -> Mapping[str, np.ndarray]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        names = [name.split()[0] for name in lines[0].split(",")] if lines else []
        rows = [[float(x) for x in line.split(",")] for line in lines[1:] if line.strip()]
    except (UnicodeDecodeError, ValueError, IndexError) as error:
        raise ParameterError(f"it is no table of numbers under a line of names: {error}") from error
    if any(len(row) != len(names) for row in rows) or not rows:
        raise ParameterError("it is no table: a row has more or fewer numbers than the first line")
    columns = np.array(rows).T
    trial = 0
    found: dict[str, np.ndarray] = {}
    for name, column in zip(names, columns, strict=True):
        if name == "v":
            name, trial = f"v_{trial}", trial + 1
        found[name] = column
    return found


def _grouped(
    arrays: Mapping[str, np.ndarray], dt: float | None, scale: Mapping[str, float], is_weak: bool
) -> list[Stimulus]:
    arrays = dict(arrays)
    times = arrays.pop("t", None)
    step = arrays.pop("dt", None)
    if dt is None and step is not None and np.ndim(step) == 0:
        dt = float(step)
    if dt is None and times is not None:
        dt = step_of(times)
    if dt is None:
        raise ParameterError("it has neither t nor dt: say --dt, the time between samples in ms")
    groups: dict[str, dict[str, list[np.ndarray]]] = {}
    for name in sorted(arrays):
        match = _NAME.fullmatch(name)
        if match is None:
            raise ParameterError(
                f"there is no use for {name!r}: names are t, dt, current, v and spikes, or such "
                "as 1_current, 1_v_0, 1_v_1"
            )
        kinds = groups.setdefault(match["stimulus"] or "stimulus", {})
        kinds.setdefault(match["what"], []).append(arrays[name] * scale.get(match["what"], 1))
    stimuli = []
    for name, kinds in groups.items():
        currents = [numbers(f"the current of {name}", x) for x in kinds.get("current", ())]
        if not currents:
            raise ParameterError(f"{name} has no current")
        if len({len(x) for x in currents}) > 1:
            raise ParameterError(f"the currents of {name} are of different lengths")
        if times is not None and len(times) != len(currents[0]):
            raise ParameterError(
                f"there are {len(times)} times and {len(currents[0])} samples of current"
            )
        stimuli.append(
            stimulus(
                name,
                dt,
                np.mean(currents, axis=0),
                voltages=kinds.get("v", ()),
                spikes=kinds.get("spikes"),
                is_weak=is_weak,
            )
        )
    return stimuli


_TABLES = {".csv": _read_csv, ".npz": _read_npz}
#: Of the files that can be read.
ENDINGS = (*_TABLES, *sweeps.READERS)
