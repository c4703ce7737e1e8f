"""Sweeps of NWB and ABF files, by h5py and pyabf."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from izhikevich.errors import MissingPackageError, ParameterError
from izhikevich.fitting.measurements import Stimulus, step_of, stimulus


class Sweep(NamedTuple):
    """One sweep: current (pA) and voltage (mV) at samples `dt` (ms) apart."""

    name: str
    dt: float
    current: np.ndarray
    v: np.ndarray


def stimuli(sweeps: Sequence[Sweep]) -> list[Stimulus]:
    """Sweeps as trials of stimuli: one with the same current as another is its next trial.

    Raises
    ------
    ParameterError
        If one cannot be used.
    """
    groups: list[list[Sweep]] = []
    for sweep in sweeps:
        for group in groups:
            if _are_alike(sweep, group[0]):
                group.append(sweep)
                break
        else:
            groups.append([sweep])
    return [
        stimulus(
            group[0].name,
            group[0].dt,
            np.mean([each.current for each in group], axis=0),
            voltages=[each.v for each in group],
            is_weak=True,  # the file has said the unit
        )
        for group in groups
    ]


def _are_alike(one: Sweep, other: Sweep) -> bool:
    """Whether two currents differ by no more than the noise of measuring them."""
    if len(one.current) != len(other.current) or not len(one.current):
        return False
    return bool(np.std(one.current - other.current) < 0.1 * np.std(other.current))


def _read_nwb(path: Path) -> list[Sweep]:
    try:
        import h5py
    except ImportError as error:
        raise MissingPackageError("reading NWB needs the package h5py: pip install h5py") from error
    try:
        with h5py.File(path) as file:
            currents = _series(file.get("stimulus/presentation", {}), "CurrentClampStimulusSeries")
            voltages = _series(file.get("acquisition", {}), "CurrentClampSeries")
    except (OSError, KeyError, RuntimeError) as error:
        raise ParameterError(f"it is no whole NWB file: {error}") from error
    if not voltages:
        raise ParameterError("it has no CurrentClampSeries: there is no voltage")
    if not currents:
        raise ParameterError("it has no CurrentClampStimulusSeries: there is no current")
    if set(voltages) - set(currents) and len(voltages) != len(currents):
        raise ParameterError(
            f"it has {len(voltages)} sweeps of voltage and {len(currents)} of current, and their "
            "sweep numbers do not say which belong together"
        )
    by_number = set(voltages) <= set(currents)
    pairs = [
        (voltages[key], currents[key if by_number else other])
        for key, other in zip(sorted(voltages), sorted(currents)[: len(voltages)], strict=True)
    ]
    found = []
    for (name, dt, v), (_, dt_of_current, current) in pairs:
        if abs(dt - dt_of_current) > 1e-6 * dt:
            raise ParameterError(
                f"{name}: voltage is sampled every {dt:g} ms and its current every "
                f"{dt_of_current:g} ms"
            )
        found.append(Sweep(name, dt, current * 1e12, v * 1e3))
    return found


def _series(group: Mapping[str, Any], kind: str) -> dict[Any, tuple[str, float, np.ndarray]]:
    """Series of a kind by sweep number: name, time between samples (ms) and data in SI units."""
    chosen = [x for x in group.values() if _text(x.attrs.get("neurodata_type")) == kind]
    found: dict[Any, tuple[str, float, np.ndarray]] = {}
    for place, each in enumerate(chosen):
        data = each["data"]
        values = np.asarray(data, float) * float(data.attrs.get("conversion", 1.0))
        values += float(data.attrs.get("offset", 0.0))
        if "starting_time" in each:
            dt = 1e3 / float(each["starting_time"].attrs["rate"])
        else:
            dt = step_of(1e3 * np.asarray(each["timestamps"], float))
        number = each.attrs.get("sweep_number")
        key = place if number is None or int(number) in found else int(number)
        found[key] = (each.name.rsplit("/", 1)[-1], dt, values)
    return found


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


_SCALES = {"pA": 1.0, "nA": 1e3, "A": 1e12, "mV": 1.0, "V": 1e3, "uV": 1e-3}


def _read_abf(path: Path) -> list[Sweep]:
    try:
        import pyabf
    except ImportError as error:
        raise MissingPackageError(
            "reading ABF needs the package pyabf: pip install pyabf"
        ) from error
    try:
        file = pyabf.ABF(str(path))
        units = [unit.strip() for unit in file.adcUnits]
        voltage = next((k for k, unit in enumerate(units) if unit.endswith("V")), None)
        current = next((k for k, unit in enumerate(units) if unit.endswith("A")), None)
        if voltage is None:
            raise ParameterError(f"it has no voltage: its channels are in {', '.join(units)}")
        found = []
        for number in file.sweepList:
            file.setSweep(number, channel=voltage)
            v = np.array(file.sweepY, float) * _scale(units[voltage])
            if current is None:
                played = np.array(file.sweepC, float) * _scale(file.sweepUnitsC.strip())
            else:
                file.setSweep(number, channel=current)
                played = np.array(file.sweepY, float) * _scale(units[current])
            found.append(Sweep(f"sweep {number}", 1e3 / file.dataRate, played, v))
    except ParameterError:
        raise
    except (struct.error, OSError, ValueError, IndexError, NotImplementedError) as error:
        raise ParameterError(f"it is no whole ABF file: {error}") from error
    if current is None and not any(np.ptp(each.current) for each in found):
        raise ParameterError("it has no current: neither a channel in pA nor a command")
    return found


def _scale(unit: str) -> float:
    if unit not in _SCALES:
        raise ParameterError(f"it has a channel in {unit!r}; {', '.join(_SCALES)} are known")
    return _SCALES[unit]


READERS: Mapping[str, Callable[[Path], list[Sweep]]] = {".nwb": _read_nwb, ".abf": _read_abf}
