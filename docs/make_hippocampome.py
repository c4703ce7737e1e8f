"""Write docs/hippocampome.md: the models of the hippocampus beside what was measured.

    python docs/make_hippocampome.py

Every number on the page is computed here from the models and the measured intervals.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from izhikevich import RunawayError, simulate
from izhikevich.catalog import types_of
from izhikevich.publications.hippocampome import NAME, Pattern, patterns

PAGE = Path(__file__).resolve().parent / "hippocampome.md"
#: So near is "agrees".
WITHIN = 0.2


class Features(NamedTuple):
    """What is compared of a pattern: numbers of spikes, and ms; None where there is none."""

    spikes: float
    delay: float | None
    first: float | None
    mean: float | None
    last: float | None


def features(delay: float | None, intervals: Sequence[float]) -> Features:
    """The features of a delay and the intervals after it, ms."""
    if not len(intervals):
        return Features(0 if delay is None else 1, delay, None, None, None)
    mean = float(np.mean(intervals))
    return Features(len(intervals) + 1, delay, intervals[0], mean, intervals[-1])


def agree(measured: float | None, model: float | None) -> bool | None:
    """Whether the model is within 20 % of what was measured; None where nothing was."""
    if measured is None:
        return None
    return model is not None and abs(model - measured) <= WITHIN * abs(measured)


def simulated(key: str, pattern: Pattern) -> Features | None:
    """The exact solution from rest, the current on from t = 0; None if it leaves every bound."""
    assert pattern.current is not None and pattern.duration is not None
    try:
        run = simulate(NAME, key, current=pattern.current, tstop=pattern.duration, scheme="exact")
    except RunawayError:
        return None
    spikes = np.asarray(run.spikes)
    return features(float(spikes[0]) if len(spikes) else None, list(np.diff(spikes)))


def parts(key: str) -> bool:
    """Whether a point process and a section have spikes on other steps by the published rule."""
    one, other = (simulate(NAME, key, variant=variant).spikes for variant in ("PP", "Sec"))
    return len(one) != len(other) or not np.allclose(one, other, rtol=0, atol=1e-6)


def text() -> str:
    """The page, computed now."""
    keys = {entry.figure: entry for entry in types_of(NAME).values() if entry.is_preferred}
    rows, agreed, total = [], Counter[str](), Counter[str]()
    unstated = []
    for pattern in patterns():
        entry = keys.get(pattern.type_id)
        if entry is None:
            continue
        if pattern.current is None or pattern.duration is None:
            unstated.append(f"{entry.key} ({pattern.pattern})")
            continue
        measured = features(pattern.delay, pattern.intervals)
        model = simulated(entry.key, pattern)
        cells = [entry.key, pattern.pattern, f"{pattern.current:.4g}", f"{pattern.duration:.4g}"]
        for name in Features._fields:
            one = getattr(measured, name)
            other = None if model is None else getattr(model, name)
            near = agree(one, other)
            if near is not None:
                total[name] += 1
                agreed[name] += near
            cells.append(_beside(one, other, near))
        rows.append(cells)
    summary = [[name, str(agreed[name]), str(total[name])] for name in Features._fields]
    return _PAGE.format(
        n=len(rows),
        preferred=len(keys),
        summary=_table(("feature", "within 20 %", "measured"), summary),
        table=_table(("type", "class", "I (pA)", "for (ms)", *Features._fields), rows),
        n_unstated=len(unstated),
        unstated=", ".join(unstated),
        n_parted=sum(map(parts, (entry.key for entry in keys.values()))),
    )


def _beside(measured: float | None, model: float | None, near: bool | None) -> str:
    shown = " / ".join("none" if x is None else f"{x:.4g}" for x in (measured, model))
    return f"**{shown}**" if near else shown


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


_PAGE = """\
# The hippocampus

Written by `python docs/make_hippocampome.py`.

Hippocampome.org has models of 89 cell types of the rodent hippocampus and entorhinal cortex,
fitted to their measured firing patterns: S. Venkadesh, A. O. Komendantov, D. W. Wheeler, D. J.
Hamilton, G. A. Ascoli, "Simple models of quantitative firing phenotypes in hippocampal neurons:
Comprehensive coverage of intrinsic diversity", PLoS Comput. Biol. 15(10):e1007462, 2019. They are
the publication `hippocampome`: 167 models, of which one of each type is the preferred one.

    izh list --paper hippocampome
    izh run "CA1 Basket"

Names, regions and effects are Hippocampome.org's own; where the file of the models disagrees with
its file of types (HIPP stands as excitatory in the former), the latter holds. Each is a plain
type of the book's model with one compartment. 117 of them have a second model there, with two to
four compartments: of those of two the authors' program says how they are coupled, of those of
three and four the file does not say which compartment hangs on which; they are not here.

## Beside what was measured

The current of each pattern, from t = 0 on for as long as it was given; the exact solution, from
rest. Measured / model: the number of spikes, the delay of the first (ms), the first, mean and
last interval (ms). **Bold**: within 20 % of what was measured. It is {n} patterns of the
{preferred} preferred types.

{summary}

In the exact solution a point process and a section agree to 0.005 ms, of all {preferred} types.
Under the published rule, Euler's steps of 0.1 ms, rounding grows: in {n_parted} of them a spike
falls on another step in a section than in a point process, at the current of `izh run`.

The authors start u at 20 pA, not at rest, and fit weighted features of a pattern rather than
these five; so this says how far a model goes with the stated current from rest, not how well it
was fitted.

{table}

Of {n_unstated} further patterns the current was not stated: {unstated}.
"""

if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    print(f"wrote {PAGE}")
