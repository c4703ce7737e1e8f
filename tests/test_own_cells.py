"""A cell type of one's own, from parameters and from a file: what it gets, and what is refused."""

from __future__ import annotations

import pytest

import izhikevich
from izhikevich import Step, Waveform, define
from izhikevich.catalog import CATALOG, PUBLICATIONS, forget
from izhikevich.errors import ParameterError
from izhikevich.models import BOOK, QUADRATIC
from izhikevich.own_cells import OWN, define_from_file

SPINY = dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150)
RS = dict(a=0.02, b=0.2, c=-65, d=8)


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    forget(OWN)


def test_it_has_what_was_given_and_the_models_own_for_the_rest():
    entry = define("spiny", SPINY, current=400)
    assert (entry.paper, entry.key, entry.label, entry.button) == ("own", "spiny", "spiny", "spiny")
    assert entry.model == BOOK and entry.parameters == SPINY | {"celltype": 1}
    assert (entry.v0, entry.u0, entry.tstop, entry.dt) == (None, None, 500, 0.25)
    assert entry.currents == (Waveform(400),) and entry.amplitudes == ()
    assert entry.place == "cell"
    assert CATALOG[OWN] == {"spiny": entry}
    assert PUBLICATIONS[OWN].types == (entry,) and PUBLICATIONS[OWN].columns == 3
    assert define("still", SPINY).currents == (Waveform(0),)
    fires = izhikevich.simulate("own", "spiny")
    assert fires.choice.parameters["v0"] == -80 and len(fires.spikes) == 2


def test_it_has_all_that_can_be_said():
    entry = define(
        "mine",
        RS | {"thresh": 25},
        model="quadratic",
        current={"start": -1, "steps": [[10, 14], [20, 0]]},
        tstop=80,
        dt=0.1,
        v0=-70,
        u0=-20,
        label="my own",
    )
    assert entry.model == QUADRATIC and entry.parameters == RS | {"thresh": 25}
    assert (entry.label, entry.v0, entry.u0, entry.tstop, entry.dt) == ("my own", -70, -20, 80, 0.1)
    assert entry.currents == (Waveform(-1, (Step(10, 14), Step(20, 0))),)
    run = izhikevich.simulate("own", "mine")
    assert (run.v[0], run.u[0], run.dt, run.tstop) == (-70, -20, 0.1, 80)


def test_the_model_is_that_whose_parameters_these_are():
    assert define("a", RS).model == QUADRATIC  # the book's a, b, c and d need more
    assert define("b", RS | {"e": 0.05}).model == QUADRATIC
    assert define("c", SPINY).model == BOOK
    assert define("d", SPINY | {"celltype": 4, "vu": -70}).parameters["celltype"] == 4
    with pytest.raises(ParameterError, match="the quadratic model needs d, too"):
        define("e", dict(a=0.02, b=0.2, c=-65, e=0.04))
    with pytest.raises(ParameterError, match="the book model needs k, vr, vt, vpeak, "):
        define("f", RS | {"C": 1})


def test_several_currents_are_a_figure_with_a_trace_of_each():
    entry = define("mine", SPINY, current=[300, 400, 500])
    assert entry.amplitudes == (300, 400, 500)
    assert entry.currents == tuple(map(Waveform, (300, 400, 500)))
    waveform = Waveform(0, (Step(50, 450),))
    assert define("mine", SPINY, current=waveform).currents == (waveform,)
    assert define("mine", SPINY, current={}).currents == (Waveform(0),)


def test_the_same_name_again_replaces_it():
    define("a", SPINY)
    define("b", RS)
    changed = define("a", SPINY | {"d": 100})
    assert list(CATALOG[OWN]) == ["b", "a"] and CATALOG[OWN]["a"] is changed


@pytest.mark.parametrize(
    "parameters, how, message",
    [
        (SPINY, {"name": ""}, "needs a name, not ''"),
        (SPINY, {"name": "  "}, "needs a name"),
        (SPINY, {"name": 3}, "needs a name, not 3"),
        (SPINY, {"label": 3}, "label must be a text, not 3"),
        (None, {}, "parameters must be given by name, not as None"),
        (SPINY, {"model": "spiny"}, "model is quadratic or book, not 'spiny'"),
        (SPINY, {"model": "quadratic"}, "unknown parameter 'C' of the quadratic model"),
        (SPINY | {"vpaek": 30, "C0": 1}, {}, "unknown parameter 'vpaek': did you mean 'vpeak'"),
        (dict(a=1, b=1), {}, r"give model, and all that it needs \(quadratic: a, b, c, d; book: C"),
        (SPINY | {"e": 1}, {}, "not the parameters of one model"),
        (SPINY | {"k": "much"}, {}, "k must be a number, not 'much'"),
        (SPINY | {"C": 0}, {}, "C must be greater than 0"),
        (SPINY | {"c": 40}, {}, "below the peak vpeak = 40"),
        (SPINY, {"tstop": 0}, "tstop must be greater than 0"),
        (SPINY, {"tstop": "long"}, "tstop must be a number"),
        (SPINY, {"dt": 0}, "dt must be greater than 0 ms, not 0"),
        (SPINY, {"dt": -1}, "dt must be greater than 0 ms, not -1"),
        (SPINY, {"dt": 501}, "at least one step"),
        (SPINY, {"v0": 50}, "v0 must not lie above the peak"),
        (SPINY, {"v0": "low"}, "v0 must be a number"),
        (SPINY, {"u0": float("nan")}, "u0 must be a finite number"),
        (SPINY, {"current": "strong"}, "current must be a number, not 'strong'"),
        (SPINY, {"current": []}, "one number or more, not none"),
        (SPINY, {"current": [1, "x"]}, "current must be a number"),
        (SPINY, {"current": {"stop": 3}}, "start and steps, but no 'stop'"),
        (SPINY, {"current": {"start": "x"}}, "current must be a number"),
        (SPINY, {"current": {"steps": 3}}, "pairs .time in ms, I., not 3"),
        (SPINY, {"current": {"steps": [[1, 2, 3]]}}, "pairs"),
        (SPINY, {"current": {"steps": [["x", 2]]}}, "the time of a step must be a number"),
        (SPINY, {"current": {"steps": [[1, "x"]]}}, "current must be a number"),
        (SPINY, {"current": {"steps": [[5, 2], [1, 2]]}}, "must be >= 0 and rise"),
        (SPINY, {"current": 1e10}, "current must be within"),
    ],
)
def test_what_cannot_be_defined(parameters, how, message):
    with pytest.raises(ParameterError, match=message):
        define(**({"name": "mine"} | how), parameters=parameters)
    assert OWN not in CATALOG


FILE = """
name = "striatal spiny neuron"
model = "book"
current = { start = 0, steps = [[50, 400], [300, 0]] }
tstop = 400

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


@pytest.fixture
def written(tmp_path):
    def write(text, name="spiny.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_file_describes_a_cell_type(written):
    entry = define_from_file(written(FILE))
    assert entry.key == "striatal spiny neuron" and entry.parameters == SPINY | {"celltype": 1}
    assert entry.tstop == 400
    assert entry.currents == (Waveform(0, (Step(50, 400), Step(300, 0))),)
    assert CATALOG[OWN] == {entry.key: entry}


def test_without_a_name_it_is_called_as_its_file(written):
    nameless = FILE.replace('name = "striatal spiny neuron"', "")
    assert define_from_file(str(written(nameless, "my cell.toml"))).key == "my cell"


@pytest.mark.parametrize(
    "text, message",
    [
        ("name = ", "is no TOML: "),
        (b"\xff\xfe", "is no TOML: "),
        ("name = 'x'", "it has no .parameters."),
        ("parameters = 3", "it has no .parameters."),
        (FILE.replace("tstop", "tstpo"), "there is no 'tstpo': did you mean 'tstop'"),
        (f"vr = -80\n{FILE}", r"there is no 'vr': .*\(parameters stand under \[parameters\]\)"),
        (
            FILE.replace("vpeak", "vpaek"),
            "unknown parameter 'vpaek' of the book model: did you mean 'vpeak'",
        ),
        (FILE.replace("C = 0.5", "C = -1"), "C must be greater than 0"),
        (
            FILE.replace('name = "striatal spiny neuron"', "name = 3"),
            "a cell type needs a name, not 3",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_name(written, text, message):
    with pytest.raises(ParameterError, match=rf"spiny\.toml:? {message}"):
        define_from_file(written(text))
    assert OWN not in CATALOG


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        define_from_file(tmp_path / "none.toml")
