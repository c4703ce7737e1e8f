"""The network of the 2003 paper in numpy, with nothing of the package in it.

What is the paper's is typed from the program beside its Fig. 3:

    re=rand(Ne,1); ri=rand(Ni,1);
    a=[0.02*ones(Ne,1); 0.02+0.08*ri];     b=[0.2*ones(Ne,1); 0.25-0.05*ri];
    c=[-65+15*re.^2;    -65*ones(Ni,1)];   d=[8-6*re.^2;      2*ones(Ni,1)];
    S=[0.5*rand(Ne+Ni,Ne), -rand(Ne+Ni,Ni)];
    v=-65*ones(Ne+Ni,1);                   u=b.*v;
    for t=1:1000
        I=[5*randn(Ne,1); 2*randn(Ni,1)];
        fired=find(v>=30);
        v(fired)=c(fired);  u(fired)=u(fired)+d(fired);
        I=I+sum(S(:,fired),2);
        v=v+0.5*(0.04*v.^2+5*v+140-u+I);  v=v+0.5*(0.04*v.^2+5*v+140-u+I);
        u=u+a.*(b.*v-u);
    end

What is ours is which random numbers these are, that pulses arrive after a delay of a ms or more and
are rounded to multiples of 2^-20, and how weights grow where a cell hears fewer than a thousand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass
class Network:
    """Parameters, one for each cell; and connections, one for each element, in order of sources."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray


def network(n, seed, fan_in=None, shortest=1, longest=1):
    """Four fifths of `n` cells are excitatory; with `fan_in` None each hears all."""
    n_e, n_i = 4 * n // 5, n // 5
    assert n_e + n_i == n
    r = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0]))).random(n)
    re, ri = r[:n_e], r[n_e:]
    connections = []
    for target in range(n):
        random = np.random.Generator(np.random.Philox(key=[seed, target + 1]))
        sources = np.arange(n)
        if fan_in is not None:
            sources = np.sort(random.choice(n, fan_in, replace=False, shuffle=False))
        s = random.random(len(sources))
        s = np.where(sources < n_e, 0.5 * s, -s) * 1000 / len(sources)
        delays = random.integers(shortest, longest, len(sources), endpoint=True)
        connections.append((sources, np.full(len(sources), target), s, delays))
    sources, targets, weights, delays = map(np.concatenate, zip(*connections, strict=True))
    order = np.argsort(sources, kind="stable")
    return Network(
        a=np.concatenate([0.02 * np.ones(n_e), 0.02 + 0.08 * ri]),
        b=np.concatenate([0.2 * np.ones(n_e), 0.25 - 0.05 * ri]),
        c=np.concatenate([-65 + 15 * re**2, -65 * np.ones(n_i)]),
        d=np.concatenate([8 - 6 * re**2, 2 * np.ones(n_i)]),
        sources=sources[order],
        targets=targets[order],
        weights=weights[order],
        delays=delays[order],
    )


def simulate(network, currents):
    """Run the program with the input of each ms and cell; gives (time, cell) of each spike.

    Spikes of the last ms are those that are found when the next one begins.
    """
    a, b, c, d = network.a, network.b, network.c, network.d
    n, longest = len(a), network.delays.max(initial=0)
    pulses = np.round(network.weights * 2**20) / 2**20
    ending = network.delays * n + network.targets
    begin = np.searchsorted(network.sources, np.arange(n + 1))
    arriving = np.zeros((len(currents) + longest + 1, n))
    v = -65 * np.ones(n)
    u = b * v
    spikes = []
    for t, current in enumerate(currents):
        fired = np.flatnonzero(v >= 30)
        spikes += [(t, cell) for cell in fired.tolist()]
        v[fired] = c[fired]
        u[fired] += d[fired]
        for cell in fired:
            its = slice(begin[cell], begin[cell + 1])
            np.add.at(arriving[t:].reshape(-1), ending[its], pulses[its])
        i = current + arriving[t]
        # v + 0.5 v', rounded as the mechanism does: the mean of v and of where a whole step leads
        v = 0.5 * (v + (v + (0.04 * v * v + 5 * v + 140 - u + i)))
        v = v + 0.5 * (0.04 * v * v + 5 * v + 140 - u + i)
        u = u + a * (b * v - u)
    return spikes + [(len(currents), cell) for cell in np.flatnonzero(v >= 30).tolist()]


def program(random, n_ms=1000):
    """The program as it stands, with other random numbers, and pulses that come a ms later."""
    n_e, n_i = 800, 200
    re, ri = random.random(n_e), random.random(n_i)
    a = np.concatenate([0.02 * np.ones(n_e), 0.02 + 0.08 * ri])
    b = np.concatenate([0.2 * np.ones(n_e), 0.25 - 0.05 * ri])
    c = np.concatenate([-65 + 15 * re**2, -65 * np.ones(n_i)])
    d = np.concatenate([8 - 6 * re**2, 2 * np.ones(n_i)])
    s = np.hstack([0.5 * random.random((n_e + n_i, n_e)), -random.random((n_e + n_i, n_i))])
    v = -65 * np.ones(n_e + n_i)
    u = b * v
    arriving = 0
    spikes = []
    for t in range(n_ms + 1):
        i = np.concatenate([5 * random.standard_normal(n_e), 2 * random.standard_normal(n_i)])
        fired = np.flatnonzero(v >= 30)
        spikes += [(t, cell) for cell in fired.tolist()]
        v[fired] = c[fired]
        u[fired] += d[fired]
        i += arriving
        arriving = s[:, fired].sum(axis=1)
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i)
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + i)
        u += a * (b * v - u)
    return spikes


def noise(n, seed, n_ms, sd_e=5.0, sd_i=2.0):
    """The thalamic input of each ms and cell, from a stream of the cell's own."""
    sd = np.repeat([sd_e, sd_i], [4 * n // 5, n // 5])
    return sd * np.stack([normal(cell, seed, n_ms) for cell in range(n)], axis=1)


def normal(cell, seed, n):
    """The first `n` normal numbers of the stream of which (block, 1, cell, seed) are the counters.

    By the polar method: of pairs of numbers in a square those count that are in the unit circle.
    G. Marsaglia and T. A. Bray, SIAM Review 6(3):260-264, 1964.
    """
    block = np.arange(n + 50, dtype=np.uint64)
    words = philox(block, *(np.full_like(block, x) for x in (1, cell, seed)))
    x, y = 2 * ((words.reshape(-1, 2) + 1.0) * (1 / (2**32 + 1))).T - 1
    w = x * x + y * y
    x, w = x[w <= 1][:n], w[w <= 1][:n]
    return x * np.sqrt(-2 * np.array([math.log(each) for each in w]) / w)


def philox(c0, c1, c2, c3):
    """Philox 4x32-10, with a key of zeros: four words of 32 bits for each set of counters.

    J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011.
    """
    half, low = np.uint64(32), np.uint64(2**32 - 1)
    k0 = k1 = 0
    for _ in range(10):
        x, y = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = (y >> half) ^ c1 ^ np.uint64(k0), y & low
        c2, c3 = (x >> half) ^ c3 ^ np.uint64(k1), x & low
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=-1)
