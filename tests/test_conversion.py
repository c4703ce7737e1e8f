"""The quadratic cell as one of the book's, and back: the same voltage at all times."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import folder, here, refused

from izhikevich import convert, simulate
from izhikevich.catalog import CATALOG, forget
from izhikevich.errors import ParameterError
from izhikevich.models import BOOK, QUADRATIC
from izhikevich.models.conversion import converted
from izhikevich.own_cells import OWN, as_file, define_from_file

__all__ = ["folder"]  # a fixture

SIZES = {"a": 1, "b": 1, "c": 90, "d": 10, "e": 0.1, "f": 8, "g": 200, "vu": 80, "uleak": 2,
         "thresh": 60}  # fmt: skip
PLAIN = {"C": 3, "k": 3, "vr": 90, "vt": 60, "vpeak": 60, "a": 1, "b": 20, "c": 90, "d": 200}


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    forget(OWN)


def parameters(sizes):
    one = st.floats(-1, 1).map(lambda x: round(x, 6))
    return st.fixed_dictionaries({name: one.map(lambda x, s=s: s * x) for name, s in sizes.items()})


def quadratic(p, v, u, current):
    """v', u', where v ends and what a spike makes of u: the equations of 2003."""
    dv = p["e"] * v**2 + p["f"] * v + p["g"] - u + current
    return dv, p["a"] * (p["b"] * (v - p["vu"]) - p["uleak"] * u), p["thresh"], p["c"], u + p["d"]


def book(p, v, u, current):
    """The same of the book's."""
    dv = (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + current) / (100 * p["C"])
    return dv, p["a"] * (p["b"] * (v - p["vu"]) - u), p["vpeak"], p["c"], u + p["d"]


def same(found, here_, there, v, u, current, p):
    """Both forms move alike, from any state."""
    ours = here_(p, v, u, current)
    theirs = there(found.parameters, v, found.u(u), found.scale * current)
    sizes = 1 + abs(v) * (abs(v) + 10) + abs(u) + abs(current) + abs(found.offset)
    assert theirs[0] == pytest.approx(ours[0], rel=1e-9, abs=1e-9 * sizes)
    assert theirs[1] == pytest.approx(
        found.scale * ours[1], rel=1e-9, abs=1e-9 * found.scale * sizes * (1 + abs(p["b"]))
    )
    assert theirs[2:4] == ours[2:4]
    assert theirs[4] == pytest.approx(found.u(ours[4]), rel=1e-9, abs=1e-9 * found.scale * sizes)


STATES = {
    "v": st.floats(-100, 60),
    "u": st.floats(-300, 300),
    "current": st.floats(-200, 200),
}


@settings(max_examples=300, deadline=None)
@given(p=parameters(SIZES), capacitance=st.floats(0.01, 10), **STATES)
def test_any_quadratic_cell_is_one_of_the_book(p, capacitance, v, u, current):
    try:
        found = converted(QUADRATIC, p, capacitance)
    except ParameterError:
        under_root = p["f"] ** 2 - 4 * p["e"] * p["g"]
        assert p["e"] == 0 or p["uleak"] == 0 or (p["b"] == 0 and under_root < 0)
        return
    # where two numbers nearly cancel, or one is nearly 0, rounding has its way
    if min(abs(p["e"]) / 0.1, abs(p["uleak"]) / 2, abs(p["b"]) or 1) < 1e-3:
        return
    same(found, quadratic, book, v, u, current, p)


@settings(max_examples=300, deadline=None)
@given(p=parameters(PLAIN), **STATES)
def test_any_plain_cell_of_the_book_is_a_quadratic_one(p, v, u, current):
    p = {**p, "C": abs(p["C"]) + 0.05, "celltype": 1.0, "vu": p["vr"]}
    same(converted(BOOK, p), book, quadratic, v, u, current, p)


#: One has no other form, the exact solution of the other runs away.
OTHERS = ("accomodation", "inhibition-induced bursting")


@pytest.mark.parametrize("key", [key for key in CATALOG["2004"] if key not in OTHERS])
def test_published_types_spike_at_the_same_times(key):
    entry = convert("2004", key, capacitance=0.7)
    assert entry.model == BOOK
    ours = simulate("2004", key, scheme="exact").spikes
    theirs = simulate(OWN, entry.key, scheme="exact").spikes
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=2e-3)
    # it rests at vr, with u = 0, where it has a rest at all; for b = 0.26 that is where vt is, too
    p = entry.parameters
    assert p["vt"] > p["vr"] - 1e-9 and (p["vu"] == p["vr"] or key.startswith("inhibition"))


@pytest.mark.parametrize("key", ["RS", "IB", "CH"])
def test_the_book_s_types_go_there_and_back(key):
    there = convert("2007", key, name="there")
    assert there.model == QUADRATIC
    ours = simulate("2007", key, scheme="exact").spikes
    theirs = simulate(OWN, "there", scheme="exact").spikes
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=2e-3)
    capacitance = CATALOG["2007"][key].parameters["C"]
    back = convert(OWN, "there", name="back", capacitance=capacitance)
    expected = {**CATALOG["2007"][key].parameters, "celltype": 1.0}
    expected["vu"] = expected["vr"]
    assert {**back.parameters} == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("paper", "key", "words"),
    [
        ("2004", "accomodation", "uleak = 0 has a u that does not decay"),
        ("2007", "LTS", "celltype 4 bends the rules"),
        ("2007", "FS", "celltype 5 bends the rules"),
    ],
)
def test_what_has_no_other_form_is_refused(paper, key, words):
    with pytest.raises(ParameterError, match=words):
        convert(paper, key)
    with pytest.raises(ParameterError, match="C must be greater than 0"):
        convert("2004", "tonic spiking", capacitance=0)
    with pytest.raises(ParameterError, match="e = 0 is no parabola"):
        convert("2004", "tonic spiking", parameters={"e": 0})
    assert OWN not in CATALOG


def test_the_command_prints_a_cell_file(folder):
    text = here("convert", "tonic spiking", "--capacitance", "0.5", "--set", "d=5").stdout
    (folder / "tonic.toml").write_text(text)
    entry = define_from_file("tonic.toml")
    assert (entry.model, entry.parameters["C"], entry.parameters["d"]) == (BOOK, 0.5, 250)
    assert as_file(entry) == text
    ours = simulate("2004", "tonic spiking", scheme="exact", parameters={"d": 5}).spikes
    said = here("run", "--cell", "tonic.toml", "--scheme", "exact").stdout
    assert f"spikes: {len(ours)}" in said
    assert "has ramps, and a cell file has steps alone" in refused("convert", "Class 1")
    assert "bends the rules" in refused("convert", "FS", "--paper", "2007")
