"""All four mechanisms and Hodgkin-Huxley cells in one NetPyNE network, connected both ways.

    pip install netpyne
    python examples/netpyne_network.py

What to see in it: how each kind of cell enters NetPyNE, and how it is connected.

* IzhiCell, in a section (Izhi2007b) or as a point process (Izhi2007a), by ``importCellParams``.
* The 2003 models by the name of their mechanism (Izhi2003a, Izhi2003b).
* A point process has its own voltage, ``vref``, and its receptors are the weights of a NetCon,
  which ``synList`` names in their order. In a section NEURON's own synapses work.
* Each population hears every other kind: Izhikevich's cells drive the Hodgkin-Huxley cells,
  which drive them.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from netpyne import sim, specs  # noqa: E402

from izhikevich.engine import mechanisms  # noqa: E402

#: Receptors of Izhi2007a and inputs of Izhi2003a, in the order of their weights.
RECEPTORS_2007 = ["AMPA", "NMDA", "GABAA", "GABAB", "opsin"]
INPUTS_2003 = ["conductance", "pulse"]


def net_params() -> Any:
    """What the network is."""
    mechanisms.load()
    params = specs.NetParams()
    wrapper = str(ROOT / "izhi2007Wrapper.py")

    params.importCellParams(
        label="RS in a section",
        conds={"cellType": "2007b"},
        fileName=wrapper,
        cellName="IzhiCell",
        cellArgs={"type": "RS"},
    )
    params.importCellParams(
        label="RS as a point process",
        conds={"cellType": "2007a"},
        fileName=wrapper,
        cellName="IzhiCell",
        cellArgs={"type": "RS", "host": "dummy"},
    )
    for section in params.cellParams["RS as a point process"]["secs"].values():
        for point in section["pointps"].values():
            point["vref"] = "V"
            point["synList"] = RECEPTORS_2007

    params.cellParams["2003 as a point process"] = {
        "conds": {"cellType": "2003a"},
        "secs": {
            "soma": {
                "geom": {"L": 10, "diam": 10},
                "pointps": {
                    "izh": {
                        "mod": "Izhi2003a",
                        "loc": 0.5,
                        "vref": "V",
                        "synList": INPUTS_2003,
                        **{"a": 0.02, "b": 0.2, "c": -65, "d": 8, "Iin": 5},
                    }
                },
            }
        },
    }
    side = math.sqrt(100 / math.pi)  # 100 um2, so 1 pF
    params.cellParams["2003 in a section"] = {
        "conds": {"cellType": "2003b"},
        "secs": {
            "soma": {
                "geom": {"L": side, "diam": side, "cm": 1},
                "pointps": {
                    "izh": {
                        "mod": "Izhi2003b",
                        "loc": 0.5,
                        **{"a": 0.02, "b": 0.2, "c": -65, "d": 8, "Iin": 5},
                    }
                },
            }
        },
    }
    params.cellParams["Hodgkin-Huxley"] = {
        "conds": {"cellType": "HH"},
        "secs": {"soma": {"geom": {"L": 18.8, "diam": 18.8}, "mechs": {"hh": {}}}},
    }
    for kind in ("2007b", "2007a", "2003a", "2003b", "HH"):
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
