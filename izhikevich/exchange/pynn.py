"""Cells as scripts for PyNN, which has the model of 2003."""

from __future__ import annotations

from izhikevich.choice import Choice
from izhikevich.errors import ParameterError
from izhikevich.exchange.scripts import plain_quadratic, script

_REMARK = (
    "PyNN's cell on NEURON steps v and u by implicit steps, where the published rule's are "
    "explicit, and starts u at -14, whatever it is set to: spikes come at other times than the "
    "published ones. On another back end, such as pyNN.nest, the rule is that simulator's."
)
_BODY = """
CAPACITANCE = 0.001  # nF: a current of 1 mV/ms is as many nA

sim.setup(timestep=STEP, min_delay=STEP, max_delay=10.0)
cells = sim.Population(1, sim.Izhikevich({parameters}))
cells.initialize(v={v0!r}, u={u0!r})
cells.record("spikes")
changes = np.flatnonzero(np.diff(current, prepend=np.nan))
source = sim.StepCurrentSource(times=changes * STEP, amplitudes=current[changes] * CAPACITANCE)
source.inject_into(cells)
sim.run(STEPS * STEP)
spikes = np.array(cells.get_data().segments[0].spiketrains[0].magnitude)
sim.end()
"""
#: Where PyNN's cell cuts a spike, mV.
_PEAK = 30.0


def files_of(choice: Choice) -> dict[str, str]:
    """Say a cell and its current as a script for PyNN.

    Parameters
    ----------
    choice : Choice
        Of the model of 2003 and 2004, with its common coefficients and a peak of 30 mV.

    Returns
    -------
    dict of str to str
        The text by the name of the file.

    Raises
    ------
    ParameterError
        If PyNN has no such cell.
    """
    values = plain_quadratic(choice, "PyNN")
    if values["thresh"] != _PEAK:
        raise ParameterError(f"PyNN's cell has its peak at {_PEAK:g} mV, not {values['thresh']:g}")
    body = _BODY.format(
        parameters=", ".join(f"{name}={values[name]!r}" for name in "abcd"),
        v0=values["v0"],
        u0=values["u0"],
    )
    return script(choice, "PyNN", _REMARK, "import pyNN.neuron as sim", body)
