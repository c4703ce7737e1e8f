"""A map of 100 x 100 cells, beside as many runs one by one.

python benchmarks/maps.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from izhikevich import map_of, simulate

SINGLE = 200


def seconds(action, *arguments, **others):
    """How long it takes, and what it gives."""
    start = time.perf_counter()
    result = action(*arguments, **others)
    return time.perf_counter() - start, result


def main():
    """Measure and print."""
    simulate("2004", "tonic spiking")  # loads NEURON
    for paper, key, x, y in (("2004", "tonic spiking", "c", "d"), ("2007", "RS", "b", "k")):
        mapped, found = seconds(map_of, paper, key, x, y)
        lines, _ = seconds(lambda found=found: found.lines)
        single = 0.0
        for n in range(SINGLE):
            parameters = {x: found.xs[n % 100], y: found.ys[(7 * n) % 100]}
            took, _ = seconds(simulate, paper, key, tstop=found.choice.tstop, parameters=parameters)
            single += took
        alone = single / SINGLE * found.patterns.size
        print(
            f"{key}, {x} and {y}: map {mapped:.1f} s, its lines {lines:.1f} s; one by one "
            f"{alone:.0f} s, {alone / mapped:.0f} times as long"
        )


if __name__ == "__main__":
    main()
