"""What a seed means: the cells of a network and the connections onto each of them.

A cell's parameters and connections follow from the seed and its gid alone, so that each rank can
draw its share without knowing the others'. Noise is drawn in the mechanism, from a stream of the
cell's own (`share`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.network.specification import NetworkSpec

__all__ = [
    "Connections",
    "Population",
    "connections_onto",
    "connections_onto_each",
    "fan_in_of",
    "populations",
]

#: Fan-in that the paper's weights are meant for; with another they are scaled by the ratio.
FAN_IN_2003 = 1000
#: Of five cells four are excitatory.
EXCITATORY_FRACTION = 0.8


@dataclass(frozen=True)
class Population:
    """Cells with consecutive gids.

    Attributes
    ----------
    name : str
        "excitatory" or "inhibitory".
    first, size : int
        First gid, and number of cells.
    parameters : dict of str to array
        Parameters of Izhi2003a by name, one value for each cell.
    """

    name: str
    first: int
    size: int
    parameters: dict[str, np.ndarray]


@dataclass(frozen=True)
class Connections:
    """Connections, one for each element of the arrays.

    Attributes
    ----------
    sources, targets : array of int
        Gids.
    weights : array of float
        Pulses, mV/ms.
    delays : array of float
        ms.
    """

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray


def populations(spec: NetworkSpec) -> tuple[Population, ...]:
    """The populations of a network, spread by the formulae of the paper.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    tuple of Population
        Excitatory and inhibitory.
    """
    n_e = round(EXCITATORY_FRACTION * spec.cells)
    r = np.random.default_rng([spec.seed, 0]).random(spec.cells)
    r_e, r_i = r[:n_e], r[n_e:]
    constant = {"Iin": spec.current, "halves": 2.0}
    spread_e = {"c": -65 + 15 * r_e**2, "d": 8 - 6 * r_e**2, "sigma": spec.noise[0]}
    spread_i = {"a": 0.02 + 0.08 * r_i, "b": 0.25 - 0.05 * r_i, "sigma": spec.noise[1]}
    return (
        _population("excitatory", 0, n_e, {"a": 0.02, "b": 0.2, **spread_e, **constant}),
        _population(
            "inhibitory", n_e, spec.cells - n_e, {**spread_i, "c": -65.0, "d": 2.0, **constant}
        ),
    )


def _population(name: str, first: int, size: int, parameters: Mapping[str, Any]) -> Population:
    arrays = {key: np.broadcast_to(np.float64(x), size) for key, x in parameters.items()}
    return Population(name, first, size, arrays)


def connections_onto(spec: NetworkSpec, target: int) -> Connections:
    """The connections onto one cell, which follow from the seed and its gid alone.

    Weights are uniform in [0, 0.5) from excitatory and in (-1, 0] from inhibitory cells, times
    1000/fan-in, which keeps the mean input of the paper.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    target : int
        Gid of the cell.

    Returns
    -------
    Connections
    """
    random = np.random.Generator(np.random.Philox(key=[spec.seed, target + 1]))
    if spec.fan_in is None:
        sources = np.arange(spec.cells)
    else:
        sources = np.sort(random.choice(spec.cells, spec.fan_in, replace=False, shuffle=False))
    is_excitatory = sources < round(EXCITATORY_FRACTION * spec.cells)
    weights = np.where(is_excitatory, 0.5, -1.0) * random.random(len(sources))
    weights *= FAN_IN_2003 / max(len(sources), 1)
    shortest, longest = int(spec.min_delay), int(spec.max_delay)
    delays = random.integers(shortest, longest, len(sources), endpoint=True)
    return Connections(sources, np.full(len(sources), target), weights, delays.astype(float))


def fan_in_of(spec: NetworkSpec) -> int:
    """How many connections each cell gets.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    int
    """
    return spec.cells if spec.fan_in is None else spec.fan_in


def connections_onto_each(spec: NetworkSpec, targets: np.ndarray) -> Connections:
    """The connections onto many cells, in arrays that take no more than they need.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    targets : array of int
        Gids of the cells.

    Returns
    -------
    Connections
        In the order of targets.
    """
    shape = (len(targets), fan_in_of(spec))
    sources, ends = np.empty(shape, np.int32), np.empty(shape, np.int32)
    weights, delays = np.empty(shape), np.empty(shape, np.float32)
    for k, target in enumerate(targets.tolist()):
        found = connections_onto(spec, target)
        sources[k], ends[k] = found.sources, found.targets
        weights[k], delays[k] = found.weights, found.delays
    return Connections(sources.ravel(), ends.ravel(), weights.ravel(), delays.ravel())
