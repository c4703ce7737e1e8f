"""What a person sees in each cell type: where to look, why it happens, what to try.

The sentences hold no number. Every current, voltage and period in them is filled in from the
phase plane of the parameters in force; where one of them does not exist, because a parameter was
changed, what the phase plane itself has to say takes the sentence's place.
"""

from __future__ import annotations

from collections.abc import Mapping

from izhikevich.analysis.fixed_points import FixedPoint
from izhikevich.analysis.plane import PhasePlane
from izhikevich.errors import ParameterError
from izhikevich.publications import Explanation


def explain(
    plane: PhasePlane,
    explanation: Explanation | None,
    current_before: float,
    current_during: float,
) -> list[str]:
    """Fill in the sentences of a cell type.

    Parameters
    ----------
    plane : PhasePlane
        Of the parameters in force.
    explanation : Explanation or None
        Of the cell type; None where nobody has written one.
    current_before, current_during : float
        The current before and during the stimulus, mV/ms or pA.

    Returns
    -------
    list of str
        Four sentences or pairs of them: where to look, why, what the nullclines do now, what to
        try; without an explanation how the rest is lost, and what the nullclines do now.
    """
    if explanation is None:
        return [plane.bifurcations().reason, _where_it_can_rest(plane, current_during)]
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
    except ParameterError:  # not isolated: there is no one point to speak of
        return []


def _where_it_can_rest(plane: PhasePlane, current: float) -> str:
    """What the nullclines say at the current of the stimulus."""
    amount = f"At I = {current:.4g} {plane.current_unit}"
    try:
        points = plane.fixed_points(current)
    except ParameterError as error:
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
