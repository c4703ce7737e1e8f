"""Lesson 12: a reward that comes late."""

from __future__ import annotations

import math

from izhikevich.course.lesson import Lesson, Question, Step, Task, shows

LESSON = Lesson(
    number=12,
    key="distal_reward",
    title="a reward that comes late",
    minutes=60,
    level="second course: networks and learning",
    before=("lesson 11",),
    goal="Know how a connection can be rewarded for what it did seconds ago.",
    steps=(
        Step(
            """
                Choose *regular spiking (RS)*, and find with I0 the weakest current at which it
                fires. The cells of the network are such cells, and random input makes them fire
                about once a second.
                """,
            shows("2003", "regular spiking (RS)"),
        ),
        Step("""
                Close the window and draw the network: `python examples/distal_reward.py --out
                distal_reward.png`.
                """),
        Step("When does the red line move?"),
    ),
    tasks=(
        Task(
            predict="""
                The reward comes 1 s late, then 3 s late: how much less does it do?
                """,
            run="""
                import numpy as np

                eligibility = np.cumprod(np.full(300, 0.99))  # every 10 ms
                print(eligibility[99], "after 1 s")
                """,
            explain="Why must it decay at all?",
            ask="the part of the eligibility that is left after 3 s",
            hints=("Every 10 ms it is multiplied by 0.99.", "3 s are 300 times 10 ms."),
            solution="answer = eligibility[299]",
            right=lambda: math.exp(300 * math.log(0.99)),
        ),
    ),
    questions=(
        Question(
            """
                How much of the eligibility is left when the dopamine comes 2 s after the
                spikes?
                """,
            "13 %: every 10 ms it is multiplied by 0.99.",
        ),
        Question(
            "When do weights change, and which: the rewarded one alone?",
            """
                When dopamine is there, and all that are eligible: in the second after a reward
                the mean weight moves 47 times as much as in seconds without. In 120 s there are
                4 rewards, and the mean weight falls from 1 to 0.92.
                """,
        ),
        Question(
            "Why is it the rewarded connection that becomes strong in the long run?",
            """
                Its spikes came 1 to 3 s before every reward, so that its eligibility is
                positive at each of them. Others are eligible by chance, at one reward up and at
                the next down, and as what comes late takes more than what comes early gives,
                rather down.
                """,
        ),
    ),
    has_script=True,
)
