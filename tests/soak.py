"""A thousand cells of all types under random drive for a long time: nothing latches or grows.

    python tests/soak.py --minutes 10

Half of each type are point processes, half are in sections. Each second of model time every cell
gets another current, some of them beyond all reason, and Poisson input through its receptors. At
the end of each second all are looked at: v and u are numbers, and no cell that had no current, and
no more than its synapses, fired more than 500 times, whatever it had before. Two types, those with
a < 0, are left out: their u leaves every bound by itself. A few seconds of it are a test.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def soak(seconds: int, cells: int = 1000, dt: float = 0.25, seed: int = 1) -> dict:
    """Run, look, and give what was seen; raises AssertionError with the cell that is wrong."""
    import psutil
    from neuron import h

    from izhikevich import create_cells, forget_gids
    from izhikevich.catalog import CATALOG

    r = np.random.default_rng(seed)
    forget_gids()
    context = h.ParallelContext()
    kinds = [
        (paper, key, variant)
        for paper in CATALOG
        for key, entry in CATALOG[paper].items()
        for variant in ("PP", "Sec")
        if entry.parameters["a"] > 0
    ]
    counts = np.bincount(np.arange(cells) % len(kinds), minlength=len(kinds))
    everyone, first, kept = [], 0, []
    for (paper, key, variant), n in zip(kinds, counts.tolist(), strict=True):
        if n:
            gids = range(first, first + n)
            everyone += create_cells(paper, key, gids, variant, jitter=0.05, seed=seed)
            first += n
    for gid, cell in enumerate(everyone):
        train = h.NetStim()
        train.interval, train.number, train.start, train.noise = 10, 1e12, 0, 1
        train.noiseFromRandom123(gid, seed, 7)
        book = cell.cell_type.paper == "2007"
        if cell.variant == "PP":
            receptors = ("AMPA", "GABAA") if book else ("conductance", "pulse")
            sizes = (20.0, 10.0) if book else (0.1, 10.0)
        else:
            receptors, sizes = [], (0.01, 0.01) if book else (1e-4, 1e-4)
            for e in (0, -75):
                synapse = h.ExpSyn(cell.sec(0.5))
                synapse.tau, synapse.e = 5, e
                receptors.append(synapse)
            kept.append(receptors)
        for receptor, size in zip(receptors, sizes, strict=True):
            cell.connect_from(train, receptor, weight=size, delay=1)
        kept.append(train)
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    h.dt = dt
    context.set_maxstep(10)
    h.finitialize(-65)
    n_spikes, memory = 0, []
    for second in range(1, seconds + 1):
        strength = r.choice([0, 0.5, 1, 10], p=[0.3, 0.4, 0.2, 0.1], size=cells)
        for cell, times_usual in zip(everyone, strength, strict=True):
            usual = 600 if cell.cell_type.paper == "2007" else 15
            cell.izh.Iin = usual * times_usual * r.normal()
        before = int(times.size())
        context.psolve(1000 * second)
        fired = np.bincount(np.asarray(gids, int)[before:], minlength=cells)
        n_spikes += int(fired.sum())
        voltages = np.array([cell.vref[0] for cell in everyone])
        recoveries = np.array([cell.izh.u for cell in everyone])
        assert np.isfinite(voltages).all() and np.isfinite(recoveries).all()
        worst = int(np.argmax(np.where(strength == 0, fired, 0)))
        assert fired[worst] < 500, f"gid {worst} fired {fired[worst]} times without a current"
        times.resize(0)
        gids.resize(0)
        memory.append(psutil.Process().memory_info().rss)
    assert n_spikes > 10 * cells * seconds
    return {"spikes": n_spikes, "memory": memory, "silent": int(np.sum(fired == 0))}


def main() -> None:
    """Run for as long as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--cells", type=int, default=1000)
    given = parser.parse_args()
    begin = time.perf_counter()
    seen = soak(round(60 * given.minutes), given.cells)
    grown = (seen["memory"][-1] - seen["memory"][min(10, len(seen["memory"]) - 1)]) / 1e6
    print(
        f"{given.cells} cells, {given.minutes:g} minutes of model time: {seen['spikes']} spikes, "
        f"nothing wrong; memory grew by {grown:.1f} MB ({time.perf_counter() - begin:.0f} s)"
    )


if __name__ == "__main__":
    main()
