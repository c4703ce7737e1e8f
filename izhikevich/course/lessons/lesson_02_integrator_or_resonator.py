"""Lesson 2: integrator or resonator."""

from __future__ import annotations

import numpy as np

from izhikevich.course import reference
from izhikevich.course.lesson import Lesson, Question, Step, Task, shows
from izhikevich.waveforms import Step as Edge
from izhikevich.waveforms import Waveform


def _period() -> float:
    return float(2 * np.pi / np.abs(np.linalg.eigvals(reference.jacobian("resonator")).imag[0]))


def _fires(gap: float) -> bool:
    edges = ((20, 0.65), (24, 0), (20 + gap, 0.65), (24 + gap, 0))
    pair = Waveform(0, tuple(Edge(*edge) for edge in edges))
    v0, u0 = reference.rest("resonator")
    return bool(len(reference.published("resonator", 200, pair, v0=v0, u0=u0).spikes))


def _gaps() -> list[int]:
    return [gap for gap in (20, 30, 40, 60) if _fires(gap)]


LESSON = Lesson(
    number=2,
    key="integrator_or_resonator",
    title="integrator or resonator",
    minutes=45,
    level="first course in computational neuroscience",
    before=(
        "lesson 1",
        "eigenvalues of a matrix of two rows",
    ),
    goal="""
        See that an integrator wants inputs close together, and a resonator wants them in step
        with its own ringing.
        """,
    steps=(
        Step(
            """
            Choose the model *2004 PP* and *integrator*, and read when it fires: I(t) shows
            two pairs of pulses.
            """,
            shows("2004", "integrator"),
        ),
        Step(
            """
            Choose *resonator* and do the same. Find the fixed point in the phase plane in
            both cases.
            """,
            shows("2004", "resonator"),
        ),
        Step(
            """
            Switch *slow motion* on for the resonator, and follow the point between two
            pulses.
            """,
            shows("2004", "resonator"),
        ),
        Step("Run the script: it tries pairs of pulses at the gaps of its `GAPS`."),
    ),
    tasks=(
        Task(
            predict="""
                A small push, and the resonator rings. Where would you read the period of the
                ringing: in the parameters, or only in a run?
                """,
            run="""
                from izhikevich.analysis.plane import for_cell_type
                from izhikevich.catalog import cell_type

                for key in ("integrator", "resonator"):
                    for point in for_cell_type(cell_type("2004", key)).fixed_points(0):
                        print(key, point.kind, point.v, point.eigenvalues)
                """,
            explain="What do the real and the imaginary part of an eigenvalue say?",
            ask="""
                the period of the resonator's ringing about its rest at I = 0, in ms
                """,
            hints=("The imaginary part is an angle in radians per ms.", "A turn is 2 pi."),
            solution="""
                rest = for_cell_type(cell_type("2004", "resonator")).fixed_points(0)[0]
                answer = 2 * 3.14159265 / abs(rest.eigenvalues[0].imag)
                """,
            right=_period,
        ),
        Task(
            predict="""
                Pairs of pulses of 0.65 mV/ms and 4 ms, 20, 30, 40 or 60 ms apart: which fire
                the resonator?
                """,
            run="""
                from izhikevich import Step, Waveform, simulate


                def fires(gap, key="resonator", height=0.65, width=4):
                    edges = [(20, height), (20 + width, 0)]
                    edges += [(20 + gap + time, level) for time, level in ((0, height), (width, 0))]
                    pair = Waveform(0, tuple(Step(*edge) for edge in edges))
                    rest = for_cell_type(cell_type("2004", key)).fixed_points(0)[0]
                    start = {"v0": rest.v, "u0": rest.u}
                    found = simulate("2004", key, current=pair, tstop=200, parameters=start)
                    return len(found.spikes) > 0


                print(fires(5), fires(25))
                """,
            explain="Compare the gaps that work with the period.",
            ask="""
                those of the gaps 20, 30, 40 and 60 ms that fire the resonator, as a list
                """,
            hints=("A list of one gap is [5].", "Let the function above try each of the four."),
            solution="answer = [gap for gap in (20, 30, 40, 60) if fires(gap)]",
            right=_gaps,
            tolerance=0,
        ),
    ),
    questions=(
        Question(
            "Which pair makes each of them fire?",
            """
            The integrator fires at 20.25 ms, after the close pair; the resonator at 338.25
            ms, after the last pair, whose pulses lie 40 ms apart.
            """,
        ),
        Question(
            """
            What is the period of the resonator's ringing, and how does it follow from the
            fixed point?
            """,
            """
            Measured 41.0 ms; two pi over the imaginary part of the eigenvalues gives 41.0
            ms. The integrator's rest is a stable node: nothing turns round it.
            """,
        ),
        Question(
            "At which gaps does a pair fire the resonator, at which the integrator?",
            """
            Of the gaps tried, the integrator fires at 5 ms alone. The resonator fires at 5,
            10, 40, 50 ms, not at those between: a second pulse helps in the first part of a
            turn or when a whole turn is over, and is wasted half a turn after the first.
            """,
        ),
    ),
    derivation=r"""
    Near a rest a deviation follows the matrix of slopes
    $\begin{pmatrix} 2 e v + f & -1 \\ a b & -a \end{pmatrix}$, whose eigenvalues are
    $(T \pm \sqrt{T^2 - 4 D}) / 2$ with the trace $T = 2 e v + f - a$ and the determinant
    $D = a (b - 2 e v - f)$. $D < 0$: a saddle. $T < 0 < D$: a stable rest, which rings where
    $T^2 < 4 D$, with the period $4 \pi / \sqrt{4 D - T^2}$. $T = 0 < D$: Andronov-Hopf.
    """,
    has_script=True,
)
