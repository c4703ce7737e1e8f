"""The command line: `izh` alone opens the window; its commands need none."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from izhikevich.catalog import CATALOG, PAPERS, CellType, cell_type
from izhikevich.files import whole_file
from izhikevich.waveforms import Step, Waveform

DATA_ENDINGS = (".csv", ".npz")
PICTURE_ENDINGS = (".png", ".svg", ".pdf")

_VARIANT = click.Choice(["PP", "Sec"], case_sensitive=False)
_SCHEME = click.Choice(["published", "exact", "fixed"], case_sensitive=False)


# --- errors are one line each ---


class _Refused(click.ClickException):
    """Something a person can mend: one line on standard error, status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"izh: {self.format_message()}", file=file or sys.stderr)


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn what the packages behind raise for people into one line."""
    from izhikevich.simulation import RunawayError

    try:
        yield
    except RunawayError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise _Refused(f"cannot write {where}{error.strerror or error}") from error
    except (ValueError, KeyError, RuntimeError, ImportError) as error:
        raise _Refused(" ".join(str(error).split())) from error


def _entry(paper: str | None, key: str) -> CellType:
    """The cell type that a person means; without a paper all are searched."""
    if paper is not None:
        return cell_type(paper, key)
    for types in CATALOG.values():
        if key in types:
            return types[key]
    hints = []
    for each in PAPERS:
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
    first, *steps = text.split(",")
    try:
        initial = float(first)
        if not steps:
            return initial
        pairs = [[float(x) for x in each.split("@")] for each in steps]
        return Waveform(initial, tuple(Step(time, amplitude) for amplitude, time in pairs))
    except ValueError as error:
        raise ValueError(
            f"--current {text!r} is neither a number nor steps such as 0,14@10,0@50 "
            f"(amplitude@time in ms): {error}"
        ) from None


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
        _check_folder(path.resolve().parent)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "there is no such folder", str(folder))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "the folder is not writable", str(folder))


def _progress(items: Sequence[Any], description: str) -> Any:
    """A progress bar on standard error, where that is a terminal."""
    from tqdm import tqdm

    return tqdm(items, desc=description, disable=None, leave=False)


# --- the commands ---


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--menu", is_flag=True, help="Show NEURON's own main menu, too.")
@click.version_option(package_name="izhikevich", prog_name="izh")
@click.pass_context
def main(context: click.Context, menu: bool) -> None:
    """Izhikevich's neuron in NEURON: every cell type published in 2003, 2004 and 2007.

    Without a command: the program, one window in which a click on a cell type runs it.
    """
    if context.invoked_subcommand is None:
        from izhikevich import program

        program.start(program.prompt_names, menu=menu)
    else:
        # no command opens a window of NEURON's, which would otherwise complain of a missing display
        os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")


@main.command("list")
def list_types() -> None:
    """List every cell type: paper, panel, key, and its spikes, published and exact.

    Of the 2007 types each has several currents (pA), and a number of spikes for each.
    """
    rows = [("paper", "panel", "key", "I (pA)", "published", "exact")]
    for paper, types in CATALOG.items():
        for key, entry in types.items():
            exact = ("runs away" if n is None else str(n) for n in entry.spikes_exact)
            rows.append(
                (
                    paper,
                    entry.panel if paper != "2007" else entry.figure.removeprefix("Fig. "),
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
@click.option("--paper", type=click.Choice(PAPERS), help="Where KEY is looked up; default: all.")
@click.option("--variant", type=_VARIANT, default="PP", show_default=True)
@click.option("--scheme", type=_SCHEME, default="published", show_default=True)
@click.option("--dt", type=float, help="Step of scheme fixed, ms.")
@click.option("--tstop", type=float, help="Duration, ms; default: the figure's.")
@click.option(
    "--current",
    metavar="I[,I@T...]",
    help="Injected current in mV/ms (2003, 2004) or pA (2007), and its steps: 0,14@10 is 0 until "
    "10 ms, then 14. Default: the figure's; of several in 2007, the strongest.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a parameter.")
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
    """Run the cell type KEY, such as "tonic spiking" or RS, and say what came of it."""
    from izhikevich.simulation import RunawayError, simulate

    with _one_line_errors():
        entry = _entry(paper, key)
        _check_outputs(outputs, DATA_ENDINGS + PICTURE_ENDINGS)
        show = _shower() if plot else None
        runaway = None
        try:
            recording = simulate(
                entry.paper,
                entry.key,
                variant=variant,
                scheme=scheme,
                dt=dt,
                current=_current(current),
                tstop=tstop,
                parameters=_changes(settings),
            )
        except RunawayError as error:
            recording, runaway = error.recording, error
        _summarise(recording)
        for path in outputs:
            _write(recording, path)
            click.echo(f"wrote {path}")
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
        from izhikevich import figures

        figure = figures.trace(recording).get_figure(root=True)
        assert figure is not None
        figures.save(figure, path)


def _shower() -> Callable[[Any], None]:
    """What shows a recording in a window of matplotlib's; refused where there can be none."""
    import matplotlib
    from matplotlib import pyplot

    if matplotlib.get_backend().lower() not in [
        name.lower()
        for name in matplotlib.backends.backend_registry.list_builtin(
            matplotlib.backends.BackendFilter.INTERACTIVE
        )
    ]:
        raise RuntimeError("--plot finds no display to open a window on; use --out picture.png")

    def show(recording: Any) -> None:
        from izhikevich import figures

        _, axes = pyplot.subplots()
        figures.trace(recording, axes)
        pyplot.show()

    return show


@main.command("figures")
@click.argument("which", type=click.Choice([*PAPERS, "all"]), default="all")
@click.option("--scheme", type=click.Choice(["published", "exact"]), default="published")
@click.option(
    "--variant",
    type=click.Choice(["PP", "Sec", "both"], case_sensitive=False),
    default="both",
    show_default=True,
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=".", show_default=True
)
@click.option("--format", "ending", type=click.Choice(["png", "svg", "pdf"]), default="png")
def figures_command(which: str, scheme: str, variant: str, out: Path, ending: str) -> None:
    """Draw the published figures of a paper, or of all, into a folder.

    2003 Fig. 2, 2004 Fig. 1, the book's figures 8.12 to 8.32; with "all" also two that compare PP
    with Sec and published with exact.
    """
    from izhikevich import figures
    from izhikevich.comparison import simulate_until_runaway

    with _one_line_errors():
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
@click.option("--paper", type=click.Choice(PAPERS), help="Where KEY is looked up; default: all.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the table (.csv, .md) or, of one type, the figure (.png, .svg, .pdf).",
)
def compare(keys: tuple[str, ...], everything: bool, paper: str | None, out: Path | None) -> None:
    """Compare the four runs of a cell type: PP and Sec, published and exact.

    Spike counts, largest and mean difference of the spike times (ms), coincidence factor.
    """
    from izhikevich import comparison

    with _one_line_errors():
        if everything == bool(keys):
            raise ValueError("give the cell types to compare, or --all")
        entries = [_entry(paper, key) for key in keys]
        if everything:
            papers = PAPERS if paper is None else (paper,)
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
        click.echo(_equality(results))
        if out is not None:
            _write_comparison(results, out)
            click.echo(f"wrote {out}")


def _equality(results: Sequence[Any]) -> str:
    """How many of the published runs are the same in PP and Sec."""
    parts = []
    for papers in (("2003", "2004"), ("2007",)):
        of_papers = [r for r in results if r.cell_type.paper in papers]
        same = sum(r.difference(("PP", "published"), ("Sec", "published")).same for r in of_papers)
        if of_papers:
            parts.append(f"{same}/{len(of_papers)} of {'/'.join(papers)}")
    return f"PP and Sec, published, spike for spike the same: {', '.join(parts)}"


def _write_comparison(results: Sequence[Any], out: Path) -> None:
    from izhikevich import comparison, figures

    ending = out.suffix.lower()
    if ending in PICTURE_ENDINGS:
        figures.save(figures.comparison_figure(results[0].runs.values()), out)
        return
    table = comparison.csv_table if ending == ".csv" else comparison.markdown_table
    with whole_file(out) as unfinished:
        unfinished.write_text(table(results), encoding="utf-8")


if __name__ == "__main__":
    main()
