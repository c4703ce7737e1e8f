"""Izhikevich's 2003 and 2004 cells for use in a larger NEURON model.

The model has a voltage v (mV) and a recovery variable u (mV/ms):

    v' = e v^2 + f v + g - u + Iin        v > thresh:  v <- c,  u <- u + d
    u' = a (b (v - vu) - uleak u)

There are two ways to have a cell, each with the parameters in ``cell.izh``, which is also what a
NetCon starts from:

``IzhiCell("tonic spiking")``
    Izhi2003b, in a section of its own, ``cell.sec``. The section's v is the model's v, so that
    NEURON's clamps, synapses and connections work on it: 1 mV/ms is 0.001 nA.
``IzhiCell("tonic spiking", host)``
    Izhi2003a, with a voltage of its own, ``cell.izh.V``; `host` (a section, or "dummy" for one
    that all can share) is an address and no more. The first weight of a NetCon opens a conductance
    (1/ms), the second is a pulse (mV/ms).

``IzhiCell`` is `izhikevich.Izhi2003Cell`, and takes ``paper="2003"`` for the cells of that paper.
A tonically spiking cell, which excites a phasic one:

>>> from neuron import h
>>> from izhi2003Wrapper import IzhiCell
>>> pre, post = IzhiCell("tonic spiking", "dummy"), IzhiCell("phasic spiking", "dummy")
>>> pre.izh.Iin = 14
>>> synapse = h.NetCon(pre.izh, post.izh)
>>> synapse.delay = 2
>>> synapse.weight[0] = 0.5
>>> detector, spikes = h.NetCon(post.izh, None), h.Vector()
>>> detector.record(spikes)
0.0
>>> h.dt = 0.25
>>> h.finitialize()
1.0
>>> while h.t < 100:
...     _ = h.fadvance()
>>> len(spikes)
3

NetPyNE imports it by ``importCellParams(fileName="izhi2003Wrapper.py", cellName="IzhiCell",
cellArgs={"type": "tonic spiking", "host": "dummy"})``, as in its tutorial; docs/networks.md tells
what else a NetPyNE network has to know.

``type2003`` has a, b, c and d of the 20 types of 2004. A cell also takes what its type has besides:
f and g in Class 1 and the integrator, vu and uleak in accommodation.

Sources
-------
E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks 14(6):1569-1572,
2003; "Which model to use for cortical spiking neurons?", ibid. 15(5):1063-1070, 2004. The names are
those of NetPyNE's tutorial, and go back to ModelDB 39948 by W. Lytton, S. Dura-Bernal and C. Kerr.
"""

from collections import OrderedDict
from typing import Any

from neuron import h

from izhikevich.catalog import CATALOG
from izhikevich.engine import mechanisms
from izhikevich.engine.cells import Izhi2003Cell as IzhiCell
from izhikevich.engine.cells import dummy_section

__all__ = ["IzhiCell", "dummy", "h", "type2003"]  # noqa: F822 - dummy is made when asked for

_PARAMETERS = ("a", "b", "c", "d")

#: (a, b, c, d) of each type of 2004.
type2003 = OrderedDict(
    (key, tuple(entry.parameters[name] for name in _PARAMETERS))
    for key, entry in CATALOG["2004"].items()
)

# a script may use h.Izhi2003a and the others without IzhiCell
mechanisms.load()


def __getattr__(name: str) -> Any:
    # made when it is asked for: a section that nobody wants would be in every loop over sections
    if name == "dummy":
        return dummy_section()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
