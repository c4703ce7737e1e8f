"""Comparisons: constructed trains with known answers, brute force, and the published types."""

from __future__ import annotations

import csv
import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izhikevich import simulate
from izhikevich.analysis.spike_trains import (
    coincidence_factor,
    first_parting,
    n_coincidences,
    spike_time_differences,
)
from izhikevich.catalog import CATALOG, UnknownCellTypeError
from izhikevich.choice import Choice
from izhikevich.experiments import comparison_tables
from izhikevich.experiments.comparison import (
    FOUR_RUNS,
    PAIRS,
    compare,
    compare_recordings,
    same_spikes,
)
from izhikevich.recording import Recording

QUADRATIC = [(paper, key) for paper in ("2003", "2004") for key in CATALOG[paper]]
RUNS_AWAY = ("2004", "inhibition-induced bursting")
TIMES = st.lists(st.integers(0, 40), max_size=6).map(lambda grid: np.sort(grid) * 0.5)


HALF_A_MS = dataclasses.replace(CATALOG["2004"]["tonic spiking"], dt=0.5)


def recording(spikes, variant="PP", scheme="published", tstop=100.0, end=None):
    t = np.arange(0, (tstop if end is None else end) + 0.25, 0.5)
    return Recording(
        t=t, v=0 * t, u=0 * t, i=0 * t, spikes=np.array(spikes, dtype=float),
        choice=Choice(HALF_A_MS, variant, scheme, tstop=tstop),
    )  # fmt: skip


def four(*trains, **how):
    return [recording(train, *run, **how) for train, run in zip(trains, FOUR_RUNS, strict=True)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], 0),
        ([1], [], 0),
        ([1, 5], [1.5, 5], 2),
        ([1, 5], [2, 6.01], 1),
        ([1, 1.4], [1.2], 1),  # a spike counts once
        ([1, 2], [2, 3], 2),  # not 1, as if 2 were taken for 2
    ],
)
def test_coincidences_of_constructed_trains(first, second, expected):
    assert n_coincidences(first, second, 1.0) == expected


@given(TIMES, TIMES)
@settings(max_examples=150, deadline=None)
def test_coincidences_are_the_most_that_any_pairing_gives(first, second):
    few, many = sorted((first, second), key=len)
    best = max(
        sum(abs(a - b) <= 1.0 for a, b in zip(few, chosen, strict=True))
        for chosen in itertools.permutations(many, len(few))
    )
    assert n_coincidences(first, second, 1.0) == n_coincidences(second, first, 1.0) == best


def test_the_coincidence_factor_of_constructed_trains():
    train = [10, 30, 50, 70]
    assert coincidence_factor(train, train, 100.0) == pytest.approx(1)
    # none of 4 and 4 coincide; 2 * 0.04 * 1 * 4 = 0.32 would by chance
    assert coincidence_factor(train, np.add(train, 5), 100.0) == pytest.approx(-0.32 / 4 / 0.92)
    # 2 of 4 and 2 coincide; 2 * 0.02 * 1 * 4 = 0.16 would by chance
    assert coincidence_factor(train, [10, 50], 100.0) == pytest.approx(1.84 / 3 / 0.96)
    assert coincidence_factor([], [], 100.0) is None
    assert coincidence_factor(train, [], 100.0) == 0
    assert coincidence_factor(train, np.arange(50), 100.0) is None  # chance explains it all


def test_the_coincidence_factor_of_independent_trains_is_nought_on_average():
    rng = np.random.default_rng(1)
    data = np.arange(20, 2000, 40.0)
    factors = [
        coincidence_factor(data, np.sort(rng.uniform(0, 2000, rng.poisson(40))), 2000.0)
        for _ in range(400)
    ]
    assert abs(np.mean(factors)) < 4 * np.std(factors) / np.sqrt(len(factors))


def test_spikes_are_matched_in_their_order():
    assert spike_time_differences([1, 2, 3], [1.5, 1.75]).tolist() == [0.5, -0.25]
    assert spike_time_differences([], [1]).tolist() == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([], [], None),
        ([1, 5], [1.5, 6], None),
        ([1, 5], [1.5, 6.5], 5),
        ([1, 5], [1.5, 3], 3),
        ([1, 5], [1], 5),
        ([], [7], 7),
    ],
)
def test_trains_part_at_the_first_spike_without_counterpart(first, second, expected):
    assert first_parting(first, second, 1.0) == expected


def test_four_runs_are_compared_pair_by_pair():
    found = compare_recordings(four([10, 20], [10, 20], [10.2, 21.7, 40], [10.2, 21.7, 40.0005]))
    assert [(d.first, d.second) for d in found.differences] == list(PAIRS)
    published, exact, pp, _ = found.differences
    assert published.same and published.counts == (2, 2) and published.coincidence == 1
    assert (published.largest, published.mean, published.parted_at) == (0, 0, None)
    assert exact.same and exact.largest == pytest.approx(0.0005)
    assert not pp.same and pp.counts == (2, 3)
    assert pp.largest == pytest.approx(1.7) and pp.mean == pytest.approx(0.95)
    assert pp.parted_at == 20
    assert found.difference(*PAIRS[2]) is pp
    with pytest.raises(KeyError):
        found.difference(PAIRS[0][1], PAIRS[0][0])


def test_pp_and_sec_part_with_one_step_published_and_exact_with_a_millisecond():
    found = compare_recordings(four([10, 20], [10, 20.5], [10, 20.5], [10, 20.5]))
    published, exact, pp, sec = found.differences
    assert not published.same and published.parted_at == 20
    assert exact.same and sec.same
    assert not pp.same and pp.parted_at is None


def test_silent_cells_are_the_same_and_have_no_differences():
    (difference, *_) = compare_recordings(four([], [], [], [])).differences
    assert difference.same and difference.counts == (0, 0)
    assert difference.largest is difference.mean is difference.coincidence is None


def test_the_order_of_the_recordings_does_not_matter():
    runs = four([1], [2], [3], [4])
    assert compare_recordings(runs).differences == compare_recordings(reversed(runs)).differences


def test_recordings_that_are_not_the_four_runs_are_refused():
    runs = four([1], [1], [1], [1])
    for wrong in ([], runs[:3], [*runs, runs[0]], [runs[0]] * 4):
        with pytest.raises(ValueError, match="PP and Sec"):
            compare_recordings(wrong)
    with pytest.raises(ValueError, match="one cell type"):
        compare_recordings([*runs[:3], recording([1], *FOUR_RUNS[3], tstop=50.0)])
    for precision in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="greater than 0"):
            compare_recordings(runs, precision=precision)


def test_a_runaway_has_no_count_and_says_why():
    runs = four([10], [10], [10], [10])
    runs[2] = recording([10, 11], *FOUR_RUNS[2], end=12.0)
    published, exact, pp, sec = compare_recordings(runs).differences
    assert published.same and sec.same
    for difference, counts in ((exact, (None, 1)), (pp, (1, None))):
        assert difference.counts == counts
        assert difference.reason == "PP exact runs away at 12.0 ms"
        assert difference.largest is None and difference.coincidence is None
        assert not difference.same


@pytest.mark.parametrize(("paper", "key"), QUADRATIC)
def test_pp_and_sec_are_the_same_under_the_published_rule_and_exactly(paper, key):
    found = compare(paper, key)
    entry = CATALOG[paper][key]
    published, exact, pp, sec = found.differences
    assert published.same and published.largest == 0
    assert published.counts == entry.spikes_published * 2
    assert pp.counts == sec.counts == (entry.spikes_published[0], entry.spikes_exact[0])
    assert exact.counts == entry.spikes_exact * 2
    if (paper, key) == RUNS_AWAY:
        assert "Sec exact runs away at 179" in exact.reason
    else:
        assert exact.largest < 0.01


@pytest.mark.parametrize("key", CATALOG["2007"])
def test_pp_and_sec_of_2007_are_the_same_under_the_published_rule(key):
    entry = CATALOG["2007"][key]
    for current, count in zip(entry.currents, entry.spikes_published, strict=True):
        pp, sec = (simulate("2007", key, variant=v, current=current) for v in ("PP", "Sec"))
        assert len(pp.spikes) == len(sec.spikes) == count
        assert same_spikes(pp, sec)


def test_trains_that_part_are_not_the_same():
    pp, sec = (simulate("2007", "FS", variant=v, current=400.0) for v in ("PP", "Sec"))
    other = simulate("2007", "FS", current=400.0, parameters={"a": 0.21})
    assert not same_spikes(pp, other) and not same_spikes(sec, other)


def test_what_cannot_be_run_is_refused():
    with pytest.raises(UnknownCellTypeError):
        compare("2004", "tonic spikin")
    with pytest.raises(ValueError, match="precision"):
        compare("2004", "tonic spiking", precision=0)
    with pytest.raises(ValueError, match="finite"):
        compare("2007", "RS", float("nan"))


def test_the_tables_hold_what_was_found():
    comparisons = [compare("2007", "RS", 85), compare(*RUNS_AWAY), compare("2004", "bistability")]
    parsed = list(csv.DictReader(comparison_tables.csv_table(comparisons).splitlines()))
    assert len(parsed) == 12
    assert parsed[0] == {
        "paper": "2007",
        "cell type": "layer 5 regular spiking pyramidal cell",
        "current": "85 pA",
        "first": "PP published",
        "second": "Sec published",
        "spikes of the first": "5",
        "spikes of the second": "5",
        "same spikes": "yes",
        "largest difference (ms)": "0.000",
        "mean difference (ms)": "0.000",
        "coincidence factor": "1.000",
        "parted at (ms)": "",
        "remark": "",
    }
    assert parsed[6]["spikes of the second"] == "" and "runs away at" in parsed[6]["remark"]
    assert parsed[10]["current"] == "of the figure"
    lines = comparison_tables.markdown_table(comparisons).splitlines()
    assert len(lines) == 14
    assert {line.count("|") for line in lines} == {len(comparison_tables.HEADINGS) + 1}
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == list(parsed[0].values())
