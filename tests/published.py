"""What was published, typed once more: nothing here is taken from the package.

2003: E. M. Izhikevich, IEEE Trans. Neural Networks 14(6):1569-1572, Fig. 2, and its figure2.m.
2004: E. M. Izhikevich, IEEE Trans. Neural Networks 15(5):1063-1070, Fig. 1, and its figure1.m.
2007: E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press, chapter 8, and ModelDB 39948.

A current is what holds from t = 0 and its changes: (T, I, ">") for the author's ``t > T``,
(T, I, ">=") for his ``t >= T``; a ramp is (from, to, first, last). Spikes are counted under the
published rule and in the exact solution ("runs away": None); those of the second reading
of TC are what `reference.py` gives, and nobody's figure.
"""

# label, panel, (a, b, c, d), v0, u0, current at the start, changes, tstop, dt, spikes
FIGURE_2003 = {
    "regular spiking (RS)": (
        "RS", (0.02, 0.2, -65, 8), -63, -12.6, 0, [(15, 14, ">")], 150, 0.25, (5, 6),
    ),
    "intrinsically bursting (IB)": (
        "IB", (0.02, 0.2, -55, 4), -70, -14, 0, [(15, 11, ">")], 150, 0.25, (7, 7),
    ),
    "chattering (CH)": (
        "CH", (0.02, 0.2, -50, 2), -70, -14, 0, [(15, 10, ">")], 150, 0.25, (15, 17),
    ),
    "fast spiking (FS)": (
        "FS", (0.1, 0.2, -65, 2), -70, -14, 0, [(15, 10, ">")], 150, 0.25, (15, 19),
    ),
    "thalamo-cortical (TC)": (
        "TC", (0.02, 0.25, -65, 0.05), -63, -15.75, 0, [(30, 1.5, ">")], 150, 0.25, (4, 6),
    ),
    "thalamo-cortical burst (TC)": (
        "TC burst", (0.02, 0.25, -65, 0.05), -87, -21.75, -25, [(45, 0, ">")], 150, 0.25, (5, 7),
    ),
    "resonator (RZ)": (
        "RZ", (0.1, 0.26, -65, 2), -70, -18.2,
        -2, [(10, -0.5, ">"), (60, 10, ">"), (65, -0.5, ">=")], 100, 0.25, (2, 2),
    ),
    "low-threshold spiking (LTS)": (
        "LTS", (0.02, 0.25, -65, 2), -63, -15.75, 0, [(25, 10, ">")], 250, 0.25, (18, 20),
    ),
}  # fmt: skip

# the label where it is not the key; two keys keep a historical spelling
LABELS_2004 = {
    "Class 1": "class 1 excitability",
    "Class 2": "class 2 excitability",
    "Depolarizing afterpotential": "depolarizing afterpotential",
    "accomodation": "accommodation",
}
FIGURE_2004 = {
    "tonic spiking": (
        "A", (0.02, 0.2, -65, 6), -70, -14, 0, [(10, 14, ">")], 100, 0.25, (5, 5),
    ),
    "phasic spiking": (
        "B", (0.02, 0.25, -65, 6), -64, -16, 0, [(20, 0.5, ">")], 200, 0.25, (1, 1),
    ),
    "tonic bursting": (
        "C", (0.02, 0.2, -50, 2), -70, -14, 0, [(22, 15, ">")], 220, 0.25, (28, 29),
    ),
    "phasic bursting": (
        "D", (0.02, 0.25, -55, 0.05), -64, -16, 0, [(20, 0.6, ">")], 200, 0.2, (6, 8),
    ),
    "mixed mode": (
        "E", (0.02, 0.2, -55, 4), -70, -14, 0, [(16, 10, ">")], 160, 0.25, (6, 7),
    ),
    "spike frequency adaptation": (
        "F", (0.01, 0.2, -65, 8), -70, -14, 0, [(8.5, 30, ">")], 85, 0.25, (6, 6),
    ),
    "Class 1": (
        "G", (0.02, -0.1, -55, 6), -60, 6, 0, [(30, 300, 0, 20.25)], 300, 0.25, (10, 10),
    ),
    "Class 2": (
        "H", (0.2, 0.26, -65, 0), -64, -16.64, -0.5, [(30, 300, -0.5, 3.55)], 300, 0.25, (14, 18),
    ),
    "spike latency": (
        "I", (0.02, 0.2, -65, 6), -70, -14, 0, [(10, 7.04, ">"), (13, 0, ">=")], 100, 0.2, (1, 1),
    ),
    "subthreshold oscillations": (
        "J", (0.05, 0.26, -60, 0), -62, -16.12, 0, [(20, 2, ">"), (25, 0, ">=")], 200, 0.25, (1, 1),
    ),
    "resonator": (
        "K", (0.1, 0.26, -60, -1), -62, -16.12, 0,
        [
            (40, 0.65, ">"), (44, 0, ">="), (60, 0.65, ">"), (64, 0, ">="),
            (280, 0.65, ">"), (284, 0, ">="), (320, 0.65, ">"), (324, 0, ">="),
        ], 400, 0.25, (1, 1),
    ),
    "integrator": (
        "L", (0.02, -0.1, -55, 6), -60, 6, 0,
        [
            (100 / 11, 9, ">"), (100 / 11 + 2, 0, ">="),
            (100 / 11 + 5, 9, ">"), (100 / 11 + 7, 0, ">="),
            (70, 9, ">"), (72, 0, ">="), (80, 9, ">"), (82, 0, ">="),
        ], 100, 0.25, (1, 1),
    ),
    "rebound spike": (
        "M", (0.03, 0.25, -60, 4), -64, -16, 0, [(20, -15, ">"), (25, 0, ">=")], 200, 0.2, (1, 1),
    ),
    "rebound burst": (
        "N", (0.03, 0.25, -52, 0), -64, -16, 0, [(20, -15, ">"), (25, 0, ">=")], 200, 0.2, (7, 14),
    ),
    "threshold variability": (
        "O", (0.03, 0.25, -60, 4), -64, -16, 0,
        [(10, 1, ">"), (15, 0, ">="), (70, -6, ">"), (75, 0, ">="), (80, 1, ">"), (85, 0, ">=")],
        100, 0.25, (1, 1),
    ),
    "bistability": (
        "P", (0.1, 0.26, -60, 0), -61, -15.86, 0.24,
        [(37.5, 1.24, ">"), (42.5, 0.24, ">="), (216, 1.24, ">"), (221, 0.24, ">=")],
        300, 0.25, (5, 7),
    ),
    "Depolarizing afterpotential": (
        "Q", (1, 0.2, -60, -21), -70, -14, 0, [(9, 20, ">"), (11, 0, ">=")], 50, 0.1, (1, 8),
    ),
    "accomodation": (
        "R", (0.02, 1, -55, 4), -65, -16, 0,
        [(0, 200, 0, 8), (300, 312.5, 0, 4)], 400, 0.5, (1, 1),
    ),
    "inhibition-induced spiking": (
        "S", (-0.02, -1, -60, 8), -63.8, 63.8, 80, [(50, 75, ">="), (250, 80, ">")],
        350, 0.5, (3, 4),
    ),
    "inhibition-induced bursting": (
        "T", (-0.026, -1, -45, -2), -63.8, 63.8, 80, [(50, 75, ">="), (250, 80, ">")],
        350, 0.5, (12, None),
    ),
}  # fmt: skip

# e, f and g where they are not 0.04, 5 and 140; and u' = a b (v + 65), without decay
QUADRATIC_2004 = {"Class 1": (0.04, 4.1, 108), "integrator": (0.04, 4.1, 108)}
WITHOUT_DECAY_2004 = {"accomodation": -65}

# cell, figure, (C in pF, k, vr, vt, vpeak), (a, b, c, d), celltype
CELLS_2007 = {
    "RS": ("layer 5 regular spiking pyramidal cell", "8.12",
        (100, 0.7, -60, -40, 35), (0.03, -2, -50, 100), 1),
    "IB": ("layer 5 intrinsically bursting pyramidal cell", "8.19",
        (150, 1.2, -75, -45, 50), (0.01, 5, -56, 130), 2),
    "CH": ("chattering cell, cat primary visual cortex", "8.23",
        (50, 1.5, -60, -40, 25), (0.03, 1, -40, 150), 3),
    "LTS": ("low-threshold spiking interneuron, rat barrel cortex", "8.25",
        (100, 1, -56, -42, 40), (0.03, 8, -53, 20), 4),
    "FS": ("fast-spiking interneuron, rat visual cortex, layer 5", "8.27",
        (20, 1, -55, -40, 25), (0.2, -2, -45, -55), 5),
    "TC": ("thalamocortical relay cell, cat dorsal LGN", "8.31",
        (200, 1.6, -60, -50, 35), (0.01, 15, -60, 10), 6),
    "TC_vu65": ("thalamocortical relay cell, cat dorsal LGN, U = b (v + 65)", "8.31",
        (200, 1.6, -60, -50, 35), (0.01, 15, -60, 10), 6),
    "RTN": ("reticular thalamic nucleus cell, rat", "8.32",
        (40, 0.25, -65, -45, 0), (0.015, 10, -55, 50), 7),
}  # fmt: skip
# the book's p. 305 is read in two ways: b (v - vr), as in ModelDB 39948, and b (v + 65)
ZERO_OF_U_2007 = {"TC_vu65": -65}
# cell, conditioning (pA, until ms), currents (pA), tstop, spikes published, spikes exact
FIGURES_2007 = {
    "RS": ("RS", None, (60, 70, 85, 100), 520, (2, 3, 5, 7), (2, 3, 5, 7)),
    "IB": ("IB", None, (290, 370, 500, 550), 600, (0, 3, 8, 9), (0, 3, 8, 10)),
    "CH": ("CH", None, (200, 300, 400, 600), 210, (5, 9, 12, 22), (6, 9, 13, 23)),
    "LTS": ("LTS", None, (100, 125, 200, 300), 320, (1, 4, 9, 21), (1, 4, 10, 22)),
    "FS": ("FS", None, (73.2, 100, 200, 400), 100, (2, 4, 8, 13), (2, 5, 8, 16)),
    "TC": ("TC", None, (50, 100, 150), 650, (3, 11, 17), (3, 11, 17)),
    "TC_burst": ("TC", (-1200, 120), (0, 50, 100), 770, (6, 11, 18), (6, 11, 18)),
    "TC_vu65": ("TC_vu65", None, (50, 100, 150), 650, (3, 11, 17), (3, 11, 17)),
    "TC_burst_vu65": ("TC_vu65", (-1200, 120), (0, 50, 100), 770, (4, 9, 16), (4, 9, 16)),
    "RTN": ("RTN", None, (50, 70, 110), 650, (4, 6, 11), (4, 6, 11)),
    "RTN_burst": ("RTN", (-350, 120), (30, 50, 90), 840, (3, 6, 12), (3, 6, 12)),
}


def spike_2007(celltype, p, u):
    """The book's spike, by celltype: peak, and v and u after the reset, from the u before it."""
    peak, v, after = p["vpeak"], p["c"], u + p["d"]
    if celltype == 4:
        peak, v, after = p["vpeak"] - 0.1 * u, p["c"] + 0.04 * u, min(u + p["d"], 670)
    if celltype == 5:
        after = u
    if celltype == 6:
        peak, v = p["vpeak"] + 0.1 * u, p["c"] - 0.1 * u
    return peak, v, after


def recovery_2007(celltype, p, v):
    """The book's U(v), by celltype; `vu` is the voltage in b (v - vu)."""
    if celltype == 5:
        return 0.0 if v < -55 else 0.025 * (v + 55) ** 3
    if celltype == 6:
        return (0 if v > -65 else 15) * (v - p["vu"])
    if celltype == 7:
        return (2 if v > -65 else 10) * (v - p["vu"])
    return p["b"] * (v - p["vu"])
