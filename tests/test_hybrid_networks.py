"""Some of the random networks of `hybrid_networks`; a long run of it makes many more."""

from __future__ import annotations

import json
import subprocess
import sys

import hybrid_networks
import numpy as np
from conftest import ROOT

SEEDS = 20


def test_random_networks_run_as_they_do_by_hand():
    # in a process of its own: gap junctions stay in NEURON until it ends
    done = subprocess.run(
        [sys.executable, "tests/hybrid_networks.py", "--seeds", str(SEEDS), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    results = [
        json.loads(line.removeprefix("RESULT "))
        for line in done.stdout.splitlines()
        if line.startswith("RESULT ")
    ]
    assert len(results) == SEEDS, done.stderr
    assert {each["seed"]: each["wrong"] for each in results if each["wrong"]} == {}
    assert done.returncode == 0
    assert sum(each["gaps"] > 0 for each in results) > SEEDS / 3
    assert sum(each["hh"] > 0 for each in results) > SEEDS / 3
    assert sum(each["spikes"] for each in results) > 100 * SEEDS
    # the rest of a network is where it makes something large of what is as small as rounding
    assert sum(each["compared"] for each in results) > 0.8 * sum(each["ms"] for each in results)


def test_all_that_is_drawn_from_is_drawn():
    nets = [hybrid_networks.draw(seed) for seed in range(300)]
    kinds = {(cell.paper, cell.key, cell.variant) for net in nets for cell in net.cells}
    types = hybrid_networks.TYPES
    assert kinds == {(*which, v) for which in types for v in ("PP", "Sec")} | {("HH", "HH", "HH")}
    receptors = {receptor for net in nets for _, _, receptor, *_ in net.connections}
    assert receptors == {0, 1, *hybrid_networks.RECEPTORS_2007, *hybrid_networks.INPUTS_2003}
    assert {net.dt for net in nets} == set(hybrid_networks.STEPS)


def test_a_network_that_differs_is_noticed():
    """By hand, one small thing otherwise: the comparison sees it, and not what rounding does."""
    noticed = []
    for seed in range(8):
        net = hybrid_networks.draw(seed)
        spikes, _ = hybrid_networks.by_hand(net)
        shaken, _ = hybrid_networks.by_hand(net, 1)
        trusted = hybrid_networks.first_difference(spikes, shaken, net.dt)
        source, target, receptor, weight, delay = net.connections[0]
        net.connections[0] = source, target, receptor, weight, delay + net.dt
        for cell in net.cells:
            cell.parameters["d"] = cell.parameters.get("d", 0) * 1.001
        other, _ = hybrid_networks.by_hand(net)
        noticed.append(hybrid_networks.first_difference(spikes, other, net.dt) < trusted)
    assert np.mean(noticed) > 0.7
