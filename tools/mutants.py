"""Break the package in many small ways, and see which breaks no test notices.

    python tools/mutants.py [--sample N] [ROOM ...]

In a copy of the repository cosmic-ray (pip install cosmic-ray) makes each small change, a number
for another, a < for a <=, one at a time, and the tests of that room run. What no test notices is
written to mutants-ROOM.txt. With --sample that many changes of each room, drawn at random, will do:
all of them take a day. A process that has imported what takes long forks for each change, so that
one takes the tests' own time. docs/developers/testing.md says what came of it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# a change that makes the tests take longer, s, has been noticed
LIMIT = 240

#: What is changed, and the tests that should notice, the quickest first.
ROOMS = {
    "models": (
        "izhikevich/models",
        "test_models test_published test_own_cells",
    ),
    "publications": (
        "izhikevich/publications",
        "test_published test_catalog",
    ),
    "catalog": (
        "izhikevich/catalog.py izhikevich/own_cells.py",
        "test_catalog test_own_cells",
    ),
    "fixed points": (
        "izhikevich/analysis/polynomials.py izhikevich/analysis/fixed_points.py",
        "test_polynomials test_phase_plane",
    ),
    "bifurcations": (
        "izhikevich/analysis/bifurcations.py izhikevich/analysis/words.py",
        "test_words test_phase_plane",
    ),
    "plane": (
        "izhikevich/analysis/plane.py izhikevich/analysis/trajectories.py"
        " izhikevich/analysis/explanations.py",
        "test_phase_plane test_explanations",
    ),
    "choice": (
        "izhikevich/choice.py izhikevich/session.py",
        "test_choose test_status test_session test_choice",
    ),
    "security": (
        "izhikevich/views/web/access.py izhikevich/views/web/links.py",
        "test_web_links test_web_security",
    ),
}
# one change of each operator will do; | stands in type hints, which nothing reads at run time
LEFT_OUT = [
    "core/ReplaceBinaryOperator_(?!Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul)",
    "core/ReplaceComparisonOperator_(?!Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)",
    "core/Variable",
]


def main() -> None:
    """Go through the rooms."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--sample", type=int, help="changes of each room; without, all")
    given = parser.parse_args()
    for room in given.rooms or ROOMS:
        with tempfile.TemporaryDirectory() as folder:
            survivors = survivors_of(room, Path(folder), given.sample)
        Path(f"mutants-{room.replace(' ', '-')}.txt").write_text(survivors, encoding="utf-8")
        print(room, *survivors.splitlines()[-4:], sep="\n  ")


def survivors_of(room: str, folder: Path, sample: int | None) -> str:
    """cosmic-ray's report of the changes that no test has noticed."""
    modules, tests = (text.split() for text in ROOMS[room])
    copy = folder / "copy"
    leave = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=leave)
    client = folder / "client.py"
    client.write_text(_CLIENT, encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(
        f"""
[cosmic-ray]
module-path = {modules}
timeout = {LIMIT + 60.0}
excluded-modules = []
test-command = "{sys.executable} -S -E {client} {folder}/socket"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = {LEFT_OUT}
""",
        encoding="utf-8",
    )
    paths = [f"tests/{name}.py" for name in tests]
    # unchanged it has to pass; and what is compiled now need not be at each change
    subprocess.run([sys.executable, "-m", "pytest", "-q", *paths], cwd=copy, check=True)
    compiled = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode"]
    subprocess.run([*compiled, "checked-hash", "izhikevich"], cwd=copy, check=True)
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(folder / "socket"), *paths],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NEURON_MODULE_OPTIONS": "-nogui"},
    )
    try:
        session = str(folder / "session.sqlite")
        subprocess.run(["cosmic-ray", "init", str(config), session], cwd=copy, check=True)
        subprocess.run(["cr-filter-operators", session, str(config)], cwd=copy, check=True)
        total = keep_some(session, sample)
        subprocess.run(["cosmic-ray", "exec", str(config), session], cwd=copy, check=True)
        report = ["cr-report", "--show-diff", "--surviving-only", session]
        found = subprocess.run(report, cwd=copy, check=True, capture_output=True, text=True)
        return f"{found.stdout}of {total} changes\n"
    finally:
        server.terminate()
        server.wait()


def keep_some(session: str, sample: int | None) -> int:
    """Forget all changes of a session but a sample; gives how many there were to be made."""
    with contextlib.closing(sqlite3.connect(session)) as database, database:
        query = (
            "SELECT job_id FROM mutation_specs"
            " WHERE job_id NOT IN (SELECT job_id FROM work_results)"  # what is left out has one
            " ORDER BY module_path, operator_name, occurrence"
        )
        jobs = [job for (job,) in database.execute(query)]
        kept = jobs if sample is None else random.Random(1).sample(jobs, min(sample, len(jobs)))
        everything = [job for (job,) in database.execute("SELECT job_id FROM mutation_specs")]
        for job in set(everything) - set(kept):
            for table in ("work_results", "mutation_specs", "work_items"):
                database.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))
    return len(jobs)


# asks the server and ends as it says; started for every change, so it imports next to nothing
_CLIENT = """
import socket, sys, time
for _ in range(600):
    try:
        server = socket.socket(socket.AF_UNIX)
        server.connect(sys.argv[1])
        break
    except OSError:
        time.sleep(0.1)
sys.exit(server.recv(1)[0])
"""


def serve(address: str, tests: list[str]) -> None:
    """Run the tests in a fork of this process whenever somebody connects."""
    import hypothesis
    import numpy
    import pytest
    import scipy.integrate
    import scipy.special
    from neuron import h

    imported = hypothesis, numpy, scipy, h
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # each takes its time
    sys.path.insert(0, os.getcwd())
    sys.path.insert(0, os.path.join(os.getcwd(), "tests"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        while imported:
            connection, _ = listening.accept()
            child = os.fork()
            if child == 0:
                os.setsid()
                with open(os.devnull, "w") as nowhere:
                    os.dup2(nowhere.fileno(), 1)
                    os.dup2(nowhere.fileno(), 2)
                options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin"]
                options += ["--hypothesis-seed=0", "-k", "not 10000"]  # 1000 random cells will do
                os._exit(int(pytest.main([*options, *tests])))
            with connection:
                connection.sendall(bytes([_outcome(child)]))


def _outcome(child: int) -> int:
    """0 if all tests of a fork pass; a fork that takes too long is ended."""

    def too_long(*_: object) -> None:
        os.killpg(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    return min(255, abs(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], sys.argv[3:])
    else:
        main()
