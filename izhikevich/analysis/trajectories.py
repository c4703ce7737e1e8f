"""A recording in the phase plane, as lines that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis.plane import Polyline
from izhikevich.errors import ParameterError


def trajectory_pieces(v: ArrayLike, u: ArrayLike, spikes: Sequence[int] = ()) -> list[Polyline]:
    """Split a recording at its spikes, so that no false line is drawn across a reset.

    Parameters
    ----------
    v, u : array_like, shape (n,)
        The recording, mV and mV/ms or pA.
    spikes : sequence of int
        Index of the last sample before each reset, in any order.

    Returns
    -------
    list of (v, u)
        In order of time; together they hold every sample once.

    Raises
    ------
    ParameterError
        If the arrays are not one-dimensional and equally long, or an index is outside.
    """
    v, u = np.asarray(v, dtype=float), np.asarray(u, dtype=float)
    if v.ndim != 1 or v.shape != u.shape:
        raise ParameterError(f"v and u must be equally long: their shapes are {v.shape}, {u.shape}")
    indices = np.unique(np.asarray(spikes, dtype=int))
    if indices.size and not (indices[0] >= 0 and indices[-1] < v.size):
        raise ParameterError(f"the spikes must be indices from 0 to {v.size - 1}")
    pieces = zip(np.split(v, indices + 1), np.split(u, indices + 1), strict=True)
    return [piece for piece in pieces if piece[0].size]
