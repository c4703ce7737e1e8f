"""Recordings read from files, and files that cannot be a recording."""

from __future__ import annotations

import struct
from datetime import datetime, timezone

import numpy as np
import pytest

from izhikevich.errors import ParameterError
from izhikevich.fitting.measurements import spike_times, stimulus
from izhikevich.fitting.reading import read

DT = 0.2
N = 1500
T = DT * np.arange(N)
CURRENT = 100 + 50 * np.sin(T / 7)
SPIKES = np.array([50.0, 120.0, 121.6])


def voltage(spikes=SPIKES):
    """A trace with peaks at these times."""
    v = -60 + np.sin(T / 11)
    for spike in spikes:
        v = np.maximum(v, 30 - 60 * np.abs(T - spike))
    return v


def write_csv(path, columns, header):
    np.savetxt(path, np.transpose(columns), delimiter=",", header=header, comments="", fmt="%.9g")
    return path


def as_csv(folder):
    columns = [T, CURRENT, voltage(), voltage(SPIKES + 1)]
    return write_csv(folder / "r.csv", columns, "t (ms),current (pA),v 1 (mV),v 2 (mV)")


def as_npz(folder):
    np.savez(
        folder / "r.npz", dt=DT, a_current_0=CURRENT, a_v_0=voltage(), a_v_1=voltage(SPIKES + 1)
    )
    return folder / "r.npz"


def as_nwb(folder, *, with_current=True):
    from pynwb import NWBHDF5IO, NWBFile
    from pynwb.icephys import CurrentClampSeries, CurrentClampStimulusSeries

    file = NWBFile("a cell", "one", datetime(2020, 1, 1, tzinfo=timezone.utc))
    device = file.create_device("amplifier")
    electrode = file.create_icephys_electrode(name="e", description="patch", device=device)
    for k, v in enumerate((voltage(), voltage(SPIKES + 1))):
        common = {"electrode": electrode, "rate": 1e3 / DT, "starting_time": 0.0, "gain": 1.0}
        common["sweep_number"] = np.uint64(k)
        file.add_acquisition(CurrentClampSeries(name=f"v{k}", data=v, conversion=1e-3, **common))
        if with_current:
            file.add_stimulus(
                CurrentClampStimulusSeries(name=f"i{k}", data=CURRENT, conversion=1e-12, **common)
            )
    with NWBHDF5IO(folder / "r.nwb", "w") as writer:
        writer.write(file)
    return folder / "r.nwb"


def as_abf(folder):
    """Two sweeps of two channels: pyabf writes one channel, and the header is told of the other."""
    from pyabf.abfWriter import writeABF1

    path = folder / "r.abf"
    sweeps = [np.column_stack([v, CURRENT]).ravel() for v in (voltage(), voltage(SPIKES + 1))]
    writeABF1(np.array(sweeps), str(path), 1e3 / DT, units="mV")
    data = bytearray(path.read_bytes())
    struct.pack_into("h", data, 120, 2)  # nADCNumChannels
    struct.pack_into("2h", data, 410, 0, 1)  # nADCSamplingSeq
    struct.pack_into("f", data, 122, 1e3 * DT / 2)  # fADCSampleInterval, us, of the multiplexer
    for offset, size in ((922, 4), (986, 4), (1050, 4), (730, 4)):  # scales of the second channel
        data[offset + size : offset + 2 * size] = data[offset : offset + size]
    struct.pack_into("8s", data, 602 + 8, b"pA      ")  # sADCUnits
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("write", [as_csv, as_npz, as_nwb, as_abf])
def test_every_kind_of_file_gives_the_same(write, tmp_path):
    (found,) = read(write(tmp_path))
    assert found.dt == pytest.approx(DT)
    assert found.current == pytest.approx(CURRENT, abs=0.04)
    assert len(found.voltages) == len(found.spikes) == 2
    assert found.voltages[0] == pytest.approx(voltage(), abs=0.04)
    assert found.spikes[0] == pytest.approx(SPIKES, abs=DT)
    assert found.spikes[1] == pytest.approx(SPIKES + 1, abs=DT)


@pytest.mark.parametrize("write", [as_csv, as_npz, as_nwb, as_abf])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_truncated_file_is_refused(write, share, tmp_path):
    path = write(tmp_path)
    whole = path.read_bytes()
    end = int(share * len(whole))
    if path.suffix == ".csv":  # only a row that is not whole can tell
        end = whole.rindex(b",", 0, end) + 1
    path.write_bytes(whole[:end])
    with pytest.raises(ParameterError, match=str(path)):
        read(path)


def test_spikes_alone_are_enough(tmp_path):
    np.savez(tmp_path / "r.npz", dt=DT, current=CURRENT, spikes=SPIKES)
    (found,) = read(tmp_path / "r.npz")
    assert found.voltages == ()
    assert found.spikes[0] == pytest.approx(SPIKES)


def test_units_are_converted(tmp_path):
    np.savez(tmp_path / "r.npz", dt=DT, current=CURRENT / 1000, v=voltage() / 1000)
    (found,) = read(tmp_path / "r.npz", current_unit="nA", voltage_unit="V")
    assert found.current == pytest.approx(CURRENT)
    assert found.voltages[0] == pytest.approx(voltage())


def test_a_weak_current_can_be_in_picoamperes(tmp_path):
    np.savez(tmp_path / "r.npz", dt=DT, current=CURRENT / 100, v=voltage())
    with pytest.raises(ParameterError, match=r"looks like nA.*--current-unit pA"):
        read(tmp_path / "r.npz")
    (found,) = read(tmp_path / "r.npz", current_unit="pA")
    assert found.current == pytest.approx(CURRENT / 100)


def with_nan(values):
    return np.where(np.arange(len(values)) == 7, np.nan, values)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"current": CURRENT / 1000, "v": voltage()}, "looks like nA"),
        ({"current": CURRENT * 1e6, "v": voltage()}, "pA are expected"),
        ({"current": CURRENT[:-1], "v": voltage()}, "1499 samples and a voltage 1500"),
        ({"current": with_nan(CURRENT), "v": voltage()}, "current of .* has nan at sample 7"),
        ({"current": CURRENT, "v": with_nan(voltage())}, "voltage of .* has nan at sample 7"),
        ({"current": CURRENT, "spikes": with_nan(CURRENT)}, "spikes of .* has nan"),
        ({"current": CURRENT, "v": voltage(())}, "no spikes"),
        ({"current": CURRENT, "spikes": np.array([])}, "no spikes"),
        ({"v": voltage()}, "no current"),
        ({"current": 0 * CURRENT, "v": voltage()}, "no current"),
        ({"current": CURRENT}, "neither voltages nor spikes"),
        ({"current": CURRENT, "v": voltage() / 1000}, "--voltage-unit V"),
        ({"current": CURRENT, "spikes": SPIKES * 10}, "in ms from the start"),
        ({"current": CURRENT, "v": voltage(), "t": T + 5 * (T > 100)}, "jumps from 100"),
        ({"current": CURRENT, "v": voltage(), "t": T[:-1]}, "1499 times"),
        ({"current": CURRENT, "v": voltage(), "t": 10 * T}, "2 ms apart.*at most 1 ms"),
        ({"current": CURRENT, "v": voltage(), "t": -T}, "apart"),
        ({"current": CURRENT, "v": voltage(), "temperature": T}, "no use for 'temperature'"),
        ({"current": CURRENT[None], "v": voltage()}, "one row of numbers"),
        ({}, "no stimulus"),
    ],
)
def test_what_no_cell_gave_is_refused(arrays, message, tmp_path):
    if "t" not in arrays:
        arrays = {**arrays, "dt": DT}
    np.savez(tmp_path / "r.npz", **arrays)
    with pytest.raises(ParameterError, match=message):
        read(tmp_path / "r.npz")


def test_without_times_the_step_is_asked_for(tmp_path):
    np.savez(tmp_path / "r.npz", current=CURRENT, v=voltage())
    with pytest.raises(ParameterError, match="--dt"):
        read(tmp_path / "r.npz")
    assert read(tmp_path / "r.npz", dt=DT)[0].dt == DT


def test_an_nwb_file_without_current_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="no current"):
        read(as_nwb(tmp_path, with_current=False))


def test_other_files_are_refused(tmp_path):
    (tmp_path / "r.txt").write_text("1")
    with pytest.raises(ParameterError, match=r"must end in one of \.csv, \.npz, \.nwb, \.abf"):
        read(tmp_path / "r.txt")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.csv")


def test_fine_samples_become_steps_that_a_fit_can_afford():
    given = stimulus("s", 0.02, np.repeat(CURRENT, 10), voltages=[np.repeat(voltage(), 10)])
    assert given.dt == pytest.approx(0.1)
    assert given.current == pytest.approx(np.repeat(CURRENT, 2))
    assert given.duration == pytest.approx(N * DT)


def test_a_spike_is_where_the_voltage_is_highest():
    assert spike_times(voltage(), DT) == pytest.approx(SPIKES, abs=DT / 2)
    # one that is under way at either end has no peak to be read
    assert list(spike_times(np.array([20.0, -60, 30, -60, 40]), 1.0)) == [2.0]
