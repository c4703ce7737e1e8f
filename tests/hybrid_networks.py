"""Random networks of everything, in NEURON and in plain Python.

    python tests/hybrid_networks.py --seeds 600

Point processes and sections of all types, Hodgkin-Huxley cells, gap junctions, the receptors of
the cells and NEURON's synapses, current clamps, trains of events, all of it driven strongly. `draw`
says what a network is, `in_neuron` runs it, and `by_hand` runs it by what is documented of NEURON's
fixed step and of the cells, in plain Python:

1. At the start of a step, at t, cells whose voltage is above the peak spike; what is due until
   t + dt/2 arrives.
2. The current of each section is taken at its voltage, all conductances implicitly:
   v <- v - I dt / (C + G dt). A gap junction passes the voltage that the other end had before its
   reset; a clamp is that of t + dt/2.
3. States follow from the new voltage: gates and synapses by their exponential, u and the point
   processes by Euler's rule.

Both have the same spikes, to the step, unless the network makes something large of what is as small
as NEURON's rounding. Whether it does `by_hand` tells: each network also runs with voltages shaken
by 1e-9 mV at each step, some hundred times as much as rounding does. Up to the first spike that
shaking moves, nothing may differ.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

from izhikevich.catalog import CATALOG  # noqa: E402

TYPES = [(paper, key) for paper in CATALOG for key in CATALOG[paper]]
STEPS = (0.025, 0.05, 0.1)
#: Thresholds above which a Hodgkin-Huxley cell has spiked, mV.
HH_THRESHOLD = 10.0
#: How much voltages are shaken, mV.
SHAKEN = 1e-9
#: Receptors of point processes: largest weight of one event.
RECEPTORS_2007 = {"AMPA": 20.0, "NMDA": 5.0, "GABAA": 20.0, "GABAB": 3.0, "opsin": 3.0}
INPUTS_2003 = {"conductance": 0.3, "pulse": 60.0}
#: Largest weight onto a synapse in a section of 1 pF, 100 pF or of a Hodgkin-Huxley cell, uS.
LARGEST = {"2003": 3e-4, "2004": 3e-4, "2007": 0.02, "HH": 0.02}

GAP = """
NEURON {
    POINT_PROCESS HalfGapOfTests
    NONSPECIFIC_CURRENT i
    RANGE g, vgap
}
PARAMETER { g = 0 (microsiemens) }
ASSIGNED { v (millivolt) vgap (millivolt) i (nanoamp) }
BREAKPOINT { i = g*(v - vgap) }
"""


# --- what a network is ---------------------------------------------------------------------------


@dataclass
class Drawn:
    """A cell: of a paper and type, or HH."""

    paper: str
    key: str
    variant: str
    parameters: dict
    clamp: tuple | None = None  # from, duration (ms), amplitude (nA)


@dataclass
class Network:
    """Cells; trains as (start, interval, number); connections and gap junctions.

    A connection is (source, target, receptor, weight, delay): sources from len(cells) on are
    trains. A receptor of a section is 0 or 1, its excitatory or inhibitory synapse.
    """

    seed: int
    dt: float
    tstop: float
    cells: list = field(default_factory=list)
    trains: list = field(default_factory=list)
    connections: list = field(default_factory=list)
    gaps: list = field(default_factory=list)  # cell, cell, conductance (uS)


def draw(seed: int) -> Network:
    """A network that follows from its seed."""
    r = np.random.default_rng(seed)
    net = Network(seed, float(r.choice(STEPS)), float(r.choice([60, 100, 150])))
    for _ in range(int(r.integers(6, 20))):
        net.cells.append(_cell(r))
    n = len(net.cells)
    for _ in range(int(r.integers(2, 12))):
        net.trains.append((r.uniform(1, 20), float(r.choice([1.3, 2.1, 5.7, 12.9])), 1000))
    for _ in range(int(r.integers(2, 6)) * n):
        source = int(r.integers(n + len(net.trains)))
        target = int(r.integers(n))
        # off the grid of steps, on which spikes are: what is due at the middle of a step is neither
        delay = (int(r.integers(2, 80)) + 0.3) * net.dt
        net.connections.append((source, target, *_ending(r, net.cells[target]), delay))
    sections = [k for k, cell in enumerate(net.cells) if cell.variant != "PP"]
    if len(sections) > 1:
        for _ in range(int(r.integers(0, 4))):
            one, other = r.choice(sections, 2, replace=False)
            size = min(LARGEST[net.cells[k].paper] for k in (one, other))
            net.gaps.append((int(one), int(other), float(size * r.uniform(0.02, 0.3))))
    return net


def _cell(r) -> Drawn:
    if r.random() < 0.15:
        clamp = (r.uniform(1, 20), r.uniform(10, 100), r.uniform(0, 1.5))
        return Drawn("HH", "HH", "HH", {}, clamp)
    paper, key = TYPES[r.integers(len(TYPES))]
    variant = str(r.choice(["PP", "Sec"]))
    spread = {
        name: value * r.uniform(0.9, 1.1)
        for name, value in CATALOG[paper][key].parameters.items()
        if name in ("a", "b", "c", "d", "k", "C")
    }
    strong = r.random() < 0.3
    if paper == "2007":
        spread["Iin"] = r.uniform(-200, 1500 if strong else 500)
        if variant == "PP":
            spread["keepg"] = float(r.integers(2))
            spread["eGABAA"] = float(r.choice([-70, -85]))
    else:
        spread["Iin"] = r.uniform(-10, 60 if strong else 20)
        if variant == "PP":
            spread["halves"] = float(r.integers(1, 3))
    clamp = None
    if variant == "Sec" and r.random() < 0.5:
        size = 1e-3 * (800 if paper == "2007" else 30)
        clamp = (r.uniform(1, 20), r.uniform(10, 100), size * r.uniform(-0.3, 1))
    return Drawn(paper, key, variant, spread, clamp)


def _ending(r, cell: Drawn) -> tuple:
    """A receptor of a cell, and a weight; the inputs of a cell are strong or weak."""
    strength = r.random() * (1 if r.random() < 0.3 else 0.2)
    if cell.variant != "PP":
        return int(r.integers(2)), LARGEST[cell.paper] * strength
    inputs = RECEPTORS_2007 if cell.paper == "2007" else INPUTS_2003
    name = list(inputs)[r.integers(len(inputs))]
    sign = -1 if name == "pulse" and r.random() < 0.4 else 1
    return name, sign * inputs[name] * strength


# --- in NEURON -----------------------------------------------------------------------------------


@functools.cache
def load_gap() -> None:
    """Compile and load the gap junction."""
    from neuron import h

    folder = tempfile.mkdtemp(prefix="izhikevich-gap-")
    Path(folder, "halfgapoftests.mod").write_text(GAP)
    tool = Path(sys.executable).with_name("nrnivmodl")
    subprocess.run([tool, "."], cwd=folder, check=True, capture_output=True)
    (library,) = Path(folder).glob("*/libnrnmech.*")
    h.nrn_load_dll(str(library))


def in_neuron(net: Network) -> tuple[dict, list]:
    """Spike times of each cell, ms, and v and u of each at the end (HH: v and m)."""
    from neuron import h

    from izhikevich import Izhi2003Cell, IzhiCell

    load_gap()
    pc, kept = h.ParallelContext(), []
    pc.gid_clear()
    h.CVode().active(0)
    h.celsius, h.secondorder, h.usetable_hh = 6.3, 0, 0
    cells, sections, synapses = [], [], []
    for gid, drawn in enumerate(net.cells):
        if drawn.variant == "HH":
            cell, section = None, h.Section(name=f"hh{gid}")
            section.L = section.diam = 20
            section.insert("hh")
            pc.set_gid2node(gid, 0)
            source = h.NetCon(section(0.5)._ref_v, None, sec=section)
            source.threshold = HH_THRESHOLD
            pc.cell(gid, source)
        else:
            host = "dummy" if drawn.variant == "PP" else None
            if drawn.paper == "2007":
                cell = IzhiCell(drawn.key, host)
            else:
                cell = Izhi2003Cell(drawn.key, host, paper=drawn.paper)
            cell.set_parameters(drawn.parameters)
            cell.register(gid)
            section = cell.sec
        if drawn.variant != "PP":
            section.Ra = 1e9  # the ends of a section add nothing but rounding
        cells.append(cell)
        sections.append(section)
        synapses.append([])
        if drawn.variant != "PP":
            for e, tau in ((0, 3), (-75, 6)):
                synapse = h.ExpSyn(section(0.5))
                synapse.e, synapse.tau = e, tau
                synapses[-1].append(synapse)
        if drawn.clamp:
            clamp = h.IClamp(section(0.5))
            clamp.delay, clamp.dur, clamp.amp = drawn.clamp
            kept.append(clamp)
    sources = []
    for start, interval, number in net.trains:
        train = h.NetStim()
        train.start, train.interval, train.number, train.noise = start, interval, number, 0
        sources.append(train)
    n = len(net.cells)
    for source, target, receptor, weight, delay in net.connections:
        origin = source if source < n else sources[source - n]
        if net.cells[target].variant == "HH":
            ending = synapses[target][receptor]
            connection = pc.gid_connect(source, ending) if source < n else h.NetCon(origin, ending)
            connection.weight[0], connection.delay = weight, delay
            kept.append(connection)
            continue
        ending = receptor if cells[target].variant == "PP" else synapses[target][receptor]
        cells[target].connect_from(origin, ending, weight=weight, delay=delay)
    if net.gaps:
        for k in {k for one, other, _ in net.gaps for k in (one, other)}:
            pc.source_var(sections[k](0.5)._ref_v, k, sec=sections[k])
        for one, other, g in net.gaps:
            for here, there in ((one, other), (other, one)):
                gap = h.HalfGapOfTests(sections[here](0.5))
                gap.g = g
                pc.target_var(gap, gap._ref_vgap, there)
                kept.append(gap)
        pc.setup_transfer()
    times, gids = h.Vector(), h.Vector()
    pc.spike_record(-1, times, gids)
    h.dt = net.dt
    pc.set_maxstep(10)
    h.finitialize(-65)
    for _ in range(round(net.tstop / net.dt)):
        h.fadvance()
    spikes = {k: [] for k in range(n)}
    for t, gid in zip(times, gids, strict=True):
        if t < net.tstop - net.dt / 2:
            spikes[int(gid)].append(t)
    ends = []
    for cell, section in zip(cells, sections, strict=True):
        if cell is None:
            ends.append((section(0.5).v, section(0.5).hh.m))
        else:
            ends.append((cell.vref[0], cell.izh.u))
    pc.gid_clear()
    return spikes, ends


# --- by hand -------------------------------------------------------------------------------------


class Point:
    """A point process: everything by Euler's rule, then the reset."""

    def __init__(self, drawn: Drawn) -> None:
        self.p = p = {**CATALOG[drawn.paper][drawn.key].parameters, **drawn.parameters}
        self.book = drawn.paper == "2007"
        self.v = p["vr"] if self.book else -65.0
        self.u = 0.0 if self.book else p["b"] * -65.0
        self.g = dict.fromkeys(RECEPTORS_2007 if self.book else ["conductance"], 0.0)
        self.pulse = 0.0
        self.is_spiking = False

    def at_step(self) -> bool:
        """Whether it spikes at the start of a step; the reset is done."""
        self.is_spiking = False
        peak, reset = _peak_and_reset(self.p, self.book, self.u)
        if self.v <= peak:
            return False
        if reset is None:
            self.v = peak - 1
            return False
        self.v, self.u = reset
        self.is_spiking = True
        if self.book and not self.p["keepg"]:
            self.g = dict.fromkeys(self.g, 0.0)
        return True

    def receive(self, receptor: str, weight: float) -> None:
        """An event at the start of a step."""
        if receptor == "pulse":
            self.pulse += math.floor(weight * 2**20 + 0.5) / 2**20
        elif not (self.is_spiking and self.book and not self.p["keepg"]):
            self.g[receptor] += weight

    def step(self, dt: float, t_half: float) -> None:
        p, v, u, g = self.p, self.v, self.u, self.g
        if self.book:
            s = ((v + 80) / 60) ** 2
            e = p.get("eGABAA", -70)
            current = (
                g["AMPA"] * v + g["NMDA"] * s / (1 + s) * v + g["GABAA"] * (v - e)
                + g["GABAB"] * (v + 90) + g["opsin"] * v
            )  # fmt: skip
            drive = p["k"] * (v - p["vr"]) * (v - p["vt"]) - u - current + p["Iin"]
            self.v = v + dt * drive / (100 * p["C"])
            self.u = u + dt * p["a"] * (_target(p, v, self.v) - u)
            taus = {"AMPA": 5, "NMDA": 150, "GABAA": 6, "GABAB": 150, "opsin": 50}
        else:
            half, conductance = dt / p["halves"], g["conductance"]
            for _ in range(int(p["halves"])):
                x = self.v
                drive = p["e"] * x * x + p["f"] * x + p["g"] - u
                self.v = x + half * (drive + p["Iin"] + self.pulse - conductance * x)
                conductance *= 1 - dt  # a second half has that of the end of the step
            self.u = u + dt * p["a"] * (p["b"] * (self.v - p["vu"]) - p["uleak"] * u)
            self.pulse = 0.0
            taus = {"conductance": 1}
        self.g = {name: x + dt * -x / taus[name] for name, x in g.items()}


class Section:
    """A section of one segment: with a cell of Izhikevich's, or Hodgkin and Huxley's channels."""

    def __init__(self, drawn: Drawn) -> None:
        self.kind, self.clamp = drawn.paper, drawn.clamp
        self.synapses = [[0.0, 0.0, 3.0], [0.0, -75.0, 6.0]]  # g (uS), e, tau
        self.gaps: list = []  # g, voltage at the other end
        self.was_above = False
        if drawn.paper == "HH":
            self.area = math.pi * 400e-8  # cm2
            self.pF = self.area * 1e6
            self.v = -65.0
            m, h_, n = _gates(self.v)
            self.m, self.h, self.n = m[0], h_[0], n[0]
        else:
            self.p = p = {**CATALOG[drawn.paper][drawn.key].parameters, **drawn.parameters}
            self.book = drawn.paper == "2007"
            self.pF = 100 * p["C"] if self.book else 1.0
            self.v = p["vr"] if self.book else -65.0
            self.u = 0.0 if self.book else p["b"] * self.v

    def at_step(self) -> bool:
        """Whether it spikes at the start of a step; the reset is done."""
        if self.kind == "HH":
            crosses = self.v > HH_THRESHOLD and not self.was_above
            self.was_above = self.v > HH_THRESHOLD
            return crosses
        peak, reset = _peak_and_reset(self.p, self.book, self.u)
        if self.v <= peak:
            return False
        if reset is None:
            self.v = peak - 1
            return False
        self.v, self.u = reset
        return True

    def receive(self, receptor: int, weight: float) -> None:
        """An event at the start of a step."""
        self.synapses[receptor][0] += weight

    def step(self, dt: float, t_half: float) -> None:
        """The voltage by the implicit rule, then the states."""
        v = self.v
        out = total = 0.0  # nA, uS
        for g, e, _ in self.synapses:
            out += g * (v - e)
            total += g
        for g, other in self.gaps:
            out += g * (v - other)
            total += g
        if self.clamp and self.clamp[0] <= t_half < self.clamp[0] + self.clamp[1]:
            out -= self.clamp[2]
        if self.kind == "HH":
            scale = 1e6 * self.area  # mA/cm2 to nA, S/cm2 to 1e-3 uS
            g_na, g_k, g_l = 0.12 * self.m**3 * self.h, 0.036 * self.n**4, 0.0003
            out += scale * (g_na * (v - 50) + g_k * (v + 77) + g_l * (v + 54.3))
            total += scale * (g_na + g_k + g_l)
        elif self.book:
            p = self.p
            out -= 1e-3 * (p["k"] * (v - p["vr"]) * (v - p["vt"]) - self.u + p["Iin"])
        else:
            p = self.p
            out -= 1e-3 * (p["e"] * v * v + p["f"] * v + p["g"] - self.u + p["Iin"])
        self.v = v - out / (1e-3 * self.pF / dt + total)
        if self.kind == "HH":
            for name, (end, tau) in zip("mhn", _gates(self.v), strict=True):
                x = getattr(self, name)
                setattr(self, name, x + (1 - math.exp(-dt / tau)) * (end - x))
        elif self.book:
            self.u += dt * self.p["a"] * (_target(self.p, v, self.v) - self.u)
        else:
            p = self.p
            self.u += dt * p["a"] * (p["b"] * (self.v - p["vu"]) - p["uleak"] * self.u)
        for synapse in self.synapses:
            synapse[0] *= math.exp(-dt / synapse[2])


def _peak_and_reset(p: dict, book: bool, u: float) -> tuple[float, tuple | None]:
    """The peak, and v and u after the spike; None where the reset would not be below the peak."""
    if not book:
        return p["thresh"], (p["c"], u + p["d"]) if p["c"] < p["thresh"] - 1e-9 else None
    kind = p["celltype"]
    slope = {4: -0.1, 6: 0.1}.get(kind, 0.0)
    v_new = p["c"] + {4: 0.04, 6: -0.1}.get(kind, 0.0) * u
    u_new = {4: min(u + p["d"], 670), 5: u}.get(kind, u + p["d"])
    has_room = v_new < p["vpeak"] + slope * u_new - 1e-9
    return p["vpeak"] + slope * u, (v_new, u_new) if has_room else None


def _target(p: dict, v: float, branch_v: float) -> float:
    kind, origin = p["celltype"], p.get("vu", p["vr"])
    if kind == 5:
        return 0.025 * (v - p["d"]) ** 3 if branch_v >= p["d"] else 0.0
    if kind == 6 and branch_v > -65:
        return 0.0
    if kind == 7 and branch_v > -65:
        return 2 * (v - origin)
    return p["b"] * (v - origin)


def _gates(v: float) -> tuple:
    """Steady state and time constant of m, h and n at 6.3 degrees."""

    def ratio(x: float, y: float) -> float:
        return y * (1 - x / y / 2) if abs(x / y) < 1e-6 else x / (math.exp(x / y) - 1)

    rates = (
        (0.1 * ratio(-(v + 40), 10), 4 * math.exp(-(v + 65) / 18)),
        (0.07 * math.exp(-(v + 65) / 20), 1 / (math.exp(-(v + 35) / 10) + 1)),
        (0.01 * ratio(-(v + 55), 10), 0.125 * math.exp(-(v + 65) / 80)),
    )
    return tuple((a / (a + b), 1 / (a + b)) for a, b in rates)


def by_hand(net: Network, shaken: int | None = None) -> tuple[dict, list]:
    """As `in_neuron`; `shaken` is the seed of what voltages are shaken by, None for not at all."""
    r = np.random.default_rng(shaken)
    dt, steps, n = net.dt, round(net.tstop / net.dt), len(net.cells)
    cells = [Point(each) if each.variant == "PP" else Section(each) for each in net.cells]
    outgoing: dict[int, list] = {}
    for source, target, receptor, weight, delay in net.connections:
        outgoing.setdefault(source, []).append((target, receptor, weight, delay))
    due: dict[int, list] = {}

    def send(source: int, t: float) -> None:
        for target, receptor, weight, delay in outgoing.get(source, ()):
            step = math.ceil((t + delay) / dt - 0.5)
            due.setdefault(step, []).append((t + delay, target, receptor, weight))

    for k, (start, interval, number) in enumerate(net.trains):
        t = start
        for _ in range(number):
            if t > net.tstop:
                break
            send(n + k, t)
            t += interval
    links = []
    for one, other, g in net.gaps:
        for here, there in ((one, other), (other, one)):
            link = [g, -65.0]  # taken before a cell puts itself at its rest
            cells[here].gaps.append(link)
            links.append((link, cells[there]))
    spikes = {k: [] for k in range(n)}
    for j in range(steps):
        for k, cell in enumerate(cells):
            if cell.at_step():
                spikes[k].append(j * dt)
                send(k, j * dt)
        for _, target, receptor, weight in sorted(due.pop(j, []), key=lambda event: event[0]):
            cells[target].receive(receptor, weight)
        for cell in cells:
            cell.step(dt, (j + 0.5) * dt)
        if shaken is not None:
            for cell, x in zip(cells, r.uniform(-SHAKEN, SHAKEN, n).tolist(), strict=True):
                cell.v += x
        for link, there in links:
            link[1] = there.v
    ends = [(c.v, c.m if getattr(c, "kind", "") == "HH" else c.u) for c in cells]
    # a cell above its peak: NEURON resets some at the end of the last step, others at the next
    for k, cell in enumerate(cells):
        v = cell.v
        cell.at_step()
        if cell.v != v:
            ends[k] = (math.nan, math.nan)
    return spikes, ends


# --- compared ------------------------------------------------------------------------------------


def first_difference(one: dict, other: dict, dt: float) -> float:
    """Time of the first spike that is not on the same step in both, ms; infinite if none is."""
    first = math.inf
    for k in one:
        a, b = (np.rint(np.array(x[k]) / dt).astype(int) for x in (one, other))
        same = min(len(a), len(b))
        differ = np.nonzero(a[:same] != b[:same])[0]
        place = int(differ[0]) if len(differ) else same
        rest = [x[place] for x in (a, b) if len(x) > place]
        if rest:
            first = min(first, min(rest) * dt)
    return first


def compare(seed: int) -> dict:
    """One network both ways: what was found, and `wrong`, which is empty if all is well."""
    net = draw(seed)
    neuron, neuron_ends = in_neuron(net)
    hand, hand_ends = by_hand(net)
    shaken = [by_hand(net, k) for k in range(2)]
    told_apart = first_difference(neuron, hand, net.dt)
    trusted = min(first_difference(hand, each, net.dt) for each, _ in shaken)
    wrong = []
    if told_apart < trusted:
        wrong.append(f"spikes part at {told_apart:g} ms, shaken ones at {trusted:g} ms")
    values = np.array(neuron_ends)
    if not np.isfinite(values).all():
        wrong.append("what is no number")
    if math.isinf(trusted) and math.isinf(told_apart):
        # how far the ends may be apart is told by how far shaking moves them
        moved = np.max([np.abs(np.array(ends) - hand_ends) for _, ends in shaken], axis=0)
        apart = np.abs(values - hand_ends)
        if np.any(apart > 10 * moved + 1e-6):
            most = np.nanmax(apart)
            wrong.append(f"ends are {most:g} apart; shaking moves them by {np.nanmax(moved):g}")
    return {
        "seed": seed,
        "wrong": wrong,
        "cells": len(net.cells),
        "spikes": sum(map(len, neuron.values())),
        "ms": net.tstop,
        "compared": min(trusted, net.tstop),
        "gaps": len(net.gaps),
        "hh": sum(each.variant == "HH" for each in net.cells),
    }


def main() -> None:
    """Compare as many networks as asked for, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=600)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="every network in one line of JSON")
    chosen = parser.parse_args()
    begin, results = time.perf_counter(), []
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        result = compare(seed)
        results.append(result)
        if chosen.json:
            print("RESULT " + json.dumps(result), flush=True)
        elif result["wrong"]:
            print(f"network {seed}: {'; '.join(result['wrong'])}", flush=True)
    wrong = sum(bool(each["wrong"]) for each in results)
    total = {
        name: sum(each[name] for each in results) for name in ("cells", "spikes", "ms", "gaps")
    }
    compared = sum(each["compared"] for each in results) / total["ms"]
    print(
        f"{len(results)} networks, {total['cells']} cells, {total['gaps']} gap junctions, "
        f"{total['spikes']} spikes: {wrong} differ; {compared:.0%} of {total['ms']:.0f} ms were "
        f"compared ({time.perf_counter() - begin:.0f} s)"
    )
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
