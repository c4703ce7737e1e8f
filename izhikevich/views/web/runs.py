"""Runs for many people at once, each within a bounded time.

NEURON has one interpreter per process, so no run takes place in the server: a few worker
processes take one choice at a time and give one recording back. A run is a function of its
choice alone, so nothing of one person's run can reach another's. Whose run is next is the
business of `turns`.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Hashable
from concurrent.futures import Future, ThreadPoolExecutor

from izhikevich.catalog import CATALOG
from izhikevich.choice import Choice
from izhikevich.engine.worker import InterruptedRunError, Worker, WorkerDiedError
from izhikevich.errors import IzhikevichError
from izhikevich.recording import Recording, RunawayError
from izhikevich.views.web.turns import Job, Turns

# A run that takes longer is ended, s.
LONGEST_RUN = 2.0
# If it has not ended a while after that, s, its process is.
_GRACE = 1.0
# Runs are looked after so often, s.
_LOOK_EVERY = 0.05
# So many workers are started at once; the others when somebody would wait.
_AT_ONCE = 2
# A worker that starts imports NEURON and, the first time of all, builds the mechanisms, s.
_LONGEST_START = 180.0

# NEURON keeps some 400 bytes of each run for good; a worker is replaced before that adds up.
MOST_RUNS = 5000

# What is drawn at each move of a slider: some ten times the longest published run.
MOST_STEPS = 40_000
LONGEST_DURATION = 10_000.0


class TooLongError(IzhikevichError, RuntimeError):
    """A run that was refused or ended because it would take too long."""


def check_size(choice: Choice) -> None:
    """Refuse what is too large to be drawn while a person waits.

    Raises
    ------
    TooLongError
        If it has too many steps or lasts too long.
    """
    if choice.tstop > LONGEST_DURATION:
        raise TooLongError(
            f"a run on this page lasts at most {LONGEST_DURATION:g} ms, not {choice.tstop:g}"
        )
    if choice.dt is not None and choice.n_steps > MOST_STEPS:
        raise TooLongError(
            f"a run on this page takes at most {MOST_STEPS:,} steps, not {choice.n_steps:,}: "
            "raise dt or shorten tstop"
        )


class Runs:
    """A few worker processes that share the runs of everyone on the page.

    Parameters
    ----------
    n_workers : int, optional
        How many runs may take place at once. Default: one for each processor, at least two; more
        than two are started when they are needed.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        n_workers = n_workers or max(2, os.cpu_count() or 1)
        self.workers: list[Worker] = []
        self._turns = Turns(n_workers)
        self._idle: list[Worker] = []
        self._at: dict[Job, Worker] = {}
        self._lock = threading.RLock()
        self._some_run = threading.Condition(self._lock)
        self._is_starting = False
        self._closed = False
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="izhikevich-run")
        self._start_another()
        threading.Thread(target=self._look_after, daemon=True).start()

    def run(self, choice: Choice, owner: Hashable = None) -> Recording:
        """Run `choice` in a worker, once one is free.

        Parameters
        ----------
        choice : Choice
            What `Choice.check` has passed.
        owner : hashable, optional
            Whose turn it takes.

        Raises
        ------
        TooLongError
            If it is too large, or took over `LONGEST_RUN`.
        RunawayError
            If the solution left every bound.
        WorkerDiedError
            If the worker ended; another one takes its place.
        """
        return self.submit(choice, owner).result()

    def submit(self, choice: Choice, owner: Hashable = None) -> Future[Recording]:
        """As `run`, without waiting; what is cancelled before its turn is not run.

        Raises
        ------
        TooLongError
            If it is too large.
        """
        check_size(choice)
        job = Job(choice, owner)
        with self._lock:
            if self._closed:
                raise WorkerDiedError("the server is being closed")
            self._turns.add(job)
            self._go_on()
        return job.future

    def leave(self, owner: Hashable) -> None:
        """Forget an owner who has gone, with the runs that nobody waits for any more."""
        with self._lock:
            for job in self._turns.leave(owner):
                job.future.cancel()

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
            for job in list(self._turns.waiting()):
                job.future.cancel()
            workers = list(self.workers)
            self._some_run.notify_all()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.close()

    # --- with the lock held ---

    def _go_on(self) -> None:
        """Begin what may begin."""
        while self._idle and not self._closed:
            job = self._turns.next()
            if job is None:
                return
            # the one that has been idle for the shortest time
            worker = self._at[job] = self._idle.pop()
            self._some_run.notify_all()
            self._threads.submit(self._run, worker, job)
        if next(self._turns.waiting(), None) is not None:
            self._start_another()
            last = self._turns.to_put_off()
            if last is not None:
                self._at[last].interrupt()

    def _start_another(self) -> None:
        """Start one more worker if there are not all; one after the other."""
        if not self._closed and not self._is_starting and len(self.workers) < self._turns.n_workers:
            self._is_starting = True
            self.workers.append(Worker())
            threading.Thread(target=self._make_first, args=(self.workers[-1],), daemon=True).start()

    def _offer(self, worker: Worker) -> None:
        self._turns.n_ready += 1
        self._idle.append(worker)
        self._go_on()

    # --- in threads ---

    def _look_after(self) -> None:
        """End runs that take too long."""
        while not self._closed:
            with self._lock:
                while not self._at and not self._closed:
                    self._some_run.wait()
                for job in self._turns.look_at_running():
                    age = self._turns.age(job)
                    if age > LONGEST_RUN + _GRACE:
                        self._at[job].start().kill()
                    elif age > LONGEST_RUN:
                        self._at[job].interrupt()
                self._go_on()
            time.sleep(_LOOK_EVERY)

    def _make_first(self, worker: Worker) -> None:
        self._make_ready(worker)
        with self._lock:
            self._is_starting = False
            if len(self.workers) < _AT_ONCE:
                self._start_another()

    def _make_ready(self, worker: Worker) -> None:
        """Start a worker, and offer it when it has NEURON loaded.

        One that does not start is offered, too: the run that takes it starts it again, and tells
        the person why it cannot.
        """
        try:
            self._warm_up(worker)
        except WorkerDiedError:
            if not self._closed:
                raise
        finally:
            with self._lock:
                self._offer(worker)

    @staticmethod
    def _warm_up(worker: Worker) -> None:
        first = next(iter(next(iter(CATALOG.values())).values()))
        worker.run(Choice(first), within=_LONGEST_START)

    def _run(self, worker: Worker, job: Job) -> None:
        """Do one job, and see to it that the worker is there for the next."""
        if job.future.running() or job.future.set_running_or_notify_cancel():
            self._do(worker, job)
        with self._lock:
            self._turns.finished(job)
            self._turns.n_ready -= 1
            del self._at[job]
            if job.is_put_off and not job.future.done():
                job.is_put_off = False
                self._turns.add(job)
        if worker.n_runs >= MOST_RUNS:
            worker.close()
        if worker.is_alive or self._closed:
            with self._lock:
                self._offer(worker)
        else:
            threading.Thread(target=self._make_ready, args=(worker,), daemon=True).start()

    def _do(self, worker: Worker, job: Job) -> None:
        """Run it; nothing is said of a run that is to be begun again."""
        try:
            if not worker.is_alive:
                # it ended between two runs, which no person needs to know of
                job.begun_at = math.inf
                self._warm_up(worker)
                self._turns.begins(job)
            recording = worker.run(job.choice)
        except (InterruptedRunError, WorkerDiedError) as error:
            if self._turns.age(job) > LONGEST_RUN:
                job.future.set_exception(
                    TooLongError(
                        f"this run would take over {LONGEST_RUN:g} s and was ended: shorten tstop, "
                        "or choose the published scheme"
                    )
                )
            elif self._closed or not job.is_put_off:
                job.future.set_exception(error)
        except BaseException as error:
            job.future.set_exception(error)
        else:
            job.future.set_result(recording)


def outcome(future: Future[Recording]) -> tuple[Recording, RunawayError | None]:
    """The recording of a run and, if it diverged, the error that says so."""
    try:
        return future.result(), None
    except RunawayError as error:
        return error.recording, error
