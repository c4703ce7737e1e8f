"""Recordings of cells whose parameters are known: the book's model, with noise, by numpy alone."""

from __future__ import annotations

import numpy as np

from izhikevich.fitting.measurements import Stimulus, stimulus

#: Parameters of the regular spiking cell of the book, p. 282 (C in 100 pF).
REGULAR = {
    "C": 1.0, "k": 0.7, "vr": -60.0, "vt": -40.0, "vpeak": 35.0,
    "a": 0.03, "b": -2.0, "c": -50.0, "d": 100.0,
}  # fmt: skip
DT = 0.2


def fluctuating(rng, duration, mean, size, time_constant=3.0, dt=DT):
    """An Ornstein-Uhlenbeck current, pA."""
    n = round(duration / dt)
    keep = np.exp(-dt / time_constant)
    kicks = size * np.sqrt(1 - keep**2) * rng.standard_normal(n)
    current, x = np.empty(n), 0.0
    for k in range(n):
        x = keep * x + kicks[k]
        current[k] = mean + x
    return current


def run(cell, current, dt=DT, noise=0.0, rng=None):
    """Spike times (ms) and v (mV) after each step, by the author's rule at this step."""
    p = cell
    v, u = p["vr"], 0.0
    kicks = np.zeros(len(current)) if rng is None else noise * rng.standard_normal(len(current))
    spikes, trace = [], np.empty(len(current))
    for k, i in enumerate(current + kicks):
        slope = (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + i) / (100 * p["C"])
        v, u = v + dt * slope, u + dt * p["a"] * (p["b"] * (v - p["vr"]) - u)
        trace[k] = min(v, p["vpeak"])
        if v > p["vpeak"]:
            v, u = p["c"], u + p["d"]
            spikes.append(dt * (k + 1))
    return np.array(spikes), trace


def recording(cell, rng, *, mean, size, duration=2000.0, trials=2, noise=0.0, name="s") -> Stimulus:
    """A stimulus of that duration (ms), with trials that differ by noise in the current."""
    current = fluctuating(rng, duration, mean, size)
    ran = [run(cell, current, noise=noise, rng=rng) for _ in range(trials)]
    return stimulus(
        name, DT, current, voltages=[v for _, v in ran], spikes=[spikes for spikes, _ in ran]
    )
