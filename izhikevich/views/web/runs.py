"""Runs for many people at once, each within a bounded time.

NEURON has one interpreter per process, so no run takes place in the server: a few worker
processes take one choice at a time and give one recording back. A run is a function of its
choice alone, so nothing of one person's run can reach another's.
"""

from __future__ import annotations

import os
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from izhikevich.catalog import CATALOG
from izhikevich.choice import Choice
from izhikevich.engine.worker import OutOfTimeError, Worker, WorkerDiedError
from izhikevich.errors import IzhikevichError
from izhikevich.recording import Recording, RunawayError

# A run that takes longer is ended, s.
LONGEST_RUN = 2.0
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
        How many runs may take place at once. Default: one for each processor, two to four.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        n_workers = n_workers or min(4, max(2, os.cpu_count() or 1))
        self.workers = [Worker() for _ in range(n_workers)]
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="izhikevich-run")
        self._closed = False
        # one after the other: the first page waits for the first worker only
        threading.Thread(target=self._make_all_ready, daemon=True).start()

    def _make_all_ready(self) -> None:
        for worker in self.workers:
            if not self._closed:
                self._make_ready(worker)

    def run(self, choice: Choice) -> Recording:
        """Run `choice` in a worker, once one is free.

        Parameters
        ----------
        choice : Choice
            What `Choice.check` has passed.

        Raises
        ------
        TooLongError
            If it is too large, or took over `LONGEST_RUN`.
        RunawayError
            If the solution left every bound.
        WorkerDiedError
            If the worker ended; another one takes its place.
        """
        return self.submit(choice).result()

    def submit(self, choice: Choice) -> Future[Recording]:
        """As `run`, without waiting.

        Raises
        ------
        TooLongError
            If it is too large.
        """
        check_size(choice)
        return self._threads.submit(self._run, choice)

    def _run(self, choice: Choice) -> Recording:
        worker = self._free.get()
        try:
            if self._closed:
                raise WorkerDiedError("the server is being closed")
            if not worker.is_alive:
                # it ended between two runs, which no person needs to know of
                self._warm_up(worker)
            return worker.run(choice, within=LONGEST_RUN)
        except OutOfTimeError as error:
            raise TooLongError(
                f"this run would take over {LONGEST_RUN:g} s and was ended: shorten tstop, or "
                "choose the published scheme"
            ) from error
        finally:
            if worker.n_runs >= MOST_RUNS:
                worker.close()
            if worker.is_alive or self._closed:
                self._free.put(worker)
            else:
                threading.Thread(target=self._make_ready, args=(worker,), daemon=True).start()

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
            self._free.put(worker)

    @staticmethod
    def _warm_up(worker: Worker) -> None:
        first = next(iter(next(iter(CATALOG.values())).values()))
        worker.run(Choice(first), within=_LONGEST_START)

    def close(self) -> None:
        """End all workers."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self.workers:
            worker.close()


def outcome(future: Future[Recording]) -> tuple[Recording, RunawayError | None]:
    """The recording of a run and, if it diverged, the error that says so."""
    try:
        return future.result(), None
    except RunawayError as error:
        return error.recording, error
