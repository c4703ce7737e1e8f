"""Processes of ours: one environment for all, and nothing of them outlives their end."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import psutil
import pytest
from conftest import ROOT

from izhikevich import network
from izhikevich.catalog import CATALOG
from izhikevich.choice import Choice
from izhikevich.engine import build, mechanisms
from izhikevich.engine.processes import Process, environment
from izhikevich.engine.worker import InterruptedRunError, OutOfTimeError, Worker, WorkerDiedError
from izhikevich.recording import RunawayError

CHOICE = Choice(CATALOG["2004"]["tonic spiking"])
#: Stands for a module of the package: one that starts others, out of its session and its family.
FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 1:
    orphaned = "import subprocess, sys; subprocess.Popen([sys.executable, *sys.argv[1:]])"
    for how in (["family.py", "x"], ["-c", orphaned, "family.py", "x"]):
        subprocess.Popen([sys.executable, *how], start_new_session=True)
print(os.getpid(), flush=True)
time.sleep(600)
"""


def seen(**variables):
    """The environment that a process of ours would have, with these variables set here."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return environment()


def test_no_path_of_the_environment_depends_on_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = seen(
        IZHIKEVICH_CACHE="cache",
        CORENEURONLIB="libcorenrnmech.so",
        PYTHONPATH=os.pathsep.join(["mine", "/theirs", ""]),
    )
    assert found["IZHIKEVICH_CACHE"] == str(tmp_path / "cache")
    assert found["CORENEURONLIB"] == str(tmp_path / "libcorenrnmech.so")
    assert found["PYTHONPATH"].split(os.pathsep) == [str(ROOT), str(tmp_path / "mine"), "/theirs"]


def test_a_process_of_ours_is_no_rank_of_the_callers():
    assert "NEURON_INIT_MPI" not in seen(NEURON_INIT_MPI="1")


@pytest.fixture
def cache_by_a_relative_name(tmp_path, monkeypatch):
    """The mechanisms, compiled, in a cache named by a relative path; nothing can be compiled."""
    mechanisms.load()
    (tmp_path / "cache").symlink_to(build.cache_folder())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZHIKEVICH_CACHE", "cache")
    monkeypatch.setenv("CXX", "false")


@pytest.mark.parametrize("ranks", [1, 2])
def test_ranks_compile_nothing_where_the_cache_has_a_relative_name(cache_by_a_relative_name, ranks):
    spec = network.NetworkSpec(cells=10, seconds=0.1, current=10.0)
    assert len(network.run(spec, ranks=ranks).times) > 10


def test_a_worker_compiles_nothing_there_either(cache_by_a_relative_name):
    worker = Worker()
    try:
        assert len(worker.run(CHOICE).spikes) == 5
    finally:
        worker.close()


@pytest.mark.parametrize("leader", ["lives", "was killed"])
def test_with_a_process_ends_all_that_it_has_started(tmp_path, monkeypatch, leader):
    (tmp_path / "family.py").write_text(FAMILY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Process("family", folder=tmp_path, stdout=subprocess.PIPE, text=True)
    family = [psutil.Process(int(process.stdout.readline())) for _ in range(3)]
    assert len({os.getsid(member.pid) for member in [psutil.Process(), *family]}) == 4
    if leader == "was killed":
        process.kill()
        process.wait()
    process.end(grace=0.2)
    assert not any(map(psutil.Process.is_running, family))
    assert process.returncode == -9 and process.stdout.closed


def test_a_process_that_is_asked_to_end_may_do_so(tmp_path, monkeypatch):
    (tmp_path / "polite.py").write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print(flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = Process("polite", stdout=subprocess.PIPE)
    process.stdout.readline()
    process.end(grace=60)
    assert process.returncode == 7


# --- a worker ----------------------------------------------------------------------------------


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.close()
    assert not worker.is_alive


def test_a_run_that_takes_too_long_ends_the_worker_and_no_more(worker):
    worker.start()
    endless = CHOICE.but(tstop=1e7, scheme="exact")
    with pytest.raises(OutOfTimeError, match=r"over 0\.2 s"):
        worker.run(endless, within=0.2)
    assert not worker.is_alive
    assert len(worker.run(CHOICE, within=600).spikes) == 5
    assert worker.n_runs == 1 and worker.is_alive


def test_what_cannot_be_sent_or_read_is_an_error_of_that_run_alone(worker):
    worker.run(CHOICE)
    pid = worker.start().pid
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        worker.run(threading.Lock())
    with pytest.raises(RuntimeError, match="out of luck"):
        worker.run(_OutOfLuck())
    assert len(worker.run(CHOICE).spikes) == 5 and worker.start().pid == pid


class _OutOfLuck:
    """Cannot be read in the worker."""

    def __reduce__(self):
        return eval, ("(_ for _ in ()).throw(RuntimeError('out of luck'))",)


def test_an_error_of_the_run_leaves_the_worker_as_it_is(worker):
    runaway = Choice(CATALOG["2004"]["inhibition-induced bursting"], scheme="exact")
    with pytest.raises(RunawayError) as caught:
        worker.run(runaway)
    assert len(caught.value.recording.spikes) > 12
    pid = worker.start().pid
    assert len(worker.run(CHOICE).spikes) == 5 and worker.start().pid == pid


def test_a_worker_killed_between_two_runs_is_replaced(worker):
    worker.run(CHOICE)
    process = worker.start()
    process.kill()
    process.wait()
    assert len(worker.run(CHOICE).spikes) == 5


def test_a_worker_that_is_closed_in_the_middle_of_a_run_tells_who_waits(worker):
    worker.run(CHOICE)
    came = []

    def run():
        with pytest.raises(WorkerDiedError) as caught:
            worker.run(CHOICE.but(tstop=1e7, scheme="exact"), came.append)
        came.append(caught.value)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not came:
        time.sleep(0.01)
    worker.close()
    thread.join()
    assert isinstance(came[-1], WorkerDiedError) and not isinstance(came[-1], OutOfTimeError)


def test_a_run_that_is_interrupted_ends_and_the_worker_goes_on(worker):
    worker.run(CHOICE)
    pid = worker.start().pid
    for scheme in ("exact", "published"):
        came = []

        def run(scheme=scheme, came=came):
            with pytest.raises(InterruptedRunError):
                worker.run(CHOICE.but(tstop=1e6, scheme=scheme), came.append)
            came.append("interrupted")

        thread = threading.Thread(target=run)
        thread.start()
        while thread.is_alive() and not came:
            time.sleep(0.01)
        worker.interrupt()
        thread.join(60)
        assert came[-1] == "interrupted" and came[0] < 1e6
        # one that comes too late is for no other run
        worker.interrupt()
        assert len(worker.run(CHOICE).spikes) == 5
        assert worker.start().pid == pid


def test_where_there_is_nothing_to_interrupt_nothing_happens(worker):
    worker.interrupt()
    assert not worker.is_alive
