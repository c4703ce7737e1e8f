// Connections that change: by what their source has sent lately, and by the times of spikes.
//
// A spike waits here until it arrives, for only then does a connection know its weight. What is added
// is rounded as all inputs are, so that the sums are exact in any order; the weights are not rounded.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "inputs.hpp"

namespace izhikevich {

// In the order of their sources, and of delays for each source; the arrays are Python's.
struct PlasticArrays {
    int receptor;
    long cells;
    const std::int64_t* first;
    const std::uint32_t* target;
    const std::uint32_t* delay;  // steps
    double* weight;
    const double* weight_at_start;
    double* eligibility;
    double* dopamine;
};

// Pair STDP: what Python gives as numbers, in this order. Decays are per step.
struct LongTerm {
    double is_on, amplitude, ratio, decay, every, growth, rate, remains, largest, dopamine_decay;
};
// Tsodyks and Markram.
struct ShortTerm {
    double is_on, U, steps_to_recover, steps_of_facilitation;
};

class PlasticConnections {
  public:
    PlasticConnections(const PlasticArrays& arrays, const LongTerm& slow, const ShortTerm& fast)
        : receptor(arrays.receptor), x(arrays), slow_(slow), fast_(fast) {
        const std::int64_t n = x.first[x.cells];
        const std::uint32_t longest = n ? *std::max_element(x.delay, x.delay + n) : 0;
        due_.resize(longest + 1);
        if (slow_.is_on) {
            look();
        }
        start();
    }
    const int receptor;

    void start() {
        const std::int64_t n = x.first[x.cells];
        now_ = 0;
        for (auto& flights : due_) {
            flights.clear();
        }
        std::copy(x.weight_at_start, x.weight_at_start + n, x.weight);
        if (slow_.is_on) {
            std::fill(x.eligibility, x.eligibility + n, 0.0);
            *x.dopamine = 0;
            arrived_.assign(n, NEVER);
            fired_.assign(x.cells, NEVER);
        }
        if (fast_.is_on) {
            resources_.assign(x.cells, {0, 1, 0});
        }
    }

    // At the end of a step, before its spikes.
    void end_step() {
        ++now_;
        if (!slow_.is_on) {
            return;
        }
        *x.dopamine *= slow_.dopamine_decay;
        if (now_ % static_cast<std::int64_t>(slow_.every) == 0) {
            change_weights(x.first[x.cells], slow_.growth, slow_.rate + *x.dopamine, slow_.remains,
                           slow_.largest, x.weight, x.eligibility);
        }
    }

    // The spikes of now, and then what arrives for the step to come; `exactly` rounds.
    template <typename Exactly>
    void go_on(const std::vector<std::int32_t>& spikes, double* row, Exactly&& exactly) {
        if (slow_.is_on) {
            for (const std::int32_t i : spikes) {
                fired_[i] = now_;
                for (std::int64_t j = onto_[i]; j < onto_[i + 1]; ++j) {
                    // what arrived for the step that has just ended may have caused the spike
                    x.eligibility[those_[j]] += trace(arrived_[those_[j]] + 1);
                }
            }
        }
        for (const std::int32_t i : spikes) {
            const double released = fast_.is_on ? release(resources_[i]) : 1;
            wait({x.first[i], x.first[i + 1], now_, released});
        }
        std::vector<Flight>& flights = due_[now_ % due_.size()];
        arriving_.swap(flights);
        flights.clear();
        for (Flight& flight : arriving_) {
            const std::uint32_t delay = x.delay[flight.next];
            std::int64_t k = flight.next;
            for (; k < flight.end && x.delay[k] == delay; ++k) {
                const std::uint32_t i = x.target[k];
                row[i] += exactly(x.weight[k] * flight.released);
                if (slow_.is_on) {
                    x.eligibility[k] -= slow_.ratio * trace(fired_[i]);
                    arrived_[k] = now_;
                }
            }
            flight.next = k;
            wait(flight);
        }
    }

  private:
    static constexpr std::int64_t NEVER = -(std::int64_t{1} << 60);

    // A spike on its way: to the connections from `next` on.
    struct Flight {
        std::int64_t next, end, sent;
        double released;
    };
    struct Resources {
        double used, ready;
        std::int64_t last;
    };

    // The traces, and the connections onto each cell.
    void look() {
        const std::int64_t n = x.first[x.cells];
        constexpr double NOTHING = 1e-200;
        for (double trace = slow_.amplitude; trace > NOTHING && trace_.size() < 1000000;
             trace *= slow_.decay) {
            trace_.push_back(trace);
        }
        trace_.push_back(0);
        onto_.assign(x.cells + 1, 0);
        for (std::int64_t k = 0; k < n; ++k) {
            ++onto_[x.target[k] + 1];
        }
        for (long i = 0; i < x.cells; ++i) {
            onto_[i + 1] += onto_[i];
        }
        std::vector<std::int64_t> next(onto_.begin(), onto_.end() - 1);
        those_.resize(n);
        for (std::int64_t k = 0; k < n; ++k) {
            those_[next[x.target[k]]++] = static_cast<std::uint32_t>(k);
        }
    }
    void wait(const Flight& flight) {
        if (flight.next < flight.end) {
            due_[(flight.sent + x.delay[flight.next]) % due_.size()].push_back(flight);
        }
    }
    double trace(std::int64_t since) const {
        return trace_[std::min<std::int64_t>(now_ - since, trace_.size() - 1)];
    }
    double release(Resources& r) {
        const double steps = static_cast<double>(now_ - r.last);
        r.ready = 1 - (1 - r.ready) * std::exp(-steps / fast_.steps_to_recover);
        r.used = fast_.steps_of_facilitation > 0
                     ? r.used * std::exp(-steps / fast_.steps_of_facilitation)
                     : 0;
        r.used += fast_.U * (1 - r.used);
        const double released = r.used * r.ready;
        r.ready -= released;
        r.last = now_;
        return released;
    }
    static void change_weights(std::int64_t n, double growth, double rate, double remains,
                               double largest, InOut weight, InOut eligibility) {
#pragma omp simd
        for (std::int64_t k = 0; k < n; ++k) {
            const double w = weight[k] + growth + rate * eligibility[k];
            const double capped = w < largest ? w : largest;
            weight[k] = capped > 0 ? capped : 0;
            eligibility[k] *= remains;
        }
    }

    PlasticArrays x;
    LongTerm slow_;
    ShortTerm fast_;
    std::int64_t now_ = 0;                   // steps since the start
    std::vector<std::vector<Flight>> due_;   // spikes by the step in which they arrive next
    std::vector<Flight> arriving_;
    std::vector<double> trace_;              // so many steps after a spike
    std::vector<std::int64_t> onto_;         // those onto a cell are those_[onto_[i]] and so on
    std::vector<std::uint32_t> those_;
    std::vector<std::int64_t> arrived_;      // when the last spike arrived, by connection
    std::vector<std::int64_t> fired_;        // when each cell spiked last
    std::vector<Resources> resources_;       // of each source
};

}  // namespace izhikevich
