"""Lesson 11: polychronization."""

from __future__ import annotations

import math

from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _pairings() -> list[float]:
    # what arrives for the step before adds 0.1; each spike that comes later takes 1.2 times as
    # much, and both fade with 0.95 a ms; 0.01 is added whatever happens (2006, its program)
    return [1.01 + 0.1 * 0.95 ** (15 - 2), 1.01 - 0.12 * 0.95 ** (15 + 1)]


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
        Task(
            predict="""
                One cell fires 10 ms before the other, or 10 ms after it: in which order does the
                connection from the one to the other grow?
                """,
            run="""
                from neuron import h
                from izhikevich import Population

                h.dt = 1


                def weight_after(wait):
                    pair = Population("2003", 2, {"a": 0.02, "b": 0.2, "c": -65, "d": 8})
                    learning = pair.connect([0], [1], weights=1, delays=1, plasticity=STDP())
                    h.finitialize()
                    while h.t < 1001:  # weights change once a second
                        now = round(h.t)
                        pair.Iin[:] = [200 * (now == 100), 200 * (now == 100 + wait)]
                        h.fadvance()
                    return float(learning.weights[0])


                print(weight_after(10), weight_after(-10))
                """,
            explain="""
                With both orders equally often, does the connection grow in the long run?
                """,
            ask="the weight when the wait is 15 ms, and when it is -15 ms, as a list",
            hints=("`weight_after` takes the wait.",),
            solution="answer = [weight_after(15), weight_after(-15)]",
            right=_pairings,
            tolerance=0.001,
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
