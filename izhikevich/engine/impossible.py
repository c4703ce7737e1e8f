"""Parameters that no cell can have, set on a mechanism itself: found when NEURON is initialised.

Where cells are made and by `set_parameters` they are refused at once (`parameters`). What is set on
``cell.izh`` nobody sees; a run would go on with it, to what is no number or, with a celltype that
there is not, to a cell of no type.
"""

from __future__ import annotations

from izhikevich.engine.instances import instances_that
from izhikevich.engine.names import NAMES, foreign
from izhikevich.engine.parameters import check_value, defaults
from izhikevich.errors import ParameterError


def refuse_impossible_cells() -> None:
    """Raise a ParameterError if a cell in this process has a parameter that none can have."""
    others = foreign()
    for mechanism in NAMES:
        if mechanism in others:
            continue
        for point in instances_that(mechanism, "each.is_impossible()"):
            for name in defaults(mechanism):
                try:
                    check_value(name, getattr(point, name))
                except ParameterError as error:
                    section = point.get_segment().sec
                    raise ParameterError(f"{point} in {section.name()}: {error}") from None
