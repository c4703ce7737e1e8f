"""Lesson 15: phase response, and two cells that find each other."""

from __future__ import annotations

from collections.abc import Sequence

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _advance() -> float:
    before = reference.exact("tonic spiking", 400, 14.0).spikes
    period = before[-1] - before[-2]
    kick = (before[9] + 0.75 * period, 1.0)
    after = reference.exact("tonic spiking", 400, 14.0, kick=kick).spikes
    return float((before[10] - after[10]) / period)


def _are_apart(answer: Sequence[float]) -> bool:
    found = [
        reference.apart(*reference.two_cells("tonic spiking", 14, kick, 1500, 0.05))
        for kick in (3.0, -3.0)
    ]
    return len(answer) == 2 and all(
        abs(float(given) - right) < 0.08 for given, right in zip(answer, found, strict=True)
    )


LESSON = Lesson(
    number=15,
    key="synchrony",
    title="phase response and synchrony of two cells",
    minutes=60,
    level="second course: dynamical systems",
    before=("lesson 1", "chapter 10 of the book of 2007, its first pages"),
    goal="""
        Measure when a push moves the next spike, and tell from it whether two cells will fire
        together.
        """,
    steps=(
        Step(
            """
            Choose *2004 PP* and *tonic spiking*, the scheme *exact*, I0 and I1 of 14 and a tstop
            of 300. The cell fires regularly after a while: what is its period?
            """,
            shows("2004", "tonic spiking", (14, 14), scheme="exact", tstop=300),
        ),
        Step(
            """
            In *slow motion*, find where in the plane the point is slow and where it is fast. Where
            would a push to the right save most time?
            """,
            shows("2004", "tonic spiking", (14, 14), scheme="exact", tstop=300),
        ),
    ),
    tasks=(
        Task(
            predict="""
                A push of 1 mV early in the cycle, or late: when does it bring the next spike
                forward most?
                """,
            run="""
                from izhikevich import Step, Waveform, simulate


                def spikes(kick_at=None):
                    current = 14
                    if kick_at is not None:  # 10 mV/ms more for 0.1 ms: 1 mV
                        current = Waveform(14, (Step(kick_at, 24), Step(kick_at + 0.1, 14)))
                    how = {"scheme": "exact", "tstop": 400}
                    return simulate("2004", "tonic spiking", current=current, **how).spikes


                def advance(phase):
                    free = spikes()
                    period = free[-1] - free[-2]
                    kicked = spikes(free[9] + phase * period)
                    return (free[10] - kicked[10]) / period


                for phase in (0.25, 0.5):
                    print(phase, advance(phase))
                """,
            explain="Why does a push just after a spike do next to nothing?",
            ask="the advance of the next spike by a push at phase 0.75, as a part of the period",
            hints=("`advance` takes the phase.",),
            solution="answer = advance(0.75)",
            right=_advance,
            tolerance=0.05,
        ),
        Task(
            predict="""
                Two such cells, each of which pushes the other by some mV when it fires: will they
                come to fire together? And if each holds the other back?
                """,
            run="""
                import numpy as np
                from neuron import h
                from izhikevich import Population
                from izhikevich.catalog import cell_type

                h.dt = 0.05


                def two(kick, tstop):
                    start = {"v0": [-70, -65], "u0": -14}
                    pair = Population(cell_type("2004", "tonic spiking"), 2, {"Iin": 14}, **start)
                    # a weight is a current for one step
                    pair.connect([0, 1], [1, 0], weights=kick / h.dt, delays=h.dt)
                    h.finitialize()
                    while h.t < tstop:
                        h.fadvance()
                    times, cells = (np.asarray(each) for each in pair.spikes)
                    return times[cells == 0], times[cells == 1]


                def apart(first, second):
                    last = first[-2]
                    part = np.abs(second - last).min() / (first[-1] - first[-2])
                    return min(part, 1 - part)


                for tstop in (200, 400):
                    print(tstop, "ms:", apart(*two(1, tstop)), apart(*two(-1, tstop)))
                """,
            explain="""
                A push helps the cell that is nearly ready more than the one that has just fired.
                What does that do to the distance between the two?
                """,
            ask="""
                how far apart the spikes are after 1500 ms, as a part of the period from 0 to 0.5,
                with a kick of 3 mV and with one of -3 mV, as a list of two
                """,
            hints=("`two` takes the kick and how long to run.", "`apart(*two(3, 1500))`"),
            solution="answer = [apart(*two(kick, 1500)) for kick in (3, -3)]",
            accepts=_are_apart,
        ),
    ),
    questions=(
        Question(
            "What does the phase response look like?",
            """
            Next to nothing in the first half of the cycle, even a little negative; a hump in the
            last part; less again just before the spike.
            """,
        ),
        Question(
            "Do two cells that push each other fire together?",
            """
            Here, yes: their spikes come together, and those of cells that hold each other back
            go to half a period apart.
            """,
        ),
    ),
)
