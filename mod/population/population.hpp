// A population: cells of one model as arrays, and what a step does to them. Nothing of NEURON's.
//
// The arrays belong to who makes the population, and outlive it. In the order of NEURON's events a
// step from t to t + dt is: cells that were above the peak at t are reset; what arrived since is
// added; all cells take the step; those above the peak now, at t + dt, spike.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "inputs.hpp"
#include "models.hpp"
#include "noise.hpp"
#include "plasticity.hpp"

namespace izhikevich {

// A parameter: a number that all cells share, or an array with one for each.
class Parameter {
  public:
    void set(const double* values, bool is_array) {
        array_ = is_array ? values : nullptr;
        if (!is_array) {
            std::fill(std::begin(copies_), std::end(copies_), *values);
        }
    }
    const double* from(long i) const { return array_ ? array_ + i : copies_; }
    double of(long i) const { return array_ ? array_[i] : copies_[0]; }
    bool is_array() const { return array_; }

  private:
    const double* array_ = nullptr;
    alignas(64) double copies_[BLOCK] = {};  // as vector instructions like it
};

// Names in the order in which parameters are known by number.
namespace quadratic_names {
enum { a, b, c, d, e, f, g, vu, uleak, Iin, taug, thresh, erev, alive, sigma, how_many };
constexpr const char* all = "a b c d e f g vu uleak Iin taug thresh erev alive sigma";
constexpr const char* inputs = "conductance pulse";
}  // namespace quadratic_names
namespace book_names {
enum {
    C, k, vr, vt, vpeak, a, b, c, d, vu, Iin, celltype, alive, tauAMPA, tauNMDA, tauGABAA, tauGABAB,
    tauOpsin, eAMPA, eNMDA, eGABAA, eGABAB, eOpsin, keepg, how_many
};
constexpr const char* all =
    "C k vr vt vpeak a b c d vu Iin celltype alive tauAMPA tauNMDA tauGABAA tauGABAB tauOpsin "
    "eAMPA eNMDA eGABAA eGABAB eOpsin keepg";
constexpr const char* inputs = "AMPA NMDA GABAA GABAB opsin";
}  // namespace book_names

enum Model { QUADRATIC = 0, BOOK = 1 };

class Population {
  public:
    Population(int model, long n, double* v, double* u)
        : model(model),
          n(n),
          v(v),
          u(u),
          parameters(model == BOOK ? int{book_names::how_many} : int{quadratic_names::how_many}),
          inputs(model == BOOK ? RECEPTORS : 2),
          longest(inputs.size(), 0) {}

    const int model;
    const long n;
    double* const v;
    double* const u;
    std::vector<Parameter> parameters;
    bool two_halves = false;
    bool keeps_spikes = true;
    const double* v0 = nullptr;  // where cells start; null: as a new mechanism does
    const double* u0 = nullptr;
    const std::uint32_t* noise_ids = nullptr;  // null: no noise
    std::uint32_t seed = 0;

    // --- connections: of the cells, and of sources elsewhere that are heard through events

    void connect(const Connections& connections, bool from_elsewhere, long longest_delay) {
        (from_elsewhere ? from_others : from_cells).push_back(connections);
        (from_elsewhere ? from_others : from_cells).back().look();
        long& rows = longest[connections.receptor];
        rows = std::max(rows, longest_delay + 1);
        inputs[connections.receptor].grow(n, rows);
    }
    void connect(PlasticConnections&& connections) {
        long& rows = longest[connections.receptor];
        rows = std::max(rows, 1L);
        inputs[connections.receptor].grow(n, rows);
        plastic.push_back(std::move(connections));
    }

    // --- initialisation

    void start(std::uint32_t key) {
        for (long i = 0; i < n; ++i) {
            if (model == BOOK) {
                v[i] = v0 ? v0[i] : parameters[book_names::vr].of(i);
                u[i] = u0 ? u0[i] : 0;
            } else {
                v[i] = v0 ? v0[i] : -65.;
                u[i] = u0 ? u0[i] : parameters[quadratic_names::b].of(i) * v[i];
            }
        }
        for (std::size_t r = 0; r < inputs.size(); ++r) {
            inputs[r].start(n, longest[r]);
        }
        std::fill(conductances.begin(), conductances.end(), 0.0);
        for (PlasticConnections& group : plastic) {
            group.start();
        }
        noise.start(noise_ids, n, seed, key);
        crossed.clear();
        spike_cells.clear();
        spike_ends.clear();
        spike_times.clear();
    }
    // Cells that start above their peak spike at once.
    template <typename Send>
    void begin(double t, Send&& send) {
        for (long i = 0; i < n; i += BLOCK) {
            look(i, std::min(BLOCK, n - i), crossed);
        }
        tell(t, send);
    }

    // --- events

    void receive(long cell, int receptor, double weight) {
        Ring& ring = inputs[receptor];
        longest[receptor] = std::max(longest[receptor], 1L);
        ring.grow(n, longest[receptor]);
        ring.row()[cell] += exactly(receptor, weight);
    }
    void hear(long group, long source) {
        const Connections& heard = from_others[group];
        heard.deliver(source, inputs[heard.receptor]);
    }

    // --- a step, to t; `send(cell, time)` passes a spike on

    template <typename Send>
    void step(double t, double dt, Send&& send) {
        make_room_for_conductances();
        next_crossed.clear();
        std::size_t done = 0;
        for (long i = 0; i < n; i += BLOCK) {
            const long m = std::min(BLOCK, n - i);
            const std::size_t first = done;
            while (done < crossed.size() && crossed[done] < i + m) {
                reset(crossed[done++]);
            }
            if (model == BOOK) {
                step_book(i, m, dt, first, done);
            } else {
                step_quadratic(i, m, dt);
            }
            look(i, m, next_crossed);
        }
        crossed.swap(next_crossed);
        for (Ring& ring : inputs) {
            if (ring.is_used()) {
                ring.advance();
            }
        }
        if (noise_ids && std::floor(t + 0.5 * dt) > std::floor(t - 0.5 * dt)) {  // a whole ms
            noise.advance();
        }
        for (PlasticConnections& group : plastic) {
            group.end_step();
        }
        tell(t, send);
    }

    // pulses: multiples of 2^-20 mV/ms, as in Izhi2003a; conductances of 2^-40 of their unit
    double exactly(int receptor, double weight) const {
        const double parts = is_pulse(receptor) ? 1048576. : 1099511627776.;
        return std::floor(weight * parts + 0.5) / parts;
    }

    std::vector<double> spike_times;        // of steps with spikes
    std::vector<std::int64_t> spike_ends;   // up to which of spike_cells
    std::vector<std::int32_t> spike_cells;  // in the order of cells within a step

  private:
    bool is_pulse(int receptor) const { return model == QUADRATIC && receptor == 1; }
    double* conductance(int r) { return conductances.data() + r * n; }
    double parameter(int which, long i) const { return parameters[which].of(i); }

    void make_room_for_conductances() {
        if (!conductances.empty()) {
            return;
        }
        for (std::size_t r = 0; r < inputs.size(); ++r) {
            if (inputs[r].is_used() && !is_pulse(static_cast<int>(r))) {
                conductances.assign((model == BOOK ? RECEPTORS : 1) * n, 0.0);
            }
        }
    }

    // What arrived for the step is added to conductances, and the row is empty for another step.
    void open(int receptor, double* g, long i, long m) {
        Ring& ring = inputs[receptor];
        if (ring.is_used()) {
            add_to(m, g, ring.row() + i);
            std::memset(ring.row() + i, 0, m * sizeof(double));
        }
    }

    void step_quadratic(long i, long m, double dt) {
        using namespace quadratic_names;
        const auto from = [&](int which) { return parameters[which].from(i); };
        const bool conducts = !conductances.empty();
        bool is_plain = true;
        for (const int which : {e, f, g, vu, uleak}) {
            is_plain = is_plain && !parameters[which].is_array();
        }
        Ring& pulses = inputs[1];
        const double* normal = noise.now();
        QuadraticBlock x{
            m, dt, v + i, u + i, conducts ? conductance(0) + i : nullptr,
            from(a), from(b), from(e), from(f), from(g), from(vu), from(uleak), from(Iin),
            from(taug), from(erev), from(sigma), normal ? normal + i : zeros,
            pulses.is_used() ? pulses.row() + i : zeros};
        if (conducts) {
            open(0, x.gsyn, i, m);
            (two_halves ? quadratic_two_g : quadratic_one_g)(x);
        } else if (!is_plain) {
            (two_halves ? quadratic_two : quadratic_one)(x);
        } else if (normal || pulses.is_used()) {
            (two_halves ? plain_two : plain_one)(x);
        } else {
            (two_halves ? quiet_two : quiet_one)(x);
        }
        if (pulses.is_used()) {
            std::memset(pulses.row() + i, 0, m * sizeof(double));
        }
    }

    void step_book(long i, long m, double dt, std::size_t first_reset, std::size_t end_reset) {
        using namespace book_names;
        const auto from = [&](int which) { return parameters[which].from(i); };
        BookBlock x{m, dt, v + i, u + i, {}, from(C), from(k), from(vr), from(vt), from(a), from(b),
                    from(d), from(vu), from(Iin), from(celltype), {}, {}};
        const bool conducts = !conductances.empty();
        for (int r = 0; conducts && r < RECEPTORS; ++r) {
            x.conductance[r] = conductance(r) + i;
            x.tau[r] = from(tauAMPA + r);
            x.reversal[r] = from(eAMPA + r);
            open(r, x.conductance[r], i, m);
        }
        // a spike closes receptors unless they are to be kept, to what arrives with it as well
        for (std::size_t j = first_reset; conducts && j < end_reset; ++j) {
            const long cell = crossed[j];
            if (was_reset[j - first_reset] && parameter(keepg, cell) == 0) {
                for (int r = 0; r < RECEPTORS; ++r) {
                    conductance(r)[cell] = 0;
                }
            }
        }
        const bool bends = parameters[celltype].is_array() || parameter(celltype, 0) > 4;
        if (conducts) {
            (bends ? book_bent_g : book_straight_g)(x);
        } else {
            (bends ? book_bent : book_straight)(x);
        }
        was_reset.clear();
    }

    // Note the cells of a block that are above their peak.
    void look(long i, long m, std::vector<std::int32_t>& noted) {
        std::int32_t found[BLOCK];
        long many = 0;
        if (model == BOOK) {
            using namespace book_names;
            const Parameter& type = parameters[celltype];
            const double* peak = parameters[vpeak].from(i);
            const double first_type = type.of(i);
            if (!type.is_array() && first_type != 4 && first_type != 6) {
                many = above_fixed(m, v + i, peak, found);
            } else {
                double slope[BLOCK];
                for (long j = 0; j < m; ++j) {
                    slope[j] = slope_of(type.of(i + j));
                }
                many = above_moving(m, v + i, u + i, peak, slope, found);
            }
        } else {
            const double* peak = parameters[quadratic_names::thresh].from(i);
            many = above_fixed(m, v + i, peak, found);
        }
        for (long j = 0; j < many; ++j) {
            noted.push_back(static_cast<std::int32_t>(i) + found[j]);
        }
    }

    static double slope_of(double type) { return 0.1 * ((type == 6) - (type == 4)); }

    struct After {
        double v, u;
        bool is_spike;
    };
    // Where a cell above its peak is put, and whether there is room for a spike.
    After after(long i) const {
        if (model == QUADRATIC) {
            using namespace quadratic_names;
            const double peak = parameter(thresh, i), low = parameter(c, i);
            return low < peak - ROOM ? After{low, u[i] + parameter(d, i), true}
                                     : After{peak - 1, u[i], false};
        }
        using namespace book_names;
        const double peak = parameter(vpeak, i), type = parameter(celltype, i);
        const double slope = slope_of(type);
        double vnew = parameter(c, i), unew = u[i] + parameter(d, i);
        if (type == 4) {
            vnew = vnew + 0.04 * u[i];
            unew = unew > 670 ? 670 : unew;
        } else if (type == 5) {
            unew = u[i];
        } else if (type == 6) {
            vnew = vnew - 0.1 * u[i];
        }
        return vnew < peak + slope * unew - ROOM ? After{vnew, unew, true}
                                                 : After{peak + slope * u[i] - 1, u[i], false};
    }

    void reset(long i) {
        const After x = after(i);
        v[i] = x.v;
        u[i] = x.u;
        if (model == BOOK) {
            was_reset.push_back(x.is_spike);
        }
    }

    // Pass on the spikes of the cells that crossed their peak.
    template <typename Send>
    void tell(double t, Send&& send) {
        const std::size_t before = spike_cells.size();
        const int alive = model == BOOK ? int{book_names::alive} : int{quadratic_names::alive};
        told.clear();
        for (const std::int32_t i : crossed) {
            if (parameter(alive, i) == 0 || !after(i).is_spike) {
                continue;
            }
            if (keeps_spikes) {
                spike_cells.push_back(i);
            }
            if (!plastic.empty()) {
                told.push_back(i);
            }
            for (const Connections& group : from_cells) {
                group.deliver(i, inputs[group.receptor]);
            }
            send(i, t);
        }
        for (PlasticConnections& group : plastic) {
            const int receptor = group.receptor;
            group.go_on(told, inputs[receptor].row(),
                        [=](double weight) { return exactly(receptor, weight); });
        }
        if (keeps_spikes && spike_cells.size() > before) {
            spike_times.push_back(t);
            spike_ends.push_back(static_cast<std::int64_t>(spike_cells.size()));
        }
    }

    std::vector<Ring> inputs;
    std::vector<long> longest;         // rows that each of them needs
    std::vector<double> conductances;  // of all cells by receptor; empty: none is open
    std::vector<Connections> from_cells, from_others;
    std::vector<PlasticConnections> plastic;
    std::vector<std::int32_t> told;  // cells that have just spiked, where that is asked for
    Noise noise;
    std::vector<std::int32_t> crossed, next_crossed;  // cells above their peak, in order
    std::vector<char> was_reset;                      // of a block: by a spike
    alignas(64) double zeros[BLOCK] = {};
};

}  // namespace izhikevich
