"""Real roots of quadratics and cubics, and which of them are double but for rounding.

Where two fixed points merge, or one lies on a corner, a root is double, and rounding alone decides
whether a formula finds two, one or none. So each coefficient comes with the size of the terms that
it was added up from: a sum within their rounding error is zero. `numpy.roots` would tear a double
root apart by 1e-8 of itself, and one of scipy's root finders wants the same brackets first.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

#: In units of the terms of a sum: a sum below it may well be zero.
ROUNDING = 16 * sys.float_info.epsilon


def quadratic_roots(
    coefficients: tuple[float, float, float], sizes: tuple[float, float]
) -> list[tuple[float, int]]:
    """Real roots of c0 + c1 x + c2 x^2.

    Parameters
    ----------
    coefficients : (float, float, float)
        c0, c1, c2; c2, or c1 and c2, may be zero.
    sizes : (float, float)
        What the terms of c0 and of c1 add up to without their signs.

    Returns
    -------
    list of (float, int)
        Each root with its multiplicity, in no order.
    """
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


def cubic_roots(
    coefficients: tuple[float, float, float, float], sizes: tuple[float, float], lower: float
) -> list[tuple[float, int]]:
    """Real roots >= `lower` of c0 + c1 x + c2 x^2 + c3 x^3.

    Between its critical points a cubic is monotone: one root where the sign changes.

    Parameters
    ----------
    coefficients : (float, float, float, float)
        c0, c1, c2, c3; c3 is not zero.
    sizes : (float, float)
        What the terms of c0 and of c1 add up to without their signs.
    lower : float
        Where to begin.

    Returns
    -------
    list of (float, int)
        Each root with its multiplicity, in no order.
    """
    c0, c1, c2, c3 = coefficients
    derivative = (c1, 2 * c2, 3 * c3)
    critical = dict(quadratic_roots(derivative, (sizes[1], abs(2 * c2))))
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


def _value(coefficients: Sequence[float], x: float) -> float:
    """Evaluate a polynomial, of rising powers, at `x`."""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _is_zero(coefficients: Sequence[float], sizes: tuple[float, float], x: float) -> bool:
    """Whether the polynomial is zero at `x` but for rounding."""
    magnitudes = [*sizes, *(abs(coefficient) for coefficient in coefficients[2:])]
    return abs(_value(coefficients, x)) <= ROUNDING * _value(magnitudes, abs(x))


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
