"""What the adapters share: reading the traces, currents on a grid, writing the spikes.

An adapter is run in an environment of its simulator alone, as
``python simulators/NAME.py TRACES OUT``, and needs nothing of this project but this file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Trace = dict[str, Any]


class CannotSay(Exception):
    """The simulator cannot say a trace, for a reason."""


def current_of_steps(trace: Trace) -> list[float]:
    """The current of each step, in the model's own unit (mV/ms, or pA)."""
    n_steps = round(trace["tstop"] / trace["dt"])
    pieces = trace["current_of_steps"]
    ends = [piece[0] for piece in pieces[1:]] + [n_steps]
    return [
        value + slope * (step - start)
        for (start, value, slope), end in zip(pieces, ends, strict=True)
        for step in range(start, end)
    ]


def changes_of_current(trace: Trace) -> list[tuple[float, float]]:
    """When (ms) the current changes, and to what; a ramp is a stair of its steps."""
    changes: list[tuple[float, float]] = []
    for step, value in enumerate(current_of_steps(trace)):
        if not changes or changes[-1][1] != value:
            changes.append((step * trace["dt"], value))
    return changes


def plain_quadratic(trace: Trace) -> dict[str, float]:
    """a, b, c and d of a trace that is the model of 2003 with nothing changed.

    Raises
    ------
    CannotSay
        For another model, other coefficients, or u without decay.
    """
    p = trace["parameters"]
    if trace["model"] != "quadratic":
        raise CannotSay("the model of 2007 is not there")
    if p["uleak"] == 0:
        raise CannotSay("u' = a b (v + 65) is not there")
    if (p["e"], p["f"], p["g"]) != (0.04, 5, 140):
        raise CannotSay("0.04 v^2 + 5 v + 140 is fixed")
    return {name: p[name] for name in "abcd"}


def write(
    simulator: str,
    version: str,
    settings: dict[str, Callable[[Trace], Iterable[float]]],
) -> None:
    """Run every trace in every setting, and write what came out.

    Parameters
    ----------
    simulator, version : str
        Its name and version.
    settings : dict
        What the setting is called -> a function from a trace to its spike times (ms).
    """
    traces_path, out = sys.argv[1:]
    traces = json.loads(Path(traces_path).read_text())["traces"]
    results = []
    for setting, run in settings.items():
        spikes: dict[str, list[float]] = {}
        cannot: dict[str, str] = {}
        for trace in traces:
            try:
                spikes[trace["id"]] = sorted(float(t) for t in run(trace))
            except CannotSay as reason:
                cannot[trace["id"]] = str(reason)
        results.append(
            {
                "simulator": simulator,
                "version": version,
                "setting": setting,
                "spikes": spikes,
                "cannot": cannot,
            }
        )
    Path(out).write_text(json.dumps(results))
