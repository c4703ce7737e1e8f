"""What a cell does under measured currents, and how well that is what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from izhikevich.engine.candidates import Target, Trials
from izhikevich.fitting.measurements import Stimulus
from izhikevich.fitting.score import gamma, relative_gamma


@dataclass(frozen=True, eq=False)
class Prediction:
    """A cell under one stimulus.

    Attributes
    ----------
    stimulus : Stimulus
    spikes : numpy.ndarray
        ms.
    v : numpy.ndarray, shape (n,)
        mV, at the samples of the stimulus.
    """

    stimulus: Stimulus
    spikes: np.ndarray
    v: np.ndarray

    @property
    def gamma(self) -> float:
        """Mean coincidence factor with the trials."""
        return gamma(self.spikes, self.stimulus)

    @property
    def relative_gamma(self) -> float:
        """`gamma` as a share of the trials' own agreement."""
        return relative_gamma(self.spikes, self.stimulus)


def predict(parameters: Mapping[str, float], stimuli: Sequence[Stimulus]) -> list[Prediction]:
    """Run a cell of the book's model under each stimulus, in a process of its own.

    Parameters
    ----------
    parameters : mapping of str to float
    stimuli : sequence of Stimulus
        Of one sampling step, which is the step of the run.
    """
    if not stimuli:
        return []
    targets = [Target(each.current, each.spikes) for each in stimuli]
    with Trials(targets, stimuli[0].dt, 1) as trials:
        (ran,) = trials.traces({name: np.array([x]) for name, x in parameters.items()})
    return [Prediction(each, *result) for each, result in zip(stimuli, ran, strict=True)]
