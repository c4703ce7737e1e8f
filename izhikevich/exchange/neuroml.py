"""Cells as NeuroML 2: https://docs.neuroml.org, schema 2.3.

`izhikevichCell` is the model of 2003 and 2004, `izhikevich2007Cell` that of the book. What they
cannot say (the quadratics of Class 1 and integrator, accommodation, the book's LTS, FS, TC and RTN)
are component types of LEMS, the language in which NeuroML itself is defined: they stand in
``IzhikevichCells.xml``, which is written beside such a cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree

from izhikevich.choice import Choice
from izhikevich.exchange.quantities import write
from izhikevich.models import BOOK, QUADRATIC
from izhikevich.models.book import Rule
from izhikevich.waveforms import Waveform

__all__ = ["BEND_NOTHING", "COMPONENTS", "Component", "cell_of", "document", "files_of"]

_DEFINITIONS = Path(__file__).with_name("IzhikevichCells.xml")
_NAMESPACE = "http://www.neuroml.org/schema/neuroml2"


class Component(NamedTuple):
    """A kind of cell in NeuroML: the dimension of each of its parameters, and the cell's model."""

    model: str
    dimensions: Mapping[str, str]
    is_of_neuroml: bool = True


_OF_2003 = {"v0": "voltage", "a": "none", "b": "none", "c": "none", "d": "none"}
_OF_2007 = {
    "v0": "voltage",
    "C": "capacitance",
    "k": "conductance_per_voltage",
    "vr": "voltage",
    "vt": "voltage",
    "vpeak": "voltage",
    "a": "per_time",
    "b": "conductance",
    "c": "voltage",
    "d": "current",
}
#: Kinds of cells by their names.
COMPONENTS: Mapping[str, Component] = MappingProxyType(
    {
        "izhikevichCell": Component(QUADRATIC.name, {**_OF_2003, "thresh": "voltage"}),
        "izhikevich2007Cell": Component(BOOK.name, _OF_2007),
        "izhikevichQuadraticCell": Component(
            QUADRATIC.name,
            {
                **_OF_2003,
                "U0": "none",
                **dict.fromkeys(("e", "f", "g", "vu", "uleak"), "none"),
                "thresh": "voltage",
            },
            is_of_neuroml=False,
        ),
        "izhikevichBookCell": Component(
            BOOK.name,
            {
                **_OF_2007,
                "u0": "current",
                "vu": "voltage",
                "peakSlope": "resistance",
                "resetSlope": "resistance",
                "largestU": "current",
                "edge": "voltage",
                "upperB": "conductance",
                "cubic": "none",
                "onset": "voltage",
            },
            is_of_neuroml=False,
        ),
    }
)
#: What the book's rules are where a cell does not bend them, for numbers that must be finite.
BEND_NOTHING = MappingProxyType({"largestU": 1e9, "edge": 1e6, "upperB": 0.0, "onset": 0.0})
#: 1 mV/pA in Mohm.
MEGOHMS = 1000
_COMMON = {"e": 0.04, "f": 5.0, "g": 140.0, "vu": 0.0, "uleak": 1.0}


def files_of(choice: Choice) -> dict[str, str]:
    """Say a cell, its current, and a simulation of it.

    Parameters
    ----------
    choice : Choice
        Variant and scheme have no words in NeuroML; who runs it chooses.

    Returns
    -------
    dict of str to str
        Text of each file by name. ``LEMS_...xml`` is the one to run, such as by ``jnml``; the one
        beside it is a valid document of NeuroML wherever that has words for the cell.
    """
    identity = identity_of(choice.key)
    plain = COMPONENTS[cell_of(choice)[0]].is_of_neuroml
    named = f"{identity}.net.{'nml' if plain else 'xml'}"
    found = {named: document(choice)}
    if not plain:
        found[_DEFINITIONS.name] = _DEFINITIONS.read_text(encoding="utf-8")
    found[f"LEMS_{identity}.xml"] = _simulation(choice, named, identity)
    return found


def identity_of(name: str) -> str:
    """A name as an id of NeuroML: letters, digits and _, of which the first is no digit."""
    return re.sub(r"^(?=\d)|\W", "_", name, flags=re.ASCII)


def cell_of(choice: Choice) -> tuple[str, dict[str, Decimal]]:
    """What kind of cell it is in NeuroML, and its parameters there, each in its first unit."""
    values = choice.parameters
    if choice.model == QUADRATIC:
        follows_v = math.isclose(values["u0"], values["b"] * values["v0"], rel_tol=1e-15)
        if follows_v and all(values[name] == x for name, x in _COMMON.items()):
            return "izhikevichCell", _chosen("izhikevichCell", values)
        return "izhikevichQuadraticCell", _chosen(
            "izhikevichQuadraticCell", {**values, "U0": values["u0"]}
        )
    rule = BOOK.rule(values)
    # decimals, whose product has the digits that a person would write
    capacitance = 100 * _decimal(values["C"])
    if rule == Rule() and values["vu"] == values["vr"] and values["u0"] == 0:
        plain = _chosen("izhikevich2007Cell", {**values, "C": 0.0})
        return "izhikevich2007Cell", {**plain, "C": capacitance}
    bent = {
        "peakSlope": MEGOHMS * rule.peak_slope,
        "resetSlope": MEGOHMS * rule.reset_slope,
        "cubic": rule.cubic,
        **BEND_NOTHING,
    }
    if math.isfinite(rule.largest_u):
        bent["largestU"] = rule.largest_u
    if rule.edge is not None and rule.upper_b is not None:
        bent |= {"edge": rule.edge, "upperB": rule.upper_b}
    if rule.cubic:  # d is a voltage there
        bent |= {"onset": values["d"], "d": 0.0}
    found = _chosen("izhikevichBookCell", {**values, **bent, "C": 0.0})
    return "izhikevichBookCell", {**found, "C": capacitance}


def document(choice: Choice) -> str:
    """The cell, what drives it, and a network of one, with the duration and step of the choice.

    It is NeuroML, or LEMS that includes ``IzhikevichCells.xml``.
    """
    kind, values = cell_of(choice)
    component, identity = COMPONENTS[kind], identity_of(choice.key)
    if component.is_of_neuroml:
        root = ElementTree.Element("neuroml", xmlns=_NAMESPACE, id=f"{identity}_net")
        _add(root, "notes", text=f"{choice.cell_type.label}: {choice.cell_type.paper} "
             f"{choice.cell_type.place}")  # fmt: skip
    else:
        root = ElementTree.Element("Lems")
        for name in ("Cells.xml", "Networks.xml", "Inputs.xml", _DEFINITIONS.name):
            _add(root, "Include", file=name)
    attributes = {name: write(values[name], unit) for name, unit in component.dimensions.items()}
    cell = _add(root, kind, id=identity, **attributes)
    if component.model == BOOK.name and component.is_of_neuroml:
        _add(cell, "property", tag="celltype", value=f"{choice.parameters['celltype']:g}")
    inputs = _inputs(choice.waveform, choice.tstop, BOOK.name == component.model)
    for number, (generator, quantities) in enumerate(inputs):
        _add(root, generator, id=f"I{number}", **quantities)
    network = _add(root, "network", id=f"{identity}_network")
    for tag, value in (
        ("recommended_duration_ms", choice.tstop),
        ("recommended_dt_ms", choice.dt or choice.cell_type.dt),
    ):
        _add(network, "property", tag=tag, value=write(value, "none"))
    _add(network, "population", id="cells", component=identity, size="1")
    for number in range(len(inputs)):
        _add(
            network, "explicitInput", target="cells[0]", input=f"I{number}", destination="synapses"
        )
    return _text(root)


def _simulation(choice: Choice, named: str, identity: str) -> str:
    root = ElementTree.Element("Lems")
    _add(root, "Target", component="simulation")
    for name in ("Cells.xml", "Networks.xml", "Inputs.xml", "Simulation.xml", named):
        _add(root, "Include", file=name)
    simulation = _add(
        root,
        "Simulation",
        id="simulation",
        length=write(choice.tstop, "time"),
        step=write(choice.dt or choice.cell_type.dt, "time"),
        target=f"{identity}_network",
    )
    traces = _add(simulation, "OutputFile", id="traces", fileName=f"{identity}.dat")
    u = "U" if choice.model == QUADRATIC else "u"
    for variable in ("v", u):
        _add(traces, "OutputColumn", id=variable, quantity=f"cells[0]/{variable}")
    spikes = _add(
        simulation,
        "EventOutputFile",
        id="spikes",
        fileName=f"{identity}.spikes",
        format="TIME_ID",
    )
    _add(spikes, "EventSelection", id="0", select="cells[0]", eventPort="spike")
    return _text(root)


def _inputs(waveform: Waveform, tstop: float, in_pa: bool) -> list[tuple[str, dict[str, str]]]:
    """Generators whose sum is the current: one for each of its pieces that is not 0."""
    suffix, unit = ("", "current") if in_pa else ("DL", "none")
    found = []
    times, amplitudes = waveform.knots(tstop)
    corners = zip(times.tolist(), amplitudes.tolist(), strict=True)
    for (start, first), (stop, last) in pairwise(corners):
        if start == stop or first == last == 0:
            continue
        when = {
            "delay": write(start, "time"),
            "duration": write(_decimal(stop) - _decimal(start), "time"),
        }
        if first == last:
            strength = {"amplitude": write(first, unit)}
        else:
            strength = {
                "startAmplitude": write(first, unit),
                "finishAmplitude": write(last, unit),
                "baselineAmplitude": write(0.0, unit),
            }
        kind = "pulseGenerator" if first == last else "rampGenerator"
        found.append((kind + suffix, {**when, **strength}))
    return sorted(found, key=lambda each: each[0])  # the schema has pulses before ramps


def _chosen(kind: str, values: Mapping[str, float]) -> dict[str, Decimal]:
    return {name: _decimal(values[name]) for name in COMPONENTS[kind].dimensions}


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _add(
    parent: ElementTree.Element, kind: str, /, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, kind, attributes)
    element.text = text
    return element


def _text(root: ElementTree.Element) -> str:
    ElementTree.indent(root, "    ")
    return ElementTree.tostring(root, encoding="unicode") + "\n"
