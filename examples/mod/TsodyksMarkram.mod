TITLE Synapse with depression and facilitation

COMMENT
A spike moves the share u of the resources that are ready, x, into the active state y, from which
they pass into the inactive state z and are ready again:

    x' = z / tau_rec        y' = -y / tau        z' = y / tau - z / tau_rec        x + y + z = 1
    u' = -u / tau_facil

At a spike u <- u + U (1 - u), and then y <- y + u x, and x loses as much. Without facilitation
(tau_facil = 0) u is U at each spike. The conductance is the active share times the weight of the
connection, g = weight y.

M. Tsodyks, A. Uziel, H. Markram: Synchrony generation in recurrent networks with
frequency-dependent synapses, J. Neurosci. 20:RC50 (2000).

Between spikes the solution is known, so a connection keeps y, z and u of its last spike and computes
from them what is ready. The conductances of all connections decay alike and are one state.
ENDCOMMENT

NEURON {
    POINT_PROCESS TsodyksMarkram
    RANGE tau, e, U, tau_rec, tau_facil, g, i
    NONSPECIFIC_CURRENT i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau = 3 (ms)          : decay of the conductance
    e = 0 (mV)
    U = 0.5               : share of what is ready that a spike uses
    tau_rec = 800 (ms)    : recovery; must differ from tau
    tau_facil = 0 (ms)
}

ASSIGNED {
    v (mV)
    i (nA)
}

STATE { g (uS) }

INITIAL { g = 0 }

BREAKPOINT {
    SOLVE decay METHOD cnexp
    i = g * (v - e)
}

DERIVATIVE decay { g' = -g / tau }

NET_RECEIVE (weight (uS), y, z, u, last (ms)) {
    INITIAL {
        y = 0
        z = 0
        u = 0
        last = t
    }
    z = z * exp(-(t - last) / tau_rec) + y * (exp(-(t - last) / tau) - exp(-(t - last) / tau_rec)) / (tau / tau_rec - 1)
    y = y * exp(-(t - last) / tau)
    if (tau_facil > 0) {
        u = u * exp(-(t - last) / tau_facil)
    } else {
        u = 0
    }
    u = u + U * (1 - u)
    g = g + weight * u * (1 - y - z)
    y = y + u * (1 - y - z)
    last = t
}
