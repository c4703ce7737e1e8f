"""A cell type of one's own: defined by its parameters, then used like any published one.

>>> import izhikevich
>>> spiny = izhikevich.define(
...     "striatal spiny neuron",
...     dict(C=0.5, k=1, vr=-80, vt=-25, vpeak=40, a=0.01, b=-20, c=-55, d=150),
...     current=400,
... )
>>> recording = izhikevich.simulate(spiny.paper, spiny.key)

or from a file, as ``izh run --cell spiny.toml`` reads it::

    name = "striatal spiny neuron"
    model = "book"              # or "quadratic"
    current = 400               # pA; or { start = 0, steps = [[50, 400], [300, 0]] }, times in ms
    tstop = 500                 # ms

    [parameters]                # C in units of 100 pF
    C = 0.5
    k = 1
    ...
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from izhikevich.catalog import CATALOG, Publication, register
from izhikevich.choice import Choice, choose
from izhikevich.errors import ParameterError
from izhikevich.models import MODELS, Model
from izhikevich.models.base import number, unknown_name
from izhikevich.models.conversion import converted
from izhikevich.publications import CellType
from izhikevich.waveforms import Step, Waveform

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Name of the publication that cell types of one's own are found under.
OWN = "own"

# what a person need not say, though every published type does: no rule is bent
_PLAIN = MappingProxyType({"celltype": 1.0})
_DURATION = 500.0
# the author's step in nearly all of his figures, ms
_STEP = 0.25
_IN_A_FILE = ("name", "model", "parameters", "current", "tstop", "dt", "v0", "u0", "label")


def define(
    name: str,
    parameters: Mapping[str, float],
    *,
    model: str | None = None,
    current: float | Sequence[float] | Waveform | Mapping[str, Any] = 0.0,
    tstop: float = _DURATION,
    dt: float = _STEP,
    v0: float | None = None,
    u0: float | None = None,
    label: str = "",
) -> CellType:
    """Define a cell type of your own, and put it into the catalogue under "own".

    Parameters
    ----------
    name : str
        Its key; one that is defined already is replaced.
    parameters : mapping of str to float
        By the paper's names: a, b, c, d and what differs of e, f, g, vu, uleak, thresh in the
        quadratic model; C (in 100 pF), k, vr, vt, vpeak, a, b, c, d and, if it is not 1,
        celltype in the book's.
    model : str, optional
        "quadratic" or "book"; default: the one whose parameters these are.
    current : float, sequence of float, Waveform, or mapping
        What it is driven with, mV/ms or pA: a constant; several, for a figure with a trace of
        each; any waveform; or ``{"start": I, "steps": [[time in ms, I], ...]}``.
    tstop, dt : float
        Duration, and step of the published rule, ms.
    v0, u0 : float, optional
        Start, mV and mV/ms or pA; default: the model's own.
    label : str
        For people; default: the name.

    Returns
    -------
    CellType
        ``simulate(entry.paper, entry.key)`` runs it.

    Raises
    ------
    ParameterError
        With the value that cannot be, and what would be right; nothing is defined then.
    """
    if not isinstance(name, str) or not name.strip():
        raise ParameterError(f"a cell type needs a name, not {name!r}")
    if not isinstance(label, str):
        raise ParameterError(f"label must be a text, not {label!r}")
    if not isinstance(parameters, Mapping):
        raise ParameterError(f"parameters must be given by name, not as {parameters!r}")
    chosen = _model(model, parameters)
    plain = {key: value for key, value in _PLAIN.items() if key in chosen.names}
    values = {key: number(key, value) for key, value in {**plain, **parameters}.items()}
    amplitudes: tuple[float, ...] = ()
    waveforms: tuple[Waveform, ...]
    if isinstance(current, Sequence) and not isinstance(current, str):
        amplitudes = tuple(number("current", each) for each in current)
        if not amplitudes:
            raise ParameterError("current must be one number or more, not none")
        waveforms = tuple(map(Waveform, amplitudes))
    else:
        waveforms = (_waveform(current),)
    entry = CellType(
        paper=OWN,
        key=name,
        model=chosen,
        label=label or name,
        panel=name,
        figure="cell",
        parameters=values,
        v0=None if v0 is None else number("v0", v0),
        u0=None if u0 is None else number("u0", u0),
        tstop=number("tstop", tstop),
        dt=number("dt", dt),
        currents=waveforms,
        amplitudes=amplitudes,
    )
    if entry.dt <= 0:
        raise ParameterError(f"dt must be greater than 0 ms, not {entry.dt:g}")
    Choice(entry).check()
    others = [each for key, each in CATALOG.get(OWN, {}).items() if key != name]
    register(
        Publication(
            name=OWN,
            author="Own",
            citation="Cell types of your own",
            reference="",
            types=(*others, entry),
            columns=3,
        )
    )
    return entry


def convert(
    paper: str,
    key: str,
    *,
    name: str | None = None,
    capacitance: float = 1.0,
    current: float | Waveform | None = None,
    parameters: Mapping[str, float] | None = None,
) -> CellType:
    """Define a cell type that is a published one in the other form: 2003 in the book's, and back.

    v is the same at all times (with scheme "exact"; the published rules differ), u and the current
    have other units.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `simulate`.
    name : str, optional
        Of the new one. Default: the key and the name of the model.
    capacitance : float
        Of a cell of 2003 or 2004, in units of 100 pF: any serves.
    current : float or Waveform, optional
        mV/ms or pA of the old form. Default: the figure's.
    parameters : mapping of str to float, optional
        Changes, in the old form.

    Returns
    -------
    CellType
        In the catalogue under "own".

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If the other form has no such cell: see `izhikevich.models.conversion.converted`.
    """
    choice = choose(paper, key, current=current, parameters=dict(parameters or {}))
    found = converted(choice.model, choice.model_parameters, capacitance)
    return define(
        name or f"{key} ({found.model.name})",
        found.parameters,
        model=found.model.name,
        current=choice.waveform.scaled(found.scale),
        tstop=choice.tstop,
        dt=choice.cell_type.dt,
        v0=choice.parameters["v0"],
        u0=found.u(choice.parameters["u0"]),
        label=f"{choice.cell_type.label}, as {found.model.name}"[:60],
    )


def as_file(entry: CellType) -> str:
    """A cell type as the text of a file that `define_from_file` reads, to the last digit.

    Parameters
    ----------
    entry : CellType

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If its current has ramps, of which such a file has none.
    """
    waveform = entry.default_current
    if waveform.ramps:
        raise ParameterError(
            f"the current of {entry.key} has ramps, and a cell file has steps alone: give another"
        )
    steps = [[float(step.time), float(step.amplitude)] for step in waveform.steps]
    unit = entry.model.current_unit
    lines = [
        f"name = {json.dumps(entry.key, ensure_ascii=False)}",
        f'model = "{entry.model.name}"',
        f"current = {{ start = {float(waveform.initial)!r}, steps = {steps} }}  # {unit}, at ms",
        f"tstop = {float(entry.tstop)!r}  # ms",
        f"dt = {float(entry.dt)!r}  # ms",
        *(
            f"{name} = {float(value)!r}"
            for name, value in (("v0", entry.v0), ("u0", entry.u0))
            if value is not None
        ),
        "",
        "[parameters]",
        *(f"{name} = {float(value)!r}" for name, value in entry.parameters.items()),
    ]
    return "\n".join(lines) + "\n"


def define_from_file(path: str | os.PathLike[str]) -> CellType:
    """Define what a TOML file describes: see the head of this module.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    CellType

    Raises
    ------
    OSError
        If it cannot be read.
    ParameterError
        If it is no TOML, or does not describe a cell type; the message names the file.
    """
    where = os.fspath(path)
    try:
        described = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError(f"{where} is no TOML: {error}") from error
    try:
        for name in described:
            if name not in _IN_A_FILE:
                what = unknown_name(name, _IN_A_FILE).removeprefix("unknown parameter ")
                place = " (parameters stand under [parameters])" if name in _ALL_NAMES else ""
                raise ParameterError(f"there is no {what}{place}")
        parameters = described.pop("parameters", None)
        if not isinstance(parameters, dict):
            raise ParameterError("it has no [parameters]")
        return define(described.pop("name", Path(path).stem), parameters, **described)
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from error


_ALL_NAMES = {name for model in MODELS.values() for name in model.names}


def _model(name: str | None, parameters: Mapping[str, float]) -> Model:
    """The model that is named, or else the one that has all of these and needs no other."""
    if name is not None:
        if name not in MODELS:
            raise ParameterError(f"model is {' or '.join(MODELS)}, not {name!r}")
        return MODELS[name]
    unknown = [each for each in parameters if each not in _ALL_NAMES]
    if unknown:
        raise ParameterError(unknown_name(unknown[0], sorted(_ALL_NAMES)))
    having = [model for model in MODELS.values() if set(parameters) <= set(model.names)]
    complete = [model for model in having if _needed(model) <= set(parameters)]
    for fitting in (complete, having):
        if len(fitting) == 1:
            return fitting[0]
    missing = [
        f"{model.name}: {', '.join(name for name in model.names if name in _needed(model))}"
        for model in MODELS.values()
    ]
    raise ParameterError(
        "these are not the parameters of one model: give model, and all that it needs ("
        + "; ".join(missing)
        + ")"
    )


def _needed(model: Model) -> set[str]:
    """What a person has to say of a cell of this model."""
    return {p.name for p in model.parameters if p.required and p.name not in _PLAIN}


def _waveform(current: Any) -> Waveform:
    if isinstance(current, Waveform):
        return current
    if not isinstance(current, Mapping):
        return Waveform(number("current", current))
    for name in current:
        if name not in ("start", "steps"):
            raise ParameterError(f"a current has start and steps, but no {name!r}")
    try:
        pairs = [(time, amplitude) for time, amplitude in current.get("steps", ())]
    except (TypeError, ValueError):
        raise ParameterError(
            f"the steps of a current are pairs [time in ms, I], not {current['steps']!r}"
        ) from None
    steps = tuple(
        Step(number("the time of a step", time), number("current", amplitude))
        for time, amplitude in pairs
    )
    return Waveform(number("current", current.get("start", 0.0)), steps)
