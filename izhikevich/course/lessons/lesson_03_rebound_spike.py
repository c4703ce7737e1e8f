"""Lesson 3: how a rebound spike comes about."""

from __future__ import annotations

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows
from izhikevich.waveforms import step


def _u_at_release() -> float:
    found = reference.published("rebound spike", 30, step(-3, 0, 25))
    return float(found.u[round(25 / 0.2)])


def _fires() -> list[int]:
    pulses = ((-3, 25), (-1, 25), (-3, 10))
    return [
        len(reference.published("rebound spike", 200, step(height, 0, end)).spikes)
        for height, end in pulses
    ]


LESSON = Lesson(
    number=3,
    key="rebound_spike",
    title="how a rebound spike comes about",
    minutes=40,
    level="first course in computational neuroscience",
    before=(
        "lesson 1",
        "what a saddle is",
    ),
    goal="""
        Explain with the nullclines why a cell can fire because inhibition ends.
        """,
    steps=(
        Step(
            """
            Choose *2004 PP* and *rebound spike*. When does the spike come: during the
            inhibition or after it?
            """,
            shows("2004", "rebound spike"),
        ),
        Step(
            """
            Press *slow motion*. Where is the point when the inhibition ends: above or below
            the parabola v' = 0 of I = 0?
            """,
            shows("2004", "rebound spike"),
        ),
        Step(
            """
            Set I0 to -3, I1 to 0 and T1 to 25; press RUN. Then I0 to -1 with the same T1,
            then I0 to -3 with T1 at 10.
            """,
            shows("2004", "rebound spike", (-3, 0, 25)),
        ),
    ),
    tasks=(
        Task(
            predict="Does u rise or fall while the cell is held down?",
            run="""
                import matplotlib.pyplot as plt
                from izhikevich import simulate
                from izhikevich.waveforms import step

                held = simulate("2004", "rebound spike", current=step(-1, 0, 25), tstop=100)
                for time in (0, 10, 20, 25):
                    at = held.t.searchsorted(time)
                    print(time, "ms: v", held.v[at], "u", held.u[at])
                plt.plot(held.v, held.u)
                plt.xlabel("v (mV)")
                plt.ylabel("u (mV/ms)")
                plt.show()
                """,
            explain="Which nullcline does u follow down?",
            ask="u at 25 ms, when -3 mV/ms from the start end, in mV/ms",
            hints=(
                "`step(-3, 0, 25)` is -3 until 25 ms, then 0.",
                "`held.t.searchsorted(25)` is the place of 25 ms in the arrays.",
            ),
            solution="""
                held = simulate("2004", "rebound spike", current=step(-3, 0, 25), tstop=100)
                answer = held.u[held.t.searchsorted(25)]
                """,
            right=_u_at_release,
            tolerance=0.001,
        ),
        Task(
            predict="""
                -3 until 25 ms, -1 until 25 ms, -3 until 10 ms: after which does the cell fire?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                plane = for_cell_type(cell_type("2004", "rebound spike"))
                rest, saddle = plane.fixed_points(0)
                print("knee of the parabola: u =", plane.v_nullcline(-62.5, 0))
                print("saddle:", saddle.v, saddle.u)
                """,
            explain="""
                All three are released below the knee. What tells those that fire from those
                that do not?
                """,
            ask="the number of spikes in 200 ms after each of the three, as a list",
            hints=(
                "Run each with `simulate`, as above.",
                "A recording has `spikes`, and `len` counts them.",
            ),
            solution="""
                pulses = [(-3, 25), (-1, 25), (-3, 10)]
                answer = [
                    len(simulate("2004", "rebound spike", current=step(height, 0, end)).spikes)
                    for height, end in pulses
                ]
                """,
            right=_fires,
            tolerance=0,
        ),
    ),
    questions=(
        Question(
            """
            What has changed in the cell at the moment of the release, if the current is
            back to what it was?
            """,
            """
            u: at rest (v = -64.4 mV) it is -16.10 mV/ms, at the release -16.59 mV/ms. The
            spike comes at 68.2 ms, long after the end of the inhibition at 25 ms.
            """,
        ),
        Question(
            """
            Must the cell fire if it is released below the whole parabola? What decides?
            """,
            """
            No. The knee of the parabola lies at u = -16.25 mV/ms, and below it v' is
            positive at every v; but u rises meanwhile and may catch up. After -1 mV/ms
            until 25 ms the cell is released at u = -16.43 mV/ms, after -3 mV/ms until 10 ms
            at -16.40 mV/ms: both lie below the whole parabola, and neither fires. What
            decides is the stable manifold of the saddle at -54.3 mV, the curve of those who
            would end in it: the cell fires if it is released below that.
            """,
        ),
        Question(
            "Why does inhibition have to be strong and long?",
            """
            u falls slowly. After -3 mV/ms until 25 ms u is -16.86 mV/ms, beyond the
            manifold, and there is 1 spike; after -1 mV/ms until 25 ms there are 0, and
            after -3 mV/ms until 10 ms there are 0.
            """,
        ),
    ),
    has_script=True,
)
