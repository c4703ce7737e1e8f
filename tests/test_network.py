"""Networks: the rule of the paper, the same spikes everywhere, bad input, ranks that end."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import network_reference as reference
import numpy as np
import psutil
import pytest
from neuron import h

from izhikevich import network
from izhikevich.engine import mechanisms
from izhikevich.network import running
from izhikevich.network.ranks import mpi_launcher

REPOSITORY = Path(__file__).resolve().parent.parent
SMALL = network.sparse_network(300, 30, seconds=0.4, min_delay=2)


def pairs(result):
    return list(zip(result.times.tolist(), result.gids.tolist(), strict=True))


# --- the rule ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 2**32 - 1])
def test_fig3_has_the_spikes_of_the_papers_program(seed):
    currents = reference.noise(1000, seed, 1000)
    expected = reference.simulate(reference.network(1000, seed), currents)
    assert len(expected) > 5000
    assert pairs(network.run(network.fig3_network(seed=seed))) == expected


@pytest.mark.parametrize(
    ("cells", "fan_in", "shortest", "longest"),
    [(500, 50, 1, 20), (300, 300, 2, 5), (2000, 30, 7, 7), (100, 1, 1, 1)],
)
def test_sparse_networks_have_the_spikes_of_numpy(cells, fan_in, shortest, longest):
    connected = reference.network(cells, 5, fan_in, shortest, longest)
    expected = reference.simulate(connected, reference.noise(cells, 5, 500, 4.0, 3.0))
    assert len(expected) > 100
    spec = network.sparse_network(
        cells, fan_in, 0.5, 5, min_delay=shortest, max_delay=longest, noise=(4.0, 3.0)
    )
    assert pairs(network.run(spec)) == expected


def test_cells_without_connections_and_noise_are_those_of_numpy_too():
    alone = reference.network(200, 1)
    alone.weights[:] = 0
    expected = reference.simulate(alone, np.full((300, 200), 4.5))
    spec = network.sparse_network(200, 0, 0.3, noise=(0.0, 0.0), current=4.5)
    assert len(expected) > 300 and pairs(network.run(spec)) == expected


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_parameters_are_spread_by_the_formulae_of_the_paper(seed):
    expected = reference.network(1000, seed)
    excitatory, inhibitory = network.populations(network.fig3_network(seed=seed))
    assert (excitatory.name, excitatory.first, excitatory.size) == ("excitatory", 0, 800)
    assert (inhibitory.name, inhibitory.first, inhibitory.size) == ("inhibitory", 800, 200)
    for name in "abcd":
        found = np.concatenate([p.parameters[name] for p in (excitatory, inhibitory)])
        np.testing.assert_allclose(found, getattr(expected, name), rtol=1e-15)
    for population, sigma in ((excitatory, 5), (inhibitory, 2)):
        assert np.all(population.parameters["sigma"] == sigma)
        assert np.all(population.parameters["Iin"] == 0)


@pytest.mark.parametrize(
    ("n", "fan_in", "shortest", "longest"), [(1000, None, 1, 1), (400, 20, 3, 9)]
)
def test_connections_are_drawn_from_a_stream_of_their_target(n, fan_in, shortest, longest):
    expected = reference.network(n, 8, fan_in, shortest, longest)
    spec = network.NetworkSpec(
        cells=n, fan_in=fan_in, seed=8, min_delay=shortest, max_delay=longest
    )
    for target in (0, 7, n - 1):
        onto = expected.targets == target
        found = network.connections_onto(spec, target)
        np.testing.assert_array_equal(found.sources, expected.sources[onto])
        np.testing.assert_array_equal(found.delays, expected.delays[onto])
        np.testing.assert_allclose(found.weights, expected.weights[onto], rtol=1e-15)
        assert set(found.targets) == {target}


def test_the_noise_is_normal_and_no_cells_are_alike():
    from scipy import stats

    n_cells, n_ms = 200, 1000
    drawn = np.stack([reference.normal(cell, 3, n_ms) for cell in range(n_cells)])
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-3
    between_cells = np.corrcoef(drawn)[np.triu_indices(n_cells, 1)]
    assert np.abs(between_cells).max() < 5.5 / np.sqrt(n_ms)
    lags = [np.mean(drawn[:, lag:] * drawn[:, :-lag]) for lag in range(1, 50)]
    assert np.abs(lags).max() < 4.5 / np.sqrt(n_cells * n_ms)


def rates_and_spectrum(spikes):
    """Rates of the two populations of Fig. 3, and the spectrum of all cells in bins of 5 Hz."""
    times, gids = np.array(spikes).T
    rates = np.array([np.sum(gids < 800) / 800, np.sum(gids >= 800) / 200])
    counts = np.bincount(np.round(times).astype(int), minlength=1001)[1:1001]
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    return rates, power[1:101].reshape(20, 5).sum(axis=1)


def test_fig3_has_the_rates_and_the_rhythm_of_the_paper_with_other_random_numbers():
    programs = [reference.program(np.random.default_rng(seed)) for seed in range(100, 110)]
    runs = [pairs(network.run(network.fig3_network(seed=seed))) for seed in range(10)]
    expected, spectra = zip(*map(rates_and_spectrum, programs), strict=True)
    found, spectra_found = zip(*map(rates_and_spectrum, runs), strict=True)
    error = np.std(expected, axis=0, ddof=1) * np.sqrt(1 / len(found) + 1 / len(expected))
    difference = np.mean(found, axis=0) - np.mean(expected, axis=0)
    assert np.all(np.abs(difference) < 3.5 * error)
    assert np.all(np.abs(difference) < 0.05 * np.mean(expected, axis=0))
    peak, peak_found = (int(np.sum(s, axis=0).argmax()) for s in (spectra, spectra_found))
    assert peak_found == peak  # bins of 5 Hz


class TestMechanism:
    """The parts of Izhi2003a that the network needs, on one cell."""

    @pytest.fixture
    def cell(self):
        mechanisms.load()
        h.CVode().active(0)
        section = h.Section(name="host")
        cell = h.Izhi2003a(section(0.5))
        cell.Iin = 0
        yield cell

    @pytest.mark.parametrize("halves", [1, 2])
    def test_a_pulse_is_a_current_of_one_step(self, cell, halves):
        cell.halves = halves
        source = h.NetCon(None, cell)
        assert source.wcnt() == 2 and source.weight[1] == 0
        source.weight[1], source.delay = 3.0, 0
        h.dt = 1
        h.finitialize(-65)
        source.event(1)
        v, u = -65.0, -13.0
        for pulse in (0, 3, 0, 0):
            h.fadvance()
            for _ in range(halves):
                v += (0.04 * v * v + 5 * v + 140 - u + pulse) / halves
            u += 0.02 * (0.2 * v - u)
            assert (cell.V, cell.u) == pytest.approx((v, u), abs=1e-9)
        assert source.weight[1] == 3 and cell.gsyn == 0

    def test_pulses_add_up_alike_in_any_order(self, cell):
        weights = np.random.default_rng(1).uniform(-1, 1, 50)
        h.dt = 1
        sums = set()
        h.finitialize(-65)
        h.fadvance()
        without = cell.V
        for order in (weights, weights[::-1], np.sort(weights)):
            sources = [h.NetCon(None, cell) for _ in order]
            for source, weight in zip(sources, order, strict=True):
                source.weight[1], source.delay = weight, 0
            h.finitialize(-65)
            for source in sources:
                source.event(0)
            h.fadvance()
            sums.add(cell.V)
        assert len(sums) == 1
        assert sums.pop() - without == pytest.approx(weights.sum(), abs=50 * 2**-21)

    def test_a_pulse_under_the_variable_step_moves_v(self, cell):
        source = h.NetCon(None, cell)
        source.weight[1], source.delay = 3.0, 0
        v, t = h.Vector().record(cell._ref_V), h.Vector().record(h._ref_t)
        solver = h.CVode()
        solver.active(1)
        try:
            h.finitialize(-65)
            source.event(5)
            solver.solve(6)
        finally:
            solver.active(0)
        (before, after) = v.as_numpy()[np.isclose(t.as_numpy(), 5, rtol=0, atol=1e-12)][[0, -1]]
        assert after - before == pytest.approx(3, abs=1e-6)

    def test_a_pulse_at_the_start_of_the_variable_step_moves_v_too(self, cell):
        source = h.NetCon(None, cell)
        source.weight[1], source.delay = 3.0, 0
        solver = h.CVode()
        solver.active(1)
        try:
            h.finitialize(-65)
            source.event(0)
            solver.solve(1e-6)
            assert pytest.approx(-62, abs=1e-3) == cell.V and cell.Ipulse == 0
        finally:
            solver.active(0)

    @pytest.mark.parametrize("dt", [0.1, 0.25, 1.0])
    def test_noise_is_drawn_every_ms_from_a_stream_of_its_own(self, cell, dt):
        def run(*ids):
            cell.stream.set_ids(*ids)
            h.dt = dt
            noise = h.Vector().record(cell._ref_Inoise)
            h.finitialize(-65)
            for _ in range(round(1000 / dt)):
                h.fadvance()
            return noise.as_numpy().copy()

        assert not np.any(run(1, 2, 3))
        cell.sigma = 4
        first = run(1, 2, 3)
        values = first[:-1].reshape(1000, -1)
        assert np.all(values == values[:, :1])
        assert len(set(values[:, 0])) == 1000
        assert np.std(values) == pytest.approx(4, rel=0.1) and abs(np.mean(values)) < 0.5
        np.testing.assert_array_equal(run(1, 2, 3), first)
        assert not np.any(run(2, 2, 3)[:-1] == first[:-1])


# --- the same spikes everywhere ----------------------------------------------------------------


@pytest.fixture(scope="module")
def spikes_of_one():
    spikes = pairs(network.run(SMALL))
    assert len(spikes) > 300
    return spikes


@pytest.mark.parametrize(
    ("ranks", "threads", "coreneuron"),
    [
        (2, 1, False),
        (4, 1, False),
        (1, 2, False),
        (2, 2, False),
        (1, 1, True),
        (2, 1, True),
        (1, 2, True),
    ],
)
def test_the_same_seed_gives_the_same_spikes(spikes_of_one, ranks, threads, coreneuron):
    result = network.run(SMALL, ranks=ranks, threads=threads, coreneuron=coreneuron)
    assert pairs(result) == spikes_of_one


def test_point_processes_have_the_same_spikes(spikes_of_one):
    assert pairs(network.run(SMALL, points=True)) == spikes_of_one


def test_fig3_as_point_processes_has_the_same_spikes():
    spec = replace(network.fig3_network(seconds=0.3, seed=4), cells=150)
    spikes = pairs(network.run(spec))
    assert len(spikes) > 50
    assert pairs(network.run(spec, points=True)) == spikes


@pytest.mark.parametrize("dt", [0.15, 0.3, 0.4, 0.7])
def test_steps_that_are_no_whole_part_of_a_ms_are_the_same_in_coreneuron(dt):
    spec = network.sparse_network(
        200, 40, seconds=0.2, min_delay=4, max_delay=8, current=3.0, dt=dt
    )
    spikes = pairs(network.run(spec))
    assert len(spikes) > 300
    assert pairs(network.run(spec, coreneuron=True)) == spikes


def test_fig3_with_its_delay_of_one_step_is_the_same_on_ranks():
    spec = replace(network.fig3_network(seconds=0.3), cells=200)
    alone = pairs(network.run(spec))
    assert len(alone) > 100
    for how in ({"ranks": 2}, {"ranks": 4}, {"coreneuron": True}):
        assert pairs(network.run(spec, **how)) == alone


def test_another_seed_gives_other_spikes(spikes_of_one):
    assert pairs(network.run(replace(SMALL, seed=2))) != spikes_of_one


# --- the result --------------------------------------------------------------------------------


def test_the_result_says_what_was_run():
    reached = []
    result = network.run(SMALL, progress=reached.append)
    assert reached == [50, 100, 150, 200, 250, 300, 350, 400]
    assert result.sizes == {"excitatory": 240, "inhibitory": 60}
    assert result.connections == 9000
    assert np.all(np.diff(result.times) >= 0) and result.times[-1] <= 400
    assert result.gids.dtype == np.int64 and set(result.gids) <= set(range(300))
    total = sum(result.rates[name] * size for name, size in result.sizes.items())
    assert total * 0.4 == pytest.approx(len(result.times))
    assert result.memory > 0 and result.run_seconds > 0 and result.build_seconds > 0
    for name, rate in result.rates.items():
        assert np.mean(result.population_rate(name, 10)) == pytest.approx(rate, rel=0.02)
    with pytest.raises(ValueError, match="unknown population 'glia'"):
        result.population_rate("glia")


def test_connections_follow_from_seed_and_gid():
    spec = network.sparse_network(1000, 100, seed=5)
    one, again = (network.connections_onto(spec, 7) for _ in range(2))
    np.testing.assert_array_equal(one.weights, again.weights)
    assert len(set(one.sources)) == 100 and set(one.targets) == {7}
    assert np.all((one.weights >= 0) == (one.sources < 800))
    delays = np.concatenate([network.connections_onto(spec, gid).delays for gid in range(20)])
    assert set(delays) == set(range(1, 21))
    fig3 = network.connections_onto(network.fig3_network(), 3)
    assert len(fig3.sources) == 1000
    assert fig3.weights[:800].mean() == pytest.approx(0.25, abs=0.03)
    assert fig3.weights[800:].mean() == pytest.approx(-0.5, abs=0.08)


def test_a_cell_takes_two_kilobytes():
    result = network.run(network.sparse_network(30_000, 0, seconds=0.001))
    assert result.memory / 30_000 < 2100


@pytest.mark.parametrize("module", ["izhikevich.network", "izhikevich.network.running"])
def test_what_was_pickled_by_former_names_is_read(module):
    for name in ("NetworkSpec", "NetworkResult"):
        assert pickle.loads(f"c{module}\n{name}\n.".encode()) is getattr(network, name)
    result = network.run(replace(SMALL, seconds=0.05))
    assert pairs(pickle.loads(pickle.dumps(result))) == pairs(result)


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "how", "message"),
    [
        ({"cells": 0}, {}, "cells must be a whole number of at least 1, not 0"),
        ({"cells": 10.5}, {}, "cells must be"),
        ({"cells": 3, "fan_in": 2}, {"ranks": 4}, "4 ranks x 1 threads are more than the 3 cells"),
        ({"fan_in": 301}, {}, "fan_in must not exceed the number of cells, 300; it is 301"),
        ({"fan_in": -1}, {}, "fan_in must be a whole number, 0 or more"),
        ({"seconds": -1}, {}, "seconds must be a number greater than 0, not -1"),
        ({"seconds": float("nan")}, {}, "seconds must be"),
        ({"seconds": 0.0001}, {}, "less than one step"),
        ({"min_delay": 0}, {}, "min_delay must be at least the step, 1 ms; it is 0 ms"),
        ({"min_delay": 30}, {}, "must not exceed max_delay, 20 ms"),
        ({"min_delay": 2.5}, {}, "whole number of ms"),
        ({"min_delay": 1}, {"threads": 2}, "at least two steps"),
        ({"min_delay": 1}, {"ranks": 2, "coreneuron": True}, "at least two steps"),
        ({"noise": (-1, 2)}, {}, "noise is two numbers"),
        ({"current": float("inf")}, {}, "current must be a finite number"),
        ({"seed": -1}, {}, "seed must be a whole number"),
        ({}, {"ranks": 0}, "ranks must be a whole number of at least 1"),
        ({}, {"threads": 1.5}, "threads must be"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(monkeypatch, changes, how, message):
    monkeypatch.setattr(running, "run_on_ranks", lambda *args: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=message):
        network.run(replace(SMALL, **changes), **how)


def test_no_mpi_says_how_to_get_it(monkeypatch):
    def none(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", none)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    mpi_launcher.cache_clear()
    try:
        with pytest.raises(network.NetworkError, match="pip install mpich"):
            network.run(SMALL, ranks=2)
    finally:
        mpi_launcher.cache_clear()


def test_coreneuron_that_cannot_be_built_is_an_error_before_anything_runs(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    mechanisms.load()
    monkeypatch.setenv("IZHIKEVICH_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(running, "run_on_ranks", lambda *args: pytest.fail("it ran"))
    with pytest.raises(mechanisms.MechanismError, match="IZHIKEVICH_CACHE"):
        network.run(SMALL, coreneuron=True)


def test_a_gid_is_used_once():
    share = network.Share()
    share.add([900001, 900002], {"Iin": [1, 2]})
    assert [share.cells[gid].Iin for gid in (900001, 900002)] == [1, 2]
    for gids in ([900003, 900002], [900004, 900004]):
        with pytest.raises(ValueError, match=f"gid {gids[1]} is used twice"):
            share.add(gids, {})
    assert list(share.cells) == [900001, 900002]
    share.clear()


# --- ranks that end ----------------------------------------------------------------------------


def ranks_below(pid):
    """Processes of ranks below a process: {rank: pid}."""
    found = {}
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            command = process.cmdline()
            if "izhikevich.network" in command and "mpiexec" not in command[0]:
                folder = Path(command[command.index("izhikevich.network") + 1])
                for file in folder.glob("*.pid"):
                    if file.read_text() == str(process.pid):
                        found[int(file.stem)] = process.pid
    return found


def wait_until(condition, timeout=30):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize(("ranks", "victim"), [(2, 1), (2, 0), (1, 0)])
def test_a_rank_that_dies_is_named_and_ends_the_run(ranks, victim):
    killed = []

    def kill(reached):
        if not killed:
            killed.append(ranks_below(os.getpid()))
            os.kill(killed[0][victim], signal.SIGKILL)

    with pytest.raises(network.NetworkError, match=rf"Rank {victim} of {ranks} died \(signal 9\)"):
        network.run(replace(SMALL, seconds=10_000), ranks=ranks, progress=kill)
    assert len(killed[0]) == ranks
    wait_until(lambda: not ranks_below(os.getpid()), 5)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("ranks", [1, 2])
def test_ctrl_c_and_the_end_of_the_caller_stop_all_ranks(ranks, how, tmp_path):
    code = f"""
from izhikevich import network
network.run(network.sparse_network(300, 30, seconds=10_000), ranks={ranks})
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: len(ranks_below(process.pid)) == ranks)
        alive = ranks_below(process.pid).values()
        process.send_signal(how)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode != 0
    assert ("KeyboardInterrupt" in said) == (how == signal.SIGINT)
    wait_until(lambda: not any(map(psutil.pid_exists, alive)), 5)


class _OutOfLuck:
    """Stands for a job; on the rank it is one that has no run()."""

    def __reduce__(self):
        return eval, ("(_ for _ in ()).throw(RuntimeError('out of luck'))",)


def test_the_end_of_the_launcher_is_told_as_that():
    def kill(reached):
        if reached > 50:  # what was said before the launcher died
            return
        rank, *_ = ranks_below(os.getpid()).values()
        (launcher,) = [each for each in psutil.Process(rank).parents() if "mpiexec" in each.name()]
        launcher.kill()

    with pytest.raises(network.NetworkError, match=r"mpiexec died \(signal 9\), and the 2 ranks"):
        network.run(replace(SMALL, seconds=10_000), ranks=2, progress=kill)
    wait_until(lambda: not ranks_below(os.getpid()), 5)


def test_a_network_that_runs_away_says_so():
    with pytest.raises(
        network.NetworkError, match="no number any more at 50 ms: gid 0, "
    ) as caught:
        network.run(network.sparse_network(10, 0, seconds=0.1, current=1e300))
    assert "and 7 more" in str(caught.value) and caught.value.output == ""


def test_an_error_on_a_rank_is_the_message():
    with pytest.raises(network.NetworkError) as caught:
        network.run_on_ranks(_OutOfLuck(), 1)
    assert caught.value.summary == "Rank 0 of 1 stopped: out of luck"
    assert caught.value.output.startswith("Traceback")  # nobody expected it


# --- NetPyNE -----------------------------------------------------------------------------------


NETPYNE = """
import sys
sys.path.insert(0, "examples")
import netpyne_network
from netpyne import sim
rates = netpyne_network.run(300)
assert set(rates) == {"2003a", "2003b", "2007a", "2007b", "HH"} and min(rates.values()) > 1, rates
kind_of = {gid: name for name, pop in sim.net.pops.items() for gid in pop.cellGids}
weights = {}
for cell in sim.net.cells:
    for conn in cell.conns:
        if conn["preGid"] != "NetStim":
            pair = kind_of[conn["preGid"]], kind_of[cell.gid]
            netcon = conn["hObj"]
            weights[pair] = [netcon.weight[k] for k in range(int(netcon.wcnt()))]
kinds = ("2003a", "2003b", "2007a", "2007b")
assert set(weights) == {(k, "HH") for k in kinds} | {("HH", k) for k in kinds}, set(weights)
assert weights["HH", "2007a"] == [8, 0, 0, 0, 0]
assert weights["HH", "2003a"] == [0, 3]
print("all is well")
"""


def test_netpyne_runs_all_four_mechanisms_with_hodgkin_huxley_cells():
    pytest.importorskip("netpyne")
    done = subprocess.run(
        [sys.executable, "-c", NETPYNE],
        cwd=REPOSITORY,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "all is well" in done.stdout, done.stdout[-2000:] + done.stderr
