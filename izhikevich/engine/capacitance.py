"""Capacitance of a section whose voltage is the model's: what it has to be, and whether it is.

A current from outside, of a clamp, a synapse or a gap junction, moves the voltage by its charge
over the section's capacitance, which therefore must be the cell's own.
"""

from __future__ import annotations

import warnings
from typing import Any

from izhikevich.engine.instances import instances_that
from izhikevich.engine.names import foreign
from izhikevich.errors import ParameterError

#: The mechanisms whose voltage is that of their section.
IN_SECTIONS = ("Izhi2003b", "Izhi2007b")

#: Puts the capacitance of the section that a point process is in into pF, in hoc.
IN_PF = "x = each.get_loc()  pF = area(x)*cm(x)*0.01  pop_section()"

#: Sections that a warning names; of more it says the number.
NAMED = 3


def needed(point: Any) -> float:
    """Capacitance that the section of a cell must have, pF.

    Parameters
    ----------
    point : point process
        Izhi2003b or Izhi2007b.
    """
    if _mechanism(point) == "Izhi2003b":
        return 1.0
    if not hasattr(point, "Csec"):
        return 100.0  # that of ModelDB 39948, whatever C is
    return point.Csec or 100 * point.C


def found(segment: Any) -> float:
    """Capacitance of a segment, pF."""
    return segment.area() * segment.cm * 0.01  # um2, uF/cm2


def fit_section(cell: Any) -> None:
    """Give a section the capacitance of the cell that is in it, by its cm, unless it has it.

    Parameters
    ----------
    cell : IzhiCell, Izhi2003Cell or point process
        A cell in a section, or the Izhi2003b or Izhi2007b itself. C must be set before.

    Raises
    ------
    ParameterError
        If it has no section's voltage, the section has more than one segment, or the capacitance
        is not greater than 0.
    """
    point = getattr(cell, "izh", cell)
    if _mechanism(point) not in IN_SECTIONS:
        raise ParameterError(
            f"{point} has a voltage of its own: only the section of {' or '.join(IN_SECTIONS)} has "
            "the cell's capacitance"
        )
    segment = point.get_segment()
    if segment.sec.nseg > 1:
        raise ParameterError(
            f"{segment.sec.name()} has {segment.sec.nseg} segments, and {point} is in one of them: "
            "set nseg = 1, and connect dendrites as sections of their own"
        )
    capacitance = needed(point)
    if not capacitance > 0:
        raise ParameterError(f"{point} needs a capacitance of more than 0 pF, not {capacitance:g}")
    if not _agree(found(segment), capacitance, 1e-9):
        segment.sec.cm = 100 * capacitance / segment.area()


def warn_of_others() -> None:
    """Warn of sections in this process that have not the capacitance of their cell."""
    wrong = []
    for name in IN_SECTIONS:
        for point in instances_that(name, f"abs(pF - {_needed_in_hoc(name)}) > 5e-4*pF", IN_PF):
            segment = point.get_segment()
            has, needs = found(segment), needed(point)
            if not _agree(has, needs, 1e-3):
                wrong.append(f"{segment.sec.name()} has {has:.4g} pF, {point} needs {needs:.4g}")
    if wrong:
        named = "; ".join(wrong[:NAMED])
        more = f"; and {len(wrong) - NAMED} others" if len(wrong) > NAMED else ""
        warnings.warn(
            f"sections have another capacitance than their cells, on which currents act wrongly: "
            f"{named}{more}. izhikevich.fit_section(cell) gives a section its cell's: 1 pF for "
            "Izhi2003b, 100 C pF for Izhi2007b, or Csec where that is set.",
            stacklevel=3,
        )


def _needed_in_hoc(name: str) -> str:
    if name == "Izhi2003b":
        return "1"
    return "100*each.C" if name in foreign() else "(each.Csec + (each.Csec == 0)*100*each.C)"


def _agree(has: float, needs: float, tolerance: float) -> bool:
    return abs(has - needs) <= tolerance * needs


def _mechanism(point: Any) -> str:
    return point.hname().partition("[")[0]
