"""Cells as scripts for NEST, which has the model of 2003."""

from __future__ import annotations

from izhikevich.choice import Choice
from izhikevich.exchange.scripts import plain_quadratic, script

_REMARK = (
    "NEST steps u from the old v, where the published rule takes the new one: spikes come at other "
    "times than the published ones, and to those of the exact solution at smaller steps."
)
_BODY = """
nest.set_verbosity("M_ERROR")
nest.resolution = STEP
cell = nest.Create(
    "izhikevich",
    params={{
{parameters}
        "V_min": -1e9,
        "consistent_integration": True,
    }},
)
recorder = nest.Create("spike_recorder")
nest.Connect(cell, recorder)
with nest.RunManager():
    changes = np.flatnonzero(np.diff(current, prepend=np.nan))
    for first, end in zip(changes, [*changes[1:], STEPS]):
        cell.I_e = float(current[first])
        nest.Run((end - first) * STEP)
    nest.Run(STEP)  # the last spikes are recorded a step later
spikes = np.sort(recorder.events["times"])
"""


def files_of(choice: Choice) -> dict[str, str]:
    """Say a cell and its current as a script for NEST.

    Parameters
    ----------
    choice : Choice
        Of the model of 2003 and 2004, with its common coefficients.

    Returns
    -------
    dict of str to str
        The text by the name of the file.

    Raises
    ------
    ParameterError
        If NEST has no such cell.
    """
    values = plain_quadratic(choice, "NEST")
    names = {"V_th": "thresh", "V_m": "v0", "U_m": "u0", **{name: name for name in "abcd"}}
    shown = "\n".join(f'        "{there}": {values[here]!r},' for there, here in names.items())
    return script(choice, "NEST", _REMARK, "import nest", _BODY.format(parameters=shown))
