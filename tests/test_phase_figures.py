"""The figures of the phase plane: what is in them, and what drawing leaves alone."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.experiments.rates import FICurve
from izhikevich.views.figures import saving
from izhikevich.views.figures.against_current import bifurcation_figure, fi_figure
from izhikevich.views.figures.phase import phase_figure
from izhikevich.views.figures.style import ORANGE

TYPES = [(paper, key) for paper, types in CATALOG.items() for key in types]


def cell(paper, key, **changes):
    return for_cell_type(cell_type(paper, key), changes)


def line(axes, label):
    return next(each for each in axes.get_lines() if each.get_label() == label)


def seen(figure: Figure):
    FigureCanvasAgg(figure).draw()
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_nullclines_before_and_during():
    plane = cell("2004", "tonic spiking")
    (axes,) = phase_figure(plane, (0, 14)).axes
    for current in (0, 14):
        drawn = line(axes, f"v' = 0 at I = {current} mV/ms")
        v, u = drawn.get_data()
        assert np.allclose(u, 0.04 * v**2 + 5 * v + 140 + current)
    assert np.allclose(line(axes, "u' = 0").get_ydata(), 0.2 * line(axes, "u' = 0").get_xdata())


def test_fixed_points_by_kind():
    (axes,) = phase_figure(cell("2004", "tonic spiking"), (0, 0)).axes
    node, saddle = line(axes, "stable node"), line(axes, "saddle")
    assert [*node.get_xdata(), *saddle.get_xdata()] == pytest.approx([-70, -50])
    assert node.get_marker() != saddle.get_marker()
    assert node.get_markerfacecolor() != saddle.get_markerfacecolor()
    (axes,) = phase_figure(cell("2004", "tonic spiking"), (0, 3.9)).axes
    assert {"unstable focus", "unstable node"} & {x.get_label() for x in axes.get_lines()}


@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_no_line_across_a_reset(scheme):
    recording = simulate("2004", "tonic spiking", scheme=scheme)
    figure = phase_figure(cell("2004", "tonic spiking"), (0, 14), recording)
    (axes,) = figure.axes
    colour = line(axes, "trajectory").get_color()
    pieces = [x for x in axes.get_lines() if x.get_color() == colour and x.get_marker() == "None"]
    assert len(pieces) == len(recording.spikes) + 1
    for piece in pieces:
        v, u = piece.get_data()
        assert np.diff(v).min() > -10, "no jump down to the reset"
        assert np.abs(np.diff(u)).max() < 1, "nor up by d"
    assert sum(len(piece.get_xdata()) for piece in pieces) == len(recording.t)


def test_flow_on_request():
    plane = cell("2007", "TC")
    without, with_flow = (
        phase_figure(plane, (0, 50), with_flow=flow).axes[0] for flow in (False, True)
    )
    assert len(with_flow.collections) == len(without.collections) + 1
    assert sum(x.get_color() == ORANGE for x in with_flow.get_lines()) == 2, "a jump"


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"a": 0.0}, "u stands still"),
        ({"g": 200.0}, "no fixed point"),
        ({"b": 0.0, "uleak": 0.0}, "u stands still"),
        ({"b": 0.0}, "stable node"),
        ({"g": 144.0}, "saddle-node"),
    ],
)
def test_degenerate_planes_have_a_clear_word(changes, word):
    plane = cell("2004", "tonic spiking", **changes)
    figure = phase_figure(plane, (0, 14), with_flow=True)
    text = seen(figure).replace("\n", " ")
    assert word in text and "nan" not in text


@pytest.mark.parametrize("paper, key", TYPES)
def test_every_type_is_drawn_with_finite_numbers(paper, key):
    entry = cell_type(paper, key)
    waveform = entry.default_current
    currents = (waveform.at(0), float(waveform.knots(entry.tstop)[1][-1]))
    (axes,) = phase_figure(for_cell_type(entry), currents, title=entry.label).axes
    for each in axes.get_lines():
        assert np.all(np.isfinite(np.asarray(each.get_data(), dtype=float)))
    assert axes.get_title() == entry.label


def curve():
    current = np.linspace(0, 0.4, 5)
    return FICurve(current, np.array([0, 0, 0, 26, 28.0]), np.array([0, 0, 21, 26, 28.0]), 1000)


def test_rate_up_and_down_with_the_bifurcations():
    found = cell("2004", "bistability").bifurcations()
    figure = fi_figure(curve(), found, "mV/ms", "bistability")
    (axes,) = figure.axes
    assert line(axes, "current rises").get_ydata().tolist() == curve().up.tolist()
    assert line(axes, "current falls").get_ydata().tolist() == curve().down.tolist()
    assert line(axes, "Andronov-Hopf, 0.2625").get_xdata()[0] == found.hopf.current
    assert line(axes, "saddle-node, 0.4225").get_xdata()[0] == found.saddle_node.current
    assert axes.get_xlabel() == "I (mV/ms)" and axes.get_ylabel() == "rate (Hz)"


def test_bifurcation_diagram():
    plane = cell("2007", "RS")
    runs = {float(i): simulate("2007", "RS", current=float(i), tstop=1000) for i in (40, 80)}
    (axes,) = bifurcation_figure(plane, [0, 100], runs).axes
    stable = line(axes, "stable fixed point").get_data()
    unstable = line(axes, "unstable fixed point").get_data()
    fold = plane.bifurcations().saddle_node
    assert np.max(stable[0]) == pytest.approx(fold.current, abs=0.2)
    assert np.max(stable[1]) < fold.v < np.min(unstable[1]) + 0.5
    bar = line(axes, "range of v while it fires")
    assert list(bar.get_xdata()) == [80, 80], "it does not fire at 40"
    assert bar.get_ydata()[1] == 35


def test_bifurcation_diagram_without_isolated_points():
    figure = bifurcation_figure(cell("2004", "tonic spiking", a=0.0), [0, 10])
    assert "nan" not in seen(figure)


def test_settings_of_matplotlib_stay(tmp_path):
    before = dict(matplotlib.rcParams)
    figure = fi_figure(curve(), cell("2007", "FS").bifurcations(), "pA")
    for ending in ("png", "svg", "pdf"):
        saving.save(figure, tmp_path / f"curve.{ending}")
        assert (tmp_path / f"curve.{ending}").stat().st_size > 5000
    assert dict(matplotlib.rcParams) == before
    assert "rate (Hz)" in (tmp_path / "curve.svg").read_text()
