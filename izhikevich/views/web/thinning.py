"""Which samples of a run a screen can show: a movement of a slider sends no others.

Over time, those that are the lowest or the highest of a column of pixels, and every spike with its
reset; in the phase plane, those that lead from one pixel to another where no line is yet. For who
zooms in or looks at slow motion it is chosen anew; a download has all samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Range = tuple[float, float]

#: The axes that a person moves by zooming.
ZOOMABLE = ("t", "plane v", "plane u")
#: As few and as many columns of pixels as a plot may have.
FEWEST_COLUMNS, MOST_COLUMNS = 100, 4000
#: Nobody zooms in farther, ms or mV.
SMALLEST = 1e-6
#: No more samples of a run are sent at once, but for its spikes.
MOST_SAMPLES = 50_000


@dataclass(frozen=True)
class Sight:
    """What of the plots a person's screen shows.

    Attributes
    ----------
    columns : int
        How many columns of pixels a plot has.
    zoomed : mapping of str to (float, float)
        Start and end of each axis ("t", "plane v", "plane u") that was moved by hand.
    everything : bool
        Whether no sample over time may be left out, as in slow motion, unless there are more than
        `MOST_SAMPLES`.
    """

    columns: int = 1000
    zoomed: Mapping[str, Range] = field(default_factory=dict)
    everything: bool = False

    def refitted(self, axes: Mapping[str, Range]) -> Sight:
        """The same, where the page has moved some axes itself."""
        left = {name: each for name, each in self.zoomed.items() if name not in axes}
        return Sight(self.columns, left, self.everything)


def samples_in_sight(
    t: np.ndarray, values: Sequence[np.ndarray], spikes: np.ndarray, sight: Sight
) -> np.ndarray:
    """Index of each sample that makes a difference to the plots over time, in order.

    Parameters
    ----------
    t : numpy.ndarray, shape (n,)
        Time, ms.
    values : sequence of numpy.ndarray, shape (n,) each
        What is drawn.
    spikes : numpy.ndarray of int
        Index of the last sample before each reset.
    sight : Sight

    Returns
    -------
    numpy.ndarray of int
        All, where leaving some out would hardly make fewer.
    """
    n = len(t)
    if n <= (MOST_SAMPLES if sight.everything else 2 * sight.columns):
        return np.arange(n)
    kept = np.zeros(n, dtype=bool)
    kept[[0, -1]] = True
    kept[spikes] = True
    kept[np.minimum(spikes + 1, n - 1)] = True
    if sight.everything:
        # the variable step has put them closest where most happens
        kept[:: -(-n // MOST_SAMPLES)] = True
        return np.flatnonzero(kept)
    start, end = sight.zoomed.get("t", (t[0], t[-1]))
    within = (t >= start) & (t <= end)
    if within.sum() <= 2 * sight.columns:
        kept |= within
    column = _columns(t, within, start, end, sight.columns)
    for each in values:
        kept[_lowest(each, column)] = True
        kept[_lowest(-each, column)] = True
    return np.flatnonzero(kept)


def _columns(
    t: np.ndarray, within: np.ndarray, start: float, end: float, n_columns: int
) -> np.ndarray:
    """Number of the column of each sample, ascending; coarser beside what is zoomed in on."""
    fine = np.floor((t - start) / (end - start) * n_columns)
    beside = np.floor((t - t[0]) / (t[-1] - t[0]) * n_columns)
    place = np.where(within, fine, beside)
    return np.concatenate([[0], np.cumsum((np.diff(place) != 0) | np.diff(within))])


def _lowest(values: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Index of the lowest value of each column."""
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    is_lowest = np.flatnonzero(values == np.minimum.reduceat(values, starts)[column])
    _, first = np.unique(column[is_lowest], return_index=True)
    return is_lowest[first]


def path_in_sight(
    v: np.ndarray, u: np.ndarray, spikes: np.ndarray, plane: tuple[Range, Range], n_pixels: int
) -> tuple[np.ndarray, np.ndarray]:
    """The way through the phase plane as a screen can show it, in pieces.

    Parameters
    ----------
    v, u : numpy.ndarray, shape (n,)
        Samples.
    spikes : numpy.ndarray of int
        Index of the last sample before each reset, to which the cell moves in no time.
    plane : pair of (float, float)
        Start and end of the axes, v and u.
    n_pixels : int
        How many pixels an axis has.

    Returns
    -------
    first, last : numpy.ndarray of int
        Index of the two samples at the ends of each line that is drawn, in order. Where one line
        ends, the next one may begin.
    """
    pixel = np.zeros(len(v), dtype=np.int64)
    for values, (start, end) in zip((v, u), plane, strict=True):
        # what lies far outside of the picture need not be told apart
        place = np.clip((values - start) / (end - start), -1, 2)
        pixel = pixel * (4 * n_pixels) + np.floor((place + 1) * n_pixels).astype(np.int64)
    ends = np.concatenate([[True], np.diff(pixel) != 0])
    ends[-1] = True
    ends[spikes] = True
    ends[np.minimum(spikes + 1, len(v) - 1)] = True
    samples = np.flatnonzero(ends)
    first, last = samples[:-1], samples[1:]
    is_reset = np.zeros(len(v), dtype=bool)
    is_reset[spikes] = True
    lines = np.flatnonzero(~is_reset[first])
    _, new = np.unique(
        np.column_stack([pixel[first[lines]], pixel[last[lines]]]), axis=0, return_index=True
    )
    lines = lines[np.sort(new)]
    return first[lines], last[lines]
