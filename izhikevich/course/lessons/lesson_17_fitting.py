"""Lesson 17: parameters from a recording."""

from __future__ import annotations

from izhikevich.catalog import cell_type
from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows


def _parabola() -> list[float]:
    values = reference.values("tonic spiking")
    return [values[name] for name in ("e", "f", "g")]


def _recovery() -> list[float]:
    values = reference.values("tonic spiking")
    return [values[name] for name in ("a", "b")]


def _regular_spiking() -> list[float]:
    values = cell_type("2007", "RS").parameters
    return [values[name] for name in ("vr", "vt", "c")]


LESSON = Lesson(
    number=17,
    key="fitting",
    title="parameters from a recording",
    minutes=45,
    level="second course; who has recordings of one's own",
    before=("lesson 13", "least squares"),
    goal="Find a cell's parameters from its trace, and know what a trace does not tell.",
    steps=(
        Step(
            """
            Choose *2004 PP* and *tonic spiking*: take it for a recording. What in the trace depends
            on c, what on d?
            """,
            shows("2004", "tonic spiking"),
        ),
        Step(
            """
            A recording has t (ms), current (pA) and v (mV), a column each; `izh fit FILE --out
            cell.toml` finds the cell of the book's model that follows it. The tasks show by hand
            what such a fit rests on, and then make one.
            """
        ),
    ),
    tasks=(
        Task(
            predict="""
                v' + u - I is a parabola of v. How many points of a trace would do, if nothing were
                noisy?
                """,
            run="""
                import numpy as np
                from izhikevich import simulate

                found = simulate("2004", "tonic spiking", current=14, tstop=200)
                slope_v = np.diff(found.v) / np.diff(found.t)
                slope_u = np.diff(found.u) / np.diff(found.t)
                v, u = found.v[:-1], found.u[:-1]
                between = slope_v > 0  # not at a reset
                print(between.sum(), "points", v[between].min(), "to", v[between].max(), "mV")
                """,
            explain="""
                The recording of a real cell has no u. Which of the parameters could still be told?
                """,
            ask="e, f and g, as a list",
            hints=(
                "What is left of v' when u and I are taken away: slope_v + u - 14.",
                "`np.polyfit(x, y, 2)` gives the three coefficients of a parabola.",
                "The last point before a reset was cut at the peak: leave out v above 0.",
            ),
            solution="""
                good = between & (v < 0) & (found.v[1:] < 0)
                answer = np.polyfit(v[good], (slope_v + u - 14)[good], 2)
                """,
            right=_parabola,
        ),
        Task(
            predict="u' = a (b v - u): how many unknowns, and how many columns of data?",
            run="""
                columns = np.column_stack([found.v[1:], u])
                print(columns.shape)
                """,
            explain="Which parameters does the reset tell at once, without any fit?",
            ask="a and b, as a list",
            hints=(
                "u' = (a b) v - a u is linear in a b and a.",
                "`np.linalg.lstsq(columns[between], slope_u[between], rcond=None)[0]`",
                "The first number is a b, the second -a.",
            ),
            solution="""
                good = between & (found.v[1:] < 0)
                ab, minus_a = np.linalg.lstsq(columns[good], slope_u[good], rcond=None)[0]
                answer = [-minus_a, -ab / minus_a]
                """,
            right=_recovery,
        ),
        Task(
            predict="""
                Only v, and the current, of an RS cell: the fit tries thousands of cells. Which
                parameters will it find well, which badly?
                """,
            run="""
                import tempfile
                from pathlib import Path
                from izhikevich import Step, Waveform, fit
                from izhikevich.fitting.reading import read

                steps = Waveform(0, (Step(100, 70), Step(600, 0), Step(800, 120), Step(1300, 0)))
                cell = simulate("2007", "RS", current=steps, tstop=1500)
                table = np.column_stack([cell.t, cell.i, cell.v])
                file = Path(tempfile.mkdtemp()) / "rs.csv"
                np.savetxt(file, table, delimiter=",", header="t,current,v", comments="")

                fitted = fit(read(file), generations=20, candidates=40, starts=2)
                for name, value in fitted.parameters.items():
                    print(name, value, "equally good:", fitted.spread[name])
                """,
            explain="""
                Where the interval of equally good values is wide, the recording does not tell. What
                stimulus would?
                """,
            ask="vr, vt and c of the fitted cell, in mV, as a list",
            hints=("`fitted.parameters` is a dict: `fitted.parameters['vr']`.",),
            solution='answer = [fitted.parameters[name] for name in ("vr", "vt", "c")]',
            right=_regular_spiking,
            tolerance=0.05,
        ),
    ),
    questions=(
        Question(
            "Why does `columns` have the new v and the old u?",
            """
            In the published rule u is stepped after v, from the new v (lesson 13); with the old v
            the fit would be about a tenth off.
            """,
        ),
    ),
)
