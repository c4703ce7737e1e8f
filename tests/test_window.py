"""The window, used as a person does: every button, fields, steppers, schemes, bad input, Close."""

from __future__ import annotations

import time

import gui
import numpy as np
import pytest
from fourth_publication import FOURTH

import izhikevich
from izhikevich import RunawayError, Synapse
from izhikevich.catalog import CATALOG, registered, types_of
from izhikevich.session import models
from izhikevich.waveforms import step


@pytest.fixture(scope="module")
def the_person():
    with gui.display() as screen, gui.driver(screen) as driver:
        yield gui.Person(driver)


@pytest.fixture
def person(the_person):
    """Before a window as it is at the start; what it runs it runs in its own process."""
    the_person.starts_with()
    yield the_person
    assert the_person.ask("'izhikevich.engine.worker' in sys.modules") is False


def is_same(curve, x, y):
    """Whether a curve is that of x and y, which NEURON draws in single precision."""
    return all(
        drawn.shape == np.shape(expected) and np.allclose(drawn, expected, rtol=1e-6, atol=1e-5)
        for drawn, expected in zip(curve, (x, y), strict=True)
    )


#: Those whose types have a button each.
MODELS = [model for model in models() if model.split()[0] in CATALOG]


def shows(person, recording):
    """Assert that the window shows a run: its curves, and in words what it is."""
    *_, voltage = person.curves("v")
    assert is_same(voltage, recording.t, recording.v)
    currents = person.curves("i")
    assert any(is_same(c, *recording.waveform.knots(recording.tstop)) for c in currents)
    assert any(is_same(c, recording.t, recording.u) for c in currents)
    n = len(recording.spikes)
    status = person.status
    for part in (
        f"{recording.paper} {recording.variant} ",
        f": {recording.cell_type.label} | ",
        f"| {recording.scheme}, ",
        "variable step" if recording.dt is None else f"dt {recording.dt:g} ms",
        f"| {n} spike{'' if n == 1 else 's'}",
    ):
        assert part in status


@pytest.mark.parametrize("model", MODELS)
def test_a_click_on_each_cell_type_shows_its_run(person, model):
    paper, variant = model.split()[:2]
    other = next(name for name in MODELS if name.split()[0] != paper)
    person.goes_to(other)
    person.goes_to(model)
    assert person.ask("session.model") == model
    shows(person, izhikevich.simulate(paper, next(iter(CATALOG[paper])), variant=variant))
    for key in reversed(CATALOG[paper]):
        person.clicks(key)
        assert person.ask("session.key") == key
        shows(person, izhikevich.simulate(paper, key, variant=variant))


def test_a_large_publication_is_gone_through_by_groups(person):
    person.goes_to("hippocampome PP model")
    types = types_of("hippocampome")
    shows(person, izhikevich.simulate("hippocampome", next(iter(types))))
    of_ca2 = [key for key, entry in types.items() if entry.group == "CA2"]
    preferred = [key for key in of_ca2 if types[key].is_preferred]
    others = [key for key in of_ca2 if not types[key].is_preferred]
    for name, key in (
        ("CA2", preferred[0]),
        *(("next", key) for key in (*preferred, *others)[1:]),
        ("next", preferred[0]),
        ("previous", (*preferred, *others)[-1]),
    ):
        person.clicks(name)
        assert person.ask("session.key") == key
        shows(person, izhikevich.simulate("hippocampome", key))
    person.goes_to("2004 Sec model")
    shows(person, izhikevich.simulate("2004", "tonic spiking", variant="Sec"))


def test_the_window_fits_the_screen_of_a_laptop(person):
    picture = person.screen.screenshot()
    rows, columns = np.nonzero((picture != 0).any(axis=2))
    assert columns.max() < 1279 and rows.max() < 760, "some room is left for a title bar"


@pytest.mark.parametrize("model", MODELS)
def test_at_its_start_no_parameter_is_marked_as_changed(person, model):
    person.starts_with(model, next(iter(CATALOG[model.split()[0]])))
    person.ask("1")
    picture, fields = person.screen.screenshot().astype(int), person.layout.fields
    marks = 0
    for name in person.ask("list(session.parameters)"):
        box = fields[name]
        beside = picture[box.top : box.bottom, box.left - box.height - 8 : box.left].reshape(-1, 3)
        marks += int(((beside[:, 0] > 150) & (beside[:, 1:] < 60).all(axis=1)).sum() > 5)
    # both papers of one model share a card, whose marks lead back to the second's first type
    assert marks == (3 if model.startswith("2003") else 0)


def test_the_other_variant_of_a_paper_keeps_the_cell_type(person):
    person.clicks("tonic bursting")
    person.goes_to("2004 Sec model")
    shows(person, izhikevich.simulate("2004", "tonic bursting", variant="Sec"))


# --- fields, steppers, options ---


def test_run_runs_what_the_fields_show(person):
    person.types("d", "2.5")
    before = person.curves("v")
    assert "changed" not in person.status, "nothing runs before RUN is pressed"
    person.clicks("RUN")
    shows(person, izhikevich.simulate("2004", "tonic spiking", parameters={"d": 2.5}))
    assert "changed: d 2.5" in person.status
    assert not is_same(person.curves("v")[-1], *before[-1])


def test_a_field_takes_an_expression(person):
    person.types("a", "1/40")
    assert person.ask("session.parameters['a']") == 1 / 40


def test_a_stepper_runs_at_once_with_live(person):
    person.steps("d", "up")
    d = person.ask("session.parameters['d']")
    assert d > 6 and "changed" not in person.status
    person.clicks("live")
    person.steps("d", "up")
    d = person.ask("session.parameters['d']")
    shows(person, izhikevich.simulate("2004", "tonic spiking", parameters={"d": d}))
    person.steps("d", "down")
    person.steps("d", "down")
    shows(person, izhikevich.simulate("2004", "tonic spiking"))
    assert "changed" not in person.status


def test_a_click_on_a_cell_type_takes_its_own_parameters(person):
    person.types("d", "2.5")
    person.types("tstop", "50")
    person.clicks("tonic bursting")
    shows(person, izhikevich.simulate("2004", "tonic bursting"))
    assert person.shown("tstop") == CATALOG["2004"]["tonic bursting"].tstop


def test_a_current_by_hand_replaces_that_of_the_figure(person):
    for name, number in (("before", 2), ("after", 9), ("change_at", 30)):
        person.types(name, str(number))
    person.clicks("RUN")
    shows(person, izhikevich.simulate("2004", "tonic spiking", current=step(2, 9, 30)))
    assert "current by hand" in person.status
    person.types("before", "0")
    person.types("after", "0")
    person.clicks("RUN")
    shows(person, izhikevich.simulate("2004", "tonic spiking", current=step(0, 0, 30)))
    assert "no current" in person.status
    person.clicks("by hand")
    shows(person, izhikevich.simulate("2004", "tonic spiking"))
    assert "by hand" not in person.status and "no current" not in person.status
    person.clicks("by hand")
    assert [person.shown(name) for name in ("before", "after", "change_at")] == [0, 14, 10]
    shows(person, izhikevich.simulate("2004", "tonic spiking", current=step(0, 14, 10)))


def test_duration(person):
    person.types("tstop", "40")
    person.clicks("RUN")
    shows(person, izhikevich.simulate("2004", "tonic spiking", tstop=40))


def test_each_scheme(person):
    person.clicks("exact")
    shows(person, izhikevich.simulate("2004", "tonic spiking", scheme="exact"))
    person.types("dt", "0.05")
    person.clicks("fixed")
    shows(person, izhikevich.simulate("2004", "tonic spiking", scheme="fixed", dt=0.05))
    person.clicks("published")
    shows(person, izhikevich.simulate("2004", "tonic spiking"))


@pytest.mark.parametrize("model", ["2004 PP model", "2007 Sec model"])
def test_synapse(person, model):
    paper, variant = model.split()[:2]
    key = next(iter(CATALOG[paper]))
    person.starts_with(model, key)
    person.clicks("synapse")
    recording = izhikevich.simulate(paper, key, variant=variant, synapse=Synapse())
    shows(person, recording)
    assert any(is_same(curve, recording.t, recording.gsyn) for curve in person.curves("i"))
    assert "synapse: 10 events" in person.status
    person.clicks("synapse")
    shows(person, izhikevich.simulate(paper, key, variant=variant))


def test_keep_leaves_the_earlier_runs_on_view(person):
    person.clicks("keep")
    person.clicks("phasic spiking")
    person.clicks("tonic bursting")
    recordings = [
        izhikevich.simulate("2004", key)
        for key in ("tonic spiking", "phasic spiking", "tonic bursting")
    ]
    curves = person.curves("v")
    assert len(curves) == 3
    for curve, recording in zip(curves, recordings, strict=True):
        assert is_same(curve, recording.t, recording.v)
    picture = person.screen.screenshot()
    box = person.layout.voltage
    inside = picture[box.top : box.bottom, box.left : box.right].reshape(-1, 3).astype(int)
    is_gray = (np.ptp(inside, axis=1) < 8) & (inside[:, 0] > 60) & (inside[:, 0] < 230)
    is_red = (inside[:, 0] > 200) & (inside[:, 1:] < 60).all(axis=1)
    assert is_gray.sum() > 300 and is_red.sum() > 300
    person.clicks("keep")
    person.clicks("RUN")
    assert len(person.curves("v")) == 1


def test_reset_goes_back_to_the_type_as_published(person):
    person.types("d", "2.5")
    person.types("after", "9")
    person.types("tstop", "40")
    person.clicks("synapse")
    person.clicks("reset")
    shows(person, izhikevich.simulate("2004", "tonic spiking"))
    assert [person.shown(name) for name in ("after", "tstop", "synapse")] == [0, 100, 0]


# --- in the middle of a run ---


@pytest.fixture
def long_run(person):
    """Under way: a run of half a minute."""
    person.clicks("exact")
    person.types("tstop", "100000")
    person.clicks("RUN", wait=False)
    person.until("window.is_running")
    return person


def test_stop_ends_a_run_and_keeps_the_picture(long_run):
    before = long_run.curves("v")
    since = time.monotonic()
    long_run.clicks("STOP")
    assert time.monotonic() - since < 5
    assert long_run.status.startswith("stopped at ")
    assert is_same(long_run.curves("v")[-1], *before[-1])
    long_run.types("tstop", "100")
    long_run.clicks("RUN")
    shows(long_run, izhikevich.simulate("2004", "tonic spiking", scheme="exact"))


def test_another_cell_type_ends_a_run_and_runs(long_run):
    long_run.clicks("phasic spiking")
    long_run.until("session.recording.key == 'phasic spiking'")
    shows(long_run, izhikevich.simulate("2004", "phasic spiking", scheme="exact"))


# --- what cannot be run ---


NO_NUMBERS = ["nan", "abc", "quit()", "Quit()", "foo()", "1/0", "sqrt(-1)", "1e400", "2+", '"', "{"]


@pytest.mark.parametrize(
    ("text", "live"), [*((text, False) for text in NO_NUMBERS), ("abc", True), ("foo()", True)]
)
def test_what_is_no_number_leaves_the_field_as_it_was(person, text, live):
    if live:
        person.clicks("live")
    before = person.curves("v")
    person.types("d", text)
    assert person.ask("session.parameters['d']") == person.shown("d") == 6
    assert is_same(person.curves("v")[-1], *before[-1])
    assert "no number" in person.status or "must be a finite number" in person.status
    person.clicks("tonic bursting")
    shows(person, izhikevich.simulate("2004", "tonic bursting"))


@pytest.mark.parametrize(
    ("model", "name", "text", "said"),
    [
        ("2004 PP model", "dt", "0", "dt must be greater than 0 ms"),
        ("2004 PP model", "dt", "-1", "dt must be greater than 0 ms"),
        ("2004 PP model", "tstop", "0", "tstop must be greater than 0 ms"),
        ("2004 PP model", "change_at", "-5", "T1 must not be before 0 ms"),
        ("2004 PP model", "after", "1e400", "I1 must be a finite number"),
        ("2004 PP model", "c", "40", "the reset c must lie below the peak"),
        ("2007 Sec model", "C", "0", "C must be greater than 0"),
        ("2007 Sec model", "celltype", "9", "celltype is one of 1 to 7"),
    ],
)
def test_a_value_that_cannot_be_run_is_refused(person, model, name, text, said):
    person.starts_with(model, next(iter(CATALOG[model.split()[0]])))
    chosen = f"session.parameters.get({name!r}, getattr(session, {name!r}, None))"
    value, before = person.ask(chosen), person.curves("v")
    person.types(name, text)
    assert said in person.status
    assert person.ask(chosen) == person.shown(name) == value is not None
    assert is_same(person.curves("v")[-1], *before[-1])


def test_too_many_samples_are_refused(person):
    before = person.curves("v")
    person.types("tstop", "1e7")
    person.clicks("RUN")
    assert "steps are more than" in person.status
    assert is_same(person.curves("v")[-1], *before[-1])


def test_a_run_that_diverges_is_shown_as_far_as_it_went(person):
    person.clicks("exact")
    person.clicks("inhibition-induced bursting")
    with pytest.raises(RunawayError) as caught:
        izhikevich.simulate("2004", "inhibition-induced bursting", scheme="exact")
    recording = caught.value.recording
    assert recording.t[-1] < recording.tstop
    assert is_same(person.curves("v")[-1], recording.t, recording.v)
    assert f"ran away at {caught.value.time:g} ms" in person.status
    assert str(caught.value) in person.status, "and why"


LISTEN = """
import logging
said = []
listener = logging.Handler()
listener.emit = lambda record: said.append(listener.format(record))
logging.getLogger('izhikevich').addHandler(listener)
"""


@pytest.fixture
def log(person):
    """What the program writes to its log."""
    person.ask(LISTEN)
    yield lambda: person.ask("said")
    person.ask("logging.getLogger('izhikevich').removeHandler(listener)")


def test_a_fault_of_the_program_is_called_one_and_logged(person, log):
    person.ask("session.run = lambda progress: 1 / 0")
    person.clicks("RUN")
    assert person.status.startswith("internal error")
    assert "ZeroDivisionError: division by zero" in person.status
    (entry,) = log()
    assert "Traceback" in entry and "ZeroDivisionError" in entry
    person.ask("del session.run")
    person.clicks("RUN")
    shows(person, izhikevich.simulate("2004", "tonic spiking"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("d", "abc", "what was typed is no number; the field keeps its own"),
        ("c", "40", "the reset c must lie below the peak thresh = 30 mV"),
        ("tstop", "-1", "tstop must be greater than 0 ms, not -1"),
    ],
)
def test_what_a_person_can_put_right_is_no_fault_of_the_program(person, log, name, text, said):
    person.types(name, text)
    assert person.status.startswith(said)
    person.clicks("book figure")
    assert person.status.startswith("the figure of tonic spiking has one current")
    assert log() == []


# --- what the catalogue gets while the window is open ---

DEFINE = """
from izhikevich import define
define('mine', dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150))
"""
REGISTER = """
from fourth_publication import FOURTH
from izhikevich.catalog import register
register(FOURTH)
"""


@pytest.fixture
def open_window():
    with gui.display() as screen, gui.driver(screen) as driver:
        yield gui.Person(driver)


def test_a_publication_has_its_buttons_when_it_is_asked_for(open_window):
    open_window.clicks("flow")
    open_window.ask(REGISTER)
    open_window.goes_to("2007 PP model")
    open_window.clicks("LTS")
    assert "low-threshold" in open_window.status, "what is in view works as before"
    with registered(FOURTH):
        open_window.ask("window.choose('striatum Sec model')")
        open_window.forgets()
        there = open_window.screen.windows
        gui.wait_until(lambda: there() == ["Izhikevich's neuron"], "the new window")
        open_window.clicks("quick spiny")
        assert open_window.status.startswith("striatum Sec Fig. 1: quick spiny neuron")
        assert open_window.shown("flow") == 1
        open_window.goes_to("2004 PP model")
        open_window.clicks("tonic bursting")
    shows(open_window, izhikevich.simulate("2004", "tonic bursting"))
    open_window.clicks("Close", wait=False)
    assert open_window.driver.process.wait(timeout=gui.TIMEOUT) == 0
    assert open_window.screen.windows() == []


def test_a_type_of_ones_own_is_chosen_at_the_prompt(open_window):
    open_window.ask(DEFINE)
    open_window.ask("window.choose('own PP model')")
    assert open_window.status.startswith("own PP ")
    assert ": mine | published, dt 0.25 ms | " in open_window.status
    open_window.ask(DEFINE.replace("mine", "another"))
    open_window.ask("window.choose('own Sec model', 'another')")
    assert open_window.ask("[p.name for p in window.layout.publications]")[-1] == "own"
    assert open_window.ask("[e.key for e in window.layout.publications[-1].types]") == [
        "mine",
        "another",
    ]
    open_window.ask("from izhikevich import catalog; catalog.forget('own')")
    open_window.ask("window.choose()")
    assert open_window.status.startswith("own Sec"), "what is chosen is shown all the same"
    open_window.ask("window.choose('2004 PP model')")
    assert open_window.status.startswith("2004 PP")


# --- memory and the end ---


def test_clicks_leave_little_behind(person):
    n_rounds, n_types = 4, sum(len(types) for types in CATALOG.values())
    everything = (
        "for paper in CATALOG:\n for variant in ('PP', 'Sec'):\n"
        "  for key in CATALOG[paper]: window.choose(f'{paper} {variant} model', key)"
    )
    person.ask(everything, timeout=60)
    before = person.ask("resident()")
    for _ in range(n_rounds):
        person.ask(everything, timeout=60)
    growth = (person.ask("resident()") - before) / (n_rounds * 2 * n_types)
    print(f"{growth:.0f} bytes remain of a click")
    assert growth < 8000


@pytest.mark.parametrize("in_a_run", [False, True])
def test_close_ends_the_program(in_a_run):
    with gui.display() as screen, gui.driver(screen) as driver:
        person = gui.Person(driver)
        if in_a_run:
            person.clicks("exact")
            person.types("tstop", "100000")
            person.clicks("RUN", wait=False)
            person.until("window.is_running")
        person.clicks("Close", wait=False)
        assert driver.process.wait(timeout=gui.TIMEOUT) == 0
        assert driver.remains() == []
        assert screen.windows() == []
