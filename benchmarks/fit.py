"""How well fits predict what they were not fitted to, what they cost, and known cells found again.

    python benchmarks/fit.py RECORDING [--stimuli 00 04 05] [--dt 0.2] [--seeds 1 2]
    python benchmarks/fit.py --synthetic

The first takes each of the stimuli out, fits to all others of the recording that are named by
--train, and prints the coincidence factor of the stimulus that was left out, as a share of its
trials' own agreement, beside that of an adaptive exponential integrate-and-fire cell that was
searched for by as many candidates with the same loss. Then it fits to all of --stimuli, and prints
time and memory. The second fits to ten cells of the book's types under fluctuating current with
noise, and prints how many spikes on another current lie within 0.5 ms of the true cell's, and
whether the spread covers the truth.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
# the processes of a fit have one thread each; this one shall not take their cores
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from izhikevich.fitting.prediction import predict  # noqa: E402
from izhikevich.fitting.reading import read  # noqa: E402
from izhikevich.fitting.score import relative_gamma  # noqa: E402
from izhikevich.fitting.search import BOUNDS, fit  # noqa: E402

#: Of the synthetic cells: type of the book, and scales of its parameters.
SYNTHETIC = [(key, scale) for key in ("RS", "IB", "CH") for scale in (1.0, 0.9, 1.1)] + [
    ("RS", 1.2)
]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", nargs="?", type=Path)
    parser.add_argument("--stimuli", nargs="+", default=["00", "04", "05"])
    parser.add_argument("--train", nargs="*", default=[], help="stimuli that are always fitted to")
    parser.add_argument("--dt", type=float, default=0.2, help="of the samples, ms")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--generations", type=int, default=100)
    parser.add_argument("--candidates", type=int, default=80)
    parser.add_argument("--no-adex", action="store_true")
    parser.add_argument("--synthetic", action="store_true")
    given = parser.parse_args()
    if given.recording is None and not given.synthetic:
        parser.error("give a RECORDING, or --synthetic")
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores")
    if given.recording is not None:
        measure_recording(given)
    if given.synthetic:
        measure_synthetic(given)


def measure_recording(given: argparse.Namespace) -> None:
    """Leave one out, and the cost of a fit to all."""
    stimuli = {each.name: each for each in read(given.recording, dt=given.dt)}
    budget = {"generations": given.generations, "candidates": given.candidates}
    for seed in given.seeds:
        found: dict[str, list[float]] = {"book": [], "AdEx": []}
        for name in given.stimuli:
            names = dict.fromkeys([*given.stimuli, *given.train])
            train = [stimuli[other] for other in names if other != name]
            result = fit(train, seed=seed, **budget)
            (held,) = predict(result.parameters, [stimuli[name]])
            found["book"].append(held.relative_gamma)
            line = f"seed {seed}, {name} held out: book {held.relative_gamma:.3f}"
            line += f" ({result.seconds:.0f} s)"
            if not given.no_adex:
                import adex

                begin = time.monotonic()
                cell = adex.fit(train, seed=seed, **budget)
                spikes = adex.run(cell, [stimuli[name]])[0][0]
                found["AdEx"].append(relative_gamma(spikes, stimuli[name]))
                line += f", AdEx {found['AdEx'][-1]:.3f} ({time.monotonic() - begin:.0f} s)"
            print(line, flush=True)
        means = ", ".join(f"{name} {np.mean(x):.3f}" for name, x in found.items() if x)
        print(f"seed {seed}, mean of those held out: {means}", flush=True)
    with Memory() as memory:
        result = fit([stimuli[name] for name in given.stimuli], seed=given.seeds[0], **budget)
    print(
        f"fit to {', '.join(given.stimuli)}: {result.seconds:.1f} s, "
        f"{memory.largest / 1e6:.0f} MB in all processes, loss {result.loss:.3f}"
    )


def measure_synthetic(given: argparse.Namespace) -> None:
    """Ten cells whose parameters are known."""
    from synthetic_cells import fluctuating, recording, run

    from izhikevich.catalog import cell_type
    from izhikevich.fitting.measurements import Stimulus

    covered = []
    for number, (key, scale) in enumerate(SYNTHETIC):
        known = cell_type("2007", key).parameters
        cell = {name: float(known[name]) for name in BOUNDS}
        for name in ("C", "k", "d", "a"):
            cell[name] *= scale
        unit = 400 * cell["C"]
        rng = np.random.default_rng(number)
        sizes = (("a", 0.6, 0.6), ("b", 0.3, 0.9), ("c", 0.9, 0.3))
        stimuli = [
            recording(
                cell,
                rng,
                mean=mean * unit,
                size=size * unit,
                noise=0.02 * unit,
                trials=4,
                name=name,
            )
            for name, mean, size in sizes
        ]
        result = fit(stimuli, seed=1, generations=given.generations, candidates=given.candidates)
        current = fluctuating(rng, 2000, 0.5 * unit, 0.7 * unit)
        truth, _ = run(cell, current)
        (held,) = predict(result.parameters, [Stimulus("new", stimuli[0].dt, current, (truth,))])
        away = np.abs(truth[:, None] - held.spikes[None]).min(axis=1, initial=np.inf)
        missed = [
            name for name, (low, high) in result.spread.items() if not low <= cell[name] <= high
        ]
        covered.append(not missed)
        print(
            f"{key} x {scale:g}: {100 * np.mean(away <= 0.5 + 1e-9):.0f} % of {len(truth)} spikes "
            f"within 0.5 ms ({len(held.spikes)} predicted); spread "
            f"{'covers all' if not missed else 'misses ' + ', '.join(missed)}; "
            f"{result.seconds:.0f} s",
            flush=True,
        )
    print(f"the spread covers all nine parameters in {sum(covered)} of {len(covered)} cells")


class Memory:
    """Largest memory of this process and those it started, in bytes, while this is entered."""

    def __enter__(self) -> Memory:
        self.largest, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        import psutil

        me = psutil.Process()
        while not self._over.wait(0.2):
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.largest = max(self.largest, total)


if __name__ == "__main__":
    main()
