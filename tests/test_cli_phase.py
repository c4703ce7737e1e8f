"""The commands that say why a cell fires: `izh phase`, `izh fi`, `izh bifurcation`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from izhikevich.views.cli.main import main


def izh(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_phase_says_where_it_rests_and_how_that_is_lost(tmp_path):
    picture = tmp_path / "plane.png"
    result = izh("phase", "tonic spiking", "--out", picture, "--flow")
    assert result.exit_code == 0, result.output
    assert "I = 0 mV/ms: stable node at -70 mV, saddle at -50 mV" in result.output
    assert "I = 14 mV/ms: no fixed point" in result.output
    assert "Andronov-Hopf at 3.7975 mV/ms" in result.output
    assert "saddle-node at 4 mV/ms" in result.output
    assert "class 2, resonator" in result.output
    assert picture.read_bytes().startswith(b"\x89PNG") and "wrote" in result.output


def test_phase_takes_a_current_a_scheme_a_variant_and_parameters():
    result = izh(
        *("phase", "RS", "--paper", 2007, "--current", "0,40@100", "--scheme", "exact"),
        *("--variant", "Sec", "--set", "b=-1"),
    )
    assert result.exit_code == 0, result.output
    assert "I = 0 pA: " in result.output and "I = 40 pA: " in result.output
    assert "class 1, integrator" in result.output


def test_phase_shows_a_run_until_it_runs_away():
    result = izh("phase", "inhibition-induced bursting", "--scheme", "exact")
    assert result.exit_code == 0, result.output
    assert "inhibition makes this cell fire" in result.output


@pytest.mark.parametrize("changes, word", [("a=0", "u stands still"), ("g=200", "no fixed point")])
def test_phase_of_degenerate_parameters_has_a_clear_word(changes, word):
    result = izh("phase", "tonic spiking", "--set", changes)
    assert result.exit_code == 0, result.output
    assert word in result.output and "nan" not in result.output


def test_fi_shows_the_curve_and_the_two_currents(tmp_path):
    picture = tmp_path / "fi.svg"
    result = izh("fi", "bistability", "--out", picture)
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines()[1:42]]
    assert [float(row[0]) for row in rows] == sorted(float(row[0]) for row in rows)
    assert float(rows[0][1]) == 0 and float(rows[-1][1]) > 30
    assert "bistable: rest and firing side by side from" in result.output
    assert "Andronov-Hopf at 0.2625 mV/ms" in result.output
    assert "rheobase of a step from rest at I = 0: 0.2063 mV/ms" in result.output
    assert "rate (Hz)" in picture.read_text()


def test_fi_of_a_cell_without_rest_has_a_clear_word():
    result = izh("fi", "tonic spiking", "--set", "a=0")
    assert result.exit_code == 0, result.output
    assert "rheobase of a step: none, at I = 0 mV/ms this cell has no stable rest" in result.output
    assert "nan" not in result.output


def test_bifurcation_lists_fixed_points_and_firing(tmp_path):
    picture = tmp_path / "diagram.pdf"
    result = izh("bifurcation", "Class 1", "--out", picture)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "I = 0 mV/ms: stable node at -60 mV, saddle at -45 mV"
    assert lines[20] == "I = 4.5 mV/ms: no fixed point; it fires"
    assert "class 1, integrator" in result.output
    assert picture.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("command", ["phase", "fi", "bifurcation"])
@pytest.mark.parametrize(
    "more, word",
    [
        (["--out", "picture.txt"], "must end in one of .png, .svg, .pdf"),
        (["--out", "no/such/folder/x.png"], "no/such/folder"),
        (["--set", "q=1"], "unknown parameter 'q'"),
        (["--set", "a"], "NAME=VALUE"),
        (["--paper", "2007"], "unknown cell type"),
    ],
)
def test_mistakes_are_one_line(command, more, word):
    result = izh(command, "tonic spiking", *more)
    assert result.exit_code != 0
    assert word in result.output and len(result.output.strip().splitlines()) == 1
