"""A choice as a Python script that runs and draws the same: to take home, and to go on from."""

from __future__ import annotations

from collections.abc import Sequence

from izhikevich.choice import Choice

_SCRIPT = '''\
"""{title}, as shown by izh web."""

import matplotlib.pyplot as plt

from izhikevich import Ramp, Step, Synapse, Waveform
from izhikevich.experiments.runaways import simulate_until_runaway

current = {waveform}

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

figure, (v, u, i) = plt.subplots(3, sharex=True)
for recording in recordings:
    v.plot(recording.t, recording.v, label=f"{{recording.variant}} {{recording.scheme}}")
    u.plot(recording.t, recording.u)
i.plot(*current.knots({tstop!r}), "k")
v.set_ylabel("v (mV)")
u.set_ylabel("u ({unit})")
i.set(xlabel="t (ms)", ylabel="I ({unit})")
v.legend()
v.set_title({label!r})
plt.show()
'''


def script(choices: Sequence[Choice]) -> str:
    """A Python script that runs and draws the same.

    Parameters
    ----------
    choices : sequence of Choice
        Of one cell, which differ in variant and scheme.
    """
    first = choices[0]
    parameters = ", ".join(f"{name!r}: {float(x)!r}" for name, x in first.parameters.items())
    runs = [(c.variant, c.scheme, c.dt if c.scheme == "fixed" else None) for c in choices]
    return _SCRIPT.format(
        title=f"{first.cell_type.label} ({first.paper})",
        waveform=repr(first.waveform),
        paper=first.paper,
        key=first.key,
        tstop=first.tstop,
        parameters="{" + parameters + "}",
        runs=repr(runs),
        synapse=first.synapse,
        unit=first.model.current_unit,
        label=first.cell_type.label,
    )
