"""The threshold of a cell that can rest: the stable manifold of its saddle (book, chapter 7).

The two trajectories that end in the saddle part the plane: from one side the cell goes back to its
rest, from the other it fires. There is no threshold voltage but this curve, and a cell may lie
below the whole v-nullcline and yet not fire.
"""

from __future__ import annotations

import numpy as np

from izhikevich.analysis.plane import PhasePlane, Polyline
from izhikevich.errors import ParameterError

# Of the first step away from the saddle, mV.
_START = 1e-3
# Of the trajectory's steps: no longer than this in v (mV), and in time (ms).
_FARTHEST_STEP = 0.2
_LONGEST_STEP = 0.5
_MOST_STEPS = 4000


def stable_manifold(
    plane: PhasePlane,
    current: float,
    v_limits: tuple[float, float] = (-100.0, 40.0),
) -> Polyline:
    """Follow the trajectories that end in the saddle back in time.

    Parameters
    ----------
    plane : PhasePlane
    current : float
        I, mV/ms or pA.
    v_limits : (float, float)
        Where to stop, mV.

    Returns
    -------
    v, u : numpy.ndarray, shape (n,)
        One line through the saddle: its left arm, the saddle, its right arm, mV and mV/ms or pA.
        Empty where there is no saddle. With a < 0 it is not the border of a rest's basin.

    Raises
    ------
    ParameterError
        If `current` is not a finite number.
    """
    try:
        points = plane.fixed_points(current)
    except ParameterError:
        if not np.isfinite(current):
            raise
        points = []
    saddle = next((p for p in points if p.kind == "saddle" and p.jacobian), None)
    if saddle is None or saddle.jacobian is None:
        return np.empty(0), np.empty(0)
    (a, b), _ = saddle.jacobian
    slope = (saddle.eigenvalues[0].real - a) / b  # of the stable eigenvector: (1, slope)
    arms = [
        _back(plane, current, saddle.v + side * _START, saddle.u + side * _START * slope, v_limits)
        for side in (-1, 1)
    ]
    line = [*reversed(arms[0]), (saddle.v, saddle.u), *arms[1]]
    v, u = np.array(line).T
    return v, u


def _back(
    plane: PhasePlane, current: float, v: float, u: float, limits: tuple[float, float]
) -> list[tuple[float, float]]:
    """The states before (v, u), by Runge-Kutta steps of 4th order back in time."""
    capacitance, leak, a = plane.capacitance, plane.leak, plane.a

    def flow(v: float, u: float) -> tuple[float, float]:
        branch = plane.branch_at(v)
        dv = (plane.parabola(v) - u + current) / capacitance
        return -dv, -a * (branch.target(v) - leak * u)

    line = [(v, u)]
    farthest = 100 * (1 + abs(u))
    for _ in range(_MOST_STEPS):
        dv, du = flow(v, u)
        h = min(_LONGEST_STEP, _FARTHEST_STEP / max(abs(dv), 1e-12))
        k2 = flow(v + h / 2 * dv, u + h / 2 * du)
        k3 = flow(v + h / 2 * k2[0], u + h / 2 * k2[1])
        k4 = flow(v + h * k3[0], u + h * k3[1])
        v += h / 6 * (dv + 2 * k2[0] + 2 * k3[0] + k4[0])
        u += h / 6 * (du + 2 * k2[1] + 2 * k3[1] + k4[1])
        line.append((v, u))
        if not limits[0] <= v <= limits[1] or abs(u) > farthest:
            break
    return line
