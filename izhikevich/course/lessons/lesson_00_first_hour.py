"""Lesson 0: the first hour."""

from __future__ import annotations

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows
from izhikevich.waveforms import Step as Edge
from izhikevich.waveforms import Waveform

_HEIGHTS = (4, 8, 16, 32)


def _spikes_after_pulses() -> list[int]:
    pulses = [Waveform(0, (Edge(10, height), Edge(12, 0))) for height in _HEIGHTS]
    return [len(reference.published("tonic spiking", 60, pulse).spikes) for pulse in pulses]


def _lowest_start() -> int:
    def fires(v0: float) -> bool:
        return len(reference.published("tonic spiking", 100, 0.0, v0=v0, u0=-14).spikes) > 0

    return min(v0 for v0 in range(-60, -44) if fires(v0))


def _rate() -> float:
    return float(1000 / np.diff(reference.published("tonic spiking", 600, 10.0).spikes)[-1])


LESSON = Lesson(
    number=0,
    key="first_hour",
    title="what is a spike?",
    minutes=60,
    level="nobody needs to know anything of neurons",
    before=("what a voltage is, and how to read a graph",),
    goal="""
        Know what a spike is, what makes a cell fire and what does not, and how a rate is told.
        """,
    steps=(
        Step(
            """
            Press RUN. The red line is the voltage v of a nerve cell, inside against outside, in mV;
            the blue line is a current that flows in from 10 ms on. Where is v before it? Count
            the spikes: the times at which the line leaps up and falls back.
            """,
            shows("2004", "tonic spiking"),
        ),
        Step(
            """
            Set I0 and I1 to 0 and press RUN: nothing happens, for as long as you like. Such a v is
            called the rest.
            """,
            shows("2004", "tonic spiking", (0, 0)),
        ),
        Step(
            """
            Set I1 to 3, T1 to 10 and tstop to 500, then I1 to 4, 6 and 10. Which currents fire the
            cell once, and which again and again?
            """,
            shows("2004", "tonic spiking", (0, 3, 10), tstop=500),
        ),
        Step(
            """
            Press *slow motion* and look at the plane at the right, where v and u, which pulls v
            back, are one point. What does a spike do to u?
            """,
            shows("2004", "tonic spiking", (0, 10, 10), tstop=200),
        ),
    ),
    tasks=(
        Task(
            predict="""
                A push of 2 ms, twice as strong each time. Is the spike twice as high each time?
                """,
            run="""
                import matplotlib.pyplot as plt
                from izhikevich import Step, Waveform, simulate

                for height in (3, 6, 12):
                    push = Waveform(0, (Step(10, height), Step(12, 0)))
                    found = simulate("2004", "tonic spiking", current=push, tstop=60)
                    print(height, "mV/ms: highest v", found.v.max(), "spikes", len(found.spikes))
                    plt.plot(found.t, found.v, label=f"{height} mV/ms")
                plt.xlabel("t (ms)")
                plt.ylabel("v (mV)")
                plt.legend()
                plt.show()
                """,
            explain="Why do people say that a spike is all or none?",
            ask="the number of spikes after a push of 4, of 8, of 16 and of 32 mV/ms, as a list",
            hints=(
                "Put other heights into the cell above.",
                "A list of four numbers is [1, 2, 3, 4].",
            ),
            solution="""
                answer = []
                for height in (4, 8, 16, 32):
                    push = Waveform(0, (Step(10, height), Step(12, 0)))
                    found = simulate("2004", "tonic spiking", current=push, tstop=60)
                    answer.append(len(found.spikes))
                """,
            right=_spikes_after_pulses,
            tolerance=0,
        ),
        Task(
            predict="""
                No current, but the cell starts higher than its rest of -70 mV. From where on does
                it fire?
                """,
            run="""
                for v0 in (-60, -48):
                    start = {"v0": v0, "u0": -14}
                    found = simulate("2004", "tonic spiking", current=0, parameters=start)
                    print(v0, "mV:", len(found.spikes), "spikes")
                """,
            explain="Where does v go from just below that value, and where from just above?",
            ask="the lowest whole number of mV from which it fires, when u starts at -14",
            hints=(
                "It lies between the two values of the cell above.",
                "Halve the way between one that fires and one that does not, again and again.",
            ),
            solution="""
                answer = -44
                while True:
                    start = {"v0": answer - 1, "u0": -14}
                    found = simulate("2004", "tonic spiking", current=0, parameters=start)
                    if not len(found.spikes):
                        break
                    answer -= 1
                """,
            right=_lowest_start,
            tolerance=0,
        ),
        Task(
            predict="A stronger current that stays: higher spikes, or more of them?",
            run="""
                for current in (6, 14):
                    found = simulate("2004", "tonic spiking", current=current, tstop=600)
                    print(current, "mV/ms: intervals", found.intervals, "ms")
                """,
            explain="Why are the first intervals shorter than the others?",
            ask="the rate at 10 mV/ms that the last interval in 600 ms gives, in Hz: spikes per s",
            hints=(
                "The last interval is `found.intervals[-1]`, in ms.",
                "A second has 1000 ms: how many intervals are that?",
            ),
            solution="""
                found = simulate("2004", "tonic spiking", current=10, tstop=600)
                answer = 1000 / found.intervals[-1]
                """,
            right=_rate,
        ),
    ),
    questions=(
        Question(
            "What is a spike?",
            """
            A short leap of the voltage that goes on by itself once it has begun, and is of the same
            kind whatever has begun it.
            """,
        ),
        Question(
            "How does a cell tell that a current is strong, if all spikes are alike?",
            "By their number: the stronger the current, the shorter the intervals.",
        ),
        Question(
            "What keeps the cell from firing again at once?",
            """
            u: every spike adds d to it, and u is taken from what drives v; it falls back slowly, at
            the rate a.
            """,
        ),
    ),
)
