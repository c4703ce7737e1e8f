"""The quadratic cell in plain Python: what an answer is judged by owes nothing to NEURON.

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks 14(6):1569-1572,
2003, equations (1) to (3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from izhikevich.catalog import CellType, cell_type
from izhikevich.choice import all_parameters
from izhikevich.waveforms import Waveform

Current = float | Waveform


class Trace(NamedTuple):
    """Times (ms), v (mV) and u (mV/ms), one more than there are steps; times of spikes (ms)."""

    t: np.ndarray
    v: np.ndarray
    u: np.ndarray
    spikes: np.ndarray


def values(key: str, **changes: float) -> dict[str, float]:
    """Parameters of a type of 2004 and its start v0, u0, by name."""
    return all_parameters(_entry(key), changes)


def published(
    key: str,
    tstop: float,
    current: Current | None = None,
    dt: float | None = None,
    **changes: float,
) -> Trace:
    """The rule of the paper's program for a type of 2004: v by Euler, then u from the new v.

    Parameters
    ----------
    key : str
    tstop : float
        ms.
    current : float or Waveform, optional
        mV/ms; the figure's by default.
    dt : float, optional
        Step, ms; the figure's by default.
    **changes : float
        Parameters that replace the type's own.
    """
    entry, p = _entry(key), values(key, **changes)
    dt = entry.dt if dt is None else dt
    n_steps = round(tstop / dt)
    drive = _waveform(entry, current).sampled(dt, n_steps)
    v, u = p["v0"], p["u0"]
    shown, spikes = [(v, u)], []
    for step, i in enumerate(drive.tolist()):
        v += dt * (p["e"] * v * v + p["f"] * v + p["g"] - u + i)
        u += dt * p["a"] * (p["b"] * (v - p["vu"]) - p["uleak"] * u)
        if v > p["thresh"]:
            v, u = p["c"], u + p["d"]
            spikes.append((step + 1) * dt)
        shown.append((v, u))
    return _trace(dt, shown, spikes)


def exact(
    key: str,
    tstop: float,
    current: Current | None = None,
    start: tuple[float, float] | None = None,
    dt: float = 0.02,
    kick: tuple[float, float] | None = None,
    **changes: float,
) -> Trace:
    """The equations themselves, by the method of Runge and Kutta, with spikes between steps.

    Parameters
    ----------
    key, tstop, current, **changes
        As for `published`.
    start : tuple of float, optional
        v (mV) and u (mV/ms) at first; the type's own by default.
    dt : float
        Step, ms; what is left of the error is well below a percent of an interval.
    kick : tuple of float, optional
        A time (ms), and what v jumps by then (mV).
    """
    entry, p = _entry(key), values(key, **changes)
    wave = _waveform(entry, current)
    e, f, g, a, b, vu, leak = (p[name] for name in ("e", "f", "g", "a", "b", "vu", "uleak"))

    def slope(v: float, u: float, i: float) -> tuple[float, float]:
        return e * v * v + f * v + g - u + i, a * (b * (v - vu) - leak * u)

    constant = not wave.steps and not wave.ramps
    v, u = (p["v0"], p["u0"]) if start is None else start
    shown, spikes = [(v, u)], []
    for step in range(round(tstop / dt)):
        t = step * dt
        i = wave.initial if constant else wave.at(t + dt / 2)
        if kick is not None and step == round(kick[0] / dt):
            v += kick[1]
        new_v, new_u = _runge_kutta(slope, v, u, i, dt)
        if new_v > p["thresh"]:
            part = (p["thresh"] - v) / (new_v - v)
            spikes.append(t + part * dt)
            new_v, new_u = _runge_kutta(
                slope, p["c"], u + part * (new_u - u) + p["d"], i, (1 - part) * dt
            )
        v, u = new_v, new_u
        shown.append((v, u))
    return _trace(dt, shown, spikes)


def rest(key: str, current: float = 0.0, **changes: float) -> tuple[float, float]:
    """The lower of the two points where the nullclines cross: v (mV), u (mV/ms)."""
    p = values(key, **changes)
    v = np.roots([p["e"], p["f"] - p["b"], p["g"] + p["b"] * p["vu"] + current]).real.min()
    return float(v), float(p["b"] * (v - p["vu"]))


def saddle_node(key: str) -> float:
    """Current (mV/ms) at which rest and saddle meet: the quadratic of v has one root."""
    p = values(key)
    return (p["f"] - p["b"]) ** 2 / (4 * p["e"]) - p["g"]


def hopf(key: str) -> float:
    """Current (mV/ms) at which the trace of the linearised equations is zero at rest."""
    p = values(key)
    v = (p["a"] - p["f"]) / (2 * p["e"])
    return p["b"] * v - p["e"] * v**2 - p["f"] * v - p["g"]


def jacobian(key: str, current: float = 0.0) -> np.ndarray:
    """The equations linearised at rest, 1/ms, shape (2, 2)."""
    p = values(key)
    v, _ = rest(key, current)
    return np.array([[2 * p["e"] * v + p["f"], -1.0], [p["a"] * p["b"], -p["a"]]])


def _entry(key: str) -> CellType:
    return cell_type("2004", key)


def _waveform(entry: CellType, current: Current | None) -> Waveform:
    if current is None:
        return entry.default_current
    return current if isinstance(current, Waveform) else Waveform(current)


def _runge_kutta(
    slope: Callable[[float, float, float], tuple[float, float]],
    v: float,
    u: float,
    i: float,
    dt: float,
) -> tuple[float, float]:
    v1, u1 = slope(v, u, i)
    v2, u2 = slope(v + dt / 2 * v1, u + dt / 2 * u1, i)
    v3, u3 = slope(v + dt / 2 * v2, u + dt / 2 * u2, i)
    v4, u4 = slope(v + dt * v3, u + dt * u3, i)
    return v + dt / 6 * (v1 + 2 * v2 + 2 * v3 + v4), u + dt / 6 * (u1 + 2 * u2 + 2 * u3 + u4)


def _trace(dt: float, shown: list[tuple[float, float]], spikes: list[float]) -> Trace:
    v, u = np.array(shown).T
    return Trace(np.arange(len(v)) * dt, v, u, np.array(spikes))


def two_cells(key: str, current: float, kick: float, tstop: float, dt: float) -> list[np.ndarray]:
    """Two cells of a type, each of which kicks the other's v when it fires, by the published rule.

    Parameters
    ----------
    key : str
    current : float
        Of both, mV/ms.
    kick : float
        mV, a step after the spike.
    tstop, dt : float
        ms.

    Returns
    -------
    list of two arrays
        Times of their spikes, ms. The first starts at the type's own v and u, the second at its
        reset.
    """
    p = values(key)
    v, u = [p["v0"], p["c"]], [p["u0"], p["u0"]]
    push = [0.0, 0.0]
    spikes: tuple[list[float], list[float]] = ([], [])
    for step in range(round(tstop / dt)):
        given, push = push, [0.0, 0.0]
        for k in (0, 1):
            slope = p["e"] * v[k] ** 2 + p["f"] * v[k] + p["g"] - u[k] + current
            v[k] += dt * slope + given[k]
            u[k] += dt * p["a"] * (p["b"] * v[k] - u[k])
            if v[k] > p["thresh"]:
                v[k], u[k] = p["c"], u[k] + p["d"]
                spikes[k].append((step + 1) * dt)
                push[1 - k] = kick
    return [np.array(times) for times in spikes]


def apart(first: np.ndarray, second: np.ndarray) -> float:
    """How far apart the last spikes of two cells are, as a part of a period: 0 to 0.5."""
    last = first[-2]
    part = float(np.abs(second - last).min() / (first[-1] - first[-2]))
    return min(part, 1 - part)


def rate_of_network(seed: int, connected: bool = True) -> float:
    """Mean rate (Hz) over one second of the network of the 2003 paper, Fig. 3, by its program."""
    random = np.random.default_rng(seed)
    n = (800, 200)
    r, s = random.random(n[0]), random.random(n[1])
    a = np.concatenate([np.full(n[0], 0.02), 0.02 + 0.08 * s])
    b = np.concatenate([np.full(n[0], 0.2), 0.25 - 0.05 * s])
    c = np.concatenate([-65 + 15 * r**2, np.full(n[1], -65.0)])
    d = np.concatenate([8 - 6 * r**2, np.full(n[1], 2.0)])
    weights = np.concatenate([random.random((1000, n[0])) / 2, -random.random((1000, n[1]))], 1)
    v = np.full(1000, -65.0)
    u, count = b * v, 0
    for _ in range(1000):
        i = np.repeat([5.0, 2.0], n) * random.standard_normal(1000)
        fired = v >= 30
        count += int(fired.sum())
        v[fired] = c[fired]
        u[fired] += d[fired]
        if connected:
            i += weights[:, fired].sum(axis=1)
        for _ in (0, 1):
            v += (0.04 * v**2 + 5 * v + 140 - u + i) / 2
        u += a * (b * v - u)
    return count / 1000
