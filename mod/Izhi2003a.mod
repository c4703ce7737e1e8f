TITLE Izhikevich's 2003/2004 model as a point process with its own voltage

COMMENT
    V' = e V^2 + f V + g - u + Iin - gsyn (V - erev)      V > thresh:  V <- c,  u <- u + d
    u' = a (b (V - vu) - uleak u)
    gsyn' = -gsyn/taug

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, equations (1) to (3); the 20 patterns of "Which model to use for
cortical spiking neurons?", ibid. 15(5):1063-1070, 2004, Fig. 1.
Names and defaults follow ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr).

Under the fixed step this is the published update rule at the step dt: V first, u from the
new V, then the reset. Under the variable step it is the differential equation itself.
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2003a
    RANGE a, b, c, d, e, f, g, vu, uleak, Iin, taug, thresh, erev, fflag, uold
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
    revision = 1      : tells this mechanism from another of the same name
}

ASSIGNED {
    uold (mV/ms)      : u at the start of the step
}

STATE { V (mV) u (mV/ms) gsyn (/ms) }

INITIAL {
    V = -65
    u = b*V
    gsyn = 0
    uold = u
    net_send(0, 1)
}

BREAKPOINT {
    SOLVE states METHOD euler
    : reached under the fixed step only: the published rule steps u from the new V
    u = uold + dt*a*(b*(V - vu) - uleak*uold)
}

DERIVATIVE states {
    uold = u
    V' = e*V*V + f*V + g - u + Iin - gsyn*(V - erev)
    u' = a*(b*(V - vu) - uleak*u)
    gsyn' = -gsyn/taug
}

NET_RECEIVE (w (/ms)) {
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
    }
}
