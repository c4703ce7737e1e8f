"""`izh list`: every cell type there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import Paper

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("list")
@click.option("--paper", type=Paper(), help="Its types alone. Default: all that have a figure.")
def command(paper: str | None) -> None:
    """List every cell type: paper, panel, key, and its spikes, published and exact.

    The key is what 'izh run' and 'izh compare' want. A type whose figure has several currents, as
    those of 2007, has a number of spikes for each. Of a collection, such as hippocampome, the list
    has the region, the effect, the number in the source and whether the model is the preferred one.
    """
    from izhikevich.catalog import CATALOG, papers, types_of

    shown = tuple(CATALOG) if paper is None else (paper,)
    entries = [entry for each in shown for entry in types_of(each).values()]
    if all(entry.group for entry in entries):
        _show(_collection_rows(entries))
        return
    _show(_figure_rows(entries))
    for each in papers():
        if each not in CATALOG and paper is None:
            click.echo(f"and those of 'izh list --paper {each}'", err=True)


def _collection_rows(entries: Sequence[CellType]) -> list[tuple[str, ...]]:
    """A row for each type of a collection, below a heading."""
    unit = entries[0].model.current_unit
    return [
        ("region", "key", "effect", "number", "preferred", f"I ({unit})"),
        *(
            (
                entry.group,
                entry.key,
                entry.effect,
                entry.figure,
                "preferred" if entry.is_preferred else "",
                " ".join(f"{current.initial:g}" for current in entry.currents),
            )
            for entry in entries
        ),
    ]


def _figure_rows(entries: Sequence[CellType]) -> list[tuple[str, ...]]:
    """A row for each type, below a heading."""
    units = {entry.model.current_unit for entry in entries if entry.amplitudes}
    # in the heading where all types that have several currents are of one unit
    in_heading = f" ({units.pop()})" if len(units) == 1 else ""
    heading = ("paper", "panel", "key", f"I{in_heading}", "published", "exact")
    rows: list[tuple[str, ...]] = [heading]
    for entry in entries:
        exact = ("runs away" if n is None else str(n) for n in entry.spikes_exact)
        currents = [f"{x:g}" for x in entry.amplitudes]
        if currents and not in_heading:
            currents.append(entry.model.current_unit)
        rows.append(
            (
                entry.paper,
                entry.figure.removeprefix("Fig. ") if entry.panel == entry.key else entry.panel,
                entry.key,
                " ".join(currents),
                " ".join(map(str, entry.spikes_published)),
                " ".join(exact),
            )
        )
    return rows


def _show(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())
