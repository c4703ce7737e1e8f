"""The browser's address follows the page: back, forward and reload; in a real browser."""

from __future__ import annotations

import urllib.parse

import pytest
from playwright.sync_api import expect
from web_client import followed, run
from web_view import View

from izhikevich.engine.simulation import simulate
from izhikevich.views.web.links import link_to
from izhikevich.views.web.page import Page


def shown(view: View) -> dict[str, str]:
    """What the address says."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(view.page.url).query))


def n_entries(view: View) -> int:
    return view.page.evaluate("history.length")


def go(view: View, where: str) -> None:
    """Press the browser's button."""
    before = view.status
    view.page.evaluate(f"history.{where}()")
    expect(view.page.locator(".status")).not_to_have_text(before)
    view.settle()


def test_a_page_that_was_opened_has_the_address_it_was_opened_by(view):
    for query in ("", "?d=4.5", "?paper=2003&keep=1"):
        view.open(query)
        assert view.page.url == view.server.address + query


def test_a_link_that_is_refused_is_not_met_again(view):
    view.open("?paper=1999")
    assert shown(view)["paper"] == "2004"
    view.page.reload()
    view.page.locator(".page[data-answered]").wait_for()
    view.settle()
    assert view.problem == ""


def test_back_undoes_and_forward_does_again(view):
    view.open()
    view.choose("type", "phasic spiking")
    assert shown(view)["type"] == "phasic spiking"
    view.type("d", "3.25")
    view.choose("scheme", "exact")
    view.switch("synapse")
    assert shown(view) | {"d": "3.25", "scheme": "exact", "synapse": "1"} == shown(view)
    for _ in range(3):
        go(view, "back")
    view.shows(simulate("2004", "phasic spiking"))
    assert "d" not in shown(view) and view.problem == ""
    assert view.box("d").input_value() == "6"
    assert view.page.get_by_label("synapse").is_checked() is False
    go(view, "forward")
    go(view, "forward")
    view.shows(simulate("2004", "phasic spiking", scheme="exact", parameters={"d": 3.25}))
    assert view.page.locator("input[name^='scheme-']:checked").input_value() == "exact"
    go(view, "back")
    # what is done then leads on from there
    view.type("d", "2")
    go(view, "back")
    view.shows(simulate("2004", "phasic spiking", parameters={"d": 3.25}))
    for _ in range(2):
        go(view, "back")
    view.shows(simulate("2004", "tonic spiking"))
    assert view.page.url == view.server.address
    go(view, "forward")
    assert view.page.url != view.server.address


def test_back_to_another_paper(view):
    view.open()
    view.choose("paper", "2007")
    view.type("k", "1.5")
    go(view, "back")
    go(view, "back")
    view.shows(simulate("2004", "tonic spiking"))
    assert view.page.locator(".types label").count() == 20
    expect(view.page.locator(".types svg path")).to_have_count(20)


def test_reload_keeps_everything(view):
    view.open()
    view.choose("paper", "2007")
    view.choose("variant", "Sec")
    view.type("d", "120")
    status = view.status
    view.page.reload()
    view.page.locator(".page[data-answered]").wait_for()
    view.settle()
    assert view.status == status
    view.shows(simulate("2007", "RS", variant="Sec", parameters={"d": 120.0}))


def test_one_movement_is_one_step_back(view):
    view.open()
    before = n_entries(view)
    box = view.slider("d").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for end in (30, -30):  # two drags
        view.page.mouse.move(x, y)
        view.page.mouse.down()
        for n in range(1, 6):
            view.page.mouse.move(x + n * end / 5, y)
            view.settle()
        view.page.mouse.up()
        view.settle()
    assert n_entries(view) == before + 2
    view.slider("b").focus()
    for _ in range(5):
        view.slider("b").press("ArrowRight")
    view.settle()
    assert n_entries(view) == before + 3
    assert float(shown(view)["b"]) == pytest.approx(0.25)
    go(view, "back")
    assert "b" not in shown(view) and "d" in shown(view)
    go(view, "back")
    go(view, "back")
    view.shows(simulate("2004", "tonic spiking"))


def test_what_is_refused_or_shows_nothing_new_is_no_step(view):
    view.open("?d=5")
    before = n_entries(view)
    view.type("c", "100")
    assert "below the peak" in view.problem
    view.press("compare")
    with view.page.expect_download():
        view.press("CSV")
    view.choose("scheme", "published")
    assert n_entries(view) == before
    assert view.page.url == view.server.address + "?d=5"


def test_kept_runs_stay_on_the_way_back(view):
    view.open("?keep=1")
    view.type("d", "4")
    go(view, "back")
    view.shows(simulate("2004", "tonic spiking"))
    view.keeps([simulate("2004", "tonic spiking", parameters={"d": d}) for d in (6.0, 4.0)])


@pytest.mark.parametrize("link", ["paper=1999", "a=nan", "&".join("a=1" for _ in range(200)), 7])
def test_a_way_back_that_leads_nowhere_is_refused(link):
    class NoRuns:
        def submit(self, choice, owner=None):
            raise AssertionError("nothing should be run")

    page = Page(NoRuns(), None, followed("d=5"))
    reply = run(page.answer({"number": 1, "action": "link", "value": link}))
    assert reply["problem"] and "internal" not in reply["problem"]
    assert link_to(page.exploration) == link_to(followed("d=5"))
