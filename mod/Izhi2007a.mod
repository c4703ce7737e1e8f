TITLE Izhikevich's 2007 model as a point process with its own voltage and five receptors

COMMENT
    100 C V' = k (V - vr)(V - vt) - u - I + Iin           V > peak: reset
    u' = a (U(V) - u)

    celltype      U(V)                                     peak            reset
    1 RS 2 IB 3 CH  b (V - vu)                             vpeak           V <- c, u <- u + d
    4 LTS         b (V - vu)                               vpeak - 0.1 u   V <- c + 0.04 u, u <- min(u + d, 670)
    5 FS          0 for V < d, else 0.025 (V - d)^3        vpeak           V <- c
    6 TC          b (V - vu), b = 0 for V > -65            vpeak + 0.1 u   V <- c - 0.1 u, u <- u + d
    7 RTN         b (V - vu), b = 2 for V > -65            vpeak           V <- c, u <- u + d

A spike needs a reset below the peak. That of LTS lies above it from u = 650 pA on, near the book's
cap, and that of TC below -480 pA: there V is put back to 1 mV below the peak, without a spike and
with u as it is, until u has made room for one.

E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8.
Synaptic current: E. M. Izhikevich and G. M. Edelman, "Large-scale model of mammalian
thalamocortical systems", PNAS 105(9):3593-3598, 2008; there without the opsin, and with -70 and
-90 mV for GABA-A and GABA-B.
Names and defaults follow ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr), also in that a spike
of the cell's own closes its receptors, which is in neither paper: keepg = 1 keeps them as they are.

Under the fixed step this is the published update rule at the step dt: V and u from the old
V and u, the branch of U alone from the new V, then the reset. Under the variable step it
is the differential equation itself.
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2007a
    RANGE C, k, vr, vt, vpeak, a, b, c, d, vu, Iin, celltype, alive, cellid
    RANGE tauAMPA, tauNMDA, tauGABAA, tauGABAB, tauOpsin
    RANGE eAMPA, eNMDA, eGABAA, eGABAB, eOpsin, keepg
    RANGE I
    GLOBAL revision
    THREADSAFE
}

: what an event of NET_RECEIVE means, beside 0, a connection's
:     ARM   after INITIAL, to arm the WATCH; V may be above the peak already
:     SPIKE V has crossed the peak
:     LOOK  one step after a spike, to see whether V is above the peak again
DEFINE ARM 1
DEFINE SPIKE 2
DEFINE LOOK 3

UNITS {
    (mV) = (millivolt)
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
    d = 100           : pA; in FS the voltage (mV) at which U(V) leaves zero
    vu = 1e9 (mV)     : voltage that recovery is measured from; 1e9 stands for vr
    Iin = 0 (pA)
    celltype = 1
    alive = 1         : 0 keeps the dynamics and sends no spike
    cellid = -1
    tauAMPA = 5 (ms)
    tauNMDA = 150 (ms)
    tauGABAA = 6 (ms)
    tauGABAB = 150 (ms)
    tauOpsin = 50 (ms)
    eAMPA = 0 (mV)    : reversal potentials
    eNMDA = 0 (mV)
    eGABAA = -70 (mV)
    eGABAB = -90 (mV)
    eOpsin = 0 (mV)
    keepg = 0         : 1: receptors stay open over a spike of the cell's own
    revision = 3      : tells this mechanism from another of the same name
}

ASSIGNED {
    dt (ms)
    I (pA)            : synaptic current, outward positive
    Vold (mV)         : V and u at the start of the step
    uold (pA)
    upeak (mV/pA)     : how the peak depends on u, for the WATCH, which can call no function
    continuous        : 1 under the variable step, 0 under the fixed one, as in Izhi2003a
    tspike (ms)       : of the last spike
}

STATE { V (mV) u (pA) gAMPA (nS) gNMDA (nS) gGABAA (nS) gGABAB (nS) gOpsin (nS) }

INITIAL {
    V = vr
    u = 0
    gAMPA = 0
    gNMDA = 0
    gGABAA = 0
    gGABAB = 0
    gOpsin = 0
    I = 0
    Vold = V
    uold = u
    continuous = 0
    tspike = -1e9 (ms)
    take_celltype()
    net_send(0, ARM)
}

BREAKPOINT {
    LOCAL unew
    SOLVE states METHOD euler
    : under the fixed step only, whose published rule chooses the branch of U by the new V; one
    : assignment for all types, so that CoreNEURON's compiler vectorises the loop over cells
    unew = u
    if (celltype > 4) {
        unew = uold + dt*a*(U(Vold, V) - uold)
    }
    u = unew
    continuous = 0
}

DERIVATIVE states {
    LOCAL s
    Vold = V
    uold = u
    continuous = 1
    s = ((V + 80 (mV))/60 (mV))*((V + 80 (mV))/60 (mV))
    I = gAMPA*(V - eAMPA) + gNMDA*s/(1 + s)*(V - eNMDA) + gGABAA*(V - eGABAA)
        + gGABAB*(V - eGABAB) + gOpsin*(V - eOpsin)
    V' = (k*(V - vr)*(V - vt) - u - I + Iin)/(C*100 (pF))
    u' = a*(U(V, V) - u)
    gAMPA' = -gAMPA/tauAMPA
    gNMDA' = -gNMDA/tauNMDA
    gGABAA' = -gGABAA/tauGABAA
    gGABAB' = -gGABAB/tauGABAB
    gOpsin' = -gOpsin/tauOpsin
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
        C > 0 && tauAMPA > 0 && tauNMDA > 0 && tauGABAA > 0 && tauGABAB > 0 && tauOpsin > 0
        && celltype >= 1 && celltype <= 7 && celltype == floor(celltype) && k - k == 0
        && vr - vr == 0 && vt - vt == 0 && vpeak - vpeak == 0 && a - a == 0 && b - b == 0
        && c - c == 0 && d - d == 0 && vu - vu == 0 && Iin - Iin == 0 && alive - alive == 0
        && eAMPA - eAMPA == 0 && eNMDA - eNMDA == 0 && eGABAA - eGABAA == 0
        && eGABAB - eGABAB == 0 && eOpsin - eOpsin == 0 && keepg - keepg == 0
    )
}

NET_RECEIVE (wAMPA (nS), wNMDA (nS), wGABAA (nS), wGABAB (nS), wOpsin (nS)) {
    LOCAL step, closed, vnew, unew
    INITIAL { }  : without it every weight after the first is set to 0
    if (flag == 0) {
        : what comes at the time of a spike finds the receptors closed, whichever is first. Under
        : the fixed step that is all that the step of the spike delivers, which ends at this sum.
        closed = tspike
        if (continuous == 0) {
            closed = tspike + 0.5*dt
        }
        if (keepg || t > closed) {
            gAMPA = gAMPA + wAMPA
            gNMDA = gNMDA + wNMDA
            gGABAA = gGABAA + wGABAA
            gGABAB = gGABAB + wGABAB
            gOpsin = gOpsin + wOpsin
        }
    } else {
        take_celltype()
        if (flag == SPIKE || (flag == LOOK || flag == ARM) && V > vpeak + upeak*u) {
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
                V = vnew
                u = unew
                tspike = t
                if (alive) {
                    net_event(t)
                }
                if (keepg == 0) {
                    gAMPA = 0
                    gNMDA = 0
                    gGABAA = 0
                    gGABAB = 0
                    gOpsin = 0
                }
            } else {
                V = vpeak + upeak*u - 1 (mV)
            }
            : a V above the peak again at the next step passes the WATCH unseen, as in Izhi2003a
            if (continuous == 0 && flag != ARM) {
                step = ((t + 0.5*dt) + 0.5*dt) - t  : to the bit what NEURON's time will advance by
                net_send(step, LOOK)
            }
        }
        if (flag == ARM || flag == SPIKE && continuous > 0) {
            WATCH (V > vpeak + upeak*u) SPIKE
        }
    }
}
