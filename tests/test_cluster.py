"""The example for a cluster: each rank builds its share, and the spikes are those of one."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from izhikevich.network.ranks import mpi_launcher

EXAMPLE = ROOT / "examples" / "cluster.py"


def run(ranks, *options, command=None):
    environment = dict(os.environ)
    command = command or [sys.executable, str(EXAMPLE), *map(str, options)]
    if ranks > 1:
        launcher, changes = mpi_launcher()
        command = [launcher, "-n", str(ranks), *command]
        environment.update({"NEURON_INIT_MPI": "1", **changes})
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )


def spikes_in(folder):
    """Times and gids of all ranks' files, sorted, and how many files there are."""
    parts = [np.load(file) for file in sorted(folder.glob("rank*.npz"))]
    times, gids = (np.concatenate([part[name] for part in parts]) for name in ("times", "gids"))
    order = np.lexsort((gids, times))
    return times[order], gids[order], len(parts)


def test_spikes_are_the_same_on_any_number_of_ranks(tmp_path):
    found = {}
    for ranks in (1, 2, 3):
        folder = tmp_path / str(ranks)
        done = run(ranks, "--cells", 10_500, "--seconds", 0.2, "--out", folder)
        assert done.returncode == 0, done.stderr
        assert f"10,500 cells on {ranks} ranks, 1,050,000 connections" in done.stdout
        *found[ranks], files = spikes_in(folder)
        assert files == ranks
    for ranks in (2, 3):
        assert np.array_equal(found[ranks], found[1])
    rate = float(re.search(r"([\d.]+) spikes/s", done.stdout)[1])
    assert rate == pytest.approx(len(found[1][0]) / 10_500 / 0.2, abs=0.005) and 2 < rate < 20


def test_shares_are_of_the_same_size_and_make_up_the_whole():
    example = runpy.run_path(str(EXAMPLE))
    shares = [example["arc_of_rank"](22_300, 1, rank, 4) for rank in range(4)]
    assert np.array_equal(np.concatenate([share.gids for share in shares]), np.arange(22_300))
    assert [len(share.gids) for share in shares] == [5000, 6000, 6000, 5300]
    (whole,) = [example["arc_of_rank"](22_300, 1, 0, 1)]
    drawn = [np.concatenate(column) for column in zip(*whole, strict=True)]
    parts = [np.concatenate(column) for column in zip(*(p for s in shares for p in s), strict=True)]
    for one, other in zip(drawn, parts, strict=True):
        assert np.array_equal(one, other)
    sources, targets, weights, delays = drawn
    away = np.abs((sources - targets + 11_150) % 22_300 - 11_150)
    assert away.min() >= 1 and away.max() <= example["REACH"]
    # of an exponential distribution that is cut off at four times its mean
    assert away.mean() == pytest.approx(1000 * (1 - 4 / (np.exp(4) - 1)), rel=0.01)
    assert np.array_equal(np.bincount(targets), np.full(22_300, 100))
    assert np.array_equal(weights < 0, sources % 5 == 4)
    assert (delays.min(), delays.max()) == (2, 20)
    heard = np.concatenate([share.gids[share.near_the_ends()] for share in shares])
    for share in shares:
        from_others = [np.setdiff1d(sources, share.gids) for sources, *_ in share]
        assert np.isin(np.concatenate(from_others), heard).all()


def test_too_many_ranks_are_refused_before_anything_is_made():
    done = run(2, "--cells", 900)
    assert done.returncode != 0
    assert "900 cells are 1 blocks of 1000, too few for 2 ranks" in done.stdout + done.stderr


def test_the_job_script_runs_what_it_is_to_run(tmp_path):
    """With a stand-in for SLURM's srun, which starts the ranks by mpiexec."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "activate").write_text(
        f'PATH="{tmp_path}/bin:$PATH"\n', encoding="utf-8"
    )
    launcher, changes = mpi_launcher()
    exports = "".join(f"export {name}={value}\n" for name, value in changes.items())
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    srun = tmp_path / "bin" / "srun"
    srun.write_text(
        f"#!/bin/bash\n{exports}export SLURM_NTASKS=2\nshift\n"
        f'exec "{launcher}" -n 2 "{sys.executable}" "$@"\n',
        encoding="utf-8",
    )
    srun.chmod(0o755)
    environment = {
        **os.environ,
        "IZHIKEVICH_VENV": str(tmp_path / "venv"),
        "PYTHONPATH": str(ROOT),
        "SLURM_SUBMIT_DIR": str(tmp_path),
        "SLURM_JOB_ID": "7",
        "CELLS": "9000",
        "SECONDS_OF_MODEL": "0.1",
    }
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run(
        ["bash", str(ROOT / "examples" / "cluster.sh")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "9,000 cells on 2 ranks" in done.stdout
    *_, files = spikes_in(tmp_path / "spikes-7")
    assert files == 2
