"""What is said of how a cell loses its rest, with numbers worked out by hand."""

from __future__ import annotations

import pytest

from izhikevich.analysis.bifurcations import Loss
from izhikevich.analysis.plane import for_cell_type, plane
from izhikevich.catalog import cell_type
from izhikevich.models import QUADRATIC

RS = dict(a=0.02, b=0.2, c=-65, d=8)
# (b - f)^2/(4 e) - g of the usual quadratic
FOLD = 4.8**2 / 0.16 - 140

SADDLE_NODE = (
    "As the current rises, the rest stays stable up to {}, where it meets the threshold saddle and "
    "both vanish (saddle-node): near there inputs add up without ringing (integrator), and {}."
)
HOPF = (
    "As the current rises, the rest begins to ring and loses its stability at {} (Andronov-Hopf), "
    "{}: the cell answers to inputs in step with its ringing (resonator), and firing starts at a "
    "definite rate (class 2)."
)
LOW_RATE = "firing can start at an arbitrarily low rate (class 1)"
NEITHER = "neither an ordinary saddle-node nor an Andronov-Hopf."


def of_2004(key):
    return for_cell_type(cell_type("2004", key))


def book(key, **changes):
    return for_cell_type(cell_type("2007", key), changes)


CASES = {
    "class 1": (
        of_2004("Class 1"),
        Loss.SADDLE_NODE,
        SADDLE_NODE.format("2.25 mV/ms", LOW_RATE),
    ),
    "class 2": (
        of_2004("Class 2"),
        Loss.HOPF,
        HOPF.format("0.4 mV/ms", "before the saddle-node at 0.4225 mV/ms"),
    ),
    "no fold": (book("FS"), Loss.HOPF, HOPF.format("73.68 pA", "without any saddle-node")),
    "another rest": (  # below -65 mV U is 0 here: the knee is at -78 mV, 12 mV from vr and vt
        book("RTN", vr=-90, vt=-66, b=0, a=0.2),
        Loss.SADDLE_NODE,
        SADDLE_NODE.format("36 pA", "the cell then moves to another rest, at v = -65 mV"),
    ),
    "both": (
        plane(QUADRATIC, RS | dict(a=0.2)),
        Loss.BOTH,
        "The saddle-node and the Andronov-Hopf come at the same current, 4 mV/ms "
        "(Bogdanov-Takens): this cell stands exactly on the border between the two classes.",
    ),
    "corner": (
        book("RTN", vt=-70, k=1, a=0.2),
        Loss.CORNER,
        f"The rest is lost at 0 pA, where it reaches the corner of U at v = -65 mV: {NEITHER}",
    ),
    "jump": (  # U = 15 * 15 and F = 1.6 * 15 * -13
        book("TC", vr=-80, vt=-52, a=0.2),
        Loss.JUMP,
        f"The rest is lost at 537 pA, where it reaches the jump of U at v = -65 mV: {NEITHER}",
    ),
    "nothing": (
        book("FS", a=1e12),
        Loss.NOTHING,
        "The rest stays stable at every current within reach.",
    ),
    "frozen": (
        plane(QUADRATIC, RS | dict(a=0)),
        Loss.U_STANDS_STILL,
        "With a = 0, u stands still: there is no recovery, and no single resting state to lose.",
    ),
    "frozen, too": (
        plane(QUADRATIC, RS | dict(b=0, uleak=0)),
        Loss.U_STANDS_STILL,
        "With b = 0 and uleak = 0, u stands still: there is no recovery, and no single resting "
        "state to lose.",
    ),
    "accommodation": (
        of_2004("accomodation"),
        Loss.V_IS_FIXED,
        "The fixed point stays at v = -65 mV whatever the current and is always a stable focus: no "
        "constant current makes this cell fire, only one that rises faster than u can follow.",
    ),
    "no rest at any voltage": (  # F'(-60) = 0.2 > 0
        plane(QUADRATIC, RS | dict(b=1, uleak=0, vu=-60)),
        Loss.V_IS_FIXED,
        "The fixed point stays at v = -60 mV whatever the current and is always an unstable focus: "
        "there is no resting state to lose.",
    ),
    "straight": (
        plane(QUADRATIC, RS | dict(e=0)),
        Loss.F_IS_STRAIGHT,
        "F(v) is a straight line here, so the stability of the fixed point is the same at every "
        "current and nothing bifurcates.",
    ),
    "downwards": (
        plane(QUADRATIC, RS | dict(e=-0.04)),
        Loss.F_OPENS_DOWNWARDS,
        "The parabola F(v) opens downwards here, so v cannot run away into a spike and the usual "
        "classes do not apply.",
    ),
    "inhibition": (
        of_2004("inhibition-induced spiking"),
        Loss.U_MOVES_AWAY,
        "With a < 0, u moves away from its nullcline and the fixed point at low v is a saddle; the "
        "other one is stable only from 79 mV/ms to 85 mV/ms and loses its stability "
        "(Andronov-Hopf) when the current falls: inhibition makes this cell fire.",
    ),
    "growth": (  # F' = -0.02 at -62.75 mV and -0.2 at -65 mV
        plane(QUADRATIC, RS | dict(uleak=-1)),
        Loss.U_MOVES_AWAY,
        "With uleak < 0, u moves away from its nullcline and the fixed point at low v is a saddle; "
        "the other one is stable only from 28.8 mV/ms to 29 mV/ms and loses its stability "
        "(Andronov-Hopf) when the current falls: inhibition makes this cell fire.",
    ),
    "growth without a rest": (
        plane(QUADRATIC, RS | dict(a=-0.02)),
        Loss.U_MOVES_AWAY,
        "With a < 0, u moves away from its nullcline and the fixed point at low v is a saddle: "
        "no current gives this cell a stable resting state.",
    ),
    "growth in two pieces": (
        book("RTN", a=-0.015),
        Loss.U_MOVES_AWAY,
        "With a < 0, u moves away from its nullcline and the fixed point at low v is a saddle: "
        "there is no resting state to follow from low currents.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_how_the_rest_is_lost(case):
    cell, loss, sentence = CASES[case]
    found = cell.bifurcations()
    assert found.loss is loss
    assert found.reason == sentence


def test_what_follows_from_the_loss_of_the_rest():
    def told(case):
        found = CASES[case][0].bifurcations()
        return found.first, found.excitability, found.behaviour

    assert told("class 1") == ("saddle-node", "class 1", "integrator")
    assert told("class 2") == ("Andronov-Hopf", "class 2", "resonator")
    assert told("another rest") == ("saddle-node", None, "integrator")
    others = set(CASES) - {"class 1", "class 2", "no fold", "another rest"}
    assert {told(case) for case in others} == {(None, None, None)}


def test_where_it_is_lost():
    found = CASES["class 2"][0].bifurcations()
    assert found.lost_at == found.hopf and found.hopf.v == pytest.approx(-60)
    assert CASES["both"][0].bifurcations().saddle_node.current == pytest.approx(FOLD)
    corner = CASES["corner"][0].bifurcations().lost_at
    assert (corner.current, corner.v) == (0, -65)
    jump = CASES["jump"][0].bifurcations()
    assert (jump.lost_at.current, jump.lost_at.v) == pytest.approx((537, -65))
    assert jump.borders[0].current_above == pytest.approx(312)
    assert CASES["inhibition"][0].bifurcations().lost_at is None
