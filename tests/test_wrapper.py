"""The doors of the cells, by which existing scripts come in."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest
from neuron import h

import izhi2003Wrapper
import izhi2007Wrapper
from izhi2007Wrapper import IzhiCell, type2007
from izhikevich import UnknownCellTypeError
from izhikevich.catalog import CATALOG
from izhikevich.engine.cells import dummy_section

ROOT = Path(izhi2007Wrapper.__file__).parent
NRNIVMODL = Path(sys.executable).with_name("nrnivmodl")

# From ModelDB 39948: C (100 pF), k, vr, vt, vpeak, a, b, c, d, celltype.
MODELDB = {
    "RS": (1.0, 0.7, -60, -40, 35, 0.03, -2, -50, 100, 1),
    "IB": (1.5, 1.2, -75, -45, 50, 0.01, 5, -56, 130, 2),
    "CH": (0.5, 1.5, -60, -40, 25, 0.03, 1, -40, 150, 3),
    "LTS": (1.0, 1.0, -56, -42, 40, 0.03, 8, -53, 20, 4),
    "FS": (0.2, 1.0, -55, -40, 25, 0.2, -2, -45, -55, 5),
    "TC": (2.0, 1.6, -60, -50, 35, 0.01, 15, -60, 10, 6),
    "TC_burst": (2.0, 1.6, -60, -50, 35, 0.01, 15, -60, 10, 6),
    "RTN": (0.4, 0.25, -65, -45, 0, 0.015, 10, -55, 50, 7),
    "RTN_burst": (0.4, 0.25, -65, -45, 0, 0.015, 10, -55, 50, 7),
}
NAMES = ("C", "k", "vr", "vt", "vpeak", "a", "b", "c", "d", "celltype")


def run(code, cwd):
    """Run code in a process of its own; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NEURON_MODULE_OPTIONS": "-nogui"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def parameters_of(cell):
    return tuple(getattr(cell.izh, name) for name in NAMES)


def spikes_of(cell, current, tstop=200.0, dt=0.25):
    """Spike times of a cell under a constant current; one in the last step shows a step later."""
    cell.izh.Iin = current
    detector, spikes = h.NetCon(cell.izh, None), h.Vector()
    detector.record(spikes)
    h.dt = dt
    h.finitialize()
    while h.t < tstop + dt / 2:
        h.fadvance()
    return list(spikes)


def test_type2007_is_that_of_existing_scripts():
    assert list(type2007.items()) == list(MODELDB.items())


@pytest.mark.parametrize("key", MODELDB)
def test_a_cell_has_its_types_parameters(key):
    host = h.Section(name="host")
    for cell in (IzhiCell(key), IzhiCell(key, host), IzhiCell(type=key, host="dummy", cellid=3)):
        assert cell.type == key
        assert parameters_of(cell) == MODELDB[key]
    assert cell.izh.cellid == 3


def test_defaults():
    cell = IzhiCell()
    assert (cell.type, cell.izh.cellid, cell.izh.Iin) == ("RS", -1, 0)
    assert parameters_of(cell) == MODELDB["RS"]


def test_without_a_host_the_section_is_the_cells_own():
    one, other = IzhiCell("IB"), IzhiCell("IB")
    assert one.izh.hname().startswith("Izhi2007b")
    assert one.sec != other.sec
    assert one.izh.get_segment() == one.sec(0.5)
    assert one.sec(0.5).area() * one.sec.cm * 0.01 == pytest.approx(150, rel=1e-12)


def test_a_host_is_the_address_of_any_number_of_cells():
    host = h.Section(name="host")
    cells = [IzhiCell(key, host) for key in ("RS", "FS", "RS")]
    for cell in cells:
        assert cell.izh.hname().startswith("Izhi2007a")
        assert cell.sec == host and cell.izh.get_segment() == host(0.5)


def test_dummy_is_one_section():
    from izhi2007Wrapper import dummy

    assert dummy == izhi2007Wrapper.dummy == dummy_section() == IzhiCell("TC", "dummy").sec


def test_what_is_no_host_or_type_is_named():
    with pytest.raises(ValueError, match="dumy"):
        IzhiCell("RS", "dumy")
    with pytest.raises(UnknownCellTypeError, match="'RS'"):
        IzhiCell("rs")
    with pytest.raises(AttributeError, match="nothing"):
        izhi2007Wrapper.nothing  # noqa: B018


@pytest.mark.parametrize("host", [None, "dummy"])
def test_reparam_makes_it_a_cell_of_another_type(host):
    cell, fresh = IzhiCell("RS", host, 1), IzhiCell("LTS", host)
    section, mechanism = cell.sec, cell.izh
    cell.reparam("LTS", 7)
    assert (cell.type, cell.izh.cellid) == ("LTS", 7)
    assert parameters_of(cell) == MODELDB["LTS"]
    assert cell.sec == section and cell.izh.same(mechanism)
    expected = spikes_of(fresh, 300)
    assert len(expected) > 5 and spikes_of(cell, 300) == expected
    cell.reparam()
    assert (cell.type, cell.izh.cellid) == ("RS", -1)
    with pytest.raises(UnknownCellTypeError):
        cell.reparam("XY")
    assert cell.type == "RS" and parameters_of(cell) == MODELDB["RS"]


@pytest.mark.parametrize("host", [None, "dummy"])
def test_init_puts_the_cell_at_rest(host):
    cell = IzhiCell("RTN", host)
    spikes_of(cell, 100, 50)
    assert abs(cell.vref[0] + 65) > 1 and cell.izh.u != 0
    cell.init()
    assert (cell.vref[0], cell.izh.u) == (-65, 0)


def test_both_kinds_of_cell_spike_as_published():
    for key, entry in CATALOG["2007"].items():
        if entry.conditioning is None:
            for host in (None, "dummy"):
                spikes = spikes_of(IzhiCell(key, host), entry.amplitudes[-1], entry.tstop)
                assert len(spikes) == entry.spikes_published[-1]


@pytest.mark.parametrize("door", [izhi2003Wrapper, izhi2007Wrapper])
def test_the_example_of_the_docstring(door):
    result = doctest.testmod(door)
    assert result.attempted > 10 and result.failed == 0


@pytest.mark.parametrize("door", ["izhi2003Wrapper", "izhi2007Wrapper"])
def test_importing_a_door_loads_all_and_makes_no_section(tmp_path, door):
    code = f"""
import {door}
from neuron import h
assert not list(h.allsec())
for name in ("Izhi2003a", "Izhi2003b", "Izhi2007a", "Izhi2007b"):
    assert hasattr(h, name)
from {door} import dummy
assert list(h.allsec()) == [dummy]
{door}.IzhiCell(host="dummy")
assert list(h.allsec()) == [dummy]
"""
    run(code, tmp_path)


# From Izhikevich's program of 2004, Fig. 1: a, b, c, d of panels A to T.
PANELS = (
    (0.02, 0.2, -65, 6), (0.02, 0.25, -65, 6), (0.02, 0.2, -50, 2), (0.02, 0.25, -55, 0.05),
    (0.02, 0.2, -55, 4), (0.01, 0.2, -65, 8), (0.02, -0.1, -55, 6), (0.2, 0.26, -65, 0),
    (0.02, 0.2, -65, 6), (0.05, 0.26, -60, 0), (0.1, 0.26, -60, -1), (0.02, -0.1, -55, 6),
    (0.03, 0.25, -60, 4), (0.03, 0.25, -52, 0), (0.03, 0.25, -60, 4), (0.1, 0.26, -60, 0),
    (1, 0.2, -60, -21), (0.02, 1, -55, 4), (-0.02, -1, -60, 8), (-0.026, -1, -45, -2),
)  # fmt: skip


def test_the_door_of_2003_has_the_types_of_2004():
    assert list(izhi2003Wrapper.type2003.values()) == list(PANELS)
    for key, values in izhi2003Wrapper.type2003.items():
        for host in (None, "dummy"):
            cell = izhi2003Wrapper.IzhiCell(type=key, host=host, cellid=3)
            assert (cell.type, cell.cellid, cell.izh.Iin) == (key, 3, 0)
            assert tuple(getattr(cell.izh, name) for name in "abcd") == values
    cell.reparam("Class 1")
    assert (cell.izh.f, cell.izh.g) == (4.1, 108)
    assert izhi2003Wrapper.dummy == dummy_section() == izhi2003Wrapper.IzhiCell(host="dummy").sec
    assert izhi2003Wrapper.IzhiCell("fast spiking (FS)", paper="2003").izh.a == 0.1
    with pytest.raises(UnknownCellTypeError):
        izhi2003Wrapper.IzhiCell("RS")
    with pytest.raises(AttributeError, match="nothing"):
        izhi2003Wrapper.nothing  # noqa: B018


# The names of ModelDB 39948 and none of ours (vu, revision, ...).
FOREIGN = """
NEURON {
    POINT_PROCESS Izhi2007%s
    RANGE C, k, vr, vt, vpeak, u, a, b, c, d, Iin, celltype, alive, cellid, verbose%s
}
PARAMETER {
    C = 1 k = 7 vr = -1 vt = -2 vpeak = 3 a = 4 b = 5 c = 6 d = 7 Iin = 0
    celltype = 1 alive = 1 cellid = -1 verbose = 0
}
ASSIGNED { u %s }
INITIAL { u = 0 }
"""


def test_a_foreign_library_of_modeldb_serves_the_cells(tmp_path):
    (tmp_path / "izhi2007a.mod").write_text(FOREIGN % ("a", ", V", "V"))
    (tmp_path / "izhi2007b.mod").write_text(FOREIGN % ("b", "", "v i"))
    subprocess.run(
        [NRNIVMODL, "izhi2007a.mod", "izhi2007b.mod"], cwd=tmp_path, check=True, capture_output=True
    )
    code = """
from izhi2007Wrapper import IzhiCell, type2007
from izhikevich.engine import mechanisms
assert mechanisms.foreign() == ("Izhi2007a", "Izhi2007b")
for host in (None, "dummy"):
    cell = IzhiCell("TC", host, 5)
    assert hasattr(cell.izh, "verbose") and not hasattr(cell.izh, "vu")
    names = ("C", "k", "vr", "vt", "vpeak", "a", "b", "c", "d", "celltype")
    assert tuple(getattr(cell.izh, name) for name in names) == type2007["TC"]
    cell.izh.u = 4
    cell.init()
    assert (cell.vref[0], cell.izh.u) == (-60, 0)
    cell.reparam("RTN", 6)
    assert (cell.izh.cellid, cell.izh.b) == (6, 10)
print("done")
"""
    assert "done" in run(code, tmp_path)
