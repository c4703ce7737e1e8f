"""The microcircuit of examples/microcircuit.py, and its like in other simulators.

    python benchmarks/microcircuit.py [--cells 20000] [--seconds 1] [--repeat 3] [--only NAME ...]

Brian 2 runs the same equations, connections and step; its fibres spike at other random times. NEST
has no cell of the 2007 model: there the same connections and fibres go to two other kinds, both
with four receptors that decay exponentially. `gif_cond_exp_multisynapse` is the nearest: leaky,
with conductances, and a threshold that rises with each spike. `iaf_psc_exp_multisynapse` does the
least of all that could stand in: currents in the place of conductances, and no adaptation. Of both,
leak and weights were chosen so that they spike about as often. Each row is a process of its own;
repetitions take turns, and of each row the fastest counts. The others are installed by

    pip install brian2 cython nest-simulator
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

HERE = Path(__file__).resolve()
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "examples")]
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import microcircuit  # noqa: E402
from microcircuit import FIBRES, RATE, STEP  # noqa: E402

TAUS = {"AMPA": 5.0, "NMDA": 150.0, "GABAA": 6.0, "GABAB": 150.0}  # ms
REVERSALS = {"AMPA": 0.0, "NMDA": 0.0, "GABAA": -70.0, "GABAB": -90.0}  # mV


def resident():
    """Memory of this process now, bytes."""
    return psutil.Process().memory_info().rss


def ours(found, seconds):
    """A population of NEURON's."""
    start, before = time.perf_counter(), resident()
    population, _kept = microcircuit.build(found)
    microcircuit.run(0)
    built = time.perf_counter()
    microcircuit.h.ParallelContext().psolve(1000 * seconds)
    done, memory = time.perf_counter(), resident() - before
    return built - start, done - built, memory, population.spikes.cells


def brian(found, seconds):
    """Brian 2, as a C++ program of its own."""
    import brian2 as b2

    b2.BrianLogger.log_level_error()
    start = time.perf_counter()
    folder = tempfile.TemporaryDirectory()
    b2.set_device("cpp_standalone", directory=folder.name, build_on_run=False)
    b2.prefs.devices.cpp_standalone.openmp_threads = 0
    b2.defaultclock.dt = STEP * b2.ms
    cells = len(found.v0)
    names = [name for name in found.parameters if name != "vu"]
    constants = "\n".join(f"{name} : 1 (constant)" for name in names)
    conductances = "\n".join(f"g{name} : 1" for name in TAUS)
    group = b2.NeuronGroup(
        cells,
        f"v : 1\nu : 1\nw : 1\nI : 1\ns : 1\n{conductances}\n{constants}",
        threshold="v > vpeak + 0.1 * int(celltype == 6) * u - 0.1 * int(celltype == 4) * u",
        reset="""v = c + 0.04 * int(celltype == 4) * u
        u = int(celltype == 5) * u + int(celltype != 5) * (u + d)
        u = int(celltype == 4) * clip(u, -inf, 670) + int(celltype != 4) * u""",
    )
    for name in names:
        setattr(group, name, found.parameters[name])
    group.v = found.v0
    currents = "gAMPA * (v - 0) + gNMDA * s / (1 + s) * (v - 0) + gGABAA * (v + 70) "
    currents += "+ gGABAB * (v + 90)"
    decays = "\n".join(f"g{name} += {STEP} * (-g{name} / {tau})" for name, tau in TAUS.items())
    group.run_regularly(
        f"""s = ((v + 80) / 60) * ((v + 80) / 60)
        I = {currents}
        w = v
        v += {STEP} * (k * (v - vr) * (v - vt) - u - I) / (C * 100)
        over = w - d
        cubic = int(v >= d) * 0.025 * over * over * over
        u += {STEP} * a * (int(celltype == 5) * cubic + int(celltype != 5) * b * (w - vr) - u)
        {decays}""",
        dt=STEP * b2.ms,
    )
    fibres = b2.PoissonGroup(FIBRES, RATE * b2.Hz)
    monitor = b2.SpikeMonitor(group)
    objects = [group, fibres, monitor]
    for receptor, sources, targets, weights, delays in found.connections:
        from_fibres = sources[0] >= cells
        synapses = b2.Synapses(
            fibres if from_fibres else group,
            group,
            "weight : 1 (constant)",
            on_pre=f"g{receptor}_post += weight",
        )
        synapses.connect(i=sources - cells * from_fibres, j=targets)
        synapses.weight = weights
        synapses.delay = delays * b2.ms
        objects.append(synapses)
    net = b2.Network(objects)
    net.run(1000 * seconds * b2.ms)
    b2.device.build(directory=folder.name, compile=True, run=False)
    built = time.perf_counter()
    b2.device.run(folder.name, with_output=False, run_args=[])
    result = built - start, b2.device._last_run_time, None, np.array(monitor.i)
    folder.cleanup()
    return result


def nest_conductances(found, seconds):
    """NEST, with cells of the nearest kind."""
    values = found.parameters
    parameters = {
        "tau_syn": list(TAUS.values()),
        "E_rev": list(REVERSALS.values()),
        "tau_sfa": [100.0],
        "q_sfa": [10.0],
        "lambda_0": 500.0,
        "Delta_V": 0.5,
    }
    of_cells = {
        "C_m": 100 * values["C"],
        "g_L": 0.15 * values["k"] * (values["vt"] - values["vr"]),
        "E_L": values["vr"],
        "V_T_star": values["vt"],
        "V_reset": values["c"],
    }
    weights = dict.fromkeys(TAUS, 1.0)
    return nest(found, seconds, "gif_cond_exp_multisynapse", parameters, of_cells, weights)


def nest_currents(found, seconds):
    """NEST, with cells of the cheapest kind."""
    values = found.parameters
    of_cells = {
        "C_m": 100 * values["C"],
        "tau_m": 100 * values["C"] / (0.1 * values["k"] * (values["vt"] - values["vr"])),
        "E_L": values["vr"],
        "V_th": values["vt"],
        "V_reset": np.minimum(values["c"], values["vt"] - 1),
    }
    weights = {"AMPA": 26.0, "NMDA": 2.0, "GABAA": -15.0, "GABAB": -20.0}  # pA of 1 nS
    parameters = {"tau_syn": list(TAUS.values())}
    return nest(found, seconds, "iaf_psc_exp_multisynapse", parameters, of_cells, weights)


def nest(found, seconds, kind, parameters, of_cells, weight_of_receptor):
    """NEST, with cells of a kind, values of all and of each, and what 1 nS is for each receptor."""
    import nest

    nest.set_verbosity("M_ERROR")
    start, before = time.perf_counter(), resident()
    nest.SetKernelStatus({"resolution": STEP})
    cells = len(found.v0)
    population = nest.Create(kind, cells, parameters)
    each = {**of_cells, "V_m": found.v0}
    population.set({name: values.tolist() for name, values in each.items()})
    generator = nest.Create("poisson_generator", params={"rate": RATE})
    fibres = nest.Create("parrot_neuron", FIBRES)
    nest.Connect(generator, fibres, syn_spec={"delay": STEP})
    recorder = nest.Create("spike_recorder")
    nest.Connect(population, recorder)
    first = population[0].global_id
    from_fibres = fibres[0].global_id - cells
    for receptor, sources, targets, weights, delays in found.connections:
        nest.Connect(
            sources.astype(int) + (from_fibres if sources[0] >= cells else first),
            targets.astype(int) + first,
            "one_to_one",
            {
                "weight": weight_of_receptor[receptor] * weights,
                "delay": delays,
                "receptor_type": np.full(len(sources), 1 + list(TAUS).index(receptor)),
                "synapse_model": "static_synapse",
            },
        )
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(1000 * seconds)
    done = time.perf_counter()
    spikes = np.array(recorder.get("events", "senders")) - first
    return built - start, done - built, resident() - before, spikes


SYSTEMS = {
    "NEURON, population": ours,
    "Brian 2, C++": brian,
    "NEST, conductances": nest_conductances,
    "NEST, currents": nest_currents,
}


def measure(system, chosen):
    """Measure in a process of its own; gives numbers, or why there are none."""
    command = [sys.executable, str(HERE), "--one", system]
    command += ["--cells", str(chosen.cells), "--seconds", str(chosen.seconds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    return (done.stderr.strip() or "no output").splitlines()[-1]


def main():
    """Measure what is asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="simulated time (default 1)")
    parser.add_argument("--repeat", type=int, default=3, help="the fastest counts (default 3)")
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--one", choices=SYSTEMS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        found = microcircuit.circuit(chosen.cells)
        build, run, memory, cells = SYSTEMS[chosen.one](found, chosen.seconds)
        rates = microcircuit.rates(found, cells, chosen.seconds)
        result = {"build": build, "run": run, "memory": memory, "rates": rates}
        print("\nRESULT " + json.dumps(result), flush=True)
        os._exit(0)  # to free a large network takes longer than to run it
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| | s per simulated s | slowest | build s | MB | RS, CH, FS, LTS spikes/s |")
    print("|---|---|---|---|---|---|", flush=True)
    runs = {system: [] for system in chosen.only}
    for _ in range(chosen.repeat):
        for system, found in runs.items():
            found.append(measure(system, chosen))
    for system, found in runs.items():
        good = [run for run in found if isinstance(run, dict)]
        if not good:
            print(f"\nLeft out: {system}: {found[0]}")
            continue
        best = min(good, key=lambda run: run["run"])
        memory = "not known" if best["memory"] is None else f"{best['memory'] / 1e6:.0f}"
        print(
            f"| {system} | {best['run'] / chosen.seconds:.2f} "
            f"| {max(run['run'] for run in good) / chosen.seconds:.2f} "
            f"| {min(run['build'] for run in good):.1f} | {memory} "
            f"| {', '.join(f'{rate:.1f}' for rate in best['rates'].values())} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
