"""The one form that all models share: a planar system between spikes, a rule at the spike.

Between spikes ::

    C v' = F(v) - u + I          F(v) = e (v - origin)^2 + f (v - origin) + g
      u' = a (U(v) - leak u)     U(v): a line, or pieces of one

and where v reaches the peak, v and u are set anew.

Units are mV and ms; u and I are in the model's own unit of current (mV/ms or pA), C in what makes
of it mV/ms (1 or pF).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from izhikevich.errors import ParameterError

FloatArray = NDArray[np.float64]

#: Numbers beyond this are refused: what is computed from smaller ones stays finite.
LARGEST = 1e12
# The same for arrays, which may hold what was computed from such numbers.
_LARGEST_IN_ARRAYS = 1e60


@dataclass(frozen=True)
class Branch:
    """One piece of U: ``slope (v - origin) + cubic (v - origin)^3`` from `lower` to `upper`.

    Where two pieces meet, U has the value of the lower one (as published for TC and RTN; in
    FS the two agree).

    Attributes
    ----------
    lower, upper : float
        Ends of the piece, mV; infinite where there is none.
    origin : float
        Voltage at which the piece (or its continuation) is zero, mV.
    slope : float
        1/ms in the quadratic model, nS in the book's.
    cubic : float
        pA/mV^3; zero but in the fast spiking cell of the book.
    """

    lower: float
    upper: float
    origin: float
    slope: float
    cubic: float = 0.0

    @property
    def flat(self) -> bool:
        """Whether U is zero all along."""
        return self.slope == 0 and self.cubic == 0

    def target(self, v: float) -> float:
        """U at `v` (mV), also beyond the ends."""
        x = v - self.origin
        return (self.slope + self.cubic * x * x) * x

    def targets(self, v: FloatArray) -> FloatArray:
        """`target` of an array."""
        x = v - self.origin
        return (self.slope + self.cubic * x * x) * x

    def steepness(self, v: float) -> float:
        """dU/dv at `v` (mV), also beyond the ends."""
        x = v - self.origin
        return self.slope + 3 * self.cubic * x * x


@dataclass(frozen=True)
class PlanarSystem:
    """The equations between spikes, with numbers in them.

    Attributes
    ----------
    e, f, g, origin : float
        ``F(v) = e (v - origin)^2 + f (v - origin) + g``.
    capacitance : float
        1 in the quadratic model; pF in the book's.
    a : float
        Rate of recovery, 1/ms.
    leak : float
        How fast u decays, in units of `a`: uleak; 1 in the book's model.
    branches : tuple of Branch
        U, in order of v.
    """

    e: float
    f: float
    g: float
    origin: float
    capacitance: float
    a: float
    leak: float
    branches: tuple[Branch, ...]

    def parabola(self, v: float) -> float:
        """F(v)."""
        x = v - self.origin
        return (self.e * x + self.f) * x + self.g

    def parabola_slope(self, v: float) -> float:
        """F'(v)."""
        return 2 * self.e * (v - self.origin) + self.f

    def current_at(self, v: float, branch: Branch) -> float:
        """Return the current that puts a fixed point of `branch` at `v`; `leak` must not be 0."""
        return branch.target(v) / self.leak - self.parabola(v)

    def branch_at(self, v: float) -> Branch:
        """Find the piece of U at `v`."""
        return next(branch for branch in self.branches if v <= branch.upper)

    @property
    def joints(self) -> list[tuple[Branch, Branch]]:
        """The pieces of U below and above each corner or jump."""
        return list(zip(self.branches, self.branches[1:], strict=False))

    @property
    def frozen(self) -> bool:
        """Whether u stands still everywhere."""
        return self.a == 0 or (self.leak == 0 and all(branch.flat for branch in self.branches))

    def v_nullcline(self, v: ArrayLike, current: ArrayLike = 0.0) -> FloatArray:
        """Return the parabola on which v stands still: u = F(v) + I.

        Parameters
        ----------
        v : array_like
            mV.
        current : array_like
            I, mV/ms or pA; broadcast against `v`.

        Returns
        -------
        numpy.ndarray
            u, mV/ms or pA.

        Raises
        ------
        ParameterError
            If a number is not finite.
        """
        x = finite("v", v) - self.origin
        return (self.e * x + self.f) * x + self.g + finite("current", current)

    def recovery(self, v: ArrayLike) -> FloatArray:
        """U(v), which u is drawn to; the value at a jump is the published one.

        Parameters
        ----------
        v : array_like
            mV.

        Returns
        -------
        numpy.ndarray
            Of the shape of `v`, mV/ms or pA.

        Raises
        ------
        ParameterError
            If a number is not finite.
        """
        v = finite("v", v)
        values = self.branches[0].targets(v)
        for branch in self.branches[1:]:
            values = np.where(v > branch.lower, branch.targets(v), values)
        return values

    def flow(
        self, v: ArrayLike, u: ArrayLike, current: ArrayLike = 0.0
    ) -> tuple[FloatArray, FloatArray]:
        """Return the right-hand sides: where and how fast the cell moves.

        Parameters
        ----------
        v, u, current : array_like
            mV, and mV/ms or pA; broadcast against one another.

        Returns
        -------
        dv, du : numpy.ndarray
            mV/ms, and mV/ms^2 or pA/ms.

        Raises
        ------
        ParameterError
            If a number is not finite.
        """
        u = finite("u", u)
        dv = (self.v_nullcline(v, current) - u) / self.capacitance
        du = self.a * (self.recovery(v) - self.leak * u)
        dv, du = np.broadcast_arrays(dv, du)
        return dv, du


@dataclass(frozen=True)
class SpikeRule:
    """What happens where v reaches the peak.

    Attributes
    ----------
    threshold, threshold_slope : float
        The peak is ``threshold + threshold_slope u``, mV and mV per unit of u.
    c, c_slope : float
        v becomes ``c + c_slope u``, with the u before the spike.
    jump, largest_u : float
        u becomes ``min(u + jump, largest_u)``, mV/ms or pA.
    """

    threshold: float
    c: float
    jump: float
    threshold_slope: float = 0.0
    c_slope: float = 0.0
    largest_u: float = np.inf

    def peak(self, u: ArrayLike) -> FloatArray:
        """Return the voltage that ends a spike.

        Parameters
        ----------
        u : array_like
            mV/ms or pA.

        Returns
        -------
        numpy.ndarray
            mV, of the shape of `u`.

        Raises
        ------
        ParameterError
            If a number is not finite.
        """
        return self.threshold + self.threshold_slope * finite("u", u)

    def reset(self, u: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Apply the spike as a map: where a cell lands that reaches the peak with `u`.

        Parameters
        ----------
        u : array_like
            Before the reset, mV/ms or pA.

        Returns
        -------
        v, u : numpy.ndarray
            After the reset, of the shape of `u`.

        Raises
        ------
        ParameterError
            If a number is not finite.
        """
        u = finite("u", u)
        return self.c + self.c_slope * u, np.minimum(u + self.jump, self.largest_u)

    @property
    def last_u_below_cap(self) -> float:
        """The u before a spike from which on u is capped after it; infinite without a cap."""
        return self.largest_u - self.jump


def finite(name: str, values: ArrayLike) -> FloatArray:
    """`values` as floats that the formulas can be applied to without overflow."""
    array = np.asarray(values, dtype=float)
    if not np.all(np.abs(array) <= _LARGEST_IN_ARRAYS):  # false for nan, too
        raise ParameterError(f"{name} needs finite numbers, no larger than {_LARGEST_IN_ARRAYS:g}")
    return array
