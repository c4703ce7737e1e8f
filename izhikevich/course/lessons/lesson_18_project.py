"""Lesson 18: the closing project."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Step, Task, shows
from izhikevich.waveforms import Step as Edge
from izhikevich.waveforms import Waveform

_NAMES = {"a", "b", "c", "d"}


def _cell(answer: Mapping[str, float]) -> dict[str, float]:
    """The four parameters of an answer, and a start at rest."""
    if set(answer) != _NAMES:
        raise ValueError("an answer has a, b, c and d")
    values = {name: float(value) for name, value in answer.items()}
    v0, u0 = reference.rest("tonic bursting", **values)
    return {**values, "v0": v0, "u0": u0}


def _is_quiet(cell: Mapping[str, float]) -> bool:
    return len(reference.published("tonic bursting", 600, 0.0, 0.25, **cell).spikes) == 0


def _bursts_of_four(answer: Mapping[str, float]) -> bool:
    cell = _cell(answer)
    wave = Waveform(0, (Edge(22, 15),))
    spikes = reference.published("tonic bursting", 600, wave, 0.25, **cell).spikes
    ends = np.flatnonzero(np.diff(spikes) > 11)
    sizes = np.diff(ends)
    return _is_quiet(cell) and len(sizes) >= 5 and bool((sizes == 4).all())


def _rebounds(answer: Mapping[str, float]) -> bool:
    cell = _cell(answer)
    wave = Waveform(0, (Edge(100, -10), Edge(150, 0)))
    spikes = reference.published("tonic bursting", 400, wave, 0.25, **cell).spikes
    return _is_quiet(cell) and len(spikes) == 1 and spikes[0] > 150


LESSON = Lesson(
    number=18,
    key="project",
    title="the closing project: cells to order",
    minutes=120,
    level="who has done lessons 1 to 4",
    before=("lesson 3", "lesson 4"),
    goal="Make cells that do what is asked, and say which parameter does what in them.",
    steps=(
        Step(
            """
            Bursts to order: with *live* on, change c and d until every burst after the first has
            four spikes. Is there more than one way?
            """,
            shows("2004", "tonic bursting", tstop=600),
        ),
        Step(
            """
            A rebound to order: make a cell that rests without a current, and fires once when -10
            mV/ms for 50 ms end.
            """,
            shows("2004", "rebound spike"),
        ),
        Step(
            """
            Write a page on one of your cells: its trace, its phase plane, which parameter you
            changed and why, what you expected, and what came of it instead.
            """
        ),
    ),
    tasks=(
        Task(
            predict="c, d, or both: what would you change for bursts of four?",
            run="""
                import numpy as np
                from izhikevich import Step, Waveform, simulate
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type


                def at_rest(**cell):
                    plane = for_cell_type(cell_type("2004", "tonic bursting"), cell)
                    rest = plane.fixed_points(0)[0]
                    return {**cell, "v0": rest.v, "u0": rest.u}


                def bursts(a, b, c, d):
                    found = simulate(
                        "2004",
                        "tonic bursting",
                        current=Waveform(0, (Step(22, 15),)),
                        tstop=600,
                        parameters=at_rest(a=a, b=b, c=c, d=d),
                    )
                    pauses = np.flatnonzero(found.intervals > 11)
                    return [len(burst) for burst in np.split(found.spikes, pauses + 1)]


                print(bursts(a=0.02, b=0.2, c=-50, d=2))
                """,
            explain="Which other cells do the same, and what do they have in common?",
            ask="""
                a cell, as {"a": ..., "b": ..., "c": ..., "d": ...}, that is quiet without a current
                and has 4 spikes in each whole burst after the first (a pause is longer than 11 ms)
                """,
            hints=(
                "Lesson 4: c begins a burst, d ends it.",
                "Leave a, b and c as they are, and raise d by halves.",
            ),
            solution='answer = {"a": 0.02, "b": 0.2, "c": -50, "d": 3}',
            accepts=_bursts_of_four,
        ),
        Task(
            predict="Which parameter makes u follow v down, so that the cell fires at the end?",
            run="""
                def rebound(a, b, c, d):
                    wave = Waveform(0, (Step(100, -10), Step(150, 0)))
                    return simulate(
                        "2004",
                        "tonic bursting",
                        current=wave,
                        tstop=400,
                        parameters=at_rest(a=a, b=b, c=c, d=d),
                    ).spikes


                print(rebound(a=0.02, b=0.2, c=-65, d=6))
                """,
            explain="Why does a cell with a small b not fire, however long the inhibition is?",
            ask="""
                a cell, as before, that is quiet without a current, and fires once, after 150 ms,
                when -10 mV/ms from 100 to 150 ms end
                """,
            hints=(
                "Lesson 3: u must fall far enough during the inhibition.",
                "u goes towards b v: b decides how far, a how fast.",
                "The published one has a = 0.03, b = 0.25, c = -60 and d = 4.",
            ),
            solution='answer = {"a": 0.03, "b": 0.25, "c": -60, "d": 4}',
            accepts=_rebounds,
        ),
    ),
)
