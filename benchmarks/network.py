"""The networks of `izhikevich.network` and of other simulators, side by side on the same work.

    python benchmarks/network.py [--quick] [--only NAME ...] [--case NAME ...] [--repeat N]

Same cells, parameters, connections, step (1 ms, v in two halves), duration and drive; only the
random numbers of the noise differ. Each row is a process of its own; repetitions take turns, and
of each row the fastest counts. "Build" is all that comes before the first step: for CoreNEURON
that includes handing the network over, for Brian 2 compiling. A simulator that is not installed is
left out and named:

    pip install brian2 cython nest-simulator mpich
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from izhikevich import network  # noqa: E402

QUIET = {"noise": (0.0, 0.0), "current": 3.78}
CASES = {
    "uncoupled 1,000": network.sparse_network(1_000, 0, **QUIET),
    "uncoupled 10,000": network.sparse_network(10_000, 0, **QUIET),
    "uncoupled 100,000": network.sparse_network(100_000, 0, **QUIET),
    "Fig. 3": network.fig3_network(),
    "sparse 10,000 x 100": network.sparse_network(10_000, 100, min_delay=2),
}


# --- this project ------------------------------------------------------------------------------


def ours(spec, **how):
    """Measure this project."""
    result = network.run(spec, **how)
    build, run = result.build_seconds, result.run_seconds
    if how.get("coreneuron"):
        # each call hands the network over and back, which a run of two steps tells
        handing = network.run(replace(spec, seconds=0.002), **how).run_seconds
        build, run = build + handing, run - handing
    return {"build": build, "run": run, "memory": result.memory, "spikes": len(result.times)}


# --- the others --------------------------------------------------------------------------------


def resident():
    """Memory of this process now, bytes."""
    return psutil.Process().memory_info().rss


def arrays(spec):
    """Parameters of all cells by name, and all connections in the order of their sources."""
    found = network.populations(spec)
    base = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 2.0}
    cells = {
        name: np.concatenate(
            [p.parameters.get(name, np.full(p.size, base.get(name))) for p in found]
        )
        for name in ("a", "b", "c", "d", "Iin", "sigma")
    }
    if spec.fan_in == 0:
        return cells, None
    parts = [network.connections_onto(spec, gid) for gid in range(spec.cells)]
    names = ("sources", "targets", "weights", "delays")
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
    order = np.argsort(columns["sources"], kind="stable")
    return cells, {name: x[order] for name, x in columns.items()}


LOOP = r"""
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
static uint64_t s = 88172645463325252ull;
static inline double uniform(void) {
    s ^= s << 13; s ^= s >> 7; s ^= s << 17;
    return ((s >> 11) + 0.5) * 0x1p-53;
}
/* connections of source j: first[j] to first[j + 1]; dense: n weights of each source, delay 1 */
long run(int n, int steps, const double *a, const double *b, const double *c, const double *d,
         const double *I0, const double *sigma, int noisy, const double *dense, const int *first,
         const int *target, const double *weight, const int *delay, int ring, double *pulse) {
    double *v = malloc(n * sizeof *v), *u = malloc(n * sizeof *u), *I = malloc(n * sizeof *I);
    int *fired = malloc(n * sizeof *fired);
    long spikes = 0;
    for (int i = 0; i < n; i++) { v[i] = -65; u[i] = b[i] * v[i]; I[i] = I0[i]; }
    for (int t = 0; t < steps; t++) {
        int k = 0;
        for (int i = 0; i < n; i++) if (v[i] > 30) fired[k++] = i;
        spikes += k;
        for (int j = 0; j < k; j++) {
            int f = fired[j];
            v[f] = c[f]; u[f] += d[f];
            if (dense) {
                double *p = pulse + (size_t)((t + 1) % ring) * n;
                const double *w = dense + (size_t)f * n;
                for (int i = 0; i < n; i++) p[i] += w[i];
            } else if (first) {
                for (int m = first[f]; m < first[f + 1]; m++)
                    pulse[(size_t)((t + delay[m]) % ring) * n + target[m]] += weight[m];
            }
        }
        double *now = pulse + (size_t)(t % ring) * n;
        if (noisy) for (int i = 0; i + 1 < n; i += 2) {
            double r = sqrt(-2 * log(uniform())), x = 6.283185307179586 * uniform();
            I[i] = I0[i] + sigma[i] * r * cos(x); I[i + 1] = I0[i + 1] + sigma[i + 1] * r * sin(x);
        }
        for (int i = 0; i < n; i++) {
            double in = I[i] + now[i], x = v[i];
            x += 0.5 * (0.04 * x * x + 5 * x + 140 - u[i] + in);
            x += 0.5 * (0.04 * x * x + 5 * x + 140 - u[i] + in);
            v[i] = x; u[i] += a[i] * (b[i] * x - u[i]); now[i] = 0;
        }
    }
    return spikes;
}
"""


def c_loop(spec):
    """A loop in C over arrays, compiled for this processor: the limit."""
    start, before = time.perf_counter(), resident()
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "loop.c"), Path(folder, "loop.so")
        source.write_text(LOOP)
        flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, source, "-o", library, "-lm"], check=True)
        loop = ctypes.CDLL(str(library)).run
    loop.restype = ctypes.c_long
    cells, connections = arrays(spec)
    n, ring = spec.cells, int(spec.max_delay) + 1

    def pointer(x):
        return None if x is None else x.ctypes.data_as(ctypes.c_void_p)

    dense = first = target = weight = delay = None
    if connections is not None and spec.fan_in is None:
        dense = np.ascontiguousarray(connections["weights"]).reshape(n, n)
    elif connections is not None:
        first = np.searchsorted(connections["sources"], np.arange(n + 1)).astype(np.int32)
        target = connections["targets"].astype(np.int32)
        weight, delay = connections["weights"], connections["delays"].astype(np.int32)
    pulse = np.zeros((ring, n))
    values = [np.ascontiguousarray(cells[k]) for k in ("a", "b", "c", "d", "Iin", "sigma")]
    noisy = int(any(spec.noise))
    built = time.perf_counter()
    spikes = loop(
        n, round(1000 * spec.seconds), *map(pointer, values), noisy, pointer(dense),
        pointer(first), pointer(target), pointer(weight), pointer(delay), ring, pointer(pulse),
    )  # fmt: skip
    done = time.perf_counter()
    memory = resident() - before
    return {"build": built - start, "run": done - built, "memory": memory, "spikes": spikes}


def brian(spec, standalone, threads=1):
    """Brian 2, in C++ of its own or from Python through Cython."""
    import brian2 as b2

    b2.BrianLogger.suppress_name("method_choice")
    b2.BrianLogger.log_level_error()
    start, before = time.perf_counter(), resident()
    folder = tempfile.TemporaryDirectory()
    if standalone:
        b2.set_device("cpp_standalone", directory=folder.name, build_on_run=False)
        b2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
    else:
        b2.prefs.codegen.target = "cython"
    b2.defaultclock.dt = spec.dt * b2.ms
    names = ("a", "b", "c", "d", "Iin", "sigma")
    group = b2.NeuronGroup(
        spec.cells,
        "v : 1\nu : 1\npulse : 1\n" + "\n".join(f"{name} : 1 (constant)" for name in names),
        threshold="v > 30",
        reset="v = c; u += d",
    )
    cells, connections = arrays(spec)
    for name in names:
        setattr(group, name, cells[name])
    group.v = -65
    group.u = -65 * cells["b"]
    noise = "sigma * randn()" if any(spec.noise) else "0"
    group.run_regularly(
        f"""input = Iin + pulse + {noise}
        v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + input)
        v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + input)
        u += a * (b * v - u)
        pulse = 0""",
        dt=spec.dt * b2.ms,
    )
    monitor = b2.SpikeMonitor(group)
    objects = [group, monitor]
    if connections is not None:
        synapses = b2.Synapses(group, group, "w : 1 (constant)", on_pre="pulse_post += w")
        synapses.connect(i=connections["sources"], j=connections["targets"])
        synapses.w = connections["weights"]
        synapses.delay = connections["delays"] * b2.ms
        objects.append(synapses)
    net = b2.Network(objects)
    duration = 1000 * spec.seconds * b2.ms
    if standalone:
        net.run(duration)
        b2.device.build(directory=folder.name, compile=True, run=False)
        built = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        b2.device.run(folder.name, with_output=False, run_args=[])
        run = b2.device._last_run_time
        # the peak of all children, the compiler among them: the program's if it went up
        now = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        memory = 1024 * now if now > peak else None
    else:
        net.run(0 * b2.ms)  # compiles, or finds what is compiled
        built = time.perf_counter()
        net.run(duration)
        run = time.perf_counter() - built
        memory = resident() - before
    result = {"build": built - start, "run": run, "memory": memory, "spikes": len(monitor.t)}
    folder.cleanup()
    return result


def nest(spec, threads=1):
    """NEST's izhikevich, by the published rule of two half steps."""
    import nest

    nest.set_verbosity("M_ERROR")
    start, before = time.perf_counter(), resident()
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": spec.dt, "local_num_threads": threads})
    cells, connections = arrays(spec)
    population = nest.Create("izhikevich", spec.cells, {"consistent_integration": False})
    names = {"a": "a", "b": "b", "c": "c", "d": "d", "Iin": "I_e"}
    population.set({name: cells[key].tolist() for key, name in names.items()})
    population.set({"V_m": -65.0, "U_m": (-65.0 * cells["b"]).tolist()})
    if any(spec.noise):
        n_e = round(0.8 * spec.cells)
        for chosen, sd in ((population[:n_e], spec.noise[0]), (population[n_e:], spec.noise[1])):
            generator = nest.Create("noise_generator", params={"std": sd, "dt": 1.0})
            nest.Connect(generator, chosen, syn_spec={"delay": spec.dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(population, recorder)
    if connections is not None:
        first = population[0].global_id
        nest.Connect(
            connections["sources"] + first,
            connections["targets"] + first,
            "one_to_one",
            {k: connections[f"{k}s"] for k in ("weight", "delay")}
            | {"synapse_model": "static_synapse"},
        )
    nest.Prepare()
    built = time.perf_counter()
    nest.Run(1000 * spec.seconds)
    done = time.perf_counter()
    return {
        "build": built - start,
        "run": done - built,
        "memory": resident() - before,
        "spikes": int(recorder.n_events),
    }


SYSTEMS = {
    "NEURON": lambda spec: ours(spec),
    "NEURON, 2 ranks": lambda spec: ours(spec, ranks=2),
    "NEURON, point processes": lambda spec: ours(spec, points=True),
    "CoreNEURON": lambda spec: ours(spec, coreneuron=True),
    "CoreNEURON, 2 ranks": lambda spec: ours(spec, coreneuron=True, ranks=2),
    "Brian 2, C++": lambda spec: brian(spec, True),
    "Brian 2, C++, 2 threads": lambda spec: brian(spec, True, 2),
    "Brian 2, Cython": lambda spec: brian(spec, False),
    "NEST": nest,
    "NEST, 2 threads": lambda spec: nest(spec, 2),
    "C loop": c_loop,
}


# --- the table ---------------------------------------------------------------------------------


def measure(system, case, seconds):
    """Measure in a process of its own; gives numbers, or why there are none."""
    command = [sys.executable, str(HERE), "--one", system, case, str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    except subprocess.TimeoutExpired:
        return "took more than 15 minutes"
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    last = (done.stderr.strip() or "no output").splitlines()[-1]
    return last if len(last) < 160 else last[:157] + "..."


def main():
    """Measure what is asked for and print a table for each case."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeat", type=int, default=3, help="the fastest counts (default 3)")
    parser.add_argument("--seconds", type=float, default=1.0, help="simulated time (default 1)")
    parser.add_argument("--quick", action="store_true", help="once, and 0.2 s")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        system, case, seconds = chosen.one
        result = SYSTEMS[system](replace(CASES[case], seconds=float(seconds)))
        print("\nRESULT " + json.dumps(result), flush=True)
        os._exit(0)  # to free a large network takes longer than to run it
    if chosen.quick:
        chosen.repeat, chosen.seconds = 1, 0.2
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for case in chosen.case:
        print(f"### {case}\n")
        print(
            "| | ns per cell and step | s per simulated s | slowest | spikes/s | bytes per cell "
            "| build s |"
        )
        print("|---|---|---|---|---|---|---|", flush=True)
        absent = []
        cells = CASES[case].cells
        runs = {system: [] for system in chosen.only}
        for _ in range(chosen.repeat):
            for system, found in runs.items():
                found.append(measure(system, case, chosen.seconds))
        for system, found in runs.items():
            good = [run for run in found if isinstance(run, dict)]
            if not good:
                absent.append(f"{system}: {found[0]}")
                continue
            best = min(good, key=lambda run: run["run"])
            slowest = max(run["run"] for run in good) / chosen.seconds
            per_second = best["run"] / chosen.seconds
            memory = "not known" if best["memory"] is None else f"{best['memory'] / cells:.0f}"
            print(
                f"| {system} | {per_second * 1e6 / cells:.1f} | {per_second:.3f} | {slowest:.3f} "
                f"| {best['spikes'] / cells / chosen.seconds:.2f} | {memory} "
                f"| {min(run['build'] for run in good):.2f} |",
                flush=True,
            )
        print("".join(f"\nLeft out: {line}" for line in absent) + "\n")


if __name__ == "__main__":
    main()
