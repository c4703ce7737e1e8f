"""What connections cost: from arrays, one by one, and by NEURON alone.

    python benchmarks/connections.py [--connections 10000000]

10,000 point processes of 2007, connected at random by AMPA receptors with weights and delays of
their own. Each way is measured in a process of its own, in turns; seconds of the processor stand
beside those of the clock, which count whatever else the machine does. "NEURON" is
``gid_connect``, weight and delay in a loop of Python, which keeps what it makes in a list.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

CELLS = 10_000


def from_arrays(cells, sources, targets, weights, delays):
    """By `connect_cells`."""
    from izhikevich import connect_cells

    return connect_cells(cells, sources, targets, "AMPA", weights=weights, delays=delays)


def one_by_one(cells, sources, targets, weights, delays):
    """By `connect_from`."""
    rows = (x.tolist() for x in (sources, targets, weights, delays))
    for source, target, weight, delay in zip(*rows, strict=True):
        cells[target].connect_from(source, "AMPA", weight=weight, delay=delay)


def neuron_alone(cells, sources, targets, weights, delays):
    """By NEURON's own calls, each looked up once."""
    from neuron import h

    connect, points, kept = h.ParallelContext().gid_connect, [cell.izh for cell in cells], []
    rows = (x.tolist() for x in (sources, targets, weights, delays))
    for source, target, weight, delay in zip(*rows, strict=True):
        connection = connect(source, points[target])
        connection.weight[0] = weight
        connection.delay = delay
        kept.append(connection)
    return kept


WAYS = {"from arrays": from_arrays, "one by one": one_by_one, "NEURON": neuron_alone}


def memory():
    """Memory of this process, bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(way, n):
    """Make n connections in this process."""
    from izhikevich import create_cells

    cells = create_cells("2007", "RS", range(CELLS))
    random = np.random.default_rng(1)
    columns = [
        random.integers(0, CELLS, n, dtype=np.int32),
        random.integers(0, CELLS, n, dtype=np.int32),
        random.random(n),
        random.integers(2, 20, n) / 1.0,
    ]
    gc.disable()
    before, clock, processor = memory(), time.perf_counter(), time.process_time()
    kept = WAYS[way](cells, *columns)
    result = {
        "clock": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "bytes": (memory() - before) / n,
    }
    del kept
    return result


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--repeat", type=int, default=3, help="the fastest counts (default 3)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    n = chosen.connections
    if chosen.one:
        print("RESULT " + json.dumps(measure(chosen.one, n)), flush=True)
        os._exit(0)  # to free so many takes longer
    print(f"{n:,} connections among {CELLS:,} cells\n")
    print("| | s of the processor | s of the clock | the same for 10,000,000 | bytes each |")
    print("|---|---|---|---|---|")
    runs = {way: [] for way in chosen.only}
    for _ in range(chosen.repeat):
        for way, found in runs.items():
            command = [sys.executable, str(HERE), "--one", way, "--connections", str(n)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            line = next(x for x in done.stdout.splitlines() if x.startswith("RESULT "))
            found.append(json.loads(line.removeprefix("RESULT ")))
    for way, found in runs.items():
        best = min(found, key=lambda run: run["processor"])
        print(
            f"| {way} | {best['processor']:.2f} | {min(run['clock'] for run in found):.2f} "
            f"| {best['processor'] * 1e7 / n:.0f} | {best['bytes']:.0f} |"
        )


if __name__ == "__main__":
    main()
