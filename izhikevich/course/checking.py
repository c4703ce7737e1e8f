"""Whether an answer is right: the right one is computed anew, and stands in no text."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhikevich.course.contents import lesson
from izhikevich.course.lesson import Task, flowing
from izhikevich.errors import ParameterError


def check(number: int, task: int, answer: Any) -> None:
    """Say whether `answer` is right for a task of a lesson.

    Parameters
    ----------
    number, task : int
        Of the lesson, and of the task in it; the first task is 1.
    answer : number, sequence of numbers, or what the task asks for
        `...` is an answer that is still to be filled in.

    Raises
    ------
    ParameterError
        If there is no such lesson or task.
    """
    print(verdict(lesson(number).task(task), answer)[1])


def verdict(task: Task, answer: Any) -> tuple[bool, str]:
    """Whether an answer is right, and what to say of it."""
    if answer is ...:
        return False, "Not filled in yet: put your answer in the place of the dots."
    try:
        good = task.accepts(answer) if task.accepts else _agrees(task, answer)
    except ParameterError as error:
        return False, f"That cannot be run: {error}"
    except (TypeError, ValueError):
        asked = " ".join(flowing(task.ask).split())
        return False, f"Not an answer of the kind that is asked for: {asked}."
    if good:
        return True, "Right."
    return False, "Not right yet. Read the first hint, then the next."


def _agrees(task: Task, answer: Any) -> bool:
    assert task.right is not None
    given, right = np.asarray(answer, dtype=float), np.asarray(task.right(), dtype=float)
    if given.shape != right.shape or not np.isfinite(given).all():
        return False
    return bool(np.allclose(given, right, rtol=task.tolerance, atol=1e-9))
