"""A microcircuit of the book's cells: RS and CH excite, FS and LTS inhibit, by four receptors.

    python examples/microcircuit.py
    python examples/microcircuit.py --cells 2000 --seconds 2 --out microcircuit.png

Each cell hears 200 others, after delays of 1 to 10 ms, and 100 fibres that bring spikes at random
times. What excites opens AMPA and NMDA receptors, what inhibits GABA-A and GABA-B. All cells are
one population, four types in the same arrays; the fibres are NetStims of NEURON's.

Cells: E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8. How many
there are of each, and what connects them, is chosen for this example.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from neuron import h  # noqa: E402

from izhikevich import Population  # noqa: E402
from izhikevich.catalog import cell_type  # noqa: E402

#: Part of the cells that is of each type, and the type's name in the catalogue.
TYPES = {"RS": 0.65, "CH": 0.15, "FS": 0.12, "LTS": 0.08}
EXCITATORY = ("RS", "CH")
FAN_IN, FIBRES_PER_CELL = 200, 100
FIBRES, RATE = 2000, 8.0  # how many there are, and the spikes/s of each
STEP, SHORTEST, LONGEST = 0.25, 1.0, 10.0  # ms
#: Largest weight of a connection, nS; weights are spread evenly from 0 on.
WEIGHTS = {"AMPA": 0.5, "NMDA": 0.02, "GABAA": 2.0, "GABAB": 0.03}
#: The same of a fibre onto a cell of each type, some of which need more than others to fire.
FROM_FIBRE = {"RS": 0.6, "CH": 1.4, "FS": 0.6, "LTS": 1.2}


class Connections(NamedTuple):
    """Connections of one receptor: gids, nS, ms."""

    receptor: str
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray


class Circuit(NamedTuple):
    """Sizes of the types, parameters of all cells by name, starts (mV), connections.

    Cells have gids from 0 on, in the order of the types; fibres follow them.
    """

    sizes: dict[str, int]
    parameters: dict[str, np.ndarray]
    v0: np.ndarray
    connections: list[Connections]


def circuit(cells: int, seed: int = 1, fan_in: int = FAN_IN) -> Circuit:
    """Draw a microcircuit.

    Parameters
    ----------
    cells : int
    seed : int
        Of starts and connections.
    fan_in : int
        Connections onto each cell, beside those of the fibres.
    """
    random = np.random.default_rng(seed)
    sizes = {key: round(part * cells) for key, part in TYPES.items()}
    sizes["RS"] += cells - sum(sizes.values())
    types = [cell_type("2007", key) for key in sizes]
    names = dict.fromkeys(name for each in types for name in each.parameters)
    parameters = {
        name: np.repeat([each.parameters[name] for each in types], list(sizes.values()))
        for name in names
        if name != "Iin"
    }
    excitatory = sum(sizes[key] for key in EXCITATORY)

    def drawn(receptor: str, sources: np.ndarray, largest: Any) -> Connections:
        n = len(sources)
        delays = random.integers(round(SHORTEST / STEP), round(LONGEST / STEP), n, endpoint=True)
        targets = np.repeat(np.arange(cells, dtype=np.int32), n // cells)
        return Connections(
            receptor, sources, targets, largest * random.random(n), STEP * delays.astype(float)
        )

    heard = round(fan_in * excitatory / cells)
    excite = random.integers(0, excitatory, cells * heard, dtype=np.int32)
    inhibit = random.integers(excitatory, cells, cells * (fan_in - heard), dtype=np.int32)
    fibres = random.integers(cells, cells + FIBRES, cells * FIBRES_PER_CELL, dtype=np.int32)
    onto = np.repeat(list(FROM_FIBRE.values()), [n * FIBRES_PER_CELL for n in sizes.values()])
    connections = [drawn("AMPA", fibres, onto)]
    for sources, receptors in ((excite, ("AMPA", "NMDA")), (inhibit, ("GABAA", "GABAB"))):
        fast, slow = (drawn(receptor, sources, WEIGHTS[receptor]) for receptor in receptors)
        connections += [fast, slow._replace(delays=fast.delays)]  # one spike opens both
    v0 = random.uniform(-70, -50, cells)
    return Circuit(sizes, parameters, v0, connections)


def fibres(first: int, seed: int = 1) -> list[Any]:
    """Make the fibres, spike sources with gids from `first` on, at random times for ever."""
    context, made = h.ParallelContext(), []
    for gid in range(first, first + FIBRES):
        fibre = h.NetStim()
        fibre.interval, fibre.number, fibre.start, fibre.noise = 1000 / RATE, 1e9, 0, 1
        fibre.noiseFromRandom123(gid, seed, 2)
        context.set_gid2node(gid, context.id())
        context.cell(gid, h.NetCon(fibre, None))
        made.append(fibre)
    return made


def build(found: Circuit, seed: int = 1) -> tuple[Population, list[Any]]:
    """Make the population of a circuit and its fibres, which are to be kept."""
    h.dt = STEP
    cells = len(found.v0)
    population = Population(
        "2007", cells, found.parameters, gids=range(cells), register=False, v0=found.v0
    )
    kept = fibres(cells, seed)
    for receptor, sources, targets, weights, delays in found.connections:
        population.connect(sources, targets, weights=weights, delays=delays, receptor=receptor)
    return population, kept


def run(seconds: float) -> None:
    """Run what there is."""
    h.CVode().queue_mode(True)  # events are on the grid
    h.ParallelContext().set_maxstep(10)
    h.finitialize()
    h.ParallelContext().psolve(1000 * seconds)


def rates(found: Circuit, cells: np.ndarray, seconds: float) -> dict[str, float]:
    """Mean rate of each type, spikes/s."""
    ends = np.cumsum(list(found.sizes.values()))
    counts = np.bincount(np.searchsorted(ends, cells, side="right"), minlength=len(ends))
    return {key: counts[k] / found.sizes[key] / seconds for k, key in enumerate(found.sizes)}


def draw(found: Circuit, times: np.ndarray, cells: np.ndarray, seconds: float) -> object:
    """Raster of some cells of each type, and rates over time."""
    import matplotlib.pyplot as plt

    figure, (raster, rate) = plt.subplots(
        2, 1, sharex=True, figsize=(9, 7), height_ratios=(3, 1), layout="constrained"
    )
    colours = {"RS": "tab:red", "CH": "tab:orange", "FS": "tab:blue", "LTS": "tab:green"}
    first, row = 0, 0
    edges = np.arange(0, 1000 * seconds + 5, 5)
    for key, size in found.sizes.items():
        mine = (cells >= first) & (cells < first + size)
        shown = mine & (cells < first + size * min(1.0, 500 / len(found.v0)))
        raster.plot(times[shown], cells[shown] - first + row, ".", color=colours[key], markersize=2)
        counts, _ = np.histogram(times[mine], edges)
        rate.plot(edges[:-1], counts / size / 0.005, color=colours[key], label=key)
        row += round(size * min(1.0, 500 / len(found.v0)))
        first += size
    raster.set(ylabel="cell", ylim=(0, row))
    rate.set(xlabel="ms", ylabel="spikes/s", xlim=(0, 1000 * seconds))
    figure.legend(*rate.get_legend_handles_labels(), loc="outside upper right", ncols=4)
    return figure


def main() -> None:
    """Run the microcircuit that the command line asks for."""
    parser = argparse.ArgumentParser(description="A microcircuit of the book's cells.")
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file for the figure, such as microcircuit.png")
    options = parser.parse_args()
    found = circuit(options.cells, options.seed)
    population, _kept = build(found, options.seed)
    run(options.seconds)
    times, cells = population.spikes
    for key, rate in rates(found, cells, options.seconds).items():
        print(f"{key}: {found.sizes[key]:,} cells, {rate:.2f} spikes/s")
    if options.out:
        draw(found, times, cells, options.seconds).savefig(options.out, dpi=150)
        print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
