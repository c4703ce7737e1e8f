"""What scripts for other simulators have in common: their head, and the current of each step."""

from __future__ import annotations

import textwrap

import numpy as np

from izhikevich.choice import Choice
from izhikevich.errors import ParameterError
from izhikevich.exchange.neuroml import identity_of
from izhikevich.models import QUADRATIC

__all__ = ["plain_quadratic", "script"]

_HEAD = '''\
"""{title}

{remark}
"""

import numpy as np

{imports}

STEP, STEPS = {dt!r}, {steps}  # ms, and how many there are
# the current from each of these steps on, {unit}: first step, value, change with each step
PIECES = [
{pieces}
]
ends = [first for first, _, _ in PIECES[1:]] + [STEPS]
current = np.concatenate(
    [value + change * np.arange(end - first) for (first, value, change), end in zip(PIECES, ends)]
)
'''
_TAIL = """
print(len(spikes), "spikes (ms):", *np.round(spikes, 6))
"""


def script(choice: Choice, simulator: str, remark: str, imports: str, body: str) -> dict[str, str]:
    """A script that runs a cell under its current and prints its spikes.

    Parameters
    ----------
    choice : Choice
        Under the published rule, or the fixed one.
    simulator : str
        For people.
    remark : str
        What differs there.
    imports : str
        Lines of import.
    body : str
        What makes `spikes` (ms) of `current`, an array with a value for each step.

    Returns
    -------
    dict of str to str
        The text by the name of the file.
    """
    entry = choice.cell_type
    stepped = choice if choice.dt is not None else choice.but(scheme="published")
    dt, steps = stepped.dt, stepped.n_steps
    assert dt is not None
    head = _HEAD.format(
        title=f"{entry.label} ({entry.paper} {entry.place}) in {simulator}",
        remark=textwrap.fill(remark, 96),
        imports=imports,
        dt=dt,
        steps=steps,
        unit=choice.model.current_unit,
        pieces="\n".join(
            f"    {piece!r}," for piece in _pieces(choice.waveform.sampled(dt, steps))
        ),
    )
    named = f"{identity_of(entry.key)}_{simulator.lower().replace(' ', '')}.py"
    return {named: f"{head}\n{body.strip()}\n{_TAIL}"}


def _pieces(current: np.ndarray) -> list[tuple[int, float, float]]:
    """Constants and ramps whose samples these are: first step, value, change with each step."""
    found: list[tuple[int, float, float]] = []
    first = 0
    while first < len(current):
        change = current[first + 1] - current[first] if first + 1 < len(current) else 0.0
        end = first + 1
        while end < len(current) and np.isclose(
            current[end], current[first] + change * (end - first), rtol=1e-12, atol=1e-12
        ):
            end += 1
        if end == first + 2 and change:  # two samples are no ramp
            end, change = first + 1, 0.0
        found.append((first, float(current[first]), float(change)))
        first = end
    return found


def plain_quadratic(choice: Choice, simulator: str) -> dict[str, float]:
    """The parameters of a cell that is 0.04 v^2 + 5 v + 140, with a u that decays to b v.

    Raises
    ------
    ParameterError
        If it is another.
    """
    values = choice.parameters
    if choice.model != QUADRATIC:
        raise ParameterError(
            f"{simulator} has no cell of the book's model; 'izh convert {choice.key}' may have the "
            "same cell in the other form"
        )
    common = {"e": 0.04, "f": 5.0, "g": 140.0, "vu": 0.0, "uleak": 1.0}
    for name, value in common.items():
        if values[name] != value:
            raise ParameterError(
                f"{simulator} has no cell with {name} = {values[name]:g}: it is {value:g} there"
            )
    return dict(values)
