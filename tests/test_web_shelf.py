"""How much of the server's memory the results of each page may take; without a server."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_client import run

from izhikevich.catalog import cell_type
from izhikevich.choice import Choice
from izhikevich.engine.simulation import simulate_choice
from izhikevich.recording import Recording
from izhikevich.views.web import downloads
from izhikevich.views.web import page as page_module
from izhikevich.views.web import runs as runs_module
from izhikevich.views.web.shelf import NoRoomError, Shelf, size_of
from izhikevich.views.web.thumbnails import Thumbnails

SHORT = Choice(cell_type("2004", "tonic spiking"))
KILOBYTE = 1000


class Owner:
    """A page, of which nothing else matters here."""


def recording_of(size: int) -> Recording:
    one = np.zeros(size // 40)
    return Recording(one, one.copy(), one.copy(), one.copy(), one.copy(), SHORT)


def shelf_of(own: int, shared: int, most: int) -> Shelf:
    return Shelf(own * KILOBYTE, shared * KILOBYTE, most * KILOBYTE)


def test_the_size_is_that_of_the_arrays():
    assert size_of([recording_of(4000), recording_of(400)]) == 4400
    synapse = dataclasses.replace(recording_of(4000), gsyn=np.zeros(50))
    assert size_of([synapse]) == 4400


def test_each_page_has_room_of_its_own_whatever_others_hold():
    shelf = shelf_of(own=10, shared=50, most=100)
    greedy, modest = Owner(), Owner()
    assert shelf.place(greedy, [recording_of(60_000)], []) == []
    assert shelf.place(modest, [recording_of(10_000)], []) == []
    with pytest.raises(NoRoomError, match=r"0\.0 MB of samples.*shorten tstop"):
        shelf.place(modest, [recording_of(10_400)], [])
    assert shelf.held == 70_000
    shelf.leave(greedy)
    assert shelf.place(modest, [recording_of(60_000)], []) == []


def test_no_page_has_more_than_the_most():
    shelf, page = shelf_of(own=10, shared=100, most=50), Owner()
    with pytest.raises(NoRoomError):
        shelf.place(page, [recording_of(50_040)], [])
    shelf.place(page, [recording_of(50_000)], [])
    assert shelf.held == 50_000


def test_the_oldest_of_what_is_kept_goes_first():
    shelf, page = shelf_of(own=10, shared=0, most=100), Owner()
    kept = [recording_of(3000) for _ in range(4)]
    assert shelf.place(page, [recording_of(4000)], kept) == kept[2:]
    assert shelf.held == 10_000
    # one that is too large hides none that is newer
    kept[1] = recording_of(8000)
    assert shelf.place(page, [recording_of(4000)], kept) == kept[2:]
    assert shelf.place(page, [recording_of(400)], kept) == kept[2:]


def test_of_a_page_that_is_gone_nothing_is_left():
    shelf, page = shelf_of(own=1, shared=1, most=2), Owner()
    shelf.place(page, [recording_of(2000)], [])
    del page
    gc.collect()
    assert shelf.held == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 60), st.lists(st.integers(0, 20), max_size=4)),
        max_size=30,
    )
)
def test_all_together_never_hold_more_than_there_is(asked):
    shelf = shelf_of(own=10, shared=40, most=45)
    pages = [Owner() for _ in range(6)]
    for who, shown, kept in asked:
        with contextlib.suppress(NoRoomError):
            shelf.place(
                pages[who],
                [recording_of(shown * KILOBYTE)],
                [recording_of(each * KILOBYTE) for each in kept],
            )
        assert shelf.held <= (6 * 10 + 40) * KILOBYTE
        # and the one who holds nothing yet always has room
        if who != 5:
            Shelf.place(shelf, pages[5], [recording_of(10 * KILOBYTE)], [])


LARGE = [
    (SHORT, False),
    (SHORT.but(scheme="exact", tstop=500.0), False),
    (SHORT.but(scheme="exact", tstop=501.0), True),
    (SHORT.but(tstop=1250.0), False),
    (SHORT.but(tstop=1250.5), True),
]


@pytest.mark.parametrize(("choice", "is_large"), LARGE)
def test_large_results_are_made_one_after_the_other(choice, is_large):
    shelf = Shelf()
    inside, most = 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with shelf.turn([SHORT, choice]):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(5)))

    run(all_of_them())
    assert most == (1 if is_large else 5)


# --- a page --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs():
    with contextlib.closing(runs_module.Runs(1)) as runs:
        yield runs


def asked(page, action, value=None):
    return run(page.answer({"number": 1, "action": action, "value": value}))


def page_with(runs, own: int, shared: int = 0) -> page_module.Page:
    return page_module.Page(runs, Thumbnails(runs), shelf=Shelf(own, shared))


def test_a_run_too_large_is_refused_and_what_was_on_screen_stays(runs):
    page = page_with(runs, 200 * KILOBYTE)
    before = asked(page, "show")
    reply = asked(page, "set", {"name": "tstop", "value": 2000.0})
    assert "MB of samples" in reply["problem"] and "shorten tstop" in reply["problem"]
    assert reply["fields"] == before["fields"] and "words" not in reply
    assert page.exploration.recordings[0].tstop == 100
    assert "problem" not in asked(page, "set", {"name": "tstop", "value": 200.0})


def test_a_link_to_one_shows_the_preset_with_a_word(runs):
    page = page_module.Page.of_link(
        runs, Thumbnails(runs), {"tstop": [b"2000"]}, Shelf(200 * KILOBYTE, 0)
    )
    reply = asked(page, "show")
    assert reply["words"] and "MB of samples" in reply["problem"]


def test_earlier_runs_that_there_is_no_room_for_go_with_a_word(runs):
    page = page_with(runs, 3 * size_of([simulate_choice(SHORT)]) + KILOBYTE)
    asked(page, "show")
    asked(page, "switch", {"name": "keep", "on": True})
    for n in range(2):
        reply = asked(page, "set", {"name": "d", "value": 4.5 + n})
        assert "no room" not in reply["words"]["status"]
    reply = asked(page, "set", {"name": "d", "value": 7.0})
    status = reply["words"]["status"]
    assert "| no room for 1 earlier run: the server's memory" in status
    assert [each.choice.changes for each in page.exploration.session.earlier] == [
        {"d": 4.5},
        {"d": 5.5},
    ]
    assert len(reply["words"]["earlier"]) == 2


def test_a_page_that_is_gone_runs_nothing_more(runs):
    page = page_with(runs, 200 * KILOBYTE)
    asked(page, "show")
    page.leave()
    with pytest.raises(asyncio.CancelledError):
        run(page._outcomes([SHORT]))


# --- a table in parts ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", [1, 7, 250, 401, 802, 803, 10_000])
def test_a_table_in_parts_is_the_whole_table(monkeypatch, part):
    recordings = [simulate_choice(SHORT.but(variant=variant)) for variant in ("PP", "Sec")]
    recordings = [
        dataclasses.replace(each, **{name: getattr(each, name)[:401] for name in "tvui"})
        for each in recordings
    ]
    whole, end = downloads.table(recordings)
    assert end is None and whole.count(b"\n") == 803
    monkeypatch.setattr(downloads, "PART", part)
    monkeypatch.setattr(downloads, "_PAUSE", 0)
    parts, start = [], 0
    while start is not None:
        content, start = downloads.table(recordings, start)
        assert content.count(b"\n") <= part + (not parts)
        parts.append(content)
    assert b"".join(parts) == whole
    assert len(parts) == -(-802 // part)


def test_a_page_gives_a_table_part_by_part(runs, monkeypatch):
    page = page_with(runs, 200 * KILOBYTE)
    asked(page, "show")
    whole = asked(page, "download", "csv")["file"]
    assert whole["following"] is None
    monkeypatch.setattr(downloads, "PART", 150)
    file = asked(page, "download", "csv")["file"]
    content = file["content"]
    first_following = file["following"]
    while file["following"]:
        file = asked(page, "download", file["following"])["file"]
        content += file["content"]
    assert content == whole["content"]
    # of another run there is no further part
    asked(page, "set", {"name": "d", "value": 5.0})
    assert "download again" in asked(page, "download", first_following)["problem"]


@pytest.mark.parametrize(
    "given_part",
    [
        {},
        {"what": "csv"},
        {"what": "csv", "run": 1, "from": -1},
        {"what": "csv", "run": True, "from": 0},
        {"what": "csv", "run": 1, "from": 1.5},
        {"what": ["csv"], "run": 1, "from": 0},
        {"what": "csv", "run": 1, "from": 0, "x": 1},
    ],
)
def test_no_part_of_a_file(runs, given_part):
    page = page_with(runs, 200 * KILOBYTE)
    asked(page, "show")
    reply = asked(page, "download", given_part)
    assert reply["problem"].startswith("the page ") and "file" not in reply


def test_a_part_beyond_the_end_is_empty(runs):
    page = page_with(runs, 200 * KILOBYTE)
    asked(page, "show")
    file = asked(page, "download", {"what": "csv", "run": 1, "from": 10**30})["file"]
    assert (file["content"], file["following"]) == (b"", None)
