"""A publication registered at run time: everything runs it, with its own unit, from entries alone.

What its cells do is computed here from their equations, without the package:

    50 v' = (v + 80)(v + 25) - u + I        v > 40: v <- -55, u <- u + 150, of the quick one u + 50
       u' = 0.01 (-20 (v + 80) - u)                                           ms, mV, pA
"""

from __future__ import annotations

import csv
import re

import pytest
from click.testing import CliRunner
from matplotlib.text import Text
from scipy.integrate import solve_ivp

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG, UnknownCellTypeError, cell_type, forget
from izhikevich.experiments.rates import fi_curve
from izhikevich.experiments.ringing import ringing
from izhikevich.experiments.steps import step_rheobase
from izhikevich.views.cli.main import main
from izhikevich.views.figures.phase import phase_figure
from izhikevich.views.figures.plans import FIGURES
from izhikevich.views.figures.traces import trace

pytestmark = pytest.mark.usefixtures("striatum")

# Key, jump of u (pA), duration (ms), and (begin, end, current) of each trace of its figure.
TRACES = [
    ("spiny", 150, 1000, [(0, 50, 0), (50, 1000, 450)]),
    ("quick spiny", 50, 600, [(0, 600, 400)]),
    ("quick spiny", 50, 600, [(0, 600, 500)]),
]
# The rest is lost where (v + 80)(v + 25) + 20 (v + 80) + I = v^2 + 125 v + 3600 + I has one root.
FOLD, FOLD_V = 125**2 / 4 - 3600, -62.5


def slope(v, u, current):
    return ((v + 80) * (v + 25) - u + current) / 50, 0.01 * (-20 * (v + 80) - u)


def euler_spikes(pieces, jump, dt):
    """Steps of dt from rest, v and u from the state before."""
    v, u, spikes = -80.0, 0.0, []
    for j in range(round(pieces[-1][1] / dt)):
        current = next(i for begin, end, i in reversed(pieces) if j * dt > begin - dt / 2)
        dv, du = slope(v, u, current)
        v, u = v + dt * dv, u + dt * du
        if v > 40:
            spikes.append((j + 1) * dt)
            v, u = -55.0, u + jump
    return spikes


def exact_spikes(pieces, jump):
    """Spikes of the solution from rest, by a method of 8th order."""

    def peak(t, state, _):
        return state[0] - 40

    peak.terminal, peak.direction = True, 1
    v, u, spikes = -80.0, 0.0, []
    for t, end, current in pieces:
        while t < end:
            found = solve_ivp(
                lambda t, state, current: slope(*state, current), (t, end), (v, u), "DOP853",
                rtol=1e-11, atol=1e-11, events=peak, args=(current,),
            )  # fmt: skip
            t, (v, u) = found.t[-1], found.y[:, -1]
            if found.status == 1:
                spikes.append(t)
                v, u = -55.0, u + jump
    return spikes


def izh(*arguments):
    done = CliRunner().invoke(main, list(map(str, arguments)), prog_name="izh")
    assert done.exit_code == 0, done.output
    return done.stdout


# --- runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", ["PP", "Sec"])
@pytest.mark.parametrize(("key", "jump", "tstop", "pieces"), TRACES)
def test_it_fires_as_its_equations_say(variant, key, jump, tstop, pieces):
    # the one that starts with another current has that of its figure
    current = pieces[0][2] if len(pieces) == 1 else None
    how = dict(variant=variant, current=current)
    published = simulate("striatum", key, **how)
    expected = euler_spikes(pieces, jump, 0.25)
    assert len(expected) > 2 and published.tstop == tstop
    assert published.spikes == pytest.approx(expected, abs=1e-9)
    fixed = simulate("striatum", key, scheme="fixed", dt=0.1, **how)
    assert fixed.spikes == pytest.approx(euler_spikes(pieces, jump, 0.1), abs=1e-9)
    exact = simulate("striatum", key, scheme="exact", **how)
    assert exact.spikes == pytest.approx(exact_spikes(pieces, jump), abs=0.002)
    for recording in (published, fixed, exact):
        assert recording.current_unit == "pA"
        assert list(recording.columns())[2:] == ["u (pA)", "i (pA)"]


def test_the_strongest_current_of_its_figure_is_the_usual_one():
    assert set(simulate("striatum", "quick spiny").i) == {500.0}


# --- why it fires ------------------------------------------------------------------------------


def test_the_phase_plane_is_that_of_its_equations():
    plane = for_cell_type(cell_type("striatum", "spiny"))
    assert plane.current_unit == "pA"
    rest, saddle = plane.fixed_points(0.0)
    assert (rest.v, saddle.v) == pytest.approx((-80, -45))
    assert rest.stable and not saddle.stable
    found = plane.bifurcations()
    assert (found.saddle_node.current, found.saddle_node.v) == pytest.approx((FOLD, FOLD_V))
    assert found.first == "saddle-node" and found.excitability == "class 1"


def test_rates_and_the_rheobase_are_measured():
    curve = fi_curve("striatum", "quick spiny", [FOLD - 20, FOLD + 100, FOLD + 200])
    assert curve.up[0] == 0 < curve.up[1] < curve.up[2]
    rheobase = step_rheobase("striatum", "spiny", duration=5000)
    assert FOLD < rheobase < 1.02 * FOLD
    assert ringing("striatum", "spiny").predicted is None, "a node does not ring"


# --- figures ------------------------------------------------------------------------------------


def words(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_figures_of_a_run_and_of_the_plane():
    recording = simulate("striatum", "spiny")
    assert "I (pA)" in words(trace(recording).figure)
    figure = phase_figure(recording.choice.plane, recording.choice.currents, recording)
    assert "u (pA)" in words(figure) and "v' = 0 at I = 450 pA" in words(figure)


def test_its_figures_are_planned_and_drawn():
    own = [name for name, plan in FIGURES.items() if plan.papers == ("striatum",)]
    assert own == ["striatum-fig1-spiny", "striatum-fig1-quick-spiny"]
    said = []
    for name in own:
        recordings = [simulate(**run) for run in FIGURES[name].runs("Sec")]
        figure = FIGURES[name].draw(recordings)
        assert len(figure.axes) >= len(recordings)
        said.append(words(figure))
    assert "Fourth (2024) Fig. 1: spiny neuron" in said[0] and "I changes" in said[0]
    assert "Fourth (2024) Fig. 1: quick spiny neuron" in said[1]
    assert "400 pA" in said[1] and "500 pA" in said[1]
    (comparison,) = (plan for plan in FIGURES.values() if plan.compares and "striatum" in plan.name)
    assert comparison.papers[-1] == "striatum"
    of_striatum = [run for run in comparison.runs() if run["paper"] == "striatum"]
    assert [run["key"] for run in of_striatum] == ["spiny"] * 4 + ["quick spiny"] * 8
    figure = comparison.draw([simulate(**run) for run in of_striatum[:4]])
    assert "Fourth 2024: spikes of the four runs" in words(figure)


# --- the command line ---------------------------------------------------------------------------


def test_list_shows_it_with_its_currents():
    heading, *lines = izh("list").splitlines()
    mine = [line.split() for line in lines if line.startswith("striatum")]
    assert mine == [["striatum", "1", "spiny"], ["striatum", "1", "quick", "spiny", "400", "500"]]
    assert "I (pA)" in heading


def test_run_says_what_it_does(tmp_path):
    said = izh("run", "quick spiny", "--current", 400, "--out", tmp_path / "x.csv")
    expected = euler_spikes(TRACES[1][3], 50, 0.25)
    assert said.startswith("quick spiny neuron: striatum Fig. 1, PP, published (dt 0.25 ms), 600")
    assert f"spikes: {len(expected)}, " in said
    times = re.search(r"spike times \(ms\): (.*)", said).group(1)
    assert [float(x) for x in times.split(", ")] == pytest.approx(expected, abs=0.001)
    with (tmp_path / "x.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["t (ms)", "v (mV)", "u (pA)", "i (pA)"]
    assert "spikes: 0," in izh("run", "spiny", "--paper", "striatum", "--current", 0)


def test_phase_fi_and_bifurcation_say_its_currents_in_its_unit(tmp_path):
    said = izh("phase", "spiny", "--out", tmp_path / "plane.png")
    assert "I = 0 pA: stable node at -80 mV, saddle at -45 mV" in said
    assert "I = 450 pA: no fixed point" in said
    assert "saddle-node at 306.25 pA, v = -62.5 mV" in said
    said = izh("fi", "spiny", "--out", tmp_path / "fi.svg")
    assert said.startswith("I (pA)  up (Hz)  down (Hz)") and "rheobase of a step" in said
    assert ">I (pA)</text>" in (tmp_path / "fi.svg").read_text()
    said = izh("bifurcation", "spiny")
    assert "I = 0 pA: stable node at -80 mV, saddle at -45 mV" in said and "it fires" in said


def test_compare_and_figures(tmp_path):
    said = izh("compare", "spiny", "quick spiny")
    assert "| striatum | quick spiny neuron | 400 pA | PP published |" in said
    assert said.rstrip().endswith("the same: 3/3 of striatum")
    izh("figures", "striatum", "--variant", "PP", "--out", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "striatum-fig1-quick-spiny-PP-published.png",
        "striatum-fig1-spiny-PP-published.png",
    ]


# --- and it goes again ----------------------------------------------------------------------------


def test_it_is_in_the_catalogue_only_while_it_is_registered(striatum):
    assert list(CATALOG) == ["2003", "2004", "2007", striatum.name]
    forget(striatum.name)
    with pytest.raises(UnknownCellTypeError, match="unknown paper 'striatum'"):
        simulate("striatum", "spiny")
    assert all(striatum.name not in plan.papers for plan in FIGURES.values())
