"""izhi2007Figs: the names that scripts use, on a cell of their own; NEURON as it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

START = """
import izhi2007Figs
from izhi2007Figs import *
from izhikevich import IzhiCell
from izhikevich.catalog import CATALOG
from neuron import h
"""


def run(code, folder, *, arguments=("-c",), **environment):
    """Run `code` in a Python of its own without a display; what it prints."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, *arguments, code],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("host", "voltage"), [("None", "cell.sec(0.5)._ref_v"), ("'dummy'", "cell.izh._ref_V")]
)
def test_one_cell_goes_through_all_types(tmp_path, host, voltage):
    run(
        START
        + f"""
cell = IzhiCell(host={host})
recorder(cell, {voltage})
for name, entry in CATALOG["2007"].items():
    figure = test1(cell, name, name + "!")
    assert cell.type == name
    panels = [axes for axes in figure.axes if axes.get_ylabel() == "v (mV)"]
    counts = []
    for axes, amplitude in zip(reversed(panels), entry.amplitudes, strict=True):
        assert axes.texts[0].get_text() == f"{{amplitude:g}} pA"
        v = axes.get_lines()[0].get_ydata()
        counts.append(int(sum((v[:-1] > -20) & (v[1:] < v[:-1] - 20))))
        last = v[-1] > -20 and v[-1] >= v[-2]  # a spike in the last sample has no fall after it
        counts[-1] += bool(last and v[-1] in (25, 35, 50))
    runs = izhi2007Figs._desk.recordings
    assert tuple(len(r.spikes) for r in runs) == entry.spikes_published, name
    assert tuple(counts) == entry.spikes_published, (name, counts)
    legend = panels[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [name + "!"]
    closeFig()
""",
        tmp_path,
    )
    assert os.listdir(tmp_path) == []


def test_neuron_and_the_cell_are_given_back_as_they_were(tmp_path):
    run(
        START
        + """
h.load_file("stdrun.hoc")
cell = IzhiCell("TC_burst")
cell.izh.Iin = 12
h.dt, h.tstop, h.t = 0.1, 33, 7
solver = h.CVode()
solver.active(1)
solver.atol(1e-5)
recorder(cell, cell.sec(0.5)._ref_v)
test1(cell, "TC_burst", "")
assert (h.dt, h.tstop, h.t, cell.izh.Iin) == (0.1, 33, 7, 12)
assert solver.active() and solver.atol() == 1e-5
""",
        tmp_path,
    )


def test_the_user_s_own_parameters_are_the_ones_that_run(tmp_path):
    run(
        START
        + """
cell = IzhiCell("RS", "dummy")
cell.izh.d = 0
recorder(cell, cell.izh._ref_V)
test1(cell, "RS", "no adaptation")
counts = [len(r.spikes) for r in izhi2007Figs._desk.recordings]
assert cell.izh.d == 0
assert all(n > m for n, m in zip(counts, CATALOG["2007"]["RS"].spikes_published)), counts
""",
        tmp_path,
    )


def test_pictures_are_written_when_asked_for(tmp_path):
    run(
        START
        + """
izhi2007Figs.save = True
cell = IzhiCell()
recorder(cell, cell.vref)
test1(cell, "RS", "RS")
test1(cell, "TC_burst", "TC")
""",
        tmp_path,
    )
    assert sorted(os.listdir(tmp_path)) == ["RS.png", "TC_burstMode.png"]


def test_mistakes_are_named(tmp_path):
    run(
        START
        + """
def refused(error, said, do, *arguments):
    try:
        do(*arguments)
    except error as found:
        assert said in str(found), found
    else:
        raise AssertionError(said)

cell, other, pp = IzhiCell(), IzhiCell(), IzhiCell(host="dummy")
refused(RuntimeError, "recorder", test1, cell, "RS", "")
refused(RuntimeError, "test1", plotall)
refused(ValueError, "vref", recorder, pp, pp.sec(0.5)._ref_v)
refused(ValueError, "vref", recorder, cell, other.sec(0.5)._ref_v)
recorder(cell, cell.sec(0.5)._ref_v)
refused(RuntimeError, "recorder", test1, other, "IB", "")
assert other.type == "RS"
refused(KeyError, "RS", test1, cell, "RSS", "")
closeFig()
closeFig()
""",
        tmp_path,
    )


def test_without_a_display_the_door_saves_the_eight_figures_and_says_so(tmp_path):
    said = run(str(ROOT / "izhi2007Figs.py"), tmp_path, arguments=(), MPLBACKEND="TkAgg")
    files = sorted(os.listdir(tmp_path))
    assert len(files) == 8  # seven, and that of TC in its other reading, too
    assert all(file.endswith(".png") and file in said for file in files)
    assert len(said.splitlines()) == 1
