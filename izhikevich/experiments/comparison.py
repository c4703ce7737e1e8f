"""How much a result depends on who computes it: PP against Sec, published against exact.

Each cell type can be run in four ways: as a point process (PP) or in a section (Sec), by the
published update rule or exactly. `compare` makes the four runs and says, for each of the four
pairs that differ in one respect, how far their spike trains lie apart.

The n-th spike of one train is matched with the n-th of the other; what the longer train has
beyond that is unmatched. How alike two trains are, whatever the order, is said by their
coincidence factor.

Sources
-------
W. M. Kistler, W. Gerstner, J. L. van Hemmen, "Reduction of the Hodgkin-Huxley equations to a
single-variable threshold model", Neural Computation 9(5):1015-1045, 1997 (the coincidence factor).
R. Jolivet et al., "A benchmark test for a quantitative assessment of simple neuron models",
J. Neuroscience Methods 169(2):417-424, 2008 (its use to compare neuron models).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.catalog import CellType
from izhikevich.errors import ParameterError
from izhikevich.recording import Recording, RunawayError
from izhikevich.waveforms import Waveform

Run = tuple[str, str]

# The four runs as (variant, scheme), in the order of rows and rasters.
FOUR_RUNS: tuple[Run, ...] = (
    ("PP", "published"),
    ("Sec", "published"),
    ("PP", "exact"),
    ("Sec", "exact"),
)

# The pairs that differ in one respect only.
PAIRS: tuple[tuple[Run, Run], ...] = (
    (("PP", "published"), ("Sec", "published")),
    (("PP", "exact"), ("Sec", "exact")),
    (("PP", "published"), ("PP", "exact")),
    (("Sec", "published"), ("Sec", "exact")),
)

# Two spikes at most this far apart (ms) coincide.
PRECISION = 1.0
# The accuracy of a spike time (ms) under the exact scheme: closer spikes are the same.
SAME_TIME = 0.001
# Times on a grid carry the rounding of j * dt (ms).
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Difference:
    """How far two spike trains of one cell type lie apart.

    Attributes
    ----------
    first, second : (str, str)
        The two runs as (variant, scheme).
    counts : (int or None, int or None)
        Spikes of each; None for a run that ran away.
    largest, mean : float or None
        Largest and mean distance of matched spikes, ms; None without any.
    coincidence : float or None
        Coincidence factor: 1 for trains that coincide, about 0 for independent ones.
    parted_at : float or None
        Time (ms) of the first spike whose counterpart is missing or not the same (PP and Sec), or
        is farther than the precision (published and exact, which never agree to the last digit);
        None without one.
    same : bool
        Whether the trains are the same: to the step on a common grid, otherwise to 0.001 ms.
    reason : str
        Why there is nothing to compare; empty otherwise.
    """

    first: Run
    second: Run
    counts: tuple[int | None, int | None]
    largest: float | None = None
    mean: float | None = None
    coincidence: float | None = None
    parted_at: float | None = None
    same: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """The four runs of one cell type with one current.

    Attributes
    ----------
    runs : mapping of (variant, scheme) to Recording
        In the order of `FOUR_RUNS`; a run that ran away holds what came before.
    differences : tuple of Difference
        In the order of `PAIRS`.
    precision : float
        Two spikes at most this far apart coincide, ms.
    """

    runs: Mapping[Run, Recording]
    differences: tuple[Difference, ...]
    precision: float = PRECISION

    @property
    def recording(self) -> Recording:
        """The first of the runs, for what they have in common."""
        return next(iter(self.runs.values()))

    @property
    def cell_type(self) -> CellType:
        """The catalogue's entry."""
        return self.recording.cell_type

    def difference(self, first: Run, second: Run) -> Difference:
        """The entry of `differences` for two runs, each (variant, scheme).

        Raises
        ------
        KeyError
            If the two are not one of `PAIRS`.
        """
        for difference in self.differences:
            if (difference.first, difference.second) == (first, second):
                return difference
        raise KeyError(f"{first} and {second} are not compared: see PAIRS")


# --- the runs ------------------------------------------------------------------------------------


def compare(
    paper: str,
    key: str,
    current: float | Waveform | None = None,
    *,
    precision: float = PRECISION,
    progress: Callable[[float], None] | None = None,
) -> Comparison:
    """Run one published cell type in the four ways and compare the spikes.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    current : float or Waveform, optional
        Injected current, mV/ms (2003, 2004) or pA (2007); default: the figure's.
    precision : float
        Two spikes at most this far apart coincide, ms.
    progress : callable, optional
        As in `izhikevich.simulate`; called during each of the four runs.

    Returns
    -------
    Comparison

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If the current cannot be run or the precision is not greater than 0.
    """
    _check_precision(precision)
    return compare_recordings(
        [
            simulate_until_runaway(
                paper, key, variant=variant, scheme=scheme, current=current, progress=progress
            )
            for variant, scheme in FOUR_RUNS
        ],
        precision=precision,
    )


def simulate_until_runaway(paper: str, key: str, **how: Any) -> Recording:
    """Like `izhikevich.simulate`; a run that leaves every bound gives what came before."""
    # NEURON is needed to run, not to compare what has been run
    from izhikevich.engine.simulation import simulate

    try:
        return simulate(paper, key, **how)
    except RunawayError as error:
        return error.recording


def compare_recordings(
    recordings: Iterable[Recording], *, precision: float = PRECISION
) -> Comparison:
    """Compare the four runs of one cell type with one current.

    Parameters
    ----------
    recordings : iterable of Recording
        The four runs, in any order.
    precision : float
        Two spikes at most this far apart coincide, ms.

    Raises
    ------
    ParameterError
        If they are not the four runs of one protocol, or the precision is not greater than 0.
    """
    _check_precision(precision)
    runs = four_runs(recordings)
    return Comparison(
        runs,
        tuple(_difference(runs[first], runs[second], precision) for first, second in PAIRS),
        precision,
    )


def four_runs(recordings: Iterable[Recording]) -> Mapping[Run, Recording]:
    """The recordings by (variant, scheme), in the order of `FOUR_RUNS`.

    Raises
    ------
    ParameterError
        If they are not the four runs of one protocol.
    """
    recordings = list(recordings)
    found = {(recording.variant, recording.scheme): recording for recording in recordings}
    if len(recordings) != len(FOUR_RUNS) or set(found) != set(FOUR_RUNS):
        given = ", ".join(" ".join((r.variant, r.scheme)) for r in recordings) or "nothing"
        raise ParameterError(
            f"a comparison needs PP and Sec, each published and exact, not {given}"
        )
    if len({(r.paper, r.key, r.waveform, r.tstop) for r in recordings}) > 1:
        raise ParameterError("a comparison needs four runs of one cell type with one current")
    return MappingProxyType({run: found[run] for run in FOUR_RUNS})


def ran_away_at(recording: Recording) -> float | None:
    """Time (ms) at which a run left every bound; None for one that reached its end."""
    end = float(recording.t[-1]) if len(recording.t) else 0.0
    step = 0.0 if recording.dt is None else recording.dt
    return end if end < recording.tstop - step - _ROUNDING else None


def _check_precision(precision: float) -> None:
    if not (math.isfinite(precision) and precision > 0):
        raise ParameterError(f"the precision must be greater than 0 ms, not {precision}")


def _difference(one: Recording, other: Recording, precision: float) -> Difference:
    first, second = (one.variant, one.scheme), (other.variant, other.scheme)
    ends = ran_away_at(one), ran_away_at(other)
    counts = tuple(
        len(recording.spikes) if end is None else None
        for recording, end in zip((one, other), ends, strict=True)
    )
    if None in counts:
        reason = "; ".join(
            f"{' '.join(run)} runs away at {end:.1f} ms"
            for run, end in zip((first, second), ends, strict=True)
            if end is not None
        )
        return Difference(first, second, (counts[0], counts[1]), reason=reason)
    tolerance = SAME_TIME if one.scheme == other.scheme else precision
    distances = np.abs(spike_time_differences(one.spikes, other.spikes))
    return Difference(
        first,
        second,
        (counts[0], counts[1]),
        largest=float(distances.max()) if len(distances) else None,
        mean=float(distances.mean()) if len(distances) else None,
        coincidence=coincidence_factor(one.spikes, other.spikes, one.tstop, precision),
        parted_at=first_parting(one.spikes, other.spikes, tolerance),
        same=same_spikes(one, other),
    )


# --- two spike trains ----------------------------------------------------------------------------


def same_spikes(one: Recording, other: Recording) -> bool:
    """Whether two runs have the same spikes.

    On a common step grid that means at the same steps; otherwise to 0.001 ms, the accuracy of
    the exact scheme.
    """
    if len(one.spikes) != len(other.spikes):
        return False
    if one.dt is not None and one.dt == other.dt:
        return bool(np.array_equal(one.spike_samples(), other.spike_samples()))
    return bool(np.all(np.abs(one.spikes - other.spikes) <= SAME_TIME))


def spike_time_differences(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """The n-th spike of `second` less the n-th of `first`.

    Parameters
    ----------
    first, second : array_like, shape (n,) and (m,)
        Spike times in rising order, ms.

    Returns
    -------
    numpy.ndarray, shape (min(n, m),)
        ms; positive where `second` is late.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    n_matched = min(len(first), len(second))
    return second[:n_matched] - first[:n_matched]


def first_parting(
    first: ArrayLike, second: ArrayLike, precision: float = PRECISION
) -> float | None:
    """Time of the first spike whose counterpart is missing or farther than `precision`.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    precision : float
        ms.

    Returns
    -------
    float or None
        The earlier of the two spikes that part, ms; None where the trains do not part.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    apart = np.abs(spike_time_differences(first, second)) > precision + _ROUNDING
    n = int(np.argmax(apart)) if apart.any() else len(apart)
    times = [train[n] for train in (first, second) if n < len(train)]
    return float(min(times)) if times else None


def n_coincidences(first: ArrayLike, second: ArrayLike, precision: float = PRECISION) -> int:
    """Largest number of pairs, one spike of each train, that lie at most `precision` apart.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    precision : float
        ms.
    """
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    i = j = pairs = 0
    while i < len(first) and j < len(second):
        # the earlier of two spikes too far apart cannot pair with any later one either
        if first[i] < second[j] - precision - _ROUNDING:
            i += 1
        elif second[j] < first[i] - precision - _ROUNDING:
            j += 1
        else:
            i, j, pairs = i + 1, j + 1, pairs + 1
    return pairs


def coincidence_factor(
    first: ArrayLike, second: ArrayLike, duration: float, precision: float = PRECISION
) -> float | None:
    """Coincidence factor of two spike trains (Kistler et al. 1997; Jolivet et al. 2008).

    The number of coincidences beyond those expected by chance, as a share of all spikes: ::

        Gamma = (n - 2 rate precision n1) / ((n1 + n2)/2) / (1 - 2 rate precision)

    where n of the n1 and n2 spikes coincide and ``rate = n2/duration``, so that a Poisson train
    of that rate in place of `second` gives 0 on average and equal trains give 1.

    Parameters
    ----------
    first, second : array_like
        Spike times in rising order, ms.
    duration : float
        Duration of both trains, ms.
    precision : float
        Two spikes at most this far apart coincide, ms.

    Returns
    -------
    float or None
        At most 1; None without any spike, and where `second` is so fast that chance would
        explain every coincidence (2 rate precision >= 1).
    """
    n1, n2 = len(np.asarray(first)), len(np.asarray(second))
    by_chance = 2 * precision * n2 / duration
    if n1 + n2 == 0 or by_chance >= 1:
        return None
    beyond_chance = n_coincidences(first, second, precision) - by_chance * n1
    return 2 * beyond_chance / (n1 + n2) / (1 - by_chance)


# --- tables --------------------------------------------------------------------------------------

HEADINGS = (
    "paper",
    "cell type",
    "current",
    "first",
    "second",
    "spikes of the first",
    "spikes of the second",
    "same spikes",
    "largest difference (ms)",
    "mean difference (ms)",
    "coincidence factor",
    "parted at (ms)",
    "remark",
)


def rows(comparisons: Iterable[Comparison]) -> list[tuple[str, ...]]:
    """The comparisons as text, one row for each pair of runs, in the columns of `HEADINGS`."""
    return [
        (
            comparison.cell_type.paper,
            comparison.cell_type.label,
            current_text(comparison.recording),
            " ".join(difference.first),
            " ".join(difference.second),
            *(_text(count, "d") for count in difference.counts),
            "" if difference.reason else ("yes" if difference.same else "no"),
            _text(difference.largest, ".3f"),
            _text(difference.mean, ".3f"),
            _text(difference.coincidence, ".3f"),
            _text(difference.parted_at, ".2f"),
            difference.reason,
        )
        for comparison in comparisons
        for difference in comparison.differences
    ]


def csv_table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as comma-separated values, headings first."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADINGS, *rows(comparisons)])
    return text.getvalue()


def markdown_table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as a Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    lines = [line(HEADINGS), line(["---"] * len(HEADINGS)), *map(line, rows(comparisons))]
    return "\n".join(lines) + "\n"


def current_text(recording: Recording) -> str:
    """The injected current in words: its amplitude with its unit, or that it is the figure's."""
    amplitude = constant_amplitude(recording)
    if amplitude is not None:
        return f"{amplitude:g} {recording.current_unit}"
    if recording.waveform == recording.cell_type.default_current:
        return "of the figure"
    return "changing"


def constant_amplitude(recording: Recording) -> float | None:
    """Amplitude of a constant current, after the conditioning where the type has one.

    Returns
    -------
    float or None
        mV/ms in 2003 and 2004, pA in 2007; None for any other current.
    """
    waveform = recording.waveform
    amplitude = waveform.steps[-1].amplitude if waveform.steps else waveform.initial
    constant = recording.cell_type.driven_by(amplitude)
    return amplitude if waveform == constant else None


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
