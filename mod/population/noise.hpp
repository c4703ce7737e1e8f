// Noise: for each cell the very numbers that the RANDOM `stream` of Izhi2003a gives it.
//
// A stream follows from the cell's id and the seed alone: Philox 4x32-10 of (block, 1, id, seed),
// and by the polar method one normal number of each pair that lies in the unit circle
// (G. Marsaglia and T. A. Bray, SIAM Review 6(3):260-264, 1964). How many pairs a number takes
// differs between cells, so each cell's numbers are drawn some at a time.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "models.hpp"

namespace izhikevich {

// Pairs of the stream (id, seed) from block `from` on: x of each pair, and the sum of squares.
IZHIKEVICH_CLONED void pairs(std::uint32_t from, long blocks, std::uint32_t id, std::uint32_t seed,
                             std::uint32_t key, InOut x, InOut w) {
#pragma omp simd
    for (long j = 0; j < blocks; ++j) {
        std::uint32_t c0 = from + static_cast<std::uint32_t>(j), c1 = 1, c2 = id, c3 = seed;
        std::uint32_t k0 = key, k1 = 0;
#pragma GCC unroll 10
        for (int round = 0; round < 10; ++round) {
            const std::uint64_t p = std::uint64_t{0xD2511F53} * c0, q = std::uint64_t{0xCD9E8D57} * c2;
            c0 = static_cast<std::uint32_t>(q >> 32) ^ c1 ^ k0;
            c1 = static_cast<std::uint32_t>(q);
            c2 = static_cast<std::uint32_t>(p >> 32) ^ c3 ^ k1;
            c3 = static_cast<std::uint32_t>(p);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        // 2^32 + 1 parts of the interval from 0 to 1, as nrnran123_uint2dbl has it
        constexpr double PART = 1.0 / 4294967297.0;
        const double x0 = 2. * ((static_cast<double>(c0) + 1.0) * PART) - 1.;
        const double y0 = 2. * ((static_cast<double>(c1) + 1.0) * PART) - 1.;
        const double x1 = 2. * ((static_cast<double>(c2) + 1.0) * PART) - 1.;
        const double y1 = 2. * ((static_cast<double>(c3) + 1.0) * PART) - 1.;
        x[j] = x0;
        w[j] = x0 * x0 + y0 * y0;
        x[blocks + j] = x1;
        w[blocks + j] = x1 * x1 + y1 * y1;
    }
}

IZHIKEVICH_CLONED void scaled(long n, InOut x, In w, In log_w) {
    for (long k = 0; k < n; ++k) {
        x[k] = x[k] * std::sqrt((-2. * log_w[k]) / w[k]);
    }
}

class Noise {
  public:
    // Begin anew with the streams of `ids`; none of them: no noise.
    void start(const std::uint32_t* ids, long n, std::uint32_t seed, std::uint32_t key) {
        ids_ = ids;
        n_ = n;
        seed_ = seed;
        key_ = key;
        next_.assign(ids ? n : 0, 0);
        normals_.resize(ids ? AHEAD * n : 0);
        row_ = AHEAD - 1;
        if (ids) {
            advance();
        }
    }

    // One normal number for each cell from a place on, until the next `advance`.
    const double* now() const { return n_ && ids_ ? normals_.data() + row_ * n_ : nullptr; }

    void advance() {
        if (++row_ == AHEAD) {
            for (long i = 0; i < n_; ++i) {
                draw(i);
            }
            row_ = 0;
        }
    }

  private:
    static constexpr long AHEAD = 32;   // numbers that a cell draws at a time
    static constexpr long BLOCKS = 24;  // of which each has two pairs: mostly enough for these

    void draw(long i) {
        double x[AHEAD + 1], w[AHEAD + 1], log_w[AHEAD];
        long have = 0;
        std::uint32_t next = next_[i];
        while (have < AHEAD) {
            double found_x[2 * BLOCKS], found_w[2 * BLOCKS];
            pairs(next >> 1, BLOCKS, ids_[i], seed_, key_, found_x, found_w);
            const std::uint32_t end = 2 * ((next >> 1) + BLOCKS);
            const std::uint32_t begin = 2 * (next >> 1);
            for (; next < end && have < AHEAD; ++next) {
                const std::uint32_t at = next - begin, place = (at >> 1) + (at & 1 ? BLOCKS : 0);
                x[have] = found_x[place];
                w[have] = found_w[place];
                have += found_w[place] <= 1;
            }
        }
        next_[i] = next;
        for (long k = 0; k < AHEAD; ++k) {
            log_w[k] = std::log(w[k]);
        }
        scaled(AHEAD, x, w, log_w);
        for (long k = 0; k < AHEAD; ++k) {
            normals_[k * n_ + i] = x[k];
        }
    }

    const std::uint32_t* ids_ = nullptr;
    long n_ = 0, row_ = 0;
    std::uint32_t seed_ = 0, key_ = 0;
    std::vector<std::uint32_t> next_;  // pair of its stream that each cell is at
    std::vector<double> normals_;      // a row for each number, a column for each cell
};

}  // namespace izhikevich
