"""The web page on a phone and a laptop, by keyboard, light and dark; in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect
from web_client import wait_until
from web_fixtures import LAPTOP, PHONE
from web_view import View


def test_a_phone_shows_everything_without_scrolling_sideways(server, browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    view = View(server, context).open()
    assert view.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    view.slider("d").scroll_into_view_if_needed()
    plot = view.page.locator(".v_plot").bounding_box()
    assert plot and plot["y"] >= -1, "the trace leaves the screen while a slider moves"
    view.close()


def test_a_laptop_shows_plots_sliders_and_words_at_once(view):
    view.open()
    for part in (".v_plot", ".i_plot", ".plane_plot", ".status", "input[data-name=dt] >> nth=0"):
        box = view.page.locator(part).bounding_box()
        assert box and box["y"] + box["height"] <= LAPTOP["height"], part


def test_everything_has_a_name_and_is_reached_by_keyboard(view):
    view.open()
    nameless = view.page.locator(".page").evaluate(
        """(page) => [...page.querySelectorAll("input:not([hidden]), button, select")].filter((e) =>
            !(e.getAttribute("aria-label") || e.textContent.trim()
              || (e.labels && [...e.labels].some((l) => l.textContent.trim()))))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    view.page.locator("input[type=radio][name^='type-']:checked").focus()
    view.page.keyboard.press("ArrowRight")
    view.settle()
    assert "phasic spiking" in view.status
    order = []
    for _ in range(4):
        view.page.keyboard.press("Tab")
        order.append(
            view.page.locator(".page").evaluate(
                "(page) => page.getRootNode().activeElement?.dataset.name ?? ''"
            )
        )
    assert order[:4] == ["a", "a", "b", "b"]


def test_dark_follows_the_system_and_the_button(server, browser):
    view = View(server, browser.new_context(color_scheme="dark")).open()
    button = view.page.get_by_role("button", name="dark")
    expect(button).to_have_attribute("aria-pressed", "true")
    colour = "Bokeh.documents[0].get_model_by_name('plot v').background_fill_color"
    wait_until(lambda: view.page.evaluate(f"JSON.stringify({colour})") != '"#ffffff"', 5)
    button.click()
    view.settle()
    wait_until(lambda: view.page.evaluate(f"JSON.stringify({colour})").count("ffffff"), 5)
    view.close()
