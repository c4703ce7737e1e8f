TITLE A cell of a population, as NEURON's connections see it

COMMENT
    What a NetCon can start from and end at. Weights are those of Izhi2003a (conductance, pulse) or
    Izhi2007a (AMPA, NMDA, GABA-A, GABA-B, opsin), by the model of the population. It is in the
    section of its population's IzhiPopulation, and so on the same thread.
ENDCOMMENT

NEURON {
    POINT_PROCESS IzhiPort
    RANGE number, which
    THREADSAFE
}

PARAMETER {
    number = -1  : of the population
    which = -1   : of its cells
}

VERBATIM
const char* izhikevich_port_receive(double, double, const double*);
void izhikevich_port_place(double, double, Point_process*);
ENDVERBATIM

: Be the port of a cell: number of the population, and the cell's place in it.
PROCEDURE place() {
VERBATIM
    number = *getarg(1);
    which = *getarg(2);
    izhikevich_port_place(number, which, _ppvar[1].get<Point_process*>());
ENDVERBATIM
}

NET_RECEIVE (w0, w1, w2, w3, w4) {
    INITIAL { }
    if (flag == 0) {
VERBATIM
        const char* const wrong = izhikevich_port_receive(number, which, _args);
        if (wrong) {
            hoc_execerror(wrong, nullptr);
        }
ENDVERBATIM
    } else {
        net_event(t)  : never; it tells NEURON that spikes come from here
    }
}

DESTRUCTOR {
VERBATIM
    izhikevich_port_place(number, which, nullptr);
ENDVERBATIM
}
