"""When a ramp fires a cell, against the theory of slow passage; when a cell has stopped firing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ai_zeros

from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments import ramps, rates
from izhikevich.experiments.ramps import gentle_slope, slow_ramp


@pytest.mark.parametrize(
    "paper, key",
    [("2004", "Class 1"), ("2004", "Depolarizing afterpotential"), ("2007", "RS"), ("2007", "TC")],
)
def test_a_plain_ramp_is_as_late_as_airys_function_says(paper, key):
    """x' = x^2 + t escapes at the first zero of Airy's function; the slower, the truer."""
    plane = for_cell_type(cell_type(paper, key))
    assert plane.bifurcations().first == "saddle-node"
    off = []
    for delay in (1e-3, 1e-4):
        slope = gentle_slope(plane, delay)
        found = slow_ramp(paper, key, slope=slope, margin=4 * delay, kick=0)
        off.append(abs(found.delay / delay - 1))
    assert off[1] < off[0] < 0.12
    assert off[1] < 0.05


def test_the_first_zero_of_airys_function():
    assert pytest.approx(-ai_zeros(1)[0][0], abs=5e-4) == ramps._AIRY


def test_the_slope_of_a_ramp_grows_with_the_delay_that_is_allowed():
    """The power 3/2 at a saddle-node, the square at an Andronov-Hopf."""
    for key, power in (("Class 1", 1.5), ("Class 2", 2.0)):
        plane = for_cell_type(cell_type("2004", key))
        ratio = gentle_slope(plane, 0.002) / gentle_slope(plane, 0.001)
        assert ratio == pytest.approx(2**power, rel=1e-12)


@pytest.mark.parametrize("silence, rate", [(0, 100), (10, 100), (14.9, 100), (15.1, 0), (149, 0)])
def test_firing_has_ceased_when_one_and_a_half_intervals_are_over(silence, rate):
    spikes = np.arange(1005.0, 2000 - silence, 10)
    spikes += 2000 - silence - spikes[-1]
    assert rates._rate(spikes, 1000, 1000) == pytest.approx(rate)


def test_the_rate_is_that_of_the_later_half():
    early, late = np.arange(5, 500, 5.0), np.arange(510, 1001, 20.0)
    assert rates._rate(np.concatenate([early, late]), 0, 1000) == pytest.approx(50)
    assert rates._rate(np.concatenate([early, [990.0]]), 0, 1000) == 0
