"""What a person can take home: the samples as a table, and a script that runs the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from izhikevich.engine.simulation import Synapse
from izhikevich.recording import Recording


def table(recordings: Sequence[Recording]) -> str:
    """The samples as comma-separated values.

    One recording gives the table of `Recording.to_csv`; of several, each row begins with the
    variant and the scheme that it belongs to.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    several = len(recordings) > 1
    write([*(["variant", "scheme"] if several else []), *recordings[0].columns()])
    for recording in recordings:
        columns = [values.tolist() for values in recording.columns().values()]
        start = [recording.variant, recording.scheme] if several else []
        for row in zip(*columns, strict=True):
            write([*start, *map(repr, row)])
    return text.getvalue()


_SCRIPT = '''\
"""{title}, as shown by izh web."""

import matplotlib.pyplot as plt

from izhikevich import Ramp, Step, Synapse, Waveform
from izhikevich.experiments.comparison import simulate_until_runaway

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


def script(recordings: Sequence[Recording], synapse: Synapse | None = None) -> str:
    """A Python script that runs and draws the same recordings.

    Parameters
    ----------
    recordings : sequence of Recording
        Runs of one protocol, which differ in variant and scheme.
    synapse : Synapse, optional
        What drove the cell.
    """
    first = recordings[0]
    parameters = ", ".join(f"{name!r}: {float(x)!r}" for name, x in first.parameters.items())
    runs = [(r.variant, r.scheme, r.dt if r.scheme == "fixed" else None) for r in recordings]
    return _SCRIPT.format(
        title=f"{first.cell_type.label} ({first.paper})",
        waveform=repr(first.waveform),
        paper=first.paper,
        key=first.key,
        tstop=first.tstop,
        parameters="{" + parameters + "}",
        runs=repr(runs),
        synapse=synapse,
        unit=first.current_unit,
        label=first.cell_type.label,
    )
