"""All four mechanisms and Hodgkin-Huxley cells in one NetPyNE network, connected both ways.

    pip install netpyne
    python examples/netpyne_network.py

What to see in it: the three ways by which a cell enters NetPyNE, and how it is connected.

* By ``importCellParams``, from izhi2003Wrapper.py or izhi2007Wrapper.py, as in NetPyNE's tutorial.
  NetPyNE then has to be told of a point process which variable is its voltage (``vref``) and which
  weight is which receptor (``synList``).
* By ``izhikevich.netpyne_rule``, which says all of that, and also where a spike is one.
* Without a section, by a ``cellModel`` that is the mechanism: the lightest, for point processes.
* A point process hears through receptors of its own, a section through NEURON's synapses; a
  ``synMech`` names either.
* Each population hears every other kind: Izhikevich's cells drive the Hodgkin-Huxley cells,
  which drive them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from netpyne import sim, specs  # noqa: E402

from izhikevich import let_netpyne_place_points, netpyne_rule  # noqa: E402
from izhikevich.engine import mechanisms  # noqa: E402

#: Inputs of Izhi2003a, in the order of their weights.
INPUTS_2003 = ["conductance", "pulse"]


def net_params() -> Any:
    """What the network is."""
    params = specs.NetParams()

    mechanisms.load()  # NetPyNE looks for them before it imports a file
    rule = params.importCellParams(
        label="2003a",
        fileName=str(ROOT / "izhi2003Wrapper.py"),
        cellName="IzhiCell",
        cellArgs={"type": "tonic spiking", "host": "dummy"},
    )
    for section in rule["secs"].values():
        for point in section["pointps"].values():
            point["vref"] = "V"
            point["synList"] = INPUTS_2003
            point["Iin"] = 5
    params.cellParams["2003b"] = netpyne_rule("2004", "tonic spiking", "Sec", parameters={"Iin": 5})
    params.cellParams["2007b"] = netpyne_rule("2007", "RS", "Sec")
    let_netpyne_place_points()
    params.popParams["2007a"] = {"cellModel": "Izhi2007a", "numCells": 5}

    params.cellParams["HH"] = {
        "secs": {"soma": {"geom": {"L": 18.8, "diam": 18.8}, "mechs": {"hh": {}}}},
    }
    for kind in ("2003a", "2003b", "2007b", "HH"):
        params.popParams[kind] = {"cellType": kind, "numCells": 5}

    params.synMechParams["exc"] = {"mod": "ExpSyn", "tau": 3, "e": 0}

    # Iin of an imported cell is 0: a noisy drive starts the activity of each kind
    params.stimSourceParams["drive"] = {"type": "NetStim", "rate": 100, "noise": 1}
    for kind, synapse, weight in (
        ("2007b", "exc", 0.01),  # uS
        ("2007a", "AMPA", 30),  # nS
        ("HH", "exc", 0.02),  # uS
    ):
        params.stimTargetParams[f"drive to {kind}"] = {
            "source": "drive",
            "conds": {"pop": kind},
            "synMech": synapse,
            "weight": weight,
            "delay": 1,
        }
    for pre, post, synapse, weight in (
        ("HH", "2007b", "exc", 0.004),
        ("HH", "2007a", "AMPA", 8),
        ("HH", "2003a", "pulse", 3),  # mV/ms
        ("HH", "2003b", "exc", 4e-5),
        ("2007b", "HH", "exc", 0.004),
        ("2007a", "HH", "exc", 0.004),
        ("2003a", "HH", "exc", 0.004),
        ("2003b", "HH", "exc", 0.004),
    ):
        params.connParams[f"{pre} to {post}"] = {
            "preConds": {"pop": pre},
            "postConds": {"pop": post},
            "synMech": synapse,
            "probability": 0.6,
            "weight": weight,
            "delay": 2,
        }
    return params


def config(duration: float = 500) -> Any:
    """How the network is run.

    Parameters
    ----------
    duration : float
        ms.
    """
    settings = specs.SimConfig()
    settings.duration = duration
    settings.dt = 0.1
    settings.hParams = {"celsius": 6.3, "v_init": -65}
    settings.verbose = False
    settings.savePickle = settings.saveJson = False
    return settings


def run(duration: float = 500) -> dict[str, float]:
    """Run the network and give the rate of each population, spikes/s.

    Parameters
    ----------
    duration : float
        ms.
    """
    sim.createSimulate(netParams=net_params(), simConfig=config(duration))
    spikes = [int(gid) for gid in sim.simData["spkid"]]
    rates = {}
    for name, population in sim.net.pops.items():
        gids = set(population.cellGids)
        rates[name] = sum(gid in gids for gid in spikes) * 1000 / duration / len(gids)
    return rates


if __name__ == "__main__":
    for name, rate in run().items():
        print(f"{name:6} {rate:5.1f} spikes/s")
