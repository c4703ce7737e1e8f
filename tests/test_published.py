"""The catalogue is what was published: every number of it, against numbers typed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import reference
from published import (
    CELLS_2007,
    FIGURE_2003,
    FIGURE_2004,
    FIGURES_2007,
    LABELS_2004,
    QUADRATIC_2004,
    WITHOUT_DECAY_2004,
    ZERO_OF_U_2007,
)

from izhikevich.catalog import CATALOG, PUBLICATIONS, cell_type
from izhikevich.choice import Choice
from izhikevich.models import BOOK, QUADRATIC
from izhikevich.session import Session
from izhikevich.waveforms import Waveform


def written(current):
    """A waveform as what holds from t = 0 and a list of changes."""
    steps = [(s.time, s.amplitude, ">=" if s.inclusive else ">") for s in current.steps]
    ramps = [(r.start, r.stop, r.first, r.last) for r in current.ramps]
    return current.initial, steps + ramps


def test_there_is_no_other_type():
    assert list(CATALOG) == list(PUBLICATIONS) == ["2003", "2004", "2007"]
    assert list(CATALOG["2003"]) == list(FIGURE_2003)
    assert list(CATALOG["2004"]) == list(FIGURE_2004)
    assert list(CATALOG["2007"]) == list(FIGURES_2007)
    for name, publication in PUBLICATIONS.items():
        assert publication.name == name
        assert tuple(CATALOG[name].values()) == tuple(publication.types)


@pytest.mark.parametrize("key", FIGURE_2003)
def test_a_type_of_2003(key):
    panel, abcd, v0, u0, start, changes, tstop, dt, spikes = FIGURE_2003[key]
    entry = cell_type("2003", key)
    assert (entry.paper, entry.key, entry.label, entry.panel) == ("2003", key, key, panel)
    assert (entry.figure, entry.button, entry.title) == ("Fig. 2", key, key)
    assert_quadratic(entry, abcd, (0.04, 5, 140), 0, 1)
    assert_protocol(entry, v0, u0, start, changes, tstop, dt, spikes)


@pytest.mark.parametrize("key", FIGURE_2004)
def test_a_type_of_2004(key):
    panel, abcd, v0, u0, start, changes, tstop, dt, spikes = FIGURE_2004[key]
    label = LABELS_2004.get(key, key)
    entry = cell_type("2004", key)
    assert (entry.paper, entry.key, entry.label, entry.panel) == ("2004", key, label, panel)
    assert (entry.figure, entry.title) == ("Fig. 1", f"({panel}) {label}")
    assert entry.button.startswith(f"{panel}  ")
    vu = WITHOUT_DECAY_2004.get(key)
    quadratic = QUADRATIC_2004.get(key, (0.04, 5, 140))
    assert_quadratic(entry, abcd, quadratic, vu or 0, 1 if vu is None else 0)
    assert_protocol(entry, v0, u0, start, changes, tstop, dt, spikes)


def assert_quadratic(entry, abcd, efg, vu, uleak):
    a, b, c, d = abcd
    e, f, g = efg
    assert entry.model == QUADRATIC
    assert entry.parameters == dict(
        a=a, b=b, c=c, d=d, e=e, f=f, g=g, vu=vu, uleak=uleak, thresh=30
    )


def assert_protocol(entry, v0, u0, start, changes, tstop, dt, spikes):
    assert (entry.tstop, entry.dt) == (tstop, dt)
    (current,) = entry.currents
    initial, others = written(current)
    assert initial == start and len(others) == len(changes)
    for is_there, published in zip(others, changes, strict=True):
        assert is_there == tuple(
            pytest.approx(x, rel=1e-15) if isinstance(x, float) else x for x in published
        )
    assert entry.amplitudes == () and entry.conditioning is None
    assert (entry.spikes_published, entry.spikes_exact) == ((spikes[0],), (spikes[1],))
    start = Choice(entry).parameters
    assert (start["v0"], start["u0"]) == pytest.approx((v0, u0), rel=1e-15)


@pytest.mark.parametrize("key", FIGURES_2007)
def test_a_type_of_2007(key):
    cell, conditioning, currents, tstop, published, exact = FIGURES_2007[key]
    name, figure, (capacitance, k, vr, vt, vpeak), (a, b, c, d), celltype = CELLS_2007[cell]
    entry = cell_type("2007", key)
    assert (entry.paper, entry.key, entry.panel) == ("2007", key, key)
    assert entry.label == (name if conditioning is None else f"{name}, burst mode")
    assert entry.figure == entry.place == f"Fig. {figure}"
    assert entry.model == BOOK
    expected = dict(C=capacitance / 100, k=k, vr=vr, vt=vt, vpeak=vpeak, a=a, b=b, c=c, d=d)
    zero = {"vu": ZERO_OF_U_2007[cell]} if cell in ZERO_OF_U_2007 else {}
    assert entry.parameters == expected | dict(celltype=celltype) | zero
    assert BOOK.complete(entry.parameters)["vu"] == zero.get("vu", vr)
    assert (entry.tstop, entry.dt) == (tstop, 0.25)
    assert (entry.amplitudes, entry.conditioning) == (currents, conditioning)
    for current, amplitude in zip(entry.currents, currents, strict=True):
        expected = (amplitude, [])
        if conditioning is not None:
            expected = conditioning[0], [(conditioning[1], amplitude, ">=")]
        assert written(current) == expected
        assert entry.driven_by(amplitude).knots(tstop)[1].tolist() == (
            current.knots(tstop)[1].tolist()
        )
    assert entry.default_current == entry.currents[-1]
    assert (entry.spikes_published, entry.spikes_exact) == (published, exact)
    start = Choice(entry).parameters
    assert (start["v0"], start["u0"]) == (vr, 0)


def test_the_thalamocortical_cell_is_there_in_both_readings():
    """The book's p. 305: neither is simply the published one, and each says which it is."""
    for key, other in (("TC", "TC_vu65"), ("TC_burst", "TC_burst_vu65")):
        one, two = cell_type("2007", key), cell_type("2007", other)
        assert one.currents == two.currents and one.figure == two.figure
        assert two.parameters == one.parameters | {"vu": -65}
        assert one.reading.startswith("ModelDB 39948's, U(v) = b (v - vr)")
        assert two.reading == "U(v) = b (v + 65), continuous where b changes"
        assert len(two.button) <= 13
        assert f"Reading: {two.reading}." in Session("2007 PP model", other).explanation()
    others = [e for types in CATALOG.values() for e in types.values() if "TC" not in e.key]
    assert {entry.reading for entry in others} == {""}


def rest_at(current, p):
    """Where the cell rests below -65 mV, from the quadratic equation."""
    k, vr, vt, b, vu = p["k"], p["vr"], p["vt"], p["b"], p.get("vu", p["vr"])
    v = min(np.roots([k, -k * (vr + vt) - b, k * vr * vt + b * vu + current]))
    return v, b * (v - vu)


@pytest.mark.parametrize(
    "key, from_rest, after_120_ms",
    [("TC_burst", (9, 13, 19), (6, 10, 16)), ("TC_burst_vu65", (6, 10, 16), (4, 8, 14))],
)
def test_spikes_within_530_ms_after_inhibition(key, from_rest, after_120_ms):
    """The printed figure shows 6, 9 and 16 at 0, 50 and 100 pA."""
    p = cell_type("2007", key).parameters
    counts = []
    for amplitude in (0, 50, 100):
        rest = reference.published("2007", p, *rest_at(-1200, p), Waveform(amplitude), 0.25, 2120)
        burst = cell_type("2007", key).driven_by(amplitude)
        after = reference.published("2007", p, -60.0, 0.0, burst, 0.25, 2600)
        counts.append((len(rest[4]), len(after[4])))
    assert tuple(zip(*counts, strict=True)) == (from_rest, after_120_ms)


def test_tonic_firing_is_the_same_in_both_readings():
    one, two = (cell_type("2007", key).parameters for key in ("TC", "TC_vu65"))
    for current in cell_type("2007", "TC").currents:
        runs = [reference.published("2007", p, -60.0, 0.0, current, 0.25, 2600) for p in (one, two)]
        assert runs[0][1].min() > -65
        np.testing.assert_array_equal(runs[0][1], runs[1][1])


def test_where_a_type_is_found():
    assert cell_type("2003", "thalamo-cortical burst (TC)").place == "Fig. 2 TC burst"
    assert cell_type("2004", "accomodation").place == "Fig. 1 R"


def test_a_current_of_ones_own_after_the_conditioning():
    burst = cell_type("2007", "RTN_burst").driven_by(33)
    assert [burst.at(t) for t in (0, 119.9, 120, 500)] == [-350, -350, 33, 33]
    assert cell_type("2007", "RTN").driven_by(33) == Waveform(33)


def test_each_publication_says_what_it_is():
    for name, columns, bar, volume in (
        ("2003", 4, 40, "14(6):1569-1572, 2003"),
        ("2004", 4, 20, "15(5):1063-1070, 2004"),
        ("2007", 3, None, "MIT Press 2007, chapter 8"),
    ):
        publication = PUBLICATIONS[name]
        assert (publication.columns, publication.scale_bar) == (columns, bar)
        assert publication.author == f"Izhikevich ({name})"
        assert publication.citation.startswith(f"Izhikevich ({name}) ")
        assert volume in publication.reference
