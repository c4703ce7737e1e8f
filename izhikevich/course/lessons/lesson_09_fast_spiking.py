"""Lesson 9: fast spiking and the cubic nullcline."""

from __future__ import annotations

from izhikevich.course import onsets
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _loss_of_rest() -> float:
    # trace zero: k (2 v - vr - vt) / C = a; u = 0.025 (v + 55)^3 there
    k, vr, vt, capacitance, a = 1.0, -55.0, -40.0, 20.0, 0.2
    v = (a * capacitance / k + vr + vt) / 2
    return float(0.025 * (v + 55) ** 3 - k * (v - vr) * (v - vt))


LESSON = Lesson(
    number=9,
    key="fast_spiking",
    title="fast spiking and the cubic nullcline",
    minutes=40,
    level="second course: dynamical systems",
    before=(
        "lesson 1",
        "lesson 5",
    ),
    goal="""
        See how the shape of the u-nullcline makes a cell that cannot fire slowly.
        """,
    steps=(
        Step(
            """
            Choose *2007 PP* and *FS*, and look at the u-nullcline: where is it flat?
            """,
            shows("2007", "FS"),
        ),
        Step(
            """
            Set I0 and I1 to 71, 73 and 75 with a tstop of 1000. Then 400 by the schemes
            *published* and *exact*.
            """,
            shows("2007", "FS", (73, 73), tstop=1000),
        ),
        Step(
            "Choose *RS* and set I0 and I1 to 52 with a tstop of 3000.",
            shows("2007", "RS", (52, 52), tstop=3000),
        ),
    ),
    tasks=(
        Task(
            predict="""
                The u-nullcline rises faster than the parabola. Can rest and saddle meet?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                fast = for_cell_type(cell_type("2007", "FS"))
                for current in (50, 73, 75, 400):
                    print(current, [(point.v, point.kind) for point in fast.fixed_points(current)])
                """,
            explain="How is the rest lost, if nothing meets it?",
            ask="the current at which the rest of FS loses its stability, in pA",
            hints=(
                "Try currents between 73 and 75: where does the kind change?",
                "The trace is zero where k (2 v - vr - vt) / C = a; C is 20 pF, k 1 nS/mV.",
                "`fast.bifurcations()` knows it, too.",
            ),
            solution="answer = fast.bifurcations().hopf.current",
            right=_loss_of_rest,
            tolerance=0.001,
        ),
        Task(
            predict="RS or FS: which can fire as slowly as you like?",
            run="""
                from izhikevich import simulate

                for key, current in (("RS", 60), ("FS", 75)):
                    found = simulate("2007", key, current=current, tstop=2000)
                    print(key, 1000 / found.intervals[-1], "Hz")
                """,
            explain="Which of the two has a ghost to linger at?",
            ask="the current at which rest and saddle of RS meet, in pA",
            hints=(
                "With x = v - vr: k x (x - 20) + I = b x.",
                "One root: I = (20 k + b)^2 / (4 k), with k = 0.7 and b = -2.",
            ),
            solution="answer = (20 * 0.7 - 2) ** 2 / (4 * 0.7)",
            right=lambda: onsets.saddle_node("2007", "RS"),
            tolerance=0.001,
        ),
    ),
    questions=(
        Question(
            "How many fixed points does FS have, and can a saddle-node occur?",
            """
            One at any current: below d = -55 mV the nullcline is flat, above it rises like
            a cube (U is 3.125 pA at -50 mV and already 84.4 pA at -40 mV), steeper than the
            parabola. So there is no saddle-node; the rest is lost at 73.68 pA by an
            Andronov-Hopf bifurcation. The step rheobase, 71.29 pA, lies below it.
            """,
        ),
        Question(
            "Which of the two cells can fire slowly?",
            """
            RS: just above its saddle-node at 51.43 pA it fires with intervals of 867.5 ms
            at 52 pA. FS does not fire in 1000 ms at 71 pA, and fires at 21 Hz at 73 pA.
            """,
        ),
        Question(
            "How fast can FS fire, and why does u not stop it?",
            """
            26 Hz at 75 pA, 82 Hz at 200 pA, 152 Hz at 400 pA in the exact solution. (With
            steps of 0.25 ms it is 118 Hz at 400 pA: an interval of few steps is not to be
            trusted.) A spike adds nothing to u, which returns quickly (a is large).
            """,
        ),
    ),
    has_script=True,
)
