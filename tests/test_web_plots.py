"""What the web page shows is what `simulate` gives; in a real browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from web_client import wait_until
from web_view import View

from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG
from izhikevich.choice import Synapse
from izhikevich.engine.simulation import simulate
from izhikevich.experiments.runaways import simulate_until_runaway
from izhikevich.session import MOST_KEPT


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
    # the way between two spikes may be on the screen already
    assert np.isnan(v).sum() >= 2
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


def test_slow_motion_moves_along_the_run(view):
    view.open()
    button = view.page.get_by_role("button", name="slow motion")
    button.click()
    wait_until(lambda: view.data("now")["t"].size and view.data("now")["t"][0] > 5, 10)
    assert view.data("tail")["v"].size > 3
    button.click()
    assert view.data("now")["t"].size == 0


@pytest.mark.parametrize(
    ("paper", "key"), [("2007", "TC_burst"), ("2004", "tonic bursting"), ("2007", "FS")]
)
def test_slow_motion_goes_the_way_of_the_cell(view, paper, key):
    """Its tail has every sample of the last 15 ms, cut at the resets, with the u before each."""
    view.open(f"?paper={paper}&type={key}")
    recording = simulate(paper, key)
    view.page.get_by_label("speed of slow motion").select_option("50")
    view.page.get_by_role("button", name="slow motion").click()
    first = recording.spikes[0]
    wait_until(lambda: view.data("now")["t"].size and view.data("now")["t"][0] > first + 2, 30)
    now, tail = view.page.evaluate(
        """() => ["now", "tail"].map((name) => {
            const { data } = Bokeh.documents[0].get_model_by_name(name);
            return [data.t?.[0], Array.from(data.v), Array.from(data.u)];
        })"""
    )
    at = int(np.searchsorted(recording.t, now[0]))
    v, u = recording.trajectory()
    spikes = set(recording.spike_samples().tolist())
    wanted = []
    for j in range(at, -1, -1):
        if recording.t[at] - recording.t[j] >= 15:
            break
        if j in spikes and j < at:
            wanted.append((np.nan, np.nan))
        wanted.append((v[j], u[j]))
    found = np.array(tail[1:], dtype=float).T
    assert np.array_equal(found, np.float32(wanted), equal_nan=True)
    assert np.isnan(found).any()


def test_who_zooms_in_sees_every_sample(view):
    view.open("?paper=2004&type=tonic+spiking&scheme=exact&tstop=2000")
    recording = simulate("2004", "tonic spiking", scheme="exact", tstop=2000)
    assert len(view.data("run0")["t"]) < len(recording.t) / 2
    view.shows(recording)
    start, end = recording.spikes[3] - 1, recording.spikes[3] + 1
    zoom = """([start, end]) => Bokeh.documents[0].get_model_by_name("t axis").setv({start, end})"""
    view.page.evaluate(zoom, [start, end])
    wanted = recording.t[(recording.t >= start) & (recording.t <= end)]

    def inside() -> np.ndarray:
        t = view.data("run0")["t"]
        return t[(t >= start) & (t <= end)]

    wait_until(lambda: len(inside()) >= min(len(wanted), 100), 10)
    view.settle()
    assert np.array_equal(inside(), wanted)
    view.page.evaluate(zoom, [0, 2000])
    view.page.wait_for_timeout(300)
    view.settle()
    view.shows(recording)
    view.choose("type", "tonic bursting")
    view.shows(simulate("2004", "tonic bursting", scheme="exact"))


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
    grey = view.page.locator(".legend .earlier").first.evaluate(
        "(e) => getComputedStyle(e, '::before').borderTopColor"
    )
    drawn = view.page.evaluate(
        """() => Bokeh.documents[0].get_model_by_name("plot v").renderers
            .find((r) => r.data_source.name === "earlier").glyph.line_color.value"""
    )
    assert [int(drawn[n : n + 2], 16) for n in (1, 3, 5)] == [
        int(x) for x in re.findall(r"\d+", grey)
    ]
    labels = view.page.locator(".legend .earlier").all_inner_texts()
    assert labels == [f"{n}: tonic spiking, PP published, d {d}" for n, d in ((1, 5), (2, 4))]
    view.page.get_by_role("button", name="link", exact=True).click()
    address = view.page.get_by_label("link", exact=True).input_value()
    assert "keep=1" in address
    other = View(server, laptop).open(address.removeprefix(server.address))
    expect(other.page.get_by_label("keep runs")).to_be_checked()
    other.close()
    # of another publication nothing is kept
    view.choose("paper", "2007")
    assert view.data("earlier")["t"].size == 0
    assert view.page.locator(".legend .earlier").count() == 0
    view.type("d", "90")
    view.keeps([simulate("2007", "RS")])
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
    conductance = view.data("synapse")
    assert conductance["g"].max() == np.float32(with_it.gsyn.max())
    assert set(conductance["g"]) <= set(with_it.gsyn.astype(np.float32))
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


def test_a_run_that_diverges_shows_what_came_before(view):
    view.open("?paper=2004&type=inhibition-induced+bursting&scheme=published&d=-40")
    recording = simulate_until_runaway(
        "2004", "inhibition-induced bursting", parameters={"d": -40.0}
    )
    assert len(view.data("run0")["t"]) == len(recording.t)
