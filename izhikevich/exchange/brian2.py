"""Cells as scripts for Brian 2, whose statements do what the published rule does, in its order."""

from __future__ import annotations

import math

from izhikevich.choice import Choice
from izhikevich.exchange.scripts import script
from izhikevich.models import BOOK, QUADRATIC
from izhikevich.models.book import Rule

_REMARK = (
    "The statements are those of the published rule, in its order, so that the spikes are the "
    "published ones; Brian 2 stamps each with the beginning of its step, to which a step is added. "
    "Of the book's FS cell under 400 pA the spikes hang on the last bit, and part after some time."
)
_BODY = """
b2.prefs.codegen.target = "numpy"  # for one cell, compiling takes longer than running
b2.defaultclock.dt = STEP * b2.ms
cell = b2.NeuronGroup(
    1,
    "v : 1\\nu : 1",
    threshold="{peak}",
    reset=\"\"\"{reset}\"\"\",
    namespace={{
        "current": b2.TimedArray(current, STEP * b2.ms),
{parameters}
    }},
)
cell.run_regularly(
    \"\"\"
{statements}
    \"\"\",
    when="groups",
)
cell.v, cell.u = {v0!r}, {u0!r}
monitor = b2.SpikeMonitor(cell)
b2.run(STEPS * STEP * b2.ms)
spikes = np.array(monitor.t / b2.ms) + STEP
"""
#: "e" is Euler's number there.
_RENAMED = {"e": "square", "f": "linear", "g": "constant"}
_QUADRATIC = """\
    v += (square*v**2 + linear*v + constant - u + current(t))*dt/ms
    u += a*(b*(v - vu) - uleak*u)*dt/ms"""
_BOOK = """\
    v_new = v + (k*(v - vr)*(v - vt) - u + current(t))*dt/(100*C*ms)
    u += a*({followed} - u)*dt/ms
    v = v_new"""


def files_of(choice: Choice) -> dict[str, str]:
    """Say a cell and its current as a script for Brian 2.

    Parameters
    ----------
    choice : Choice

    Returns
    -------
    dict of str to str
        The text by the name of the file.
    """
    values = choice.parameters
    if choice.model == QUADRATIC:
        peak, reset, statements = "v > thresh", "v = c\nu += d", _QUADRATIC
    else:
        rule = BOOK.rule(values)
        peak, reset = _spike(rule)
        statements = _BOOK.format(followed=_followed(rule))
    shown = {
        _RENAMED.get(name, name): value
        for name, value in choice.model_parameters.items()
        if name != "celltype"
    }
    body = _BODY.format(
        peak=peak,
        reset=reset,
        statements=statements,
        parameters="\n".join(f'        "{name}": {value!r},' for name, value in shown.items()),
        v0=values["v0"],
        u0=values["u0"],
    )
    return script(choice, "Brian 2", _REMARK, "import brian2 as b2", body)


def _followed(rule: Rule) -> str:
    """What u follows: the branch is chosen by the new v, the value is that of the old one."""
    if rule.cubic:
        return f"int(v_new >= d)*{rule.cubic!r}*(v - d)**3"
    if rule.edge is None:
        return "b*(v - vu)"
    edge = f"{rule.edge!r}"
    upper = f" + int(v_new > {edge})*{rule.upper_b!r}" if rule.upper_b else ""
    return f"(int(v_new <= {edge})*b{upper})*(v - vu)"


def _spike(rule: Rule) -> tuple[str, str]:
    """Where a spike is, and what it does."""
    peak = f"v > vpeak + {rule.peak_slope!r}*u" if rule.peak_slope else "v > vpeak"
    reset = f"v = c + {rule.reset_slope!r}*u" if rule.reset_slope else "v = c"
    if rule.cubic:
        return peak, reset
    if math.isinf(rule.largest_u):
        return peak, f"{reset}\nu += d"
    return peak, f"{reset}\nu = clip(u + d, -1e300, {rule.largest_u!r})"
