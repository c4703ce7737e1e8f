"""Ask simulators for the published traces, and write what came of it.

    python conformance/run.py              all of simulators.toml
    python conformance/run.py nest nengo   these alone; the others keep their last results
    python conformance/run.py --page       the page anew from the last results

Each simulator gets a virtual environment of its own in the user's cache. What it gave is kept in
conformance/results/; docs/conformance.md is made from there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import page

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from platformdirs import user_cache_path

HERE = Path(__file__).resolve().parent


def environment(name: str, packages: list[str]) -> Path:
    """The folder of programs of a simulator's environment, made if its packages changed."""
    folder = user_cache_path("izhikevich") / "conformance" / name
    stamp = folder / "packages.json"
    if not stamp.exists() or json.loads(stamp.read_text()) != packages:
        print(f"{name}: installing {', '.join(packages)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True)
        stamp.write_text(json.dumps(packages))
    return folder / "bin"


def ask(name: str, about: dict) -> None:
    """Run a simulator's adapter and keep what it gave."""
    programs = environment(name, about["packages"])
    print(f"{name}: running the traces", flush=True)
    out = page.RESULTS / f"{name}.json"
    unfinished = out.with_suffix(".unfinished")
    # PyNN looks for nrnivmodl on the path
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    done = subprocess.run(
        [
            programs / "python",
            HERE / "simulators" / f"run_{name}.py",
            HERE / "traces.json",
            unfinished,
        ],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or not unfinished.exists():
        needs = f"; it needs {about['needs']}" if "needs" in about else ""
        sys.exit(f"{name} gave nothing{needs}:\n{done.stderr[-4000:]}")
    given = json.loads(unfinished.read_text())
    unfinished.write_text(json.dumps([page.with_reasons(result) for result in given]) + "\n")
    unfinished.replace(out)


def main() -> None:
    """Ask the simulators that are named, then write the page."""
    known = tomllib.loads((HERE / "simulators.toml").read_text())
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", metavar="simulator", help=", ".join(known))
    parser.add_argument("--page", action="store_true", help="make the page alone")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in known]
    if unknown:
        parser.error(f"there is no simulator {unknown[0]!r}; there are {', '.join(known)}")
    page.RESULTS.mkdir(exist_ok=True)
    for name in () if arguments.page else arguments.names or known:
        ask(name, known[name])
    page.PAGE.write_text(page.text())


if __name__ == "__main__":
    main()
