"""The catalogue: looked up, added to, taken from; what it refuses, and whom it names then."""

from __future__ import annotations

import dataclasses

import pytest
from fourth_publication import FOURTH, NAME

from izhikevich.catalog import (
    CATALOG,
    PUBLICATIONS,
    UnknownCellTypeError,
    cell_type,
    forget,
    publication,
    register,
    registered,
)
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.models import BOOK


def but(index=0, **attributes):
    """The fourth publication with one of its types changed."""
    types = list(FOURTH.types)
    types[index] = dataclasses.replace(types[index], **attributes)
    return dataclasses.replace(FOURTH, types=tuple(types))


def test_a_publication_is_there_while_it_is_registered():
    before = list(CATALOG)
    with registered(FOURTH) as there:
        assert there is FOURTH and publication(NAME) is FOURTH
        assert list(CATALOG) == list(PUBLICATIONS) == [*before, NAME]
        assert list(CATALOG[NAME]) == ["spiny", "quick spiny"]
        assert cell_type(NAME, "quick spiny") is FOURTH.types[1]
    assert list(CATALOG) == list(PUBLICATIONS) == before
    forget(NAME)  # once more does no harm


def test_it_goes_even_if_something_fails():
    with pytest.raises(ZeroDivisionError), registered(FOURTH):
        1 / 0  # noqa: B018
    assert NAME not in CATALOG and NAME not in PUBLICATIONS


def test_one_of_the_same_name_takes_its_place():
    with registered(FOURTH):
        register(dataclasses.replace(FOURTH, types=FOURTH.types[:1]))
        assert list(CATALOG[NAME]) == ["spiny"] and len(publication(NAME).types) == 1


def test_nobody_changes_it_from_outside():
    with pytest.raises(TypeError):
        CATALOG["2003"] = {}
    with pytest.raises(TypeError):
        CATALOG["2003"]["RS"] = None
    with pytest.raises(TypeError):
        PUBLICATIONS["2003"] = FOURTH
    with pytest.raises(TypeError):
        cell_type("2007", "RS").parameters["C"] = 2


@pytest.mark.parametrize(
    "wrong, message",
    [
        (dataclasses.replace(FOURTH, types=()), "'striatum' has no cell types"),
        (but(1, key="spiny"), "two cell types of key 'spiny'"),
        (but(1, paper="2007"), "'quick spiny' says it is of '2007', not of 'striatum'"),
        (but(1, parameters={"C": 1}), "book model needs k"),
        (but(1, parameters={**FOURTH.types[1].parameters, "celltype": 9}), "one of 1 to 7, not 9"),
    ],
)
def test_what_cannot_be_registered(wrong, message):
    with pytest.raises(ParameterError, match=message):
        register(wrong)
    assert NAME not in CATALOG and NAME not in PUBLICATIONS


def test_an_unknown_publication_gives_the_names_of_all():
    with pytest.raises(UnknownCellTypeError) as error:
        cell_type("2005", "RS")
    assert str(error.value) == (
        "unknown paper '2005': it is one of '2003', '2004', '2007', 'hippocampome'"
    )
    assert isinstance(error.value, IzhikevichError) and isinstance(error.value, KeyError)


@pytest.mark.parametrize(
    "paper, key, message",
    [
        ("2004", "tonic spking", "did you mean 'tonic spiking' or "),
        ("2004", "TONIC SPIKING", "did you mean 'tonic spiking'"),
        ("2004", "class 1 excitability", "did you mean 'Class 1' or 'Class 2'"),
        ("2004", "accommodation", "did you mean 'accomodation'"),
        ("2003", "RTN_burst", "it is a type of 2007"),
        ("2007", "zzzzzz", "the keys are 'RS', 'IB', 'CH', 'LTS', 'FS', 'TC', 'TC_burst', "),
        ("2007", None, "the keys are 'RS'"),
    ],
)
def test_an_unknown_type_gives_what_may_be_meant(paper, key, message):
    with pytest.raises(UnknownCellTypeError) as error:
        cell_type(paper, key)
    assert str(error.value).startswith(f"unknown cell type {key!r} of {paper}: {message}")


def test_no_more_than_four_near_ones_and_none_twice():
    with pytest.raises(UnknownCellTypeError) as error:
        cell_type("2004", "phasic tonic spiking")
    _, _, said = str(error.value).partition("did you mean ")
    named = said.removesuffix("?").split(" or ")
    assert len(named) == len(set(named)) == 4
    assert {"'phasic spiking'", "'tonic spiking'"} <= set(named)


def test_types_are_told_apart_by_all_they_have():
    one, other = FOURTH.types
    assert one != other and one == dataclasses.replace(one)
    assert one != dataclasses.replace(one, dt=0.1)
    assert hash(one) == hash(dataclasses.replace(one, dt=0.1))
    assert (one.button, one.title, one.place) == ("spiny neuron", "spiny neuron", "Fig. 1")
    named = dataclasses.replace(one, button="s", title="S", panel="A")
    assert (named.button, named.title, named.place) == ("s", "S", "Fig. 1 A")
    assert one.model == BOOK and one.explanation is None and one.reading == ""
