"""The four mechanisms: their names, and which mechanisms this process has, of whom."""

from __future__ import annotations

from typing import NamedTuple

NAMES = ("Izhi2003a", "Izhi2003b", "Izhi2007a", "Izhi2007b")

#: Mechanisms of populations, which NEURON alone has.
OF_POPULATIONS = ("IzhiPopulation", "IzhiPort")

#: Value of the parameter `revision` of each mechanism, by which ours are known.
REVISION = 3


def foreign() -> tuple[str, ...]:
    """Names among the four under which another mechanism than ours is loaded.

    Returns
    -------
    tuple of str
        In the order of `NAMES`; empty when all is well.
    """
    from neuron import h

    return tuple(
        name
        for name in NAMES
        if hasattr(h, name) and getattr(h, f"revision_{name}", None) != REVISION
    )


class Loaded(NamedTuple):
    """A mechanism that this process has from a mod file.

    Attributes
    ----------
    name : str
    file : str
        Path of the mod file when it was compiled.
    text : str
        What was in it.
    is_point_process : bool
        Whether it is a point process or an artificial cell, and no density.
    """

    name: str
    file: str
    text: str
    is_point_process: bool


def loaded() -> dict[str, Loaded]:
    """Give the mechanisms that this process has from mod files, NEURON's own among them.

    Returns
    -------
    dict of str to Loaded
        By name.
    """
    from neuron import h

    found = {}
    name = h.ref("")
    for is_point_process in (False, True):
        kinds = h.MechanismType(int(is_point_process))
        for k in range(int(kinds.count())):
            kinds.select(k)
            kinds.selected(name)
            if kinds.file():
                one = Loaded(name[0], kinds.file(), kinds.code(), is_point_process)
                found[one.name] = one
    return found
