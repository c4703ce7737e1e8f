"""The sliders of the web page: their units are those of the mechanisms."""

from __future__ import annotations

import pytest
from neuron import h

from izhikevich.catalog import CATALOG
from izhikevich.engine import mechanisms
from izhikevich.views.web.exploration import Exploration
from izhikevich.views.web.fields import fields

mechanisms.load()


def exploring(paper, key):
    exploration = Exploration()
    exploration.session.choose_model(f"{paper} PP model")
    exploration.session.choose_type(key)
    return exploration


@pytest.mark.parametrize(("paper", "mechanism"), [("2004", "Izhi2003a"), ("2007", "Izhi2007a")])
def test_units_are_those_of_the_mechanism(paper, mechanism):
    exploration = exploring(paper, next(iter(CATALOG[paper])))
    units = {field["name"]: field["unit"] for field in fields(exploration)}
    of_mechanism = {
        name: h.units(f"{mechanism}.{name}").replace("-", "/")
        for name in exploration.session.parameters
        if name not in ("v0", "u0", "C")
    }
    # what has none there is a number, or d of 2007, whose unit depends on the type
    stated = {name: unit for name, unit in of_mechanism.items() if unit}
    assert len(stated) >= 7
    for name, unit in stated.items():
        assert units[name] == (f"1{unit}" if unit.startswith("/") else unit)


def test_the_unit_of_d_follows_what_it_is():
    for key, unit in (("RS", "pA"), ("FS", "mV")):
        (found,) = (x["unit"] for x in fields(exploring("2007", key)) if x["name"] == "d")
        assert found == unit
