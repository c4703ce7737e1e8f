"""Recording: what is written is what was recorded, in every format; a file is whole or absent."""

from __future__ import annotations

import csv
import functools
import json
import os
import pickle
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from izhikevich import Ramp, Recording, Step, Synapse, Waveform, simulate
from izhikevich.files import whole_file

PULSE = Waveform(0.5, (Step(10, 14, inclusive=False), Step(40.1, 0)))
RAMP = Waveform(1, (Step(5, 2),), (Ramp(10, 30, 0, 1 / 3),))


CASES = {
    "published": dict(paper="2004", key="tonic spiking"),
    "exact": dict(paper="2004", key="tonic spiking", scheme="exact", current=PULSE, tstop=60),
    "ramp": dict(paper="2003", key="fast spiking (FS)", current=RAMP, tstop=50),
    "synapse": dict(
        paper="2007", key="RS", variant="Sec", synapse=Synapse(weight=3.3), current=0, tstop=120
    ),
    "synapse, exact": dict(
        paper="2004", key="tonic spiking", scheme="exact", synapse=Synapse(), current=0, tstop=80
    ),
    "silent": dict(
        paper="2007", key="RS", current=0, tstop=20, parameters={"a": 0.1 + 0.2, "v0": -61.7}
    ),
}


@functools.cache
def recorded(name):
    """A run, made once for all tests."""
    return simulate(**CASES[name])


@pytest.fixture(params=CASES)
def recording(request):
    return recorded(request.param)


def assert_equal(found, expected):
    """Every field of two recordings is the same, to the bit."""
    for field in fields(Recording):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(other, np.ndarray):
            assert one.dtype == other.dtype and one.shape == other.shape, field.name
            assert one.tobytes() == other.tobytes(), field.name
        elif field.name == "parameters":
            assert dict(one) == dict(other)
        else:
            assert one == other, field.name


def test_the_cases_hold_what_the_formats_must_carry():
    assert recorded("synapse").gsyn.max() > 0 and recorded("published").gsyn is None
    assert len(recorded("exact").spikes) > 1 and not len(recorded("silent").spikes)
    assert (np.diff(recorded("exact").t) == 0).any(), "no spike with two samples"


def test_npz_gives_the_recording_back(recording, tmp_path):
    recording.to_npz(tmp_path / "run.npz")
    found = Recording.from_npz(tmp_path / "run.npz")
    assert_equal(found, recording)
    with pytest.raises(TypeError):
        found.parameters["a"] = 1
    assert os.listdir(tmp_path) == ["run.npz"]


def test_pickle_gives_the_recording_back(recording):
    assert_equal(pickle.loads(pickle.dumps(recording)), recording)


def test_csv_names_its_columns_and_keeps_every_digit(recording, tmp_path):
    recording.to_csv(tmp_path / "run.csv")
    with (tmp_path / "run.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    unit = "pA" if recording.paper == "2007" else "mV/ms"
    expected = ["t (ms)", "v (mV)", f"u ({unit})", f"i ({unit})"]
    arrays = [recording.t, recording.v, recording.u, recording.i]
    if recording.gsyn is not None:
        expected.append("gsyn (nS)" if recording.paper == "2007" else "gsyn (1/ms)")
        arrays.append(recording.gsyn)
    assert header == expected
    found = np.array(rows, dtype=float)
    assert found.shape == (len(recording.t), len(arrays))
    for column, array in zip(found.T, arrays, strict=True):
        assert np.array_equal(column, array)


@pytest.mark.parametrize("form", ["csv", "npz"])
def test_a_file_is_replaced_by_a_whole_one(form, tmp_path):
    path = tmp_path / f"run.{form}"
    path.write_text("old")
    getattr(recorded("silent"), f"to_{form}")(str(path))
    assert path.stat().st_size > 100
    getattr(recorded("silent"), f"to_{form}")(path)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"t (ms),v (mV)\n0,1\n",
        lambda path: np.savez(path, t=np.arange(3)),
        lambda path: np.save(path.open("wb"), np.arange(3)),
        lambda path: (
            recorded("published").to_npz(path),
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        ),
    ],
    ids=["empty", "csv", "other arrays", "npy", "cut off"],
)
def test_what_is_no_recording_is_refused(content, tmp_path):
    path = tmp_path / "run.npz"
    path.write_bytes(content) if isinstance(content, bytes) else content(path)
    with pytest.raises(ValueError, match=r"run\.npz is not a recording"):
        Recording.from_npz(path)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recording.from_npz(tmp_path / "none.npz")
    for form in ("csv", "npz"):
        path = tmp_path / "missing" / f"run.{form}"
        with pytest.raises(FileNotFoundError) as caught:
            getattr(recorded("silent"), f"to_{form}")(path)
        assert caught.value.filename == str(path)


def test_a_file_of_an_unknown_type_says_so(tmp_path):
    path = tmp_path / "run.npz"
    recorded("silent").to_npz(path)
    with np.load(path) as stored:
        parts = dict(stored)
    described = json.loads(str(parts["choice"]))
    described["cell_type"]["model"] = "cubic"
    np.savez(path, **{**parts, "choice": np.array(json.dumps(described))})
    with pytest.raises(ValueError, match=r"run\.npz is a recording, but .* 'cubic'"):
        Recording.from_npz(path)


# --- of former versions: made by release 1.0.0, which had no `Choice` ---

DATA = Path(__file__).parent / "data"
FORMER = dict(
    paper="2007",
    key="LTS",
    variant="Sec",
    scheme="fixed",
    dt=0.5,
    tstop=10,
    current=Waveform(5, (Step(2, 1500, inclusive=False), Step(8.1, 0.0))),
    parameters={"d": 25, "v0": -55},
)


def assert_is_the_former_run(found):
    expected = simulate(**FORMER, synapse=Synapse(start=3, number=2))
    # a recording did not say what its synapse was
    assert found.choice == expected.choice.but(synapse=None)
    assert found.parameters == expected.parameters and found.dt == 0.5
    for name in ("t", "v", "u", "i", "spikes", "gsyn"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert len(found.spikes) == 1 and found.gsyn.max() > 1


def test_a_former_npz_is_read():
    assert_is_the_former_run(Recording.from_npz(DATA / "former_recording.npz"))


def test_a_former_pickle_is_read():
    found = pickle.loads((DATA / "former_recording.pickle").read_bytes())
    assert_is_the_former_run(found)
    assert_equal(pickle.loads(pickle.dumps(found)), found)


def test_a_former_pickle_of_a_runaway_is_read_first_thing():
    code = f"""
import pickle
error = pickle.load(open({str(DATA / "former_runaway.pickle")!r}, "rb"))
import izhikevich
assert type(error) is izhikevich.RunawayError and isinstance(error, izhikevich.IzhikevichError)
assert error.recording.dt == 2 and error.time == error.recording.t[-1] + 2
print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("Class 2 (fixed, dt 2 ms) ran away at 174 ms"), done.stderr


# --- whole_file ---


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error), whole_file(path) as unfinished:
            unfinished.write_text("new")
            raise error
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["kept.txt"]


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    path = tmp_path / "new.txt"
    with whole_file(path) as unfinished:
        unfinished.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"


def test_a_link_stays_one(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "elsewhere" / "real.txt")
    with whole_file(link) as unfinished:
        unfinished.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "elsewhere" / "real.txt").read_text() == "new"


# --- Neo ---


def test_neo_holds_signals_units_and_spikes(recording):
    neo = pytest.importorskip("neo")
    quantities = pytest.importorskip("quantities")
    block = recording.to_neo()
    assert isinstance(block, neo.Block)
    assert recording.key in block.name
    assert {name: block.annotations[name] for name in recording.parameters} == dict(
        recording.parameters
    )
    (segment,) = block.segments
    if recording.dt is None:
        signals = segment.irregularlysampledsignals
        assert not segment.analogsignals
        # of two samples at one time the first, at a spike the peak
        _, kept = np.unique(recording.t, return_index=True)
    else:
        signals = segment.analogsignals
        assert not segment.irregularlysampledsignals
        kept = np.arange(len(recording.t))
    expected = {"v": ("mV", recording.v)}
    own = "pA" if recording.paper == "2007" else "mV/ms"
    expected |= {"u": (own, recording.u), "i": (own, recording.i)}
    if recording.gsyn is not None:
        expected["gsyn"] = ("nS" if recording.paper == "2007" else "1/ms", recording.gsyn)
    assert [signal.name for signal in signals] == list(expected)
    for signal in signals:
        unit, values = expected[signal.name]
        assert signal.units == quantities.Quantity(1, unit)
        assert np.array_equal(signal.magnitude.ravel(), values[kept])
        times = signal.times.rescale("ms").magnitude
        assert np.all(np.diff(times) > 0)
        assert np.allclose(times, recording.t[kept], rtol=0, atol=1e-9)
    (train,) = segment.spiketrains
    assert train.units == quantities.ms
    assert np.array_equal(train.magnitude, recording.spikes)
    assert float(train.t_stop) >= recording.tstop
    if len(recording.spikes):
        peaks = np.interp(recording.spikes, times, signals[0].magnitude.ravel())
        assert peaks == pytest.approx(recording.v[recording.spike_samples()])


def test_without_neo_the_error_says_how_to_get_it(tmp_path):
    code = """
import sys
sys.modules["neo"] = None  # as if it were not installed
from izhikevich import simulate
try:
    simulate("2004", "tonic spiking", tstop=5).to_neo()
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "Neo is needed for to_neo(): pip install 'izhikevich[neo]'\n", done.stderr


@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_the_trajectory_shows_u_before_the_reset(scheme):
    recording = simulate("2004", "tonic bursting", scheme=scheme)
    v, u = recording.trajectory()
    at = recording.spike_samples()
    d = recording.parameters["d"]
    assert v is recording.v and len(at) > 20
    # u hardly moves in the step in which v peaks, and has not yet risen by d
    assert np.abs(u[at] - u[at - 1]).max() < 0.5 * d
    after = u[at + 1] if scheme == "exact" else recording.u[at]
    assert (after - u[at]).min() > 0.5 * d
    others = np.setdiff1d(np.arange(len(u)), at)
    assert np.array_equal(u[others], recording.u[others])
