"""Whose run is next: without a process, on a clock of the test's own."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izhikevich.catalog import cell_type
from izhikevich.choice import Choice
from izhikevich.views.web import turns as turns_module
from izhikevich.views.web.turns import Job, Turns

SHORT = Choice(cell_type("2004", "tonic spiking"))
LONG = SHORT.but(tstop=9000.0)


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock():
    return Clock()


def turns_of(clock, n_ready=2, n_workers=2) -> Turns:
    turns = Turns(n_workers, clock)
    turns.n_ready = n_ready
    return turns


def asked(turns, *owners, choice=SHORT) -> list[Job]:
    jobs = [Job(choice, owner) for owner in owners]
    for job in jobs:
        turns.add(job)
    return jobs


def test_everyone_has_their_turn(clock):
    turns = turns_of(clock)
    asked(turns, *"aaaabbc")
    begun = []
    while (job := turns.next()) is not None:
        begun.append(job.owner)
        turns.finished(job)
    assert begun == list("abcabaa")


def test_the_newest_of_one_owner_comes_first(clock):
    turns = turns_of(clock)
    first, second, third = asked(turns, *"aaa")
    assert turns.next() is third
    (fourth,) = asked(turns, "a")
    assert [turns.next() for _ in range(4)] == [fourth, second, first, None]


@pytest.mark.parametrize(
    ("choice", "is_long"),
    [
        (SHORT, False),
        (SHORT.but(tstop=1250.0), False),
        (SHORT.but(tstop=1250.5), True),
        (SHORT.but(scheme="fixed", fixed_dt=0.01), True),
        (SHORT.but(scheme="exact", tstop=1000.0), False),
        (SHORT.but(scheme="exact", tstop=1001.0), True),
    ],
)
def test_what_is_expected_to_take_long(clock, choice, is_long):
    (job,) = asked(turns_of(clock), "a", choice=choice)
    assert job.is_long == is_long


def test_long_runs_leave_a_worker_to_others(clock):
    turns = turns_of(clock, 3, 3)
    asked(turns, *"abc", choice=LONG)
    assert [turns.next().owner for _ in range(2)] == ["a", "b"]
    assert turns.next() is None
    (short,) = asked(turns, "d")
    assert turns.next() is short
    turns.finished(short)
    assert turns.next() is None


def test_while_a_worker_is_being_started_none_is_taken_by_a_long_run(clock):
    turns = turns_of(clock, n_ready=1)
    asked(turns, *"ab", choice=LONG)
    assert turns.next() is None
    (short,) = asked(turns, "b")
    assert turns.next() is short
    turns.n_ready = 2
    assert turns.next().is_long


def test_who_is_alone_has_all_workers(clock):
    turns = turns_of(clock)
    asked(turns, None)  # what is for all counts as nobody
    turns.finished(turns.next())
    asked(turns, *"aaa", choice=LONG)
    assert [turns.next().owner for _ in range(2)] == ["a", "a"]
    # and so after others have gone, or have not been heard of for a while
    for others_end in ("leave", "are silent"):
        turns = turns_of(clock)
        asked(turns, "b")
        turns.finished(turns.next())
        asked(turns, *"aa", choice=LONG)
        assert turns.next() and not turns.next()
        if others_end == "leave":
            turns.leave("b")
        else:
            clock.time += turns_module.LATELY + 0.1
        assert turns.next()


def test_with_a_single_worker_long_runs_are_run_all_the_same(clock):
    turns = turns_of(clock, 1, 1)
    asked(turns, *"ab", choice=LONG)
    assert turns.next().owner == "a"


def test_a_run_that_goes_on_is_long_and_its_owner_is_expected_to_go_on(clock):
    turns = turns_of(clock)
    (job,) = asked(turns, "a")
    turns.next()
    clock.time = turns_module.SOON
    turns.look_at_running()
    assert not job.is_long and turns.age(job) == turns_module.SOON
    clock.time += 0.001
    assert turns.look_at_running() == [job]
    assert job.is_long
    turns.finished(job)
    after, other = asked(turns, "a", "b")
    assert after.is_long and not other.is_long
    clock.time += turns_module.SLOW_FOR + 0.001
    (later,) = asked(turns, "a")
    assert not later.is_long


def test_the_time_of_a_run_begins_with_its_worker(clock):
    turns = turns_of(clock)
    (job,) = asked(turns, "a")
    assert turns.age(job) < 0
    turns.next()
    job.begun_at = float("inf")  # its worker is being started
    clock.time = 60.0
    turns.look_at_running()
    assert not job.is_long and turns.age(job) < 0
    turns.begins(job)
    assert turns.age(job) == 0


def test_where_all_are_long_the_last_is_put_off_for_a_short_one_of_another(clock):
    turns = turns_of(clock)
    first, last = asked(turns, *"aa", choice=LONG)[::-1]
    assert turns.next() is first and turns.next() is last
    assert turns.to_put_off() is None
    asked(turns, "a")  # one's own can wait
    assert turns.to_put_off() is None
    (short,) = asked(turns, "b")
    assert turns.to_put_off() is last and last.is_put_off
    assert turns.to_put_off() is None  # one at a time
    turns.finished(last)
    turns.add(last)  # as it is begun again
    assert {turns.next().owner, turns.next().owner} == {"a", "b"}
    assert turns.next() is None and last in turns.waiting()
    turns.finished(first)
    turns.finished(short)
    assert turns.next() is last


def test_nothing_is_put_off_where_a_worker_is_free_or_soon_will_be(clock):
    turns = turns_of(clock)
    asked(turns, "a", choice=LONG)
    turns.next()
    asked(turns, *"bb")
    assert turns.to_put_off() is None
    turns.next()
    assert turns.to_put_off() is None


def test_who_leaves_is_forgotten(clock):
    turns = turns_of(clock)
    jobs = asked(turns, *"aab")
    assert turns.leave("a") == jobs[:2]
    assert list(turns.waiting()) == jobs[2:]
    assert turns.leave("a") == []
    assert turns.next() is jobs[2] and turns.next() is None


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.booleans(), st.sampled_from(["add", "end", "tick"])),
        max_size=60,
    ),
    st.integers(1, 4),
)
def test_every_run_has_its_turn_once(events, n_workers):
    """Whatever comes in what order: none is lost, none begins twice, no worker has two."""
    clock = Clock()
    turns = turns_of(clock, n_workers, n_workers)
    jobs, running, begun = [], [], []

    def begin() -> None:
        while len(running) < n_workers and (job := turns.next()) is not None:
            running.append(job)
            begun.append(job)
        if n_workers > 1 and len({job.owner for job in [*running, *turns.waiting()]}) > 1:
            assert (
                any(not job.is_long for job in running)
                or len(running) < n_workers
                or (len({job.owner for job in running}) == 1)
            )

    for owner, is_long, event in events:
        if event == "add":
            jobs += asked(turns, owner, choice=LONG if is_long else SHORT)
        elif event == "end" and running:
            turns.finished(running.pop(0))
        else:
            clock.time += 0.1
        begin()
    for _ in itertools.count():
        if not running:
            break
        turns.finished(running.pop(0))
        begin()
    assert sorted(map(id, begun)) == sorted(map(id, jobs))
    assert list(turns.waiting()) == []
