"""Write docs/fidelity.md: what is reproduced, how far, and why some types depend on how it is run.

    python docs/make_fidelity.py

Every number on the page is measured here; a test compares the page with what this gives now.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import izhikevich
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import CATALOG, CellType
from izhikevich.experiments.comparison import Comparison, Difference, compare
from izhikevich.experiments.comparison_tables import published_equality
from izhikevich.experiments.current_in_words import current_text
from izhikevich.experiments.runaways import ran_away_at, simulate_until_runaway
from izhikevich.recording import Recording
from izhikevich.waveforms import Step, Waveform

PAGE = Path(__file__).resolve().parent / "fidelity.md"
DIVISORS = (1, 2, 4, 8, 16, 32)
BISTABLE, AFTERPOTENTIAL = "bistability", "Depolarizing afterpotential"
SPIKING, BURSTING = "inhibition-induced spiking", "inhibition-induced bursting"
# the two readings of TC, in tonic and in burst mode
TONIC, BURST = ("TC", "TC_vu65"), ("TC_burst", "TC_burst_vu65")
# how long the burst mode is looked at after the inhibition, ms
WINDOW = 530


def text() -> str:
    """The page, measured now."""
    results = [
        compare(entry.paper, entry.key, current)
        for types in CATALOG.values()
        for entry in types.values()
        for current in entry.currents
    ]
    parts = [_OPENING.format(equality=published_equality(results))]
    for paper in CATALOG:
        rows = [_row(r) for r in results if r.cell_type.paper == paper]
        has_several = any(entry.amplitudes for entry in CATALOG[paper].values())
        columns = [n for n, name in enumerate(_COLUMNS) if name != "current" or has_several]
        shown = [[cells[n] for n in columns] for cells in (_COLUMNS, *rows)]
        parts.append(f"## {paper}\n\n{_table(shown[0], shown[1:])}\n")
    facts = {**_bistability(), **_afterpotential(), **_spiking(), **_bursting()}
    parts.append(_WHY.format(halving=_halving(), **facts))
    parts.append(
        _READINGS.format(window=WINDOW, bursts=_bursts(), lowest=_lowest_of_tonic_firing())
    )
    return "\n".join(parts)


# --- the tables ---

_COLUMNS = (
    "type", "current", "published: spikes", "Sec as PP", "exact: spikes", "Sec as PP",
    "largest (ms)", "mean (ms)", "coincidence", "parted at (ms)",
)  # fmt: skip


def _row(result: Comparison) -> list[str]:
    """One trace: PP against Sec in either scheme, then published against exact of PP."""
    published = result.difference(("PP", "published"), ("Sec", "published"))
    exact = result.difference(("PP", "exact"), ("Sec", "exact"))
    schemes = result.difference(("PP", "published"), ("PP", "exact"))
    return [
        result.cell_type.title,
        current_text(result.recording),
        _counts(published),
        _same(published),
        _counts(exact) or f"runs away at {ran_away_at(result.runs['PP', 'exact']):.1f} ms",
        _same(exact),
        *(
            "" if value is None else format(value, form)
            for value, form in (
                (schemes.largest, ".3f"),
                (schemes.mean, ".3f"),
                (schemes.coincidence, ".3f"),
                (schemes.parted_at, ".2f"),
            )
        ),
    ]


def _counts(difference: Difference) -> str:
    """Spikes of PP and Sec: one number where they agree."""
    return " / ".join(dict.fromkeys(str(n) for n in difference.counts if n is not None))


def _same(difference: Difference) -> str:
    if difference.reason:
        return ""
    return "same" if difference.same else f"from {difference.parted_at:.2f} ms on not"


def _halving() -> str:
    """Spikes under the published rule at ever smaller steps, and in the exact solution."""
    rows = []
    for key in (BISTABLE, AFTERPOTENTIAL, SPIKING, BURSTING):
        entry = CATALOG["2004"][key]
        runs = [
            izhikevich.simulate("2004", key, scheme="fixed", dt=entry.dt / divisor)
            for divisor in DIVISORS
        ]
        exact = simulate_until_runaway("2004", key, scheme="exact")
        last = "runs away" if ran_away_at(exact) is not None else str(len(exact.spikes))
        rows.append(
            [
                f"{entry.panel} {entry.label}",
                f"{entry.dt:g} ms",
                *(str(len(run.spikes)) for run in runs),
                last,
            ]
        )
    columns = ["dt" if n == 1 else f"dt/{n}" for n in DIVISORS]
    return _table(["type", "published dt", *columns, "exact"], rows)


def _bursts() -> str:
    """Spikes of TC after inhibition, in either reading, from either start."""
    rows = []
    for key in BURST:
        entry = CATALOG["2007"][key]
        assert entry.conditioning is not None
        inhibition, end = entry.conditioning
        rest = for_cell_type(entry).fixed_points(inhibition)[0]
        start = {"v0": rest.v, "u0": rest.u}
        from_rest = [
            izhikevich.simulate(
                "2007", key, current=Waveform(amplitude), parameters=start, tstop=WINDOW
            )
            for amplitude in entry.amplitudes
        ]
        in_time = [
            izhikevich.simulate("2007", key, current=amplitude, tstop=end + WINDOW)
            for amplitude in entry.amplitudes
        ]
        for released, runs in (
            (f"from rest at {inhibition:g} pA", from_rest),
            (f"after {end:g} ms at {inhibition:g} pA", in_time),
        ):
            rows.append([entry.title, released, *(str(len(run.spikes)) for run in runs)])
    amplitudes = [f"{amplitude:g} pA" for amplitude in CATALOG["2007"][BURST[0]].amplitudes]
    return _table(["type", "released", *amplitudes], rows)


def _lowest_of_tonic_firing() -> str:
    """The lowest voltage (mV) of tonic firing, in which both readings give the same traces."""
    lowest = 0.0
    for current in CATALOG["2007"][TONIC[0]].currents:
        one, other = (izhikevich.simulate("2007", key, current=current) for key in TONIC)
        assert np.array_equal(one.v, other.v), "the readings differ"
        lowest = min(lowest, float(one.v.min()))
    return f"{lowest:.1f}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


# --- what the explanations quote ---


def _type(key: str) -> CellType:
    return CATALOG["2004"][key]


def _both(key: str) -> tuple[Recording, Recording]:
    return izhikevich.simulate("2004", key), simulate_until_runaway("2004", key, scheme="exact")


def _bistability() -> dict[str, str]:
    """When the second pulse switches firing off, and where the published one falls."""
    _, _, on, _ = _type(BISTABLE).default_current.steps
    facts = {"p_on": f"{on.time:g}"}
    for name, scheme, run in zip("pe", ("published", "exact"), _both(BISTABLE), strict=True):
        before = run.spikes[run.spikes < on.time]
        facts[f"p_interval_{name}"] = f"{before[-1] - before[-2]:.2f}"
        facts[f"p_after_{name}"] = f"{on.time - before[-1]:.2f}"
        off = [time for time in range(195, 243) if _switches_off(time, scheme)]
        facts[f"p_off_{name}"] = f"{off[0]} to {off[-1]}"
        assert off == list(range(off[0], off[-1] + 1)), "not one window"
        last = [run.spikes[run.spikes < time][-1] for time in (off[0], off[-1])]
        facts[f"p_window_{name}"] = f"{off[0] - last[0]:.1f} to {off[-1] - last[1]:.1f}"
    return facts


def _switches_off(second_pulse: float, scheme: str) -> bool:
    """Whether firing ends when the figure's second pulse starts at another time, ms."""
    first_on, first_off, on, off = _type(BISTABLE).default_current.steps
    moved = (
        Step(second_pulse, on.amplitude, on.inclusive),
        Step(second_pulse + off.time - on.time, off.amplitude, off.inclusive),
    )
    current = Waveform(_type(BISTABLE).default_current.initial, (first_on, first_off, *moved))
    run = izhikevich.simulate("2004", BISTABLE, scheme=scheme, current=current, tstop=400)
    return bool(run.spikes[-1] < 320)


def _afterpotential() -> dict[str, str]:
    """Where the first reset leads to, and from where on the exact solution fires again."""
    published, exact = _both(AFTERPOTENTIAL)
    entry = _type(AFTERPOTENTIAL)
    fires, rests = -40.0, -14.0
    while fires - rests < -0.005:
        u0 = 0.5 * (fires + rests)
        start = {"v0": entry.parameters["c"], "u0": u0}
        run = izhikevich.simulate(
            "2004", AFTERPOTENTIAL, scheme="exact", current=0, parameters=start, tstop=50
        )
        fires, rests = (u0, rests) if len(run.spikes) else (fires, u0)
    long = izhikevich.simulate("2004", AFTERPOTENTIAL, scheme="exact", tstop=500)
    return {
        "q_u_p": f"{_u_after_spikes(published)[0]:.2f}",
        "q_u_e": f"{_u_after_spikes(exact)[0]:.2f}",
        "q_t_p": f"{published.spikes[0]:.2f}",
        "q_t_e": f"{exact.spikes[0]:.2f}",
        "q_threshold": f"{fires:.2f}",
        "q_n_long": str(len(long.spikes)),
        "q_interval": f"{long.intervals[-1]:.2f}",
    }


def _spiking() -> dict[str, str]:
    """Intervals, and when the spike comes that the published rule has not."""
    published, exact = _both(SPIKING)
    end = _type(SPIKING).default_current.steps[-1].time
    return {
        "s_end": f"{end:g}",
        "s_interval_p": f"{published.intervals[0]:.1f}",
        "s_interval_e": f"{exact.intervals[0]:.1f}",
        "s_u_p": f"{_u_after_spikes(published)[0]:.2f}",
        "s_u_e": f"{_u_after_spikes(exact)[0]:.2f}",
        "s_v_p": f"{_highest_before_cut(published):.0f}",
        "s_last": f"{exact.spikes[-1]:.1f}",
        "s_late": f"{exact.spikes[-1] - end:.1f}",
    }


def _bursting() -> dict[str, str]:
    """What u does from spike to spike: up in the published burst, down in the exact one."""
    published, exact = _both(BURSTING)
    n = int(np.argmax(published.intervals > 20)) + 1
    u_published, u_exact = _u_after_spikes(published)[:n], _u_after_spikes(exact)
    end = ran_away_at(exact)
    assert end is not None
    late = exact.spikes > end - 20
    growth = np.polyfit(exact.spikes[late], np.log(-u_exact[late]), 1)[0]
    a, c, peak, d = (_type(BURSTING).parameters[name] for name in ("a", "c", "thresh", "d"))
    return {
        "t_n": str(n),
        "t_u_p": ", ".join(f"{u:.1f}" for u in u_published),
        "t_u_e": ", ".join(f"{u:.1f}" for u in u_exact[:n]),
        "t_interval_p": " to ".join(f"{x:g}" for x in published.intervals[[0, n - 2]]),
        "t_interval_e": " to ".join(f"{x:.2f}" for x in exact.intervals[[0, n - 2]]),
        "t_v_p": f"{_highest_before_cut(published):.0f}",
        "t_end": f"{end:.1f}",
        "t_u_end": f"{u_exact[-1]:.0f}",
        "t_n_exact": str(len(exact.spikes)),
        "t_growth": f"{growth:.3f}",
        "t_growth_expected": f"{-d / (peak - c) - a:.3f}",
    }


def _u_after_spikes(recording: Recording) -> np.ndarray:
    """The recovery variable just after each reset."""
    at = recording.spike_samples()
    return recording.u[at if recording.dt is not None else at + 1]


def _highest_before_cut(recording: Recording) -> float:
    """The highest v that a step has led to before it was cut to the peak, mV.

    The recording shows the peak; u was stepped with the v itself, which follows from it.
    """
    at = recording.spike_samples()
    a, b, d = (recording.parameters[name] for name in "abd")
    before = recording.u[at - 1]
    change = recording.u[at] - d - before
    return float(np.max((change / (recording.dt * a) + before) / b))


# --- the words ---

_OPENING = """# How far the figures are reproduced

This page is made by `python docs/make_fidelity.py`. Its numbers are those of `izh compare --all`,
which runs every trace of the figures in four ways: as a point process (PP) and in a section
(Sec), by the published update rule at the published step and in the exact solution (NEURON's
variable step, spikes located to 0.001 ms).

**{equality}.**
Two published trains are the same when each spike falls on the same step; two exact ones when they
agree to 0.001 ms.

In the tables a count that stands alone holds for PP and Sec. *Largest*, *mean*, *coincidence* and
*parted at* compare the published rule with the exact solution, both as PP: the largest and mean
distance of the n-th spike of one from the n-th of the other, the coincidence factor (within 1 ms:
1 if all spikes coincide, 0 if no more than by chance), and the first spike that is more than 1 ms
from its counterpart or has none.

The published rule advances v by a forward step of 0.1 to 0.5 ms, which is coarse beside the
upstroke of a spike: it makes most spikes late, so that fewer of them fit in a figure. What a type
*does* stays the same, but for four of 2004: P, Q, S and T (see below the tables).
"""

_WHY = """## Why P, Q, S and T depend on the scheme

Spikes under the published rule at ever smaller steps (`--scheme fixed --dt ...`), up to the exact
solution:

{halving}

In all four the smaller step leads to the exact solution: the figure is a property of the
published step. Two errors of that step matter. Near the peak v grows faster than a forward step
follows, so spikes come late; and the step in which v passes 30 mV carries it far beyond, before
it is cut, while u is stepped with that v. Both give u another value at the reset.

### P, bistability: the pulse that should switch firing off comes at another phase

Rest and firing exist side by side in both schemes, and in both a second pulse can switch firing
off; but only if it starts at the right time after a spike. Moved in steps of 1 ms, it does so at
{p_off_p} ms under the published rule ({p_window_p} ms after a spike) and at {p_off_e} ms in the
exact solution ({p_window_e} ms after a spike). The interval between spikes is {p_interval_p} ms
in one and {p_interval_e} ms in the other; four intervals on, the figure's pulse at {p_on} ms
comes {p_after_p} ms after a spike under the published rule, but {p_after_e} ms after one in the
exact solution: too late, and firing goes on to the end. So the exact cell is bistable, too, but
the figure's own pulse does not show it.

### Q, depolarizing afterpotential: the hump is just below or just above the threshold

At the spike d = -21 throws u far down, and with a = 1 it is back within a few ms; meanwhile v
rises from the reset. With the exact equations, from v = -60 mV and without current, the cell
fires again if u starts below {q_threshold}. The published rule, whose first spike comes at
{q_t_p} ms instead of {q_t_e} ms, leaves u at {q_u_p}: a hump, the afterpotential. The exact
solution leaves it at {q_u_e}: another spike, whose reset leads below again. It goes on:
{q_n_long} spikes in 500 ms, the last {q_interval} ms apart.

### S, inhibition-induced spiking: shorter intervals leave room for one more spike

The published rule carries v to as much as {s_v_p} mV before it is cut. With a and b negative that
lifts u: after the first reset it is {s_u_p}, in the exact solution {s_u_e}. A higher u takes
longer to come down, so the intervals are {s_interval_p} ms instead of {s_interval_e} ms. In the
exact solution three spikes are over so early that a fourth is on its way when the inhibition ends
at {s_end} ms; it comes {s_late} ms later, at {s_last} ms.

### T, inhibition-induced bursting: only the errors of the step end the burst

With a and b negative u' = 0.026 (u + v): u grows while u > -v, and falls without bound below.
Each spike takes 2 from u (d = -2); each interval gives some back. Just after the resets of the
first {t_n} spikes u is

* published: {t_u_p} (intervals {t_interval_p} ms),
* exact: {t_u_e} (intervals {t_interval_e} ms).

Under the published rule late spikes, and a v of up to {t_v_p} mV before it is cut, give back more
than 2 each time: u climbs, the intervals grow, and the burst ends. In the exact solution they
give back less: u sinks, the intervals shrink, so there is ever less time to recover. In the end v
takes (30 + 45)/|u| ms from reset to peak, and |u| should grow by the factor
e^({t_growth_expected} t); measured over the last 20 ms the exponent is {t_growth} per ms. The run
is ended at {t_end} ms, after {t_n_exact} spikes, with u = {t_u_end}, where an interval falls
under 0.02 ms. The equations themselves have no burst of a few spikes at these parameters and this
current.
"""

_READINGS = """## TC in two readings

The equation of u of the thalamocortical cell (p. 305 of the book) is read in two ways.
ModelDB 39948 has U(v) = b (v - vr) with vr = -60 mV, which jumps from -75 to 0 pA where b changes,
at -65 mV; others read b (v + 65), which is continuous there. Both are in the catalogue, and neither
is *the* published one: *TC* and *TC burst* are ModelDB's, *TC vu65* and *TC burst vu65* the other.
(*Published* is the name of a scheme, the author's update rule, and both can be run by it.)

Tonic firing does not tell them apart. Its v does not fall below {lowest} mV, so that U is 0 all
along: the traces are the same to the last digit. The burst after inhibition does. Spikes within
{window} ms after the release, under the published rule at 0.25 ms:

{bursts}

The printed figure (Fig. 8.31) shows 6, 9 and 16 spikes. The nearest are the other reading from rest
and ModelDB's after 120 ms, the protocol of the figures here: either has one spike more at 50 pA.
"""


def main() -> None:
    """Write the page."""
    # NEURON opens the display at import otherwise
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
