"""Bundled pulses: bit for bit the spikes that a NetCon for each connection gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import h

from izhikevich import network
from izhikevich.pulses import PulseBundle, exact


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


def test_another_step_than_it_was_made_for_is_refused():
    share = network.Share()
    try:
        share.add([0], {})
        share.bundle(some_connections(1, 1, 1, 1), h.Vector(), h.Vector(), 1.0)
        h.dt = 0.5
        with pytest.raises(RuntimeError):
            h.finitialize(-65)
    finally:
        share.clear()


@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=50), st.randoms())
def test_exact_pulses_add_up_alike_in_any_order(pulses, random):
    rounded = exact(np.array(pulses))
    assert np.abs(rounded - pulses).max() <= 2.0**-21
    shuffled = rounded.tolist()
    random.shuffle(shuffled)
    assert sum(shuffled) == sum(rounded.tolist())
