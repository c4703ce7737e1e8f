"""What the texts once had wrong: each correction, by runs without the package's own words."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from izhikevich.analysis.manifolds import stable_manifold
from izhikevich.analysis.plane import for_cell_type, plane
from izhikevich.catalog import cell_type
from izhikevich.experiments.runaways import simulate_until_runaway
from izhikevich.models import QUADRATIC
from izhikevich.waveforms import Step, Waveform, step


@functools.cache
def exact(paper, key, current=None, tstop=None):
    return simulate_until_runaway(paper, key, current=current, scheme="exact", tstop=tstop)


def count(*what):
    return len(exact(*what).spikes)


def hopf(paper, key):
    return for_cell_type(cell_type(paper, key)).bifurcations().hopf.current


# --- the threshold is a curve --------------------------------------------------------------------


def test_the_stable_manifold_is_that_of_scipy():
    # of two states on either side of it, at the same v, one fires and the other rests
    cell = for_cell_type(cell_type("2004", "rebound spike"))
    v, u = stable_manifold(cell, 0)
    saddle = cell.fixed_points(0)[1]
    left = v < saddle.v
    order = np.argsort(v[left])

    def flow(_, y):
        dv = 0.04 * y[0] ** 2 + 5 * y[0] + 140 - y[1]
        return dv, 0.03 * (0.25 * y[0] - y[1])

    def fires(v0, u0):
        def spike(_, y):
            return y[0] - 30

        spike.terminal = True
        found = solve_ivp(flow, (0, 300), (v0, u0), events=spike, rtol=1e-10, atol=1e-10)
        return found.status == 1

    for at in (-90.0, -75.0, -65.0, -58.0):
        on = float(np.interp(at, v[left][order], u[left][order]))
        assert fires(at, on - 2e-3) and not fires(at, on + 2e-3)


def test_there_is_no_manifold_without_a_saddle():
    cell = for_cell_type(cell_type("2004", "tonic spiking"))
    assert all(each.size == 0 for each in stable_manifold(cell, 14))
    assert stable_manifold(plane(QUADRATIC, dict(a=0, b=0.2, c=-65, d=6)), 0)[0].size == 0
    v, _ = stable_manifold(cell, 0)
    assert v.min() < -99 and v.max() > 39


@pytest.mark.parametrize("amplitude, end", [(-1, 25), (-3, 10)])
def test_below_the_whole_parabola_and_yet_no_spike(amplitude, end):
    run = exact("2004", "rebound spike", step(amplitude, 0, end))
    knee = 5.0**2 / -0.16 + 140
    assert run.u[run.t.searchsorted(end)] < knee and not len(run.spikes)


# --- what is advised has the outcome that is told ------------------------------------------------


def test_tonic_spiking_fires_below_the_loss_of_its_rest():
    lost = hopf("2004", "tonic spiking")
    below, far = step(0, lost - 0.01, 10), step(0, lost - 0.1, 10)
    assert exact("2004", "tonic spiking", below, 1000).spikes[-1] > 800
    assert count("2004", "tonic spiking", far, 1000) == 1


def test_phasic_spiking_goes_on_from_below_the_loss_of_its_rest():
    lost = hopf("2004", "phasic spiking")
    for current in (lost, lost - 0.02):
        assert exact("2004", "phasic spiking", step(0, current, 20), 2000).spikes[-1] > 1700
    assert count("2004", "phasic spiking", step(0, lost - 0.04, 20), 2000) == 1


def test_fast_spiking_remembers_half():
    run = exact("2003", "fast spiking (FS)")
    assert np.exp(-0.1 * run.intervals[-1]) == pytest.approx(0.48, abs=0.01)
    assert np.all(np.diff(run.intervals[:4]) > 0) and run.intervals[3] > 1.8 * run.intervals[0]


def test_the_thalamocortical_cell_of_2003():
    run = exact("2003", "thalamo-cortical (TC)")
    assert run.intervals[-1] > 2.5 * run.intervals[0]
    u_at_spikes = run.u[run.spike_samples()]
    climb = u_at_spikes[-1] - u_at_spikes[0]
    assert climb > 3 * 0.05 * (len(u_at_spikes) - 1), "more than the d of its spikes"
    burst = "thalamo-cortical burst (TC)"
    for amplitude in (-3, -2, -1):
        assert exact("2003", burst, step(amplitude, 0, 45)).spikes[0] < 45
    assert exact("2003", burst, step(-5, 0, 45)).spikes[0] > 45


def test_the_resonator_of_2003_rings_after_the_step():
    run = exact("2003", "resonator (RZ)", Waveform(-2, (Step(10, -0.5),)), 100)
    cell = for_cell_type(cell_type("2003", "resonator (RZ)"))
    period = cell.subthreshold_period(-0.5)
    assert period == pytest.approx(39.1, abs=0.05)
    after = run.t > 12
    away = run.v[after] - cell.fixed_points(-0.5)[0].v
    crossings = run.t[after][:-1][away[:-1] * away[1:] < 0]
    assert crossings[1] - crossings[0] == pytest.approx(period / 2, abs=0.6)


def test_inhibition_induced_spiking():
    found = for_cell_type(cell_type("2004", "inhibition-induced spiking")).bifurcations()
    assert found.hopf.supercritical
    assert (found.hopf.current, found.saddle_node.current) == pytest.approx((78.9975, 85))
    key = "inhibition-induced spiking"
    assert count("2004", key, found.hopf.current - 0.5, 1000) > 5
    assert count("2004", key, found.hopf.current + 0.1, 1000) == 0


def test_spike_latency_does_not_meet_the_saddle():
    run = exact("2004", "spike latency")
    after = (run.t > 13) & (run.t < run.spikes[0])
    saddle = for_cell_type(cell_type("2004", "spike latency")).fixed_points(0)[1]
    assert np.hypot(run.v[after] - saddle.v, run.u[after] - saddle.u).min() > 3


@pytest.mark.parametrize("key", ["LTS", "RTN"])
def test_a_twentieth_and_a_hundredth_below(key):
    lost = hopf("2007", key)
    assert count("2007", key, 0.95 * lost, 2000) == 1
    assert exact("2007", key, 0.99 * lost, 2000).spikes[-1] > 1500


def test_slow_cells_need_seconds():
    assert count("2004", "integrator", 2.3) == 0 < count("2004", "integrator", 2.3, 2000)
    assert count("2007", "RS", 52.0) == 0 < count("2007", "RS", 52.0, 3000)
    slow = exact("2007", "IB", 350.0, 4000).intervals
    assert np.all(slow > 300), "slow single spikes"


def test_fast_spiking_of_the_book_is_faster_than_its_step_shows():
    run = exact("2007", "FS", 400.0, 500)
    assert run.intervals[-1] == pytest.approx(6.58, abs=0.01)
    assert run.intervals[20:].max() - run.intervals[20:].min() < 0.01
