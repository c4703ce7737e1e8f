"""`izh map`: what a cell does at each point of a plane of two of its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.views.cli.options import (
    Paper,
    cell_option,
    cell_types,
    changes_from,
    current_from,
    current_option,
    picture_option,
    set_option,
)
from izhikevich.views.cli.outputs import PICTURE_ENDINGS, check_outputs
from izhikevich.views.cli.screen import with_a_window

if TYPE_CHECKING:
    from izhikevich.experiments.maps import ParameterMap


@click.command("map")
@click.argument("key", required=False)
@click.option(
    "--paper",
    type=Paper(),
    help="Where KEY is looked up; without KEY, its types in the planes of a, b and c, d.",
)
@cell_option
@click.option("--x", default="c", show_default=True, help="The parameter along the map.")
@click.option("--y", default="d", show_default=True, help="The parameter up the map.")
@click.option("--x-range", nargs=2, type=float, metavar="FROM TO", help="Default: of the types.")
@click.option("--y-range", nargs=2, type=float, metavar="FROM TO", help="Default: of the types.")
@click.option(
    "--points",
    type=click.IntRange(2, 1000),
    default=100,
    show_default=True,
    help="In each direction.",
)
@click.option("--tstop", type=float, help="Duration, ms; default: 500, or the figure's.")
@current_option
@set_option
@picture_option
def command(
    key: str | None,
    paper: str | None,
    cell_file: Path | None,
    x: str,
    y: str,
    x_range: tuple[float, float] | None,
    y_range: tuple[float, float] | None,
    points: int,
    tstop: float | None,
    current: str | None,
    settings: tuple[str, ...],
    out: Path | None,
) -> None:
    """Map what the cell type KEY does over two of its parameters: quiet, tonic, bursting, ...

    Without --out a window shows the map: a click on a point runs the cell there.

    \b
    Examples:
      izh map "tonic spiking" --x c --y d --out map.png
      izh map RS --x b --y k --current 70
      izh map --paper 2003 --out types.png
    """  # noqa: D301 - click reads the character \b
    check_outputs([] if out is None else [out], PICTURE_ENDINGS)
    if key is None and cell_file is None and paper is not None:
        _planes(paper, out)
        return
    (entry,) = cell_types(() if key is None else (key,), paper, cell_file)
    from izhikevich.experiments.maps import map_of

    pyplot = None if out is not None else with_a_window("izh map")
    found = map_of(
        entry.paper,
        entry.key,
        x,
        y,
        xs=_between(x, x_range, points),
        ys=_between(y, y_range, points),
        current=current_from(current),
        tstop=tstop,
        parameters=changes_from(settings),
        points=points,
    )
    _say(found)
    if out is not None:
        from izhikevich.views.figures.maps import map_figure
        from izhikevich.views.figures.saving import save

        save(map_figure(found), out)
        click.echo(f"wrote {out}")
    if pyplot is not None:
        show(found, pyplot)


def _between(name: str, ends: tuple[float, float] | None, points: int) -> list[float] | None:
    if ends is None:
        return None
    import numpy as np

    if not ends[0] < ends[1]:
        raise ParameterError(f"the range of {name} rises, but {ends[1]:g} follows {ends[0]:g}")
    return np.linspace(*ends, points).tolist()


def _say(found: ParameterMap) -> None:
    from izhikevich.experiments.maps import PATTERNS

    size = found.patterns.size
    click.echo(
        f"{found.choice.cell_type.label}: {size:,} cells over {found.x} from {found.xs[0]:.4g} to "
        f"{found.xs[-1]:.4g} and {found.y} from {found.ys[0]:.4g} to {found.ys[-1]:.4g}"
    )
    for name, words in PATTERNS.items():
        part = (found.patterns == name).sum() / size
        if part:
            click.echo(f"{name:<9} {100 * part:5.1f} %  {words}")


def _planes(paper: str, out: Path | None) -> None:
    if out is None:
        raise ParameterError("the types of a publication are drawn to a file: give --out")
    from izhikevich.views.figures.maps import parameter_planes
    from izhikevich.views.figures.saving import save

    save(parameter_planes(paper), out)
    click.echo(f"wrote {out}")


def show(found: ParameterMap, pyplot: Any) -> None:
    """Show a map in a window; a click on it runs the cell there, and tells what it does."""
    from izhikevich.experiments.runaways import run_until_runaway
    from izhikevich.views.figures.maps import map_figure
    from izhikevich.views.figures.traces import trace

    figure = pyplot.figure(figsize=(10, 6.6), layout="constrained")
    plane, run = figure.subplots(2, 1, height_ratios=(3, 1))
    map_figure(found, plane)
    (place,) = plane.plot([], [], "o", markersize=9, markerfacecolor="none", color="black")

    def clicked(event: Any) -> None:
        if event.inaxes is not plane or (figure.canvas.toolbar and figure.canvas.toolbar.mode):
            return
        choice = found.choice_at(event.xdata, event.ydata)
        run.clear()
        try:
            trace(run_until_runaway(choice), run)
            words = found.at(event.xdata, event.ydata)
        except IzhikevichError as error:  # a place where no cell can be
            words = str(error)
        place.set_data([event.xdata], [event.ydata])
        run.set_title(
            f"{found.x} = {event.xdata:.4g}, {found.y} = {event.ydata:.4g}: {words}", fontsize=9
        )
        figure.canvas.draw_idle()

    run.set_axis_off()
    run.text(0.5, 0.5, "Click on the map: the cell is run there.", ha="center", va="center")
    figure.canvas.mpl_connect("button_press_event", clicked)
    pyplot.show()
