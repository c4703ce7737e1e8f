"""The scripts of lessons: each asserts its results, and no number comes from elsewhere."""

from __future__ import annotations

import functools
import re
import runpy

import pytest
from conftest import ROOT

FOLDER = ROOT / "docs" / "lessons"
NAMES = sorted(path.stem for path in (FOLDER / "scripts").glob("lesson_*.py"))

# not the digit of a name such as I0, of lesson_01 or of a step in a list
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")


@functools.cache
def results(name):
    """What the script of a lesson prints, by what it is; its assertions have held."""
    return runpy.run_path(str(FOLDER / "scripts" / f"{name}.py"))["run"]()


def numbers(text):
    """Numbers of a text, without those of its lists and of the kinds of excitability."""
    text = re.sub(r"(?m)^\d+\. |^\d+ minutes.*|^Every number here.*", "", text)
    text = re.sub(r"[Ll]esson \d+|[Cc]lass [12]|class[12]\.png|\(scripts/.*\)", "", text)
    return set(NUMBER.findall(text))


def without_tasks(text):
    """What `test_course.py` does not check by running it."""
    begin, tasks, end = text.partition("## Predict, run, explain")
    if tasks:
        return begin + end.partition("## Questions")[2].partition("## Why")[0]
    return text.partition("## Task 1")[0]


def test_there_are_twelve_and_each_is_complete():
    assert len(NAMES) == 12
    contents = (FOLDER / "README.md").read_text()
    for name in NAMES:
        lesson = (FOLDER / f"{name}.md").read_text()
        for heading in ("## Goal", "## Steps in the window", "## The same as a script"):
            assert heading in lesson, name
        asked = lesson.partition("## Questions")[2].partition("## Why")[0].strip().splitlines()
        answers = without_tasks((FOLDER / "answers" / f"{name}.md").read_text())
        assert len(asked) == len(re.findall(r"(?m)^\d+\. ", answers)) >= 2, name
        assert f"({name}.md)" in contents


@pytest.mark.parametrize("name", NAMES)
def test_script_runs_and_asserts(name):
    source = (FOLDER / "scripts" / f"{name}.py").read_text()
    assert source.count("assert ") >= 2
    assert results(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_a_result_or_an_input_of_the_script(name):
    source = (FOLDER / "scripts" / f"{name}.py").read_text()
    known = numbers(source) | numbers("\n".join(results(name).values()))
    known |= {str(float(x)) for x in known} | {f"-{x}" for x in numbers(source)}
    for file in (FOLDER / f"{name}.md", FOLDER / "answers" / f"{name}.md"):
        unknown = numbers(without_tasks(file.read_text())) - known
        assert not unknown, f"{file.name} states {sorted(unknown)}, which its script does not give"


@pytest.mark.parametrize("name", NAMES)
def test_answers_state_the_results(name):
    answers = numbers((FOLDER / "answers" / f"{name}.md").read_text())
    missing = {
        what: value for what, value in results(name).items() if not numbers(value) <= answers
    }
    assert not missing
