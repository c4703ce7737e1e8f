"""The geometry of the phase plane, against independent root finders, eigenvalues and runs."""

from __future__ import annotations

import dataclasses
import importlib
import math

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from izhikevich.analysis.bifurcations import Loss
from izhikevich.analysis.plane import PhasePlane, for_cell_type, plane
from izhikevich.analysis.trajectories import trajectory_pieces
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.models import BOOK, QUADRATIC

KINDS = {
    "stable node",
    "unstable node",
    "stable focus",
    "unstable focus",
    "saddle",
    "centre",
    "saddle-node",
}
ALL_TYPES = [entry for entries in CATALOG.values() for entry in entries.values()]
QUADRATIC_TYPES = [entry for entry in ALL_TYPES if entry.model == QUADRATIC]
RS = dict(a=0.02, b=0.2, c=-65, d=8)


def name(entry):
    return f"{entry.paper} {entry.key}"


def book(key, **overrides):
    return for_cell_type(cell_type("2007", key), overrides)


# ------------------------------------------- the equations once more, written independently


def published_pieces(model, p):
    """U as (lower, upper, polynomial of falling powers of v), from the published table."""
    inf = math.inf
    if model == QUADRATIC:
        return [(-inf, inf, [p["b"], -p["b"] * p["vu"]])]
    vu = p.get("vu", p["vr"])
    line = [p["b"], -p["b"] * vu]
    d = p["d"]
    return {
        5: [(-inf, d, [0.0]), (d, inf, list(0.025 * np.array([1, -3 * d, 3 * d**2, -(d**3)])))],
        6: [(-inf, -65, line), (-65, inf, [0.0])],
        7: [(-inf, -65, line), (-65, inf, [2.0, -2.0 * vu])],
    }.get(p["celltype"], [(-inf, inf, line)])


def published_parabola(model, p):
    if model == QUADRATIC:
        return [p["e"], p["f"], p["g"]]
    return [p["k"], -p["k"] * (p["vr"] + p["vt"]), p["k"] * p["vr"] * p["vt"]]


def published_rhs(model, p, v, u, current):
    """The right-hand side for one real or complex v and u; the piece of U is Re(v)'s."""
    if model == QUADRATIC:
        dv = p["e"] * v * v + p["f"] * v + p["g"] - u + current
        return dv, p["a"] * (p["b"] * (v - p["vu"]) - p["uleak"] * u)
    vu = p.get("vu", p["vr"])
    target = p["b"] * (v - vu)
    if p["celltype"] == 5:
        target = 0.025 * (v - p["d"]) ** 3 if v.real >= p["d"] else 0 * v
    elif p["celltype"] == 6 and v.real > -65:
        target = 0 * v
    elif p["celltype"] == 7 and v.real > -65:
        target = 2 * (v - vu)
    dv = (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + current) / (100 * p["C"])
    return dv, p["a"] * (target - u)


def numerical_jacobian(model, p, v, u, current):
    """By the complex step: exact but for rounding."""
    h = 1e-30
    columns = [(complex(v, h), complex(u, 0)), (complex(v, 0), complex(u, h))]
    return np.array([[x.imag / h for x in published_rhs(model, p, *c, current)] for c in columns]).T


def independent_fixed_points(model, p, current):
    """All v from the expanded polynomial, refined in extended precision; None if near-double."""
    leak = p.get("uleak", 1.0)
    found = []
    for lower, upper, target in published_pieces(model, p):
        parabola = leak * np.array(published_parabola(model, p))
        parabola[-1] += leak * current
        polynomial = np.polysub(parabola, target)
        for root in np.roots(polynomial):
            derivative = np.polyder(polynomial.astype(np.longdouble))
            x = np.longdouble(root.real)
            for _ in range(6):
                slope = np.polyval(derivative, x)
                x = x - np.polyval(polynomial.astype(np.longdouble), x) / slope if slope else x
            if abs(root.imag) > 1e-5 * (1 + abs(root)):
                continue
            if abs(x - root.real) > 1e-3 * (1 + abs(root)) or abs(root.imag) > 0:
                return None
            if lower < x < upper:
                found.append(float(x))
    return sorted(found)


def random_cells(rng, count):
    """Parameter sets of both models, all cell types and both signs of what can have one."""
    zeros = np.random.default_rng(count)
    for i in range(count):
        if i % 2:
            p = dict(
                a=rng.uniform(-0.2, 1), b=rng.uniform(-1.5, 1.5), c=-65.0, d=rng.uniform(-2, 8)
            )
            p |= dict(e=rng.uniform(0.01, 0.1), f=rng.uniform(2, 8), g=rng.uniform(50, 200))
            p |= dict(vu=rng.choice([0.0, -65.0, rng.uniform(-80, 20)]), thresh=30.0)
            p |= dict(uleak=rng.choice([0.0, 1.0, 1.0, rng.uniform(-1, 2)]))
            yield QUADRATIC, {k: float(x) for k, x in p.items()}, float(rng.uniform(-150, 60))
        else:
            p = dict(C=rng.uniform(0.1, 3), k=rng.uniform(0.1, 3), vr=rng.uniform(-80, -50))
            p |= dict(vt=rng.uniform(-60, -30), vpeak=30.0, a=rng.uniform(0.005, 0.3), c=-55.0)
            p |= dict(b=rng.uniform(-10, 20), d=rng.uniform(-70, -40), celltype=i // 2 % 7 + 1)
            p |= dict(vu=p["vr"] + float(zeros.choice([0, 0, zeros.uniform(-20, 20)])))
            yield BOOK, {k: float(x) for k, x in p.items()}, float(rng.uniform(-500, 300))


@pytest.mark.parametrize("count", [1000, 10_000])
def test_random_cells(count):
    rng = np.random.default_rng(20031569)
    compared, jacobians, eigenvalues, kinds, counts = 0, [], [], [], set()
    for model, p, current in random_cells(rng, count):
        expected = independent_fixed_points(model, p, current)
        if expected is None:
            continue
        compared += 1
        points = [x for x in plane(model, p).fixed_points(current) if x.eigenvalues]
        counts.add(len(points))
        assert [x.v for x in points] == pytest.approx(expected, rel=1e-9, abs=1e-9), (p, current)
        for point in points:
            dv, du = published_rhs(model, p, complex(point.v), complex(point.u), current)
            size = abs(point.u) + 1000 + abs(current)
            assert abs(dv) < 1e-11 * size and abs(du) < 1e-11 * size
            jacobians.append(numerical_jacobian(model, p, point.v, point.u, current))
            eigenvalues.append(point.eigenvalues)
            kinds.append(point.kind)
            assert np.array(point.jacobian) == pytest.approx(jacobians[-1], rel=1e-9, abs=1e-11)
    assert compared > 0.999 * count and {0, 1, 2, 3} <= counts
    found = np.array(eigenvalues)
    expected = np.linalg.eigvals(np.array(jacobians))
    same = np.abs(found - expected).max(axis=1)
    swapped = np.abs(found - expected[:, ::-1]).max(axis=1)
    assert (np.minimum(same, swapped) / (1 + np.abs(found).max(axis=1))).max() < 1e-9
    assert set(kinds) == KINDS - {"centre", "saddle-node"}
    for kind, pair in zip(kinds, expected, strict=True):
        real, imaginary = sorted(pair.real), abs(pair.imag).max()
        if kind == "saddle":
            assert real[0] < 0 < real[1] and imaginary == 0
        else:
            assert (real[1] < 0) == kind.startswith("stable") and real[0] * real[1] > 0
            assert (imaginary > 0) == kind.endswith("focus")


def test_saddle_node_and_hopf_of_random_cells():
    rng = np.random.default_rng(20041063)
    hopfs = folds = 0
    for model, p, _ in random_cells(rng, 3000):
        cell = plane(model, p)
        found = cell.bifurcations()
        if found.saddle_node is not None and len(cell.branches) == 1:
            folds += 1
            at, v = found.saddle_node.current, found.saddle_node.v
            step = 1e-9 * (100 + abs(at)) * math.copysign(1, cell.e)
            assert [x.kind for x in cell.fixed_points(at)] == ["saddle-node"]
            assert [x.v for x in cell.fixed_points(at)] == pytest.approx([v], abs=1e-9)
            assert len(cell.fixed_points(at - step)) == 2
            assert len(cell.fixed_points(at + step)) == 0
            if model == QUADRATIC and p["uleak"] == 1 and p["vu"] == 0:
                closed = (p["b"] - p["f"]) ** 2 / (4 * p["e"]) - p["g"]
                assert at == pytest.approx(closed, rel=1e-9, abs=1e-9)
        if found.hopf is not None:
            hopfs += 1
            at, v = found.hopf.current, found.hopf.v
            (point,) = [x for x in cell.fixed_points(at) if abs(x.v - v) < 1e-6]
            assert point.kind == "centre"
            pair = np.linalg.eigvals(numerical_jacobian(model, p, point.v, point.u, at))
            assert abs(pair.real).max() < 1e-9
            assert found.hopf.period == pytest.approx(2 * math.pi / abs(pair[0].imag), rel=1e-9)
            step = 1e-7 * (1 + abs(at))
            near = [
                min(cell.fixed_points(at + i), key=lambda x: abs(x.v - point.v))
                for i in (-step, step)
            ]
            assert {x.kind for x in near} == {"stable focus", "unstable focus"}
    assert hopfs > 500 and folds > 1000


def test_resting_state_is_stable_exactly_below_the_first_bifurcation():
    rng = np.random.default_rng(2007)
    seen, elsewhere = set(), 0
    for model, p, _ in random_cells(rng, 3000):
        cell = plane(model, p)
        found = cell.bifurcations()
        if found.first is None:
            continue
        seen.add((found.first, p.get("celltype")))
        event = found.hopf if found.first == "Andronov-Hopf" else found.saddle_node
        step = 1e-5 * (100 + abs(event.current))
        rest = cell.fixed_points(event.current - step)[0]
        assert rest.stable and rest.v < event.v
        later = [x for x in cell.fixed_points(event.current + step) if x.stable]
        if found.excitability is None:  # there is another rest, which U in one piece rules out
            assert len(cell.branches) == 2 and later and "another rest" in found.reason
            elsewhere += 1
        else:
            assert not later, (p, found)
        for far in (0.01, 1, 30, 1000):
            assert cell.fixed_points(event.current - step - far)[0].stable
    assert 0 < elsewhere < 100
    assert {("Andronov-Hopf", float(n)) for n in (1, 4, 5, 7)} <= seen
    assert {("saddle-node", float(n)) for n in (1, 4, 5, 6, 7)} <= seen


# ----------------------------------------------------------------------- the published types


def assert_no_nan(value):
    if isinstance(value, float | int | complex | np.ndarray | np.number):
        assert np.all(np.isfinite(value)), value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert_no_nan(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            assert_no_nan(item)
    else:
        assert value is None or isinstance(value, str | Loss)


@pytest.mark.parametrize("entry", ALL_TYPES, ids=name)
def test_every_published_type(entry):
    cell = for_cell_type(entry)
    v = np.linspace(-100, 40, 200)
    assert_no_nan(cell.bifurcations())
    assert cell.bifurcations().reason.endswith(".")
    for current in {w.initial for w in entry.currents} | {0.0, -20.0, 100.0, *entry.amplitudes}:
        points = cell.fixed_points(current)
        assert_no_nan(points)
        assert {x.kind for x in points} <= KINDS
        assert [x.v for x in points] == sorted(x.v for x in points)
        assert_no_nan(cell.v_nullcline(v, current))
        assert_no_nan(cell.flow(v, v, current))
        assert_no_nan(cell.subthreshold_period(current))
        window = cell.view_window(current)
        assert_no_nan(window)
        assert window.v[0] < window.v[1] and window.u[0] < window.u[1]
    assert_no_nan(cell.u_nullcline(v))
    assert_no_nan(cell.reset(v))


@pytest.mark.parametrize("entry", ALL_TYPES, ids=name)
def test_flow_is_the_published_equation(entry):
    cell = for_cell_type(entry)
    rng = np.random.default_rng(1)
    v = np.concatenate([rng.uniform(-90, 40, 40), [-65.0, -55.0]])
    u = rng.uniform(-50, 200, 42)
    dv, du = cell.flow(v, u, 7.0)
    p = entry.parameters
    expected = [published_rhs(entry.model, p, x, y, 7.0) for x, y in zip(v, u, strict=True)]
    np.testing.assert_allclose(np.array([dv, du]).T, expected, rtol=1e-12, atol=1e-10)


@pytest.mark.parametrize(
    ("key", "first", "excitability", "behaviour"),
    [
        ("Class 1", "saddle-node", "class 1", "integrator"),
        ("Class 2", "Andronov-Hopf", "class 2", "resonator"),
        ("resonator", "Andronov-Hopf", "class 2", "resonator"),
        ("integrator", "saddle-node", "class 1", "integrator"),
        ("accomodation", None, None, None),
        ("inhibition-induced spiking", None, None, None),
        ("inhibition-induced bursting", None, None, None),
    ],
)
def test_the_panels_that_are_named_after_it(key, first, excitability, behaviour):
    found = for_cell_type(cell_type("2004", key)).bifurcations()
    assert (found.first, found.excitability, found.behaviour) == (first, excitability, behaviour)


def test_the_seven_cells_of_the_book():
    first = {
        key: for_cell_type(entry).bifurcations().first for key, entry in CATALOG["2007"].items()
    }
    sn, hopf = "saddle-node", "Andronov-Hopf"
    assert first == dict(
        RS=sn, IB=hopf, CH=sn, LTS=hopf, FS=hopf, TC=sn, TC_burst=sn, TC_vu65=sn, TC_burst_vu65=sn,
        RTN=hopf, RTN_burst=hopf,
    )  # fmt: skip
    assert book("FS").bifurcations().saddle_node is None
    assert book("FS").bifurcations().hopf.current == pytest.approx(73.684375, abs=1e-9)
    assert book("TC").bifurcations().saddle_node.current == pytest.approx(40, abs=1e-9)
    assert book("RTN").bifurcations().hopf.current == pytest.approx(47.04, abs=1e-9)
    assert book("RTN").bifurcations().saddle_node.current == pytest.approx(49, abs=1e-9)


def test_inhibition_makes_the_last_two_panels_fire():
    for key, hopf in (
        ("inhibition-induced spiking", 78.9975),
        ("inhibition-induced bursting", 79.070775),
    ):
        cell = for_cell_type(cell_type("2004", key))
        found = cell.bifurcations()
        assert found.hopf.current == pytest.approx(hopf, abs=1e-9)
        assert found.saddle_node.current == pytest.approx(85, abs=1e-9)
        assert "inhibition" in found.reason and "79" in found.reason and "85" in found.reason
        assert [x.stable for x in cell.fixed_points(80)] == [False, True]  # before
        assert not any(x.stable for x in cell.fixed_points(75))  # during


def test_accommodation_rests_at_the_same_voltage_at_every_current():
    cell = for_cell_type(cell_type("2004", "accomodation"))
    for current in (-50.0, 0.0, 8.0, 1000.0):
        (point,) = cell.fixed_points(current)
        assert (point.v, point.u, point.kind) == (-65.0, -16.0 + current, "stable focus")
    assert cell.bifurcations().saddle_node is None and cell.bifurcations().hopf is None
    assert "-65 mV" in cell.bifurcations().reason


def spikes_at_a_step(cell, current, duration=1500.0):
    """Whether the cell, from its rest at I = 0, reaches the peak at a constant current."""
    rest = cell.fixed_points(0.0)[0]
    return reaches_peak(cell, current, rest.v, rest.u, duration)


def run(cell, current, v, u, duration, event, **options):
    p = dict(cell.parameters)

    def rhs(_, y):
        return published_rhs(cell.model, p, y[0], y[1], current)

    return solve_ivp(rhs, (0, duration), (v, u), events=event, **options)


def reaches_peak(cell, current, v, u, duration):
    def peak(_, y):
        return y[0]

    peak.terminal = True
    return (
        run(cell, current, v, u, duration, peak, rtol=1e-8, atol=1e-8, method="LSODA").status == 1
    )


def test_the_documented_count_of_types_that_spike_at_a_smaller_step():
    ordinary = [
        entry
        for entry in QUADRATIC_TYPES
        if entry.parameters["a"] > 0 and entry.parameters["uleak"] == 1
    ]
    below, not_below = [], []
    for entry in ordinary:
        cell = for_cell_type(entry)
        found = cell.bifurcations()
        lower = min(x.current for x in (found.saddle_node, found.hopf) if x is not None)
        assert (found.first == "Andronov-Hopf") == (entry.parameters["b"] > entry.parameters["a"])
        (below if spikes_at_a_step(cell, 0.92 * lower) else not_below).append(entry.panel)
    assert (len(ordinary), len(below), not_below) == (25, 22, ["G", "L", "Q"])


# ------------------------------------------------------------- Lyapunov coefficient, the gap


@pytest.mark.parametrize(
    ("cell", "supercritical"),
    [
        (plane(QUADRATIC, RS), False),
        (for_cell_type(cell_type("2004", "inhibition-induced spiking")), True),
        (book("FS"), False),
        (book("FS", a=0.4, d=-60.0), True),
        (book("LTS"), False),
    ],
)
def test_small_turns_grow_or_shrink_as_the_lyapunov_coefficient_says(cell, supercritical):
    hopf = cell.bifurcations().hopf
    assert hopf.supercritical is supercritical
    (point,) = [x for x in cell.fixed_points(hopf.current) if x.kind == "centre"]

    def through(_, y):
        return y[1] - point.u

    through.direction = 1.0
    start = 0.3
    turns = run(
        cell, hopf.current, point.v + start, point.u, 3.5 * hopf.period, through,
        rtol=1e-12, atol=1e-12, method="DOP853",
    )  # fmt: skip
    radii = np.abs(turns.y_events[0][:, 0] - point.v)[-2:]
    assert len(radii) == 2 and abs(radii[1] - radii[0]) > 1e-9
    assert (radii[1] < radii[0]) == supercritical


@pytest.mark.parametrize(
    ("overrides", "current", "kind"),
    [
        ({}, -150.0, "stable focus"),
        (dict(b=-15.0, vr=-80.0, vt=-60.0), 20.0, "unstable focus"),
        (dict(vr=-80.0, vt=-52.0), 400.0, "saddle"),
    ],
)
def test_the_gap_of_the_thalamocortical_cell(overrides, current, kind):
    cell = book("TC", **overrides)
    (point,) = [x for x in cell.fixed_points(current) if "gap" in x.note]
    assert (point.v, point.kind, point.eigenvalues) == (-65.0, kind, ())
    assert point.jacobian is None
    assert cell.subthreshold_period(current) is None
    below, above = cell.u_nullcline(np.linspace(-80, -50, 61))
    low, high = sorted((below[1][-1], above[1][0]))
    assert low < point.u < high
    # and so it is in a run (second order, in small steps across the jump)
    p, dt = dict(cell.parameters), 0.01
    y = np.array([point.v, point.u - 2.0])
    for _ in range(int(400 / dt)):
        half = y + dt / 2 * np.array(published_rhs(BOOK, p, *y, current))
        y = y + dt * np.array(published_rhs(BOOK, p, *half, current))
        if np.abs(y - (point.v, point.u)).max() > 4:
            break
    away = np.abs(y - (point.v, point.u)).max()
    assert away < 0.5 if kind == "stable focus" else away > 4


# ------------------------------------------------------------------------- corners and jumps


def test_borders():
    (fs,) = book("FS").bifurcations().borders
    assert (fs.v, fs.current_below, fs.current_above) == (-55.0, 0.0, 0.0)
    (tc,) = book("TC").bifurcations().borders
    assert (tc.v, tc.current_below, tc.current_above) == (-65.0, -195.0, -120.0)
    (rtn,) = book("RTN").bifurcations().borders
    assert (rtn.v, rtn.current_below, rtn.current_above) == (-65.0, 0.0, 0.0)
    assert book("RS").bifurcations().borders == ()


def test_fixed_points_at_a_corner_and_at_a_jump():
    fs = book("FS").fixed_points(0.0)
    assert [(x.v, x.u, x.kind) for x in fs] == [(-55.0, 0.0, "stable node")]
    assert "corner" in fs[0].note
    # the rest of RTN at zero current is a focus from the left and a node from the right
    rtn = book("RTN").fixed_points(0.0)[0]
    assert (rtn.v, rtn.u, rtn.kind) == (-65.0, 0.0, "stable node")
    assert "stable focus seen from the left, stable node from the right" in rtn.note
    assert book("RTN").subthreshold_period(0.0) is None
    for current, u in ((-195.0, -75.0), (-120.0, 0.0)):
        tc = book("TC").fixed_points(current)[0]
        assert (tc.v, tc.u, tc.kind) == (-65.0, u, "stable node")
        assert "jump" in tc.note
    assert not any(x.note for x in book("TC").fixed_points(-100.0))


def test_rounding_does_not_lose_the_jump():
    rng = np.random.default_rng(65)
    for _ in range(200):
        vr, b, k = rng.uniform(-64, 300), rng.uniform(5, 20), rng.uniform(0.5, 2)
        cell = book("TC", vr=vr, vt=vr + 10, b=b, k=k)
        (border,) = cell.bifurcations().borders
        for current in (border.current_below, border.current_above):
            (point,) = [x for x in cell.fixed_points(current) if x.v < vr]
            assert point.v == -65.0 and "jump" in point.note


def test_period_at_a_corner_is_half_of_each_side():
    cell = book("RTN", a=0.1, b=30.0)
    point = cell.fixed_points(0.0)[0]
    assert point.kind == "stable focus" and "corner" in point.note
    left, right = (cell.subthreshold_period(x) for x in (-1e-6, 1e-6))
    assert left != pytest.approx(right, rel=0.1)
    assert cell.subthreshold_period(0.0) == pytest.approx((left + right) / 2, rel=1e-5)


def test_rest_lost_at_a_corner_or_jump():
    jump = book("TC", vr=-80.0, vt=-52.0, a=0.2)  # U falls from 225 to 0
    found = jump.bifurcations()
    assert found.first is None and "-65 mV" in found.reason
    lost = found.borders[0].current_below
    assert jump.fixed_points(lost - 1e-6)[0].stable
    assert not any(x.stable for x in jump.fixed_points(lost + 1e-6))
    assert book("RTN", vr=-70.0).bifurcations().first is None  # U falls, then rises again
    assert "jump" in book("RTN", vr=-70.0).bifurcations().reason
    corner = book("RTN", vt=-70.0, k=1.0, b=10.0, a=0.2)  # F'(-65) = 5, between 2 and 10
    found = corner.bifurcations()
    assert found.first is None and "corner" in found.reason
    assert [x.kind for x in corner.fixed_points(found.borders[0].current_below)] == ["saddle-node"]
    assert len(corner.fixed_points(found.borders[0].current_below - 0.1)) == 2
    assert len(corner.fixed_points(found.borders[0].current_below + 0.1)) == 0


def test_u_nullcline_pieces():
    v = np.linspace(-80, -50, 61)
    below, above = book("TC").u_nullcline(v)
    assert (below[0][-1], below[1][-1]) == (-65.0, -75.0)
    assert (above[0][0], above[1][0]) == (-65.0, 0.0)
    for key in ("FS", "RTN", "RS"):
        cell = book(key)
        ((x, y),) = cell.u_nullcline(v + 0.1)
        assert np.all(np.diff(x) > 0) and x[0] == v[0] + 0.1 and x[-1] == v[-1] + 0.1
        np.testing.assert_allclose(y, cell.recovery(x), atol=1e-9)
    assert -65.0 in book("RTN").u_nullcline(v + 0.1)[0][0]
    ((x, y),) = for_cell_type(cell_type("2004", "accomodation")).u_nullcline(v)
    assert x.tolist() == [-65.0, -65.0] and y[0] < -16 < y[1]
    assert for_cell_type(cell_type("2004", "accomodation")).u_nullcline(v + 100) == []
    ((x, y),) = for_cell_type(cell_type("2004", "accomodation")).u_nullcline(v, (-3, 4))
    assert y.tolist() == [-3, 4]
    ((x, y),) = plane(QUADRATIC, RS | dict(uleak=0.5, vu=-10)).u_nullcline([-60.0, -50.0])
    assert y == pytest.approx([0.2 * -50 / 0.5, 0.2 * -40 / 0.5])
    for wrong in ([], [[1.0, 2.0]], [2.0, 1.0], [1.0, math.nan]):
        with pytest.raises(ValueError, match="v "):
            book("RS").u_nullcline(wrong)


# -------------------------------------------------------------------------------- degenerate


def test_degenerate_parameters_have_an_answer_or_a_word():
    no_recovery = plane(QUADRATIC, RS | dict(a=0))
    with pytest.raises(ValueError, match="every point of the v-nullcline"):
        no_recovery.fixed_points(1.0)
    assert no_recovery.u_nullcline([-70.0, 0.0]) == []
    assert "a = 0" in no_recovery.bifurcations().reason
    with pytest.raises(ValueError, match="b = 0 and uleak = 0"):
        plane(QUADRATIC, RS | dict(b=0, uleak=0)).fixed_points()

    no_slope = plane(QUADRATIC, RS | dict(b=0))
    assert [(x.u, x.kind) for x in no_slope.fixed_points(-20.0)] == [
        (0.0, "stable node"),
        (0.0, "saddle"),
    ]
    assert no_slope.bifurcations().first == "saddle-node"

    straight = plane(QUADRATIC, RS | dict(e=0, f=-1))
    assert [(x.v, x.kind) for x in straight.fixed_points(-140 + 1.2)] == [
        (pytest.approx(1.0), "stable node")
    ]
    assert "straight line" in straight.bifurcations().reason
    parallel = plane(QUADRATIC, RS | dict(e=0, f=0.2))
    assert parallel.fixed_points(0.0) == []
    with pytest.raises(ValueError, match="same line"):
        parallel.fixed_points(-140.0)

    downwards = plane(QUADRATIC, RS | dict(e=-0.04))
    assert downwards.bifurcations().first is None and "downwards" in downwards.bifurcations().reason

    flat = book("RS", k=0)
    assert [x.v for x in flat.fixed_points(10.0)] == pytest.approx([-65.0])
    with pytest.raises(ValueError, match="same line"):
        book("RS", k=0, b=0).fixed_points(0.0)
    assert book("RS", k=0, b=0).fixed_points(1.0) == []

    border = plane(QUADRATIC, RS | dict(a=0.2, b=0.2))
    assert "Bogdanov-Takens" in border.bifurcations().reason
    (point,) = border.fixed_points(border.bifurcations().saddle_node.current)
    assert point.kind == "saddle-node" and "Bogdanov-Takens" in point.note
    assert point.eigenvalues == (0, 0)

    growing = plane(QUADRATIC, RS | dict(a=-0.02))
    assert "no current gives" in growing.bifurcations().reason
    assert not any(x.stable for i in range(-40, 5) for x in growing.fixed_points(i))
    assert plane(QUADRATIC, RS | dict(e=1e-300)).fixed_points(0.0)[0].v == pytest.approx(-140 / 4.8)


def test_cusp_of_the_fast_spiking_cubic():
    # k x (x - w) = 0.025 x^3 - I with F'' = U'' and F' = U' at x = k/0.075
    k, d = 1.0, -55.0
    x = k / 0.075
    w = 2 * x - 0.075 * x * x / k
    cell = book("FS", k=k, vr=d, vt=d + w, d=d)
    current = 0.025 * x**3 - k * x * (x - w)
    points = cell.fixed_points(current)
    (point,) = [p for p in points if p.v > d]
    assert point.v == pytest.approx(d + x, abs=1e-4)
    assert point.kind == "saddle-node" and "cusp" in point.note
    # I rises with v on both sides: nothing vanishes there
    assert cell.bifurcations().saddle_node is None
    assert len([p for p in cell.fixed_points(current + 1) if p.v > d]) == 1
    assert len([p for p in cell.fixed_points(current - 1) if p.v > d]) == 1


def test_hopf_on_a_later_stretch_of_the_cubic_does_not_come_first():
    cell = book("FS", vr=-55.0, vt=-50.0, a=2.3)
    found = cell.bifurcations()
    assert found.first == "saddle-node" and found.hopf.v > found.saddle_node.v
    assert (found.hopf.v, found.saddle_node.v) == pytest.approx((-29.5, -55 + 2.7924), abs=1e-4)


def test_equal_eigenvalues():
    # (F' + a)^2 = 4 a b with F' = 2 e v + f: v such that F' = -a - 2 sqrt(a b), e = 1/2, f = 0
    cell = plane(QUADRATIC, dict(a=1, b=4, c=-65, d=8, e=0.5, f=0, g=0))
    current = 4 * -5 - 0.5 * 25
    (point,) = [x for x in cell.fixed_points(current) if x.v == -5]
    assert point.kind == "stable node" and point.note == "its two eigenvalues are equal"
    assert point.eigenvalues == (-3, -3)
    assert cell.subthreshold_period(current) is None


def test_subthreshold_period():
    cell = for_cell_type(cell_type("2004", "subthreshold oscillations"))
    point = cell.fixed_points(0.0)[0]
    pair = np.linalg.eigvals(
        numerical_jacobian(QUADRATIC, cell.parameters, point.v, point.u, current=0.0)
    )
    period = cell.subthreshold_period(0.0)
    assert period == pytest.approx(2 * math.pi / abs(pair[0].imag), rel=1e-12)
    assert plane(QUADRATIC, RS).subthreshold_period(0.0) is None
    assert plane(QUADRATIC, RS).subthreshold_period(10.0) is None


# --------------------------------------------------------------------------------- the spike

U = np.array([-20.0, 0.0, 300.0, 660.0])


@pytest.mark.parametrize(
    ("cell", "peak", "v_after", "u_after"),
    [
        (plane(QUADRATIC, RS), 30 + 0 * U, -65 + 0 * U, U + 8),
        (plane(QUADRATIC, RS | dict(thresh=25)), 25 + 0 * U, -65 + 0 * U, U + 8),
        (book("RS"), 35 + 0 * U, -50 + 0 * U, U + 100),
        (book("IB"), 50 + 0 * U, -56 + 0 * U, U + 130),
        (book("CH"), 25 + 0 * U, -40 + 0 * U, U + 150),
        (book("LTS"), 40 - 0.1 * U, -53 + 0.04 * U, np.array([0.0, 20.0, 320.0, 670.0])),
        (book("FS"), 25 + 0 * U, -45 + 0 * U, U),
        (book("TC"), 35 + 0.1 * U, -60 - 0.1 * U, U + 10),
        (book("RTN"), 0 * U, -55 + 0 * U, U + 50),
    ],
)
def test_the_spike_as_a_map(cell, peak, v_after, u_after):
    np.testing.assert_allclose(cell.peak(U), peak)
    np.testing.assert_allclose(cell.reset(U), [v_after, u_after])
    x, y = cell.reset_curve(U[::-1])
    assert x.shape == y.shape and np.all(np.diff(y) >= 0)
    assert (float(cell.reset(300.0)[0]), float(cell.reset(300.0)[1])) == (v_after[2], u_after[2])
    if cell.parameters.get("celltype") == 4:  # the corner where u is capped
        assert 670.0 in y and x[np.argmax(y == 670.0)] == pytest.approx(-53 + 0.04 * 650)
    with pytest.raises(ValueError, match="u must"):
        cell.reset_curve([])


# --------------------------------------------------------------------- recordings and windows


@given(st.integers(1, 30), st.sets(st.integers(0, 29)))
def test_pieces_hold_every_sample_once_and_break_after_the_spikes(n, spikes):
    spikes = [i for i in spikes if i < n]
    v, u = np.arange(n) * 1.0, np.arange(n) * -2.0
    pieces = trajectory_pieces(v, u, spikes)
    assert np.concatenate([x for x, _ in pieces]).tolist() == v.tolist()
    assert np.concatenate([y for _, y in pieces]).tolist() == u.tolist()
    assert {x[-1] for x, _ in pieces} == {*map(float, spikes), float(n - 1)}


def test_pieces_refuse_what_is_not_a_recording():
    for v, u, spikes in (([1, 2], [1], []), ([1], [1], [1]), ([1], [1], [-1]), ([[1]], [[1]], [])):
        with pytest.raises(ValueError, match=r"v and u|spikes"):
            trajectory_pieces(v, u, spikes)
    assert trajectory_pieces([], []) == []


def test_window_holds_the_trajectory_the_fixed_points_and_the_reset():
    cell = plane(QUADRATIC, RS)
    window = cell.view_window([-5.0, 0.0, 10.0], v=[-120.0, 55.0], u=[-30.0, 44.0])
    points = [(-120.0, -30.0), (55.0, 44.0), (-65.0, -6.0)]
    points += [(x.v, x.u) for i in (-5.0, 0.0) for x in cell.fixed_points(i)][:1]
    for v, u in points:
        assert window.v[0] < v < window.v[1] and window.u[0] < u < window.u[1]
    frozen = plane(QUADRATIC, RS | dict(a=0)).view_window(3.0)
    assert frozen.v[0] < -65 < 30 < frozen.v[1]
    assert_no_nan(plane(QUADRATIC, RS | dict(e=0, f=0.2)).view_window(3.0))
    with pytest.raises(ValueError, match="current"):
        cell.view_window([])


# --------------------------------------------------------------------------- errors for people


@pytest.mark.parametrize(
    ("model", "changes", "message"),
    [
        (QUADRATIC, {"thres": 25.0}, "did you mean 'thresh'"),
        (QUADRATIC, {"a": math.nan}, "a must be a finite number"),
        (QUADRATIC, {"a": "much"}, "a must be a number"),
        (QUADRATIC, {"e": 1e300}, "e must be within"),
        (QUADRATIC, {"uleak": 1e-300}, "uleak must be 0 or"),
        (BOOK, {}, "needs C, k"),
    ],
)
def test_wrong_parameters(model, changes, message):
    with pytest.raises(ValueError, match=message):
        plane(model, RS | changes)


def test_wrong_parameters_of_the_book():
    for changes, message in (
        ({"C": 0}, "C must be greater than 0"),
        ({"celltype": 8}, "one of 1 to 7"),
        ({"celltype": 1.5}, "one of 1 to 7"),
        ({"thresh": 0}, "unknown parameter 'thresh'"),
    ):
        with pytest.raises(ValueError, match=message):
            book("RS", **changes)
    with pytest.raises(ValueError, match="current must be a finite"):
        book("RS").fixed_points(math.inf)
    with pytest.raises(ValueError, match="u needs finite"):
        book("RS").peak([math.nan])


def test_overrides_and_defaults():
    entry = cell_type("2003", "regular spiking (RS)")
    assert for_cell_type(entry, {"b": 0.25}).parameters["b"] == 0.25
    assert for_cell_type(entry).parameters == entry.parameters
    assert book("RS").parameters["vu"] == book("RS").parameters["vr"]
    assert book("RS", vr=-62.5).parameters["vu"] == -62.5
    assert plane(QUADRATIC, RS).parameters == RS | dict(
        e=0.04, f=5, g=140, vu=0, uleak=1, thresh=30
    )


# ---------------------------------------------------------------------------- any number at all

ANY = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 1e-300, -1e-300, 5e-324, 1e12, -1e12, 0.2, -65.0]),
    st.floats(-1e12, 1e12),
    st.floats(-100, 100),
)


def assert_geometry_is_finite(cell: PhasePlane, current):
    assert_no_nan(cell.bifurcations())
    window = cell.view_window(current)
    assert_no_nan(window)
    assert window.v[0] < window.v[1] and window.u[0] < window.u[1]
    try:
        points = cell.fixed_points(current)
    except ValueError as error:
        assert "fixed point" in str(error)
        return
    assert_no_nan(points)
    assert len(points) <= 4 and {x.kind for x in points} <= KINDS
    assert [x.v for x in points] == sorted({x.v for x in points})


@settings(max_examples=250, deadline=None)
@given(st.fixed_dictionaries({n: ANY for n in ("a", "b", "e", "f", "g", "vu", "uleak")}), ANY)
@example(dict(a=1e-300, b=1e-300, e=1e12, f=1e12, g=1e12, vu=1e12, uleak=1.0), 1e12)
def test_never_a_nan(parameters, current):
    assume(parameters["uleak"] == 0 or abs(parameters["uleak"]) >= 1e-12)
    cell = plane(QUADRATIC, dict(c=-65.0, d=8.0) | parameters)
    assert_geometry_is_finite(cell, current)


@settings(max_examples=250, deadline=None)
@given(
    st.fixed_dictionaries({n: ANY for n in ("k", "vr", "vt", "a", "b", "d")}),
    st.sampled_from(range(1, 8)),
    st.sampled_from([1e-12, 0.01, 1.0, 1e12]),
    ANY,
)
def test_never_a_nan_in_the_book(parameters, celltype, capacitance, current):
    cell = plane(BOOK, parameters | dict(C=capacitance, c=-55.0, vpeak=30.0, celltype=celltype))
    assert_geometry_is_finite(cell, current)


ORDINARY = st.fixed_dictionaries(
    dict(
        a=st.floats(0.005, 0.3),
        b=st.floats(-1, 1),
        e=st.floats(0.01, 0.1),
        f=st.floats(2, 8),
        g=st.floats(50, 200),
        vu=st.floats(-80, 20),
    )
)


@settings(max_examples=200, deadline=None)
@given(ORDINARY, st.floats(-100, 50), st.floats(-30, 30))
def test_what_moves_the_origin_of_v_moves_the_fixed_points(p, current, shift):
    """Measuring v from elsewhere changes f, g and vu, and nothing else."""
    cell = plane(QUADRATIC, p | dict(c=-65, d=2))
    assume(abs(current - cell.bifurcations().saddle_node.current) > 1e-3)
    e, f, g = p["e"], p["f"], p["g"]
    there = p | dict(f=f - 2 * e * shift, g=g - f * shift + e * shift**2, vu=p["vu"] + shift)
    moved = plane(QUADRATIC, there | dict(c=-65, d=2))
    here, there = cell.fixed_points(current), moved.fixed_points(current)
    assert [x.v + shift for x in here] == pytest.approx([x.v for x in there], abs=1e-7)
    assert [x.u for x in here] == pytest.approx([x.u for x in there], abs=1e-7)
    assert cell.bifurcations().first == moved.bifurcations().first


@settings(max_examples=200, deadline=None)
@given(ORDINARY, st.floats(0.1, 20))
def test_the_rest_gains_what_the_threshold_loses(p, gap):
    """The two fixed points lie symmetrically about the saddle-node, (gap/e)^(1/2) away."""
    cell = plane(QUADRATIC, p | dict(c=-65, d=2))
    fold = cell.bifurcations().saddle_node
    rest, threshold = cell.fixed_points(fold.current - gap)
    half = math.sqrt(gap / p["e"])
    assert rest.v == pytest.approx(fold.v - half, abs=1e-9)
    assert threshold.v == pytest.approx(fold.v + half, abs=1e-9)
    assert threshold.kind == "saddle" and rest.kind != "saddle"


# ---------------------------------------------------------------------------- scripts from before


def test_scripts_that_import_by_the_former_name():
    import izhikevich.phase_plane as former

    for name, home in {
        "plane": "plane",
        "for_cell_type": "plane",
        "PhasePlane": "plane",
        "ViewWindow": "plane",
        "FixedPoint": "fixed_points",
        "Bifurcation": "bifurcations",
        "Bifurcations": "bifurcations",
        "Border": "bifurcations",
        "Hopf": "bifurcations",
        "trajectory_pieces": "trajectories",
    }.items():
        module = importlib.import_module(f"izhikevich.analysis.{home}")
        assert getattr(former, name) is getattr(module, name)


def test_where_no_current_is_said_there_is_none():
    cell = for_cell_type(cell_type("2004", "resonator"))
    assert cell.fixed_points() == cell.fixed_points(0.0) != cell.fixed_points(0.1)
    assert cell.v_nullcline(-60.0) == cell.v_nullcline(-60.0, 0.0) != cell.v_nullcline(-60.0, 1.0)
    assert cell.flow(-60.0, 0.0) == cell.flow(-60.0, 0.0, 0.0) != cell.flow(-60.0, 0.0, 1.0)
    assert cell.subthreshold_period() == cell.subthreshold_period(0.0)
    assert cell.subthreshold_period() != cell.subthreshold_period(0.1)
