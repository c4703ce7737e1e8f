"""How the rest is lost, in one plain sentence."""

from __future__ import annotations

from izhikevich.analysis.bifurcations import Bifurcations, Loss
from izhikevich.analysis.fixed_points import linearised
from izhikevich.models.planar import PlanarSystem

_FIRING = {
    Loss.SADDLE_NODE: "firing can start at an arbitrarily low rate (class 1)",
    Loss.HOPF: "firing starts at a definite rate (class 2)",
}


def reason(system: PlanarSystem, found: Bifurcations, unit: str) -> str:
    """Say what takes the rest away as the current rises, or why there is none to lose.

    Parameters
    ----------
    system : PlanarSystem
    found : Bifurcations
        What happens in it.
    unit : str
        Of the current.

    Returns
    -------
    str
    """
    match found.loss:
        case Loss.SADDLE_NODE:
            return (
                "As the current rises, the rest stays stable up to"
                f" {_where(found, unit)}, where it meets the threshold saddle and both vanish"
                " (saddle-node): near there inputs add up without ringing (integrator), and"
                f" {_firing(found)}."
            )
        case Loss.HOPF:
            fold = found.saddle_node
            before = (
                "without any saddle-node"
                if fold is None
                else f"before the saddle-node at {_amount(fold.current, unit)}"
            )
            return (
                "As the current rises, the rest begins to ring and loses its stability at"
                f" {_where(found, unit)} (Andronov-Hopf), {before}: the cell answers to"
                f" inputs in step with its ringing (resonator), and {_firing(found)}."
            )
        case Loss.BOTH:
            return (
                "The saddle-node and the Andronov-Hopf come at the same current,"
                f" {_where(found, unit)} (Bogdanov-Takens): this cell stands exactly on the"
                " border between the two classes."
            )
        case Loss.CORNER | Loss.JUMP:
            assert found.lost_at is not None
            return (
                f"The rest is lost at {_where(found, unit)}, where it reaches the"
                f" {'corner' if found.loss is Loss.CORNER else 'jump'} of U at"
                f" v = {found.lost_at.v:g} mV: neither an ordinary saddle-node nor an"
                " Andronov-Hopf."
            )
        case Loss.NOTHING:
            return "The rest stays stable at every current within reach."
        case Loss.U_STANDS_STILL:
            return (
                f"With {what_holds_u(system)}, u stands still: there is no recovery, and no"
                " single resting state to lose."
            )
        case Loss.V_IS_FIXED:
            return _fixed_voltage(system)
        case Loss.F_IS_STRAIGHT:
            return (
                "F(v) is a straight line here, so the stability of the fixed point is the"
                " same at every current and nothing bifurcates."
            )
        case Loss.F_OPENS_DOWNWARDS:
            return (
                "The parabola F(v) opens downwards here, so v cannot run away into a spike"
                " and the usual classes do not apply."
            )
        case Loss.U_MOVES_AWAY:
            return _growth(system, found, unit)


def what_holds_u(system: PlanarSystem) -> str:
    """The parameters that make u stand still everywhere."""
    return "a = 0" if system.a == 0 else "b = 0 and uleak = 0"


def _firing(found: Bifurcations) -> str:
    """What comes when the rest is gone."""
    if found.other_rest is not None:
        return f"the cell then moves to another rest, at v = {found.other_rest:.4g} mV"
    return _FIRING[found.loss]


def _fixed_voltage(system: PlanarSystem) -> str:
    """U(v) = 0 alone fixes v (accommodation), whatever the current."""
    point = linearised(system, system.branches[0].origin, system.branches[0], 0.0)
    article = "an" if point.kind.startswith("unstable") else "a"
    start = (
        f"The fixed point stays at v = {point.v:g} mV whatever the current and is always {article}"
        f" {point.kind}"
    )
    if point.stable:
        return (
            f"{start}: no constant current makes this cell fire, only one that rises faster than"
            " u can follow."
        )
    return f"{start}: there is no resting state to lose."


def _growth(system: PlanarSystem, found: Bifurcations, unit: str) -> str:
    """For a leak < 0 the fixed point at low v is a saddle, not the rest."""
    sign = "a < 0" if system.a < 0 else "uleak < 0"
    hopf, fold = found.hopf, found.saddle_node
    start = f"With {sign}, u moves away from its nullcline and the fixed point at low v is a saddle"
    if len(system.branches) > 1:
        return f"{start}: there is no resting state to follow from low currents."
    if hopf is None or fold is None:
        return f"{start}: no current gives this cell a stable resting state."
    return (
        f"{start}; the other one is stable only from {_amount(hopf.current, unit)} to"
        f" {_amount(fold.current, unit)} and loses its stability (Andronov-Hopf) when the"
        " current falls: inhibition makes this cell fire."
    )


def _where(found: Bifurcations, unit: str) -> str:
    """The current at which the rest is lost."""
    assert found.lost_at is not None
    return _amount(found.lost_at.current, unit)


def _amount(current: float, unit: str) -> str:
    return f"{current:.4g} {unit}"
