"""A network that no machine has to hold as a whole: each rank draws and steps its share.

    python examples/cluster.py --cells 20000
    mpiexec -n 4 python examples/cluster.py --cells 100000 --out spikes
    sbatch examples/cluster.sh

The cells are a ring, in which every fifth inhibits; each hears `FAN_IN` others that are near it. A
rank has the cells of an arc, and NEURON carries the spikes of those near its ends to its
neighbours. What a cell is and hears is drawn from the seed and the number of its block of cells
alone, so that the spikes are the same on any number of ranks.

Cells: E. M. Izhikevich, "Simple Model of Spiking Neurons", IEEE Trans. Neural Networks 14 (2003),
Fig. 3. Where they are, and how they are connected, is chosen for this example.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
if int(os.environ.get("SLURM_NTASKS", "1")) > 1:
    os.environ.setdefault("NEURON_INIT_MPI", "1")  # srun, unlike mpiexec, is not seen by NEURON

import numpy as np  # noqa: E402
from neuron import h  # noqa: E402

from izhikevich import Population  # noqa: E402

#: Cells that are drawn together, and given to the same rank.
BLOCK = 1000
#: Connections onto each cell; how far away in the ring their sources are, on the average and at
#: most.
FAN_IN, SPREAD, REACH = 100, 1000, 4000
#: Largest weights, mV/ms; delays, ms.
EXCITE, INHIBIT = 3.0, -6.0
SHORTEST, LONGEST = 2, 20

Connections = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def inhibits(gids: np.ndarray) -> np.ndarray:
    """Which cells inhibit."""
    return gids % 5 == 4


class Arc:
    """The cells `first` to `end` of a ring, and the connections onto them.

    To iterate over it is to draw the connections: sources, targets (gids), weights (mV/ms) and
    delays (ms), block by block.
    """

    def __init__(self, cells: int, first: int, end: int, seed: int) -> None:
        self.cells = cells
        self.seed = seed
        self.gids = np.arange(first, end)

    def parameters(self) -> dict[str, Any]:
        """Parameters of the cells, each a number or an array."""
        r = np.concatenate([self._random(0, block).random(len(block)) for block in self._blocks()])
        calm = inhibits(self.gids)
        return {
            "a": np.where(calm, 0.02 + 0.08 * r, 0.02),
            "b": np.where(calm, 0.25 - 0.05 * r, 0.2),
            "c": np.where(calm, -65, -65 + 15 * r**2),
            "d": np.where(calm, 2, 8 - 6 * r**2),
            "sigma": np.where(calm, 2.0, 5.0),
            "halves": 2,
        }

    def __iter__(self) -> Iterator[Connections]:
        for block in self._blocks():
            random, n = self._random(1, block), len(block) * FAN_IN
            away = 1 + (random.exponential(SPREAD, n) % REACH).astype(int)
            away *= random.choice([-1, 1], n)
            targets = np.repeat(block, FAN_IN)
            sources = (targets + away) % self.cells
            weights = random.random(n) * np.where(inhibits(sources), INHIBIT, EXCITE)
            yield sources, targets, weights, random.integers(SHORTEST, LONGEST, n, endpoint=True)

    def near_the_ends(self) -> np.ndarray:
        """Places of the cells that other arcs may hear."""
        places = np.arange(len(self.gids))
        return places[(places < REACH) | (places >= len(places) - REACH)]

    def _blocks(self) -> list[np.ndarray]:
        return np.split(self.gids, range(BLOCK, len(self.gids), BLOCK))

    def _random(self, purpose: int, block: np.ndarray) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose, block[0] // BLOCK])


def arc_of_rank(cells: int, seed: int, rank: int, ranks: int) -> Arc:
    """The share of a rank: as many blocks as the others have, or one more."""
    blocks = -(-cells // BLOCK)
    first, end = (min(cells, BLOCK * (blocks * k // ranks)) for k in (rank, rank + 1))
    if first == end:
        sys.exit(f"{cells:,} cells are {blocks} blocks of {BLOCK}, too few for {ranks} ranks")
    return Arc(cells, first, end, seed)


def main() -> None:
    """Build and run the share of this rank."""
    parser = argparse.ArgumentParser(description="A network of which each rank builds its share.")
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder for the spikes, a file for each rank")
    options = parser.parse_args()

    context = h.ParallelContext()
    rank, ranks = int(context.id()), int(context.nhost())
    begin = time.perf_counter()
    h.dt = 1
    arc = arc_of_rank(options.cells, options.seed, rank, ranks)
    population = Population(
        "2003", len(arc.gids), arc.parameters(), gids=arc.gids, register=False, seed=options.seed
    )
    if ranks > 1:
        population.register(arc.near_the_ends().tolist())
        context.barrier()  # nobody listens to a cell before it is registered
    population.connect_pieces(arc)
    built = time.perf_counter()

    h.CVode().queue_mode(True)  # events are on the grid
    context.set_maxstep(10)
    h.finitialize()
    context.psolve(1000 * options.seconds)
    ran = time.perf_counter()

    times, gids = population.spikes
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        np.savez(options.out / f"rank{rank}.npz", times=times, gids=gids)
    spikes = context.allreduce(len(times), 1)
    building = context.allreduce(built - begin, 2)  # of the slowest
    running = context.allreduce(ran - built, 2)
    if rank == 0:
        print(f"{options.cells:,} cells on {ranks} ranks, {options.cells * FAN_IN:,} connections")
        print(f"built in {building:.1f} s, ran {options.seconds} s in {running:.1f} s")
        print(f"{spikes / options.cells / options.seconds:.2f} spikes/s", flush=True)
    if ranks > 1:
        context.barrier()
        h.quit()  # tells MPI


if __name__ == "__main__":
    main()
