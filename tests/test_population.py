"""Populations: the bits of point processes, a part of NEURON's network, what is refused."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import numpy as np
import population_networks as networks
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import coreneuron, h
from scipy import sparse

from izhikevich import IzhiCell, Population, SpikeRecord
from izhikevich.catalog import CATALOG, cell_type
from izhikevich.engine import mechanisms
from izhikevich.engine.population_connections import exact
from izhikevich.models import BOOK, QUADRATIC

BURSTING = {"Iin": 12.0, "c": -55.0, "d": 4.0}


@pytest.fixture(autouse=True)
def neuron_as_found():
    dt = h.dt
    h.dt = 0.5
    yield
    h.dt = dt
    h.CVode().active(0)
    h.ParallelContext().gid_clear()


def advance(until):
    h.finitialize(-65)
    while h.t < until - 0.5 * h.dt:
        h.fadvance()


# --- the same bits as point processes -----------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), model=st.sampled_from(sorted(networks.MODELS)))
def test_a_population_has_the_bits_of_point_processes(seed, model):
    assert networks.differences(networks.draw(seed, model)) == []


@pytest.mark.parametrize("paper", list(CATALOG))
def test_cells_of_every_type_are_those_of_point_processes(paper):
    h.dt = 0.25
    for entry in CATALOG[paper].values():
        current = {"Iin": max(float(max(w.sampled(1.0, 500).max() for w in entry.currents)), 1.0)}
        population = Population(entry, 1, current)
        point = getattr(h, entry.model.mechanisms["PP"])(population.section(0.5))
        for name, value in {**entry.parameters, **current, "keepg": 1}.items():
            if hasattr(point, name):
                setattr(point, name, value)
        times = h.Vector()
        source = h.NetCon(point, None)
        source.record(times)
        traces = [*population.record([0]), h.Vector().record(point._ref_V)]
        advance(200)
        assert traces[0].to_python() == traces[1].to_python()
        assert population.spikes.times.tolist()[: len(times)] == list(times)


def test_threads_change_nothing():
    # in a process of its own: threads of NEURON's stay for good
    code = (
        "import population_networks as networks\n"
        "for seed in range(12):\n"
        "    net = networks.draw(seed)\n"
        "    net.connections = [(*c[:4], c[4] + 1) for c in net.connections]\n"
        "    alone = networks.run(net, 'parts')\n"
        "    assert networks.run(net, 'parts', threads=2) == alone, seed\n"
        "    assert networks.run(net, 'points', threads=2)[0] == alone[0], seed\n"
        "print('all the same')\n"
    )
    done = in_a_process(code)
    assert done.stdout.endswith("all the same\n"), done.stdout + done.stderr


def in_a_process(code):
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NEURON_MODULE_OPTIONS": "-nogui", "PYTHONPATH": paths},
        cwd=os.path.dirname(sys.executable),  # no compiled mechanisms there
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- what a person uses -------------------------------------------------------------------------


def test_arrays_are_the_state_itself():
    population = Population("2003", 5, {"Iin": 3.0})
    current = population.Iin
    assert current.tolist() == [3.0] * 5
    h.finitialize(-65)
    assert population.v.tolist() == [-65.0] * 5 and population.u.tolist() == [-13.0] * 5
    population.v[2] = -50.0
    current[4] = 30.0
    h.fadvance()
    v, step = np.array([-65.0, -65, -50, -65, -65]), 0.5
    expected = v + step * (0.04 * v * v + 5 * v + 140 + 13 + np.array([3, 3, 3, 3, 30.0]))
    np.testing.assert_allclose(population.v, expected, rtol=1e-14)
    population.Iin = np.arange(5)
    assert population.Iin.tolist() == [0, 1, 2, 3, 4]


def test_a_start_of_ones_own():
    population = Population("2007", 3, v0=[-60, -50, -40], u0=7.0)
    h.finitialize(-65)
    assert population.v.tolist() == [-60, -50, -40] and population.u.tolist() == [7, 7, 7]


def test_cells_that_start_above_the_peak_spike_at_once():
    population = Population("2003", 300, gids=range(300), v0=np.arange(300) - 268.5)
    advance(1)
    times, cells = population.spikes
    assert cells[times == 0].tolist() == [299]


def test_v_that_is_put_above_the_peak_spikes_in_the_next_step():
    population = Population("2003", 3)
    advance(1)
    population.v[1] = 35.0
    h.fadvance()
    assert [x.tolist() for x in population.spikes] == [[1.5], [1]]


def test_a_second_initialisation_starts_anew():
    population = Population("2003", 200, {"Iin": np.linspace(0, 20, 200), "sigma": 4.0}, seed=3)
    random = np.random.default_rng(1)
    population.connect(
        *random.integers(0, 200, (2, 4000)),
        weights=random.normal(0, 5, 4000),
        delays=random.integers(1, 20, 4000) * h.dt,
    )
    advance(100)
    first = [x.copy() for x in (*population.spikes, population.v, population.u)]
    assert len(first[0]) > 200
    advance(100)
    for one, other in zip(first, (*population.spikes, population.v, population.u), strict=True):
        np.testing.assert_array_equal(one, other)


def test_connections_from_matrices_are_those_from_arrays():
    random = np.random.default_rng(2)
    matrix = sparse.random(60, 60, 0.2, random_state=3, data_rvs=lambda n: random.normal(0, 9, n))
    delays = sparse.coo_matrix(
        (random.integers(1, 9, matrix.nnz) * h.dt, (matrix.row, matrix.col)), shape=matrix.shape
    )
    spikes = []
    for how in ("arrays", "sparse", "dense"):
        population = Population("2003", 60, BURSTING, gids=np.arange(60)[::-1] + 100)
        if how == "arrays":
            population.connect(
                159 - matrix.row, 159 - matrix.col, weights=matrix.data, delays=delays.data
            )
        elif how == "sparse":
            population.connect_matrix(matrix, delays=delays)
        else:
            population.connect_matrix(matrix.toarray(), delays=delays.toarray())
        advance(100)
        spikes.append([x.tolist() for x in population.spikes])
        del population
        h.ParallelContext().gid_clear()
    assert spikes[0] == spikes[1] == spikes[2] and len(spikes[0][0]) > 100


class Pieces:
    """Connections that are read anew each time; `other` is given for those of the second time."""

    def __init__(self, pieces, other=None):
        self.times = [pieces, pieces if other is None else other]

    def __iter__(self):
        return iter(self.times.pop(0))


def test_connections_in_pieces_are_those_at_once():
    random = np.random.default_rng(4)
    sources, targets = random.integers(0, 90, 3000), random.integers(30, 90, 3000)
    weights, delays = random.normal(0, 9, 3000), random.integers(1, 9, 3000) * h.dt
    whole = sources, targets, weights, delays
    order = random.permutation(3000)
    pieces = [tuple(x[order][k::7] for x in whole) for k in range(7)]
    spikes = []
    for how in (whole, Pieces(pieces), pieces):
        others = Population("2003", 30, BURSTING, gids=range(30))
        population = Population("2003", 60, BURSTING, gids=range(30, 90))
        if how is whole:
            population.connect(sources, targets, weights=weights, delays=delays)
        else:
            population.connect_pieces(how)
        advance(100)
        spikes.append([x.tolist() for x in population.spikes])
        del population, others
        h.ParallelContext().gid_clear()
    assert spikes[0] == spikes[1] == spikes[2] and len(spikes[0][0]) > 100


def test_pieces_that_cannot_be():
    elsewhere = Population("2003", 2, gids=[7, 8])
    population = Population("2003", 3, gids=[0, 1, 2])
    right, other = ([0, 1], [1, 2], 1.0, 1.0), ([0, 0], [1, 2], 1.0, 1.0)
    later, heard, heard_later = (
        ([0, 1], [1, 2], 1.0, 2.0),
        ([0, 7], [1, 2], 1.0, 2.0),
        ([0, 7], [1, 2], 1.0, [2.0, 1.0]),
    )
    with pytest.raises(ValueError, match="this iterator can be read only once"):
        population.connect_pieces(piece for piece in [right])
    for first, second in (
        ([right], [other]),
        ([right], [right, right]),
        ([right], []),
        ([right], [later]),
        ([right], [heard]),
        ([heard], [right]),
        ([heard], [heard_later]),
        ([heard], [([0, 8], [1, 2], 1.0, 2.0)]),
    ):
        with pytest.raises(ValueError, match="other connections when they were read again"):
            population.connect_pieces(Pieces(first, second))
    assert len(elsewhere) == 2
    with pytest.raises(ValueError, match="9 is a target"):
        population.connect_pieces([right, ([0], [9], 1.0, 1.0)])
    population.connect_pieces([])
    population.connect_pieces([right])


def test_a_cell_hears_and_is_heard():
    population = Population("2003", 10, {"Iin": 0.0})
    other = IzhiCell("RS", "dummy")
    train = h.NetStim()
    train.start, train.interval, train.number, train.noise = 5, 10, 5, 0
    connections = [
        population[3].connect_from(train, "pulse", weight=400, delay=1),
        population[4].connect_from(population[3], "pulse", weight=400, delay=2),
        other.connect_from(population[4], "AMPA", weight=100, delay=1),
    ]
    record = SpikeRecord([population[3], population[4], other])
    advance(60)
    assert len(connections) == 3
    heard, passed_on, elsewhere = (record.of(k) for k in range(3))
    assert len(heard) == len(passed_on) == 5 and len(elsewhere) > 0
    np.testing.assert_allclose(passed_on - heard, 2 + h.dt)
    assert set(population.spikes.cells) == {3, 4}
    assert population[3].gid is None and population[-1].place == 9


def test_a_current_is_played_into_a_cell():
    population = Population("2003", 3)
    current = h.Vector([0, 0, 15, 15, 15])
    current.play(population[1]._ref_Iin, h.dt)
    advance(50)
    assert set(population.spikes.cells) == {1}


def test_ports_are_made_on_demand_and_gids_for_all_or_some():
    context = h.ParallelContext()
    population = Population("2003", 50, gids=range(50), register=False)
    assert not h.List("IzhiPort").count() and not context.gid_exists(7)
    population.register([7, 9])
    population[9].register()
    assert h.List("IzhiPort").count() == 2 and context.gid_exists(7) and not context.gid_exists(8)
    population.register()
    assert h.List("IzhiPort").count() == 50


def test_spikes_need_not_be_kept():
    population = Population("2003", 10, BURSTING, gids=range(10), keep_spikes=False)
    times, gids = h.Vector(), h.Vector()
    h.ParallelContext().spike_record(-1, times, gids)
    advance(100)
    assert len(times) > 10 and not len(population.spikes.times)


@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=50), st.randoms())
def test_exact_weights_add_up_alike_in_any_order(weights, random):
    rounded = exact(np.array(weights))
    assert np.abs(rounded - weights).max() <= 2.0**-21
    shuffled = rounded.tolist()
    random.shuffle(shuffled)
    assert sum(shuffled) == sum(rounded.tolist())


def test_memory_of_a_cell_and_of_a_connection():
    code = (
        "import psutil, numpy as np\n"
        "from izhikevich import Population\n"
        "from neuron import h\n"
        "h.dt = 1\n"
        "used = lambda: psutil.Process().memory_info().rss\n"
        "Population('2003', 10)\n"
        "before = used()\n"
        "n = 1_000_000\n"
        "a, b, c, d = np.random.default_rng(1).random((4, n))\n"
        "population = Population('2003', n, {'a': a, 'b': b, 'c': -c, 'd': d})\n"
        "del a, b, c, d\n"
        "h.finitialize()\n"
        "h.fadvance()\n"
        "cells = (used() - before) / n\n"
        "before, m = used(), 20_000_000\n"
        "sources, targets = np.repeat(np.arange(1000), 20_000), np.tile(np.arange(20_000), 1000)\n"
        "population.connect(sources, targets, weights=1.0, delays=1.0)\n"
        "del sources, targets\n"
        "print(cells, (used() - before) / m)\n"
    )
    done = in_a_process(code)
    cells, connections = map(float, done.stdout.split())
    assert cells < 150 and connections < 16


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "parameters", "options", "message"),
    [
        (0, {}, {}, "size is a whole number from 1"),
        (2.5, {}, {}, "size is a whole number"),
        (3, {"Iin": [1, 2]}, {}, r"Iin is one number or 3, one for each cell; its shape is \(2,\)"),
        (3, {"a": np.nan}, {}, "a must be finite, not nan"),
        (3, {"b": [0.2, np.inf, 0.2]}, {}, "b must be finite"),
        (3, {"c": "low"}, {}, "c must be one number or an array, not 'low'"),
        (3, {"speed": 1}, {}, "unknown parameter 'speed': it is one of a, b, c"),
        (3, {"taug": 0}, {}, "taug must be greater than 0, not 0"),
        (3, {"halves": 3}, {}, "halves is one number for the whole population, 1 or 2, not 3"),
        (3, {"halves": [1, 2, 2]}, {}, "halves is one number"),
        (3, {}, {"gids": [0, 1]}, "there are 3 cells and 2 gids"),
        (3, {}, {"gids": [0, 1, 1]}, "gid 1 is used twice"),
        (3, {}, {"gids": [0, 1, -1]}, "not -1"),
        (3, {}, {"seed": -1}, "seed must be a whole number"),
        (3, {}, {"v0": [1, 2]}, "v0 is one number or 3"),
    ],
)
def test_a_population_that_cannot_be(size, parameters, options, message):
    with pytest.raises(ValueError, match=message):
        Population("2003", size, parameters, **options)
    assert not h.List("IzhiPopulation").count()


def test_models_that_there_are_not():
    with pytest.raises(KeyError, match="unknown paper '1999'"):
        Population("1999", 3)
    with pytest.raises(TypeError, match="a publication, a model or a cell type, not 7"):
        Population(7, 3)
    with pytest.raises(ValueError, match="celltype is a whole number from 1 to 7, not 9"):
        Population(BOOK, 3, {"celltype": [1, 9, 1]})
    assert Population(cell_type("2007", "FS"), 2).parameter("celltype").tolist() == [5, 5]
    assert Population(QUADRATIC, 1).receptors == ("conductance", "pulse")


def test_a_gid_that_another_cell_has():
    other = IzhiCell("RS", "dummy")
    other.register(4)
    with pytest.raises(ValueError, match="gid 4 is used twice"):
        Population("2003", 3, gids=[3, 4, 5])
    assert other.gid == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sources": [0, 1]}, "one number for each connection; they have 2 and 1"),
        ({"sources": [[0]]}, "array of one dimension"),
        ({"sources": [0.5]}, "sources are whole numbers, not float64"),
        ({"sources": [-1]}, "from 0 to 2^31 - 1; one is -1".replace("^", r"\^")),
        ({"targets": [13]}, "13 is a target, and none of the cells of this population"),
        ({"sources": [99]}, "gid 99 is a source, and no cell has it"),
        ({"delays": 0.2}, "at least the step, 0.5 ms; one is 0.2 ms"),
        ({"delays": 0.0}, "at least the step"),
        ({"delays": -1}, "at least the step"),
        ({"delays": 1.3}, "whole steps of h.dt, 0.5 ms; one is 1.3 ms"),
        ({"delays": np.nan}, "delays must be finite"),
        ({"weights": np.inf}, "weights must be finite"),
        ({"weights": [1, 2]}, "weights are one number or 1"),
        ({"weights": -1, "receptor": "conductance"}, "conductances must be 0 or more; one is -1"),
        ({"receptor": "AMPA"}, "unknown receptor 'AMPA': it is one of conductance, pulse"),
    ],
)
def test_connections_that_cannot_be(changes, message):
    population = Population("2003", 3, gids=[10, 11, 12])
    right = {"sources": [10], "targets": [11], "weights": 1.0, "delays": 1.0}
    with pytest.raises(ValueError, match=message):
        population.connect(**{**right, **changes})
    population.connect(**right)


def test_more_that_cannot_be():
    population = Population("2007", 3)
    with pytest.raises(ValueError, match="unknown receptor None: it is one of AMPA"):
        population.connect([0], [1], weights=1, delays=1)
    with pytest.raises(ValueError, match="3 is a source, and none of the cells"):
        population.connect([3], [1], weights=1, delays=1, receptor="AMPA")
    with pytest.raises(ValueError, match="has no gids"):
        population.register()
    with pytest.raises(ValueError, match=r"its shape is \(2, 2\)"):
        population.connect_matrix(np.ones((2, 2)), delays=1, receptor="AMPA")
    with pytest.raises(IndexError, match="place 3"):
        population[3]
    with pytest.raises(ValueError, match="unknown receptor 'pulse'"):
        population[0].connect_from(None, "pulse", weight=1)
    with pytest.raises(ValueError, match="a conductance 0 or more, not -1"):
        population[0].connect_from(None, "AMPA", weight=-1)
    with pytest.raises(ValueError, match="delay must be a finite number"):
        population[0].connect_from(None, "AMPA", weight=1, delay=np.nan)
    with pytest.raises(ValueError, match="unknown parameter 'speed'"):
        population.set_parameters({"speed": 1})
    with pytest.raises(ValueError, match="C must be greater than 0"):
        population.set_parameters({"C": [1, 0, 1]})
    assert population.parameter("C").tolist() == [1, 1, 1]


class TestWhatNeuronMustNotDo:
    """Refused when NEURON is initialised, or when it happens; NEURON prints the reason."""

    @pytest.fixture
    def population(self):
        population = Population("2003", 3, BURSTING)
        population.connect([0], [1], weights=1.0, delays=1.0)
        yield population
        coreneuron.enable = False

    @pytest.mark.parametrize("what", ["step", "variable step", "CoreNEURON"])
    def test_at_initialisation(self, population, what, capfd, monkeypatch):
        if what == "step":
            h.dt = 0.25
        elif what == "variable step":
            h.CVode().active(1)
        else:
            monkeypatch.setenv("CORENEURONLIB", "")  # and so it is as before afterwards
            mechanisms.load(coreneuron=True)
            coreneuron.enable = True
        with pytest.raises(RuntimeError):
            h.finitialize(-65)
        reason = {
            "step": "h.dt is another now",
            "variable step": "a population needs the fixed step: cvode.active(False)",
            "CoreNEURON": "IzhiPopulation is of NEURON alone",
        }
        assert reason[what] in capfd.readouterr().err

    @pytest.mark.parametrize("what", ["step", "variable step"])
    def test_in_the_middle(self, population, what, capfd):
        advance(5)
        if what == "step":
            h.dt = 0.25
        else:
            h.CVode().active(1)
        voltages = population.v.copy()
        with pytest.raises(RuntimeError):
            for _ in range(2):  # the first may start the solver anew and go no further
                h.fadvance()
        np.testing.assert_array_equal(population.v, voltages)
        reason = {"step": "h.dt was changed", "variable step": "needs the fixed step"}
        assert reason[what] in capfd.readouterr().err

    def test_connecting_at_another_step(self, population):
        h.dt = 0.25
        with pytest.raises(ValueError, match=r"connected at h.dt = 0\.5 ms, and it is 0\.25 ms"):
            population.connect([0], [1], weights=1.0, delays=1.0)


def test_connecting_in_the_middle_of_a_run_keeps_what_is_on_its_way():
    found = []
    for late in (False, True):
        population = Population("2003", 3, {**BURSTING, "Iin": [12.0, 0.0, 0.0]})
        population.connect([0], [2], weights=200, delays=9)
        more = {"sources": [2, 0], "targets": [0, 1], "weights": [0, 200], "delays": [3.0, 40.0]}
        if not late:
            population.connect(**more)
        h.finitialize(-65)
        while not len(population.spikes.times):
            h.fadvance()
        h.fadvance()  # the first spike is on its way now
        if late:
            population.connect(**more)
        while h.t < 100:
            h.fadvance()
        times, cells = population.spikes
        found.append([times[cells == place].tolist() for place in range(3)])
    at_once, late = found
    assert at_once[0] == late[0] and at_once[2] == late[2]
    assert late[2][0] < late[0][0] + 11 and len(late[2]) > 2
    # of the spike that came before it was connected the second cell has not heard
    assert at_once[1][0] < late[1][0]


# --- what goes away -----------------------------------------------------------------------------


def test_a_population_that_nobody_holds_is_gone_and_neuron_goes_on():
    context = h.ParallelContext()
    other = IzhiCell("RS", "dummy")
    population = Population("2003", 3, BURSTING, gids=range(3))
    heard = [other.connect_from(gid, "AMPA", weight=1, delay=1) for gid in range(3)]
    train = h.NetStim()
    train.number, train.start, train.interval = 100, 1, 1
    connection = h.NetCon(train, population[1].izh)
    connection.weight[1] = 10
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    advance(50)
    assert len(times) > 3
    del population
    gc.collect()
    assert not h.List("IzhiPort").count() and not h.List("IzhiPopulation").count()
    before = len(times)
    advance(50)
    assert len(times) == before and len(heard) == 3  # no more, and no harm


def test_a_port_that_outlives_its_population_says_so(capfd):
    population = Population("2003", 3, BURSTING)
    port = population[0].izh
    train = h.NetStim()
    train.number, train.start, train.interval = 100, 1, 1
    connection = h.NetCon(train, port)
    connection.weight[1] = 10
    section = population.section
    del population
    gc.collect()
    with pytest.raises(RuntimeError):
        advance(50)
    assert "the population of this mechanism is no more" in capfd.readouterr().err
    assert section


def test_a_port_that_is_deleted_while_it_is_connected():
    population = Population("2003", 3, {**BURSTING, "alive": [0, 0, 1]})
    other = Population("2003", 1)
    connection = other[0].connect_from(population[2], "pulse", weight=100, delay=1)
    advance(50)
    assert len(other.spikes.times) > 0
    population._ports.clear()  # nobody can do so by what is meant for use
    gc.collect()
    advance(50)
    assert not len(other.spikes.times) and len(population.spikes.times) > 0
    assert not connection.valid()
