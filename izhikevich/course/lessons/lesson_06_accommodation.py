"""Lesson 6: accommodation."""

from __future__ import annotations

from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _spikes_on_slow_ramp() -> int:
    return int((reference.published("accomodation", 200, a=0.01).spikes < 200).sum())


LESSON = Lesson(
    number=6,
    key="accommodation",
    title="accommodation",
    minutes=35,
    level="first course in computational neuroscience",
    before=("what a nullcline is",),
    goal="See why a slow ramp of current does less than a steep one.",
    steps=(
        Step(
            """
            Choose *2004 PP* and *accommodation*. Which ramp ends higher, and which one
            fires the cell?
            """,
            shows("2004", "accomodation"),
        ),
        Step(
            """
            Look at the u-nullcline. What happens to the fixed point when the current
            changes?
            """,
            shows("2004", "accomodation"),
        ),
        Step("Set a to 0.01 and press RUN.", shows("2004", "accomodation", parameters={"a": 0.01})),
    ),
    tasks=(
        Task(
            predict="""
                u' = 0 only at v = -65 mV. Where can the cell rest, whatever the current?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                plane = for_cell_type(cell_type("2004", "accomodation"))
                for current in (0, 4):
                    for point in plane.fixed_points(current):
                        print(current, point.v, point.u, point.kind)
                """,
            explain="v is the same at every current. What pays for the current?",
            ask="u at rest at a current of 6 mV/ms",
            hints=(
                "At rest v' = 0, too.",
                "u = e v^2 + f v + g + I at v = -65, with e = 0.04, f = 5 and g = 140.",
            ),
            solution="answer = 0.04 * 65**2 - 5 * 65 + 140 + 6",
            right=lambda: for_cell_type(cell_type("2004", "accomodation")).fixed_points(6)[0].u,
        ),
        Task(
            predict="""
                A smaller a makes u slower. Does the slow ramp fire the cell then?
                """,
            run="""
                from izhikevich import simulate

                found = simulate("2004", "accomodation")
                print((found.spikes < 200).sum(), "on the slow ramp")
                print((found.spikes > 200).sum(), "on the steep one")
                """,
            explain="""
                Compare how fast the current rises with how fast u can follow.
                """,
            ask="the number of spikes before 200 ms at a = 0.01",
            hints=("`simulate` takes `parameters={...}`.", "Count `found.spikes < 200`."),
            solution="""
                found = simulate("2004", "accomodation", parameters={"a": 0.01})
                answer = (found.spikes < 200).sum()
                """,
            right=_spikes_on_slow_ramp,
            tolerance=0,
        ),
    ),
    questions=(
        Question(
            "Can a constant current take the rest of this cell away?",
            """
            No. The u-nullcline stands upright at v = -65.0 mV, so the fixed point stays
            there, a stable focus at any current; its u goes from -16 at I = 0 to -8 at I =
            8.
            """,
        ),
        Question(
            "Why does the slow ramp not fire the cell?",
            """
            u follows the current as it rises: the slow ramp ends at 8.0 mV/ms without a
            spike, the steep one ends at 3.8 mV/ms and fires the cell at 312.0 ms.
            """,
        ),
        Question(
            """
            Why does a smaller a let the slow ramp fire it? How steep has a ramp to 4 mV/ms
            to be?
            """,
            """
            u then lags behind: at a = 0.02 the slow ramp gives 0 spikes, at a = 0.01 it
            gives 2. A ramp to 4 mV/ms gives 1 spike when it takes 50, 25 or 12.5 ms, and 0
            when it takes 100 or 200 ms.
            """,
        ),
    ),
    has_script=True,
)
