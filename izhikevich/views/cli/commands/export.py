"""`izh export`: a cell type in the files of other simulators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import (
    changes_from,
    current_from,
    current_option,
    set_option,
    takes_a_cell_type,
)
from izhikevich.views.cli.outputs import check_folder

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("export")
@takes_a_cell_type
@click.option(
    "--format",
    "form",
    required=True,
    help="neuroml: NeuroML 2, and a simulation by LEMS that jnml, pynml and others run; brian2, "
    "netpyne, nest, pynn: a script.",
)
@click.option("--tstop", type=float, help="Duration, ms; default: the figure's.")
@current_option
@set_option
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Folder of the files, which is made. Default: this one.",
)
@click.option("--force", is_flag=True, help="Replace files that are there already.")
def command(
    entry: CellType,
    form: str,
    tstop: float | None,
    current: str | None,
    settings: tuple[str, ...],
    folder: Path,
    force: bool,
) -> None:
    """Write the cell type KEY, and the current that drives it, for other simulators.

    \b
    Examples:
      izh export RS --format neuroml
      izh export LTS --format brian2
      izh export "tonic spiking" --format neuroml --current 0,10@20 --out tonic
      izh run --cell RS.net.nml
    """  # noqa: D301 - click reads the character \b
    from izhikevich.choice import choose
    from izhikevich.errors import ParameterError
    from izhikevich.exchange import files_of
    from izhikevich.files import whole_file

    choice = choose(
        entry.paper,
        entry.key,
        current=current_from(current),
        tstop=tstop,
        parameters=changes_from(settings),
    )
    texts = files_of(choice.check(), form)
    if folder.is_dir():
        check_folder(folder)
        there = [name for name in texts if (folder / name).exists()]
        if there and not force:
            raise ParameterError(f"{folder / there[0]} is there already: give --force, or --out")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with whole_file(folder / name) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
        click.echo(f"wrote {folder / name}")
