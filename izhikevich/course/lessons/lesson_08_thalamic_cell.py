"""Lesson 8: thalamic burst or tonic."""

from __future__ import annotations

import numpy as np

from izhikevich.course import onsets
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _held() -> float:
    # C v' = k (v - vr) (v - vt) - u + I and, below -65 mV, u = b (v - vr), as in the book's script
    k, vr, vt, b, current = 1.6, -60.0, -50.0, 15.0, -1200.0
    return float(np.roots([k, -k * (vr + vt) - b, k * vr * vt + b * vr + current]).real.min())


LESSON = Lesson(
    number=8,
    key="thalamic_cell",
    title="thalamic burst or tonic",
    minutes=40,
    level="first course in computational neuroscience",
    before=(
        "lesson 3",
        "lesson 4",
    ),
    goal="""
        See that a thalamic relay cell answers the same current in two ways, depending on where
        it was.
        """,
    steps=(
        Step(
            """
            Choose *2007 PP* and *TC*; set I0 and I1 to 50 and press RUN. Note the last
            interval.
            """,
            shows("2007", "TC", (50, 50)),
        ),
        Step(
            """
            Choose *TC burst*; set I0 to -1200, I1 to 0 and T1 to 120. Then weaken I0 to
            -600, -400 and -200.
            """,
            shows("2007", "TC_burst", (-1200, 0, 120)),
        ),
        Step(
            "In the phase plane, look at the jump of the u-nullcline at v = -65 mV.",
            shows("2007", "TC_burst", (-1200, 0, 120)),
        ),
    ),
    tasks=(
        Task(
            predict="""
                Above -65 mV the u-nullcline is flat: u = 0. At which v must the parabola touch
                it?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                plane = for_cell_type(cell_type("2007", "TC"))
                for current in (30, 39, 41):
                    print(current, [(point.v, point.kind) for point in plane.fixed_points(current)])
                """,
            explain="Why does the cell fire slowly just beyond this current?",
            ask="the current at which rest and saddle meet, in pA",
            hints=(
                "The lowest value of k (v - vr) (v - vt) is half-way between vr and vt.",
                "k = 1.6, vr = -60 and vt = -50.",
            ),
            solution="answer = 1.6 * ((60 - 50) / 2) ** 2",
            right=lambda: onsets.saddle_node("2007", "TC"),
        ),
        Task(
            predict="-1200 pA for long: does the cell rest above or below -65 mV?",
            run="""
                for current in (-50, -100):
                    print(current, [(point.v, point.u) for point in plane.fixed_points(current)])
                """,
            explain="""
                Which branch of the u-nullcline holds it there, and what follows at the release?
                """,
            ask="v at rest at -1200 pA, in mV",
            hints=("`fixed_points` takes any current.", "The lowest of the points is the first."),
            solution="answer = plane.fixed_points(-1200)[0].v",
            right=_held,
            tolerance=0.001,
        ),
    ),
    questions=(
        Question(
            "What do the two modes have in common, and what differs?",
            """
            The parameters are the same, and so is the saddle-node at 40 pA. From rest, 50
            pA gives single spikes 196.75 ms apart; after inhibition, no current at all
            gives 6 spikes, the first two of them 8.50 ms apart and the last two 49.75 ms.
            """,
        ),
        Question(
            "Where is the cell when the inhibition ends?",
            """
            It rested at -79.4 mV, on the steep branch of U(v), and u was on its way down to
            that branch: -218 pA at the release. Released, the cell is far below the
            parabola.
            """,
        ),
        Question(
            "Why is the first spike of the burst the smallest?",
            """
            The peak is vpeak + 0.1 u: u is lowest at first. The first peak is at 18.8 mV,
            the last at 31.6 mV.
            """,
        ),
        Question(
            "How does the burst depend on the strength of the inhibition?",
            """
            After -1200 pA there are 6 spikes, after -600 pA 3, after -400 pA 1 and after
            -200 pA 0.
            """,
        ),
    ),
    has_script=True,
)
