"""How far two spike trains lie apart: matched one by one, and by their coincidence factor.

The n-th spike of one train is matched with the n-th of the other; what the longer train has beyond
that is unmatched. How alike two trains are, whatever the order, is said by their coincidence
factor.

Sources
-------
W. M. Kistler, W. Gerstner, J. L. van Hemmen, "Reduction of the Hodgkin-Huxley equations to a
single-variable threshold model", Neural Computation 9(5):1015-1045, 1997 (the coincidence factor).
R. Jolivet et al., "A benchmark test for a quantitative assessment of simple neuron models",
J. Neuroscience Methods 169(2):417-424, 2008 (its use to compare neuron models).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# Two spikes at most this far apart (ms) coincide.
PRECISION = 1.0
# Times on a grid carry the rounding of j * dt (ms).
ROUNDING = 1e-9


def spike_time_differences(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """The n-th spike of `second` less the n-th of `first`.

    Parameters
    ----------
    first, second : array_like, shape (n,) and (m,)
        Spike times in rising order, ms.

    Returns
    -------
    numpy.ndarray, shape (min(n, m),)
        ms; positive where `second` is late.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    n_matched = min(len(first), len(second))
    return second[:n_matched] - first[:n_matched]


def first_parting(
    first: ArrayLike, second: ArrayLike, precision: float = PRECISION
) -> float | None:
    """Time of the first spike whose counterpart is missing or farther than `precision`.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    precision : float
        ms.

    Returns
    -------
    float or None
        The earlier of the two spikes that part, ms; None where the trains do not part.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    apart = np.abs(spike_time_differences(first, second)) > precision + ROUNDING
    n = int(np.argmax(apart)) if apart.any() else len(apart)
    times = [train[n] for train in (first, second) if n < len(train)]
    return float(min(times)) if times else None


def n_coincidences(first: ArrayLike, second: ArrayLike, precision: float = PRECISION) -> int:
    """Largest number of pairs, one spike of each train, that lie at most `precision` apart.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    precision : float
        ms.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    i = j = pairs = 0
    while i < len(first) and j < len(second):
        # the earlier of two spikes too far apart cannot pair with any later one either
        if first[i] < second[j] - precision - ROUNDING:
            i += 1
        elif second[j] < first[i] - precision - ROUNDING:
            j += 1
        else:
            i, j, pairs = i + 1, j + 1, pairs + 1
    return pairs


def coincidence_factor(
    first: ArrayLike, second: ArrayLike, duration: float, precision: float = PRECISION
) -> float | None:
    """Coincidence factor of two spike trains (Kistler et al. 1997; Jolivet et al. 2008).

    The number of coincidences beyond those expected by chance, as a share of all spikes: ::

        Gamma = (n - 2 rate precision n1) / ((n1 + n2)/2) / (1 - 2 rate precision)

    where n of the n1 and n2 spikes coincide and ``rate = n2/duration``, so that a Poisson train
    of that rate in place of `second` gives 0 on average and equal trains give 1.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    duration : float
        Duration of both trains, ms.
    precision : float
        Two spikes at most this far apart coincide, ms.

    Returns
    -------
    float or None
        At most 1; None without any spike, and where `second` is so fast that chance would
        explain every coincidence (2 rate precision >= 1).
    """
    n1, n2 = len(np.asarray(first)), len(np.asarray(second))
    by_chance = 2 * precision * n2 / duration
    if n1 + n2 == 0 or by_chance >= 1:
        return None
    beyond_chance = n_coincidences(first, second, precision) - by_chance * n1
    return 2 * beyond_chance / (n1 + n2) / (1 - by_chance)
