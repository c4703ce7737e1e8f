"""How cells begin to fire in NEURON, against what the phase plane computes."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.experiments import rates
from izhikevich.experiments.ramps import slow_ramp
from izhikevich.experiments.rates import FICurve, fi_curve
from izhikevich.experiments.resting import NoRestError
from izhikevich.experiments.ringing import ringing
from izhikevich.experiments.steps import latency, step_rheobase

ACCOMMODATION = ("2004", "accomodation")


def subthreshold(paper, key):
    """The parameters that matter until the first spike; d of FS is one of them."""
    parameters = cell_type(paper, key).parameters
    after = ("c",) if parameters.get("celltype") == 5 else ("c", "d")
    return tuple((name, x) for name, x in parameters.items() if name not in after)


TYPES = [(paper, key) for paper, types in CATALOG.items() for key in types]
# until the first spike the others are one of these under another name
DISTINCT = list({subthreshold(*each): each for each in reversed(TYPES)}.values())[::-1]


@functools.cache
def ramp(paper, key):
    return slow_ramp(paper, key)


@functools.cache
def rheobase(paper, key):
    return step_rheobase(paper, key)


def bifurcations(paper, key):
    return for_cell_type(cell_type(paper, key)).bifurcations()


# --- slow ramps -----------------------------------------------------------------------------


def test_the_distinct_types_stand_for_all():
    assert len(TYPES) == 39 and len(DISTINCT) == 21
    assert {subthreshold(*each) for each in TYPES} == {subthreshold(*each) for each in DISTINCT}


@pytest.mark.parametrize("paper, key", [each for each in DISTINCT if each != ACCOMMODATION])
def test_a_slow_ramp_fires_within_one_percent_of_the_bifurcation(paper, key):
    found = ramp(paper, key)
    known = bifurcations(paper, key)
    computed = known.saddle_node if known.first == "saddle-node" else known.hopf
    assert found.bifurcation == computed
    assert found.current is not None
    assert abs(found.current - computed.current) < 0.01 * abs(computed.current)
    # a passage is late, if anything; a push may be a little early at a subcritical Hopf
    assert -0.003 < found.delay < 0.01


def test_a_steeper_ramp_is_later():
    gentle = ramp("2003", "regular spiking (RS)")
    steep = slow_ramp("2003", "regular spiking (RS)", slope=4 * gentle.slope, margin=0.01)
    # as the root of the slope, but for the phase of the ringing
    assert 1.5 < steep.delay / gentle.delay < 2.7


def test_it_does_not_matter_where_the_ramp_begins():
    near = ramp("2003", "fast spiking (FS)")
    far = slow_ramp("2003", "fast spiking (FS)", slope=near.slope, margin=0.02)
    assert near.start > far.start
    assert near.current == pytest.approx(far.current, rel=0.005)


def test_a_cell_that_fires_under_inhibition_gets_a_falling_ramp():
    found = ramp("2004", "inhibition-induced spiking")
    assert found.slope < 0 and found.start > found.current > found.stop


def test_no_ramp_where_nothing_takes_the_rest_away():
    with pytest.raises(NoRestError, match="always a stable focus"):
        slow_ramp(*ACCOMMODATION)
    with pytest.raises(NoRestError, match="a = 0"):
        slow_ramp("2004", "tonic spiking", parameters={"a": 0})


def test_a_ramp_that_is_too_steep_ends_without_a_spike():
    found = slow_ramp("2004", "subthreshold oscillations", slope=1e-3)
    assert found.current is None and found.delay is None


@pytest.mark.parametrize("bad", [{"slope": 0}, {"slope": math.nan}, {"margin": 0}, {"kick": -1}])
def test_a_ramp_that_cannot_be_run_is_refused(bad):
    with pytest.raises(ValueError, match="greater than 0"):
        slow_ramp("2004", "tonic spiking", **bad)


# --- a step is another thing --------------------------------------------------------------------


def test_a_step_of_the_rheobase_fires_and_a_smaller_one_does_not():
    for paper, key in (("2004", "tonic spiking"), ("2007", "FS")):
        found = rheobase(paper, key)
        times = latency(paper, key, [0.999 * found, found]).latency
        assert math.isinf(times[0]) and math.isfinite(times[1])


def ordinary(paper, key):
    """A rest that a rising current takes away, in the equations of 2003 and 2004."""
    plane = for_cell_type(cell_type(paper, key))
    return paper != "2007" and plane.a > 0 and plane.leak != 0


@pytest.mark.parametrize("paper, key", [each for each in DISTINCT if ordinary(*each)])
def test_a_step_fires_below_a_subcritical_hopf_point(paper, key):
    known = bifurcations(paper, key)
    if known.hopf is not None:
        assert rheobase(paper, key) < 0.9 * known.hopf.current
    else:
        fold = known.saddle_node.current
        assert fold < rheobase(paper, key) < 1.01 * fold


def test_22_of_the_25_ordinary_types_fire_at_a_step_below_the_bifurcation():
    found = []
    for paper, key in filter(lambda each: ordinary(*each), TYPES):
        same = next(each for each in DISTINCT if subthreshold(*each) == subthreshold(paper, key))
        known = bifurcations(paper, key)
        first = min(x.current for x in (known.hopf, known.saddle_node) if x is not None)
        found.append(rheobase(*same) < first)
    assert (sum(found), len(found)) == (22, 25)


def test_steps_that_cannot_be_made():
    with pytest.raises(NoRestError, match="no stable rest"):
        step_rheobase("2004", "inhibition-induced spiking")
    with pytest.raises(NoRestError, match="no stable rest"):
        latency("2004", "tonic spiking", [10], parameters={"a": 0})
    with pytest.raises(ValueError, match="tolerance"):
        step_rheobase("2004", "tonic spiking", tolerance=0)
    with pytest.raises(ValueError, match="duration"):
        latency("2004", "tonic spiking", [10], duration=0)


def test_latency_grows_as_the_ghost_of_a_saddle_node_says():
    fold = bifurcations("2004", "Class 1").saddle_node.current
    curve = latency("2004", "Class 1", fold + np.array([-0.01, 0.0025, 0.01]), duration=3000)
    assert math.isinf(curve.latency[0])
    assert curve.latency[1] / curve.latency[2] == pytest.approx(2, rel=0.05)


# --- rates --------------------------------------------------------------------------------------


def test_hysteresis_shows_bistability():
    currents = np.linspace(0.14, 0.3, 9)
    curve = fi_curve("2004", "bistability", currents, scheme="exact")
    assert isinstance(curve, FICurve)
    assert curve.current.tolist() == currents.tolist()
    hopf = bifurcations("2004", "bistability").hopf.current
    assert curve.bistable.size and curve.bistable[-1] < hopf < curve.bistable[-1] + 0.03
    onset, rate = curve.onset
    assert onset > hopf and rate > 20
    assert np.all(curve.down[curve.up > 0] > 0)


def test_a_class_1_cell_has_no_hysteresis_and_fires_slowly():
    curve = fi_curve("2004", "Class 1", [2.0, 2.3, 2.6, 3.0], hold=2000)
    assert curve.bistable.size == 0
    assert curve.up[0] == curve.down[0] == 0 < curve.up[1] < 3
    assert np.all(np.diff(curve.up) > 0)


def test_rates_are_those_of_a_run():
    curve = fi_curve("2004", "tonic spiking", [0, 14], hold=500)
    assert curve.up[0] == curve.down[0] == 0
    recording = simulate("2004", "tonic spiking", current=14.0, tstop=500)
    assert curve.up[1] == pytest.approx(1000 / recording.intervals[-1], rel=0.01)


def test_a_rate_ends_with_the_firing():
    spikes = np.array([600.0, 610.0, 620.0])
    assert rates._rate(spikes, 0, 1000) == 0
    assert rates._rate(np.arange(5, 1000, 10.0), 0, 1000) == pytest.approx(100)


def test_f_i_curves_that_cannot_be_run():
    for currents, hold in (([], 100), ([math.inf], 100), ([1], 0)):
        with pytest.raises(ValueError, match=r"f-I|hold"):
            fi_curve("2004", "tonic spiking", currents, hold=hold)


@pytest.mark.parametrize("paper, key", TYPES)
def test_default_currents_hold_the_bifurcations(paper, key):
    entry = cell_type(paper, key)
    plane = for_cell_type(entry)
    currents = rates.default_currents(plane, entry)
    assert len(currents) == 41 and np.all(np.diff(currents) > 0)
    known = plane.bifurcations()
    for event in (known.hopf, known.saddle_node):
        assert event is None or currents[0] <= event.current <= currents[-1]


# --- ringing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "paper, key, current",
    [
        ("2003", "resonator (RZ)", -2.0),
        ("2004", "Class 2", -0.5),
        ("2004", "subthreshold oscillations", 0.0),
        ("2004", "resonator", 0.0),
        ("2004", "rebound spike", 0.0),
        ("2004", "accomodation", 0.0),
        ("2004", "inhibition-induced spiking", 80.0),
        ("2007", "LTS", 110.0),
        ("2007", "FS", 70.0),
    ],
)
def test_the_period_of_ringing_is_that_of_the_eigenvalues(paper, key, current):
    found = ringing(paper, key, current)
    assert found.measured == pytest.approx(found.predicted, rel=0.003)


def test_a_node_does_not_ring():
    found = ringing("2004", "integrator")
    assert found.predicted is None and found.measured is None


# --- degenerate cells ---------------------------------------------------------------------------


def test_b_of_zero_is_an_ordinary_integrator():
    found = slow_ramp("2004", "tonic spiking", parameters={"b": 0})
    assert found.bifurcation.current == pytest.approx(16.25)
    assert 0 < found.delay < 0.01
    assert step_rheobase("2004", "tonic spiking", parameters={"b": 0}) == pytest.approx(16.25, 1e-3)


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"a": 0.2, "b": 0.2}, "Bogdanov-Takens"),
        ({"e": 0.0}, "straight line"),
        ({"a": 0.0}, "u stands still"),
    ],
)
def test_a_cell_without_an_ordinary_loss_of_rest_says_why(changes, word):
    with pytest.raises(NoRestError, match=word):
        slow_ramp("2004", "tonic spiking", parameters=changes)


def test_no_step_starts_from_a_double_root():
    with pytest.raises(NoRestError, match="no stable rest"):
        step_rheobase("2004", "tonic spiking", parameters={"g": 144.0})
