"""`izh fit`: a recording becomes a cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.views.cli.options import changes_from
from izhikevich.views.cli.outputs import PICTURE_ENDINGS, check_outputs
from izhikevich.views.cli.progress import generation_bar

if TYPE_CHECKING:
    from izhikevich.fitting.measurements import Stimulus
    from izhikevich.fitting.prediction import Prediction
    from izhikevich.fitting.search import Fit

#: Of a cell that `--cell` takes, and of NeuroML.
CELL_ENDINGS = (".toml", ".nml")


@click.command("fit")
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--hold-out",
    "held_out",
    multiple=True,
    metavar="NAME",
    help="A stimulus that is not fitted to but predicted. May be repeated.",
)
@click.option(
    "--leave-out",
    "left_out",
    multiple=True,
    metavar="NAME",
    help="A stimulus that is not used at all. May be repeated.",
)
@click.option(
    "--fix", "fixed", multiple=True, metavar="NAME=VALUE", help="A parameter that keeps a value."
)
@click.option(
    "--bounds",
    "bounds",
    multiple=True,
    metavar="NAME=LOW:HIGH",
    help="Where a parameter is looked for. May be repeated.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same gives the same cell."
)
@click.option("--starts", type=int, default=4, show_default=True, help="Searches side by side.")
@click.option("--generations", type=int, default=100, show_default=True, help="Of each search.")
@click.option(
    "--candidates", type=int, default=80, show_default=True, help="Of each search and generation."
)
@click.option(
    "--workers", type=int, default=2, show_default=True, help="Processes; the cell is the same."
)
@click.option("--dt", type=float, help="Time between samples, ms, where the file has no times.")
@click.option(
    "--current-unit",
    type=click.Choice(["pA", "nA"]),
    help="Of a .csv or .npz. Default: pA, unless the numbers look like nA.",
)
@click.option(
    "--voltage-unit",
    type=click.Choice(["mV", "V"]),
    default="mV",
    show_default=True,
    help="Of a .csv or .npz.",
)
@click.option("--name", help="Of the cell. Default: the recording's.")
@click.option(
    "--out",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the cell (.toml), which --cell of other commands takes, as NeuroML (.nml), or the "
    "report, one page (.pdf, .svg, .png). May be repeated.",
)
def command(
    recording: Path,
    held_out: tuple[str, ...],
    left_out: tuple[str, ...],
    fixed: tuple[str, ...],
    bounds: tuple[str, ...],
    seed: int,
    starts: int,
    generations: int,
    candidates: int,
    workers: int,
    dt: float | None,
    current_unit: str | None,
    voltage_unit: str,
    name: str | None,
    outputs: tuple[Path, ...],
) -> None:
    """Find the cell of the book's model that follows a RECORDING: .csv, .npz, .nwb or .abf.

    \b
    Examples:
      izh fit cell.nwb --out cell.toml --out report.pdf
      izh fit cell.npz --hold-out 05 --seed 2
      izh run --cell cell.toml

    Ctrl-C ends the search: the best until then is shown and written.
    """  # noqa: D301 - click reads the character \b
    check_outputs(outputs, CELL_ENDINGS + PICTURE_ENDINGS)
    from izhikevich.fitting import cell_files
    from izhikevich.fitting.prediction import predict
    from izhikevich.fitting.reading import read
    from izhikevich.fitting.search import fit

    stimuli = read(recording, dt=dt, current_unit=current_unit, voltage_unit=voltage_unit)
    used, held = _parted(stimuli, held_out, left_out)
    with generation_bar(generations) as reached:
        found = fit(
            used,
            fixed=changes_from(fixed),
            bounds=_bounds_from(bounds),
            seed=seed,
            starts=starts,
            candidates=candidates,
            generations=generations,
            workers=workers,
            progress=reached,
        )
    ran = predict(found.parameters, [*used, *held])
    fitted, predicted = ran[: len(used)], ran[len(used) :]
    _say(found, fitted, predicted)
    called = name or recording.stem
    for path in outputs:
        ending = path.suffix.lower()
        if ending == ".toml":
            cell_files.write_cell(found, path, called, current=_strong(used))
        elif ending == ".nml":
            _write_neuroml(found, path, called, current=_strong(used))
        else:
            _write_report(found, fitted, predicted, called, path)
        click.echo(f"wrote {path}")


def _write_neuroml(found: Fit, path: Path, name: str, current: float) -> None:
    from izhikevich.choice import choose
    from izhikevich.exchange import neuroml
    from izhikevich.files import whole_file
    from izhikevich.own_cells import define

    driven = {"steps": [[100.0, current]]}
    entry = define(name, found.parameters, model="book", current=driven, tstop=1000, dt=found.dt)
    with whole_file(path) as unfinished:
        unfinished.write_text(neuroml.document(choose(entry.paper, entry.key)), encoding="utf-8")


def _parted(
    stimuli: Sequence[Stimulus], held_out: Sequence[str], left_out: Sequence[str]
) -> tuple[list[Stimulus], list[Stimulus]]:
    """The stimuli that are fitted to, and those that are predicted."""
    names = [each.name for each in stimuli]
    for name in (*held_out, *left_out):
        if name not in names:
            raise ParameterError(f"there is no stimulus {name!r}: there are {', '.join(names)}")
    others = {*held_out, *left_out}
    used = [each for each in stimuli if each.name not in others]
    if not used:
        raise ParameterError("no stimulus is left to fit to")
    return used, [each for each in stimuli if each.name in held_out]


def _bounds_from(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    bounds = {}
    for text in texts:
        name, _, rest = text.partition("=")
        try:
            low, high = (float(x) for x in rest.split(":"))
        except ValueError:
            raise ParameterError(f"--bounds is NAME=LOW:HIGH, not {text!r}") from None
        bounds[name.strip()] = low, high
    return bounds


def _strong(stimuli: Sequence[Stimulus]) -> float:
    """A current that the cell has been given: the largest mean, pA."""
    return round(max(float(each.current.mean()) for each in stimuli), 3)


def _say(found: Fit, fitted: Sequence[Prediction], predicted: Sequence[Prediction]) -> None:
    from izhikevich.fitting.cell_files import spread_in_words
    from izhikevich.fitting.score import reliability

    if found.interrupted:
        click.echo("interrupted: this is the best until then")
    click.echo(
        f"seed {found.seed}, {found.generations} generations, {found.seconds:.1f} s, step "
        f"{found.dt:g} ms, loss {found.loss:.4f}"
    )
    click.echo("parameter       best  equally good")
    for name, value in found.parameters.items():
        click.echo(f"{name:<9} {value:10.4g}  {spread_in_words(found, name)}")
    click.echo("stimulus  spikes  measured  Gamma  of the trials' own")
    for each in (*fitted, *predicted):
        measured = sum(map(len, each.stimulus.spikes)) / len(each.stimulus.spikes)
        own = reliability(each.stimulus)
        click.echo(
            f"{each.stimulus.name:<9} {len(each.spikes):6d}  {measured:8.1f}  {each.gamma:5.2f}  "
            f"{each.relative_gamma:.2f} of {own:.2f}"
            f"{', held out' if each in predicted else ''}"
        )


def _write_report(
    found: Fit,
    fitted: Sequence[Prediction],
    predicted: Sequence[Prediction],
    name: str,
    path: Path,
) -> None:
    import numpy as np

    from izhikevich.analysis.plane import for_cell_type
    from izhikevich.experiments.rates import fi_curve
    from izhikevich.views.figures.fits import fit_report
    from izhikevich.views.figures.saving import save

    entry = found.define(name)
    strongest = _strong([each.stimulus for each in fitted])
    try:
        currents = np.linspace(0, max(1.5 * strongest, 100.0), 16)
        curve = fi_curve(entry.paper, entry.key, currents, hold=500)
    except IzhikevichError as error:  # the rest of the report is worth having
        click.echo(f"no rates in the report: {error}", err=True)
        curve = None
    title = f"{name}: fit of seed {found.seed}"
    save(fit_report(found, fitted, predicted, for_cell_type(entry), curve, title), path)
