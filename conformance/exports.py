"""Run every published cell as NeuroML, by jNeuroML, beside the published and the exact spikes.

    python conformance/exports.py          all cell types; writes the table of docs/exchange.md
    python conformance/exports.py RS LTS   these alone, to the screen

jNeuroML takes steps of Euler's. At the step of the publication its spikes are to be those of the
published rule where that is the same; at small steps, they are to come to the exact ones, and twice
as close at half the step. It needs Java.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tomllib
from run import HERE, environment

sys.path.insert(0, str(HERE.parent))

from izhikevich import simulate
from izhikevich.catalog import CATALOG, CellType
from izhikevich.choice import choose
from izhikevich.exchange import files_of
from izhikevich.recording import RunawayError

PAGE = HERE.parent / "docs" / "exchange.md"
BEGIN, END = "<!-- made by conformance/exports.py -->\n", "<!-- end -->\n"
STEPS = (0.01, 0.005)  # ms


def jar() -> Path:
    """The jNeuroML of the environment of that simulator."""
    about = tomllib.loads((HERE / "simulators.toml").read_text())["jneuroml"]
    programs = environment("jneuroml", about["packages"])
    (found,) = programs.parent.glob("lib/*/site-packages/pyneuroml/lib/jNeuroML-*.jar")
    return found


def spikes_of(entry: CellType, step: float, program: Path) -> np.ndarray:
    """Spike times of an export at a step of jNeuroML's, ms."""
    choice = choose(entry.paper, entry.key, scheme="fixed", dt=step)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files_of(choice, "neuroml").items():
            (Path(folder) / name).write_text(text)
            if name.startswith("LEMS_"):
                command = ["java", "-jar", program, name, "-nogui"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        written = list(Path(folder).glob("*.spikes"))
        if not written:
            sys.exit(f"{entry.paper} {entry.key}: jNeuroML left no spikes:\n{done.stdout[-2000:]}")
        return 1000 * np.array([float(x.split()[0]) for x in written[0].read_text().splitlines()])


def row(entry: CellType, program: Path) -> str:
    """A line of the table."""
    published = simulate(entry.paper, entry.key)
    try:
        exact = simulate(entry.paper, entry.key, scheme="exact").spikes
    except RunawayError:
        exact = None
    at_step = spikes_of(entry, entry.dt, program)
    n = min(len(at_step), len(published.spikes))
    near = np.abs(at_step[:n] - published.spikes[:n]) < 1.01 * entry.dt
    same = n if near.all() else int(np.argmin(near))
    exactly = "runs away" if exact is None else str(len(exact))
    cells = [entry.paper, entry.key, f"{same} of {len(published.spikes)}", exactly]
    errors = []
    for step in STEPS:
        found = spikes_of(entry, step, program)
        if exact is None or len(found) != len(exact):
            cells.append(f"{len(found)} spikes")
            continue
        errors.append(np.abs(found - exact).max(initial=0.0))
        cells.append(f"{errors[-1]:.3g}")
    halved = len(errors) == 2 and errors[1] > 0
    cells.append(f"{errors[0] / errors[1]:.2f}" if halved else "")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Write the table, or some of its lines."""
    wanted = sys.argv[1:]
    program = jar()
    (version,) = re.findall(r"jNeuroML-([\d.]+)", program.name)
    shown = [
        f"jNeuroML {version}. Of the published spikes: those that came, one after the other,",
        "within a step, at the step of the publication. Then how far the spikes at smaller steps",
        "are from the exact ones at most, ms, and how many times closer half the step comes.",
        "",
        "| | type | published | exact | "
        + " | ".join(f"at {step:g} ms" for step in STEPS)
        + " | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for publication in CATALOG.values():
        for entry in publication.values():
            if not wanted or entry.key in wanted:
                shown.append(row(entry, program))
                print(shown[-1], flush=True)
    if not wanted:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(before + BEGIN + "\n".join(shown) + "\n" + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
