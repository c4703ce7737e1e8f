"""A thalamic loop: relay cells (TC) excite reticular cells (RTN), which inhibit them.

    python examples/thalamic_loop.py

A train of the reticular cells hyperpolarises the relay cells. When it ends they answer by a
rebound burst, which excites the reticular cells again, and so on. Rebound needs a recovery
variable that has fallen far below zero. The relay cell of the book rests at -60 mV, and GABA-A
with its usual reversal at -70 mV does not pull it down far enough; at -85 mV, where a cell has
less chloride, it does: after one push the loop goes on by itself.

E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8, Figs. 8.31 and 8.32.
"""

from __future__ import annotations

import numpy as np
from neuron import h

from izhikevich import create_cells

N = 10  # cells of each population
PUSH, PUSHED = 150.0, 100.0  # current into the reticular cells, pA, for so long, ms
DELAY, DURATION, STEP = 2.0, 1500.0, 0.25  # ms


def run(reversal: float) -> dict[str, np.ndarray]:
    """Push the reticular cells once; spike times (ms) of both populations.

    Parameters
    ----------
    reversal : float
        Of GABA-A in the relay cells, mV.
    """
    inhibited = {"eGABAA": reversal, "tauGABAA": 8.0}
    relay = create_cells("2007", "TC", range(N), parameters=inhibited, jitter=0.02, seed=1)
    reticular = create_cells("2007", "RTN", range(N, 2 * N), jitter=0.02, seed=1)
    for cell in relay:
        for source in reticular:
            cell.connect_from(source, "GABAA", weight=25.0, delay=DELAY)
    for cell in reticular:
        for source in relay:
            cell.connect_from(source, "AMPA", weight=8.0, delay=DELAY)
    context = h.ParallelContext()
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    h.CVode().active(0)
    h.dt = STEP
    h.finitialize()
    for current, until in ((PUSH, PUSHED), (0.0, DURATION)):
        for cell in reticular:
            cell.izh.Iin = current
        while h.t < until:
            h.fadvance()
    spikes, of = times.as_numpy().copy(), gids.as_numpy().copy()
    context.gid_clear()
    return {"TC": spikes[of < N], "RTN": spikes[of >= N]}


if __name__ == "__main__":
    for potential in (-70.0, -85.0):
        found = run(potential)
        last = max((times.max() for times in found.values() if times.size), default=0.0)
        counts = ", ".join(f"{name} {times.size / N:.1f}" for name, times in found.items())
        print(f"GABA-A at {potential:g} mV: spikes per cell {counts}; the last at {last:.0f} ms")
