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

: an event after INITIAL, to see whether cells are above their peak already
DEFINE LOOK 1

PARAMETER {
    number = -1  : of the population, by which it is known to the library
}

VERBATIM
// names that stand for NEURON's here, and for something else there
#pragma push_macro("t")
#pragma push_macro("dt")
#pragma push_macro("v")
#pragma push_macro("number")
#undef t
#undef dt
#undef v
#undef number
#include "interface.hpp"
void net_event_of_neuron(Point_process* port, double when) { net_event(port, when); }
#pragma pop_macro("t")
#pragma pop_macro("dt")
#pragma pop_macro("v")
#pragma pop_macro("number")

extern int cvode_active_;
extern std::uint32_t nrnran123_get_globalindex();

static void stop_if(const char* wrong) {
    if (wrong) {
        hoc_execerror(wrong, nullptr);
    }
}
ENDVERBATIM

INITIAL {
VERBATIM
    stop_if(izhikevich::start(number, dt, cvode_active_, nrnran123_get_globalindex()));
ENDVERBATIM
    net_send(0, LOOK)
}

BREAKPOINT {
    SOLVE take_step METHOD after_cvode
}

PROCEDURE take_step() {
VERBATIM
    stop_if(izhikevich::advance(number, t, dt, cvode_active_));
ENDVERBATIM
}

: the spike of a source elsewhere: which of the groups of connections, and of its sources
NET_RECEIVE (group, source) {
    INITIAL { }
    if (flag == LOOK) {
VERBATIM
        stop_if(izhikevich::begin(number, t));
ENDVERBATIM
    } else {
VERBATIM
        stop_if(izhikevich::hear(number, _args[0], _args[1]));
ENDVERBATIM
    }
}
