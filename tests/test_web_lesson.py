"""What a teacher prepares: a text, steps, hidden panels, a projector's size; in a real browser."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

import pytest
from playwright.sync_api import expect
from web_fixtures import LAPTOP, PHONE
from web_view import View

PANELS = {
    "choices": ".choices",
    "types": ".menu",
    "sliders": ".side",
    "plane": ".plane_plot",
    "words": ".explanation",
    "tools": ".tools",
}


def lesson(text: str = "", hide: str = "", size: str = "", steps: tuple[str, ...] = ()) -> str:
    """The part of an address that a lesson stands in."""
    given = [("text", text), ("hide", hide), ("size", size), *(("step", each) for each in steps)]
    return "#" + urllib.parse.urlencode([(name, each) for name, each in given if each])


def tall(view) -> float:
    """Height of the text of the status, px."""
    return view.page.locator(".status").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")


def thick(view) -> float:
    return view.page.evaluate(
        """() => {
            const plot = Bokeh.documents[0].get_model_by_name("plot v");
            const line = plot.renderers.find((r) => r.data_source.name === "run0").glyph.line_width;
            return line.value ?? line;
        }"""
    )


def test_without_a_lesson_the_page_is_as_it_was(view):
    view.open()
    assert not view.page.locator(".lesson").is_visible()
    assert not view.page.locator(".teacher").is_visible()
    for part in PANELS.values():
        assert view.page.locator(part).is_visible()
    box = view.page.locator(".tools").bounding_box()
    assert box and box["y"] < 20, "the head has one line on a laptop"


def test_a_teacher_prepares_and_a_student_opens_what_stands_in_the_address(view, server, laptop):
    view.open()
    view.press("prepare a lesson")
    teacher = view.page.locator(".teacher")
    expect(teacher.get_by_role("textbox", name="Text")).to_be_focused()
    teacher.get_by_role("textbox", name="Text").fill("Which d?\n\nPredict, then try.")
    step = teacher.get_by_role("textbox", name="Step")
    step.fill("as published")
    view.press("add what is shown as a step")
    view.type("d", "4.5")
    step.fill("less d")
    view.press("add what is shown as a step")
    step.fill("wrong")
    view.press("add what is shown as a step")
    view.press("remove wrong")
    teacher.get_by_label("cell types").check()
    teacher.get_by_label("large, for a projector").check()
    view.press("link")
    address = view.page.locator(".address").input_value()
    assert address == view.page.url

    student = View(server, laptop)
    student.page.goto(address)
    student.page.locator(".page[data-answered]").wait_for()
    student.settle()
    shown = student.page.locator(".lesson")
    assert shown.locator("p").all_inner_texts() == ["Which d?", "Predict, then try."]
    assert shown.locator("li").all_inner_texts() == ["as published", "less d"]
    assert "changed: d 4.5" in student.status
    assert not student.page.locator(".menu").is_visible()
    now = shown.locator("[aria-current=step]")
    assert now.all_inner_texts() == ["less d"]
    student.press("as published")
    assert "changed" not in student.status and now.all_inner_texts() == ["as published"]
    # a value of one's own is no step; the way back leads over all of them
    student.type("d", "7")
    assert now.count() == 0
    for words in ("as published", "less d"):
        student.page.go_back()
        expect(now).to_have_text(words)
        student.settle()
    # and a reload keeps both the lesson and what is shown
    student.page.reload()
    expect(now).to_have_text("less d")
    student.settle()
    student.close()


@pytest.mark.parametrize("name", PANELS)
def test_a_hidden_panel_can_be_shown_by_who_wants_it(view, name):
    view.open(lesson(hide=name))
    for each, part in PANELS.items():
        assert view.page.locator(part).is_visible() == (each != name)
    view.press("show all")
    assert view.page.locator(PANELS[name]).is_visible()
    view.press("show all")
    assert not view.page.locator(PANELS[name]).is_visible()


def test_with_all_hidden_the_traces_have_the_whole_page(view):
    view.open(lesson(hide=",".join(PANELS)))
    box = view.page.locator(".v_plot").bounding_box()
    assert box and box["width"] > 0.97 * LAPTOP["width"]
    assert "tonic spiking" in view.status


def test_the_picture_has_no_plane_where_it_is_hidden(view):
    import matplotlib.image

    widths = []
    for hidden in ("", "plane"):
        view.page.goto("about:blank")
        view.open(lesson(hide=hidden))
        with view.page.expect_download() as waiting:
            view.press("PNG")
        widths.append(matplotlib.image.imread(waiting.value.path(), format="png").shape[1])
    assert 300 < widths[1] < widths[0] - 200


def test_on_a_projector_text_and_lines_are_larger_and_smaller_again(view):
    view.open()
    before = tall(view), thick(view)
    for _ in range(2):
        view.page.evaluate("location.hash = 'size=projector'")
        expect(view.page.locator(".page.projector")).to_have_count(1)
        view.settle()
        assert tall(view) >= 1.4 * before[0] and thick(view) >= 2 * before[1]
        view.page.evaluate("location.hash = ''")
        expect(view.page.locator(".page.projector")).to_have_count(0)
        view.settle()
        assert (tall(view), thick(view)) == before
    view.page.goto("about:blank")
    view.open(lesson(size="projector"))
    assert tall(view) >= 1.4 * before[0] and thick(view) >= 2 * before[1]


HOSTILE = "<img src=x onerror=alert(1)><script>alert(1)</script>"


@pytest.mark.parametrize(
    "given",
    [
        lesson(text=HOSTILE * 200, steps=(f"{HOSTILE}|{HOSTILE}", HOSTILE, "|", "a|b|c")),
        lesson(hide="__proto__,constructor,types,,", size="huge"),
        "#text=%ff%00&step=%&hide=&x=y",
        "#" + "step=a%7Cb&" * 1000,
    ],
)
def test_whatever_stands_there_is_text(view, given):
    view.open(given)
    assert view.page.locator(".lesson img, .lesson script, .teacher img").count() == 0
    assert view.page.locator(".lesson li").count() <= 30
    assert len(view.page.locator(".lesson").inner_text()) < 10_000
    view.press("prepare a lesson")
    assert "tonic spiking" in view.status


def test_a_step_that_leads_nowhere_says_so(view):
    view.open(lesson(steps=("gone|type=gone",)))
    view.press("gone")
    assert "gone" in view.problem
    assert "tonic spiking" in view.status


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_lesson_is_for_everyone(server, browser, colours, size):
    """axe-core finds nothing, and nothing leaves a phone's screen."""
    import axe_playwright_python

    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
    view = View(server, browser.new_context(viewport=size, color_scheme=colours))
    view.open(lesson("Look.", "types", "projector", ("one|d=5", "two|d=7")))
    assert view.page.locator(".page.projector").count() == (size is LAPTOP)
    view.press("prepare a lesson")
    assert view.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
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
