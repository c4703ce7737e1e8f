"""Addresses: sections that point processes with a voltage of their own are put into.

Such a section is a place and no more. A current on it, of a clamp or a synapse, reaches no cell;
NEURON takes it without a word, so it is warned of when NEURON is initialised. A section with
channels, a cell's voltage or neighbours has a life of its own, and a current may be meant for that.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any

from neuron import h

from izhikevich.engine.names import NAMES
from izhikevich.engine.own_runs import is_own_run

#: Currents that a warning names; of more it says the number.
NAMED = 3
#: What is in the membrane of every section, or can be, and is no channel.
NO_CHANNELS = ("capacitance", "morphology", "extracellular")


@functools.cache
def dummy_section() -> Any:
    """The section that cells created with ``host="dummy"`` share as their address."""
    section = h.Section(name="dummy")
    address(section)
    return section


@functools.cache
def _addresses() -> dict[str, Any]:
    """The sections that are addresses, without keeping them."""
    return {}


def address(section: Any) -> None:
    """Note that a section is an address, so that currents on it are warned of from now on."""
    if not is_own_run():
        _addresses()[section.hoc_internal_name()] = h.SectionRef(sec=section)


def warn_of_lost_currents() -> None:
    """Warn of currents that are on a section while it is no more than an address."""
    watched = _addresses()
    for name in [name for name, reference in watched.items() if not reference.exists()]:
        del watched[name]
    kinds = _kinds_of_current()
    if not any(h.List(kind).count() for kind in kinds):
        return
    lost = []
    for reference in watched.values():
        section = reference.sec
        points = [point for segment in section.allseg() for point in segment.point_processes()]
        currents = [point for point in points if _kind(point) in kinds]
        if currents and not _has_a_life(section, points):
            lost += [f"{point} in {section.name()}" for point in currents]
    if lost:
        more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
        warnings.warn(
            f"{', '.join(lost[:NAMED])}{more}: this current reaches no cell, for the section is "
            "only the address of point processes with a voltage of their own. Drive these by "
            "cell.izh.Iin or cell.connect_from; a cell that is made with host=None, or as "
            'variant "Sec", feels what is in its section.',
            stacklevel=3,
        )


def _has_a_life(section: Any, points: list[Any]) -> bool:
    """Whether a section has channels, the voltage of a cell, or neighbours."""
    channels = [
        mechanism
        for segment in section
        for mechanism in segment
        if mechanism.name() not in NO_CHANNELS and not mechanism.is_ion()
    ]
    is_a_cell = any(_kind(point) in NAMES and hasattr(point, "i") for point in points)
    return bool(channels or is_a_cell or section.parentseg() or section.children())


def _kinds_of_current() -> list[str]:
    """Kinds of point process, other than our own, with a current; NEURON's all call it `i`."""
    kinds, name = h.MechanismType(1), h.ref("")
    found = []
    for k in range(int(kinds.count())):
        kinds.select(k)
        kinds.selected(name)
        if name[0] not in NAMES and not kinds.is_artificial(k) and _has_a_current(name[0]):
            found.append(name[0])
    return found


@functools.cache
def _has_a_current(mechanism: str) -> bool:
    assigned, name = h.MechanismStandard(mechanism, 2), h.ref("")
    for k in range(int(assigned.count())):
        assigned.name(name, k)
        if name[0] == "i":
            return True
    return False


def _kind(point: Any) -> str:
    return point.hname().partition("[")[0]
