TITLE A population of Izhikevich's cells, stepped as arrays

COMMENT
    One instance for each population. Its cells are arrays in the files beside this one; each fixed
    step of NEURON takes all of them through a step by the rule of Izhi2003a or Izhi2007a, bit for
    bit. Spikes go out and events come in by an IzhiPort for each cell that has one. Spikes of other
    ranks and threads come to this mechanism, and it adds what the connections of their source give.
ENDCOMMENT

NEURON {
    POINT_PROCESS IzhiPopulation
    RANGE number
    THREADSAFE
}

: what an event of NET_RECEIVE means, beside 0, the spike of a source elsewhere
:     LOOK after INITIAL, to see whether cells are above their peak already
:     SEND the spikes of the last step, where they had to wait
DEFINE LOOK 1

DEFINE SEND 2

PARAMETER {
    number = -1  : of the population, by which it is known to the library
}

ASSIGNED {
    odd   : 1 where spikes of an odd or even step wait
    even
    waits : 1 where they have to. Threads and ranks together lose some that are sent at the end of
          : a step, when NEURON exchanges those of all ranks and another thread still adds to them.
}

VERBATIM
// names that stand for NEURON's here, and for something else there
#pragma push_macro("t")
#pragma push_macro("dt")
#pragma push_macro("v")
#pragma push_macro("number")
#pragma push_macro("waits")
#pragma push_macro("even")
#pragma push_macro("odd")
#pragma push_macro("exp")
#undef t
#undef dt
#undef v
#undef number
#undef waits
#undef even
#undef odd
#undef exp
#include "interface.hpp"
void net_event_of_neuron(Point_process* port, double when) { net_event(port, when); }
#pragma pop_macro("t")
#pragma pop_macro("dt")
#pragma pop_macro("v")
#pragma pop_macro("number")
#pragma pop_macro("waits")
#pragma pop_macro("even")
#pragma pop_macro("odd")
#pragma pop_macro("exp")

extern int cvode_active_;
extern int nrn_nthread;
extern int nrnmpi_numprocs;
extern std::uint32_t nrnran123_get_globalindex();

static void stop_if(const char* wrong) {
    if (wrong) {
        hoc_execerror(wrong, nullptr);
    }
}
ENDVERBATIM

INITIAL {
VERBATIM
    waits = nrn_nthread > 1 && nrnmpi_numprocs > 1;
    odd = even = 0;
    stop_if(izhikevich::start(number, dt, cvode_active_, nrnran123_get_globalindex(), waits));
ENDVERBATIM
    net_send(0, LOOK)
}

BREAKPOINT {
    SOLVE take_step METHOD after_cvode
}

PROCEDURE take_step() {
VERBATIM
    stop_if(izhikevich::advance(number, t, dt, cvode_active_, &odd, &even));
ENDVERBATIM
}

: the spike of a source elsewhere: which of the groups of connections, and of its sources
NET_RECEIVE (group, source) {
    INITIAL { }
    if (flag == LOOK) {
VERBATIM
        stop_if(izhikevich::begin(number, t));
ENDVERBATIM
        if (waits) {
            WATCH (odd > 0.5) SEND
            WATCH (even > 0.5) SEND
        }
    } else if (flag == SEND) {
VERBATIM
        stop_if(izhikevich::send_waiting(number, t));
ENDVERBATIM
    } else {
VERBATIM
        stop_if(izhikevich::hear(number, _args[0], _args[1]));
ENDVERBATIM
    }
}
