"""Lesson 7: latency and the ghost of a saddle-node."""

from __future__ import annotations

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _latency(beyond: float) -> float:
    current = reference.saddle_node("Class 1") + beyond
    start = reference.rest("Class 1")
    return float(reference.exact("Class 1", 2000, current, start, dt=0.05).spikes[0])


LESSON = Lesson(
    number=7,
    key="latency",
    title="latency and the ghost of a saddle-node",
    minutes=50,
    level="second course: dynamical systems",
    before=(
        "lesson 1",
        "integrals of rational functions",
    ),
    goal="""
        See how long a cell lingers where a fixed point has just vanished, or where v hardly
        moves.
        """,
    steps=(
        Step(
            """
            Choose *2004 PP* and *spike latency*: how long after the pulse does the spike
            come?
            """,
            shows("2004", "spike latency"),
        ),
        Step(
            """
            Tick the scheme *exact*. Watch in *slow motion* where in the phase plane the
            cell lingers: at the saddle, or at the right branch of the parabola?
            """,
            shows("2004", "spike latency", scheme="exact"),
        ),
        Step(
            """
            Choose *class 1* and set I0 and I1 to values just above 2.25 with a tstop of
            4000.
            """,
            shows("2004", "Class 1", (2.26, 2.26), tstop=4000),
        ),
    ),
    tasks=(
        Task(
            predict="""
                The current is four times nearer to the saddle-node. How many times longer is
                the latency?
                """,
            run="""
                from izhikevich.experiments.steps import latency

                print(latency("2004", "Class 1", [2.25 + 0.04]).latency)
                """,
            explain="Where does the cell linger?",
            ask="the latency after a step from rest to 2.26 mV/ms, in ms",
            hints=(
                "The function takes a list of currents.",
                "Its result has `latency`, one time for each current.",
            ),
            solution="""answer = latency("2004", "Class 1", [2.26], duration=4000).latency[0]""",
            right=lambda: _latency(0.01),
        ),
        Task(
            predict="Can the latency be told without a run?",
            run="""
                import numpy as np

                for beyond in (0.04, 0.01):
                    measured = latency("2004", "Class 1", [2.25 + beyond], duration=4000).latency[0]
                    print(beyond, measured, measured * np.sqrt(beyond))
                """,
            explain="What stays the same, and why?",
            ask="""
                the latency 0.0025 mV/ms beyond the saddle-node by the formula of the
                derivation, in ms
                """,
            hints=("The formula is in the derivation at the end.", "T = 6 pi / (0.2 sqrt(dI))."),
            solution="answer = 6 * np.pi / (0.2 * np.sqrt(0.0025))",
            right=lambda: _latency(0.0025),
        ),
    ),
    questions=(
        Question(
            """
            How does the latency grow as the current comes closer to the saddle-node?
            """,
            """
            As one over the square root of the distance: 449 ms at 0.04 mV/ms beyond the
            saddle-node at 2.25, 934 ms at 0.01 and 1883 ms at 0.0025. A quarter of the
            distance makes it 2.02 times as long.
            """,
        ),
        Question(
            "Why do the published and the exact latency of panel I differ so much?",
            """
            The pulse carries the cell just beyond the stable manifold of the saddle, close
            to the right branch of the v-nullcline, where v hardly moves, so that a small
            difference becomes a long time (the saddle itself it does not meet: in the exact
            solution the cell stays 3.8 away from it, in mV and mV/ms): the spike comes at
            26.8 ms under the published rule and at 16.6 ms in the exact solution.
            """,
        ),
    ),
    derivation=r"""
    At the saddle-node of class 1 the matrix of slopes is
    $\begin{pmatrix} b & -1 \\ a b & -a \end{pmatrix}$: its determinant is zero. Along
    $(1, b)$ nothing moves; across it the cell falls back at the rate $a - b$. What is left is one
    direction. Let $x$ be how far the cell is along $(1, b)$; the left eigenvector $(a, -1)$,
    divided by its product with $(1, b)$, takes out the part of the motion along it:

    $$x' = \frac{a}{a - b} \left( e x^2 + \delta I \right)
         = \frac{1}{6} \left( 0.04 x^2 + \delta I \right)$$

    for $a = 0.02$, $b = -0.1$. To come from far on one side to far on the other takes

    $$T = 6 \int_{-\infty}^{\infty} \frac{dx}{0.04 x^2 + \delta I}
        = \frac{6 \pi}{0.2 \sqrt{\delta I}} .$$

    The ends of the way take little: from rest, 0.0025 mV/ms beyond, a run takes 1883 ms, and the
    formula gives 1885 ms.
    """,
    has_script=True,
)
