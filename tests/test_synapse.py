"""A synapse onto each of the cells, against the equation with its current, solved by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from izhikevich import Synapse, simulate
from izhikevich.catalog import cell_type

# two events that overlap, and none that makes the cell fire; erev of 2007's receptor is 0
EVENTS = (12.0, 17.0)
END = 40.0


def resting_cell(key, drive):
    """v' and u' of the cell with the synaptic current, from the papers."""
    if key == "tonic spiking":

        def flow(t, y):
            v, u = y
            synaptic = drive(t) * (v - -10.0)
            return 0.04 * v * v + 5 * v + 140 - u - synaptic, 0.02 * (0.2 * v - u)

        return flow, (-70.0, -14.0)

    def flow(t, y):
        v, u = y
        synaptic = drive(t) * (v - 0.0)
        return (1.5 * (v + 60) * (v + 40) - u - synaptic) / 50, 0.03 * (1 * (v + 60) - u)

    return flow, (-60.0, 0.0)


@pytest.mark.parametrize("variant", ["PP", "Sec"])
@pytest.mark.parametrize(
    "paper, key, weight, erev", [("2004", "tonic spiking", 0.02, -10.0), ("2007", "CH", 1.5, 0.0)]
)
def test_a_synapse_moves_the_cell_as_its_equation_says(paper, key, weight, erev, variant):
    tau = 4.0

    def drive(t):
        return sum(weight * np.exp(-(t - e) / tau) for e in EVENTS if t >= e)

    flow, state = resting_cell(key, drive)
    times, expected = [], []
    for start, stop in ((0.0, 12.0), (12.0, 17.0), (17.0, END)):
        grid = np.linspace(start, stop, 50)[1:-1]
        run = solve_ivp(flow, (start, stop), state, "DOP853", rtol=1e-10, atol=1e-10, t_eval=grid)
        times.append(grid)
        expected.append(run.y[0])
        state = solve_ivp(flow, (start, stop), state, "DOP853", rtol=1e-10, atol=1e-10).y[:, -1]
    times, expected = np.concatenate(times), np.concatenate(expected)
    assert cell_type(paper, key).model.conductance_unit == ("nS" if paper == "2007" else "1/ms")
    synapse = Synapse(start=11, interval=5, number=2, weight=weight, tau=tau, erev=erev, delay=1)
    recording = simulate(
        paper, key, variant=variant, scheme="exact", current=0, tstop=END, synapse=synapse
    )
    assert len(recording.spikes) == 0
    moved = np.abs(expected - expected[0]).max()
    found = np.interp(times, recording.t, recording.v)
    assert moved > 1
    np.testing.assert_allclose(found, expected, atol=0.01 * moved)
    np.testing.assert_allclose(
        np.interp(times, recording.t, recording.gsyn), [drive(t) for t in times], atol=0.02 * weight
    )
