"""The tests of `pulses_in_a_process`, which leave NEURON without threads until its process ends."""

from __future__ import annotations

import os
import subprocess
import sys

from conftest import ROOT


def test_pulses():
    # once anything was called by extra_scatter_gather NEURON refuses threads, removed or not
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rs",
            "-p",
            "no:xdist",
            "tests/pulses_in_a_process.py",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},  # the options of this run, such as its report
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
