"""The command line: what each command says and writes, and how it refuses what cannot be done."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import importlib
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from importlib import metadata

import click
import libsonata
import numpy as np
import pynwb
import pytest
from click.testing import CliRunner
from conftest import ROOT

from izhikevich import Recording, Step, Waveform, simulate
from izhikevich.catalog import CATALOG
from izhikevich.experiments.comparison_tables import HEADINGS
from izhikevich.views.cli.commands import list as list_command
from izhikevich.views.cli.commands import run as run_command
from izhikevich.views.cli.main import main

IZH = (sys.executable, "-m", "izhikevich.views.cli.main")
TYPES = [entry for types in CATALOG.values() for entry in types.values()]
RUNS_AWAY = "inhibition-induced bursting"
SHORT = ("run", "tonic spiking", "--tstop", "20")


def environment(**more):
    """No display, no installation, and no terminal's width."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "COLUMNS"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def izh(*arguments, cwd, status=0, prepare=None, env=None):
    """Run the program in a process of its own."""
    done = subprocess.run(
        [*IZH, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=prepare,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def here(*arguments, status=0):
    """Run a command in this process, where that makes no difference."""
    done = CliRunner().invoke(main, arguments, prog_name="izh")
    assert done.exit_code == status, done.output
    return done


def refused(*arguments, status=1):
    """What is said in one line to a command that cannot be carried out."""
    done = here(*arguments, status=status)
    assert done.stdout == ""
    assert done.stderr.startswith("izh: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.removeprefix("izh: ").rstrip("\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the commands of this process work, too."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_csv(path):
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array(rows, dtype=float)


# --- help, version, list ---


def test_the_help_leads_a_newcomer_to_every_command():
    general = here("--help").stdout
    assert "izh run" in general and "izh list" in general
    for name, command in main.commands.items():
        assert name in general
        text = here(name, "--help").stdout
        assert text.startswith(f"Usage: izh {name}")
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, parameter.name


@pytest.mark.parametrize("name", ["run", "figures", "compare"])
def test_the_examples_of_the_help_are_lines_of_their_own(name):
    text = here(name, "--help").stdout
    examples = text.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 3
    assert all(line.strip().startswith(f"izh {name}") for line in examples)


def test_the_version_is_known_or_said_to_be_unknown(monkeypatch):
    def not_installed(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", not_installed)
    assert "not installed" in here("--version").stdout
    monkeypatch.setattr(metadata, "version", {"izhikevich": "12.34"}.__getitem__)
    assert here("--version").stdout == "izh, version 12.34\n"


def test_the_version_of_a_bare_checkout(tmp_path):
    assert izh("--version", cwd=tmp_path).stdout.startswith("izh, version ")


def test_list_shows_every_type(tmp_path):
    heading, *lines = izh("list", cwd=tmp_path).stdout.splitlines()
    assert len(lines) == len(TYPES) == 39
    ends = [heading.index(name) for name in ("panel", "key", "I (pA)", "published", "exact")]
    for line, entry in zip(lines, TYPES, strict=True):
        cells = [line[a:b].strip() for a, b in zip([0, *ends], [*ends, None], strict=True)]
        assert cells[0] == entry.paper
        assert cells[1] in (entry.panel, entry.figure.removeprefix("Fig. "))
        assert cells[2] == entry.key
        assert [float(x) for x in cells[3].split()] == list(entry.amplitudes)
        assert [int(x) for x in cells[4].split()] == list(entry.spikes_published)
        exact = cells[5].replace("runs away", "None").split()
        assert exact == [str(n) for n in entry.spikes_exact]


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    # nobody reads from the first line on, as after `| head -1` when head was the quicker one
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "izhikevich.views.cli.main", "list"],
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert done.stderr == ""


# --- run ---


def test_run_says_what_came_of_it(tmp_path):
    done = izh("run", "tonic spiking", cwd=tmp_path)
    recording = simulate("2004", "tonic spiking")
    assert done.stderr == ""
    summary, spikes, times, intervals = done.stdout.splitlines()
    assert "tonic spiking" in summary and "2004 Fig. 1" in summary and "PP" in summary
    assert "published (dt 0.25 ms)" in summary and "100 ms" in summary
    assert spikes == "spikes: 5, mean rate 50.00 Hz"
    said = [float(x) for x in times.partition(": ")[2].split(", ")]
    assert said == recording.spikes.tolist()
    assert intervals == "intervals (ms): first 4, last 27.5"
    assert os.listdir(tmp_path) == []


def test_run_writes_all_that_it_is_asked_for_in_one_go(tmp_path):
    names = ["run.csv", "run.npz", "run.nwb", "run.h5", "run.png", "run.svg", "run.pdf"]
    outputs = [word for name in names for word in ("--out", name)]
    done = izh("run", "RS", "--paper", "2007", *outputs, cwd=tmp_path)
    assert [line for line in done.stdout.splitlines() if line.startswith("wrote")] == [
        f"wrote {name}" for name in names
    ]
    assert sorted(os.listdir(tmp_path)) == sorted(names)
    recording = simulate("2007", "RS")
    header, rows = read_csv(tmp_path / "run.csv")
    assert header == ["t (ms)", "v (mV)", "u (pA)", "i (pA)"]
    columns = (recording.t, recording.v, recording.u, recording.i)
    assert all(np.array_equal(a, b) for a, b in zip(rows.T, columns, strict=True))
    stored = Recording.from_npz(tmp_path / "run.npz")
    assert np.array_equal(stored.v, recording.v) and stored.waveform == recording.waveform
    with pynwb.NWBHDF5IO(tmp_path / "run.nwb", "r") as reader:
        assert np.array_equal(reader.read().acquisition["v"].data, recording.v)
    (population,) = libsonata.SpikeReader(str(tmp_path / "run.h5")).get_population_names()
    assert population == "RS"
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
    assert "<text" in (tmp_path / "run.svg").read_text()
    assert (tmp_path / "run.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        (["--variant", "Sec"], dict(variant="Sec")),
        (["--variant", "sec"], dict(variant="Sec")),
        (["--scheme", "exact"], dict(scheme="exact")),
        (["--scheme", "fixed", "--dt", "0.1"], dict(scheme="fixed", dt=0.1)),
        (["--tstop", "33"], dict(tstop=33)),
        (["--current", "9.5"], dict(current=9.5)),
        (["--current", "-3"], dict(current=-3)),
        (["--current", "0,14@10"], dict(current=Waveform(0, (Step(10, 14),)))),
        (
            ["--current", "1,14@10,-2@50.5"],
            dict(current=Waveform(1, (Step(10, 14), Step(50.5, -2)))),
        ),
        (["--set", "a=0.03"], dict(parameters={"a": 0.03})),
        (["--set", "a=0.03", "--set", "v0=-50"], dict(parameters={"a": 0.03, "v0": -50})),
        (["--paper", "2004"], {}),
    ],
)
def test_run_does_what_its_options_say(options, meant, folder):
    here("run", "tonic spiking", *options, "--out", "run.npz")
    found, expected = Recording.from_npz("run.npz"), simulate("2004", "tonic spiking", **meant)
    for name in ("t", "v", "u", "i", "spikes"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))
    assert (found.variant, found.scheme, found.dt) == (
        expected.variant,
        expected.scheme,
        expected.dt,
    )
    assert dict(found.parameters) == dict(expected.parameters)


@pytest.mark.parametrize(
    ("options", "paper"),
    [(["RS"], "2007"), (["chattering (CH)"], "2003"), (["integrator"], "2004")],
)
def test_a_key_is_found_in_its_paper(options, paper, folder):
    here("run", *options, "--tstop", "5", "--out", "run.npz")
    assert Recording.from_npz("run.npz").paper == paper


@pytest.mark.parametrize(("scheme", "dt"), [("exact", []), ("fixed", ["--dt", "0.01"])])
def test_a_runaway_says_so_after_writing_what_came_before(scheme, dt, folder):
    setting = [] if scheme == "exact" else ["--set", "a=-50"]
    done = here(
        "run", RUNS_AWAY, "--scheme", scheme, *dt, *setting, "--out", "x.npz", "--out", "x.csv",
        status=1,
    )  # fmt: skip
    assert "wrote x.csv (what came before it ran away)" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"izh: {RUNS_AWAY}") and "ran away at" in line
    recording = Recording.from_npz("x.npz")
    assert 0 < recording.t[-1] < recording.tstop
    assert np.isfinite(recording.v).all()
    assert len(read_csv(folder / "x.csv")[1]) == len(recording.t)


@pytest.mark.parametrize("backend", [{}, {"MPLBACKEND": "TkAgg"}, {"MPLBACKEND": "agg"}])
def test_plot_without_a_display_is_refused_before_the_run(backend, tmp_path):
    done = izh(*SHORT, "--plot", "--out", "x.csv", cwd=tmp_path, status=1, env=backend)
    assert done.stdout == ""
    assert done.stderr == (
        "izh: --plot finds no display to open a window on; use --out picture.png\n"
    )
    assert os.listdir(tmp_path) == []


def test_plot_shows_the_trace_after_the_run(monkeypatch):
    shown = []
    monkeypatch.setattr(run_command, "shower", lambda: shown.append)
    here(*SHORT, "--plot")
    assert [recording.key for recording in shown] == ["tonic spiking"]


# --- figures ---


def test_figures_of_all_papers(tmp_path):
    done = izh("figures", "all", "--out", "made/here", cwd=tmp_path)
    names = sorted(os.listdir(tmp_path / "made" / "here"))
    assert len(names) == 22  # 10 as PP and as Sec, and 2 that compare
    assert len([n for n in names if n.startswith("2007-fig")]) == 16  # TC in both readings
    assert len([n for n in names if n.endswith("-PP-published.png")]) == 10
    assert len([n for n in names if n.endswith("-Sec-published.png")]) == 10
    assert len([n for n in names if n.endswith("-comparison.png")]) == 2
    for name in names:
        content = (tmp_path / "made" / "here" / name).read_bytes()
        assert content.startswith(b"\x89PNG") and content.endswith(b"IEND\xaeB`\x82")
    assert sorted(done.stdout.splitlines()) == [f"wrote made/here/{name}" for name in names]
    assert done.stderr == ""


def test_figures_of_one_paper_in_one_way(folder):
    here("figures", "2003", "--scheme", "exact", "--variant", "sec", "--format", "svg")
    assert os.listdir(folder) == ["2003-fig2-Sec-exact.svg"]
    text = (folder / "2003-fig2-Sec-exact.svg").read_text()
    assert "(Sec, exact)" in text and "chattering (CH)" in text


# --- compare ---


def test_compare_one_type(folder):
    done = here("compare", "bistability", "--out", "table.csv")
    assert "PP and Sec, published, spike for spike the same: 1/1 of 2004" in done.stdout
    with (folder / "table.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == HEADINGS
    assert len(rows) == 4
    here("compare", "bistability", "--out", "table.md")
    table = (folder / "table.md").read_text()
    assert table in done.stdout
    assert table.count("\n") == 6
    here("compare", "bistability", "--out", "figure.svg")
    assert "PP published and PP exact: part at" in (folder / "figure.svg").read_text()


def test_compare_all_types(tmp_path):
    done = izh("compare", "--all", "--out", "all.csv", cwd=tmp_path)
    assert done.stderr == ""
    assert "28/28 of 2003/2004" in done.stdout
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    traces = [
        (entry.paper, entry.label, counts)
        for entry in TYPES
        for counts in zip(entry.spikes_published, entry.spikes_exact, strict=True)
    ]
    found = [
        (row["paper"], row["cell type"], row["spikes of the first"], row["spikes of the second"])
        for row in rows
        if (row["first"], row["second"]) == ("PP published", "PP exact")
    ]
    assert found == [
        (paper, label, str(published), "" if exact is None else str(exact))
        for paper, label, (published, exact) in traces
    ]
    same = [
        row["same spikes"]
        for row in rows
        if (row["first"], row["second"]) == ("PP published", "Sec published")
        and row["paper"] != "2007"
    ]
    assert same == ["yes"] * 28


# --- what cannot be done ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "tonic spikin"], "in 2004 'tonic spiking'"),
        (["run", "tonic spikin", "--paper", "2004"], "did you mean 'tonic spiking'"),
        (["run", "tonic spiking", "--paper", "2003"], "unknown cell type 'tonic spiking' of 2003"),
        (["run", "xyzzyx"], "'izh list' shows them all"),
        (["compare", "bistabilty"], "'bistability'"),
        ([*SHORT, "--out", "x.txt"], "one of .csv, .npz, .nwb, .h5, .png, .svg, .pdf"),
        ([*SHORT, "--out", "x"], "must end in one of"),
        ([*SHORT, "--out", "x.csv", "--out", "x.jpeg"], "'x.jpeg' must end in one of"),
        (["compare", "integrator", "--out", "x.npz"], "must end in one of .csv, .md, .png"),
        (["compare", "RS", "IB", "--out", "x.png"], "a figure shows one cell type"),
        (["compare"], "give the cell types to compare, or --all"),
        (["compare", "RS", "--all"], "give the cell types to compare, or --all"),
        ([*SHORT, "--set", "a=nan"], "a must be a finite number, not nan"),
        ([*SHORT, "--set", "a=inf"], "a must be a finite number"),
        ([*SHORT, "--set", "zz=1"], "unknown parameter 'zz': it is one of a, b, c, d"),
        ([*SHORT, "--set", "a"], "must be NAME=VALUE"),
        ([*SHORT, "--set", "a=much"], "'much' is no number"),
        ([*SHORT, "--set", "c=50"], "reset c must lie below the peak"),
        ([*SHORT, "--current", "much"], "'much' is neither a number nor steps"),
        ([*SHORT, "--current", "0,14"], "'0,14' is neither a number nor steps"),
        ([*SHORT, "--current", "0,14@10@3"], "neither a number nor steps"),
        ([*SHORT, "--current", "0,14@50,0@10"], "must be >= 0 and rise"),
        ([*SHORT, "--current", "nan"], "current must be a finite number"),
        ([*SHORT, "--dt", "0.1"], '"published" runs at 0.25 ms'),
        ([*SHORT, "--scheme", "exact", "--dt", "0.1"], '"exact" chooses its steps'),
        ([*SHORT, "--scheme", "fixed"], "needs a step"),
        ([*SHORT, "--scheme", "fixed", "--dt", "1e-9"], "raise dt or shorten tstop"),
        (["run", "RS", "--tstop", "-1"], "tstop must be greater than 0 ms"),
        (["run", "RS", "--tstop", "nan"], "tstop must be a finite number"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, said, folder):
    assert said in refused(*arguments)
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rn"], "No such command 'rn'"),
        (["run"], "Missing argument 'KEY' or option '--cell'; see 'izh run --help'"),
        (["run", "RS", "IB"], "unexpected extra argument"),
        (["run", "RS", "--dt", "x"], "'x' is not a valid float; see 'izh run --help'"),
        (["run", "RS", "--scheme", "x"], "'published', 'exact', 'fixed'"),
        (["run", "RS", "--colour", "x"], "No such option"),
        (["figures", "2005"], "'2003', '2004', '2007', 'all'"),
        (["--colour"], "No such option"),
    ],
)
def test_what_is_mistyped_is_refused_in_one_line(arguments, said, folder):
    assert said in refused(*arguments, status=2)


@pytest.mark.parametrize(
    "error", [TypeError("no such thing"), KeyError("x"), ValueError("x"), RuntimeError("x")]
)
def test_a_fault_of_the_program_is_called_one_and_logged_with_its_traceback(
    error, monkeypatch, caplog
):
    monkeypatch.setattr(list_command.command, "callback", fail_with(error))
    said = refused("list", status=70)
    assert said.startswith(f"internal error, {type(error).__name__}: {error}. ")
    assert "please report it" in said
    (record,) = caplog.records
    assert record.levelname == "ERROR" and record.exc_info[1] is error


def fail_with(error):
    def fail(**options):
        raise error

    return fail


def test_tracebacks_on_request(tmp_path):
    command = [*IZH, "--debug", *SHORT, "--set", "a=nan"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and done.stdout == ""
    assert "Traceback" in done.stderr and "ParameterError: a must be" in done.stderr
    assert done.stderr.endswith("\nizh: a must be a finite number, not nan\n")


def test_a_fault_in_a_process_of_its_own(tmp_path):
    broken = "def fail(**options): raise TypeError('no such thing')\n"
    start = (
        "import sys; from izhikevich.views.cli.main import main\n"
        f"{broken}main.commands['list'].callback = fail\nmain(['list'], prog_name='izh')"
    )
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 70 and done.stdout == ""
    assert "Traceback" in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("izh: internal error, TypeError: no such thing.")


def test_a_refusal_in_a_process_of_its_own(tmp_path):
    done = izh(*SHORT, "--set", "a=nan", "--out", "x.csv", cwd=tmp_path, status=1)
    assert (done.stdout, done.stderr) == ("", "izh: a must be a finite number, not nan\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("place", ["missing", "file", "/proc"])
@pytest.mark.parametrize(
    "command",
    [[*SHORT, "--out", "{}/x.csv"], ["compare", "integrator", "--out", "{}/x.png"]],
    ids=lambda command: command[0],
)
def test_an_unwritable_folder_is_refused_before_the_run(place, command, folder):
    (folder / "file").write_text("")
    said = refused(*[word.format(place) for word in command])
    where = place if place == "/proc" else folder / place
    assert said.startswith(f"cannot write {where}: ")
    assert os.listdir(folder) == ["file"]


def test_figures_go_into_no_unwritable_folder(folder):
    (folder / "file").write_text("")
    for place in ("file/below", "/proc", "/proc/below"):
        assert refused("figures", "2003", "--out", place).startswith(f"cannot write {place}: ")
    assert "is a file" in refused("figures", "2003", "--out", "file", status=2)
    assert os.listdir(folder) == ["file"]


def test_a_folder_is_no_file(folder):
    (folder / "x.csv").mkdir()
    assert refused(*SHORT, "--out", "x.csv") == "cannot write x.csv: is a folder"
    assert os.listdir(folder / "x.csv") == []


@pytest.fixture
def full_disk(tmp_path):
    """A folder in which a file finds no room, and what a process must do to find it so."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(mounted)]
    has_disk = os.geteuid() == 0 and sys.platform == "linux"
    if has_disk and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield mounted, None, "No space left on device"
        finally:
            subprocess.run(["umount", str(mounted)], check=True)
    else:
        yield mounted, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096,) * 2), "too large"


@pytest.mark.parametrize("name", ["x.csv", "x.npz", "x.nwb", "x.png", "x.svg", "x.pdf"])
def test_a_full_disk_keeps_the_old_file(name, full_disk):
    folder, prepare, reason = full_disk
    (folder / name).write_text("old")
    long_run = ("run", "tonic bursting", "--tstop", "3000")
    done = izh(*long_run, "--out", name, cwd=folder, prepare=prepare, status=1)
    assert done.stderr.startswith(f"izh: cannot write {name}: ")
    assert reason in done.stderr and done.stderr.count("\n") == 1
    assert "wrote" not in done.stdout
    assert (folder / name).read_text() == "old"
    assert os.listdir(folder) == [name]


def test_a_limit_to_the_size_of_a_file_keeps_the_old_one(tmp_path):
    (tmp_path / "x.csv").write_text("old")

    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = izh(*SHORT, "--out", "x.csv", cwd=tmp_path, prepare=prepare, status=1)
    assert done.stderr == "izh: cannot write x.csv: File too large\n"
    assert (tmp_path / "x.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("command", [["list"], SHORT], ids=lambda command: command[0])
def test_output_to_a_full_device(command, tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*IZH, *command], cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr == b"izh: cannot write the output: No space left on device\n"


# --- Ctrl-C and the progress bar ---


@contextlib.contextmanager
def on_a_terminal(*arguments, cwd):
    """The program with a terminal for its standard error: the process, and how to read it."""
    ours, theirs = pty.openpty()
    rows_and_columns = struct.pack("HHHH", 24, 100, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, rows_and_columns)
    process = subprocess.Popen(
        [*IZH, *arguments], cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = bytearray()

    def read_until(text, patience=60):
        end = time.monotonic() + patience
        while text is None or text not in seen:
            assert time.monotonic() < end, seen
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                found = os.read(ours, 4096)
            except OSError:  # the terminal is closed: its program has ended
                found = b""
            if not found:
                assert text is None, seen
                break
            seen.extend(found)
        return bytes(seen)

    try:
        yield process, read_until
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


def last_line(seen):
    """What a terminal shows in the end: what came before a carriage return is written over."""
    return seen.rstrip(b"\r\n").rpartition(b"\r")[2].decode()


@pytest.mark.parametrize(
    ("arguments", "running"),
    [
        (["figures", "all", "--out", "made"], b"2004-fig1-PP-published"),
        (
            ["run", "tonic bursting", "--scheme", "exact", "--tstop", "1e6", "--out", "x.csv"],
            b"[00:01<",
        ),
        (["run", "RS", "--scheme", "fixed", "--dt", "1e-3", "--tstop", "1e4"], b"[00:01<"),
        (["compare", "--all", "--out", "x.csv"], b"tonic spiking"),
    ],
    ids=["figures", "exact", "fixed", "compare"],
)
def test_ctrl_c_in_the_middle(arguments, running, tmp_path):
    (tmp_path / "x.csv").write_text("old")
    with on_a_terminal(*arguments, cwd=tmp_path) as (process, read_until):
        read_until(running)
        process.send_signal(signal.SIGINT)
        seen = read_until(None, patience=20)
        assert process.wait(10) == 130
        assert process.stdout.read() == b""
    assert b"Traceback" not in seen
    assert last_line(seen) == "izh: interrupted; no file was left unfinished"
    assert (tmp_path / "x.csv").read_text() == "old"
    made = [path for path in tmp_path.rglob("*") if path.name not in ("made", "x.csv")]
    assert all(path.suffix == ".png" and path.parent.name == "made" for path in made)
    for path in made:
        assert path.read_bytes().endswith(b"IEND\xaeB`\x82")


def test_a_progress_bar_is_for_terminals_only(tmp_path):
    arguments = ("compare", "integrator", "resonator")
    assert izh(*arguments, cwd=tmp_path).stderr == ""
    with on_a_terminal(*arguments, cwd=tmp_path) as (process, read_until):
        process.stdout.read()
        seen = read_until(None)
        assert process.wait(10) == 0
    assert b"compare: 100%" in seen or b"2/2" in seen or b"1/2" in seen
    assert last_line(seen).strip() == "", "the bar is left behind"


@pytest.mark.parametrize(
    ("former", "names"),
    [
        ("izhikevich.cli", "main"),
        ("izhikevich.figures", "FIGURES save trace figure_2003 figure_2004 figure_2007 BLUE TRACE"),
        ("izhikevich.figures", "comparison_figure overview_figure FigurePlan STIMULUS"),
        ("izhikevich.phase_figures", "phase_figure fi_figure bifurcation_figure"),
        ("izhikevich.network_figures", "network_figure shown_cells COLOURS"),
        ("izhikevich.comparison", "compare compare_recordings FOUR_RUNS PAIRS PRECISION SAME_TIME"),
        ("izhikevich.comparison", "simulate_until_runaway ran_away_at four_runs same_spikes"),
        ("izhikevich.comparison", "coincidence_factor n_coincidences first_parting HEADINGS rows"),
        ("izhikevich.comparison", "spike_time_differences csv_table markdown_table current_text"),
        ("izhikevich.comparison", "constant_amplitude Comparison Difference"),
        ("izhikevich.excitability", "fi_curve latency step_rheobase slow_ramp ringing HOLD KICK"),
        ("izhikevich.excitability", "FICurve LatencyCurve RampThreshold Ringing NoRestError"),
        ("izhikevich.excitability", "default_currents gentle_slope"),
    ],
)
def test_names_that_modules_had_before_are_found(former, names):
    module = importlib.import_module(former)
    assert [name for name in names.split() if not hasattr(module, name)] == []


def test_every_command_is_one_of_the_installed_program():
    toml = (ROOT / "pyproject.toml").read_text()
    target = toml.partition("[project.scripts]\nizh = ")[2].split('"')[1]
    module, _, name = target.partition(":")
    assert getattr(importlib.import_module(module), name) is main
