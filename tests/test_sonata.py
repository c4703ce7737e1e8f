"""SONATA files, of which libsonata is the reader that others use, and h5py the writer."""

from __future__ import annotations

import json
import sys

import h5py
import libsonata
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import h

from izhikevich import Population, network, simulate
from izhikevich.errors import MissingPackageError
from izhikevich.network import sonata
from izhikevich.network.results import to_neo
from izhikevich.stored import choice_from_dict

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.fixture(scope="module")
def result():
    return network.run(network.sparse_network(200, 20, seconds=0.3, seed=1))


@pytest.fixture
def neuron_as_found():
    dt = h.dt
    h.dt = 0.5
    yield
    h.dt = dt
    h.ParallelContext().gid_clear()


# --- spikes -------------------------------------------------------------------------------------


def test_spikes_are_read_by_others(tmp_path, result):
    sonata.write_spikes(result, tmp_path / "spikes.h5")
    reader, first, read = libsonata.SpikeReader(str(tmp_path / "spikes.h5")), 0, 0
    assert set(reader.get_population_names()) == set(result.sizes)
    for name, size in result.sizes.items():
        spikes = reader[name]
        assert (spikes.sorting, spikes.time_units) == ("by_time", "ms")
        ids, times = map(np.array, zip(*spikes.get(), strict=True))
        mine = (result.gids >= first) & (result.gids < first + size)
        assert times.tolist() == result.times[mine].tolist()
        assert (ids + first).tolist() == result.gids[mine].tolist()
        first, read = first + size, read + len(ids)
    assert read == len(result.times) > 100


def test_spikes_are_a_block_of_neo(result):
    (segment,) = to_neo(result).segments
    assert len(segment.spiketrains) == 200
    for gid, train in enumerate(segment.spiketrains):
        assert train.magnitude.tolist() == result.times[result.gids == gid].tolist()
        expected = "excitatory" if gid < result.sizes["excitatory"] else "inhibitory"
        assert train.annotations == {"gid": gid, "population": expected}
        assert float(train.t_stop) == 300


def test_spikes_of_one_cell_are_read_by_others(tmp_path):
    recording = simulate("2004", "tonic bursting")
    sonata.write_spikes_of_run(recording, tmp_path / "spikes.h5")
    spikes = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["tonic bursting"]
    assert (spikes.sorting, spikes.time_units) == ("by_time", "ms")
    assert spikes.get() == [(0, time) for time in recording.spikes]
    with h5py.File(tmp_path / "spikes.h5") as file:
        assert choice_from_dict(json.loads(file["choice"].asstr()[()])) == recording.choice


def test_a_cell_without_a_spike_has_a_file(tmp_path):
    sonata.write_spikes_of_run(simulate("2004", "tonic spiking", tstop=5), tmp_path / "spikes.h5")
    assert libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["tonic spiking"].get() == []


# --- cells --------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    parameters=st.integers(1, 20).flatmap(
        lambda n: st.dictionaries(
            st.sampled_from("abcd"), st.lists(NUMBERS, min_size=n, max_size=n), min_size=1
        )
    )
)
def test_cells_come_back_and_are_read_by_others(tmp_path_factory, parameters):
    path = tmp_path_factory.mktemp("nodes") / "nodes.h5"
    size = len(next(iter(parameters.values())))
    sonata.write_nodes(path, size, parameters, "cortex")
    found = sonata.read_nodes(path)
    assert found.size == size
    assert {name: values.tolist() for name, values in found.parameters.items()} == parameters
    nodes = libsonata.NodePopulation(str(path), "", "cortex")
    assert nodes.size == size and nodes.dynamics_attribute_names == set(parameters)
    for name, values in parameters.items():
        assert nodes.get_dynamics_attribute(name, nodes.select_all()).tolist() == values


def test_cells_of_two_groups_and_two_types(tmp_path):
    with h5py.File(tmp_path / "nodes.h5", "w") as file:
        group = file.create_group("nodes/cortex")
        group["node_type_id"] = [7, 9, 7, 9, 9]
        group["node_group_id"] = [0, 1, 1, 0, 1]
        group["node_group_index"] = [1, 2, 0, 0, 1]
        group["0/dynamics_params/a"] = [0.1, 0.2]
        group["1/dynamics_params/a"] = [1.0, 1.1, 1.2]
        group["1/dynamics_params/c"] = [-50.0, -51.0, -52.0]
    table = tmp_path / "types.csv"
    table.write_text('node_type_id c model\n7 -65 "a b"\n9 -60 NULL\n')
    found = sonata.read_nodes(tmp_path / "nodes.h5", types=table)
    assert found.parameters["a"].tolist() == [0.2, 1.2, 1.0, 0.1, 1.1]
    assert found.parameters["c"].tolist() == [-65, -52, -50, -60, -51]
    assert set(found.parameters) == {"a", "c"}  # a text is for others
    with pytest.raises(ValueError, match="c of node 0 is not given, neither for itself nor"):
        sonata.read_nodes(tmp_path / "nodes.h5")


# --- connections --------------------------------------------------------------------------------


def drawn(n, cells=50, seed=1):
    random = np.random.default_rng(seed)
    sources, targets = random.integers(0, cells, (2, n))
    return sources, targets, random.uniform(0, 20, n), 0.5 * random.integers(1, 9, n)


def test_connections_come_back_and_are_read_by_others(tmp_path, monkeypatch):
    monkeypatch.setattr(sonata, "PIECE", 64)  # so that there are several
    given_, path = drawn(1000), tmp_path / "edges.h5"
    pieces = [[x[k : k + 300] for x in given_] for k in range(0, 1000, 300)]
    sonata.write_edges(path, pieces, source_population="a", target_population="b")
    edges = sonata.Edges(path)
    assert len(edges) == 1000 and len(list(edges)) == 16
    for _ in range(2):  # it can be read again
        found = [np.concatenate(column) for column in zip(*edges, strict=True)]
        assert [x.tolist() for x in found] == [x.tolist() for x in given_]
    theirs = libsonata.EdgePopulation(str(path), "", "a_to_b")
    everything = theirs.select_all()
    assert (theirs.source, theirs.target, theirs.size) == ("a", "b", 1000)
    assert theirs.source_nodes(everything).tolist() == given_[0].tolist()
    assert theirs.target_nodes(everything).tolist() == given_[1].tolist()
    assert theirs.get_attribute("syn_weight", everything).tolist() == given_[2].tolist()
    assert theirs.get_attribute("delay", everything).tolist() == given_[3].tolist()


def test_connections_of_types_and_groups_in_other_units(tmp_path):
    with h5py.File(tmp_path / "edges.h5", "w") as file:
        group = file.create_group("edges/all")
        group["edge_type_id"] = [1, 2, 1]
        group["source_node_id"], group["target_node_id"] = [0, 1, 2], [2, 1, 0]
        group["edge_group_id"], group["edge_group_index"] = [0, 1, 0], [1, 0, 0]
        group["0/syn_weight"], group["1/delay"] = [5.0, 7.0], [0.1]
    table = tmp_path / "types.csv"
    table.write_text("edge_type_id syn_weight delay target\n1 NULL 2.3 x\n2 3 9 y\n")
    edges = sonata.Edges(
        tmp_path / "edges.h5", types=table, first_source=100, first_target=10, scale=2, step=0.5
    )
    (piece,) = edges
    assert [x.tolist() for x in piece] == [
        [100, 101, 102], [12, 11, 10], [14, 6, 10], [2.5, 0.5, 2.5],
    ]  # fmt: skip


def test_a_population_from_files_is_the_one_from_arrays(tmp_path, neuron_as_found):
    sources, targets, weights, delays = drawn(1000)
    parameters = {"Iin": np.random.default_rng(2).uniform(3, 12, 50), "d": np.full(50, 8.0)}
    sonata.write_nodes(tmp_path / "nodes.h5", 50, parameters)
    sonata.write_edges(tmp_path / "edges.h5", [(sources, targets, weights, delays)])
    spikes = []
    for of_files in (False, True):
        if of_files:
            population = Population("2003", *sonata.read_nodes(tmp_path / "nodes.h5"))
            population.connect_pieces(sonata.Edges(tmp_path / "edges.h5"))
        else:
            population = Population("2003", 50, parameters)
            population.connect(sources, targets, weights=weights, delays=delays)
        h.finitialize(-65)
        while h.t < 200:
            h.fadvance()
        spikes.append([x.tolist() for x in population.spikes])
        del population
    assert spikes[0] == spikes[1] and len(spikes[0][0]) > 100


# --- what is wrong is said before anything is done -----------------------------------------------


def test_files_that_are_none(tmp_path):
    path = tmp_path / "edges.h5"
    sonata.write_edges(path, [drawn(5000)])
    whole = path.read_bytes()
    (tmp_path / "cut.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.h5").write_text("sources targets")
    for name in ("cut.h5", "text.h5"):
        with pytest.raises(ValueError, match=f"{name} is no HDF5 file, or cut off"):
            sonata.Edges(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        sonata.Edges(tmp_path / "nothing.h5")
    with pytest.raises(ValueError, match="has no nodes as SONATA files have them"):
        sonata.read_nodes(path)
    with pytest.raises(ValueError, match="no population 'x': it has cells_to_cells"):
        sonata.Edges(path, "x")
    with h5py.File(path, "a") as file:
        file.copy("edges/cells_to_cells", "edges/second")
        del file["edges/second/target_node_id"]
    with pytest.raises(ValueError, match="several populations, choose: cells_to_cells, second"):
        sonata.Edges(path)
    with pytest.raises(ValueError, match="'second' have no target_node_id"):
        sonata.Edges(path, "second")
    with pytest.raises(ValueError, match="step is 0"):
        sonata.Edges(path, "cells_to_cells", step=0)
    with h5py.File(path, "a") as file:
        del file["edges/second"], file["edges/cells_to_cells/0/delay"]
    with pytest.raises(ValueError, match=r"delay of edge 0 is not given.*a table of types"):
        sonata.Edges(path)
    (tmp_path / "types.csv").write_text("kind delay\n1 2\n")
    with pytest.raises(ValueError, match="no column of numbers edge_type_id"):
        sonata.Edges(path, types=tmp_path / "types.csv")


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    path = tmp_path / "x.h5"
    with pytest.raises(ValueError, match=r"a has the shape \(2,\); it is a number, or \(3,\)"):
        sonata.write_nodes(path, 3, {"a": [1, 2]})
    with pytest.raises(ValueError, match="delay has the shape"):
        sonata.write_edges(path, [([0, 1], [1, 0], 1.0, [1.0, 2.0, 3.0])])
    with pytest.raises(ValueError, match="-1 is no node id"):
        sonata.write_edges(path, [([0, 1], [1, 0], 1.0, 1.0), ([-1], [0], 1.0, 1.0)])
    assert list(tmp_path.iterdir()) == []


def test_without_h5py_the_error_says_how_to_get_it(tmp_path, monkeypatch, result):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'izhikevich\[sonata\]'"):
        sonata.write_spikes(result, tmp_path / "x.h5")
    with pytest.raises(MissingPackageError, match="h5py"):
        sonata.Edges(tmp_path / "x.h5")
