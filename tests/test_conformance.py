"""The published traces as plain data, and the check of a simulator against them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from reference import exact_spikes, published

from izhikevich.catalog import CATALOG

sys.path.insert(0, str(ROOT / "conformance"))

import check
import make_traces
import page
import rule

TRACES = {trace["id"]: trace for trace in check.read_traces()}
QUADRATIC = [trace for trace in TRACES.values() if trace["model"] == "quadratic"]
BOOK = [trace for trace in TRACES.values() if trace["model"] == "book"]


def entry_and_number(name):
    paper, panel, *_ = name.split("/")
    same = [t for t in TRACES if t.split("/")[:2] == [paper, panel]]
    (entry,) = (e for e in CATALOG[paper].values() if e.panel == panel)
    return entry, same.index(name)


def test_the_file_is_what_the_program_gives():
    assert check.TRACES.read_text() == make_traces.text()


def test_every_figure_is_there_once():
    assert (len(TRACES), len(QUADRATIC), len(BOOK)) == (60, 28, 32)


@pytest.mark.parametrize("name", TRACES)
def test_the_published_spikes_are_those_of_an_independent_loop(name):
    entry, number = entry_and_number(name)
    trace = TRACES[name]
    n_steps = round(trace["tstop"] / trace["dt"])
    *_, spikes = published(
        entry.paper,
        dict(entry.parameters),
        trace["v0"],
        trace["u0"],
        entry.currents[number],
        trace["dt"],
        n_steps,
    )
    assert trace["published_spike_steps"] == spikes.tolist()
    assert rule.spike_steps(trace) == spikes.tolist()


@pytest.mark.parametrize("name", [name for name in TRACES if name.startswith("2003")])
def test_the_exact_spikes_are_those_of_an_independent_solution(name):
    entry, number = entry_and_number(name)
    trace = TRACES[name]
    expected = exact_spikes(
        entry.paper,
        dict(entry.parameters),
        trace["v0"],
        trace["u0"],
        entry.currents[number],
        trace["tstop"],
    )
    assert trace["exact_spikes"] == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize("name", TRACES)
def test_both_currents_are_the_catalogues(name):
    entry, number = entry_and_number(name)
    trace, waveform = TRACES[name], entry.currents[number]
    steps = waveform.sampled(trace["dt"], round(trace["tstop"] / trace["dt"]))
    np.testing.assert_allclose(rule.current_of_steps(trace), steps, rtol=0, atol=1e-12)
    starts = [start for start, _, _ in trace["current"]]
    for t in np.linspace(0.013, trace["tstop"] - 0.017, 50):
        start, value, slope = trace["current"][np.searchsorted(starts, t) - 1]
        assert value + slope * (t - start) == pytest.approx(waveform.at(t), abs=1e-9)


def trains(traces, how, stamp=0):
    """What a simulator with another rule would give, ms."""
    return {
        trace["id"]: [(n + stamp) * trace["dt"] for n in rule.spike_steps(trace, how)]
        for trace in traces
    }


@pytest.mark.parametrize("model", ["quadratic", "book"])
def test_a_planted_difference_is_found(model):
    traces = QUADRATIC if model == "quadratic" else BOOK[:16]
    base = rule.published_rule(traces[0])
    otherwise = rule.OTHERWISE | (rule.OTHERWISE_IN_THE_BOOK if model == "book" else {})
    for aspect, ways in otherwise.items():
        for way in ways:
            planted = replace(base, **{aspect: way})
            spikes = trains(traces, planted)
            if planted == base or spikes == trains(traces, base):
                continue
            reason = check.why(traces, spikes)
            assert len(reason.explained) == len(traces)
            # some traces have no current at first, or start at b v: then another says the same
            assert len(reason.differences) <= 1
            if spikes == trains(traces, replace(base, **reason.differences), reason.stamp):
                continue
            assert reason.differences == {aspect: way}


def test_two_differences_and_a_stamp_are_found():
    planted = rule.Rule(order="together", step_of_v="two halves")
    reason = check.why(QUADRATIC, trains(QUADRATIC, planted, stamp=-1))
    assert reason.differences == {"order": "together", "step_of_v": "two halves"}
    assert reason.stamp == -1
    assert reason.in_words() == (
        "u is stepped from the old v; v in two half steps; spikes are stamped a step earlier"
    )


def test_nonsense_has_no_reason():
    draw = np.random.default_rng(1)
    traces = [TRACES["2003/TC"], TRACES["2004/Q"]]
    spikes = {t["id"]: np.sort(draw.uniform(0, t["tstop"], 9)).tolist() for t in traces}
    assert check.why(traces, spikes) is None


def test_a_spike_that_is_moved_missing_or_too_many_is_found():
    trace = TRACES["2004/C"]
    times = [n * trace["dt"] for n in trace["published_spike_steps"]]
    assert check.judge(trace, times).parted_at is None
    moved = [*times[:5], times[5] + trace["dt"], *times[6:]]
    assert check.judge(trace, moved).parted_at == times[5]
    assert check.judge(trace, times[:-1]).parted_at == times[-1]
    assert check.judge(trace, [*times, times[-1] + 7]).parted_at == times[-1] + 7
    assert check.judge(trace, []).parted_at == times[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", '"spikes"'),
        ('{"spikes": {"2003/XY": []}}', "no trace '2003/XY'"),
        ('{"spikes": {"2003/RS": [1, "a"]}}', "list of times"),
        ('{"spikes": {"2003/RS": [NaN]}}', "list of times"),
        ('{"spikes": {"2003/RS": [3, 2]}}', "must rise"),
    ],
)
def test_a_file_that_cannot_be_checked_says_why(tmp_path, text, said):
    path = tmp_path / "spikes.json"
    path.write_text(text)
    with pytest.raises(check.SpikesError, match=said.replace("[", r"\[")):
        check.read_spikes(path)


def test_the_check_runs_with_nothing_but_python(tmp_path):
    path = tmp_path / "spikes.json"
    path.write_text(json.dumps({"spikes": trains(QUADRATIC, rule.Rule(order="together"))}))
    done = subprocess.run(
        [sys.executable, "-S", "-I", ROOT / "conformance" / "check.py", path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "u is stepped from the old v: gives 28 of these trains" in done.stdout


@pytest.mark.parametrize(
    "result", page.results(), ids=lambda r: f"{r['simulator']}, {r['setting']}"
)
def test_the_reasons_that_are_kept_give_the_spikes_that_are_kept(result):
    for model, kept in result["reasons"].items():
        reason = check.Reason(**kept)
        of_model = {name: t for name, t in TRACES.items() if t["model"] == model}
        how = replace(rule.published_rule(next(iter(of_model.values()))), **reason.differences)
        given = [
            name
            for name, trace in of_model.items()
            if name in result["spikes"]
            and rule.spike_steps(trace, how)
            == check.steps_of(result["spikes"][name], trace["dt"], reason.stamp)
        ]
        assert sorted(given) == sorted(reason.explained)


def test_the_page_is_what_the_results_give():
    assert page.PAGE.read_text() == page.text()
