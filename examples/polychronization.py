"""Polychronization: a network with delays and STDP, of 2006, finds its rhythms.

    python examples/polychronization.py
    python examples/polychronization.py --seconds 3600 --out polychronization.png

800 excitatory and 200 inhibitory cells, 100 connections each, delays up to 20 ms. In each ms one
cell gets a push. At first all excitatory weights are 6, and the network has a strong rhythm of 2 to
4 Hz. STDP takes the weights apart, to nothing or to the largest, and the slow rhythm gives way to
irregular spikes and a rhythm of 30 to 40 Hz: cells now fire together where the delays fit.

E. M. Izhikevich, Polychronization: computation with spikes, Neural Comput. 18:245-282 (2006).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from neuron import h  # noqa: E402

from izhikevich import STDP, Adjustable, Population  # noqa: E402

EXCITATORY, INHIBITORY, FAN_OUT = 800, 200, 100
CELLS = EXCITATORY + INHIBITORY
LONGEST = 20  # delay as the program counts it, ms: a delay of 1 arrives in the ms of the spike
EXCITES, INHIBITS, PUSH = 6.0, -5.0, 20.0  # mV/ms


class Run(NamedTuple):
    """Spikes (ms, cell), and excitatory weights before and after."""

    times: np.ndarray
    cells: np.ndarray
    weights_before: np.ndarray
    weights: np.ndarray


def run(seconds: int, seed: int = 1) -> Run:
    """Make the network and run it.

    Parameters
    ----------
    seconds : int
        Of model time.
    seed : int
        Of connections and input.
    """
    h.dt = 1
    random = np.random.default_rng(seed)
    each = [EXCITATORY, INHIBITORY]
    network = Population(
        "2003",
        CELLS,
        {"a": np.repeat([0.02, 0.1], each), "b": 0.2, "c": -65, "d": np.repeat([8, 2], each),
         "halves": 2},
    )  # fmt: skip
    learning = network.connect(
        np.repeat(np.arange(EXCITATORY), FAN_OUT),
        random.integers(0, CELLS, EXCITATORY * FAN_OUT),
        weights=EXCITES,
        delays=np.tile(np.repeat(np.arange(LONGEST), FAN_OUT // LONGEST), EXCITATORY),
        plasticity=STDP(),
    )
    network.connect(
        np.repeat(np.arange(EXCITATORY, CELLS), FAN_OUT),
        random.integers(0, EXCITATORY, INHIBITORY * FAN_OUT),
        weights=INHIBITS,
        delays=0,
        plasticity=Adjustable(),  # which nobody adjusts: other connections have no delay of 0
    )
    h.finitialize()
    before = learning.weights.copy()
    current = network.Iin
    for _ in range(seconds):
        for cell in random.integers(0, CELLS, 1000):
            current[cell] = PUSH
            h.fadvance()
            current[cell] = 0
    return Run(*network.spikes, before, learning.weights.copy())


def rhythm(found: Run, second: int) -> tuple[np.ndarray, np.ndarray]:
    """Power of the number of excitatory spikes in each ms, over ten seconds: (Hz, power)."""
    begin, end = 1000 * second, 1000 * (second + 10)
    chosen = (found.times >= begin) & (found.times < end) & (found.cells < EXCITATORY)
    counts, _ = np.histogram(found.times[chosen], np.arange(begin, end + 1))
    parts = counts.reshape(10, 1000) - counts.mean()
    power = (np.abs(np.fft.rfft(parts * np.hanning(1000))) ** 2).mean(axis=0)
    return np.arange(len(power)), power


def draw(found: Run, seconds: int) -> object:
    """Rasters of a second at the beginning and at the end, weights, and rhythms."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for axis, second in zip(axes[0], (0, seconds - 1), strict=True):
        chosen = (found.times >= 1000 * second) & (found.times < 1000 * (second + 1))
        axis.plot(found.times[chosen] - 1000 * second, found.cells[chosen], "k.", markersize=1.5)
        axis.axhline(EXCITATORY, color="tab:blue", linewidth=0.8)
        axis.set(title=f"second {second + 1}", xlabel="ms", ylabel="cell", xlim=(0, 1000),
                 ylim=(0, CELLS))  # fmt: skip
    axes[1, 0].hist(found.weights, np.linspace(0, 10, 41), color="0.4")
    axes[1, 0].axvline(EXCITES, color="tab:red", label="at the beginning")
    axes[1, 0].set(title=f"weights after {seconds} s", xlabel="mV/ms", ylabel="connections")
    axes[1, 0].legend(frameon=False)
    for second, name in ((0, "first 10 s"), (seconds - 10, "last 10 s")):
        frequency, power = rhythm(found, second)
        axes[1, 1].semilogy(frequency[1:101], power[1:101], label=name)
    axes[1, 1].set(title="rhythms", xlabel="Hz", ylabel="power")
    axes[1, 1].legend(frameon=False)
    return figure


def main() -> None:
    """Run the network, say what came of it and draw it if asked to."""
    parser = argparse.ArgumentParser(description="Polychronization, 2006.")
    parser.add_argument("--seconds", type=int, default=600, help="of model time, at least 10")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="file of the figure")
    chosen = parser.parse_args()
    if chosen.seconds < 10:
        parser.error(f"--seconds: 10 at least, not {chosen.seconds}")
    found = run(chosen.seconds, chosen.seed)
    for name, second in (("first", 0), ("last", chosen.seconds - 1)):
        in_it = (found.times >= 1000 * second) & (found.times < 1000 * (second + 1))
        excitatory = found.cells[in_it] < EXCITATORY
        print(
            f"{name} second: excitatory cells {excitatory.sum() / EXCITATORY:.1f} spikes/s, "
            f"inhibitory {(~excitatory).sum() / INHIBITORY:.1f}"
        )
    low, high = np.mean(found.weights < 0.5), np.mean(found.weights > 9.5)
    print(f"of the weights {low:.0%} are below 0.5 and {high:.0%} above 9.5 mV/ms")
    if chosen.out:
        draw(found, chosen.seconds).savefig(chosen.out, dpi=120)


if __name__ == "__main__":
    main()
