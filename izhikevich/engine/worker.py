"""A process apart in which runs take place, where they must not disturb the caller's own NEURON.

The worker is started on first use, kept for the next run, and ends with the process that
started it. Choices go in and recordings come out through its standard streams, pickled: a choice
carries all that a run needs. What the process does is in `worker_process`.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pickle
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator

from izhikevich.choice import Choice
from izhikevich.engine.processes import Process
from izhikevich.errors import IzhikevichError
from izhikevich.recording import Recording

Progress = Callable[[float], None]


class WorkerDiedError(IzhikevichError, RuntimeError):
    """The worker process ended in the middle of a run; the next run starts another."""


class OutOfTimeError(WorkerDiedError):
    """The worker process was ended because a run took longer than it was given."""


class InterruptedRunError(IzhikevichError, RuntimeError):
    """A run was ended by `Worker.interrupt`; the worker is there for the next."""


@contextlib.contextmanager
def _told_of_death() -> Iterator[None]:
    """Say it in one way, wherever the end of the process shows."""
    try:
        yield
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise WorkerDiedError(
            "the process that runs the cell ended before it answered; run it again"
        ) from error


@contextlib.contextmanager
def _killed_after(seconds: float | None, process: Process) -> Iterator[None]:
    """Kill a process that has not answered in time, and say so."""
    if seconds is None:
        yield
        return
    time_is_up = threading.Event()

    def end() -> None:
        time_is_up.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except WorkerDiedError as error:
        if time_is_up.is_set():
            raise OutOfTimeError(f"a run took over {seconds:g} s and was ended") from error
        raise
    finally:
        timer.cancel()


class Worker:
    """One worker process, started when it is first needed.

    Attributes
    ----------
    n_runs : int
        Runs that the present process has begun.
    """

    def __init__(self) -> None:
        self.n_runs = 0
        self._process: Process | None = None
        self._turn = threading.RLock()
        self._busy = False
        self._owner = os.getpid()

    def run(
        self, choice: Choice, progress: Progress | None = None, within: float | None = None
    ) -> Recording:
        """Run `choice` in the worker.

        Parameters
        ----------
        choice : Choice
            What `Choice.check` has passed.
        progress : callable, optional
            Called with the time reached, ms; an exception that it raises ends the worker.
        within : float, optional
            Time after which the worker is ended, s.

        Raises
        ------
        WorkerDiedError
            If the process ended before it answered.
        OutOfTimeError
            If it was ended because the time was up.

        Any error of the run itself is raised here as it was there.
        """
        with self._turn:
            if self._busy:  # a run asked for by the progress of another one
                other = Worker()
                try:
                    return other.run(choice, progress, within)
                finally:
                    other.close()
            request = pickle.dumps(choice)  # whole, or refused before anything is sent
            self._busy = True
            try:
                process = self.start()
                with _killed_after(within, process):
                    return self._exchange(process, request, progress)
            except BaseException as error:
                if not getattr(error, "from_worker", False):
                    self.close()  # a half-read answer would be taken for the next one
                raise
            finally:
                self._busy = False

    def _exchange(self, process: Process, request: bytes, progress: Progress | None) -> Recording:
        assert process.stdin is not None and process.stdout is not None
        self.n_runs += 1
        with _told_of_death():
            pickle.dump(request, process.stdin)
            process.stdin.flush()
        while True:
            with _told_of_death():
                kind, content = pickle.load(process.stdout)
            if kind == "progress":
                # comes whether it is wanted or not: NEURON lets no Ctrl-C end a read that waits
                if progress is not None:
                    progress(content)
            elif kind == "error":
                content.from_worker = True
                raise content
            else:
                return content

    @property
    def is_alive(self) -> bool:
        """Whether there is a process that waits for a run, or is at one."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Process:
        """Start the process, if there is none, and give it."""
        if self._process is None or not self.is_alive:
            self.n_runs = 0
            self._process = Process(
                "izhikevich.engine.worker_process", stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def interrupt(self) -> None:
        """End the run that is under way, and not the process; `run` raises InterruptedRunError.

        It ends when it is next asked how far it is, some milliseconds later. Where a process has no
        such signals, it is ended with the run.
        """
        process = self._process
        if process is not None and process.poll() is None:
            if hasattr(signal, "SIGUSR1"):
                process.send_signal(signal.SIGUSR1)
            else:
                process.kill()

    def close(self) -> None:
        """End the process, if there is one."""
        # a fork of the caller has this object too, but not the process
        if self._process is not None and self._owner == os.getpid():
            process, self._process = self._process, None
            process.end()


def shared() -> Worker:
    """The worker of this process; it ends when the process does."""
    return _worker_of(os.getpid())


@functools.cache
def _worker_of(pid: int) -> Worker:
    worker = Worker()
    atexit.register(worker.close)
    return worker
