"""What is recorded of a run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from neuron import h

from izhikevich.choice import Choice
from izhikevich.engine import isolation
from izhikevich.engine.cells import Cell
from izhikevich.engine.drive import SynapseInPlace, put_synapse

# Room for so many samples is kept from one run to the next.
LARGE_BUFFER = 100_000


@dataclass
class Traces:
    """The vectors of one run, being filled by NEURON."""

    vectors: dict[str, Any]
    drive: SynapseInPlace | None

    def arrays(self) -> dict[str, np.ndarray]:
        """Copies of what was recorded, by name."""
        arrays = {}
        for name in ("t", "v", "u", "i", "g", "spikes"):
            vector = self.vectors[name]
            arrays[name] = vector.to_python(np.empty(len(vector)))
        if self.drive is None:
            del arrays["g"]
        else:
            arrays["g"] /= self.drive.unit
        return arrays


@contextlib.contextmanager
def traces_of(cell: Cell, choice: Choice) -> Iterator[Traces]:
    """Record time, state, current, conductance and spikes, with the synapse in place."""
    vectors = isolation.shared().vectors
    references = {"t": h._ref_t, "v": cell.vref, "u": cell.izh._ref_u, "i": cell.izh._ref_Iin}
    drive = None if choice.synapse is None else put_synapse(cell, choice, choice.synapse)
    if drive is not None:
        references["g"] = drive.conductance
    spikes = h.NetCon(cell.izh, None)
    try:
        for name, reference in references.items():
            vectors[name].record(reference)
        spikes.record(vectors["spikes"])
        traces = Traces(vectors, drive)
        yield traces
        traces.drive = None
    finally:
        for vector in vectors.values():
            vector.play_remove()
            vector.resize(0)
            if vector.buffer_size() > LARGE_BUFFER:
                vector.buffer_size(LARGE_BUFFER)
        spikes = drive = reference = None
        references.clear()
