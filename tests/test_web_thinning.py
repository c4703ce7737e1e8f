"""What is left out of a picture changes no pixel of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izhikevich.engine.simulation import simulate
from izhikevich.views.web.thinning import MOST_SAMPLES, Sight, path_in_sight, samples_in_sight


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 2000), st.integers(100, 300), st.booleans())
def test_each_column_keeps_its_lowest_and_highest_and_each_spike_stays(seed, n, columns, zoomed):
    dice = np.random.default_rng(seed)
    t = np.sort(dice.uniform(0, 100, n))
    v, u = dice.normal(size=(2, n)).cumsum(axis=1)
    spikes = np.unique(dice.integers(0, n, 5))
    start, end = (20.0, 30.0) if zoomed else (t[0], t[-1])
    sight = Sight(columns, {"t": (start, end)} if zoomed else {})
    kept = samples_in_sight(t, [v, u], spikes, sight)
    assert np.array_equal(kept, np.unique(kept)) and {0, n - 1, *spikes} <= set(kept)
    assert len(kept) <= max(2 * columns, 10 * columns + 20)
    place = np.floor((t - start) / (end - start) * columns)
    for each in (v, u):
        for column in np.unique(place[(t >= start) & (t <= end)]):
            here = np.flatnonzero((place == column) & (t >= start) & (t <= end))
            shown = each[np.intersect1d(here, kept)]
            assert (shown.min(), shown.max()) == (each[here].min(), each[here].max())


def test_a_short_run_and_who_asks_for_everything_lose_nothing():
    t = np.arange(5000.0)
    no_spikes = np.array([], dtype=int)
    assert len(samples_in_sight(t[:200], [t[:200]], no_spikes, Sight(100))) == 200
    assert len(samples_in_sight(t, [t], no_spikes, Sight(100, {}, everything=True))) == 5000
    zoomed = samples_in_sight(t, [t], no_spikes, Sight(100, {"t": (1000.0, 1150.0)}))
    assert set(range(1000, 1151)) <= set(zoomed.tolist()) and len(zoomed) < 700


def test_of_a_very_long_run_slow_motion_has_each_so_manieth_sample_and_all_spikes():
    n = 3 * MOST_SAMPLES
    t = np.linspace(0, 1000, n)
    spikes = np.array([1, 100_000, n - 1])
    found = samples_in_sight(t, [t], spikes, Sight(100, {}, everything=True))
    assert {0, n - 1, *spikes, 2, 100_001} <= set(found.tolist())
    assert MOST_SAMPLES <= len(found) <= MOST_SAMPLES + 10
    assert np.diff(found).max() == 3


@pytest.mark.parametrize("scheme", ["published", "exact"])
def test_the_path_touches_the_same_pixels(scheme):
    recording = simulate("2004", "tonic bursting", scheme=scheme)
    v, u = recording.trajectory()
    spikes = recording.spike_samples()
    plane, n_pixels = ((-90.0, 40.0), (-20.0, 10.0)), 400
    first, last = path_in_sight(v, u, spikes, plane, n_pixels)
    assert not set(first) & set(spikes.tolist())
    assert 0 < len(first) < len(v)

    def pixels(index):
        x = np.floor((v[index] + 90) / 130 * n_pixels)
        y = np.floor((u[index] + 20) / 30 * n_pixels)
        return set(zip(x, y, strict=True))

    assert pixels(np.concatenate([first, last])) == pixels(np.arange(len(v)))
