"""The phase plane in the window: it follows parameters, plays a run slowly, explains the type."""

from __future__ import annotations

import time

import gui
import numpy as np
import pytest

from izhikevich.analysis.plane import for_cell_type, plane
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.models import QUADRATIC
from izhikevich.session import Session


@pytest.fixture(scope="module")
def the_person():
    with gui.display() as screen, gui.driver(screen) as driver:
        yield gui.Person(driver)


@pytest.fixture
def person(the_person):
    the_person.starts_with()
    yield the_person
    assert the_person.ask("'izhikevich.engine.worker' in sys.modules") is False


def shows_nullclines(person, plane, *currents):
    """Assert that both nullclines are drawn where the equations have them."""
    drawn = person.curves("plane")
    low, high = person.ask("list(window.layout.plots['plane'].y)")
    for current in currents:
        assert any(
            len(x) > 3
            and np.allclose(
                y, np.clip(plane.v_nullcline(x, current), low, high), rtol=1e-5, atol=1e-3
            )
            for x, y in drawn
        ), f"no v-nullcline at I = {current}"
    assert any(
        len(x) > 3 and np.allclose(y, np.clip(plane.recovery(x), low, high), rtol=1e-5, atol=1e-3)
        for x, y in drawn
    ), "no u-nullcline"


def text(person):
    """What stands beside the plane, without its line breaks."""
    return " ".join(" ".join(person.ask("[line[0] for line in window.layout.fields.text]")).split())


def test_the_plane_follows_a_parameter_before_and_after_the_run(person):
    shows_nullclines(person, plane(QUADRATIC, {"a": 0.02, "b": 0.2, "c": -65, "d": 6}), 0, 14)
    person.types("b", "0.25")
    changed = plane(QUADRATIC, {"a": 0.02, "b": 0.25, "c": -65, "d": 6})
    shows_nullclines(person, changed, 0, 14)
    assert "changed" not in person.status
    person.clicks("RUN")
    shows_nullclines(person, changed, 0, 14)
    assert "changed: b 0.25" in person.status


def test_the_plane_follows_a_current_by_hand_and_a_stepper_held_with_live(person):
    shown = for_cell_type(cell_type("2004", "tonic spiking"))
    person.types("change_at", "10")
    person.types("after", "5")
    shows_nullclines(person, shown, 0, 5)
    person.clicks("live")
    for _ in range(3):
        person.steps("after", "up")
    current = person.ask("session.after")
    assert current > 5
    shows_nullclines(person, shown, 0, current)


def test_no_line_is_drawn_across_a_reset(person):
    person.clicks("tonic bursting")
    recording_n = person.ask("len(session.recording.spikes)")
    assert recording_n == 28
    jumps = [np.max(np.abs(np.diff(x))) for x, _ in person.curves("plane") if len(x) > 1]
    # a reset leads from 30 to -50 mV; the steps of the rule are smaller
    assert max(jumps) < 70


@pytest.mark.parametrize("model", ["2003 PP model", "2004 PP model", "2007 Sec model"])
def test_the_text_changes_with_the_type(person, model):
    person.goes_to(model)
    seen = set()
    for key in CATALOG[model.split()[0]]:
        person.clicks(key)
        session = Session(model, key)
        assert text(person) == " ".join(" ".join(session.explanation()).split())
        seen.add(text(person))
    assert len(seen) == len(CATALOG[model.split()[0]])


def test_the_equations_are_those_of_the_celltype(person):
    shown = {}
    for model in ("2004 PP model", "2007 PP model"):
        person.goes_to(model)
        for key in CATALOG[model.split()[0]]:
            person.clicks(key)
            shown[key] = tuple(person.ask("[line[0] for line in window.layout.fields.equations]"))
    assert shown["tonic spiking"] == shown["accomodation"]
    assert shown["RS"] == shown["CH"] and shown["TC"] == shown["TC_burst"]
    assert len({shown[key] for key in ("tonic spiking", "RS", "LTS", "FS", "TC", "RTN")}) == 6
    assert "(v - d)^3" in shown["FS"][1] and "u + d" not in shown["FS"][2]


def test_slow_motion_plays_pauses_steps_and_ends(person):
    person.ask("setattr(window.layout.fields, 'speed', 40.0)")
    person.clicks("slow motion")
    person.until("window.motion.time > 2")
    person.clicks("pause")
    assert person.ask("window.motion.playing") is False
    paused = person.ask("window.motion.sample")
    assert person.ask("window.motion.sample") == paused
    # the trajectory is drawn as far as the point, and the trace whole
    assert sum(len(x) for x, _ in person.curves("v")) == 401
    person.clicks("step")
    assert person.ask("window.motion.sample") == paused + 1
    person.clicks("pause")
    assert person.ask("window.motion.playing") is True
    person.until("window.motion.at_end", timeout=30)
    assert person.ask("window.motion.playing") is False
    person.clicks("phasic spiking")
    assert person.ask("window.motion is None")
    assert "phasic spiking" in person.status


def test_the_flow_appears_on_request(person):
    before = len(person.curves("plane"))
    person.clicks("flow")
    assert len(person.curves("plane")) > before + 100
    person.clicks("flow")
    assert len(person.curves("plane")) == before


def test_the_book_figure_shows_every_current_of_the_type(person):
    person.clicks("book figure")
    assert "choose a 2007 model" in person.status
    person.goes_to("2007 Sec model")
    person.clicks("TC_burst")
    before = person.curves("v")
    person.clicks("book figure")
    person.until("window._book is not None")
    assert any("Fig. 8.31" in name for name in person.screen.windows())
    assert np.array_equal(person.curves("v")[-1], before[-1])
    person.ask("window._book.close()")


@pytest.fixture
def long_figure(person):
    """Under way: the runs of a book figure that take half a minute, after the figure of RS."""
    person.goes_to("2007 PP model")
    person.clicks("book figure")
    person.clicks("exact")
    person.ask(
        "import dataclasses; "
        "session.choice = session.choice.but("
        "cell_type=dataclasses.replace(session.cell_type, tstop=30_000.0))"
    )
    person.clicks("book figure", wait=False)
    person.until("window.is_running")
    yield person
    person.ask("window._book.close()")


def book_figures(person):
    return [title for title in person.screen.windows() if "Fig. 8.12" in title]


def test_stop_ends_the_runs_of_a_book_figure(long_figure):
    before, figure = long_figure.curves("v"), long_figure.ask("id(window._book)")
    since = time.monotonic()
    long_figure.clicks("STOP")
    assert time.monotonic() - since < 5
    assert long_figure.status.startswith("stopped at ")
    assert long_figure.status.endswith("the figure was not drawn")
    assert np.array_equal(long_figure.curves("v")[-1], before[-1])
    assert long_figure.ask("id(window._book)") == figure, "the one before stays"
    assert len(book_figures(long_figure)) == 1


def test_a_click_in_the_runs_of_a_book_figure_is_carried_out(long_figure):
    long_figure.clicks("LTS")
    long_figure.until("session.recording.key == 'LTS' and not window.is_running")
    assert "low-threshold" in long_figure.status
    assert len(long_figure.curves("v")[-1][0]) == long_figure.ask("len(session.recording.t)")


@pytest.mark.parametrize(
    ("name", "value"), [("a", "0"), ("b", "0"), ("e", "0"), ("b", "0.2000000001")]
)
def test_degenerate_parameters_leave_no_nan_on_screen(person, name, value):
    person.types(name, value)
    for x, y in person.curves("plane"):
        assert np.isfinite(x).all() and np.isfinite(y).all()
    assert "nan" not in text(person) and "inf" not in text(person).replace("infinite", "")
    assert len(text(person)) > 80
