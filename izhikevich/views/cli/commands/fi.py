"""`izh fi`: the rate of a cell against the current."""

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
from izhikevich.views.cli.plane_words import say_bifurcations
from izhikevich.views.cli.progress import time_bar

if TYPE_CHECKING:
    from izhikevich.catalog import CellType


@click.command("fi")
@takes_a_cell_type
@set_option
@picture_option
def command(entry: CellType, settings: tuple[str, ...], out: Path | None) -> None:
    """Measure the rate of KEY against the current, up and down, and the step rheobase.

    The bifurcation currents are those of a current that changes slowly; the step rheobase is the
    smallest step from rest at I = 0 that makes the cell fire.
    """
    from izhikevich.choice import choose

    check_outputs([] if out is None else [out], PICTURE_ENDINGS)
    changes = changes_from(settings)
    plane = choose(entry.paper, entry.key, parameters=changes).plane
    from izhikevich.experiments import rates
    from izhikevich.experiments.resting import NoRestError
    from izhikevich.experiments.steps import WAIT, step_rheobase
    from izhikevich.recording import RunawayError

    currents = rates.default_currents(plane, entry)
    with time_bar(2 * len(currents) * rates.HOLD) as reached:
        curve = rates.fi_curve(
            entry.paper, entry.key, currents, parameters=changes, progress=reached
        )
    unit = plane.current_unit
    click.echo(f"I ({unit})  up (Hz)  down (Hz)")
    for row in zip(curve.current, curve.up, curve.down, strict=True):
        click.echo("{:10.4g}  {:7.2f}  {:9.2f}".format(*row))
    if curve.bistable.size:
        low, high = curve.bistable[[0, -1]]
        click.echo(f"bistable: rest and firing side by side from {low:.4g} to {high:.4g} {unit}")
    say_bifurcations(plane)
    try:
        rheobase = step_rheobase(entry.paper, entry.key, parameters=changes)
        within = f"(a spike within {WAIT / 1000:g} s)"
        click.echo(f"rheobase of a step from rest at I = 0: {rheobase:.4g} {unit} {within}")
    except (NoRestError, RunawayError) as error:
        click.echo(f"rheobase of a step: none, {error}")
    if out is not None:
        from izhikevich.views.figures.against_current import fi_figure
        from izhikevich.views.figures.saving import save

        save(fi_figure(curve, plane.bifurcations(), unit, entry.label), out)
        click.echo(f"wrote {out}")
