"""The house: nobody asks which paper it is, what a new command takes, and former names."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT

from izhikevich.catalog import CATALOG
from izhikevich.moved import MOVED
from izhikevich.publications import PUBLISHED
from izhikevich.views.cli import commands

CODE = [
    *sorted((ROOT / "izhikevich").rglob("*.py")),
    *(ROOT / f"{door}.py" for door in ("izh", "izhi2007Wrapper", "izhi2007Figs")),
]
#: Where the name of a publication stands: in what was published.
DATA = ROOT / "izhikevich" / "publications"
NAMES = {publication.name for publication in PUBLISHED}


def comparisons_with_a_name(file):
    """Lines that compare with the name of a publication, or look something up by it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        else:
            continue
        constants = [each for part in parts for each in ast.walk(part)]
        if any(isinstance(x, ast.Constant) and x.value in NAMES for x in constants):
            yield node.lineno


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_nobody_asks_which_paper_it_is(file):
    if DATA not in file.parents:
        assert list(comparisons_with_a_name(file)) == []


def test_such_a_comparison_would_be_found(tmp_path):
    for line in ('x = y == "2003"', 'x = {"2007": 1}', 'x = y in ("2003", "2004")'):
        (tmp_path / "a.py").write_text(line)
        assert list(comparisons_with_a_name(tmp_path / "a.py")) == [1]


COMMAND = '''
"""`izh first`: what a new command takes."""

import click

from izhikevich.views.cli.options import takes_a_cell_type


@click.command("first")
@takes_a_cell_type
def command(entry):
    """Say when the cell type KEY fires first."""
    from izhikevich.engine.simulation import simulate

    click.echo(simulate(entry.paper, entry.key).spikes[0])
'''


def test_a_command_is_one_file(tmp_path):
    (tmp_path / "first.py").write_text(COMMAND)
    program = (
        "from izhikevich.views.cli import commands\n"
        f"commands.__path__.append({str(tmp_path)!r})\n"
        "from izhikevich.views.cli.main import main\n"
        "main(['first', 'tonic spiking'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 13.25


def test_every_file_of_commands_has_its_command():
    main = importlib.import_module("izhikevich.views.cli.main").main
    files = {path.stem for path in (ROOT / "izhikevich/views/cli/commands").glob("[!_]*.py")}
    assert len(commands.__path__) == 1
    assert set(main.commands) == files
    helped = CliRunner().invoke(main, ["--help"])
    assert helped.exit_code == 0 and all(name in helped.output for name in files)


@pytest.mark.parametrize("name", MOVED)
def test_former_names_are_served(name):
    homes = [importlib.import_module(home) for home in MOVED[name]]
    former = importlib.import_module(name)
    for home in homes:
        for public in getattr(home, "__all__", []):
            assert hasattr(former, public)
    if len(homes) == 1:
        assert former is homes[0]
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        former.nothing_of_the_kind  # noqa: B018


def test_what_scripts_import_by_former_names():
    from izhikevich.cells import Izhi2003Cell, IzhiCell, check_gids, create_cells, dummy_section
    from izhikevich.comparison import coincidence_factor, compare, simulate_until_runaway
    from izhikevich.excitability import fi_curve, latency, ringing, slow_ramp, step_rheobase
    from izhikevich.figures import FIGURES, figure_2003, figure_2004, figure_2007, save, trace
    from izhikevich.phase_plane import PhasePlane, for_cell_type, plane, trajectory_pieces
    from izhikevich.simulation import RunawayError, Synapse, simulate

    from izhikevich.network import Share, fig3_network, run, sparse_network

    assert set(FIGURES) >= {"2003-fig2", "2004-fig1", "2007-fig8.12-RS", "2007-fig8.31-TC"}
    for each in (
        *(Izhi2003Cell, IzhiCell, check_gids, create_cells, dummy_section),
        *(coincidence_factor, compare, simulate_until_runaway),
        *(fi_curve, latency, ringing, slow_ramp, step_rheobase),
        *(figure_2003, figure_2004, figure_2007, save, trace),
        *(Share, fig3_network, run, sparse_network),
        *(PhasePlane, for_cell_type, plane, trajectory_pieces),
        *(RunawayError, Synapse, simulate),
    ):
        assert callable(each)
    assert list(CATALOG)[:3] == ["2003", "2004", "2007"]
