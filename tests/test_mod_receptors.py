"""The receptors of a point process of 2007: at the cell's own spike, and where they reverse."""

import numpy as np
import pytest
from neuron import h

from izhikevich.engine import mechanisms
from izhikevich.engine.cells import IzhiCell

mechanisms.load()

RECEPTORS = ("AMPA", "NMDA", "GABAA", "GABAB", "Opsin")
TAUS = dict(AMPA=5, NMDA=150, GABAA=6, GABAB=150, Opsin=50)
REVERSALS = dict(AMPA=0, NMDA=0, GABAA=-70, GABAB=-90, Opsin=0)


def run(cell, tstop, dt, events=(), record=()):
    """Fixed steps; gives arrays by name, "V" and "spikes" among them."""
    h.CVode().active(0)
    h.dt = dt
    vectors = {name: h.Vector().record(getattr(cell.izh, f"_ref_{name}")) for name in record}
    vectors["V"] = h.Vector().record(cell.vref)
    detector, vectors["spikes"] = h.NetCon(cell.izh, None), h.Vector()
    detector.record(vectors["spikes"])
    h.finitialize(-60)
    for connection, time in events:
        connection.event(time)
    for _ in range(round(tstop / dt)):
        h.fadvance()
    return {name: vector.as_numpy().copy() for name, vector in vectors.items()}


def connection_to(cell, *weights):
    connection = h.NetCon(None, cell.izh)
    for j, weight in enumerate(weights):
        connection.weight[j] = weight
    return connection


# --- the cell's own spike -----------------------------------------------------------------------


def test_receptors_are_closed_by_a_spike_unless_they_are_kept():
    cell = IzhiCell("RS", "dummy")
    assert cell.izh.keepg == 0
    cell.izh.Iin = 300
    connection = connection_to(cell, 1, 1, 1, 1, 1)
    names = [f"g{name}" for name in RECEPTORS]
    dt, n = 0.25, 400
    closed = run(cell, n * dt, dt, [(connection, 1)], names)
    assert len(closed["spikes"]) > 2
    first = round(closed["spikes"][0] / dt)
    assert all(np.all(closed[name][first + 1 :] == 0) for name in names)
    cell.izh.keepg = 1
    kept = run(cell, n * dt, dt, [(connection, 1)], names)
    assert len(kept["spikes"]) > 2
    for receptor in RECEPTORS:
        expected = np.zeros(n + 1)
        expected[5:] = (1 - dt / TAUS[receptor]) ** np.arange(1, n - 3)
        np.testing.assert_allclose(kept[f"g{receptor}"], expected, rtol=1e-12)


def test_what_comes_at_the_time_of_a_spike_is_kept_with_the_others():
    cell = IzhiCell("RS", "dummy")
    cell.izh.Iin, cell.izh.d, cell.izh.keepg = 5e6, 0, 1  # a spike at every step
    dt = 0.25
    times = [dt * k for k in range(2, 17)]
    connection = connection_to(cell, 1)
    g = run(cell, 5, dt, [(connection, time) for time in times], ["gAMPA"])["gAMPA"]
    expected = 0.0
    for step in range(1, len(g)):
        arrived = (step - 1) * dt in times
        expected = (expected + arrived) * (1 - dt / TAUS["AMPA"])
        assert g[step] == pytest.approx(expected, rel=1e-12)


def test_inhibition_that_is_kept_is_as_strong_as_in_a_section():
    """RS at 300 pA, GABA-B of 2 nS at 20 Hz: a spike that ends it makes it as good as none."""
    rates = {}
    for name in ("kept", "closed", "in a section"):
        cell = IzhiCell("RS", None if name == "in a section" else "dummy")
        cell.izh.Iin = 300
        train = h.NetStim()
        train.interval, train.number, train.start = 50, 1e9, 10
        if name == "in a section":
            target = h.ExpSyn(cell.sec(0.5))
            target.tau, target.e = 150, -90
            index, weight = 0, 0.002
        else:
            cell.izh.keepg = float(name == "kept")
            target, index, weight = cell.izh, 3, 2
        connection = h.NetCon(train, target)
        connection.weight[index] = weight
        rates[name] = len(run(cell, 2000, 0.1)["spikes"]) / 2
    assert rates["closed"] > 40
    assert 3 < rates["in a section"] < 12
    assert rates["kept"] == pytest.approx(rates["in a section"], abs=1)


@pytest.mark.parametrize("keepg", [0, 1])
def test_receptors_at_a_spike_under_the_variable_step(keepg):
    solver = h.CVode()
    cell = IzhiCell("RS", "dummy")
    cell.izh.Iin, cell.izh.keepg = 300, keepg
    connection = connection_to(cell, 0, 1)
    spikes, detector = h.Vector(), h.NetCon(cell.izh, None)
    detector.record(spikes)
    solver.active(1)
    try:
        h.finitialize(-60)
        connection.event(1)
        solver.solve(100)
        assert len(spikes) > 2
        expected = np.exp(-99 / TAUS["NMDA"]) if keepg else 0
        assert cell.izh.gNMDA == pytest.approx(expected, rel=1e-2, abs=0)
    finally:
        solver.active(0)


# --- the time of a spike ------------------------------------------------------------------------


@pytest.mark.parametrize("dt", [0.1, 0.025, 1 / 3])
def test_rounding_of_the_clock_does_not_decide_what_comes_at_a_spike(dt):
    """NEURON adds dt up, so that its clock is some 1e-12 ms apart from multiples of the step."""
    cell = IzhiCell("RS", "dummy")
    cell.izh.Iin, cell.izh.d = 5e6, 0  # a spike at every step
    n = 3000
    for each in (0, dt / 4, -dt / 4):  # as NEURON deals out times: to the nearest step
        connection = connection_to(cell, 1)
        events = [(connection, k * dt + each) for k in range(2, n - 1)]
        r = run(cell, n * dt, dt, events, ["gAMPA"])
        assert len(r["spikes"]) >= n - 1
        assert not np.any(r["gAMPA"])


def test_connections_decide_alike_at_every_spike():
    """A cell hears itself with a delay of one interval: every event is at a spike, and is lost."""
    dt = 0.1
    cell = IzhiCell("RS", "dummy")
    cell.izh.Iin, cell.izh.a, cell.izh.d = 400, 0, 0  # one interval like the other
    interval = np.diff(run(cell, 300, dt)["spikes"])[-1]
    echo = h.NetCon(cell.izh, cell.izh)
    echo.weight[0], echo.delay = 1, interval
    r = run(cell, 3000, dt, record=["gAMPA"])
    assert len(r["spikes"]) > 50
    assert not np.any(r["gAMPA"])
    echo.delay = interval + dt
    assert np.count_nonzero(run(cell, 3000, dt, record=["gAMPA"])["gAMPA"]) > 50


# --- reversal potentials ------------------------------------------------------------------------


def test_reversal_potentials_are_those_of_the_paper_until_they_are_set():
    cell = IzhiCell("RS", "dummy")
    assert {name: getattr(cell.izh, f"e{name}") for name in RECEPTORS} == REVERSALS


@pytest.mark.parametrize("receptor", RECEPTORS)
def test_current_of_a_receptor_is_zero_at_its_reversal(receptor):
    cell = IzhiCell("RS", "dummy")
    reversal = REVERSALS[receptor] - 15
    setattr(cell.izh, f"e{receptor}", reversal)
    weights = [0.0] * 5
    weights[RECEPTORS.index(receptor)] = 2.0
    connection = connection_to(cell, *weights)
    dt = 0.1
    r = run(cell, 30, dt, [(connection, 1)], ["I", f"g{receptor}"])
    V, g = r["V"][:-1], r[f"g{receptor}"][:-1].copy()
    g[10] += 2.0  # arrives in this step
    if receptor == "NMDA":
        magnesium = ((V + 80) / 60) ** 2
        g = g * magnesium / (1 + magnesium)
    np.testing.assert_allclose(r["I"][1:], g * (V - reversal), rtol=1e-9, atol=1e-12)
    assert np.abs(r["I"]).max() > 5
