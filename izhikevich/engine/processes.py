"""Processes of ours beside the caller's: how they start, what they see, and how they end.

Each is this Python with a module of the package. All have one environment, in which no path depends
on the working directory. They start away from the caller's folder, whose compiled mechanisms NEURON
would load by itself, and in a session of their own, so that a Ctrl-C at the terminal is the
caller's, to hand on or not. With a process ends whatever it has started.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from izhikevich.engine import build
from izhikevich.engine.coreneuron import LIBRARY_VARIABLE

if TYPE_CHECKING:
    import psutil

__all__ = ["Process", "end_with_parent", "environment"]

#: Environment variable by which whatever a process has started is known: it is handed down.
MARK = "IZHIKEVICH_PROCESS"
#: Time that the system has to clear away what was killed, s.
CLEARING = 5.0


def environment() -> dict[str, str]:
    """Environment of every process of ours.

    Returns
    -------
    dict of str to str
        The caller's, with what these processes need.
    """
    package_home = str(Path(__file__).resolve().parent.parent.parent)
    paths = [package_home, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths),
        build.CACHE_VARIABLE: str(build.cache_folder()),
        "NEURON_MODULE_OPTIONS": "-nogui",
        "OPENBLAS_NUM_THREADS": "1",  # its idle threads take the cores of other processes
    }
    if variables.get(LIBRARY_VARIABLE):
        variables[LIBRARY_VARIABLE] = os.path.abspath(variables[LIBRARY_VARIABLE])
    variables.pop("NEURON_INIT_MPI", None)  # none is a rank of the caller's
    return variables


class Process(subprocess.Popen):
    """A module of the package, run by this Python as a process of its own.

    Parameters
    ----------
    module : str
        As after ``python -m``.
    *arguments : str
        Of the module.
    launcher : sequence of str
        Program, with its arguments, that starts Python: that of MPI.
    variables : mapping of str to str, optional
        Of the environment, beside those of `environment`.
    folder : path-like, optional
        Working directory. Default: the root of the file system.
    **streams
        As for `subprocess.Popen`.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        launcher: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        folder: str | os.PathLike[str] | None = None,
        **streams: Any,
    ) -> None:
        self._mark = uuid.uuid4().hex
        super().__init__(
            [*launcher, sys.executable, "-m", module, *arguments],
            cwd=os.path.abspath(os.sep) if folder is None else folder,
            env={**environment(), **(variables or {}), MARK: self._mark},
            start_new_session=True,
            **streams,
        )

    def end(self, grace: float = 0.0) -> None:
        """End it with all that it has started, and wait until they are gone; close its streams.

        Parameters
        ----------
        grace : float
            Time that it has to end by itself, being asked to, before it is killed, s.
        """
        try:
            if grace and self.poll() is None:
                self.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.wait(grace)
        finally:
            self.kill()  # which does nothing when it has ended
            self.wait()
            if self.returncode != 0:  # what has come to its own good end leaves nothing
                self._kill_what_is_left()
            for stream in (self.stdin, self.stdout, self.stderr):
                with contextlib.suppress(OSError):  # what was not yet written is lost, as meant
                    if stream is not None:
                        stream.close()

    def _kill_what_is_left(self) -> None:
        import psutil

        # again, for one that was started while the others were looked for
        while found := self._descendants():
            for process in found:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            _, left = psutil.wait_procs(found, CLEARING)
            if left:
                break  # the system does not let go of it

    def _descendants(self) -> list[psutil.Process]:
        """What it has started, at whatever remove, and though it be no child of it any more."""
        import psutil

        return [
            process
            for process in psutil.process_iter(["environ"])
            if (process.info["environ"] or {}).get(MARK) == self._mark
        ]


def end_with_parent() -> None:
    """Let this process be killed when the thread ends that has started it; on Linux.

    For processes whose starter waits for them in that thread. It ends them at once, also in the
    middle of a long step of NEURON, and however the starter ended, by SIGKILL even.
    """
    if sys.platform == "linux":
        set_signal_at_death_of_parent = 1
        ctypes.CDLL(None).prctl(set_signal_at_death_of_parent, signal.SIGKILL)
