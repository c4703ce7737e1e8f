"""The example of a microcircuit: a population has the spikes of point processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import matplotlib.image
import numpy as np
from conftest import ROOT


def run(*command):
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_500_cells_spike_as_point_processes_do():
    said = run("tests/microcircuit_of_points.py", 500, 0.5)
    found = json.loads(said.partition("RESULT ")[2])
    assert found["population"] == found["points"]
    _times, cells = found["population"]
    ends = np.cumsum(list(found["sizes"].values()))
    spikes = np.bincount(np.searchsorted(ends, cells, side="right"), minlength=len(ends))
    assert len(spikes) == 4 and spikes.min() > 50  # each type takes part


def test_the_example_prints_rates_and_draws(tmp_path):
    figure = tmp_path / "figure.png"
    said = run("examples/microcircuit.py", "--cells", 2000, "--seconds", 0.3, "--out", figure)
    rates = {key: float(rate) for key, rate in re.findall(r"(\w+): [\d,]+ cells, ([\d.]+)", said)}
    assert list(rates) == ["RS", "CH", "FS", "LTS"]
    assert all(0.5 < rate < 30 for rate in rates.values())
    assert matplotlib.image.imread(figure).std() > 0.05
