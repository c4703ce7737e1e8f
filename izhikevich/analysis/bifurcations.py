"""How the rest is lost as a constant current rises slowly (book, chapters 6 and 7).

At a fixed point I = U(v)/leak - F(v). Two fixed points merge where dI/dv = 0; a focus loses its
stability where the trace F'(v)/C - a leak is zero and the determinant a (U' - leak F')/C is
positive. With a straight U of slope b (leak = C = 1)::

    v_sn = (b - f)/(2 e)    I_sn = (b - f)^2/(4 e) - g
    v_h  = (a - f)/(2 e)    I_h  = b v_h - F(v_h)        if b > a > 0

so that the Andronov-Hopf comes first whenever it exists. A U in two pieces is followed piece by
piece, from the rest at the lowest currents upwards. What to say of it is in `words`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from izhikevich.analysis import fixed_points
from izhikevich.analysis.polynomials import quadratic_roots
from izhikevich.models.planar import LARGEST, PlanarSystem

# Two voltages closer than this (relative to 1 mV and to themselves) are one bifurcation.
_SAME_VOLTAGE = 1e-9
# At a bifurcation, rounding may leave two fixed points this close (mV) instead of one.
_SAME_POINT = 1e-3


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


class Loss(Enum):
    """What takes the rest away as the current rises, or why none is followed."""

    SADDLE_NODE = "saddle-node"
    HOPF = "Andronov-Hopf"
    BOTH = "both at once"
    CORNER = "a corner of U"
    JUMP = "a jump of U"
    NOTHING = "nothing"
    # there is no rest that could be followed upwards from the lowest currents
    U_STANDS_STILL = "u stands still"
    V_IS_FIXED = "the u-nullcline stands upright"
    F_IS_STRAIGHT = "F is a straight line"
    F_OPENS_DOWNWARDS = "F opens downwards"
    U_MOVES_AWAY = "u moves away from its nullcline"


_EXCITABILITY = {Loss.SADDLE_NODE: "class 1", Loss.HOPF: "class 2"}
_BEHAVIOUR = {Loss.SADDLE_NODE: "integrator", Loss.HOPF: "resonator"}


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
    loss : Loss
        What takes the rest away.
    lost_at : Bifurcation or None
        Where it does.
    other_rest : float or None
        Voltage (mV) of another stable fixed point that is there at that current, which only a U
        in two pieces makes possible.
    reason : str
        One plain sentence.
    """

    saddle_node: Bifurcation | None
    hopf: Hopf | None
    borders: tuple[Border, ...]
    loss: Loss
    lost_at: Bifurcation | None = None
    other_rest: float | None = None
    reason: str = ""

    @property
    def first(self) -> str | None:
        """Which bifurcation takes the rest away: "saddle-node", "Andronov-Hopf" or None."""
        return self.loss.value if self.loss in _EXCITABILITY else None

    @property
    def excitability(self) -> str | None:
        """The class of excitability; None, too, if there is another rest to go to.

        "class 1" if the saddle-node is first: firing can start at an arbitrarily low rate
        (provided that the reset leads past the ghost of the rest). "class 2" if the
        Andronov-Hopf is first: firing starts at a definite rate.
        """
        return _EXCITABILITY.get(self.loss) if self.other_rest is None else None

    @property
    def behaviour(self) -> str | None:
        """What it makes of the cell: "integrator" (no ringing near it), "resonator" or None."""
        return _BEHAVIOUR.get(self.loss)


def find(system: PlanarSystem) -> Bifurcations:
    """Every bifurcation, and which of them takes the rest away; `reason` is left empty.

    Parameters
    ----------
    system : PlanarSystem

    Returns
    -------
    Bifurcations
    """
    if system.frozen:
        return Bifurcations(None, None, (), Loss.U_STANDS_STILL)
    folds, hopf = _folds(system), _hopf(system)
    loss, at = _loss(system, folds, hopf)
    return Bifurcations(
        saddle_node=folds[0] if folds else None,
        hopf=hopf,
        borders=_borders(system),
        loss=loss,
        lost_at=at,
        other_rest=_other_rest(system, at) if loss in _EXCITABILITY and at else None,
    )


def _loss(
    system: PlanarSystem, folds: list[Bifurcation], hopf: Hopf | None
) -> tuple[Loss, Bifurcation | None]:
    """What takes the rest away, and where."""
    if system.leak == 0:
        return Loss.V_IS_FIXED, None
    if system.e == 0:
        return Loss.F_IS_STRAIGHT, None
    if system.e < 0:
        return Loss.F_OPENS_DOWNWARDS, None
    if system.a * system.leak < 0:
        return Loss.U_MOVES_AWAY, None
    return _follow_the_rest(system, folds, hopf)


def _follow_the_rest(
    system: PlanarSystem, folds: list[Bifurcation], hopf: Hopf | None
) -> tuple[Loss, Bifurcation | None]:
    """Follow the stable fixed point upwards from v = I = -infinity.

    It is stable as long as the current that it needs rises with v and the trace is
    negative; the first place where either ends is its bifurcation.
    """
    traceless = _traceless_voltage(system)
    for below, above in [*system.joints, (system.branches[-1], None)]:
        fold = next((x for x in folds if below.lower < x.v <= below.upper), None)
        if fold is not None and _same_voltage(fold.v, traceless):
            return Loss.BOTH, fold
        ends = below.upper if fold is None else fold.v
        if hopf is not None and below.lower < hopf.v <= ends:
            return Loss.HOPF, hopf
        if fold is not None:
            return Loss.SADDLE_NODE, fold
        if above is None:
            break
        edge = below.upper
        jump = above.target(edge) - below.target(edge)
        if jump < 0 or above.steepness(edge) <= system.leak * system.parabola_slope(edge):
            lost = system.current_at(edge, below if jump < 0 else above)
            return (Loss.CORNER if jump == 0 else Loss.JUMP), Bifurcation(lost, edge)
    return Loss.NOTHING, None


def _other_rest(system: PlanarSystem, event: Bifurcation) -> float | None:
    """Voltage of a stable fixed point that is there when the rest is lost."""
    return next(
        (
            point.v
            for point in fixed_points.find(system, event.current)
            if point.stable and abs(point.v - event.v) > _SAME_POINT
        ),
        None,
    )


def _same_voltage(v: float, other: float | None) -> bool:
    return other is not None and abs(v - other) <= _SAME_VOLTAGE * (1 + abs(v))


def _traceless_voltage(system: PlanarSystem) -> float | None:
    """Where F'(v)/C = a leak: the only place for an Andronov-Hopf bifurcation."""
    if system.e == 0:
        return None
    decay = system.a * system.leak * system.capacitance
    v = system.origin + (decay - system.f) / (2 * system.e)
    return v if abs(v) <= LARGEST else None


def _hopf(system: PlanarSystem) -> Hopf | None:
    """Find the Andronov-Hopf bifurcation, on whichever piece of U it is."""
    v = _traceless_voltage(system)
    if v is None or system.leak == 0:
        return None
    branch = system.branch_at(v)
    steepness = branch.steepness(v)
    decay = system.a * system.leak**2 * system.capacitance  # leak F' where the trace is zero
    determinant = system.a * (steepness - decay) / system.capacitance
    size = abs(system.a) * (abs(steepness) + abs(decay)) / system.capacitance
    if determinant <= fixed_points.TOLERANCE * size:
        return None
    # With w = (u/C - a leak v)/omega the linear part is a rotation and all that is not
    # linear depends on v alone; of the first Lyapunov coefficient there remains, but for
    # a positive factor, a e (leak e - U''/2).
    half_bend = 3 * branch.cubic * (v - branch.origin)
    lyapunov = system.a * system.e * (system.leak * system.e - half_bend)
    return Hopf(
        current=system.current_at(v, branch),
        v=v,
        supercritical=None if lyapunov == 0 else lyapunov < 0,
        period=2 * math.pi / math.sqrt(determinant),
    )


def _folds(system: PlanarSystem) -> list[Bifurcation]:
    """List the saddle-nodes by v: where dI/dv = U'(v)/leak - F'(v) changes its sign."""
    if system.e == 0 or system.leak == 0:
        return []
    folds = []
    for branch in system.branches:
        bend = 2 * system.leak * system.e
        level = system.leak * system.parabola_slope(branch.origin) - branch.slope
        shift = abs(branch.origin - system.origin)
        sizes = (abs(bend) * shift + abs(system.leak * system.f) + abs(branch.slope), abs(bend))
        for x, multiplicity in quadratic_roots((level, bend, -3 * branch.cubic), sizes):
            v = fixed_points.snapped(x + branch.origin, branch)
            if multiplicity == 1 and system.branch_at(v) is branch and abs(v) <= LARGEST:
                folds.append(Bifurcation(system.current_at(v, branch), v))
    return sorted(folds, key=lambda fold: fold.v)


def _borders(system: PlanarSystem) -> tuple[Border, ...]:
    """List the corners and jumps of U."""
    if system.leak == 0:
        return ()
    return tuple(
        Border(
            below.upper,
            system.current_at(below.upper, below),
            system.current_at(below.upper, above),
        )
        for below, above in system.joints
    )
