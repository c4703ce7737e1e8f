"""The phase plane of one cell: nullclines, fixed points, bifurcations, the reset, what to show.

Between spikes every published type is the planar system ::

    C v' = F(v) - u + I          F(v) = e v^2 + f v + g, or k (v - vr)(v - vt)
      u' = a (U(v) - leak u)     U(v): a straight line, in three types of 2007 in two pieces

with C = 1 and leak = uleak in 2003 and 2004, C in pF and leak = 1 in 2007. Everything here
follows from that one form: where the nullclines cross (`fixed_points`), how the resting state is
lost as the current rises (`bifurcations`, and in a sentence `words`), and where a spike lands.

Units are mV and ms; u and I are in mV/ms in 2003 and 2004, in pA in 2007.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis import fixed_points
from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.errors import ParameterError
from izhikevich.models import Model
from izhikevich.models.base import number
from izhikevich.models.planar import FloatArray, PlanarSystem, SpikeRule, finite
from izhikevich.publications import CellType

if TYPE_CHECKING:
    from izhikevich.analysis.bifurcations import Bifurcations

Polyline = tuple[FloatArray, FloatArray]

# Knees and fixed points farther from 0 mV do not stretch a plot.
_FARTHEST_SHOWN = 200.0


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
        ParameterError
            If `v` is empty, not one-dimensional, not rising or not finite.
        """
        v = finite("v", v)
        if v.ndim != 1 or v.size == 0 or np.any(np.diff(v) <= 0):
            raise ParameterError("v must be a one-dimensional array of rising voltages")
        if self.frozen:
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
        ParameterError
            If `current` is not a finite number, or the fixed points are not isolated: u
            stands still everywhere, or the nullclines are the same line.
        """
        current = number("current", current)
        if self.frozen:
            from izhikevich.analysis import words

            raise ParameterError(
                f"{words.what_holds_u(self)}: u stands still, and every point of the v-nullcline"
                " is a fixed point"
            )
        return fixed_points.find(self, current)

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
        ParameterError
            As in `fixed_points`.
        """
        points = self.fixed_points(current)
        return fixed_points.period_of_ringing(self, points, current)

    # ------------------------------------------------------------------------- bifurcations

    def bifurcations(self) -> Bifurcations:
        """How the rest is lost as the current rises slowly (book, chapters 6 and 7).

        Returns
        -------
        Bifurcations

        Notes
        -----
        These are currents of slow change, not the rheobase of a step: u lags behind a step, so
        that 22 of the 25 types of 2003 and 2004 with an ordinary rest (a > 0, u decays) spike at
        a step from rest at I = 0 that stays below both of them.
        """
        from izhikevich.analysis import bifurcations, words  # not every plane is asked for them

        found = bifurcations.find(self)
        return replace(found, reason=words.reason(self, found, self.current_unit))

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
        ParameterError
            If `u` is empty or a number is not finite.
        """
        before = np.unique(finite("u", u))
        if before.size == 0:
            raise ParameterError("u must hold at least one value")
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
        ParameterError
            If a number is not finite or `current` is empty.
        """
        currents = np.atleast_1d(finite("current", current))
        if currents.size == 0:
            raise ParameterError("current must hold at least one value")
        highest = float(currents.max())
        shown = [x for i in {float(currents.min()), highest} for x in self._points_to_show(i)]
        knee = self.origin - self.f / (2 * self.e) if self.e != 0 else math.inf
        if abs(knee) > _FARTHEST_SHOWN:
            knee = self.parameters["c"]
        bottom = (knee, self.parabola(knee) + highest)
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
        except ParameterError:  # not isolated; the rest of the plot still makes sense
            return []
        return [(point.v, point.u) for point in points if abs(point.v) <= _FARTHEST_SHOWN]


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


def _extremes(values: FloatArray) -> list[float]:
    return [float(values.min()), float(values.max())] if values.size else []


def _padded(values: Sequence[float]) -> tuple[float, float]:
    low, high = float(min(values)), float(max(values))
    pad = 0.08 * (high - low) or 1 + abs(low) / 10
    return low - pad, high + pad
