"""`izh` alone opens the window; its commands, the files of the folder `commands`, need none."""

from __future__ import annotations

import importlib
import os
import pkgutil
from typing import Any

import click

from izhikevich.views.cli import commands
from izhikevich.views.cli.messages import one_line_errors, one_line_usage, show_tracebacks


class _Izh(click.Group):
    """The group of all commands, which says in one line what went wrong."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with one_line_usage():
            return super().make_context(*args, **kwargs)

    def invoke(self, context: click.Context) -> Any:
        with one_line_usage(context), one_line_errors():
            return super().invoke(context)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        try:
            version = f"version {metadata.version('izhikevich')}"
        except metadata.PackageNotFoundError:  # a checkout
            version = "version unknown: the package is not installed"
        click.echo(f"izh, {version}")
        context.exit()


@click.group(
    cls=_Izh,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--menu", is_flag=True, help="Show NEURON's own main menu, too.")
@click.option("--lesson", type=int, metavar="NUMBER", help="Begin with what a lesson begins with.")
@click.option("--step", type=int, metavar="NUMBER", help="Begin with that step of the lesson.")
@click.option("--debug", is_flag=True, help="Show the traceback of what goes wrong, too.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(
    context: click.Context, menu: bool, lesson: int | None, step: int | None, debug: bool
) -> None:
    """Izhikevich's neuron in NEURON: every cell type published in 2003, 2004 and 2007.

    Without a command: the program, one window in which a click on a cell type runs it.

    \b
    First steps without a window:
      izh list                                     what there is
      izh run "tonic spiking"                      when does it fire?
      izh run "tonic spiking" --out trace.png      what does that look like?
      izh run --help                               what else can be chosen?
      izh network --out raster.png                 what do 1000 cells do together?
      izh lesson                                   what is there to learn?
    """  # noqa: D301 - click reads the character \b
    if debug:
        show_tracebacks()
    if context.invoked_subcommand is None:
        if step is not None and lesson is None:
            raise click.UsageError("--step needs --lesson")
        opened = None
        if lesson is not None:
            from izhikevich.course.contents import lesson as lesson_of

            opened = lesson_of(lesson).opens(1 if step is None else step)
        from izhikevich.views.window import program

        program.start(menu=menu, choice=opened)
    else:
        # no command opens a window of NEURON's, which would otherwise complain of a missing display
        os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")


for _file in pkgutil.iter_modules(commands.__path__):
    main.add_command(importlib.import_module(f"{commands.__name__}.{_file.name}").command)


if __name__ == "__main__":
    main(prog_name="izh")
