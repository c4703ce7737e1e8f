"""Where the nullclines cross, and what the flow does there (book, chapter 4).

A fixed point lies where leak (F(v) + I) = U(v). Its kind is that of the linear part, but for two
places that only a U in two pieces has: a corner, which is seen with one slope from the left and
with another from the right, and a jump, through whose gap the v-nullcline may pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from izhikevich.analysis.polynomials import ROUNDING, cubic_roots, quadratic_roots
from izhikevich.errors import ParameterError
from izhikevich.models.planar import LARGEST, Branch, PlanarSystem

Matrix = tuple[tuple[float, float], tuple[float, float]]

SADDLE_NODE = "saddle-node"

#: What is computed at a fixed point is zero below this share of its terms: to the rounding error
#: of the terms comes that of the point itself.
TOLERANCE = 1e-12


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


def find(system: PlanarSystem, current: float) -> list[FixedPoint]:
    """Every fixed point at a constant current: see `PhasePlane.fixed_points`.

    Parameters
    ----------
    system : PlanarSystem
        One in which u moves.
    current : float
        I, mV/ms or pA.

    Returns
    -------
    list of FixedPoint
        In order of v.

    Raises
    ------
    ParameterError
        If the nullclines are the same line.
    """
    points: dict[float, FixedPoint] = {}
    for branch in system.branches:
        for v, multiplicity in _crossings(system, branch, current):
            point = linearised(system, v, branch, current, multiplicity)
            sides = _sides(system, v)
            if sides is None:
                points[v] = point
            elif _meet(*sides):
                points[v] = _at_a_corner(system, v, *sides, current)
            else:
                points[v] = replace(point, note=f"it sits at the jump of U at v = {v:g} mV")
    for below, above in system.joints:
        v = below.upper
        u = system.parabola(v) + current
        low, high = sorted((below.target(v), above.target(v)))
        if v not in points and low < system.leak * u < high:
            points[v] = _in_the_gap(system, below, above, u)
    return [points[v] for v in sorted(points)]


def period_of_ringing(
    system: PlanarSystem, points: Sequence[FixedPoint], current: float
) -> float | None:
    """Period (ms) of the ringing about the rest: see `PhasePlane.subthreshold_period`.

    Parameters
    ----------
    system : PlanarSystem
    points : sequence of FixedPoint
        All that it has at `current` (mV/ms or pA).

    Returns
    -------
    float or None
    """
    for point in points:
        if point.kind != "stable focus" or not point.eigenvalues:
            continue
        sides = _sides(system, point.v)
        if sides is not None and _meet(*sides):
            # at a corner half of every turn is spent on each side
            return sum(
                math.pi / linearised(system, point.v, side, current).eigenvalues[0].imag
                for side in sides
            )
        return 2 * math.pi / point.eigenvalues[0].imag
    return None


def linearised(
    system: PlanarSystem, v: float, branch: Branch, current: float, multiplicity: int = 1
) -> FixedPoint:
    """Describe the fixed point of `branch` at `v`: Jacobian, eigenvalues and kind.

    Parameters
    ----------
    system : PlanarSystem
    v : float
        Where it is, mV.
    branch : Branch
        The piece of U that it is on.
    current : float
        I, mV/ms or pA.
    multiplicity : int
        How many fixed points have merged in it.

    Returns
    -------
    FixedPoint
    """
    slope, steepness = system.parabola_slope(v), branch.steepness(v)
    dv_dv, dv_du = slope / system.capacitance, -1 / system.capacitance
    du_dv, du_du = system.a * steepness, -system.a * system.leak
    trace = dv_dv + du_du
    determinant = system.a * (steepness - system.leak * slope) / system.capacitance
    # (trace/2)^2 - determinant, without the cancellation
    discriminant = ((dv_dv - du_du) / 2) ** 2 + dv_du * du_dv
    if abs(discriminant) <= ROUNDING * ((dv_dv - du_du) ** 2 / 4 + abs(dv_du * du_dv)):
        discriminant = 0.0
    slope_size = abs(2 * system.e * (v - system.origin)) + abs(system.f)
    if abs(trace) <= TOLERANCE * (slope_size / system.capacitance + abs(du_du)):
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
        u=0.0 + (branch.target(v) / system.leak if system.leak else system.parabola(v) + current),
        kind=kind,
        eigenvalues=(complex(pair[0]), complex(pair[1])),
        jacobian=((dv_dv, dv_du), (du_dv, du_du)),
        note=note,
    )


def snapped(v: float, branch: Branch) -> float:
    """`v`, or the end of `branch` that it equals but for rounding."""
    for end in (branch.lower, branch.upper):
        if math.isfinite(end) and abs(v - end) <= TOLERANCE * (1 + abs(end)):
            return end
    return v


def _stability(growth: float) -> str:
    return "stable" if growth < 0 else "unstable"


def _sides(system: PlanarSystem, v: float) -> tuple[Branch, Branch] | None:
    """Find the pieces of U below and above `v`, if that is a corner or a jump."""
    return next((joint for joint in system.joints if joint[0].upper == v), None)


def _meet(below: Branch, above: Branch) -> bool:
    """Whether two neighbouring pieces of U meet: in a corner, not a jump."""
    return below.target(below.upper) == above.target(below.upper)


def _crossings(system: PlanarSystem, branch: Branch, current: float) -> list[tuple[float, int]]:
    """Voltages (and multiplicities) where the v-nullcline meets `branch`, ends included.

    They are the zeros of leak (F(v) + I) - U(v), written in x = v - branch.origin; for
    leak = 0 (accommodation) the same formula says U(v) = 0.
    """
    leak, shift = system.leak, branch.origin - system.origin
    quadratic = leak * system.e
    linear = leak * system.parabola_slope(branch.origin) - branch.slope
    constant = leak * (system.parabola(branch.origin) + current)
    linear_size = abs(leak) * (abs(2 * system.e * shift) + abs(system.f)) + abs(branch.slope)
    constant_size = abs(leak) * (
        (abs(system.e * shift) + abs(system.f)) * abs(shift) + abs(system.g) + abs(current)
    )
    sizes = (constant_size, linear_size)
    if branch.cubic == 0:
        if quadratic == 0 and abs(linear) <= ROUNDING * linear_size:
            if abs(constant) <= ROUNDING * constant_size:
                raise ParameterError(
                    "the two nullclines are the same line: every point of it is a fixed point"
                )
            return []
        roots = quadratic_roots((constant, linear, quadratic), sizes)
    else:
        polynomial = (constant, linear, quadratic, -branch.cubic)
        roots = cubic_roots(polynomial, sizes, branch.lower - branch.origin)
    found = []
    for x, multiplicity in roots:
        v = snapped(x + branch.origin, branch)
        if branch.lower <= v <= branch.upper and abs(v) <= LARGEST:
            found.append((v, multiplicity))
    return found


def _at_a_corner(
    system: PlanarSystem, v: float, below: Branch, above: Branch, current: float
) -> FixedPoint:
    """Describe a fixed point at a corner of U; the trace is the same on both sides.

    What turns on one side only does not go round: it ends on the node of the other.
    """
    left = linearised(system, v, below, current)
    right = linearised(system, v, above, current)
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


def _in_the_gap(system: PlanarSystem, below: Branch, above: Branch, u: float) -> FixedPoint:
    """Describe the point where the v-nullcline passes through a jump of U.

    Where u rises on the right and falls on the left, the flow turns round the point. A
    small turn of height r in u changes r^2 by a positive multiple of the trace
    F'(v)/C - a leak, half of it on either side (energy balance to third order in r).
    """
    v = below.upper
    growth = system.parabola_slope(v) / system.capacitance - system.a * system.leak
    turns = system.a * (above.target(v) - below.target(v)) > 0
    kind = "saddle"
    if turns:
        kind = "centre" if growth == 0 else f"{_stability(growth)} focus"
    note = f"it sits in the gap of U at v = {v:g} mV, where the flow " + (
        "turns around it" if turns else "is torn apart"
    )
    return FixedPoint(v, u, kind, eigenvalues=(), jacobian=None, note=note)
