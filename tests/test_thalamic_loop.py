"""The example of a thalamic loop."""

from __future__ import annotations

import re
import subprocess
import sys

from conftest import ROOT


def test_the_loop_goes_on_with_a_low_reversal_only():
    example = ROOT / "examples" / "thalamic_loop.py"
    done = subprocess.run(
        [sys.executable, example], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    high, low = done.stdout.splitlines()
    assert "-70 mV" in high and "TC 0.0" in high
    assert float(re.search(r"the last at (\d+) ms", high)[1]) < 105
    assert "-85 mV" in low and float(re.search(r"TC ([\d.]+)", low)[1]) > 5
    assert float(re.search(r"the last at (\d+) ms", low)[1]) > 1300
