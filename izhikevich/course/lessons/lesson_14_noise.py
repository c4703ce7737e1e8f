"""Lesson 14: noise."""

from __future__ import annotations

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows
from izhikevich.waveforms import Step as Edge
from izhikevich.waveforms import Waveform

_MS = 2000


def _spikes(mean: float, deviation: float) -> np.ndarray:
    levels = mean + deviation * np.random.default_rng(1).standard_normal(_MS)
    noisy = Waveform(mean, tuple(Edge(float(t), float(x)) for t, x in enumerate(levels)))
    return reference.published("tonic spiking", _MS, noisy).spikes


def _variation() -> float:
    intervals = np.diff(_spikes(14, 10))
    return float(intervals.std() / intervals.mean())


LESSON = Lesson(
    number=14,
    key="noise",
    title="noise",
    minutes=40,
    level="first course in computational neuroscience",
    before=("lesson 0", "mean and standard deviation"),
    goal="See what a current that changes at random does below and above the threshold.",
    steps=(
        Step(
            """
            Choose *2004 PP* and *tonic spiking*, and set I0 and I1 to 3 and tstop to 2000: one
            spike at the beginning, then rest.
            """,
            shows("2004", "tonic spiking", (3, 3), tstop=2000),
        ),
        Step(
            """
            Set I0 and I1 to 14: regular firing. Noise is not in the window; the tasks have it.
            """,
            shows("2004", "tonic spiking", (14, 14), tstop=2000),
        ),
    ),
    tasks=(
        Task(
            predict="""
                The mean current is too weak to fire the cell again and again. Does noise about it
                fire the cell?
                """,
            run="""
                import matplotlib.pyplot as plt
                import numpy as np
                from izhikevich import Step, Waveform, simulate


                def noisy(mean, deviation, seed=1):
                    levels = mean + deviation * np.random.default_rng(seed).standard_normal(2000)
                    wave = Waveform(mean, tuple(Step(t, x) for t, x in enumerate(levels)))
                    return simulate("2004", "tonic spiking", current=wave, tstop=2000)


                for deviation in (0, 2):
                    found = noisy(3, deviation)
                    print(deviation, len(found.spikes), "spikes")
                    plt.plot(found.t, found.v)
                plt.xlabel("t (ms)")
                plt.ylabel("v (mV)")
                plt.show()
                """,
            explain="Why does a rate that rises with the noise not mean a larger mean current?",
            ask="the number of spikes at a mean of 3 and a deviation of 4 mV/ms, with seed 1",
            hints=(
                "The function has the deviation as its second argument.",
                "`len` counts spikes.",
            ),
            solution="answer = len(noisy(3, 4).spikes)",
            right=lambda: len(_spikes(3, 4)),
            tolerance=0.06,
        ),
        Task(
            predict="Above the threshold: does noise change the rate more, or the regularity?",
            run="""
                def variation(found):
                    return found.intervals.std() / found.intervals.mean()


                for deviation in (0, 4):
                    found = noisy(14, deviation)
                    print(deviation, len(found.spikes), "spikes, variation", variation(found))
                """,
            explain="The variation of random spikes (Poisson) is 1. Why is that of the cell less?",
            ask="""
                the standard deviation of the intervals against their mean, at a mean of 14 and a
                deviation of 10 mV/ms, with seed 1
                """,
            hints=("`variation` takes what `noisy` gives.",),
            solution="answer = variation(noisy(14, 10))",
            right=_variation,
            tolerance=0.05,
        ),
    ),
    questions=(
        Question(
            "How does a cell fire at a mean current that leaves its rest stable?",
            "The noise carries it over the threshold now and then; after that it comes back.",
        ),
        Question(
            "Why are its intervals more regular than random ones?",
            "After a spike u is high, and the cell needs time; short intervals are rare.",
        ),
    ),
)
