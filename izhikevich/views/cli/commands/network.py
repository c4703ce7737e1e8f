"""`izh network`: the network of the 2003 paper, or a sparse one of any size."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.views.cli.outputs import (
    DATA_ENDINGS,
    PICTURE_ENDINGS,
    SONATA_ENDING,
    check_outputs,
)
from izhikevich.views.cli.progress import time_bar

if TYPE_CHECKING:
    from izhikevich.network import NetworkResult

#: All to all, more cells than these would take more memory than most computers have.
MAX_ALL_TO_ALL = 3000


@click.command("network")
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
    help="Write the spikes (.csv, .npz; .h5 as SONATA) or the figure: raster and rates (.png, "
    ".svg, .pdf). May be repeated.",
)
def command(
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
    from izhikevich.network.sonata import require_h5py

    check_outputs(outputs, (*DATA_ENDINGS, SONATA_ENDING, *PICTURE_ENDINGS))
    if any(path.suffix.lower() == SONATA_ENDING for path in outputs):
        require_h5py()
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
        raise ParameterError(message) from error
    if fan_in is None and cells > MAX_ALL_TO_ALL:
        raise ParameterError(
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
        with _ending_tidily(), time_bar(1000 * seconds, before) as reached:
            result = network.run(
                spec, ranks=ranks, threads=threads, coreneuron=coreneuron, progress=reached
            )
    except network.NetworkError as error:
        said = error.output.partition("=====")[0].strip()  # below is what MPI says of the same
        if said:
            click.echo(said, err=True)
        raise IzhikevichError(error.summary) from error
    _summarise(result)
    for path in outputs:
        _write(result, path)
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


def _summarise(result: NetworkResult) -> None:
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


def _write(result: NetworkResult, path: Path) -> None:
    from izhikevich.network.results import to_csv, to_npz

    ending = path.suffix.lower()
    if ending == ".csv":
        to_csv(result, path)
    elif ending == ".npz":
        to_npz(result, path)
    elif ending == SONATA_ENDING:
        from izhikevich.network.sonata import write_spikes

        write_spikes(result, path)
    else:
        from izhikevich.views.figures.networks import network_figure
        from izhikevich.views.figures.saving import save

        save(network_figure(result), path)
