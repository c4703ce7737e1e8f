"""Cells as scripts for NetPyNE, on the mechanisms of this package."""

from __future__ import annotations

from izhikevich.choice import Choice
from izhikevich.exchange.scripts import script

_REMARK = (
    "The cell is a point process of the package izhikevich, with the published rule and spikes; "
    "`netpyne_rule` has what NetPyNE cannot guess of it. NetPyNE's own izhi2007a.mod is another "
    "mechanism: its C is in pF, and a cell with C in units of 100 pF is not the same there."
)
_IMPORTS = """\
from netpyne import sim, specs
from neuron import h

from izhikevich import netpyne_rule"""
_BODY = """
params = specs.NetParams()
params.cellParams["cell"] = netpyne_rule(
    {paper!r}, {key!r}, parameters={changes!r}, section=False
)
params.popParams["cells"] = {{"cellType": "cell", "numCells": 1}}
config = specs.SimConfig()
config.duration, config.dt, config.verbose = STEPS * STEP, STEP, False
sim.create(netParams=params, simConfig=config)
point = sim.net.cells[0].hPointp


def start():
    point.V, point.u = {v0!r}, {u0!r}


started = h.FInitializeHandler(1, start)
played = h.Vector(current)
played.play(point._ref_Iin, STEP)
sim.simulate()
spikes = np.array(sim.simData["spkt"])
"""


def files_of(choice: Choice) -> dict[str, str]:
    """Say a cell and its current as a script for NetPyNE.

    Parameters
    ----------
    choice : Choice
        Of a published type; a person's own cell is one of the process that defines it.

    Returns
    -------
    dict of str to str
        The text by the name of the file.
    """
    body = _BODY.format(
        paper=choice.paper,
        key=choice.key,
        changes={n: x for n, x in choice.changes.items() if n in choice.model.names},
        v0=choice.parameters["v0"],
        u0=choice.parameters["u0"],
    )
    return script(choice, "NetPyNE", _REMARK, _IMPORTS, body)
