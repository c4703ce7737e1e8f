"""NEST's `izhikevich`, in both of its ways to integrate."""

import common
import nest

nest.set_verbosity("M_ERROR")


def spikes(trace, is_consistent):
    """Spike times, ms."""
    p = common.plain_quadratic(trace)
    nest.ResetKernel()
    nest.resolution = trace["dt"]
    cell = nest.Create(
        "izhikevich",
        params={
            **p,
            "V_m": trace["v0"],
            "U_m": trace["u0"],
            "V_th": trace["parameters"]["thresh"],
            "V_min": -1e9,
            "consistent_integration": is_consistent,
        },
    )
    changes = common.changes_of_current(trace)
    cell.I_e = changes[0][1]
    recorder = nest.Create("spike_recorder")
    nest.Connect(cell, recorder)
    ends = [t for t, _ in changes[1:]] + [trace["tstop"]]
    for (start, current), end in zip(changes, ends, strict=True):
        cell.I_e = current
        steps = round((end - start) / trace["dt"])
        if steps:
            nest.Simulate(steps * trace["dt"])
    return recorder.events["times"]


common.write(
    "NEST",
    nest.__version__,
    {
        "izhikevich, consistent_integration": lambda trace: spikes(trace, True),
        "izhikevich, consistent_integration off": lambda trace: spikes(trace, False),
    },
)
