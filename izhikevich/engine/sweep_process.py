"""What the process of a sweep does: cells as a population, from parameters to spikes."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhikevich.engine.processes import end_with_parent


@dataclass(frozen=True, eq=False)
class SweepRun:
    """What is run.

    Attributes
    ----------
    model : str
        Name of the equations.
    parameters : dict of str to array of shape (n,)
        Of the model.
    v0, u0 : array of shape (n,)
        Where cells start.
    dt : float
        Step, ms.
    current : array of shape (steps,)
        During each step, for all cells.
    own : array of shape (n,) or None
        Of each cell, in its place during some of the steps.
    is_own : array of bool, shape (steps,)
        Which these are.
    """

    model: str
    parameters: dict[str, np.ndarray]
    v0: np.ndarray
    u0: np.ndarray
    dt: float
    current: np.ndarray
    own: np.ndarray | None
    is_own: np.ndarray

    def run(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Steps and cells of the spikes, in order of time; v and u after the last step."""
        from neuron import h

        from izhikevich.engine import mechanisms
        from izhikevich.engine.finite import when_not_finite
        from izhikevich.engine.population import Population
        from izhikevich.models import MODELS

        mechanisms.load()
        when_not_finite("ignore")  # the caller is told of each cell
        population = Population(
            MODELS[self.model], len(self.v0), self.parameters, v0=self.v0, u0=self.u0
        )
        h.CVode().active(0)
        h.dt = self.dt
        h.finitialize()
        in_force: Any = None
        for x, is_own in zip(self.current.tolist(), self.is_own.tolist(), strict=True):
            now = "own" if is_own else x
            if now != in_force:
                population.set_parameters({"Iin": self.own if is_own else x})
                in_force = now
            h.fadvance()
        times, cells = population.spikes
        at = np.rint(times / self.dt).astype(np.int64)
        return at, cells, population.v.copy(), population.u.copy()


def main() -> None:
    """Take a run from the standard input, and answer with its result or its error."""
    end_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever NEURON or a library prints must not come into the answer
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    asked: SweepRun = pickle.load(sys.stdin.buffer)
    answer: tuple[bool, Any]
    try:
        answer = False, asked.run()
    except Exception as error:  # whatever it is, the caller is told
        answer = True, error
    pickle.dump(answer, answers)
    answers.flush()


if __name__ == "__main__":
    main()
