"""The line that tells a run, to the letter; limits of what a person may set."""

from __future__ import annotations

import re

import pytest

import izhikevich
from izhikevich.errors import ParameterError
from izhikevich.session import MOST_KEPT, Session, kept_in_words

TONIC = "2004 PP Fig. 1 A: tonic spiking | "


def status(session):
    session.run()
    return session.status


def test_before_the_first_run():
    assert Session().status == "click on a cell type"


def test_a_run_of_several_spikes():
    session = Session()
    first, *_, last = session.run().intervals
    assert session.status == (
        f"{TONIC}published, dt 0.25 ms | 5 spikes, 50.0 Hz, "
        f"first interval {first:.2f} ms, last {last:.2f} ms"
    )
    assert first < last, "it adapts, so that the two are told apart"


def test_a_run_of_one_spike_or_none():
    session = Session("2004 Sec model", "phasic spiking")
    where = "2004 Sec Fig. 1 B: phasic spiking | published, dt 0.25 ms"
    assert status(session) == f"{where} | 1 spike, 5.0 Hz"
    session.set_timing("after", 0.1)
    assert status(session) == f"{where} | current by hand (I0, I1, T1) | 0 spikes"


def test_what_was_changed_is_told_in_its_order():
    session = Session()
    session.set_parameter("d", 8.0)
    session.set_parameter("a", 0.03)
    session.choose_scheme("exact")
    session.synapse = izhikevich.Synapse(number=3, weight=0.0)
    told = status(session)
    start = f"{TONIC}exact, variable step | changed: d 8, a 0.03 | synapse: 3 events | "
    assert told.startswith(start)
    assert re.fullmatch(r"\d+ spikes, .* ms", told.removeprefix(start))


def test_of_several_currents_of_a_figure_the_strongest():
    assert " | published, dt 0.25 ms | I 100 pA | 7 spikes, " in status(Session("2007 PP model"))


def test_a_runaway():
    session = Session("2004 PP model", "inhibition-induced bursting")
    session.choose_scheme("exact")
    start = "2004 PP Fig. 1 T: inhibition-induced bursting | exact, variable step: "
    assert status(session).startswith(start) and "ran away at 179" in session.status


def test_how_many_earlier_runs_stay_on_view():
    assert MOST_KEPT == 12


@pytest.mark.parametrize("name, good", [("change_at", 0.0), ("tstop", 0.5), ("dt", 0.001)])
def test_what_may_just_be_set(name, good):
    session = Session()
    session.set_timing(name, good)
    assert getattr(session, name) == good


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("change_at", -0.001, "T1 must not be before 0 ms; it is -0.001"),
        ("tstop", 0.0, "tstop must be greater than 0 ms, not 0"),
        ("dt", 0.0, "dt must be greater than 0 ms, not 0"),
        ("dt", -1.0, "dt must be greater than 0 ms"),
        ("before", float("nan"), "I0 must be a finite number"),
        ("after", float("inf"), "I1 must be a finite number"),
    ],
)
def test_what_may_not(name, value, message):
    session = Session()
    before = session.choice
    with pytest.raises(ParameterError, match=message):
        session.set_timing(name, value)
    assert session.choice is before


def test_an_unknown_scheme_is_refused():
    session = Session()
    with pytest.raises(ParameterError, match="scheme is published, exact, fixed, not 'best'"):
        session.choose_scheme("best")
    assert session.scheme == "published"


def test_a_run_of_two_spikes_has_one_interval():
    session = Session()
    session.set_timing("tstop", 20.0)
    told = status(session)
    assert "| 2 spikes, 100.0 Hz, first interval 4.00 ms, last 4.00 ms" in told


def test_how_a_kept_run_is_told_from_others():
    session = Session()
    assert not session.keep
    assert kept_in_words(session.choice) == "tonic spiking, PP published"
    session.set_parameter("d", 8.0)
    session.synapse = izhikevich.Synapse(number=3)
    assert kept_in_words(session.choice) == "tonic spiking, PP published, d 8, synapse"
    session.synapse = None
    session.set_timing("before", -1.0)
    session.set_timing("after", 2.5)
    session.set_timing("change_at", 12.0)
    assert kept_in_words(session.choice) == (
        "tonic spiking, PP published, d 8, I -1 to 2.5 at 12 ms"
    )


def test_whose_reading_it_is_where_there_are_several():
    def last_sentence(key):
        session = Session("2007 PP model", key)
        return session.explanation()[-1]

    assert last_sentence("TC_vu65").startswith("Reading: ")
    assert not last_sentence("RS").startswith("Reading: ")


def test_too_many_steps_are_counted():
    with pytest.raises(ParameterError, match=r"^2e\+07 steps are more than "):
        izhikevich.simulate("2004", "tonic spiking", scheme="fixed", dt=0.001, tstop=20_000.0)
