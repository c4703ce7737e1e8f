"""Izhikevich's 2007 cells for use in a larger NEURON model.

The model has a voltage v and a recovery variable u, which says how strongly the cell resists
being driven further:

    100 C v' = k (v - vr)(v - vt) - u - I + Iin       C in units of 100 pF, Iin in pA
          u' = a (U(v) - u)                           U(v) = b (v - vr) in most types

Where v reaches the peak, the cell has spiked: v falls back to c and u rises by d. Some types
bend this rule (LTS, FS, TC and RTN; mod/Izhi2007a.mod has the table). There are two ways to
have a cell:

``IzhiCell("RS")``
    Izhi2007b, in a section of its own, ``cell.sec``. The section's v is the model's v, so that
    NEURON's clamps, synapses and connections work on it. I is what they send.
``IzhiCell("RS", host)``
    Izhi2007a, with a voltage of its own, ``cell.izh.V``; `host` (a section, or "dummy" for one
    that all can share) is an address and no more. I comes from five receptors in the cell,
    each of them a weight of a NetCon (nS): AMPA, NMDA, GABAA, GABAB and an opsin.

In both ``cell.izh`` has the parameters, and is what a NetCon starts from.

A network of two cells: the first is driven by a current, and excites the second.

>>> from neuron import h
>>> from izhi2007Wrapper import IzhiCell
>>> pre, post = IzhiCell("RS", "dummy"), IzhiCell("FS", "dummy")
>>> pre.izh.Iin = 100
>>> synapse = h.NetCon(pre.izh, post.izh)
>>> synapse.delay = 2
>>> synapse.weight[0] = 20
>>> detector, spikes = h.NetCon(post.izh, None), h.Vector()
>>> detector.record(spikes)
0.0
>>> h.dt = 0.25
>>> h.finitialize()
1.0
>>> while h.t < 520:
...     _ = h.fadvance()
>>> len(spikes)
7

In a network on many ranks ``cell.register(gid)`` gives the cell a gid, and
``cell.connect_from(gid, "AMPA", weight=20, delay=2)`` lets another hear it: see docs/networks.md.

``type2007`` has the parameters of all types; ``cell.reparam("IB")`` makes a cell one of another
type, and ``cell.init()`` puts it at rest (a cell in a section needs no call: finitialize does).

Sources
-------
E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8: the model, and
the types. E. M. Izhikevich and G. M. Edelman, "Large-scale model of mammalian thalamocortical
systems", PNAS 105(9):3593-3598, 2008: the receptors. ModelDB 39948 by W. Lytton, S. Dura-Bernal
and C. Kerr: the first implementation for NEURON, whose names are kept here.
"""

from collections import OrderedDict
from typing import Any

from neuron import h

from izhikevich.catalog import CATALOG
from izhikevich.engine import mechanisms
from izhikevich.engine.cells import IzhiCell, dummy_section

__all__ = ["IzhiCell", "dummy", "h", "type2007"]  # noqa: F822 - dummy is made when asked for

_PARAMETERS = ("C", "k", "vr", "vt", "vpeak", "a", "b", "c", "d", "celltype")

#: (C, k, vr, vt, vpeak, a, b, c, d, celltype) of each type that these ten describe, C in units of
#: 100 pF; the second reading of TC, which has a vu, is not among them.
type2007 = OrderedDict(
    (key, tuple(entry.parameters[name] for name in _PARAMETERS))
    for key, entry in CATALOG["2007"].items()
    if set(entry.parameters) <= set(_PARAMETERS)
)

# a script may use h.Izhi2007a and the others without IzhiCell
mechanisms.load()


def __getattr__(name: str) -> Any:
    # made when it is asked for: a section that nobody wants would be in every loop over sections
    if name == "dummy":
        return dummy_section()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
