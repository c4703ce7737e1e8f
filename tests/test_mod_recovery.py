"""The voltage that recovery is measured from, `vu`: U(v) = b (v - vu) in the book's cells."""

import numpy as np
import pytest
from neuron import h

from izhikevich.engine.cells import IzhiCell

TYPES = ("RS", "IB", "CH", "LTS", "TC", "RTN")
DRIVE = dict(RS=100, IB=500, CH=400, LTS=300, TC=-400, RTN=90)


def book_rule(p, vu, current, dt, n):
    """The book's update rule in plain Python, its U measured from `vu`; v at each step."""
    kind = p["celltype"]
    v, u, out = p["vr"], 0.0, []
    for _ in range(n + 1):
        peak = p["vpeak"] + {4: -0.1, 6: 0.1}.get(kind, 0) * u
        out.append(v)
        if v > peak:
            v = p["c"] + {4: 0.04, 6: -0.1}.get(kind, 0) * u
            u = min(u + p["d"], 670) if kind == 4 else u + p["d"]
        new = v + dt * (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + current) / (100 * p["C"])
        b = p["b"]
        if kind in (6, 7) and new > -65:
            b = {6: 0, 7: 2}[kind]
        u += dt * p["a"] * (b * (v - vu) - u)
        v = new
    return np.array(out)


def trace(cell, dt, n):
    h.CVode().active(0)
    h.dt = dt
    recorded = h.Vector().record(cell.vref)
    h.finitialize(cell.izh.vr)
    for _ in range(n):
        h.fadvance()
    return recorded.as_numpy().copy()


@pytest.mark.parametrize("host", [None, "dummy"], ids=["Sec", "PP"])
@pytest.mark.parametrize("key", TYPES)
def test_recovery_is_measured_from_vu(key, host):
    cell = IzhiCell(key, host)
    parameters = {
        name: getattr(cell.izh, name)
        for name in ("C", "k", "vr", "vt", "vpeak", "a", "b", "c", "d", "celltype")
    }
    cell.izh.Iin = DRIVE[key]
    dt, n = 0.25, 600
    followed = trace(cell, dt, n)
    np.testing.assert_allclose(
        followed, book_rule(parameters, parameters["vr"], DRIVE[key], dt, n), rtol=1e-9, atol=1e-8
    )
    cell.izh.vu = parameters["vr"]
    np.testing.assert_array_equal(trace(cell, dt, n), followed)
    vu = parameters["vr"] - 4
    cell.izh.vu = vu
    apart = trace(cell, dt, n)
    np.testing.assert_allclose(
        apart, book_rule(parameters, vu, DRIVE[key], dt, n), rtol=1e-9, atol=1e-8
    )
    assert np.abs(apart - followed).max() > 0.5


@pytest.mark.parametrize("host", [None, "dummy"], ids=["Sec", "PP"])
def test_vu_follows_vr_until_it_is_set(host):
    owner = IzhiCell("RS", host)
    cell = owner.izh
    assert cell.vu > 1e8
    for vr in (-60, -72.5):
        cell.vr = vr
        assert cell.U(-50, -50) == cell.b * (-50 - vr)
    cell.vu = -65
    assert cell.U(-50, -50) == cell.b * (-50 + 65)
    cell.vr = -80
    assert cell.U(-50, -50) == cell.b * (-50 + 65)


@pytest.mark.parametrize("host", [None, "dummy"], ids=["Sec", "PP"])
def test_the_thalamocortical_cells_second_reading_is_continuous(host):
    owner = IzhiCell("TC", host)
    cell = owner.izh
    cell.vu = -65
    just_above = np.nextafter(-65.0, 0)
    assert cell.U(-65, -65) == 0 == cell.U(just_above, just_above)
    assert cell.U(-70, -70) == 15 * (-70 + 65)
