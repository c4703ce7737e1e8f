"""The arguments of `simulate`: what may be run, and to a hair what may not; nothing is run here."""

from __future__ import annotations

import math
import pickle

import pytest

from izhikevich.catalog import cell_type
from izhikevich.choice import ByHand, Choice, Synapse, choose
from izhikevich.errors import ParameterError
from izhikevich.stored import choice_from_dict, choice_to_dict
from izhikevich.waveforms import Step, Waveform, constant, step


def tonic(**how):
    return choose("2004", "tonic spiking", **how)


def test_what_nobody_says_is_the_figures():
    chosen = tonic()
    assert (chosen.variant, chosen.scheme, chosen.tstop, chosen.dt) == (
        "PP",
        "published",
        100,
        0.25,
    )
    assert (chosen.n_steps, chosen.mechanism) == (400, "Izhi2003a")
    assert chosen.waveform == Waveform(0, (Step(10, 14, inclusive=False),))
    assert chosen.changes == {} and chosen.synapse is None and chosen.fixed_dt == 0.25
    assert (chosen.paper, chosen.key) == ("2004", "tonic spiking")


def test_what_is_said_is_in_force():
    chosen = tonic(
        variant="Sec",
        scheme="fixed",
        dt=0.3,
        current=3,
        tstop=10,
        parameters={"d": 8},
        synapse=Synapse(),
    )
    assert (chosen.dt, chosen.n_steps, chosen.tstop, chosen.mechanism) == (0.3, 33, 10, "Izhi2003b")
    assert chosen.waveform == constant(3) and chosen.changes == {"d": 8}
    assert chosen.parameters["d"] == 8 and chosen.model_parameters["d"] == 8
    assert set(chosen.parameters) - set(chosen.model_parameters) == {"v0", "u0"}
    assert chosen.plane.parameters["d"] == 8
    assert tonic(scheme="exact").dt is None


def test_a_number_as_current_follows_the_conditioning():
    burst = choose("2007", "RTN_burst", current=33)
    assert burst.waveform == step(-350, 33, 120) and burst.currents == (-350, 33)
    waveform = Waveform(1, (Step(2, 3),))
    assert choose("2007", "RTN_burst", current=waveform).waveform is waveform


def test_the_number_of_steps_is_that_of_those_that_fit():
    for tstop, dt, n in ((1, 0.1, 10), (0.99, 0.1, 9), (0.3, 0.1, 3), (1.05, 0.1, 10)):
        assert tonic(scheme="fixed", tstop=tstop, dt=dt).n_steps == n


def test_a_current_by_hand_replaces_the_figures_zero_or_not():
    own = Choice(cell_type("2004", "tonic spiking"))
    assert not own.current_is_made_by_hand and own.waveform == own.cell_type.default_current
    for by_hand in (ByHand(1, 0, 5), ByHand(0, 1, 5), ByHand(-1, 2, 5), ByHand(0, 0, 5), ByHand()):
        made = own.but(by_hand=by_hand)
        assert made.current_is_made_by_hand
        assert made.waveform == step(by_hand.before, by_hand.after, by_hand.change_at)
        given = made.but(current=constant(7))
        assert given.waveform == constant(7) and not given.current_is_made_by_hand
    waiting = own.but(by_hand=ByHand(1, 2, 5, in_force=False))
    assert not waiting.current_is_made_by_hand and waiting.waveform == own.waveform


@pytest.mark.parametrize(
    ("before", "after", "in_force"), [(0.0, 0.0, False), (0.0, 14.0, True), (-1.0, 0.0, True)]
)
def test_a_current_by_hand_of_former_versions_was_in_force_unless_zero(before, after, in_force):
    former = {"before": before, "after": after, "change_at": 5.0}
    found = ByHand.__new__(ByHand)
    found.__setstate__(former)
    assert found == ByHand(**former, in_force=in_force)
    stored = choice_to_dict(Choice(cell_type("2004", "tonic spiking"), by_hand=found))
    del stored["by_hand"]["in_force"]
    assert choice_from_dict(stored).by_hand == found


@pytest.mark.parametrize("by_hand", [ByHand(), ByHand(0, 0, 5), ByHand(1, 2, 3, in_force=False)])
def test_a_current_by_hand_is_stored_with_its_state(by_hand):
    choice = Choice(cell_type("2004", "tonic spiking"), by_hand=by_hand)
    for found in (pickle.loads(pickle.dumps(choice)), choice_from_dict(choice_to_dict(choice))):
        assert found.by_hand == by_hand and found.waveform == choice.waveform


GOOD = [
    dict(tstop=1e7, scheme="exact"),
    dict(tstop=0.25),
    dict(tstop=0.25 * 10_000_000),
    dict(scheme="fixed", dt=100),
    dict(scheme="fixed", dt=1e-5),
    dict(current=1e9),
    dict(current=-1e9),
    dict(parameters={"v0": 30}),
    dict(parameters={"c": 29.999}),
    dict(synapse=Synapse(start=0, number=0, weight=-1, erev=-80)),
]


@pytest.mark.parametrize("how", GOOD)
def test_what_may_just_be_run(how):
    chosen = tonic(**how)
    assert chosen.check() is chosen


BAD = [
    (dict(variant="pp"), "variant is PP or Sec, not 'pp'"),
    (dict(scheme="best"), "scheme is published, exact or fixed, not 'best'"),
    (dict(tstop=0), "tstop must be greater than 0 ms, not 0"),
    (dict(tstop=-1), "tstop must be greater than 0 ms"),
    (dict(tstop=math.nan), "tstop must be a finite number"),
    (dict(tstop="long"), "tstop must be a number"),
    (dict(tstop=1.01e7, scheme="exact"), "tstop must be at most 1e.07 ms"),
    (dict(tstop=0.24), "tstop must be at least one step of 0.25 ms, not 0.24"),
    (dict(tstop=0.25 * 10_000_001), "are more than the 10,000,000 that a recording"),
    (dict(scheme="fixed"), 'scheme "fixed" needs a step'),
    (dict(scheme="fixed", dt=0), "dt must be greater than 0 ms"),
    (dict(scheme="fixed", dt=100.1), "dt must not exceed the duration of 100 ms; it is 100.1"),
    (dict(scheme="fixed", dt=0.99e-5), "10,000,000"),
    (dict(dt=0.25), 'dt belongs to scheme "fixed"; "published" runs at 0.25 ms'),
    (dict(scheme="exact", dt=0.25), 'dt belongs to scheme "fixed"; "exact" chooses its steps'),
    (dict(dt=-1), "dt must be greater than 0 ms"),
    (dict(dt="small"), "dt must be a number"),
    (dict(current="much"), "current must be a number"),
    (dict(current=math.inf), "current must be a finite number"),
    (dict(current=1.01e9), r"current must be within \+-1e\+09; it is 1.01e\+09"),
    (dict(current=-1.01e9), "current must be within"),
    (dict(parameters={"v0": 30.001}), "v0 must not lie above the peak of 30 mV; it is 30.001"),
    (dict(parameters={"c": 30}), "the reset c must lie below the peak thresh = 30 mV"),
    (dict(parameters={"vpeak": 30}), "unknown parameter 'vpeak'"),
    (dict(synapse=3), "synapse must be a Synapse, not 3"),
    (dict(synapse=Synapse(number=1.5)), "number must be a whole number, not 1.5"),
    (dict(synapse=Synapse(number=-1)), "start and number must not be negative"),
    (dict(synapse=Synapse(start=-0.1)), "start and number must not be negative"),
    (dict(synapse=Synapse(start=math.nan)), "the synapse's start must be a finite number"),
    (dict(synapse=Synapse(weight=math.inf)), "the synapse's weight must be a finite number"),
    (dict(synapse=Synapse(erev="x")), "the synapse's erev must be a number"),
    (dict(synapse=Synapse(interval=0)), "the synapse's interval must be greater than 0 ms"),
    (dict(synapse=Synapse(tau=0)), "the synapse's tau must be greater than 0 ms"),
    (dict(synapse=Synapse(delay=0)), "the synapse's delay must be greater than 0 ms"),
    (dict(synapse=Synapse(delay=math.nan)), "the synapse's delay must be a finite number"),
]


@pytest.mark.parametrize("how, message", BAD)
def test_what_may_not(how, message):
    with pytest.raises(ParameterError, match=message):
        tonic(**how)


def test_the_peak_that_a_start_is_measured_by_is_that_of_its_u():
    assert choose("2007", "TC", parameters={"u0": 100, "v0": 45}).parameters["v0"] == 45
    with pytest.raises(ParameterError, match="above the peak of 45 mV; it is 45"):
        choose("2007", "TC", parameters={"u0": 100, "v0": 45.1})


def test_defaults_of_a_synapse():
    assert Synapse() == Synapse(10, 10, 10, 2, 3, 0, 1)
