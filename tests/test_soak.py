"""A few seconds of `soak`; a long run of it goes on for ten minutes."""

from __future__ import annotations

import re
import subprocess
import sys

from conftest import ROOT


def test_nothing_latches_or_runs_away_under_random_drive():
    done = subprocess.run(
        [sys.executable, "tests/soak.py", "--minutes", "0.05", "--cells", "300"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = re.search(r"300 cells, 0.05 minutes of model time: (\d+) spikes", done.stdout)
    assert found and int(found[1]) > 10_000
