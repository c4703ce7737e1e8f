"""A cell in a section has its own capacitance, so that currents of others move it as they must."""

import math
import warnings

import numpy as np
import pytest
from neuron import h

import izhikevich
from izhikevich.catalog import CATALOG
from izhikevich.engine import mechanisms
from izhikevich.engine.cells import Izhi2003Cell, IzhiCell
from izhikevich.engine.many_cells import create_cells

mechanisms.load()

TYPES = tuple(CATALOG["2007"])
#: From the book, 100 pF.
C_OF_BOOK = dict(
    RS=1, IB=1.5, CH=0.5, LTS=1, FS=0.2, TC=2, TC_burst=2, RTN=0.4, RTN_burst=0.4,
    TC_vu65=2, TC_burst_vu65=2,
)  # fmt: skip


def capacitance(section):
    """Of a section of one segment, from its form, pF."""
    return math.pi * section.diam * section.L * section.cm * 0.01


def run(cell, tstop, dt=0.25):
    """Fixed steps; gives v and the times of spikes."""
    h.CVode().active(0)
    h.dt = dt
    v, spikes = h.Vector().record(cell.vref), h.Vector()
    detector = h.NetCon(cell.izh, None)
    detector.record(spikes)
    h.finitialize(cell.izh.vr)
    for _ in range(round(tstop / dt)):
        h.fadvance()
    return v.as_numpy().copy(), spikes.as_numpy().copy()


@pytest.fixture
def variable_step():
    """The solver of the exact scheme; fixed step again afterwards."""
    solver = h.CVode()
    solver.active(1)
    solver.atol(1e-9)
    solver.rtol(0)
    solver.condition_order(2)
    yield solver
    solver.condition_order(1)
    solver.atol(1e-3)
    solver.active(0)


@pytest.fixture
def quiet():
    """Any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# --- currents of others -------------------------------------------------------------------------


@pytest.mark.parametrize("key", TYPES)
def test_a_clamp_drives_a_cell_as_its_own_current_does(key, quiet):
    cell = IzhiCell(key)
    amplitude = 600 if key == "IB" else 300
    cell.izh.Iin = amplitude
    v, spikes = run(cell, 300)
    cell.izh.Iin = 0
    clamp = h.IClamp(cell.sec(0.5))
    clamp.delay, clamp.dur, clamp.amp = 0, 1e9, amplitude / 1000
    v_clamped, spikes_clamped = run(cell, 300)
    assert len(spikes) > 5
    # some types amplify rounding, so that only the first part can be compared to the bit or nearly
    n = round(40 / 0.25)
    np.testing.assert_allclose(v_clamped[:n], v[:n], rtol=0, atol=1e-7)
    assert len(spikes_clamped) == len(spikes)
    np.testing.assert_allclose(spikes_clamped[:10], spikes[:10], rtol=0, atol=1e-9)


@pytest.mark.parametrize("key", TYPES)
def test_a_synapse_moves_the_section_as_it_moves_the_point_process(key, variable_step, quiet):
    """A conductance of 0.05 nS that decays with 5 ms; the EPSP is measured from rest."""
    section_cell, point = IzhiCell(key), IzhiCell(key, "dummy")
    synapse = h.ExpSyn(section_cell.sec(0.5))
    synapse.tau, synapse.e = 5, 0
    connections = h.NetCon(None, synapse), h.NetCon(None, point.izh)
    connections[0].weight[0], connections[1].weight[0] = 0.05e-3, 0.05
    traces = [h.Vector().record(cell.vref, 0.5) for cell in (section_cell, point)]
    h.finitialize(point.izh.vr)
    for connection in connections:
        connection.event(10)
    variable_step.solve(60)
    in_section, in_point = (trace.as_numpy() - point.izh.vr for trace in traces)
    assert in_point.max() > 0.03
    np.testing.assert_allclose(in_section, in_point, rtol=0, atol=1e-3 * in_point.max())


@pytest.mark.parametrize("key", TYPES)
def test_charge_of_the_membrane_is_that_of_all_currents(key, quiet):
    """C dv/dt is the sum of the cell's own current, a clamp's and a synapse's, in pF, mV and pA."""
    cell = IzhiCell(key)
    clamp = h.IClamp(cell.sec(0.5))
    clamp.delay, clamp.dur, clamp.amp = 5, 30, 0.05
    synapse = h.ExpSyn(cell.sec(0.5))
    synapse.tau, synapse.e = 10, 0
    connection = h.NetCon(None, synapse)
    connection.weight[0] = 0.001
    recorded = [h.Vector().record(x) for x in (cell.vref, cell.izh._ref_i, synapse._ref_g)]
    clamped = h.Vector().record(clamp._ref_i)
    h.CVode().active(0)
    h.dt = dt = 0.1
    h.finitialize(cell.izh.vr)
    connection.event(10)
    for _ in range(600):
        h.fadvance()
    v, own, g = (vector.as_numpy() for vector in recorded)
    charging = 100 * C_OF_BOOK[key] * np.diff(v) / dt
    # of a step from n to n + 1: i is of n, the synapse is met by the new v (NEURON's implicit step)
    synaptic = -1000 * g[:-1] * v[1:]
    sent = -1000 * own[1:] + 1000 * clamped.as_numpy()[1:] + synaptic
    quiet_steps = np.flatnonzero((np.diff(v) > -5) & (np.arange(600) != 100))
    assert np.ptp(v) > 2 and len(quiet_steps) > 500
    np.testing.assert_allclose(charging[quiet_steps], sent[quiet_steps], rtol=1e-6, atol=1e-4)


# --- whose capacitance it is --------------------------------------------------------------------


@pytest.mark.parametrize("key", TYPES)
def test_a_section_has_the_capacitance_of_its_type(key):
    cell = IzhiCell("RS")
    cell.reparam(key)
    for each in (IzhiCell(key), cell):
        assert capacitance(each.sec) == pytest.approx(100 * C_OF_BOOK[key], rel=1e-12)
        assert each.sec.L == each.sec.diam == 10
    assert capacitance(Izhi2003Cell().sec) == pytest.approx(1, rel=1e-12)


def test_a_section_follows_a_change_of_c(quiet):
    cell = IzhiCell("RS", cellid=3)
    cell.set_parameters({"a": 0.02, "C": 0.25})
    assert capacitance(cell.sec) == pytest.approx(25, rel=1e-12)
    cell.jitter(0.3, seed=1, names=["C"])
    assert cell.izh.C != 0.25
    assert capacitance(cell.sec) == pytest.approx(100 * cell.izh.C, rel=1e-12)
    h.finitialize(-60)


def test_many_cells_have_each_its_own(quiet):
    sizes = [0.5, 1.0, 3.0]
    try:
        cells = create_cells("2007", "FS", range(3), "Sec", parameters={"C": sizes})
        cells += create_cells("2007", "FS", range(3, 6), "Sec", jitter=0.4, names=["C"])
        found = [capacitance(cell.sec) for cell in cells]
        np.testing.assert_allclose(found, [100 * cell.izh.C for cell in cells], rtol=1e-12)
        np.testing.assert_allclose(found[:3], [50, 100, 300], rtol=1e-12)
        assert len({*found[3:], 20.0}) == 4
        h.finitialize(-55)
    finally:
        h.ParallelContext().gid_clear()


@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_a_run_with_another_c_is_the_same_in_a_section(scheme):
    runs = [
        izhikevich.simulate(
            "2007", "RS", variant=variant, scheme=scheme, parameters={"C": 0.35}, current=100
        )
        for variant in ("PP", "Sec")
    ]
    assert len(runs[0].spikes) > 5
    np.testing.assert_allclose(runs[1].spikes, runs[0].spikes, rtol=0, atol=1e-4)


# --- a section that the user made ---------------------------------------------------------------


@pytest.fixture
def soma():
    """100 pF, as scripts for ModelDB 39948 have it, with a fast spiking cell of 20 pF."""
    section = h.Section(name="soma")
    section.L = section.diam = 10
    section.cm = 31.831
    cell = h.Izhi2007b(section(0.5))
    cell.C = 0.2
    yield section, cell


def test_another_capacitance_is_warned_of_with_both_numbers_and_the_cure(soma):
    section, cell = soma
    with pytest.warns(UserWarning) as caught:
        h.finitialize(-60)
    (warning,) = caught
    text = str(warning.message)
    assert "soma has 100 pF" in text and f"{cell} needs 20;" not in text
    assert f"{cell} needs 20" in text and "izhikevich.fit_section" in text
    izhikevich.fit_section(cell)
    assert capacitance(section) == pytest.approx(20, rel=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        h.finitialize(-60)


def test_what_is_set_by_hand_is_found_at_the_next_initialisation():
    cell, other = IzhiCell("RS"), Izhi2003Cell()
    cell.izh.C = 0.5
    with pytest.warns(UserWarning, match=r"has 100 pF, Izhi2007b\[\d+\] needs 50"):
        h.finitialize(-60)
    izhikevich.fit_section(cell)
    other.sec.cm = 2
    with pytest.warns(UserWarning, match=r"has 2 pF, Izhi2003b\[\d+\] needs 1"):
        h.finitialize(-60)
    izhikevich.fit_section(other.izh)
    assert capacitance(other.sec) == pytest.approx(1)


def test_many_sections_are_one_warning():
    cells = [IzhiCell("RS") for _ in range(12)]
    for cell in cells:
        cell.sec.cm = 1
    with pytest.warns(UserWarning) as caught:
        h.finitialize(-60)
    assert len(caught) == 1
    assert str(caught[0].message).count("needs 100") == 3
    assert "and 9 others" in str(caught[0].message)


def test_what_has_no_capacitance_of_its_own_is_refused(soma):
    section, cell = soma
    with pytest.raises(izhikevich.ParameterError, match="voltage of its own"):
        izhikevich.fit_section(IzhiCell("RS", "dummy"))
    section.nseg = 3
    with pytest.raises(izhikevich.ParameterError, match="soma has 3 segments"):
        izhikevich.fit_section(cell)
    section.nseg = 1
    cell.C = 0
    with pytest.raises(izhikevich.ParameterError, match="more than 0 pF, not 0"):
        izhikevich.fit_section(cell)


def test_csec_brings_back_what_modeldb_39948_does(quiet):
    """A section of 100 pF: the cell is itself, and a current of others acts C times as strongly."""
    cell = IzhiCell("FS")
    cell.izh.Iin = 100
    own, _ = run(cell, 60)
    cell.set_parameters({"Csec": 100})
    assert capacitance(cell.sec) == pytest.approx(100, rel=1e-12)
    as_before, _ = run(cell, 60)
    np.testing.assert_allclose(as_before, own, rtol=0, atol=1e-6)
    cell.izh.Iin = 0
    clamp = h.IClamp(cell.sec(0.5))
    clamp.delay, clamp.dur, clamp.amp = 0, 1e9, 0.1 / 0.2
    clamped, spikes = run(cell, 60)
    np.testing.assert_allclose(clamped, own, rtol=0, atol=1e-6)
    assert len(spikes) == 3
