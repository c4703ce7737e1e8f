"""`izh phase`: where a cell can rest and how it loses its rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import (
    changes_from,
    current_from,
    current_option,
    picture_option,
    scheme_option,
    set_option,
    takes_a_cell_type,
    variant_option,
)
from izhikevich.views.cli.outputs import PICTURE_ENDINGS, check_outputs
from izhikevich.views.cli.plane_words import say_bifurcations, say_fixed_points

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("phase")
@takes_a_cell_type
@current_option
@variant_option
@scheme_option
@set_option
@click.option("--flow", is_flag=True, help="Draw the direction of the flow, too.")
@picture_option
def command(
    entry: CellType,
    current: str | None,
    variant: str,
    scheme: str,
    settings: tuple[str, ...],
    flow: bool,
    out: Path | None,
) -> None:
    """Say where the cell type KEY can rest and how it loses its rest; draw its phase plane.

    \b
    Examples:
      izh phase "tonic spiking"
      izh phase "phasic spiking" --current 0,0.6@20 --out plane.png
      izh phase TC_burst --flow --out plane.pdf
    """  # noqa: D301 - click reads the character \b
    from izhikevich.choice import choose
    from izhikevich.experiments.runaways import run_until_runaway

    check_outputs([] if out is None else [out], PICTURE_ENDINGS)
    choice = choose(
        entry.paper,
        entry.key,
        variant=variant,
        scheme=scheme,
        current=current_from(current),
        parameters=changes_from(settings),
    )
    recording = run_until_runaway(choice)
    plane = choice.plane
    click.echo(f"{entry.label}: {entry.paper} {entry.figure}")
    for each in dict.fromkeys(choice.currents):
        say_fixed_points(plane, each)
    say_bifurcations(plane)
    if out is not None:
        from izhikevich.views.figures.phase import phase_figure
        from izhikevich.views.figures.saving import save

        title = f"{entry.label}: {recording.variant}, {recording.scheme}"
        save(phase_figure(plane, choice.currents, recording, with_flow=flow, title=title), out)
        click.echo(f"wrote {out}")
