"""A publication that the package does not know: two cells with the book's equations.

Importing this module registers nothing; see `izhikevich.catalog.register`.
"""

from __future__ import annotations

from izhikevich.models import BOOK
from izhikevich.publications import CellType, Publication
from izhikevich.waveforms import Step, Waveform

NAME = "striatum"

#: 50 v' = (v + 80)(v + 25) - u + I,  u' = 0.01 (-20 (v + 80) - u),  v > 40: v = -55, u = u + 150
SPINY = dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150, celltype=1)
QUICK = {**SPINY, "d": 50}
#: The figure of the quick one has several currents, pA.
AMPLITUDES = (400.0, 500.0)


def _type(
    key: str,
    parameters: dict[str, float],
    tstop: float,
    currents: tuple[Waveform, ...],
    amplitudes: tuple[float, ...] = (),
) -> CellType:
    return CellType(
        paper=NAME,
        key=key,
        model=BOOK,
        label=f"{key} neuron",
        panel=key,
        figure="Fig. 1",
        parameters=parameters,
        v0=None,
        u0=None,
        tstop=tstop,
        dt=0.25,
        currents=currents,
        amplitudes=amplitudes,
    )


FOURTH = Publication(
    name=NAME,
    author="Fourth (2024)",
    citation="Fourth (2024) Two cells of the striatum",
    reference="A. Fourth, Two cells of the striatum, 2024.",
    types=(
        _type("spiny", SPINY, 1000.0, (Waveform(0.0, (Step(50.0, 450.0),)),)),
        _type("quick spiny", QUICK, 600.0, tuple(map(Waveform, AMPLITUDES)), AMPLITUDES),
    ),
    columns=2,
)
