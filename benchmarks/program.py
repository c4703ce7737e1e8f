"""How fast the program is, and how much memory runs leave behind.

    python benchmarks/program.py [--out FILE.json] [--runs 10000]

prints a table. Each figure comes from processes of its own, the window's from a virtual display
(Xvfb). The clock of the wall suffers from whatever else the machine does: compare with the time
of the processor beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from virtual_display import display  # noqa: E402

N_STARTS = 10
N_ROUNDS = 3
N_CLICKS = 2000
BARE = (("2004", "tonic spiking"), ("2004", "Class 1"), ("2007", "RS"))
N_BARE = 200


def main() -> None:
    """Measure everything, print it, and write it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="also write the figures to this JSON file")
    parser.add_argument("--runs", type=int, default=10_000, help="runs for the memory's growth")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print("\n" + json.dumps(PARTS[given.part](given)))
        return
    figures: dict[str, Any] = {"load before": round(os.getloadavg()[0], 2)}
    with display() as name:
        _in_a_process(given, "start", name)  # builds the mechanisms, fills the disk's cache
        starts = [_in_a_process(given, "start", name) for _ in range(N_STARTS)]
        for key in starts[0]:
            figures[key] = statistics.median(start[key] for start in starts)
        for part in ("clicks", "window memory"):
            figures.update(_in_a_process(given, part, name))
    for part in ("memory", "bare", "package"):
        figures.update(_in_a_process(given, part))
    for paper, key in BARE:
        bare, package = (figures.pop(f"{way} {paper} {key}") for way in ("bare", "package"))
        figures[f"{paper} {key}: bare NEURON, ms"] = bare
        figures[f"{paper} {key}: simulate() to bare NEURON, ratio"] = package / bare
    width = max(map(len, figures))
    for key, value in figures.items():
        print(f"{key:{width}}  {value:10.4g}")
    if given.out is not None:
        about = {"python": platform.python_version(), "processor": platform.machine()}
        given.out.write_text(json.dumps({**about, **figures}, indent=1) + "\n")


def _in_a_process(given: argparse.Namespace, part: str, display: str = "") -> dict[str, float]:
    """The figures of a part, measured in a process of its own."""
    environment = {**os.environ, "STARTED": repr(time.perf_counter())}
    environment.pop("NEURON_MODULE_OPTIONS", None)
    if display:
        environment["DISPLAY"] = display
    else:
        environment["NEURON_MODULE_OPTIONS"] = "-nogui"
    done = subprocess.run(
        [sys.executable, __file__, "--part", part, "--runs", str(given.runs)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _resident() -> int:
    """Memory of this process in use, bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _start(given: argparse.Namespace) -> dict[str, float]:
    """From the start of `python izh.py` to the window with the first run in it."""
    import runpy

    from izhikevich.views.window import program

    figures = {}

    def window_is_there(window: Any) -> None:
        window.serve()
        wall = time.perf_counter() - float(os.environ["STARTED"])
        figures.update({"start to window, s": wall, "of it processor, s": time.process_time()})
        window.close()

    program._serve_until_closed = window_is_there
    runpy.run_path(str(ROOT / "izh.py"), run_name="__main__")
    return figures


def _clicks(given: argparse.Namespace) -> dict[str, float]:
    """From the call that a click makes to the trace on the screen, for every button."""
    from izhikevich.catalog import CATALOG
    from izhikevich.choice import SCHEMES
    from izhikevich.views.window.panels import Window

    window = Window()
    window.choose()
    figures = {}
    for scheme in SCHEMES[:2]:
        window.session.choose_scheme(scheme)
        took: dict[tuple[str, str, str], float] = {}
        busy: dict[tuple[str, str, str], float] = {}
        for _ in range(N_ROUNDS):
            for paper in CATALOG:
                for variant in ("PP", "Sec"):
                    window.choose(f"{paper} {variant} model")
                    for key in CATALOG[paper]:
                        since = time.perf_counter(), time.process_time()
                        window.do(window.type_chosen, key)()
                        window.serve()
                        until = time.perf_counter(), time.process_time()
                        name = (paper, variant, key)
                        for best, end, start in zip((took, busy), until, since, strict=True):
                            best[name] = min(1000 * (end - start), best.get(name, math.inf))
        for best, of in ((took, ""), (busy, ", of it processor")):
            worst = max(best, key=lambda name: best[name])
            figures[f"click to trace, {scheme}, median{of}, ms"] = statistics.median(best.values())
            figures[f"click to trace, {scheme}, worst ({' '.join(worst)}){of}, ms"] = best[worst]
    return figures


def _window_memory(given: argparse.Namespace) -> dict[str, float]:
    """What clicks leave behind, with all that they draw."""
    from izhikevich.catalog import CATALOG
    from izhikevich.views.window.panels import Window

    window = Window()
    everything = [
        (f"{paper} {variant} model", key)
        for paper in CATALOG
        for variant in ("PP", "Sec")
        for key in CATALOG[paper]
    ]
    for each in everything:
        window.choose(*each)
    before = _resident()
    for number in range(N_CLICKS):
        window.choose(*everything[number % len(everything)])
    return {f"growth over {N_CLICKS} clicks, MB": (_resident() - before) / 1e6}


def _memory(given: argparse.Namespace) -> dict[str, float]:
    """What calls of simulate() leave behind, in turn over all types and variants."""
    import izhikevich
    from izhikevich.catalog import CATALOG

    everything = [
        (paper, key, variant)
        for paper in CATALOG
        for variant in ("PP", "Sec")
        for key in CATALOG[paper]
    ]
    for paper, key, variant in everything:
        izhikevich.simulate(paper, key, variant=variant)
    before, since = _resident(), time.perf_counter()
    for number in range(given.runs):
        paper, key, variant = everything[number % len(everything)]
        izhikevich.simulate(paper, key, variant=variant)
    mean = 1000 * (time.perf_counter() - since) / given.runs
    assert "izhikevich.engine.worker" not in sys.modules
    return {
        f"growth over {given.runs} simulate(), MB": (_resident() - before) / 1e6,
        "simulate(), published, mean, ms": mean,
    }


def _bare(given: argparse.Namespace) -> dict[str, float]:
    """The same cell and steps by NEURON alone, written down as one would at its prompt."""
    from neuron import h

    from izhikevich.catalog import CATALOG
    from izhikevich.engine import mechanisms

    mechanisms.load()
    h.load_file("stdrun.hoc")
    figures = {}
    for paper, key in BARE:
        entry = CATALOG[paper][key]
        section = h.Section(name="host")
        cell = (h.Izhi2007a if paper == "2007" else h.Izhi2003a)(section(0.5))
        for name, value in entry.parameters.items():
            setattr(cell, name, value)
        v0 = entry.parameters["vr"] if entry.v0 is None else entry.v0
        u0 = 0.0 if paper == "2007" else entry.parameters["b"] * v0
        t, v, u, i, spikes = (h.Vector() for _ in range(5))
        t.record(h._ref_t)
        v.record(cell._ref_V)
        u.record(cell._ref_u)
        i.record(cell._ref_Iin)
        detector = h.NetCon(cell, None)
        detector.record(spikes)
        waveform = entry.default_current
        drive = h.Vector(waveform.sampled(entry.dt, round(entry.tstop / entry.dt) + 2))
        drive.play(cell._ref_Iin, entry.dt)

        def run(cell: Any = cell, entry: Any = entry, v0: float = v0, u0: float = u0) -> None:
            h.dt = entry.dt
            h.steps_per_ms = 1 / entry.dt
            h.finitialize(v0)
            cell.V, cell.u = v0, u0
            h.frecord_init()
            h.continuerun(entry.tstop + entry.dt)

        run()
        assert len(spikes) == entry.spikes_published[-1], f"{key}: {len(spikes)} spikes"
        figures[f"bare {paper} {key}"] = _best(run)
        del run, detector, cell, t, v, u, i, spikes, drive, section
    return figures


def _package(given: argparse.Namespace) -> dict[str, float]:
    """The runs of `_bare` by simulate()."""
    import izhikevich

    return {
        f"package {paper} {key}": _best(lambda: izhikevich.simulate(paper, key))  # noqa: B023
        for paper, key in BARE
    }


def _best(run: Any) -> float:
    """The lower quartile of the time that a run takes, ms: what the machine can do undisturbed."""
    run()
    took = []
    for _ in range(N_BARE):
        since = time.perf_counter()
        run()
        took.append(1000 * (time.perf_counter() - since))
    return statistics.quantiles(took, n=4)[0]


PARTS = {
    "start": _start,
    "clicks": _clicks,
    "window memory": _window_memory,
    "memory": _memory,
    "bare": _bare,
    "package": _package,
}


if __name__ == "__main__":
    main()
