TITLE Izhikevich's 2003/2004 model in a section, whose v is the model's v

COMMENT
    v' = e v^2 + f v + g - u + Iin        v > thresh:  v <- c,  u <- u + d
    u' = a (b (v - vu) - uleak u)

for a section of 1 pF (100 um2 at 1 uF/cm2), in which 1 mV/ms is 0.001 nA.

E. M. Izhikevich, "Simple model of spiking neurons", IEEE Trans. Neural Networks
14(6):1569-1572, 2003, equations (1) to (3); the 20 patterns of "Which model to use for
cortical spiking neurons?", ibid. 15(5):1063-1070, 2004, Fig. 1.
Names and defaults follow ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr).

Under the fixed step this is the published update rule at the step dt: v first, u from the
new v, then the reset. Under the variable step it is the differential equation itself.
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2003b
    NONSPECIFIC_CURRENT i
    RANGE a, b, c, d, e, f, g, vu, uleak, Iin, thresh, fflag, alive
    GLOBAL revision
    THREADSAFE
}

: what an event of NET_RECEIVE means
:     ARM   after INITIAL, to arm the WATCH; v may be above thresh already
:     SPIKE v has crossed thresh
DEFINE ARM 1
DEFINE SPIKE 2

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (nF) = (nanofarad)
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
    thresh = 30 (mV)
    fflag = 1         : has no effect; networks built on ModelDB 39948 may set it
    alive = 1         : 0 keeps the dynamics and sends no spike
    revision = 3      : tells this mechanism from another of the same name
}

ASSIGNED {
    v (mV)
    i (nA)
    dt (ms)
    vold (mV)         : v at the start of the step; a current of vold has no conductance
    jump (mV/ms)      : the reset as a current of one step, where an assignment to v is lost
    vreset (mV)
    resetting         : 1 from a spike to the step after it
}

STATE { u (mV/ms) }

INITIAL {
    u = b*v
    vold = v
    jump = 0
    vreset = c
    resetting = 0
    net_send(0, ARM)
}

BEFORE BREAKPOINT {
    if (resetting > 0) {
        : in NEURON v is vreset by now and jump is 0; in CoreNEURON v still stands at the peak
        jump = (vreset - v)/dt
        vold = vreset
        resetting = 0
    } else {
        jump = 0
        vold = v
    }
}

BREAKPOINT {
    SOLVE states METHOD euler
    i = -0.001 (nF)*(e*vold*vold + f*vold + g - u + Iin + jump)
}

DERIVATIVE states {
    u' = a*(b*(v - vu) - uleak*u)
}

: whether a parameter is none that a cell can have: what is not finite, less itself, is not 0
FUNCTION is_impossible() {
    is_impossible = !(
        a - a == 0 && b - b == 0 && c - c == 0 && d - d == 0 && e - e == 0 && f - f == 0
        && g - g == 0 && vu - vu == 0 && uleak - uleak == 0 && Iin - Iin == 0
        && thresh - thresh == 0 && alive - alive == 0
    )
}

: BBSaveState keeps of a cell in a section what the mechanism has, and not v: this adds it.
FUNCTION bbsavestate() {
    bbsavestate = 0
VERBATIM
#ifndef CORENEURON_BUILD
    double* what = hoc_pgetarg(1);
    if (*what == -1) {
        *what = 1;  // how many numbers are added
    } else {
        double& voltage = _nrn_mechanism_access_voltage(_ppvar[1].get<Point_process*>()->node);
        double* number = hoc_pgetarg(2);
        if (*what == 0) {
            *number = voltage;
        } else {
            voltage = *number;
        }
    }
#endif
ENDVERBATIM
}

NET_RECEIVE (w) {
    if (flag == ARM || flag == SPIKE) {
        vreset = v
        if (flag == SPIKE || v > thresh) {
            if (c < thresh - 1e-9 (mV)) {
                vreset = c
                u = u + d
                if (alive) {
                    net_event(t)
                }
            } else {
                vreset = thresh - 1 (mV)  : a reset above the peak is none, as in Izhi2007b
            }
        }
        resetting = 1
        : armed anew, at vreset in either engine; before v is assigned to, for it reads v from the node
        WATCH (v + resetting*(vreset - v) > thresh) SPIKE
        if (flag == ARM) {
            resetting = 0
        }
        v = vreset
    }
}
