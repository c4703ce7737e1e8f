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


def test_no_current_is_a_current_by_hand(view):
    view.open()
    view.choose("current", "hand")
    for text, n_spikes in (("1", 0), ("0", 0), ("-1", 0), ("0", 0)):
        view.type("I1", text)
        recording = simulate("2004", "tonic spiking", current=step(0, float(text), 10))
        assert len(recording.spikes) == n_spikes
        view.shows(recording)
        assert view.page.locator("input[name^='current-']:checked").input_value() == "hand"
        assert [float(view.box(name).input_value()) for name in ("I0", "T1")] == [0, 10]
    assert "no current" in view.status
    view.page.reload()
    view.page.locator(".page[data-answered]").wait_for()
    view.settle()
    view.shows(recording)
    view.choose("current", "figure")
    view.shows(simulate("2004", "tonic spiking"))


def test_a_drag_of_the_current_through_zero_does_not_jump(view):
    view.open()
    view.choose("current", "hand")
    slider = view.slider("I1")
    for value in (2, 1, 0, -1, 0, 1):
        slider.evaluate(
            "(e, x) => { e.value = x; e.dispatchEvent(new Event('input')); }", str(value)
        )
        view.settle()
        assert view.data("current")["i"].tolist()[-1] == float(slider.input_value())


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


def test_a_click_on_the_chosen_type_brings_its_values_back(view):
    view.open()
    view.type("d", "3")
    view.type("tstop", "60")
    view.choose("current", "hand")
    view.choose("type", "tonic spiking")
    assert float(view.box("d").input_value()) == 6
    assert view.page.locator("input[name^='current-']:checked").input_value() == "figure"
    view.shows(simulate("2004", "tonic spiking"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("4.5", 4.5), ("4,5", 4.5), (" ,5 ", 0.5), ("\u22123", -3), ("45e-1", 4.5), ("+4", 4)],
)
def test_numbers_as_people_write_them(view, text, value):
    view.open()
    view.type("d", text)
    assert view.problem == ""
    assert float(view.box("d").input_value()) == value
    view.shows(simulate("2004", "tonic spiking", parameters={"d": value}))


@pytest.mark.parametrize("text", ["4,500.5", "1.2.3", "4,5,6", "six", "", "0x10", "1e", "1e999"])
def test_what_is_no_number_is_refused_with_a_word(view, text):
    view.open()
    view.type("d", text)
    assert view.problem == f"d must be a number such as 1.5, not “{text}”"
    assert view.box("d").input_value() == "6"
    view.shows(simulate("2004", "tonic spiking"))
    view.type("d", "5")
    assert view.problem == ""


def test_a_number_that_is_left_counts_and_escape_takes_it_back(view):
    view.open()
    view.box("d").fill("5")
    view.box("d").press("Escape")
    assert view.box("d").input_value() == "6"
    view.box("d").fill("5")
    view.box("b").focus()
    view.settle()
    view.shows(simulate("2004", "tonic spiking", parameters={"d": 5.0}))


def test_steps_follow_the_scale_of_the_parameter(view):
    """a is 0.02: an arrow key changes it by a few per cent, not by 1; with Shift by a tenth."""
    view.open()
    box, slider = view.box("a"), view.slider("a")
    for control in (box, slider):
        view.press("reset")
        control.focus()
        control.press("ArrowUp")
        view.settle()
        assert float(box.input_value()) == 0.021
        control.press("Shift+ArrowDown")
        control.press("Shift+ArrowDown")
        view.settle()
        assert float(box.input_value()) == float(slider.input_value()) == 0.0208
        view.shows(simulate("2004", "tonic spiking", parameters={"a": 0.0208}))
    # an arrow key counts from what has been typed
    box.fill("0,05")
    box.press("ArrowUp")
    view.settle()
    assert float(box.input_value()) == 0.051


def test_a_hair_on_a_slider_is_a_hair_of_its_parameter(view):
    view.open()
    for name, own in (("a", 0.02), ("b", 0.2), ("d", 6.0)):
        slider = view.slider(name)
        low, high, width = slider.evaluate(
            "(e) => [Number(e.min), Number(e.max), e.getBoundingClientRect().width]"
        )
        assert low < own < high
        assert (high - low) / width < own / 5  # for each pixel


def test_a_drag_with_shift_is_ten_times_as_fine(view):
    view.open()
    slider = view.slider("d")
    box = slider.bounding_box()
    low, high = (float(slider.get_attribute(name)) for name in ("min", "max"))
    x = box["x"] + 8 + (box["width"] - 16) * (6 - low) / (high - low)
    y = box["y"] + box["height"] / 2

    def dragged() -> float:
        view.press("reset")
        view.page.mouse.move(x, y)
        view.page.mouse.down()
        view.page.mouse.move(x + 1, y)
        view.settle()
        start = float(slider.input_value())
        view.page.mouse.move(x + 20, y, steps=5)
        view.settle()
        view.page.mouse.up()
        return float(slider.input_value()) - start

    coarse = dragged()
    view.page.keyboard.down("Shift")
    fine = dragged()
    view.page.keyboard.up("Shift")
    assert coarse > 3
    assert fine == pytest.approx(coarse / 10, rel=0.2)
