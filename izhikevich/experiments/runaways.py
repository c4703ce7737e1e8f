"""Runs whose solution leaves every bound: an experiment goes on with what came before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from izhikevich.choice import Choice, choose
from izhikevich.recording import Recording, RunawayError

# Times on a grid carry the rounding of j * dt (ms).
_ROUNDING = 1e-9


def simulate_until_runaway(
    paper: str, key: str, *, progress: Callable[[float], None] | None = None, **how: Any
) -> Recording:
    """Like `izhikevich.simulate`; a run that leaves every bound gives what came before."""
    return run_until_runaway(choose(paper, key, **how), progress)


def run_until_runaway(choice: Choice, progress: Callable[[float], None] | None = None) -> Recording:
    """Run a checked choice; a run that leaves every bound gives what came before.

    Parameters
    ----------
    choice : Choice
        What `izhikevich.choice.choose` gave, or `Choice.check`.
    progress : callable, optional
        As for `izhikevich.simulate`.
    """
    # NEURON is needed to run, not to look at what has been run
    from izhikevich.engine.simulation import simulate_choice

    try:
        return simulate_choice(choice, progress)
    except RunawayError as error:
        return error.recording


def ran_away_at(recording: Recording) -> float | None:
    """Time (ms) at which a run left every bound; None for one that reached its end."""
    end = float(recording.t[-1]) if len(recording.t) else 0.0
    step = 0.0 if recording.dt is None else recording.dt
    return end if end < recording.tstop - step - _ROUNDING else None
