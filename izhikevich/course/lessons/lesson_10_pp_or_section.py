"""Lesson 10: PP or section in a network."""

from __future__ import annotations

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows

LESSON = Lesson(
    number=10,
    key="pp_or_section",
    title="PP or section in a network",
    minutes=40,
    level="for those who will build networks in NEURON",
    before=(
        "lesson 0",
        "sections and point processes of NEURON",
    ),
    goal="""
        Know what can be connected to a point process, and what needs a section of its own.
        """,
    steps=(
        Step(
            """
            Choose *2004 PP* and *tonic spiking*, tick *keep*, then choose *2004 Sec*: do
            the two traces differ?
            """,
            shows("2004", "tonic spiking"),
        ),
        Step(
            "Tick *synapse* and change between the two models again.",
            shows("2004", "tonic spiking", variant="Sec"),
        ),
        Step("Read the script: how does the connection differ between the two?"),
    ),
    tasks=(
        Task(
            predict="""
                The same equations in a point process and in a section: do the spikes differ?
                """,
            run="""
                from izhikevich import simulate

                for variant in ("PP", "Sec"):
                    print(variant, simulate("2004", "tonic spiking", variant=variant).spikes)
                """,
            explain="What is the section for, then?",
            ask="the times of the spikes in the section, in ms, as a list",
            hints=("`variant` chooses.", "A recording has `spikes`."),
            solution="""answer = simulate("2004", "tonic spiking", variant="Sec").spikes""",
            right=lambda: reference.published("tonic spiking", 100).spikes,
            tolerance=1e-6,
        ),
    ),
    questions=(
        Question(
            "Does the same cell give the same spikes in both?",
            """
            Yes: 5 spikes at the same times. In the network of two the driver fires 9 times
            and its follower 2 times as PP and 2 times as Sec.
            """,
        ),
        Question(
            "What does a voltage clamp do on the section of a point process?",
            """
            It clamps the section, here to -20 mV, and nothing else: the section is only the
            address of the point process, whose voltage is its own. Clamps, gap junctions
            and NEURON's own synapses need a cell in a section (Sec); a point process takes
            events.
            """,
        ),
        Question(
            "How many sections does a network of 100 cells need?",
            "1 for all of them as PP, 100 as Sec.",
        ),
    ),
    has_script=True,
)
