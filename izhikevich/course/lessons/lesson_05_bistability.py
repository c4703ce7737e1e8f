"""Lesson 5: bistability, and what switches it off."""

from __future__ import annotations

from izhikevich.course import onsets, reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows

LESSON = Lesson(
    number=5,
    key="bistability",
    title="bistability, and what switches it off",
    minutes=45,
    level="second course: dynamical systems",
    before=(
        "lessons 1 and 2",
        "trace and determinant",
    ),
    goal="""
        See rest and firing side by side, and that a published figure can show the integrator.
        """,
    steps=(
        Step(
            """
            Choose *2004 PP* and *bistability*; press RUN. What does the second pulse do?
            """,
            shows("2004", "bistability"),
        ),
        Step(
            """
            Tick the scheme *exact* and look again. Then tick *fixed* and set dt to 0.01.
            """,
            shows("2004", "bistability", scheme="exact"),
        ),
        Step(
            "Tick *keep* and go from one scheme to the other.",
            shows("2004", "bistability", scheme="exact"),
        ),
        Step("From the command line: `izh fi bistability --out fi.png`."),
    ),
    tasks=(
        Task(
            predict="""
                The rest is a focus. Which sign has the trace of its matrix while it is stable?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                plane = for_cell_type(cell_type("2004", "bistability"))
                for current in (0.1, 0.24, 0.3):
                    rest = plane.fixed_points(current)[0]
                    print(current, rest.kind, "trace", sum(rest.eigenvalues).real)
                """,
            explain="What happens where the trace is zero?",
            ask="the current at which the rest loses its stability, in mV/ms",
            hints=(
                "The trace is 2 e v + f - a: at which v is it zero?",
                "That v is a rest when I = b v - e v^2 - f v - g.",
            ),
            solution="""
                e, f, g, a, b = 0.04, 5, 140, 0.1, 0.26
                v = (a - f) / (2 * e)
                answer = b * v - e * v**2 - f * v - g
                """,
            right=lambda: onsets.hopf("2004", "bistability"),
            tolerance=0.001,
        ),
        Task(
            predict="""
                A step of 0.25 ms, and one of hardly anything: is it the same figure?
                """,
            run="""
                from izhikevich import simulate

                print(len(simulate("2004", "bistability").spikes), "spikes as published")
                """,
            explain="""
                Whether the pulse ends the firing is a matter of its phase. Why does the step
                change the phase?
                """,
            ask="the number of spikes in the exact solution",
            hints=("`simulate` takes `scheme=`.", "The scheme is called exact."),
            solution="""answer = len(simulate("2004", "bistability", scheme="exact").spikes)""",
            right=lambda: len(reference.exact("bistability", 300).spikes),
            tolerance=0,
        ),
    ),
    questions=(
        Question(
            "At which currents are rest and firing both stable?",
            """
            On the staircase of the script it goes on firing down to 0.16 mV/ms and goes on
            resting up to 0.26 mV/ms; the bifurcation is computed at 0.2625 mV/ms. The
            figure's 0.24 lies in between.
            """,
        ),
        Question(
            "Does the second pulse stop the firing? In which scheme?",
            """
            Under the published rule there are 5 spikes, the last at 208.25 ms: the pulse
            throws the cell back to its rest. In the exact scheme there are 7, and with the
            published rule at a step of 0.01 ms also 7: the firing goes on. Whether a pulse
            switches it off is a matter of its timing within the cycle, and the large step
            makes the cycle longer: in the exact scheme a second pulse at 207 ms instead of
            216 ms ends the firing, too, with 5 spikes.
            """,
        ),
        Question(
            """
            The smallest step that fires the cell lies below the bifurcation current. Why is
            that no contradiction?
            """,
            """
            The step rheobase is 0.206 mV/ms. A step moves the rest at once, and the cell,
            left behind, is outside of the small unstable cycle around the new rest, so it
            fires although that rest is stable. A slow ramp would keep it inside until
            0.2625.
            """,
        ),
    ),
    has_script=True,
)
