"""CoreNEURON: our mechanisms offered to it, and what it would run wrong refused."""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from izhikevich.engine import build, capacitance, own_mod_files
from izhikevich.engine.build import MechanismError
from izhikevich.engine.names import NAMES, OF_POPULATIONS, Loaded, foreign, loaded

#: Environment variable that names the library of CoreNEURON.
LIBRARY_VARIABLE = "CORENEURONLIB"

#: Point processes that conduct nothing, and so leave alone how CoreNEURON resets a section.
CONDUCTING_NOTHING = ("IClamp", "Izhi2003a", "Izhi2007a")


def offer(files: Sequence[Path] = ()) -> None:
    """Point CORENEURONLIB to our mechanisms, unless CoreNEURON finds them in a library already.

    Parameters
    ----------
    files : sequence of Path
        Mod files of the user's, whose mechanisms it is to have as well.

    Raises
    ------
    MechanismError
        If the library cannot be built, or CoreNEURON cannot have it any more.
    """
    others = foreign()
    if others:
        # CoreNEURON would lay out their data by our text of that name
        raise MechanismError(
            f"CoreNEURON cannot run our mechanisms beside your own {', '.join(others)}: "
            "start Python where your library is not loaded."
        )
    wanted = [*NAMES, *(file.stem for file in files)]
    library = _library()
    lacking = [name for name in wanted if not library.has(name)]
    if library.is_loaded and lacking:
        raise MechanismError(
            f"CoreNEURON is already running in this process without {', '.join(lacking)}: "
            "call load(coreneuron=True) before its first run."
        )
    if lacking and library.is_of_the_user:
        raise MechanismError(
            f"The library that {LIBRARY_VARIABLE} names, {library.path}, has no "
            f"{', '.join(lacking)}: unset {LIBRARY_VARIABLE}, and a library with all mechanisms "
            "is built."
        )
    if lacking:
        folder = build.build_coreneuron(own_mod_files.with_included(files))
        (built,) = folder.glob("libcorenrnmech.*")
        os.environ[LIBRARY_VARIABLE] = str(built)
    _guard_late()


class _Library(NamedTuple):
    """Where CoreNEURON has its mechanisms: a file, this process, or (without a path) nowhere."""

    path: Path | None
    is_loaded: bool = False
    is_of_the_user: bool = False

    def has(self, stem: str) -> bool:
        """Whether it has the mechanism of the mod file ``<stem>.mod``."""
        # the function coreneuron::_<stem>_reg(), which registers it
        function = f"_{stem}_reg"
        symbol = f"_ZN10coreneuron{len(function)}{function}Ev"
        if self.is_loaded:
            return hasattr(_process(), symbol)
        return self.path is not None and symbol.encode() in _content(self.path)


def _library() -> _Library:
    """Look where CoreNEURON will, in the same order."""
    if hasattr(_process(), "corenrn_embedded_run"):
        return _Library(None, is_loaded=True)
    named = os.environ.get(LIBRARY_VARIABLE)
    if named and Path(named).exists():
        path = Path(named).absolute()
        return _Library(path, is_of_the_user=build.cache_folder() not in path.parents)
    in_working_directory = Path.cwd() / platform.machine()
    for folder, name in (
        (in_working_directory, "libcorenrnmech"),
        (build.neuron_data() / "lib", "libcorenrnmech_internal"),
    ):
        for path in folder.glob(f"{name}.*"):
            return _Library(path)
    return _Library(None)


def _process() -> Any:
    """What this process has loaded, as C sees it."""
    import ctypes

    return ctypes.CDLL(None)


@functools.lru_cache(maxsize=2)
def _content(library: Path) -> bytes:
    return library.read_bytes()


def refuse_where_coreneuron_errs() -> None:
    """Raise if CoreNEURON has not the model's mechanisms, or would reset a voltage wrongly.

    There an assignment to a section's v is lost, and Izhi2003b and Izhi2007b reset it by a
    current of one step, which another conductance in the section would share in.

    Raises
    ------
    MechanismError
        If the model has a mechanism that is not in CoreNEURON's library, which would end the
        process; if a section that holds one of ours has a conductance besides, or another
        capacitance than the cell. The message names the section and what is in it.
    """
    from neuron import h

    _refuse_what_it_has_not()
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


def _refuse_what_it_has_not() -> None:
    """Raise if the model has a mechanism that CoreNEURON's library has not."""
    from neuron import h

    def is_used(one: Loaded) -> bool:
        if one.is_point_process:
            return len(h.List(one.name)) > 0
        return any(section.has_membrane(one.name) for section in h.allsec())

    library = _library()
    if library.path is None and not library.is_loaded:
        return
    missing = [
        one for one in loaded().values() if not library.has(Path(one.file).stem) and is_used(one)
    ]
    if not missing:
        return
    names = ", ".join(one.name for one in missing)
    of_neuron = [
        one.name for one in missing if "nrnoc" in Path(one.file).parts or one.name in OF_POPULATIONS
    ]
    if of_neuron:
        way = f"{', '.join(of_neuron)} is of NEURON alone: run this with coreneuron.enable = False."
    else:
        folders = [str(Path(one.file).parent) for one in missing if one.name not in NAMES]
        folders = list(dict.fromkeys(folders))
        where = repr(folders[0] if len(folders) == 1 else folders)
        way = (
            f"{'Start Python again and call' if library.is_loaded else 'Call'} mechanisms.load("
            f"coreneuron=True{f', with_mechanisms={where}' if folders else ''}) before the first "
            "run: CoreNEURON has one library for all mechanisms, which that compiles."
        )
    raise MechanismError(f"CoreNEURON has no {names} and would end the process. {way}")


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
