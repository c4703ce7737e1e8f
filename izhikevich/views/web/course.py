"""A lesson on the page: an address that holds its text and steps."""

from __future__ import annotations

from urllib.parse import urlencode

from izhikevich.choice import Choice
from izhikevich.course.lesson import Lesson, flowing
from izhikevich.views.web.exploration import Exploration
from izhikevich.views.web.links import link_to


def web_lesson(lesson: Lesson, step: int = 1) -> str:
    """What follows the page's address: `?` and what to show at a step, `#` and the lesson.

    Raises
    ------
    ParameterError
        If the lesson has no such step, or nothing to show there.
    """
    texts = [
        f"Lesson {lesson.number}: {lesson.title}. {_line(lesson.goal)}",
        *(_line(task.predict) for task in lesson.tasks),
    ]
    parts = [("text", "\n".join(texts))]
    for each in lesson.steps:
        if each.opens is not None:
            parts.append(("step", f"{_line(each.text)}|{_link(each.opens)}"))
    return f"?{_link(lesson.opens(step))}#{urlencode(parts)}"


def _link(choice: Choice) -> str:
    exploration = Exploration()
    exploration.choose_paper(choice.paper)
    exploration.choose_variant(choice.variant)
    exploration.choose_scheme(choice.scheme)
    exploration.session.choice = choice
    return link_to(exploration)


def _line(text: str) -> str:
    """As plain text: the page shows no Markdown."""
    return " ".join(flowing(text).translate({ord("*"): "", ord("`"): ""}).split())
