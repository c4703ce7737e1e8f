TITLE Izhikevich's 2007 model in a section, whose v is the model's v

COMMENT
    100 C v' = k (v - vr)(v - vt) - u + Iin + I           v > peak: reset
    u' = a (U(v) - u)

    celltype      U(v)                                     peak            reset
    1 RS 2 IB 3 CH  b (v - vu)                             vpeak           v <- c, u <- u + d
    4 LTS         b (v - vu)                               vpeak - 0.1 u   v <- c + 0.04 u, u <- min(u + d, 670)
    5 FS          0 for v < d, else 0.025 (v - d)^3        vpeak           v <- c
    6 TC          b (v - vu), b = 0 for v > -65            vpeak + 0.1 u   v <- c - 0.1 u, u <- u + d
    7 RTN         b (v - vu), b = 2 for v > -65            vpeak           v <- c, u <- u + d

A spike needs a reset below the peak. That of LTS lies above it from u = 650 pA on, near the book's
cap, and that of TC below -480 pA: there v is put back to 1 mV below the peak, without a spike and
with u as it is, until u has made room for one.

for a section of 100 C pF, such as L = diam = 10 um and cm = 100 C/pi uF/cm2. C is in units of
100 pF, Iin and u are in pA. I is what all others in the section send, clamps, synapses and gap
junctions in nA and uS: it moves v as it would move the cell's own capacitance.

In ModelDB 39948 the section has 100 pF whatever C is, and the mechanism multiplies its own
current by 1/C, so that I moves v by C times what it should: Csec = 100, in such a section.

E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8.
Names and defaults follow ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr).

Under the fixed step this is the published update rule at the step dt: v and u from the old
v and u, the branch of U alone from the new v, then the reset. Under the variable step it
is the differential equation itself.
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2007b
    NONSPECIFIC_CURRENT i
    RANGE C, k, vr, vt, vpeak, a, b, c, d, vu, Iin, celltype, alive, cellid, Csec
    GLOBAL revision
    THREADSAFE
}

: what an event of NET_RECEIVE means
:     ARM   after INITIAL, to put v at vr and to arm the WATCH
:     SPIKE v has crossed the peak
DEFINE ARM 1
DEFINE SPIKE 2

UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (pA) = (picoamp)
    (nS) = (nanosiemens)
    (pF) = (picofarad)
}

PARAMETER {
    C = 1             : in units of 100 pF
    k = 0.7 (nS/mV)
    vr = -60 (mV)     : resting potential
    vt = -40 (mV)     : instantaneous threshold
    vpeak = 35 (mV)
    a = 0.03 (/ms)
    b = -2 (nS)
    c = -50 (mV)
    d = 100           : pA; in FS the voltage (mV) at which U(v) leaves zero
    vu = 1e9 (mV)     : voltage that recovery is measured from; 1e9 stands for vr
    Iin = 0 (pA)
    celltype = 1
    alive = 1         : 0 keeps the dynamics and sends no spike
    cellid = -1
    Csec = 0 (pF)     : of a section that has another capacitance than 100 C; 0: it has that
    revision = 3      : tells this mechanism from another of the same name
}

ASSIGNED {
    v (mV)
    i (nA)
    dt (ms)
    vold (mV)         : v at the start of the step; a current of vold has no conductance
    jump (mV/ms)      : the reset as a current of one step, where an assignment to v is lost
    vreset (mV)
    upeak (mV/pA)     : how the peak depends on u, for the WATCH, which can call no function
    resetting         : 1 from a spike to the step after it
}

STATE { u (pA) }

INITIAL {
    u = 0
    vold = v
    jump = 0
    vreset = c
    resetting = 0
    take_celltype()
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
    LOCAL share
    SOLVE states METHOD euler
    share = 1
    if (Csec > 0) {
        share = Csec/(C*100 (pF))
    }
    i = -(0.001)*share*(k*(vold - vr)*(vold - vt) - u + Iin + C*100 (pF)*jump)
}

DERIVATIVE states {
    u' = a*(U(vold, v) - u)
}

FUNCTION U(x (mV), xbranch (mV)) (pA) {
    LOCAL origin, knee
    origin = vu
    if (vu > 1e8 (mV)) {
        origin = vr
    }
    knee = d*(1 (mV))
    U = b*(x - origin)
    if (celltype == 5) {
        U = 0
        if (xbranch >= knee) {
            U = 0.025 (pA/mV3)*(x - knee)*(x - knee)*(x - knee)
        }
    } else if (celltype == 6) {
        if (xbranch > -65 (mV)) {
            U = 0
        }
    } else if (celltype == 7) {
        if (xbranch > -65 (mV)) {
            U = 2 (nS)*(x - origin)
        }
    }
}

: To be called after a change of celltype during a run, which counts from the next spike on without.
PROCEDURE take_celltype() {
    upeak = 0.1 (mV/pA)*((celltype == 6) - (celltype == 4))
}

: whether a parameter is none that a cell can have: what is not finite, less itself, is not 0
FUNCTION is_impossible() {
    is_impossible = !(
        C > 0 && celltype >= 1 && celltype <= 7 && celltype == floor(celltype) && k - k == 0
        && vr - vr == 0 && vt - vt == 0 && vpeak - vpeak == 0 && a - a == 0 && b - b == 0
        && c - c == 0 && d - d == 0 && vu - vu == 0 && Iin - Iin == 0 && alive - alive == 0
        && Csec - Csec == 0
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
    LOCAL vnew, unew
    if (flag == ARM || flag == SPIKE) {
        vreset = vr  : in INITIAL an assignment to v does not reach the node
        take_celltype()
        if (flag == SPIKE || vreset > vpeak + upeak*u) {
            vnew = c
            unew = u + d*(1 (pA))
            if (celltype == 4) {
                vnew = c + 0.04 (mV/pA)*u
                if (unew > 670 (pA)) {
                    unew = 670 (pA)
                }
            } else if (celltype == 5) {
                unew = u
            } else if (celltype == 6) {
                vnew = c - 0.1 (mV/pA)*u
            }
            if (vnew < vpeak + upeak*unew - 1e-9 (mV)) {
                vreset = vnew
                u = unew
                if (alive) {
                    net_event(t)
                }
            } else {
                vreset = vpeak + upeak*u - 1 (mV)
            }
        }
        resetting = 1
        : armed anew, at vreset in either engine; before v is assigned to, for it reads v from the node
        WATCH (v + resetting*(vreset - v) > vpeak + upeak*u) SPIKE
        if (flag == ARM) {
            resetting = 0
        }
        v = vreset
    }
}
