"""The search for the cell that a recording is of: several CMA-ES side by side, one population.

Every start has random numbers of its own, and every candidate's score is its own, so the answer
depends on the seed and not on how many processes there are. The window within which spikes
coincide is wide at first and closes to `score.WINDOW`, as a far spike must tell the way, too.

Source
------
N. Hansen, A. Ostermeier, "Completely derandomized self-adaptation in evolution strategies",
Evolutionary Computation 9(2):159-195, 2001.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from izhikevich.engine.candidates import EVERY, Target, Trials
from izhikevich.errors import MissingPackageError, ParameterError
from izhikevich.fitting.measurements import Stimulus, check
from izhikevich.fitting.regression import guess
from izhikevich.fitting.score import WINDOW, between_spikes, reliability
from izhikevich.own_cells import define
from izhikevich.publications import CellType

#: Bounds of each parameter, in the unit of the book's model.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "C": (0.05, 6.0),
    "k": (0.05, 20.0),
    "vr": (-85.0, -45.0),
    "vt": (-60.0, 40.0),
    "vpeak": (-30.0, 60.0),
    "a": (0.0005, 0.5),
    "b": (-40.0, 40.0),
    "c": (-80.0, -20.0),
    "d": (-100.0, 1000.0),
}
#: Those for which equal factors are equal steps.
_BY_FACTOR = ("C", "k", "a")
#: Spike times alone say nothing of the place and the unit of v.
_WITHOUT_VOLTAGE: Mapping[str, float] = {"vr": -60.0, "vt": -40.0, "vpeak": 35.0}
#: Share of generations with each width of the window, in units of `WINDOW`.
_WIDTHS = ((0.35, 2.0), (1.0, 1.0))
#: What the voltage counts beside the coincidences.
_WEIGHT_OF_VOLTAGE = 0.2
#: What the number of spikes counts, of which trials tell that agree in nothing else.
_WEIGHT_OF_RATE = 0.2
#: What it counts at most for one stimulus: of a cell that has run away, too.
_WORST = 2.0
#: Trials that agree less than this with each other say nothing of when a cell spikes.
LEAST_AGREEMENT = 0.1
#: Fits that lose at most this more than the best are as good.
EQUALLY_GOOD = 0.02
#: Rounds in which their region is looked for about the best, and how much wider each one looks.
_ROUNDS, _WIDER = 12, 1.5


@dataclass(frozen=True, eq=False)
class Fit:
    """What a search found.

    Attributes
    ----------
    parameters : dict of str to float
        Of the book's model.
    spread : dict of str to (float, float)
        Smallest and largest value among the fits that are as good.
    equally_good : dict of str to numpy.ndarray
        Those fits.
    gammas : dict of str to float
        Of each stimulus, relative to its trials' reliability; with the soft edge of the search.
    loss : float
    dt : float
        Step, ms.
    seed : int
    generations : int
    seconds : float
    interrupted : bool
        Whether Ctrl-C ended it.
    held : dict of str to float
        What was not searched for.
    """

    parameters: dict[str, float]
    spread: dict[str, tuple[float, float]]
    equally_good: dict[str, np.ndarray]
    gammas: dict[str, float]
    loss: float
    dt: float
    seed: int
    generations: int
    seconds: float
    interrupted: bool
    held: dict[str, float] = field(default_factory=dict)

    def define(self, name: str, current: float = 0.0, tstop: float = 1000.0) -> CellType:
        """Put the cell into the catalogue under "own", to be run like any other.

        Parameters
        ----------
        name : str
        current : float
            What it is driven with from 100 ms on where nothing else is said, pA.
        tstop : float
            ms.
        """
        step = {"start": 0.0, "steps": [(100.0, current)]}
        return define(name, self.parameters, model="book", current=step, tstop=tstop, dt=self.dt)


def fit(
    stimuli: Sequence[Stimulus],
    *,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    seed: int = 1,
    starts: int = 4,
    candidates: int = 80,
    generations: int = 100,
    workers: int = 2,
    progress: Callable[[int, float], None] | None = None,
) -> Fit:
    """Find the cell of the book's model that follows a recording best.

    Parameters
    ----------
    stimuli : sequence of Stimulus
        As `read` gives them.
    fixed : mapping of str to float, optional
        Parameters that keep a value.
    bounds : mapping of str to (float, float), optional
        In the place of `BOUNDS`.
    seed : int
        The same gives the same cell.
    starts : int
        Searches side by side.
    candidates : int
        Of each start in a generation.
    generations : int
    workers : int
        Processes.
    progress : callable, optional
        Called after each generation with its number and the least loss until then.

    Returns
    -------
    Fit
        Ctrl-C ends the search and gives the best until then.

    Raises
    ------
    ParameterError
        If there is nothing to fit, or a number cannot be; nothing has started then.
    MissingPackageError
        Without the package ``cma``.
    """
    check(stimuli)
    for name, value, least in (
        ("seed", seed, 0),
        ("starts", starts, 1),
        ("candidates", candidates, 4),
        ("generations", generations, 1),
        ("workers", workers, 1),
    ):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ParameterError(f"{name} is a whole number, {least} or more, not {value!r}")
    space = _Space(stimuli, fixed or {}, bounds or {})
    aim = _Aim(stimuli)
    first = guess(stimuli)
    searches = [_search(space, first, seed, start, candidates) for start in range(starts)]
    begun = time.monotonic()
    found = _Found()
    done, interrupted = 0, False
    try:
        with Trials(aim.targets, stimuli[0].dt, workers) as trials:

            def ask(points: np.ndarray, width: float) -> np.ndarray:
                losses, relative = aim.losses(trials.run(space.values(points), width))
                found.add(points, losses, relative, width)
                return losses

            for generation in range(generations):
                wide = next(w for end, w in _WIDTHS if generation < max(1, end * generations))
                asked = [search.ask() for search in searches]
                losses = ask(np.array([point for each in asked for point in each]), wide * WINDOW)
                for search, mine, theirs in zip(
                    searches, asked, np.split(losses, starts), strict=True
                ):
                    search.tell(mine, theirs.tolist())
                done = generation + 1
                if progress is not None:
                    progress(done, found.loss)
            numbers = np.random.default_rng([seed, starts])
            for _ in range(_ROUNDS):
                ask(found.about(numbers, starts * candidates), WINDOW)
    except KeyboardInterrupt:
        if found.best is None:
            raise
        interrupted = True
    assert found.best is not None
    assert found.relative is not None
    good = space.values(found.good())
    best = space.values(found.best[None])
    return Fit(
        parameters={name: float(x[0]) for name, x in best.items()},
        spread={name: (float(good[name].min()), float(good[name].max())) for name in space.free},
        equally_good={name: good[name] for name in space.free},
        gammas={each.name: float(x) for each, x in zip(stimuli, found.relative, strict=True)},
        loss=found.loss,
        dt=stimuli[0].dt,
        seed=seed,
        generations=done,
        seconds=time.monotonic() - begun,
        interrupted=interrupted,
        held=dict(space.held),
    )


class _Aim:
    """What is searched for: the loss of a candidate, the less the better."""

    def __init__(self, stimuli: Sequence[Stimulus]) -> None:
        shares = np.array([reliability(each) for each in stimuli])
        if shares.max() < LEAST_AGREEMENT:
            raise ParameterError(
                f"the trials do not agree with each other (a coincidence factor of "
                f"{shares.max():.2f} within {WINDOW:g} ms): no cell can be found that follows them"
            )
        self.targets = [_target(each) for each in stimuli]
        self._shares = np.maximum(shares, LEAST_AGREEMENT)
        self._weights = np.maximum(shares, 0) / np.maximum(shares, 0).sum()
        self._numbers = np.array(
            [max(1.0, np.mean([len(x) for x in each.spikes])) for each in stimuli]
        )

    def losses(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses, shape (n,), and relative coincidence factors of each stimulus."""
        factors, away, numbers = np.moveaxis(scores, 2, 0)
        relative = factors / self._shares
        away = np.nan_to_num(np.minimum(away, _WORST), nan=_WORST)
        more = np.minimum(np.abs(numbers / self._numbers - 1), 1.0)
        return (
            (1 - relative) @ self._weights
            + _WEIGHT_OF_VOLTAGE * away.mean(axis=1)
            + _WEIGHT_OF_RATE * more.mean(axis=1)
        ), relative


class _State(NamedTuple):
    width: float
    loss: float
    best: np.ndarray
    relative: np.ndarray
    tried: tuple[tuple[np.ndarray, np.ndarray], ...]


class _Found:
    """The best until now, and all that are as good within the same window.

    It is replaced as a whole: an interrupt between two lines leaves it right.
    """

    def __init__(self) -> None:
        self._state: _State | None = None

    @property
    def best(self) -> np.ndarray | None:
        return None if self._state is None else self._state.best

    @property
    def relative(self) -> np.ndarray | None:
        return None if self._state is None else self._state.relative

    @property
    def loss(self) -> float:
        return math.inf if self._state is None else self._state.loss

    def add(
        self, points: np.ndarray, losses: np.ndarray, relative: np.ndarray, width: float
    ) -> None:
        before, least = self._state, int(np.argmin(losses))
        if before is not None and before.width != width:  # losses of another window do not compare
            before = None
        if before is None or losses[least] < before.loss:
            top = float(losses[least]), points[least].copy(), relative[least].copy()
        else:
            top = before.loss, before.best, before.relative
        near = losses <= top[0] + EQUALLY_GOOD
        tried = () if before is None else before.tried
        self._state = _State(width, *top, (*tried, (points[near], losses[near])))

    def good(self) -> np.ndarray:
        """All that are as good as the best, shape (n, free)."""
        assert self._state is not None
        most = self.loss + EQUALLY_GOOD
        return np.concatenate([points[losses <= most] for points, losses in self._state.tried])

    def about(self, numbers: np.random.Generator, n: int) -> np.ndarray:
        """Points about the best, spread somewhat wider than those that are as good."""
        assert self.best is not None
        good = self.good()
        spread = np.cov(good - self.best, rowvar=False, bias=True) if len(good) > 1 else 0.0
        free = len(self.best)
        covariance = _WIDER**2 * np.reshape(spread, (-1, free) if len(good) > 1 else ())
        covariance = covariance + 1e-8 * np.eye(free)
        return np.clip(numbers.multivariate_normal(self.best, covariance, n), 0.0, 1.0)


def _target(stimulus: Stimulus) -> Target:
    if not stimulus.voltages:
        return Target(stimulus.current, stimulus.spikes)
    v, is_quiet = between_spikes(stimulus, EVERY)
    return Target(stimulus.current, stimulus.spikes, v, is_quiet)


class _Space:
    """The parameters that are searched for, each from 0 to 1, and those that are held."""

    def __init__(
        self,
        stimuli: Sequence[Stimulus],
        fixed: Mapping[str, float],
        bounds: Mapping[str, tuple[float, float]],
    ) -> None:
        for name in (*fixed, *bounds):
            if name not in BOUNDS:
                raise ParameterError(f"there is no {name!r} to fit: {', '.join(BOUNDS)}")
        self.held = {name: float(value) for name, value in fixed.items()}
        if not any(stimulus.voltages for stimulus in stimuli):
            self.held = {**_WITHOUT_VOLTAGE, **self.held}
        chosen = {**BOUNDS, **bounds}
        for name, (low, high) in chosen.items():
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise ParameterError(f"the bounds of {name} must rise, not {low:g} to {high:g}")
            if name in _BY_FACTOR and low <= 0:
                raise ParameterError(f"the bounds of {name} must be greater than 0, not {low:g}")
        self.free = [name for name in BOUNDS if name not in self.held]
        if not self.free:
            raise ParameterError("every parameter is fixed: there is nothing to fit")
        for name, value in self.held.items():
            if not math.isfinite(value) or (name == "C" and value <= 0):
                raise ParameterError(f"{name} cannot be {value:g}")
        self._bounds = {name: chosen[name] for name in self.free}

    def values(self, points: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters of points, shape (n, free)."""
        found = {}
        for name, x in zip(self.free, points.T, strict=True):
            low, high = self._bounds[name]
            found[name] = low * (high / low) ** x if name in _BY_FACTOR else low + (high - low) * x
        found |= {name: np.full(len(points), value) for name, value in self.held.items()}
        # kept below the peak, where a reset leaves no room for a spike
        found["c"] = np.minimum(found["c"], found["vpeak"] - 5)
        return {name: found[name] for name in BOUNDS}

    def point(self, values: Mapping[str, float]) -> np.ndarray:
        """Where a cell lies, or the nearest to it within the bounds."""
        found = []
        for name in self.free:
            low, high = self._bounds[name]
            value = min(max(values[name], low), high)
            found.append(
                math.log(value / low) / math.log(high / low)
                if name in _BY_FACTOR
                else (value - low) / (high - low)
            )
        return np.clip(found, 0.001, 0.999)


def _search(
    space: _Space, first: Mapping[str, float] | None, seed: int, start: int, candidates: int
) -> Any:
    """One CMA-ES: every other about the first guess where there is one, the others anywhere."""
    try:
        import cma
    except ImportError as error:
        raise MissingPackageError("a fit needs the package cma: pip install cma") from error
    numbers = np.random.default_rng([seed, start])
    dimensions = len(space.free)
    options = {
        "bounds": [0, 1],
        "popsize": candidates,
        "randn": lambda *shape: numbers.standard_normal(shape),
        "seed": math.nan,  # the numbers are those above: nothing global is touched
        "verbose": -9,
        "verb_log": 0,
        "verb_disp": 0,
        "tolfun": 0,
        "tolx": 0,
    }
    begin, width = numbers.uniform(0.2, 0.8, dimensions), 0.25
    if first is not None and start % 2 == 0:
        begin, width = space.point(first), 0.01 if start == 0 else 0.03
    return cma.CMAEvolutionStrategy(begin.tolist(), width, options)
