"""The collection of Hippocampome.org: its numbers, its runs, where it is shown, when it is read."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from reference import exact_spikes, published
from web_client import run

from izhikevich import simulate
from izhikevich.catalog import CATALOG, UnknownCellTypeError, cell_type, papers, types_of
from izhikevich.engine.gids import forget_gids
from izhikevich.engine.many_cells import create_cells
from izhikevich.publications.hippocampome import NAME, patterns
from izhikevich.session import Session
from izhikevich.stored import choice_from_dict, choice_to_dict
from izhikevich.views.cli.main import main
from izhikevich.views.web.page import Page
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.thumbnails import Thumbnails

TYPES = types_of(NAME)
PREFERRED = [key for key, entry in TYPES.items() if entry.is_preferred]
# of izhmodels_single.csv (commit 6045f32 of csv2db_import_v2): for each model by number, in the
# order of their text, "number,preferred,C,k,Vr,Vt,Vpeak,a,b,Vmin,d", each value as Python's repr
SOURCE = "e172a602cf878d12cd19b1fa4ddef28cb4817bcf76dd45c3aa7b70640455df21"
# of the same file, by hand
SOME = {
    "CA3 Pyramidal": ("2-000-1", 366.0, 0.7923387037895819, -63.204400817165585, 588.0),
    "DG Granule": ("1-000-1", 38.0, 0.4471817006977834, -77.40291336465064, 50.0),
}


def izh(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)), prog_name="izh")


# --- the numbers -----------------------------------------------------------------------------


def test_all_models_are_those_of_the_source():
    names = ("k", "vr", "vt", "vpeak", "a", "b", "c", "d")
    lines = []
    for entry in sorted(TYPES.values(), key=lambda entry: entry.figure):
        values = [round(100 * entry.parameters["C"], 9), *(entry.parameters[n] for n in names)]
        preferred = "Y" if entry.is_preferred else "N"
        lines.append(",".join([entry.figure, preferred, *(repr(float(x)) for x in values)]))
    assert len(lines) == 167
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == SOURCE


@pytest.mark.parametrize("key", SOME)
def test_some_of_them_by_hand(key):
    entry = cell_type(NAME, key)
    number, capacitance, k, vr, d = SOME[key]
    assert entry.figure == number and entry.parameters["C"] == pytest.approx(capacitance / 100)
    assert (entry.parameters["k"], entry.parameters["vr"], entry.parameters["d"]) == (k, vr, d)
    assert entry.parameters["celltype"] == 1


def test_each_type_has_one_preferred_model_under_its_name():
    of_type = {}
    for entry in TYPES.values():
        of_type.setdefault(entry.figure.rpartition("-")[0], []).append(entry)
    assert len(of_type) == 89
    for models in of_type.values():
        (best,) = (entry for entry in models if entry.is_preferred)
        assert all(entry.key.startswith(best.key) for entry in models)
        assert len({(entry.group, entry.effect) for entry in models}) == 1
    assert {e.group for e in TYPES.values()} == {"DG", "CA3", "CA2", "CA1", "Sub", "EC"}
    assert cell_type(NAME, "DG HIPP").effect == "inhibitory"


def test_measured_currents_are_those_of_its_figure():
    stated = {(p.type_id, p.current) for p in patterns() if p.current is not None and p.duration}
    assert len({number for number, _ in stated}) > 80
    shown = {(entry.figure, w.initial) for entry in TYPES.values() for w in entry.currents}
    assert {pair for pair in stated if pair[0] in {e.figure for e in TYPES.values()}} <= shown


# --- runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PREFERRED)
def test_a_preferred_type_runs_alike_in_both_variants(key):
    """In the exact solution, to the last spike: Euler's steps blow rounding up in some of them."""
    point, section = (simulate(NAME, key, variant=v, scheme="exact").spikes for v in ("PP", "Sec"))
    assert len(point) == len(section)
    assert np.allclose(point, section, atol=0.005)


@pytest.mark.parametrize("key", PREFERRED)
def test_its_steps_are_those_of_the_published_rule(key):
    entry = cell_type(NAME, key)
    values = {**entry.parameters, "vu": entry.parameters["vr"]}
    n_steps = 200
    t, v, _, _, spikes = published(
        "2007", values, values["vr"], 0.0, entry.default_current, entry.dt, n_steps
    )
    for variant in ("PP", "Sec"):
        recording = simulate(NAME, key, variant=variant, tstop=n_steps * entry.dt)
        assert recording.spikes == pytest.approx(t[spikes], abs=1e-9)
        assert np.allclose(recording.v, v, atol=1e-6)


@pytest.mark.parametrize("key", ["DG Granule", "CA1 Pyramidal", "MEC LII Stellate"])
def test_its_exact_spikes_are_those_of_its_equations(key):
    entry = cell_type(NAME, key)
    values = {**entry.parameters, "vu": entry.parameters["vr"]}
    expected = exact_spikes("2007", values, values["vr"], 0.0, entry.default_current, entry.tstop)
    assert len(expected) > 5
    # the later spikes carry the error of all before, here 0.006 ms after 900
    assert simulate(NAME, key, scheme="exact").spikes == pytest.approx(expected, abs=0.02)


def test_it_is_stored_and_made_into_a_network():
    session = Session(f"{NAME} PP model")
    session.choose_type("CA1 Basket 2")
    assert choice_from_dict(choice_to_dict(session.choice)) == session.choice
    cells = create_cells(NAME, "CA1 O-LM", range(7000, 7003))
    try:
        assert [cell.izh.k for cell in cells] == [TYPES["CA1 O-LM"].parameters["k"]] * 3
    finally:
        forget_gids()


# --- where it is shown -----------------------------------------------------------------------


def test_the_command_line_lists_and_runs_it():
    heading, *lines = izh("list", "--paper", NAME).output.splitlines()
    assert heading.split()[:3] == ["region", "key", "effect"] and len(lines) == 167
    assert sum("preferred" in line for line in lines) == 89
    assert NAME in izh("list").output.splitlines()[-1]
    done = izh("run", "CA3 Giant")
    assert done.exit_code == 0
    assert done.output.startswith("CA3 Giant: hippocampome 2-003-1, PP, published (dt 0.1 ms)")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "CA1 Baskt"), "in hippocampome 'CA1 Basket'"),
        (("run", "zzzz", "--paper", NAME), "'izh list --paper hippocampome' shows its 167 types"),
        (("run", "RS", "--paper", NAME), "it is a type of 2007"),
        (("figures", NAME), "is not one of '2003'"),
        (("list", "--paper", "1999"), "'hippocampome'"),
    ],
)
def test_what_is_wrong_is_said(arguments, said, tmp_path):
    done = CliRunner().invoke(main, arguments, prog_name="izh")
    assert done.exit_code in (1, 2) and said in str(done.output) + str(done.exception)


def test_the_page_lists_it_by_region_without_pictures():
    runs = Runs(1)
    with contextlib.closing(runs):
        page = Page(runs, Thumbnails(runs))

        def asked(action, value=None):
            return run(page.answer({"number": 1, "action": action, "value": value}))

        asked("show")
        reply = asked("paper", NAME)
        menu = reply["menu"]
        assert menu["papers"] == list(papers()) and len(menu["types"]) == 167
        assert [t["group"] for t in menu["types"]][:1] == ["DG"]
        assert {"CA1", "CA1, further"} <= {t["group"] for t in menu["types"]}
        assert all(each["min"] <= each["value"] <= each["max"] for each in reply["fields"])
        assert "CA1 Ivy" in asked("type", "CA1 Ivy")["words"]["status"]
        assert asked("pictures")["pictures"]["paths"] == {}


def test_the_browser_has_a_list_of_it(view):
    view.open()
    view.choose("paper", NAME)
    chosen = view.page.get_by_label("Cell type, of 167")
    assert chosen.input_value() == next(iter(TYPES))
    assert chosen.locator("optgroup").count() == len(
        {(entry.group, entry.is_preferred) for entry in TYPES.values()}
    )
    chosen.select_option("CA1 O-LM")
    view.settle()
    assert "CA1 O-LM" in view.status and view.problem == ""
    view.choose("paper", "2004")
    assert view.page.locator(".types svg").count() == 20


# --- when it is read -------------------------------------------------------------------------


def test_nobody_reads_it_before_it_is_asked_for():
    program = (
        "import sys, izhikevich, izhikevich.session, izhikevich.views.cli.main\n"
        "izhikevich.session.Session(); izhikevich.simulate('2004', 'Class 1')\n"
        "print(any('publications.hippocampome' in name for name in sys.modules))\n"
        "izhikevich.session.Session('hippocampome PP model')\n"
        "print(any('publications.hippocampome' in name for name in sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["False", "True"]


def test_it_is_no_part_of_what_is_drawn_of_everything():
    assert NAME in papers() and NAME not in CATALOG
    with pytest.raises(UnknownCellTypeError, match="'hippocampome'"):
        types_of("1999")
