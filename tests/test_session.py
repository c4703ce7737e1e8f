"""The session: what a change keeps and drops, how runs are told, how little is computed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import izhikevich
from izhikevich.analysis.plane import plane
from izhikevich.catalog import CATALOG, Publication, cell_type, papers, registered
from izhikevich.choice import NOT_BY_HAND, VARIANTS, ByHand, Choice
from izhikevich.models.base import Model
from izhikevich.session import MOST_KEPT, Session, models
from izhikevich.waveforms import Waveform, step


def by_hand(model="2004 PP model"):
    """A session on a model, with a current made by hand."""
    session = Session(model)
    for name, value in (("before", 2.0), ("after", 10.0), ("change_at", 30.0)):
        session.set_timing(name, value)
    assert session.waveform == step(2, 10, 30) and session.current_is_made_by_hand
    return session


# --- what is kept, and what is not ---


@pytest.mark.parametrize("paper", CATALOG)
def test_the_other_variant_keeps_everything(paper):
    session = by_hand(f"{paper} PP model")
    session.set_parameter("d", 3.0)
    session.set_timing("tstop", 77.0)
    before = session.choice
    session.choose_model(f"{paper} Sec model")
    assert session.choice == before.but(variant="Sec") != before
    assert session.waveform == step(2, 10, 30)


@pytest.mark.parametrize(("one", "other"), [("2003", "2007"), ("2007", "2004"), ("2004", "2007")])
def test_a_current_by_hand_does_not_survive_a_change_of_units(one, other):
    session = by_hand(f"{one} PP model")
    session.choose_model(f"{other} PP model")
    assert session.choice.by_hand == NOT_BY_HAND
    assert session.waveform == next(iter(CATALOG[other].values())).default_current
    assert (session.before, session.after, session.change_at) == (0, 0, 0)


def test_no_current_by_hand_is_a_current_of_its_own():
    session = Session()
    session.make_current_by_hand()
    assert session.waveform == step(0, 14, 10)
    for value in (1.0, 0.0, -1.0):
        session.set_timing("after", value)
        assert session.current_is_made_by_hand and session.waveform == step(0, value, 10)
    session.set_timing("after", 0.0)
    assert session.run().spikes.size == 0
    assert "no current" in session.status
    session.make_current_by_hand()  # which it is already
    assert session.waveform == step(0, 0, 10)
    session.take_published_current()
    assert session.waveform == session.cell_type.default_current
    session.set_timing("change_at", 30.0)
    assert not session.current_is_made_by_hand
    session.set_timing("before", 0.0)
    assert session.current_is_made_by_hand and session.waveform == step(0, 0, 30)


def test_runs_of_another_publication_are_not_kept():
    session = Session()
    session.keep = True
    session.run()
    session.choose_type("tonic bursting")
    session.run()
    assert [run.key for run in session.earlier] == ["tonic spiking"]
    session.choose_paper("2007")
    session.run()
    assert session.earlier == []
    session.choose_type("IB")
    session.run()
    assert [run.key for run in session.earlier] == ["RS"]


def test_a_current_by_hand_survives_where_the_unit_is_the_same():
    session = by_hand("2003 PP model")
    session.choose_model("2004 Sec model")
    assert session.waveform == step(2, 10, 30)


@pytest.mark.parametrize("key", ["tonic spiking", "tonic bursting"])
def test_another_type_comes_with_its_own_current_and_times(key):
    session = by_hand()
    session.set_parameter("d", 3.0)
    session.set_timing("tstop", 77.0)
    session.choose_type(key)
    assert session.choice == Choice(cell_type("2004", key))
    assert not session.current_is_made_by_hand
    assert session.waveform == CATALOG["2004"][key].default_current


def test_a_step_that_was_typed_stays_while_it_is_in_force():
    session = Session()
    session.set_timing("dt", 0.05)
    session.choose_type("tonic bursting")
    assert session.dt == 0.25
    session.choose_scheme("fixed")
    session.set_timing("dt", 0.05)
    session.choose_type("tonic spiking")
    assert session.step == 0.05


def test_reset_is_the_type_as_published():
    session = by_hand("2004 Sec model")
    session.choose_scheme("exact")
    session.set_parameter("d", 3.0)
    session.synapse = izhikevich.Synapse()
    session.reset()
    assert session.choice == Choice(cell_type("2004", "tonic spiking"), "Sec", "exact")


def test_a_parameter_at_its_own_value_is_none_that_is_changed():
    session = Session("2007 PP model")
    session.set_parameter("vr", -65.0)
    assert session.parameters["v0"] == session.parameters["vu"] == -65
    for name in ("v0", "vu"):
        session.set_parameter(name, -60.0)
    assert session.changes == {"vr": -65, "v0": -60, "vu": -60}
    session.set_parameter("vu", -65.0)
    assert session.changes == {"vr": -65, "v0": -60}
    session.set_parameter("vr", -60.0)
    assert session.changes == {"v0": -60}
    session.set_parameter("v0", -60.0)
    assert session.changes == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("c", 30.0, "below the peak"),
        ("d", float("nan"), "finite"),
        ("zz", 1.0, "unknown parameter"),
        ("celltype", 1.0, "unknown parameter"),
    ],
)
def test_what_is_refused_leaves_the_choice(name, value, message):
    session = Session()
    session.set_parameter("d", 3.0)
    before = session.choice
    with pytest.raises(izhikevich.ParameterError, match=message):
        session.set_parameter(name, value)
    assert session.choice is before


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("tstop", 0.0, "tstop must be greater than 0 ms, not 0"),
        ("dt", 0.0, "dt must be greater than 0 ms, not 0"),
        ("change_at", -1e-9, "T1 must not be before 0 ms"),
        ("before", float("inf"), "I0 must be a finite number"),
        ("after", float("nan"), "I1 must be a finite number"),
    ],
)
def test_a_time_or_a_current_that_cannot_be_leaves_the_choice(name, value, message):
    session = by_hand()
    before = session.choice
    with pytest.raises(izhikevich.ParameterError, match=message):
        session.set_timing(name, value)
    assert session.choice is before


def test_an_unknown_model_leaves_the_choice():
    session = Session()
    before = session.choice
    for model in ("2005 PP model", "2004 PPP model", "2004", ""):
        with pytest.raises(izhikevich.ParameterError, match="2004 Sec model"):
            session.choose_model(model)
    with pytest.raises(izhikevich.UnknownCellTypeError, match="'2004'"):
        session.choose_paper("2005")
    assert session.choice is before


def test_models_are_those_of_the_catalogue_now():
    rs = dataclasses.replace(cell_type("2007", "RS"), paper="rat brain")
    with registered(Publication("rat brain", "", "", "", types=(rs,))):
        assert {"rat brain PP model", "rat brain Sec model"} <= set(models())
        session = Session("rat brain Sec model")
        assert (session.paper, session.variant, session.model) == (
            "rat brain",
            "Sec",
            "rat brain Sec model",
        )
    assert len(models()) == 2 * len(papers())


# --- runs ---


def test_a_run_is_told_and_kept_as_one_made_elsewhere_is():
    here, elsewhere = Session(), Session()
    here.keep = elsewhere.keep = True
    for key in ("tonic spiking", "inhibition-induced bursting", "phasic spiking"):
        here.choose_type(key)
        elsewhere.choose_type(key)
        for session in (here, elsewhere):
            session.choose_scheme("exact")
        recording = here.run()
        shown = () if elsewhere.recording is None else (elsewhere.recording,)
        (choice,) = elsewhere.run_choices(("PP",), ("exact",))
        try:
            elsewhere.take_over(izhikevich.simulate("2004", key, scheme="exact"), shown=shown)
        except izhikevich.RunawayError as error:
            elsewhere.take_over(error.recording, error, shown)
        assert elsewhere.status == here.status
        assert choice == recording.choice
    assert [run.key for run in here.earlier] == [run.key for run in elsewhere.earlier]
    assert [run.key for run in here.earlier] == ["tonic spiking", "inhibition-induced bursting"]


def test_the_oldest_of_many_kept_runs_goes_first():
    session = Session()
    session.keep = True
    session.set_timing("tstop", 5.0)
    runs = [session.run() for _ in range(MOST_KEPT + 2)]
    assert session.earlier == runs[1:-1]
    session.keep = False
    session.run()
    assert session.earlier == []


def test_what_cannot_be_run_leaves_the_last_run():
    session = Session()
    session.run()
    before = session.recording, session.status
    session.set_timing("tstop", 0.1)
    with pytest.raises(izhikevich.ParameterError, match="at least one step"):
        session.run()
    assert (session.recording, session.status) == before


def test_a_comparison_is_of_what_is_in_force():
    session = by_hand()
    session.set_parameter("d", 3.0)
    choices = session.comparison_choices()
    assert {(c.variant, c.scheme) for c in choices} == {
        (variant, scheme) for variant in VARIANTS for scheme in ("published", "exact")
    }
    for choice in choices:
        assert choice.parameters["d"] == 3 and choice.waveform == step(2, 10, 30)


@pytest.mark.parametrize("scheme", ["published", "exact", "fixed"])
def test_a_figure_has_a_run_for_each_current_the_strongest_first(scheme):
    session = by_hand("2007 Sec model")
    session.choose_type("TC_burst")
    session.choose_scheme(scheme)
    session.set_parameter("d", 3.0)
    entry = cell_type("2007", "TC_burst")
    choices = session.figure_choices()
    assert [choice.waveform for choice in choices] == list(entry.currents)[::-1]
    for choice in choices:
        assert choice.variant == "Sec"
        assert choice.scheme == ("exact" if scheme == "exact" else "published")
        assert choice.parameters["d"] == entry.parameters["d"], "as published"


def test_a_figure_of_one_current_says_where_there_are_several():
    with pytest.raises(izhikevich.ParameterError, match=r"choose a 2007 model$"):
        Session().figure_choices()


def test_the_current_during_is_the_one_farthest_from_the_first():
    session = Session("2007 PP model", "TC_burst")
    assert (session.current_before, session.current_during) == (-1200, 100)
    session.set_timing("before", 5.0)
    assert (session.current_before, session.current_during) == (0, 0), "I1 from T1 = 0 on"
    session.set_timing("change_at", 20.0)
    assert session.choice.currents == (session.current_before, session.current_during) == (5, 0)


# --- how little is computed ---


@pytest.fixture
def computed(monkeypatch):
    """How often each of the costly steps has been taken since."""
    count = {"looked up": 0, "completed": 0, "planes": 0}

    def counted(what, function):
        def call(*args, **how):
            count[what] += 1
            return function(*args, **how)

        return call

    for module in (izhikevich.catalog, izhikevich.choice, izhikevich.session):
        monkeypatch.setattr(module, "cell_type", counted("looked up", izhikevich.catalog.cell_type))
    monkeypatch.setattr(Model, "complete", counted("completed", Model.complete))
    monkeypatch.setattr(izhikevich.choice, "plane", counted("planes", plane))
    return count


@pytest.mark.parametrize("model", models())
def test_a_movement_of_a_slider_computes_each_thing_once(model, computed):
    session = Session(model)
    session.explanation()
    computed.update(dict.fromkeys(computed, 0))
    session.set_parameter("d", session.parameters["d"] + 0.5)
    for choice in [*session.run_choices(VARIANTS, ("published", "exact", "fixed")), session.choice]:
        assert choice.parameters["d"] == session.parameters["d"]
        assert choice.plane is session.plane
        choice.check()
    session.explanation()
    assert np.isfinite(session.current_during)
    assert computed == {"looked up": 0, "completed": 1, "planes": 1}


def test_a_movement_back_computes_each_thing_once(computed):
    session = Session()
    session.set_parameter("d", 7.0)
    computed.update(dict.fromkeys(computed, 0))
    session.set_parameter("d", 6.0)
    session.choice.check()
    session.explanation()
    assert session.changes == {}
    assert computed == {"looked up": 0, "completed": 1, "planes": 1}


@pytest.mark.parametrize("name", ["before", "after", "change_at", "tstop", "dt"])
def test_a_movement_of_another_slider_computes_no_parameter_anew(name, computed):
    session = by_hand()
    session.choice.check()
    computed.update(dict.fromkeys(computed, 0))
    session.set_timing(name, 20.0)
    session.choice.check()
    session.explanation()
    assert computed == {"looked up": 0, "completed": 0, "planes": 0}


def test_a_waveform_is_that_of_the_choice():
    session = Session()
    session.choice = session.choice.but(current=Waveform(3.0), by_hand=ByHand(1.0, 2.0, 3.0))
    assert session.waveform == Waveform(3.0) and not session.current_is_made_by_hand
