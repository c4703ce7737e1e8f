"""Mod files of the user's beside ours, above all in CoreNEURON, which has one library for all."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from scipy.linalg import expm

from izhikevich.engine import build, own_mod_files
from izhikevich.errors import ParameterError

EXAMPLES = ROOT / "examples"
NRNIVMODL = Path(sys.executable).with_name("nrnivmodl")

LEAK = """
NEURON { SUFFIX myleak NONSPECIFIC_CURRENT i RANGE g, e }
INCLUDE "leak.inc"
BREAKPOINT { i = g * (v - e) }
"""
INCLUDED = """
UNITS { (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) }
PARAMETER { g = 1e-3 (S/cm2) e = -70 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
"""

MODEL = """
import os, sys
from neuron import h, coreneuron
from izhikevich.engine import mechanisms
from izhikevich.engine.many_cells import create_cells
pc = h.ParallelContext()
coreneuron.verbose = 0

def model():
    'A cell that drives a section with a mechanism and a synapse of the user.'
    cells = create_cells("2007", "RS", [0], parameters={"Iin": 300})
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("myleak")
    synapse = h.TsodyksMarkram(soma(0.5))
    connection = pc.gid_connect(0, synapse)
    connection.delay, connection.weight[0] = 2, 0.01
    return cells, soma, synapse, connection

def both_ways(kept):
    'The voltage of the section, in NEURON and in CoreNEURON.'
    v, found = h.Vector().record(kept[1](0.5)._ref_v), []
    h.dt = 0.1
    for coreneuron.enable in (False, True):
        pc.set_maxstep(10)
        h.finitialize(-70)
        pc.psolve(100)
        found.append(v.to_python())
    assert max(found[0]) > -60  # it hears the cell
    assert all(abs(a - b) < 1e-9 for a, b in zip(*found, strict=True))
    print("the same both ways")
"""


def run(code, cwd, program=MODEL, **environment):
    kept = {key: value for key, value in os.environ.items() if key != "CORENEURONLIB"}
    return subprocess.run(
        [sys.executable, "-c", program + code],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), "NEURON_MODULE_OPTIONS": "-nogui", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def said(done):
    """The last line of an error, which a person reads first; the process lived to say it."""
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def mod(tmp_path_factory):
    """A folder of mod files."""
    folder = tmp_path_factory.mktemp("own") / "mod"
    shutil.copytree(EXAMPLES / "mod", folder)
    (folder / "myleak.mod").write_text(LEAK)
    (folder / "leak.inc").write_text(INCLUDED)
    return folder


@pytest.fixture(scope="module")
def compiled(mod):
    """A working directory with the mod files compiled, which NEURON loads by itself."""
    subprocess.run([NRNIVMODL, "mod"], cwd=mod.parent, check=True, capture_output=True)
    return mod.parent


# --- the recipe ---------------------------------------------------------------------------------


def active_shares(times, until):
    """The active share of a synapse's resources by a solution of its own: states, one by one."""
    tau, tau_rec, share = 3.0, 800.0, 0.5
    rates = np.array([[0, 0, 1 / tau_rec], [0, -1 / tau, 0], [0, 1 / tau, -1 / tau_rec]])
    state, last = np.array([1.0, 0.0, 0.0]), 0.0  # x, y, z
    for time in times[times < until]:
        state = expm(rates * (time - last)) @ state
        moved = share * state[0]
        state, last = state + np.array([-moved, moved, 0]), time
    return (expm(rates * (until - last)) @ state)[1]


def test_the_recipe_of_the_documentation():
    code = """
import json, sys
sys.path.insert(0, "examples")
import tsodyks_markram as recipe
network = recipe.build()
print("REPORT" + json.dumps([recipe.run(network, enable) for enable in (False, True)]))
"""
    done = run(code, ROOT, program="")
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("REPORT"))
    (spikes, t, g), in_coreneuron = json.loads(line.removeprefix("REPORT"))
    assert in_coreneuron[0] == spikes
    np.testing.assert_allclose(in_coreneuron[2], g, rtol=1e-12)
    driven = [time for time, gid in spikes if gid == 100]
    assert driven and driven[-1] < 300, "it hears the beginning, and then little"
    trains = [np.array([time + 2 for time, gid in spikes if gid == source]) for source in range(10)]
    assert all(len(train) > 5 for train in trains)
    for sample in range(50, len(t), 501):
        # an event on a step is heard in the sample after it
        expected = 0.002 * sum(active_shares(train, t[sample] - 0.01) for train in trains)
        assert math.isclose(g[sample], expected * math.exp(-0.01 / 3), rel_tol=1e-6, abs_tol=1e-9)


def test_the_documentation_shows_the_recipe():
    page = (ROOT / "docs" / "networks.md").read_text()
    call = 'mechanisms.load(coreneuron=True, with_mechanisms="mod")'
    assert call in page and "examples/tsodyks_markram.py" in page
    assert call.replace('"mod"', 'HERE / "mod"') in (EXAMPLES / "tsodyks_markram.py").read_text()


def test_the_units_of_the_recipe_agree():
    from test_mod_units import modlunit

    done = modlunit(EXAMPLES / "mod" / "TsodyksMarkram.mod")
    assert done.returncode == 0, done.stdout + done.stderr


# --- what CoreNEURON has ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", ["", "mechanisms.load(coreneuron=True)"], ids=["at once", "after ours alone"]
)
def test_mod_files_are_compiled_together_with_ours(compiled, before):
    code = f"{before}\nmechanisms.load(coreneuron=True, with_mechanisms='mod')\nboth_ways(model())"
    done = run(code, compiled)
    assert done.returncode == 0, done.stderr
    assert "the same both ways" in done.stdout
    assert "-own" not in done.stderr, "NEURON has them from the working directory"


def test_mod_files_need_not_be_compiled_for_neuron(mod, tmp_path):
    code = f"mechanisms.load(coreneuron=True, with_mechanisms={str(mod)!r})\nboth_ways(model())"
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the same both ways" in done.stdout


def test_a_library_of_both_in_the_working_directory_is_the_one_used(mod, tmp_path):
    files = own_mod_files.with_included(own_mod_files.find(mod))
    folder = tmp_path / os.uname().machine
    shutil.copytree(build.build_coreneuron(files), folder)
    code = """
mechanisms.load(coreneuron=True)
assert "CORENEURONLIB" not in os.environ
both_ways(model())
"""
    done = run(code, tmp_path, IZHIKEVICH_CACHE=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("late", [False, True])
def test_what_coreneuron_has_not_is_refused_with_the_way_that_works(compiled, late):
    code = f"""
mechanisms.load(coreneuron=True)
kept = model()
pc.set_maxstep(10)
coreneuron.enable = {not late}
h.finitialize()
coreneuron.enable = True
pc.psolve(10)
print("lived", h.t)
"""
    done = run(code, compiled)
    assert done.returncode == (0 if late else 1), done.stderr  # NEURON prints a late error
    assert late is ("lived 0.0" in done.stdout)
    line = next(each for each in done.stderr.splitlines() if "Error: CoreNEURON has no" in each)
    assert "myleak, TsodyksMarkram and would end the process" in line
    assert f"load(coreneuron=True, with_mechanisms={str(compiled / 'mod')!r})" in line


def test_mod_files_that_the_model_has_nothing_of_are_in_nobodys_way(compiled):
    code = """
mechanisms.load(coreneuron=True)
kept = create_cells("2007", "RS", [0], parameters={"Iin": 300})
pc.set_maxstep(10)
coreneuron.enable = True
h.finitialize()
pc.psolve(10)
print("ran", round(h.t))
"""
    done = run(code, compiled)
    assert "ran 10" in done.stdout, done.stderr


def test_what_neuron_alone_has_is_refused(tmp_path):
    code = """
mechanisms.load(coreneuron=True)
soma = h.Section(name="soma")
clamp = h.VClamp(soma(0.5))
coreneuron.enable = True
h.finitialize()
"""
    message = said(run(code, tmp_path))
    assert "CoreNEURON has no VClamp" in message and "coreneuron.enable = False" in message


def test_a_library_that_is_named_and_has_not_all_is_refused(mod, tmp_path):
    (ours,) = build.build_coreneuron().glob("libcorenrnmech.*")
    copy = shutil.copy(ours, tmp_path)
    code = f"mechanisms.load(coreneuron=True, with_mechanisms={str(mod)!r})"
    message = said(run(code, tmp_path, CORENEURONLIB=copy))
    assert "TsodyksMarkram" in message and "unset CORENEURONLIB" in message
    code = "mechanisms.load(coreneuron=True); print(os.environ['CORENEURONLIB'])"
    done = run(code, tmp_path, CORENEURONLIB=copy)
    assert done.stdout.split() == [copy], "it has all that is asked for"


def test_mod_files_that_come_after_coreneuron_has_run_are_refused(mod, tmp_path):
    code = f"""
mechanisms.load(coreneuron=True)
kept = create_cells("2007", "RS", [0])
pc.set_maxstep(10)
coreneuron.enable = True
h.finitialize()
pc.psolve(1)
mechanisms.load(coreneuron=True, with_mechanisms={str(mod)!r})
"""
    message = said(run(code, tmp_path))
    assert "TsodyksMarkram" in message and "before its first run" in message


def test_a_mod_file_that_has_changed_since_it_was_compiled_is_refused(compiled, tmp_path):
    shutil.copytree(compiled, tmp_path / "copy")
    with (tmp_path / "copy" / "mod" / "TsodyksMarkram.mod").open("a") as file:
        file.write(": another\n")
    code = "mechanisms.load(coreneuron=True, with_mechanisms='mod')"
    message = said(run(code, tmp_path / "copy"))
    assert "the TsodyksMarkram that this process has loaded" in message and "again" in message


# --- which files ---


def test_files_and_folders_are_found(mod):
    own = mod / "TsodyksMarkram.mod"
    assert own_mod_files.find(mod) == [own, mod / "myleak.mod"]
    assert own_mod_files.find(str(own)) == own_mod_files.find([own]) == [own]
    assert own_mod_files.with_included([own]) == [own, mod / "leak.inc"]


def test_copies_of_ours_are_left_out_and_others_of_their_names_refused(mod, tmp_path):
    folder = tmp_path / "mod"
    shutil.copytree(mod, folder)
    for file in build.mod_files():
        shutil.copy(file, folder)
    assert len(own_mod_files.find(folder)) == 2
    (folder / "Izhi2003a.mod").rename(folder / "izhi.mod")
    with pytest.raises(ParameterError, match="another Izhi2003a than this package's"):
        own_mod_files.find(folder)


@pytest.mark.parametrize("where", ["nowhere", ".", "file.txt", []])
def test_no_mod_file_is_an_error(tmp_path, where, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(ParameterError, match="no mod file"):
        own_mod_files.find(where)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NEURON { POINT_PROCESS One RANGE a }", "One"),
        ("NEURON {\n  : SUFFIX no\n  SUFFIX two\n}", "two"),
        ("COMMENT\nSUFFIX no\nENDCOMMENT\nNEURON {\nARTIFICIAL_CELL Three\n}", "Three"),
        ("NEURON { SUFFIX nothing }", None),
        ("", None),
    ],
)
def test_the_name_in_a_mod_file(tmp_path, text, name):
    file = tmp_path / "some.mod"
    file.write_text(text)
    assert own_mod_files.name_in(file) == name
