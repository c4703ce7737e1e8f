"""Fits to recordings of cells that are known."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_cells import DT, REGULAR, fluctuating, recording, run

from izhikevich.analysis.spike_trains import coincidence_factor
from izhikevich.engine.candidates import EVERY, Target, Trial, Trials
from izhikevich.errors import ParameterError
from izhikevich.fitting.measurements import Stimulus
from izhikevich.fitting.regression import guess
from izhikevich.fitting.score import between_spikes, gamma, relative_gamma, reliability
from izhikevich.fitting.search import BOUNDS, fit


@pytest.fixture(scope="module")
def regular():
    rng = np.random.default_rng(5)
    sizes = (("a", 240, 240), ("b", 120, 360))
    return [
        recording(REGULAR, rng, mean=mean, size=size, duration=1500, noise=8, name=name)
        for name, mean, size in sizes
    ]


@pytest.fixture(scope="module")
def short():
    return [recording(REGULAR, np.random.default_rng(6), mean=240, size=240, duration=400)]


@pytest.fixture(scope="module")
def fitted(regular):
    return fit(regular, seed=1, generations=30, candidates=40)


def column(cell):
    return {name: np.array([value]) for name, value in cell.items()}


def traces(cell, current, spikes=()):
    with Trials([Target(current, (np.array(spikes, float),))], DT, 1) as trials:
        return trials.traces(column(cell))[0][0]


def test_a_candidate_is_the_model_of_the_book_by_its_author_s_rule():
    current = fluctuating(np.random.default_rng(1), 500, 200, 200)
    spikes, v = run(REGULAR, current)
    found, trace = traces(REGULAR, current)
    assert len(spikes) > 5
    assert found == pytest.approx(spikes, abs=1e-9)
    quiet = v < 0
    assert trace[quiet] == pytest.approx(v[quiet], abs=1e-3)  # kept as float32


def test_the_true_cell_scores_as_it_should():
    current = fluctuating(np.random.default_rng(2), 1000, 200, 200)
    spikes, v = run(REGULAR, current)
    stimulus = Stimulus("s", DT, current, (spikes,), (v,))
    measured, is_quiet = between_spikes(stimulus, EVERY)
    with Trials([Target(current, (spikes,), measured, is_quiet)], DT, 1) as trials:
        other = {**REGULAR, "vt": -30.0}
        cells = {name: np.array([REGULAR[name], other[name]]) for name in REGULAR}
        true, false = trials.run(cells, 2.0)[:, 0]
    assert true == pytest.approx([1, 0, len(spikes)], abs=1e-6)
    assert false[0] < 0.9
    assert false[1] > 0.01


trains = st.lists(st.integers(1, 199), max_size=20, unique=True).map(
    lambda steps: np.sort(np.array(steps, float))
)


@given(first=trains, second=trains)
@settings(deadline=None)
def test_with_hard_edges_the_score_is_the_coincidence_factor(first, second):
    """Spikes 3 ms apart at least: where a pair is, it is plain which."""
    first, second = 3 * first, 3 * second + 0.4  # closer than a pair counts in full
    duration = 700.0
    trial = Trial([Target(np.zeros(3500), (second,))], DT)
    cells = np.zeros(len(first), int)
    (found,) = trial._factors(trial._targets[0], first, cells, 1, 1.0)
    expected = coincidence_factor(first, second, duration, 1.0)
    if expected is None:
        assert found == 1  # neither has a spike: they agree
    elif len(second):
        # a pair 0.4 ms apart gains 0.75 + 0.25 (1 - 0.8)
        n = len(np.intersect1d(first, second - 0.4))
        chance = 2 * len(second) / duration
        lost = 0.2 * n / ((len(first) + len(second)) / 2) / (1 - chance)
        assert found == pytest.approx(expected - lost)


def test_a_burst_earns_no_more_than_its_one_spike_s_worth():
    trial = Trial([Target(np.zeros(3500), (np.array([100.0]),))], DT)
    one = trial._factors(trial._targets[0], np.array([100.0]), np.array([0]), 1, 2.0)
    many = trial._factors(trial._targets[0], np.array([99.8, 100, 100.2]), np.zeros(3, int), 1, 2.0)
    assert many[0] < one[0]


def test_the_first_guess_is_near(regular):
    found = guess(regular)
    for name, near in (("C", 0.1), ("k", 0.1), ("vr", 2), ("vt", 2), ("d", 15), ("c", 1)):
        assert found[name] == pytest.approx(REGULAR[name], abs=near), name


def test_without_voltage_there_is_no_guess(regular):
    assert guess([Stimulus("s", DT, regular[0].current, regular[0].spikes)]) is None


def test_a_fit_finds_the_cell(regular, fitted):
    current = fluctuating(np.random.default_rng(9), 2000, 200, 280)
    truth, _ = run(REGULAR, current)
    found, _ = traces(fitted.parameters, current)
    away = [np.abs(found - spike).min() for spike in truth]
    assert len(truth) > 30
    assert len(found) == pytest.approx(len(truth), abs=3)
    assert np.mean(np.array(away) <= 2) > 0.9
    covered = [low <= REGULAR[name] <= high for name, (low, high) in fitted.spread.items()]
    assert sum(covered) >= 7


def test_what_is_equally_good_is_so(regular, fitted):
    assert set(fitted.spread) == set(BOUNDS)
    assert len(fitted.equally_good["C"]) > 10
    place = int(np.argmax(fitted.equally_good["C"]))
    cell = {name: float(values[place]) for name, values in fitted.equally_good.items()}
    for stimulus in regular:
        best = relative_gamma(traces(fitted.parameters, stimulus.current)[0], stimulus)
        other = relative_gamma(traces(cell, stimulus.current)[0], stimulus)
        assert other == pytest.approx(best, abs=0.15)


def test_one_and_two_workers_find_the_same(short):
    ways = [
        fit(short, seed=3, generations=3, candidates=8, starts=2, workers=workers)
        for workers in (1, 2)
    ]
    assert ways[0].parameters == ways[1].parameters
    assert ways[0].spread == ways[1].spread
    assert ways[0].loss == ways[1].loss
    other = fit(short, seed=4, generations=3, candidates=8, starts=2, workers=1)
    assert other.parameters != ways[0].parameters


def test_an_interrupt_leaves_the_best_so_far(short):
    losses = []

    def interrupt(generation, loss):
        losses.append(loss)
        if generation == 3:
            raise KeyboardInterrupt

    found = fit(short, generations=50, candidates=8, progress=interrupt)
    assert found.interrupted
    assert found.generations == 3
    assert found.loss == losses[-1] == min(losses)


def test_an_interrupt_before_the_first_generation_is_one(short, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Trials, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit(short, generations=2, candidates=8)


def test_fixed_parameters_and_bounds_are_kept(short):
    found = fit(
        short,
        generations=2,
        candidates=8,
        fixed={"vpeak": 35, "b": -2},
        bounds={"C": (0.9, 1.1)},
    )
    assert found.parameters["vpeak"] == 35
    assert found.parameters["b"] == -2
    assert "b" not in found.spread
    assert 0.9 <= found.spread["C"][0] <= found.spread["C"][1] <= 1.1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed is a whole number"),
        ({"workers": 0}, "workers"),
        ({"candidates": 2}, "candidates is a whole number, 4 or more"),
        ({"generations": 1.5}, "generations"),
        ({"fixed": {"e": 1}}, "no 'e' to fit"),
        ({"fixed": {"C": 0}}, "C cannot be 0"),
        ({"fixed": dict.fromkeys(BOUNDS, 1.0)}, "nothing to fit"),
        ({"bounds": {"C": (2, 1)}}, "must rise"),
        ({"bounds": {"C": (-1, 1)}}, "greater than 0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(short, options, message, monkeypatch):
    def start(*_):
        pytest.fail("a process has been started")

    monkeypatch.setattr(Trials, "__init__", start)
    with pytest.raises(ParameterError, match=message):
        fit(short, **options)


def test_trials_that_have_nothing_in_common_are_refused(short):
    rng = np.random.default_rng(0)
    trials = tuple(np.sort(rng.uniform(0, 2000, 20)) for _ in range(3))
    with pytest.raises(ParameterError, match="do not agree"):
        fit([Stimulus("s", DT, short[0].current, trials)])


def test_reliability_is_of_pairs_of_trials():
    one, other = np.array([100.0, 300]), np.array([101.0, 500])
    stimulus = Stimulus("s", DT, np.zeros(5000), (one, one, other))
    between = coincidence_factor(one, other, 1000, 2.0)
    assert reliability(stimulus) == pytest.approx((1 + 2 * between) / 3)
    assert gamma(one, stimulus) == pytest.approx((2 + between) / 3)


def test_no_process_is_left(short):
    before = threading.active_count()
    with Trials([Target(short[0].current, short[0].spikes)], DT, 2) as trials:
        processes = list(trials._processes)
    deadline = time.monotonic() + 10
    while any(each.poll() is None for each in processes):
        assert time.monotonic() < deadline
    assert threading.active_count() == before
