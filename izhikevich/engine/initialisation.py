"""What is looked at whenever NEURON is initialised: cells that would run wrongly."""

from __future__ import annotations

import functools
from typing import Any

from neuron import coreneuron, h

from izhikevich.engine import finite
from izhikevich.engine.addresses import warn_of_lost_currents
from izhikevich.engine.capacitance import warn_of_others
from izhikevich.engine.impossible import refuse_impossible_cells
from izhikevich.engine.own_runs import is_own_run


class Watch:
    """Refuses, or warns of, what is wrong with the cells of this process.

    Attributes
    ----------
    objects : set of hoc object
        NEURON's objects that it is made of.
    """

    def __init__(self) -> None:
        before_all_else, after_all_else = 3, 2
        self.objects: set[Any] = {
            h.FInitializeHandler(before_all_else, self._before),
            h.FInitializeHandler(after_all_else, self._after),
            finite.watch().values,
        }

    def _before(self) -> None:
        if coreneuron.enable:
            from izhikevich.engine.coreneuron import refuse_where_coreneuron_errs

            refuse_where_coreneuron_errs()
        if not is_own_run():
            refuse_impossible_cells()
            warn_of_others()
            warn_of_lost_currents()

    def _after(self) -> None:
        if not is_own_run():
            finite.watch().begin()


@functools.cache
def watch() -> Watch:
    """Look at each initialisation, from the first call on; gives what does."""
    return Watch()
