TITLE Izhikevich's 2003/2004 model as a point process with its own voltage

COMMENT
    V' = e V^2 + f V + g - u + Iin + Inoise + Ipulse - gsyn (V - erev)
    u' = a (b (V - vu) - uleak u)                V > thresh:  V <- c,  u <- u + d
    gsyn' = -gsyn/taug

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, equations (1) to (3); the 20 patterns of "Which model to use for
cortical spiking neurons?", ibid. 15(5):1063-1070, 2004, Fig. 1.
Names and defaults follow ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr).

Under the fixed step this is the published update rule at the step dt: V first, u from the
new V, then the reset. Under the variable step it is the differential equation itself.

For the network of 2003 (Fig. 3 there): halves = 2 steps V in two half steps; the second weight
of a NetCon is a pulse, which adds to the input current of the one step after its arrival (under
the variable step it moves V by what it would in a step of 1 ms); and Inoise is normally
distributed with standard deviation sigma and drawn anew every ms, under the fixed step,
from a stream of the cell's own: stream.set_ids(i, j, k).
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2003a
    RANGE a, b, c, d, e, f, g, vu, uleak, Iin, taug, thresh, erev, fflag
    RANGE halves, sigma, Inoise, Ipulse, Vold, uold, tdraw, continuous
    RANDOM stream
    GLOBAL revision
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
}

PARAMETER {
    a = 0.02 (/ms)
    b = 0.2 (/ms)
    c = -65 (mV)
    d = 2 (mV/ms)
    e = 0.04 (/mV-ms)
    f = 5 (/ms)
    g = 140 (mV/ms)
    vu = 0 (mV)       : voltage that recovery is measured from; -65 in the accommodation type
    uleak = 1         : 0 in the accommodation type, whose u integrates without decay
    Iin = 10 (mV/ms)
    taug = 1 (ms)
    thresh = 30 (mV)
    erev = 0 (mV)
    fflag = 1         : has no effect; networks built on ModelDB 39948 may set it
    halves = 1        : 2: V in two half steps, under the fixed step
    sigma = 0 (mV/ms) : standard deviation of the noise current
    revision = 1      : tells this mechanism from another of the same name
}

ASSIGNED {
    Inoise (mV/ms)
    tdraw (ms)        : when the noise is drawn next
    Ipulse (mV/ms)    : sum of the pulses that arrived for this step
    Vold (mV)         : V and u at the start of the step
    uold (mV/ms)
    continuous        : 1 under the variable step
}

STATE { V (mV) u (mV/ms) gsyn (/ms) }

INITIAL {
    V = -65
    u = b*V
    gsyn = 0
    Ipulse = 0
    Vold = V
    uold = u
    continuous = 0
    Inoise = 0
    tdraw = 1
    random_setseq(stream, 0)
    if (sigma > 0) {
        Inoise = sigma*random_normal(stream)
    }
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE states METHOD euler
    : reached under the fixed step only
    if (halves == 2) {
        V = 0.5*(Vold + V)
        V = V + 0.5*dt*(e*V*V + f*V + g - uold + (Iin + Inoise + Ipulse)
                      - gsyn*(V - erev))
    }
    : the published rule steps u from the new V
    u = uold + dt*a*(b*(V - vu) - uleak*uold)
    Ipulse = 0
    continuous = 0
    : here rather than in AFTER SOLVE, which NEURON would call for each cell apart
    if (sigma > 0) {
        if (t > tdraw - 0.5*dt) {
            Inoise = sigma*random_normal(stream)
            tdraw = tdraw + 1
        }
    }
}

DERIVATIVE states {
    Vold = V
    uold = u
    continuous = 1
    V' = e*V*V + f*V + g - u + (Iin + Inoise + Ipulse) - gsyn*(V - erev)
    u' = a*(b*(V - vu) - uleak*u)
    gsyn' = -gsyn/taug
}

NET_RECEIVE (w (/ms), pulse (mV/ms)) {
    INITIAL { }  : without it every weight after the first is set to 0
    if (flag == 1) {
        WATCH (V > thresh) 2
    } else if (flag == 2) {
        net_event(t)
        V = c
        u = u + d
        : armed anew, or a V above thresh again at the next step would pass unseen
        WATCH (V > thresh) 2
    } else {
        gsyn = gsyn + w
        if (continuous > 0) {
            V = V + pulse*(1 (ms))
        } else {
            : multiples of 2^-20 add up exactly in any order, and so alike on all ranks
            Ipulse = Ipulse + floor(pulse*1048576 + 0.5)/1048576
        }
    }
}
