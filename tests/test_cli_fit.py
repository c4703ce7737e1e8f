"""`izh fit`: a recording becomes a cell file and a report, or is refused."""

from __future__ import annotations

import contextlib
import signal

import numpy as np
import pytest
from synthetic_cells import DT, REGULAR, recording
from test_cli import folder, here, refused

from izhikevich import Step, Waveform, simulate
from izhikevich.catalog import CATALOG, forget
from izhikevich.exchange import read_cell
from izhikevich.fitting.search import BOUNDS
from izhikevich.own_cells import OWN, define_from_file
from izhikevich.views.cli.commands import fit as fit_command

__all__ = ["folder"]  # a fixture

QUICK = ("--generations", "2", "--candidates", "8", "--starts", "2", "--workers", "1")


@pytest.fixture(autouse=True)
def without_own_cells():
    """No test leaves a cell behind."""
    yield
    if OWN in CATALOG:
        forget(OWN)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("recording") / "cell one.npz"
    rng, arrays = np.random.default_rng(3), {}
    for name in ("a", "b"):
        stimulus = recording(REGULAR, rng, mean=240, size=240, duration=400, name=name)
        arrays |= {f"{name}_current": stimulus.current}
        arrays |= {f"{name}_v_{k}": v for k, v in enumerate(stimulus.voltages)}
    np.savez(path, dt=DT, **arrays)
    return path


def test_a_recording_becomes_a_cell_and_a_report(file, folder):
    outputs = [x for name in ("r.toml", "r.nml", "r.svg") for x in ("--out", name)]
    said = here("fit", str(file), "--hold-out", "b", *QUICK, *outputs).output
    assert "seed 1, 2 generations" in said
    assert "held out" in said
    for name in BOUNDS:
        assert f"\n{name} " in said

    entry = define_from_file("r.toml")
    assert entry.key == "cell one"
    assert len(simulate(entry.paper, entry.key, tstop=300).spikes) > 3
    assert "spikes:" in here("run", "--cell", "r.toml").output

    same = read_cell("r.nml")
    assert same.key == "cell_one"
    assert {**same.parameters} == pytest.approx({**entry.parameters}, rel=1e-12)
    assert same.currents[0].at(500) == entry.currents[0].at(500) > 0

    picture = (folder / "r.svg").read_text()
    for words in ("cell one: fit of seed 1", "b held out", "Phase plane", "equally good"):
        assert words in picture


def test_the_cell_runs_as_the_fit_predicted(file, folder):
    """The cell of the file, run as any other, fires at the steps of the candidate."""
    from izhikevich.fitting.prediction import predict
    from izhikevich.fitting.reading import read

    here("fit", str(file), *QUICK, "--out", "r.toml")
    entry = define_from_file("r.toml")
    (stimulus, _) = read(file)
    steps = np.where(np.arange(1000) < 100, 0.0, 250.0)
    held = type(stimulus)("step", DT, steps, (np.array([]),))
    (found,) = predict({name: entry.parameters[name] for name in BOUNDS}, [held])
    expected = simulate(
        entry.paper, entry.key, current=Waveform(0, (Step(20, 250, inclusive=True),)), tstop=200
    )
    assert len(found.spikes) > 2
    steps = [np.rint(spikes / DT) for spikes in (found.spikes, expected.spikes)]
    np.testing.assert_array_equal(*steps)


def test_ctrl_c_writes_the_best_so_far(file, folder, monkeypatch):
    @contextlib.contextmanager
    def bar(_):
        def reached(generation, _):
            if generation == 2:
                signal.raise_signal(signal.SIGINT)

        yield reached

    monkeypatch.setattr(fit_command, "generation_bar", bar)
    options = ("--generations", "1000", "--candidates", "8", "--workers", "1")
    said = here("fit", str(file), *options, "--out", "r.toml").output
    assert said.startswith("interrupted: this is the best until then\nseed 1, ")
    assert set(BOUNDS) < set(define_from_file("r.toml").parameters)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--hold-out", "z"), "there is no stimulus 'z': there are a, b"),
        (("--leave-out", "a", "--leave-out", "b"), "no stimulus is left"),
        (("--fix", "e=1"), "no 'e' to fit"),
        (("--bounds", "C=1"), "NAME=LOW:HIGH"),
        (("--bounds", "C=2:1"), "must rise"),
        (("--seed", "-1"), "seed is a whole number"),
        (("--out", "r.txt"), "must end in one of .toml, .nml, .png"),
        (("--out", "none/r.toml"), "none"),
        (("--current-unit", "nA"), "convert it"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(file, folder, options, message):
    assert message in refused("fit", str(file), "--out", "r.toml", *options)
    assert list(folder.iterdir()) == []


def test_a_recording_that_cannot_be_is_refused(folder):
    (folder / "r.csv").write_text("t,current,v\n0,1,-60\n0.2,nan,-60\n")
    assert "nan at sample 1" in refused("fit", "r.csv", "--out", "r.toml")
    (folder / "r.nwb").write_bytes(b"no file of HDF5")
    assert "no whole NWB" in refused("fit", "r.nwb", "--out", "r.toml")
    assert sorted(path.name for path in folder.iterdir()) == ["r.csv", "r.nwb"]
