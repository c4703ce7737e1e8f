"""Chapter 8 of the book: seven types of neurons, two of them in burst mode as well.

The equation of u of the thalamocortical cell (p. 305) is read in two ways, b (v - vr) with
vr = -60 mV and b (v + 65), and neither gives the printed figure to the last spike; so each type of
it is there in both readings.
"""

from __future__ import annotations

from izhikevich.models import BOOK
from izhikevich.publications.base import CellType, Explanation, Publication, at
from izhikevich.waveforms import Waveform


def _type(
    key: str,
    cell: str,
    figure: str,
    *,
    parameters: dict[str, float],
    currents: tuple[float, ...],
    tstop: float,
    spikes: tuple[tuple[int, ...], tuple[int, ...]],
    explanation: Explanation,
    conditioning: tuple[float, float] | None = None,
    reading: str = "",
) -> CellType:
    """An entry, with a trace for each current from rest.

    The step of 0.25 ms is that of the script in ModelDB 39948; the listing in the book has 1 ms.

    The mode comes last in `label`, so that the types of one figure have the rest in common.
    """
    waveforms = tuple(
        Waveform(amplitude)
        if conditioning is None
        else Waveform(conditioning[0], (at(conditioning[1], amplitude),))
        for amplitude in currents
    )
    return CellType(
        paper="2007",
        key=key,
        model=BOOK,
        label=cell if conditioning is None else f"{cell}, burst mode",
        panel=key,
        figure=f"Fig. {figure}",
        parameters=parameters,
        v0=None,
        u0=None,
        tstop=tstop,
        dt=0.25,
        currents=waveforms,
        amplitudes=currents,
        conditioning=conditioning,
        spikes_published=spikes[0],
        spikes_exact=spikes[1],
        explanation=explanation,
        button=key.replace("_", " "),
        title=key.replace("_", " "),
        reading=reading,
    )


_THALAMOCORTICAL = dict(
    C=2.0, k=1.6, vr=-60, vt=-50, vpeak=35, a=0.01, b=15, c=-60, d=10, celltype=6
)
_FROM_VR = "ModelDB 39948's, U(v) = b (v - vr), which jumps where b changes"
_FROM_65 = "U(v) = b (v + 65), continuous where b changes"

# one line a figure reads better than the same numbers wrapped
# fmt: off
_TYPES = (
    _type("RS", "layer 5 regular spiking pyramidal cell", "8.12",
        parameters=dict(C=1.0, k=0.7, vr=-60, vt=-40, vpeak=35, a=0.03, b=-2, c=-50, d=100, celltype=1),
        currents=(60, 70, 85, 100), tstop=520,
        spikes=((2, 3, 5, 7), (2, 3, 5, 7)),
        explanation=Explanation(
            "Intervals grow little after the first.",
            "Saddle-node at {saddle_node}: a class 1 integrator. The large d keeps the rate low.",
            "currents just above {saddle_node}, with a tstop of some seconds: the rate falls without "
            "bound.",
        )),

    _type("IB", "layer 5 intrinsically bursting pyramidal cell", "8.19",
        parameters=dict(C=1.5, k=1.2, vr=-75, vt=-45, vpeak=50, a=0.01, b=5, c=-56, d=130, celltype=2),
        currents=(290, 370, 500, 550), tstop=600,
        spikes=((0, 3, 8, 9), (0, 3, 8, 10)),
        explanation=Explanation(
            "A doublet or burst at the onset, then single spikes.",
            "The reset c lies near the knee: with a low u it lands outside, later inside.",
            "a current just above {hopf}, with a tstop of some seconds: slow single spikes.",
        )),

    _type("CH", "chattering cell, cat primary visual cortex", "8.23",
        parameters=dict(C=0.5, k=1.5, vr=-60, vt=-40, vpeak=25, a=0.03, b=1, c=-40, d=150, celltype=3),
        currents=(200, 300, 400, 600), tstop=210,
        spikes=((5, 9, 12, 22), (6, 9, 13, 23)),
        explanation=Explanation(
            "Bursts of close spikes, for as long as the current lasts.",
            "The reset c lies to the right of the knee: a reset lands outside until u has grown.",
            "lower c: tonic spiking.",
        )),

    _type("LTS", "low-threshold spiking interneuron, rat barrel cortex", "8.25",
        parameters=dict(C=1.0, k=1.0, vr=-56, vt=-42, vpeak=40, a=0.03, b=8, c=-53, d=20, celltype=4),
        currents=(100, 125, 200, 300), tstop=320,
        spikes=((1, 4, 9, 21), (1, 4, 10, 22)),
        explanation=Explanation(
            "The peaks get lower and the resets higher during the train.",
            "Peak and reset depend on u here, so that the spike changes its shape as u grows.",
            "a current a twentieth below {hopf}: one spike, and then rest. A hundredth below it the "
            "firing goes on.",
        )),

    _type("FS", "fast-spiking interneuron, rat visual cortex, layer 5", "8.27",
        parameters=dict(C=0.2, k=1.0, vr=-55, vt=-40, vpeak=25, a=0.2, b=-2, c=-45, d=-55, celltype=5),
        currents=(73.2, 100, 200, 400), tstop=100,
        spikes=((2, 4, 8, 13), (2, 5, 8, 16)),
        explanation=Explanation(
            "A high rate, reached at once.",
            "U(v) is flat, then a steep cubic: there is no saddle-node at all, the rest is lost "
            "at {hopf}.",
            "currents around {hopf}, with a tstop of a second: the cell cannot fire slowly.",
        )),

    _type("TC", "thalamocortical relay cell, cat dorsal LGN", "8.31",
        parameters=_THALAMOCORTICAL,
        currents=(50, 100, 150), tstop=650, reading=_FROM_VR,
        spikes=((3, 11, 17), (3, 11, 17)),
        explanation=Explanation(
            "Tonic firing from rest.",
            "Above the jump of U(v) u hardly moves: the cell fires like an integrator from "
            "{saddle_node} on.",
            "the burst mode: the same cell after inhibition.",
        )),

    _type("TC_burst", "thalamocortical relay cell, cat dorsal LGN", "8.31",
        parameters=_THALAMOCORTICAL,
        conditioning=(-1200, 120),
        currents=(0, 50, 100), tstop=770, reading=_FROM_VR,
        spikes=((6, 11, 18), (6, 11, 18)),
        explanation=Explanation(
            "A burst when inhibition ends, the first spikes the smallest.",
            "At {before} it rests at {rest}, where U(v) is steep and u deeply negative; released, "
            "it fires until u is back.",
            "weaken the inhibition (I0): the burst gets shorter, until nothing is left of it.",
        )),

    _type("TC_vu65", "thalamocortical relay cell, cat dorsal LGN, U = b (v + 65)", "8.31",
        parameters=_THALAMOCORTICAL | dict(vu=-65),
        currents=(50, 100, 150), tstop=650, reading=_FROM_65,
        spikes=((3, 11, 17), (3, 11, 17)),
        explanation=Explanation(
            "Tonic firing from rest, spike for spike as in the other reading.",
            "v stays above the corner of U(v), where U is zero in both readings: the cell fires "
            "like an integrator from {saddle_node} on.",
            "the burst mode, where the readings part.",
        )),

    _type("TC_burst_vu65", "thalamocortical relay cell, cat dorsal LGN, U = b (v + 65)", "8.31",
        parameters=_THALAMOCORTICAL | dict(vu=-65),
        conditioning=(-1200, 120),
        currents=(0, 50, 100), tstop=770, reading=_FROM_65,
        spikes=((4, 9, 16), (4, 9, 16)),
        explanation=Explanation(
            "A burst when inhibition ends, of fewer spikes than in the other reading.",
            "At {before} it rests at {rest}, with u below zero, but less far than where U(v) starts "
            "from vr: it takes fewer spikes to bring u back.",
            "inhibition for a longer time (T1, tstop): u comes nearer to its rest, and the burst "
            "grows.",
        )),

    _type("RTN", "reticular thalamic nucleus cell, rat", "8.32",
        parameters=dict(C=0.4, k=0.25, vr=-65, vt=-45, vpeak=0, a=0.015, b=10, c=-55, d=50, celltype=7),
        currents=(50, 70, 110), tstop=650,
        spikes=((4, 6, 11), (4, 6, 11)),
        explanation=Explanation(
            "A short first interval, then a steady rate.",
            "U(v) has a corner: above it the rest is lost at {hopf}, just before {saddle_node}.",
            "a current a twentieth below {hopf}: one spike, and then rest. A hundredth below it the "
            "firing goes on.",
        )),

    _type("RTN_burst", "reticular thalamic nucleus cell, rat", "8.32",
        parameters=dict(C=0.4, k=0.25, vr=-65, vt=-45, vpeak=0, a=0.015, b=10, c=-55, d=50, celltype=7),
        conditioning=(-350, 120),
        currents=(30, 50, 90), tstop=840,
        spikes=((3, 6, 12), (3, 6, 12)),
        explanation=Explanation(
            "A burst when inhibition ends, then a slow rate.",
            "At {before} u has fallen far below the other branch of U(v); it takes the burst to "
            "bring it back.",
            "weaken the inhibition (I0): fewer spikes follow, and in the end none.",
        )),
)
# fmt: on

PUBLICATION = Publication(
    name="2007",
    author="Izhikevich (2007)",
    citation="Izhikevich (2007) Dynamical Systems in Neuroscience, chapter 8",
    reference="E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8.",
    types=_TYPES,
    columns=3,
)
