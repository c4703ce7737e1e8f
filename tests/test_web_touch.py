"""Fingers on the page: a phone, by Chromium's emulation."""

from __future__ import annotations

import pytest
from web_fixtures import PHONE
from web_view import View

from izhikevich.engine.simulation import simulate


@pytest.fixture
def phone(server, browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    view = View(server, context).open()
    yield view
    view.close()
    context.close()


class Finger:
    def __init__(self, view: View) -> None:
        self._view = view
        self._session = view.page.context.new_cdp_session(view.page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def drag(self, start: tuple[float, float], by: tuple[float, float], n_steps: int = 10) -> None:
        self.send("touchStart", start)
        for n in range(1, n_steps + 1):
            self.send(
                "touchMove", tuple(a + b * n / n_steps for a, b in zip(start, by, strict=True))
            )
            self._view.page.wait_for_timeout(20)
        self.send("touchEnd")
        self._view.settle()


def place(view: View, name: str, share: float) -> tuple[float, float]:
    """A point on a slider, in the middle of the screen."""
    view.slider(name).evaluate("(e) => e.scrollIntoView({ block: 'end' })")
    view.page.wait_for_timeout(100)
    box = view.slider(name).bounding_box()
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_scroll_that_starts_on_a_slider_changes_nothing(phone, share):
    start = place(phone, "c", share)
    before, n_entries = phone.page.evaluate("[scrollY, history.length]")
    Finger(phone).drag(start, (3, -150))
    phone.page.wait_for_timeout(200)
    assert phone.page.evaluate("scrollY") > before + 50
    assert phone.box("c").input_value() == "-65"
    assert float(phone.slider("c").input_value()) == -65
    phone.shows(simulate("2004", "tonic spiking"))
    # nor did it for a moment
    assert phone.page.evaluate("history.length") == n_entries
    assert phone.page.url == phone.server.address


def test_a_finger_that_goes_sideways_moves_the_slider(phone):
    start = place(phone, "c", 0.28)
    before = phone.page.evaluate("scrollY")
    Finger(phone).drag(start, (60, 5))
    c = float(phone.box("c").input_value())
    assert -60 < c < -20
    assert phone.page.evaluate("scrollY") == before
    phone.shows(simulate("2004", "tonic spiking", parameters={"c": c}))


def test_a_tap_sets_the_slider(phone):
    start = place(phone, "c", 0.5)
    finger = Finger(phone)
    finger.send("touchStart", start)
    finger.send("touchEnd")
    phone.page.wait_for_timeout(100)
    phone.settle()
    assert -50 < float(phone.box("c").input_value()) < -40
