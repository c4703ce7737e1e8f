"""`izh network`: what it runs, says and writes, what it refuses, and how its processes end."""

from __future__ import annotations

import csv
import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import libsonata
import numpy as np
import psutil
import pytest
from conftest import ROOT
from test_cli import IZH, environment, folder, here, last_line, on_a_terminal, refused
from test_network import ranks_below, wait_until

from izhikevich import network
from izhikevich.engine import mechanisms
from izhikevich.network import running
from izhikevich.network.ranks import mpi_launcher
from izhikevich.network.results import from_npz, rhythm
from izhikevich.views.cli.commands import network as command

__all__ = ["folder"]  # a fixture

SPARSE = ("network", "--cells", "300", "--fan-in", "30", "--seconds", "0.6", "--seed", "4")
SPARSE_SPEC = network.sparse_network(300, 30, seconds=0.6, seed=4)


@pytest.fixture(scope="module")
def sparse():
    """What the run of the command is to be compared with."""
    result = network.run(SPARSE_SPEC)
    assert len(result.times) > 500
    return result


def same_spikes(found, expected):
    return np.array_equal(found.times, expected.times) and np.array_equal(found.gids, expected.gids)


# --- what is run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "spec", "how"),
    [
        ("", network.fig3_network(), {}),
        ("--seconds 2.5 --seed 9", network.fig3_network(2.5, 9), {}),
        ("--cells 200", network.NetworkSpec(cells=200), {}),
        ("--cells 3000", network.NetworkSpec(cells=3000), {}),
        ("--cells 20000 --fan-in 100", network.sparse_network(20_000, 100), {}),
        ("--fan-in 0", network.sparse_network(1000, 0), {}),
        ("--min-delay 2", network.NetworkSpec(min_delay=2, max_delay=2), {}),
        ("--max-delay 5", network.NetworkSpec(max_delay=5), {}),
        (
            "--fan-in 9 --min-delay 30",
            network.sparse_network(1000, 9, min_delay=30, max_delay=30),
            {},
        ),
        ("--fan-in 9 --max-delay 3", network.sparse_network(1000, 9, max_delay=3), {}),
        ("--noise 1 0.5 --current -3", network.NetworkSpec(noise=(1, 0.5), current=-3), {}),
        ("--ranks 3", network.fig3_network(), {"ranks": 3}),
        (
            "--threads 2 --min-delay 2 --coreneuron",
            network.NetworkSpec(min_delay=2, max_delay=2),
            {"threads": 2, "coreneuron": True},
        ),
    ],
)
def test_the_options_say_what_is_run(options, spec, how, monkeypatch, sparse, folder):
    asked = []

    def run(spec, **how):
        asked.append((spec, how))
        return sparse

    monkeypatch.setattr(network, "run", run)
    here("network", *options.split())
    ((found, found_how),) = asked
    assert found == spec
    assert callable(found_how.pop("progress"))
    assert found_how == {"ranks": 1, "threads": 1, "coreneuron": False, **how}
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("options", "engine", "processes"),
    [
        ([], "NEURON", "1 rank of 1 thread"),
        (["--ranks", "2"], "NEURON", "2 ranks of 1 thread"),
        (["--threads", "2", "--min-delay", "2"], "NEURON", "1 rank of 2 threads"),
        (["--coreneuron"], "CoreNEURON", "1 rank of 1 thread"),
    ],
)
def test_the_spikes_are_those_of_the_same_seed(options, engine, processes, folder, sparse):
    names = ["x.csv", "x.npz", "x.h5", "x.png", "x.svg", "x.pdf"]
    done = here(*SPARSE, *options, *[word for name in names for word in ("--out", name)])
    expected = sparse
    if "--min-delay" in options:
        expected = network.run(replace(SPARSE_SPEC, min_delay=2))
    stored = from_npz("x.npz")
    assert stored.spec == expected.spec and same_spikes(stored, expected)
    with open("x.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["time (ms)"]) for row in rows] == expected.times.tolist()
    assert [int(row["gid"]) for row in rows] == expected.gids.tolist()
    reader = libsonata.SpikeReader("x.h5")
    assert sum(len(reader[name].get()) for name in expected.sizes) == len(expected.times)
    is_e = [row["population"] == "excitatory" for row in rows]
    assert is_e == (expected.gids < 240).tolist()
    assert Path("x.png").read_bytes().startswith(b"\x89PNG")
    assert "excitatory" in Path("x.svg").read_text()
    assert Path("x.pdf").read_bytes().startswith(b"%PDF")
    lines = done.stdout.splitlines()
    assert lines[-len(names) - 1] == f"{engine}, {processes}"
    assert lines[-len(names) :] == [f"wrote {name}" for name in names]
    assert done.stderr == "" and sorted(os.listdir(folder)) == sorted(names)


def test_the_summary_has_the_numbers_of_the_run(monkeypatch, sparse):
    result = replace(sparse, build_seconds=0.0123, run_seconds=1234.5, memory=4_560_000)
    monkeypatch.setattr(network, "run", lambda spec, **how: result)
    n_e, n_i = (sparse.gids < 240).sum(), (sparse.gids >= 240).sum()
    assert here(*SPARSE).stdout.splitlines() == [
        "300 cells, 30 connections onto each, delays of 1 to 20 ms, seed 4, 0.6 s",
        "connections: 9,000",
        f"excitatory: 240 cells, {n_e:,} spikes, mean rate {n_e / 240 / 0.6:.2f} spikes/s",
        f"inhibitory: 60 cells, {n_i:,} spikes, mean rate {n_i / 60 / 0.6:.2f} spikes/s",
        f"strongest rhythm: {rhythm(sparse):g} Hz",
        "built in 0.0123 s, run in 1,230 s: 2,060 s per simulated second",
        "memory: 4.56 MB, 15.2 kB per cell",
        "NEURON, 1 rank of 1 thread",
    ]


def test_a_silent_network_has_a_figure_and_no_rhythm(folder):
    done = here("network", "--cells", "1", "--noise", "0", "0", "--out", "x.svg", "--out", "x.csv")
    assert done.stdout.startswith("1 cell, all to all")
    assert "excitatory: 1 cell, 0 spikes, mean rate 0.00 spikes/s" in done.stdout
    assert "inhibitory" not in done.stdout and "rhythm" not in done.stdout
    assert "no cell fires" in (folder / "x.svg").read_text()
    assert (folder / "x.csv").read_text() == "time (ms),gid,population\n"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (999.6, "1 kB"),
        (3059, "3.06 kB"),
        (999_600, "1 MB"),
        (442e6, "442 MB"),
        (4.4e12, "4,400 GB"),
    ],
)
def test_bytes_have_the_unit_that_suits_them(number, said):
    assert command._bytes(number) == said


# --- what is refused ---------------------------------------------------------------------------


@pytest.fixture
def nothing_runs(monkeypatch):
    monkeypatch.setattr(running, "run_on_ranks", lambda *args: pytest.fail("it ran"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--cells 0", "cells must be a whole number of at least 1, not 0"),
        ("--cells 3 --ranks 4", "4 ranks x 1 threads are more than the 3 cells"),
        ("--fan-in 1001", "--fan-in must not exceed the number of cells, 1000; it is 1001"),
        ("--fan-in -1", "--fan-in must be a whole number, 0 or more, not -1"),
        ("--seconds -1", "seconds must be a number greater than 0, not -1"),
        ("--seconds nan", "seconds must be a number greater than 0, not nan"),
        ("--seconds 0.0001", "less than one step"),
        ("--min-delay 0", "--min-delay must be at least the step, 1 ms; it is 0 ms"),
        ("--min-delay 4 --max-delay 3", "--min-delay, 4 ms, must not exceed --max-delay, 3 ms"),
        ("--max-delay 2.5", "--max-delay must be a whole number of ms, not 2.5"),
        ("--threads 2", "at least two steps, 2 ms; --min-delay is 1 ms"),
        ("--coreneuron --ranks 2", "at least two steps, 2 ms; --min-delay is 1 ms"),
        ("--ranks 0", "ranks must be a whole number of at least 1, not 0"),
        ("--threads 0", "threads must be a whole number of at least 1, not 0"),
        ("--seed -1", "seed must be a whole number from 0"),
        ("--noise -1 2", "noise is two numbers of mV/ms, 0 or more"),
        ("--current inf", "current must be a finite number of mV/ms"),
        ("--out x.txt", "must end in one of .csv, .npz, .h5, .png, .svg, .pdf"),
        ("--out x.csv --out missing/x.csv", "cannot write"),
        (
            "--cells 100000",
            "100,000 cells all to all are 10,000,000,000 connections; of more than 3,000 cells "
            "say how many connections each gets, such as --fan-in 100",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(options, said, folder, nothing_runs):
    assert said in refused("network", *options.split())
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--cells many", "'many' is not a valid integer; see 'izh network --help'"),
        ("--noise 1", "Option '--noise' requires 2 arguments; see 'izh network --help'"),
        ("raster.png", "unexpected extra argument"),
    ],
)
def test_what_is_mistyped_is_refused_in_one_line(options, said, folder, nothing_runs):
    assert said in refused("network", *options.split(), status=2)


def test_no_mpi_says_how_to_get_it(monkeypatch, folder):
    def none(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", none)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    mpi_launcher.cache_clear()
    try:
        said = refused("network", "--ranks", "2", "--out", "x.csv")
    finally:
        mpi_launcher.cache_clear()
    assert said == (
        "More than one rank needs MPI, which is not installed. Install it with pip install mpich"
    )
    assert os.listdir(folder) == []


def test_coreneuron_that_cannot_be_built_says_why(monkeypatch, folder, tmp_path, nothing_runs):
    mechanisms.load()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IZHIKEVICH_CACHE", str(tmp_path / "file" / "cache"))
    assert "by the environment variable IZHIKEVICH_CACHE" in refused("network", "--coreneuron")


# --- processes that end ------------------------------------------------------------------------

ENDLESS = ("network", "--cells", "300", "--fan-in", "30", "--seconds", "10000", "--ranks", "2")


@pytest.fixture
def endless(tmp_path):
    """A run on two ranks that only a signal ends, in a process group of its own."""
    for name in ("work", "temporary"):
        (tmp_path / name).mkdir()
    process = subprocess.Popen(
        [*IZH, *ENDLESS, "--out", "x.csv", "--out", "x.png"],
        cwd=tmp_path / "work",
        env=environment(TMPDIR=str(tmp_path / "temporary")),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until(lambda: len(ranks_below(process.pid)) == 2)
        yield process, ranks_below(process.pid)
    finally:
        process.kill()
        process.communicate()
    for name in ("work", "temporary"):
        assert os.listdir(tmp_path / name) == []


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
def test_ctrl_c_ends_all_ranks_and_leaves_nothing(send, endless):
    process, ranks = endless
    send(process.pid, signal.SIGINT)
    out, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (out, said) == ("", "izh: interrupted; no file was left unfinished\n")
    wait_until(lambda: not any(map(psutil.pid_exists, ranks.values())), 5)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_the_end_of_the_session_leaves_nothing_either(how, endless):
    process, ranks = endless
    process.send_signal(how)
    out, said = process.communicate(timeout=20)
    assert process.returncode == 128 + how
    assert out == "" and "Traceback" not in said
    wait_until(lambda: not any(map(psutil.pid_exists, ranks.values())), 5)


def test_ctrl_c_is_heard_though_the_import_of_neuron_swallows_it(tmp_path):
    (tmp_path / "neuron.py").write_text(
        "import os, signal\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    import this\n"
        "except:\n"
        "    pass\n"
    )
    done = subprocess.run(
        [*IZH, "network"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)])),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "The Zen of Python" in done.stdout, "it was imported to the end"
    assert done.returncode == 130
    assert done.stderr == "izh: interrupted; no file was left unfinished\n"


@pytest.mark.parametrize("victim", [0, 1])
def test_a_rank_that_dies_is_named(victim, endless):
    process, ranks = endless
    os.kill(ranks[victim], signal.SIGKILL)
    out, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == "" and "Traceback" not in said and "====" not in said
    assert said == f"izh: Rank {victim} of 2 died (signal 9), and the run with it.\n"
    wait_until(lambda: not any(map(psutil.pid_exists, ranks.values())), 5)


# --- the progress bar --------------------------------------------------------------------------


def test_the_bar_moves_with_simulated_time_and_goes(tmp_path):
    arguments = ("network", "--cells", "2000", "--fan-in", "100", "--seconds", "20")
    with on_a_terminal(*arguments, cwd=tmp_path) as (process, read_until):
        out = process.stdout.read().decode()
        seen = read_until(None)
        assert process.wait(10) == 0
    assert b"building:   0%" in seen and b"0/20000 ms" in seen
    shown = [int(each) for each in re.findall(rb"(\d+)/20000 ms", seen)]
    assert shown == sorted(shown) and len(set(shown)) >= 3
    assert last_line(seen).strip() == "", "the bar is left behind"
    assert "%" not in out and out.startswith("2,000 cells")


def test_no_bar_where_there_is_no_terminal(tmp_path):
    done = subprocess.run(
        [*IZH, *SPARSE], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stderr == ""
    assert os.listdir(tmp_path) == []


def test_the_examples_of_the_help_are_lines_of_their_own():
    text = here("network", "--help").stdout
    examples = text.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 3
    assert all(line.strip().startswith("izh network") for line in examples)
