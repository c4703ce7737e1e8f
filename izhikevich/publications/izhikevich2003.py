"""Fig. 2 of the 2003 paper: eight types of cortical and thalamic neurons."""

from __future__ import annotations

from izhikevich.models import QUADRATIC
from izhikevich.publications.base import CellType, Explanation, Publication, after, at
from izhikevich.waveforms import Waveform


def _type(
    panel: str,
    key: str,
    *,
    parameters: dict[str, float],
    v0: float,
    current: Waveform,
    tstop: float,
    dt: float,
    spikes: tuple[int, int],
    explanation: Explanation,
) -> CellType:
    """An entry; what is not given of the parameters is the paper's usual quadratic."""
    return CellType(
        paper="2003",
        key=key,
        model=QUADRATIC,
        label=key,
        panel=panel,
        figure="Fig. 2",
        parameters=QUADRATIC.complete(parameters),
        v0=v0,
        u0=None,
        tstop=tstop,
        dt=dt,
        currents=(current,),
        spikes_published=(spikes[0],),
        spikes_exact=(spikes[1],),
        explanation=explanation,
    )


# one line a figure reads better than the same numbers wrapped
# fmt: off
_TYPES = (
    _type("RS", "regular spiking (RS)",
        parameters=dict(a=0.02, b=0.2, c=-65, d=8), v0=-63,
        current=Waveform(0, (after(15, 14),)), tstop=150, dt=0.25,
        spikes=(5, 6),
        explanation=Explanation(
            "The first interval is short, the later ones are long: the rate adapts.",
            "No rest is left above {saddle_node}, so it fires; each spike adds d to u, which has "
            "to decay before the next.",
            "make d smaller: there is less for u to lose before the next spike, and the rate rises.",
        )),

    _type("IB", "intrinsically bursting (IB)",
        parameters=dict(a=0.02, b=0.2, c=-55, d=4), v0=-70,
        current=Waveform(0, (after(15, 11),)), tstop=150, dt=0.25,
        spikes=(7, 7),
        explanation=Explanation(
            "A burst at the onset, then single spikes.",
            "A high reset c lands the first spikes outside of the parabola, so they follow at "
            "once, until u has grown by several d and they land inside.",
            "lower c: the first spikes move apart, and the burst is gone.",
        )),

    _type("CH", "chattering (CH)",
        parameters=dict(a=0.02, b=0.2, c=-50, d=2), v0=-70,
        current=Waveform(0, (after(15, 10),)), tstop=150, dt=0.25,
        spikes=(15, 17),
        explanation=Explanation(
            "Bursts of close spikes, again and again.",
            "The reset c lies far to the right of the knee and d is small: several resets pass "
            "before u is so high that the cell has to go round the left side of the parabola.",
            "raise d, and the bursts get shorter.",
        )),

    _type("FS", "fast spiking (FS)",
        parameters=dict(a=0.1, b=0.2, c=-65, d=2), v0=-70,
        current=Waveform(0, (after(15, 10),)), tstop=150, dt=0.25,
        spikes=(15, 19),
        explanation=Explanation(
            "A high rate, steady after a few spikes.",
            "A large a: u loses half of what a spike added before the next one comes, so only the "
            "last few spikes count, and the intervals settle soon.",
            "lower a, and the rate adapts more and for longer.",
        )),

    _type("TC", "thalamo-cortical (TC)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=0.05), v0=-63,
        current=Waveform(0, (after(30, 1.5),)), tstop=150, dt=0.25,
        spikes=(4, 6),
        explanation=Explanation(
            "A weak current from rest: tonic firing, whose intervals grow.",
            "The rest at {rest} is lost at {hopf}. A tiny d hardly delays the next spike, but between "
            "the spikes u rises along b v towards its balance, and the cell slows down.",
            "a strong negative I0 that ends at T1: the burst of the next type.",
        )),

    _type("TC burst", "thalamo-cortical burst (TC)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=0.05), v0=-87,
        current=Waveform(-25, (after(45, 0),)), tstop=150, dt=0.25,
        spikes=(5, 7),
        explanation=Explanation(
            "The end of inhibition, not a stimulus, sets off a burst.",
            "At {before} the rest is at {rest} with a low u. When the inhibition ends, u is still "
            "low: the cell is far below the v-nullcline and is swept to the right.",
            "make the inhibition weaker (I0), and the burst gets shorter; the weakest does not "
            "even silence the cell, which is started far from its rest.",
        )),

    _type("RZ", "resonator (RZ)",
        parameters=dict(a=0.1, b=0.26, c=-65, d=2), v0=-70,
        current=Waveform(-2, (after(10, -0.5), after(60, 10), at(65, -0.5))), tstop=100, dt=0.25,
        spikes=(2, 2),
        explanation=Explanation(
            "The voltage rings after each step before it rests, or fires.",
            "The rest at {rest} is a focus (period {period}), lost by an Andronov-Hopf "
            "bifurcation at {hopf}.",
            "lower b until the focus becomes a node: the ringing is gone.",
        )),

    _type("LTS", "low-threshold spiking (LTS)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=2), v0=-63,
        current=Waveform(0, (after(25, 10),)), tstop=250, dt=0.25,
        spikes=(18, 20),
        explanation=Explanation(
            "A high rate that adapts, from a cell that fires easily.",
            "A large b brings the nullclines close together: {hopf} is enough to take the rest "
            "away.",
            "lower b: it takes more current to fire the cell.",
        )),
)
# fmt: on

PUBLICATION = Publication(
    name="2003",
    author="Izhikevich (2003)",
    citation="Izhikevich (2003) Simple model of spiking neurons, Fig. 2",
    reference='E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks '
    "14(6):1569-1572, 2003.",
    types=_TYPES,
    columns=4,
    scale_bar=40.0,
)
