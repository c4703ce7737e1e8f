"""What the texts say of each cell type: filled in, following the parameters, and true."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from izhikevich.analysis.explanations import explain
from izhikevich.analysis.plane import for_cell_type, plane
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.experiments.runaways import simulate_until_runaway
from izhikevich.models import QUADRATIC
from izhikevich.publications import Explanation
from izhikevich.session import Session
from izhikevich.waveforms import step

TYPES = [(paper, key) for paper, types in CATALOG.items() for key in types]
# digits of names, not of quantities
NAMES = r"\b[IT][01]\b|class [12]"


@functools.cache
def run(paper, key, current=None, scheme="published", tstop=None, **changes):
    return simulate_until_runaway(
        paper, key, current=current, scheme=scheme, tstop=tstop, parameters=changes
    )


def count(*what, **how):
    return len(run(*what, **how).spikes)


def intervals(*what, **how):
    return run(*what, **how).intervals


def known(paper, key):
    return for_cell_type(cell_type(paper, key)).bifurcations()


def session(paper, key):
    return Session(f"{paper} PP model", key)


# --- the texts ------------------------------------------------------------------------------


def test_every_type_has_a_text():
    assert all(entry.explanation for types in CATALOG.values() for entry in types.values())


@pytest.mark.parametrize("paper, key", TYPES)
def test_every_fact_is_there_with_the_published_parameters(paper, key):
    shown = session(paper, key).explanation()
    reason = known(paper, key).reason
    entry = CATALOG[paper][key]
    assert shown[4:] == ([f"Reading: {entry.reading}."] if entry.reading else [])
    assert reason not in shown, "a sentence lacked a fact, and the reason took its place"
    assert shown[3].startswith("Try: ")
    assert not re.search(r"[{}]|\bnan\b|\binf\b|None", " ".join(shown))
    lines = [re.escape(part) for part in re.split(r"{\w+}", entry.explanation.why)]
    assert re.fullmatch(".+?".join(lines), shown[1]), "the facts stand where they were asked for"


@pytest.mark.parametrize("paper, key", TYPES)
def test_no_number_is_typed(paper, key):
    for text in CATALOG[paper][key].explanation:
        assert not re.search(r"\d", re.sub(NAMES, "", text))


@pytest.mark.parametrize("paper, key", [each for each in TYPES if each != ("2004", "accomodation")])
def test_the_text_follows_a_parameter(paper, key):
    changed = session(paper, key)
    before = changed.explanation()
    name = "vt" if paper == "2007" else "g"
    changed.set_parameter(name, changed.parameters[name] + 0.5)
    assert changed.explanation() != before


def test_numbers_in_a_text_are_those_of_the_phase_plane():
    shown = " ".join(session("2004", "phasic spiking").explanation())
    found = known("2004", "phasic spiking")
    assert f"{found.hopf.current:.4g} mV/ms" in shown
    ringing = " ".join(session("2004", "subthreshold oscillations").explanation())
    cell = for_cell_type(cell_type("2004", "subthreshold oscillations"))
    assert f"{cell.subthreshold_period(0):.3g} ms" in ringing


def test_a_fact_that_is_missing_gives_the_reason():
    node = plane(QUADRATIC, {"a": 0.02, "b": -0.1, "c": -65, "d": 6, "e": 0.04, "f": 4.1, "g": 108})
    shown = explain(node, Explanation("Look.", "It rings for {period}.", "wait {hopf}."), 0, 1)
    assert shown[1] == node.bifurcations().reason == shown[3]


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"a": 0.0}, "u stands still"),
        ({"g": 200.0}, "no rest"),
        ({"b": 0.0}, "stable node"),
        ({"e": 0.0}, "At I ="),
    ],
)
def test_degenerate_parameters_give_a_clear_word(changes, word):
    shown = session("2004", "tonic spiking")
    for name, value in changes.items():
        shown.set_parameter(name, value)
    text = " ".join(shown.explanation())
    assert word in text
    assert not re.search(r"\bnan\b|\binf\b|None|[{}]", text)


# --- the advice is true -------------------------------------------------------------------------


def decreases(values):
    return all(np.diff(values) < 0)


def test_2003_advice():
    rs, ib, ch = "regular spiking (RS)", "intrinsically bursting (IB)", "chattering (CH)"
    assert count("2003", rs, d=4) > count("2003", rs), "a smaller d: the rate rises"
    apart = [intervals("2003", ib, c=c)[:2] for c in (-55, -60, -65)]
    assert np.all(np.diff(apart, axis=0) > 0), "a lower c: the first spikes move apart"
    first_burst = [int(np.argmax(intervals("2003", ch, d=d) > 20)) for d in (2, 3, 4)]
    assert decreases(first_burst), "a higher d: shorter bursts"
    fast = "fast spiking (FS)"
    growth = [
        intervals("2003", fast, a=a)[-1] / intervals("2003", fast, a=a)[0] for a in (0.1, 0.02)
    ]
    assert growth[1] > 2 * growth[0], "a lower a: more adaptation"
    rebound = run("2003", "thalamo-cortical (TC)", step(-25.0, 0.0, 45.0))
    assert len(rebound.spikes) >= 3 and rebound.spikes[0] > 45
    weaker = [count("2003", "thalamo-cortical burst (TC)", step(i, 0, 45)) for i in (-25, -15, -5)]
    assert decreases(weaker), "weaker inhibition: a shorter burst"
    lts = "low-threshold spiking (LTS)"
    assert count("2003", lts, step(0, 2, 25)) > 0 == count("2003", lts, step(0, 2, 25), b=0.2)


@pytest.mark.parametrize(
    "paper, key", [("2003", "resonator (RZ)"), ("2004", "subthreshold oscillations")]
)
def test_a_lower_b_ends_the_ringing(paper, key):
    entry = cell_type(paper, key)
    before = entry.default_current.at(0)
    assert for_cell_type(entry).subthreshold_period(before) is not None
    assert for_cell_type(entry, {"b": 0.1}).subthreshold_period(before) is None


def test_tonic_and_phasic_advice():
    fold = known("2004", "tonic spiking").saddle_node.current
    below = step(0, 0.99 * fold, 10)
    assert count("2004", "tonic spiking", below, tstop=1000) > 3, "it does still fire"
    hopf = known("2004", "phasic spiking").hopf.current
    above = run("2004", "phasic spiking", step(0, 1.03 * hopf, 20), tstop=1000)
    assert above.spikes[-1] > 800, "the spikes go on"
    sizes = [count("2004", "phasic bursting", d=d) for d in (0.05, 0.5, 2)]
    assert decreases(sizes) and sizes[-1] == 1


def test_bursting_advice():
    bursts = intervals("2004", "tonic bursting", tstop=600)
    single = intervals("2004", "tonic bursting", tstop=600, c=-65)
    assert bursts[20:].max() > 5 * bursts[20:].min(), "bursts"
    assert single[20:].max() < 1.2 * single[20:].min(), "tonic spiking"
    lower = intervals("2004", "mixed mode", tstop=400, c=-65)
    higher = intervals("2004", "mixed mode", tstop=400, c=-50)
    assert lower[3:].max() < 1.2 * lower[3:].min(), "tonic spiking"
    assert higher[6:].max() > 5 * higher[6:].min(), "tonic bursting"
    adapting = intervals("2004", "spike frequency adaptation", a=0.2)
    assert adapting[3:].max() <= adapting[3:].min() + 0.25, "equal to the step"


def test_class_1_and_integrator_advice():
    for key in ("Class 1", "integrator"):
        fold = known("2004", key).saddle_node.current
        assert intervals("2004", key, fold + 0.01, tstop=3000)[-1] > 900, "it fires slowly"
    for current in (0.3, 0.4, 0.45):
        assert intervals("2004", "Class 2", current, tstop=1000)[-1] < 40, "no slow rate"


def test_rebound_advice():
    key = "rebound spike"
    assert count("2004", key, step(-3, 0, 25)) == 1
    assert count("2004", key, step(-1, 0, 25)) == count("2004", key, step(-3, 0, 10)) == 0
    sizes = [count("2004", "rebound burst", d=d) for d in (0, 1, 4)]
    assert decreases(sizes) and sizes[-1] == 1


def test_advice_to_take_the_exact_scheme():
    key = "spike latency"
    assert run("2004", key).spikes[0] > 5 + run("2004", key, scheme="exact").spikes[0]
    assert run("2004", "bistability").spikes[-1] < 221
    assert run("2004", "bistability", scheme="exact").spikes[-1] > 250
    assert count("2004", "Depolarizing afterpotential") == 1
    assert count("2004", "Depolarizing afterpotential", scheme="exact") > 5
    away = run("2004", "inhibition-induced bursting", scheme="exact")
    assert away.t[-1] < away.tstop, "u runs away"


def test_accommodation_and_inhibition_advice():
    assert (
        run("2004", "accomodation", a=0.01).spikes[0] < 200 < run("2004", "accomodation").spikes[0]
    )
    key = "inhibition-induced spiking"
    hopf = known("2004", key).hopf.current
    assert count("2004", key, hopf - 0.5, tstop=1000) > 5
    assert count("2004", key, hopf + 0.5, tstop=1000) <= 1


def test_2007_advice():
    fold = known("2007", "RS").saddle_node.current
    slower = [intervals("2007", "RS", fold + x, tstop=3000)[-1] for x in (4, 2, 0.6)]
    assert decreases(-np.array(slower)), "the rate falls without bound"
    tonic = intervals("2007", "CH", c=-60)
    assert tonic[4:].max() < 1.1 * tonic[4:].min(), "a lower c: tonic spiking"
    for key in ("LTS", "RTN"):
        hopf = known("2007", key).hopf.current
        assert count("2007", key, 0.96 * hopf, tstop=2000) == 1, "the firing does not last"
        assert count("2007", key, 1.02 * hopf, tstop=2000) > 5
    hopf = known("2007", "FS").hopf.current
    for share in (0.95, 0.99, 1.0, 1.02):
        spikes = intervals("2007", "FS", share * hopf, tstop=1000)
        assert not spikes.size or spikes.max() < 60, "it cannot fire slowly"
    weaker = [count("2007", "TC_burst", step(i, 0, 120)) for i in (-1200, -600, -400, -200)]
    assert decreases(weaker) and weaker[-1] == 0
    longer = [
        count("2007", "TC_burst_vu65", step(-1200, 0, end), tstop=end + 530) for end in (120, 400)
    ]
    assert longer[1] > longer[0] > 0, "a longer inhibition: a larger burst"
    sizes = [count("2007", key, step(-1200, 0, 120)) for key in ("TC_burst", "TC_burst_vu65")]
    assert decreases(sizes), "fewer spikes than in the other reading"
    weaker = [count("2007", "RTN_burst", step(i, 0, 120)) for i in (-350, -200, -50)]
    assert decreases(weaker) and weaker[-1] == 0
