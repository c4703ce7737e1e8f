"""A run of ours beside a model of the user's: what is whose, and settings put back as they were.

NEURON has one clock, one step and one solver for everyone in the process, and an initialisation
starts everything anew that it finds there.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from neuron import coreneuron, h

from izhikevich.engine import initialisation
from izhikevich.engine.own_runs import own_run

#: Templates of hoc whose instances an initialisation starts anew; none of ours outlives its run.
_STARTED_ANEW = ("NetCon", "NetStim", "IntFire1", "IntFire2", "IntFire4", "Random")


class Shared:
    """What every run takes from NEURON: made once, as each hoc object leaves some 100 bytes behind.

    Attributes
    ----------
    vectors : dict of str to Vector
        What runs record into and play from, and views draw from, by name.
    solver : CVode
    parallel : ParallelContext
    """

    def __init__(self) -> None:
        self.vectors = {
            name: h.Vector()
            for name in ("t", "v", "u", "i", "g", "spikes", "play", "play_t", "x", "y")
        }
        self.solver = h.CVode()
        self.parallel = h.ParallelContext()
        self._ours = {*self.vectors.values(), *initialisation.watch().objects}
        self._lists = [h.List(name) for name in ("Vector", "FInitializeHandler", *_STARTED_ANEW)]

    def others(self) -> Iterator[Any]:
        """Every object that an initialisation could overwrite and that is not ours."""
        for instances in self._lists:
            # wrappers of the same hoc object are equal, and have the same hash
            yield from (each for each in instances if each not in self._ours)
        yield from h.allsec()


@functools.cache
def shared() -> Shared:
    """Give the objects that runs share in this process."""
    return Shared()


def drawing_vectors() -> tuple[Any, Any]:
    """Give two vectors for a view to draw from; any others would count as the user's own."""
    vectors = shared().vectors
    return vectors["x"], vectors["y"]


def holds_objects_of_the_user() -> bool:
    """Whether an initialisation could overwrite something that is not this package's."""
    return any(True for _ in shared().others())


@contextlib.contextmanager
def neuron_as_found() -> Iterator[None]:
    """Give back NEURON's clock, step, threads and solver settings as they were found."""
    solver, parallel = shared().solver, shared().parallel
    in_coreneuron = coreneuron.enable
    t, dt, secondorder, threads = h.t, h.dt, h.secondorder, int(parallel.nthread())
    settings = ("active", "atol", "rtol", "condition_order", "maxstep", "minstep", "maxorder")
    found = {name: getattr(solver, name)() for name in settings}
    stiffness, daspk, local = solver.stiff(), solver.use_daspk(), solver.use_local_dt()
    jacobian = solver.jacobian()
    try:
        coreneuron.enable = False
        if threads != 1:
            parallel.nthread(1)
        if daspk:
            solver.use_daspk(0)
        if local:
            solver.use_local_dt(0)
        solver.stiff(2)
        solver.jacobian(0)
        solver.maxorder(5)
        solver.minstep(0)
        solver.maxstep(1e9)
        h.secondorder = 0
        with own_run():
            yield
    finally:
        solver.active(0)
        for name in settings[1:]:
            if getattr(solver, name)() != found[name]:
                getattr(solver, name)(found[name])
        solver.stiff(stiffness)
        solver.jacobian(jacobian)
        if local:
            solver.use_local_dt(1)
        if solver.use_daspk() != daspk:
            solver.use_daspk(daspk)
        solver.active(found["active"])
        if threads != 1:
            parallel.nthread(threads)
        h.secondorder = secondorder
        h.dt = dt
        h.t = t
        coreneuron.enable = in_coreneuron
