"""`izh compare`: PP and Sec, published and exact, of one cell type or of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.errors import ParameterError
from izhikevich.views.cli.options import cell_option, cell_types, paper_option
from izhikevich.views.cli.outputs import PICTURE_ENDINGS, check_outputs, is_picture
from izhikevich.views.cli.progress import item_bar

if TYPE_CHECKING:
    from izhikevich.experiments.comparison import Comparison


@click.command("compare")
@click.argument("keys", nargs=-1, metavar="KEY ...")
@click.option("--all", "everything", is_flag=True, help="Every cell type.")
@paper_option
@cell_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the table (.csv, .md) or, of one type, the figure (.png, .svg, .pdf).",
)
def command(
    keys: tuple[str, ...],
    everything: bool,
    paper: str | None,
    cell_file: Path | None,
    out: Path | None,
) -> None:
    """Compare the four runs of a cell type: PP and Sec, published and exact.

    Spike counts, largest and mean difference of the spike times (ms), coincidence factor. Two
    spikes at most 1 ms apart coincide; a factor of 1 means all do, 0 no more than by chance.

    \b
    Examples:
      izh compare bistability
      izh compare bistability --out bistability.png
      izh compare RS IB --paper 2007 --out table.csv
      izh compare --all --out table.md
    """  # noqa: D301 - click reads the character \b
    from izhikevich.catalog import CATALOG, types_of
    from izhikevich.experiments.comparison import compare
    from izhikevich.experiments.comparison_tables import markdown_table, published_equality

    if everything == bool(keys or cell_file):
        raise ParameterError("give the cell types to compare, or --all, or --cell FILE")
    if everything:
        papers = tuple(CATALOG) if paper is None else (paper,)
        entries = [entry for each in papers for entry in types_of(each).values()]
    else:
        entries = cell_types(keys, paper, cell_file)
    jobs = [(entry, current) for entry in entries for current in entry.currents]
    if out is not None:
        check_outputs([out], (".csv", ".md", *PICTURE_ENDINGS))
        if is_picture(out):
            if len(entries) != 1:
                raise ParameterError(
                    "a figure shows one cell type; for several --out a .csv or .md"
                )
            jobs = jobs[-1:]
    results = []
    with item_bar(jobs, "compare") as bar:
        for entry, current in bar:
            bar.set_postfix_str(entry.key)
            results.append(compare(entry.paper, entry.key, current))
    click.echo(markdown_table(results))
    click.echo(published_equality(results))
    if out is not None:
        _write(results, out)
        click.echo(f"wrote {out}")


def _write(results: Sequence[Comparison], out: Path) -> None:
    if is_picture(out):
        from izhikevich.views.figures.comparisons import comparison_figure
        from izhikevich.views.figures.saving import save

        save(comparison_figure(results[0].runs.values()), out)
        return
    from izhikevich.experiments.comparison_tables import csv_table, markdown_table
    from izhikevich.files import whole_file

    table = csv_table if out.suffix.lower() == ".csv" else markdown_table
    with whole_file(out) as unfinished:
        unfinished.write_text(table(results), encoding="utf-8")
