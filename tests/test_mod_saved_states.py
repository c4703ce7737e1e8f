"""A state that NEURON saves and restores goes on as if nothing had been: SaveState, BBSaveState."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from izhikevich.engine import mechanisms

REPOSITORY = mechanisms.mod_files()[0].parent.parent

SCRIPT = """
import json, sys
from neuron import h
from izhikevich.engine.cells import Izhi2003Cell, IzhiCell
h.load_file("stdrun.hoc")
context = h.ParallelContext()
way, what, time, file = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]

cells, kept = {}, []
for host in (None, "dummy"):
    where = "Sec" if host is None else "PP"
    for key, current in (("RS", 300), ("LTS", 300), ("LTS", 3000), ("FS", 200), ("TC", 150)):
        cell = IzhiCell(key, host)
        cell.izh.Iin = current
        cells[f"{key} {current} {where}"] = cell
    cell = Izhi2003Cell("tonic spiking", host)
    cell.izh.Iin = 10
    cells[f"2003 {where}"] = cell
for sigma in (2, 5):
    cell = Izhi2003Cell("tonic spiking", "dummy")
    cell.izh.Iin, cell.izh.sigma, cell.izh.halves = 8, sigma, 2
    cell.izh.stream.set_ids(sigma, 1, 2)
    cells[f"noise {sigma}"] = cell
cell = IzhiCell("RS", "dummy")
cell.izh.Iin, cell.izh.d = 5e6, 0
cells["every step"] = cell
for gid, cell in enumerate(cells.values()):
    cell.register(gid)
for source, target, receptor, weight in (
    ("RS 300 PP", "FS 200 PP", "AMPA", 20), ("noise 2", "noise 5", "pulse", 3),
):
    cells[target].connect_from(list(cells).index(source), receptor, weight=weight, delay=3.3)
for name in ("RS 300 Sec",) if what == "SaveState" else ():
    # BBSaveState keeps nothing of a section but the cell that the gid stands for
    synapse, train = h.ExpSyn(cells[name].sec(0.5)), h.NetStim()
    train.interval, train.number, train.start = 7, 1e9, 1
    connection = h.NetCon(train, synapse)
    connection.weight[0], connection.delay = 0.005, 1
    kept += [synapse, train, connection]

times, gids = h.Vector(), h.Vector()
context.spike_record(-1, times, gids)
h.dt, h.steps_per_ms = 0.1, 10
context.set_maxstep(10)
h.stdinit()
if way == "restore":
    if what == "SaveState":
        state = h.SaveState()
        state.fread(h.File(file))
        state.restore()
    else:
        h.BBSaveState().restore(file)
else:
    context.psolve(time)
if way == "save":
    if what == "SaveState":
        state = h.SaveState()
        state.save()
        state.fwrite(h.File(file))
    else:
        h.BBSaveState().save(file)
if way == "back":
    state = h.SaveState()
    state.save()
    context.psolve(200)
    times.resize(0); gids.resize(0)
    state.restore()
n = int(times.size()) if way == "save" else 0
context.psolve(200)
print("REPORT" + json.dumps([
    {
        name: [round(t, 6) for t, g in list(zip(times, gids))[part] if g == gid]
        for gid, name in enumerate(cells)
    }
    for part in (slice(n), slice(n, None))
]))
"""


def spikes(way, what, time, file):
    """Spikes by cell, before a state is saved and after that."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, way, what, str(time), str(file)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NEURON_MODULE_OPTIONS": "-nogui"},
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("REPORT")]
    assert lines and done.returncode == 0, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("REPORT"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The run without a state saved or restored, by kind, which decides whether synapses hear."""
    file = tmp_path_factory.mktemp("undisturbed") / "unused"
    found = {what: spikes("on", what, 0, file)[1] for what in ("SaveState", "BBSaveState")}
    assert all(len(times) > 2 for by_cell in found.values() for times in by_cell.values())
    return found


def time_to_save_at(undisturbed, which):
    """Some time, or that of a spike, when v is above the peak and that is not yet seen."""
    return {
        "any": 100.0,
        "spike of a section": undisturbed["LTS 300 Sec"][9],
        "spike of a point process": undisturbed["RS 300 PP"][5],
    }[which]


TIMES = ("any", "spike of a section", "spike of a point process")


@pytest.mark.parametrize("what", ["SaveState", "BBSaveState"])
@pytest.mark.parametrize("which", TIMES)
def test_a_run_goes_on_after_its_state_is_saved_and_in_another_process(
    undisturbed, what, which, tmp_path
):
    expected = undisturbed[what]
    time = time_to_save_at(expected, which)
    before, after = spikes("save", what, time, tmp_path / "state")
    assert sum(map(len, before.values())) > 100 < sum(map(len, after.values()))
    assert {name: before[name] + after[name] for name in expected} == expected
    _, restored = spikes("restore", what, time, tmp_path / "state")
    assert restored == after


@pytest.mark.parametrize("which", TIMES)
def test_a_run_is_repeated_from_a_state_in_the_same_process(undisturbed, which, tmp_path):
    time = time_to_save_at(undisturbed["SaveState"], which)
    _, first = spikes("save", "SaveState", time, tmp_path / "unused")
    _, again = spikes("back", "SaveState", time, tmp_path / "unused")
    assert again == first


def test_the_voltage_of_a_section_is_that_of_its_cell_after_one_step(tmp_path):
    """BBSaveState itself does not write it down: the cell does, and puts it back."""
    code = """
import json
from neuron import h
from izhikevich.engine.cells import Izhi2003Cell, IzhiCell
h.load_file("stdrun.hoc")
context = h.ParallelContext()
cells = [IzhiCell("RS"), Izhi2003Cell("tonic spiking")]
kept = []
for gid, (cell, current) in enumerate(zip(cells, (120, 8))):
    cell.izh.Iin = current
    cell.register(gid)
    # a leak: the voltage is put back whatever else conducts in the section
    leak = h.ExpSyn(cell.sec(0.5))
    leak.tau, leak.e = 1e12, -70
    kept.append(leak)
h.dt, h.steps_per_ms = 0.1, 10
context.set_maxstep(10)
def conduct():
    for leak, g in zip(kept, (0.0005, 5e-6)):
        leak.g = g
h.stdinit()
conduct()
context.psolve(40)
h.BBSaveState().save("state")
context.psolve(40.1)
expected = [(cell.vref[0], cell.izh.u) for cell in cells]
h.stdinit()
h.BBSaveState().restore("state")
conduct()
context.psolve(40.1)
print("REPORT" + json.dumps([expected, [(cell.vref[0], cell.izh.u) for cell in cells]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NEURON_MODULE_OPTIONS": "-nogui"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("REPORT")]
    assert lines, done.stdout + done.stderr
    expected, found = json.loads(lines[0].removeprefix("REPORT"))
    assert all(abs(v + 60) > 2 for v, _ in expected)
    # v as the cell has it, u as the file has it, in 15 digits
    np.testing.assert_allclose(found, expected, rtol=1e-8)
