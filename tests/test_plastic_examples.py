"""The examples of polychronization and of distal reward, for a shorter time."""

from __future__ import annotations

import re
import subprocess
import sys

import matplotlib.image
from conftest import ROOT


def run(name, seconds, figure):
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name, "--seconds", str(seconds), "--out", figure],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert matplotlib.image.imread(figure).std() > 0.05
    return done.stdout


def test_polychronization_takes_the_weights_apart(tmp_path):
    said = run("polychronization.py", 60, tmp_path / "figure.png")
    low, high = map(int, re.search(r"(\d+)% are below 0.5 and (\d+)% above", said).groups())
    assert low > 5 and high > 25  # all were 6 at first
    rates = [float(x) for x in re.findall(r"excitatory cells ([\d.]+) spikes/s", said)]
    assert len(rates) == 2 and all(2 < rate < 10 for rate in rates)


def test_distal_reward_rewards(tmp_path):
    said = run("distal_reward.py", 60, tmp_path / "figure.png")
    assert int(re.match(r"(\d+) rewards in 60 s", said)[1]) > 0
    assert 0.5 < float(re.search(r"whose mean is ([\d.]+)", said)[1]) < 1.1
