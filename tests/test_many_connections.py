"""Connections from arrays: the spikes of those made one by one, and nothing half made."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass

import numpy as np
import pytest
from conftest import ROOT
from neuron import h

from izhikevich import IzhiCell, ParameterError, connect_cells, create_cells
from izhikevich.engine import many_connections
from izhikevich.network import running as network

PC = h.ParallelContext()


@pytest.fixture(scope="module", autouse=True)
def ranks_find_this_file():
    path = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path))
        yield


@pytest.fixture(autouse=True)
def a_network_of_its_own():
    """What a test registers in this process is forgotten."""
    PC.gid_clear()
    yield
    PC.gid_clear()
    PC.nthread(1)


# receptor of each population, largest weight; a section gets one ExpSyn for each cell
POPULATIONS = {
    ("2007", "RS", "PP"): (("AMPA", 2), ("GABAA", 4)),
    ("2004", "tonic spiking", "PP"): (("conductance", 0.05), ("pulse", 2)),
    ("2007", "IB", "Sec"): (("ExpSyn", 2e-3),),
}
SIZE = 20
DRIVE = {"RS": 150, "tonic spiking": 14, "IB": 600}


@dataclass(frozen=True)
class Network:
    """Three populations, connected at random; as a job for ranks."""

    at_once: bool
    connections: int = 400  # of each receptor
    threads: int = 1
    slice: int = 100

    def run(self, report):
        many_connections.SLICE = self.slice
        context = h.ParallelContext()
        context.nthread(self.threads)
        rank, ranks = int(context.id()), int(context.nhost())
        random = np.random.default_rng(3)
        n, cells = SIZE * len(POPULATIONS), []
        for k, (paper, kind, variant) in enumerate(POPULATIONS):
            mine = [gid for gid in range(k * SIZE, (k + 1) * SIZE) if gid % ranks == rank]
            changes = {"Iin": DRIVE[kind]}
            cells.append(
                create_cells(paper, kind, mine, variant, parameters=changes, jitter=0.1, seed=1)
            )
        for k, (some, receptors) in enumerate(zip(cells, POPULATIONS.values(), strict=True)):
            for receptor, largest in receptors:
                sources = random.integers(0, n, self.connections)
                targets = random.integers(0, SIZE, self.connections) + k * SIZE
                weights = largest * random.random(self.connections)
                delays = random.integers(20, 60, self.connections) / 10
                here = np.isin(targets, [cell.gid for cell in some])
                columns = (x[here] for x in (sources, targets, weights, delays))
                self.connect(some, receptor, *columns)
        times, gids = h.Vector(), h.Vector()
        context.spike_record(-1, times, gids)
        h.dt = 0.1
        context.set_maxstep(10)
        h.finitialize(-65)
        context.psolve(200)
        return {"spikes": sorted(zip(times, gids, strict=True))}

    def connect(self, cells, receptor, sources, targets, weights, delays):
        endings = [receptor] * len(cells)
        if receptor == "ExpSyn":
            endings = receptor = [h.ExpSyn(cell.sec(0.5)) for cell in cells]
        if self.at_once:
            connect_cells(cells, sources, targets, receptor, weights=weights, delays=delays)
            return
        places = {cell.gid: k for k, cell in enumerate(cells)}
        for source, target, weight, delay in zip(sources, targets, weights, delays, strict=True):
            k = places[int(target)]
            cells[k].connect_from(int(source), endings[k], weight=weight, delay=delay)


def spikes_of(job, ranks=1):
    return sorted(x for share in network.run_on_ranks(job, ranks) for x in share["spikes"])


def test_spikes_are_those_of_connections_made_one_by_one():
    one_by_one = spikes_of(Network(at_once=False))
    assert len(one_by_one) > 300 and len({gid // SIZE for _, gid in one_by_one}) == 3
    assert spikes_of(Network(at_once=False, connections=0)) != one_by_one
    for slice_ in (7, 10_000):
        assert spikes_of(Network(at_once=True, slice=slice_)) == one_by_one


@pytest.mark.parametrize(("ranks", "threads"), [(2, 1), (1, 2)])
def test_on_ranks_and_threads_too(ranks, threads):
    spikes = spikes_of(Network(at_once=True, threads=threads), ranks)
    assert spikes == spikes_of(Network(at_once=False, threads=threads), ranks)
    assert len(spikes) > 300


def three_cells(kind="RS", variant="PP"):
    return create_cells("2007", kind, [4, 1, 9], variant)


def test_each_connection_is_as_asked_for():
    cells = three_cells()
    random = np.random.default_rng(1)
    sources, targets = random.integers(0, 12, 200), random.choice([4, 1, 9], 200)
    weights, delays = random.random(200), random.uniform(1, 5, 200)
    made = connect_cells(cells, sources, targets, "GABAB", weights=weights, delays=delays)
    order = np.argsort(sources, kind="stable")
    point_of = {cell.gid: cell.izh for cell in cells}
    assert made.count() == 200
    for connection, k in zip(made, order.tolist(), strict=True):
        assert connection.srcgid() == sources[k]
        assert connection.syn().same(point_of[targets[k]])
        assert [connection.weight[j] for j in range(5)] == [0, 0, 0, weights[k], 0]
        assert connection.delay == delays[k]


def test_one_number_serves_all_and_none_is_no_connection():
    cells = three_cells()
    made = connect_cells(cells, [1, 2], [9, 9], "NMDA", weights=3)
    assert [(each.weight[1], each.delay) for each in made] == [(3, 1), (3, 1)]
    assert connect_cells(cells, [], [], "NMDA", weights=[], delays=[]).count() == 0
    assert connect_cells([], [], [], "AMPA", weights=1).count() == 0


def test_connections_last_with_the_cells_and_until_they_are_removed():
    cells = three_cells()
    connect_cells(cells, [1, 2, 3], [9, 9, 4], "AMPA", weights=3)
    before = int(h.List("NetCon").count())
    connect_cells(cells, [1, 2, 3], [9, 9, 4], "AMPA", weights=3).remove_all()
    assert h.List("NetCon").count() == before
    last = cells[1]
    del cells
    gc.collect()
    assert h.List("NetCon").count() == before
    h.finitialize(-65)  # two of three targets are gone
    del last
    gc.collect()
    assert h.List("NetCon").count() == before - 3


def test_a_synapse_lasts_as_long_as_its_cell():
    cells = three_cells(variant="Sec")
    connect_cells(cells, [1], [4], [h.ExpSyn(c.sec(0.5)) for c in cells], weights=1e-3)
    gc.collect()
    assert h.List("ExpSyn").count() == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sources": [1, 2]}, "sources and targets have one gid for each .* 2 and 3"),
        ({"sources": [[1, 2, 3]]}, "sources is an array of one dimension"),
        ({"sources": [1.0, 2.0, 3.0]}, "sources are gids, whole numbers, not float64"),
        ({"sources": [1, -2, 3]}, "a gid is a whole number from 0 to 2\\^31 - 1; in sources is -2"),
        ({"sources": [1, 2**31, 3]}, "in sources is 2147483648"),
        ({"targets": [4, 1, 5]}, "gid 5 is a target, and none of the cells"),
        ({"receptor": "ampa"}, "unknown receptor 'ampa': in Izhi2007a it is one of AMPA"),
        ({"receptor": []}, "there are 3 cells and 0 synapses"),
        ({"weights": [1, 2]}, "weights are one number or 3, one for each connection"),
        ({"weights": "much"}, "weights are numbers, not 'much'"),
        ({"weights": [1, float("nan"), 2]}, "weights must be finite; one is nan"),
        ({"weights": [1, -3, 2]}, "weights of conductances must be 0 or more; one is -3"),
        ({"delays": [1, 2, -0.5]}, "delays must be 0 or more; one is -0.5"),
        ({"delays": float("inf")}, "delays must be finite; one is inf"),
    ],
)
def test_what_cannot_be_connected_is_refused_before_anything_is(changes, message):
    cells = three_cells()
    before = int(h.List("NetCon").count())
    arguments = {"sources": [1, 2, 3], "targets": [4, 1, 9], "receptor": "AMPA", "weights": 1}
    with pytest.raises(ParameterError, match=message):
        connect_cells(cells, **{**arguments, **changes})
    assert h.List("NetCon").count() == before and all(cell._kept == [] for cell in cells)


def test_what_is_no_cell_to_connect_is_refused():
    cells, section = three_cells(), IzhiCell("RS")
    elsewhere = h.ExpSyn(IzhiCell("RS").sec(0.5))
    pulses = create_cells("2004", "tonic spiking", [20])
    with pytest.raises(TypeError, match="cells are IzhiCell or Izhi2003Cell"):
        connect_cells([cell.izh for cell in cells], [1], [4], "AMPA", weights=1)
    with pytest.raises(ParameterError, match="a target is known by its gid: register"):
        connect_cells([section], [1], [4], "AMPA", weights=1)
    section.register(21)
    with pytest.raises(ParameterError, match="through a synapse in"):
        connect_cells([section], [1], [21], "AMPA", weights=1)
    with pytest.raises(ParameterError, match="is not in the cell's section"):
        connect_cells([section], [1], [21], [elsewhere], weights=1)
    with pytest.raises(ParameterError, match="unknown receptor 'AMPA': in Izhi2003a"):
        connect_cells([*cells, *pulses], [1], [4], "AMPA", weights=1)
    with pytest.raises(ParameterError, match="there are no cells to connect"):
        connect_cells([], [1], [4], "AMPA", weights=1)
    assert connect_cells(pulses, [1], [20], "pulse", weights=-3).o(0).weight[1] == -3
