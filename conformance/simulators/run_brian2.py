"""Brian 2: equations as its users write them, by Euler, and statements in the papers' order."""

import brian2 as b2
import common
import numpy as np

b2.prefs.codegen.target = "numpy"

QUADRATIC = """
dv/dt = (square*v**2 + linear*v + constant - u + current(t))/ms : 1
du/dt = a*(b*(v - vu) - leak*u)/ms : 1
"""
BOOK = """
dv/dt = (k*(v - vr)*(v - vt) - u + current(t))/(C*ms) : 1
du/dt = a*(target - u)/ms : 1
target = {target} : 1
"""
# the order of the author's scripts: v, then u from the new v (2003, 2004)
IN_ORDER = """
v += (square*v**2 + linear*v + constant - u + current(t))*dt/ms
u += a*(b*(v - vu) - leak*u)*dt/ms
"""
# both from the old v, the branch of U(v) from the new one (2007)
BOOK_IN_ORDER = """
v_new = v + (k*(v - vr)*(v - vt) - u + current(t))*dt/(C*ms)
u += a*({target} - u)*dt/ms
v = v_new
"""
TARGETS = {
    5: "int({branch} >= d)*0.025*({v} - d)**3",
    6: "int({branch} <= -65)*b*({v} - vr)",
    7: "(int({branch} > -65)*2 + int({branch} <= -65)*b)*({v} - vr)",
}
PEAKS = {4: "vpeak - 0.1*u", 6: "vpeak + 0.1*u"}
RESETS = {
    4: "v = c + 0.04*u; u = clip(u + d, -inf, 670)",
    5: "v = c",
    6: "v = c - 0.1*u; u += d",
}


def target(kind, v, branch):
    """U(v) by celltype, its branch chosen by another v."""
    return TARGETS.get(kind, "b*({v} - vr)").format(v=v, branch=branch)


def spikes(trace, in_order):
    """Spike times, ms."""
    p = dict(trace["parameters"])
    p["leak"] = p.pop("uleak", 1)
    # "e" is Euler's number in Brian 2
    for ours, here in (("e", "square"), ("f", "linear"), ("g", "constant")):
        p[here] = p.pop(ours, None)
    kind = p.get("celltype")
    if trace["model"] == "quadratic":
        equations, statements = QUADRATIC, IN_ORDER
        peak, reset = "thresh", "v = c; u += d"
    else:
        equations = BOOK.format(target=target(kind, "v", "v"))
        statements = BOOK_IN_ORDER.format(target=target(kind, "v", "v_new"))
        peak = PEAKS.get(kind, "vpeak")
        reset = RESETS.get(kind, "v = c; u += d")
    p["inf"] = np.inf
    b2.start_scope()
    b2.defaultclock.dt = trace["dt"] * b2.ms
    namespace = {
        **p,
        "current": b2.TimedArray(np.array(common.current_of_steps(trace)), trace["dt"] * b2.ms),
    }
    cell = b2.NeuronGroup(
        1,
        "v : 1\nu : 1" if in_order else equations,
        threshold=f"v > {peak}",
        reset=reset.replace("; ", "\n"),
        method=None if in_order else "euler",
        namespace=namespace,
    )
    if in_order:
        cell.run_regularly(statements, when="groups")
    cell.v, cell.u = trace["v0"], trace["u0"]
    monitor = b2.SpikeMonitor(cell)
    network = b2.Network(cell, monitor)
    network.run(round(trace["tstop"] / trace["dt"]) * trace["dt"] * b2.ms)
    return np.array(monitor.t / b2.ms)


common.write(
    "Brian 2",
    b2.__version__,
    {
        "equations, method='euler'": lambda trace: spikes(trace, in_order=False),
        "run_regularly, in the order of the papers": lambda trace: spikes(trace, in_order=True),
    },
)
