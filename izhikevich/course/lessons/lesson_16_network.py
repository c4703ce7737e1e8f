"""Lesson 16: a network."""

from __future__ import annotations

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows

LESSON = Lesson(
    number=16,
    key="network",
    title="a thousand cells (2003, Fig. 3)",
    minutes=45,
    level="first course in computational neuroscience",
    before=("lesson 0", "lesson 14"),
    goal="See what cells do together that none does alone.",
    steps=(
        Step(
            """
            Choose *2003 PP* and *regular spiking (RS)*: most of the 800 excitatory cells are near
            it.
            """,
            shows("2003", "regular spiking (RS)"),
        ),
        Step(
            """
            Choose *fast spiking (FS)*: the 200 inhibitory cells are between it and *low-threshold
            spiking (LTS)*.
            """,
            shows("2003", "fast spiking (FS)"),
        ),
        Step("Draw the network: `izh network --out raster.png`. What are the vertical stripes?"),
    ),
    tasks=(
        Task(
            predict="Every cell has noise of its own. Will they fire independently of each other?",
            run="""
                import matplotlib.pyplot as plt
                from izhikevich.network import fig3_network, run

                found = run(fig3_network(seconds=1, seed=1))
                print(len(found.times), "spikes of", found.spec.cells, "cells")
                print(found.rates)
                plt.plot(found.times, found.gids, ".", markersize=1)
                plt.xlabel("t (ms)")
                plt.ylabel("cell")
                plt.show()
                """,
            explain="Which cells fire faster, and why?",
            ask="the mean rate of a cell in one second, in Hz",
            hints=("A second has `len(found.times)` spikes.", "There are 1000 cells."),
            solution="answer = len(found.times) / found.spec.cells",
            right=lambda: reference.rate_of_network(1),
            tolerance=0.08,
        ),
        Task(
            predict="All connections cut: more spikes, or fewer?",
            run="""
                from dataclasses import replace

                cut = replace(found.spec, fan_in=0)
                print(cut)
                """,
            explain="Excitation and inhibition go away together. Which of them was stronger?",
            ask="the mean rate of a cell of the cut network in one second, in Hz",
            hints=("`run` takes the network.", "Then count as before."),
            solution="answer = len(run(cut).times) / 1000",
            right=lambda: reference.rate_of_network(1, connected=False),
            tolerance=0.08,
        ),
    ),
    questions=(
        Question(
            "Why do two runs with other seeds not agree spike by spike?",
            """
            Parameters, weights and noise are drawn anew. What agrees is what a mean tells: that is
            what the answers here are compared by, with a tolerance.
            """,
        ),
    ),
)
