"""The adaptive exponential integrate-and-fire cell, searched for as the book's: to compare with.

    C v' = -gL (v - EL) + gL D exp((v - VT)/D) - w + I     v > 0: v = Vr, w = w + b
    tau w' = a (v - EL) - w

R. Brette, W. Gerstner, J. Neurophysiol. 94:3637-3642, 2005. By numpy alone, with the step of the
recording; loss, window, number of starts, candidates and generations are those of `fit`.
"""

from __future__ import annotations

from collections.abc import Sequence

import cma
import numpy as np

from izhikevich.engine.candidates import EVERY, Trial
from izhikevich.fitting import search
from izhikevich.fitting.measurements import Stimulus
from izhikevich.fitting.score import WINDOW

#: pF, nS, mV, mV, mV, mV, ms, nS, pA; by factor where equal factors are equal steps.
BOUNDS = {
    "C": (10.0, 600.0, True),
    "gL": (1.0, 60.0, True),
    "EL": (-85.0, -45.0, False),
    "VT": (-60.0, -15.0, False),
    "D": (0.3, 10.0, True),
    "Vr": (-80.0, -25.0, False),
    "tau": (3.0, 1000.0, True),
    "a": (-10.0, 40.0, False),
    "b": (0.0, 600.0, False),
}


def fit(
    stimuli: Sequence[Stimulus], *, seed: int, generations: int, candidates: int, starts: int = 4
) -> dict[str, np.ndarray]:
    """The best cell, as arrays of one number."""
    aim = search._Aim(stimuli)
    trial = Trial(aim.targets, stimuli[0].dt)
    searches = []
    for start in range(starts):
        numbers = np.random.default_rng([seed, start])
        options = {
            "bounds": [0, 1],
            "popsize": candidates,
            "randn": lambda *shape, numbers=numbers: numbers.standard_normal(shape),
            "seed": np.nan,
            "verbose": -9,
            "verb_log": 0,
            "tolfun": 0,
            "tolx": 0,
        }
        begin = numbers.uniform(0.2, 0.8, len(BOUNDS)).tolist()
        searches.append(cma.CMAEvolutionStrategy(begin, 0.25, options))
    best, last = (np.inf, None), None
    for generation in range(generations):
        wide = next(w for end, w in search._WIDTHS if generation < max(1, end * generations))
        if wide != last:
            best, last = (np.inf, best[1]), wide
        asked = [each.ask() for each in searches]
        points = np.array([point for each in asked for point in each])
        times, cells, errors = _run(_values(points), trial, stimuli)
        losses, _ = aim.losses(trial.scores(times, cells, errors, wide * WINDOW))
        least = int(np.argmin(losses))
        if losses[least] < best[0]:
            best = losses[least], points[least].copy()
        for each, mine, theirs in zip(searches, asked, np.split(losses, starts), strict=True):
            each.tell(mine, theirs.tolist())
    return _values(best[1][None])


def run(cell: dict[str, np.ndarray], stimuli: Sequence[Stimulus]) -> list[tuple[np.ndarray]]:
    """Spike times under each stimulus, ms."""
    times, cells, _ = _run(cell, None, stimuli)
    return [(times[cells == k],) for k in range(len(stimuli))]


def _values(points: np.ndarray) -> dict[str, np.ndarray]:
    return {
        name: low * (high / low) ** x if by_factor else low + (high - low) * x
        for (name, (low, high, by_factor)), x in zip(BOUNDS.items(), points.T, strict=True)
    }


def _run(
    cell: dict[str, np.ndarray], trial: Trial | None, stimuli: Sequence[Stimulus]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dt, many, n = stimuli[0].dt, len(stimuli), len(cell["C"])
    steps = max(len(each.current) for each in stimuli)
    currents = np.zeros((steps, many, 1))
    for k, each in enumerate(stimuli):
        currents[: len(each.current), k, 0] = each.current
    leak, per = dt * cell["gL"] / cell["C"], dt / cell["C"]
    rest, threshold, sharp = cell["EL"], cell["VT"], cell["D"]
    follow = dt / cell["tau"]
    v = np.repeat(rest[None], many, axis=0)
    w, errors = np.zeros((many, n)), np.zeros((many, n))
    times, cells = [], []
    for step in range(steps):
        drive = sharp * np.exp(np.minimum((v - threshold) / sharp, 20.0))
        change = leak * (drive - (v - rest)) + per * (currents[step] - w)
        w += follow * (cell["a"] * (v - rest) - w)
        v += change
        fired = v > 0
        if fired.any():
            places = np.flatnonzero(fired)
            times.append(np.full(len(places), dt * (step + 1)))
            cells.append(places)
            v = np.where(fired, cell["Vr"], v)
            w += fired * cell["b"]
        if trial is not None and step % EVERY == EVERY - 1:
            trial.add_errors(errors, v, step // EVERY)
    if not times:
        return np.empty(0), np.empty(0, int), errors
    return np.concatenate(times), np.concatenate(cells), errors
