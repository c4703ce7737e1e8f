"""Ranks: processes of a run of their own, started by MPI where they are more than one.

A job is told to each through a file; each leaves its result in another. However the caller ends,
they end with it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from izhikevich.engine.build import MechanismError
from izhikevich.engine.processes import Process, end_with_parent
from izhikevich.errors import IzhikevichError

__all__ = ["NetworkError", "run_on_ranks"]

#: Time that MPI has to stop its ranks before they are killed, s.
GRACE = 3.0


class NetworkError(IzhikevichError, RuntimeError):
    """A network cannot be run, or a rank of it died; the message says which and why.

    Attributes
    ----------
    summary : str
        The message without the output.
    output : str
        The last lines that the ranks wrote, if one died; its traceback, if that was a fault.
    """

    def __init__(self, summary: str, output: str = "") -> None:
        told = f" The last lines of the output are\n\n{output}" if output else ""
        super().__init__(summary + told)
        self.summary = summary
        self.output = output


def run_on_ranks(
    job: Any, ranks: int, progress: Callable[[float], None] | None = None
) -> list[dict[str, Any]]:
    """Run a job on ranks of their own, starting MPI for more than one.

    Ctrl-C, and every other exception, stops all ranks and leaves no process.

    Parameters
    ----------
    job : object
        What can be pickled; `job.run(report)` gives a rank's result, a dict.
    ranks : int
        Number of processes.
    progress : callable, optional
        Called with what rank 0 reports.

    Returns
    -------
    list of dict
        The result of each rank.

    Raises
    ------
    NetworkError
        If MPI is missing, or a rank died; the message names it.
    """
    launcher: list[str] = []
    variables: dict[str, str] = {}
    if ranks > 1:
        program, variables = mpi_launcher()
        launcher = [program, "-n", str(ranks)]
    with tempfile.TemporaryDirectory(prefix="izhikevich-network-") as name:
        folder = Path(name)
        (folder / "job").write_bytes(pickle.dumps(job))
        process = Process(
            "izhikevich.network",
            name,
            str(ranks),
            launcher=launcher,
            variables=variables,
            folder=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                if line.startswith("progress "):
                    if progress is not None:
                        progress(float(line.split()[1]))
                elif not line.startswith("numprocs="):  # NEURON's greeting
                    said.append(line)
            process.wait()
        finally:
            process.end(GRACE)
        _raise_if_died(folder, ranks, process.returncode, "".join(said))
        return [pickle.loads((folder / f"{k}.result").read_bytes()) for k in range(ranks)]


def _pids(folder: Path) -> dict[int, int]:
    """Process of each rank that has started."""
    return {int(file.stem): int(file.read_text() or 0) for file in folder.glob("*.pid")}


def _raise_if_died(folder: Path, ranks: int, code: int, said: str) -> None:
    """Raise for the rank that died first, if one did."""
    errors = sorted(folder.glob("*.error"), key=lambda file: file.stat().st_mtime_ns)
    if errors:
        kind, message, where = pickle.loads(errors[0].read_bytes())
        if kind == "MechanismError":
            raise MechanismError(message)
        raise NetworkError(f"Rank {errors[0].stem} of {ranks} stopped: {message}", where)
    finished = {int(file.stem) for file in folder.glob("*.result")}
    if code == 0 and len(finished) == ranks:
        return
    pids = _pids(folder)
    found = re.search(r"PID (\d+) RUNNING", said)  # of the rank that MPI saw die
    last = "\n".join(said.splitlines()[-12:])
    if ranks > 1 and code < 0 and not found:
        raise NetworkError(f"mpiexec died (signal {-code}), and the {ranks} ranks with it.", last)
    dead = [rank for rank, pid in pids.items() if found and pid == int(found[1])]
    dead = dead or [rank for rank in range(ranks) if rank not in finished]
    reason = re.search(r"EXIT CODE: (\d+)", said)
    number = int(reason[1]) if reason else (-code if code < 0 else code)
    how = f"signal {number}" if (found or code < 0) and 0 < number < 64 else f"exit code {number}"
    raise NetworkError(
        f"Rank {', '.join(map(str, dead))} of {ranks} died ({how}), and the run with it.", last
    )


@functools.cache
def mpi_launcher() -> tuple[str, dict[str, str]]:
    """The program that starts ranks, and the environment in which NEURON finds its library."""
    try:
        files = importlib.metadata.files("mpich") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    paths = [Path(str(file.locate())).resolve() for file in files]
    launchers = [p for p in paths if p.name in ("mpiexec", "mpiexec.hydra")]
    libraries = [p for p in paths if re.fullmatch(r"libmpi\.so\.12|libmpi\.12\.dylib", p.name)]
    if launchers and libraries:
        return str(launchers[0]), {"MPI_LIB_NRN_PATH": str(libraries[0])}
    system = shutil.which("mpiexec")
    if system is None:
        raise NetworkError(
            "More than one rank needs MPI, which is not installed. Install it with\n\n"
            "    pip install mpich"
        )
    return system, {}


def serve(folder: Path, ranks: int) -> None:
    """Be one rank: do the job of the folder, leave the result there.

    Parameters
    ----------
    folder : Path
        Where `run_on_ranks` has put the job.
    ranks : int
        How many of them there are to be.
    """
    end_with_parent()
    from neuron import h

    if ranks > 1:
        h.nrnmpi_init()
    context = h.ParallelContext()
    rank = int(context.id())
    _write(folder / f"{rank}.pid", str(os.getpid()).encode())
    code = 1
    try:
        if int(context.nhost()) != ranks:
            raise NetworkError(
                f"NEURON sees {int(context.nhost())} of {ranks} ranks: it did not find the MPI "
                "library of mpiexec. Install MPI with `pip install mpich`."
            )
        job = pickle.loads((folder / "job").read_bytes())

        def report(done: float) -> None:
            if rank == 0:
                print(f"progress {done}", flush=True)

        result = job.run(report)
        _write(folder / f"{rank}.result", pickle.dumps(result))
        context.barrier()  # nobody leaves before all have written
        code = 0
    except Exception as error:
        is_fault = not isinstance(error, IzhikevichError)
        where = traceback.format_exc() if is_fault else ""
        told = type(error).__name__, str(error), where
        _write(folder / f"{rank}.error", pickle.dumps(told))
    finally:
        sys.stdout.flush()
        if code == 0 and ranks > 1:
            h.quit()  # tells MPI, which would take it for dead otherwise and kill the others
        # at once: to free a hundred thousand cells one by one takes longer than to run them
        os._exit(code)


def _write(file: Path, content: bytes) -> None:
    """Write a file that appears whole."""
    part = file.with_name(file.name + ".part")
    part.write_bytes(content)
    part.rename(file)
