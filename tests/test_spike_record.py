"""Spikes recorded beside another recording of the same cells."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from neuron import h

from izhikevich import Izhi2003Cell, IzhiCell, ParameterError, SpikeRecord, create_cells

PC = h.ParallelContext()


@pytest.fixture(autouse=True)
def a_network_of_its_own():
    """What a test registers in this process is forgotten."""
    PC.gid_clear()
    yield
    PC.gid_clear()
    PC.nthread(1)
    h.CVode().active(0)


def run(tstop=100.0):
    h.dt = 0.1
    PC.set_maxstep(10)
    h.finitialize(-65)
    PC.psolve(tstop)


def hodgkin_huxley(gid):
    section = h.Section(name="hh")
    section.L = section.diam = 20
    section.insert("hh")
    clamp = h.IClamp(section(0.5))
    clamp.amp, clamp.dur = 0.5, 1e9
    PC.set_gid2node(gid, PC.id())
    PC.cell(gid, h.NetCon(section(0.5)._ref_v, None, sec=section))
    return section, clamp


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("variable_step", [False, True])
def test_both_recordings_have_all_spikes(variable_step, threads):
    PC.nthread(threads)
    h.CVode().active(variable_step)
    cells = create_cells("2007", "RS", range(3), parameters={"Iin": 300}, jitter=0.1)
    kept = hodgkin_huxley(5)
    train = h.NetStim()
    train.interval, train.number, train.noise = 9, 5, 0
    record = SpikeRecord([cells[0], cells[1].izh, 2, 5, train])
    times, gids = h.Vector(), h.Vector()
    PC.spike_record(-1, times, gids)  # after ours, as NetPyNE's is
    for _ in range(2):  # what an earlier run left is gone
        run()
        theirs = np.array(times), np.array(gids)
        for place, gid in enumerate([0, 1, 2, 5]):
            spikes = theirs[0][theirs[1] == gid]
            assert len(spikes) > 3
            np.testing.assert_array_equal(record.of(place), spikes)
        assert len(record.of(4)) == 5
        assert len(record.times) == len(record.places) == len(theirs[0]) + 5
    del kept


def test_a_record_that_is_gone_leaves_a_later_one_alone():
    cell = IzhiCell("RS")
    cell.izh.Iin = 300
    record = SpikeRecord([cell])
    record = SpikeRecord([cell])  # as a cell of a notebook does that runs again
    gc.collect()
    run()
    assert len(record.times) > 4
    record.close()
    held = list(record.times)
    run()
    assert list(record.times) == []  # the run began anew
    assert len(held) > 4


def test_a_record_does_not_bound_the_step_of_threads():
    cells = create_cells("2007", "RS", range(2))
    record = SpikeRecord([cells[0], 1])
    cells[1].connect_from(0, "AMPA", weight=1, delay=6)
    PC.nthread(2)
    assert PC.set_maxstep(10) == 6
    run(10)
    assert len(record.times) == 0


def test_a_gid_that_is_not_here_is_refused():
    cell = Izhi2003Cell()
    cell.register(3)
    with pytest.raises(ParameterError, match="gid 4 is no cell of this rank"):
        SpikeRecord([3, 4])
