"""A lesson as Markdown: the sheet, and its answers, apart."""

from __future__ import annotations

from collections.abc import Iterable

from izhikevich.course.lesson import Lesson, Task, flowing

_SCRIPT = (
    "## The same as a script\n\n"
    "    python docs/lessons/scripts/{name}.py\n\n"
    "The script makes the runs, prints the results and checks them: "
    "[scripts/{name}.py](scripts/{name}.py)."
)

_SOURCE_OF_NUMBERS = (
    "Every number here is a result of "
    "[the lesson's script](../scripts/{name}.py) or an input of it."
)


def sheet(lesson: Lesson) -> str:
    """What a student gets."""
    parts = [
        heading(lesson),
        "## Steps in the window",
        numbered(step.text for step in lesson.steps),
    ]
    if lesson.has_script:
        parts.append(_SCRIPT.format(name=lesson.name))
    parts += [_title_of_tasks(lesson), _tasks(lesson)]
    if lesson.questions:
        parts += ["## Questions", numbered(question.asked for question in lesson.questions)]
    if lesson.derivation:
        parts += ["## Why", flowing(lesson.derivation)]
    return "\n\n".join(parts) + "\n"


def answers(lesson: Lesson) -> str:
    """What the teacher keeps: answers to the questions, and the code that solves the tasks."""
    parts = [f"# Answers to lesson {lesson.number}: {lesson.title}"]
    if lesson.questions:
        if lesson.has_script:
            parts.append(_SOURCE_OF_NUMBERS.format(name=lesson.name))
        parts.append(numbered(question.answer for question in lesson.questions))
    for number, task in enumerate(lesson.tasks, 1):
        parts += [f"## Task {number}", f"For: {flowing(task.ask)}.", code(task.solution)]
    return "\n\n".join(parts) + "\n"


def heading(lesson: Lesson) -> str:
    """Title, time, level, what to know before, goal."""
    return "\n\n".join(
        (
            f"# Lesson {lesson.number}: {lesson.title}",
            f"{lesson.minutes} minutes; {lesson.level}. Before: {'; '.join(lesson.before)}.",
            "## Goal",
            flowing(lesson.goal),
        )
    )


def numbered(texts: Iterable[str]) -> str:
    """A list of texts, each on a line of its own."""
    return "\n".join(f"{n}. {_one_line(text)}" for n, text in enumerate(texts, 1))


def code(text: str) -> str:
    """A block of Python."""
    return f"```python\n{flowing(text)}\n```"


def asked(task: Task) -> str:
    """The answer that is wanted, and the hints, folded, each to be opened when it is needed."""
    hints = (
        f"<details><summary>Hint {n}</summary>{_escaped(hint)}</details>"
        for n, hint in enumerate(task.hints, 1)
    )
    return f"**Your answer:** {_one_line(task.ask)}.\n\n" + "\n".join(hints)


def _title_of_tasks(lesson: Lesson) -> str:
    return (
        "## Predict, run, explain\n\n"
        f"`izh lesson {lesson.number} --notebook lesson.ipynb` writes these tasks as a notebook, "
        "which says whether an answer is right."
    )


def _tasks(lesson: Lesson) -> str:
    parts = []
    for number, task in enumerate(lesson.tasks, 1):
        parts += [
            f"### Task {number}",
            f"**Predict.** {_one_line(task.predict)}",
            code(task.run),
            f"**Explain.** {_one_line(task.explain)}",
            asked(task),
        ]
    return "\n\n".join(parts)


def _one_line(text: str) -> str:
    return " ".join(flowing(text).split())


def _escaped(text: str) -> str:
    """Within HTML no Markdown is read."""
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace("`", "")
