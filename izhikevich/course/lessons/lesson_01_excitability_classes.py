"""Lesson 1: excitability classes."""

from __future__ import annotations

import numpy as np

from izhikevich.course import onsets, reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _last_interval() -> float:
    return float(np.diff(reference.published("Class 1", 4000, 2.3).spikes)[-1])


LESSON = Lesson(
    number=1,
    key="excitability_classes",
    title="excitability classes",
    minutes=45,
    level="first course in computational neuroscience",
    before=(
        "what a nullcline is",
        "lesson 0",
    ),
    goal="""
        Tell a class 1 cell, which can fire as slowly as you like, from a class 2 cell, which
        cannot.
        """,
    steps=(
        Step(
            """
            Choose the model *2004 PP* and the cell type *class 1*. Look at the phase plane:
            where do the nullclines part?
            """,
            shows("2004", "Class 1"),
        ),
        Step(
            """
            Set I0 and I1 to 2.24 and tstop to 4000, and press RUN. Then take 2.26, 2.3 and
            2.5, and note the last interval from the status line.
            """,
            shows("2004", "Class 1", (2.26, 2.26), tstop=4000),
        ),
        Step(
            """
            Press *reset* and choose *class 2*. Set I0 and I1 to 0.3, 0.4 and 0.5 in turn,
            with a tstop of 2000.
            """,
            shows("2004", "Class 2", (0.4, 0.4), tstop=2000),
        ),
        Step("""
                From the command line: `izh fi "Class 1" --out class1.png` and `izh fi "Class 2"
                --out class2.png`.
                """),
    ),
    tasks=(
        Task(
            predict="""
                Rest and saddle meet at 2.25. At 2.3, a fifth as far beyond it as 2.5, is the
                interval five times as long, or less?
                """,
            run="""
                from izhikevich import simulate

                for current in (2.5, 2.4):
                    recording = simulate("2004", "Class 1", current=current, tstop=3000)
                    print(current, recording.intervals[-1], "ms")
                """,
            explain="Where is the cell for most of an interval? Why there?",
            ask="""
                the last interval of the class 1 cell in 4000 ms at 2.3 mV/ms, in ms
                """,
            hints=(
                "Change the current and tstop in the cell above.",
                "A recording has `intervals`; the last is `intervals[-1]`.",
            ),
            solution="""
                recording = simulate("2004", "Class 1", current=2.3, tstop=4000)
                answer = recording.intervals[-1]
                """,
            right=_last_interval,
        ),
        Task(
            predict="""
                The u-nullcline of class 1 is u = b v, the v-nullcline a parabola that the
                current lifts. In how many points do they meet at 2.24, and in how many at 2.26?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                plane = for_cell_type(cell_type("2004", "Class 1"))
                for current in (2.24, 2.26):
                    points = plane.fixed_points(current)
                    print(current, [(point.v, point.kind) for point in points])
                """,
            explain="What has become of the rest?",
            ask="""
                the current at which the two points become one, from e, f, g and b by hand, in
                mV/ms
                """,
            hints=(
                "At a crossing e v^2 + f v + g + I = b v.",
                "One root: the discriminant (f - b)^2 - 4 e (g + I) is zero.",
                "Class 1 has e = 0.04, f = 4.1, g = 108 and b = -0.1.",
            ),
            solution="""
                e, f, g, b = 0.04, 4.1, 108, -0.1
                answer = (f - b) ** 2 / (4 * e) - g
                """,
            right=lambda: onsets.saddle_node("2004", "Class 1"),
            tolerance=0.001,
        ),
    ),
    questions=(
        Question(
            """
            How does the interval of the class 1 cell change as the current approaches the
            saddle-node from above?
            """,
            """
            It grows without bound: just above the saddle-node at 2.25 mV/ms the last
            interval is 274.00 ms at 2.5, 538.50 ms at 2.3 and 1075.00 ms at 2.26; at 2.24
            there is no spike in 4000 ms. The cell lingers where rest and saddle have just
            vanished.
            """,
        ),
        Question(
            "What is the slowest rate of the class 2 cell?",
            """
            About 17.9 Hz, on the way down by fine stairs in the exact solution; where the
            firing ends the rate falls steeply, and finer stairs find hardly less. (The runs
            by hand give last intervals of 37.25 ms at 0.3, 28.75 ms at 0.4 and 26.25 ms at
            0.5: they start away from the rest and find the firing.) There is no slow rate
            at any current: the rest is lost by an Andronov-Hopf bifurcation at 0.4 mV/ms
            while the cycle of firing is already there at its full size.
            """,
        ),
        Question(
            """
            The class 2 cell has a range of currents in which it rests on the way up and
            fires on the way down. Why?
            """,
            """
            The bifurcation is subcritical: rest and firing exist side by side, here on the
            stairs from 0.2735 to 0.40 mV/ms. Which of the two is seen depends on where the
            cell was before.
            """,
        ),
    ),
    derivation=r"""
    The nullclines are where one of the two variables stands still. $v' = 0$ gives
    $u = e v^2 + f v + g + I$, a parabola that the current lifts; $u' = 0$ gives $u = b v$, a line.
    They cross where $e v^2 + (f - b) v + g + I = 0$: two roots, rest and saddle, as long as
    $(f - b)^2 > 4 e (g + I)$, one at $I = (f - b)^2 / 4 e - g$, and none beyond.
    """,
    has_script=True,
)
