"""A sweep: one cell with many values of its parameters, all run at once as a population.

>>> import numpy as np
>>> from izhikevich import sweep
>>> found = sweep("2004", "tonic spiking", d=np.linspace(0.05, 10, 1000))
>>> found.counts.shape
(1000,)
"""

from __future__ import annotations

import pickle
import subprocess
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from izhikevich.choice import MAX_CURRENT, Choice, choose
from izhikevich.engine.processes import Process
from izhikevich.engine.sweep_process import SweepRun
from izhikevich.engine.worker import WorkerDiedError
from izhikevich.errors import ParameterError
from izhikevich.waveforms import Waveform

__all__ = ["Sweep", "sweep"]

#: A solution whose v (mV) or u exceeds this has run away, as in `simulate`.
RUNAWAY_SIZE = 1e30


@dataclass(frozen=True, eq=False)
class Sweep:
    """Spikes of all cells of a sweep.

    Attributes
    ----------
    times : array of shape (spikes,)
        ms, in order.
    cells : array of int, shape (spikes,)
        Which cell each is of, from 0.
    size : int
        Number of cells, n.
    tstop, dt : float
        Duration and step, ms.
    v, u : array of shape (n,)
        State at the end, mV and mV/ms or pA.
    """

    times: np.ndarray
    cells: np.ndarray
    size: int
    tstop: float
    dt: float
    v: np.ndarray
    u: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Number of spikes of each cell, shape (n,)."""
        return np.bincount(self.cells, minlength=self.size)

    @property
    def spikes(self) -> list[np.ndarray]:
        """Spike times of each cell, ms."""
        order = np.argsort(self.cells, kind="stable")
        return np.split(self.times[order], np.cumsum(self.counts)[:-1])

    @property
    def ran_away(self) -> np.ndarray:
        """Which cells left every bound, shape (n,): their spikes say nothing."""
        with np.errstate(invalid="ignore"):
            return ~((np.abs(self.v) < RUNAWAY_SIZE) & (np.abs(self.u) < RUNAWAY_SIZE))


def sweep(
    paper: str,
    key: str,
    *,
    current: Any = None,
    tstop: float | None = None,
    dt: float | None = None,
    **parameters: ArrayLike,
) -> Sweep:
    """Run a cell type with many values of its parameters, by the published rule.

    Each cell has the spikes that `izhikevich.simulate` gives for its values, to the bit, as a point
    process. The run takes place in a process of its own; 10,000 cells take a second or two.

    Parameters
    ----------
    paper, key : str
        The cell type, as in `simulate`.
    current : float, array of shape (n,) or Waveform, optional
        Injected current, mV/ms or pA: one for all cells, or a constant one for each. Default: the
        figure's.
    tstop, dt : float, optional
        Duration and step, ms. Default: the figure's.
    **parameters : float or array of shape (n,)
        Parameters, v0 and u0 that replace the type's own; all arrays have one length. One that
        is not given follows the others as in `simulate`.

    Returns
    -------
    Sweep

    Raises
    ------
    UnknownCellTypeError
        If the catalogue has no such type.
    ParameterError
        If lengths differ, or a cell cannot be run so; nothing has been run then.
    WorkerDiedError
        If the process ended before it answered.
    """
    scheme = "published" if dt is None else "fixed"
    is_of_cells = current is not None and not isinstance(current, Waveform) and np.ndim(current) > 0
    base = choose(
        paper, key, scheme=scheme, dt=dt, tstop=tstop, current=None if is_of_cells else current
    )
    columns = {name: _column(name, values) for name, values in parameters.items()}
    if is_of_cells:
        columns["current"] = _column("current", current)
    size = _length(columns)
    currents = columns.pop("current", None)
    if currents is not None:
        _check_currents(currents)
    asked = _asked(base, columns, currents, size)
    at, cells, v, u = _run_apart(asked)
    inside = at <= base.n_steps
    return Sweep(at[inside] * asked.dt, cells[inside], size, base.tstop, asked.dt, v, u)


def _column(name: str, values: Any) -> np.ndarray:
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} is a number or an array of numbers, not {values!r}") from None
    if column.ndim > 1 or column.size == 0:
        raise ParameterError(
            f"{name} is a number or an array of one dimension; its shape is {column.shape}. Of a "
            "plane of values give the raveled arrays of numpy.meshgrid"
        )
    return column


def _length(columns: dict[str, np.ndarray]) -> int:
    lengths = {name: len(column) for name, column in columns.items() if column.ndim}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ParameterError(f"arrays have one value for each cell: {said}")
    return next(iter(lengths.values()), 1)


def _check_currents(currents: np.ndarray) -> None:
    wrong = currents[~(np.abs(currents) <= MAX_CURRENT)]
    if len(wrong):
        raise ParameterError(
            f"current must be a finite number of at most {MAX_CURRENT:g}; one is {wrong[0]:g}"
        )


def _asked(
    base: Choice, columns: dict[str, np.ndarray], currents: np.ndarray | None, size: int
) -> SweepRun:
    """What is run: every cell is a choice like any other, which checks and completes it."""
    rows = {name: np.broadcast_to(column, size).tolist() for name, column in columns.items()}
    found: dict[str, np.ndarray] = {}
    for cell in range(size):
        try:
            changed = base.with_parameters({name: row[cell] for name, row in rows.items()}).check()
        except ParameterError as error:
            raise ParameterError(f"cell {cell}: {error}") from error
        for name, value in changed.parameters.items():
            if name not in found:
                found[name] = np.empty(size)
            found[name][cell] = value
    v0, u0 = found.pop("v0"), found.pop("u0")
    assert base.dt is not None
    steps = base.n_steps + 1
    current, is_own = _currents(base, steps, currents is not None)
    return SweepRun(base.model.name, found, v0, u0, base.dt, current, currents, is_own)


def _currents(base: Choice, steps: int, have_own: bool) -> tuple[np.ndarray, np.ndarray]:
    """The current of each step, and in which of them cells have their own."""
    assert base.dt is not None
    if not have_own:
        return base.waveform.sampled(base.dt, steps), np.zeros(steps, bool)
    # a burst mode is conditioned first, and its current comes after that
    none, one = (
        choose(base.paper, base.key, current=x).waveform.sampled(base.dt, steps) for x in (0, 1)
    )
    return none, none != one


def _run_apart(asked: SweepRun) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    request = pickle.dumps(asked)
    process = Process(
        "izhikevich.engine.sweep_process", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        answer, _ = process.communicate(request)
    finally:
        process.end()
    try:
        is_error, content = pickle.loads(answer)
    except (EOFError, pickle.UnpicklingError) as error:
        raise WorkerDiedError(
            "the process that runs the sweep ended before it answered; run it again"
        ) from error
    if is_error:
        raise content
    return content
