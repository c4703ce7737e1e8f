"""A person's own cell on the command line: --cell FILE in the place of KEY."""

from __future__ import annotations

import os

import numpy as np
import pytest
from test_cli import folder, here, refused

from izhikevich import Recording, simulate
from izhikevich.catalog import CATALOG, forget
from izhikevich.own_cells import OWN, define

__all__ = ["folder"]  # a fixture

MINE = """
name = "spiny"
current = { start = 0, steps = [[50, 450]] }
tstop = 700

[parameters]
C = 0.5
k = 1
vr = -80
vt = -25
vpeak = 40
a = 0.01
b = -20
c = -55
d = 150
"""
QUADRATIC = """
model = "quadratic"
current = [6, 10]
[parameters]
a = 0.02
b = 0.2
c = -65
d = 8
"""


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    forget(OWN)


@pytest.fixture
def mine(folder):
    (folder / "mine.toml").write_text(MINE)
    (folder / "other.toml").write_text(QUADRATIC)
    return "mine.toml"


def test_run_is_that_of_the_defined_cell(mine):
    said = here("run", "--cell", mine, "--out", "x.npz").stdout
    assert said.startswith("spiny: own cell, PP, published (dt 0.25 ms), 700 ms")
    found = Recording.from_npz("x.npz")
    forget(OWN)
    parameters = dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150)
    current = {"start": 0, "steps": [[50, 450]]}
    define("spiny", parameters, current=current, tstop=700)
    expected = simulate(OWN, "spiny")
    assert len(expected.spikes) > 3 and np.array_equal(found.v, expected.v)
    assert f"spikes: {len(expected.spikes)}, " in said


def test_options_change_it_like_any_other(mine):
    options = ("--variant", "Sec", "--scheme", "exact", "--set", "d=50", "--current", "500")
    here("run", "--cell", mine, *options, "--out", "x.npz")
    found = Recording.from_npz("x.npz")
    assert (found.variant, found.scheme, found.parameters["d"]) == ("Sec", "exact", 50)
    assert set(found.i) == {500}


def test_phase_fi_and_bifurcation(mine):
    said = here("phase", "--cell", mine, "--out", "plane.png").stdout
    assert "I = 0 pA: stable node at -80 mV, saddle at -45 mV" in said
    assert "saddle-node at 306.25 pA" in said and os.path.exists("plane.png")
    said = here("fi", "--cell", "other.toml").stdout
    assert said.startswith("I (mV/ms)") and "rheobase of a step from rest at I = 0: " in said
    # 0.04 v^2 + 4.8 v + 140 + I has one root at I = 4; 0.08 v + 5 is a at v = -62.25
    assert "saddle-node at 4 mV/ms" in said and "Andronov-Hopf at 3.7975 mV/ms" in said
    assert "; it fires" in here("bifurcation", "--cell", "other.toml").stdout


def test_compare(mine):
    said = here("compare", "--cell", "other.toml", "--out", "x.png").stdout
    assert "| own | other | 10 mV/ms | PP published | Sec published |" in said
    assert said.count("| own |") == 4, "a picture shows one current, the strongest"
    assert here("compare", "--cell", "other.toml").stdout.count("| own |") == 8


def test_list_and_figures_show_own_cells_that_the_process_has(mine):
    here("run", "--cell", mine)
    here("run", "--cell", "other.toml")
    heading, *lines = here("list").stdout.splitlines()
    mine, other = (line.split() for line in lines if line.startswith(OWN))
    assert mine[-1] == "spiny" and other[-4:] == ["other", "6", "10", "mV/ms"]
    assert "I (" not in heading, "not all of one unit now"
    book = next(line for line in lines if line.split()[2] == "RS")
    assert "60 70 85 100 pA" in book
    here("figures", OWN, "--variant", "PP")
    names = sorted(name for name in os.listdir() if name.endswith(".png"))
    assert names == [f"own-cell-{name}-PP-published.png" for name in ("other", "spiny")]


@pytest.mark.parametrize("command", ["run", "phase", "fi", "bifurcation", "compare"])
def test_a_key_or_a_file(command, mine):
    assert (
        refused(command, "RS", "--cell", mine) == "mine.toml has one cell, and needs no KEY: 'RS'"
    )
    said = refused(command, "--cell", mine, "--paper", "2007", status=2)
    assert said.startswith("--paper says where KEY is looked up; --cell has none")
    if command == "compare":
        assert "or --cell FILE" in refused(command)
        assert "or --cell FILE" in refused(command, "--all", "--cell", mine)
    else:
        said = refused(command, status=2)
        assert said.startswith("Missing argument 'KEY' or option '--cell'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no [parameters]"),
        ("name = ", "bad.toml is no TOML: "),
        ("C = 0.5\n[parameters]\n", "there is no 'C'"),
        (MINE.replace("k = 1", ""), "needs k, too"),
        (MINE.replace("k = 1", "kk = 1"), "'kk'"),
        (MINE.replace("vpeak = 40", "vpeak = -60"), "reset c must lie below the peak"),
        (MINE.replace("C = 0.5", 'C = "much"'), "C must be a number, not 'much'"),
        (MINE.replace("C = 0.5", "C = -1"), "C must be "),
        (MINE.replace("tstop = 700", "tstop = -7"), "tstop must be greater than 0 ms"),
        (MINE.replace("[[50, 450]]", "[[50, 450], [20, 0]]"), "must be >= 0 and rise"),
        (MINE.replace("tstop", "stop"), "there is no 'stop': did you mean 'tstop'?"),
    ],
)
def test_a_file_that_describes_no_cell_is_refused_in_one_line(text, said, folder):
    (folder / "bad.toml").write_text(text)
    found = refused("run", "--cell", "bad.toml", "--out", "x.csv")
    assert "bad.toml" in found and said in found
    assert os.listdir(folder) == ["bad.toml"] and OWN not in CATALOG


def test_a_file_that_cannot_be_read(folder):
    assert "File 'no.toml' does not exist" in refused("run", "--cell", "no.toml", status=2)
    (folder / "folder").mkdir()
    assert "is a directory" in refused("run", "--cell", "folder", status=2)
    (folder / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    assert "bytes.toml is no TOML" in refused("run", "--cell", "bytes.toml")
