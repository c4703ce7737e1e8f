"""The figures: panels, labels, stimuli, room for every text; and what drawing leaves alone."""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from conftest import ROOT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from izhikevich import simulate
from izhikevich.catalog import CATALOG
from izhikevich.experiments.comparison import FOUR_RUNS
from izhikevich.experiments.runaways import ran_away_at, simulate_until_runaway
from izhikevich.views.figures import by_paper, comparisons, saving, traces
from izhikevich.views.figures.plans import FIGURES
from izhikevich.waveforms import Ramp, Step, Waveform

RUNS_AWAY = "inhibition-induced bursting"
WAYS = (("PP", "published"), ("Sec", "exact"))
_recorded: dict = {}


def recorded(**run):
    """A run, made once for all tests."""
    name = tuple(run.items())
    if name not in _recorded:
        _recorded[name] = simulate_until_runaway(**run)
    return _recorded[name]


@functools.cache
def drawn(name, variant="PP", scheme="published"):
    """A figure and what it is made of; drawn once for all tests."""
    plan = FIGURES[name]
    recordings = [recorded(**run) for run in plan.runs(variant, scheme)]
    return plan.draw(recordings), recordings


def four(paper, key, current=None):
    return [
        recorded(paper=paper, key=key, current=current, variant=variant, scheme=scheme)
        for variant, scheme in FOUR_RUNS
    ]


@functools.cache
def texts(figure):
    """Every text that is seen, with the box that it fills."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    found = []
    unseen = set()
    for axes in figure.findobj(matplotlib.axes.Axes):
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = sorted(limits)
            inside = [
                axes.axison and low <= tick.get_loc() <= high for tick in axis.get_major_ticks()
            ]
            for tick, seen in zip(axis.get_major_ticks(), inside, strict=True):
                if not seen:
                    unseen.update((tick.label1, tick.label2))
            if not axes.axison:
                unseen.update((axis.label, axis.offsetText))
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in unseen:
            found.append((text.get_text(), text.get_window_extent(renderer)))
    return found


def assert_every_text_has_its_room(figure):
    found = texts(figure)
    for text, box in found:
        assert box.x0 >= -0.5 and box.y0 >= -0.5, f"{text!r} is clipped"
        assert box.x1 <= figure.bbox.x1 + 0.5 and box.y1 <= figure.bbox.y1 + 0.5, text
    boxes = np.array([[b.x0 + 0.5, b.y0 + 0.5, b.x1 - 0.5, b.y1 - 0.5] for _, b in found])
    x0, y0, x1, y1 = boxes.T
    overlap = (x0[:, None] < x1) & (x0 < x1[:, None]) & (y0[:, None] < y1) & (y0 < y1[:, None])
    pairs = [
        (found[i][0], found[j][0]) for i, j in zip(*np.nonzero(np.triu(overlap, 1)), strict=True)
    ]
    assert not pairs


def words(figure):
    return " ".join(text for text, _ in texts(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_clipped_or_covered(name):
    for variant, scheme in WAYS[:1] if FIGURES[name].compares else WAYS:
        assert_every_text_has_its_room(drawn(name, variant, scheme)[0])


def test_there_are_ten_published_figures_and_two_comparisons():
    assert sum(not plan.compares for plan in FIGURES.values()) == 10
    assert sum(plan.compares for plan in FIGURES.values()) == 2
    traces = [trace for plan in FIGURES.values() if not plan.compares for trace in plan.traces]
    everything = [
        (entry, current)
        for entries in CATALOG.values()
        for entry in entries.values()
        for current in entry.currents
    ]
    assert len(traces) == len(everything)
    assert all(trace in traces for trace in everything)


@pytest.mark.parametrize("paper", ["2003", "2004"])
@pytest.mark.parametrize(("variant", "scheme"), WAYS)
def test_a_gallery_has_a_panel_for_each_type_with_its_own_current_below(paper, variant, scheme):
    name = next(name for name in FIGURES if name.startswith(f"{paper}-fig"))
    figure, recordings = drawn(name, variant, scheme)
    assert len(figure.axes) == len(recordings) == len(CATALOG[paper])
    for axes, recording in zip(figure.axes, recordings, strict=True):
        entry = recording.cell_type
        letter = f"({entry.panel}) " if paper == "2004" else ""
        assert axes.get_title() == letter + entry.label
        assert np.array_equal(axes.get_lines()[0].get_xydata(), np.c_[recording.t, recording.v])
        (stimulus,) = axes.child_axes
        assert_shows_the_current(stimulus.get_lines()[0], recording)
        assert stimulus.get_xlim() == axes.get_xlim() == (0, recording.tstop)
        assert stimulus.get_position().y1 < axes.transData.transform((0, -90))[1]
        said = [text.get_text() for text in axes.texts]
        assert any(text.startswith("I: ") and text.endswith(" mV/ms") for text in said)
        bar = {"2003": "40 ms", "2004": "20 ms"}[paper]
        assert bar in said
        (length,) = [
            np.ptp(line.get_xdata()) for line in axes.get_lines() if line.get_linewidth() == 1.6
            and np.ptp(line.get_ydata()) == 0
        ]  # fmt: skip
        assert length == pytest.approx(float(bar.split()[0]))
        end = ran_away_at(recording)
        assert any("runs away" in text for text in said) == (end is not None)
        if end is not None:
            assert f"runs away at {end:.1f} ms" in said
    assert "mV" in words(figure)


def assert_shows_the_current(line, recording):
    if recording.dt is not None:
        assert line.get_drawstyle() == "steps-pre"
        assert np.array_equal(line.get_xydata(), np.c_[recording.t, recording.i])
        return
    x, y = line.get_data()
    assert x[-1] == recording.t[-1]
    corners = [s.time for s in recording.waveform.steps]
    corners += [time for r in recording.waveform.ramps for time in (r.start, r.stop)]
    smooth = [t for t in recording.t if not any(abs(t - corner) < 1e-6 for corner in corners)]
    expected = [recording.waveform.at(t) for t in smooth]
    np.testing.assert_allclose(np.interp(smooth, x, y), expected, rtol=0, atol=1e-9)


def test_2004_stands_in_five_rows_of_four_from_a_to_t():
    figure, _ = drawn("2004-fig1")
    places = [axes.get_position() for axes in figure.axes]
    rows = [round(place.y0, 6) for place in places]
    assert rows == sorted(rows, reverse=True)
    assert [len(list(group)) for _, group in itertools.groupby(rows)] == [4] * 5
    for i in range(0, 20, 4):
        columns = [place.x0 for place in places[i : i + 4]]
        assert columns == sorted(columns)
    assert [axes.get_title()[1] for axes in figure.axes] == list("ABCDEFGHIJKLMNOPQRST")


def test_only_the_exact_t_runs_away():
    for way, expected in zip(WAYS, (0, 1), strict=True):
        assert words(drawn("2004-fig1", *way)[0]).count("runs away") == expected


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("2007-fig")])
@pytest.mark.parametrize(("variant", "scheme"), WAYS)
def test_a_figure_of_the_book_stacks_its_currents(name, variant, scheme):
    figure, recordings = drawn(name, variant, scheme)
    keys = list(dict.fromkeys(recording.key for recording in recordings))
    panels = [axes for axes in figure.axes if axes.get_ylabel() == "v (mV)"]
    assert len(panels) == len(recordings)
    for column, key in enumerate(keys):
        own = [recording for recording in recordings if recording.key == key]
        amplitudes = CATALOG["2007"][key].amplitudes
        stack = panels[column * len(own) : (column + 1) * len(own)]
        heights = [axes.get_position().y0 for axes in stack]
        assert heights == sorted(heights, reverse=True)
        for axes, recording, amplitude in zip(
            stack, reversed(own), sorted(amplitudes, reverse=True), strict=True
        ):
            assert np.array_equal(axes.get_lines()[0].get_ydata(), recording.v)
            assert [text.get_text() for text in axes.texts] == [f"{amplitude:g} pA"]
            assert axes.get_xlim() == (0, CATALOG["2007"][key].tstop)
    assert len({axes.get_ylim() for axes in panels}) == 1
    currents = [axes for axes in figure.axes if axes.get_ylabel() == "I (pA)"]
    assert len(currents) == (2 if len(keys) == 2 else 0)
    for axes, key in zip(currents, keys, strict=False):
        own = [recording for recording in recordings if recording.key == key]
        for line, recording in zip(axes.get_lines(), reversed(own), strict=True):
            assert_shows_the_current(line, recording)
    assert "t (ms)" in words(figure)
    assert CATALOG["2007"][keys[0]].figure in words(figure)


def test_the_figures_do_not_depend_on_the_order_of_their_recordings():
    for name in ("2004-fig1", "2007-fig8.31-TC"):
        figure, recordings = drawn(name)
        other = FIGURES[name].draw(recordings[::-1])
        assert texts_of(other) == texts_of(figure)
        for one, two in zip(figure.axes, other.axes, strict=True):
            assert np.array_equal(one.get_lines()[0].get_xydata(), two.get_lines()[0].get_xydata())


def texts_of(figure):
    return [text for text, _ in texts(figure)]


@pytest.mark.parametrize(("variant", "scheme"), WAYS)
@pytest.mark.parametrize(
    ("paper", "key"), [("2003", "RS"), ("2004", RUNS_AWAY), ("2007", "RTN_burst")]
)
def test_a_trace_shows_voltage_and_current(paper, key, variant, scheme):
    key = next(
        k for k in CATALOG[paper] if k == key or CATALOG[paper][k].label.endswith(f"({key})")
    )
    recording = recorded(paper=paper, key=key, variant=variant, scheme=scheme)
    axes = traces.trace(recording)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("t (ms)", "v (mV)")
    assert np.array_equal(axes.get_lines()[0].get_xydata(), np.c_[recording.t, recording.v])
    (stimulus,) = axes.child_axes
    assert stimulus.get_ylabel() == f"I ({recording.current_unit})"
    assert_shows_the_current(stimulus.get_lines()[0], recording)
    assert ("runs away" in words(axes.figure)) == (ran_away_at(recording) is not None)
    assert_every_text_has_its_room(axes.figure)


def test_a_trace_goes_into_the_axes_that_are_given():
    recording = recorded(paper="2004", key="tonic spiking")
    given = Figure().add_subplot()
    assert traces.trace(recording, given) is given


@pytest.mark.parametrize(
    "current", [0.0, Waveform(2, (Step(20, -3),), (Ramp(40, 60, 1, 5),))], ids=["none", "own"]
)
@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_other_currents_than_the_figure_s_can_be_drawn(current, scheme):
    run = dict(key="RS", paper="2007", current=current, tstop=80.0, scheme=scheme)
    recording = recorded(**run)
    axes = traces.trace(recording)
    assert_shows_the_current(axes.child_axes[0].get_lines()[0], recording)
    assert_every_text_has_its_room(axes.figure)
    assert_every_text_has_its_room(by_paper.figure_2007([recording]))


@pytest.mark.parametrize(
    ("paper", "key"), [("2004", "bistability"), ("2004", RUNS_AWAY), ("2007", "FS")]
)
def test_a_comparison_overlays_the_four_runs_and_marks_where_they_part(paper, key):
    recordings = four(paper, key)
    if key == "FS":  # as if Sec were not quite the same cell
        recordings[1] = simulate(paper, key, variant="Sec", parameters={"a": 0.21})
    figure = comparisons.comparison_figure(recordings)
    voltages, raster, current = figure.axes
    lines = [line for line in voltages.get_lines() if line.get_label() in map(" ".join, FOUR_RUNS)]
    looks = {(line.get_linestyle(), line.get_color(), line.get_linewidth()) for line in lines}
    assert len(lines) == len(looks) == 4
    for line, recording in zip(lines, recordings, strict=True):
        assert np.array_equal(line.get_xydata(), np.c_[recording.t, recording.v])
    for marks, recording in zip(raster.collections, recordings, strict=True):
        assert np.array_equal([path[0, 0] for path in marks.get_segments()], recording.spikes)
    assert current.get_xlabel() == "t (ms)"
    assert_every_text_has_its_room(figure)
    said = words(figure)
    if key == "FS":
        pairs = zip(recordings[0].spikes, recordings[1].spikes, strict=False)
        parting = next(min(pair) for pair in pairs if pair[0] != pair[1])
        assert f"PP published and Sec published: part at {parting:.1f} ms" in said
        marked = [line.get_xdata()[0] for line in raster.get_lines()]
        assert parting in marked
    else:
        assert "PP published and Sec published: the same spikes" in said
    assert ("runs away" in said) == (key == RUNS_AWAY)


def test_shades_differ_when_printed_in_black_and_white():
    def lightness(color):
        return np.dot(matplotlib.colors.to_rgb(color), (0.2126, 0.7152, 0.0722))

    style = comparisons.RUN_STYLES
    for scheme in ("published", "exact"):
        pp, sec = style["PP", scheme], style["Sec", scheme]
        assert lightness(pp["color"]) - lightness(sec["color"]) > 0.15
        assert pp["linewidth"] > 2 * sec["linewidth"]
    difference = style["PP", "exact"]["color"], style["PP", "published"]["color"]
    assert lightness(difference[0]) - lightness(difference[1]) > 0.15
    assert all(lightness(s["color"]) < 0.75 for s in style.values())  # not lost on white paper


def test_the_overviews_show_every_spike_train():
    for name in (name for name in FIGURES if FIGURES[name].compares):
        figure, recordings = drawn(name)
        assert 4 * len(figure.axes) == len(recordings)
        for place, axes in enumerate(figure.axes):
            group = recordings[4 * place : 4 * place + 4]
            for marks, recording in zip(axes.collections, group, strict=True):
                shown = [segment[0, 0] for segment in marks.get_segments()]
                assert np.array_equal(shown, recording.spikes)
            counts = [text.get_text() for text in axes.texts][:4]
            assert counts == [
                str(len(r.spikes)) if ran_away_at(r) is None else "\N{EN DASH}" for r in group
            ]
    assert "exact runs away at 179 ms" in words(drawn("2003-2004-comparison")[0])


def test_recordings_that_make_no_figure_are_refused():
    tonic = recorded(paper="2004", key="tonic spiking")
    regular = recorded(paper="2007", key="RS")
    for draw, wrong, said in (
        (by_paper.figure_2004, [], "there is none"),
        (by_paper.figure_2004, [regular], "2007"),
        (by_paper.figure_2004, [tonic, tonic], "twice"),
        (by_paper.figure_2003, [tonic], "2004"),
        (by_paper.figure_2007, [], "there is none"),
        (by_paper.figure_2007, [tonic], "2004"),
        (by_paper.figure_2007, [regular, recorded(paper="2007", key="IB")], "8.12, Fig. 8.19"),
        (comparisons.comparison_figure, [tonic], "PP and Sec"),
        (comparisons.overview_figure, [], "there is none"),
        (comparisons.overview_figure, [tonic], "PP and Sec"),
    ):
        with pytest.raises(ValueError, match=said):
            draw(wrong)


def test_the_place_of_a_type_without_a_recording_stays_empty():
    figure = by_paper.figure_2004([recorded(paper="2004", key="bistability")])
    assert [axes.get_title() for axes in figure.axes if axes.get_title()] == ["(P) bistability"]
    assert len(figure.axes) == 20


def test_drawing_and_saving_change_no_setting_and_open_nothing(tmp_path):
    script = f"""
import os, sys, matplotlib
matplotlib.rcParams["font.size"] = 11.5
before = matplotlib.rcParams.copy()  # dict() would resolve the backend
from izhikevich import simulate
from izhikevich.views.figures import plans, saving, traces
plan = plans.FIGURES["2007-fig8.27-FS"]
saving.save(plan.draw([simulate(**run) for run in plan.runs()]), {str(tmp_path / "a.pdf")!r})
saving.save(traces.trace(simulate("2004", "tonic spiking")).figure, {str(tmp_path / "a.png")!r})
assert dict.__eq__(matplotlib.rcParams.copy(), before)
assert "matplotlib.pyplot" not in sys.modules
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, timeout=50)
    assert sorted(os.listdir(tmp_path)) == ["a.pdf", "a.png"]


def test_saved_text_is_text_and_the_same_figure_gives_the_same_bytes(tmp_path):
    figure, _ = drawn("2007-fig8.12-RS")
    for ending in ("svg", "pdf"):
        for name in ("one", "two"):
            saving.save(figure, tmp_path / f"{name}.{ending}")
        one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
        assert one == two
    svg = (tmp_path / "one.svg").read_text()
    assert "<text" in svg and ">100 pA</text>" in svg
    assert b"/Type3" not in (tmp_path / "one.pdf").read_bytes()


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    figure, _ = drawn("2007-fig8.12-RS")
    path = tmp_path / "figure.png"
    path.write_bytes(b"old")

    def half_written(self, unfinished, **how):
        unfinished.write_bytes(b"half")
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Figure, "savefig", half_written)
        with pytest.raises(OSError, match="disk full"):
            saving.save(figure, path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["figure.png"]
    saving.save(figure, path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert os.listdir(tmp_path) == ["figure.png"]


@pytest.mark.parametrize("name", ["figure", "figure.xyz"])
def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path, name):
    figure, _ = drawn("2007-fig8.12-RS")
    with pytest.raises(ValueError, match=r"\.pdf"):
        saving.save(figure, tmp_path / name)
    assert os.listdir(tmp_path) == []
