"""The hippocampus: models of Hippocampome.org, fitted to measured firing patterns of its cell types.

`hippocampome.csv` has the models, with one compartment: the parameters of `izhmodels_single.csv`,
digit for digit (C in pF there, and Vmin is the book's c), the types' names, regions and effects of
`type.csv`. `hippocampome_patterns.csv` has what was measured, of `fp_parameters.csv`: the current
(pA) where it was stated, its duration, the delay of the first spike and the intervals (ms). All
three files are in the repository Hippocampome-Org/csv2db_import_v2.

A model stands under its type's name; of several models of a type the preferred one has the name
alone, the others its number. Between spikes and at a spike they are the book's plain types. There
is no figure to reproduce: a type's currents are those it was measured with, from t = 0 on, and the
step is the 0.1 ms of the authors, who integrate by Runge-Kutta and locate the spikes: of what the
package computes the exact solution is nearest to theirs.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from izhikevich.models import BOOK
from izhikevich.publications.base import CellType, Publication
from izhikevich.waveforms import Waveform

NAME = "hippocampome"

_REGIONS = ("DG", "CA3", "CA2", "CA1", "Sub", "EC")
_EFFECTS = {"e": "excitatory", "i": "inhibitory"}
_OWN_NAMES = ("k", "vr", "vt", "vpeak", "a", "b", "c", "d")
# of a type none of whose currents were stated, ms
_DURATION = 1000.0


class Pattern(NamedTuple):
    """A measured firing pattern.

    Attributes
    ----------
    type_id : str
        Hippocampome.org's number of the cell type, such as "1-000-1".
    current : float or None
        pA; None where it was not stated.
    duration : float or None
        Of the current, ms.
    pattern : str
        Its class, such as "ASP.NASP".
    delay : float or None
        Of the first spike, ms.
    intervals : tuple of float
        Between spikes, ms.
    """

    type_id: str
    current: float | None
    duration: float | None
    pattern: str
    delay: float | None
    intervals: tuple[float, ...]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files(__package__).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _number(text: str) -> float | None:
    return float(text) if text else None


def patterns() -> tuple[Pattern, ...]:
    """Every measured pattern of the types that have a model."""
    return tuple(
        Pattern(
            row["id"],
            _number(row["current"]),
            _number(row["duration"]),
            row["pattern"],
            _number(row["delay"]),
            tuple(map(float, row["intervals"].split())),
        )
        for row in _rows("hippocampome_patterns.csv")
    )


def _type(row: dict[str, str], measured: list[Pattern]) -> CellType:
    number = row["id"].rpartition("-")[2]
    name = row["name"] if row["preferred"] == "Y" else f"{row['name']} {number}"
    own = {each: float(row[each]) for each in _OWN_NAMES}
    stated = [p for p in measured if p.current is not None and p.duration is not None]
    currents = tuple(sorted({p.current for p in stated if p.current is not None}, key=abs))
    if not currents:
        currents = (_test_current(**own),)
    longest = max((p.duration for p in stated if p.duration is not None), default=_DURATION)
    return CellType(
        paper=NAME,
        key=name,
        model=BOOK,
        label=name,
        panel=name,
        figure=row["id"],
        parameters={"C": float(row["C"]) / 100, **own, "celltype": 1},
        v0=None,
        u0=None,
        tstop=float(math.ceil(longest)),
        dt=0.1,
        currents=tuple(map(Waveform, currents)),
        amplitudes=currents if len(currents) > 1 else (),
        group=row["region"],
        effect=_EFFECTS[row["effect"]],
        is_preferred=row["preferred"] == "Y",
    )


def _test_current(k: float, vr: float, vt: float, b: float, **others: float) -> float:
    """Where none was stated: twice that of the saddle-node, pA, to the next 10."""
    return math.ceil(2 * (k * (vt - vr) + b) ** 2 / (4 * k) / 10) * 10.0


def _types() -> Iterator[CellType]:
    measured = defaultdict(list)
    for pattern in patterns():
        measured[pattern.type_id].append(pattern)
    rows = list(_rows("hippocampome.csv"))
    for region in _REGIONS:
        of_region = [row for row in rows if row["region"] == region]
        for row in sorted(of_region, key=lambda row: row["preferred"], reverse=True):
            yield _type(row, measured[row["id"]])


PUBLICATION = Publication(
    name=NAME,
    author="Venkadesh et al. (2019)",
    citation="Venkadesh et al. (2019): cell types of the hippocampus, Hippocampome.org",
    reference="S. Venkadesh, A. O. Komendantov, D. W. Wheeler, D. J. Hamilton, G. A. Ascoli, "
    '"Simple models of quantitative firing phenotypes in hippocampal neurons: Comprehensive '
    'coverage of intrinsic diversity", PLoS Comput. Biol. 15(10):e1007462, 2019.',
    types=tuple(_types()),
)
