"""What a person sees in each cell type: where to look, why it happens, what to try.

The sentences hold no number. Every current, voltage and period in them is filled in from the
phase plane of the parameters in force; where one of them does not exist, because a parameter was
changed, what the phase plane itself has to say takes the sentence's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from izhikevich.analysis.phase_plane import FixedPoint, PhasePlane


class Explanation(NamedTuple):
    """The sentences of one cell type, with {facts} still to be filled in.

    Attributes
    ----------
    look : str
        What to look at.
    why : str
        Why it happens, in terms of the nullclines.
    attempt : str
        One thing to try.
    """

    look: str
    why: str
    attempt: str


def explain(
    plane: PhasePlane, explanation: Explanation, current_before: float, current_during: float
) -> list[str]:
    """Fill in the sentences of a cell type.

    Parameters
    ----------
    plane : PhasePlane
        Of the parameters in force.
    explanation : Explanation
        Of the cell type: see `EXPLANATIONS`.
    current_before, current_during : float
        The current before and during the stimulus, mV/ms or pA.

    Returns
    -------
    list of str
        Four sentences or pairs of them: where to look, why, what the nullclines do now, what to
        try.
    """
    facts = _facts(plane, current_before, current_during)
    sentences = [_filled(text, facts) for text in explanation]
    look, why, attempt = (text or plane.bifurcations().reason for text in sentences)
    now = _where_it_can_rest(plane, current_during)
    return [look, why, now, f"Try: {attempt}" if sentences[2] else attempt]


def _filled(text: str, facts: Mapping[str, str]) -> str | None:
    """The text with its facts; None where one does not exist."""
    try:
        return text.format_map(facts)
    except KeyError:
        return None


def _facts(plane: PhasePlane, before: float, during: float) -> dict[str, str]:
    """Every number that a text may ask for, with its unit."""
    unit = plane.current_unit
    facts = {"before": f"{before:.4g} {unit}", "during": f"{during:.4g} {unit}"}
    found = plane.bifurcations()
    if found.hopf is not None:
        facts["hopf"] = f"{found.hopf.current:.4g} {unit}"
        facts["ringing"] = f"{found.hopf.period:.3g} ms"
    if found.saddle_node is not None:
        facts["saddle_node"] = f"{found.saddle_node.current:.4g} {unit}"
    for name, current in (("", before), ("_during", during)):
        points = _fixed_points(plane, current)
        for point in points:
            if point.stable:
                facts[f"rest{name}"] = f"{point.v:.3g} mV"
            elif point.kind == "saddle":
                facts[f"saddle{name}"] = f"{point.v:.3g} mV"
        if any(point.kind == "stable focus" for point in points):
            period = plane.subthreshold_period(current)
            if period is not None:
                facts[f"period{name}"] = f"{period:.3g} ms"
    return facts


def _fixed_points(plane: PhasePlane, current: float) -> list[FixedPoint]:
    try:
        return plane.fixed_points(current)
    except ValueError:  # not isolated: there is no one point to speak of
        return []


def _where_it_can_rest(plane: PhasePlane, current: float) -> str:
    """What the nullclines say at the current of the stimulus."""
    amount = f"At I = {current:.4g} {plane.current_unit}"
    try:
        points = plane.fixed_points(current)
    except ValueError as error:
        return f"{amount} {error}."
    if not points:
        fold = plane.bifurcations().saddle_node
        parted = "do not meet" if fold is None else f"parted at {fold.current:.4g}"
        return f"{amount} there is no rest: the nullclines {parted}."
    stable = [f"{p.v:.3g} mV ({p.kind})" for p in points if p.stable]
    if stable:
        return f"{amount} the cell can rest at {' or '.join(stable)}."
    return (
        f"{amount} no fixed point is stable: "
        + ", ".join(f"{p.kind} at {p.v:.3g} mV" for p in points)
        + "."
    )


_TONIC = (
    "The current lifts the v-nullcline off the u-nullcline (they part at {saddle_node}): "
    "nothing holds the cell, and it must fire."
)

EXPLANATIONS: Mapping[tuple[str, str], Explanation] = {
    ("2003", "regular spiking (RS)"): Explanation(
        "The first interval is short, the later ones are long: the rate adapts.",
        "No rest is left above {saddle_node}, so it fires; each spike adds d to u, which has to "
        "decay before the next.",
        "make d smaller: u recovers sooner, and the rate rises.",
    ),
    ("2003", "intrinsically bursting (IB)"): Explanation(
        "A burst at the onset, then single spikes.",
        "A high reset c lands the first spikes outside of the parabola, so they follow at once, "
        "until u has grown by several d and they land inside.",
        "lower c, and the first spikes move apart.",
    ),
    ("2003", "chattering (CH)"): Explanation(
        "Bursts of close spikes, again and again.",
        "The reset c lies far to the right of the knee and d is small: several resets pass before "
        "u is so high that the cell has to go round the left side of the parabola.",
        "raise d, and the bursts get shorter.",
    ),
    ("2003", "fast spiking (FS)"): Explanation(
        "A high rate, steady after a few spikes.",
        "A large a lets u recover within an interval: no spike remembers the one before.",
        "lower a, and the rate adapts more and for longer.",
    ),
    ("2003", "thalamo-cortical (TC)"): Explanation(
        "A weak current from rest: tonic firing.",
        "The rest at {rest} is lost at {hopf}; a tiny d hardly delays the next spike.",
        "a strong negative I0 that ends at T1: the burst of the next type.",
    ),
    ("2003", "thalamo-cortical burst (TC)"): Explanation(
        "The end of inhibition, not a stimulus, sets off a burst.",
        "At {before} the rest is at {rest} with a low u. When the inhibition ends, u is still "
        "low: the cell is far below the v-nullcline and is swept to the right.",
        "make the inhibition weaker (I0), and the burst gets shorter.",
    ),
    ("2003", "resonator (RZ)"): Explanation(
        "The voltage rings after each step before it rests, or fires.",
        "The rest at {rest} is a focus (period {period}), lost by an Andronov-Hopf "
        "bifurcation at {hopf}.",
        "lower b until the focus becomes a node: the ringing is gone.",
    ),
    ("2003", "low-threshold spiking (LTS)"): Explanation(
        "A high rate that adapts, from a cell that fires easily.",
        "A large b brings the nullclines close together: {hopf} is enough to take the rest away.",
        "lower b, and the threshold rises.",
    ),
    ("2004", "tonic spiking"): Explanation(
        "It fires as long as the current lasts.",
        _TONIC,
        "lower the current (I1) to just below {saddle_node}: does it still fire?",
    ),
    ("2004", "phasic spiking"): Explanation(
        "One spike at the onset, then rest although the current goes on.",
        "The rest moves at once, u follows slowly. A step leaves the cell below the v-nullcline "
        "although the new rest at {rest_during} is stable: {during} is less than {hopf}.",
        "raise I1 above {hopf}: the spikes go on.",
    ),
    ("2004", "tonic bursting"): Explanation(
        "Bursts for as long as the current lasts.",
        "The reset lands to the right of the parabola's knee: spike follows spike, and each "
        "lifts u by d, until a reset lands inside and the cell goes the long way round.",
        "lower c step by step: where does bursting turn into tonic spiking?",
    ),
    ("2004", "phasic bursting"): Explanation(
        "One burst at the onset, then rest.",
        "As in phasic spiking the rest at {rest_during} stays stable; the high reset and the "
        "tiny d give several spikes before u catches up.",
        "raise d: the burst becomes one spike.",
    ),
    ("2004", "mixed mode"): Explanation(
        "A burst first, single spikes after it.",
        "At the onset u is low and the resets land outside of the parabola; after a few d "
        "they land inside, and each spike takes a whole round.",
        "lower c for tonic spiking, raise it for tonic bursting.",
    ),
    ("2004", "spike frequency adaptation"): Explanation(
        "The intervals grow.",
        "A small a: u decays so slowly that each spike's d adds to what the last one left.",
        "raise a, and the intervals become equal.",
    ),
    ("2004", "Class 1"): Explanation(
        "The ramp makes the rate rise smoothly from near zero.",
        "Rest and saddle meet and vanish at {saddle_node} without ringing first. Just above, "
        "the trajectory lingers where they were, for as long as you like.",
        "a constant I0 = I1 just above {saddle_node}, with a long tstop.",
    ),
    ("2004", "Class 2"): Explanation(
        "Nothing, and then a high rate at once.",
        "The rest, a focus, loses its stability at {hopf}, before it meets the saddle at "
        "{saddle_node}: firing begins at a definite rate.",
        "a constant I0 = I1 around {hopf}: is there a slow rate at any current?",
    ),
    ("2004", "spike latency"): Explanation(
        "The pulse is long over when the spike comes.",
        "The pulse carries the cell almost onto the saddle at {saddle}, where everything is slow.",
        "the exact scheme: near a saddle a small difference becomes a long time.",
    ),
    ("2004", "subthreshold oscillations"): Explanation(
        "After the spike the voltage rings.",
        "The rest at {rest} is a focus: the trajectory spirals into it with a period of {period}.",
        "lower b until the period is gone: the focus becomes a node.",
    ),
    ("2004", "resonator"): Explanation(
        "Of two equal pairs of pulses only one makes it fire.",
        "Each pulse sets off ringing about the rest at {rest}, of period {period}. A second one "
        "helps only if it comes in step.",
        "change T1 and other times of pulses by a script: see where a pair works.",
    ),
    ("2004", "integrator"): Explanation(
        "Only the close pair of pulses makes it fire.",
        "The rest at {rest} is a node: between the pulses the voltage just falls back, so the "
        "sooner the second comes, the better.",
        "a constant I0 = I1 just above {saddle_node}: it fires slowly, as a class 1 cell does.",
    ),
    ("2004", "rebound spike"): Explanation(
        "It fires after inhibition has ended.",
        "Inhibition moves the rest to {rest_during} and lets u fall; released, the cell lies below "
        "the v-nullcline and is swept up.",
        "make the inhibition weaker or shorter by hand (I0, I1, T1).",
    ),
    ("2004", "rebound burst"): Explanation(
        "A burst after inhibition.",
        "As in the rebound spike; with d of nothing and a high c the resets land right of the "
        "knee until u itself has risen.",
        "raise d: the burst becomes a spike.",
    ),
    ("2004", "threshold variability"): Explanation(
        "The same pulse fails alone and fires the cell after inhibition.",
        "There is no fixed threshold: inhibition lets u fall, and a lower u needs less v.",
        "the phase plane: find the trajectory of either pulse, and compare their u.",
    ),
    ("2004", "bistability"): Explanation(
        "A pulse switches firing on; a second one, well timed, switches it off.",
        "At {before} a stable rest at {rest} and repeated firing exist side by side. In the "
        "published rule the second pulse throws the cell back to the rest.",
        "the exact scheme: the same pulse no longer switches it off.",
    ),
    ("2004", "Depolarizing afterpotential"): Explanation(
        "A hump follows the spike instead of a dip.",
        "A negative d makes u fall at the reset, to below the v-nullcline; a large a brings it "
        "back before the next spike, in steps of the published size.",
        "the exact scheme: the hump grows into repeated firing.",
    ),
    ("2004", "accomodation"): Explanation(
        "A slow ramp does nothing, a steep one to half its height makes it fire.",
        "The u-nullcline stands upright: the rest is {rest} at any current. A slow ramp "
        "gives u the time to follow it.",
        "lower a: u follows less quickly, and the slow ramp fires the cell, too.",
    ),
    ("2004", "inhibition-induced spiking"): Explanation(
        "It fires during inhibition and is silent without.",
        "With a negative a the rest at {rest} is stable only above {hopf}; {during} is below.",
        "a current by hand just above and just below {hopf}.",
    ),
    ("2004", "inhibition-induced bursting"): Explanation(
        "It bursts during inhibition.",
        "As in inhibition-induced spiking, {during} is below {hopf}; a negative d and a high c "
        "make bursts of it, which only the steps of the published rule end.",
        "the exact scheme: u runs away, and the status line says when.",
    ),
    ("2007", "RS"): Explanation(
        "Intervals grow little after the first.",
        "Saddle-node at {saddle_node}: a class 1 integrator. The large d keeps the rate low.",
        "currents just above {saddle_node}: the rate falls without bound.",
    ),
    ("2007", "IB"): Explanation(
        "A doublet or burst at the onset, then single spikes.",
        "The reset c lies near the knee: with a low u it lands outside, later inside.",
        "a current just above {hopf}.",
    ),
    ("2007", "CH"): Explanation(
        "Bursts of close spikes.",
        "The reset c lies to the right of the knee: a reset lands outside until u has grown.",
        "lower c: tonic spiking.",
    ),
    ("2007", "LTS"): Explanation(
        "The peaks get lower and the resets higher during the train.",
        "Peak and reset depend on u here, so that the spike changes its shape as u grows.",
        "a current just below {hopf}: does the firing last?",
    ),
    ("2007", "FS"): Explanation(
        "A high rate, reached at once.",
        "U(v) is flat, then a steep cubic: there is no saddle-node at all, the rest is lost "
        "at {hopf}.",
        "currents around {hopf}: the cell cannot fire slowly.",
    ),
    ("2007", "TC"): Explanation(
        "Tonic firing from rest.",
        "Above the corner of U(v) u hardly moves: the cell fires like an integrator from "
        "{saddle_node} on.",
        "the burst mode: the same cell after inhibition.",
    ),
    ("2007", "TC_burst"): Explanation(
        "A burst when inhibition ends, the first spikes the smallest.",
        "At {before} it rests at {rest}, where U(v) is steep and u deeply negative; released, "
        "it fires until u is back.",
        "weaken the inhibition (I0, T1): from where on is there no burst?",
    ),
    ("2007", "RTN"): Explanation(
        "A short first interval, then a steady rate.",
        "U(v) has a corner: above it the rest is lost at {hopf}, just before {saddle_node}.",
        "a current just below {hopf}.",
    ),
    ("2007", "RTN_burst"): Explanation(
        "A burst when inhibition ends, then a slow rate.",
        "At {before} u has fallen far below the other branch of U(v); it takes the burst to "
        "bring it back.",
        "weaken the inhibition (I0, T1).",
    ),
}
