"""Distal reward: a connection learns though its reward comes seconds later, as in 2007.

    python examples/distal_reward.py
    python examples/distal_reward.py --seconds 1800 --out distal_reward.png

800 excitatory and 200 inhibitory cells that fire about once a second by random input. Whenever a
chosen cell fires within 20 ms after another, which it hears, dopamine comes, but 1 to 3 s later.
Pairs of spikes leave a mark on their connection, its eligibility, which fades with 1 s;
dopamine turns marks into weights. All other pairs are marked as well, but dopamine finds their
marks by chance only. So the chosen connection, which begins at 0, becomes one of the strongest:
sooner or later, for it is rewarded seldom as long as it is weak.

E. M. Izhikevich, Solving the distal reward problem through linkage of STDP and dopamine signaling,
Cereb. Cortex 17:2443-2452 (2007).
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

from izhikevich import Adjustable, DopamineSTDP, Population  # noqa: E402

EXCITATORY, INHIBITORY, FAN_OUT = 800, 200, 100
CELLS = EXCITATORY + INHIBITORY
EXCITES, INHIBITS = 1.0, -1.0  # mV/ms
INPUT = 13.0  # mV/ms: the range of the random current of each cell and ms
PEAK = 30.0  # mV
WITHIN, SOONEST, LATEST = 20, 1000, 3000  # ms: from spike to spike, and to the reward
REWARD = 0.5


class Run(NamedTuple):
    """The chosen weight, the mean of all and dopamine, each second; rewards (ms); all weights."""

    chosen: np.ndarray
    mean: np.ndarray
    dopamine: np.ndarray
    rewards: np.ndarray
    weights: np.ndarray


def run(seconds: int, seed: int = 1) -> Run:
    """Make the network and run it.

    Parameters
    ----------
    seconds : int
        Of model time.
    seed : int
        Of connections, input and the delays of rewards.
    """
    h.dt = 1
    random = np.random.default_rng(seed)
    each = [EXCITATORY, INHIBITORY]
    network = Population(
        "2003",
        CELLS,
        {"a": np.repeat([0.02, 0.1], each), "b": 0.2, "c": -65, "d": np.repeat([8, 2], each),
         "halves": 2, "thresh": PEAK},
        keep_spikes=False,
    )  # fmt: skip
    targets = random.integers(0, CELLS, EXCITATORY * FAN_OUT)
    learning = network.connect(
        np.repeat(np.arange(EXCITATORY), FAN_OUT),
        targets,
        weights=np.where(np.arange(EXCITATORY * FAN_OUT) == 0, 0.0, EXCITES),
        delays=0,  # in the step that begins with the spike, as the program has it
        plasticity=DopamineSTDP(),
    )
    network.connect(
        np.repeat(np.arange(EXCITATORY, CELLS), FAN_OUT),
        random.integers(0, EXCITATORY, INHIBITORY * FAN_OUT),
        weights=INHIBITS,
        delays=0,
        plasticity=Adjustable(),  # which nobody adjusts: other connections have no delay of 0
    )
    first, second = 0, int(targets[0])
    chosen = int(np.flatnonzero(learning.given == 0)[0])
    h.finitialize()
    v, current = network.v, network.Iin
    last, due, came, seen = -WITHIN, set(), [], []
    for begin in range(0, 1000 * seconds, 1000):
        for now, noise in enumerate(random.random((1000, CELLS)), begin):
            if v[second] > PEAK and 0 < now - last < WITHIN:
                due.add(now + SOONEST + int(random.integers(1, LATEST - SOONEST + 1)))
            if v[first] > PEAK:
                last = now
            current[:] = INPUT * (noise - 0.5)
            h.fadvance()
            if now in due:
                learning.dopamine += REWARD
                came.append(now)
        weights = learning.weights
        seen.append((weights[chosen], weights.mean(), learning.dopamine))
    return Run(*np.array(seen).T, np.array(came), learning.weights.copy())


def draw(found: Run) -> object:
    """The chosen weight and the others in time, and all weights at the end."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    seconds = np.arange(1, len(found.chosen) + 1)
    left.plot(seconds, found.chosen, color="tab:red", label="the rewarded connection")
    left.plot(seconds, found.mean, color="0.4", label="mean of all")
    left.plot(found.rewards / 1000, np.full(len(found.rewards), -0.1), "|", color="tab:blue",
              label="rewards")  # fmt: skip
    left.set(xlabel="s", ylabel="weight, mV/ms", ylim=(-0.25, 4.2))
    left.legend(frameon=False, loc="upper left")
    right.hist(found.weights, np.linspace(0, 4, 41), color="0.4")
    right.axvline(found.chosen[-1], color="tab:red", label="the rewarded connection")
    right.set(title=f"weights after {len(seconds)} s", xlabel="mV/ms", ylabel="connections",
              yscale="log")  # fmt: skip
    right.legend(frameon=False)
    return figure


def main() -> None:
    """Run the network, say what came of it and draw it if asked to."""
    parser = argparse.ArgumentParser(description="Distal reward, 2007.")
    parser.add_argument("--seconds", type=int, default=3600, help="of model time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="file of the figure")
    options = parser.parse_args()
    if options.seconds < 1:
        parser.error(f"--seconds: 1 at least, not {options.seconds}")
    found = run(options.seconds, options.seed)
    above = np.mean(found.weights < found.chosen[-1])
    print(
        f"{len(found.rewards)} rewards in {options.seconds} s; the rewarded connection has a "
        f"weight of {found.chosen[-1]:.2f} mV/ms, above {above:.1%} of "
        f"all, whose mean is {found.mean[-1]:.2f}"
    )
    if options.out:
        draw(found).savefig(options.out, dpi=120)


if __name__ == "__main__":
    main()
