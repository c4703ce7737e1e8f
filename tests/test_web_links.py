"""Links to the web page: they lead back, old ones too, and hostile ones are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_client import Client, followed, run
from web_view import View

from izhikevich.catalog import CATALOG, cell_type
from izhikevich.choice import Choice, Synapse
from izhikevich.engine.simulation import simulate
from izhikevich.views.web.exploration import (
    SHOWN_SCHEMES,
    SHOWN_VARIANTS,
    SWITCHES,
    Exploration,
)
from izhikevich.views.web.links import LinkError, from_link, link_to, parts_of

OLD_LINKS = json.loads(Path(__file__).with_name("web_old_links.json").read_text())
HOSTILE_QUERIES = [
    "?paper=1999",
    "?type=%3Cscript%3Ealert(1)%3C/script%3E",
    "?type=%3Cimg%20src=x%20onerror=alert(1)%3E",
    "?a=nan",
    "?a=inf",
    "?a=1e308",
    "?tstop=1e9",
    "?scheme=fixed&dt=1e-9",
    "?scheme=fixed&dt=0.0001",
    "?scheme=fixed&dt=0.00001",
    "?tstop=20000",
    "?paper=2007&tstop=9000.5&scheme=fixed&dt=0.01",
    "?%3Cscript%3Ealert(1)%3C/script%3E=1",
    "?a=1&a=2",
    "?a=1_000",
    "?type=%00%ff",
    "?paper=2007&type=RS&C=0",
    "?paper=2007&type=RS&celltype=9",
    "?a=__import__('os')",
    "?keep=yes",
    "?keep=",
    "?keep=1&keep=0",
    "?synapse=2",
    "?synapse=%3Cscript%3Ealert(1)%3C/script%3E",
    "?synapse=1e308",
]


def test_a_link_carries_everything(view, server, laptop):
    view.open()
    view.choose("paper", "2007")
    view.choose("type", "FS")
    view.choose("variant", "both")
    view.choose("scheme", "fixed")
    view.type("dt", "0.125")
    view.type("tstop", "80")
    view.type("k", "1.25")
    view.choose("current", "hand")
    view.type("I1", "250.5")
    view.page.get_by_role("button", name="link", exact=True).click()
    address = view.page.get_by_label("link", exact=True).input_value()
    other = View(server, laptop)
    other.page.goto(address)
    other.page.locator(".page[data-answered]").wait_for()
    other.settle()
    assert other.problem == ""
    assert other.status == view.status
    for name in ("run0", "run1", "current"):
        for here, there in zip(view.data(name).values(), other.data(name).values(), strict=True):
            assert np.array_equal(here, there)
    assert float(other.box("k").input_value()) == 1.25
    other.close()


@pytest.mark.parametrize("old", OLD_LINKS, ids=lambda old: old["link"])
def test_links_of_former_versions_lead_where_they_did(old):
    """Each was written by version 1.0, which ran what is written beside it."""
    exploration = followed(old["link"])
    choices = exploration.choices()
    assert [[choice.variant, choice.scheme] for choice in choices] == old["runs"]
    first = choices[0]
    assert (first.paper, first.key, first.tstop) == (old["paper"], old["type"], old["tstop"])
    assert first.dt == old["dt"]
    published = Choice(cell_type(old["paper"], old["type"])).parameters
    expected = {**published, **old["changes"]}
    if "vr" in expected:  # the book's U was zero at vr then
        expected["vu"] = expected["vr"]
    assert dict(first.parameters) == expected
    times, amplitudes = first.waveform.knots(first.tstop)
    assert [list(times), list(amplitudes)] == old["current"]
    assert exploration.is_on("keep") == old["keep"]
    assert first.synapse == (Synapse() if old["synapse"] else None)


def test_parameters_that_need_one_another_lead_back():
    """A peak below the published reset can be shown with a reset below it only."""
    exploration = Exploration()
    exploration.set_value("c", -80.0)
    exploration.set_value("thresh", -70.0)
    exploration.set_value("c", -81.0)
    for link in (link_to(exploration), "thresh=-70&c=-81", "c=-81&thresh=-70"):
        assert followed(link).choices()[0].parameters == exploration.choices()[0].parameters


def test_a_value_of_the_type_itself_is_no_change():
    assert followed("d=6&u0=-14").session.changes == {}
    # with another b, u0 starts elsewhere
    assert followed("b=0.25&u0=-14").session.changes == {"b": 0.25, "u0": -14.0}
    assert followed("b=0.25&u0=-17.5").session.changes == {"b": 0.25}


@given(
    st.sampled_from(
        [(entry.paper, key) for types in CATALOG.values() for key, entry in types.items()]
    ),
    st.sampled_from(list(SHOWN_VARIANTS)),
    st.sampled_from(list(SHOWN_SCHEMES)),
    st.sets(st.sampled_from(SWITCHES)),
    st.dictionaries(st.sampled_from(["a", "d", "u0", "I0", "I1", "T1"]), st.floats(0, 50)),
)
def test_a_link_leads_back(chosen, variant, scheme, switched_on, values):
    exploration = Exploration()
    exploration.choose_paper(chosen[0])
    exploration.session.choose_type(chosen[1])
    exploration.choose_variant(variant)
    exploration.choose_scheme(scheme)
    for name in switched_on:
        exploration.switch(name, True)
    for name, value in values.items():
        exploration.set_value(name, value)
    again = followed(link_to(exploration))
    assert link_to(again) == link_to(exploration)
    assert again.choices() == exploration.choices()
    assert [again.is_on(name) for name in SWITCHES] == [name in switched_on for name in SWITCHES]


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_a_hostile_link_shows_a_word_and_the_preset(server, query):
    async def visit():
        client = await Client.open(server.address, query)
        reply = await client.ask("show")
        client.close()
        return reply

    reply = run(visit())
    assert reply["problem"].startswith("This link cannot be shown, so here is the preset instead: ")
    assert reply["chosen"]["type"] == "tonic spiking"
    assert "tonic spiking | published, dt 0.25 ms | 5 spikes" in reply["words"]["status"]
    assert len(reply["columns"]["run0"]["t"]) == 401


def test_markup_in_a_link_stays_text(view):
    view.open(HOSTILE_QUERIES[2])
    assert "<img src=x onerror=alert(1)>" in view.problem
    assert view.page.locator(".problem img").count() == 0


@pytest.mark.parametrize("query", ["?scheme=fixed&dt=0.00001", "?tstop=20000"])
def test_after_a_link_that_is_too_large_the_page_goes_on(view, query):
    view.open(query)
    assert "here is the preset instead" in view.problem
    view.shows(simulate("2004", "tonic spiking"))
    view.choose("type", "phasic spiking")
    assert view.problem == ""
    view.shows(simulate("2004", "phasic spiking"))


# --- what stands in a link, and what is read --------------------------------------------------


def named(link):
    return {name: text.decode() for name, (text,) in parts_of(link).items()}


def test_a_step_stands_in_a_link_where_it_is_in_force_or_another():
    exploration = Exploration()
    assert "dt" not in named(link_to(exploration))
    exploration.choose_scheme("fixed")
    assert float(named(link_to(exploration))["dt"]) == exploration.session.cell_type.dt
    exploration.set_values({"dt": 0.125})
    exploration.choose_scheme("published")
    there = exploration.session.dt
    assert ("dt" in named(link_to(exploration))) == (there != exploration.session.cell_type.dt)


def test_the_longest_link_and_one_longer():
    for length, message in ((2000, "unknown|no such|number"), (2001, "longer than 2000")):
        with pytest.raises(LinkError, match=message):
            from_link({"a": [b"1" * (length - 1)]})


def test_the_longest_number_and_one_longer():
    number = "0.02" + 36 * "0"
    assert from_link({"a": [number.encode()]}).session.parameters["a"] == 0.02
    with pytest.raises(LinkError, match="must be a number"):
        from_link({"a": [f"{number}0".encode()]})


def test_what_is_no_text_or_there_twice():
    with pytest.raises(LinkError, match="type is no text"):
        from_link({"type": [b"\xff"]})
    with pytest.raises(LinkError, match="a is given more than once"):
        from_link({"a": [b"1", b"2"]})


def test_the_parts_of_an_address():
    assert parts_of("keep=&a=1&type=%ff") == {"keep": [b""], "a": [b"1"], "type": [b"\xff"]}
    assert len(parts_of("&".join(f"a{k}=1" for k in range(100)))) == 100
    with pytest.raises(LinkError, match="too many parts"):
        parts_of("&".join(f"a{k}=1" for k in range(101)))


def test_a_long_reason_is_cut():
    with pytest.raises(LinkError) as caught:
        from_link({"paper": [1500 * b"x"]})
    assert len(str(caught.value)) <= 300
