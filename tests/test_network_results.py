"""What is said of a network's run and written of it: the words, the rhythm, the files."""

from __future__ import annotations

import csv
import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izhikevich import network
from izhikevich.network.results import counted, from_npz, in_words, rhythm, to_csv, to_npz


def result_of(times, gids, spec):
    """A result with these spikes, as if the network had fired so."""
    order = np.lexsort((gids, times))
    times, gids = np.asarray(times, float)[order], np.asarray(gids, int)[order]
    sizes = {p.name: p.size for p in network.populations(spec)}
    n_e = sizes["excitatory"]
    counts = {"excitatory": (gids < n_e).sum(), "inhibitory": (gids >= n_e).sum()}
    return network.NetworkResult(
        spec=spec,
        times=times,
        gids=gids,
        rates={name: float(counts[name] / max(sizes[name], 1) / spec.seconds) for name in sizes},
        sizes=sizes,
        connections=123,
        build_seconds=0.25,
        run_seconds=1.5,
        memory=4_000_000,
        ranks=2,
        threads=1,
        engine="NEURON",
    )


def modulated(frequency, depth, seconds=2.0, cells=1000, rate=8.0, seed=0):
    """Spikes at random times, but more often in each half of a period: a rhythm, if depth > 0."""
    random = np.random.default_rng(seed)
    t = np.arange(1, round(1000 * seconds) + 1)
    wave = 1 + depth * np.sin(2e-3 * np.pi * frequency * t)
    counts = random.poisson(cells * rate * 1e-3 * wave)
    times = np.repeat(t, counts)
    gids = random.integers(0, cells, len(times))
    return result_of(times, gids, network.NetworkSpec(cells=cells, fan_in=0, seconds=seconds))


# --- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            network.fig3_network(seconds=3, seed=7),
            "Izhikevich (2003) Fig. 3: 1,000 cells, all to all, delays of 1 ms, seed 7",
        ),
        (
            network.sparse_network(20_000, 100),
            "20,000 cells, 100 connections onto each, delays of 1 to 20 ms, seed 1",
        ),
        (network.NetworkSpec(cells=1, fan_in=0), "1 cell, unconnected, seed 1"),
        (
            network.NetworkSpec(cells=9, fan_in=1, noise=(1, 0.5), current=-2.5),
            "9 cells, 1 connection onto each, delays of 1 ms, noise 1 and 0.5 mV/ms, "
            "current -2.5 mV/ms, seed 1",
        ),
    ],
)
def test_a_network_in_words(spec, words):
    assert in_words(spec) == words


def test_one_and_many():
    assert [counted(n, "cell") for n in (0, 1, 2, 12345)] == [
        "0 cells",
        "1 cell",
        "2 cells",
        "12,345 cells",
    ]


# --- rhythm ------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(frequency=st.floats(6, 150), seed=st.integers(0, 2**31))
def test_a_rhythm_is_found_at_its_frequency(frequency, seed):
    found = rhythm(modulated(frequency, depth=0.6, seed=seed))
    assert found == pytest.approx(frequency, abs=1.01)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), seconds=st.floats(0.5, 4), cells=st.integers(20, 3000))
def test_spikes_at_random_times_have_no_rhythm(seed, seconds, cells):
    assert rhythm(modulated(10, depth=0, seconds=seconds, cells=cells, seed=seed)) is None


def test_a_slow_drift_is_no_rhythm():
    assert rhythm(modulated(1, depth=0.9)) is None
    assert rhythm(modulated(0.5, depth=0.9)) is None


def test_nothing_to_find_in_silence_or_in_a_moment():
    silent = result_of([], [], network.NetworkSpec(cells=10))
    assert rhythm(silent) is None
    assert rhythm(modulated(20, depth=0.9, seconds=0.499)) is None
    assert rhythm(modulated(20, depth=0.9, seconds=0.5)) == 20


def test_fig3_has_the_rhythm_that_scipy_finds():
    from scipy.signal import welch

    result = network.run(network.fig3_network(seconds=2))
    counts = np.bincount(np.round(result.times).astype(int), minlength=2001)[1:2001]
    frequency, power = welch(counts - counts.mean(), 1000, nperseg=500, noverlap=375, detrend=False)
    found = (frequency >= 4) & (frequency <= 200)
    assert rhythm(result) == frequency[found][power[found].argmax()]
    assert 4 < rhythm(result) < 14


def test_cells_that_are_not_connected_have_no_rhythm():
    assert rhythm(network.run(network.NetworkSpec(fan_in=0))) is None


# --- files -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_what_is_written_is_read_back(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    cells = data.draw(st.integers(1, 50))
    spec = network.NetworkSpec(
        cells=cells,
        fan_in=data.draw(st.none() | st.integers(0, cells)),
        seconds=data.draw(st.floats(0.01, 1e3)),
        noise=(data.draw(st.floats(0, 9)), 0.1),
        seed=data.draw(st.integers(0, 2**32 - 1)),
    )
    spikes = data.draw(
        st.lists(st.tuples(st.floats(0, 1000), st.integers(0, cells - 1)), max_size=20)
    )
    result = result_of([t for t, _ in spikes], [gid for _, gid in spikes], spec)

    to_npz(result, folder / "x.npz")
    again = from_npz(folder / "x.npz")
    for each in fields(result):
        found, expected = getattr(again, each.name), getattr(result, each.name)
        assert type(found) is type(expected)
        assert (
            np.array_equal(found, expected)
            if each.name in ("times", "gids")
            else (found == expected)
        )

    to_csv(result, folder / "x.csv")
    with (folder / "x.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["time (ms)", "gid", "population"]
    n_e = result.sizes["excitatory"]
    assert [(float(t), int(gid), name) for t, gid, name in rows] == [
        (t, gid, "excitatory" if gid < n_e else "inhibitory")
        for t, gid in zip(result.times.tolist(), result.gids.tolist(), strict=True)
    ]


def test_the_arrays_can_be_used_without_this_package(tmp_path):
    result = modulated(10, 0.5)
    to_npz(result, tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz", allow_pickle=False) as stored:
        assert np.array_equal(stored["times"], result.times)
        assert np.array_equal(stored["gids"], result.gids)
        assert stored["populations"].tolist() == ["excitatory", "inhibitory"]
        assert stored["sizes"].tolist() == [800, 200]
        assert json.loads(str(stored["spec"]))["seconds"] == 2


def test_a_run_is_repeated_from_its_file(tmp_path):
    spec = replace(network.sparse_network(100, 10, seconds=0.2, seed=5), current=1.5)
    result = network.run(spec)
    to_npz(result, tmp_path / "x.npz")
    again = network.run(from_npz(tmp_path / "x.npz").spec)
    assert len(result.times) > 50
    assert np.array_equal(again.times, result.times) and np.array_equal(again.gids, result.gids)


def test_what_is_no_run_of_a_network_is_refused(tmp_path):
    (tmp_path / "text.npz").write_text("no")
    np.savez(tmp_path / "other.npz", times=[1.0])
    for name in ("text.npz", "other.npz"):
        with pytest.raises(ValueError, match=f"{name} is no run of a network"):
            from_npz(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        from_npz(tmp_path / "missing.npz")
