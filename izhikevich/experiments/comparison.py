"""How much a result depends on who computes it: PP against Sec, published against exact.

Each cell type can be run in four ways: as a point process (PP) or in a section (Sec), by the
published update rule or exactly. `compare` makes the four runs and says, for each of the four
pairs that differ in one respect, how far their spike trains lie apart.

How the distance of two spike trains is measured is said in `izhikevich.analysis.spike_trains`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from izhikevich.analysis.spike_trains import (
    PRECISION,
    coincidence_factor,
    first_parting,
    spike_time_differences,
)
from izhikevich.catalog import CellType
from izhikevich.choice import choose
from izhikevich.errors import ParameterError
from izhikevich.experiments.runaways import ran_away_at, run_until_runaway
from izhikevich.recording import Recording
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

# The accuracy of a spike time (ms) under the exact scheme: closer spikes are the same.
SAME_TIME = 0.001


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
    """Run one cell type in the four ways and compare the spikes.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `izhikevich.simulate`.
    current : float or Waveform, optional
        Injected current in the model's unit; default: the figure's.
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
    choice = choose(paper, key, current=current)
    choices = [choice.but(variant=variant, scheme=scheme) for variant, scheme in FOUR_RUNS]
    return compare_recordings(
        [run_until_runaway(each, progress) for each in choices], precision=precision
    )


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
