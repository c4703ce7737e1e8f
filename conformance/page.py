"""docs/conformance.md, made from the last results of the simulators."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import check

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "conformance.md"
MODELS = {"quadratic": "2003, 2004", "book": "2007"}


def results() -> list[dict[str, Any]]:
    """What the simulators gave, one entry per setting."""
    return [
        entry for path in sorted(RESULTS.glob("*.json")) for entry in json.loads(path.read_text())
    ]


def with_reasons(result: dict[str, Any]) -> dict[str, Any]:
    """What a simulator gave, with the reasons for each model, which take a while to find."""
    traces = check.read_traces()
    reasons = {
        model: check.why([t for t in traces if t["model"] == model], result["spikes"])
        for model in MODELS
    }
    found = {model: asdict(reason) for model, reason in reasons.items() if reason is not None}
    return {**result, "reasons": found}


def text() -> str:
    """The page."""
    traces = check.read_traces()
    summary: list[list[str]] = []
    per_trace: dict[str, list[str]] = {trace["id"]: [] for trace in traces}
    cannot: list[list[str]] = []
    names = []
    for result in results():
        name = f"{result['simulator']} {result['version']}, {result['setting']}"
        names.append(name)
        cannot += _cannot(name, result["cannot"])
        for model, papers in MODELS.items():
            of_model = [trace for trace in traces if trace["model"] == model]
            said = [trace for trace in of_model if trace["id"] in result["spikes"]]
            if said:
                kept = result["reasons"].get(model)
                reason = check.Reason(**kept) if kept is not None else None
                row, verdicts = _judged(said, result["spikes"], reason)
                summary.append([name, papers, *row])
            else:
                verdicts = {}
            for trace in of_model:
                per_trace[trace["id"]].append(_cell(verdicts.get(trace["id"])))
    return _PAGE.format(
        n_traces=len(traces),
        n_rules=len(list(check.rules_of_steps.rules(traces[0]))),
        summary=_table(_SUMMARY, summary),
        columns="\n".join(f"* **{number}** {name}" for number, name in enumerate(names, start=1)),
        per_trace=_table(
            ["trace", "spikes", *map(str, range(1, len(names) + 1))],
            [
                [trace["id"], str(len(trace["published_spike_steps"])), *per_trace[trace["id"]]]
                for trace in traces
            ],
        ),
        cannot=_table(["simulator", "traces", "why"], cannot),
    )


def _judged(
    said: list[dict[str, Any]], spikes: dict[str, list[float]], reason: check.Reason | None
) -> tuple[list[str], dict[str, check.Verdict]]:
    """A row of the summary, and the verdicts of its traces."""
    stamp = reason.stamp if reason is not None else 0
    verdicts = {trace["id"]: check.judge(trace, spikes[trace["id"]], stamp) for trace in said}
    right = sum(verdict.parted_at is None for verdict in verdicts.values())
    parted = [v.parted_at for v in verdicts.values() if v.parted_at is not None]
    row = [
        str(len(said)),
        str(right),
        f"{min(parted):g}" if parted else "",
        "not found" if reason is None else reason.in_words(),
        "" if reason is None else _reach(reason),
    ]
    return row, verdicts


def _reach(reason: check.Reason) -> str:
    further = f" + {len(reason.by_a_last_bit)}" if reason.by_a_last_bit else ""
    return f"{len(reason.explained)}{further}"


def _cell(verdict: check.Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.parted_at is None:
        return "right"
    return f"{verdict.n_spikes}; {verdict.parted_at:g}"


def _cannot(name: str, reasons: dict[str, str]) -> list[list[str]]:
    rows = []
    for reason in dict.fromkeys(reasons.values()):
        traces = [trace for trace, said in reasons.items() if said == reason]
        rows.append([name, ", ".join(traces) if len(traces) < 4 else str(len(traces)), reason])
    return rows


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


_SUMMARY = ["simulator", "figures of", "traces", "right", "first parts (ms)", "why", "explained"]
_PAGE = """\
# Other simulators

This page is made by `python conformance/run.py`, which asks each simulator for the {n_traces}
traces of the published figures, at the published step. Nothing on it is written by hand.
How to check a simulator of one's own is said in `conformance/README.md`.

*Right* is a train with every spike on the published step. *Why* is found, not told: the published
rule is changed in one aspect after the other ({n_rules} combinations for 2003 and 2004) until
it gives the simulator's own spikes; the fewest changes that give most of its trains are the
reason, and *explained* says how many trains they give on the step ("+": further ones,
if v and u are rounded otherwise in their last bit). To be another rule is not to be wrong: the
exact solution is yet another one (see [how far the figures are reproduced](fidelity.md)).

{summary}

## Trace by trace

*right*, or the number of spikes and the time (ms) of the first that is not on the published step.
Empty: the simulator cannot say it.

{columns}

{per_trace}

## What cannot be said

{cannot}
"""
