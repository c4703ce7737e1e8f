"""Every published cell type of Izhikevich's 2003, 2004 and 2007 models: the one description.

Buttons, figures, tests and documentation tables are derived from the entries below; one more
cell type is one more entry.

Sources
-------
2003
    E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
    14(6):1569-1572, 2003, Fig. 2.
2004
    E. M. Izhikevich, "Which model to use for cortical spiking neurons?", IEEE Trans. Neural
    Networks 15(5):1063-1070, 2004, Fig. 1, panels A to T.
2007
    E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from izhikevich.waveforms import Ramp, Step, Waveform

PAPERS = ("2003", "2004", "2007")

CITATIONS = MappingProxyType(
    {
        "2003": "Izhikevich (2003) Simple model of spiking neurons, Fig. 2",
        "2004": "Izhikevich (2004) Which model to use for cortical spiking neurons?, Fig. 1",
        "2007": "Izhikevich (2007) Dynamical Systems in Neuroscience, chapter 8",
    }
)


class UnknownCellTypeError(KeyError):
    """A paper or key that the catalogue does not hold; the message lists the near ones."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class CellType:
    """One published cell type and the protocol that its figure was drawn with.

    Attributes
    ----------
    paper : str
        "2003", "2004" or "2007".
    key : str
        The name that scripts look the type up by (two keep a historical spelling).
    label : str
        The name for people.
    panel : str
        Panel of the figure ("A" to "T" in 2004); in 2007 the key.
    figure : str
        "Fig. 2", "Fig. 1" or the book's figure, such as "Fig. 8.12".
    parameters : mapping of str to float
        The mechanism's parameters by name. C is in units of 100 pF.
    v0 : float
        Voltage at t = 0, mV; None in 2007, where it is vr.
    u0 : float or None
        Recovery variable at t = 0; None where the model's own start holds (b v0 in 2003 and
        2004, 0 in 2007).
    tstop : float
        Duration of the figure, ms.
    dt : float
        Step of the published rule, ms.
    currents : tuple of Waveform
        One for each trace of the figure (one in 2003 and 2004), mV/ms or pA.
    amplitudes : tuple of float
        For 2007 the test currents, pA, in the order of `currents`; otherwise empty.
    conditioning : tuple of (float, float) or None
        In the burst modes of 2007: hyperpolarising current (pA) and its end (ms).
    spikes_published, spikes_exact : tuple of int
        Spikes of each trace under the published rule and in the exact solution; None where
        the exact solution runs away.
    """

    paper: str
    key: str
    label: str
    panel: str
    figure: str
    parameters: Mapping[str, float]
    v0: float | None
    u0: float | None
    tstop: float
    dt: float
    currents: tuple[Waveform, ...]
    amplitudes: tuple[float, ...]
    conditioning: tuple[float, float] | None
    spikes_published: tuple[int, ...]
    spikes_exact: tuple[int | None, ...]

    @property
    def default_current(self) -> Waveform:
        """The figure's current; in 2007, of several, the strongest."""
        return self.currents[-1]

    def driven_by(self, amplitude: float) -> Waveform:
        """A constant current of `amplitude`, after the conditioning where there is one."""
        if self.conditioning is None:
            return Waveform(amplitude)
        hyperpolarising, end = self.conditioning
        return Waveform(hyperpolarising, (Step(end, amplitude),))


# The quadratic of the 2003 paper and the recovery law of all but the accommodation type.
QUADRATIC_DEFAULTS = MappingProxyType(
    {"e": 0.04, "f": 5.0, "g": 140.0, "vu": 0.0, "uleak": 1.0, "thresh": 30.0}
)


def _after(time: float, amplitude: float) -> Step:
    return Step(time, amplitude, inclusive=False)


def _at(time: float, amplitude: float) -> Step:
    return Step(time, amplitude, inclusive=True)


def _quadratic(
    paper: str,
    panel: str,
    key: str,
    *,
    parameters: dict[str, float],
    v0: float,
    current: Waveform,
    tstop: float,
    dt: float,
    spikes: tuple[int, int | None],
    label: str | None = None,
    u0: float | None = None,
) -> CellType:
    """An entry of 2003 or 2004; what is not given is the paper's usual quadratic."""
    return CellType(
        paper=paper,
        key=key,
        label=label or key,
        panel=panel,
        figure={"2003": "Fig. 2", "2004": "Fig. 1"}[paper],
        parameters=MappingProxyType(
            {name: parameters[name] for name in "abcd"} | QUADRATIC_DEFAULTS | parameters
        ),
        v0=v0,
        u0=u0,
        tstop=tstop,
        dt=dt,
        currents=(current,),
        amplitudes=(),
        conditioning=None,
        spikes_published=(spikes[0],),
        spikes_exact=(spikes[1],),
    )


def _book(
    key: str,
    cell: str,
    figure: str,
    *,
    parameters: dict[str, float],
    currents: tuple[float, ...],
    tstop: float,
    spikes: tuple[tuple[int, ...], tuple[int, ...]],
    conditioning: tuple[float, float] | None = None,
) -> CellType:
    """An entry of the book, where all figures were drawn at 0.25 ms."""
    waveforms = tuple(
        Waveform(amplitude)
        if conditioning is None
        else Waveform(conditioning[0], (Step(conditioning[1], amplitude),))
        for amplitude in currents
    )
    return CellType(
        paper="2007",
        key=key,
        label=cell if conditioning is None else f"{cell}, burst mode",
        panel=key,
        figure=f"Fig. {figure}",
        parameters=MappingProxyType(parameters),
        v0=None,
        u0=None,
        tstop=tstop,
        dt=0.25,
        currents=waveforms,
        amplitudes=currents,
        conditioning=conditioning,
        spikes_published=spikes[0],
        spikes_exact=spikes[1],
    )


# fmt: off
_TYPES_2003 = (
    _quadratic("2003", "RS", "regular spiking (RS)",
        parameters=dict(a=0.02, b=0.2, c=-65, d=8), v0=-63,
        current=Waveform(0, (_after(15, 14),)), tstop=150, dt=0.25,
        spikes=(5, 6)),
    _quadratic("2003", "IB", "intrinsically bursting (IB)",
        parameters=dict(a=0.02, b=0.2, c=-55, d=4), v0=-70,
        current=Waveform(0, (_after(15, 11),)), tstop=150, dt=0.25,
        spikes=(7, 7)),
    _quadratic("2003", "CH", "chattering (CH)",
        parameters=dict(a=0.02, b=0.2, c=-50, d=2), v0=-70,
        current=Waveform(0, (_after(15, 10),)), tstop=150, dt=0.25,
        spikes=(15, 17)),
    _quadratic("2003", "FS", "fast spiking (FS)",
        parameters=dict(a=0.1, b=0.2, c=-65, d=2), v0=-70,
        current=Waveform(0, (_after(15, 10),)), tstop=150, dt=0.25,
        spikes=(15, 19)),
    _quadratic("2003", "TC", "thalamo-cortical (TC)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=0.05), v0=-63,
        current=Waveform(0, (_after(30, 1.5),)), tstop=150, dt=0.25,
        spikes=(4, 6)),
    _quadratic("2003", "TC burst", "thalamo-cortical burst (TC)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=0.05), v0=-87,
        current=Waveform(-25, (_after(45, 0),)), tstop=150, dt=0.25,
        spikes=(5, 7)),
    _quadratic("2003", "RZ", "resonator (RZ)",
        parameters=dict(a=0.1, b=0.26, c=-65, d=2), v0=-70,
        current=Waveform(-2, (_after(10, -0.5), _after(60, 10), _at(65, -0.5))), tstop=100, dt=0.25,
        spikes=(2, 2)),
    _quadratic("2003", "LTS", "low-threshold spiking (LTS)",
        parameters=dict(a=0.02, b=0.25, c=-65, d=2), v0=-63,
        current=Waveform(0, (_after(25, 10),)), tstop=250, dt=0.25,
        spikes=(18, 20)),
)

_TYPES_2004 = (
    _quadratic("2004", "A", "tonic spiking",
        parameters=dict(a=0.02, b=0.2, c=-65, d=6), v0=-70,
        current=Waveform(0, (_after(10, 14),)), tstop=100, dt=0.25,
        spikes=(5, 5)),
    _quadratic("2004", "B", "phasic spiking",
        parameters=dict(a=0.02, b=0.25, c=-65, d=6), v0=-64,
        current=Waveform(0, (_after(20, 0.5),)), tstop=200, dt=0.25,
        spikes=(1, 1)),
    _quadratic("2004", "C", "tonic bursting",
        parameters=dict(a=0.02, b=0.2, c=-50, d=2), v0=-70,
        current=Waveform(0, (_after(22, 15),)), tstop=220, dt=0.25,
        spikes=(28, 29)),
    _quadratic("2004", "D", "phasic bursting",
        parameters=dict(a=0.02, b=0.25, c=-55, d=0.05), v0=-64,
        current=Waveform(0, (_after(20, 0.6),)), tstop=200, dt=0.2,
        spikes=(6, 8)),
    _quadratic("2004", "E", "mixed mode",
        parameters=dict(a=0.02, b=0.2, c=-55, d=4), v0=-70,
        current=Waveform(0, (_after(16, 10),)), tstop=160, dt=0.25,
        spikes=(6, 7)),
    _quadratic("2004", "F", "spike frequency adaptation",
        parameters=dict(a=0.01, b=0.2, c=-65, d=8), v0=-70,
        current=Waveform(0, (_after(8.5, 30),)), tstop=85, dt=0.25,
        spikes=(6, 6)),
    _quadratic("2004", "G", "Class 1", label="class 1 excitability",
        parameters=dict(a=0.02, b=-0.1, c=-55, d=6, e=0.04, f=4.1, g=108), v0=-60,
        current=Waveform(0, ramps=(Ramp(30, 300, 0, 20.25),)), tstop=300, dt=0.25,
        spikes=(10, 10)),
    _quadratic("2004", "H", "Class 2", label="class 2 excitability",
        parameters=dict(a=0.2, b=0.26, c=-65, d=0), v0=-64,
        current=Waveform(-0.5, ramps=(Ramp(30, 300, -0.5, 3.55),)), tstop=300, dt=0.25,
        spikes=(14, 18)),
    _quadratic("2004", "I", "spike latency",
        parameters=dict(a=0.02, b=0.2, c=-65, d=6), v0=-70,
        current=Waveform(0.0, (_after(10, 7.04), _at(13, 0.0))), tstop=100, dt=0.2,
        spikes=(1, 1)),
    _quadratic("2004", "J", "subthreshold oscillations",
        parameters=dict(a=0.05, b=0.26, c=-60, d=0), v0=-62,
        current=Waveform(0.0, (_after(20, 2), _at(25, 0.0))), tstop=200, dt=0.25,
        spikes=(1, 1)),
    _quadratic("2004", "K", "resonator",
        parameters=dict(a=0.1, b=0.26, c=-60, d=-1), v0=-62,
        current=Waveform(0.0, (_after(40, 0.65), _at(44, 0.0), _after(60, 0.65), _at(64, 0.0), _after(280, 0.65), _at(284, 0.0), _after(320, 0.65), _at(324, 0.0))), tstop=400, dt=0.25,
        spikes=(1, 1)),
    _quadratic("2004", "L", "integrator",
        parameters=dict(a=0.02, b=-0.1, c=-55, d=6, e=0.04, f=4.1, g=108), v0=-60,
        current=Waveform(0.0, (_after(9.090909090909092, 9), _at(11.090909090909092, 0.0), _after(14.090909090909092, 9), _at(16.090909090909093, 0.0), _after(70, 9), _at(72, 0.0), _after(80, 9), _at(82, 0.0))), tstop=100, dt=0.25,
        spikes=(1, 1)),
    _quadratic("2004", "M", "rebound spike",
        parameters=dict(a=0.03, b=0.25, c=-60, d=4), v0=-64,
        current=Waveform(0.0, (_after(20, -15), _at(25, 0.0))), tstop=200, dt=0.2,
        spikes=(1, 1)),
    _quadratic("2004", "N", "rebound burst",
        parameters=dict(a=0.03, b=0.25, c=-52, d=0), v0=-64,
        current=Waveform(0.0, (_after(20, -15), _at(25, 0.0))), tstop=200, dt=0.2,
        spikes=(7, 14)),
    _quadratic("2004", "O", "threshold variability",
        parameters=dict(a=0.03, b=0.25, c=-60, d=4), v0=-64,
        current=Waveform(0, (_after(10, 1), _at(15, 0), _after(70, -6), _at(75, 0), _after(80, 1), _at(85, 0))), tstop=100, dt=0.25,
        spikes=(1, 1)),
    _quadratic("2004", "P", "bistability",
        parameters=dict(a=0.1, b=0.26, c=-60, d=0), v0=-61,
        current=Waveform(0.24, (_after(37.5, 1.24), _at(42.5, 0.24), _after(216, 1.24), _at(221, 0.24))), tstop=300, dt=0.25,
        spikes=(5, 7)),
    _quadratic("2004", "Q", "Depolarizing afterpotential", label="depolarizing afterpotential",
        parameters=dict(a=1, b=0.2, c=-60, d=-21), v0=-70,
        current=Waveform(0.0, (_after(9, 20), _at(11, 0.0))), tstop=50, dt=0.1,
        spikes=(1, 8)),
    _quadratic("2004", "R", "accomodation", label="accommodation",
        parameters=dict(a=0.02, b=1, c=-55, d=4, vu=-65, uleak=0), v0=-65, u0=-16,
        current=Waveform(0, ramps=(Ramp(0, 200, 0, 8), Ramp(300, 312.5, 0, 4))), tstop=400, dt=0.5,
        spikes=(1, 1)),
    _quadratic("2004", "S", "inhibition-induced spiking",
        parameters=dict(a=-0.02, b=-1, c=-60, d=8), v0=-63.8,
        current=Waveform(80, (_at(50, 75), _after(250, 80))), tstop=350, dt=0.5,
        spikes=(3, 4)),
    _quadratic("2004", "T", "inhibition-induced bursting",
        parameters=dict(a=-0.026, b=-1, c=-45, d=-2), v0=-63.8,
        current=Waveform(80, (_at(50, 75), _after(250, 80))), tstop=350, dt=0.5,
        spikes=(12, None)),
)

_TYPES_2007 = (
    _book("RS", "layer 5 regular spiking pyramidal cell", "8.12",
        parameters=dict(C=1.0, k=0.7, vr=-60, vt=-40, vpeak=35, a=0.03, b=-2, c=-50, d=100, celltype=1),
        currents=(60, 70, 85, 100), tstop=520,
        spikes=((2, 3, 5, 7), (2, 3, 5, 7))),
    _book("IB", "layer 5 intrinsically bursting pyramidal cell", "8.19",
        parameters=dict(C=1.5, k=1.2, vr=-75, vt=-45, vpeak=50, a=0.01, b=5, c=-56, d=130, celltype=2),
        currents=(290, 370, 500, 550), tstop=600,
        spikes=((0, 3, 8, 9), (0, 3, 8, 10))),
    _book("CH", "chattering cell, cat primary visual cortex", "8.23",
        parameters=dict(C=0.5, k=1.5, vr=-60, vt=-40, vpeak=25, a=0.03, b=1, c=-40, d=150, celltype=3),
        currents=(200, 300, 400, 600), tstop=210,
        spikes=((5, 9, 12, 22), (6, 9, 13, 23))),
    _book("LTS", "low-threshold spiking interneuron, rat barrel cortex", "8.25",
        parameters=dict(C=1.0, k=1.0, vr=-56, vt=-42, vpeak=40, a=0.03, b=8, c=-53, d=20, celltype=4),
        currents=(100, 125, 200, 300), tstop=320,
        spikes=((1, 4, 9, 21), (1, 4, 10, 22))),
    _book("FS", "fast-spiking interneuron, rat visual cortex, layer 5", "8.27",
        parameters=dict(C=0.2, k=1.0, vr=-55, vt=-40, vpeak=25, a=0.2, b=-2, c=-45, d=-55, celltype=5),
        currents=(73.2, 100, 200, 400), tstop=100,
        spikes=((2, 4, 8, 13), (2, 5, 8, 16))),
    _book("TC", "thalamocortical relay cell, cat dorsal LGN", "8.31",
        parameters=dict(C=2.0, k=1.6, vr=-60, vt=-50, vpeak=35, a=0.01, b=15, c=-60, d=10, celltype=6),
        currents=(50, 100, 150), tstop=650,
        spikes=((3, 11, 17), (3, 11, 17))),
    _book("TC_burst", "thalamocortical relay cell, cat dorsal LGN", "8.31",
        parameters=dict(C=2.0, k=1.6, vr=-60, vt=-50, vpeak=35, a=0.01, b=15, c=-60, d=10, celltype=6),
        conditioning=(-1200, 120),
        currents=(0, 50, 100), tstop=770,
        spikes=((6, 11, 18), (6, 11, 18))),
    _book("RTN", "reticular thalamic nucleus cell, rat", "8.32",
        parameters=dict(C=0.4, k=0.25, vr=-65, vt=-45, vpeak=0, a=0.015, b=10, c=-55, d=50, celltype=7),
        currents=(50, 70, 110), tstop=650,
        spikes=((4, 6, 11), (4, 6, 11))),
    _book("RTN_burst", "reticular thalamic nucleus cell, rat", "8.32",
        parameters=dict(C=0.4, k=0.25, vr=-65, vt=-45, vpeak=0, a=0.015, b=10, c=-55, d=50, celltype=7),
        conditioning=(-350, 120),
        currents=(30, 50, 90), tstop=840,
        spikes=((3, 6, 12), (3, 6, 12))),
)
# fmt: on

CATALOG: Mapping[str, Mapping[str, CellType]] = MappingProxyType(
    {
        paper: MappingProxyType({entry.key: entry for entry in entries})
        for paper, entries in (
            ("2003", _TYPES_2003),
            ("2004", _TYPES_2004),
            ("2007", _TYPES_2007),
        )
    }
)


def cell_type(paper: str, key: str) -> CellType:
    """Look a cell type up.

    Parameters
    ----------
    paper : str
        "2003", "2004" or "2007".
    key : str
        A key of the catalogue, such as "tonic spiking" or "RS".

    Returns
    -------
    CellType

    Raises
    ------
    UnknownCellTypeError
        If there is no such entry; the message lists the near ones.
    """
    if paper not in CATALOG:
        raise UnknownCellTypeError(
            f"unknown paper {paper!r}: it is one of {', '.join(map(repr, PAPERS))}"
        )
    entries = CATALOG[paper]
    if key in entries:
        return entries[key]
    raise UnknownCellTypeError(f"unknown cell type {key!r} of {paper}: {_hint(paper, key)}")


def _hint(paper: str, key: Any) -> str:
    """What a person who typed `key` may have meant."""
    spelt = {k.casefold(): k for k in CATALOG[paper]}
    spelt.update({entry.label.casefold(): k for k, entry in CATALOG[paper].items()})
    near = difflib.get_close_matches(str(key).casefold(), list(spelt), n=4, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(dict.fromkeys(repr(spelt[n]) for n in near)) + "?"
    for other in PAPERS:
        if key in CATALOG[other]:
            return f"it is a type of {other}"
    return "the keys are " + ", ".join(repr(k) for k in CATALOG[paper])
