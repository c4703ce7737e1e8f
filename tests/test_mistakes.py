"""What is easily done wrong with cells in a network of one's own, and is not taken silently."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from neuron import h

from izhikevich import (
    Izhi2003Cell,
    IzhiCell,
    ParameterError,
    create_cells,
    forget_gids,
)
from izhikevich.engine.addresses import dummy_section
from izhikevich.engine.parameters import check_values, defaults, variables

PC = h.ParallelContext()


@pytest.fixture(autouse=True)
def a_network_of_its_own():
    """What a test registers in this process is forgotten."""
    PC.gid_clear()
    yield
    PC.gid_clear()
    PC.nthread(1)
    h.CVode().active(0)


def cell_of(model, variant):
    host = "dummy" if variant == "PP" else None
    return IzhiCell("RS", host) if model == "book" else Izhi2003Cell("tonic spiking", host)


KINDS = [(model, variant) for model in ("book", "quadratic") for variant in ("PP", "Sec")]


# --- a network made twice ----------------------------------------------------------------------

NOTEBOOK_CELL = """
from izhikevich import IzhiCell, create_cells, forget_gids
from neuron import h

forget_gids()
cells = create_cells("2007", "RS", range(5), parameters={"Iin": 400}, jitter=0.1, seed=1)
sections = create_cells("2007", "FS", range(5, 8), "Sec")
alone = IzhiCell("LTS", "dummy")
alone.register(8)
for gid in range(5):
    alone.connect_from(gid, "AMPA", weight=5, delay=2)
    for cell in sections:
        synapse = h.ExpSyn(cell.sec(0.5))
        cell.connect_from(gid, synapse, weight=0.005, delay=2)
times, gids = h.Vector(), h.Vector()
context = h.ParallelContext()
context.spike_record(-1, times, gids)
h.dt = 0.1
context.set_maxstep(10)
h.finitialize(-65)
context.psolve(100)
spikes = sorted(zip(times, gids))
"""


def test_a_cell_of_a_notebook_runs_twice():
    names, held = {}, []
    for _ in range(3):
        exec(NOTEBOOK_CELL, names)
        held.append(names["spikes"])
    assert len(held[0]) > 20 and held[1] == held[0] == held[2]
    made = [int(h.List(kind).count()) for kind in ("Izhi2007a", "Izhi2007b")]
    exec(NOTEBOOK_CELL, names)
    assert [int(h.List(kind).count()) for kind in ("Izhi2007a", "Izhi2007b")] == made
    with pytest.raises(ParameterError, match=r"gid 0 is used twice.*izhikevich\.forget_gids\(\)"):
        exec(NOTEBOOK_CELL.replace("\nforget_gids()\n", "\n"), names)


def test_cells_that_are_held_do_not_disturb_the_next_network():
    names = {}
    exec(NOTEBOOK_CELL, names)
    first, old = names["spikes"], [names["cells"], names["alone"]]  # as Out[1] of a notebook holds
    exec(NOTEBOOK_CELL, names)
    assert names["spikes"] == first
    forget_gids()
    assert not PC.gid_exists(3)
    old[0][3].register(3)
    assert PC.gid_exists(3) and old[0][3].gid == 3
    with pytest.raises(ParameterError, match="registered already, as gid 3"):
        old[0][3].register(4)


def test_one_list_with_a_gid_twice_has_no_such_hint():
    with pytest.raises(ParameterError, match="gid 5 is used twice") as error:
        create_cells("2007", "RS", [5, 6, 5])
    assert "forget" not in str(error.value)


# --- a parameter set on the cell instead of on its mechanism -------------------------------------


@pytest.mark.parametrize(("model", "variant"), KINDS)
def test_a_parameter_of_the_mechanism_is_not_set_on_the_cell(model, variant):
    cell = cell_of(model, variant)
    mechanism = cell.izh.hname().partition("[")[0]
    names = {"Iin", "a", "d", "u"} | ({"V"} if variant == "PP" else set())
    assert names <= variables(mechanism) and set(defaults(mechanism)) < variables(mechanism)
    for name in variables(mechanism) - {"alive", "cellid"}:
        before = getattr(cell.izh, name)
        with pytest.raises(ParameterError, match=rf"{name} belongs to {mechanism}.*cell\.izh\."):
            setattr(cell, name, 500)
        assert getattr(cell.izh, name) == before and not hasattr(cell, name)


@pytest.mark.parametrize(("model", "variant"), KINDS)
def test_a_cell_takes_what_is_not_its_mechanisms(model, variant):
    cell = cell_of(model, variant)
    cell.x, cell.position, cell.vinit, cell.cellid = 3, (1, 2), -70, 9
    assert (cell.x, cell.position, cell.vinit, cell.cellid) == (3, (1, 2), -70, 9)
    cell.alive = False
    assert cell.izh.alive == 0
    if variant == "PP":
        assert "V" not in dir(cell)


# --- values that no cell can have ----------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
WRONG = [
    ("C", 0, "C must be greater than 0, not 0"),
    ("C", -1, "C must be greater than 0, not -1"),
    ("celltype", 9, "celltype is a whole number from 1 to 7, not 9"),
    ("celltype", 1.5, "not 1.5"),
    ("a", NAN, "a must be finite, not nan"),
    ("Iin", INF, "Iin must be finite, not inf"),
    ("vpeak", -INF, "vpeak must be finite, not -inf"),
    ("k", "much", "k must be .*much"),
    ("tau", 1, "unknown parameter 'tau'"),
]
WRONG_IN_PP = [
    (f"tau{name}", 0, f"tau{name} must be greater than 0, not 0")
    for name in ("AMPA", "NMDA", "GABAA", "GABAB", "Opsin")
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG + WRONG_IN_PP)
@pytest.mark.parametrize("variant", ["PP", "Sec"])
def test_a_value_that_cannot_be_is_refused(variant, name, value, message):
    if variant == "Sec" and name.startswith("tau"):
        message = f"unknown parameter '{name}'"
    cell = cell_of("book", variant)
    names = defaults(cell.izh.hname().partition("[")[0])
    before = {each: getattr(cell.izh, each) for each in names}
    with pytest.raises(ParameterError, match=message):
        cell.set_parameters({"b": 3, name: value})
    assert {each: getattr(cell.izh, each) for each in before} == before
    with pytest.raises(ParameterError, match=message):
        create_cells("2007", "RS", [1, 2], variant, parameters={name: value})
    if isinstance(value, (int, float)) and "unknown" not in message:
        one_is_wrong = [getattr(cell.izh, name), value]
        with pytest.raises(ParameterError, match=message):
            create_cells("2007", "RS", [1, 2], variant, parameters={name: one_is_wrong})
    assert not PC.gid_exists(1)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["C", "celltype", "tauAMPA", "a", "Iin"]),
    st.lists(st.sampled_from([-1.0, 0.0, 1.0, 2.0, 7.0, 7.5, 8.0, NAN, INF]), min_size=1),
)
def test_an_array_is_refused_if_one_of_its_values_is(name, values):
    def is_right(value):
        if not np.isfinite(value):
            return False
        if name == "celltype":
            return value in range(1, 8)
        return value > 0 if name in ("C", "tauAMPA") else True

    if all(map(is_right, values)):
        check_values(name, np.array(values))
    else:
        with pytest.raises(ParameterError, match=f"^{name} "):
            check_values(name, np.array(values))


@pytest.mark.parametrize("variant", ["PP", "Sec"])
@pytest.mark.parametrize("model", ["book", "quadratic"])
def test_what_is_set_on_the_mechanism_itself_is_found_at_initialisation(model, variant):
    others = [cell_of(model, variant) for _ in range(3)]
    cell = others[1]
    mechanism = cell.izh.hname().partition("[")[0]
    wrong = {name: (NAN, INF) for name in defaults(mechanism) if name not in ("cellid", "fflag")}
    for name in ("C", "tauAMPA", "tauNMDA", "tauGABAA", "tauGABAB", "tauOpsin", "taug"):
        if name in wrong:
            wrong[name] = (0, -1, NAN)
    if model == "book":
        wrong["celltype"] = (0, 8, 9, 1.5, NAN, INF)
    h.finitialize(-65)
    for name, values in wrong.items():
        right = getattr(cell.izh, name)
        for value in values:
            setattr(cell.izh, name, value)
            expected = rf"{mechanism}\[.*\] in {cell.sec.name()}: {name} "
            with pytest.raises(RuntimeError, match=expected):
                h.finitialize(-65)
        setattr(cell.izh, name, right)
        assert warned_of() == []


def test_a_cell_becomes_another_in_the_middle_of_a_run():
    """reparam after the initialisation brings the rule of the peak, too."""
    for variant in ("PP", "Sec"):
        spikes = []
        for late in (False, True):
            cell = cell_of("book", variant)
            if not late:
                cell.reparam("LTS")
            times, source = h.Vector(), cell.source()
            source.record(times)
            h.dt = 0.1
            h.finitialize(-65)
            if late:
                cell.reparam("LTS")
            cell.izh.Iin = 300
            cell.init()
            while h.t < 300:
                h.fadvance()
            spikes.append(list(times))
        assert spikes[0] == spikes[1] and len(spikes[0]) > 10


def test_a_conductance_is_not_negative():
    book, quadratic, section = IzhiCell("RS", "dummy"), Izhi2003Cell(host="dummy"), IzhiCell("RS")
    for receptor in book.receptors:
        with pytest.raises(ParameterError, match="weight is a conductance, 0 or more, not -1"):
            book.connect_from(None, receptor, weight=-1)
    with pytest.raises(ParameterError, match="weight is a conductance"):
        quadratic.connect_from(None, "conductance", weight=-1e-9)
    for synapse in (h.ExpSyn(section.sec(0.5)), h.Exp2Syn(section.sec(0.5))):
        with pytest.raises(ParameterError, match="weight is a conductance"):
            section.connect_from(None, synapse, weight=-0.001)
    assert not book.connections and not quadratic.connections and not section.connections
    assert quadratic.connect_from(None, "pulse", weight=-2).weight[1] == -2


# --- a current where no cell is ------------------------------------------------------------------


def warned_of():
    """What an initialisation warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        h.finitialize(-65)
    return [str(each.message) for each in caught]


@pytest.mark.parametrize("kind", ["IClamp", "SEClamp", "ExpSyn", "Exp2Syn", "AlphaSynapse"])
def test_a_current_on_an_address_is_warned_of(kind):
    dummy = dummy_section()
    cell = IzhiCell("RS", "dummy")
    cells = create_cells("2007", "RS", range(3))
    bare = h.Section(name="bare")
    other = Izhi2003Cell("tonic spiking", bare)
    assert warned_of() == []
    for section in (dummy, cells[0].sec, bare):
        point = getattr(h, kind)(section(0.5))
        (message,) = warned_of()
        assert f"{point} in {section.name()}: this current reaches no cell" in message
        assert "cell.izh.Iin" in message
        del point
        assert warned_of() == []
    del cell, other


def test_many_currents_are_told_in_one_line():
    cells = create_cells("2007", "RS", range(3))
    clamps = [h.IClamp(cells[0].sec(0.5)) for _ in range(10)]
    (message,) = warned_of()
    assert "and 7 more" in message and len(message) < 500
    del clamps


def test_a_current_on_a_section_with_a_life_of_its_own_is_not_warned_of():
    with_channels, passive, cell_in_it = h.Section(), h.Section(), IzhiCell("RS")
    parent, child = h.Section(), h.Section()
    child.connect(parent)
    with_channels.insert("hh")
    passive.insert("pas")
    hosts = [with_channels, passive, cell_in_it.sec, parent, child]
    cells = [IzhiCell("FS", host) for host in hosts]
    clamps = [h.IClamp(host(0.5)) for host in hosts]
    artificial = h.NetStim()
    own = h.IClamp(IzhiCell("RS").sec(0.5))
    dummy_cell = IzhiCell("RS", "dummy")
    counter = h.APCount(dummy_section()(0.5))  # has no current
    assert warned_of() == []
    del cells, clamps, artificial, own, dummy_cell, counter


def test_the_warning_comes_once(tmp_path):
    code = """
from izhikevich import IzhiCell
from izhikevich.engine.addresses import dummy_section
from neuron import h
cell = IzhiCell("RS", "dummy")
clamp = h.IClamp(dummy_section()(0.5))
for _ in range(3):
    h.finitialize(-65)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and done.stderr.count("reaches no cell") == 1, done.stderr
