"""Cells in the files of others: NeuroML and LEMS out, in, and what is refused."""

from __future__ import annotations

import math
import os
import random
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neuroml.utils import validate_neuroml2
from test_cli import folder, here, refused

from izhikevich import Ramp, Step, Waveform, define, simulate
from izhikevich.catalog import CATALOG, forget
from izhikevich.choice import choose
from izhikevich.errors import ParameterError
from izhikevich.exchange import FORMATS, files_of, neuroml, read_cell
from izhikevich.exchange.quantities import UNITS, read, write
from izhikevich.own_cells import OWN

__all__ = ["folder"]  # a fixture

TYPES = [(paper, key) for paper, entries in CATALOG.items() for key in entries]


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    forget(OWN)


def written(choice, folder):
    """Write an export; gives the file to be run, and the one with the cell."""
    for name, text in files_of(choice, "neuroml").items():
        (folder / name).write_text(text)
    (simulation,) = folder.glob("LEMS_*.xml")
    (cell,) = folder.glob("*.net.*")
    return simulation, cell


# --- out and back -------------------------------------------------------------------------------


@pytest.mark.parametrize(("paper", "key"), TYPES)
def test_every_type_comes_back(paper, key, tmp_path):
    choice = choose(paper, key)
    simulation, cell = written(choice, tmp_path)
    for file in (simulation, cell):
        found = choose(OWN, read_cell(file).key)
        assert found.parameters == pytest.approx(choice.parameters, rel=1e-12, abs=1e-12)
        for expected, came in zip(
            choice.waveform.knots(choice.tstop), found.waveform.knots(choice.tstop), strict=True
        ):
            assert came.tolist() == expected.tolist()
        assert (found.tstop, found.cell_type.dt) == (choice.tstop, choice.dt)


def test_what_comes_back_spikes_as_what_went_out(tmp_path):
    for paper, key in (("2004", "accomodation"), ("2004", "Class 1"), ("2007", "LTS"),
                       ("2007", "FS"), ("2007", "TC_burst"), ("2007", "CH")):  # fmt: skip
        simulation, _ = written(choose(paper, key), tmp_path)
        read_cell(simulation)
        came = simulate(OWN, neuroml.identity_of(key), scheme="exact").spikes
        assert came.tolist() == simulate(paper, key, scheme="exact").spikes.tolist()
        for file in tmp_path.iterdir():
            file.unlink()


def test_what_neuroml_has_words_for_is_valid_neuroml(tmp_path, capsys):
    plain = 0
    for paper, key in TYPES:
        for name, text in files_of(choose(paper, key), "neuroml").items():
            if name.endswith(".nml"):
                (tmp_path / name).write_text(text)
                validate_neuroml2(str(tmp_path / name))  # raises what is not
                plain += 1
    assert plain == 28 - 3 + 3  # all of 2003 and 2004 but three, RS, IB and CH of the book


def test_a_changed_cell_and_current_go_out_as_they_are(tmp_path):
    current = Waveform(1.5, (Step(10, -3.25), Step(20, 0)), (Ramp(30, 60, 2, 14),))
    changes = {"a": 0.0301, "thresh": 25.0, "v0": -71.5}
    choice = choose("2004", "tonic spiking", current=current, tstop=123.4, parameters=changes)
    simulation, _ = written(choice, tmp_path)
    entry = read_cell(simulation)
    assert entry.tstop == 123.4
    assert choose(OWN, entry.key).parameters == pytest.approx(choice.parameters, rel=1e-12)
    for t in np.arange(0, 123, 0.5):
        assert entry.default_current.at(t) == pytest.approx(current.at(t), rel=1e-12)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), paper=st.sampled_from(("2004", "2007")))
def test_any_parameters_come_back(tmp_path_factory, seed, paper):
    drawn = random.Random(seed)
    entries = list(CATALOG[paper].values())
    entry = drawn.choice(entries)
    changes = {
        name: value * drawn.uniform(0.5, 1.5)
        for name, value in entry.parameters.items()
        if name in ("a", "b", "C", "k", "d") and drawn.random() < 0.5
    }
    choice = choose(paper, entry.key, parameters=changes)
    simulation, _ = written(choice, tmp_path_factory.mktemp("out"))
    found = choose(OWN, read_cell(simulation).key)
    assert found.parameters == pytest.approx(choice.parameters, rel=1e-12, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(
    value=st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-250),
    dimension=st.sampled_from(sorted(UNITS)),
)
def test_a_quantity_comes_back_to_the_last_digit(value, dimension):
    text = write(value, dimension)
    assert "+" not in text
    assert float(read("it", text, dimension)) == value


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("-0.06 V", "voltage", -60), ("100pF", "capacitance", 100), (".1 nF", "capacitance", 100),
        ("0.07 nA", "current", 70), ("2e-11A", "current", 20), ("0.7nS_per_mV",
        "conductance_per_voltage", 0.7), ("7e-7 S_per_V", "conductance_per_voltage", 0.7),
        ("30 Hz", "per_time", 0.03), ("30per_s", "per_time", 0.03), ("1 uS", "conductance", 1000),
        (" 0.5s ", "time", 500),
    ],
)  # fmt: skip
def test_units_of_all_sizes(text, dimension, value):
    assert float(read("it", text, dimension)) == value


# --- files of others: as the Open Source Brain, pyNeuroML and NetPyNE write them -----------------

BOOK = (
    'v0="-60mV" C="100 pF" k = "0.7 nS_per_mV" vr="-60 mV" vt="-40 mV" vpeak="35 mV" '
    'a="0.03 per_ms" b="-2 nS" c="-50 mV" d="100 pA"'
)
SMALL = 'v0="-70mV" thresh="30mV" a ="0.02" b = "0.2" c = "-65" d = "6"'
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<neuroml '
    'xmlns="http://www.neuroml.org/schema/neuroml2" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.neuroml.org/schema/neuroml2 NeuroML_v2beta4.xsd" id="Doc">'
)
PULSE = '<pulseGenerator id="in" delay="50ms" duration="0.4 s" amplitude="0.07nA"/>'
INTO = '<explicitInput target="pop[0]" input="in"/>'
ONE = '<network id="net"><population id="pop" component="RS" size="1"/>{}</network>'


def document(*parts):
    return f"{HEAD}{''.join(parts)}</neuroml>"


CELL = f'<izhikevich2007Cell id="RS" {BOOK}/>'
LIST = (
    '<network id="net"><population id="pop" component="RS" type="populationList" size="1">'
    '<instance id="0"><location x="0" y="0" z="0"/></instance></population>'
    '<inputList id="InputA" component="in" population="pop">'
    '<input id="0" target="../pop/0/RS" destination="synapses"/></inputList></network>'
)
WEIGHTED = LIST.replace("<input ", "<inputW ").replace('"synapses"/', '"synapses" weight="2"/')
PULSED = [[0.0, 0.0], [50.0, 0.0], [50.0, 70.0], [450.0, 70.0], [450.0, 0.0], [1000.0, 0.0]]
FOREIGN = {
    "a cell alone": (document(CELL), [[0, 0], [1000, 0]]),
    "with notes inside": (
        document(CELL.replace("/>", "><notes>Regular spiking cell</notes></izhikevich2007Cell>")),
        [[0, 0], [1000, 0]],
    ),
    "an explicit input": (document(CELL, PULSE, ONE.format(INTO)), PULSED),
    "a path as target": (
        document(CELL, PULSE, ONE.format(INTO.replace("pop[0]", "pop/0/RS"))),
        PULSED,
    ),
    "a list of inputs": (document(CELL, PULSE, LIST), PULSED),
    "weighted": (document(CELL, PULSE, WEIGHTED), [[t, 2 * i] for t, i in PULSED]),
    "the sum of two": (
        document(
            CELL,
            PULSE,
            '<pulseGenerator id="shift" delay="0ms" duration="5000ms" amplitude="-45 pA"/>',
            ONE.format(INTO + INTO.replace('"in"', '"shift"')),
        ),
        [[t, i - 45] for t, i in PULSED],
    ),
    "a compound input": (
        document(
            CELL,
            f'<compoundInput id="in">{PULSE.replace(">", ">")}'
            '<pulseGenerator id="b" delay="0ms" duration="50ms" amplitude="5pA"/></compoundInput>',
            ONE.format(INTO),
        ),
        [[0, 5], [50, 5], *PULSED[2:]],
    ),
    "a ramp with a base": (
        document(
            CELL,
            '<rampGenerator id="in" delay="50ms" duration="400ms" startAmplitude="0pA" '
            'finishAmplitude="0.8nA" baselineAmplitude="10pA"/>',
            ONE.format(INTO),
        ),
        [[0, 10], [50, 10], [50, 0], [450, 800], [450, 10], [1000, 10]],
    ),
    "components of LEMS": (
        '<Lems><Include file="NeuroML2CoreTypes.xml"/>'
        f'<Component id="RS" type="izhikevich2007Cell" {BOOK}/>'
        '<Component id="in" type="pulseGenerator" delay="50ms" duration="400ms" '
        'amplitude="70pA"/><network id="net"><population id="pop" component="RS" size="5"/>'
        '<explicitInput target="pop[3]" input="in"/></network></Lems>',
        PULSED,
    ),
    "without a namespace or a declaration": (f"<neuroml>{CELL}</neuroml>", [[0, 0], [1000, 0]]),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_others_are_read(name, tmp_path):
    text, current = FOREIGN[name]
    (tmp_path / "cell.nml").write_text(text)
    entry = read_cell(tmp_path / "cell.nml")
    expected = CATALOG["2007"]["RS"].parameters
    assert {**entry.parameters} == pytest.approx({**expected}, rel=1e-15)
    assert (entry.v0, entry.u0, entry.key) == (-60, 0, "RS")
    assert np.transpose(entry.default_current.knots(1000)).tolist() == current
    simulate(entry.paper, entry.key, tstop=5)


def test_a_cell_of_a_file_that_is_included(tmp_path):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "RS.cell.nml").write_text(document(CELL))
    include = '<include href="cells/RS.cell.nml"/><include href="https://example.org/x.nml"/>'
    (tmp_path / "net.nml").write_text(document(include, PULSE, ONE.format(INTO)))
    (tmp_path / "LEMS_net.xml").write_text(
        '<Lems><Target component="s"/><Include file="Cells.xml"/><Include file="net.nml"/>'
        '<Include file="LEMS_net.xml"/>'
        '<Simulation id="s" length="0.7s" step="0.025 ms" target="net"/></Lems>'
    )
    entry = read_cell(tmp_path / "LEMS_net.xml")
    assert (entry.key, entry.tstop, entry.dt) == ("RS", 700, 0.025)
    assert entry.default_current.at(60) == 70
    (tmp_path / "cells" / "RS.cell.nml").unlink()
    with pytest.raises(ValueError, match=r"has no cell of Izhikevich's; not found: cells/RS.cell"):
        read_cell(tmp_path / "net.nml")


def test_the_generalized_cell_of_the_open_source_brain(tmp_path):
    (tmp_path / "cell.nml").write_text(
        document(f'<generalizedIzhikevichCell id="g" {SMALL} X="0.04" Y="4.1" Z="108"/>')
    )
    assert {"e": 0.04, "f": 4.1, "g": 108}.items() <= dict(
        read_cell(tmp_path / "cell.nml").parameters
    ).items()


def test_of_several_cells_one_is_chosen(folder):
    text = document(f'<izhikevichCell id="A" {SMALL}/><izhikevichCell id="B" {SMALL}/>')
    (folder / "two.nml").write_text(text)
    assert "several cells, give one as KEY: A, B" in refused("run", "--cell", "two.nml")
    assert "no cell 'C': there is A, B" in refused("run", "C", "--cell", "two.nml")
    assert "B: own cell" in here("run", "B", "--cell", "two.nml").stdout


# --- the command --------------------------------------------------------------------------------


def test_export_writes_what_run_reads(folder):
    said = here("export", "LTS", "--format", "neuroml", "--out", "x", "--current", "0,200@50")
    names = ["LTS.net.xml", "IzhikevichCells.xml", "LEMS_LTS.xml"]
    assert said.stdout.splitlines() == [f"wrote {os.path.join('x', name)}" for name in names]
    ours = here("run", "LTS", "--current", "0,200@50").stdout.splitlines()[1:]
    assert here("run", "--cell", "x/LEMS_LTS.xml").stdout.splitlines()[1:] == ours
    before = [(name, os.stat(os.path.join("x", name)).st_mtime_ns) for name in names]
    assert "LTS.net.xml is there already" in refused(
        "export", "LTS", "--format", "neuroml", "--out", "x"
    )
    assert [(name, os.stat(os.path.join("x", name)).st_mtime_ns) for name in names] == before
    here("export", "LTS", "--format", "neuroml", "--out", "x", "--force")


def test_what_cannot_be_exported_leaves_nothing(folder):
    said = refused("export", "RS", "--format", "genesis", "--out", "x")
    assert f"unknown format 'genesis': it is one of {', '.join(FORMATS)}" in said
    refused("export", "RS", "--format", "neuroml", "--out", "x", "--set", "a=nan")
    assert os.listdir() == []


# --- what is refused ----------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE neuroml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<neuroml id="&b;">{CELL}</neuroml>'
)
SECRET = f'<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]><neuroml>&a;{CELL}</neuroml>'
REFUSED = {
    "entities": (LAUGHS, "document type"),
    "a file of the system": (SECRET, "document type"),
    "a type from elsewhere": ('<!DOCTYPE n SYSTEM "http://x/y.dtd"><neuroml/>', "document type"),
    "cut off": (document(CELL)[:-20], "no XML, or cut off"),
    "empty": ("", "no XML, or cut off"),
    "another language": ("<sbml/>", "neither NeuroML nor LEMS, but <sbml>"),
    "another encoding": ("<?xml version='1.0' encoding='klingon'?><neuroml/>", "encoding|no XML"),
    "no cell": (document('<iafCell id="x"/>'), "no cell of Izhikevich's; it has iafCell"),
    "a parameter is missing": (document(CELL.replace('d="100 pA"', "")), "has no d"),
    "without a unit": (document(CELL.replace("-60mV", "-60")), "it has no unit, and its unit as a"),
    "a wrong unit": (document(CELL.replace("100 pF", "100 mV")), "unit mV.*capacitance is one of"),
    "no number": (document(CELL.replace("100 pF", "a lot")), "'a lot', which is no capacitance"),
    "beyond all numbers": (document(CELL.replace("100 pF", "1e999pF")), "which no neuron has"),
    "a unit where none is": (
        document(f'<izhikevichCell id="q" {SMALL.replace("-65", "-65mV")}/>'),
        "has the unit mV, and its unit as a number is none",
    ),
    "no capacitance": (document(CELL.replace("100 pF", "0 pF")), "C must be"),
    "twice": (document(CELL, CELL), "two cells with the id 'RS'"),
    "a sine": (
        document(
            CELL,
            '<sineGenerator id="in" phase="0" delay="0ms" duration="9ms" amplitude="1nA" '
            'period="5ms"/>',
            ONE.format(INTO),
        ),
        "'in' is a sineGenerator; of what drives a cell, pulses and ramps",
    ),
    "of another dimension": (
        document(
            CELL,
            '<pulseGeneratorDL id="in" delay="0ms" duration="9ms" amplitude="1"/>',
            ONE.format(INTO),
        ),
        "drives no cell of this kind",
    ),
    "an input that is not there": (document(CELL, ONE.format(INTO)), "'in', which is not there"),
    "backwards": (
        document(CELL, PULSE.replace("0.4 s", "-9ms"), ONE.format(INTO)),
        "begins or ends before time 0",
    ),
    "no place": (
        document(CELL, PULSE, ONE.format(INTO.replace("pop[0]", "[]"))),
        "no place of a cell",
    ),
    "rules of nobody": (
        files_of(choose("2007", "LTS"), "neuroml")["LTS.net.xml"].replace("-100Mohm", "-90Mohm"),
        "bends the rules as no type of the book does",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(name, folder):
    text, words = REFUSED[name]
    (folder / "cell.nml").write_text(text)
    with pytest.raises(ParameterError, match=words) as raised:
        read_cell("cell.nml")
    assert str(raised.value).startswith("cell.nml: ")
    assert OWN not in CATALOG  # nothing has been defined
    assert refused("run", "--cell", "cell.nml") == str(raised.value)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_anywhere_is_an_error_in_words_or_a_cell(tmp_path_factory, data):
    whole = bytearray(FOREIGN["the sum of two"][0].encode())
    for _ in range(data.draw(st.integers(1, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "cell.nml"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        entry = read_cell(path)
    except ParameterError:
        return
    assert all(math.isfinite(value) for value in entry.parameters.values())


def test_a_file_of_its_own_kind_needs_no_key(folder):
    (folder / "mine.toml").write_text(
        dedent("""
        model = "quadratic"
        [parameters]
        a = 0.02
        b = 0.2
        c = -65
        d = 8
        """)
    )
    assert "mine.toml has one cell, and needs no KEY" in refused("run", "x", "--cell", "mine.toml")
    assert read_cell("mine.toml").key == "mine"


def test_a_name_becomes_an_id():
    names = ("RS", "tonic spiking", "2 cells", "größer", "a-b.c")
    assert list(map(neuroml.identity_of, names)) == [
        "RS",
        "tonic_spiking",
        "_2_cells",
        "gr__er",
        "a_b_c",
    ]
    entry = define("2 cells", CATALOG["2004"]["tonic spiking"].parameters)
    assert '<izhikevichCell id="_2_cells"' in neuroml.document(choose(entry.paper, entry.key))
