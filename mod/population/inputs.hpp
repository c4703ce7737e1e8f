// What arrives at the cells: sums for the steps to come, and connections that add to them.
//
// Weights are multiples of a power of two, which add up exactly in any order: so the sums are the
// same however cells are dealt out to ranks and threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "models.hpp"

namespace izhikevich {

// A sum for each cell and each of the steps to come; the row of a step that is past serves again.
class Ring {
  public:
    void start(long n, long rows) {
        n_ = n;
        sums_.assign(rows * n, 0.0);
        now_ = 0;
    }
    // Have as many rows at least, in the middle of a run as well.
    void grow(long n, long rows) {
        if (rows * n > static_cast<std::int64_t>(sums_.size())) {
            std::rotate(sums_.begin(), sums_.begin() + now_, sums_.end());
            now_ = 0;
            n_ = n;
            sums_.resize(rows * n, 0.0);
        }
    }
    bool is_used() const { return !sums_.empty(); }
    double* row() { return sums_.data() + now_; }
    void advance() {
        now_ += n_;
        if (now_ == static_cast<std::int64_t>(sums_.size())) {
            now_ = 0;
        }
    }
    // Add weights to slots: a slot is a cell in one of the steps to come, counted from the next.
    void add(const std::uint32_t* slot, const double* weight, std::int64_t n) {
        double* from_now = sums_.data() + now_;
        const std::int64_t left = static_cast<std::int64_t>(sums_.size()) - now_;
        const std::uint32_t* end = slot + n;
        // slots ascend: from one of them on they are at the start of the memory
        const std::uint32_t* wrapped = n && end[-1] >= left ? std::lower_bound(slot, end, left) : end;
        for (; slot < wrapped; ++slot, ++weight) {
            from_now[*slot] += *weight;
        }
        double* again = sums_.data();
        for (; slot < end; ++slot, ++weight) {
            again[*slot - left] += *weight;
        }
    }
    // The same for slots that follow each other, from `first` on.
    void add_to_all(std::uint32_t first, const double* weight, std::int64_t n) {
        const std::int64_t size = static_cast<std::int64_t>(sums_.size());
        const std::int64_t at = (now_ + first) % size;
        const std::int64_t before_end = std::min(n, size - at);
        add_to(before_end, sums_.data() + at, weight);
        add_to(n - before_end, sums_.data(), weight + before_end);
    }

  private:
    long n_ = 0;
    std::int64_t now_ = 0;
    std::vector<double> sums_;
};

// Connections in the order of their sources: those of source j are first[j] to first[j + 1].
struct Connections {
    int receptor;
    long sources;
    const std::int64_t* first;
    const std::uint32_t* slot;  // delay in steps, less one of the arrival of a spike, x n + target
    const double* weight;
    std::vector<bool> follow_each_other;  // the slots of a source, which are then a row to add to

    void look() {
        follow_each_other.resize(sources);
        for (long j = 0; j < sources; ++j) {
            const std::int64_t n = first[j + 1] - first[j];
            bool do_so = n >= 16;
            for (std::int64_t k = first[j] + 1; do_so && k < first[j + 1]; ++k) {
                do_so = slot[k] == slot[k - 1] + 1;
            }
            follow_each_other[j] = do_so;
        }
    }
    void deliver(long source, Ring& ring) const {
        const std::int64_t from = first[source], n = first[source + 1] - from;
        if (follow_each_other[source]) {
            ring.add_to_all(slot[from], weight + from, n);
        } else if (n) {
            ring.add(slot + from, weight + from, n);
        }
    }
};

// Put connections that come in any order where those of their source belong: source j has the places
// from next[j] up to first[j + 1]. False if a source has more of them than places.
inline bool place(std::int64_t n, const std::int64_t* source, const std::uint32_t* from_slot,
                  const double* from_weight, const std::int64_t* first, std::int64_t* next,
                  std::uint32_t* slot, double* weight) {
    for (std::int64_t k = 0; k < n; ++k) {
        const std::int64_t j = source[k], at = next[j];
        if (at == first[j + 1]) {
            return false;
        }
        next[j] = at + 1;
        slot[at] = from_slot[k];
        weight[at] = from_weight[k];
    }
    return true;
}

// Put the connections of each source in the order of their slots.
inline void arrange(long sources, const std::int64_t* first, std::uint32_t* slot, double* weight) {
    std::vector<std::pair<std::uint32_t, double>> both;
    for (long j = 0; j < sources; ++j) {
        const std::int64_t from = first[j], n = first[j + 1] - from;
        if (std::is_sorted(slot + from, slot + from + n)) {
            continue;
        }
        both.clear();
        for (std::int64_t k = from; k < from + n; ++k) {
            both.emplace_back(slot[k], weight[k]);
        }
        std::sort(both.begin(), both.end());
        for (std::int64_t k = 0; k < n; ++k) {
            slot[from + k] = both[k].first;
            weight[from + k] = both[k].second;
        }
    }
}

}  // namespace izhikevich
