"""A choice as a Python script that runs and draws the same: to take home, and to go on from."""

from __future__ import annotations

from collections.abc import Sequence

from izhikevich.choice import Choice
from izhikevich.own_cells import OWN
from izhikevich.publications import PUBLISHED, CellType

_SCRIPT = """\
{title!r}

# Needs Python 3.10 or later, and the program, which brings NEURON and Matplotlib along:
# in the program's folder, pip install .

import matplotlib.pyplot as plt

from izhikevich import Ramp, Step, Synapse, Waveform, define
from izhikevich.experiments.runaways import simulate_until_runaway

{definition}current = {waveform}

recordings = [
    simulate_until_runaway(
        {paper!r},
        {key!r},
        variant=variant,
        scheme=scheme,
        dt=dt,
        tstop={tstop!r},
        current=current,
        parameters={parameters},
        synapse={synapse!r},
    )
    for variant, scheme, dt in {runs}
]

figure, {axes} = plt.subplots({n_axes}, sharex=True)
for recording in recordings:
    v.plot(recording.t, recording.v, label=f"{{recording.variant}} {{recording.scheme}}")
    u.plot(recording.t, recording.u)
i.plot(*current.knots({tstop!r}), "k")
v.set_ylabel("v (mV)")
u.set_ylabel("u ({unit})")
i.set_ylabel("I ({unit})")
{synapse_drawn}{lowest}.set_xlabel("t (ms)")
v.legend()
v.set_title({label!r})
plt.show()
"""


_SYNAPSE = """\
for recording in recordings:
    g.plot(recording.t, recording.gsyn)
g.set_ylabel("gsyn ({unit})")
"""


_DEFINITION = """\
define({key!r}, {parameters!r}, model={model!r}, dt={dt!r})

"""


def script(choices: Sequence[Choice]) -> str:
    """A Python script that runs and draws the same.

    A cell type that nobody has published is defined in it.

    Parameters
    ----------
    choices : sequence of Choice
        Of one cell, which differ in variant and scheme.
    """
    first = choices[0]
    entry = first.cell_type
    is_published = any(entry in publication.types for publication in PUBLISHED)
    runs = [(c.variant, c.scheme, c.dt if c.scheme == "fixed" else None) for c in choices]
    driven = first.synapse is not None
    axes = ["v", "u", "i", *(["g"] if driven else [])]
    return _SCRIPT.format(
        axes=f"({', '.join(axes)})",
        n_axes=len(axes),
        lowest=axes[-1],
        synapse_drawn=_SYNAPSE.format(unit=first.model.conductance_unit) if driven else "",
        title=f"{entry.label} ({entry.paper}), as shown by the program izhikevich.",
        definition="" if is_published else _definition(entry),
        waveform=repr(first.waveform),
        paper=entry.paper if is_published else OWN,
        key=entry.key,
        tstop=first.tstop,
        parameters=dict(first.parameters),
        runs=repr(runs),
        synapse=first.synapse,
        unit=first.model.current_unit,
        label=entry.label,
    )


def _definition(entry: CellType) -> str:
    return _DEFINITION.format(
        key=entry.key, parameters=dict(entry.parameters), model=entry.model.name, dt=entry.dt
    )
