"""What a release says of itself: one version, and what it needs, said alike wherever it is said."""

from __future__ import annotations

import re
import subprocess
import sys

from conftest import ROOT

from izhikevich.engine import build

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PYPROJECT["project"]["version"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", text, re.M) == [VERSION]


def test_the_changelog_has_this_version_with_its_day_and_then_the_former():
    first, *released = re.findall(r"^## \[(.+?)\](.*)$", CHANGELOG, re.M)
    assert first == ("Unreleased", "")
    assert released[0][0] == VERSION
    assert all(re.fullmatch(r" - \d{4}-\d\d-\d\d", day) for _, day in released)
    numbers = [tuple(map(int, version.split("."))) for version, _ in released]
    assert numbers == sorted(numbers, reverse=True)


def test_neuron_is_asked_for_as_it_is_needed():
    wanted = f"neuron>={build.OLDEST_NEURON}"
    assert wanted in PYPROJECT["project"]["dependencies"]
    assert wanted in PYPROJECT["build-system"]["requires"]


def test_every_extra_is_among_what_the_tests_install():
    extras = PYPROJECT["project"]["optional-dependencies"]
    (own,) = (x for x in extras["test"] if x.startswith("izhikevich["))
    tested = set(own.removeprefix("izhikevich[").removesuffix("]").split(","))
    assert tested == set(extras) - {"test", "docs"}


def test_the_script_of_the_wheels_is_one_for_a_plain_shell():
    subprocess.run(["sh", "-n", "tools/build_wheels.sh"], cwd=ROOT, check=True)
    done = subprocess.run(
        ["sh", "tools/build_wheels.sh", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and "manylinux" in done.stdout
