"""The equations on the page, with the numbers in force, and a start by a touch of the plane."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from izhikevich.catalog import CATALOG
from izhikevich.choice import choose
from izhikevich.engine.simulation import simulate
from izhikevich.views.web.equations import equations
from izhikevich.views.web.exploration import Exploration


@pytest.mark.parametrize("paper", CATALOG)
def test_every_symbol_has_its_number_and_words(paper):
    for key in CATALOG[paper]:
        exploration = Exploration()
        exploration.choose_paper(paper)
        exploration.session.choose_type(key)
        choice = choose(paper, key)
        *lines, solved = equations(exploration)
        said = ["".join(p if isinstance(p, str) else p["symbol"] for p in line) for line in lines]
        assert said == list(choice.model.equations(choice.parameters))
        symbols = [piece for line in lines for piece in line if not isinstance(piece, str)]
        for piece in symbols:
            if piece["symbol"] in choice.parameters:
                assert piece["value"] == choice.parameters[piece["symbol"]]
            else:
                assert piece["symbol"].removesuffix("'") in ("v", "u", "I", "U")
        assert all(len(piece["words"]) > 5 for piece in symbols)
        # what is left is no name of anything
        left = " ".join(piece for line in lines for piece in line if isinstance(piece, str))
        words = set(re.findall(r"[A-Za-z]+", left))
        assert words <= {"min", "or", "from", "on", "above", "mV"}
        assert [p["symbol"] for p in solved if not isinstance(p, str)] == ["published", "PP"]


def test_what_is_shown_twice_is_explained_twice():
    exploration = Exploration()
    exploration.choose_scheme("both")
    exploration.choose_variant("both")
    symbols = [piece for piece in equations(exploration)[-1] if not isinstance(piece, str)]
    assert [piece["symbol"] for piece in symbols] == ["published", "exact", "PP", "Sec"]
    assert len({piece["words"] for piece in symbols}) == 4
    assert "0.25 ms" in symbols[0]["words"]


def symbol(view, name):
    return view.page.locator(".equations .symbol").filter(
        has_text=re.compile(f"^{name}[^A-Za-z']*$")
    )


def test_a_symbol_that_is_touched_says_what_it_is(view):
    view.open()
    explained = view.page.locator(".equations .explained")
    expect(explained).to_have_text("Touch a symbol: it says what it is.")
    symbol(view, "b").click()
    expect(explained).to_have_text("b = 0.2: sensitivity of u to v, 1/ms")
    view.type("b", "-0.1")  # the number follows, and so do the words
    expect(explained).to_have_text("b = \N{MINUS SIGN}0.1: sensitivity of u to v, 1/ms")
    expect(symbol(view, "b").locator(".value")).to_have_text("\N{MINUS SIGN}0.1")
    symbol(view, "b").focus()
    view.page.keyboard.press("ArrowRight")  # and by keyboard
    view.page.keyboard.press("Enter")
    expect(explained).to_contain_text("v: voltage of the membrane")
    view.choose("variant", "Sec")
    symbol(view, "Sec").click()
    expect(explained).to_contain_text("Sec: in a section")
    view.choose("paper", "2007")
    assert symbol(view, "vpeak").locator(".value").inner_text() == "35"
    view.page.keyboard.press("Tab")


def test_a_touched_plane_is_where_the_run_starts(view):
    view.open()
    place = view.page.evaluate(
        """() => {
            const plot = Bokeh.documents[0].get_model_by_name("plot plane");
            const { frame, canvas_view } = Bokeh.index.get_one(plot);
            const { left, top } = canvas_view.el.getBoundingClientRect();
            return [left + frame.x_scale.compute(-40), top + frame.y_scale.compute(-8),
                    frame.x_scale.invert(1) - frame.x_scale.invert(0),
                    frame.y_scale.invert(0) - frame.y_scale.invert(1)];
        }"""
    )
    x, y, fine_v, fine_u = place
    view.page.mouse.click(x, y)
    view.settle()
    v0, u0 = (float(view.box(name).input_value()) for name in ("v0", "u0"))
    assert v0 == pytest.approx(-40, abs=1.5 * fine_v) and u0 == pytest.approx(-8, abs=1.5 * fine_u)
    view.shows(simulate("2004", "tonic spiking", parameters={"v0": v0, "u0": u0}))
    # a drag is none, nor a touch of an axis
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 30, y + 20)
    view.page.mouse.up()
    box = view.page.locator(".plane_plot").bounding_box()
    view.page.mouse.click(box["x"] + 3, box["y"] + 3)
    view.settle()
    assert float(view.box("v0").input_value()) == v0
    view.page.go_back()  # one step in the browser's history
    view.settle()
    view.shows(simulate("2004", "tonic spiking"))


def test_a_teacher_may_hide_them(view):
    view.open("#hide=equations")
    expect(view.page.locator(".equations")).to_be_hidden()
