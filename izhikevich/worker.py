"""A process apart in which runs take place, where they must not disturb the caller's own NEURON.

The worker is started on first use, kept for the next run, and ends with the process that
started it. Protocols go in and recordings come out through its standard streams, pickled.
"""

from __future__ import annotations

import atexit
import functools
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from izhikevich.recording import Recording

if TYPE_CHECKING:
    from izhikevich.simulation import Protocol


class WorkerDiedError(RuntimeError):
    """The worker process ended in the middle of a run; the next run starts another."""


class Worker:
    """One worker process, started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._turn = threading.Lock()

    def run(self, protocol: Protocol, progress: Callable[[float], None] | None = None) -> Recording:
        """Run `protocol` in the worker.

        Parameters
        ----------
        protocol : Protocol
            What `izhikevich.simulation.make_protocol` has checked.
        progress : callable, optional
            Called with the time reached, ms; an exception that it raises ends the worker.

        Raises
        ------
        WorkerDiedError
            If the process ended before it answered.
        """
        with self._turn:
            try:
                return self._exchange(protocol, progress)
            except BaseException as error:
                if not getattr(error, "from_worker", False):
                    self.close()  # a half-read answer would be taken for the next one
                raise

    def _exchange(self, protocol: Protocol, progress: Callable[[float], None] | None) -> Recording:
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            pickle.dump((protocol, progress is not None), process.stdin)
            process.stdin.flush()
            while True:
                kind, content = pickle.load(process.stdout)
                if kind == "progress":
                    assert progress is not None
                    progress(content)
                elif kind == "error":
                    content.from_worker = True
                    raise content
                else:
                    return content
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            raise WorkerDiedError(
                "the process that runs the cell ended before it answered; run it again"
            ) from error

    def _started(self) -> subprocess.Popen:
        if self._process is None or self._process.poll() is not None:
            # away from the caller's folder, whose compiled mechanisms NEURON would load by itself
            package_home = Path(__file__).resolve().parent.parent
            path = os.pathsep.join(
                [str(package_home), *filter(None, [os.environ.get("PYTHONPATH")])]
            )
            self._process = subprocess.Popen(
                [sys.executable, "-m", "izhikevich.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).resolve().parent,
                env={**os.environ, "PYTHONPATH": path, "NEURON_MODULE_OPTIONS": "-nogui"},
            )
        return self._process

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@functools.cache
def shared() -> Worker:
    """The worker of this process; it ends when the process does."""
    worker = Worker()
    atexit.register(worker.close)
    return worker


def _serve() -> None:
    """Answer protocols until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever NEURON or a library prints must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from izhikevich import mechanisms, simulation

    def answer(kind: str, content: Any) -> None:
        pickle.dump((kind, content), answers)
        answers.flush()

    while True:
        try:
            protocol, wants_progress = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        progress = functools.partial(answer, "progress") if wants_progress else None
        try:
            mechanisms.load()
            answer("recording", simulation.run(protocol, progress))
        except (RuntimeError, ValueError) as error:
            answer("error", error)


if __name__ == "__main__":
    _serve()
