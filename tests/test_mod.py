"""What each of the four mechanisms does: defaults, start, names, events, receptors."""

import re

import numpy as np
import pytest
from neuron import h
from scipy.integrate import solve_ivp

from izhikevich.engine import mechanisms
from izhikevich.engine.cells import section_for
from izhikevich.models import MODELS

mechanisms.load()

RANGE_NAMES = {
    "Izhi2003a": "a b c d f g Iin taug thresh erev fflag V u gsyn",
    "Izhi2003b": "a b c d f g Iin thresh fflag u i",
    "Izhi2007a": "C k vr vt vpeak a b c d Iin celltype alive cellid tauAMPA tauNMDA tauGABAA "
    "tauGABAB tauOpsin V u gAMPA gNMDA gGABAA gGABAB gOpsin I",
    "Izhi2007b": "C k vr vt vpeak a b c d Iin celltype alive cellid u i",
}
DEFAULTS_2003 = dict(a=0.02, b=0.2, c=-65, d=2, f=5, g=140, Iin=10, thresh=30)
DEFAULTS_2007 = dict(C=1, k=0.7, vr=-60, vt=-40, vpeak=35, a=0.03, b=-2, c=-50, d=100) | dict(
    Iin=0, celltype=1, alive=1, cellid=-1
)
DEFAULTS = {
    "Izhi2003a": DEFAULTS_2003 | dict(taug=1, erev=0),
    "Izhi2003b": DEFAULTS_2003,
    "Izhi2007a": DEFAULTS_2007
    | dict(tauAMPA=5, tauNMDA=150, tauGABAA=6, tauGABAB=150, tauOpsin=50),
    "Izhi2007b": DEFAULTS_2007,
}
RECEPTORS = ("AMPA", "NMDA", "GABAA", "GABAB", "Opsin")
TAUS = dict(AMPA=5, NMDA=150, GABAA=6, GABAB=150, Opsin=50)
DRIVE = {"Izhi2003a": 10, "Izhi2003b": 10, "Izhi2007a": 100, "Izhi2007b": 100}


class Cell:
    """A bare mechanism in a section of the size that it is written for."""

    def __init__(self, name):
        self.name = name
        model = MODELS["quadratic" if "2003" in name else "book"]
        self.sec = section_for(model, {"C": 1.0}, name)
        self.izh = getattr(h, name)(self.sec(0.5))
        self.vref = self.izh._ref_V if name.endswith("a") else self.sec(0.5)._ref_v
        self.detector, self.spikes = h.NetCon(self.izh, None), h.Vector()
        self.detector.record(self.spikes)


def run(cell, tstop, dt=0.1, events=(), record=(), v=-65):
    """Fixed steps; gives an array per name recorded, and V. Events are (NetCon, time)."""
    h.CVode().active(0)
    h.dt = dt
    names = [*record]
    vectors = [h.Vector().record(getattr(cell.izh, f"_ref_{name}")) for name in names]
    trace = h.Vector().record(cell.vref)
    h.finitialize(v)
    for connection, time in events:
        connection.event(time)
    for _ in range(round(tstop / dt)):
        h.fadvance()
    arrays = {name: vector.as_numpy().copy() for name, vector in zip(names, vectors, strict=True)}
    return {**arrays, "V": trace.as_numpy().copy()}


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


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults(name):
    cell = Cell(name)
    assert {key: getattr(cell.izh, key) for key in DEFAULTS[name]} == DEFAULTS[name]


@pytest.mark.parametrize("name", RANGE_NAMES)
def test_names_of_modeldb_belong_to_each_cell(name):
    cells = Cell(name), Cell(name)
    one, other = (cell.izh for cell in cells)
    for key in RANGE_NAMES[name].split():
        setattr(one, key, 3.5)
        setattr(other, key, 4.5)
        assert (getattr(one, key), getattr(other, key)) == (3.5, 4.5)
        assert getattr(one, f"_ref_{key}")[0] == 3.5


def test_mechanisms_hold_c_code_for_saved_states_alone_and_coreneuron_none():
    # NMODL can neither say how far a stream is nor put a section's voltage back
    blocks = {
        file.stem: re.findall(r"(\w+)\(\) \{[^{}]*?\nVERBATIM\n(.*?)ENDVERBATIM", text, re.DOTALL)
        for file in mechanisms.mod_files()
        for text in [file.read_text()]
    }
    assert {name: [where for where, _ in found] for name, found in blocks.items()} == {
        "Izhi2003a": ["place_in_stream"],
        "Izhi2003b": ["bbsavestate"],
        "Izhi2007a": [],
        "Izhi2007b": ["bbsavestate"],
    }
    for file in mechanisms.mod_files():
        assert file.read_text().count("\nVERBATIM") == len(blocks[file.stem])
    for found in blocks.values():
        for _, code in found:
            assert code.startswith("#ifndef CORENEURON_BUILD\n") and code.endswith("#endif\n")


@pytest.mark.parametrize("v", [-65, -80.0, -50.0])
def test_start(v):
    cells = {name: Cell(name) for name in DEFAULTS}
    cells["Izhi2007a"].izh.vr = cells["Izhi2007b"].izh.vr = -62
    cells["Izhi2003a"].izh.b = cells["Izhi2003b"].izh.b = 0.3
    h.finitialize(v)
    start = {name: (cell.vref[0], cell.izh.u) for name, cell in cells.items()}
    assert start == {
        "Izhi2003a": (-65, 0.3 * -65),
        "Izhi2003b": (v, 0.3 * v),
        "Izhi2007a": (-62, 0),
        "Izhi2007b": (-62, 0),
    }
    izh = cells["Izhi2007a"].izh
    assert cells["Izhi2003a"].izh.gsyn == 0
    assert [getattr(izh, f"g{receptor}") for receptor in RECEPTORS] == [0] * 5


def test_start_under_the_variable_step(variable_step):
    cell = Cell("Izhi2007b")
    h.finitialize(-70)
    assert cell.vref[0] == -60
    variable_step.solve(20)
    assert cell.vref[0] == pytest.approx(-60, abs=1e-9)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_second_initialisation_starts_anew(name):
    cell = Cell(name)
    cell.izh.Iin = DRIVE[name]
    first = run(cell, 200)["V"]
    times = list(cell.spikes)
    np.testing.assert_array_equal(run(cell, 200)["V"], first)
    assert list(cell.spikes) == times and len(times) > 2


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_spike_is_an_event(name):
    cell = Cell(name)
    cell.izh.Iin = 2 * DRIVE[name]
    trace = run(cell, 300)["V"]
    resets = np.flatnonzero(np.diff(trace) < -40)
    assert len(resets) > 5
    # the sample at the spike is still the peak, the next one follows the reset
    np.testing.assert_allclose(np.array(cell.spikes), 0.1 * resets, atol=1e-9)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_drive_beyond_the_peak_is_a_spike_at_every_step(name):
    cell = Cell(name)
    cell.izh.Iin = 5000 if "2003" in name else 5e6
    cell.izh.d = 0
    run(cell, 5)
    # a spike in the last state waits for the next step, but for a point process's that follows one
    last = 51 if name.endswith("a") else 50
    assert list(cell.spikes) == pytest.approx([0.1 * j for j in range(1, last)])


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_dead_cell_goes_on_and_sends_nothing(name):
    cell = Cell(name)
    cell.izh.Iin = 100
    alive = run(cell, 300)["V"]
    assert len(cell.spikes) > 3
    cell.izh.alive = 0
    np.testing.assert_array_equal(run(cell, 300)["V"], alive)
    assert len(cell.spikes) == 0


def test_the_synapse_of_2003a():
    cell = Cell("Izhi2003a")
    izh = cell.izh
    izh.Iin, izh.taug, izh.erev, izh.thresh = 0, 4, -20, 1e9
    strong, weak = h.NetCon(None, izh), h.NetCon(None, izh)
    strong.weight[0], weak.weight[0] = 0.1, 0.03
    dt = 0.01
    r = run(cell, 10, dt, [(strong, 2), (weak, 5), (weak, 5)], ["gsyn", "u"])
    V, u, g = -65.0, 0.2 * -65, 0.0
    expected = [(V, u, g)]
    for j in range(1000):
        g += {200: 0.1, 500: 0.06}.get(j, 0)
        V, g = (
            V + dt * (0.04 * V * V + 5 * V + 140 - u - g * (V + 20)),
            g - dt * g / 4,
        )
        u += dt * 0.02 * (0.2 * V - u)
        expected.append((V, u, g))
    V, u, g = np.array(expected).T
    assert np.ptp(V) > 3
    np.testing.assert_allclose(r["gsyn"], g, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(r["V"], V, rtol=1e-9)
    np.testing.assert_allclose(r["u"], u, rtol=1e-9)
    np.testing.assert_allclose(r["gsyn"][500] / r["gsyn"][201], np.exp(-2.99 / 4), rtol=2e-3)


def synaptic_current(V, AMPA=0.0, NMDA=0.0, GABAA=0.0, GABAB=0.0, Opsin=0.0):
    """Izhikevich & Edelman (2008), with the opsin's channel like that of AMPA; pA."""
    magnesium = ((V + 80) / 60) ** 2
    return (
        AMPA * (V - 0)
        + NMDA * magnesium / (1 + magnesium) * (V - 0)
        + GABAA * (V + 70)
        + GABAB * (V + 90)
        + Opsin * (V - 0)
    )


@pytest.mark.parametrize("receptor", RECEPTORS)
def test_each_receptor_of_2007a(receptor):
    cell = Cell("Izhi2007a")
    connection = h.NetCon(None, cell.izh)
    connection.weight[RECEPTORS.index(receptor)] = 3.0
    dt, start = 0.1, 20  # a step of 0.1 ms; the event comes with step 20
    names = [f"g{name}" for name in RECEPTORS]
    r = run(cell, 20, dt, [(connection, start * dt)], ["I", *names])
    assert connection.weight[RECEPTORS.index(receptor)] == 3.0
    others = [name for name in names if name != f"g{receptor}"]
    assert all(np.all(r[name] == 0) for name in others)
    g = r[f"g{receptor}"]
    steps = np.arange(len(g)) - start
    expected = np.where(steps > 0, 3.0 * (1 - dt / TAUS[receptor]) ** np.maximum(steps, 0), 0)
    np.testing.assert_allclose(g, expected, rtol=1e-9)
    decay = np.exp(-10 / TAUS[receptor])
    assert g[start + 101] / g[start + 1] == pytest.approx(decay, rel=0.03)
    # I belongs to the state at the start of a step
    V, g = r["V"][start + 1 : -1], g[start + 1 : -1]
    expected = synaptic_current(V, **{receptor: g})
    np.testing.assert_allclose(r["I"][start + 2 :], expected, rtol=1e-9)
    assert np.abs(r["I"]).max() > 10
    assert np.ptp(V) > 0.1


@pytest.mark.parametrize("n_set", range(6))
def test_the_five_weights_outlive_initialisation(n_set):
    cell = Cell("Izhi2007a")
    connection = h.NetCon(None, cell.izh)
    weights = [0.1 * (j + 1) if j < n_set else 0.0 for j in range(5)]
    for j in range(n_set):
        connection.weight[j] = weights[j]
    for _ in range(2):
        h.finitialize()
        assert [connection.weight[j] for j in range(5)] == weights
    connection.event(0.05)
    h.dt = 0.1
    h.fadvance()
    h.fadvance()
    conductances = [getattr(cell.izh, f"g{name}") for name in RECEPTORS]
    assert [g > 0 for g in conductances] == [weight > 0 for weight in weights]


@pytest.mark.parametrize("celltype", range(1, 8))
def test_the_cells_own_spike_closes_all_receptors(celltype):
    cell = Cell("Izhi2007a")
    cell.izh.celltype, cell.izh.Iin, cell.izh.d = celltype, 500, -55 if celltype == 5 else 100
    connection = h.NetCon(None, cell.izh)
    for j in range(5):
        connection.weight[j] = 1.0
    names = [f"g{name}" for name in RECEPTORS]
    r = run(cell, 60, 0.1, [(connection, 1)], names)
    first = round(cell.spikes[0] / 0.1)
    assert first > 11
    for name in names:
        assert r[name][12 : first + 1].min() > 0
        assert np.all(r[name][first + 1 :] == 0)


def test_what_comes_at_the_time_of_a_spike_finds_the_receptors_closed():
    cell = Cell("Izhi2007a")
    cell.izh.Iin, cell.izh.d = 5e6, 0  # a spike at every step
    connection = h.NetCon(None, cell.izh)
    connection.weight[0] = 1.0
    dt = 0.25  # whose multiples are exact
    r = run(cell, 5, dt, [(connection, dt * k) for k in range(1, 19)], ["gAMPA"])
    assert len(cell.spikes) >= 19
    assert not np.any(r["gAMPA"])
    before, after = ((connection, 2 + difference) for difference in (-0.1, 0.1))
    assert not np.any(run(cell, 5, dt, [before], ["gAMPA"])["gAMPA"])
    # the step of a spike is its time, whatever comes in it
    assert not np.any(run(cell, 5, dt, [after], ["gAMPA"])["gAMPA"])


def test_receptors_under_the_variable_step_are_those_of_another_solver(variable_step):
    cell = Cell("Izhi2007a")
    cell.izh.Iin = 60
    weights = (4.0, 3.0, 2.0, 1.0, 1.5)
    connection = h.NetCon(None, cell.izh)
    for j, weight in enumerate(weights):
        connection.weight[j] = weight
    inputs, tstop = [10.0, 40.0, 90.0], 150.0
    names = ["u", *(f"g{name}" for name in RECEPTORS)]
    vectors = [h.Vector().record(reference) for reference in (h._ref_t, cell.vref)]
    vectors += [h.Vector().record(getattr(cell.izh, f"_ref_{name}")) for name in names]
    h.finitialize()
    for time in inputs:
        connection.event(time)
    variable_step.solve(tstop)
    t, *states = (vector.as_numpy().copy() for vector in vectors)

    taus = np.array([TAUS[name] for name in RECEPTORS])

    def flow(_, y):
        V, u, *g = y
        current = synaptic_current(V, *g)
        dV = (0.7 * (V + 60) * (V + 40) - u - current + 60) / 100
        return [dV, 0.03 * (-2 * (V + 60) - u), *(-np.array(g) / taus)]

    def peak(_, y):
        return y[0] - 35

    peak.terminal, peak.direction = True, 1
    time, state, spikes = 0.0, np.array([-60.0, 0, 0, 0, 0, 0, 0]), []
    while time < tstop:
        stop = min([x for x in inputs if x > time] + [tstop])
        solution = solve_ivp(
            flow, (time, stop), state, "DOP853", rtol=1e-11, atol=1e-11, events=peak,
            dense_output=True,
        )  # fmt: skip
        time, state = solution.t[-1], solution.y[:, -1].copy()
        # away from the samples at a jump, which may stand on either side of it
        inside = (t > solution.t[0] + 0.05) & (t < time - 0.05)
        # V and u, where 0.02 mV of an upstroke are some 1e-5 ms; conductances
        errors = [0.02] * 2 + [1e-5] * 5
        for row, ours, error in zip(solution.sol(t[inside]), states, errors, strict=True):
            np.testing.assert_allclose(ours[inside], row, rtol=1e-6, atol=error)
        if solution.status == 1:
            spikes.append(time)
            state = np.array([-50, state[1] + 100, 0, 0, 0, 0, 0])
        elif time in inputs:
            state[2:] += weights
    assert len(spikes) >= 3
    np.testing.assert_allclose(np.array(cell.spikes), spikes, rtol=0, atol=0.002)


@pytest.mark.parametrize("name", ["Izhi2003b", "Izhi2007b"])
def test_the_current_of_a_section_charges_it_as_the_equation_says(name):
    cell = Cell(name)
    cell.izh.Iin = 2 * DRIVE[name]
    dt = 0.1
    r = run(cell, 100, dt, record=["i"])
    capacitance = cell.sec(0.5).area() * cell.sec.cm * 1e-5  # nF
    quiet = np.flatnonzero(np.abs(np.diff(r["V"])) < 5)
    assert len(quiet) > 500
    np.testing.assert_allclose(
        np.diff(r["V"])[quiet], -r["i"][1:][quiet] * dt / capacitance, rtol=1e-6, atol=1e-9
    )
