"""The command line: `izh` alone opens the window; its commands need none."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from izhikevich.catalog import CATALOG, CellType, cell_type
from izhikevich.files import whole_file
from izhikevich.models import MODELS
from izhikevich.waveforms import Step, Waveform

DATA_ENDINGS = (".csv", ".npz")
PICTURE_ENDINGS = (".png", ".svg", ".pdf")

#: All to all, more cells than these would take more memory than most computers have.
MAX_ALL_TO_ALL = 3000


class _Paper(click.ParamType):
    """The name of a publication that the catalogue has now, or one of some other words."""

    name = "paper"

    def __init__(self, *others: str) -> None:
        self._others = others

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is neither."""
        return click.Choice([*CATALOG, *self._others]).convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What the help shows."""
        return f"[{'|'.join([*CATALOG, *self._others])}]"


_VARIANT = click.Choice(["PP", "Sec"], case_sensitive=False)
_SCHEME = click.Choice(["published", "exact", "fixed"], case_sensitive=False)

# Options of more than one command.
_PICTURE = click.option(
    "--out", type=click.Path(path_type=Path), help="Write the figure (.png, .svg, .pdf)."
)
_SET = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a parameter. May be repeated.",
)
_PAPER = click.option("--paper", type=_Paper(), help="Where KEY is looked up; default: all.")
_ONE_VARIANT = click.option(
    "--variant",
    type=_VARIANT,
    metavar="[PP|Sec]",
    default="PP",
    show_default=True,
    help="A point process with its own voltage, or a section.",
)


# --- errors are one line each ---


class _Refused(click.ClickException):
    """Something a person can mend: one line on standard error, status 1."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))

    def show(self, file: Any = None) -> None:
        click.echo(f"izh: {self.format_message()}", file=file or sys.stderr)


class _Mistyped(_Refused):
    exit_code = 2


class _Interrupted(_Refused):
    exit_code = 130  # as a shell says of Ctrl-C


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn what the packages behind raise for people, and Ctrl-C, into one line."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read the output, such as `head`, has seen enough: click ends quietly
    except OSError as error:
        where = error.filename or "the output"
        raise _Refused(f"cannot write {where}: {error.strerror or error}") from error
    except (ValueError, KeyError, RuntimeError, ImportError) as error:
        raise _Refused(str(error)) from error
    except KeyboardInterrupt:
        raise _Interrupted("interrupted; no file was left unfinished") from None


@contextlib.contextmanager
def _one_line_usage(context: click.Context | None = None) -> Iterator[None]:
    """Turn what click says of a mistyped command line into one line; its status, 2, stays."""
    try:
        yield
    except click.UsageError as error:
        where = error.ctx or context
        command = "izh" if where is None else where.command_path
        message = f"{error.format_message().rstrip('.')}; see '{command} --help'"
        raise _Mistyped(message) from error


class _Command(click.Command):
    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        with _one_line_usage(context):
            return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        with _one_line_errors():
            return super().invoke(context)


class _Commands(click.Group):
    command_class = _Command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _one_line_usage():
            return super().make_context(*args, **kwargs)

    def invoke(self, context: click.Context) -> Any:
        with _one_line_usage(context):
            return super().invoke(context)


def _entry(paper: str | None, key: str) -> CellType:
    """The cell type that a person means; without a paper all are searched."""
    if paper is not None:
        return cell_type(paper, key)
    for types in CATALOG.values():
        if key in types:
            return types[key]
    hints = []
    for each in CATALOG:
        try:
            cell_type(each, key)
        except KeyError as error:
            hint = str(error).partition(": ")[2]
            if hint.startswith("did you mean"):
                hints.append(f"in {each} {hint.removeprefix('did you mean ').removesuffix('?')}")
    near = f"did you mean, {'; '.join(hints)}?" if hints else "'izh list' shows them all"
    raise ValueError(f"unknown cell type {key!r}: {near}")


def _current(text: str | None) -> float | Waveform | None:
    """A current as typed: "14", or "0,14@10,0@50" for steps at 10 and 50 ms."""
    if text is None:
        return None
    first, *changes = text.split(",")
    try:
        initial = float(first)
        pairs = [each.split("@") for each in changes]
        steps = tuple(Step(float(time), float(amplitude)) for amplitude, time in pairs)
    except ValueError:
        raise ValueError(
            f"--current {text!r} is neither a number nor steps such as 0,14@10,0@50 "
            "(amplitude@time in ms)"
        ) from None
    try:
        return Waveform(initial, steps) if steps else initial
    except ValueError as error:
        raise ValueError(f"--current {text!r}: {error}") from None


def _changes(settings: Sequence[str]) -> dict[str, float]:
    """The parameters of --set NAME=VALUE."""
    changes = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting!r} must be NAME=VALUE, such as a=0.03")
        try:
            changes[name.strip()] = float(value)
        except ValueError:
            raise ValueError(f"--set {setting!r}: {value!r} is no number") from None
    return changes


def _check_outputs(paths: Sequence[Path], endings: Sequence[str]) -> None:
    """Refuse before any work what could not be written after it."""
    for path in paths:
        if path.suffix.lower() not in endings:
            raise ValueError(f"--out {path.name!r} must end in one of {', '.join(endings)}")
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
        _check_folder(path.resolve().parent)


def _check_folder(folder: Path) -> None:
    """Refuse a folder in which nothing can be made; trying is what tells, also for root."""
    try:
        with tempfile.TemporaryDirectory(prefix=".izh-", dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error


def _progress(items: Sequence[Any], description: str) -> Any:
    """A progress bar on standard error, where that is a terminal."""
    from tqdm import tqdm

    return tqdm(items, desc=description, disable=None, leave=False)


@contextlib.contextmanager
def _time_bar(tstop: float, before: str | None = None) -> Iterator[Callable[[float], None]]:
    """A progress bar of one run; what it gives is to be called with the time reached, ms.

    What goes on `before` the first such call is named, and not counted when the bar foretells
    the end.
    """
    from tqdm import tqdm

    layout = "{desc}{percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]"
    desc = None if before is None else f"{before}: "
    with tqdm(total=tstop, desc=desc, bar_format=layout, disable=None, leave=False) as bar:

        def reached(time: float) -> None:
            if before is not None and not bar.n:
                bar.set_description(refresh=False)
                bar.reset()
            bar.update(time - bar.n)

        yield reached


# --- the commands ---


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        try:
            version = f"version {metadata.version('izhikevich')}"
        except metadata.PackageNotFoundError:  # a checkout
            version = "version unknown: the package is not installed"
        click.echo(f"izh, {version}")
        context.exit()


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--menu", is_flag=True, help="Show NEURON's own main menu, too.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(context: click.Context, menu: bool) -> None:
    """Izhikevich's neuron in NEURON: every cell type published in 2003, 2004 and 2007.

    Without a command: the program, one window in which a click on a cell type runs it.

    \b
    First steps without a window:
      izh list                                     what there is
      izh run "tonic spiking"                      when does it fire?
      izh run "tonic spiking" --out trace.png      what does that look like?
      izh run --help                               what else can be chosen?
      izh network --out raster.png                 what do 1000 cells do together?
    """  # noqa: D301 - click reads the character \b
    if context.invoked_subcommand is None:
        from izhikevich.views.window import program

        program.start(menu=menu)
    else:
        # no command opens a window of NEURON's, which would otherwise complain of a missing display
        os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")


@main.command("list")
def list_types() -> None:
    """List every cell type: paper, panel, key, and its spikes, published and exact.

    The key is what 'izh run' and 'izh compare' want. Of the 2007 types each has several currents
    (pA), and a number of spikes for each.
    """
    rows = [("paper", "panel", "key", "I (pA)", "published", "exact")]
    for paper, types in CATALOG.items():
        for key, entry in types.items():
            exact = ("runs away" if n is None else str(n) for n in entry.spikes_exact)
            rows.append(
                (
                    paper,
                    entry.figure.removeprefix("Fig. ") if entry.panel == key else entry.panel,
                    key,
                    " ".join(f"{x:g}" for x in entry.amplitudes),
                    " ".join(map(str, entry.spikes_published)),
                    " ".join(exact),
                )
            )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


@main.command()
@click.argument("key")
@_PAPER
@_ONE_VARIANT
@click.option(
    "--scheme",
    type=_SCHEME,
    default="published",
    show_default=True,
    help="The author's rule at his step; the answer of the equations themselves, by a variable "
    "step; or his rule at a step of yours, --dt.",
)
@click.option("--dt", type=float, help="Step of scheme fixed, ms.")
@click.option("--tstop", type=float, help="Duration, ms; default: the figure's.")
@click.option(
    "--current",
    metavar="I[,I@T...]",
    help="Injected current in mV/ms (2003, 2004) or pA (2007), and its steps: 0,14@10 is 0 until "
    "10 ms, then 14. Default: the figure's; of several in 2007, the strongest.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a parameter, or the start v0 or u0. May be repeated.",
)
@click.option("--plot", is_flag=True, help="Show the trace in a window.")
@click.option(
    "--out",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the trace (.csv, .npz) or its picture (.png, .svg, .pdf). May be repeated.",
)
def run(
    key: str,
    paper: str | None,
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
      izh run "tonic spiking" --current 0,14@10,0@60 --set a=0.03
      izh run "phasic bursting" --scheme exact --variant Sec
      izh run bistability --scheme fixed --dt 0.01 --tstop 600

    A run whose solution leaves every bound ends there: what came before is shown and written, the
    last line says when and why, and the status is 1.
    """  # noqa: D301 - click reads the character \b
    from izhikevich.engine.simulation import simulate
    from izhikevich.recording import RunawayError

    entry = _entry(paper, key)
    _check_outputs(outputs, DATA_ENDINGS + PICTURE_ENDINGS)
    show = _shower() if plot else None
    runaway = None
    try:
        with _time_bar(entry.tstop if tstop is None else tstop) as reached:
            recording = simulate(
                entry.paper,
                entry.key,
                variant=variant,
                scheme=scheme,
                dt=dt,
                current=_current(current),
                tstop=tstop,
                parameters=_changes(settings),
                progress=reached,
            )
    except RunawayError as error:
        recording, runaway = error.recording, error
    _summarise(recording)
    for path in outputs:
        _write(recording, path)
        click.echo(f"wrote {path}{' (what came before it ran away)' if runaway else ''}")
    if show is not None:
        show(recording)
    if runaway is not None:
        raise _Refused(str(runaway))


def _summarise(recording: Any) -> None:
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


def _write(recording: Any, path: Path) -> None:
    ending = path.suffix.lower()
    if ending == ".csv":
        recording.to_csv(path)
    elif ending == ".npz":
        recording.to_npz(path)
    else:
        from izhikevich.views.figures import published as figures

        figure = figures.trace(recording).get_figure(root=True)
        assert figure is not None
        figures.save(figure, path)


def _shower() -> Callable[[Any], None]:
    """What shows a recording in a window of matplotlib's; refused where there can be none."""
    import matplotlib.backends
    from matplotlib import pyplot

    backends = matplotlib.backends
    interactive = backends.backend_registry.list_builtin(backends.BackendFilter.INTERACTIVE)
    try:
        # an interactive one that is chosen by name is loaded, and misses its display, only now
        pyplot.switch_backend(matplotlib.get_backend())
        has_window = matplotlib.get_backend().lower() in [name.lower() for name in interactive]
    except ImportError:
        has_window = False
    if not has_window:
        raise RuntimeError("--plot finds no display to open a window on; use --out picture.png")

    def show(recording: Any) -> None:
        from izhikevich.views.figures import published as figures

        _, axes = pyplot.subplots()
        figures.trace(recording, axes)
        pyplot.show()

    return show


@main.command("figures")
@click.argument("which", type=_Paper("all"), default="all")
@click.option(
    "--scheme",
    type=click.Choice(["published", "exact"], case_sensitive=False),
    default="published",
    show_default=True,
    help="The author's rule at his step, or the answer of the equations themselves.",
)
@click.option(
    "--variant",
    type=click.Choice(["PP", "Sec", "both"], case_sensitive=False),
    metavar="[PP|Sec|both]",
    default="both",
    show_default=True,
    help="A point process with its own voltage, or a section.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="Folder for the figures; made if missing.",
)
@click.option(
    "--format",
    "ending",
    type=click.Choice(["png", "svg", "pdf"], case_sensitive=False),
    default="png",
    show_default=True,
    help="Pixels, or lines and text for print.",
)
def figures_command(which: str, scheme: str, variant: str, out: Path, ending: str) -> None:
    """Draw the published figures of a paper, or of all, into a folder.

    2003 Fig. 2, 2004 Fig. 1, the book's figures 8.12 to 8.32; with "all" also two that compare PP
    with Sec and published with exact.

    \b
    Examples:
      izh figures
      izh figures 2004 --scheme exact --variant PP
      izh figures all --out figures --format pdf
    """  # noqa: D301 - click reads the character \b
    from izhikevich.experiments.comparison import simulate_until_runaway
    from izhikevich.views.figures import published as figures

    if out.exists():
        _check_folder(out)
    else:
        out.mkdir(parents=True)
    variants = ("PP", "Sec") if variant.lower() == "both" else (variant,)
    jobs = []
    for plan in figures.FIGURES.values():
        papers = {entry.paper for entry, _ in plan.traces}
        if plan.compares and which == "all":
            jobs.append((plan, plan.name, plan.runs()))
        elif not plan.compares and (which == "all" or which in papers):
            for each in variants:
                jobs.append((plan, f"{plan.name}-{each}-{scheme}", plan.runs(each, scheme)))
    written = []
    with _progress(jobs, "figures") as bar:
        for plan, name, runs in bar:
            bar.set_postfix_str(name)
            recordings = [simulate_until_runaway(**how) for how in runs]
            path = out / f"{name}.{ending}"
            figures.save(plan.draw(recordings), path)
            written.append(path)
    for path in written:
        click.echo(f"wrote {path}")


@main.command()
@click.argument("keys", nargs=-1, metavar="KEY ...")
@click.option("--all", "everything", is_flag=True, help="Every cell type.")
@click.option("--paper", type=_Paper(), help="Where KEY is looked up; default: all.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the table (.csv, .md) or, of one type, the figure (.png, .svg, .pdf).",
)
def compare(keys: tuple[str, ...], everything: bool, paper: str | None, out: Path | None) -> None:
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
    from izhikevich.experiments import comparison

    if everything == bool(keys):
        raise ValueError("give the cell types to compare, or --all")
    entries = [_entry(paper, key) for key in keys]
    if everything:
        papers = tuple(CATALOG) if paper is None else (paper,)
        entries = [entry for each in papers for entry in CATALOG[each].values()]
    if out is not None:
        _check_outputs([out], (".csv", ".md", *PICTURE_ENDINGS))
        if out.suffix.lower() in PICTURE_ENDINGS and len(entries) != 1:
            raise ValueError("a figure shows one cell type; for several --out a .csv or .md")
    jobs = [(entry, current) for entry in entries for current in entry.currents]
    if out is not None and out.suffix.lower() in PICTURE_ENDINGS:
        jobs = jobs[-1:]
    results = []
    with _progress(jobs, "compare") as bar:
        for entry, current in bar:
            bar.set_postfix_str(entry.key)
            results.append(comparison.compare(entry.paper, entry.key, current))
    click.echo(comparison.markdown_table(results))
    click.echo(published_equality(results))
    if out is not None:
        _write_comparison(results, out)
        click.echo(f"wrote {out}")


def published_equality(results: Sequence[Any]) -> str:
    """How many of the published runs are the same in PP and Sec."""
    parts = []
    for model in MODELS.values():
        of_model = [r for r in results if r.cell_type.model == model]
        papers = dict.fromkeys(r.cell_type.paper for r in of_model)
        same = sum(r.difference(("PP", "published"), ("Sec", "published")).same for r in of_model)
        if of_model:
            parts.append(f"{same}/{len(of_model)} of {'/'.join(papers)}")
    return f"PP and Sec, published, spike for spike the same: {', '.join(parts)}"


def _write_comparison(results: Sequence[Any], out: Path) -> None:
    from izhikevich.experiments import comparison
    from izhikevich.views.figures import published as figures

    ending = out.suffix.lower()
    if ending in PICTURE_ENDINGS:
        figures.save(figures.comparison_figure(results[0].runs.values()), out)
        return
    table = comparison.csv_table if ending == ".csv" else comparison.markdown_table
    with whole_file(out) as unfinished:
        unfinished.write_text(table(results), encoding="utf-8")


# --- a network ---


@main.command("network")
@click.option("--cells", type=int, default=1000, show_default=True, help="Number of cells.")
@click.option(
    "--fan-in",
    type=int,
    metavar="K",
    help="Connections onto each cell, from K cells drawn at random; 0: none. Default: from all "
    f"cells, as in the paper; for up to {MAX_ALL_TO_ALL:,} cells.",
)
@click.option("--seconds", type=float, default=1.0, show_default=True, help="Simulated time.")
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Of parameters, connections and noise: the same seed gives the same spikes, whatever "
    "--ranks, --threads and --coreneuron.",
)
@click.option("--min-delay", type=float, metavar="MS", help="Shortest delay, ms; default: 1.")
@click.option(
    "--max-delay",
    type=float,
    metavar="MS",
    help="Longest delay, ms; default: 20 with --fan-in, else the shortest.",
)
@click.option(
    "--noise",
    type=float,
    nargs=2,
    default=(5.0, 2.0),
    show_default=True,
    metavar="E I",
    help="Standard deviation of the random input of excitatory and inhibitory cells, mV/ms.",
)
@click.option(
    "--current",
    type=float,
    default=0.0,
    show_default=True,
    help="Constant input of every cell, mV/ms.",
)
@click.option(
    "--ranks",
    type=int,
    default=1,
    show_default=True,
    help="Processes; more than one needs MPI, which 'pip install mpich' brings.",
)
@click.option(
    "--threads",
    type=int,
    default=1,
    show_default=True,
    help="Threads of each process; more than one needs delays of 2 ms or more.",
)
@click.option(
    "--coreneuron",
    is_flag=True,
    help="Run on CoreNEURON, which is built on first use; on more than one rank it needs delays "
    "of 2 ms or more.",
)
@click.option(
    "--out",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Write the spikes (.csv, .npz) or the figure: raster and rates (.png, .svg, .pdf). May be "
    "repeated.",
)
def network_command(
    cells: int,
    fan_in: int | None,
    seconds: float,
    seed: int,
    min_delay: float | None,
    max_delay: float | None,
    noise: tuple[float, float],
    current: float,
    ranks: int,
    threads: int,
    coreneuron: bool,
    outputs: tuple[Path, ...],
) -> None:
    """Run the network of the 2003 paper, Fig. 3, or a sparse one of any size.

    Of the cells 80 % are excitatory. Without options there are 1000, connected all to all.

    \b
    Examples:
      izh network --out raster.png
      izh network --cells 10000 --fan-in 100 --ranks 2 --out spikes.csv
      izh network --fan-in 100 --coreneuron --threads 2 --min-delay 2
      izh network --cells 100000 --fan-in 0 --seconds 0.1

    Ctrl-C ends all processes of a run.
    """  # noqa: D301 - click reads the character \b
    from izhikevich import network
    from izhikevich.engine import mechanisms

    _check_outputs(outputs, DATA_ENDINGS + PICTURE_ENDINGS)
    shortest = 1.0 if min_delay is None else min_delay
    longest = shortest if fan_in is None else max(shortest, 20.0)
    spec = network.NetworkSpec(
        cells=cells,
        fan_in=fan_in,
        seconds=seconds,
        seed=seed,
        min_delay=shortest,
        max_delay=longest if max_delay is None else max_delay,
        noise=noise,
        current=current,
    )
    try:
        network.check(spec, ranks, threads, coreneuron)
    except ValueError as error:
        message = str(error)
        for name in ("fan_in", "min_delay", "max_delay"):
            message = message.replace(name, f"--{name.replace('_', '-')}")
        raise _Refused(message) from error
    if fan_in is None and cells > MAX_ALL_TO_ALL:
        raise _Refused(
            f"{cells:,} cells all to all are {cells**2:,} connections; of more than "
            f"{MAX_ALL_TO_ALL:,} cells say how many connections each gets, such as --fan-in 100"
        )
    _import_neuron()
    mechanisms.load()  # what is built says so, and is not to break the bar's line
    if coreneuron:
        mechanisms.build_coreneuron()
    # CoreNEURON says only at the end how far it is
    before = "building and running" if coreneuron else "building"
    try:
        with _ending_tidily(), _time_bar(1000 * seconds, before) as reached:
            result = network.run(
                spec, ranks=ranks, threads=threads, coreneuron=coreneuron, progress=reached
            )
    except network.NetworkError as error:
        said = error.output.partition("=====")[0].strip()  # below is what MPI says of the same
        if said:
            click.echo(said, err=True)
        raise _Refused(error.summary) from error
    _summarise_network(result)
    for path in outputs:
        _write_network(result, path)
        click.echo(f"wrote {path}")


def _import_neuron() -> None:
    """Import NEURON, which would swallow a Ctrl-C that comes meanwhile: it is heard after."""
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        import neuron  # noqa: F401
    finally:
        signal.signal(signal.SIGINT, usual)
    if came:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _ending_tidily() -> Iterator[None]:
    """Let the end of a terminal or a session unwind what is going on, as Ctrl-C does."""

    def end(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    usual = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, usual, strict=True):
            signal.signal(number, handler)


def _summarise_network(result: Any) -> None:
    from izhikevich.network.results import counted, in_words, rhythm

    spec = result.spec
    click.echo(f"{in_words(spec)}, {spec.seconds:g} s")
    click.echo(f"connections: {result.connections:,}")
    first = 0
    for name, size in result.sizes.items():
        n = int(((result.gids >= first) & (result.gids < first + size)).sum())
        rate = f"mean rate {result.rates[name]:.2f} spikes/s"
        if size:
            click.echo(f"{name}: {counted(size, 'cell')}, {counted(n, 'spike')}, {rate}")
        first += size
    frequency = rhythm(result)
    if frequency is not None:
        click.echo(f"strongest rhythm: {frequency:g} Hz")
    click.echo(
        f"built in {_short(result.build_seconds)} s, run in {_short(result.run_seconds)} s: "
        f"{_short(result.run_seconds / spec.seconds)} s per simulated second"
    )
    click.echo(f"memory: {_bytes(result.memory)}, {_bytes(result.memory / spec.cells)} per cell")
    processes = f"{counted(result.ranks, 'rank')} of {counted(result.threads, 'thread')}"
    click.echo(f"{result.engine}, {processes}")


def _short(number: float) -> str:
    """Three digits of a number: 0.0123, 1.23, 1,230."""
    return f"{float(f'{number:.3g}'):,g}"


def _bytes(number: float) -> str:
    """A number of bytes in the unit that suits it."""
    units = iter(("bytes", "kB", "MB", "GB"))
    unit = next(units)
    while number >= 999.5 and unit != "GB":
        number, unit = number / 1000, next(units)
    return f"{_short(number)} {unit}"


def _write_network(result: Any, path: Path) -> None:
    from izhikevich.network import results as network_results

    ending = path.suffix.lower()
    if ending == ".csv":
        network_results.to_csv(result, path)
    elif ending == ".npz":
        network_results.to_npz(result, path)
    else:
        from izhikevich.views.figures import networks as network_figures
        from izhikevich.views.figures import published as figures

        figures.save(network_figures.network_figure(result), path)


# --- the web page ---


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5006,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; other than this computer's own, the page's address holds a token.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address of the page.")
def web(port: int, host: str, no_browser: bool) -> None:
    """Serve the program as a web page, for one person or a class, until Ctrl-C."""
    from izhikevich.views.web import serve

    try:
        serve(host, port, open_browser=not no_browser)
    except OSError as error:
        raise RuntimeError(f"cannot listen on {host}, port {port}: {error.strerror}") from error


# --- why a cell fires: phase plane, f-I curve, bifurcations ---


@main.command()
@click.argument("key")
@_PAPER
@click.option(
    "--current",
    metavar="I[,I@T...]",
    help="Injected current in mV/ms (2003, 2004) or pA (2007), as of izh run; default: the "
    "figure's.",
)
@_ONE_VARIANT
@click.option(
    "--scheme",
    type=click.Choice(["published", "exact"], case_sensitive=False),
    default="published",
    show_default=True,
    help="The author's rule at his step, or the answer of the equations themselves.",
)
@_SET
@click.option("--flow", is_flag=True, help="Draw the direction of the flow, too.")
@_PICTURE
def phase(
    key: str,
    paper: str | None,
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
    entry, plane, changes = _plane_of(paper, key, settings, out)
    from izhikevich.experiments.comparison import simulate_until_runaway

    recording = simulate_until_runaway(
        entry.paper,
        entry.key,
        variant=variant,
        scheme=scheme,
        current=_current(current),
        parameters=changes,
    )
    before, during = recording.choice.currents
    click.echo(f"{entry.label}: {entry.paper} {entry.figure}")
    for each in dict.fromkeys((before, during)):
        _say_fixed_points(plane, each)
    _say_bifurcations(plane)
    if out is not None:
        from izhikevich.views.figures import phase as phase_figures
        from izhikevich.views.figures import published as figures

        title = f"{entry.label}: {recording.variant}, {recording.scheme}"
        figure = phase_figures.phase_figure(
            plane, (before, during), recording, with_flow=flow, title=title
        )
        figures.save(figure, out)
        click.echo(f"wrote {out}")


@main.command()
@click.argument("key")
@_PAPER
@_SET
@_PICTURE
def fi(key: str, paper: str | None, settings: tuple[str, ...], out: Path | None) -> None:
    """Measure the rate of KEY against the current, up and down, and the step rheobase.

    The bifurcation currents are those of a current that changes slowly; the step rheobase is the
    smallest step from rest at I = 0 that makes the cell fire.
    """
    from izhikevich.recording import RunawayError

    entry, plane, changes = _plane_of(paper, key, settings, out)
    from izhikevich.experiments import excitability

    currents = excitability.default_currents(plane, entry)
    with _time_bar(2 * len(currents) * excitability.HOLD) as reached:
        curve = excitability.fi_curve(
            entry.paper, entry.key, currents, parameters=changes, progress=reached
        )
    unit = plane.current_unit
    click.echo(f"I ({unit})  up (Hz)  down (Hz)")
    for row in zip(curve.current, curve.up, curve.down, strict=True):
        click.echo("{:10.4g}  {:7.2f}  {:9.2f}".format(*row))
    if curve.bistable.size:
        low, high = curve.bistable[[0, -1]]
        click.echo(f"bistable: rest and firing side by side from {low:.4g} to {high:.4g} {unit}")
    _say_bifurcations(plane)
    try:
        rheobase = excitability.step_rheobase(entry.paper, entry.key, parameters=changes)
        click.echo(f"rheobase of a step from rest at I = 0: {rheobase:.4g} {unit}")
    except (excitability.NoRestError, RunawayError) as error:
        click.echo(f"rheobase of a step: none, {error}")
    if out is not None:
        from izhikevich.views.figures import phase as phase_figures
        from izhikevich.views.figures import published as figures

        figure = phase_figures.fi_figure(curve, plane.bifurcations(), unit, entry.label)
        figures.save(figure, out)
        click.echo(f"wrote {out}")


@main.command()
@click.argument("key")
@_PAPER
@_SET
@_PICTURE
def bifurcation(key: str, paper: str | None, settings: tuple[str, ...], out: Path | None) -> None:
    """Say how the fixed points of KEY change with the current, and where it fires."""
    entry, plane, changes = _plane_of(paper, key, settings, out)
    from izhikevich.experiments import excitability
    from izhikevich.experiments.comparison import simulate_until_runaway

    currents = excitability.default_currents(plane, entry, 21)
    recordings = {}
    with _progress(currents.tolist(), "bifurcation diagram") as bar:
        for current in bar:
            recordings[current] = simulate_until_runaway(
                entry.paper,
                entry.key,
                current=Waveform(current),
                tstop=1000.0,
                parameters=changes,
            )
    for current in currents.tolist():
        late = recordings[current].spikes > recordings[current].tstop / 2
        _say_fixed_points(plane, current, "; it fires" if late.any() else "")
    _say_bifurcations(plane)
    if out is not None:
        from izhikevich.views.figures import phase as phase_figures
        from izhikevich.views.figures import published as figures

        figure = phase_figures.bifurcation_figure(plane, currents, recordings, entry.label)
        figures.save(figure, out)
        click.echo(f"wrote {out}")


def _plane_of(
    paper: str | None, key: str, settings: Sequence[str], out: Path | None
) -> tuple[CellType, Any, dict[str, float]]:
    """The cell type, the phase plane of its parameters with the changes, and the changes."""
    from izhikevich.analysis.plane import for_cell_type

    if out is not None:
        _check_outputs([out], PICTURE_ENDINGS)
    entry = _entry(paper, key)
    changes = _changes(settings)
    own = {name: value for name, value in changes.items() if name not in ("v0", "u0")}
    return entry, for_cell_type(entry, own), changes


def _say_fixed_points(plane: Any, current: float, more: str = "") -> None:
    try:
        points = plane.fixed_points(current)
        said = ", ".join(f"{point.kind} at {point.v:.4g} mV" for point in points)
    except ValueError as error:  # the fixed points are not isolated
        said = str(error)
    click.echo(f"I = {current:.4g} {plane.current_unit}: {said or 'no fixed point'}{more}")


def _say_bifurcations(plane: Any) -> None:
    found = plane.bifurcations()
    for name, event in (("Andronov-Hopf", found.hopf), ("saddle-node", found.saddle_node)):
        if event is not None:
            where = f"{event.current:.6g} {plane.current_unit}, v = {event.v:.4g} mV"
            click.echo(f"{name} at {where}")
    click.echo(found.reason)
    if found.excitability is not None:
        click.echo(f"{found.excitability}, {found.behaviour}")


if __name__ == "__main__":
    main(prog_name="izh")
