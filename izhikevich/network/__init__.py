"""What is asked of many cells: networks of the 2003 model, their runs and their results.

A `NetworkSpec` says what the network is, `run` gives its spikes:

>>> from izhikevich import network
>>> result = network.run(network.fig3_network(seconds=1, seed=1))  # doctest: +SKIP
>>> result.rates  # doctest: +SKIP
{'excitatory': 7.6, 'inhibitory': 7.3}

A run is one of populations (`izhikevich.Population`) unless it is asked for point processes.
"""

from izhikevich.network.connections import Connections, Population, connections_onto, populations
from izhikevich.network.ranks import NetworkError, run_on_ranks
from izhikevich.network.results import NetworkResult
from izhikevich.network.running import run
from izhikevich.network.share import Share
from izhikevich.network.specification import NetworkSpec, check, fig3_network, sparse_network

__all__ = [
    "Connections",
    "NetworkError",
    "NetworkResult",
    "NetworkSpec",
    "Population",
    "Share",
    "check",
    "connections_onto",
    "fig3_network",
    "populations",
    "run",
    "run_on_ranks",
    "sparse_network",
]
