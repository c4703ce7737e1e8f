"""NeuroML and LEMS files as cells of one's own: the cell, what drives it, how long it is run.

What a network connects to a cell is not read; a current that is no sum of pulses and ramps is
refused. A document that declares entities or a document type is refused unread, as files of
strangers can do harm by them.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from izhikevich.catalog import CellType
from izhikevich.errors import ParameterError
from izhikevich.exchange.neuroml import BEND_NOTHING, COMPONENTS, MEGOHMS
from izhikevich.exchange.quantities import read
from izhikevich.models import QUADRATIC
from izhikevich.models.book import RULES, Rule
from izhikevich.own_cells import define
from izhikevich.waveforms import Ramp, Step, Waveform

#: Endings of files that are read here.
ENDINGS = (".nml", ".xml")
#: A file of cells and networks is text of some kB; more is a mistake, or made to do harm.
LARGEST_FILE, MOST_FILES = 20_000_000, 100
#: What the generalized cell of the Open Source Brain calls the coefficients of the quadratic.
_GENERALIZED = {"X": "e", "Y": "f", "Z": "g"}
_DURATION = 500.0  # ms, where nobody says how long

_Edge = tuple[Decimal, Decimal, Decimal, Decimal]  # start, stop, first, last


@dataclass
class _Documents:
    """What stands in a file, and in the files that it includes."""

    where: str
    cells: dict[str, ElementTree.Element] = field(default_factory=dict)
    inputs: dict[str, ElementTree.Element] = field(default_factory=dict)
    networks: list[ElementTree.Element] = field(default_factory=list)
    simulations: list[ElementTree.Element] = field(default_factory=list)
    others: dict[str, None] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def read_neuroml(path: str | os.PathLike[str], key: str | None = None) -> CellType:
    """Read a cell from NeuroML or LEMS and put it into the catalogue under "own".

    Parameters
    ----------
    path : path-like
        Files that it includes are read from the folders beside it.
    key : str, optional
        The id of the cell, where there are several.

    Returns
    -------
    CellType
        With the current of the first such cell in a network that has one, for the duration and at
        the step that the simulation or the network names.

    Raises
    ------
    OSError
        If the file cannot be read.
    ParameterError
        If it is damaged, or has no such cell, or what drives the cell cannot be said here.
    """
    found = _Documents(os.fspath(path))
    try:
        _collect(Path(path), found, set())
        return _define(found, _choose(found, key))
    except ParameterError as error:
        raise ParameterError(f"{found.where}: {error}") from error


class _NoDocumentType(ElementTree.TreeBuilder):
    """Refuses what entities are declared in, before one is."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ParameterError("a file with a document type (DOCTYPE) is not read")


def _parsed(path: Path) -> ElementTree.Element:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ParameterError(f"{path.name} has {size:,} bytes, and {LARGEST_FILE:,} are the most")
    try:
        parser = ElementTree.XMLParser(target=_NoDocumentType())
        root = ElementTree.parse(path, parser).getroot()
    except ElementTree.ParseError as error:
        raise ParameterError(f"{path.name} is no XML, or cut off: {error}") from error
    except (UnicodeError, LookupError) as error:
        raise ParameterError(f"{path.name} is not in an encoding that is known: {error}") from error
    if _tag(root).lower() not in ("neuroml", "lems"):
        raise ParameterError(f"{path.name} is neither NeuroML nor LEMS, but <{_tag(root)}>")
    return root


def _tag(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _kind(element: ElementTree.Element) -> str:
    """What it is: LEMS may say ``<Component type=...>``."""
    return element.get("type", "") if _tag(element) == "Component" else _tag(element)


def _collect(path: Path, found: _Documents, seen: set[Path]) -> None:
    """Read a file and, before what stands in it, those that it includes."""
    seen.add(path.resolve())
    if len(seen) > MOST_FILES:
        raise ParameterError(f"more than {MOST_FILES} files include each other")
    for element in _parsed(path):
        kind, identity = _kind(element), element.get("id", "")
        if kind.lower() == "include":
            name = element.get("href") or element.get("file") or ""
            other = path.parent / name
            if other.resolve() in seen:
                continue
            if name and "://" not in name and other.is_file():
                _collect(other, found, seen)
            else:  # NeuroML's own definitions are in no folder of a person's
                found.missing.append(name)
        elif kind == "network":
            found.networks.append(element)
        elif kind == "Simulation":
            found.simulations.append(element)
        elif kind in COMPONENTS or kind == "generalizedIzhikevichCell":
            if identity in found.cells:
                raise ParameterError(f"there are two cells with the id {identity!r}")
            found.cells[identity] = element
        else:
            if kind.lower().endswith("cell"):
                found.others[kind] = None
            found.inputs[identity] = element


def _choose(found: _Documents, key: str | None) -> str:
    if not found.cells:
        others = f"; it has {', '.join(found.others)}" if found.others else ""
        missing = [name for name in found.missing if name.endswith(ENDINGS[0])]
        missing_words = f"; not found: {', '.join(missing)}" if missing else ""
        raise ParameterError(f"it has no cell of Izhikevich's{others}{missing_words}")
    names = ", ".join(found.cells)
    if key is None:
        if len(found.cells) > 1:
            raise ParameterError(f"it has several cells, give one as KEY: {names}")
        return next(iter(found.cells))
    if key not in found.cells:
        raise ParameterError(f"it has no cell {key!r}: there is {names}")
    return key


def _define(found: _Documents, identity: str) -> CellType:
    element = found.cells[identity]
    kind = _kind(element)
    model, values, start = _parameters(element, kind, identity)
    waveform = _current(found, identity, "none" if model == QUADRATIC.name else "current")
    tstop, dt = _times(found)
    if tstop is None:
        changes = [s.time for s in waveform.steps] + [r.stop for r in waveform.ramps]
        tstop = max([_DURATION, *(change + 100 for change in changes)])
    # what is switched off at the end goes on, for whoever runs it longer
    in_time = tuple(step for step in waveform.steps if step.time < tstop)
    notes = next((child for child in element if _tag(child) == "notes"), None)
    label = " ".join((notes.text or "").split()) if notes is not None else ""
    return define(
        identity or "cell",
        values,
        model=model,
        current=dataclasses.replace(waveform, steps=in_time),
        tstop=tstop,
        **({} if dt is None else {"dt": dt}),
        **start,
        label=label[:60],
    )


# --- the cell -----------------------------------------------------------------------------------


def _parameters(
    element: ElementTree.Element, kind: str, identity: str
) -> tuple[str, dict[str, float], dict[str, float]]:
    """The model, its parameters, and v0 and u0."""
    is_generalized = kind == "generalizedIzhikevichCell"
    model, dimensions, _ = COMPONENTS["izhikevichCell" if is_generalized else kind]
    further = dict.fromkeys(_GENERALIZED, "none") if is_generalized else {}
    found: dict[str, Decimal] = {}
    for name, dimension in {**dimensions, **further}.items():
        if name not in element.attrib:
            raise ParameterError(f"{kind} {identity!r} has no {name}")
        found[name] = read(f"{name} of {kind} {identity!r}", element.attrib[name], dimension)
    if "C" in found:
        found["C"] = found["C"] / 100  # as the model has it
    values = {_GENERALIZED.get(name, name): float(number) for name, number in found.items()}
    start = {"v0": values.pop("v0")}
    for name in ("u0", "U0"):
        if name in values:
            start["u0"] = values.pop(name)
    if kind == "izhikevich2007Cell":
        values["celltype"] = _plain_celltype(element)
        start["u0"] = 0.0
    if kind == "izhikevichBookCell":
        values["celltype"] = _bent_celltype(values, identity)
    return model, values, start


def _plain_celltype(element: ElementTree.Element) -> float:
    """Which of the types that bend no rule: as the document says, or else regular spiking."""
    for each in element:
        if _tag(each) == "property" and each.get("tag") == "celltype":
            value = each.get("value", "")
            if value.isdigit() and RULES.get(int(value)) == Rule():
                return float(value)
    return 1.0


def _bent_celltype(values: dict[str, float], identity: str) -> float:
    """The celltype whose rules these are; takes what says so out of `values`."""
    said = {name: values.pop(name) for name in (*BEND_NOTHING, "cubic", "peakSlope", "resetSlope")}
    cubic = said["cubic"]
    edge = said["edge"] if said["edge"] < BEND_NOTHING["edge"] else None
    largest = said["largestU"]
    rule = Rule(
        peak_slope=said["peakSlope"] / MEGOHMS,
        reset_slope=said["resetSlope"] / MEGOHMS,
        largest_u=largest if largest < BEND_NOTHING["largestU"] else float("inf"),
        edge=edge,
        upper_b=None if edge is None else said["upperB"],
        cubic=cubic,
    )
    for celltype, known in RULES.items():
        if rule == known:
            if cubic:
                values["d"] = said["onset"]
            return float(celltype)
    raise ParameterError(
        f"izhikevichBookCell {identity!r} bends the rules as no type of the book does: {said}"
    )


# --- what drives it -----------------------------------------------------------------------------


def _current(found: _Documents, identity: str, dimension: str) -> Waveform:
    """The sum of what drives the first cell of this kind that is driven."""
    for network in found.networks:
        populations = [
            each.get("id")
            for each in network
            if _tag(each) == "population" and each.get("component") == identity
        ]
        driven: dict[tuple[str | None, str], list[tuple[str, Decimal]]] = {}
        for population, place, name, weight in _connected(network):
            if population in populations:
                driven.setdefault((population, place), []).append((name, weight))
        if driven:
            pieces: list[_Edge] = []
            for name, weight in next(iter(driven.values())):
                if name not in found.inputs:
                    raise ParameterError(f"{identity} is driven by {name!r}, which is not there")
                pieces += _pieces(found.inputs[name], dimension, weight)
            return _sum(pieces)
    return Waveform()


def _connected(network: ElementTree.Element) -> Iterator[tuple[str, str, str, Decimal]]:
    """Each input of a network: population, place in it, the input's id, weight."""
    for each in network:
        if _tag(each) == "explicitInput":
            population, place = _place(each.get("target", ""))
            yield population, place, each.get("input", ""), Decimal(1)
        elif _tag(each) == "inputList":
            for one in each:
                if _tag(one) in ("input", "inputW"):
                    _, place = _place(one.get("target", ""))
                    weight = read("the weight of an input", one.get("weight", "1"), "none")
                    yield each.get("population", ""), place, each.get("component", ""), weight


def _place(target: str) -> tuple[str, str]:
    """Population and place of a target: "pop[0]", "pop/0/RS" or "../pop/0/RS"."""
    found = re.fullmatch(r"(?:\.\./)?([^\[/]+)(?:\[(\d+)\]|/(\d+))?(?:/.*)?", target)
    if found is None:
        raise ParameterError(f"{target!r} is the target of an input, but no place of a cell")
    return found[1], found[2] or found[3] or "0"


def _pieces(source: ElementTree.Element, dimension: str, weight: Decimal) -> list[_Edge]:
    """Constants and ramps whose sum the input is."""
    kind, identity = _kind(source), source.get("id", "")
    plain = kind.removesuffix("DL")
    if plain == "compoundInput":
        return [edge for each in source for edge in _pieces(each, dimension, weight)]
    if plain not in ("pulseGenerator", "rampGenerator"):
        raise ParameterError(
            f"{identity!r} is a {kind}; of what drives a cell, pulses and ramps can be said here"
        )
    if (dimension == "none") != kind.endswith("DL"):
        raise ParameterError(
            f"{identity!r} is a {kind}, which drives no cell of this kind: the model of 2003 has a "
            "current without dimension (DL), that of 2007 one in pA"
        )

    def value(name: str, unit: str) -> Decimal:
        if name not in source.attrib:
            raise ParameterError(f"{kind} {identity!r} has no {name}")
        return read(f"{name} of {kind} {identity!r}", source.attrib[name], unit)

    start = value("delay", "time")
    stop = start + value("duration", "time")
    if start < 0 or stop < start:
        raise ParameterError(f"{kind} {identity!r} begins or ends before time 0")
    forever = Decimal("Infinity")
    if plain == "pulseGenerator":
        amplitude = weight * value("amplitude", dimension)
        return [(start, stop, amplitude, amplitude)]
    names = ("startAmplitude", "finishAmplitude", "baselineAmplitude")
    first, last, base = (weight * value(name, dimension) for name in names)
    return [
        (Decimal(0), start, base, base),
        (start, stop, first, last),
        (stop, forever, base, base),
    ]


def _sum(pieces: list[_Edge]) -> Waveform:
    """The sum as one current: constant or linear between all that begins or ends."""
    corners = {Decimal(0), Decimal("Infinity")}
    corners.update(edge for piece in pieces for edge in piece[:2])
    levels: list[Step] = []
    ramps: list[Ramp] = []
    for start, stop in pairwise(sorted(corners)):
        here = [piece for piece in pieces if piece[0] <= start and stop <= piece[1]]
        first, last = (sum((_at(piece, t) for piece in here), Decimal(0)) for t in (start, stop))
        if first == last:
            level = float(first)
            if not levels or levels[-1].amplitude != level:
                levels.append(Step(float(start), level))
        else:
            ramps.append(Ramp(float(start), float(stop), float(first), float(last)))
            if not levels:
                levels.append(Step(0.0, 0.0))
    return Waveform(levels[0].amplitude, tuple(levels[1:]), tuple(ramps))


def _at(piece: _Edge, time: Decimal) -> Decimal:
    start, stop, first, last = piece
    if first == last or time == start:
        return first
    return last if time == stop else first + (last - first) * (time - start) / (stop - start)


def _times(found: _Documents) -> tuple[float | None, float | None]:
    """Duration and step, ms, where the simulation or the network says so."""
    for simulation in found.simulations:
        length, step = (simulation.get(name) for name in ("length", "step"))
        if length and step:
            return tuple(
                float(read(f"{name} of the simulation", text, "time"))
                for name, text in (("length", length), ("step", step))
            )  # type: ignore[return-value]
    said: dict[str, Any] = {}
    for network in found.networks:
        for each in network:
            if _tag(each) == "property":
                said.setdefault(each.get("tag", ""), each.get("value", ""))
    names = ("recommended_duration_ms", "recommended_dt_ms")
    tstop, dt = (float(read(name, said[name], "none")) if name in said else None for name in names)
    return tstop, dt
