"""The published rule and the exact solution, computed without NEURON and without the package.

Only the catalogue's numbers are taken from the package. The published rule is plain Python on
floats, in the order of operations of the papers; the exact solution comes from scipy's
8th-order Runge-Kutta method, stopped at every spike, jump of the current and branch of U(v).
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.integrate import solve_ivp


def current_of_step(waveform, t):
    """The current that the author's loop uses in the step that starts at t."""
    current = waveform.initial
    for step in waveform.steps:
        if (t >= step.time) if step.inclusive else (t > step.time):
            current = step.amplitude
    for ramp in waveform.ramps:
        if ramp.start <= t < ramp.stop:
            slope = (ramp.last - ramp.first) / (ramp.stop - ramp.start)
            current = ramp.first + slope * (t - ramp.start)
    return current


def peak_and_reset(paper, p, u):
    """Voltage above which state (v, u) is a spike, and the state after the reset."""
    if paper != "2007":
        return p["thresh"], p["c"], u + p["d"]
    kind = p["celltype"]
    if kind == 4:
        return p["vpeak"] - 0.1 * u, p["c"] + 0.04 * u, min(u + p["d"], 670)
    if kind == 5:
        return p["vpeak"], p["c"], u
    if kind == 6:
        return p["vpeak"] + 0.1 * u, p["c"] - 0.1 * u, u + p["d"]
    return p["vpeak"], p["c"], u + p["d"]


def recovery_target(p, v, branch_v):
    """U(v) of the 2007 model, its branch chosen by branch_v; vu is vr unless a type has its own."""
    kind, vu = p["celltype"], p.get("vu", p["vr"])
    if kind == 5:
        return 0.0 if branch_v < p["d"] else 0.025 * (v - p["d"]) ** 3
    if kind == 6:
        return 0.0 if branch_v > -65 else p["b"] * (v - vu)
    if kind == 7:
        return (2 if branch_v > -65 else p["b"]) * (v - vu)
    return p["b"] * (v - vu)


def published_step(paper, p, v, u, current, dt):
    """One step of the published rule, before the reset."""
    if paper == "2007":
        v_new = v + dt * (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + current) / (100 * p["C"])
        u_new = u + dt * p["a"] * (recovery_target(p, v, v_new) - u)
        return v_new, u_new
    v_new = v + dt * (p["e"] * v * v + p["f"] * v + p["g"] - u + current)
    if p["uleak"] == 0:
        return v_new, u + dt * p["a"] * p["b"] * (v_new + 65)
    return v_new, u + dt * p["a"] * (p["b"] * v_new - u)


def published(paper, p, v0, u0, waveform, dt, n_steps):
    """The published rule from (v0, u0).

    Returns t, v, u and i with n_steps + 1 samples, and the indices of the spikes. A sample with
    a spike shows the peak and the u after the reset.
    """
    v, u = v0, u0
    out = [(0.0, v, u, waveform.initial)]
    spikes = []
    for j in range(n_steps):
        current = current_of_step(waveform, j * dt)
        v, u = published_step(paper, p, v, u, current, dt)
        peak, v_reset, u_reset = peak_and_reset(paper, p, u)
        shown = v
        if v > peak:
            spikes.append(j + 1)
            shown, v, u = peak, v_reset, u_reset
        out.append(((j + 1) * dt, shown, u, current))
    return *np.array(out).T, np.array(spikes, dtype=int)


def state_after(paper, p, v, u, is_spike):
    """The state that the next step starts from, given a recorded sample."""
    if not is_spike:
        return v, u
    if paper != "2007":
        return p["c"], u
    kind = p["celltype"]
    if kind == 4:
        return p["c"] + 0.04 * (p["vpeak"] - v) / 0.1, u
    if kind == 6:
        return p["c"] - 0.1 * (u - p["d"]), u
    return p["c"], u


def exact_spikes(paper, p, v0, u0, waveform, tstop):
    """Spike times of the exact solution, ms."""
    breaks = {0.0, tstop}
    breaks.update(step.time for step in waveform.steps)
    breaks.update(x for ramp in waveform.ramps for x in (ramp.start, ramp.stop))
    breaks = sorted(b for b in breaks if b <= tstop)
    border = {5: p.get("d"), 6: -65, 7: -65}.get(p.get("celltype"))
    state = np.array([v0, u0], dtype=float)
    spikes = []
    for start, stop in itertools.pairwise(breaks):
        t = start
        middle = 0.5 * (start + stop)

        def current(t, middle=middle):
            for ramp in waveform.ramps:
                if ramp.start <= middle < ramp.stop:
                    slope = (ramp.last - ramp.first) / (ramp.stop - ramp.start)
                    return ramp.first + slope * (t - ramp.start)
            return current_of_step(waveform, middle)

        while t < stop:
            above = None
            if border is not None:
                above = state[0] > border
                if state[0] == border:
                    above = _slope(paper, p, state, current(t)) > 0

            def flow(t, y, above=above, current=current):
                return _flow(paper, p, y, current(t), above)

            def spike(t, y):
                return y[0] - peak_and_reset(paper, p, y[1])[0]

            spike.terminal, spike.direction = True, 1
            events = [spike]
            if border is not None:

                def crossing(t, y):
                    return y[0] - border

                crossing.terminal = True
                crossing.direction = -1 if above else 1
                events.append(crossing)
            solution = solve_ivp(
                flow, (t, stop), state, "DOP853", rtol=1e-12, atol=1e-12, events=events
            )
            t, state = solution.t[-1], solution.y[:, -1].copy()
            if solution.status != 1:
                break
            if len(solution.t_events[0]):
                spikes.append(t)
                _, *reset = peak_and_reset(paper, p, state[1])
                state = np.array(reset)
            else:
                state[0] = border
    return np.array(spikes)


def _slope(paper, p, y, current):
    return _flow(paper, p, y, current, True)[0]


def _flow(paper, p, y, current, above):
    v, u = y
    if paper == "2007":
        dv = (p["k"] * (v - p["vr"]) * (v - p["vt"]) - u + current) / (100 * p["C"])
        kind = p["celltype"]
        branch_v = v if kind < 5 else (np.inf if above else -np.inf)
        return dv, p["a"] * (recovery_target(p, v, branch_v) - u)
    dv = p["e"] * v * v + p["f"] * v + p["g"] - u + current
    if p["uleak"] == 0:
        return dv, p["a"] * p["b"] * (v + 65)
    return dv, p["a"] * (p["b"] * v - u)
