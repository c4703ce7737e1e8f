"""What a page is answered, without a server or a browser."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as hypothesis_arrays
from web_client import followed, run, unpacked

from izhikevich.views.web import page as page_module
from izhikevich.views.web import runs as runs_module
from izhikevich.views.web.thumbnails import Thumbnails
from izhikevich.views.web.wire import packed

_COLUMN = st.one_of(
    hypothesis_arrays(np.float64, st.integers(0, 9), elements=st.floats()),
    st.lists(st.text(max_size=3), max_size=4),
)


@given(st.binary(max_size=20), hypothesis_arrays(np.float64, 3))
def test_a_file_arrives_as_it_was_sent(content, column):
    sent = {"file": {"name": "a", "content": content}, "columns": {"run0": {"t": column}}}
    arrived = unpacked(packed(sent))
    assert arrived["file"] == sent["file"]
    assert np.array_equal(arrived["columns"]["run0"]["t"], column, equal_nan=True)


@given(st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=3), _COLUMN)))
def test_a_reply_arrives_as_it_was_sent(columns):
    arrived = unpacked(packed({"number": 1, "columns": columns, "problem": "ü"}))
    assert (arrived["number"], arrived["problem"]) == (1, "ü")
    assert arrived["columns"].keys() == columns.keys()
    for name, sent in columns.items():
        assert arrived["columns"][name].keys() == sent.keys()
        for key, column in sent.items():
            if isinstance(column, list):
                assert arrived["columns"][name][key] == column
            else:
                assert np.array_equal(arrived["columns"][name][key], column, equal_nan=True)


@pytest.fixture(scope="module")
def runs():
    with contextlib.closing(runs_module.Runs(1)) as runs:
        yield runs


def asked(page, action, value=None):
    return run(page.answer({"number": 1, "action": action, "value": value}))


def test_nothing_that_neuron_says_reaches_a_person(runs):
    # the solver itself gives up, and says so on the screen
    page = page_module.Page(runs, Thumbnails(runs), followed("paper=2007&type=RTN_burst"))
    for action, value in (("show", None), ("scheme", "exact")):
        assert "problem" not in asked(page, action, value)
    reply = asked(page, "set", {"name": "k", "value": -0.25})
    assert "problem" not in reply
    assert "ran away at 4.62" in reply["words"]["status"]
    assert "hoc" not in str(reply["words"])


class TooSlow:
    """Runs that take too long, but for those of the preset."""

    def __init__(self, runs):
        self._runs = runs

    def submit(self, choice, owner=None):
        if choice.cell_type.key != "tonic spiking":
            raise runs_module.TooLongError("this run would take over 2 s")
        return self._runs.submit(choice, owner)


def test_a_link_to_what_takes_too_long_shows_the_preset(runs):
    slow = TooSlow(runs)
    page = page_module.Page.of_link(slow, Thumbnails(slow), {"type": [b"bistability"]})
    reply = asked(page, "show")
    assert "preset instead: this run would take over 2 s" in reply["problem"]
    assert (reply["chosen"]["type"], len(reply["columns"]["run0"]["t"])) == ("tonic spiking", 401)
    assert "type=tonic+spiking" in reply["link"]
    # once something is on screen, it stays there
    reply = asked(page, "type", "bistability")
    assert reply["problem"] == "this run would take over 2 s"
    assert "words" not in reply and reply["chosen"]["type"] == "tonic spiking"


class Broken:
    """Runs that fail as nobody has thought of."""

    def submit(self, choice, owner=None):
        raise ZeroDivisionError("float division by zero")


def test_an_error_that_nobody_thought_of_is_called_internal_and_logged(caplog):
    page = page_module.Page(Broken(), Thumbnails(Broken()))
    reply = run(page.answer({"number": 7, "action": "show"}))
    assert reply["number"] == 7
    assert reply["problem"].startswith("internal error (ZeroDivisionError)")
    assert "Traceback" in caplog.text and "float division by zero" in caplog.text


def test_what_a_person_can_put_right_is_said_and_not_logged(caplog):
    page = page_module.Page(Broken(), Thumbnails(Broken()))
    for action, value, word in (
        ("type", "tonic spking", "did you mean 'tonic spiking'"),
        ("set", {"name": "c", "value": 100}, "must lie below the peak"),
        ("set", {"name": "zz", "value": 1}, "unknown parameter 'zz'"),
        ("paper", "1999", "it is one of 2003, 2004, 2007"),
        ("download", "csv", "nothing has been run yet"),
        ("fly", None, "cannot do"),
    ):
        reply = run(page.answer({"number": 1, "action": action, "value": value}))
        assert word in reply["problem"], action
        assert "internal" not in reply["problem"]
        # the sliders show what is on screen
        values = {each["name"]: each["value"] for each in reply["fields"]}
        assert values["c"] == -65 and reply["chosen"]["type"] == "tonic spiking"
    assert caplog.text == ""
