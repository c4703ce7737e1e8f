"""Scripts for other simulators: their numbers, that they run where that simulator is installed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from test_cli import folder, here, refused

from izhikevich import simulate
from izhikevich.catalog import CATALOG
from izhikevich.choice import choose
from izhikevich.errors import ParameterError
from izhikevich.exchange import files_of
from izhikevich.exchange.scripts import script

__all__ = ["folder"]  # a fixture

TYPES = [(paper, key) for paper, entries in CATALOG.items() for key in entries]
#: What the simulators with the model of 2003 alone have no words for.
UNSAID = {("2004", "Class 1"), ("2004", "integrator"), ("2004", "accomodation")}


def text_of(choice, form):
    ((name, text),) = files_of(choice, form).items()
    assert name.endswith(f"_{form}.py") and max(map(len, text.splitlines())) < 400
    ast.parse(text)
    return text


@pytest.mark.parametrize(("paper", "key"), TYPES)
@pytest.mark.parametrize("form", ["brian2", "netpyne"])
def test_a_script_has_the_current_of_each_step(paper, key, form):
    choice = choose(paper, key)
    head = text_of(choice, form).partition("import numpy as np")[2]
    body = head[head.index("STEP, STEPS") : head.index("\n)\n") + 3]
    names: dict = {"np": np}
    exec(body, names)
    expected = choice.waveform.sampled(choice.dt, choice.n_steps)
    assert (names["STEP"], names["STEPS"]) == (choice.dt, choice.n_steps)
    np.testing.assert_allclose(names["current"], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", ["nest", "pynn"])
def test_simulators_of_2003_alone_have_those_types_and_say_so_of_others(form):
    for paper, key in TYPES:
        if paper == "2007" or (paper, key) in UNSAID:
            with pytest.raises(ParameterError, match=r"has no cell (of the book|with)"):
                files_of(choose(paper, key), form)
            continue
        text = text_of(choose(paper, key), form)
        for name in "abcd":
            value = float(CATALOG[paper][key].parameters[name])
            assert f"{name}={value!r}" in text or f'"{name}": {value!r}' in text


def by_hand(paper, key):
    """Run the statements of the script for Brian 2 as Python."""
    choice = choose(paper, key)
    text = text_of(choice, "brian2")
    tree = ast.parse(text)
    (call,) = [
        node.value for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "cell"
    ]  # fmt: skip
    given = {each.arg: each.value for each in call.keywords}
    pairs = zip(given["namespace"].keys, given["namespace"].values, strict=True)
    names = {k.value: ast.literal_eval(v) for k, v in pairs if k.value != "current"}
    (statements,) = [
        node.value.args[0].value for node in tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "attr", "") == "run_regularly"
    ]  # fmt: skip
    step = compile("\n".join(line.strip() for line in statements.strip().splitlines()), "s", "exec")
    is_spike = compile(given["threshold"].value, "t", "eval")
    reset = compile(given["reset"].value, "r", "exec")
    current = choice.waveform.sampled(choice.dt, choice.n_steps).tolist()
    names |= {"v": choice.parameters["v0"], "u": choice.parameters["u0"], "dt": choice.dt, "ms": 1}
    names["clip"] = lambda x, low, high: min(max(x, low), high)
    spikes = []
    for n, each in enumerate(current):
        names["current"], names["t"] = (lambda t, each=each: each), 0.0
        exec(step, names)
        if eval(is_spike, names):
            spikes.append((n + 1) * choice.dt)
            exec(reset, names)
    return spikes


@pytest.mark.parametrize(("paper", "key"), [each for each in TYPES if each != ("2007", "FS")])
def test_the_statements_for_brian_2_give_the_published_spikes(paper, key):
    np.testing.assert_allclose(by_hand(paper, key), simulate(paper, key).spikes, atol=1e-9)


def test_of_the_fs_cell_the_first_spikes_do():
    # they hang on the last bit
    expected = simulate("2007", "FS").spikes
    np.testing.assert_allclose(by_hand("2007", "FS")[:10], expected[:10], atol=1e-9)


def test_the_script_for_netpyne_runs(folder):
    here("export", "LTS", "--format", "netpyne", "--current", "0,250@50", "--set", "d=25")
    done = subprocess.run(
        [sys.executable, "LTS_netpyne.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = next(line for line in done.stdout.splitlines() if "spikes (ms):" in line)
    from izhikevich.views.cli.options import current_from

    expected = simulate("2007", "LTS", current=current_from("0,250@50"), parameters={"d": 25})
    found = [float(x) for x in said.partition(":")[2].split()]
    np.testing.assert_allclose(found, expected.spikes, atol=1e-6)


def test_words_for_what_a_simulator_does_not_have(folder):
    assert "0.7" not in refused("export", "RS", "--paper", "2007", "--format", "nest")
    said = refused("export", "RS", "--paper", "2007", "--format", "pynn")
    assert said.startswith("PyNN has no cell of the book's model; 'izh convert RS'")
    said = refused("export", "tonic spiking", "--format", "pynn", "--set", "thresh=25")
    assert said == "PyNN's cell has its peak at 30 mV, not 25"
    assert os.listdir() == []


def test_a_step_of_ones_own_is_that_of_the_script():
    choice = choose("2004", "tonic spiking", scheme="fixed", dt=0.1)
    (text,) = script(choice, "Nobody", "No remark.", "", "").values()
    assert "STEP, STEPS = 0.1, 1000" in text
    exact = choose("2004", "tonic spiking", scheme="exact")
    (text,) = script(exact, "Nobody", "No remark.", "", "").values()
    assert "STEP, STEPS = 0.25, 400" in text
