"""What came of a network's run: its spikes and rates, its rhythm, the words and files for it.

>>> from izhikevich import network
>>> from izhikevich.network.results import rhythm, to_npz
>>> result = network.run(network.fig3_network(seconds=1, seed=1))  # doctest: +SKIP
>>> rhythm(result)  # doctest: +SKIP
8.0
>>> to_npz(result, "spikes.npz")  # doctest: +SKIP
"""

from __future__ import annotations

import json
import math
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from izhikevich.errors import MissingPackageError, ParameterError
from izhikevich.files import whole_file
from izhikevich.network.specification import NetworkSpec, fig3_network

__all__ = [
    "NetworkResult",
    "counted",
    "from_npz",
    "in_words",
    "rhythm",
    "to_csv",
    "to_neo",
    "to_npz",
]

#: Length of the pieces whose spectra are averaged, ms; frequencies are multiples of 1000/this, Hz.
WINDOW = 500
#: Rhythms that are looked for, Hz: at least two periods in a window, at most what neurons do.
SLOWEST, FASTEST = 4.0, 200.0
#: What makes a rhythm: this many times the power of as many spikes at random times. A second of
#: cells that are driven by their noise alone stays below 5, one of Fig. 3 is above 50.
OUTSTANDING = 15.0


@dataclass(frozen=True)
class NetworkResult:
    """What a run gave.

    Attributes
    ----------
    spec : NetworkSpec
        The network.
    times : array of float
        Spike times in order, ms; equal times in the order of gids.
    gids : array of int
        The cell of each spike.
    rates : dict of str to float
        Mean rate of each population, spikes/s.
    sizes : dict of str to int
        Cells of each population; gids follow each other in this order.
    connections : int
        Number of connections.
    build_seconds, run_seconds : float
        Wall time to create the network, and to run it, of the slowest rank, s.
    memory : int
        What the network added to the memory of all ranks, bytes.
    ranks, threads : int
        Processes, and threads in each.
    engine : str
        "NEURON" or "CoreNEURON".
    """

    spec: NetworkSpec
    times: np.ndarray
    gids: np.ndarray
    rates: dict[str, float]
    sizes: dict[str, int]
    connections: int
    build_seconds: float
    run_seconds: float
    memory: int
    ranks: int
    threads: int
    engine: str

    def population_rate(self, name: str | None = None, width: float = 1.0) -> np.ndarray:
        """Rate of a population over time.

        Parameters
        ----------
        name : str, optional
            Population; default: all cells.
        width : float
            Of the bins, ms.

        Returns
        -------
        array of float
            Spikes/s per cell in consecutive bins.
        """
        first, size = 0, self.spec.cells
        if name is not None:
            names = list(self.sizes)
            if name not in names:
                raise ParameterError(
                    f"unknown population {name!r}: it is one of {', '.join(names)}"
                )
            size = self.sizes[name]
            first = sum(self.sizes[other] for other in names[: names.index(name)])
        chosen = (self.gids >= first) & (self.gids < first + size)
        n_bins = math.ceil(1000 * self.spec.seconds / width - 1e-9)
        # half a step aside, so that rounding of a time on the grid does not choose the bin
        edges = np.arange(n_bins + 1) * width + 0.5 * self.spec.dt
        counts, _ = np.histogram(self.times[chosen], edges)
        return counts * (1000 / width / max(size, 1))


def in_words(spec: NetworkSpec) -> str:
    """What a network is, in a few words; noise and current where they are not the paper's.

    Parameters
    ----------
    spec : NetworkSpec
        The network.

    Returns
    -------
    str
        Such as "10,000 cells, 100 connections onto each, delays of 1 to 20 ms, seed 1".
    """
    words = [counted(spec.cells, "cell")]
    if spec.fan_in == 0:
        words.append("unconnected")
    else:
        if spec.fan_in is None:
            words.append("all to all")
        else:
            words.append(f"{counted(spec.fan_in, 'connection')} onto each")
        delays = dict.fromkeys((f"{spec.min_delay:g}", f"{spec.max_delay:g}"))
        words.append(f"delays of {' to '.join(delays)} ms")
    if spec.noise != NetworkSpec.noise:
        words.append("noise {:g} and {:g} mV/ms".format(*spec.noise))
    if spec.current != NetworkSpec.current:
        words.append(f"current {spec.current:g} mV/ms")
    words.append(f"seed {spec.seed}")
    published = spec == fig3_network(spec.seconds, spec.seed)
    return ("Izhikevich (2003) Fig. 3: " if published else "") + ", ".join(words)


def counted(number: int, thing: str) -> str:
    """So many things: "1 cell", "1,000 cells".

    Parameters
    ----------
    number : int
    thing : str
        What one of them is called.
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def rhythm(result: NetworkResult) -> float | None:
    """The strongest rhythm of the whole network.

    The peak of the spectrum of its spikes, averaged over windows of half a second.

    Parameters
    ----------
    result : NetworkResult
        Of at least half a second.

    Returns
    -------
    float or None
        Frequency, Hz, a multiple of 2 Hz. None if no peak stands out from the spectrum of as many
        spikes at random times, or the run is too short to tell.
    """
    n_ms = int(1000 * result.spec.seconds)
    if n_ms < WINDOW or not len(result.times):
        return None
    counts = result.population_rate() * result.spec.cells / 1000  # spikes in each ms
    counts = counts[:n_ms]
    level = counts.mean()
    taper = np.hanning(WINDOW)
    pieces = np.lib.stride_tricks.sliding_window_view(counts - level, WINDOW)[:: WINDOW // 4]
    power = np.mean(np.abs(np.fft.rfft(taper * pieces)) ** 2, axis=0)
    # 1 at every frequency for random times, whose counts have their mean as variance
    power /= level * np.sum(taper**2)
    frequency = np.fft.rfftfreq(WINDOW, 1e-3)
    found = np.flatnonzero((frequency >= SLOWEST) & (frequency <= FASTEST))
    peak = found[power[found].argmax()]
    is_slope = power[peak - 1] > power[peak]  # of what is slower than a rhythm looked for
    return None if is_slope or power[peak] < OUTSTANDING else float(frequency[peak])


def to_csv(result: NetworkResult, path: str | os.PathLike[str]) -> None:
    """Write the spikes as a table: time (ms), gid, population.

    The file appears whole or not at all.

    Parameters
    ----------
    result : NetworkResult
    path : path-like

    Raises
    ------
    OSError
        If it cannot be written.
    """
    names = np.repeat(list(result.sizes), list(result.sizes.values()))
    columns = (result.times.tolist(), result.gids.tolist(), names[result.gids].tolist())
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.write("time (ms),gid,population\n")
        for time, gid, name in zip(*columns, strict=True):
            file.write(f"{time!r},{gid},{name}\n")


def to_npz(result: NetworkResult, path: str | os.PathLike[str]) -> None:
    """Write everything in numpy's format; `from_npz` reads it back.

    Arrays `times` (ms), `gids`, `populations` (names) and `sizes`, and as JSON texts `spec`, with
    which the run can be repeated, and `run`, all else of the result. The file appears whole or not
    at all.

    Parameters
    ----------
    result : NetworkResult
    path : path-like

    Raises
    ------
    OSError
        If it cannot be written.
    """
    apart = ("spec", "times", "gids", "sizes")
    rest = {each.name: getattr(result, each.name) for each in fields(result)}
    rest = {name: value for name, value in rest.items() if name not in apart}
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(
            file,
            times=result.times,
            gids=result.gids,
            populations=np.array(list(result.sizes)),
            sizes=np.array(list(result.sizes.values())),
            spec=_json(asdict(result.spec)),
            run=_json(rest),
        )


def from_npz(path: str | os.PathLike[str]) -> NetworkResult:
    """Read what `to_npz` wrote.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    NetworkResult

    Raises
    ------
    OSError
        If there is no such file.
    ParameterError
        If it is no run of a network.
    """
    refusal = f"{os.fspath(path)} is no run of a network, or cut off"
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ParameterError(refusal)
        file.seek(0)
        try:
            with np.load(file, allow_pickle=False) as stored:
                spec = json.loads(str(stored["spec"]))
                names, sizes = stored["populations"].tolist(), stored["sizes"].tolist()
                return NetworkResult(
                    spec=NetworkSpec(**{**spec, "noise": tuple(spec["noise"])}),
                    times=stored["times"],
                    gids=stored["gids"],
                    sizes=dict(zip(names, sizes, strict=True)),
                    **json.loads(str(stored["run"])),
                )
        except (KeyError, TypeError, ValueError, zlib.error, zipfile.BadZipFile) as error:
            raise ParameterError(refusal) from error


def to_neo(result: NetworkResult) -> Any:
    """The spikes as a Neo block, which Elephant and others read.

    Parameters
    ----------
    result : NetworkResult

    Returns
    -------
    neo.Block
        One segment, with a spike train for each cell, in the order of gids; annotated with gid and
        population.

    Raises
    ------
    MissingPackageError
        If Neo is not installed (``pip install izhikevich[neo]``).
    """
    try:
        import neo
    except ImportError as error:
        raise MissingPackageError(
            "Neo is needed for to_neo(): pip install 'izhikevich[neo]'"
        ) from error
    block = neo.Block(name=in_words(result.spec), **asdict(result.spec))
    segment = neo.Segment(name=block.name)
    block.segments.append(segment)
    order = np.argsort(result.gids, kind="stable")  # in which times stay in order
    ends = np.cumsum(np.bincount(result.gids, minlength=result.spec.cells))
    names = np.repeat(list(result.sizes), list(result.sizes.values()))
    t_stop = max(1000 * result.spec.seconds, *result.times[-1:], 0.0)
    for gid, times in enumerate(np.split(result.times[order], ends[:-1])):
        train = neo.SpikeTrain(times, t_stop=t_stop, units="ms")
        train.annotate(gid=gid, population=str(names[gid]))
        segment.spiketrains.append(train)
    return block


def _json(content: dict[str, Any]) -> np.ndarray:
    """A text that numpy can store; its own numbers become Python's."""
    return np.array(json.dumps(content, default=lambda number: number.item()))
