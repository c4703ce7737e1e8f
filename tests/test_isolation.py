"""A run disturbs nothing: NEURON's settings, the user's own model, and the worker process."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from izhikevich.engine import mechanisms

REPOSITORY = mechanisms.mod_files()[0].parent.parent
NRNIVMODL = Path(sys.executable).with_name("nrnivmodl")

# For the scripts, each of which is a process of its own.
COMMON = """
import os, signal, sys, threading, time
import numpy as np
import izhikevich
from izhikevich import CATALOG, RunawayError, simulate
from izhikevich.engine import isolation, worker
from neuron import coreneuron, h
solver, pc = h.CVode(), h.ParallelContext()

class Stop(Exception):
    pass

def stop(t):
    if t > 5:
        raise Stop

def run_all_ways():
    'Both variants and all schemes, runaways and interrupted runs.'
    for variant in ("PP", "Sec"):
        for scheme in ("published", "exact"):
            simulate("2004", "tonic spiking", variant=variant, scheme=scheme)
            simulate("2007", "RTN", variant=variant, scheme=scheme, tstop=50)
            simulate("2004", "Class 1", variant=variant, scheme=scheme, tstop=50,
                     synapse=izhikevich.Synapse())
            try:
                simulate("2004", "tonic spiking", variant=variant, scheme=scheme, progress=stop)
                raise AssertionError("not stopped")
            except Stop:
                pass
        for how in ({"scheme": "exact", "tstop": 200}, {"scheme": "fixed", "dt": 5}):
            key = "inhibition-induced bursting" if how["scheme"] == "exact" else "Class 2"
            try:
                simulate("2004", key, variant=variant, **how)
                raise AssertionError("did not run away")
            except RunawayError:
                pass

SETTINGS = ("active", "atol", "rtol", "condition_order", "use_local_dt", "maxstep", "minstep",
            "maxorder", "stiff", "use_daspk", "cache_efficient", "jacobian", "use_fast_imem",
            "queue_mode")

def settings():
    found = {name: getattr(solver, name)() for name in SETTINGS}
    found |= {"t": h.t, "dt": h.dt, "secondorder": h.secondorder, "threads": pc.nthread(),
              "celsius": h.celsius, "coreneuron": coreneuron.enable}
    return found

def objects():
    names = ("NetCon", "NetStim", "Vector", "FInitializeHandler", "ExpSyn", "Izhi2003a",
             "Izhi2003b", "Izhi2007a", "Izhi2007b")
    return {name: int(h.List(name).count()) for name in names} | {
        "sections": len(list(h.allsec()))}

def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name))
               for name in ("t", "v", "u", "i", "spikes"))

def worker_pid():
    return worker.shared()._process.pid

LONG = dict(paper="2007", key="RS", tstop=500_000.0)  # some seconds of work
"""


def environment(**changes):
    return {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "NEURON_MODULE_OPTIONS": "-nogui",
        **changes,
    }


def start(code, cwd="/", **how):
    return subprocess.Popen(
        [sys.executable, "-u", "-c", COMMON + code],
        cwd=cwd,
        env=environment(),
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
    )


def run(code, cwd="/"):
    """Run a script to its end; gives what it printed."""
    process = start(code, cwd)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def is_running(pid):
    """Whether the process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def ends(pid, seconds=10.0):
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(pid)


# --- in the caller's process --------------------------------------------------------------------


@pytest.mark.parametrize(
    "set_up",
    [
        "pass",
        "h.dt, h.t, h.secondorder, h.celsius = 0.0125, 17.5, 2, 33",
        "solver.atol(1e-5); solver.rtol(1e-4); solver.maxstep(3); solver.minstep(1e-7)\n"
        "solver.maxorder(3); solver.condition_order(2); solver.stiff(1); solver.active(1)",
        "solver.active(1); solver.use_local_dt(1)",
        "solver.active(1); solver.use_daspk(1)",
        "pc.nthread(3); h.dt = 0.1",
        "coreneuron.enable = True",
    ],
)
def test_settings_stay_as_they_were(set_up):
    code = f"""
{set_up}
before = settings()
run_all_ways()
after = settings()
assert after == before, {{name: (before[name], after[name]) for name in before
                          if before[name] != after[name]}}
assert not worker._worker_of.cache_info().currsize
"""
    run(code)


def test_settings_do_not_change_the_result():
    code = """
ways = [dict(variant=v, scheme=s) for v in ("PP", "Sec") for s in ("published", "exact")]
before = [simulate("2004", "tonic bursting", **way) for way in ways]
h.dt, h.t, h.secondorder = 0.5, 12, 2
solver.atol(1); solver.rtol(1); solver.maxstep(0.5); solver.maxorder(2); solver.stiff(0)
solver.active(1); solver.use_local_dt(1)
pc.nthread(2)
coreneuron.enable = True
for way, recording in zip(ways, before):
    assert same(simulate("2004", "tonic bursting", **way), recording), way
"""
    run(code)


def test_nothing_is_left_behind():
    code = """
simulate("2004", "tonic spiking")
pool = objects()
assert pool["FInitializeHandler"] == 2 and pool["sections"] == pool["NetCon"] == 0
run_all_ways()
assert objects() == pool, objects()
kept = []
try:
    simulate("2004", "Class 2", variant="Sec", scheme="fixed", dt=5)
except RunawayError as error:
    kept.append(error)  # with its traceback, and the frames in it
assert objects() == pool, objects()
for vector in isolation.shared().vectors.values():
    assert len(vector) == 0
"""
    run(code)


@pytest.fixture(scope="module")
def foreign_folder(tmp_path_factory):
    """A working directory with a compiled mechanism of the user's, which NEURON loads."""
    folder = tmp_path_factory.mktemp("foreign")
    mine = "NEURON { POINT_PROCESS Izhi2007b RANGE k }\nPARAMETER { k = 7 }\n"
    (folder / "mine.mod").write_text(mine)
    subprocess.run([NRNIVMODL, "mine.mod"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("own", ["", 'mine = h.Section(name="mine")'])
def test_a_foreign_mechanism_is_named_and_the_others_run(foreign_folder, own):
    code = f"""
from izhikevich.engine.mechanisms import MechanismError
{own}
for scheme in ("published", "exact"):
    try:
        simulate("2007", "RS", variant="Sec", scheme=scheme)
        raise AssertionError("not refused")
    except MechanismError as error:
        assert "Izhi2007b" in str(error)
    assert len(simulate("2007", "RS", scheme=scheme).spikes) == 7
    for variant in ("PP", "Sec"):
        assert len(simulate("2004", "tonic spiking", variant=variant, scheme=scheme).spikes) == 5
"""
    run(code, foreign_folder)


# --- in a process with a model of the user's own -----------------------------------------------

USER = """
soma = h.Section(name="soma")
soma.L = soma.diam = 20
soma.insert("hh")
dend = h.Section(name="dend")
dend.connect(soma)
dend.L, dend.diam, dend.nseg = 100, 1, 5
dend.insert("pas")
synapse = h.ExpSyn(dend(0.5))
train = h.NetStim()
train.number, train.interval, train.noise = 100, 7, 0.5
connection = h.NetCon(train, synapse)
connection.weight[0], connection.delay = 0.001, 1
clamp = h.IClamp(soma(0.5))
clamp.dur, clamp.amp = 1e9, 0.4
v, t = h.Vector().record(soma(0.5)._ref_v), h.Vector().record(h._ref_t)
detector, spikes = h.NetCon(soma(0.5)._ref_v, None, sec=soma), h.Vector()
detector.record(spikes)
initialised = []
handler = h.FInitializeHandler(lambda: initialised.append(h.t))

def whole_run(between):
    'The first and the second half of a run, with something between them.'
    h.finitialize(-65)
    while h.t < 30:
        h.fadvance()
    state = list(v), list(t), h.t, h.dt, soma(0.5).v, soma(0.5).hh.m, len(initialised)
    between()
    assert state == (list(v), list(t), h.t, h.dt, soma(0.5).v, soma(0.5).hh.m, len(initialised))
    while h.t < 60:
        h.fadvance()
    return list(t), list(v), list(spikes)
"""


@pytest.mark.parametrize("variable_step", [False, True])
def test_a_running_model_goes_on_as_if_nothing_had_been(variable_step):
    code = f"""
ways = [dict(variant=v, scheme=s) for v in ("PP", "Sec") for s in ("published", "exact")]
alone = [simulate("2007", "LTS", **way) for way in ways]
{USER}
solver.active({int(variable_step)})
def simulations():
    for way, recording in zip(ways, alone):
        assert same(simulate("2007", "LTS", **way), recording)
    run_all_ways()
undisturbed = whole_run(lambda: None)
assert len(undisturbed[2]) > 1
before = settings()
assert whole_run(simulations) == undisturbed
assert len(initialised) == 2
assert settings() == before | {{"t": h.t}}
assert worker_pid() != os.getpid()
"""
    run(code)


@pytest.mark.parametrize(
    "own",
    [
        'mine = h.Section(name="mine")',
        "mine = h.Vector([1, 2])",
        "mine = h.FInitializeHandler(lambda: 1 / 0)",
        "mine = h.NetStim()",
        "mine = h.NetCon(None, None)",
        "from izhi2007Wrapper import dummy",
    ],
)
def test_whatever_the_user_owns_moves_the_run_to_the_worker(own):
    code = f"""
simulate("2004", "tonic spiking")
assert not worker._worker_of.cache_info().currsize
{own}
assert len(simulate("2004", "tonic spiking").spikes) == 5
pid = worker_pid()
assert len(simulate("2004", "tonic spiking", scheme="exact").spikes) == 5
assert worker_pid() == pid
"""
    run(code)


def test_what_is_the_users_is_known_by_what_it_is_not_by_how_much_there_is():
    code = """
simulate("2004", "tonic spiking")
assert list(isolation.shared().others()) == []
mine = [h.Vector(), h.NetStim(), h.FInitializeHandler(lambda: None), h.Section(name="mine")]
again = [*h.List("Vector"), *h.List("FInitializeHandler"), *h.List("NetStim")]
assert len(again) > len(mine)  # ours, too, of which these are other wrappers
found = list(isolation.shared().others())
assert len(found) == len(mine) and all(each in found for each in mine), found
mine = again = found = None
assert not isolation.holds_objects_of_the_user()
"""
    run(code)


# --- the worker ---------------------------------------------------------------------------------

IN_WORKER = """
mine = h.Section(name="mine")
"""


def test_a_worker_that_is_killed_is_told_and_replaced():
    code = f"""{IN_WORKER}
def kill(t):
    os.kill(worker_pid(), signal.SIGKILL)
simulate("2004", "tonic spiking")
first = worker_pid()
for how in (dict(progress=kill), {{}}):
    if not how:
        threading.Timer(0.5, kill, [0]).start()
    try:
        simulate(**LONG, **how)
        raise AssertionError("not noticed")
    except worker.WorkerDiedError:
        pass
    assert len(simulate("2004", "tonic spiking").spikes) == 5
assert worker_pid() != first
kill(0)  # between two runs
worker.shared()._process.wait()
assert len(simulate("2004", "tonic spiking").spikes) == 5
"""
    run(code)


def test_progress_is_called_and_may_raise():
    code = f"""{IN_WORKER}
for scheme in ("published", "exact"):
    times = []
    simulate("2004", "tonic spiking", scheme=scheme, progress=times.append)
    assert len(times) > 10 and times == sorted(times) and times[-1] > 90
    for error in (Stop, EOFError):
        def refuse(t):
            raise error
        try:
            simulate(**LONG, progress=refuse)
            raise AssertionError("not stopped")
        except error:
            pass
    assert len(simulate("2004", "tonic spiking", scheme=scheme).spikes) == 5
"""
    run(code)


def test_errors_come_through():
    code = f"""
def runaway():
    try:
        simulate("2004", "inhibition-induced bursting", scheme="exact")
    except RunawayError as error:
        return error
here = runaway()
{IN_WORKER}
there = runaway()
pid = worker_pid()
assert str(there) == str(here) and there.time == here.time
assert same(there.recording, here.recording) and len(there.recording.spikes) > 12
assert dict(there.recording.parameters) == dict(here.recording.parameters)
try:
    simulate("2004", "tonic spiking", scheme="fixed", dt=-1)
    raise AssertionError("not refused")
except ValueError as error:
    assert "dt" in str(error)
simulate("2004", "tonic spiking")
assert worker_pid() == pid
"""
    run(code)


def test_a_script_without_a_guard_is_run_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import izhikevich\n"
        "from neuron import h\n"
        "print('once')\n"
        "mine = h.Section(name='mine')\n"
        "print(len(izhikevich.simulate('2004', 'tonic spiking').spikes))\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.split() == ["once", "5"], done.stderr


def test_what_the_user_prints_is_not_disturbed():
    code = f"""{IN_WORKER}
print("before")
simulate("2004", "tonic spiking", scheme="exact", progress=lambda t: None)
h('print "of hoc"')
print("after")
"""
    assert run(code).split("\n") == ["before", "of hoc", "after", ""]


def test_modules_of_the_users_folder_do_not_reach_the_worker(tmp_path):
    for name in ("files", "catalog", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('of the user')\n")
    code = f"""{IN_WORKER}
os.chdir({str(tmp_path)!r})
assert len(simulate("2004", "tonic spiking").spikes) == 5
"""
    run(code)


@pytest.mark.parametrize(
    ("end", "work"),
    [
        (None, "sys.exit()"),
        (signal.SIGTERM, "time.sleep(60)"),
        (signal.SIGKILL, "time.sleep(60)"),
        (signal.SIGTERM, "simulate(**{**LONG, 'tstop': 2e6})"),
        (signal.SIGKILL, "simulate(**{**LONG, 'tstop': 2e6})"),
    ],
)
def test_the_worker_ends_with_its_caller(end, work):
    code = f"""{IN_WORKER}
simulate("2004", "tonic spiking")
print(worker_pid())
{work}
"""
    caller = start(code)
    pid = int(caller.stdout.readline())
    if end is not None:
        assert is_running(pid)
        time.sleep(0.2)
        caller.send_signal(end)
    caller.wait(timeout=20)
    assert ends(pid)


def test_a_fork_has_a_worker_of_its_own():
    code = f"""{IN_WORKER}
expected = simulate("2004", "tonic spiking")
pid = worker_pid()
child = os.fork()
if not child:
    assert same(simulate("2004", "tonic spiking"), expected)
    sys.exit(0 if worker_pid() != pid else 1)
for _ in range(20):
    assert same(simulate("2004", "tonic spiking"), expected)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert same(simulate("2004", "tonic spiking"), expected) and worker_pid() == pid
"""
    run(code)


def test_threads_take_turns():
    code = f"""
keys = ["tonic spiking", "phasic spiking", "tonic bursting", "mixed mode"]
expected = {{key: simulate("2004", key) for key in keys}}
{IN_WORKER}
got = {{}}
threads = [threading.Thread(target=lambda key=key: got.update({{key: simulate("2004", key)}}))
           for key in keys]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert all(same(got[key], expected[key]) for key in keys)
"""
    run(code)


def test_ctrl_c_at_the_terminal_stops_the_run_and_no_more():
    """Of a real terminal, which sends the interrupt to all in the foreground."""
    master, slave = pty.openpty()
    code = f"""{IN_WORKER}
import fcntl, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
assert len(simulate("2004", "tonic spiking").spikes) == 5
idle = worker_pid()
try:
    print("idle", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    pass
assert len(simulate("2004", "tonic spiking").spikes) == 5 and worker_pid() == idle
try:
    print("running", flush=True)
    simulate(**LONG)
    raise AssertionError("not interrupted")
except KeyboardInterrupt:
    pass
assert len(simulate("2004", "tonic spiking").spikes) == 5
assert not os.path.exists(f"/proc/{{idle}}")
print("usable", flush=True)
"""
    process = start(code, stdin=slave)
    os.close(slave)
    try:
        for word in ("idle", "running"):
            assert process.stdout.readline().strip() == word
            time.sleep(0.5)
            os.write(master, b"\x03")
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert out.strip() == "usable"
        assert "Traceback" not in err
    finally:
        process.kill()
        os.close(master)
