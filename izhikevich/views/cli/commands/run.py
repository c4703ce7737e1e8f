"""`izh run`: one cell type, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.views.cli.options import (
    changes_from,
    current_from,
    current_option,
    set_option,
    takes_a_cell_type,
    variant_option,
)
from izhikevich.views.cli.outputs import (
    DATA_ENDINGS,
    NWB_ENDING,
    PICTURE_ENDINGS,
    SONATA_ENDING,
    check_outputs,
)
from izhikevich.views.cli.progress import time_bar
from izhikevich.views.cli.screen import with_a_window

if TYPE_CHECKING:
    from izhikevich.catalog import CellType
    from izhikevich.recording import Recording


@click.command("run")
@takes_a_cell_type
@variant_option
@click.option(
    "--scheme",
    type=click.Choice(["published", "exact", "fixed"], case_sensitive=False),
    default="published",
    show_default=True,
    help="The author's rule at his step; the answer of the equations themselves, by a variable "
    "step; or his rule at a step of yours, --dt.",
)
@click.option("--dt", type=float, help="Step of scheme fixed, ms.")
@click.option("--tstop", type=float, help="Duration, ms; default: the figure's.")
@current_option
@set_option
@click.option("--plot", is_flag=True, help="Show the trace in a window.")
@click.option(
    "--out",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the trace (.csv, .npz, .nwb), the spikes (.h5 as SONATA) or the picture (.png, "
    ".svg, .pdf). May be repeated.",
)
def command(
    entry: CellType,
    variant: str,
    scheme: str,
    dt: float | None,
    tstop: float | None,
    current: str | None,
    settings: tuple[str, ...],
    plot: bool,
    outputs: tuple[Path, ...],
) -> None:
    """Run the cell type KEY, such as "tonic spiking" or RS, and say what came of it.

    \b
    Examples:
      izh run "tonic spiking"
      izh run RS --current 70 --out trace.csv --out trace.pdf
      izh run RS --out rs.nwb --out spikes.h5
      izh run "tonic spiking" --current 0,14@10,0@60 --set a=0.03
      izh run "phasic bursting" --scheme exact --variant Sec
      izh run bistability --scheme fixed --dt 0.01 --tstop 600
      izh run --cell mine.toml

    A run whose solution leaves every bound ends there: what came before is shown and written, the
    last line says when and why, and the status is 1.
    """  # noqa: D301 - click reads the character \b
    from izhikevich.choice import choose
    from izhikevich.engine.simulation import simulate_choice
    from izhikevich.recording import RunawayError

    check_outputs(outputs, (*DATA_ENDINGS, NWB_ENDING, SONATA_ENDING, *PICTURE_ENDINGS))
    _require_writers(outputs)
    show = shower() if plot else None
    choice = choose(
        entry.paper,
        entry.key,
        variant=variant,
        scheme=scheme,
        dt=dt,
        current=current_from(current),
        tstop=tstop,
        parameters=changes_from(settings),
    )
    runaway = None
    try:
        with time_bar(choice.tstop) as reached:
            recording = simulate_choice(choice, reached)
    except RunawayError as error:
        recording, runaway = error.recording, error
    _summarise(recording)
    for path in outputs:
        _write(recording, path)
        click.echo(f"wrote {path}{' (what came before it ran away)' if runaway else ''}")
    if show is not None:
        show(recording)
    if runaway is not None:
        raise runaway


def _require_writers(paths: Sequence[Path]) -> None:
    """Refuse what no installed package writes, before the run."""
    endings = {path.suffix.lower() for path in paths}
    if NWB_ENDING in endings:
        from izhikevich.exchange.nwb import require_pynwb

        require_pynwb()
    if SONATA_ENDING in endings:
        from izhikevich.network.sonata import require_h5py

        require_h5py()


def _summarise(recording: Recording) -> None:
    entry = recording.cell_type
    step = "variable step" if recording.dt is None else f"dt {recording.dt:g} ms"
    click.echo(
        f"{entry.label}: {entry.paper} {entry.figure}, {recording.variant}, "
        f"{recording.scheme} ({step}), {recording.tstop:g} ms"
    )
    n = len(recording.spikes)
    click.echo(f"spikes: {n}, mean rate {recording.mean_rate:.2f} Hz")
    if n:
        shown = ", ".join(f"{time:.6g}" for time in recording.spikes[:20])
        click.echo(f"spike times (ms): {shown}{', ...' if n > 20 else ''}")
    if n > 1:
        first, last = recording.intervals[[0, -1]]
        click.echo(f"intervals (ms): first {first:.6g}, last {last:.6g}")


def _write(recording: Recording, path: Path) -> None:
    ending = path.suffix.lower()
    if ending == ".csv":
        recording.to_csv(path)
    elif ending == ".npz":
        recording.to_npz(path)
    elif ending == NWB_ENDING:
        from izhikevich.exchange import nwb

        nwb.write(recording, path)
    elif ending == SONATA_ENDING:
        from izhikevich.network.sonata import write_spikes_of_run

        write_spikes_of_run(recording, path)
    else:
        from izhikevich.views.figures.saving import save
        from izhikevich.views.figures.traces import trace

        figure = trace(recording).get_figure(root=True)
        assert figure is not None
        save(figure, path)


def shower() -> Callable[[Recording], None]:
    """What shows a recording in a window of matplotlib's; refused where there can be none."""
    pyplot = with_a_window("--plot")

    def show(recording: Recording) -> None:
        from izhikevich.views.figures.traces import trace

        _, axes = pyplot.subplots()
        trace(recording, axes)
        pyplot.show()

    return show
