"""What a network is: the network of the 2003 paper (Fig. 3), and sparse ones of any size.

>>> from izhikevich import network
>>> network.sparse_network(10_000, fan_in=100).max_delay
20.0

Source
------
E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, Fig. 3 and the program beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.errors import ParameterError

__all__ = ["NetworkSpec", "check", "fig3_network", "sparse_network"]

#: Delays longer than these are a mistake, ms, and sums of pulses take memory for each.
LONGEST_DELAY = 1000.0


@dataclass(frozen=True)
class NetworkSpec:
    """What a network is, apart from the machine that it runs on.

    Attributes
    ----------
    cells : int
        Number of cells, of which the first 80 % are excitatory.
    fan_in : int or None
        Connections onto each cell, from others drawn at random. None: from all cells, itself
        included, as in the paper. 0: none.
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, connections and noise; 0 or more.
    min_delay, max_delay : float
        Delays are drawn evenly from the whole ms between them, ms.
    noise : tuple of float
        Standard deviation of the thalamic input, drawn anew every ms, of excitatory and
        inhibitory cells, mV/ms.
    current : float
        Constant input of every cell, mV/ms.
    dt : float
        Step, ms; v takes it in two halves.
    """

    cells: int = 1000
    fan_in: int | None = None
    seconds: float = 1.0
    seed: int = 1
    min_delay: float = 1.0
    max_delay: float = 1.0
    noise: tuple[float, float] = (5.0, 2.0)
    current: float = 0.0
    dt: float = 1.0


def fig3_network(seconds: float = 1.0, seed: int = 1) -> NetworkSpec:
    """The network of the 2003 paper, Fig. 3: 800 + 200 cells, all to all, delays of 1 ms.

    Parameters
    ----------
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, weights and noise.
    """
    return NetworkSpec(seconds=seconds, seed=seed)


def sparse_network(
    cells: int, fan_in: int = 100, seconds: float = 1.0, seed: int = 1, **changes: Any
) -> NetworkSpec:
    """A network of any size with delays of 1 to 20 ms.

    Parameters
    ----------
    cells, fan_in : int
        Number of cells, and of connections onto each.
    seconds : float
        Simulated time, s.
    seed : int
        Of parameters, connections and noise.
    **changes
        Other attributes of `NetworkSpec`.
    """
    values: dict[str, Any] = {"max_delay": 20.0, **changes}
    return NetworkSpec(cells=cells, fan_in=fan_in, seconds=seconds, seed=seed, **values)


def check(spec: NetworkSpec, ranks: int = 1, threads: int = 1, coreneuron: bool = False) -> None:
    """Raise if a network cannot be run so; nothing is run.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    ranks, threads : int
        Processes, and threads in each.
    coreneuron : bool
        Whether it is to run on CoreNEURON.

    Raises
    ------
    ParameterError
        With what is wrong, and what would be right.
    """
    for name, value in (("cells", spec.cells), ("ranks", ranks), ("threads", threads)):
        if not _is_whole(value) or value < 1:
            raise ParameterError(f"{name} must be a whole number of at least 1, not {value!r}")
    if not _is_whole(spec.seed) or not 0 <= spec.seed < 2**32:
        raise ParameterError(f"seed must be a whole number from 0 to 2^32 - 1, not {spec.seed!r}")
    if spec.cells >= 2**31:
        raise ParameterError(
            f"cells must be fewer than 2^31, for each needs a gid; not {spec.cells}"
        )
    if ranks * threads > spec.cells:
        raise ParameterError(
            f"{ranks} ranks x {threads} threads are more than the {spec.cells} cells: each needs "
            "a cell"
        )
    if spec.fan_in is not None:
        if not _is_whole(spec.fan_in) or spec.fan_in < 0:
            raise ParameterError(f"fan_in must be a whole number, 0 or more, not {spec.fan_in!r}")
        if spec.fan_in > spec.cells:
            raise ParameterError(
                f"fan_in must not exceed the number of cells, {spec.cells}; it is {spec.fan_in}"
            )
    for name, number in (("seconds", spec.seconds), ("dt", spec.dt)):
        if not _is_finite(number) or number <= 0:
            raise ParameterError(f"{name} must be a number greater than 0, not {number!r}")
    if 1000 * spec.seconds < spec.dt:
        raise ParameterError(f"{spec.seconds:g} s are less than one step of {spec.dt:g} ms")
    noise = spec.noise if isinstance(spec.noise, (tuple, list)) else ()
    if len(noise) != 2 or not all(_is_finite(x) and x >= 0 for x in noise):
        raise ParameterError(f"noise is two numbers of mV/ms, 0 or more, not {spec.noise!r}")
    if not _is_finite(spec.current):
        raise ParameterError(f"current must be a finite number of mV/ms, not {spec.current!r}")
    if spec.fan_in != 0:
        _check_delays(spec, threads > 1 or (coreneuron and ranks > 1))


def _check_delays(spec: NetworkSpec, needs_two_steps: bool) -> None:
    for name, value in (("min_delay", spec.min_delay), ("max_delay", spec.max_delay)):
        if not _is_finite(value) or value != int(value):
            raise ParameterError(f"{name} must be a whole number of ms, not {value!r}")
    if spec.max_delay > LONGEST_DELAY:
        raise ParameterError(
            f"max_delay must be at most {LONGEST_DELAY:g} ms; it is {spec.max_delay:g} ms"
        )
    if spec.min_delay > spec.max_delay:
        raise ParameterError(
            f"min_delay, {spec.min_delay:g} ms, must not exceed max_delay, {spec.max_delay:g} ms"
        )
    if spec.min_delay < spec.dt:
        raise ParameterError(
            f"min_delay must be at least the step, {spec.dt:g} ms; it is {spec.min_delay:g} ms"
        )
    if needs_two_steps and spec.min_delay < 2 * spec.dt:
        raise ParameterError(
            "on more than one thread, or CoreNEURON on more than one rank, delays must be at "
            f"least two steps, {2 * spec.dt:g} ms; min_delay is {spec.min_delay:g} ms. NEURON on "
            "ranks does with one."
        )


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return (
        isinstance(value, (int, float, np.number))
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
    )
