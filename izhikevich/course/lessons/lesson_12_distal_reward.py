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
        Task(
            predict="""
                Two cells fire once, one 10 ms after the other. Dopamine comes 1 s later: does it
                still change their connection?
                """,
            run="""
                from neuron import h
                from izhikevich import DopamineSTDP, Population

                h.dt = 1


                def weight(reward_at=None):
                    pair = Population("2003", 2, {"a": 0.02, "b": 0.2, "c": -65, "d": 8})
                    rule = DopamineSTDP()
                    learning = pair.connect([0], [1], weights=1, delays=1, plasticity=rule)
                    h.finitialize()
                    while h.t < 8000:
                        now = round(h.t)
                        pair.Iin[:] = [200 * (now == 100), 200 * (now == 110)]
                        if now == reward_at:
                            learning.dopamine += 0.5
                        h.fadvance()
                    return float(learning.weights[0])


                print("no reward", weight(), "after 1 s", weight(1110))
                """,
            explain="What does the connection remember, and what does it not know of the reward?",
            ask="""
                how many times more a reward at 1110 ms changes the weight than one at 3110 ms, what
                comes without reward being taken off
                """,
            hints=(
                "What a reward does is the difference of two runs.",
                "`(weight(1110) - weight()) / (weight(3110) - weight())`",
            ),
            solution="""
                none = weight()
                answer = (weight(1110) - none) / (weight(3110) - none)
                """,
            right=lambda: 0.99 ** -(2000 / 10),
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
