"""A publication that is registered while the program runs is in the window like any other.

Its cells are of the book's model. What they do is compared with the published rule by hand.
"""

from __future__ import annotations

import gui
import numpy as np
import pytest
from fourth_publication import FOURTH, NAME, SPINY
from reference import exact_spikes, published

from izhikevich.catalog import CATALOG, papers, registered

REGISTER = "from fourth_publication import FOURTH; from izhikevich.catalog import register; "
REGISTER += "register(FOURTH)"
KEYS = [entry.key for entry in FOURTH.types]


@pytest.fixture(scope="module", autouse=True)
def catalogue():
    """What the window's process has in its catalogue is in this one's, too."""
    with registered(FOURTH):
        yield


@pytest.fixture(scope="module")
def screen():
    with gui.display() as display:
        yield display


@pytest.fixture(scope="module")
def the_person(screen):
    with gui.driver(screen, before=REGISTER) as driver:
        yield gui.Person(driver)


@pytest.fixture
def person(the_person):
    the_person.starts_with()
    return the_person


def by_hand(key, **changes):
    """t, v, u, i and the samples of spikes under the published rule."""
    entry = CATALOG[NAME][key]
    values = {**entry.parameters, "vu": entry.parameters["vr"], **changes}
    n_steps = round(entry.tstop / entry.dt)
    waveform = entry.default_current
    return published("2007", values, values["vr"], 0.0, waveform, entry.dt, n_steps)


def shows(person, t, v, u, spikes):
    """Assert that the window shows a run: its curves, which NEURON draws in single precision.

    A section adds in another order than a point process; in the upstroke of a late spike that is
    to be seen, and no spike comes in another step.
    """
    (*_, (along, up)), currents = person.curves("v"), person.curves("i")
    assert np.allclose(along, t, rtol=1e-6)
    own = {name: person.ask(f"session.recording.{name}.tolist()") for name in ("v", "u")}
    assert np.allclose(up, own["v"], rtol=1e-6)
    assert any(np.array_equal(along, x) and np.allclose(y, own["u"]) for x, y in currents)
    if person.ask("session.variant") == "PP":
        assert np.array_equal(own["v"], v) and np.array_equal(own["u"], u)
    assert person.ask("session.recording.spike_samples().tolist()") == spikes.tolist()
    assert f"| {len(spikes)} spikes, " in person.status


@pytest.mark.parametrize("variant", ["PP", "Sec"])
@pytest.mark.parametrize("key", KEYS)
def test_a_click_on_each_cell_type_shows_its_run(person, key, variant):
    person.goes_to(f"{NAME} {variant} model")
    assert person.ask("session.model") == f"{NAME} {variant} model"
    person.clicks(key)
    t, v, u, _, spikes = by_hand(key)
    assert len(spikes) > 3
    shows(person, t, v, u, spikes)
    assert f"{NAME} {variant} Fig. 1: {key} neuron | published, dt 0.25 ms" in person.status


def test_the_other_models_have_their_buttons_still(person):
    for model, key in (("2003 PP", "resonator (RZ)"), ("2007 Sec", "RTN"), ("2004 PP", "Class 1")):
        person.goes_to(f"{model} model")
        person.clicks(key)
        assert person.ask("session.key") == key
        person.goes_to(f"{NAME} PP model")
        assert person.ask("session.key") == KEYS[0]


def test_it_has_the_fields_and_the_equations_of_its_model(person):
    person.goes_to(f"{NAME} PP model")
    for name, value in {**SPINY, "vu": -80, "v0": -80, "u0": 0}.items():
        assert person.shown(name) == value
    person.types("d", "100")
    person.clicks("RUN")
    t, v, u, _, spikes = by_hand(KEYS[0], d=100)
    shows(person, t, v, u, spikes)
    assert "changed: d 100" in person.status
    assert person.ask("window.layout.fields.equations[0][0]").startswith(
        "100 C v' = k (v - vr)(v - vt)"
    )


def test_its_currents_are_in_picoampere(person):
    person.types("after", "9")
    person.goes_to(f"{NAME} PP model")
    assert person.shown("after") == 0, "9 mV/ms are not 9 pA"
    person.goes_to("2007 PP model")
    person.types("after", "350")
    person.goes_to(f"{NAME} Sec model")
    assert person.shown("after") == 350
    said = person.ask("[line[0] for line in window.layout.fields.text]")
    assert any("350 pA" in line for line in said) and not any("mV/ms" in line for line in said)
    low, high = person.ask("list(window.layout.plots['plane'].y)")
    assert any(
        len(x) > 50 and np.allclose(y, np.clip((x + 80) * (x + 25) + 350, low, high), atol=0.1)
        for x, y in person.curves("plane")
    ), "no v-nullcline u = (v + 80)(v + 25) + I"


def test_the_exact_scheme(person):
    person.goes_to(f"{NAME} Sec model")
    person.clicks(KEYS[1])
    person.clicks("exact")
    entry = CATALOG[NAME][KEYS[1]]
    values = {**entry.parameters, "vu": -80}
    spikes = exact_spikes("2007", values, -80.0, 0.0, entry.default_current, entry.tstop)
    assert len(spikes) != len(by_hand(KEYS[1])[4])
    assert np.allclose(person.ask("session.recording.spikes.tolist()"), spikes, rtol=0, atol=0.01)
    assert "| exact, variable step | " in person.status
    assert f"| {len(spikes)} spikes, " in person.status


def test_its_figure_has_every_current(person):
    person.goes_to(f"{NAME} PP model")
    person.clicks(KEYS[0])
    person.clicks("book figure")
    assert person.status.endswith(f"choose a 2007 or {NAME} model")
    person.clicks(KEYS[1])
    person.clicks("book figure")
    person.until("window._book is not None")
    assert any(f"Fourth (2024) Fig. 1: {KEYS[1]}" in title for title in person.screen.windows())
    person.ask("window._book.close()")


def test_everything_is_in_view(person):
    person.goes_to(f"{NAME} PP model")
    person.screen.leaves()
    person.ask("1")
    picture = person.screen.screenshot()
    rows, columns = np.nonzero((picture != 0).any(axis=2))
    assert columns.max() < 1279 and rows.max() < 760, "some room is left for a title bar"
    layout = gui.Layout(picture, NAME)
    assert list(layout.cell_types) == KEYS
    assert len(layout.check_boxes) == len(papers()) + 8
    status_line = rows.max() - 25
    assert max(box.bottom for box in layout.fields.values()) < status_line
