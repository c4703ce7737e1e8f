"""Many cells under one current each: what a fit asks, of a population and in processes apart.

A `Trial` runs candidates as cells of one population, all stimuli side by side, and says how each
did. `Trials` shares them out among processes; what a candidate gets does not depend on which.
The process that asks touches NEURON nowhere: a model of the user's there stays as it is.
"""

from __future__ import annotations

import pickle
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.engine.processes import Process
from izhikevich.engine.worker import WorkerDiedError


@dataclass(frozen=True, eq=False)
class Target:
    """What the cells of one stimulus are compared with.

    Attributes
    ----------
    current : numpy.ndarray, shape (n,)
        pA, of each step.
    trials : tuple of numpy.ndarray
        Spike times of each, ms.
    v : numpy.ndarray, shape (m,), or None
        mV, at every `EVERY` steps.
    is_quiet : numpy.ndarray of bool, shape (m,), or None
        Where v counts.
    """

    current: np.ndarray
    trials: tuple[np.ndarray, ...]
    v: np.ndarray | None = None
    is_quiet: np.ndarray | None = None


#: Steps from one comparison of voltages to the next.
EVERY = 5
#: Below and above these a voltage counts as them, mV: cells run away, and spikes pass.
_FLOOR, _CEILING = -150.0, -10.0


class Trial:
    """Candidates as a population, in a process that does nothing else with NEURON.

    Parameters
    ----------
    targets : sequence of Target
    dt : float
        Step, ms.
    """

    def __init__(self, targets: Sequence[Target], dt: float) -> None:
        self._targets = tuple(targets)
        self._dt = dt
        self._steps = max(len(target.current) for target in targets)
        rows = np.zeros((self._steps, len(targets), 1))
        for k, target in enumerate(targets):
            rows[: len(target.current), k, 0] = target.current
        self._currents = rows
        self._population: Any = None

    def run(self, parameters: dict[str, np.ndarray], width: float) -> np.ndarray:
        """Run candidates.

        Parameters
        ----------
        parameters : dict of str to array of shape (n,)
            Of the book's model.
        width : float
            How far apart two spikes may be, ms: a pair counts in full up to half of it, and the
            less the nearer it comes to one and a half.

        Returns
        -------
        numpy.ndarray, shape (n, stimuli, 3)
            Coincidence factor, the mean over trials; the mean square of the differences of v, as
            a share of the variance of the measured one (0 where there is none); number of spikes.
        """
        from neuron import h

        n, many = len(next(iter(parameters.values()))), len(self._targets)
        population = self._prepared(parameters, n)
        current = population.Iin.reshape(many, n)
        v = population.v.reshape(many, n)
        errors = np.zeros((many, n))
        advance, rows, last = h.fadvance, self._currents, EVERY - 1
        for step in range(self._steps):
            current[:] = rows[step]
            advance()
            if step % EVERY == last:
                self.add_errors(errors, v, step // EVERY)
        spikes = population.spikes
        return self.scores(spikes.times, spikes.cells, errors, width)

    def traces(self, parameters: dict[str, np.ndarray]) -> list[list[tuple[Any, Any]]]:
        """Run candidates and give all that they do.

        Parameters
        ----------
        parameters : dict of str to array of shape (n,)

        Returns
        -------
        list of list of (array, array)
            For each candidate and stimulus spike times (ms), and v after each step (mV).
        """
        from neuron import h

        n, many = len(next(iter(parameters.values()))), len(self._targets)
        population = self._prepared(parameters, n)
        current = population.Iin.reshape(many, n)
        v = np.empty((self._steps, n * many), np.float32)
        for step in range(self._steps):
            current[:] = self._currents[step]
            h.fadvance()
            v[step] = population.v
        times, cells = population.spikes
        found: list[list[tuple[Any, Any]]] = []
        for candidate in range(n):
            found.append([])
            for k, target in enumerate(self._targets):
                length = len(target.current)
                mine = times[(cells == k * n + candidate) & (times <= length * self._dt)]
                found[-1].append((mine, v[:length, k * n + candidate].copy()))
        return found

    def _prepared(self, parameters: dict[str, np.ndarray], n: int) -> Any:
        """The population with these parameters, initialised."""
        from neuron import h

        many = len(self._targets)
        if self._population is None or self._population.size != n * many:
            from izhikevich.engine.population import Population
            from izhikevich.models import MODELS

            self._population = Population(
                MODELS["book"], n * many, {"Iin": np.zeros(n * many), "celltype": 1}
            )
        self._population.set_parameters({k: np.tile(x, many) for k, x in parameters.items()})
        h.CVode().active(0)
        h.dt = self._dt
        h.finitialize()
        return self._population

    def scores(
        self, times: np.ndarray, cells: np.ndarray, errors: np.ndarray, width: float
    ) -> np.ndarray:
        """What `run` gives, of spikes and errors; the cells of a stimulus follow one another.

        Parameters
        ----------
        times, cells : numpy.ndarray
            Of the spikes, ms and places.
        errors : numpy.ndarray, shape (stimuli, n)
            As `add_errors` has summed them up.
        width : float
            ms.
        """
        many, n = errors.shape
        result = np.empty((n, many, 3))
        for k, target in enumerate(self._targets):
            mine = (cells >= k * n) & (cells < (k + 1) * n)
            inside = mine & (times <= len(target.current) * self._dt)
            own = cells[inside] - k * n
            result[:, k, 0] = self._factors(target, times[inside], own, n, width)
            result[:, k, 1] = self._shares(target, errors[k])
            result[:, k, 2] = np.bincount(own, minlength=n)
        return result

    def add_errors(self, errors: np.ndarray, v: np.ndarray, place: int) -> None:
        """Add the squares of the differences of v, shape (stimuli, n), at a comparison."""
        for k, target in enumerate(self._targets):
            if target.v is None or target.is_quiet is None or place >= len(target.v):
                continue
            if target.is_quiet[place]:
                away = np.clip(v[k], _FLOOR, _CEILING)
                away -= min(target.v[place], _CEILING)
                away *= away
                errors[k] += away

    def _shares(self, target: Target, errors: np.ndarray) -> np.ndarray:
        if target.v is None or target.is_quiet is None or not target.is_quiet.any():
            return np.zeros_like(errors)
        quiet = np.minimum(target.v[target.is_quiet], _CEILING)
        return errors / (len(quiet) * max(float(np.var(quiet)), 1.0))

    def _factors(
        self, target: Target, times: np.ndarray, cells: np.ndarray, n: int, width: float
    ) -> np.ndarray:
        """The coincidence factor of each candidate, with the soft edge of `width`."""
        duration = len(target.current) * self._dt
        places = np.rint(times / self._dt).astype(np.int64)
        counts = np.bincount(cells, minlength=n)
        factors = np.zeros(n)
        for trial in target.trials:
            if not len(trial):
                factors += np.where(counts, -1.0, 1.0)
                continue
            nearest, credit = _pairs(trial, len(target.current), self._dt, width)
            # a spike of the trial pairs once, with the spike of the cell that is best for it
            gained = np.zeros((n, len(trial)))
            np.maximum.at(gained, (cells, nearest[places]), credit[places])
            chance = min(2 * width * len(trial) / duration, 0.95)
            sizes = (counts + len(trial)) / 2
            factors += (gained.sum(axis=1) - chance * counts) / sizes / (1 - chance)
        return factors / len(target.trials)


def _pairs(trial: np.ndarray, steps: int, dt: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Which spike of a trial is nearest to each step, and what one there gains with it, 0 to 1."""
    times = dt * np.arange(steps + 1)
    after = np.minimum(np.searchsorted(trial, times), len(trial) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(trial[before] - times) < np.abs(trial[after] - times), before, after)
    away = np.abs(trial[nearest] - times) / width
    # mostly whether they coincide, and a little how closely
    return nearest, 0.75 * np.clip(1.5 - away, 0.0, 1.0) + 0.25 * np.clip(1 - 2 * away, 0.0, 1.0)


class Trials:
    """Candidates shared out among processes; a context, which ends them.

    Parameters
    ----------
    targets : sequence of Target
    dt : float
        Step, ms.
    workers : int
        Number of processes.
    """

    def __init__(self, targets: Sequence[Target], dt: float, workers: int) -> None:
        self._processes: list[Process] = []
        try:
            for _ in range(workers):
                process = Process(
                    "izhikevich.engine.candidates_process",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
                self._processes.append(process)
                _send(process, (tuple(targets), dt))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Trials:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def run(self, parameters: dict[str, np.ndarray], width: float) -> np.ndarray:
        """As `Trial.run`."""
        n = len(next(iter(parameters.values())))
        parts = np.array_split(np.arange(n), min(n, len(self._processes)))
        processes = self._processes[: len(parts)]
        for process, part in zip(processes, parts, strict=True):
            _send(process, ("run", {name: x[part] for name, x in parameters.items()}, width))
        return np.concatenate([_receive(process) for process in processes])

    def traces(self, parameters: dict[str, np.ndarray]) -> list[list[tuple[Any, Any]]]:
        """As `Trial.traces`, by one process."""
        _send(self._processes[0], ("traces", parameters))
        return _receive(self._processes[0])

    def close(self) -> None:
        """End the processes."""
        while self._processes:
            self._processes.pop().end()


def _send(process: Process, what: Any) -> None:
    assert process.stdin is not None
    try:
        pickle.dump(what, process.stdin)
        process.stdin.flush()
    except BrokenPipeError as error:
        raise WorkerDiedError("a process that runs candidates has ended; fit again") from error


def _receive(process: Process) -> Any:
    assert process.stdout is not None
    try:
        is_error, answer = pickle.load(process.stdout)
    except (EOFError, pickle.UnpicklingError) as error:
        raise WorkerDiedError("a process that runs candidates has ended; fit again") from error
    if is_error:
        raise answer
    return answer
