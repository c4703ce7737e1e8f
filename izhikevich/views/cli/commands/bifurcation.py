"""`izh bifurcation`: the fixed points of a cell against the current."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import (
    changes_from,
    picture_option,
    set_option,
    takes_a_cell_type,
)
from izhikevich.views.cli.outputs import PICTURE_ENDINGS, check_outputs
from izhikevich.views.cli.plane_words import say_bifurcations, say_fixed_points
from izhikevich.views.cli.progress import item_bar

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("bifurcation")
@takes_a_cell_type
@set_option
@picture_option
def command(entry: CellType, settings: tuple[str, ...], out: Path | None) -> None:
    """Say how the fixed points of KEY change with the current, and where it fires."""
    from izhikevich.choice import choose

    check_outputs([] if out is None else [out], PICTURE_ENDINGS)
    choice = choose(entry.paper, entry.key, parameters=changes_from(settings))
    from izhikevich.experiments.rates import default_currents, goes_on_firing, long_run

    plane = choice.plane
    currents = default_currents(plane, entry, 21)
    with item_bar(currents.tolist(), "bifurcation diagram") as bar:
        recordings = {current: long_run(choice, current) for current in bar}
    for current, recording in recordings.items():
        say_fixed_points(plane, current, "; it fires" if goes_on_firing(recording) else "")
    say_bifurcations(plane)
    if out is not None:
        from izhikevich.views.figures.against_current import bifurcation_figure
        from izhikevich.views.figures.saving import save

        save(bifurcation_figure(plane, currents, recordings, entry.label), out)
        click.echo(f"wrote {out}")
