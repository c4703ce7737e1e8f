"""Bundled pulses: bit for bit the spikes that a NetCon for each connection gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import coreneuron, h

from izhikevich import network
from izhikevich.engine import mechanisms
from izhikevich.network.pulses import PulseBundle, exact

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def neuron_as_found():
    dt, binned = h.dt, h.CVode().queue_mode()
    yield
    h.dt = dt
    h.CVode().queue_mode(bool(binned))


def spikes_and_voltages(
    connections, parameters, bundled, *, also=None, dt=1.0, slices=(60,), inits=1
):
    """Spikes and final voltages of cells whose connections are bundled, or NetCons."""
    share = network.Share()
    n = len(parameters["Iin"])
    try:
        share.add(range(n), {"halves": 2.0, **parameters}, seed=3)
        times, gids = h.Vector(), h.Vector()
        share.context.spike_record(-1, times, gids)
        if bundled:
            share.bundle(connections, times, gids, dt)
        else:
            share.connect(connections)
        if also is not None:
            share.connect(also)
        h.dt = dt
        share.context.set_maxstep(10)
        for _ in range(inits):
            h.finitialize(-65)
            for until in slices:
                share.context.psolve(until)
        spikes = sorted(zip(list(times), list(gids), strict=True))
        return spikes, [cell.V for cell in share.cells.values()]
    finally:
        share.clear()


def some_connections(seed, n, size, longest):
    random = np.random.default_rng(seed)
    return network.Connections(
        random.integers(0, n, size),
        random.integers(0, n, size),
        random.uniform(-8, 12, size),
        random.integers(1, longest, size, endpoint=True).astype(float),
    )


def drives(seed, n):
    return {"Iin": np.random.default_rng([seed, n]).uniform(0, 12, n), "sigma": 3.0}


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    n=st.integers(1, 30),
    size=st.integers(0, 200),
    longest=st.integers(1, 20),
    dt=st.sampled_from([1.0, 0.5, 0.4, 0.1]),
)
def test_bundled_pulses_give_the_spikes_of_netcons(seed, n, size, longest, dt):
    connections = some_connections(seed, n, size, longest)
    how = {"dt": dt, "slices": (13, 60)}
    netcons = spikes_and_voltages(connections, drives(seed, n), False, **how)
    assert spikes_and_voltages(connections, drives(seed, n), True, **how) == netcons


def test_pulses_of_netcons_add_to_bundled_ones():
    both = some_connections(1, 20, 150, 5)
    half = [
        network.Connections(*(x[part] for x in vars(both).values()))
        for part in (slice(0, 75), slice(75, None))
    ]
    netcons = spikes_and_voltages(both, drives(1, 20), False)
    assert len(netcons[0]) > 20
    assert spikes_and_voltages(half[0], drives(1, 20), True, also=half[1]) == netcons


def test_a_second_initialisation_starts_anew():
    connections = some_connections(2, 20, 150, 20)
    once = spikes_and_voltages(connections, drives(2, 20), True)
    assert spikes_and_voltages(connections, drives(2, 20), True, inits=2) == once


def test_a_closed_bundle_delivers_nothing():
    share = network.Share()
    try:
        share.add([0], {"Iin": 0.0})
        times, gids = h.Vector(), h.Vector()
        share.context.spike_record(-1, times, gids)
        arrays = {"sources": np.array([0]), "targets": np.array([0])}
        arrays |= {"weights": np.array([5.0]), "delays": np.array([1.0])}
        bundle = PulseBundle(share.cells, **arrays, times=times, gids=gids, dt=1.0)
        h.dt = 1

        def input_of_the_step_after_a_spike():
            inputs = []
            watch = lambda: inputs.append(share.cells[0].Ipulse)  # noqa: E731
            h.CVode().extra_scatter_gather(0, watch)
            h.finitialize(-65)
            share.cells[0].V = 40
            for _ in range(4):
                h.fadvance()
            h.CVode().extra_scatter_gather_remove(watch)
            return inputs

        assert input_of_the_step_after_a_spike() == [0, 5, 0, 0]
        bundle.close()
        assert input_of_the_step_after_a_spike() == [0, 0, 0, 0]
    finally:
        share.clear()


def test_delays_under_the_step_are_refused():
    connections = network.Connections(
        np.array([0]), np.array([0]), np.array([1.0]), np.array([0.5])
    )
    with pytest.raises(ValueError, match=r"at least the step, 1 ms; one is 0\.5 ms"):
        spikes_and_voltages(connections, {"Iin": np.zeros(1)}, True)


class TestWhatIsRefused:
    """A bundle says when NEURON is not set to what it can do."""

    @pytest.fixture
    def share(self):
        share = network.Share()
        share.add([0], {"Iin": 10.0})
        self.times, self.gids = h.Vector(), h.Vector()
        share.context.spike_record(-1, self.times, self.gids)
        share.bundle(some_connections(1, 1, 1, 1), self.times, self.gids, 1.0)
        h.dt = 1
        yield share
        coreneuron.enable = False
        h.CVode().active(False)
        share.clear()
        assert share.context.nthread() == 1

    @pytest.mark.parametrize("what", ["step", "variable step", "threads", "CoreNEURON"])
    def test_at_initialisation(self, share, what, capfd, monkeypatch):
        if what == "step":
            h.dt = 0.5
        elif what == "variable step":
            h.CVode().active(True)
        elif what == "threads":
            share.context.nthread(2)
        else:
            monkeypatch.setenv("CORENEURONLIB", "")  # and so it is as before afterwards
            mechanisms.load(coreneuron=True)
            coreneuron.enable = True
        with pytest.raises(RuntimeError):
            h.finitialize(-65)
        reason = {
            "step": "were bundled for a step of 1 ms, not 0.5 ms",
            "variable step": "need the fixed step",
            "threads": "need one thread",
            "CoreNEURON": "do not reach CoreNEURON",
        }
        assert reason[what] in capfd.readouterr().err

    @pytest.mark.parametrize("what", ["step", "record"])
    def test_in_the_middle(self, share, what, capfd):
        share.context.set_maxstep(10)
        h.finitialize(-65)
        share.context.psolve(200)
        assert self.times.size() > 2
        if what == "step":
            h.dt = 0.5
        else:
            self.times.resize(0)
        with pytest.raises(RuntimeError):
            share.context.psolve(400)
        said = capfd.readouterr().err
        assert ("not 0.5 ms" if what == "step" else "record of spikes was emptied") in said

    def test_a_second_bundle(self, share):
        with pytest.raises(ValueError, match="one already"):
            share.bundle(some_connections(1, 1, 1, 1), self.times, self.gids, 1.0)

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("targets", 5, "gid 5 is no cell of this rank"),
            ("weights", np.nan, "weights must be finite"),
            ("delays", -1.0, "delays 0 or more; one is -1.0"),
            ("delays", np.inf, "one is inf"),
        ],
    )
    def test_wrong_connections(self, share, name, value, message):
        arrays = {**vars(some_connections(1, 1, 3, 1)), name: np.array([0, value, 0])}
        with pytest.raises(ValueError, match=message):
            share.connect(network.Connections(**arrays))

    @pytest.mark.parametrize(
        ("gids", "parameters", "message"),
        [
            ([1, 1], {}, "gid 1 is used twice"),
            ([0], {}, "gid 0 is used twice"),
            ([1.5], {}, "not 1.5"),
            ([-1], {}, "not -1"),
            ([2**31], {}, "not 2147483648"),
            ([1], {"speed": 1.0}, "unknown parameter 'speed'"),
        ],
    )
    def test_wrong_cells(self, share, gids, parameters, message):
        with pytest.raises(ValueError, match=message):
            share.add(gids, parameters)
        assert list(share.cells) == [0]


def test_sources_that_a_bundle_does_not_know_are_passed_over():
    share = network.Share()
    try:
        share.add([0, 1], {"Iin": 10.0})
        times, gids = h.Vector(), h.Vector()
        connections = network.Connections(
            np.array([0]), np.array([1]), np.array([1.0]), np.array([1.0])
        )
        share.bundle(connections, times, gids, 1.0)
        share.add([7, 100_000], {"Iin": 10.0})
        share.context.spike_record(-1, times, gids)
        h.dt = 1
        share.context.set_maxstep(10)
        h.finitialize(-65)
        share.context.psolve(200)
        assert {0, 1, 7, 100_000} == set(gids)
    finally:
        share.clear()


GARBAGE = """
import gc
import numpy as np
from neuron import h
from izhikevich import network

class Cell:
    def __init__(self):
        self.soma = h.Section("soma", self)
        self.synapse = h.ExpSyn(self.soma(0.5))
        self.itself = self

random = np.random.default_rng(1)
context = h.ParallelContext()
h.dt = 1
for _ in range(3):
    share = network.Share()
    share.add(range(300), {"Iin": 10.0})
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    share.bundle(
        network.Connections(random.integers(0, 300, 30000), random.integers(0, 300, 30000),
                            random.uniform(-0.1, 0.2, 30000), random.integers(1, 5, 30000) * 1.0),
        times, gids, 1.0)
    context.set_maxstep(10)
    h.finitialize(-65)
    for k in range(60):
        Cell()
        context.psolve(50 * (k + 1))
    share.clear()
    assert not any(type(each).__name__ == "PulseBundle" for each in gc.get_objects())
print("finished", len(times))
"""


def test_garbage_with_sections_in_it_does_no_harm():
    done = subprocess.run(
        [sys.executable, "-c", GARBAGE],
        env={**os.environ, "NEURON_MODULE_OPTIONS": "-nogui", "PYTHONPATH": str(ROOT)},
        cwd=os.path.dirname(sys.executable),  # no compiled mechanisms there
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("finished")


@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=50), st.randoms())
def test_exact_pulses_add_up_alike_in_any_order(pulses, random):
    rounded = exact(np.array(pulses))
    assert np.abs(rounded - pulses).max() <= 2.0**-21
    shuffled = rounded.tolist()
    random.shuffle(shuffled)
    assert sum(shuffled) == sum(rounded.tolist())
