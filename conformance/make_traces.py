"""Write traces.json: what a simulator of Izhikevich's neuron is checked against.

    python conformance/make_traces.py

One entry per trace of the published figures. Parameters, currents and steps are the catalogue's;
the spikes are those of the program's two runs, which its tests hold against the published
figures and against an independent 8th-order solution.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from izhikevich import simulate
from izhikevich.catalog import CATALOG, CellType
from izhikevich.experiments.runaways import ran_away_at, simulate_until_runaway
from izhikevich.waveforms import Waveform

# raised whenever a number in the file changes
VERSION = "1.0"
# the capacitance of the catalogue is in units of this, pF
CAPACITANCE = 100


def traces() -> list[dict[str, Any]]:
    """The traces of the figures, in the order of the catalogue."""
    return [
        _trace(entry, number)
        for types in CATALOG.values()
        for entry in types.values()
        if not _is_second_reading(entry)
        for number in range(len(entry.currents))
    ]


def text() -> str:
    """The file, one trace a paragraph."""
    paragraphs = ",\n\n".join(_paragraph(trace) for trace in traces())
    return f'{{\n"version": "{VERSION}",\n"traces": [\n\n{paragraphs}\n\n]\n}}\n'


def _is_second_reading(entry: CellType) -> bool:
    """Whether a type takes b (v + 65) where ModelDB's script, and the figure, have b (v - vr)."""
    return entry.model.name == "book" and "vu" in entry.parameters


def _paragraph(trace: dict[str, Any]) -> str:
    lines = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in trace.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _trace(entry: CellType, number: int) -> dict[str, Any]:
    current = entry.currents[number]
    published = simulate(entry.paper, entry.key, current=current)
    exact = simulate_until_runaway(entry.paper, entry.key, current=current, scheme="exact")
    return {
        "id": "/".join([entry.paper, entry.panel, *_amplitude(entry, number)]),
        "label": entry.label,
        "figure": entry.figure,
        "model": entry.model.name,
        "parameters": _parameters(entry),
        "v0": float(published.v[0]),
        "u0": float(published.u[0]),
        "dt": entry.dt,
        "tstop": entry.tstop,
        "current": _pieces(current, entry.tstop),
        "current_of_steps": _steps(current, entry),
        "published_spike_steps": [round(float(t) / entry.dt) for t in published.spikes],
        "exact_spikes": [round(float(t), 3) for t in exact.spikes],
        "exact_runs_away_at": ran_away_at(exact),
    }


def _amplitude(entry: CellType, number: int) -> list[str]:
    return [f"{entry.amplitudes[number]:g} pA"] if entry.amplitudes else []


def _parameters(entry: CellType) -> dict[str, float]:
    parameters = {name: float(value) for name, value in entry.parameters.items()}
    if "C" in parameters:
        parameters["C"] *= CAPACITANCE
        parameters["celltype"] = int(parameters["celltype"])
    return parameters


def _pieces(current: Waveform, tstop: float) -> list[list[float]]:
    """From when (ms), with what current, and with what slope (per ms) from there on."""
    times, amplitudes = current.knots(tstop)
    pieces = [
        [float(t), float(i), float((i_next - i) / (t_next - t))]
        for t, t_next, i, i_next in zip(
            times[:-1], times[1:], amplitudes[:-1], amplitudes[1:], strict=True
        )
        if t_next > t
    ]
    return pieces


def _steps(current: Waveform, entry: CellType) -> list[list[float]]:
    """From which step, with what current, and by how much more in each step after it.

    Written as runs of equal differences, whose sum gives back each step's current to 1e-12.
    """
    values = current.sampled(entry.dt, round(entry.tstop / entry.dt))
    runs: list[list[float]] = []
    start = 0
    while start < len(values):
        slope = float(values[start + 1] - values[start]) if start + 1 < len(values) else 0.0
        stop = start + 1
        while stop < len(values) and np.isclose(
            values[stop], values[start] + slope * (stop - start), rtol=0, atol=1e-12
        ):
            stop += 1
        # a jump: one step alone, then what follows it
        if stop == start + 2 and slope != 0:
            slope, stop = 0.0, start + 1
        runs.append([start, float(values[start]), slope])
        start = stop
    return runs


if __name__ == "__main__":
    Path(__file__).with_name("traces.json").write_text(text())
