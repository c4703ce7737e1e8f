"""Who may come in must not depend on what Tornado checks: the oldest that is supported, the newest.

Tornado asks a websocket's `check_origin` since ever, and since 6.6 not where the origin equals what
the server was called, as it does when a page's own name is made to lead to this computer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from web_client import ROOT

# Each of them hands the server what a hostile page would.
TESTS = "names_alone or another_site or own_pages or every_answer or token or message"


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_every_tornado(which, tmp_path):
    (lowest,) = re.findall(r'"tornado>=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    wanted = f"tornado=={lowest}" if which == "oldest" else "tornado"
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"}
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    found = subprocess.run(
        [*pip, "--no-deps", "--target", str(tmp_path / "tornado"), wanted],
        capture_output=True,
        text=True,
        env=environment,
    )
    if found.returncode != 0:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"pip could not fetch {wanted}: {found.stderr[-300:]}")
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "tornado"), str(ROOT)])
    python = [sys.executable, "-c"]
    version = subprocess.run(
        [*python, "import tornado; print(tornado.version, tornado.__file__)"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    ).stdout
    assert str(tmp_path) in version
    if which == "oldest":
        assert version.startswith(lowest)
    tests = [str(ROOT / "tests" / "test_web_security.py"), "-k", TESTS]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=200,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
    (passed,) = re.findall(r"(\d+) passed", result.stdout)
    assert int(passed) > 50
