"""The programs of 2006 and 2007, and their networks as populations, with the same random numbers.

    python tests/plastic_reference.py polychronization --seconds 60

`program` is the published program in numpy, step by step, on arrays of its own: traces of all cells
are kept for all delays. Two things are the mechanism's, for a network amplifies the last bit: the
order of operations in dv/dt, and weights rounded to 2^-20 as they are added.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

EXCITATORY, INHIBITORY, FAN_OUT = 800, 200, 100
N = EXCITATORY + INHIBITORY
A = np.repeat([0.02, 0.1], [EXCITATORY, INHIBITORY])
D = np.repeat([8.0, 2.0], [EXCITATORY, INHIBITORY])
REWARD = 0.5
WITHIN = 20  # ms


@dataclass(frozen=True)
class Rules:
    """What the two programs have different."""

    longest: int  # delay, ms
    excites: float
    inhibits: float
    largest: float
    ratio: float
    every: int
    has_dopamine: bool


RULES = {
    "polychronization": Rules(20, 6.0, -5.0, 10.0, 1.2, 1000, False),
    "distal reward": Rules(1, 1.0, -1.0, 4.0, 1.5, 10, True),
}


def draw(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Targets of each cell, and delays as the program counts them (1: the ms of the spike)."""
    r = np.random.default_rng(seed)
    targets = np.empty((N, FAN_OUT), int)
    targets[:EXCITATORY] = r.integers(0, N, (EXCITATORY, FAN_OUT))
    targets[EXCITATORY:] = r.integers(0, EXCITATORY, (INHIBITORY, FAN_OUT))
    delays = np.ones((N, FAN_OUT), int)
    longest = RULES[name].longest
    delays[:EXCITATORY] = np.repeat(np.arange(1, longest + 1), FAN_OUT // longest)
    return targets, delays


def inputs(name: str, seed: int):
    """Random input of each ms, without end."""
    r = np.random.default_rng([seed, 1])
    while True:
        if RULES[name].has_dopamine:
            yield 13 * (r.random(N) - 0.5)
        else:
            current = np.zeros(N)
            current[r.integers(N)] = 20
            yield current


class Rewards:
    """When dopamine comes: n2 within 20 ms after n1, and then 1 to 3 s."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng([seed, 2])
        self.last, self.due = -1000, []

    def comes(self, ms: int, first: bool, second: bool) -> bool:
        """Whether it comes at the end of a ms in which the two cells fired or not."""
        if first:
            self.last = ms
        if second and 0 < ms - self.last < WITHIN:
            self.due.append(ms + 1000 + int(np.ceil(2000 * self.random.random())))
        return ms in self.due


def rounded(weights: np.ndarray) -> np.ndarray:
    return np.floor(weights * 2**20 + 0.5) / 2**20


def program(name: str, seed: int, ms: int) -> tuple[list, np.ndarray, np.ndarray, float]:
    """Spikes as (ms, cell), weights and derivatives of excitatory cells, dopamine at the end."""
    rules = RULES[name]
    targets, delays = draw(name, seed)
    s = np.full((N, FAN_OUT), rules.excites)
    s[EXCITATORY:] = rules.inhibits
    if rules.has_dopamine:
        s[0, 0] = 0
    sd = np.zeros((N, FAN_OUT))
    onto = [np.nonzero(targets[:EXCITATORY] == i) for i in range(N)]
    kept = rules.longest + 1
    traces = np.zeros((kept, N))  # of the last ms, by ms modulo `kept`
    by_delay = [
        [FAN_OUT * i + np.flatnonzero(delays[i] == d) for d in range(1, rules.longest + 1)]
        for i in range(N)
    ]
    fired_at: dict[int, np.ndarray] = {}
    v, u, dopamine = np.full(N, -65.0), 0.2 * np.full(N, -65.0), 0.0
    rewards, noise, spikes = Rewards(seed), inputs(name, seed), []
    for t in range(ms + 1):
        current, pulses = next(noise), np.zeros(N)
        fired = np.flatnonzero(v >= 30)
        v[fired] = -65
        u[fired] += D[fired]
        traces[t % kept, fired] = 0.1
        for i in fired:
            sources, places = onto[i]
            sd[sources, places] += traces[(t - delays[sources, places]) % kept, sources]
            spikes.append((t, int(i)))
        fired_at[t] = fired
        arriving = [
            by_delay[i][before]  # a delay of 1 arrives in the ms of the spike
            for before in range(rules.longest)
            for i in fired_at.get(t - before, ())
        ]
        if arriving:
            which = np.concatenate(arriving)
            reached = targets.flat[which]
            pulses += np.bincount(reached, rounded(s.flat[which]), N)
            sd.flat[which] -= rules.ratio * traces[t % kept, reached]
        if t == ms:  # a population that has come to a time has had its spikes
            break
        total = current + pulses
        first = v + (0.04 * v * v + 5 * v + 140 - u + total)
        half = 0.5 * (v + first)
        v = half + 0.5 * (0.04 * half * half + 5 * half + 140 - u + total)
        u = u + A * (0.2 * v - u)
        traces[(t + 1) % kept] = 0.95 * traces[t % kept]
        dopamine *= 0.995
        if (t + 1) % rules.every == 0:
            e = slice(None, EXCITATORY)
            if rules.has_dopamine:
                s[e] = np.clip(s[e] + (0.002 + dopamine) * sd[e], 0, rules.largest)
                sd *= 0.99
            else:
                s[e] = np.clip(s[e] + 0.01 + sd[e], 0, rules.largest)
                sd *= 0.9
        if rules.has_dopamine and rewards.comes(t + 1, 0 in fired, targets[0, 0] in fired):
            dopamine += REWARD
    return spikes, s[:EXCITATORY], sd[:EXCITATORY], dopamine


def population(name: str, seed: int, ms: int) -> tuple[list, np.ndarray, np.ndarray, float]:
    """The same, by a population in NEURON."""
    from neuron import h

    from izhikevich import STDP, Adjustable, DopamineSTDP, Population

    rules = RULES[name]
    h.dt = 1
    cells = Population(
        "2003",
        N,
        {"a": A, "b": 0.2, "c": -65, "d": D, "halves": 2, "thresh": np.nextafter(30, 0)},
    )
    targets, delays = draw(name, seed)
    weights = np.full((EXCITATORY, FAN_OUT), rules.excites)
    if rules.has_dopamine:
        weights[0, 0] = 0
    learning = cells.connect(
        np.repeat(np.arange(EXCITATORY), FAN_OUT),
        targets[:EXCITATORY].ravel(),
        weights=weights.ravel(),
        delays=delays[:EXCITATORY].ravel() - 1.0,
        plasticity=DopamineSTDP() if rules.has_dopamine else STDP(),
    )
    cells.connect(
        np.repeat(np.arange(EXCITATORY, N), FAN_OUT),
        targets[EXCITATORY:].ravel(),
        weights=rules.inhibits,
        delays=0.0,
        plasticity=Adjustable(),
    )
    rewards, noise = Rewards(seed), inputs(name, seed)
    pair = [0, targets[0, 0]]
    h.finitialize()
    for t in range(ms):
        cells.Iin[:] = next(noise)
        first, second = cells.v[pair] >= 30
        h.fadvance()
        if rules.has_dopamine and rewards.comes(t + 1, first, second):
            learning.dopamine += REWARD
    found = cells.spikes
    spikes = [(round(t), int(i)) for t, i in zip(*found, strict=True)]
    shape = EXCITATORY, FAN_OUT
    s, sd = np.empty(shape), np.empty(shape)
    s.flat[learning.given], sd.flat[learning.given] = learning.weights, learning.eligibility
    return spikes, s, sd, learning.dopamine


def main() -> None:
    """Compare the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(RULES))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    ms = 1000 * chosen.seconds
    begin = time.perf_counter()
    expected = program(chosen.name, chosen.seed, ms)
    middle = time.perf_counter()
    found = population(chosen.name, chosen.seed, ms)
    end = time.perf_counter()
    print(
        f"{len(expected[0])} spikes, the same: {expected[0] == found[0]}; weights differ by "
        f"{abs(expected[1] - found[1]).max():.3g}, derivatives by "
        f"{abs(expected[2] - found[2]).max():.3g}, dopamine {expected[3]:g} and {found[3]:g}; "
        f"{np.sum(expected[1] != RULES[chosen.name].excites)} weights changed; "
        f"numpy {middle - begin:.1f} s, population {end - middle:.2f} s"
    )
    sys.exit(expected[0] != found[0])


if __name__ == "__main__":
    main()
