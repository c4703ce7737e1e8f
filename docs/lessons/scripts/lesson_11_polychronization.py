"""Lesson 11: STDP takes the weights of a network apart, and its slow rhythm goes (2006)."""

import runpy
from pathlib import Path

import numpy as np

SECONDS = 60
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "polychronization.py"


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    example = runpy.run_path(str(EXAMPLE))
    found = example["run"](SECONDS)
    assert np.all(found.weights_before == 6)

    peaks, slow = [], []
    for begin in (0, SECONDS - 10):
        frequency, power = example["rhythm"](found, begin)
        peaks.append(1 + int(np.argmax(power[1:101])))
        slow.append(power[(frequency >= 2) & (frequency <= 4)].mean())
    assert peaks[0] <= 4 and slow[0] > 3 * slow[1]

    low, high = np.mean(found.weights < 0.5), np.mean(found.weights > 9.5)
    assert high > 0.25 > low > 0.05
    return {
        "strongest rhythm of the first 10 s, Hz": str(peaks[0]),
        "power of 2 to 4 Hz, the first 10 s against the last": f"{slow[0] / slow[1]:.0f}",
        "weights below 0.5, %": f"{100 * low:.0f}",
        "weights above 9.5, %": f"{100 * high:.0f}",
    }


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
