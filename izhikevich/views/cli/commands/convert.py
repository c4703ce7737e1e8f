"""`izh convert`: a cell in the other form of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import (
    changes_from,
    current_from,
    current_option,
    set_option,
    takes_a_cell_type,
)

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("convert")
@takes_a_cell_type
@click.option(
    "--capacitance",
    type=float,
    default=1.0,
    show_default=True,
    help="Of a cell of 2003 or 2004, which has none, in units of 100 pF; any serves.",
)
@current_option
@set_option
def command(
    entry: CellType, capacitance: float, current: str | None, settings: tuple[str, ...]
) -> None:
    """Say the cell type KEY in the other form: one of 2003 or 2004 as the book's, and back.

    What is printed is a file that --cell takes. The voltage is the same at all times, under the
    exact scheme.

    \b
    Examples:
      izh convert "tonic spiking" > tonic.toml
      izh run --cell tonic.toml --scheme exact
    """  # noqa: D301 - click reads the character \b
    from izhikevich.own_cells import as_file, convert

    found = convert(
        entry.paper,
        entry.key,
        capacitance=capacitance,
        current=current_from(current),
        parameters=changes_from(settings),
    )
    click.echo(as_file(found), nl=False)
