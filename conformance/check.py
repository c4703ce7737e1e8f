"""Check a simulator's spikes against the published traces, and find out why they differ.

    python conformance/check.py SPIKES.json

SPIKES.json has a spike train (ms) for each trace of traces.json that the simulator can say::

    {"simulator": "Mine", "version": "1.0", "setting": "Euler",
     "spikes": {"2003/RS": [17.25, 22.75], ...}, "cannot": {"2007/RS/60 pA": "no such model"}}

Why a train differs is not told by anyone: the rule of `rule.py` is changed, one aspect after the
other, until it gives the simulator's own spikes on the same steps. What so reproduces most of
the traces, with the fewest changes, is the reason.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import rule as rules_of_steps
from rule import Rule

TRACES = Path(__file__).resolve().parent / "traces.json"
# times on a grid carry rounding, in steps
ROUNDING = 1e-4
# a spike may be stamped some steps before or after the step at whose end v is above the peak
STAMPS = (0, -1, 1, -2, 2)
# what a reason must at least reproduce, of the traces of its group
WORTH_SAYING = 0.5
# how often other last bits are drawn before their part in a deviation is ruled out
ROUNDINGS_TRIED = 300

IN_WORDS = {
    ("order", "together"): "u is stepped from the old v",
    ("order", "v, then u"): "u is stepped from the new v",
    ("order", "u, then v"): "u is stepped first, v from the new u",
    ("order", "reset, then u"): "v is reset before u is stepped",
    ("step_of_v", "two halves"): "v in two half steps",
    ("step_of_v", "exponential"): "v by an exponential Euler step",
    ("step_of_v", "linearly implicit"): "v by a linearly implicit step",
    ("step_of_u", "exponential"): "u by an exponential step",
    ("step_of_u", "implicit"): "u by an implicit step",
    ("reset", "at the start of the next"): "the reset comes a step late",
    ("current", "a step late"): "the current comes a step late",
    ("current", "a step early"): "the current comes a step early",
    ("current", "after the reset"): "v takes up the current after its reset",
    ("current", "none"): "the current does not arrive",
    ("start_of_u", "b v"): "u starts at b v",
    ("start_of_u", "zero"): "u starts at 0",
    ("start_of_u", "-14"): "u starts at -14, whatever it is set to",
    ("branch", "old v"): "the old v chooses the branch of U(v)",
}


class SpikesError(ValueError):
    """A file of spikes that cannot be checked, and why."""


@dataclass(frozen=True)
class Verdict:
    """What came of one trace.

    Parameters
    ----------
    trace : str
        Its id.
    n_published, n_spikes : int
        Spikes by the published rule, and of the simulator.
    parted_at : float or None
        Time (ms) of the first spike that is not on the published step, of either; None if all are.
    """

    trace: str
    n_published: int
    n_spikes: int
    parted_at: float | None


@dataclass(frozen=True)
class Reason:
    """Why a simulator's spikes of one model are what they are.

    Parameters
    ----------
    differences : dict
        Aspect of the rule -> the way it is taken; empty for the published rule itself.
    stamp : int
        By how many steps later a spike is stamped than the end of its step.
    explained : tuple of str
        Traces whose spikes this gives, each on its step.
    by_a_last_bit : tuple of str
        Further traces that it gives if v and u are rounded otherwise in their last bit.
    """

    differences: dict[str, str]
    stamp: int
    explained: tuple[str, ...]
    by_a_last_bit: tuple[str, ...] = ()

    def in_words(self) -> str:
        """The differences, and the stamp."""
        said = [IN_WORDS[item] for item in self.differences.items()]
        if self.stamp:
            when = "later" if self.stamp > 0 else "earlier"
            steps = "a step" if abs(self.stamp) == 1 else f"{abs(self.stamp)} steps"
            said.append(f"spikes are stamped {steps} {when}")
        return "; ".join(said) if said else "the published rule"


def read_traces() -> list[dict[str, Any]]:
    """The published traces."""
    return json.loads(TRACES.read_text())["traces"]


def read_spikes(path: str | Path) -> dict[str, Any]:
    """Read and check a simulator's spikes.

    Raises
    ------
    SpikesError
        If the file is not one, or names a trace that is not there.
    """
    try:
        result = json.loads(Path(path).read_text())
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SpikesError(f"{path} cannot be read: {error}") from None
    if not isinstance(result, dict) or not isinstance(result.get("spikes"), dict):
        raise SpikesError(f'{path} needs an object with "spikes": {{trace: [times in ms]}}')
    known = {trace["id"]: trace for trace in read_traces()}
    for name, times in result["spikes"].items():
        if name not in known:
            raise SpikesError(f"{path}: there is no trace {name!r}; traces.json has {len(known)}")
        if not isinstance(times, list) or not all(
            isinstance(t, int | float) and math.isfinite(t) for t in times
        ):
            raise SpikesError(f"{path}: the spikes of {name!r} must be a list of times in ms")
        if times != sorted(times):
            raise SpikesError(f"{path}: the spikes of {name!r} must rise")
    return {"simulator": str(path), "version": "", "setting": "", "cannot": {}, **result}


def steps_of(times: Sequence[float], dt: float, stamp: int = 0) -> list[int]:
    """The steps at whose end spikes are, from their times (ms) and how late they are stamped."""
    return [math.ceil(t / dt - ROUNDING) - stamp for t in times]


def judge(trace: dict[str, Any], times: Sequence[float], stamp: int = 0) -> Verdict:
    """Compare a spike train (ms) with the published one, step by step."""
    published = trace["published_spike_steps"]
    steps = steps_of(times, trace["dt"], stamp)
    parted = [min(pair) for pair in zip(published, steps, strict=False) if pair[0] != pair[1]]
    longer = max(published, steps, key=len)
    if not parted and len(published) != len(steps):
        parted = [longer[min(len(published), len(steps))]]
    return Verdict(
        trace["id"], len(published), len(steps), parted[0] * trace["dt"] if parted else None
    )


def why(traces: Iterable[dict[str, Any]], spikes: dict[str, Sequence[float]]) -> Reason | None:
    """The fewest changes of the published rule that give most of a simulator's trains.

    Parameters
    ----------
    traces : iterable of dict
        Of one model.
    spikes : dict
        Trace id -> times, ms.

    Returns
    -------
    Reason or None
        None if no rule gives at least half of the trains.
    """
    said = [trace for trace in traces if trace["id"] in spikes]
    # a long train tells rules apart, a single spike hardly
    said.sort(key=lambda trace: -len(spikes[trace["id"]]))
    best: Reason | None = None
    for rule in rules_of_steps.rules(said[0]) if said else ():
        for stamp, explained in _explained(said, spikes, rule, best):
            if best is None or len(explained) > len(best.explained):
                base = rules_of_steps.published_rule(said[0])
                best = Reason(rules_of_steps.differences(rule, base), stamp, explained)
        if best is not None and len(best.explained) == len(said):
            break
    if best is None or len(best.explained) < WORTH_SAYING * len(said):
        return None
    rule = replace(rules_of_steps.published_rule(said[0]), **best.differences)
    return replace(
        best,
        by_a_last_bit=tuple(
            trace["id"]
            for trace in said
            if trace["id"] not in best.explained
            and _is_a_last_bit(trace, steps_of(spikes[trace["id"]], trace["dt"], best.stamp), rule)
        ),
    )


def _is_a_last_bit(trace: dict[str, Any], steps: list[int], rule: Rule) -> bool:
    """Whether other roundings of v and u, drawn by chance, give these spikes."""
    draw = random.Random(0)
    return any(
        rules_of_steps.spike_steps(trace, rule, draw) == steps for _ in range(ROUNDINGS_TRIED)
    )


def _explained(
    said: Sequence[dict[str, Any]],
    spikes: dict[str, Sequence[float]],
    rule: Rule,
    best: Reason | None,
) -> Iterable[tuple[int, tuple[str, ...]]]:
    """For each stamp the traces that a rule gives; given up when it cannot be better than best."""
    to_beat = len(best.explained) if best is not None else 0
    explained: dict[int, list[str]] = {stamp: [] for stamp in STAMPS}
    for left, trace in zip(range(len(said), 0, -1), said, strict=True):
        if max(map(len, explained.values())) + left <= to_beat:
            return
        steps = rules_of_steps.spike_steps(trace, rule)
        for stamp in STAMPS:
            if steps == steps_of(spikes[trace["id"]], trace["dt"], stamp):
                explained[stamp].append(trace["id"])
    yield from ((stamp, tuple(names)) for stamp, names in explained.items())


def distance_from_exact(trace: dict[str, Any], times: Sequence[float]) -> float | None:
    """Largest distance (ms) of a spike from the exact solution's; None if their numbers differ."""
    exact = trace["exact_spikes"]
    if len(exact) != len(times) or trace["exact_runs_away_at"] is not None:
        return None
    return max((abs(t - s) for t, s in zip(times, exact, strict=True)), default=0.0)


def main() -> None:
    """Print a verdict per trace, and the reason."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("spikes", help="a file of spikes, as the README describes it")
    try:
        result = read_spikes(parser.parse_args().spikes)
    except SpikesError as error:
        sys.exit(str(error))
    right = 0
    by_model: dict[str, list[dict[str, Any]]] = {}
    for trace in read_traces():
        by_model.setdefault(trace["model"], []).append(trace)
    for traces in by_model.values():
        reason = why(traces, result["spikes"])
        stamp = reason.stamp if reason is not None else 0
        for trace in traces:
            if trace["id"] not in result["spikes"]:
                continue
            verdict = judge(trace, result["spikes"][trace["id"]], stamp)
            right += verdict.parted_at is None
            said = "right" if verdict.parted_at is None else f"parts at {verdict.parted_at:g} ms"
            print(f"{trace['id']:24} {verdict.n_spikes} spikes of {verdict.n_published}: {said}")
        if reason is not None:
            print(f"{reason.in_words()}: gives {len(reason.explained)} of these trains")
            if reason.by_a_last_bit:
                print(f"with another last bit of v and u also {', '.join(reason.by_a_last_bit)}")
    print(f"{right} of {len(result['spikes'])} trains are the published ones, spike for spike")


if __name__ == "__main__":
    main()
