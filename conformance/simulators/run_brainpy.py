"""BrainPy's `Izhikevich`, by its own choice of method and by Euler, in doubles."""

import brainpy as bp
import brainpy.math as bm
import common
import numpy as np

bm.enable_x64()
bm.set_platform("cpu")


def spikes(trace, method):
    """Spike times, ms."""
    p = trace["parameters"]
    if trace["model"] != "quadratic":
        raise common.CannotSay("the model of 2007 is not there")
    if p["uleak"] == 0:
        raise common.CannotSay("u' = a b (v + 65) is not there")
    bm.set_dt(trace["dt"])
    cell = bp.dyn.Izhikevich(
        1,
        p1=p["e"],
        p2=p["f"],
        p3=p["g"],
        **{name: p[name] for name in "abcd"},
        V_th=p["thresh"],
        spk_reset="hard",
        method=method,
        V_initializer=bp.init.OneInit(float(trace["v0"])),
        u_initializer=bp.init.OneInit(float(trace["u0"])),
    )
    runner = bp.DSRunner(cell, monitors=["spike"], progress_bar=False)
    runner.run(inputs=np.array(common.current_of_steps(trace)))
    fired = np.asarray(runner.mon.spike)[:, 0] > 0
    return (np.flatnonzero(fired) + 1) * trace["dt"]


common.write(
    "BrainPy",
    bp.__version__,
    {
        "dyn.Izhikevich": lambda trace: spikes(trace, "exp_auto"),
        "dyn.Izhikevich, method='euler'": lambda trace: spikes(trace, "euler"),
    },
)
