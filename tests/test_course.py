"""The course: every notebook executed, right answers accepted and wrong ones refused."""

from __future__ import annotations

import re
import sys
import urllib.parse

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT
from nbclient import NotebookClient
from scipy.integrate import solve_ivp

from izhikevich.course import all_lessons, lesson, reference, verdict
from izhikevich.course.lesson import flowing
from izhikevich.errors import ParameterError
from izhikevich.views.cli.main import main
from izhikevich.views.handouts.notebook import TO_FILL_IN, notebook
from izhikevich.views.web.course import web_lesson
from izhikevich.views.web.links import from_link

sys.path.insert(0, str(ROOT / "docs"))

import make_lessons

LESSONS = all_lessons()
TASKS = [(each.number, n) for each in LESSONS for n in range(1, len(each.tasks) + 1)]
# what a planted wrong answer is, whatever the right one: lists, counts, flags and measurements
WRONG = """
def planted(answer):
    import numpy as np

    if isinstance(answer, dict):
        return {name: value / 2 for name, value in answer.items()}
    return np.asarray(answer, dtype=float) * 1.2 + 1
"""


@pytest.fixture(scope="module")
def executed():
    """What every notebook printed, by lesson and task, with all answers filled in; one kernel."""
    from nbformat import v4

    cells, origins = [], []
    for each in LESSONS:
        # what a notebook needs is in it, and nothing is left of the one before
        cells += [v4.new_code_cell("%reset -f"), v4.new_code_cell(WRONG)]
        origins += [None, None]
        made = notebook(each)
        nbformat.validate(made)
        for cell in made.cells:
            if cell.cell_type != "code":
                continue
            if not cell.source.startswith(TO_FILL_IN):
                cells.append(cell)
                origins.append((each.number, "run"))
                continue
            task = int(re.search(r"check\(\d+, (\d+)", cell.source)[1])
            solution = flowing(each.tasks[task - 1].solution)
            asked = cell.source.removeprefix(TO_FILL_IN)
            for what, begin in (
                ("blank", TO_FILL_IN),
                ("right", solution),
                ("wrong", "answer = planted(answer)"),
            ):
                cells.append(v4.new_code_cell(begin + asked))
                origins.append((each.number, task, what))
    for n, cell in enumerate(cells):
        cell["id"] = f"all-{n}"
    whole = v4.new_notebook(cells=cells)
    NotebookClient(
        whole, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    printed = {}
    for cell, origin in zip(whole.cells, origins, strict=True):
        texts = [output.text for output in cell.outputs if output.output_type == "stream"]
        printed.setdefault(origin, []).append("".join(texts))
    return printed


@pytest.mark.parametrize(("number", "task"), TASKS)
def test_a_right_answer_is_accepted_and_a_planted_wrong_one_refused(executed, number, task):
    assert executed[number, task, "right"] == ["Right.\n"]
    assert executed[number, task, "wrong"][0].startswith("Not right yet")
    assert executed[number, task, "blank"][0].startswith("Not filled in yet")


@pytest.mark.parametrize("each", LESSONS, ids=lambda each: each.name)
def test_a_lesson_is_complete(each):
    assert each.minutes > 0 and each.level and each.goal and each.steps and each.tasks
    assert all(task.hints and task.predict and task.explain for task in each.tasks)
    assert each is lesson(each.number)
    for known in each.before:
        if named := re.match(r"lessons? ([\d and]+)", known):
            assert all(int(n) < each.number for n in re.findall(r"\d+", named[1]))


def test_the_files_of_docs_are_those_of_the_course():
    for path, text in make_lessons.files().items():
        assert path.read_text(encoding="utf-8") == text, "run `python docs/make_lessons.py` again"
    kept = {path for path in make_lessons.FOLDER.rglob("*.md")}
    assert kept == set(make_lessons.files())


@pytest.mark.parametrize("each", LESSONS, ids=lambda each: each.name)
def test_no_sheet_holds_an_answer(each):
    for task in each.tasks:
        code = notebook(each).cells
        assert not any(flowing(task.solution) in cell.source for cell in code)


@pytest.mark.parametrize("each", LESSONS, ids=lambda each: each.name)
def test_every_step_opens_on_the_page(each):
    for number, step in enumerate(each.steps, 1):
        if step.opens is None:
            continue
        query, _, hidden = web_lesson(each, number).partition("#")
        given = urllib.parse.parse_qs(query.removeprefix("?"), keep_blank_values=True)
        found = from_link({name: [x.encode() for x in values] for name, values in given.items()})
        choice = found.choices()[0]
        assert (choice.cell_type, choice.waveform) == (step.opens.cell_type, step.opens.waveform)
        assert (choice.parameters, choice.tstop) == (step.opens.parameters, step.opens.tstop)
        shown = urllib.parse.parse_qs(hidden)
        assert len(shown["step"]) == sum(each.opens is not None for each in each.steps)
        assert len(shown["text"][0]) < 3000


def test_a_cell_to_order_is_judged_by_what_it_does():
    four, rebound = lesson(18).tasks
    ours = {"a": 0.02, "b": 0.2, "c": -54, "d": 2}  # not the one of the solution
    assert verdict(four, ours)[0] and not verdict(rebound, ours)[0]
    assert "must lie below the peak" in verdict(four, ours | {"c": 50})[1]
    assert "kind that is asked for" in verdict(four, {"a": 1})[1]


def test_answers_of_another_kind_are_refused():
    task = lesson(1).task(1)
    right = task.right()
    assert verdict(task, right)[0] and verdict(task, right * 1.009)[0]
    for answer in (right * 1.02, [right], np.nan, "two", None, {}, "" * 3):
        assert not verdict(task, answer)[0]
    with pytest.raises(ParameterError, match="tasks 1 to 2"):
        lesson(1).task(3)
    with pytest.raises(ParameterError, match="there are lessons"):
        lesson(99)


def test_the_command_writes_all_notebooks(tmp_path):
    done = CliRunner().invoke(main, ["lesson", "--notebook", str(tmp_path / "all")])
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "all").iterdir())
    assert [path.stem for path in files] == [each.name for each in LESSONS]
    for path, each in zip(files, LESSONS, strict=True):
        assert nbformat.read(path, as_version=4) == notebook(each)


def test_the_command_prints_lists_and_refuses(tmp_path):
    def said(*words):
        done = CliRunner().invoke(main, ["lesson", *words])
        return done.exit_code, done.output

    assert [line.split()[0] for line in said()[1].splitlines()] == [
        str(each.number) for each in LESSONS
    ]
    assert "## Predict, run, explain" in said("3")[1]
    assert "## Task 1" in said("3", "--answers")[1]
    assert said("3", "--page", "--step", "2")[1].startswith("http://127.0.0.1:5006/?paper=2004")
    wrong = [("99",), ("--page",), ("1", "--page", "--answers"), ("1", "--page", "--step", "9")]
    for words in (*wrong, ("1", "--notebook", str(tmp_path / "a.txt"))):
        assert said(*words)[0] != 0
    assert list(tmp_path.iterdir()) == []


def test_the_window_begins_with_the_step(monkeypatch):
    from izhikevich.views.window import program

    opened = []
    monkeypatch.setattr(program, "start", lambda menu, choice: opened.append(choice))
    for words in ([], ["--lesson", "5"], ["--lesson", "5", "--step", "2"]):
        assert CliRunner().invoke(main, words).exit_code == 0
    assert opened == [None, lesson(5).opens(1), lesson(5).opens(2)]
    assert opened[2].scheme == "exact"
    for words in (["--step", "2"], ["--lesson", "5", "--step", "9"], ["--lesson", "99"]):
        assert CliRunner().invoke(main, words).exit_code != 0
    assert len(opened) == 3


GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")


def test_the_guide_opens_steps_that_there_are():
    named = re.findall(r"izh --lesson (\d+)(?: --step (\d+))?", GUIDE)
    assert len(named) >= 10
    for number, step in named:
        assert lesson(int(number)).opens(int(step or 1))


@pytest.mark.parametrize("hours", [1, 2, 4])
def test_a_plan_of_the_guide_takes_the_time_it_says(hours):
    plan = GUIDE.partition(f"### {hours} hour")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (\d+) min \| (.*?) \|", plan, re.MULTILINE)
    assert sum(int(minutes) for minutes, _ in rows) == 60 * hours
    for minutes, what in rows:
        if found := re.fullmatch(r"lesson (\d+)", what):
            assert int(minutes) == lesson(int(found[1])).minutes


def test_without_nbformat_nothing_is_made_and_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    done = CliRunner().invoke(main, ["lesson", "--notebook", str(tmp_path / "all")])
    assert done.exit_code == 1 and "pip install 'izhikevich[course]'" in done.output
    assert list(tmp_path.iterdir()) == []


def test_the_numbers_of_the_guide_are_those_of_runs():
    ghost = np.diff(reference.published("Class 1", 4000, 2.26).spikes)[-1]
    early, late = (
        rule("spike latency", 100).spikes[0] for rule in (reference.exact, reference.published)
    )
    counts = [
        len(rule("bistability", 300).spikes) for rule in (reference.exact, reference.published)
    ]
    first, quiet = lesson(0).tasks, len(reference.published("tonic spiking", 2000, 3.0).spikes)
    assert first[0].right() == [0, 0, 1, 1] and "4 and 8 mV/ms for 2 ms give no spike" in GUIDE
    assert quiet == 1 and "there is one spike without noise" in GUIDE
    for said in (
        f"{ghost:.0f} ms at 2.26 mV/ms",
        f"comes at {early:.1f} ms, not {late:.1f} ms",
        f"({counts[0]} spikes, not {counts[1]})",
        f"fires from {first[1].right()} mV on",
        f"{lesson(14).tasks[0].right()} in two seconds with a deviation of 4",
    ):
        assert said in GUIDE


def test_the_time_at_a_ghost_is_that_of_the_derivation():
    """6 pi / (0.2 sqrt(dI)), from scipy's solution of the equations between spikes."""
    p = reference.values("Class 1")

    def slopes(_, state, current):
        v, u = state
        return (
            p["e"] * v * v + p["f"] * v + p["g"] - u + current,
            p["a"] * (p["b"] * v - u),
        )

    def peak(_, state, current):
        return state[0] - p["thresh"]

    peak.terminal = True
    for beyond in (0.0025, 0.01):
        current = reference.saddle_node("Class 1") + beyond
        solved = solve_ivp(
            slopes, (0, 4000), reference.rest("Class 1"), events=peak, args=(current,), rtol=1e-9
        )
        formula = 6 * np.pi / (0.2 * np.sqrt(beyond))
        assert solved.t_events[0][0] == pytest.approx(formula, rel=0.015)
