"""Whose run is next: fair to everyone who waits, whatever one of them asks for.

Nothing is run here. `Runs` says what is asked for, what begins and what has ended, and is told what
to begin. Each owner of runs, which is one person's page, has its turn, and of one owner the newest
run comes first. Long runs wait while they would leave no worker to the short ones of others. Who is
alone has all workers.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from izhikevich.choice import Choice
from izhikevich.recording import Recording

# Who has asked for a run within this time is there, s.
LATELY = 10.0
# A run that has not come back within this time takes long, s.
SOON = 0.15
# Whose run has taken long is expected to go on like that for this time, s.
SLOW_FOR = 30.0

# More steps than this, or a longer run of the variable step (ms), is long.
_LONG_STEPS = 5000
_LONG_EXACT = 1000.0


@dataclass(eq=False)
class Job:
    """One run that somebody waits for.

    Attributes
    ----------
    choice : Choice
        What is to be run.
    owner : hashable or None
        Whose turn it takes; None for what all have a use for.
    is_long : bool
        Whether it is expected to take long, or has.
    is_put_off : bool
        Whether it is being ended, to be begun again later.
    begun_at : float
        When it last began, on the clock of `Turns`; infinite until then.
    future : Future
        What comes of it.
    """

    choice: Choice
    owner: Hashable
    is_long: bool = False
    is_put_off: bool = False
    begun_at: float = math.inf
    future: Future[Recording] = field(default_factory=Future)


class Turns:
    """What waits, what runs, and what may begin next.

    Parameters
    ----------
    n_workers : int
        How many there are, or will be.
    clock : callable
        The time, s.

    Attributes
    ----------
    n_ready : int
        How many workers are at a run, or wait for one.
    """

    def __init__(self, n_workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.n_workers = n_workers
        self.n_ready = 0
        self._clock = clock
        self._waiting: OrderedDict[Hashable, list[Job]] = OrderedDict()
        self._running: list[Job] = []
        self._seen: dict[Hashable, float] = {}
        self._slow_until: dict[Hashable, float] = {}

    def add(self, job: Job) -> None:
        """Let a run wait for its turn."""
        now = self._clock()
        if job.owner is not None:
            self._seen[job.owner] = now
        is_slow = now < self._slow_until.get(job.owner, now)
        job.is_long = job.is_long or is_slow or _is_long(job.choice)
        self._waiting.setdefault(job.owner, []).append(job)

    def next(self) -> Job | None:
        """Begin the newest run that may begin of the owner whose turn it is, if there is one."""
        for owner, jobs in self._waiting.items():
            for job in reversed(jobs):
                if self._may_begin(job):
                    self._take(job)
                    if owner in self._waiting:
                        self._waiting.move_to_end(owner)
                    self._running.append(job)
                    self.begins(job)
                    return job
        return None

    def begins(self, job: Job) -> None:
        """Count the time of a run from now on: its worker has only now been started."""
        job.begun_at = self._clock()

    def age(self, job: Job) -> float:
        """How long ago a run began, s."""
        return self._clock() - job.begun_at

    def _take(self, job: Job) -> None:
        jobs = self._waiting[job.owner]
        jobs.remove(job)
        if not jobs:
            del self._waiting[job.owner]

    def _may_begin(self, job: Job) -> bool:
        if not job.is_long or self._is_alone(job.owner):
            return True
        # a worker is left for what is short, also while another one is being started
        spare = 1 if self.n_workers > 1 else 0
        return sum(each.is_long for each in self._running) < self.n_ready - spare

    def _is_alone(self, owner: Hashable) -> bool:
        since = self._clock() - LATELY
        self._seen = {each: at for each, at in self._seen.items() if at > since}
        return not self._seen.keys() - {owner}

    def look_at_running(self) -> list[Job]:
        """Note which runs go on longer than was expected; give all."""
        for job in self._running:
            if not job.is_long and self.age(job) > SOON:
                job.is_long = True
                if job.owner is not None:
                    self._slow_until[job.owner] = self._clock() + SLOW_FOR
        return list(self._running)

    def to_put_off(self) -> Job | None:
        """The run that has to be ended, because all are long and a short one of others waits."""
        if len(self._running) < self.n_ready or not self._running:
            return None
        if any(job.is_put_off or not job.is_long for job in self._running):
            return None  # a worker will be free in a moment
        last = self._running[-1]
        if any(not job.is_long and job.owner != last.owner for job in self.waiting()):
            last.is_put_off = True
            return last
        return None

    def finished(self, job: Job) -> None:
        """Note that a run has come to its end."""
        self._running.remove(job)

    def waiting(self) -> Iterator[Job]:
        """All runs that wait."""
        for jobs in self._waiting.values():
            yield from jobs

    def leave(self, owner: Hashable) -> list[Job]:
        """Forget an owner; give the runs of theirs that were waiting."""
        self._seen.pop(owner, None)
        self._slow_until.pop(owner, None)
        for job in self._running:
            if job.owner == owner:
                job.owner = None  # what is noted of it from now on is nobody's
        return self._waiting.pop(owner, [])


def _is_long(choice: Choice) -> bool:
    if choice.dt is None:
        return choice.tstop > _LONG_EXACT
    return choice.n_steps > _LONG_STEPS
