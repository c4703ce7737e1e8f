"""The lessons that there are."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from izhikevich.course import lessons
from izhikevich.course.lesson import Lesson
from izhikevich.errors import ParameterError


@functools.cache
def all_lessons() -> tuple[Lesson, ...]:
    """Every lesson, in the order of their numbers: each file of the folder `lessons` has one."""
    files = (f"{lessons.__name__}.{file.name}" for file in pkgutil.iter_modules(lessons.__path__))
    found: list[Lesson] = [importlib.import_module(file).LESSON for file in files]
    return tuple(sorted(found, key=lambda each: each.number))


def lesson(number: int) -> Lesson:
    """The lesson of a number.

    Raises
    ------
    ParameterError
        If there is none.
    """
    for each in all_lessons():
        if each.number == number:
            return each
    numbers = [each.number for each in all_lessons()]
    raise ParameterError(f"there are lessons {numbers[0]} to {numbers[-1]}, not {number!r}")
