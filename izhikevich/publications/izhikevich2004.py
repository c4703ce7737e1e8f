"""Fig. 1 of the 2004 paper: the twenty features that a spiking neuron may have."""

from __future__ import annotations

from izhikevich.models import QUADRATIC
from izhikevich.publications.base import CellType, Explanation, Publication, after, at
from izhikevich.waveforms import Ramp, Waveform


def _type(
    panel: str,
    key: str,
    *,
    parameters: dict[str, float],
    v0: float,
    current: Waveform,
    tstop: float,
    dt: float,
    spikes: tuple[int, int | None],
    explanation: Explanation,
    label: str = "",
    button: str = "",
    u0: float | None = None,
) -> CellType:
    """An entry; what is not given of the parameters is the paper's usual quadratic."""
    label = label or key
    return CellType(
        paper="2004",
        key=key,
        model=QUADRATIC,
        label=label,
        panel=panel,
        figure="Fig. 1",
        parameters=QUADRATIC.complete(parameters),
        v0=v0,
        u0=u0,
        tstop=tstop,
        dt=dt,
        currents=(current,),
        spikes_published=(spikes[0],),
        spikes_exact=(spikes[1],),
        explanation=explanation,
        button=f"{panel}  {button or label}",
        title=f"({panel}) {label}",
    )


# one line a figure reads better than the same numbers wrapped
# fmt: off
_TYPES = (
    _type("A", "tonic spiking",
        parameters=dict(a=0.02, b=0.2, c=-65, d=6), v0=-70,
        current=Waveform(0, (after(10, 14),)), tstop=100, dt=0.25,
        spikes=(5, 5),
        explanation=Explanation(
            "It fires as long as the current lasts.",
            "The rest is lost at {hopf}, and above {saddle_node} the nullclines do not even meet: "
            "nothing holds the cell, and it must fire.",
            "I1 below {hopf} by a hundredth of a unit, with a tstop ten times as long: it still fires, "
            "although it could rest. Below by a tenth, one spike is all.",
        )),

    _type("B", "phasic spiking",
        parameters=dict(a=0.02, b=0.25, c=-65, d=6), v0=-64,
        current=Waveform(0, (after(20, 0.5),)), tstop=200, dt=0.25,
        spikes=(1, 1),
        explanation=Explanation(
            "One spike at the onset, then rest although the current goes on.",
            "The rest moves at once, u follows slowly. The step leaves the cell beyond the stable "
            "manifold of the saddle although the new rest at {rest_during} is stable: {during} is "
            "less than {hopf}.",
            "raise I1 to {hopf}, with a tstop ten times as long: the spikes go on, from a little "
            "below it already.",
        )),

    _type("C", "tonic bursting",
        parameters=dict(a=0.02, b=0.2, c=-50, d=2), v0=-70,
        current=Waveform(0, (after(22, 15),)), tstop=220, dt=0.25,
        spikes=(28, 29),
        explanation=Explanation(
            "Bursts for as long as the current lasts.",
            "The reset lands to the right of the parabola's knee: spike follows spike, and each "
            "lifts u by d, until a reset lands inside and the cell goes the long way round.",
            "lower c step by step: where does bursting turn into tonic spiking?",
        )),

    _type("D", "phasic bursting",
        parameters=dict(a=0.02, b=0.25, c=-55, d=0.05), v0=-64,
        current=Waveform(0, (after(20, 0.6),)), tstop=200, dt=0.2,
        spikes=(6, 8),
        explanation=Explanation(
            "One burst at the onset, then rest.",
            "As in phasic spiking the rest at {rest_during} stays stable; the high reset and the "
            "tiny d give several spikes before u catches up.",
            "raise d: the burst becomes shorter, and in the end one spike.",
        )),

    _type("E", "mixed mode",
        parameters=dict(a=0.02, b=0.2, c=-55, d=4), v0=-70,
        current=Waveform(0, (after(16, 10),)), tstop=160, dt=0.25,
        spikes=(6, 7),
        explanation=Explanation(
            "A burst first, single spikes after it.",
            "At the onset u is low and the resets land outside of the parabola; after a few d "
            "they land inside, and each spike takes a whole round.",
            "lower c for tonic spiking, raise it for tonic bursting.",
        )),

    _type("F", "spike frequency adaptation", button="spike freq. adaptation",
        parameters=dict(a=0.01, b=0.2, c=-65, d=8), v0=-70,
        current=Waveform(0, (after(8.5, 30),)), tstop=85, dt=0.25,
        spikes=(6, 6),
        explanation=Explanation(
            "The intervals grow.",
            "A small a: u decays so slowly that each spike's d adds to what the last one left.",
            "raise a, and the intervals become equal.",
        )),

    _type("G", "Class 1", label="class 1 excitability", button="class 1",
        parameters=dict(a=0.02, b=-0.1, c=-55, d=6, e=0.04, f=4.1, g=108), v0=-60,
        current=Waveform(0, ramps=(Ramp(30, 300, 0, 20.25),)), tstop=300, dt=0.25,
        spikes=(10, 10),
        explanation=Explanation(
            "The ramp makes the rate rise smoothly from near zero.",
            "Rest and saddle meet and vanish at {saddle_node} without ringing first. Just above, "
            "the trajectory lingers where they were, for as long as you like.",
            "a constant I0 = I1 just above {saddle_node}, with a tstop of some seconds: the "
            "intervals grow without bound as you come near.",
        )),

    _type("H", "Class 2", label="class 2 excitability", button="class 2",
        parameters=dict(a=0.2, b=0.26, c=-65, d=0), v0=-64,
        current=Waveform(-0.5, ramps=(Ramp(30, 300, -0.5, 3.55),)), tstop=300, dt=0.25,
        spikes=(14, 18),
        explanation=Explanation(
            "Nothing, and then a high rate at once.",
            "The rest, a focus, loses its stability at {hopf}, before it meets the saddle at "
            "{saddle_node}: firing begins at a definite rate.",
            "a constant I0 = I1 around {hopf}, with a long tstop: no current gives a slow rate.",
        )),

    _type("I", "spike latency",
        parameters=dict(a=0.02, b=0.2, c=-65, d=6), v0=-70,
        current=Waveform(0.0, (after(10, 7.04), at(13, 0.0))), tstop=100, dt=0.2,
        spikes=(1, 1),
        explanation=Explanation(
            "The pulse is long over when the spike comes.",
            "The pulse carries the cell just beyond the stable manifold of the saddle, close to the "
            "right branch of the v-nullcline, where v hardly moves; to the saddle itself, at {saddle}, "
            "it does not come near.",
            "the exact scheme: where v hardly moves a small difference becomes a long time.",
        )),

    _type("J", "subthreshold oscillations", button="subthreshold osc.",
        parameters=dict(a=0.05, b=0.26, c=-60, d=0), v0=-62,
        current=Waveform(0.0, (after(20, 2), at(25, 0.0))), tstop=200, dt=0.25,
        spikes=(1, 1),
        explanation=Explanation(
            "After the spike the voltage rings.",
            "The rest at {rest} is a focus: the trajectory spirals into it with a period of "
            "{period}.",
            "lower b until the period is gone: the focus becomes a node.",
        )),

    _type("K", "resonator",
        parameters=dict(a=0.1, b=0.26, c=-60, d=-1), v0=-62,
        current=Waveform(0.0, (after(40, 0.65), at(44, 0.0), after(60, 0.65), at(64, 0.0), after(280, 0.65), at(284, 0.0), after(320, 0.65), at(324, 0.0))), tstop=400, dt=0.25,
        spikes=(1, 1),
        explanation=Explanation(
            "Of two equal pairs of pulses only one makes it fire.",
            "Each pulse sets off ringing about the rest at {rest}, of period {period}. A second "
            "one helps only if it comes in step.",
            "change T1 and other times of pulses by a script: see where a pair works.",
        )),

    _type("L", "integrator",
        parameters=dict(a=0.02, b=-0.1, c=-55, d=6, e=0.04, f=4.1, g=108), v0=-60,
        current=Waveform(0.0, (after(9.090909090909092, 9), at(11.090909090909092, 0.0), after(14.090909090909092, 9), at(16.090909090909093, 0.0), after(70, 9), at(72, 0.0), after(80, 9), at(82, 0.0))), tstop=100, dt=0.25,
        spikes=(1, 1),
        explanation=Explanation(
            "Only the close pair of pulses makes it fire.",
            "The rest at {rest} is a node: between the pulses the voltage just falls back, so the "
            "sooner the second comes, the better.",
            "a constant I0 = I1 just above {saddle_node}, with a tstop of some seconds: it fires "
            "slowly, as a class 1 cell does.",
        )),

    _type("M", "rebound spike",
        parameters=dict(a=0.03, b=0.25, c=-60, d=4), v0=-64,
        current=Waveform(0.0, (after(20, -15), at(25, 0.0))), tstop=200, dt=0.2,
        spikes=(1, 1),
        explanation=Explanation(
            "It fires after inhibition has ended.",
            "Inhibition moves the rest to {rest_during} and lets u fall; released, the cell lies "
            "beyond the stable manifold of the saddle at {saddle} and is swept up.",
            "make the inhibition weaker or shorter by hand (I0, I1, T1), until no spike follows.",
        )),

    _type("N", "rebound burst",
        parameters=dict(a=0.03, b=0.25, c=-52, d=0), v0=-64,
        current=Waveform(0.0, (after(20, -15), at(25, 0.0))), tstop=200, dt=0.2,
        spikes=(7, 14),
        explanation=Explanation(
            "A burst after inhibition.",
            "As in the rebound spike; with d of nothing and a high c the resets land right of the "
            "knee until u itself has risen.",
            "raise d: the burst becomes a spike.",
        )),

    _type("O", "threshold variability",
        parameters=dict(a=0.03, b=0.25, c=-60, d=4), v0=-64,
        current=Waveform(0, (after(10, 1), at(15, 0), after(70, -6), at(75, 0), after(80, 1), at(85, 0))), tstop=100, dt=0.25,
        spikes=(1, 1),
        explanation=Explanation(
            "The same pulse fails alone and fires the cell after inhibition.",
            "The threshold is no voltage but a curve, the stable manifold of the saddle at {saddle}: "
            "inhibition lets u fall, and a lower u needs less v.",
            "the phase plane: find the trajectory of either pulse, and compare their u.",
        )),

    _type("P", "bistability",
        parameters=dict(a=0.1, b=0.26, c=-60, d=0), v0=-61,
        current=Waveform(0.24, (after(37.5, 1.24), at(42.5, 0.24), after(216, 1.24), at(221, 0.24))), tstop=300, dt=0.25,
        spikes=(5, 7),
        explanation=Explanation(
            "A pulse switches firing on; a second one, well timed, switches it off.",
            "At {before} a stable rest at {rest} and repeated firing exist side by side. In the "
            "published rule the second pulse throws the cell back to the rest.",
            "the exact scheme: the same pulse no longer switches it off.",
        )),

    _type("Q", "Depolarizing afterpotential", label="depolarizing afterpotential", button="depolarizing afterpot.",
        parameters=dict(a=1, b=0.2, c=-60, d=-21), v0=-70,
        current=Waveform(0.0, (after(9, 20), at(11, 0.0))), tstop=50, dt=0.1,
        spikes=(1, 8),
        explanation=Explanation(
            "In the published rule a hump follows the spike instead of a dip.",
            "A negative d makes u fall at the reset, to below the v-nullcline; a large a brings "
            "it back before the next spike, in steps of the published size. Rest and firing exist "
            "side by side here.",
            "the exact scheme: the hump grows into repeated firing.",
        )),

    _type("R", "accomodation", label="accommodation",
        parameters=dict(a=0.02, b=1, c=-55, d=4, vu=-65, uleak=0), v0=-65, u0=-16,
        current=Waveform(0, ramps=(Ramp(0, 200, 0, 8), Ramp(300, 312.5, 0, 4))), tstop=400, dt=0.5,
        spikes=(1, 1),
        explanation=Explanation(
            "A slow ramp does nothing, a steep one to half its height makes it fire.",
            "The u-nullcline stands upright: the rest is {rest} at any current. A slow ramp gives "
            "u the time to follow it.",
            "lower a: u follows less quickly, and the slow ramp fires the cell, too.",
        )),

    _type("S", "inhibition-induced spiking", button="inh.-ind. spiking",
        parameters=dict(a=-0.02, b=-1, c=-60, d=8), v0=-63.8,
        current=Waveform(80, (at(50, 75), after(250, 80))), tstop=350, dt=0.5,
        spikes=(3, 4),
        explanation=Explanation(
            "It fires during inhibition and is silent without.",
            "With a negative a the rest at {rest} is stable only from {hopf} to {saddle_node}; "
            "{during} is below.",
            "a current by hand just above {hopf}: silence; half a unit below it fires on.",
        )),

    _type("T", "inhibition-induced bursting", button="inh.-ind. bursting",
        parameters=dict(a=-0.026, b=-1, c=-45, d=-2), v0=-63.8,
        current=Waveform(80, (at(50, 75), after(250, 80))), tstop=350, dt=0.5,
        spikes=(12, None),
        explanation=Explanation(
            "It bursts during inhibition.",
            "As in inhibition-induced spiking, {during} is below {hopf}; a negative d and a high "
            "c make bursts of it, which only the steps of the published rule end.",
            "the exact scheme: u runs away, and the status line says when.",
        )),
)
# fmt: on

PUBLICATION = Publication(
    name="2004",
    author="Izhikevich (2004)",
    citation="Izhikevich (2004) Which model to use for cortical spiking neurons?, Fig. 1",
    reference='E. M. Izhikevich, "Which model to use for cortical spiking neurons?", IEEE Trans. '
    "Neural Networks 15(5):1063-1070, 2004.",
    types=_TYPES,
    columns=4,
    scale_bar=20.0,
)
