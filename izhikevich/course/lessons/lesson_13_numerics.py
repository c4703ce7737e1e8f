"""Lesson 13: numerics."""

from __future__ import annotations

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _exact_interval() -> float:
    return float(np.diff(reference.exact("tonic spiking", 500, 14.0).spikes)[-1])


def _halved() -> float:
    start = {"v0": -60.0, "u0": -14.0}
    fine = reference.exact("tonic spiking", 9, 0.0, (-60.0, -14.0))

    def error(dt: float) -> float:
        coarse = reference.published("tonic spiking", 9, 0.0, dt, **start)
        return float(coarse.v[round(8 / dt)] - fine.v[round(8 / 0.02)])

    return error(0.25) / error(0.125)


LESSON = Lesson(
    number=13,
    key="numerics",
    title="why published and exact differ",
    minutes=45,
    level="who writes programs that solve equations",
    before=("lesson 5", "Euler's method"),
    goal="Tell what the equations do from what a step of 0.25 ms does to them.",
    steps=(
        Step(
            """
            Choose *2004 PP* and *tonic spiking*, tick *keep*, and go from *published* to *exact*:
            where do the two part?
            """,
            shows("2004", "tonic spiking"),
        ),
        Step(
            """
            Tick *fixed* and set dt to 0.5, 0.1 and 0.01: to which of the two does it come?
            """,
            shows("2004", "tonic spiking", scheme="fixed", dt=0.1),
        ),
        Step(
            """
            Do the same for *bistability*. At which dt does the number of spikes become another?
            """,
            shows("2004", "bistability", scheme="fixed", dt=0.1),
        ),
    ),
    tasks=(
        Task(
            predict="Is an interval longer or shorter with smaller steps?",
            run="""
                from izhikevich import simulate

                for dt in (0.5, 0.25, 0.1, 0.05):
                    how = {"scheme": "fixed", "dt": dt}
                    found = simulate("2004", "tonic spiking", current=14, tstop=500, **how)
                    print(dt, "ms:", found.intervals[-1], "ms")
                """,
            explain="What is an interval a multiple of, with a fixed step? What else is wrong?",
            ask="the last interval of the exact solution in 500 ms at 14 mV/ms, in ms",
            hints=("The scheme is called exact.", "It takes no dt."),
            solution="""
                found = simulate("2004", "tonic spiking", scheme="exact", current=14, tstop=500)
                answer = found.intervals[-1]
                """,
            right=_exact_interval,
            tolerance=0.0005,
        ),
        Task(
            predict="Half the step: half the error, a quarter, or the same?",
            run="""
                def v_at_8_ms(**how):
                    how["parameters"] = {"v0": -60, "u0": -14}
                    found = simulate("2004", "tonic spiking", current=0, tstop=9, **how)
                    return found.v[found.t.searchsorted(8 - 1e-6)]


                print(v_at_8_ms(scheme="fixed", dt=1), v_at_8_ms(scheme="fixed", dt=0.01))
                """,
            explain="Of which order is the rule? And what becomes of the order at a spike?",
            ask="""
                the error at 8 ms with dt = 0.25 against the one with dt = 0.125, as a quotient
                """,
            hints=(
                "An error is the difference from the exact solution.",
                "What is as good as exact: a fixed step of 0.0005 ms.",
                "The quotient of an error of the first order lies near two.",
            ),
            solution="""
                exact = v_at_8_ms(scheme="fixed", dt=0.0005)
                coarse, fine = (v_at_8_ms(scheme="fixed", dt=dt) for dt in (0.25, 0.125))
                answer = (coarse - exact) / (fine - exact)
                """,
            right=_halved,
            tolerance=0.02,
        ),
    ),
    questions=(
        Question(
            "Why are the published figures made with steps as large as 0.25 ms?",
            """
            The rule is cheap, and for about half of the types the number of spikes is the exact
            one.
            """,
        ),
        Question(
            "For which cells does it matter?",
            """
            Where a small difference becomes a large one: near a threshold (latency, lesson 7),
            where the timing of a pulse decides (bistability, lesson 5), and where an interval is a
            few steps long (FS, lesson 9).
            """,
        ),
    ),
)
