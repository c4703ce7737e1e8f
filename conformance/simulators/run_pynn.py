"""PyNN's `Izhikevich` with NEURON behind it."""

import common
import pyNN
import pyNN.neuron as sim

# the cell's capacitance, nF: a current of 1 mV/ms is as many nA
CAPACITANCE = 0.001


def spikes(trace):
    """Spike times, ms."""
    p = common.plain_quadratic(trace)
    sim.setup(timestep=trace["dt"], min_delay=trace["dt"], max_delay=10.0)
    cells = sim.Population(1, sim.Izhikevich(**p))
    cells.initialize(v=trace["v0"], u=trace["u0"])
    cells.record("spikes")
    changes = common.changes_of_current(trace)
    source = sim.StepCurrentSource(
        times=[t for t, _ in changes], amplitudes=[current * CAPACITANCE for _, current in changes]
    )
    source.inject_into(cells)
    sim.run(trace["tstop"])
    times = [float(t) for t in cells.get_data().segments[0].spiketrains[0]]
    sim.end()
    return times


common.write("PyNN on NEURON", pyNN.__version__, {"Izhikevich": spikes})
