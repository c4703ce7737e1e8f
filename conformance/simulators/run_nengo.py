"""Nengo's `Izhikevich`, one neuron driven by a node."""

import common
import nengo
import numpy as np
from nengo.dists import Choice
from nengo.exceptions import NengoException


def spikes(trace):
    """Spike times, ms."""
    p = common.plain_quadratic(trace)
    currents = common.current_of_steps(trace)
    step = trace["dt"] / 1000
    try:
        with nengo.Network(seed=0) as network:
            # a node is asked at the end of the step that its value is for
            source = nengo.Node(lambda t: currents[min(round(t / step), len(currents)) - 1])
            cell = nengo.Ensemble(
                1,
                1,
                gain=[1],
                bias=[0],
                encoders=[[1]],
                neuron_type=nengo.Izhikevich(
                    tau_recovery=p["a"],
                    coupling=p["b"],
                    reset_voltage=p["c"],
                    reset_recovery=p["d"],
                    initial_state={
                        "voltage": Choice([trace["v0"]]),
                        "recovery": Choice([trace["u0"]]),
                    },
                ),
            )
            nengo.Connection(source, cell.neurons, synapse=None)
            probe = nengo.Probe(cell.neurons)
        with nengo.Simulator(network, dt=step, progress_bar=False) as simulator:
            simulator.run_steps(len(currents), progress_bar=False)
    except NengoException as error:
        raise common.CannotSay(str(error)) from None
    fired = np.asarray(simulator.data[probe])[:, 0] > 0
    return (np.flatnonzero(fired) + 1) * trace["dt"]


common.write("Nengo", nengo.__version__, {"Izhikevich": spikes})
