"""A synapse of one's own between these cells and others, in NEURON and in CoreNEURON.

    python examples/tsodyks_markram.py

What to see in it: how mod files of your own, here ``mod/TsodyksMarkram.mod`` beside this script,
are compiled together with this package's mechanisms by one argument of `mechanisms.load`.

Regular spiking cells of 2007 fire at a steady rate and drive a cell with Hodgkin and Huxley's
channels. Each of their spikes uses half of what its synapse has ready, which takes 800 ms to come
back: the driven cell hears the beginning, and then little.

M. Tsodyks, A. Uziel, H. Markram, J. Neurosci. 20:RC50 (2000).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from neuron import coreneuron, h  # noqa: E402

from izhikevich import create_cells  # noqa: E402
from izhikevich.engine import mechanisms  # noqa: E402

N_SOURCES = 10
DRIVEN = 100  # gid
WEIGHT = 0.002  # uS
DURATION = 600.0  # ms


class Run(NamedTuple):
    """Spikes as (ms, gid), and the conductance (uS) of the driven cell's synapse in time (ms)."""

    spikes: list[tuple[float, float]]
    t: list[float]
    g: list[float]


def build() -> dict:
    """Make the network; what is returned must be kept."""
    mechanisms.load(coreneuron=True, with_mechanisms=HERE / "mod")
    sources = create_cells("2007", "RS", range(N_SOURCES), parameters={"Iin": 120}, jitter=0.02)
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("hh")
    synapse = h.TsodyksMarkram(soma(0.5))
    context = h.ParallelContext()
    context.set_gid2node(DRIVEN, context.id())
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    context.cell(DRIVEN, detector)
    connections = [context.gid_connect(cell.gid, synapse) for cell in sources]
    for connection in connections:
        connection.delay, connection.weight[0] = 2, WEIGHT
    return {"cells": (sources, soma, detector), "synapse": synapse, "connections": connections}


def run(network: dict, in_coreneuron: bool) -> Run:
    """Run the network from its beginning."""
    context = h.ParallelContext()
    times, gids = h.Vector(), h.Vector()
    context.spike_record(-1, times, gids)
    t = h.Vector().record(h._ref_t)
    g = h.Vector().record(network["synapse"]._ref_g)
    h.dt = 0.1
    h.CVode().cache_efficient(1)
    coreneuron.enable, coreneuron.verbose = in_coreneuron, 0
    context.set_maxstep(10)
    h.finitialize(-65)
    context.psolve(DURATION)
    return Run(sorted(zip(times, gids, strict=True)), t.to_python(), g.to_python())


def main() -> None:
    """Run it both ways and say what was found."""
    network = build()
    for name, in_coreneuron in (("NEURON", False), ("CoreNEURON", True)):
        done = run(network, in_coreneuron)
        heard = [time for time, gid in done.spikes if gid == DRIVEN]
        n_sent = len(done.spikes) - len(heard)
        ends = f", the last of them at {heard[-1]:.1f} ms" if heard else ""
        print(f"{name}: {n_sent} spikes sent, {len(heard)} spikes of the driven cell{ends}")


if __name__ == "__main__":
    main()
