"""Plasticity in populations: the published programs, each rule alone, what is refused."""

from __future__ import annotations

import gc

import numpy as np
import plastic_reference as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import h
from scipy.integrate import solve_ivp

from izhikevich import STDP, Adjustable, DopamineSTDP, Population, TsodyksMarkram


@pytest.fixture(autouse=True)
def neuron_as_found():
    dt = h.dt
    h.dt = 0.5
    yield
    h.dt = dt
    h.ParallelContext().gid_clear()


def advance(until):
    h.finitialize(-65)
    while h.t < until - 0.5 * h.dt:
        h.fadvance()


# --- the published programs ---------------------------------------------------------------------


@pytest.mark.parametrize("name", list(reference.RULES))
def test_ten_seconds_of_the_published_program(name):
    seed = 11  # of 2007 one with a reward late in these seconds
    spikes, weights, derivatives, dopamine = reference.program(name, seed, 10_000)
    found = reference.population(name, seed, 10_000)
    assert found[0] == spikes and len(spikes) > 10_000
    np.testing.assert_allclose(found[1], weights, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found[2], derivatives, rtol=0, atol=1e-12)
    assert found[3] == pytest.approx(dopamine, abs=1e-12)
    if name == "distal reward":
        assert dopamine > 1e-5
    assert np.ptp(weights) > 0.1


# --- each rule alone ----------------------------------------------------------------------------


def random_connections(r, n, size, longest):
    return (*r.integers(0, size, (2, n)), r.uniform(0, 9, n), h.dt * r.integers(0, longest, n))


def firing(r, size, **options):
    return Population("2003", size, {"Iin": r.uniform(3, 25, size), "d": 6.0}, **options)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_eligibility_follows_from_the_spikes(seed):
    r = np.random.default_rng(seed)
    h.dt = float(r.choice([0.25, 0.5, 1.0]))
    size, n = int(r.integers(1, 12)), int(r.integers(1, 60))
    rule = STDP(
        amplitude=r.uniform(0, 1), ratio=r.uniform(0, 2), decay=r.uniform(0, 1),
        every=h.dt * int(r.integers(1, 100)), growth=r.uniform(-1, 1), rate=r.uniform(0, 1),
        remains=r.uniform(0, 1),
    )  # fmt: skip
    population = firing(r, size)
    sources, targets, weights, delays = random_connections(r, n, size, 40)
    learning = population.connect(sources, targets, weights=weights, delays=delays, plasticity=rule)
    advance(100)
    times, cells = population.spikes
    last = round(h.t / h.dt)
    steps = [set(np.rint(times[cells == i] / h.dt).astype(int).tolist()) for i in range(size)]
    for k in range(n):
        given_as = learning.given[k]
        sent, fired = steps[sources[given_as]], steps[targets[given_as]]
        delay = round(delays[given_as] / h.dt)
        arrived = {s + delay for s in sent}
        w, e, since_arrival, since_spike = weights[given_as], 0.0, np.inf, np.inf
        for step in range(last + 1):
            if step and step % round(rule.every / h.dt) == 0:
                w = min(max(w + rule.growth + rule.rate * e, 0), rule.largest)
                e *= rule.remains
            if step in fired:
                since_spike = 0
                e += rule.amplitude * rule.decay ** (h.dt * since_arrival)
            if step in arrived:
                since_arrival = -1
                e -= rule.ratio * rule.amplitude * rule.decay ** (h.dt * since_spike)
            since_spike, since_arrival = since_spike + 1, since_arrival + 1
        assert learning.eligibility[k] == pytest.approx(e, rel=1e-9, abs=1e-12)
        assert learning.weights[k] == pytest.approx(w, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("U", "tau_rec", "tau_facil"), [(0.5, 80, 0), (0.1, 30, 200), (1, 1, 1)])
def test_depression_and_facilitation(U, tau_rec, tau_facil):
    # the second cell adds up what it gets
    population = Population(
        "2003",
        2,
        {"Iin": [25, 0], "e": [0.04, 0], "f": [5, 0], "g": [140, 0], "a": [0.02, 0], "b": [0.2, 0],
         "c": -55, "d": 4, "thresh": [30, 1e9]},
        v0=0,
    )  # fmt: skip
    weight, delay = 1000.0, 3.0
    population.connect(
        [0], [1], weights=weight, delays=delay, plasticity=TsodyksMarkram(U, tau_rec, tau_facil)
    )
    (trace,) = population.record([1])
    advance(200)
    sent = population.spikes.times
    jumps = np.diff(trace.to_python()) / (weight * h.dt)
    released = jumps[jumps > 0]
    x, u, before, expected = 1.0, 0.0, 0.0, []
    for t in sent[sent + delay < h.t]:
        if t > before:
            x = solve_ivp(lambda _, x: (1 - x) / tau_rec, (before, t), [x], rtol=1e-9, atol=1e-12)
            x = float(x.y[0, -1])
            if tau_facil:
                u = solve_ivp(lambda _, u: -u / tau_facil, (before, t), [u], rtol=1e-9, atol=1e-12)
                u = float(u.y[0, -1])
        u = U + (u * (1 - U) if tau_facil else 0)
        expected.append(u * x)
        x, before = x - u * x, t
    assert len(expected) > 8
    np.testing.assert_allclose(released, expected, rtol=1e-6)
    first = round((sent[0] + delay) / h.dt)
    assert np.flatnonzero(jumps > 0)[0] == first


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_without_a_rule_they_are_as_other_connections(seed):
    r = np.random.default_rng(seed)
    size, n = int(r.integers(1, 30)), int(r.integers(0, 300))
    current, connections = r.uniform(3, 25, size), random_connections(r, n, size, 30)
    sources, targets, weights, delays = connections
    found = []
    for options in ({}, {"plasticity": Adjustable()}, {"plasticity": STDP(amplitude=0, growth=0)}):
        population = Population("2003", size, {"Iin": current}, gids=range(7, 7 + size))
        made = population.connect(
            sources + 7, targets + 7, weights=weights, delays=delays + h.dt, **options
        )
        assert (made is None) == (not options)
        advance(80)
        found.append((*(x.tolist() for x in population.spikes), population.v.tolist()))
        if made is not None:
            np.testing.assert_array_equal(made.sources, sources[made.given] + 7)
            np.testing.assert_array_equal(made.targets, targets[made.given] + 7)
            np.testing.assert_array_equal(made.weights, weights[made.given])
            np.testing.assert_array_equal(made.delays, delays[made.given] + h.dt)
        h.ParallelContext().gid_clear()
    assert found[0] == found[1] == found[2]


def test_long_and_short_term_together():
    found = []
    for plasticity in (
        STDP(every=20),
        (STDP(every=20), TsodyksMarkram(U=1, tau_rec=1e-9)),
        (TsodyksMarkram(), STDP(every=20)),
    ):
        population = firing(np.random.default_rng(1), 5)
        sources, targets, weights, delays = random_connections(np.random.default_rng(2), 40, 5, 20)
        learning = population.connect(
            sources, targets, weights=weights, delays=delays, plasticity=plasticity
        )
        advance(200)
        found.append([learning.weights.tolist(), population.spikes.times.tolist()])
    assert found[0] == found[1] != found[2]


def test_receptors_of_the_book_learn_too():
    population = Population("2007", 2, {"Iin": [300, 0]})
    learning = population.connect(
        [0], [1], weights=40, delays=1, receptor="AMPA", plasticity=STDP(largest=80, every=50)
    )
    advance(300)
    assert learning.weights[0] > 40
    assert set(population.spikes.cells) == {0, 1}


# --- what a person uses -------------------------------------------------------------------------


def test_initialisation_begins_anew():
    population = firing(np.random.default_rng(3), 6)
    sources, targets, weights, delays = random_connections(np.random.default_rng(4), 50, 6, 20)
    learning = population.connect(
        sources, targets, weights=weights, delays=delays, plasticity=DopamineSTDP(largest=10)
    )
    runs = []
    for _ in range(2):
        advance(100)
        learning.dopamine += 0.5
        h.fadvance()
        assert 0 < learning.dopamine < 0.5
        while h.t < 200:
            h.fadvance()
        runs.append((learning.weights.tolist(), population.spikes.times.tolist()))
    assert runs[0] == runs[1]
    assert runs[0][0] != learning.start.tolist() == weights[learning.given].tolist()
    learning.start[:] = learning.weights  # what was learned is where to go on from
    h.finitialize(-65)
    assert learning.weights.tolist() == runs[0][0] and learning.dopamine == 0
    assert not learning.eligibility.any() and len(learning) == 50


def test_what_is_written_into_weights_counts():
    population = Population("2003", 2, {"Iin": [12, 0]})
    made = population.connect([0], [1], weights=0, delays=0, plasticity=Adjustable())
    advance(50)
    assert set(population.spikes.cells) == {0}
    made.weights[0] = 200
    while h.t < 100:
        h.fadvance()
    assert set(population.spikes.cells) == {0, 1}


def test_connected_in_the_middle_of_a_run():
    population = Population("2003", 2, {"Iin": [12, 0]})
    advance(50)
    population.connect([0], [1], weights=200, delays=5, plasticity=TsodyksMarkram(U=1))
    while h.t < 100:
        h.fadvance()
    assert set(population.spikes.cells) == {0, 1}


def test_connections_that_outlive_their_population():
    population = Population("2003", 2, {"Iin": [12, 0]})
    made = population.connect([0], [1], weights=2, delays=5, plasticity=STDP())
    advance(20)
    del population
    gc.collect()
    advance(20)
    assert made.weights[0] == 2


@pytest.mark.parametrize(
    ("rule", "values", "message"),
    [
        (STDP, {"decay": 1.1}, "decay must be a number, from 0 to 1, not 1.1"),
        (STDP, {"every": -1}, "every must be a number, from 0"),
        (STDP, {"largest": -1}, "largest must be a number, 0 or more, not -1"),
        (STDP, {"growth": np.nan}, "growth must be a number"),
        (STDP, {"amplitude": "much"}, "amplitude must be a number, 0 or more, not 'much'"),
        (DopamineSTDP, {"dopamine_decay": 2}, "dopamine_decay must be a number, from 0 to 1"),
        (TsodyksMarkram, {"U": 1.5}, "U must be a number, from 0 to 1, not 1.5"),
        (TsodyksMarkram, {"tau_rec": 0}, "tau_rec must be a number"),
        (TsodyksMarkram, {"tau_facil": -1}, "tau_facil must be a number, 0 or more, not -1"),
    ],
)
def test_rules_that_cannot_be(rule, values, message):
    with pytest.raises(ValueError, match=message):
        rule(**values)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"plasticity": "STDP"}, r"plasticity is STDP\(\), DopamineSTDP\(\).*, not 'STDP'"),
        ({"plasticity": STDP}, r"plasticity is STDP\(\)"),
        ({"plasticity": ()}, r"plasticity is STDP\(\)"),
        ({"plasticity": (STDP(), DopamineSTDP())}, "a tuple of one of the first two"),
        ({"plasticity": (STDP(), Adjustable())}, r"or Adjustable\(\)"),
        ({"weights": -1}, "weights with STDP are from 0 to 10, its largest; one is -1"),
        ({"weights": 11}, "from 0 to 10, its largest; one is 11"),
        ({"delays": -1}, "delays must be at least 0; one is -1"),
        ({"delays": 0.2}, "delays must be whole steps of h.dt, 0.5 ms; one is 0.2"),
        ({"plasticity": STDP(every=0.7)}, "change every 0.7 ms, which must be whole steps"),
        ({"plasticity": STDP(every=0)}, "whole steps of h.dt, 0.5 ms, one at least"),
        ({"sources": [5]}, "gid 5 is a source elsewhere: connections with plasticity are between"),
        ({"targets": [5]}, "5 is a target, and none of the cells"),
    ],
)
def test_connections_that_cannot_be(changes, message):
    other = Population("2003", 1, gids=[5])
    population = Population("2003", 3, gids=[10, 11, 12])
    right = {
        "sources": [10], "targets": [11], "weights": 1.0, "delays": 1.0, "plasticity": STDP(),
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        population.connect(**{**right, **changes})
    made = population.connect(**right)
    with pytest.raises(ValueError, match="dopamine acts where plasticity is DopamineSTDP"):
        made.dopamine = 0.5
    made = population.connect(**{**right, "plasticity": DopamineSTDP()})
    with pytest.raises(ValueError, match="dopamine must be a finite number, not nan"):
        made.dopamine = np.nan
    assert other.size == 1
