"""The web page on a phone and a laptop, by keyboard, light and dark; in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
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
    for _ in range(5):
        view.page.keyboard.press("Tab")
        order.append(
            view.page.locator(".page").evaluate(
                "(page) => page.getRootNode().activeElement?.dataset.name ?? ''"
            )
        )
    assert order == ["", "a", "a", "b", "b"]  # the first is in the equations


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


def tab_stops(view) -> list[tuple[str, str]]:
    """Role and name of everything that the Tab key leads to in turn."""
    found = []
    for _ in range(200):
        view.page.keyboard.press("Tab")
        stop = view.page.evaluate(
            """() => {
                let e = document.activeElement;
                while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
                if (!e || e === document.body) return null;
                const label = e.labels?.[0]?.textContent;
                const name = e.getAttribute("aria-label") || label || e.textContent;
                return [e.getAttribute("role") || e.tagName, name.trim()];
            }"""
        )
        if stop is None or tuple(stop) in found[:1]:
            return found
        found.append(tuple(stop))
    raise AssertionError("the Tab key leads in circles")


def test_every_tab_stop_says_what_it_is_and_the_tools_of_a_plot_are_among_them(view):
    view.open("?keep=1")
    stops = tab_stops(view)
    assert all(name for _, name in stops), stops
    for plot in ("plot of v over time", "plot of current over time", "phase plane of v and u"):
        at = stops.index(("group", plot))
        assert stops[at + 1][0] == "button", stops[at : at + 4]
    assert ("button", "Pan") in stops and ("button", "Reset") in stops
    # they hide again behind the last of them
    hidden = "Bokeh.documents[0].get_model_by_name('plot v').toolbar.autohide"
    assert view.page.evaluate(hidden) is True


@pytest.mark.parametrize("group", ["paper", "variant", "scheme", "type"])
def test_arrow_keys_keep_the_focus(view, group):
    view.open()
    checked = view.page.locator(f"input[name^='{group}-']:checked")
    checked.focus()
    before = checked.input_value()
    for key in ("ArrowRight", "ArrowLeft"):
        view.page.keyboard.press(key)
        view.settle()
        focused = view.page.evaluate("document.activeElement.value")
        assert focused == checked.input_value() and (focused == before) == (key == "ArrowLeft")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_nothing_stands_against_the_guidelines(server, browser, colours, size):
    """axe-core finds no violation of WCAG 2.2 up to level AA."""
    import axe_playwright_python

    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
    is_phone = size is PHONE
    context = browser.new_context(
        viewport=size, color_scheme=colours, has_touch=is_phone, is_mobile=is_phone
    )
    for query in (
        "?keep=1&variant=both&scheme=both",
        "?paper=2007&scheme=fixed&I1=90&type=nothing",
    ):
        view = View(server, context).open(query)
        view.press("compare")
        view.page.evaluate(axe)
        found = view.page.evaluate(
            """async (levels) => {
                const { violations } = await axe.run(document, { runOnly: levels });
                return violations.map((v) => [v.id, v.nodes.map((n) => n.html + n.failureSummary)]);
            }""",
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        )
        assert found == []
        view.close()
    context.close()
