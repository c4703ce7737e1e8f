"""`izh web` in a real browser: what it shows is what `simulate` gives, and nothing gets past it.

Needs Debian's chromium, Playwright, Panel and JupyterLab; without them the tests are skipped, but
under CI=true they fail.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as hypothesis_arrays

from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG
from izhikevich.choice import Synapse, choose
from izhikevich.engine.simulation import simulate
from izhikevich.experiments.runaways import simulate_until_runaway
from izhikevich.session import MOST_KEPT
from izhikevich.views.web import page as page_module
from izhikevich.views.web import runs as runs_module
from izhikevich.views.web.exploration import (
    SHOWN_SCHEMES,
    SHOWN_VARIANTS,
    SWITCHES,
    Exploration,
    LinkError,
    from_link,
)
from izhikevich.views.web.thumbnails import Thumbnails
from izhikevich.views.web.wire import packed
from izhikevich.waveforms import step


def _missing() -> str:
    for name in ("panel", "playwright", "jupyterlab"):
        try:
            __import__(name)
        except ImportError:
            return name
    return "" if CHROMIUM else "chromium"


CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
MISSING = _missing()
if MISSING and os.environ.get("CI") != "true":
    pytest.skip(f"there is no {MISSING}", allow_module_level=True)
assert not MISSING, f"there is no {MISSING}"

from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright  # noqa: E402
from tornado.httpclient import HTTPClientError  # noqa: E402
from web_client import Client, Server, children, run, serving, start, status, unpacked, wait_until  # noqa: E402

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # a name of any other computer leads nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def laptop(browser):
    return browser.new_context(viewport=LAPTOP)


@pytest.fixture
def view(server, laptop):
    view = View(server, laptop)
    yield view
    view.close()


class View:
    """A page in the browser; no request may leave the server and no script may fail."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server = server
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: self._request(socket))

    def _console(self, message) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def _request(self, request) -> None:
        where = urllib.parse.urlsplit(request.url)
        if where.scheme in ("data", "blob"):
            return
        if where.netloc != urllib.parse.urlsplit(self.server.address).netloc:
            self.wrong.append(f"a request left the server: {request.url}")

    def close(self) -> None:
        self.page.close()
        assert not self.wrong, self.wrong

    def open(self, query: str = "") -> View:
        self.page.goto(self.server.address + query)
        self.page.locator(".page[data-answered]").wait_for()
        self.settle()
        return self

    def settle(self) -> None:
        expect(self.page.locator(".page")).to_have_attribute("aria-busy", "false", timeout=15000)

    def choose(self, action: str, value: str) -> None:
        """Click on a radio button."""
        self.page.locator(f"input[type=radio][name^='{action}-'][value='{value}']").locator(
            "xpath=.."
        ).click()
        self.settle()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def box(self, name: str) -> Locator:
        return self.page.locator(f"input[type=number][data-name='{name}']")

    def slider(self, name: str) -> Locator:
        return self.page.locator(f"input[type=range][data-name='{name}']")

    def type(self, name: str, text: str) -> None:
        self.box(name).fill(text)
        self.box(name).press("Enter")
        self.settle()

    def data(self, name: str) -> dict[str, np.ndarray]:
        """What a plot shows: the columns of its source."""
        columns = self.page.evaluate(
            """(name) => Object.fromEntries(
                Object.entries(Bokeh.documents[0].get_model_by_name(name).data)
                .map(([k, x]) => [k, Array.from(x, (y) => Number.isNaN(y) ? null : y)]))""",
            name,
        )
        return {key: np.array(values) for key, values in columns.items()}

    @property
    def status(self) -> str:
        return self.page.locator(".status").inner_text()

    @property
    def problem(self) -> str:
        return self.page.locator(".problem").inner_text()

    def switch(self, name: str) -> None:
        """Click on a check box."""
        self.page.get_by_label(name).click()
        self.settle()

    def keeps(self, recordings, with_u: bool = True) -> None:
        """The grey lines are these recordings."""
        shown = self.data("earlier")
        for name in ("t", "v", "u"):
            wanted = [[*getattr(each, name), np.nan] for each in recordings]
            values = np.array(np.concatenate(wanted), dtype=float)
            if name == "u" and not with_u:
                values[:] = np.nan
            assert np.array_equal(shown[name].astype(float), values, equal_nan=True), name

    def shows(self, recording, n: int = 0) -> None:
        """The n-th trace is this recording."""
        shown = self.data(f"run{n}")
        for name in ("t", "v", "u"):
            assert np.array_equal(shown[name], getattr(recording, name)), name


# --- what it shows -------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", CATALOG)
def test_every_type_shows_its_published_run(view, paper):
    view.open()
    view.choose("paper", paper)
    for key, entry in CATALOG[paper].items():
        view.choose("type", key)
        view.shows(simulate(paper, key))
        assert entry.label in view.status
        assert view.problem == ""
        times, amplitudes = entry.default_current.knots(entry.tstop)
        current = view.data("current")
        assert np.array_equal(current["t"], times)
        assert np.array_equal(current["i"], amplitudes)
    pictures = view.page.locator(".types svg path")
    expect(pictures).to_have_count(len(CATALOG[paper]))
    assert len({pictures.nth(n).get_attribute("d") for n in range(pictures.count())}) > 5
    assert view.page.locator(".explanation p").count() >= 2


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


def test_pp_and_sec_and_the_schemes_one_over_the_other(view):
    view.open("?paper=2004&type=bistability")
    view.choose("variant", "both")
    view.choose("scheme", "both")
    ways = [(v, s) for s in ("published", "exact") for v in ("PP", "Sec")]
    for n, (variant, scheme) in enumerate(ways):
        view.shows(simulate("2004", "bistability", variant=variant, scheme=scheme), n)
    assert view.page.locator(".legend .run").all_inner_texts() == [" ".join(w) for w in ways]
    view.choose("variant", "Sec")
    view.choose("scheme", "exact")
    view.shows(simulate("2004", "bistability", variant="Sec", scheme="exact"))
    assert len(view.data("run1")["t"]) == 0


def test_the_phase_plane_follows_the_sliders(view):
    view.open("?paper=2004&type=phasic+spiking")
    for b in ("0.25", "0.22"):
        view.type("b", b)
        plane = for_cell_type(CATALOG["2004"]["phasic spiking"], {"b": float(b)})
        expected = [(p.v, p.u, p.kind) for i in (0, 0.5) for p in plane.fixed_points(i)]
        shown = view.data("fixed points")
        assert list(zip(shown["v"], shown["u"], shown["kind"], strict=True)) == expected
        nullcline = view.data("v-nullcline during")
        assert np.allclose(nullcline["u"], plane.v_nullcline(nullcline["v"], 0.5))


@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_no_line_is_drawn_across_a_reset(view, scheme):
    view.open(f"?paper=2004&type=tonic+bursting&scheme={scheme}")
    path = view.data("path0")
    v = np.array([np.nan if x is None else x for x in path["v"]], dtype=float)
    u = np.array([np.nan if x is None else x for x in path["u"]], dtype=float)
    recording = simulate("2004", "tonic bursting", scheme=scheme)
    assert np.isnan(v).sum() == len(recording.spikes) + 1
    assert np.nanmin(np.diff(v)) > -20  # a reset falls by 80 mV
    assert np.nanmax(np.diff(u)) < 1.5  # and lifts u by 2


PLOT_BOX = """(name) => {
    const view = Bokeh.index.find_one_by_id(Bokeh.documents[0].get_model_by_name(name).id);
    const {x, y, width, height} = view.el.getBoundingClientRect();
    return [x, y, width, height];
}"""


def test_the_mouse_over_a_trace_reads_it(view):
    view.open()
    x, y, width, height = view.page.evaluate(PLOT_BOX, "plot v")
    view.page.mouse.move(x + 0.5 * width, y + 0.5 * height)
    expect(view.page.locator(".bk-Tooltip").first).to_be_visible()
    said = view.page.locator(".bk-Tooltip").evaluate_all(
        "(all) => all.map((each) => (each.shadowRoot ?? each).textContent).join(' ')"
    )
    time, voltage = map(float, re.findall(r"(-?[\d.]+) m[sV]", said.replace("\u2212", "-"))[:2])
    recording = simulate("2004", "tonic spiking")
    nearest = np.abs(recording.t - time).argmin()
    assert recording.t[nearest] == pytest.approx(time, abs=0.01)
    assert recording.v[nearest] == pytest.approx(voltage, abs=0.1)


def test_the_plots_over_time_are_zoomed_together(view):
    view.open()
    ranges = """() => ["v", "u", "i"].map((name) => {
        const {start, end} = Bokeh.documents[0].get_model_by_name(`plot ${name}`).x_range;
        return [start, end];
    })"""
    before = view.page.evaluate(ranges)
    assert before == [[0, 100]] * 3
    x, y, width, height = view.page.evaluate(PLOT_BOX, "plot u")
    view.page.mouse.move(x + 0.5 * width, y + 0.5 * height)
    view.page.locator(".bk-tool-icon-wheel-zoom").nth(1).click()
    view.page.mouse.move(x + 0.5 * width, y + 0.5 * height)
    view.page.mouse.wheel(0, -300)
    wait_until(lambda: view.page.evaluate(ranges) != before, 10)
    v, u, i = view.page.evaluate(ranges)
    assert v == u == i and 0 < v[0] < v[1] < 100


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


def test_slow_motion_moves_along_the_run(view):
    view.open()
    button = view.page.get_by_role("button", name="slow motion")
    button.click()
    wait_until(lambda: view.data("now")["t"].size and view.data("now")["t"][0] > 5, 10)
    assert view.data("tail")["v"].size > 3
    button.click()
    assert view.data("now")["t"].size == 0


def test_earlier_runs_stay_on_view_in_grey(view, server, laptop):
    view.open()
    view.type("d", "5")
    assert view.data("earlier")["t"].size == 0
    view.switch("keep")
    for d in ("4", "3"):
        view.type("d", d)
    kept = [simulate("2004", "tonic spiking", parameters={"d": d}) for d in (5.0, 4.0)]
    view.keeps(kept)
    view.shows(simulate("2004", "tonic spiking", parameters={"d": 3.0}))
    grey = view.page.locator(".legend .earlier").evaluate(
        "(e) => getComputedStyle(e, '::before').borderTopColor"
    )
    drawn = view.page.evaluate(
        """() => Bokeh.documents[0].get_model_by_name("plot v").renderers
            .find((r) => r.data_source.name === "earlier").glyph.line_color.value"""
    )
    assert [int(drawn[n : n + 2], 16) for n in (1, 3, 5)] == [
        int(x) for x in re.findall(r"\d+", grey)
    ]
    # of another paper only v has the same unit
    view.choose("paper", "2007")
    kept += [simulate("2004", "tonic spiking", parameters={"d": 3.0})]
    view.keeps(kept, with_u=False)
    view.page.get_by_role("button", name="link", exact=True).click()
    address = view.page.get_by_label("link", exact=True).input_value()
    assert "keep=1" in address
    other = View(server, laptop).open(address.removeprefix(server.address))
    expect(other.page.get_by_label("keep runs")).to_be_checked()
    other.close()
    view.switch("keep")
    assert view.data("earlier")["t"].size == 0
    assert view.page.locator(".legend .earlier").count() == 0


def test_no_more_than_a_dozen_runs_are_kept(view):
    view.open("?keep=1&variant=both")
    for n in range(8):
        view.type("d", f"{3 + 0.1 * n:.1f}")
    wanted = [
        simulate("2004", "tonic spiking", variant=variant, parameters={"d": d})
        for d in (3.1, 3.2, 3.3, 3.4, 3.5, 3.6)
        for variant in ("PP", "Sec")
    ]
    assert len(wanted) == MOST_KEPT
    view.keeps(wanted)


@pytest.mark.parametrize(
    ("paper", "key", "unit"), [("2004", "resonator", "1/ms"), ("2007", "RS", "nS")]
)
def test_a_synapse_drives_the_cell(view, server, laptop, paper, key, unit):
    view.open(f"?paper={paper}&type={key}")
    without, with_it = (simulate(paper, key, synapse=each) for each in (None, Synapse()))
    axis = "Bokeh.documents[0].get_model_by_name('synapse label')"
    view.shows(without)
    assert not view.page.evaluate(f"{axis}.visible")
    view.switch("synapse")
    view.shows(with_it)
    assert np.array_equal(view.data("synapse")["g"], with_it.gsyn)
    assert with_it.gsyn.max() > 1 and not np.array_equal(with_it.v, without.v)
    assert view.page.evaluate(f"{axis}.visible && {axis}.axis_label") == f"gsyn ({unit})"
    assert "synapse: 10 events" in view.status
    frames = [
        view.page.evaluate(
            """(name) => {
                const plot = Bokeh.documents[0].get_model_by_name(`plot ${name}`);
                const { left, right } = Bokeh.index.get_one(plot).frame.bbox;
                return [left, right];
            }""",
            name,
        )
        for name in ("v", "u", "i")
    ]
    assert frames[0] == frames[1] == frames[2]
    view.page.get_by_role("button", name="link", exact=True).click()
    address = view.page.get_by_label("link", exact=True).input_value()
    other = View(server, laptop).open(address.removeprefix(server.address))
    other.shows(with_it)
    other.press("reset")
    other.shows(without)
    assert other.data("synapse")["t"].size == 0
    other.close()


def test_the_page_comes_back_with_the_server(browser, tmp_path):
    with serving(tmp_path / "log") as server:
        port = str(urllib.parse.urlsplit(server.address).port)
        page = browser.new_page()
        page.goto(server.address + "?d=4.5&variant=Sec")
        page.locator(".page[data-answered]").wait_for()
    expect(page.locator(".problem")).to_contain_text("connection is lost", timeout=10000)
    with serving(tmp_path / "log", "--no-browser", "--port", port):
        expect(page.locator(".problem")).to_be_hidden(timeout=20000)
        expect(page.locator(".status")).to_contain_text("2004 Sec")
        expect(page.locator(".status")).to_contain_text("changed: d 4.5")
        page.close()


# --- links and downloads -------------------------------------------------------------------------


def test_a_link_carries_everything(view, server, laptop):
    view.open()
    view.choose("paper", "2007")
    view.choose("type", "FS")
    view.choose("variant", "both")
    view.choose("scheme", "fixed")
    view.type("dt", "0.125")
    view.type("tstop", "80")
    view.type("k", "1.25")
    view.choose("current", "hand")
    view.type("I1", "250.5")
    view.page.get_by_role("button", name="link", exact=True).click()
    address = view.page.get_by_label("link", exact=True).input_value()
    other = View(server, laptop)
    other.page.goto(address)
    other.page.locator(".page[data-answered]").wait_for()
    other.settle()
    assert other.problem == ""
    assert other.status == view.status
    for name in ("run0", "run1", "current"):
        for here, there in zip(view.data(name).values(), other.data(name).values(), strict=True):
            assert np.array_equal(here, there)
    assert float(other.box("k").input_value()) == 1.25
    other.close()


def test_downloads(view, tmp_path):
    view.open("?paper=2004&type=mixed+mode&d=4.5")
    recording = simulate("2004", "mixed mode", parameters={"d": 4.5})

    with view.page.expect_download() as waiting:
        view.press("CSV")
    assert waiting.value.suggested_filename == "2004_mixed_mode.csv"
    recording.to_csv(tmp_path / "expected.csv")
    assert Path(waiting.value.path()).read_text() == (tmp_path / "expected.csv").read_text()

    import matplotlib.image

    matplotlib.use("Agg")
    with view.page.expect_download() as waiting:
        view.press("PNG")
    picture = matplotlib.image.imread(waiting.value.path(), format="png")
    assert picture.shape[0] > 400 and picture.shape[1] > 700
    assert picture[..., :3].std() > 0.05
    with view.page.expect_download() as waiting:
        view.press("Python")
    names: dict = {}
    exec(compile(Path(waiting.value.path()).read_text(), "script", "exec"), names)
    (again,) = names["recordings"]
    assert np.array_equal(again.v, recording.v) and np.array_equal(again.u, recording.u)


def test_downloads_of_several_runs(view):
    view.open("?variant=both&scheme=both&T1=5&I0=1&I1=12&u0=-13&synapse=1")
    with view.page.expect_download() as waiting:
        view.press("CSV")
    lines = Path(waiting.value.path()).read_text().splitlines()
    assert lines[0].startswith("variant,scheme,t (ms),v (mV)")
    assert {tuple(line.split(",")[:2]) for line in lines[1:]} == set(
        itertools.product(("PP", "Sec"), ("published", "exact"))
    )
    with view.page.expect_download() as waiting:
        view.press("Python")
    names: dict = {}
    exec(compile(Path(waiting.value.path()).read_text(), "script", "exec"), names)
    for n, again in enumerate(names["recordings"]):
        view.shows(again, n)


# --- what is refused -----------------------------------------------------------------------------


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


def test_a_run_that_diverges_shows_what_came_before(view):
    view.open("?paper=2004&type=inhibition-induced+bursting&scheme=published&d=-40")
    recording = simulate_until_runaway(
        "2004", "inhibition-induced bursting", parameters={"d": -40.0}
    )
    assert len(view.data("run0")["t"]) == len(recording.t)


HOSTILE_QUERIES = [
    "?paper=1999",
    "?type=%3Cscript%3Ealert(1)%3C/script%3E",
    "?type=%3Cimg%20src=x%20onerror=alert(1)%3E",
    "?a=nan",
    "?a=inf",
    "?a=1e308",
    "?tstop=1e9",
    "?scheme=fixed&dt=1e-9",
    "?scheme=fixed&dt=0.0001",
    "?%3Cscript%3Ealert(1)%3C/script%3E=1",
    "?a=1&a=2",
    "?a=1_000",
    "?type=%00%ff",
    "?paper=2007&type=RS&C=0",
    "?paper=2007&type=RS&celltype=9",
    "?a=__import__('os')",
    "?keep=yes",
    "?keep=",
    "?keep=1&keep=0",
    "?synapse=2",
    "?synapse=%3Cscript%3Ealert(1)%3C/script%3E",
    "?synapse=1e308",
]


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_a_hostile_link_shows_a_word_and_the_preset(server, query):
    async def visit():
        client = await Client.open(server.address, query)
        reply = await client.ask("show")
        client.close()
        return reply

    reply = run(visit())
    assert reply["problem"]
    if "fixed&dt=0.0001" not in query and "tstop" not in query:
        assert reply["chosen"]["type"] == "tonic spiking"


def test_markup_in_a_link_stays_text(view):
    view.open(HOSTILE_QUERIES[2])
    assert "<img src=x onerror=alert(1)>" in view.problem
    assert view.page.locator(".problem img").count() == 0


_COLUMN = st.one_of(
    hypothesis_arrays(np.float64, st.integers(0, 9), elements=st.floats()),
    st.lists(st.text(max_size=3), max_size=4),
)


@given(st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=3), _COLUMN)))
def test_a_reply_arrives_as_it_was_sent(columns):
    arrived = unpacked(packed({"number": 1, "columns": columns, "problem": "ü"}))
    assert (arrived["number"], arrived["problem"]) == (1, "ü")
    assert arrived["columns"].keys() == columns.keys()
    for name, sent in columns.items():
        assert arrived["columns"][name].keys() == sent.keys()
        for key, column in sent.items():
            if isinstance(column, list):
                assert arrived["columns"][name][key] == column
            else:
                assert np.array_equal(arrived["columns"][name][key], column, equal_nan=True)


@given(
    st.sampled_from(
        [(entry.paper, key) for types in CATALOG.values() for key, entry in types.items()]
    ),
    st.sampled_from(list(SHOWN_VARIANTS)),
    st.sampled_from(list(SHOWN_SCHEMES)),
    st.sets(st.sampled_from(SWITCHES)),
    st.dictionaries(st.sampled_from(["a", "d", "u0", "I0", "I1", "T1"]), st.floats(0, 50)),
)
def test_a_link_leads_back(chosen, variant, scheme, switched_on, values):
    exploration = Exploration()
    exploration.choose_paper(chosen[0])
    exploration.session.choose_type(chosen[1])
    exploration.choose_variant(variant)
    exploration.choose_scheme(scheme)
    for name in switched_on:
        exploration.switch(name, True)
    for name, value in values.items():
        exploration.set_value(name, value)
    query = urllib.parse.parse_qs(exploration.link())
    again = from_link({name: [text.encode() for text in given] for name, given in query.items()})
    assert again.link() == exploration.link()
    assert again.choices() == exploration.choices()
    assert [again.is_on(name) for name in SWITCHES] == [name in switched_on for name in SWITCHES]


def test_an_error_that_nobody_thought_of_is_told(caplog):
    class Broken:
        def submit(self, choice):
            raise ZeroDivisionError("float division by zero")

    page = page_module.Page(Broken(), Thumbnails(Broken()))
    reply = run(page.answer({"number": 7, "action": "show"}))
    assert reply == {"number": 7, "problem": "ZeroDivisionError: float division by zero"}
    assert "Traceback" in caplog.text


# --- workers -------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle_of_a_run(view, server):
    view.open()
    view.choose("scheme", "exact")
    server.signal_workers(signal.SIGSTOP)  # so that the run is under way when the kill comes
    view.box("d").fill("5.5")
    view.box("d").press("Enter")
    expect(view.page.locator(".page")).to_have_attribute("aria-busy", "true")
    time.sleep(0.3)
    server.signal_workers(signal.SIGKILL)
    view.settle()
    assert "ended before it answered" in view.problem
    assert view.box("d").input_value() == "6"
    view.type("d", "5.5")
    assert view.problem == ""
    view.shows(simulate("2004", "tonic spiking", scheme="exact", parameters={"d": 5.5}))


def test_workers_killed_between_two_runs_are_not_missed(view, server):
    view.open()
    server.signal_workers(signal.SIGKILL)
    time.sleep(0.2)
    view.type("d", "5")
    assert view.problem == ""
    view.shows(simulate("2004", "tonic spiking", parameters={"d": 5}))


def test_a_worker_is_replaced_after_many_runs(monkeypatch):
    monkeypatch.setattr(runs_module, "MOST_RUNS", 3)
    runs = runs_module.Runs(1)
    try:
        choice = choose("2004", "tonic spiking")
        processes = set()
        for _ in range(6):
            assert len(runs.run(choice).spikes) == 5
            processes |= set(children(os.getpid()))
        assert len(processes) > 1
    finally:
        runs.close()


def test_a_run_that_takes_too_long_is_ended(view, server):
    view.open()
    server.signal_workers(signal.SIGSTOP)
    start_time = time.monotonic()
    view.type("d", "5.5")
    assert time.monotonic() - start_time < 6
    assert "over 2 s" in view.problem
    server.signal_workers(signal.SIGCONT)
    view.type("d", "5.5")
    assert view.problem == ""


def test_no_session_sees_another(server):
    """Ten at once, each with its own parameters: each gets its own run."""

    async def one(n: int) -> None:
        d = 2 + 0.5 * n
        client = await Client.open(server.address, f"?d={d}")
        for k in range(3):
            value = d + 0.01 * (k + 1)
            reply = await client.ask("set", {"name": "d", "value": value})
            expected = simulate("2004", "tonic spiking", parameters={"d": value})
            assert f"changed: d {value:g}" in reply["words"]["status"]
            assert f"| {len(expected.spikes)} spikes" in reply["words"]["status"]
            assert f"last {expected.intervals[-1]:.2f} ms" in reply["words"]["status"]
        client.close()

    async def everyone() -> None:
        await asyncio.gather(*(one(n) for n in range(10)))

    run(everyone())


# --- hostile ------------------------------------------------------------------------------------


def _hostile_values(dice: random.Random) -> list:
    deep: list = []
    for _ in range(200):
        deep = [deep]
    return [
        None,
        True,
        "",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        -1,
        0,
        10**400,
        1e308,
        -1e308,
        float("nan"),
        float("inf"),
        {"type": "number", "value": "nan"},
        {"type": "number", "value": "+inf"},
        [],
        {},
        deep,
        "x" * 20_000,
        {"name": "__class__", "value": 1},
        {"name": "a", "value": "1"},
        {"name": "a", "value": None},
        {"name": "a", "value": dice.uniform(-1e9, 1e9)},
        {"name": "tstop", "value": 1e12},
        {"name": "dt", "value": 1e-300},
        {"name": "c", "value": 1e9},
        {"name": "T1", "value": -5},
        {"name": ["a"], "value": 1},
        {"name": "keep", "on": 1},
        {"name": "__class__", "on": True},
        {"name": "synapse", "on": True},
        "PP\x00",
        "/etc/passwd",
    ]


def test_500_hostile_links_and_messages(server):
    """None crashes a session, touches another or leaves a worker behind."""
    dice = random.Random(7)
    workers = len(server.workers())
    actions = [
        *("paper", "type", "variant", "scheme", "current", "set", "reset"),
        *("switch", "show", "pictures", "compare", "download", "quit", "__init__", ["set"]),
    ]
    names = ["paper", "type", "variant", "scheme", "keep", "synapse"]
    names += ["a", "tstop", "dt", "I0", "v0", "<b>", "__"]

    async def messages(client: Client, n: int) -> None:
        for _ in range(n):
            kind = dice.random()
            value = dice.choice(_hostile_values(dice))
            if kind < 0.8:
                await client.ask_anything(
                    {"number": 1, "action": dice.choice(actions), "value": value}
                )
            else:
                await client.ask_anything(value)

    async def links(n: int) -> None:
        for _ in range(n):
            query = [
                (dice.choice(names), str(dice.choice(_hostile_values(dice)))[:3000])
                for _ in range(dice.randint(1, 4))
            ]
            client = await Client.open(server.address, "?" + urllib.parse.urlencode(query))
            reply = await client.ask("show")
            assert reply.get("problem") or reply.get("words")
            client.close()

    def parsed_links(n: int) -> None:
        """The same without a page each: what the server does with the address."""
        for _ in range(n):
            query = {
                dice.choice(names): [str(dice.choice(_hostile_values(dice))).encode()]
                for _ in range(dice.randint(1, 4))
            }
            try:
                exploration = from_link(query)
            except LinkError as error:
                assert len(str(error)) < 500
            else:
                assert exploration.choices()

    async def frames(client: Client) -> None:
        """Not even messages."""
        for text in ("", "{", "[" * 50_000, '{"number": 1e999}', b"\x00\xff", b""):
            await client.send_text(text)
            reply = await client.reply()
            assert reply["problem"].startswith("the page ") and reply["number"] is None

    async def attack() -> None:
        bystander = await Client.open(server.address, "?d=5")
        before = await bystander.ask("show")
        attacker = await Client.open(server.address)
        await asyncio.gather(
            messages(attacker, 100),
            messages(await Client.open(server.address, "?paper=2007"), 100),
            links(10),
            links(10),
        )
        await attacker.ask("show")
        await frames(await Client.open(server.address))
        after = await bystander.ask("show")
        assert after["words"] == before["words"] and after["fields"] == before["fields"]
        assert not after.get("problem")
        bystander.close()
        attacker.close()

    parsed_links(280)
    run(attack())
    wait_until(lambda: len(server.workers()) == workers, 10)
    assert server.process.poll() is None


def test_no_file_of_the_server_can_be_read(server):
    for path in (
        "static/../../../../../../etc/passwd",
        "static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "page.js/%2e%2e/__init__.py",
        "../page.py",
        "page.py",
        "explorer.js",
        "..%2fserver.py",
        "%2e%2e/cli.py",
        "izhikevich/views/web/page.py",
    ):
        assert status(server.address + path) in (400, 403, 404), path


def test_another_site_cannot_use_the_page(server):
    async def visit(origin: str) -> None:
        client = await Client.open(server.address, origin=origin)
        client.close()

    with pytest.raises(HTTPClientError, match="403"):
        run(visit("http://evil.example"))


def test_another_host_needs_the_token(tmp_path):
    with serving(tmp_path / "log", "--no-browser", "--port", "0", "--host", "127.0.0.2") as server:
        token = server.address.rstrip("/").rsplit("/", 1)[1]
        assert len(token) >= 20
        open_address = server.address.removesuffix(f"{token}/")
        assert status(server.address) == 200
        for path in ("", "ws", "bokeh.min.js", "page.js", token[:-1] + "/", token):
            assert status(open_address + path) == 404, path
        assert status(server.address + "page.js") == 200

        async def visit(origin: str | None = None) -> dict:
            client = await Client.open(server.address, origin=origin)
            return await client.ask("show")

        assert run(visit())["words"]
        with pytest.raises(HTTPClientError, match="403"):
            run(visit("http://evil.example"))


def test_a_port_in_use_is_one_line(server):
    port = str(urllib.parse.urlsplit(server.address).port)
    process = start("--no-browser", "--port", port)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    lines = [line for line in output.splitlines() if line.startswith("izh:")]
    assert len(lines) == 1 and "cannot listen" in lines[0]
    assert "Traceback" not in output


# --- for everyone -------------------------------------------------------------------------------


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


# --- in a notebook ------------------------------------------------------------------------------

NOTEBOOK = """{
 "cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [],
            "source": "import izhikevich\\npage = izhikevich.explorer()\\npage"},
           {"cell_type": "code", "execution_count": null, "id": "b", "metadata": {}, "outputs": [],
            "source": "'seen: %r' % page.exploration.session.changes"}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5
}"""


@pytest.fixture
def jupyter(tmp_path):
    """The address of a notebook in a running JupyterLab that keeps nothing outside `tmp_path`."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "page.ipynb").write_text(NOTEBOOK)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        **{f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    log = tmp_path / "log"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    options += ["--IdentityProvider.token=abc", f"--ServerApp.root_dir={tmp_path / 'notebooks'}"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        pattern = re.compile(r"http://127\.0\.0\.1:\d+/lab")
        wait_until(lambda: process.poll() is not None or pattern.search(log.read_text()), 60)
        found = pattern.search(log.read_text())
        assert found, log.read_text()
        yield f"{found.group()}/tree/page.ipynb?token=abc"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _run_cell(cell: Locator) -> None:
    """Run a cell; JupyterLab takes no key before the kernel is there."""
    prompt = cell.locator(".jp-InputPrompt")

    def run_it() -> bool:
        # who runs a cell too early is asked which kernel it should be: the notebook's own
        accept = cell.page.locator(".jp-Dialog button.jp-mod-accept")
        if accept.count():
            accept.first.click()
        if prompt.inner_text().strip() in ("", "[ ]:"):
            cell.locator(".cm-content").click()
            cell.page.keyboard.press("Shift+Enter")
            cell.page.wait_for_timeout(500)
        return "[" in prompt.inner_text() and prompt.inner_text().strip() != "[ ]:"

    wait_until(run_it, 60)


def test_the_page_in_jupyterlab(browser, jupyter):
    """With a real kernel: a slider moves the plots, and the kernel knows of it."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.goto(jupyter)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(2, timeout=60000)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=60000)
    _run_cell(cells.first)
    page.locator(".page[data-answered]").wait_for(timeout=60000)
    page.locator("input[type=range][data-name=d]").evaluate(
        """(slider) => { slider.value = 3.5; slider.dispatchEvent(new Event("input")); }"""
    )
    expect(page.locator(".status")).to_contain_text("changed: d 3.5", timeout=15000)
    recording = simulate("2004", "tonic spiking", parameters={"d": 3.5})
    expect(page.locator(".status")).to_contain_text(f"| {len(recording.spikes)} spikes")
    shown = """() => {
        const sources = Bokeh.documents.map((each) => each.get_model_by_name("run0"));
        return Array.from(sources.find((source) => source !== null).data.v);
    }"""
    assert page.evaluate(shown) == recording.v.tolist()
    _run_cell(cells.nth(1))
    expect(cells.nth(1)).to_contain_text("seen: {'d': 3.5}", timeout=15000)
    host = urllib.parse.urlsplit(jupyter).netloc
    parts = [urllib.parse.urlsplit(url) for url in elsewhere]
    assert {p.netloc for p in parts if p.scheme not in ("data", "blob")} == {host}
    page.close()
