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
distributed with standard deviation sigma and drawn anew every ms from a stream of the cell's
own, stream.set_ids(i, j, k): under the fixed step, for under the variable one the first stays.
ENDCOMMENT

NEURON {
    POINT_PROCESS Izhi2003a
    RANGE a, b, c, d, e, f, g, vu, uleak, Iin, taug, thresh, erev, fflag
    RANGE alive, halves, sigma, Inoise, Ipulse
    RANDOM stream
    GLOBAL revision
    THREADSAFE
}

: what an event of NET_RECEIVE means, beside 0, a connection's
:     ARM   after INITIAL, to arm the WATCH; V may be above thresh already
:     SPIKE V has crossed thresh
:     LOOK  one step after a spike, to see whether V is above thresh again
:     LATE  pulses that came before the kind of step was known
DEFINE ARM 1
DEFINE SPIKE 2
DEFINE LOOK 3
DEFINE LATE 4

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
    alive = 1         : 0 keeps the dynamics and sends no spike
    halves = 1        : 2: V in two half steps, under the fixed step
    sigma = 0 (mV/ms) : standard deviation of the noise current
    revision = 3      : tells this mechanism from another of the same name
}

ASSIGNED {
    dt (ms)
    Inoise (mV/ms)
    Ipulse (mV/ms)    : sum of the pulses that arrived for this step
    Vold (mV)         : V and u at the start of the step
    uold (mV/ms)
    continuous        : 1 under the variable step, 0 under the fixed one, -1 before the first
    drawn             : how far the stream is, which SaveState keeps of this, and not of the stream
}

STATE { V (mV) u (mV/ms) gsyn (/ms) }

INITIAL {
    V = -65 (mV)
    u = b*V
    gsyn = 0
    Ipulse = 0
    Vold = V
    uold = u
    continuous = -1
    Inoise = 0
    random_setseq(stream, 0)
    if (sigma > 0) {
        Inoise = sigma*random_normal(stream)
    }
    drawn = place_in_stream()
    net_send(0, ARM)
}

BREAKPOINT {
    SOLVE states METHOD euler
    : This is how the mechanism knows its kind of step: either kind evaluates the derivatives,
    : which set `continuous` to 1; only the fixed one goes on here and puts it back to 0.
    if (halves == 2) {
        V = 0.5*(Vold + V)
        V = V + 0.5*dt*(e*V*V + f*V + g - uold + (Iin + Inoise + Ipulse)
                      - gsyn*(V - erev))
    }
    : the published rule steps u from the new V
    u = uold + dt*a*(b*(V - vu) - uleak*uold)
    Ipulse = 0
    continuous = 0
}

: apart from the step, whose loop over cells CoreNEURON's compiler then vectorises
AFTER SOLVE {
    if (sigma > 0 && continuous == 0) {
        if (floor((t + 0.5*dt)/(1 (ms))) > floor((t - 0.5*dt)/(1 (ms)))) {  : a whole ms has passed
            if (place_in_stream() != drawn) {
                random_setseq(stream, drawn)
            }
            Inoise = sigma*random_normal(stream)
            drawn = place_in_stream()
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

: 0 in CoreNEURON, where no state is restored
FUNCTION place_in_stream() {
    place_in_stream = 0
VERBATIM
#ifndef CORENEURON_BUILD
    uint32_t block;
    char which;
    nrnran123_getseq(stream, &block, &which);
    _lplace_in_stream = 4.0*block + which;
#endif
ENDVERBATIM
}

: whether a parameter is none that a cell can have: what is not finite, less itself, is not 0
FUNCTION is_impossible() {
    is_impossible = !(
        taug > 0 && a - a == 0 && b - b == 0 && c - c == 0 && d - d == 0 && e - e == 0
        && f - f == 0 && g - g == 0 && vu - vu == 0 && uleak - uleak == 0 && Iin - Iin == 0
        && thresh - thresh == 0 && erev - erev == 0 && alive - alive == 0
        && halves - halves == 0 && sigma - sigma == 0
    )
}

NET_RECEIVE (w (/ms), pulse (mV/ms)) {
    LOCAL step
    INITIAL { }  : without it every weight after the first is set to 0
    if (flag == 0) {
        gsyn = gsyn + w
        if (continuous > 0) {
            V = V + pulse*(1 (ms))
        } else {
            : multiples of 2^-20 add up exactly in any order, and so alike on all ranks
            Ipulse = Ipulse + floor(pulse*1048576 (ms/mV) + 0.5)/1048576 (ms/mV)
            if (continuous < 0) {
                net_send(1e-9, LATE)
            }
        }
    }
    if (flag == SPIKE || (flag == LOOK || flag == ARM) && V > thresh) {
        if (c < thresh - 1e-9 (mV)) {
            if (alive) {
                net_event(t)
            }
            V = c
            u = u + d
        } else {
            V = thresh - 1 (mV)  : a reset above the peak is none, as in Izhi2007a
        }
        : a V above thresh again at the next step passes the WATCH unseen, which waits for a lower
        : one first. To arm it at each spike would put NEURON's list of WATCHes in the order of
        : spikes, and cells would be visited across memory.
        if (continuous <= 0 && flag != ARM) {
            step = ((t + 0.5*dt) + 0.5*dt) - t  : to the bit what NEURON's time will advance by
            net_send(step, LOOK)
        }
    }
    if (flag == LATE && continuous > 0) {
        V = V + Ipulse*(1 (ms))
        Ipulse = 0
    }
    if (flag == ARM || flag == SPIKE && continuous > 0) {
        WATCH (V > thresh) SPIKE
    }
}
