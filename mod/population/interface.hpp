// What Python and the two mod files call: populations by number, and NEURON's part of a step.
//
// A number is given once, so that one that is no more in use is known for what it is, and no
// address is passed about.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "population.hpp"

// all that a mechanism's translation has of NEURON by macros is out of the way here
struct Point_process;
void net_event_of_neuron(Point_process*, double);  // defined beside its mechanism

namespace izhikevich {

struct Held {
    Population cells;
    std::vector<Point_process*> ports;  // of each cell; empty: none
    double step;                        // that NEURON has to take, ms; 0: any
    double step_taken = 0;
    bool waits = false;         // spikes are sent at the start of the next step
    bool is_odd = false;        // of the last step that had such spikes
    std::vector<long> waiting;  // cells whose spikes these are
};

inline std::vector<std::unique_ptr<Held>>& all() {
    static std::vector<std::unique_ptr<Held>> held;
    return held;
}
inline Held* find(double number) {
    return number >= 0 && number < all().size() ? all()[static_cast<std::size_t>(number)].get()
                                                : nullptr;
}

constexpr const char* GONE =
    "the population of this mechanism is no more: keep the Population for as long as its cells "
    "or connections are used";

// Each gives what is wrong, or null.

inline const char* start(double number, double step, bool variable, std::uint32_t key, bool waits) {
    Held* const held = find(number);
    if (!held) {
        return GONE;
    }
    if (variable) {
        return "a population needs the fixed step: cvode.active(False)";
    }
    if (held->step && std::fabs(step - held->step) > 1e-9 * held->step) {
        return "the delays of a population are whole steps of the h.dt at which it was connected, "
               "and h.dt is another now: set it before connecting";
    }
    held->step_taken = step;
    held->waits = waits;
    held->waiting.clear();
    held->cells.start(key);
    return nullptr;
}

// Passes a spike on, where somebody else can hear the cell.
inline auto sender(const Held& held) {
    return [ports = held.ports.empty() ? nullptr : held.ports.data()](long cell, double time) {
        if (ports && ports[cell]) {
            net_event_of_neuron(ports[cell], time);
        }
    };
}

inline const char* begin(double number, double time) {
    Held* const held = find(number);
    if (!held) {
        return GONE;
    }
    held->cells.begin(time, sender(*held));
    return nullptr;
}

// Take a step. Where spikes have to wait for the next, one of `odd` and `even` is made 1 if there are
// any, and the other 0, so that one of them always goes up.
inline const char* advance(double number, double time, double step, bool variable, double* odd,
                           double* even) {
    Held* const held = find(number);
    if (!held) {
        return GONE;
    }
    if (variable) {
        return "a population needs the fixed step: cvode.active(False), then initialise";
    }
    if (step != held->step_taken) {
        return "h.dt was changed while a population is running: initialise first";
    }
    if (!held->waits) {
        held->cells.step(time, step, sender(*held));
        return nullptr;
    }
    held->waiting.clear();
    held->cells.step(time, step, [held](long cell, double) { held->waiting.push_back(cell); });
    held->is_odd = !held->is_odd;
    *odd = held->is_odd && !held->waiting.empty();
    *even = !held->is_odd && !held->waiting.empty();
    return nullptr;
}

// The spikes that have waited, at the same time still.
inline const char* send_waiting(double number, double time) {
    Held* const held = find(number);
    if (!held) {
        return GONE;
    }
    const auto send = sender(*held);
    for (const long cell : held->waiting) {
        send(cell, time);
    }
    held->waiting.clear();
    return nullptr;
}

inline const char* hear(double number, double group, double source) {
    Held* const held = find(number);
    if (!held) {
        return GONE;
    }
    held->cells.hear(static_cast<long>(group), static_cast<long>(source));
    return nullptr;
}

}  // namespace izhikevich

// --- the port -----------------------------------------------------------------------------------

const char* izhikevich_port_receive(double number, double cell, const double* weights) {
    izhikevich::Held* const held = izhikevich::find(number);
    if (!held) {
        return izhikevich::GONE;
    }
    const int receptors = held->cells.model == izhikevich::BOOK ? izhikevich::RECEPTORS : 2;
    for (int r = 0; r < receptors; ++r) {
        if (weights[r] != 0) {
            held->cells.receive(static_cast<long>(cell), r, weights[r]);
        }
    }
    return nullptr;
}

void izhikevich_port_place(double number, double cell, Point_process* port) {
    izhikevich::Held* const held = izhikevich::find(number);
    if (held && cell >= 0 && cell < held->cells.n) {
        if (held->ports.empty()) {
            held->ports.assign(held->cells.n, nullptr);
        }
        held->ports[static_cast<std::size_t>(cell)] = port;
    }
}

// --- for Python ---------------------------------------------------------------------------------

extern "C" {

// raised when what is below, or the mod files, mean something else
int izhikevich_population_revision() { return 3; }

const char* izhikevich_population_parameters(int model) {
    return model == izhikevich::BOOK ? izhikevich::book_names::all : izhikevich::quadratic_names::all;
}
const char* izhikevich_population_inputs(int model) {
    return model == izhikevich::BOOK ? izhikevich::book_names::inputs
                                     : izhikevich::quadratic_names::inputs;
}

int izhikevich_population_new(int model, std::int64_t n, double* v, double* u, int two_halves,
                              int keeps_spikes) {
    auto& all = izhikevich::all();
    all.push_back(std::unique_ptr<izhikevich::Held>(
        new izhikevich::Held{izhikevich::Population(model, static_cast<long>(n), v, u), {}, 0}));
    all.back()->cells.two_halves = two_halves;
    all.back()->cells.keeps_spikes = keeps_spikes;
    return static_cast<int>(all.size() - 1);
}
void izhikevich_population_delete(int number) { izhikevich::all()[number].reset(); }

void izhikevich_population_set(int number, int which, const double* values, int is_array) {
    izhikevich::all()[number]->cells.parameters[which].set(values, is_array);
}
void izhikevich_population_begin_at(int number, const double* v0, const double* u0) {
    izhikevich::all()[number]->cells.v0 = v0;
    izhikevich::all()[number]->cells.u0 = u0;
}
void izhikevich_population_noise(int number, const std::uint32_t* ids, std::uint32_t seed) {
    izhikevich::all()[number]->cells.noise_ids = ids;
    izhikevich::all()[number]->cells.seed = seed;
}
int izhikevich_population_place(std::int64_t n, const std::int64_t* source,
                                const std::uint32_t* from_slot, const double* from_weight,
                                const std::int64_t* first, std::int64_t* next, std::uint32_t* slot,
                                double* weight) {
    return izhikevich::place(n, source, from_slot, from_weight, first, next, slot, weight);
}
void izhikevich_population_arrange(std::int64_t sources, const std::int64_t* first,
                                   std::uint32_t* slot, double* weight) {
    izhikevich::arrange(static_cast<long>(sources), first, slot, weight);
}
void izhikevich_population_connect(int number, int from_elsewhere, int receptor,
                                   std::int64_t sources, const std::int64_t* first,
                                   const std::uint32_t* slot, const double* weight,
                                   std::int64_t longest, double step) {
    izhikevich::Held& held = *izhikevich::all()[number];
    held.step = step;
    held.cells.connect({receptor, static_cast<long>(sources), first, slot, weight, {}},
                       from_elsewhere, static_cast<long>(longest));
}
void izhikevich_population_connect_plastic(int number, int receptor, const std::int64_t* first,
                                           const std::uint32_t* target, const std::uint32_t* delay,
                                           double* weight, const double* weight_at_start,
                                           double* eligibility, double* dopamine,
                                           const double* long_term, const double* short_term,
                                           double step) {
    izhikevich::Held& held = *izhikevich::all()[number];
    held.step = step;
    izhikevich::LongTerm slow;
    izhikevich::ShortTerm fast;
    std::memcpy(&slow, long_term, sizeof slow);
    std::memcpy(&fast, short_term, sizeof fast);
    held.cells.connect(izhikevich::PlasticConnections(
        {receptor, held.cells.n, first, target, delay, weight, weight_at_start, eligibility, dopamine},
        slow, fast));
}
std::int64_t izhikevich_population_spikes(int number, std::int64_t* steps, const double** times,
                                          const std::int64_t** ends, const std::int32_t** cells) {
    const izhikevich::Population& population = izhikevich::all()[number]->cells;
    *steps = static_cast<std::int64_t>(population.spike_times.size());
    *times = population.spike_times.data();
    *ends = population.spike_ends.data();
    *cells = population.spike_cells.data();
    return static_cast<std::int64_t>(population.spike_cells.size());
}

}  // extern "C"
