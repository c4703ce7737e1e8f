"""Maps: patterns, lines of bifurcations, the command, a click."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent
from test_cli import folder, here, refused

from izhikevich import Step, Waveform, map_of, simulate
from izhikevich.catalog import CATALOG
from izhikevich.choice import choose
from izhikevich.errors import ParameterError
from izhikevich.experiments.maps import LASTING, PATTERNS, Stimulus, pattern_of, stimulus_of
from izhikevich.views.cli.commands import map as map_command
from izhikevich.views.figures.maps import map_figure, parameter_planes

__all__ = ["folder"]  # a fixture

LASTS = Stimulus(10, 500, returns=False, inhibits=False)
BURST = np.array([0, 2, 4, 7])


# --- patterns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spikes", "pattern"),
    [
        ([], "quiet"),
        ([3, 8], "quiet"),  # before the stimulus
        ([12], "phasic"),
        ([12, 15, 20], "phasic"),
        (np.arange(20, 500, 30), "tonic"),
        ([400], "tonic"),  # a slow one
        (np.cumsum(20 + np.arange(15)), "adapting"),
        ([12, 15, *range(30, 490, 30)], "tonic"),  # a pair at the onset
        ([12, 14, 17, *range(60, 490, 30)], "mixed"),
        (np.concatenate([t + BURST for t in range(20, 490, 50)]), "bursting"),
        (np.concatenate([[20, 22], *[t + BURST for t in range(50, 490, 50)]]), "bursting"),
    ],
)
def test_a_train_has_its_name(spikes, pattern):
    assert pattern_of(spikes, LASTS) == pattern


def test_after_an_inhibition():
    inhibition = Stimulus(20, 25, returns=True, inhibits=True)
    assert pattern_of([30], inhibition) == "rebound"
    assert pattern_of([22, 24, 30], inhibition) == "tonic"
    assert pattern_of([22], inhibition) == "phasic"
    assert pattern_of([], inhibition) == "quiet"
    assert pattern_of([30], Stimulus(20, 25, returns=True, inhibits=False)) == "phasic"


def test_the_stimulus_of_a_run():
    def of(waveform):
        return stimulus_of(choose("2004", "tonic spiking", current=waveform, tstop=100))

    assert of(Waveform(7)) == Stimulus(0, 100, False, False)
    assert of(Waveform(0, (Step(10, 14),))) == Stimulus(10, 100, False, False)
    assert of(Waveform(0, (Step(20, -15), Step(25, 0)))) == Stimulus(20, 25, True, True)
    assert stimulus_of(choose("2004", "Class 1")) == Stimulus(30, 300, False, False)


@pytest.mark.parametrize(
    ("paper", "key", "pattern"),
    [
        ("2003", "chattering (CH)", "bursting"), ("2004", "tonic spiking", "tonic"),
        ("2003", "low-threshold spiking (LTS)", "adapting"),
        ("2003", "intrinsically bursting (IB)", "mixed"),
        ("2004", "phasic spiking", "phasic"), ("2004", "tonic bursting", "bursting"),
        ("2004", "phasic bursting", "phasic"), ("2004", "mixed mode", "mixed"),
        ("2004", "spike frequency adaptation", "adapting"), ("2004", "rebound spike", "rebound"),
        ("2004", "rebound burst", "rebound"), ("2004", "accomodation", "phasic"),
        ("2004", "inhibition-induced spiking", "tonic"), ("2007", "RS", "tonic"),
        ("2004", "inhibition-induced bursting", "bursting"), ("2007", "CH", "bursting"),
        ("2007", "IB", "mixed"), ("2007", "RTN", "tonic"),
    ],
)  # fmt: skip
def test_published_types_have_their_own_names(paper, key, pattern):
    choice = choose(paper, key)
    stimulus = stimulus_of(choice)
    lasting = {} if stimulus.returns else {"tstop": max(choice.tstop, LASTING)}
    found = simulate(paper, key, **lasting)
    assert pattern_of(found.spikes, stimulus_of(found.choice)) == pattern


# --- maps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paper", "key", "x", "y"), [("2004", "tonic spiking", "c", "d"), ("2007", "RS", "b", "k")]
)
def test_a_map_is_what_single_runs_say(paper, key, x, y):
    found = map_of(paper, key, x, y, points=100)
    stimulus = stimulus_of(found.choice)
    random = np.random.default_rng(1)
    for row, column in random.integers(0, 100, (100, 2)):
        run = simulate(
            paper,
            key,
            tstop=found.choice.tstop,
            parameters={x: found.xs[column], y: found.ys[row]},
        )
        assert pattern_of(run.spikes, stimulus) == found.patterns[row, column]
        assert len(run.spikes) == found.counts[row, column]
        assert found.at(found.xs[column], found.ys[row]) == found.patterns[row, column]
    assert len(set(found.patterns.ravel())) >= 3


def test_lines_are_those_of_the_closed_forms():
    # e w^2 + (f - b) w + g + I = 0 has one root; and its slope is a there (vu = 0, uleak = 1)
    found = map_of("2004", "phasic spiking", "a", "b", points=20)
    e, f, g, current = 0.04, 5.0, 140.0, 0.5
    a, b = found.lines["saddle-node"].T
    assert len(b) > 15
    np.testing.assert_allclose((f - b) ** 2, 4 * e * (g + current), rtol=1e-9)
    a, b = found.lines["Andronov-Hopf"].T
    assert len(b) > 15
    v = (a - f) / (2 * e)
    np.testing.assert_allclose(e * v**2 + (f - b) * v + g + current, 0, atol=1e-6)
    expected = (e * v**2 + f * v + g + current) / v
    np.testing.assert_allclose(b, expected, rtol=0, atol=1e-6)


def test_lines_of_the_book_are_those_of_the_closed_form():
    found = map_of("2007", "RS", "b", "k", points=20, current=70)
    b, k = found.lines["saddle-node"].T
    # k w (w - (vt - vr)) - b w + I = 0 with w = v - vr
    np.testing.assert_allclose((20 * k + b) ** 2, 4 * k * 70, rtol=1e-9)
    assert len(b) > 15


def test_what_follows_a_parameter_goes_on_following_it():
    found = map_of("2007", "RS", "vr", "b", points=12, current=70)
    vr, b = found.lines["saddle-node"].T  # U is 0 at vr wherever that is
    np.testing.assert_allclose((0.7 * (-40 - vr) + b) ** 2, 4 * 0.7 * 70, rtol=1e-9)
    assert len(b) > 5


def test_what_cannot_be_mapped_is_refused():
    for changes, words in (
        ({"x": "q"}, "no parameter 'q': there are a, b, c, d"),
        ({"x": "d"}, "a plane has two parameters, and d is one"),
        ({"points": 1}, "2 points in each direction at least"),
        ({"xs": [3, 2]}, "the values of c are two rising numbers"),
        ({"xs": [0, 50]}, "not all of this map can be run: cell 1: "),  # a reset above the peak
    ):
        asked = {"x": "c", "y": "d", "points": 2, **changes}
        with pytest.raises(ParameterError, match=words):
            map_of("2004", "tonic spiking", asked.pop("x"), asked.pop("y"), **asked)


# --- pictures and the command -------------------------------------------------------------------


def test_the_figure_says_what_is_what():
    found = map_of("2004", "phasic spiking", "a", "b", points=10)
    (axes,) = map_figure(found).axes
    said = [text.get_text() for text in axes.get_legend().get_texts()]
    assert set(said) == {
        *found.patterns.ravel(), "saddle-node at I", "Andronov-Hopf at I", "phasic spiking"
    }  # fmt: skip
    assert set(found.patterns.ravel()) <= set(PATTERNS)
    assert axes.get_xlabel() == "a (1/ms)" and axes.get_title().startswith(
        "phasic spiking, I = 0.5"
    )


def test_the_types_in_their_planes():
    left, right = parameter_planes("2003").axes
    for axes, (x, y) in ((left, ("a", "b")), (right, ("c", "d"))):
        (line,) = axes.lines
        types = CATALOG["2003"].values()
        expected = {(each.parameters[x], each.parameters[y]) for each in types}
        assert set(map(tuple, line.get_xydata().tolist())) == expected
        words = " ".join(text.get_text() for text in axes.texts)
        assert all(name in words for name in ("RS", "IB", "CH", "FS", "TC", "RZ", "LTS"))


def test_the_command(folder):
    said = here("map", "tonic spiking", "--points", "12", "--x-range", "-60", "-50",
                "--set", "a=0.03", "--out", "map.png").stdout.splitlines()  # fmt: skip
    assert said[0] == "tonic spiking: 144 cells over c from -60 to -50 and d from 0.6 to 15"
    assert said[-1] == "wrote map.png" and any(line.startswith("bursting") for line in said)
    here("map", "--paper", "2003", "--out", "types.svg")
    assert "RZ" in (folder / "types.svg").read_text()
    assert "rises, but -70" in refused("map", "RS", "--x-range", "-50", "-70", "--out", "x.png")
    assert "give --out" in refused("map", "--paper", "2003")
    assert "izh map finds no display" in refused("map", "RS")


class Screen:
    """What pyplot does, with clicks in the place of a person's."""

    def __init__(self, *clicks):
        self.clicks = clicks

    def figure(self, **how):
        matplotlib.use("Agg")
        from matplotlib import pyplot

        self.made = pyplot.figure(**how)
        return self.made

    def show(self):
        self.made.canvas.draw()
        plane, self.run = self.made.axes
        self.titles = []
        for place in self.clicks:
            x, y = plane.transData.transform(place)
            event = MouseEvent("button_press_event", self.made.canvas, x, y, 1)
            self.made.canvas.callbacks.process("button_press_event", event)
            self.titles.append(self.run.get_title())


def test_a_click_runs_the_cell_there():
    found = map_of("2004", "tonic spiking", "c", "d", points=20)
    screen = Screen((-64, 8), (-50, 2.0), (-100, 0))
    map_command.show(found, screen)
    tonic, bursting, outside = screen.titles
    assert tonic.startswith("c = -64, d = 8: tonic") and outside == bursting
    assert bursting.startswith("c = -50, d = 2: bursting")
    run = simulate("2004", "tonic spiking", tstop=500, parameters={"c": -50, "d": 2.0})
    assert screen.run.lines[0].get_ydata().max() == pytest.approx(run.v.max(), abs=5)
