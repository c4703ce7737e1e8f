"""The same cell in the other form: the quadratic of 2003 as the book's model, and back.

In both v' is a parabola less u, so that a cell of one form is one of the other in other units: with
``s = 100 C`` (pF), ``I_book = s I`` and ``u_book = s (u - u*)``. The number u* is free; where the
cell has a fixed point without a current it is the u of the lowest, so that vr is that rest, and
u_book is 0 there, as in the book.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from izhikevich.errors import ParameterError
from izhikevich.models.base import Model
from izhikevich.models.book import Book, Rule
from izhikevich.models.quadratic import Quadratic

__all__ = ["Conversion", "converted"]

#: Between vr and vt, mV, of a cell that has no rest, where any distance serves.
_APART = 20.0


@dataclass(frozen=True)
class Conversion:
    """A cell in the other form.

    Attributes
    ----------
    model : Model
        The other model.
    parameters : dict of str to float
        All of them.
    scale : float
        A current there is `scale` times what it is here; pA per mV/ms, or the other way round.
    offset : float
        A u there is ``scale (u - offset)``.
    """

    model: Model
    parameters: dict[str, float]
    scale: float
    offset: float

    def u(self, u: float) -> float:
        """A u of here as it is there."""
        return self.scale * (u - self.offset)


def converted(
    model: Model, parameters: Mapping[str, float], capacitance: float = 1.0
) -> Conversion:
    """Say a cell in the other form; v is the same at all times.

    Parameters
    ----------
    model : Model
        Of the cell.
    parameters : mapping of str to float
        All of its parameters.
    capacitance : float
        Of a cell of 2003 or 2004, which has none, in units of 100 pF: any serves.

    Returns
    -------
    Conversion

    Raises
    ------
    ParameterError
        If the other form has no such cell: a parabola that is none (e = 0), a u that does not decay
        (uleak = 0), or one of the book's types that bend the rules (LTS, FS, TC, RTN).
    """
    if isinstance(model, Quadratic):
        return _as_book(parameters, capacitance)
    assert isinstance(model, Book)
    return _as_quadratic(model, parameters)


def _as_book(values: Mapping[str, float], capacitance: float) -> Conversion:
    e, f, g, a, b = (values[name] for name in "efgab")
    leak, vu = values["uleak"], values["vu"]
    if e == 0 or leak == 0:
        name, why = ("e", "is no parabola") if e == 0 else ("uleak", "has a u that does not decay")
        raise ParameterError(f"a cell with {name} = 0 {why}: the book's model has none such")
    if not capacitance > 0 or not math.isfinite(capacitance):
        raise ParameterError(f"C must be greater than 0 (in 100 pF), not {capacitance:g}")
    steepness = b / leak
    # fixed points without a current: e v^2 + (f - b/leak) v + g + b vu/leak = 0
    middle = f - steepness
    under_root = middle**2 - 4 * e * (g + steepness * vu)
    if under_root >= 0:
        # of the two forms of a root the one that subtracts nothing alike
        larger = -0.5 * (middle + math.copysign(math.sqrt(under_root), middle))
        roots = (larger / e, (g + steepness * vu) / larger if larger else 0.0)
        vr = min(roots) if e > 0 else max(roots)
        offset = steepness * (vr - vu)
    elif b == 0:
        raise ParameterError(
            "a cell with b = 0 that cannot rest without a current is none of the book's model"
        )
    else:
        vr = -0.5 * f / e - 0.5 * _APART
        offset = g - e * vr * (vr + _APART)
    scale = 100 * capacitance
    parameters = {
        "C": capacitance,
        "k": scale * e,
        "vr": vr,
        "vt": -f / e - vr,
        "vpeak": values["thresh"],
        "a": a * leak,
        "b": scale * steepness,
        "c": values["c"],
        "d": scale * values["d"],
        "celltype": 1.0,
        "vu": vr if under_root >= 0 else vu + offset / steepness,
    }
    return Conversion(Book(), parameters, scale, offset)


def _as_quadratic(model: Book, values: Mapping[str, float]) -> Conversion:
    if model.rule(values) != Rule():
        raise ParameterError(
            f"a cell of celltype {values['celltype']:g} bends the rules of the book's model, and "
            "the quadratic model has no such rules"
        )
    scale = 1 / (100 * values["C"])
    k, vr, vt = values["k"], values["vr"], values["vt"]
    parameters = {
        "a": values["a"],
        "b": scale * values["b"],
        "c": values["c"],
        "d": scale * values["d"],
        "e": scale * k,
        "f": -scale * k * (vr + vt),
        "g": scale * k * vr * vt,
        "vu": values["vu"],
        "uleak": 1.0,
        "thresh": values["vpeak"],
    }
    return Conversion(Quadratic(), parameters, scale, 0.0)
