"""A publication that is registered while the program runs is on the page like any other."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
from fourth_publication import FOURTH, NAME, SPINY
from reference import published
from web_client import followed, run, serving
from web_view import View

from izhikevich.catalog import CATALOG, registered
from izhikevich.publications import COLLECTIONS
from izhikevich.views.web.page import Page
from izhikevich.views.web.runs import Runs
from izhikevich.views.web.thumbnails import Thumbnails

REGISTER = "from fourth_publication import FOURTH; from izhikevich.catalog import register; "
REGISTER += "register(FOURTH); "
# F(v) = (v + 80)(v + 25) + 20 (v + 80) is lowest at v = -62.5: rest is lost there at 306.25 pA
RHEOBASE = "306.2"


@pytest.fixture(scope="module")
def pages():
    with registered(FOURTH):
        runs = Runs(1)
        with contextlib.closing(runs):
            yield lambda: Page(runs, Thumbnails(runs))


def asked(page, action, value=None):
    reply = run(page.answer({"number": 1, "action": action, "value": value}))
    assert "problem" not in reply, reply["problem"]
    return reply


def by_hand(key):
    """Its published trace, from an implementation that shares nothing with the package."""
    entry = CATALOG[NAME][key]
    values = {**entry.parameters, "vu": entry.parameters["vr"]}
    waveform, steps = entry.default_current, round(entry.tstop / entry.dt)
    return published("2007", values, -80.0, 0.0, waveform, entry.dt, steps)


@pytest.mark.parametrize("key", [entry.key for entry in FOURTH.types])
@pytest.mark.parametrize("variant", ["PP", "Sec"])
def test_it_runs(pages, key, variant):
    page = pages()
    asked(page, "show")
    asked(page, "variant", variant)
    asked(page, "paper", NAME)
    reply = asked(page, "type", key)
    (recording,) = page.exploration.recordings
    t, v, u, _, spikes = by_hand(key)
    assert len(spikes) > 3
    assert np.allclose(recording.spikes, t[spikes], atol=1e-9)
    if variant == "PP":  # a section adds in another order, and rounds differently
        assert np.array_equal(recording.v, v) and np.array_equal(recording.u, u)
    assert f"| {len(spikes)} spikes" in reply["words"]["status"]
    for scheme in ("exact", "fixed"):
        assert f"| {scheme}, " in asked(page, "scheme", scheme)["words"]["status"]
        assert len(page.exploration.recordings[0].spikes) > 3


def test_its_units_are_those_of_its_model(pages):
    page = pages()
    asked(page, "show")
    reply = asked(page, "paper", NAME)
    units = {each["name"]: each["unit"] for each in reply["fields"]}
    assert units == {
        **dict.fromkeys(("vr", "vt", "vpeak", "c", "vu", "v0"), "mV"),
        **dict.fromkeys(("d", "u0", "I0", "I1"), "pA"),
        **dict.fromkeys(("T1", "tstop", "dt"), "ms"),
        **{"C": "100 pF", "k": "nS/mV", "a": "1/ms", "b": "nS", "celltype": ""},
    }
    assert (reply["labels"]["u"], reply["labels"]["i"]) == ("u (pA)", "I (pA)")
    assert (
        asked(page, "switch", {"name": "synapse", "on": True})["labels"]["synapse"] == "gsyn (nS)"
    )
    values = {each["name"]: each["value"] for each in reply["fields"]}
    assert values | SPINY == values
    # sliders lead around each value, also around one that both of its types share
    for each in reply["fields"]:
        assert each["min"] <= each["value"] <= each["max"] and each["step"] > 0
        assert each["max"] - each["min"] >= 2 * each["step"]
    currents = {each["name"]: each for each in reply["fields"] if each["name"] in ("I0", "I1")}
    assert all(each["max"] >= 500 for each in currents.values())


def test_its_menu_words_and_phase_plane(pages):
    page = pages()
    asked(page, "show")
    reply = asked(page, "paper", NAME)
    assert reply["menu"]["papers"] == [*CATALOG, *COLLECTIONS] and NAME in CATALOG
    assert [each["key"] for each in reply["menu"]["types"]] == ["spiny", "quick spiny"]
    assert reply["menu"]["citation"] == FOURTH.citation
    assert reply["words"]["explanation"]
    # at rest before the stimulus: v = -80, u = 0, and a saddle where (v + 25) = -20
    points = reply["columns"]["fixed points"]
    assert np.allclose(points["v"], [-80, -45]) and np.allclose(points["u"], [0, -700])
    assert set(points["when"]) == {"before the stimulus"}
    nullcline = reply["columns"]["v-nullcline during"]
    v = nullcline["v"]
    assert np.allclose(nullcline["u"], (v + 80) * (v + 25) + 450)
    pictures = asked(page, "pictures")["pictures"]
    assert set(pictures["paths"]) == {"spiny", "quick spiny"}
    table = asked(page, "compare")["comparison"]["rows"]
    assert len(table) == 4


def test_its_link_leads_back_and_its_table_has_its_units(pages):
    page = pages()
    asked(page, "show")
    asked(page, "paper", NAME)
    link = asked(page, "set", {"name": "d", "value": 120.0})["link"]
    assert followed(link).choices() == page.exploration.choices()
    table = asked(page, "download", "csv")["file"]
    assert table["content"].startswith(b"t (ms),v (mV),u (pA),i (pA)\n")
    assert table["name"] == f"{NAME}_spiny.csv"


def test_a_publication_that_is_replaced_is_shown_anew(pages):
    """As when a notebook defines a cell again: no slider, picture or menu is the former one's."""
    import dataclasses

    page = pages()
    asked(page, "show")
    before = asked(page, "paper", NAME)
    pictures = asked(page, "pictures")["pictures"]["paths"]
    first, second = FOURTH.types
    changed = dataclasses.replace(
        first, parameters={**SPINY, "b": -400}, label="another", tstop=900
    )
    with registered(dataclasses.replace(FOURTH, types=(changed, second))):
        after = asked(page, "type", "spiny")
        assert after["menu"]["types"][0]["label"] == "another"
        assert asked(page, "pictures")["pictures"]["paths"]["spiny"] != pictures["spiny"]
    limits = [
        {each["name"]: (each["min"], each["max"]) for each in reply["fields"]}
        for reply in (before, after)
    ]
    assert limits[1]["b"][0] <= -400 < limits[0]["b"][0]
    assert limits[1]["tstop"][1] == 1800


def test_in_the_browser(laptop, tmp_path):
    with serving(tmp_path / "log", first=REGISTER) as server, registered(FOURTH):
        view = View(server, laptop).open()
        view.choose("paper", NAME)
        for key in ("quick spiny", "spiny"):
            view.choose("type", key)
            t, v, u, _, spikes = by_hand(key)
            view.shows(SimpleNamespace(t=t, v=v, u=u, spikes=t[spikes]))
            assert f"{len(spikes)} spikes" in view.status and view.problem == ""
        units = view.page.locator(".slider .unit").all_inner_texts()
        assert units.count("pA") == 4 and "mV/ms" not in units
        assert view.page.locator(".types svg path").count() == 2
        label = "Bokeh.documents[0].get_model_by_name('u label').axis_label"
        assert view.page.evaluate(label) == "u (pA)"
        assert RHEOBASE in view.page.locator(".explanation").inner_text()
        view.choose("current", "hand")
        view.type("I1", "300")
        assert "| 0 spikes" in view.status
        view.type("I1", "400")
        assert "| 0 spikes" not in view.status
        view.close()
