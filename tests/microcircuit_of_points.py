"""The microcircuit of the examples, of point processes and NetCons instead of a population.

    python tests/microcircuit_of_points.py CELLS SECONDS

writes the spikes of both as one JSON line: times and cells, in order.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]

import microcircuit  # noqa: E402
import numpy as np  # noqa: E402
from neuron import h  # noqa: E402

from izhikevich import connect_cells, create_cells, forget_gids  # noqa: E402
from izhikevich.engine.population_connections import (  # noqa: E402
    LATER,
    PARTS_OF_CONDUCTANCE,
    exact,
)


def of_population(found, seconds):
    """Times (ms) and cells."""
    population, _kept = microcircuit.build(found)
    microcircuit.run(seconds)
    spikes = [each.copy() for each in population.spikes]
    forget_gids()
    return spikes


def of_points(found, seconds):
    """Times (ms) and cells."""
    cells, kept = [], microcircuit.fibres(len(found.v0))
    for key, size in found.sizes.items():
        cells += create_cells("2007", key, range(len(cells), len(cells) + size))
    for receptor, sources, targets, weights, delays in found.connections:
        weights = exact(weights, PARTS_OF_CONDUCTANCE)
        kept.append(
            connect_cells(cells, sources, targets, receptor, weights=weights, delays=delays + LATER)
        )
    context, times, gids = h.ParallelContext(), h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    h.dt = microcircuit.STEP
    h.CVode().queue_mode(True)
    context.set_maxstep(10)
    h.finitialize()
    for cell, v in zip(cells, found.v0, strict=True):
        cell.izh.V = v
    context.psolve(1000 * seconds + microcircuit.STEP)
    times, gids = times.as_numpy(), gids.as_numpy().astype(int)
    of_cells = (gids < len(cells)) & (times <= 1000 * seconds)
    return times[of_cells], gids[of_cells]


def in_order(times, cells):
    order = np.lexsort((cells, times))
    return [times[order].tolist(), cells[order].tolist()]


def main():
    cells, seconds = int(sys.argv[1]), float(sys.argv[2])
    found = microcircuit.circuit(cells)
    result = {
        "sizes": found.sizes,
        "population": in_order(*of_population(found, seconds)),
        "points": in_order(*of_points(found, seconds)),
    }
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
