"""Izhikevich's mechanisms in this process: loaded, and built before where they are missing."""

from __future__ import annotations

import functools
import warnings

from izhikevich.engine import own_mod_files
from izhikevich.engine.build import MechanismError, build_coreneuron, libraries, mod_files
from izhikevich.engine.names import NAMES, REVISION, foreign, loaded
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


def load(
    coreneuron: bool = False, *, with_mechanisms: Where | None = None, strict: bool = False
) -> None:
    """Make the four mechanisms available, building them where they are missing.

    A mechanism of the same name that is already loaded is left alone, also when it is not
    ours (see `foreign`), of which is warned once. From then on CoreNEURON refuses what it would
    run wrong (see `izhikevich.engine.coreneuron`), and each initialisation looks for cells that
    would run wrongly (see `izhikevich.engine.initialisation`). Calling again costs next to
    nothing.

    Parameters
    ----------
    coreneuron : bool
        Also let CoreNEURON find them, through the environment variable CORENEURONLIB
        unless that is set already. To be called before CoreNEURON first runs.
    with_mechanisms : path or iterable of paths, optional
        Folder of mod files of your own, or the files: they are loaded, too, and compiled together
        with these four for CoreNEURON, which has one library for all.
    strict : bool
        Refuse mechanisms that are not ours instead of warning of them.

    Raises
    ------
    ParameterError
        If there are no such mod files, or one defines one of the four in another way.
    MechanismError
        If a mechanism cannot be built or loaded, or CoreNEURON cannot have it; if `strict`, also
        if another of the same name is loaded.
    """
    from izhikevich.engine.initialisation import watch

    own = [] if with_mechanisms is None else own_mod_files.find(with_mechanisms)
    if own:
        own_mod_files.load(own)
    if coreneuron:
        from izhikevich.engine.coreneuron import offer  # of which most runs need nothing

        offer(own)
    others = _load_absent()
    watch()
    if others and strict:
        raise MechanismError(_told_of(others))
    if others:
        _warn_once_of(others)


@functools.cache  # what is loaded once is there for good
def _load_absent() -> tuple[str, ...]:
    """Load those of the four that are absent; gives the names of those that are not ours."""
    from neuron import h

    absent = [name for name in NAMES if not hasattr(h, name)]
    paths = libraries() if absent else {}
    for name in absent:
        if not h.nrn_load_dll(str(paths[name])):
            raise MechanismError(f"NEURON could not load {paths[name]}; its reason is above.")
    return foreign()


def _told_of(others: tuple[str, ...]) -> str:
    """What is wrong with mechanisms that are not ours, and what to do."""
    files = {name: one.file for name, one in loaded().items()}
    where = ", ".join(f"{name} (from {files.get(name) or 'an unknown file'})" for name in others)
    return (
        f"This process has mechanisms of our names that are not this package's: {where}. Cells of "
        "them do not do what the catalogue says. NEURON loads what is compiled in the working "
        "directory: start Python in another one, or compile there without these files."
    )


@functools.cache
def _warn_once_of(others: tuple[str, ...]) -> None:
    """Warn where a script calls `load`, or what calls it."""
    warnings.warn(_told_of(others), RuntimeWarning, stacklevel=3)
