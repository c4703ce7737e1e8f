// The cells between spikes: one step of a block of cells, by the rules of the mod files.
//
// Each line does the operations of Izhi2003a.mod or Izhi2007a.mod in their order, so that the bits
// are the same, on all processors: no fused multiply-add (-ffp-contract=off), and vector
// instructions round as scalar ones do. Parameters are read by blocks, whose values lie in an array
// of all cells or, where all cells share one number, in a block of copies that stays in the cache.
#pragma once

#include <cmath>
#include <cstdint>

// One function for each kind of processor, of which the loader takes the best; what is built in one
// place so runs in another. Elsewhere the compiler's own choice.
#if defined(IZHIKEVICH_CLONES) && defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)
#define IZHIKEVICH_CLONED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define IZHIKEVICH_CLONED
#endif
#define IZHIKEVICH_INLINE inline __attribute__((always_inline))

namespace izhikevich {

// cells that are taken through a step together: their parameters and states fit the first cache
constexpr long BLOCK = 256;
// a spike needs a reset this far below the peak, mV
constexpr double ROOM = 1e-9;

using In = const double* __restrict;
using InOut = double* __restrict;

// --- 2003 and 2004 ----------------------------------------------------------------------------

struct QuadraticBlock {
    long n;
    double dt;
    double* v;
    double* u;
    double* gsyn;  // null: no conductance
    const double *a, *b, *e, *f, *g, *vu, *uleak, *Iin, *taug, *erev;
    const double *sigma, *normal;  // noise
    const double* pulse;
};

// `plain`: all cells share e, f, g, vu and uleak, as those of 2003 do; `driven`: by noise or pulses.
template <bool two_halves, bool conducts, bool plain, bool driven>
IZHIKEVICH_INLINE void quadratic(const QuadraticBlock& x) {
    const long n = x.n;
    const double dt = x.dt;
    InOut v_ = x.v;
    InOut u_ = x.u;
    InOut gsyn_ = x.gsyn;
    In a = x.a, b = x.b, e_ = x.e, f_ = x.f, g_ = x.g, vu_ = x.vu, uleak_ = x.uleak, Iin = x.Iin;
    In taug = x.taug, erev = x.erev, sigma = x.sigma, normal = x.normal, pulse = x.pulse;
    const double e_all = e_[0], f_all = f_[0], g_all = g_[0], vu_all = vu_[0], uleak_all = uleak_[0];
    const auto slope = [&](long k, double v) {
        const double e = plain ? e_all : e_[k], f = plain ? f_all : f_[k], g = plain ? g_all : g_[k];
        const double I = driven ? Iin[k] + sigma[k] * normal[k] + pulse[k] : Iin[k];
        return e * v * v + f * v + g - u_[k] + I;
    };
    // Apart, and not in one loop: what one step does to a cell is a long chain, and of short ones a
    // processor has more under way at a time.
#pragma omp simd
    for (long k = 0; k < n; ++k) {
        const double v = v_[k];
        double rise = slope(k, v);
        if (conducts) {
            const double conductance = gsyn_[k];
            rise = rise - conductance * (v - erev[k]);
            gsyn_[k] = conductance + dt * (-conductance / taug[k]);
        }
        const double w = v + dt * rise;
        v_[k] = two_halves ? 0.5 * (v + w) : w;
    }
    if (two_halves) {
#pragma omp simd
        for (long k = 0; k < n; ++k) {
            const double w = v_[k];
            double rise = slope(k, w);
            if (conducts) {
                rise = rise - gsyn_[k] * (w - erev[k]);
            }
            v_[k] = w + 0.5 * dt * rise;
        }
    }
#pragma omp simd
    for (long k = 0; k < n; ++k) {
        const double u = u_[k], vu = plain ? vu_all : vu_[k], uleak = plain ? uleak_all : uleak_[k];
        u_[k] = u + dt * a[k] * (b[k] * (v_[k] - vu) - uleak * u);
    }
}

IZHIKEVICH_CLONED void quadratic_one(const QuadraticBlock& x) { quadratic<false, false, false, true>(x); }
IZHIKEVICH_CLONED void quadratic_two(const QuadraticBlock& x) { quadratic<true, false, false, true>(x); }
IZHIKEVICH_CLONED void quadratic_one_g(const QuadraticBlock& x) { quadratic<false, true, false, true>(x); }
IZHIKEVICH_CLONED void quadratic_two_g(const QuadraticBlock& x) { quadratic<true, true, false, true>(x); }
IZHIKEVICH_CLONED void plain_one(const QuadraticBlock& x) { quadratic<false, false, true, true>(x); }
IZHIKEVICH_CLONED void plain_two(const QuadraticBlock& x) { quadratic<true, false, true, true>(x); }
IZHIKEVICH_CLONED void quiet_one(const QuadraticBlock& x) { quadratic<false, false, true, false>(x); }
IZHIKEVICH_CLONED void quiet_two(const QuadraticBlock& x) { quadratic<true, false, true, false>(x); }

// --- the book ---------------------------------------------------------------------------------

constexpr int RECEPTORS = 5;  // AMPA, NMDA, GABA-A, GABA-B, opsin

struct BookBlock {
    long n;
    double dt;
    double* v;
    double* u;
    double* conductance[RECEPTORS];  // null: none
    const double *C, *k, *vr, *vt, *a, *b, *d, *vu, *Iin, *celltype;
    const double *tau[RECEPTORS], *reversal[RECEPTORS];
};

// what u is drawn to, apart from the types that bend it
template <bool conducts, bool bends>
IZHIKEVICH_INLINE void book(const BookBlock& x) {
    const long n = x.n;
    const double dt = x.dt;
    InOut v_ = x.v;
    InOut u_ = x.u;
    InOut gAMPA = x.conductance[0];
    InOut gNMDA = x.conductance[1];
    InOut gGABAA = x.conductance[2];
    InOut gGABAB = x.conductance[3];
    InOut gOpsin = x.conductance[4];
    In C = x.C, k_ = x.k, vr = x.vr, vt = x.vt, a = x.a, b = x.b, d = x.d, vu = x.vu, Iin = x.Iin;
    In celltype = x.celltype;
    In eAMPA = x.reversal[0], eNMDA = x.reversal[1], eGABAA = x.reversal[2];
    In eGABAB = x.reversal[3], eOpsin = x.reversal[4];
    In tauAMPA = x.tau[0], tauNMDA = x.tau[1], tauGABAA = x.tau[2];
    In tauGABAB = x.tau[3], tauOpsin = x.tau[4];
#pragma omp simd
    for (long k = 0; k < n; ++k) {
        const double v = v_[k], u = u_[k];
        double I = 0;
        if (conducts) {
            const double s = ((v + 80) / 60) * ((v + 80) / 60);
            I = gAMPA[k] * (v - eAMPA[k]) + gNMDA[k] * s / (1 + s) * (v - eNMDA[k])
                + gGABAA[k] * (v - eGABAA[k]) + gGABAB[k] * (v - eGABAB[k])
                + gOpsin[k] * (v - eOpsin[k]);
            gAMPA[k] = gAMPA[k] + dt * (-gAMPA[k] / tauAMPA[k]);
            gNMDA[k] = gNMDA[k] + dt * (-gNMDA[k] / tauNMDA[k]);
            gGABAA[k] = gGABAA[k] + dt * (-gGABAA[k] / tauGABAA[k]);
            gGABAB[k] = gGABAB[k] + dt * (-gGABAB[k] / tauGABAB[k]);
            gOpsin[k] = gOpsin[k] + dt * (-gOpsin[k] / tauOpsin[k]);
        }
        const double slope = (k_[k] * (v - vr[k]) * (v - vt[k]) - u - I + Iin[k]) / (C[k] * 100);
        const double w = v + dt * slope;
        const double from_zero = v - (vu[k] > 1e8 ? vr[k] : vu[k]);
        const double U = b[k] * from_zero;
        double next = u + dt * (a[k] * (U - u));
        if (bends) {
            // the branch of U is that of the new v
            const double type = celltype[k], over = v - d[k];
            const double cubic = w >= d[k] ? 0.025 * over * over * over : 0.0;
            const double upper = type == 6 ? 0.0 : 2 * from_zero;
            const double bent = type == 5 ? cubic : (w > -65 ? upper : U);
            next = type > 4 ? u + dt * a[k] * (bent - u) : next;
        }
        v_[k] = w;
        u_[k] = next;
    }
}

IZHIKEVICH_CLONED void book_straight(const BookBlock& x) { book<false, false>(x); }
IZHIKEVICH_CLONED void book_bent(const BookBlock& x) { book<false, true>(x); }
IZHIKEVICH_CLONED void book_straight_g(const BookBlock& x) { book<true, false>(x); }
IZHIKEVICH_CLONED void book_bent_g(const BookBlock& x) { book<true, true>(x); }

// --- who is above the peak --------------------------------------------------------------------

// Cells of a block whose v is above peak + slope u, as their places; gives how many.
template <bool moves>
IZHIKEVICH_INLINE long above(long n, In v, In u, In peak, In slope, std::int32_t* __restrict found) {
    constexpr long FEW = 16;  // looked at together first, for a spike is rare
    long many = 0;
    for (long first = 0; first < n; first += FEW) {
        const long end = first + FEW < n ? first + FEW : n;
        int any = 0;
        if (end - first == FEW) {
#pragma omp simd reduction(| : any)
            for (long k = 0; k < FEW; ++k) {
                const long j = first + k;
                any |= v[j] > (moves ? peak[j] + slope[j] * u[j] : peak[j]);
            }
        } else {
            any = 1;
        }
        if (any) {
            for (long j = first; j < end; ++j) {
                if (v[j] > (moves ? peak[j] + slope[j] * u[j] : peak[j])) {
                    found[many++] = static_cast<std::int32_t>(j);
                }
            }
        }
    }
    return many;
}

IZHIKEVICH_CLONED long above_fixed(long n, In v, In peak, std::int32_t* found) {
    return above<false>(n, v, v, peak, peak, found);
}
IZHIKEVICH_CLONED long above_moving(long n, In v, In u, In peak, In slope, std::int32_t* found) {
    return above<true>(n, v, u, peak, slope, found);
}

// --- sums -------------------------------------------------------------------------------------

IZHIKEVICH_CLONED void add_to(long n, InOut sum, In more) {
    for (long k = 0; k < n; ++k) {
        sum[k] = sum[k] + more[k];
    }
}

}  // namespace izhikevich
