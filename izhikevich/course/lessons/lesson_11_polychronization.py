"""Lesson 11: polychronization."""

from __future__ import annotations

import math

from izhikevich.course.lesson import Lesson, Question, Step, Task, shows

LESSON = Lesson(
    number=11,
    key="polychronization",
    title="polychronization",
    minutes=60,
    level="second course: networks and learning",
    before=(
        "lesson 10",
        "what STDP is",
    ),
    goal="""
        See what STDP makes of a network with delays: weights go to one end or the other, and
        the rhythm changes.
        """,
    steps=(
        Step(
            """
                Choose *regular spiking (RS)*: such are the excitatory cells of the network.
                Then choose *fast spiking (FS)*: such are the inhibitory ones. Which fire faster
                at the same current?
                """,
            shows("2003", "regular spiking (RS)"),
        ),
        Step("""
                Close the window and draw the network: `python examples/polychronization.py
                --out polychronization.png`.
                """),
        Step("Compare the first second with the last one, and the rhythms below them."),
    ),
    tasks=(
        Task(
            predict="""
                A spike 5 ms after another's arrival: does the connection grow by more or by
                less than after 20 ms?
                """,
            run="""
                import numpy as np
                from izhikevich import STDP

                print(STDP())
                """,
            explain="Which spikes does such a rule find, and which does it forget?",
            ask="""
                what is left of the effect when the wait is 30 ms longer, as a part of one
                """,
            hints=("`decay` is what is left after 1 ms.", "Ten such steps leave `decay ** 10`."),
            solution="answer = STDP().decay ** 30",
            right=lambda: math.exp(-30 / 20),
            tolerance=0.05,
        ),
    ),
    questions=(
        Question(
            """
                Which rhythm has the network before it has learned, and what becomes of it?
                """,
            """
                The strongest one of the first 10 s has 3 Hz. In the last 10 s of 60 its power,
                from 2 to 4 Hz, is 22 times less. In the figure of the long run a faster one has
                come in its place.
                """,
        ),
        Question(
            """
                All excitatory weights are 6 at first, and may go from 0 to 10. Where are they
                after 60 s?
                """,
            "11 % are below 0.5 and 40 % above 9.5.",
        ),
        Question(
            "Why do few weights stay between?",
            """
                A connection that helps its target to fire brings its spikes shortly before the
                target's and grows; the more it grows the more it helps. What comes too late
                shrinks, and then helps even less.
                """,
        ),
    ),
    has_script=True,
)
