"""Roots of quadratics and cubics: where they are, how often, and none that rounding made."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from izhikevich.analysis.polynomials import ROUNDING, cubic_roots, quadratic_roots

ROOTS = st.floats(-100, 100)
SCALES = st.floats(0.01, 100) | st.floats(-100, -0.01)


def quadratic(c0, c1, c2):
    return sorted(quadratic_roots((c0, c1, c2), (abs(c0), abs(c1))))


def cubic(c0, c1, c2, c3, lower=-1e6):
    return sorted(cubic_roots((c0, c1, c2, c3), (abs(c0), abs(c1)), lower))


@given(ROOTS, ROOTS, SCALES)
def test_a_quadratic_of_two_roots(one, other, scale):
    assume(abs(one - other) > 1e-3)
    found = quadratic(scale * one * other, -scale * (one + other), scale)
    assert [n for _, n in found] == [1, 1]
    assert [x for x, _ in found] == pytest.approx(sorted([one, other]), rel=1e-9, abs=1e-9)


@given(ROOTS, SCALES)
def test_a_double_root_is_one(root, scale):
    ((x, n),) = quadratic(scale * root * root, -2 * scale * root, scale)
    assert n == 2 and x == pytest.approx(root, rel=1e-14)


@given(ROOTS, st.floats(0.1, 100), SCALES)
def test_a_quadratic_without_roots(middle, height, scale):
    """scale ((x - middle)^2 + height)"""
    assert quadratic(scale * (middle**2 + height), -2 * scale * middle, scale) == []


def test_what_is_no_quadratic():
    assert quadratic(3, 2, 0) == [(-1.5, 1)]
    assert quadratic(3, 0, 0) == quadratic(0, 0, 0) == []
    assert quadratic(-9, 0, 1) == [(-3, 1), (3, 1)]
    assert quadratic(9, 0, 1) == []
    assert quadratic(0, 0, 4) == [(0, 2)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_small_root_beside_a_large_one_loses_no_digit(sign):
    """x^2 - 1e8 x + 1: the textbook's formula has not one digit of 1e-8."""
    small, large = sorted(quadratic(1, -sign * 1e8, 1), key=lambda root: abs(root[0]))
    assert small == (pytest.approx(sign * 1e-8, rel=1e-14), 1)
    assert large == (pytest.approx(sign * 1e8, rel=1e-14), 1)


def test_a_root_is_double_within_the_rounding_of_what_was_added_up():
    """(x - 1)^2 - 1e-12, where the 1 may be what is left of terms of a million."""
    coefficients = (1 - 1e-12, -2.0, 1.0)
    assert [n for _, n in quadratic_roots(coefficients, (1.0, 2.0))] == [1, 1]
    assert quadratic_roots(coefficients, (1e6, 2.0)) == [(1, 2)]
    # the measure is 16 times the rounding error of all terms at that place
    for share, n in ((0.99, 1), (1.01, 2)):
        found = quadratic_roots((1 - share * ROUNDING * 103, -2.0, 1.0), (100.0, 2.0))
        assert len(found) == n


@given(st.lists(ROOTS, min_size=3, max_size=3), SCALES)
def test_a_cubic_of_three_roots(roots, scale):
    roots.sort()
    assume(min(np.diff(roots)) > 0.05)
    c0, c1, c2, c3 = scale * np.poly(roots)[::-1]
    found = cubic(c0, c1, c2, c3)
    assert [n for _, n in found] == [1, 1, 1]
    assert [x for x, _ in found] == pytest.approx(roots, rel=1e-7, abs=1e-7)


@given(ROOTS, ROOTS, st.floats(0.5, 100), SCALES)
def test_a_cubic_of_one_root(root, middle, height, scale):
    """scale (x - root) ((x - middle)^2 + height)"""
    c = scale * np.polymul([1, -root], [1, -2 * middle, middle**2 + height])[::-1]
    ((x, n),) = cubic(*c)
    assert n == 1 and x == pytest.approx(root, rel=1e-9, abs=1e-9)


def test_roots_of_a_cubic_that_have_merged():
    assert cubic(0, 0, 0, 1, lower=-1) == [(0, 3)]
    # (x + 2)^2 (x - 1) and (x + 2) (x - 1)^2
    assert cubic(-4, 0, 3, 1, lower=-10) == [(-2, 2), (pytest.approx(1, rel=1e-15), 1)]
    assert cubic(2, -3, 0, 1, lower=-10) == [(pytest.approx(-2, rel=1e-15), 1), (1, 2)]


def test_a_cubic_from_a_border_on():
    # (x - 1)(x - 2)(x - 3)
    def found(lower):
        return [x for x, _ in cubic(-6, 11, -6, 1, lower=lower)]

    assert found(0) == pytest.approx([1, 2, 3], rel=1e-15)
    assert found(1) == pytest.approx([1, 2, 3], rel=1e-15), "the border itself is in"
    assert found(1.5) == pytest.approx([2, 3], rel=1e-15)
    assert found(2.9) == pytest.approx([3], rel=1e-15)
    assert found(3.1) == found(1e4) == []


def test_a_root_far_away():
    """Cauchy's bound holds every root: here it is 1 + 1e12."""
    ((x, n),) = cubic(-1e12, 0, 0, 1, lower=0)
    assert n == 1 and x == pytest.approx(1e4, rel=1e-15)
    ((x, n),) = cubic(0, 0, -1e6, 1, lower=1)
    assert n == 1 and x == pytest.approx(1e6, rel=1e-15)
    assert math.isfinite(x)
