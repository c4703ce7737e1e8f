"""Random networks of one model, as point processes and as populations: the same bits.

    python tests/population_networks.py --seeds 600

Cells of all types of the model with spread parameters, driven strongly; pulses, as many as there
are, and conductances, of which at most one comes to a receptor in a step, for of more the point
processes take the sum in the order of arrival. `run` makes some cells parts of populations and the
others point processes, connected with each other both ways and driven by trains of events.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

from izhikevich.catalog import CATALOG

MODELS = {"quadratic": "Izhi2003a", "book": "Izhi2007a"}
TYPES = {
    name: [
        entry for types in CATALOG.values() for entry in types.values() if entry.model.name == name
    ]
    for name in MODELS
}
RECEPTORS = {
    "quadratic": ("conductance", "pulse"),
    "book": ("AMPA", "NMDA", "GABAA", "GABAB", "opsin"),
}
#: Largest weights of one event.
LARGEST = {
    "conductance": 0.3, "pulse": 60.0, "AMPA": 40.0, "NMDA": 10.0, "GABAA": 40.0, "GABAB": 6.0,
    "opsin": 6.0,
}  # fmt: skip
SPREAD = ("a", "b", "c", "d", "k", "C", "e", "f", "g")


@dataclass
class Network:
    """Cells as arrays of parameters; trains; connections (source, target, receptor, weight, steps).

    Sources from `size` on are trains.
    """

    model: str
    seed: int
    dt: float
    tstop: float
    size: int
    halves: float
    parameters: dict
    trains: list = field(default_factory=list)
    connections: list = field(default_factory=list)


def draw(seed: int, model: str | None = None) -> Network:
    """A network that follows from its seed."""
    r = np.random.default_rng(seed)
    model = model or str(r.choice(list(MODELS)))
    size = int(r.integers(1, 12) if r.random() < 0.3 else r.integers(12, 300))
    dt = float(r.choice([0.025, 0.1, 0.25, 0.3, 0.5, 1.0]))
    steps = int(r.choice([200, 400]))
    chosen = [TYPES[model][k] for k in r.integers(0, len(TYPES[model]), size)]
    if r.random() < 0.2:
        chosen = [chosen[0]] * size
    strong = r.random() < 0.3
    parameters = {}
    for each in TYPES[model][0].model.parameters:
        values = np.array([each_type.model.complete(each_type.parameters)[each.name]
                           for each_type in chosen])  # fmt: skip
        if each.name in SPREAD:
            values = values * r.uniform(0.9, 1.1, size)
        parameters[each.name] = values
    parameters["alive"] = (r.random(size) > 0.03).astype(float)
    if model == "book":
        parameters["Iin"] = r.uniform(-500, 5000 if strong else 600, size)
        parameters["keepg"] = r.integers(0, 2, size).astype(float)
        parameters["eGABAA"] = r.choice([-70.0, -85.0], size)
    else:
        parameters["Iin"] = r.uniform(-10, 80 if strong else 20, size)
        parameters["sigma"] = np.full(size, 0.0) if r.random() < 0.5 else r.uniform(0, 5, size)
        parameters["taug"] = r.uniform(1, 5, size)
        parameters["erev"] = r.choice([0.0, -80.0], size)
    for name, values in parameters.items():  # as numbers where cells have the same
        if np.all(values == values[0]):
            parameters[name] = float(values[0])
    net = Network(model, seed, dt, steps * dt, size, float(r.integers(1, 3)), parameters)
    for _ in range(int(r.integers(0, 8))):
        net.trains.append((r.uniform(0, 5), dt * float(r.uniform(1.5, 30))))
    taken = set()
    for _ in range(int(r.integers(0, 12)) * size):
        source, target = int(r.integers(size + len(net.trains))), int(r.integers(size))
        receptor = str(r.choice(RECEPTORS[model]))
        if receptor != "pulse":
            if (target, receptor) in taken:
                continue
            taken.add((target, receptor))
        weight = LARGEST[receptor] * float(r.random())
        if receptor == "pulse":
            weight *= float(r.choice([1.0, -0.7]))
        weight = float(np.round(weight * 2**30) / 2**30)
        net.connections.append((source, target, receptor, weight, int(r.integers(1, 20))))
    return net


def parts_of(net: Network, how: str) -> list[np.ndarray]:
    """Which cells each population has."""
    everyone = np.arange(net.size)
    if how == "points":
        return []
    if how == "one":
        return [everyone]
    r = np.random.default_rng([net.seed, 1])
    part = r.integers(0, 3, net.size)  # two populations, and point processes
    return [found for k in (0, 1) if len(found := everyone[part == k])]


def run(net: Network, how: str = "one", threads: int = 1) -> tuple[list, dict, list]:
    """Spikes as (time, gid), v and u of each cell at the end, and v at every step of some.

    `how` is "points" (no population), "one" (all cells in one) or "parts" (two populations and
    point processes).
    """
    from neuron import h

    from izhikevich import Population, when_not_finite
    from izhikevich.engine import mechanisms

    mechanisms.load()
    when_not_finite("ignore")  # both kinds of cell run away alike
    context, kept = h.ParallelContext(), []
    context.gid_clear()
    context.nthread(threads)
    h.CVode().active(0)
    h.dt = net.dt
    model = TYPES[net.model][0].model
    parts = parts_of(net, how)
    populations, home = [], {}
    for part in parts:
        own = {name: x[part] if np.ndim(x) else x for name, x in net.parameters.items()}
        if net.model == "quadratic":
            own["halves"] = net.halves
        population = Population(model, len(part), own, gids=part, seed=5)
        populations.append(population)
        home.update({int(gid): (population, k) for k, gid in enumerate(part)})
    sections = [h.Section(name=f"host{k}") for k in range(threads)]
    points: dict = {}
    for gid in range(net.size):
        if gid in home:
            continue
        point = getattr(h, MODELS[net.model])(sections[gid % threads](0.5))
        for name, x in net.parameters.items():
            setattr(point, name, x[gid] if np.ndim(x) else x)
        if net.model == "quadratic":
            point.halves = net.halves
            point.stream.set_ids(gid, 5, 1)
        context.set_gid2node(gid, 0)
        context.cell(gid, h.NetCon(point, None))
        points[gid] = point
    trains = []
    for start, interval in net.trains:
        train = h.NetStim()
        train.start, train.interval, train.number, train.noise = start, interval, 1e9, 0
        trains.append(train)
    arrays: dict = {}
    for source, target, receptor, weight, steps in net.connections:
        if target in home and source < net.size:
            population = home[target][0]
            arrays.setdefault((id(population), receptor), (population, []))[1].append(
                (source, target, weight, steps * net.dt)
            )
            continue
        if target in home:
            population, place = home[target]
            ending, names = population[place].izh, population.receptors
        else:
            ending, names = points[target], RECEPTORS[net.model]
        if source >= net.size:
            connection = h.NetCon(trains[source - net.size], ending)
        else:
            connection = context.gid_connect(source, ending)
        connection.weight[names.index(receptor)] = weight
        connection.delay = steps * net.dt
        kept.append(connection)
    for (_, receptor), (population, rows) in arrays.items():
        sources, targets, weights, delays = map(np.array, zip(*rows, strict=True))
        population.connect(sources, targets, weights=weights, delays=delays, receptor=receptor)
    watched = sorted({0, net.size // 2, net.size - 1})
    traces = [
        home[k][0].record([home[k][1]])[0]
        if k in home
        else h.Vector().record(points[k], points[k]._ref_V)
        for k in watched
    ]
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    context.set_maxstep(10)
    h.finitialize(-65)
    for _ in range(round(net.tstop / net.dt)):
        h.fadvance()
    until = net.tstop - net.dt / 2  # point processes see a spike of the last state a step later
    spikes = sorted((t, int(gid)) for t, gid in zip(times, gids, strict=True) if t < until)
    ends = {}
    for gid in range(net.size):
        if gid in home:
            population, place = home[gid]
            v, u = float(population.v[place]), float(population.u[place])
        else:
            v, u = points[gid].V, points[gid].u
        ends[gid] = (v, u, v > peak(net, gid, u))
    for population in populations:
        own = population.spikes
        mine = sorted((t, int(gid)) for t, gid in zip(*own, strict=True) if t < until)
        assert mine == [(t, gid) for t, gid in spikes if home.get(gid, (None,))[0] is population]
    context.gid_clear()
    when_not_finite("stop")
    return spikes, ends, [trace.to_python() for trace in traces]


def peak(net: Network, gid: int, u: float) -> float:
    """Where v is reset, mV."""
    of_cell = {name: x[gid] if np.ndim(x) else x for name, x in net.parameters.items()}
    if net.model == "quadratic":
        return of_cell["thresh"]
    return of_cell["vpeak"] + {4: -0.1, 6: 0.1}.get(of_cell["celltype"], 0.0) * u


def differences(net: Network) -> list[str]:
    """What is not the same to the bit."""
    expected = run(net, "points")
    found = []
    for how in ("one", "parts"):
        result = run(net, how)
        # a cell that spikes in steps that follow each other is reset at the end of a step if it is
        # a point process, and otherwise at the start of the next
        settled = [gid for gid, (*_, is_above) in result[1].items() if not is_above]
        pairs = {
            "spikes": (expected[0], result[0]),
            "ends": tuple([ends[gid] for gid in settled] for ends in (expected[1], result[1])),
            "traces": (expected[2], result[2]),
        }
        for what, (one, other) in pairs.items():
            if repr(one) != repr(other):  # of numbers the representation is exact, also of nan
                found.append(f"{how}: {what}")
    return found


def main() -> None:
    """Compare networks of many seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=600)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    begin, spikes, bad = time.time(), 0, 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        net = draw(seed)
        found = differences(net)
        spikes += len(run(net, "one")[0])
        if found:
            bad += 1
            print(f"seed {seed} ({net.model}, {net.size} cells, dt {net.dt}): {', '.join(found)}")
    print(
        f"{chosen.seeds} networks, {spikes} spikes, {bad} that differ, {time.time() - begin:.0f} s"
    )
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
