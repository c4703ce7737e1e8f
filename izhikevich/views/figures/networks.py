"""The figure of a network: its spikes, and beneath them the rate of each population.

>>> from izhikevich import network
>>> from izhikevich.views.figures.networks import network_figure
>>> from izhikevich.views.figures.saving import save
>>> figure = network_figure(network.run(network.fig3_network()))  # doctest: +SKIP
>>> save(figure, "raster.png")  # doctest: +SKIP
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from izhikevich.network import NetworkResult
from izhikevich.network.results import counted, in_words
from izhikevich.views.figures.style import (
    BLUE,
    GREY,
    LABEL_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    VERMILLION,
)

COLOURS: Mapping[str, str] = MappingProxyType({"excitatory": VERMILLION, "inhibitory": BLUE})

#: More cells than the raster has rows of pixels, and more spikes than an eye can tell apart, are
#: thinned out.
MAX_CELLS, MAX_SPIKES = 1000, 100_000
#: More are pixels in a .svg or .pdf, too, which is smaller than so many lines.
_MANY_SPIKES = 10_000
_RASTER_HEIGHT = 225.0  # points


def network_figure(result: NetworkResult) -> Figure:
    """Draw the spikes of a network over its cells, and the rate of each population.

    Parameters
    ----------
    result : NetworkResult
        What `network.run` gave.

    Returns
    -------
    matplotlib.figure.Figure
        Its axes are the raster (ms, gid) and the rates (ms, spikes/s). Of more than 1,000 cells,
        or 100,000 spikes, the raster shows cells evenly picked from all, and says how many. The
        rates are always those of all cells.
    """
    figure = Figure(figsize=(7.2, 5.2))
    grid = figure.add_gridspec(
        2, 1, left=0.11, right=0.83, top=0.91, bottom=0.1, hspace=0.1, height_ratios=[2.6, 1]
    )
    raster = figure.add_subplot(grid[0])
    rates = figure.add_subplot(grid[1], sharex=raster)
    _draw_raster(raster, result)
    _draw_rates(rates, result)
    raster.set_title(
        "\n".join(textwrap.wrap(in_words(result.spec), 84)), fontsize=TITLE_SIZE, loc="left"
    )
    rates.set_xlim(0, 1000 * result.spec.seconds)
    rates.set_xlabel("t (ms)", fontsize=LABEL_SIZE)
    for axes in (raster, rates):
        axes.tick_params(labelsize=SMALL_SIZE, labelbottom=axes is rates)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def shown_cells(result: NetworkResult) -> np.ndarray:
    """The cells that the raster has room for, evenly picked from all.

    Parameters
    ----------
    result : NetworkResult

    Returns
    -------
    array of int
        Their gids.
    """
    cells = result.spec.cells
    share = MAX_SPIKES / max(len(result.times), MAX_SPIKES)
    n_shown = max(1, min(cells, MAX_CELLS, int(share * cells)))
    return np.linspace(0, cells - 1, n_shown).round().astype(int)


def _draw_raster(axes: Axes, result: NetworkResult) -> None:
    cells, shown = result.spec.cells, shown_cells(result)
    is_shown = np.isin(result.gids, shown)
    row = _RASTER_HEIGHT / len(shown)
    first = 0
    for name, size in result.sizes.items():
        if size == 0:  # of the smallest networks
            continue
        chosen = is_shown & (result.gids >= first) & (result.gids < first + size)
        axes.plot(
            result.times[chosen],
            result.gids[chosen],
            linestyle="none",
            marker="|",
            markersize=min(12.0, max(1.6, 0.7 * row)),
            markeredgewidth=0.8,
            color=COLOURS[name],
            label=name,
            rasterized=bool(chosen.sum() > _MANY_SPIKES),
        )
        said = f"{name}\n{counted(size, 'cell')}\n{result.rates[name]:.3g} spikes/s"
        _say(axes, (first + size / 2) / cells, said, COLOURS[name], "center")
        if first:
            axes.axhline(first - 0.5, color=GREY, linewidth=0.4)
        first += size
    if len(shown) < cells:
        drawn = f"{len(shown):,} of\n{counted(cells, 'cell')}\nare drawn"
        _say(axes, 0.0, drawn, GREY, "bottom")
    if not len(result.times):
        axes.text(
            0.5, 0.5, "no cell fires", transform=axes.transAxes, ha="center", fontsize=LABEL_SIZE
        )
    axes.set_ylim(-0.5, cells - 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda gid, _: f"{gid:,.0f}"))
    axes.set_ylabel("cell (gid)", fontsize=LABEL_SIZE)


def _say(axes: Axes, height: float, said: str, colour: str, anchor: str) -> None:
    """Words on the right of the axes, at a height of 0 to 1."""
    axes.text(
        1.02, height, said, transform=axes.transAxes, color=colour, va=anchor, fontsize=SMALL_SIZE
    )


def _draw_rates(axes: Axes, result: NetworkResult) -> None:
    duration = 1000 * result.spec.seconds
    width = min(duration, 5.0 if duration > 200 else 1.0)
    n_bins = int(duration / width + 1e-9)  # whole ones only: less time has fewer spikes
    highest = 0.0
    for name, size in result.sizes.items():
        if size == 0:
            continue
        rate = result.population_rate(name, width)[:n_bins]
        highest = max(highest, rate.max())
        axes.stairs(
            rate,
            width * np.arange(n_bins + 1),
            baseline=None,
            color=COLOURS[name],
            linewidth=0.9,
            zorder=2 + size / result.spec.cells,  # the line of more cells is smoother: on top
        )
    top = 1.05 * highest or 1.0
    axes.set_ylim(-0.03 * top, top)
    axes.set_ylabel("rate (spikes/s)", fontsize=LABEL_SIZE)
    _say(axes, 0.5, f"per cell,\nin bins of\n{width:g} ms", GREY, "center")
