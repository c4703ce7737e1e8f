"""A first guess of a cell from its measured voltage, by linear regression.

Between spikes, and with u as the measured v and spikes drive it, the equation of v is linear in all
but a::

    C v' = k v^2 - k (vr + vt) v + (k vr vt + b vr) + I - b F - d S

F is v through the low pass of rate a, and S the sum over past spikes of exp(-a (t - spike)). Each
a of a few gives one regression; that which leaves the least is the guess.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from izhikevich.fitting.measurements import Stimulus

# rates in 1/ms; then such shares of the best of them
_GRIDS = (np.geomspace(0.002, 0.2, 9), np.geomspace(0.6, 1.6, 7))
#: What a slope of v is taken over, and about a spike left out before and after, ms.
_OVER, _BEFORE, _AFTER = 1.0, 1.0, 2.5


def guess(stimuli: Sequence[Stimulus]) -> dict[str, float] | None:
    """Parameters of the book's model; None where there is no voltage, or none fits.

    Parameters
    ----------
    stimuli : sequence of Stimulus
    """
    with_voltage = [each for each in stimuli if each.voltages]
    if not with_voltage:
        return None
    best: tuple[float, dict[str, float]] | None = None
    for rates in _GRIDS:
        around = rates if best is None else best[1]["a"] * rates
        parts = [_regressors(stimulus, around) for stimulus in with_voltage]
        slopes = np.concatenate([slope for slope, _ in parts])
        columns = np.concatenate([column for _, column in parts])
        for place, a in enumerate(around):
            found, left, *_ = np.linalg.lstsq(columns[:, :, place], slopes, rcond=None)
            cell = _cell(found)
            if cell is not None and len(left) and (best is None or left[0] < best[0]):
                best = float(left[0]), {**cell, "a": float(a)}
        if best is None:
            return None
    assert best is not None
    peaks, resets = _about_spikes(with_voltage)
    return {**best[1], "vpeak": peaks, "c": resets}


def _regressors(stimulus: Stimulus, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of v (mV/ms), and what they depend on, shape (slopes, 6, rates)."""
    dt, n = stimulus.dt, len(stimulus.current)
    v = np.array(stimulus.voltages)
    is_spike = np.zeros(v.shape, bool)
    is_busy = np.zeros(v.shape, bool)
    for trial, spikes in enumerate(stimulus.spikes[: len(v)]):
        places = np.minimum(np.rint(spikes / dt).astype(int) - 1, n - 1)
        is_spike[trial, np.maximum(places, 0)] = True
        for shift in range(-round(_BEFORE / dt), round(_AFTER / dt) + 1):
            is_busy[trial, np.clip(places + shift, 0, n - 1)] = True
    low, past = np.empty((n, len(v), len(rates))), np.empty((n, len(v), len(rates)))
    y = np.repeat(v[:, :1], len(rates), axis=1)
    s = np.zeros_like(y)
    follow, forget = dt * rates, 1 - dt * rates
    quiet = np.where(is_busy, np.median(v), v)
    for k in range(n):
        low[k], past[k] = y, s
        y = y + follow * (quiet[:, k, None] - y)
        s = s * forget + is_spike[:, k, None]
    many = max(1, round(_OVER / dt))
    slopes, columns = [], []
    starts = np.arange(0, n - many, many)
    for trial in range(len(v)):
        free = starts[~np.logical_or.reduceat(is_busy[trial, : starts[-1] + many], starts)]
        inside = free[:, None] + np.arange(many)
        slopes.append((v[trial, free + many] - v[trial, free]) / (many * dt))
        x = v[trial][inside]
        plain = [(x**2).mean(axis=1), x.mean(axis=1), np.ones(len(free))]
        plain.append(stimulus.current[inside + 1].mean(axis=1))
        columns.append(
            np.stack(
                [
                    *(np.repeat(each[:, None], len(rates), axis=1) for each in plain),
                    low[inside, trial].mean(axis=1),
                    past[inside, trial].mean(axis=1),
                ],
                axis=1,
            )
        )
    return np.concatenate(slopes), np.concatenate(columns)


def _cell(found: np.ndarray) -> dict[str, float] | None:
    """The cell that has these coefficients, or None if none has."""
    square, line, constant, gain, low, past = found
    if gain <= 0 or square <= 0:
        return None
    capacitance = 1 / gain
    k, b, d = square * capacitance, -low * capacitance, -past * capacitance
    total = -line / square  # vr + vt
    middle = (total + b / k) / 2
    under = middle**2 - constant / square
    if under < 0:
        return None
    vr = middle - np.sqrt(under)
    cell = {"C": capacitance / 100, "k": k, "vr": vr, "vt": total - vr, "b": b, "d": d}
    return {name: float(value) for name, value in cell.items()}


def _about_spikes(stimuli: Sequence[Stimulus]) -> tuple[float, float]:
    """The usual peak of a spike, and the lowest v just after it, mV."""
    peaks, lowest = [], []
    for stimulus in stimuli:
        n, after = len(stimulus.current), max(2, round(_AFTER / stimulus.dt))
        for v, spikes in zip(stimulus.voltages, stimulus.spikes, strict=False):
            places = np.rint(spikes / stimulus.dt).astype(int) - 1
            places = places[(places >= 0) & (places < n - after)]
            around = v[places[:, None] + np.arange(after + 1)]
            peaks.extend(around.max(axis=1))
            lowest.extend(around.min(axis=1))
    return float(np.median(peaks)), float(np.median(lowest))
