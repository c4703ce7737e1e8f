"""What is asked of many cells: networks of the 2003 model, their runs and their results.

>>> from izhikevich import network
>>> result = network.run(network.fig3_network(seconds=1, seed=1))  # doctest: +SKIP
>>> result.rates  # doctest: +SKIP
{'excitatory': 7.6, 'inhibitory': 7.3}
"""

from izhikevich.network.running import (
    Connections,
    NetworkError,
    NetworkResult,
    NetworkSpec,
    Population,
    Share,
    check,
    connections_onto,
    fig3_network,
    populations,
    run,
    run_on_ranks,
    sparse_network,
)

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
