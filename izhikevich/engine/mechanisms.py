"""Izhikevich's mechanisms in this process: loaded, and built before where they are missing."""

from __future__ import annotations

from izhikevich.engine import capacitance, own_mod_files
from izhikevich.engine.build import MechanismError, build_coreneuron, libraries, mod_files
from izhikevich.engine.coreneuron import guard, offer
from izhikevich.engine.names import NAMES, REVISION, foreign
from izhikevich.engine.own_mod_files import Where

__all__ = [
    "NAMES",
    "REVISION",
    "MechanismError",
    "build_coreneuron",
    "foreign",
    "load",
    "mod_files",
]


def load(coreneuron: bool = False, *, with_mechanisms: Where | None = None) -> None:
    """Make the four mechanisms available, building them where they are missing.

    A mechanism of the same name that is already loaded is left alone, also when it is not
    ours (see `foreign`). From then on CoreNEURON refuses what it would run wrong (see
    `izhikevich.engine.coreneuron`), and each initialisation warns of sections that have not the
    capacitance of their cell. Calling again costs next to nothing.

    Parameters
    ----------
    coreneuron : bool
        Also let CoreNEURON find them, through the environment variable CORENEURONLIB
        unless that is set already. To be called before CoreNEURON first runs.
    with_mechanisms : path or iterable of paths, optional
        Folder of mod files of your own, or the files: they are loaded, too, and compiled together
        with these four for CoreNEURON, which has one library for all.

    Raises
    ------
    ParameterError
        If there are no such mod files, or one defines one of the four in another way.
    MechanismError
        If a mechanism cannot be built or loaded, or CoreNEURON cannot have it.
    """
    from neuron import h

    own = [] if with_mechanisms is None else own_mod_files.find(with_mechanisms)
    if own:
        own_mod_files.load(own)
    if coreneuron:
        offer(own)
    guard()
    capacitance.watch()
    absent = [name for name in NAMES if not hasattr(h, name)]
    if not absent:
        return
    paths = libraries()
    for name in absent:
        if not h.nrn_load_dll(str(paths[name])):
            raise MechanismError(f"NEURON could not load {paths[name]}; its reason is above.")
