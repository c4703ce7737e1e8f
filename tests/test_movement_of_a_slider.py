"""One movement of a slider: nothing is looked up, and what follows from it is computed once."""

from __future__ import annotations

import contextlib

import gui
import pytest
from web_client import run

import izhikevich
from izhikevich import catalog, choice, models
from izhikevich.session import Session
from izhikevich.views.web.page import Page
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.thumbnails import Thumbnails

# executed in the window's process, too
COUNT = """
import sys
from izhikevich import catalog, choice
from izhikevich.models.base import Model

count = {"looked up": 0, "completed": 0, "planes": 0}
found = []

def counted(what, owner, name):
    function = getattr(owner, name)
    def call(*args, **how):
        count[what] += 1
        return function(*args, **how)
    for module in [owner, *[m for n, m in sys.modules.items() if n.startswith("izhikevich")]]:
        if getattr(module, name, None) is function:
            found.append((module, name, function))
            setattr(module, name, call)

counted("looked up", catalog, "cell_type")
counted("completed", Model, "complete")
counted("planes", choice, "plane")

def put_back():
    for module, name, function in found:
        setattr(module, name, function)
"""
ONCE = {"looked up": 0, "completed": 1, "planes": 1}


@pytest.fixture
def count():
    names = {}
    exec(COUNT, names)
    yield names["count"]
    names["put_back"]()


def test_the_counters_count(count):
    izhikevich.session.cell_type("2004", "tonic spiking")
    session = Session("2007 Sec model", "LTS")
    assert count["looked up"] == 2 and session.plane and count["planes"] == 1
    models.BOOK.complete(session.cell_type.parameters)
    assert count["completed"] == 2 and choice.cell_type is catalog.cell_type


@pytest.fixture(scope="module")
def page():
    runs = Runs(1)
    with contextlib.closing(runs):
        yield Page(runs, Thumbnails(runs))


def asked(page, action, value=None):
    reply = run(page.answer({"number": 1, "action": action, "value": value}))
    assert "problem" not in reply, reply["problem"]


@pytest.mark.parametrize("paper", ["2004", "2007"])
@pytest.mark.parametrize(("variant", "scheme"), [("PP", "published"), ("both", "both")])
def test_on_the_page(page, count, paper, variant, scheme):
    asked(page, "show")
    for action, value in (("paper", paper), ("variant", variant), ("scheme", scheme)):
        asked(page, action, value)
    d = page.exploration.session.parameters["d"]
    asked(page, "set", {"name": "d", "value": d + 0.5})
    count.update(dict.fromkeys(count, 0))
    asked(page, "set", {"name": "d", "value": d + 1.0})
    assert page.exploration.session.parameters["d"] == d + 1
    assert count == ONCE
    count.update(dict.fromkeys(count, 0))
    asked(page, "set", {"name": "I1", "value": 20.0})
    assert count == dict.fromkeys(count, 0)


@pytest.fixture(scope="module")
def person():
    with gui.display() as screen, gui.driver(screen, before=COUNT) as driver:
        yield gui.Person(driver)


@pytest.mark.parametrize("model", ["2004 PP model", "2007 Sec model"])
def test_in_the_window(person, model):
    person.starts_with(model, "tonic spiking" if model.startswith("2004") else "RS")
    for _ in range(2):
        before = person.ask("count.update(dict.fromkeys(count, 0)) or session.parameters['d']")
        person.steps("d", "up")
        assert person.ask("session.parameters['d']") > before
        assert person.ask("count") == ONCE
