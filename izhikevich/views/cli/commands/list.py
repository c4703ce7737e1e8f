"""`izh list`: every cell type there is."""

from __future__ import annotations

import click


@click.command("list")
def command() -> None:
    """List every cell type: paper, panel, key, and its spikes, published and exact.

    The key is what 'izh run' and 'izh compare' want. A type whose figure has several currents, as
    those of 2007, has a number of spikes for each.
    """
    from izhikevich.catalog import CATALOG

    entries = [entry for types in CATALOG.values() for entry in types.values()]
    units = {entry.model.current_unit for entry in entries if entry.amplitudes}
    # in the heading where all types that have several currents are of one unit
    in_heading = f" ({units.pop()})" if len(units) == 1 else ""
    rows = [("paper", "panel", "key", f"I{in_heading}", "published", "exact")]
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
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())
