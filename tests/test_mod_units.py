"""The units of the mechanisms, by modlunit, which comes with NEURON."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from izhikevich.engine import mechanisms


def modlunit(file):
    """What the checker of units says of a file, on two channels; it ends with 0 or 1."""
    beside_python = Path(sys.executable).with_name("modlunit")
    program = beside_python if beside_python.is_file() else shutil.which("modlunit")
    assert program, "modlunit is missing: NEURON's wheel installs it beside Python"
    return subprocess.run([program, file], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("file", mechanisms.mod_files(), ids=lambda file: file.stem)
def test_units_of_every_expression_agree(file):
    done = modlunit(file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking units of {file}" in done.stdout + done.stderr


@pytest.mark.parametrize("file", mechanisms.mod_files(), ids=lambda file: file.stem)
def test_a_wrong_unit_is_found(file, tmp_path):
    text = file.read_text()
    right = "Iin = 10 (mV/ms)" if "2003" in file.name else "Iin = 0 (pA)"
    assert right in text
    wrong = tmp_path / file.name
    wrong.write_text(text.replace(right, right.partition("(")[0] + "(mV)"))
    done = modlunit(wrong)
    assert done.returncode == 1
    assert "units" in done.stdout + done.stderr
