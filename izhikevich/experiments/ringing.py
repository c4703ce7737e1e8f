"""The small oscillation of a cell about its rest: its period in NEURON and in theory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from izhikevich.choice import choose
from izhikevich.engine.simulation import simulate_choice
from izhikevich.experiments.resting import Parameters, rest_at, started_at
from izhikevich.waveforms import constant

# What is left of ringing below this share of its beginning may be the solver's own error.
_LEAST_RINGING = 1e-5


@dataclass(frozen=True)
class Ringing:
    """Period of the small oscillation about the rest.

    Attributes
    ----------
    current : float
        mV/ms or pA.
    measured : float or None
        In NEURON, ms; None where it dies within half a turn.
    predicted : float or None
        From the eigenvalues, ms; None where the rest does not ring.
    """

    current: float
    measured: float | None
    predicted: float | None


def ringing(
    paper: str,
    key: str,
    current: float = 0.0,
    *,
    displacement: float = 0.03,
    parameters: Parameters = None,
) -> Ringing:
    """Push the resting cell and measure the period of its subthreshold oscillation.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    current : float
        mV/ms or pA.
    displacement : float
        Of v at the start, mV: small, since the prediction is that of the linear system.
    parameters : mapping of str to float, optional
        Parameters that replace the type's own.

    Returns
    -------
    Ringing

    Raises
    ------
    NoRestError
        If the cell has no stable rest at `current`.
    """
    choice = choose(paper, key, scheme="exact", current=constant(current), parameters=parameters)
    plane = choice.plane
    rest = rest_at(plane, current)
    predicted = plane.subthreshold_period(current)
    if predicted is None:
        return Ringing(current, None, None)
    pushed = started_at(choice, rest.v + displacement, rest.u).but(tstop=5 * predicted)
    recording = simulate_choice(pushed.check())
    away = recording.v - rest.v
    crossings = [
        j
        for j in np.flatnonzero(away[:-1] * away[1:] < 0)
        if abs(away[j:]).max() > _LEAST_RINGING * displacement
    ]
    times = [np.interp(0.0, *_rising(away[j : j + 2], recording.t[j : j + 2])) for j in crossings]
    measured = 2 * float(np.diff(times).mean()) if len(times) > 1 else None
    return Ringing(current, measured, predicted)


def _rising(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(x)
    return x[order], y[order]
