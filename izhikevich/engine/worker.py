"""A process apart in which runs take place, where they must not disturb the caller's own NEURON.

The worker is started on first use, kept for the next run, and ends with the process that
started it. Protocols go in and recordings come out through its standard streams, pickled.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from izhikevich.engine import build, mechanisms
from izhikevich.errors import IzhikevichError
from izhikevich.recording import Recording

if TYPE_CHECKING:
    from izhikevich.choice import Choice


class WorkerDiedError(IzhikevichError, RuntimeError):
    """The worker process ended in the middle of a run; the next run starts another."""


@contextlib.contextmanager
def _told_of_death() -> Iterator[None]:
    """Say it in one way, wherever the end of the process shows."""
    try:
        yield
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        raise WorkerDiedError(
            "the process that runs the cell ended before it answered; run it again"
        ) from error


class Worker:
    """One worker process, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._turn = threading.RLock()
        self._busy = False
        self._owner = os.getpid()

    def run(self, choice: Choice, progress: Callable[[float], None] | None = None) -> Recording:
        """Run `choice` in the worker.

        Parameters
        ----------
        choice : Choice
            What `Choice.check` has passed.
        progress : callable, optional
            Called with the time reached, ms; an exception that it raises ends the worker.

        Raises
        ------
        WorkerDiedError
            If the process ended before it answered.
        """
        with self._turn:
            if self._busy:  # a run asked for by the progress of another one
                other = Worker()
                try:
                    return other.run(choice, progress)
                finally:
                    other.close()
            self._busy = True
            try:
                return self._exchange(choice, progress)
            except BaseException as error:
                if not getattr(error, "from_worker", False):
                    self.close()  # a half-read answer would be taken for the next one
                raise
            finally:
                self._busy = False

    def _exchange(self, choice: Choice, progress: Callable[[float], None] | None) -> Recording:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        with _told_of_death():
            pickle.dump(choice, process.stdin)
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

    def _started(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "izhikevich.engine.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # away from the caller's folder, whose compiled mechanisms NEURON loads by itself
                cwd=os.path.abspath(os.sep),
                env=_environment(),
                # a Ctrl-C at the terminal is for the caller, who ends this process then
                start_new_session=True,
            )
        return self._process

    def close(self) -> None:
        """End the process, if there is one."""
        # a fork of the caller has this object too, but not the process
        if self._process is not None and self._owner == os.getpid():
            process, self._process = self._process, None
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what was not yet written is lost, as meant
                    if stream is not None:
                        stream.close()


def shared() -> Worker:
    """The worker of this process; it ends when the process does."""
    return _worker_of(os.getpid())


@functools.cache
def _worker_of(pid: int) -> Worker:
    worker = Worker()
    atexit.register(worker.close)
    return worker


def _environment() -> dict[str, str]:
    """Environment of the worker, in which no path depends on the working directory."""
    package_home = str(Path(__file__).resolve().parent.parent.parent)
    paths = [package_home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths),
        build.CACHE_VARIABLE: str(build.cache_folder()),
        "NEURON_MODULE_OPTIONS": "-nogui",
    }
    environment.pop("NEURON_INIT_MPI", None)  # it is no rank of the caller's
    return environment


def _serve() -> None:
    """Answer protocols until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever NEURON or a library prints must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from izhikevich.engine import simulation

    def answer(kind: str, content: Any) -> None:
        try:
            pickle.dump((kind, content), answers)
            answers.flush()
        except BrokenPipeError:
            os._exit(0)  # the caller has ended, and waits for nothing any more

    while True:
        try:
            choice = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            mechanisms.load()
            answer("recording", simulation.run(choice, functools.partial(answer, "progress")))
        except Exception as error:  # whatever it is, the caller is told
            answer("error", error)


if __name__ == "__main__":
    _serve()
