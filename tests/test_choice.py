"""A choice: what follows from it, compared, stored, pickled, handed over, written as a script."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import izhikevich
from izhikevich import Ramp, Recording, Step, Synapse, Waveform
from izhikevich.catalog import CATALOG, CellType, Publication, cell_type, registered
from izhikevich.choice import SCHEMES, VARIANTS, ByHand, Choice, all_parameters, choose
from izhikevich.engine.simulation import simulate_choice
from izhikevich.engine.worker import Worker
from izhikevich.models import BOOK
from izhikevich.own_cells import OWN
from izhikevich.script import script
from izhikevich.stored import choice_from_dict, choice_to_dict

#: A striatal spiny neuron: 50 v' = (v + 80)(v + 25) - u + I, u' = 0.01 (-20 (v + 80) - u).
SPINY = CellType(
    paper="striatum",
    key="MSN",
    model=BOOK,
    label="medium spiny neuron",
    panel="MSN",
    figure="Fig. 8.37",
    parameters=dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150, celltype=1),
    v0=None,
    u0=None,
    tstop=60.0,
    dt=0.25,
    currents=(Waveform(300.0), Waveform(700.0, (Step(5.0, 600.0),))),
    amplitudes=(300.0, 600.0),
)

_TYPES = st.sampled_from([SPINY, *(e for types in CATALOG.values() for e in types.values())])
_NUMBERS = st.floats(-1e3, 1e3)
_TIMES = st.floats(0, 1e3)
_WAVEFORMS = st.builds(
    lambda initial, steps, ramps: Waveform(initial, tuple(sorted(steps, key=_time)), ramps),
    _NUMBERS,
    st.lists(st.builds(Step, _TIMES, _NUMBERS, st.booleans()), max_size=3),
    st.sampled_from([(), (Ramp(1.5, 3.0, -1.0, 1 / 3),)]),
)
_SYNAPSES = st.builds(Synapse, start=_TIMES, number=st.integers(0, 9), weight=_NUMBERS)


def _time(step):
    return step.time


@st.composite
def choices(draw):
    entry = draw(_TYPES)
    names = st.sampled_from(entry.model.names_with_start)
    return Choice(
        entry,
        draw(st.sampled_from(VARIANTS)),
        draw(st.sampled_from(SCHEMES)),
        tstop=draw(st.just(math.nan) | st.floats(1, 1e3)),
        fixed_dt=draw(st.just(math.nan) | st.floats(0.01, 1)),
        changes=draw(st.dictionaries(names, _NUMBERS, max_size=4)),
        current=draw(st.none() | _WAVEFORMS),
        by_hand=draw(st.builds(ByHand, _NUMBERS, _NUMBERS, _TIMES)),
        synapse=draw(st.none() | _SYNAPSES),
    )


def can_be_run(choice):
    try:
        return bool(choice.parameters)
    except izhikevich.ParameterError:
        return False


# --- what follows from it ---


@given(choices(), st.sampled_from(["v0", "u0", "vu", "vr", "c", "d", "b", "e", "celltype"]))
def test_what_a_parameter_would_be_unchanged_is_what_the_others_make_of_it(choice, name):
    assume(name in choice.model.names_with_start and can_be_run(choice))
    others = {other: x for other, x in choice.changes.items() if other != name}
    alone = choice.but(changes=others)
    assume(can_be_run(alone))
    assert choice.unchanged(name) == alone.parameters[name]


@given(choices(), choices())
def test_what_is_carried_over_to_a_changed_choice_is_what_it_would_compute(choice, other):
    assume(can_be_run(choice))
    if can_be_run(dataclasses.replace(choice, cell_type=other.cell_type)):
        of_another_type = [{"cell_type": other.cell_type}]
    else:
        of_another_type = []
    for attributes in (
        *of_another_type,
        {"variant": other.variant, "scheme": other.scheme, "tstop": other.tstop},
        {"current": other.current, "by_hand": other.by_hand, "synapse": other.synapse},
        {"cell_type": other.cell_type, "changes": {}},
        {"changes": {}},
    ):
        changed = choice.but(**attributes)
        fresh = Choice(**{f.name: getattr(changed, f.name) for f in dataclasses.fields(Choice)})
        assert changed == fresh
        assert changed.parameters == fresh.parameters
        assert changed.plane.parameters == fresh.plane.parameters
        assert changed.waveform == fresh.waveform and changed.currents == fresh.currents


def test_the_start_follows_the_parameters_as_the_papers_have_it():
    rs = cell_type("2007", "RS")
    assert all_parameters(rs, {"vr": -65})["v0"] == -65, "at rest"
    assert all_parameters(rs, {"vr": -65})["vu"] == -65
    assert all_parameters(rs, {"vr": -65, "vu": -50, "v0": -40})["vu"] == -50
    tonic = cell_type("2004", "tonic spiking")
    assert all_parameters(tonic, {"v0": -60})["u0"] == 0.2 * -60
    assert all_parameters(tonic, {"v0": -60, "b": 0.25})["u0"] == 0.25 * -60
    assert all_parameters(tonic, {"u0": 1})["v0"] == -70
    accommodation = cell_type("2004", "accomodation")  # where u0 is -16, and b v0 = -65
    assert all_parameters(accommodation, {"v0": -60, "b": 0.9})["u0"] == -16


@pytest.mark.parametrize(
    ("paper", "key", "parameters", "peak"),
    [
        ("2004", "tonic spiking", {}, 30.0),
        ("2007", "RS", {}, 35.0),
        ("2007", "LTS", {"u0": 50.0}, 40.0 - 0.1 * 50),
    ],
)
def test_a_start_above_the_peak_is_refused(paper, key, parameters, peak):
    at_the_peak = choose(paper, key, parameters={**parameters, "v0": peak})
    assert at_the_peak.parameters["v0"] == peak
    with pytest.raises(izhikevich.ParameterError, match=f"above the peak of {peak:g} mV"):
        choose(paper, key, parameters={**parameters, "v0": peak + 0.01})


@pytest.mark.parametrize(("tstop", "dt", "n"), [(0.3, 0.1, 3), (0.7, 0.1, 7), (1.0, 0.3, 3)])
def test_the_steps_that_fit_are_those_of_decimal_numbers(tstop, dt, n):
    assert choose("2004", "tonic spiking", scheme="fixed", dt=dt, tstop=tstop).n_steps == n


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zz": 1}, "unknown parameter 'zz'"),
        ({"d": math.nan}, "d must be a finite number"),
        ({"u0": math.inf}, "u0 must be a finite number"),
        ({"celltype": 8}, "celltype is one of 1 to 7"),
        ({"c": 35}, "below the peak"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_asked_for(changes, message):
    with pytest.raises(izhikevich.ParameterError, match=message):
        Choice(cell_type("2007", "RS"), changes=changes).check()


def test_a_choice_stays_as_it_is():
    changes = {"d": 5.0}
    choice = Choice(cell_type("2007", "RS"), changes=changes)
    changes["d"] = 6.0
    assert choice.parameters["d"] == 5
    with pytest.raises(TypeError):
        choice.changes["d"] = 6.0
    with pytest.raises(TypeError):
        choice.parameters["d"] = 6.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        choice.scheme = "exact"


# --- compared, stored, handed over ---


@given(choices())
def test_a_choice_goes_through_json_and_pickle(choice):
    stored = json.loads(json.dumps(choice_to_dict(choice)))
    for found in (choice_from_dict(stored), pickle.loads(pickle.dumps(choice))):
        assert found == choice and hash(found) == hash(choice)
        assert found.waveform == choice.waveform and found.mechanism == choice.mechanism
        if can_be_run(choice):
            assert found.parameters == choice.parameters


@given(choices(), choices())
def test_equal_choices_have_the_same_parts(one, other):
    fields = [field.name for field in dataclasses.fields(Choice)]
    same = all(getattr(one, name) == getattr(other, name) for name in fields)
    assert (one == other) is same
    assert one == one.but()


def test_a_pickle_holds_nothing_that_was_computed():
    choice = Choice(SPINY, changes={"d": 100.0})
    before = pickle.dumps(choice)
    choice.check()
    assert choice.currents == (700, 600)
    assert pickle.dumps(choice) == before


def test_a_type_of_ones_own_is_stored_whole():
    stored = json.loads(json.dumps(choice_to_dict(Choice(SPINY))))
    assert SPINY.paper not in CATALOG
    assert choice_from_dict(stored).cell_type == SPINY


def test_of_a_stored_type_the_texts_are_those_of_the_catalogue_and_no_more():
    stored = json.loads(json.dumps(choice_to_dict(Choice(SPINY))))
    said = dataclasses.replace(
        SPINY, label="spiny projection neuron", spikes_published=(0, 3), spikes_exact=(1,)
    )
    stronger = dataclasses.replace(SPINY, currents=(Waveform(900.0),), amplitudes=(900.0,))
    for entry, expected in ((said, said), (stronger, SPINY)):
        with registered(Publication("striatum", "", "", "", types=(entry,))):
            assert choice_from_dict(stored).cell_type == expected


def test_a_worker_runs_a_choice_with_all_that_is_in_it():
    choice = Choice(
        SPINY, "Sec", "fixed", 40.0, 0.2, {"d": 100.0}, by_hand=ByHand(0.0, 900.0, 5.0)
    ).but(synapse=Synapse(start=5.0))
    worker = Worker()
    try:
        there = worker.run(choice.check())
    finally:
        worker.close()
    here = simulate_choice(choice)
    assert there.choice == here.choice == choice
    assert there.choice.synapse == Synapse(start=5.0)
    for name in ("t", "v", "u", "i", "gsyn", "spikes"):
        assert np.array_equal(getattr(there, name), getattr(here, name)), name
    assert len(here.spikes) > 2


def test_the_recording_carries_the_synapse_into_every_file(tmp_path):
    synapse = Synapse(start=2.0, weight=0.25, erev=-5.0)
    recording = izhikevich.simulate("2004", "Class 1", tstop=20, synapse=synapse)
    recording.to_npz(tmp_path / "run.npz")
    for found in (
        recording,
        Recording.from_npz(tmp_path / "run.npz"),
        pickle.loads(pickle.dumps(recording)),
    ):
        assert found.choice.synapse == synapse
        again = simulate_choice(found.choice)
        assert np.array_equal(again.v, recording.v) and np.array_equal(again.gsyn, recording.gsyn)


# --- the script ---


def run_script(text, monkeypatch, whole=False):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    names = {}
    try:
        exec(compile(text, "script", "exec"), names)
        names["lines"] = [[line.get_xydata() for line in axes.lines] for axes in pyplot.gcf().axes]
    finally:
        pyplot.close("all")
    return names["recordings"] if not whole else names


@pytest.mark.parametrize("key", ["tonic bursting", "inhibition-induced bursting"])
def test_a_script_gives_the_same_runs(key, monkeypatch):
    first = choose("2004", key, tstop=60.0, parameters={"d": 1.5}, synapse=Synapse(start=4.0))
    wanted = [first.but(variant=v, scheme=s) for v in VARIANTS for s in SCHEMES]
    found = run_script(script(wanted), monkeypatch)
    for recording, choice in zip(found, wanted, strict=True):
        try:
            expected = simulate_choice(choice)
        except izhikevich.RunawayError as error:
            expected = error.recording
        assert recording.choice.but(current=None, changes=choice.changes) == choice
        assert np.array_equal(recording.v, expected.v)
        assert np.array_equal(recording.gsyn, expected.gsyn)


@pytest.mark.parametrize(("paper", "key"), [("2004", "resonator"), ("2007", "RS")])
def test_a_script_draws_the_synapse_where_there_is_one(paper, key, monkeypatch):
    driven = choose(paper, key, tstop=60.0, synapse=Synapse())
    text = script([driven, driven.but(variant="Sec")])
    found = run_script(text, monkeypatch, whole=True)
    assert [len(lines) for lines in found["lines"]] == [2, 2, 1, 2]
    for line, recording in zip(found["lines"][3], found["recordings"], strict=True):
        assert np.array_equal(line, np.column_stack([recording.t, recording.gsyn]))
        assert recording.gsyn.max() > 0
    assert f"gsyn ({driven.model.conductance_unit})" in text
    without = run_script(script([driven.but(synapse=None)]), monkeypatch, whole=True)
    assert [len(lines) for lines in without["lines"]] == [1, 1, 1]


def test_a_script_says_what_it_needs():
    text = script([choose("2004", "resonator")])
    assert "pip install ." in text.split("import", 1)[0]


@pytest.mark.parametrize("label", ['it\'s "own"', 'three """ and \\'])
def test_a_script_defines_a_type_that_nobody_has_published(label, monkeypatch):
    entry = dataclasses.replace(SPINY, label=label, dt=0.2)
    wanted = [Choice(entry), Choice(entry, "Sec", "exact")]
    try:
        found = run_script(script(wanted), monkeypatch)
    finally:
        izhikevich.catalog.forget(OWN)
    for recording, choice in zip(found, wanted, strict=True):
        assert recording.paper == OWN and recording.dt == choice.dt
        assert np.array_equal(recording.v, simulate_choice(choice).v)
