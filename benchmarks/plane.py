"""What a redraw of the phase plane costs, text included, and the phase plane's own numbers.

    python benchmarks/plane.py [--redraws 200]

prints a table of medians, and of the slowest of a hundred, in ms of the wall's clock and of the
processor. A held stepper keeps up while a redraw takes less than 10 ms. The window is on a virtual
display (Xvfb) of the benchmark's own; a redraw there ends when the display has been told
everything (`serve`, which flushes), as in the window itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from virtual_display import display  # noqa: E402

TARGET = 10.0
TYPES = (
    ("2004", "tonic spiking"),
    ("2004", "Class 2"),
    ("2004", "accomodation"),
    ("2007", "FS"),
    ("2007", "TC_burst"),
)


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redraws", type=int, default=200, help="redraws of each cell type")
    given = parser.parse_args()
    with display() as name:
        os.environ["DISPLAY"] = name
        os.environ.pop("NEURON_MODULE_OPTIONS", None)
        print(f"{'':48}{'median':>8}{'99 %':>8}{'cpu':>8}   (ms)")
        measure_planes()
        measure_redraws(given.redraws)
    print(f"a redraw should take at most {TARGET:g} ms; load {os.getloadavg()[0]:.2f}")


def report(what: str, action: Callable[[], None], repeats: int) -> None:
    """Print median, 99th percentile and processor time of an action."""
    walls, processor = [], time.process_time()
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        walls.append(1000 * (time.perf_counter() - begin))
    processor = 1000 * (time.process_time() - processor) / repeats
    slow = statistics.quantiles(walls, n=100)[-1]
    print(f"{what:48}{statistics.median(walls):8.3f}{slow:8.3f}{processor:8.3f}")


def measure_planes() -> None:
    """Time the computations alone, without NEURON."""
    import numpy as np

    from izhikevich.analysis.plane import for_cell_type
    from izhikevich.catalog import cell_type

    v = np.linspace(-90, 40, 200)
    for paper, key in TYPES:
        entry = cell_type(paper, key)
        plane = for_cell_type(entry)
        name = f"{paper} {key}: "
        report(f"{name}build", lambda entry=entry: for_cell_type(entry), 1000)
        report(f"{name}bifurcations", plane.bifurcations, 1000)
        report(f"{name}fixed points", lambda plane=plane: plane.fixed_points(0.1), 1000)
        report(
            f"{name}nullclines",
            lambda plane=plane: (plane.v_nullcline(v, 0.1), plane.u_nullcline(v, (-20, 20))),
            1000,
        )


def measure_redraws(repeats: int) -> None:
    """Time the window's own redraw, as a held stepper of a parameter causes it."""
    from izhikevich.session import Session
    from izhikevich.views.window import interviews, panels

    window = panels.Window(Session())
    for paper, key in TYPES:
        window.choose(f"{paper} PP model", key)
        interviews.serve()
        value = window.session.parameters["b"]

        def redraw(value: float = value) -> None:
            window.session.set_parameter("b", window.session.parameters["b"] + 1e-4 * abs(value))
            window.draw_plane()
            interviews.serve()

        report(f"{paper} {key}: redraw of the plane", redraw, repeats)
        window.layout.fields.flow = 1.0
        report(f"{paper} {key}: redraw with the flow", redraw, repeats)
        window.layout.fields.flow = 0.0
        report(f"{paper} {key}: the text alone", lambda: window.session.explanation(), repeats)
    window.close()


if __name__ == "__main__":
    main()
