"""CoreNEURON: our mechanisms offered to it, and what it would run wrong refused."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from izhikevich.engine import build, capacitance
from izhikevich.engine.build import MechanismError
from izhikevich.engine.names import NAMES, foreign

#: Point processes that conduct nothing, and so leave alone how CoreNEURON resets a section.
CONDUCTING_NOTHING = ("IClamp", "Izhi2003a", "Izhi2007a")


def offer() -> None:
    """Point CORENEURONLIB to our mechanisms, where CoreNEURON looks first, unless it is set.

    Raises
    ------
    MechanismError
        If they cannot be built, or CoreNEURON cannot have them any more.
    """
    import ctypes

    others = foreign()
    if others:
        # CoreNEURON would lay out their data by our text of that name
        raise MechanismError(
            f"CoreNEURON cannot run our mechanisms beside your own {', '.join(others)}: "
            "start Python where your library is not loaded."
        )
    process = ctypes.CDLL(None)
    if not hasattr(process, "corenrn_embedded_run"):
        if "CORENEURONLIB" not in os.environ:
            os.environ["CORENEURONLIB"] = str(_library())
    elif not all(hasattr(process, _symbol(name)) for name in NAMES):
        raise MechanismError(
            "CoreNEURON is already running in this process without our mechanisms: "
            "call load(coreneuron=True) before its first run."
        )
    _guard_late()


def _library() -> Path:
    """Path of the library that CoreNEURON itself loads."""
    (library,) = build.build_coreneuron().glob("libcorenrnmech.*")
    return library


def _symbol(name: str) -> str:
    """Symbol of the function `coreneuron::_<name>_reg()` that registers a mechanism."""
    function = f"_{name}_reg"
    return f"_ZN10coreneuron{len(function)}{function}Ev"


def refuse_where_coreneuron_errs() -> None:
    """Raise if a section's voltage would be reset wrongly in CoreNEURON.

    There an assignment to a section's v is lost, and Izhi2003b and Izhi2007b reset it by a
    current of one step, which another conductance in the section would share in.

    Raises
    ------
    MechanismError
        If a section that holds one of them has a conductance besides, or another capacitance
        than the cell. The message names the section and what is in it.
    """
    from neuron import h

    others = foreign()
    for name in capacitance.IN_SECTIONS:
        if name in others:
            continue
        for cell in h.List(name):
            segment = cell.get_segment()
            found = _in_the_way_of_reset(cell, segment) if segment is not None else []
            if found:
                raise MechanismError(
                    f"CoreNEURON would run section {segment.sec.name()} wrongly: besides "
                    f"{name} it has {', '.join(found)}. There {name} must have a section of "
                    f"{capacitance.needed(cell):g} pF to itself; a current clamp may be in it. Run "
                    f"this model with coreneuron.enable = False, or use {name[:-1]}a."
                )


def _in_the_way_of_reset(cell: Any, segment: Any) -> list[str]:
    """What keeps a current of one step from resetting the cell's section, in words."""
    section = segment.sec
    found = []
    if section.parentseg() is not None or section.children():
        found.append("a section connected to it")
    if section.nseg > 1:
        found.append(f"{section.nseg} segments")
    for place in (section(0), section(0.5), section(1)):
        for process in place.point_processes():
            kind = process.hname().partition("[")[0]
            if kind not in CONDUCTING_NOTHING and not process.same(cell):
                found.append(kind)
    for mechanism in section(0.5):
        kind = mechanism.name()
        if kind not in ("capacitance", "morphology") and not mechanism.is_ion():
            found.append(kind)
    has, needs = capacitance.found(section(0.5)), capacitance.needed(cell)
    if abs(has - needs) > 1e-6 * needs:
        found.append(f"a capacitance of {has:g} pF")
    return found


@functools.cache
def guard() -> Any:
    """Look at the model in each initialisation for CoreNEURON from the first call on.

    Returns
    -------
    FInitializeHandler
        What does so.
    """
    from neuron import coreneuron, h

    def refuse_if_enabled() -> None:
        if coreneuron.enable:
            refuse_where_coreneuron_errs()

    before_all_else = 3
    return h.FInitializeHandler(before_all_else, refuse_if_enabled)


@functools.cache
def _guard_late() -> None:
    """Look at the model, too, where CoreNEURON is enabled after the initialisation.

    Between the two NEURON calls nothing that it lets anyone add to, so its own
    `coreneuron.nrncore_arg`, which it asks for the arguments of the run, is replaced. NEURON prints
    an error from there, and does not run, but cannot raise it. tests/test_engines.py fails when
    CoreNEURON runs right what is refused.
    """
    from neuron import coreneuron

    arguments = coreneuron.nrncore_arg

    def arguments_if_right(tstop: float) -> str:
        refuse_where_coreneuron_errs()
        return arguments(tstop)

    coreneuron.nrncore_arg = arguments_if_right
