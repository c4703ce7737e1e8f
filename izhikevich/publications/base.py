"""What was published with a model: cell types, the protocols of their figures, what they teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from izhikevich.models import MODELS, Model
from izhikevich.waveforms import Step, Waveform


class Explanation(NamedTuple):
    """The sentences of one cell type, with {facts} still to be filled in.

    They hold no number: every current, voltage and period is filled in from the phase plane of the
    parameters in force (see `izhikevich.analysis.explanations`).

    Attributes
    ----------
    look : str
        What to look at.
    why : str
        Why it happens, in terms of the nullclines.
    attempt : str
        One thing to try.
    """

    look: str
    why: str
    attempt: str


@dataclass(frozen=True)
class CellType:
    """One cell type and the protocol that its figure was drawn with.

    Attributes
    ----------
    paper : str
        Name of the publication, such as "2004".
    key : str
        The name that scripts look the type up by (two keep a historical spelling).
    model : Model
        Its equations.
    label : str
        The name for people.
    panel : str
        Panel of the figure ("A" to "T" in 2004); where there is none, the key.
    figure : str
        "Fig. 2", "Fig. 1" or the book's figure, such as "Fig. 8.12".
    parameters : mapping of str to float
        As published, by the mechanism's names. C is in units of 100 pF.
    v0 : float or None
        Voltage at t = 0, mV; None where the model's own start holds.
    u0 : float or None
        Recovery variable at t = 0; None where the model's own start holds.
    tstop : float
        Duration of the figure, ms.
    dt : float
        Step of the published rule, ms.
    currents : tuple of Waveform
        One for each trace of the figure, in the model's unit.
    amplitudes : tuple of float
        Where a figure has a trace for each of several test currents, these, in the order of
        `currents`; otherwise empty.
    conditioning : tuple of (float, float) or None
        In the burst modes: hyperpolarising current and its end (ms).
    spikes_published, spikes_exact : tuple of int
        Spikes of each trace under the published rule and in the exact solution; None where
        the exact solution runs away; empty where nobody has said so.
    explanation : Explanation or None
        What is to be seen, and why.
    button : str
        What a button of a window says; default: the label.
    title : str
        What a title of a figure says; default: the label.
    reading : str
        Whose reading of the publication this is, where there are several; usually empty.
    group : str
        Where a publication has so many types that a list needs headings, such as "CA1", its own.
    effect : str
        "excitatory" or "inhibitory", where the publication says so.
    is_preferred : bool
        Of several models of one type of neuron, whether the publication recommends this one.
    """

    paper: str
    key: str
    model: Model
    label: str
    panel: str
    figure: str
    parameters: Mapping[str, float]
    v0: float | None
    u0: float | None
    tstop: float
    dt: float
    currents: tuple[Waveform, ...]
    amplitudes: tuple[float, ...] = ()
    conditioning: tuple[float, float] | None = None
    spikes_published: tuple[int, ...] = ()
    spikes_exact: tuple[int | None, ...] = ()
    explanation: Explanation | None = None
    button: str = ""
    title: str = ""
    reading: str = ""
    group: str = ""
    effect: str = ""
    is_preferred: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "button", self.button or self.label)
        object.__setattr__(self, "title", self.title or self.label)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "parameters": dict(self.parameters), "model": self.model.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        parameters, model = MappingProxyType(state["parameters"]), MODELS[state["model"]]
        self.__dict__.update(state, parameters=parameters, model=model)

    def __hash__(self) -> int:
        return hash((self.paper, self.key))

    @property
    def default_current(self) -> Waveform:
        """The figure's current; of several the strongest."""
        return self.currents[-1]

    @property
    def place(self) -> str:
        """Where it is in its publication: the figure, and the panel where there are several."""
        return self.figure if self.panel == self.key else f"{self.figure} {self.panel}"

    def driven_by(self, amplitude: float) -> Waveform:
        """A constant current of `amplitude`, after the conditioning where there is one."""
        if self.conditioning is None:
            return Waveform(amplitude)
        hyperpolarising, end = self.conditioning
        return Waveform(hyperpolarising, (Step(end, amplitude),))


@dataclass(frozen=True)
class Publication:
    """A publication and its cell types.

    Attributes
    ----------
    name : str
        By which scripts, links and the command line know it, such as "2004".
    author : str
        "Izhikevich (2004)".
    citation : str
        Author, title and figure, in a line.
    reference : str
        In full.
    types : tuple of CellType
        In the order of the figure.
    columns : int
        Of buttons; the types are read along their rows.
    scale_bar : float or None
        Where one figure has a panel for each type: length of its bar of time, ms. None where each
        type has a figure of its own, with a panel for each current.
    """

    name: str
    author: str
    citation: str
    reference: str
    types: Sequence[CellType] = field(default=())
    columns: int = 4
    scale_bar: float | None = None


def after(time: float, amplitude: float) -> Step:
    """The author's ``t > T``: in force from the first step that starts later than `time` (ms)."""
    return Step(time, amplitude, inclusive=False)


def at(time: float, amplitude: float) -> Step:
    """The author's ``t >= T``: in force from the step that starts at `time` (ms)."""
    return Step(time, amplitude, inclusive=True)
