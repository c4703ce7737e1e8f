"""Cells whose voltage is no number any more: a run stops there, and says which cell it is.

Such a cell has no spikes, and makes others like itself through gap junctions. So under the fixed
step all cells are looked at every 20 ms of model time. Under the variable step NEURON itself goes
no further, with nothing but a line on the screen, and into CoreNEURON nobody can look: there
`check_finite` tells after the run.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import signal
import warnings
from collections.abc import Sequence

import numpy as np
from neuron import coreneuron, h

from izhikevich.engine.gids import known_as
from izhikevich.errors import IzhikevichError, ParameterError

__all__ = ["NotFiniteError", "check_finite", "when_not_finite"]

#: Model time from one look to the next, ms: for 100,000 cells one takes 2 ms.
EVERY = 20.0
#: What can be done about it.
ANSWERS = ("stop", "warn", "ignore")
#: What has a voltage of its own, and what has that of its section.
POINTS, SECTIONS = ("Izhi2003a", "Izhi2007a"), ("Izhi2003b", "Izhi2007b")
#: Cells that a message names; of more it says the number.
NAMED = 3

# In NEURON's own language, and so is the error: of an exception of Python's in a call of NEURON's
# the traceback is written there and then, and garbage that is collected meanwhile ends the process.
_LOOKING = """
begintemplate IzhikevichLooking
    public look, find_cells, points, values, message
    objref points, sections, pointers, values, solver, judge
    strdef message
    proc init() {{
        points = $o1
        sections = $o2
        judge = $o3
        values = new Vector()
        solver = new CVode()
        seen = -1
    }}
    func look() {{ local sum, answer
        if (seen != solver.structure_change_count() || values.size() != 1 + count()) {{
            find_cells()
        }}
        pointers.gather(values)
        sum = values.sum()
        answer = 0
        if (!(sum - sum == 0)) {{ answer = judge.answer() }}
        if (answer == 2) {{ execerror(message, "") }}
        return answer == 0
    }}
    func count() {{ local k, n
        n = 0
        for k = 0, points.count() - 1 {{ n += points.o(k).count() }}
        for k = 0, sections.count() - 1 {{ n += sections.o(k).count() }}
        return n
    }}
    // V, and in a section the current, are no numbers if v or u is none
    proc find_cells() {{ local k, j, n
        seen = solver.structure_change_count()
        values.resize(1 + count())
        pointers = new PtrVector(values.size())
        n = 0
        for k = 0, points.count() - 1 {{
            for j = 0, points.o(k).count() - 1 {{
                if (points.o(k).o(j).has_loc()) {{ pointers.pset(n, &points.o(k).o(j).V) }}
                n += 1
            }}
        }}
        for k = 0, sections.count() - 1 {{
            for j = 0, sections.o(k).count() - 1 {{
                if (sections.o(k).o(j).has_loc()) {{ pointers.pset(n, &sections.o(k).o(j).i) }}
                n += 1
            }}
        }}
        pointers.gather(values)
    }}
endtemplate IzhikevichLooking

// outside of the template and by name: so SaveState keeps the event, and another process knows it
objref izhikevich_looking, izhikevich_solver
izhikevich_solver = new CVode()
proc izhikevich_look() {{
    if (izhikevich_looking.look()) {{ izhikevich_look_later() }}
}}
proc izhikevich_look_later() {{
    izhikevich_solver.event(t + {every:g}, "izhikevich_look()")
}}
"""
_GO_ON, _LOOK_NO_MORE, _STOP = range(3)


class NotFiniteError(IzhikevichError, RuntimeError):
    """The voltage of a cell is no number any more; the message has gid, type and time."""


def when_not_finite(answer: str) -> None:
    """Choose what happens when the voltage of a cell is no number any more.

    Parameters
    ----------
    answer : {"stop", "warn", "ignore"}
        Stop the run, by a RuntimeError with the words of `NotFiniteError`; warn, once in a run,
        and go on; or do not look. Until this is called: "stop".

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    if answer not in ANSWERS:
        raise ParameterError(f"what can be done is one of {', '.join(ANSWERS)}, not {answer!r}")
    Watch.chosen = answer


def check_finite() -> None:
    """Look at all cells of this process now, after a run of CoreNEURON or the variable step.

    Raises
    ------
    NotFiniteError
        If the voltage of one is no number, with its gid, its type and the time.
    """
    message = watch().found() if hasattr(h, "Izhi2007a") else None
    if message is not None:
        raise NotFiniteError(message)


class Watch:
    """Looks at all cells of a process.

    Attributes
    ----------
    chosen : str
        One of `ANSWERS`.
    values : Vector
    """

    chosen = "stop"

    def __init__(self) -> None:
        h(_LOOKING.format(every=EVERY))
        points, sections = h.List(), h.List()
        for kinds, names in ((points, POINTS), (sections, SECTIONS)):
            for name in names:
                kinds.append(h.List(name))
        self._lists = [*points, *sections]
        h.izhikevich_looking = self._looking = h.IzhikevichLooking(points, sections, self)
        self.values = self._looking.values
        self._solver = h.CVode()

    def begin(self) -> None:
        """Look from the initialisation on, which this is called at."""
        in_neuron = not (coreneuron.enable or self._solver.active())
        is_wanted = in_neuron and self.chosen != "ignore"
        if is_wanted and any(each.count() for each in self._lists):
            h.izhikevich_look_later()

    def answer(self) -> int:
        """What is done about a sum of values that is no number; called by NEURON."""
        collects = gc.isenabled()
        gc.disable()
        try:
            message = self._wrong()
            if message is None:
                return _GO_ON
            self._looking.message = message
            if self.chosen == "warn":
                with contextlib.suppress(UserWarning):  # where warnings are errors
                    warnings.warn(message, stacklevel=2)
                    return _LOOK_NO_MORE
            _stop_the_clock()
            return _STOP
        finally:
            if collects:
                gc.enable()

    def found(self) -> str | None:
        """What is wrong with the cells that there are now; None if nothing is."""
        self._looking.find_cells()
        return self._wrong()

    def _wrong(self) -> str | None:
        lost = np.flatnonzero(~np.isfinite(self.values.as_numpy()))
        if not len(lost):
            return None
        points = [point for each in self._lists for point in each]
        return said_of([known_as(points[k]) for k in lost[:NAMED]], len(lost))


def said_of(names: Sequence[str], number: int) -> str:
    """What is said of `number` cells whose voltage is no number; the first of them are named."""
    more = f" and {number - NAMED} more" if number > NAMED else ""
    return (
        f"the voltage is no number any more at {h.t:.6g} ms: {'; '.join(names)}{more}. Too strong "
        "an input, or a step too long for the parameters; izhikevich.when_not_finite says what "
        "else can be done than to stop"
    )


def _stop_the_clock() -> None:
    """Take back the alarm of psolve, which an error leaves on: 20 s later it ends the process."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


@functools.cache
def watch() -> Watch:
    """What looks at all cells of this process."""
    return Watch()
