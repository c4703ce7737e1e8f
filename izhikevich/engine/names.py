"""The four mechanisms: their names, and which of them are this package's own in this process."""

from __future__ import annotations

NAMES = ("Izhi2003a", "Izhi2003b", "Izhi2007a", "Izhi2007b")

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
