"""`izh lesson`: the lessons of the course, as sheets, notebooks and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.outputs import check_outputs

if TYPE_CHECKING:
    from izhikevich.course.lesson import Lesson

_NOTEBOOK_ENDINGS = (".ipynb",)


@click.command("lesson")
@click.argument("number", type=int, required=False)
@click.option(
    "--notebook",
    type=click.Path(path_type=Path),
    help="Write it as a Jupyter notebook; without NUMBER a folder, which gets all of them.",
)
@click.option("--answers", is_flag=True, help="Print the answers instead, for who teaches.")
@click.option(
    "--page", is_flag=True, help="Print the address that opens it on the page of izh web."
)
@click.option("--step", default=1, show_default=True, help="The step that --page begins with.")
def command(
    number: int | None, notebook: Path | None, answers: bool, page: bool, step: int
) -> None:
    """Print lesson NUMBER; without one, list the lessons.

    \b
    Examples:
      izh lesson
      izh lesson 7
      izh lesson 7 --notebook latency.ipynb
      izh lesson --notebook course
      izh lesson 7 --answers
      izh --lesson 7 --step 3                 opens the third step in the window
    """  # noqa: D301 - click reads the character \b
    from izhikevich.course.contents import all_lessons, lesson

    if sum((notebook is not None, answers, page)) > 1:
        raise click.UsageError("choose one of --notebook, --answers and --page")
    if number is None:
        if answers or page:
            raise click.UsageError("--answers and --page need the NUMBER of a lesson")
        if notebook is not None:
            _write_all(notebook)
            return
        for each in all_lessons():
            click.echo(f"{each.number:3}  {each.minutes:3} min  {each.title}")
        return
    found = lesson(number)
    if notebook is not None:
        check_outputs([notebook], _NOTEBOOK_ENDINGS)
        _write({notebook: found})
    elif page:
        from izhikevich.views.web.course import web_lesson

        click.echo(f"http://127.0.0.1:5006/{web_lesson(found, step)}")
    else:
        from izhikevich.views.handouts import printed

        click.echo((printed.answers if answers else printed.sheet)(found), nl=False)


def _write_all(folder: Path) -> None:
    from izhikevich.course.contents import all_lessons

    _write({folder / f"{each.name}.ipynb": each for each in all_lessons()})


def _write(lessons: dict[Path, Lesson]) -> None:
    """Make all of them, then write them."""
    from izhikevich.files import whole_file
    from izhikevich.views.handouts.notebook import notebook

    made = {path: notebook(each) for path, each in lessons.items()}
    import nbformat  # which `notebook` has found, or said how to get

    for path, each in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            nbformat.write(each, unfinished)
        click.echo(f"wrote {path}")
