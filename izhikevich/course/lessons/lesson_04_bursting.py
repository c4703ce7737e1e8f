"""Lesson 4: bursting, and what c and d do to it."""

from __future__ import annotations

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _second_burst(**changes: float) -> int:
    spikes = reference.published("tonic bursting", 600, **changes).spikes
    ends = np.flatnonzero(np.diff(spikes) > 11)
    return int(ends[1] - ends[0])


LESSON = Lesson(
    number=4,
    key="bursting",
    title="bursting, and what c and d do to it",
    minutes=40,
    level="first course in computational neuroscience",
    before=(
        "lesson 0",
        "what a nullcline is",
    ),
    goal="See a burst as the slow climb of u, which c begins and d ends.",
    steps=(
        Step(
            "Choose *2004 PP* and *tonic bursting*; set tstop to 600 and press RUN.",
            shows("2004", "tonic bursting", tstop=600),
        ),
        Step(
            """
            With *live* on, lower c from -50 to -53, -55 and -65, and count the spikes of
            the second burst.
            """,
            shows("2004", "tonic bursting", tstop=600, parameters={"c": -53}),
        ),
        Step(
            "Press *reset*, set tstop to 600 again, and raise d from 2 to 3 and 4.",
            shows("2004", "tonic bursting", tstop=600, parameters={"d": 3}),
        ),
        Step(
            """
            In the phase plane, find where the resets land: inside or outside of the
            parabola?
            """,
            shows("2004", "tonic bursting", tstop=600),
        ),
    ),
    tasks=(
        Task(
            predict="A lower reset c: more spikes in a burst, or fewer?",
            run="""
                import matplotlib.pyplot as plt
                import numpy as np
                from izhikevich import simulate


                def bursts(**changes):
                    found = simulate("2004", "tonic bursting", tstop=600, parameters=changes)
                    plt.plot(found.t, found.v)
                    plt.show()
                    pauses = np.flatnonzero(found.intervals > 11)
                    return [len(burst) for burst in np.split(found.spikes, pauses + 1)]


                print(bursts())
                """,
            explain="""
                On which side of the parabola does a reset land within a burst, and where after
                its last spike?
                """,
            ask="the number of spikes of the second burst at c = -53",
            hints=("`bursts(c=-55)` has another c.", "The second of a list is `[1]`."),
            solution="answer = bursts(c=-53)[1]",
            right=lambda: _second_burst(c=-53),
            tolerance=0,
        ),
        Task(
            predict="A larger jump d of u: more spikes in a burst, or fewer?",
            run="print(bursts(d=3))",
            explain="What does each spike cost?",
            ask="the number of spikes of the second burst at d = 4",
            hints=("The same function takes d.",),
            solution="answer = bursts(d=4)[1]",
            right=lambda: _second_burst(d=4),
            tolerance=0,
        ),
    ),
    questions=(
        Question(
            "What decides whether the next spike follows at once?",
            """
            Whether the reset (c, u) lies to the right of and below the parabola: there v
            rises at once. Above it, v must first fall and go round the left side.
            """,
        ),
        Question(
            "How much does u rise in the first burst, and what ends the burst?",
            """
            The first burst has 10 spikes and lifts u by 16.9 mV/ms; then a reset lands
            inside of the parabola, and a pause of 34.5 ms follows.
            """,
        ),
        Question(
            "What do c and d do to the length of a burst?",
            """
            Spikes of the second burst: 6 at c = -50, 4 at -53, 3 at -55 and 1 at -65, which
            is tonic spiking. With c = -50: 6 at d = 2, 4 at d = 3, 3 at d = 4, since each
            spike costs more u.
            """,
        ),
    ),
    has_script=True,
)
