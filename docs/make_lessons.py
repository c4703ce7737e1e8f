"""Write the sheets and answers of `docs/lessons/` from the course.

python docs/make_lessons.py
"""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "lessons"
sys.path.insert(0, str(FOLDER.parents[1]))

from izhikevich.course.contents import all_lessons  # noqa: E402
from izhikevich.views.handouts import printed  # noqa: E402
from izhikevich.views.web.course import web_lesson  # noqa: E402

_CONTENTS = """# Lessons

Exercises to hand out. Each has a goal, what one must know before, steps in the window (start it \
with `izh --lesson 1`), tasks to predict, run and explain, and questions; the answers are in \
[answers/](answers/), apart.

In the window, I0 is the current before T1 (ms) and I1 the one after it; once one of them is set \
they replace the figure's current. A constant current is I0 = I1. *reset* takes the published \
values back.

`izh lesson --notebook course` writes all of them as Jupyter notebooks into the folder `course`; \
`izh lesson 7 --page` prints the address of one on the page of `izh web`.

{lines}
"""


_LINKS = """# Links

Every step of every lesson, in the window and on the page of `izh web` here; for another,
put its address in the place of `http://127.0.0.1:5006/`.

| lesson | step | in the window | on the page |
|---|---|---|---|
{rows}
"""


def _links() -> str:
    rows = [
        f"| {lesson.number}. {lesson.title} | {number} "
        f"| `izh --lesson {lesson.number} --step {number}` "
        f"| [open](http://127.0.0.1:5006/{web_lesson(lesson, number)}) |"
        for lesson in all_lessons()
        for number, step in enumerate(lesson.steps, 1)
        if step.opens is not None
    ]
    return _LINKS.format(rows="\n".join(rows))


def files() -> dict[Path, str]:
    """Every file, and what is in it."""
    lessons = all_lessons()
    lines = [f"- [{each.number}. {each.title}]({each.name}.md)" for each in lessons]
    made = {FOLDER / "README.md": _CONTENTS.format(lines="\n".join(lines))}
    made[FOLDER / "links.md"] = _links()
    for each in lessons:
        made[FOLDER / f"{each.name}.md"] = printed.sheet(each)
        made[FOLDER / "answers" / f"{each.name}.md"] = printed.answers(each)
    return made


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
