"""How well a cell follows a recording: coincidence factor, and the voltage between spikes.

Source
------
R. Jolivet et al., "A benchmark test for a quantitative assessment of simple neuron models",
J. Neuroscience Methods 169(2):417-424, 2008: the coincidence factor with each trial, as a share of
that among the trials themselves, which no model can be expected to pass.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from izhikevich.analysis.spike_trains import coincidence_factor
from izhikevich.fitting.measurements import Stimulus

#: Two spikes at most this far apart coincide, ms.
WINDOW = 2.0
#: About a spike the voltage is not compared, from the one to the other time, ms.
AROUND_SPIKE = (-2.0, 4.0)


def reliability(stimulus: Stimulus, window: float = WINDOW) -> float:
    """Mean coincidence factor of the trials with each other; 1 where there is one alone.

    Parameters
    ----------
    stimulus : Stimulus
    window : float
        ms.
    """
    factors = [
        (coincidence_factor(x, y, stimulus.duration, window) or 0.0)
        for x, y in combinations(stimulus.spikes, 2)
    ]
    return float(np.mean(factors)) if factors else 1.0


def gamma(spikes: np.ndarray, stimulus: Stimulus, window: float = WINDOW) -> float:
    """Mean coincidence factor of spikes with each trial.

    Parameters
    ----------
    spikes : array_like
        ms.
    stimulus : Stimulus
    window : float
        ms.
    """
    factors = [
        coincidence_factor(spikes, trial, stimulus.duration, window) for trial in stimulus.spikes
    ]
    return float(np.mean([factor or 0.0 for factor in factors]))


def relative_gamma(spikes: np.ndarray, stimulus: Stimulus, window: float = WINDOW) -> float:
    """`gamma` as a share of the trials' own `reliability`."""
    return gamma(spikes, stimulus, window) / reliability(stimulus, window)


def between_spikes(stimulus: Stimulus, every: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean voltage of the trials at every so many steps, and where no trial spikes.

    Parameters
    ----------
    stimulus : Stimulus
        With voltages.
    every : int
        Steps.

    Returns
    -------
    v : numpy.ndarray
        mV.
    is_quiet : numpy.ndarray of bool
    """
    v = np.mean(stimulus.voltages, axis=0)[every - 1 :: every]
    times = stimulus.dt * (every * np.arange(1, len(v) + 1))
    before, after = AROUND_SPIKE
    busy = np.zeros(len(v), bool)
    for train in stimulus.spikes:
        nearest = np.searchsorted(train, times - after)
        padded = np.append(train, np.inf)
        busy |= padded[nearest] <= times - before
    return v, ~busy
