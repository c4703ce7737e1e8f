"""Sliders, number boxes and buttons of the web page, and what it refuses; in a real browser."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from izhikevich.engine.simulation import simulate
from izhikevich.waveforms import step


def test_a_slider_leads_to_the_trace(view):
    view.open()
    slider = view.slider("d")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    view.settle()
    value = float(slider.input_value())
    assert value == pytest.approx(6.3)
    assert float(view.box("d").input_value()) == value
    view.shows(simulate("2004", "tonic spiking", parameters={"d": value}))
    # dragged fast: the last value is what is shown
    slider.evaluate(
        """(slider) => { for (let x = 1; x <= 9; x += 0.1) {
            slider.value = x; slider.dispatchEvent(new Event("input")); } }"""
    )
    view.settle()
    value = float(slider.input_value())
    assert value == pytest.approx(9)
    view.shows(simulate("2004", "tonic spiking", parameters={"d": value}))
    view.press("reset")
    view.shows(simulate("2004", "tonic spiking"))
    assert float(slider.input_value()) == 6


def test_number_fields_and_the_fixed_step(view):
    view.open()
    view.choose("scheme", "fixed")
    view.type("dt", "0.123")
    view.type("tstop", "77.7")
    view.type("v0", "-61.5")
    wanted = simulate(
        "2004", "tonic spiking", scheme="fixed", dt=0.123, tstop=77.7, parameters={"v0": -61.5}
    )
    view.shows(wanted)


def test_a_current_by_hand_starts_from_that_of_the_figure(view):
    view.open()
    view.choose("current", "hand")
    assert [float(view.box(name).input_value()) for name in ("I0", "I1", "T1")] == [0, 14, 10]
    view.type("I1", "7.5")
    view.shows(simulate("2004", "tonic spiking", current=step(0, 7.5, 10)))
    assert view.data("current")["i"].tolist() == [0, 0, 7.5, 7.5]
    view.choose("current", "figure")
    view.shows(simulate("2004", "tonic spiking"))


def test_the_comparison_has_its_four_pairs(view):
    view.open()
    view.press("compare")
    rows = view.page.locator(".comparison tbody tr")
    expect(rows).to_have_count(4)
    assert rows.nth(0).locator("td").all_inner_texts()[:5] == [
        "PP published",
        "Sec published",
        "5",
        "5",
        "yes",
    ]


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("c", "100", "must lie below the peak"),
        ("a", "1e308", "at most"),
        ("tstop", "0", "greater than 0"),
        ("tstop", "20000", "at most"),
        ("T1", "-1", "must not be before"),
    ],
)
def test_a_refusal_says_why_and_leaves_what_was_on_screen(view, name, text, word):
    view.open()
    before, status, value = view.data("run0"), view.status, view.box(name).input_value()
    view.type(name, text)
    assert word in view.problem
    assert view.status == status
    assert view.box(name).input_value() == value
    assert np.array_equal(view.data("run0")["v"], before["v"])
    view.type("d", "7")
    assert view.problem == ""


def test_a_million_steps_are_refused(view):
    view.open("?scheme=fixed")
    view.type("dt", "0.0001")
    assert "steps" in view.problem
    view.shows(simulate("2004", "tonic spiking", scheme="fixed", dt=0.25))
