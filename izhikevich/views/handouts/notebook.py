"""A lesson as a Jupyter notebook."""

from __future__ import annotations

from typing import Any

from izhikevich.course.lesson import Lesson, flowing
from izhikevich.errors import IzhikevichError
from izhikevich.views.handouts.printed import asked, heading, numbered

#: What a cell to fill in says before it is.
TO_FILL_IN = "answer = ..."

# NEURON complains of a missing display otherwise, where Jupyter runs on a server
_BEGIN = """import os

os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

from izhikevich.course import check"""


def notebook(lesson: Lesson) -> Any:
    """The notebook of a lesson, a `nbformat.NotebookNode`.

    Raises
    ------
    IzhikevichError
        If nbformat is not installed.
    """
    try:
        from nbformat import v4
    except ImportError as error:
        raise IzhikevichError(
            "a notebook needs nbformat: pip install 'izhikevich[course]'"
        ) from error

    cells = [
        v4.new_markdown_cell(heading(lesson)),
        v4.new_markdown_cell(
            "## Steps in the window\n\n"
            f"`izh --lesson {lesson.number}` opens it.\n\n"
            + numbered(step.text for step in lesson.steps)
        ),
        v4.new_code_cell(_BEGIN),
    ]
    for number, task in enumerate(lesson.tasks, 1):
        cells += [
            v4.new_markdown_cell(
                f"## Task {number}\n\n**Predict**, before you run anything. {flowing(task.predict)}"
            ),
            v4.new_markdown_cell("*My prediction:*"),
            v4.new_markdown_cell("**Run.**"),
            v4.new_code_cell(flowing(task.run)),
            v4.new_markdown_cell(f"**Explain.** {flowing(task.explain)}"),
            v4.new_markdown_cell("*My explanation:*"),
            v4.new_markdown_cell(asked(task)),
            v4.new_code_cell(f"{TO_FILL_IN}\ncheck({lesson.number}, {number}, answer)"),
        ]
    if lesson.questions:
        asked_for = numbered(question.asked for question in lesson.questions)
        cells.append(v4.new_markdown_cell(f"## Questions\n\n{asked_for}"))
    if lesson.derivation:
        cells.append(v4.new_markdown_cell(f"## Why\n\n{flowing(lesson.derivation)}"))
    for n, cell in enumerate(cells):
        cell["id"] = f"cell-{n}"  # the same file whenever it is written
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": python})
