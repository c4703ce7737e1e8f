"""Maps: what a cell does at each point of a plane of two of its parameters.

>>> import numpy as np
>>> from izhikevich import map_of
>>> found = map_of("2004", "tonic spiking", "c", "d")
>>> found.patterns.shape, found.at(-50, 2)  # tonic bursting's own values
((100, 100), 'bursting')
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.analysis.plane import plane
from izhikevich.catalog import CATALOG
from izhikevich.choice import Choice, choose
from izhikevich.errors import ParameterError
from izhikevich.experiments.sweeps import sweep

__all__ = ["PATTERNS", "ParameterMap", "Stimulus", "map_of", "pattern_of", "stimulus_of"]

#: Every pattern, and when a train of spikes is it: see `pattern_of`.
PATTERNS: Mapping[str, str] = {
    "quiet": "no spike",
    "phasic": "spikes at the beginning alone",
    "tonic": "spikes go on, at intervals that stay alike",
    "adapting": "spikes go on, at intervals that grow",
    "mixed": "a burst, then single spikes",
    "bursting": "bursts again and again",
    "rebound": "spikes after an inhibition, and none in it",
    "runs away": "the solution leaves every bound",
}
#: A burst's intervals are shorter than those between bursts by this factor at least.
GAP = 2.0
#: Intervals grow where late ones are longer than those after the onset by this factor.
GROWTH = 1.1
#: A stimulus that lasts is given this long, ms, for what comes after the onset to be seen.
LASTING = 500.0
#: Along each column and row lines are looked for between so many points.
_COARSE = 25


@dataclass(frozen=True)
class Stimulus:
    """When a cell is driven otherwise than at t = 0.

    Attributes
    ----------
    start, stop : float
        ms; `stop` is the end of the run where the current does not return.
    returns : bool
        Whether it returns.
    inhibits : bool
        Whether the current is below that at t = 0.
    """

    start: float
    stop: float
    returns: bool
    inhibits: bool


def stimulus_of(choice: Choice) -> Stimulus:
    """The stimulus of a run.

    Parameters
    ----------
    choice : Choice

    Returns
    -------
    Stimulus
        All of the run where its current is constant.
    """
    before, during = choice.currents
    times, amplitudes = choice.waveform.knots(choice.tstop)
    away = np.flatnonzero(amplitudes != before)
    if not len(away):
        return Stimulus(0.0, choice.tstop, returns=False, inhibits=False)
    # a ramp leaves the first value at the knot before
    start, stop = times[max(away[0] - 1, 0)], times[away[-1]]
    return Stimulus(float(start), float(stop), bool(stop < choice.tstop), during < before)


def pattern_of(spikes: ArrayLike, stimulus: Stimulus) -> str:
    """What a train of spikes is called.

    Parameters
    ----------
    spikes : array_like
        ms, in order.
    stimulus : Stimulus

    Returns
    -------
    str
        One of `PATTERNS`. Of the intervals from the stimulus on: a burst's are those below the
        largest step between neighbours in size, where that is by `GAP` or more. *Bursting* is when
        most groups after the first have two spikes or more; *mixed*, when the first alone has three
        or more and the interval after it is the longest; *adapting*, when the last quarter of the
        intervals is longer in the mean than as many from the third on, by `GROWTH`; else it is
        *tonic*. A spike that comes after an inhibition alone is a *rebound*; *phasic* is when the
        last comes before the middle of a stimulus that lasts, or a short one is answered by one.
    """
    times = np.asarray(spikes, dtype=float)
    times = times[times >= stimulus.start]
    if stimulus.inhibits and stimulus.returns:
        during = times[times <= stimulus.stop]
        if not len(during) and len(times):
            return "rebound"
        times = during
    if not len(times):
        return "quiet"
    middle = 0.5 * (stimulus.start + stimulus.stop)
    if (len(times) == 1) if stimulus.returns else (times[-1] < middle):
        return "phasic"
    intervals = np.diff(times)
    ordered = np.sort(intervals)
    steps = ordered[1:] / ordered[:-1]
    if len(steps) and steps.max() >= GAP:
        long = intervals > ordered[np.argmax(steps)]
        edges = np.flatnonzero(long) + 1
        sizes = np.diff([0, *edges, len(times)])
        if (sizes[1:] >= 2).mean() > 0.5:
            return "bursting"
        after = intervals[long]
        if sizes[0] >= 3 and (len(after) < 2 or after[0] >= after[1]):
            return "mixed"
    if len(intervals) > 3:
        n = max(2, len(intervals) // 4)
        if intervals[-n:].mean() > GROWTH * intervals[2 : 2 + n].mean():
            return "adapting"
    return "tonic"


@dataclass(frozen=True, eq=False)
class ParameterMap:
    """What a cell does at each point of a plane of two parameters.

    Attributes
    ----------
    choice : Choice
        What is run, with its own values of both.
    x, y : str
        Names of the parameters.
    xs : array of float, shape (n,)
    ys : array of float, shape (m,)
    patterns : array of str, shape (m, n)
        A row for each of `ys`.
    counts : array of int, shape (m, n)
        Spikes.
    """

    choice: Choice
    x: str
    y: str
    xs: np.ndarray
    ys: np.ndarray
    patterns: np.ndarray
    counts: np.ndarray

    def at(self, x: float, y: float) -> str:
        """The pattern at the point of the map that is nearest to (x, y)."""
        row, column = (int(np.argmin(np.abs(v - at))) for v, at in ((self.ys, y), (self.xs, x)))
        return str(self.patterns[row, column])

    def choice_at(self, x: float, y: float) -> Choice:
        """The run of a point of the plane."""
        return self.choice.with_parameters({**self.choice.changes, self.x: x, self.y: y})

    @functools.cached_property
    def lines(self) -> dict[str, np.ndarray]:
        """Where the strongest current of the run is just the one of a bifurcation.

        Returns
        -------
        dict of str to array, shape (k, 2)
            Points (x, y) of "saddle-node" and "Andronov-Hopf", to rounding: on every column and
            every row of the map where the current of the bifurcation crosses that of the run.
        """
        current = self.choice.currents[1]
        found = {}
        for name in ("saddle_node", "hopf"):
            points = [
                *(
                    (x, y)
                    for x in self.xs
                    for y in _crossings(self._distance(name, current, x=x), self.ys)
                ),
                *(
                    (x, y)
                    for y in self.ys
                    for x in _crossings(self._distance(name, current, y=y), self.xs)
                ),
            ]
            words = {"saddle_node": "saddle-node", "hopf": "Andronov-Hopf"}[name]
            found[words] = np.array(points).reshape(-1, 2)
        return found

    def _distance(
        self, name: str, current: float, **fixed: float
    ) -> Callable[[float], float | None]:
        """How far the current of a bifurcation is from that of the run, along a line."""
        own = dict(self.choice.model_parameters)
        # what follows another parameter goes on following it
        given = {*self.choice.changes, *self.choice.cell_type.parameters}
        for each in self.choice.model.parameters:
            if each.follows and each.name not in given:
                del own[each.name]

        def distance(value: float) -> float | None:
            x, y = fixed.get("x", value), fixed.get("y", value)
            changed = {n: v for n, v in ((self.x, x), (self.y, y)) if n in self.choice.model.names}
            point = plane(self.choice.model, {**own, **changed})
            event = getattr(point.bifurcations(), name)
            return None if event is None else event.current - current

        return distance


def _crossings(distance: Callable[[float], float | None], values: np.ndarray) -> list[float]:
    """Where a distance is 0 along a line, by halving what lies between a change of sign."""
    coarse = np.linspace(values[0], values[-1], _COARSE)
    at = [distance(value) for value in coarse.tolist()]
    found = []
    for low, high, below, above in zip(coarse, coarse[1:], at, at[1:], strict=False):
        if below is None or above is None or (below < 0) == (above < 0):
            continue
        a, b = float(low), float(high)
        while True:
            middle = 0.5 * (a + b)
            if not a < middle < b:  # no number lies between
                break
            here = distance(middle)
            if here is None:
                break
            a, b = (middle, b) if (here < 0) == (below < 0) else (a, middle)
        found.append(0.5 * (a + b))
    return found


def map_of(
    paper: str,
    key: str,
    x: str,
    y: str,
    *,
    xs: ArrayLike | None = None,
    ys: ArrayLike | None = None,
    current: Any = None,
    tstop: float | None = None,
    parameters: Mapping[str, float] | None = None,
    points: int = 100,
) -> ParameterMap:
    """Run a cell type at each point of a plane of two of its parameters.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `simulate`.
    x, y : str
        Names of two of its parameters, v0 and u0 included.
    xs, ys : array_like, optional
        Their values, rising. Default: `points` over the range of the types of the publication.
    current : float or Waveform, optional
        mV/ms or pA. Default: the figure's.
    tstop : float, optional
        ms. Default: the figure's; 500 at least where the current does not return.
    parameters : mapping of str to float, optional
        Others that are changed.
    points : int
        In each direction, where `xs` or `ys` is not given.

    Returns
    -------
    ParameterMap

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If there are no such parameters, or a cell cannot be run so.
    """
    changes = dict(parameters or {})
    base = choose(paper, key, current=current, tstop=tstop, parameters=changes)
    for name in (x, y):
        if name not in base.parameters:
            known = ", ".join(base.parameters)
            raise ParameterError(f"there is no parameter {name!r}: there are {known}")
    if x == y:
        raise ParameterError(f"a plane has two parameters, and {x} is one")
    if points < 2:
        raise ParameterError(f"a map has 2 points in each direction at least, not {points}")
    stimulus = stimulus_of(base)
    if tstop is None and not stimulus.returns and base.tstop < LASTING:
        base = base.but(tstop=LASTING)
        stimulus = stimulus_of(base)
    columns = [_values(base, name, given, points) for name, given in ((x, xs), (y, ys))]
    across, up = np.meshgrid(*columns)
    swept = {**changes, x: across.ravel(), y: up.ravel()}
    try:
        found = sweep(paper, key, current=base.waveform, tstop=base.tstop, **swept)
    except ParameterError as error:
        raise ParameterError(f"not all of this map can be run: {error}") from error
    patterns = np.array([pattern_of(spikes, stimulus) for spikes in found.spikes], dtype=object)
    patterns[found.ran_away] = "runs away"
    shape = across.shape
    return ParameterMap(
        choice=base,
        x=x,
        y=y,
        xs=columns[0],
        ys=columns[1],
        patterns=patterns.astype(str).reshape(shape),
        counts=found.counts.reshape(shape),
    )


def _values(base: Choice, name: str, given: ArrayLike | None, points: int) -> np.ndarray:
    if given is not None:
        values = np.asarray(given, dtype=float)
        if values.ndim != 1 or len(values) < 2 or not (np.diff(values) > 0).all():
            raise ParameterError(f"the values of {name} are two rising numbers or more")
        return values
    low, high = range_of(base, name)
    return np.linspace(low, high, points)


def range_of(base: Choice, name: str) -> tuple[float, float]:
    """Where a map goes by itself: over the types of the publication, a quarter beyond.

    It keeps the sign of the type's own value, and goes from a tenth of it to 2.5 times as much.
    """
    own = base.parameters[name]
    types = CATALOG.get(base.paper, {}).values()
    values = [float(each.parameters[name]) for each in types if name in each.parameters]
    low, high = min([*values, own]), max([*values, own])
    margin = 0.25 * (high - low) or 0.5 * abs(own) or 1.0
    low, high = low - margin, high + margin
    if own:
        ends = sorted((own / 10, 2.5 * own))
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high
