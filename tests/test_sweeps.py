"""Sweeps: many values of parameters at once have the spikes of as many single runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izhikevich import ParameterError, UnknownCellTypeError, simulate, sweep
from izhikevich.catalog import CATALOG
from izhikevich.engine import sweep_process
from izhikevich.waveforms import Ramp, Step, Waveform

TYPES = [(paper, key) for paper, types in CATALOG.items() for key in types]
#: Of each model some, and of the book, whose types differ in their rules, all.
SOME = [each for k, each in enumerate(TYPES) if each[0] == "2007" or k % 4 == 0]


def assert_same(found, k, recording):
    np.testing.assert_array_equal(found.spikes[k], recording.spikes)


@pytest.mark.parametrize(("paper", "key"), SOME)
def test_each_type_has_the_spikes_of_its_run(paper, key):
    entry = CATALOG[paper][key]
    a = entry.parameters["a"] * np.array([1.0, 0.8, 1.3])
    found = sweep(paper, key, a=a)
    assert found.size == 3 and found.tstop == entry.tstop and found.dt == entry.dt
    for k, x in enumerate(a.tolist()):
        assert_same(found, k, simulate(paper, key, parameters={"a": x}))
    assert not found.ran_away.any()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_values_and_currents(seed):
    random = np.random.default_rng(seed)
    paper, key = TYPES[random.integers(len(TYPES))]
    own = CATALOG[paper][key].parameters
    values = {name: own[name] * random.uniform(0.9, 1.1, 4) for name in ("b", "c", "d")}
    unit = 10.0 if paper != "2007" else 300.0
    waveform = Waveform(
        0.0,
        steps=(Step(10.0, random.uniform(0, unit)), Step(60.0, random.uniform(0, unit))),
        ramps=(Ramp(100.0, 150.0, 0.0, random.uniform(0, unit)),),
    )
    found = sweep(paper, key, current=waveform, tstop=180, dt=0.5, **values)
    for k in range(4):
        changed = {name: float(x[k]) for name, x in values.items()}
        one = simulate(
            paper, key, scheme="fixed", dt=0.5, current=waveform, tstop=180, parameters=changed
        )
        assert_same(found, k, one)


@pytest.mark.parametrize(
    ("paper", "key"), [("2004", "tonic spiking"), ("2007", "RS"), ("2007", "TC_burst")]
)
def test_a_current_for_each_cell(paper, key):
    currents = np.linspace(0, 20 if paper == "2004" else 600, 7)
    found = sweep(paper, key, current=currents)
    for k, x in enumerate(currents.tolist()):
        assert_same(found, k, simulate(paper, key, current=x))
    assert found.counts[-1] > 0
    assert found.counts.tolist() == [len(each) for each in found.spikes]


def test_a_start_of_its_own_and_one_that_follows():
    found = sweep("2004", "tonic spiking", v0=[-70.0, -50.0, -65.0], b=[0.2, 0.25, 0.3])
    for k, (v0, b) in enumerate([(-70.0, 0.2), (-50.0, 0.25), (-65.0, 0.3)]):
        assert_same(found, k, simulate("2004", "tonic spiking", parameters={"v0": v0, "b": b}))


def test_what_runs_away_is_known():
    # two cells without a stable step, and one beside them as ever
    found = sweep("2004", "tonic spiking", a=[0.02, 500.0, -500.0])
    assert found.ran_away.tolist()[0] is False and found.ran_away.any()
    assert_same(found, 0, simulate("2004", "tonic spiking"))


def test_ten_thousand_cells():
    b, d = np.meshgrid(np.linspace(0.1, 0.3, 100), np.linspace(0, 8, 100))
    found = sweep("2004", "tonic spiking", b=b.ravel(), d=d.ravel())
    assert found.size == 10_000 and found.counts.max() > 10
    random = np.random.default_rng(1)
    spikes = found.spikes
    for k in random.integers(0, 10_000, 12).tolist():
        one = simulate("2004", "tonic spiking", parameters={"b": b.flat[k], "d": d.flat[k]})
        np.testing.assert_array_equal(spikes[k], one.spikes)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"b": [0.2, 0.3], "d": [1, 2, 3]}, ParameterError, "b has 2, d has 3"),
        ({"b": [[0.2, 0.3]]}, ParameterError, "numpy.meshgrid"),
        ({"b": []}, ParameterError, "b is a number or an array"),
        ({"b": "much"}, ParameterError, "b is a number or an array of numbers"),
        ({"b": [0.2, np.nan]}, ParameterError, "cell 1: b must be a finite number"),
        ({"q": [1, 2]}, ParameterError, "q"),
        ({"c": [-65, 40]}, ParameterError, "cell 1: .*peak"),
        ({"current": [1, np.inf]}, ParameterError, "current must be a finite number"),
        ({"current": [1, 2], "b": [1, 2, 3]}, ParameterError, "b has 3, current has 2"),
        ({"dt": 0}, ParameterError, "dt"),
        ({"tstop": -1}, ParameterError, "tstop"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(monkeypatch, given, error, said):
    monkeypatch.setattr(sweep_process.SweepRun, "__init__", None)
    with pytest.raises(error, match=said):
        sweep("2004", "tonic spiking", **given)


def test_an_unknown_type():
    with pytest.raises(UnknownCellTypeError, match="tonic"):
        sweep("2004", "tonic spikin", b=[0.2])
