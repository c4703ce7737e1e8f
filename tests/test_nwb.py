"""NWB files of runs, of which pynwb and Neo are the readers that others use."""

from __future__ import annotations

import json
import sys

import numpy as np
import pynwb
import pytest
from click.testing import CliRunner
from neo.io import NWBIO

from izhikevich import Synapse, simulate
from izhikevich.engine import simulation
from izhikevich.errors import MissingPackageError, ParameterError
from izhikevich.exchange import nwb
from izhikevich.fitting.prediction import predict
from izhikevich.fitting.reading import read
from izhikevich.stored import choice_from_dict
from izhikevich.views.cli.main import main

RUNS = {
    "a fixed step": lambda: simulate("2004", "tonic bursting"),
    "a variable step": lambda: simulate("2007", "RS", scheme="exact"),
    "a synapse": lambda: simulate("2007", "RS", tstop=200, synapse=Synapse(20.0, 5.0, weight=10.0)),
    "no spike": lambda: simulate("2004", "tonic spiking", tstop=5),
}


@pytest.fixture(scope="module", params=RUNS)
def written(request, tmp_path_factory):
    """A run, and its file."""
    recording = RUNS[request.param]()
    path = tmp_path_factory.mktemp("nwb") / "run.nwb"
    nwb.write(recording, path)
    return recording, path


def test_the_schema_of_nwb_is_kept(written):
    assert pynwb.validate(path=str(written[1])) == []


def test_pynwb_reads_traces_units_spikes_and_what_was_run(written):
    recording, path = written
    with pynwb.NWBHDF5IO(path, "r") as reader:
        file = reader.read()
        series = {**file.acquisition, **file.stimulus}
        in_si = {"volts": 1e3, "amperes": 1e12, "siemens": 1e9, "mV/ms": 1.0, "1/ms": 1.0}
        names = ["v", "u", "i", *(["gsyn"] if recording.gsyn is not None else [])]
        assert sorted(series) == sorted(names)
        _, kept = np.unique(recording.t, return_index=True)
        for name in names:
            one = series[name]
            given = np.array(one.data) * one.conversion * in_si[one.unit]
            assert given == pytest.approx(getattr(recording, name)[kept], rel=1e-12, abs=1e-300)
            if recording.dt is None:
                times = np.array(one.timestamps)
            else:
                times = one.starting_time + np.arange(len(given)) / one.rate
            assert 1e3 * times == pytest.approx(recording.t[kept], abs=1e-9)
        assert series["v"].unit == "volts"
        is_of_electrode = isinstance(series["i"], pynwb.icephys.CurrentClampStimulusSeries)
        assert is_of_electrode == (recording.current_unit == "pA")
        assert 1e3 * file.units["spike_times"][0] == pytest.approx(recording.spikes, rel=1e-12)
        assert choice_from_dict(json.loads(file.notes)) == recording.choice
        assert recording.cell_type.label in file.session_description
        compile(file.source_script, file.source_script_file_name, "exec")


def test_neo_reads_the_same(written):
    recording, path = written
    (segment,) = NWBIO(str(path), "r").read_all_blocks()[0].segments
    signals = [*segment.analogsignals, *segment.irregularlysampledsignals]
    (v,) = (each for each in signals if each.name == "v")
    _, kept = np.unique(recording.t, return_index=True)
    assert v.rescale("mV").magnitude.ravel() == pytest.approx(recording.v[kept])
    (train,) = segment.spiketrains
    assert train.rescale("ms").magnitude == pytest.approx(recording.spikes)


def test_a_fit_reads_what_a_run_wrote(tmp_path):
    recording = simulate("2007", "RS")
    nwb.write(recording, tmp_path / "rs.nwb")
    (stimulus,) = read(tmp_path / "rs.nwb")
    assert stimulus.current.max() == pytest.approx(recording.i.max())
    (spikes,) = stimulus.spikes
    assert spikes == pytest.approx(recording.spikes, abs=1e-6)
    # the cell's own parameters are a perfect fit
    own = {name: x for name, x in recording.parameters.items() if name not in ("v0", "u0")}
    (again,) = predict(own, [stimulus])
    assert again.gamma > 0.99


def test_a_current_that_is_none_of_an_electrode_is_no_recording_to_fit(tmp_path):
    nwb.write(simulate("2004", "tonic spiking"), tmp_path / "t.nwb")
    with pytest.raises(ParameterError, match="no current"):
        read(tmp_path / "t.nwb")


def test_without_pynwb_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'izhikevich\[nwb\]'"):
        nwb.write(simulate("2004", "tonic spiking", tstop=5), tmp_path / "t.nwb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("missing", "name"), [("pynwb", "t.nwb"), ("h5py", "t.h5")])
def test_what_no_package_writes_is_refused_before_the_run(missing, name, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(simulation, "simulate_choice", lambda *_: pytest.fail("it was run"))
    done = CliRunner().invoke(main, ["run", "RS", "--paper", "2007", "--out", str(tmp_path / name)])
    assert done.exit_code == 1
    assert "pip install 'izhikevich[" in done.output and list(tmp_path.iterdir()) == []
