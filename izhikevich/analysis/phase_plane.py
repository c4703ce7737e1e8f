"""The phase plane of Izhikevich's neuron: nullclines, fixed points, bifurcations, the reset.

Between spikes every published type is the planar system ::

    C v' = F(v) - u + I          F(v) = e v^2 + f v + g, or k (v - vr)(v - vt)
      u' = a (U(v) - leak u)     U(v): a straight line, in three types of 2007 in two pieces

with C = 1 and leak = uleak in 2003 and 2004, C in pF and leak = 1 in 2007. Everything here
follows from that one form: where the nullclines cross (`PhasePlane.fixed_points`), how the
resting state is lost as the current rises (`PhasePlane.bifurcations`), and where a spike
lands (`PhasePlane.reset`).

Units are mV and ms; u and I are in mV/ms in 2003 and 2004, in pA in 2007.

The currents of `PhasePlane.bifurcations` belong to a current that changes slowly. The
smallest *step* that makes a resting cell spike is another quantity: u lags behind the step,
so that 22 of the 25 types of 2003 and 2004 with an ordinary rest (a > 0, u decays) spike at
a step from rest at I = 0 that stays below both currents.

Sources
-------
E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, equations (1) to (3).
E. M. Izhikevich, "Which model to use for cortical spiking neurons?", IEEE Trans. Neural
Networks 15(5):1063-1070, 2004, Fig. 1.
E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007: chapter 4 (planar
systems and their equilibria), chapter 6 (bifurcations), chapter 7 (excitability,
integrators and resonators), chapter 8 (the cells).
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.models import Model
from izhikevich.models.base import number
from izhikevich.models.planar import (
    LARGEST,
    Branch,
    FloatArray,
    PlanarSystem,
    SpikeRule,
    finite,
)
from izhikevich.publications import CellType

Polyline = tuple[FloatArray, FloatArray]
Matrix = tuple[tuple[float, float], tuple[float, float]]

SADDLE_NODE = "saddle-node"
HOPF = "Andronov-Hopf"

# In units of the rounding error of the terms of a sum: a sum below it may well be zero.
_ROUNDING = 16 * sys.float_info.epsilon
# The same for what is computed at a fixed point, whose own rounding error comes on top.
_TOLERANCE = 1e-12
# Two voltages closer than this (relative to 1 mV and to themselves) are one bifurcation.
_SAME_VOLTAGE = 1e-9
# At a bifurcation, rounding may leave two fixed points this close (mV) instead of one.
_SAME_POINT = 1e-3
# Knees and fixed points farther from 0 mV do not stretch a plot.
_FARTHEST_SHOWN = 200.0


@dataclass(frozen=True)
class FixedPoint:
    """A crossing of the nullclines: the cell would stay there for ever.

    Attributes
    ----------
    v, u : float
        Where, mV and mV/ms or pA.
    kind : str
        "stable node", "unstable node", "stable focus", "unstable focus", "saddle", "centre"
        (the trace is zero: the Andronov-Hopf point) or "saddle-node" (two fixed points in
        one: an eigenvalue is zero). A star cannot occur, because v' always depends on u.
    eigenvalues : tuple of complex
        Of the linearised system, 1/ms; the real ones in rising order, of a pair the one with
        the positive imaginary part first. Empty within a jump of the u-nullcline, where the
        system has no linear part.
    jacobian : tuple of two rows, or None
        ``((dv'/dv, dv'/du), (du'/dv, du'/du))``; None within a jump.
    note : str
        What is special about it, such as a corner of the u-nullcline; usually empty.
    """

    v: float
    u: float
    kind: str
    eigenvalues: tuple[complex, ...]
    jacobian: Matrix | None
    note: str = ""

    @property
    def stable(self) -> bool:
        """Whether a small enough disturbance dies away."""
        return self.kind in ("stable node", "stable focus")


@dataclass(frozen=True)
class Bifurcation:
    """The constant `current` (mV/ms or pA) at which a fixed point at `v` (mV) changes."""

    current: float
    v: float


@dataclass(frozen=True)
class Hopf(Bifurcation):
    """An Andronov-Hopf bifurcation: a focus gains or loses its stability.

    Attributes
    ----------
    supercritical : bool or None
        True where the first Lyapunov coefficient is negative (a small stable cycle appears),
        False where it is positive (a small unstable cycle shrinks onto the rest), None where
        it is zero.
    period : float
        Of the infinitely small oscillation, ms.
    """

    supercritical: bool | None
    period: float


@dataclass(frozen=True)
class Border:
    """A corner or jump of the u-nullcline, and the currents that put a fixed point there.

    Attributes
    ----------
    v : float
        mV.
    current_below, current_above : float
        The current (pA) at which the fixed point of the piece below (above) `v` reaches it.
        Equal at a corner; between the two, at a jump, the v-nullcline passes through the gap.
    """

    v: float
    current_below: float
    current_above: float


@dataclass(frozen=True)
class Bifurcations:
    """How the resting state is lost as a constant current rises slowly.

    Attributes
    ----------
    saddle_node : Bifurcation or None
        Where two fixed points merge and vanish.
    hopf : Hopf or None
        Where a focus becomes unstable.
    borders : tuple of Border
        Corners and jumps of the u-nullcline.
    first : str or None
        Which of them takes the rest away: "saddle-node" or "Andronov-Hopf".
    excitability : str or None
        "class 1" if the saddle-node is first: firing can start at an arbitrarily low rate
        (provided that the reset leads past the ghost of the rest). "class 2" if the
        Andronov-Hopf is first: firing starts at a definite rate. None also if another stable
        fixed point remains, which only a U in two pieces makes possible.
    behaviour : str or None
        "integrator" (saddle-node first: no ringing near it) or "resonator".
    reason : str
        One plain sentence.
    """

    saddle_node: Bifurcation | None
    hopf: Hopf | None
    borders: tuple[Border, ...]
    first: str | None
    excitability: str | None
    behaviour: str | None
    reason: str


class ViewWindow(NamedTuple):
    """Axis limits of a phase plane: v in mV, u in mV/ms or pA."""

    v: tuple[float, float]
    u: tuple[float, float]


@dataclass(frozen=True)
class PhasePlane(PlanarSystem):
    """The planar system of one cell and what follows from it; built by `plane`.

    Attributes
    ----------
    model : Model
        Whose equations these are.
    parameters : mapping of str to float
        Every parameter of the model by name (C in units of 100 pF).
    """

    model: Model
    parameters: Mapping[str, float]

    @property
    def current_unit(self) -> str:
        """Unit of I and u."""
        return self.model.current_unit

    @functools.cached_property
    def rule(self) -> SpikeRule:
        """What happens at a spike."""
        return self.model.spike(self.parameters)

    # ---------------------------------------------------------------------------- nullclines

    def u_nullcline(
        self, v: ArrayLike, u_limits: tuple[float, float] | None = None
    ) -> list[Polyline]:
        """Return the curve on which u stands still, as pieces to be drawn one by one.

        Parameters
        ----------
        v : array_like, shape (n,)
            Voltages in rising order, mV. Corners and both ends of a jump are added.
        u_limits : (float, float), optional
            Ends of the vertical line of the accommodation type; without it the range of the
            v-nullcline at zero current over `v`.

        Returns
        -------
        list of (v, u)
            Pairs of equal-length arrays. One piece; two where U jumps (TC); none where u
            stands still everywhere (a = 0), or where the vertical line is outside `v`.

        Raises
        ------
        ValueError
            If `v` is empty, not one-dimensional, not rising or not finite.
        """
        v = finite("v", v)
        if v.ndim != 1 or v.size == 0 or np.any(np.diff(v) <= 0):
            raise ValueError("v must be a one-dimensional array of rising voltages")
        if self._recovery_is_frozen():
            return []
        if self.leak == 0:
            at = self.branches[0].origin
            if not v[0] <= at <= v[-1]:
                return []
            parabola = self.v_nullcline(v)
            low, high = u_limits or (float(parabola.min()), float(parabola.max()))
            return [(np.array([at, at]), np.array([low, high]))]
        pieces: list[Polyline] = []
        for branch in self.branches:
            inside = v[(v > branch.lower) & (v < branch.upper)]
            ends = [x for x in (branch.lower, branch.upper) if v[0] <= x <= v[-1]]
            x = np.unique(np.concatenate([ends, inside]))
            if x.size == 0:
                continue
            y = branch.targets(x) / self.leak
            if pieces and pieces[-1][0][-1] == x[0] and pieces[-1][1][-1] == y[0]:
                before = pieces.pop()  # a corner, not a jump: one curve
                x, y = np.append(before[0], x[1:]), np.append(before[1], y[1:])
            pieces.append((x, y))
        return [piece for piece in pieces if piece[0].size > 1 or v.size == 1]

    # ------------------------------------------------------------------------- fixed points

    def fixed_points(self, current: float = 0.0) -> list[FixedPoint]:
        """Where the nullclines cross, and what the flow does there (book, chapter 4).

        Parameters
        ----------
        current : float
            I, mV/ms or pA.

        Returns
        -------
        list of FixedPoint
            In order of v; empty where the nullclines do not meet. Where they touch, one
            "saddle-node". Where the v-nullcline passes through a jump of U (TC), the flow
            turns around (or is torn apart at) a point in the gap, which is listed too: its
            stability is that of the trace, which is the same on both sides.

        Raises
        ------
        ValueError
            If `current` is not a finite number, or the fixed points are not isolated: u
            stands still everywhere, or the nullclines are the same line.
        """
        current = number("current", current)
        if self._recovery_is_frozen():
            raise ValueError(
                f"{self._frozen_word()}: u stands still, and every point of the v-nullcline"
                " is a fixed point"
            )
        return self._fixed_points(current)

    def _fixed_points(self, current: float) -> list[FixedPoint]:
        points: dict[float, FixedPoint] = {}
        for branch in self.branches:
            for v, multiplicity in self._crossings(branch, current):
                point = self._linearise(v, branch, current, multiplicity)
                sides = self._sides(v)
                if sides is None:
                    points[v] = point
                elif _continuous(*sides):
                    points[v] = self._corner(v, *sides, current)
                else:
                    points[v] = replace(point, note=f"it sits at the jump of U at v = {v:g} mV")
        for below, above in self._joints():
            v = below.upper
            u = self._parabola(v) + current
            low, high = sorted((below.target(v), above.target(v)))
            if v not in points and low < self.leak * u < high:
                points[v] = self._in_the_gap(below, above, u)
        return [points[v] for v in sorted(points)]

    def subthreshold_period(self, current: float = 0.0) -> float | None:
        """Period of the ringing about the rest, 2 pi / |Im(eigenvalue)|.

        Parameters
        ----------
        current : float
            I, mV/ms or pA.

        Returns
        -------
        float or None
            ms, of the stable focus (with the lowest v, if there are two). None without a
            stable focus, and in the gap of a jump, where the period depends on the amplitude.

        Raises
        ------
        ValueError
            As in `fixed_points`.
        """
        for point in self.fixed_points(current):
            if point.kind != "stable focus" or not point.eigenvalues:
                continue
            sides = self._sides(point.v)
            if sides is not None and _continuous(*sides):
                # At a corner half of every turn is spent on each side.
                return sum(
                    math.pi / self._linearise(point.v, side, current).eigenvalues[0].imag
                    for side in sides
                )
            return 2 * math.pi / point.eigenvalues[0].imag
        return None

    # ------------------------------------------------------------------------- bifurcations

    def bifurcations(self) -> Bifurcations:
        """How the rest is lost as the current rises slowly (book, chapters 6 and 7).

        At a fixed point I = U(v)/leak - F(v). Two fixed points merge where dI/dv = 0; a focus
        loses its stability where the trace F'(v)/C - a leak is zero and the determinant
        a (U' - leak F')/C is positive. With a straight U of slope b (leak = C = 1)::

            v_sn = (b - f)/(2 e)    I_sn = (b - f)^2/(4 e) - g
            v_h  = (a - f)/(2 e)    I_h  = b v_h - F(v_h)        if b > a > 0

        so that the Andronov-Hopf comes first whenever it exists. U in two pieces is
        followed piece by piece, from the rest at the lowest currents upwards.

        Returns
        -------
        Bifurcations

        Notes
        -----
        These are currents of slow change, not the rheobase of a step: 22 of the 25 types of
        2003 and 2004 with an ordinary rest spike at a step from I = 0 below both of them.
        """
        if self._recovery_is_frozen():
            return self._neither(
                f"With {self._frozen_word()}, u stands still: there is no recovery, and no"
                " single resting state to lose."
            )
        if self.leak == 0:
            return self._neither(self._reason_without_leak())
        if self.e == 0:
            return self._neither(
                "F(v) is a straight line here, so the stability of the fixed point is the"
                " same at every current and nothing bifurcates."
            )
        if self.e < 0:
            return self._neither(
                "The parabola F(v) opens downwards here, so v cannot run away into a spike"
                " and the usual classes do not apply."
            )
        if self.a * self.leak < 0:
            return self._neither(self._reason_with_growth())
        return self._follow_the_rest()

    # ---------------------------------------------------------------------------- the spike

    def peak(self, u: ArrayLike) -> FloatArray:
        """Return the voltage (mV) that ends a spike: see `SpikeRule.peak`."""
        return self.rule.peak(u)

    def reset(self, u: ArrayLike) -> Polyline:
        """Return v and u after a spike, by the u before it: see `SpikeRule.reset`."""
        return self.rule.reset(u)

    def reset_curve(self, u: ArrayLike) -> Polyline:
        """Return the curve on which the cell lands, to be drawn as one line.

        Parameters
        ----------
        u : array_like
            Values before the reset (such as the limits of the plot), in any order, mV/ms
            or pA.

        Returns
        -------
        v, u : numpy.ndarray, shape (n,)
            After the reset, in order of the u before it, with the corner where u is capped
            (LTS).

        Raises
        ------
        ValueError
            If `u` is empty or a number is not finite.
        """
        before = np.unique(finite("u", u))
        if before.size == 0:
            raise ValueError("u must hold at least one value")
        corner = self.rule.last_u_below_cap
        if before[0] < corner < before[-1]:
            before = np.union1d(before, [corner])
        return self.reset(before)

    # --------------------------------------------------------------------------- the window

    def view_window(
        self,
        current: ArrayLike = 0.0,
        v: ArrayLike | None = None,
        u: ArrayLike | None = None,
    ) -> ViewWindow:
        """Axis limits that show the fixed points, the knee of the parabola and a spike.

        Parameters
        ----------
        current : array_like
            One or more constant currents, mV/ms or pA.
        v, u : array_like, optional
            A trajectory that has to fit in, mV and mV/ms or pA.

        Returns
        -------
        ViewWindow
            ``.v`` and ``.u``, each (low, high) with low < high.

        Raises
        ------
        ValueError
            If a number is not finite or `current` is empty.
        """
        currents = np.atleast_1d(finite("current", current))
        if currents.size == 0:
            raise ValueError("current must hold at least one value")
        highest = float(currents.max())
        shown = [x for i in {float(currents.min()), highest} for x in self._points_to_show(i)]
        knee = self.origin - self.f / (2 * self.e) if self.e != 0 else math.inf
        if abs(knee) > _FARTHEST_SHOWN:
            knee = self.parameters["c"]
        bottom = (knee, self._parabola(knee) + highest)
        before_reset = np.array([y for _, y in shown or [bottom]])
        landing_v, landing_u = self.reset(before_reset)
        # the start of the published figures, too, and where the reset leads at all
        own_start = self.model.own_start(self.parameters)
        start = [] if own_start is None else [own_start]
        vs = [x for x, _ in [*shown, bottom, *start]] + [self.parameters["c"]]
        us = [y for _, y in [*shown, bottom, *start]]
        vs += [*landing_v, *self.peak(before_reset)]
        us += [*landing_u]
        if v is not None:
            vs += [*_extremes(finite("v", v))]
        if u is not None:
            us += [*_extremes(finite("u", u))]
        return ViewWindow(_padded(vs), _padded(us))

    def _points_to_show(self, current: float) -> list[tuple[float, float]]:
        """List the fixed points that are near enough to be seen in one plot with a spike."""
        try:
            points = self.fixed_points(current)
        except ValueError:  # not isolated; the rest of the plot still makes sense
            return []
        return [(point.v, point.u) for point in points if abs(point.v) <= _FARTHEST_SHOWN]

    # ------------------------------------------------------------------------------ helpers

    def _parabola(self, v: float) -> float:
        """F(v)."""
        x = v - self.origin
        return (self.e * x + self.f) * x + self.g

    def _parabola_slope(self, v: float) -> float:
        """F'(v)."""
        return 2 * self.e * (v - self.origin) + self.f

    def _current_at(self, v: float, branch: Branch) -> float:
        """Return the current that puts a fixed point of `branch` at `v`."""
        return branch.target(v) / self.leak - self._parabola(v)

    def _recovery_is_frozen(self) -> bool:
        """Whether u' = 0 everywhere."""
        flat = all(branch.slope == 0 and branch.cubic == 0 for branch in self.branches)
        return self.a == 0 or (self.leak == 0 and flat)

    def _frozen_word(self) -> str:
        return "a = 0" if self.a == 0 else "b = 0 and uleak = 0"

    def _branch_at(self, v: float) -> Branch:
        """Find the piece of U at `v`."""
        return next(branch for branch in self.branches if v <= branch.upper)

    def _joints(self) -> list[tuple[Branch, Branch]]:
        """List the pieces of U below and above each corner or jump."""
        return list(zip(self.branches, self.branches[1:], strict=False))

    def _sides(self, v: float) -> tuple[Branch, Branch] | None:
        """Find the pieces of U below and above `v`, if that is a corner or a jump."""
        return next((joint for joint in self._joints() if joint[0].upper == v), None)

    def _crossings(self, branch: Branch, current: float) -> list[tuple[float, int]]:
        """Voltages (and multiplicities) where the v-nullcline meets `branch`, ends included.

        They are the zeros of leak (F(v) + I) - U(v), written in x = v - branch.origin; for
        leak = 0 (accommodation) the same formula says U(v) = 0.
        """
        shift = branch.origin - self.origin
        quadratic = self.leak * self.e
        linear = self.leak * self._parabola_slope(branch.origin) - branch.slope
        constant = self.leak * (self._parabola(branch.origin) + current)
        # What the terms of each coefficient add up to without their signs: the measure of
        # its rounding error.
        linear_size = abs(self.leak) * (abs(2 * self.e * shift) + abs(self.f)) + abs(branch.slope)
        constant_size = abs(self.leak) * (
            (abs(self.e * shift) + abs(self.f)) * abs(shift) + abs(self.g) + abs(current)
        )
        sizes = (constant_size, linear_size)
        if branch.cubic == 0:
            if quadratic == 0 and abs(linear) <= _ROUNDING * linear_size:
                if abs(constant) <= _ROUNDING * constant_size:
                    raise ValueError(
                        "the two nullclines are the same line: every point of it is a fixed point"
                    )
                return []
            roots = _quadratic_roots((constant, linear, quadratic), sizes)
        else:
            polynomial = (constant, linear, quadratic, -branch.cubic)
            roots = _cubic_roots(polynomial, sizes, branch.lower - branch.origin)
        found = []
        for x, multiplicity in roots:
            v = _snapped(x + branch.origin, branch)
            if branch.lower <= v <= branch.upper and abs(v) <= LARGEST:
                found.append((v, multiplicity))
        return found

    def _linearise(
        self, v: float, branch: Branch, current: float, multiplicity: int = 1
    ) -> FixedPoint:
        """Describe the fixed point of `branch` at `v`: Jacobian, eigenvalues and kind."""
        slope, steepness = self._parabola_slope(v), branch.steepness(v)
        dv_dv, dv_du = slope / self.capacitance, -1 / self.capacitance
        du_dv, du_du = self.a * steepness, -self.a * self.leak
        trace = dv_dv + du_du
        determinant = self.a * (steepness - self.leak * slope) / self.capacitance
        # (trace/2)^2 - determinant, without the cancellation
        discriminant = ((dv_dv - du_du) / 2) ** 2 + dv_du * du_dv
        if abs(discriminant) <= _ROUNDING * ((dv_dv - du_du) ** 2 / 4 + abs(dv_du * du_dv)):
            discriminant = 0.0
        slope_size = abs(2 * self.e * (v - self.origin)) + abs(self.f)
        if abs(trace) <= _TOLERANCE * (slope_size / self.capacitance + abs(du_du)):
            trace = 0.0

        note = ""
        pair: tuple[complex, complex]
        if multiplicity > 1 or determinant == 0:
            kind = SADDLE_NODE
            pair = (min(trace, 0.0), max(trace, 0.0))
            if trace == 0:
                note = "both eigenvalues are zero (Bogdanov-Takens)"
            elif multiplicity > 2:
                note = "three fixed points have merged (cusp)"
        elif discriminant < 0:
            frequency = math.sqrt(-discriminant)
            pair = (complex(trace / 2, frequency), complex(trace / 2, -frequency))
            kind = "centre" if trace == 0 else f"{_stability(trace)} focus"
        else:
            # the larger one first and the other from the product, so that nothing cancels
            larger = trace / 2 + math.copysign(math.sqrt(discriminant), trace)
            smaller = determinant / larger
            pair = (min(larger, smaller), max(larger, smaller))
            kind = "saddle" if determinant < 0 else f"{_stability(trace)} node"
            if discriminant == 0:
                note = "its two eigenvalues are equal"
        return FixedPoint(
            v=v,
            u=0.0 + (branch.target(v) / self.leak if self.leak else self._parabola(v) + current),
            kind=kind,
            eigenvalues=(complex(pair[0]), complex(pair[1])),
            jacobian=((dv_dv, dv_du), (du_dv, du_du)),
            note=note,
        )

    def _corner(self, v: float, below: Branch, above: Branch, current: float) -> FixedPoint:
        """Describe a fixed point at a corner of U; the trace is the same on both sides.

        What turns on one side only does not go round: it ends on the node of the other.
        """
        left = self._linearise(v, below, current)
        right = self._linearise(v, above, current)
        kinds = {left.kind, right.kind}
        note = f"it sits at the corner of U at v = {v:g} mV"
        kind = left.kind
        if len(kinds) > 1:
            note += f": {left.kind} seen from the left, {right.kind} from the right"
            if kinds & {"saddle", SADDLE_NODE}:
                kind = SADDLE_NODE
            else:
                kind = next(name for name in sorted(kinds) if name.endswith("node"))
        return replace(left, kind=kind, note=note)

    def _in_the_gap(self, below: Branch, above: Branch, u: float) -> FixedPoint:
        """Describe the point where the v-nullcline passes through a jump of U.

        Where u rises on the right and falls on the left, the flow turns round the point. A
        small turn of height r in u changes r^2 by a positive multiple of the trace
        F'(v)/C - a leak, half of it on either side (energy balance to third order in r).
        """
        v = below.upper
        growth = self._parabola_slope(v) / self.capacitance - self.a * self.leak
        turns = self.a * (above.target(v) - below.target(v)) > 0
        kind = "saddle"
        if turns:
            kind = "centre" if growth == 0 else f"{_stability(growth)} focus"
        note = f"it sits in the gap of U at v = {v:g} mV, where the flow " + (
            "turns around it" if turns else "is torn apart"
        )
        return FixedPoint(v, u, kind, eigenvalues=(), jacobian=None, note=note)

    def _traceless_voltage(self) -> float | None:
        """Where F'(v)/C = a leak: the only place for an Andronov-Hopf bifurcation."""
        if self.e == 0:
            return None
        v = self.origin + (self.a * self.leak * self.capacitance - self.f) / (2 * self.e)
        return v if abs(v) <= LARGEST else None

    def _hopf(self) -> Hopf | None:
        """Find the Andronov-Hopf bifurcation, on whichever piece of U it is."""
        v = self._traceless_voltage()
        if v is None or self.leak == 0:
            return None
        branch = self._branch_at(v)
        steepness = branch.steepness(v)
        decay = self.a * self.leak**2 * self.capacitance  # leak F' where the trace is zero
        determinant = self.a * (steepness - decay) / self.capacitance
        size = abs(self.a) * (abs(steepness) + abs(decay)) / self.capacitance
        if determinant <= _TOLERANCE * size:
            return None
        # With w = (u/C - a leak v)/omega the linear part is a rotation and all that is not
        # linear depends on v alone; of the first Lyapunov coefficient there remains, but for
        # a positive factor, a e (leak e - U''/2).
        half_bend = 3 * branch.cubic * (v - branch.origin)
        lyapunov = self.a * self.e * (self.leak * self.e - half_bend)
        return Hopf(
            current=self._current_at(v, branch),
            v=v,
            supercritical=None if lyapunov == 0 else lyapunov < 0,
            period=2 * math.pi / math.sqrt(determinant),
        )

    def _folds(self) -> list[Bifurcation]:
        """List the saddle-nodes by v: where dI/dv = U'(v)/leak - F'(v) changes its sign."""
        if self.e == 0 or self.leak == 0:
            return []
        folds = []
        for branch in self.branches:
            bend = 2 * self.leak * self.e
            level = self.leak * self._parabola_slope(branch.origin) - branch.slope
            shift = abs(branch.origin - self.origin)
            sizes = (abs(bend) * shift + abs(self.leak * self.f) + abs(branch.slope), abs(bend))
            for x, multiplicity in _quadratic_roots((level, bend, -3 * branch.cubic), sizes):
                v = _snapped(x + branch.origin, branch)
                if multiplicity == 1 and self._branch_at(v) is branch and abs(v) <= LARGEST:
                    folds.append(Bifurcation(self._current_at(v, branch), v))
        return sorted(folds, key=lambda fold: fold.v)

    def _borders(self) -> tuple[Border, ...]:
        """List the corners and jumps of U."""
        return tuple(
            Border(
                below.upper,
                self._current_at(below.upper, below),
                self._current_at(below.upper, above),
            )
            for below, above in self._joints()
        )

    def _follow_the_rest(self) -> Bifurcations:
        """Follow the stable fixed point upwards from v = I = -infinity.

        It is stable as long as the current that it needs rises with v and the trace is
        negative; the first place where either ends is its bifurcation.
        """
        folds, hopf = self._folds(), self._hopf()
        traceless = self._traceless_voltage()
        for below, above in [*self._joints(), (self.branches[-1], None)]:
            fold = next((x for x in folds if below.lower < x.v <= below.upper), None)
            if fold is not None and _same_voltage(fold.v, traceless):
                return self._neither(
                    "The saddle-node and the Andronov-Hopf come at the same current,"
                    f" {self._amount(fold.current)} (Bogdanov-Takens): this cell stands"
                    " exactly on the border between the two classes."
                )
            ends = below.upper if fold is None else fold.v
            if hopf is not None and below.lower < hopf.v <= ends:
                return self._class_2(hopf, folds)
            if fold is not None:
                return self._class_1(fold)
            if above is None:
                break
            edge = below.upper
            jump = above.target(edge) - below.target(edge)
            if jump < 0 or above.steepness(edge) <= self.leak * self._parabola_slope(edge):
                lost = self._current_at(edge, below if jump < 0 else above)
                return self._neither(
                    f"The rest is lost at {self._amount(lost)}, where it reaches the"
                    f" {'corner' if jump == 0 else 'jump'} of U at v = {edge:g} mV: neither an"
                    " ordinary saddle-node nor an Andronov-Hopf."
                )
        return self._neither("The rest stays stable at every current within reach.")

    def _class_1(self, fold: Bifurcation) -> Bifurcations:
        return self._verdict(
            fold,
            SADDLE_NODE,
            "class 1",
            "integrator",
            "As the current rises, the rest stays stable up to"
            f" {self._amount(fold.current)}, where it meets the threshold saddle and both vanish"
            " (saddle-node): near there inputs add up without ringing (integrator)",
            "firing can start at an arbitrarily low rate (class 1)",
        )

    def _class_2(self, hopf: Hopf, folds: list[Bifurcation]) -> Bifurcations:
        before = (
            f"before the saddle-node at {self._amount(folds[0].current)}"
            if folds
            else "without any saddle-node"
        )
        return self._verdict(
            hopf,
            HOPF,
            "class 2",
            "resonator",
            "As the current rises, the rest begins to ring and loses its stability at"
            f" {self._amount(hopf.current)} (Andronov-Hopf), {before}: the cell answers to"
            " inputs in step with its ringing (resonator)",
            "firing starts at a definite rate (class 2)",
        )

    def _verdict(
        self,
        event: Bifurcation,
        first: str,
        excitability: str,
        behaviour: str,
        beginning: str,
        ending: str,
    ) -> Bifurcations:
        """Add what follows from the loss of the rest, unless there is another rest to go to."""
        others = [
            point
            for point in self._fixed_points(event.current)
            if point.stable and abs(point.v - event.v) > _SAME_POINT
        ]
        if others:
            ending = f"the cell then moves to another rest, at v = {others[0].v:.4g} mV"
        return replace(
            self._neither(f"{beginning}, and {ending}."),
            first=first,
            excitability=None if others else excitability,
            behaviour=behaviour,
        )

    def _neither(self, reason: str) -> Bifurcations:
        """Report what bifurcations there are, none of which takes an ordinary rest away."""
        if self._recovery_is_frozen():
            return Bifurcations(None, None, (), None, None, None, reason)
        folds = self._folds()
        return Bifurcations(
            saddle_node=folds[0] if folds else None,
            hopf=self._hopf(),
            borders=self._borders() if self.leak != 0 else (),
            first=None,
            excitability=None,
            behaviour=None,
            reason=reason,
        )

    def _reason_without_leak(self) -> str:
        """U(v) = 0 alone fixes v (accommodation), whatever the current."""
        point = self._linearise(self.branches[0].origin, self.branches[0], 0.0)
        start = f"The fixed point stays at v = {point.v:g} mV whatever the current"
        if point.stable:
            return (
                f"{start} and is always a {point.kind}: no constant current makes this cell"
                " fire, only one that rises faster than u can follow."
            )
        return f"{start} and is always a {point.kind}: there is no resting state to lose."

    def _reason_with_growth(self) -> str:
        """For a leak < 0 the fixed point at low v is a saddle, not the rest."""
        sign = "a < 0" if self.a < 0 else "uleak < 0"
        hopf, folds = self._hopf(), self._folds()
        start = f"With {sign}, u moves away from its nullcline and the fixed point at low v is"
        if len(self.branches) > 1:
            return f"{start} a saddle: there is no resting state to follow from low currents."
        if hopf is None or not folds:
            return f"{start} a saddle: no current gives this cell a stable resting state."
        return (
            f"{start} a saddle; the other one is stable only from {self._amount(hopf.current)} to"
            f" {self._amount(folds[0].current)} and loses its stability (Andronov-Hopf) when the"
            " current falls: inhibition makes this cell fire."
        )

    def _amount(self, current: float) -> str:
        return f"{current:.4g} {self.current_unit}"


def plane(model: Model, parameters: Mapping[str, float]) -> PhasePlane:
    """Build the phase plane of a set of parameters.

    Parameters
    ----------
    model : Model
        Whose parameters they are.
    parameters : mapping of str to float
        By the mechanism's names; the model's defaults stand for those that are left out.

    Returns
    -------
    PhasePlane

    Raises
    ------
    ParameterError
        If a parameter is missing, unknown, or not a number that the model can have.
    """
    values = model.complete(parameters)
    model.check(values)
    system = model.system(values)
    return PhasePlane(**vars(system), model=model, parameters=MappingProxyType(values))


def for_cell_type(cell_type: CellType, overrides: Mapping[str, float] | None = None) -> PhasePlane:
    """Build the phase plane of a cell type.

    Parameters
    ----------
    cell_type : CellType
        An entry of the catalogue.
    overrides : mapping of str to float, optional
        Parameters that differ from the published ones.

    Returns
    -------
    PhasePlane

    Raises
    ------
    ParameterError
        If an override is unknown or not a number that the model can have.
    """
    return plane(cell_type.model, {**cell_type.parameters, **(overrides or {})})


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
    ValueError
        If the arrays are not one-dimensional and equally long, or an index is outside.
    """
    v, u = np.asarray(v, dtype=float), np.asarray(u, dtype=float)
    if v.ndim != 1 or v.shape != u.shape:
        raise ValueError(f"v and u must be equally long: their shapes are {v.shape}, {u.shape}")
    indices = np.unique(np.asarray(spikes, dtype=int))
    if indices.size and not (indices[0] >= 0 and indices[-1] < v.size):
        raise ValueError(f"the spikes must be indices from 0 to {v.size - 1}")
    pieces = zip(np.split(v, indices + 1), np.split(u, indices + 1), strict=True)
    return [piece for piece in pieces if piece[0].size]


# -------------------------------------------------------------------------- small mathematics


def _stability(growth: float) -> str:
    return "stable" if growth < 0 else "unstable"


def _same_voltage(v: float, other: float | None) -> bool:
    return other is not None and abs(v - other) <= _SAME_VOLTAGE * (1 + abs(v))


def _continuous(below: Branch, above: Branch) -> bool:
    """Whether two neighbouring pieces of U meet."""
    return below.target(below.upper) == above.target(below.upper)


def _snapped(v: float, branch: Branch) -> float:
    """`v`, or the end of `branch` that it equals but for rounding."""
    for end in (branch.lower, branch.upper):
        if math.isfinite(end) and abs(v - end) <= _TOLERANCE * (1 + abs(end)):
            return end
    return v


def _value(coefficients: Sequence[float], x: float) -> float:
    """Evaluate a polynomial, of rising powers, at `x`."""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _is_zero(coefficients: Sequence[float], sizes: tuple[float, float], x: float) -> bool:
    """Whether the polynomial is zero at `x` but for rounding.

    `sizes` measures the terms that the two lowest coefficients were added up from.
    """
    magnitudes = [*sizes, *(abs(coefficient) for coefficient in coefficients[2:])]
    return abs(_value(coefficients, x)) <= _ROUNDING * _value(magnitudes, abs(x))


def _quadratic_roots(
    coefficients: tuple[float, float, float], sizes: tuple[float, float]
) -> list[tuple[float, int]]:
    """Real roots, with multiplicities, of c0 + c1 x + c2 x^2, of which c2 or more may be 0."""
    c0, c1, c2 = coefficients
    if c2 == 0:
        return [(-c0 / c1, 1)] if c1 != 0 else []
    knee = -c1 / (2 * c2)
    if math.isfinite(knee) and _is_zero(coefficients, sizes, knee):
        return [(knee, 2)]
    discriminant = c1 * c1 - 4 * c2 * c0
    if discriminant <= 0:
        return []
    # the sum without cancellation, then the other root from the product
    q = -(c1 + math.copysign(math.sqrt(discriminant), c1)) / 2
    return [(q / c2, 1), (c0 / q, 1)]


def _cubic_roots(
    coefficients: tuple[float, float, float, float], sizes: tuple[float, float], lower: float
) -> list[tuple[float, int]]:
    """Real roots >= `lower`, with multiplicities, of a cubic with c3 != 0.

    Between its critical points a cubic is monotone: one root where the sign changes.
    """
    c0, c1, c2, c3 = coefficients
    derivative = (c1, 2 * c2, 3 * c3)
    critical = dict(_quadratic_roots(derivative, (sizes[1], abs(2 * c2))))
    bound = 1 + max(abs(c0), abs(c1), abs(c2)) / abs(c3)  # Cauchy's, of every root
    knots = [lower, *sorted(x for x in critical if x > lower), max(bound, lower + 1)]
    roots = []
    signs = []
    for x in knots:
        zero = _is_zero(coefficients, sizes, x)
        signs.append(0.0 if zero else math.copysign(1.0, _value(coefficients, x)))
        if zero:
            roots.append((x, 1 + critical.get(x, 0)))
    for i in range(len(knots) - 1):
        if signs[i] * signs[i + 1] < 0:
            roots.append((_root_between(coefficients, derivative, knots[i], knots[i + 1]), 1))
    return roots


def _root_between(
    polynomial: Sequence[float], derivative: Sequence[float], low: float, high: float
) -> float:
    """Find the root between two signs: Newton's step if it stays inside, else half-way."""
    rising = _value(polynomial, high) > 0
    x = (low + high) / 2
    for _ in range(500):
        value, slope = _value(polynomial, x), _value(derivative, x)
        newton = x - value / slope if slope != 0 else math.inf
        if value == 0 or abs(newton - x) <= 2 * sys.float_info.epsilon * abs(x):
            break
        if (value > 0) == rising:
            high = x
        else:
            low = x
        x = newton if low < newton < high else (low + high) / 2
    return x


def _extremes(values: FloatArray) -> list[float]:
    return [float(values.min()), float(values.max())] if values.size else []


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = float(min(values)), float(max(values))
    pad = 0.08 * (high - low) or 1 + abs(low) / 10
    return low - pad, high + pad
