"""What is looked at whenever NEURON is initialised: cells that would run wrongly."""

from __future__ import annotations

import functools
from typing import Any

from neuron import h

from izhikevich.engine import finite
from izhikevich.engine.addresses import warn_of_lost_currents
from izhikevich.engine.capacitance import warn_of_others
from izhikevich.engine.impossible import refuse_impossible_cells


def look() -> None:
    """Refuse, or warn of, what is wrong with the cells of this process."""
    refuse_impossible_cells()
    warn_of_others()
    warn_of_lost_currents()


@functools.cache
def watch() -> set[Any]:
    """Look at each initialisation, from the first call on; gives NEURON's objects that do."""
    before_all_else = 3
    watch = finite.watch()
    return {h.FInitializeHandler(before_all_else, look), watch.handler, watch.values}
