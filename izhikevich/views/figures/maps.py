"""Maps of what a cell does, and the planes of parameters with a publication's types."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from izhikevich.catalog import types_of
from izhikevich.experiments.maps import PATTERNS, ParameterMap
from izhikevich.models import Model
from izhikevich.publications import CellType
from izhikevich.views.figures.style import BLACK, LABEL_SIZE, LEGEND_BESIDE, SMALL_SIZE, finish

#: Of light colours, on which lines can be seen; neighbours differ in lightness as well.
_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "quiet": "#f2f2f2",
        "phasic": "#cfc8e6",
        "tonic": "#9fcbe8",
        "adapting": "#5f9fcf",
        "mixed": "#8fd3b6",
        "bursting": "#f0b27a",
        "rebound": "#f3e08b",
        "runs away": "#8c8c8c",
    }
)


def map_figure(found: ParameterMap, axes: Axes | None = None) -> Figure:
    """Draw a map: a colour for each pattern, the lines of the bifurcations, the type's own place.

    Parameters
    ----------
    found : ParameterMap
    axes : matplotlib.axes.Axes, optional
        Where to. Default: a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if axes is None:
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.add_subplot()
    names = list(PATTERNS)
    numbers = np.vectorize(names.index)(found.patterns)
    axes.pcolormesh(
        found.xs,
        found.ys,
        numbers,
        cmap=ListedColormap([_COLOURS[name] for name in names]),
        vmin=-0.5,
        vmax=len(names) - 0.5,
        shading="nearest",
        rasterized=True,
    )
    handles: list[Any] = [
        Patch(facecolor=_COLOURS[name], edgecolor=BLACK, linewidth=0.4, label=name)
        for name in names
        if (found.patterns == name).any()
    ]
    for (name, points), marker in zip(found.lines.items(), ("s", "x"), strict=True):
        if len(points):
            style: dict[str, Any] = dict(color=BLACK, marker=marker, linestyle="none")
            size = 1.2 if marker == "s" else 2.6
            axes.plot(*points.T, markersize=size, **style)
            handles += axes.plot([], [], markersize=4, label=f"{name} at I", **style)
    values = found.choice.parameters
    own: dict[str, Any] = dict(marker="*", markersize=11, color=BLACK, markerfacecolor="white")
    label = found.choice.cell_type.label
    handles += axes.plot(
        values[found.x], values[found.y], linestyle="none", label=_folded(label), **own
    )
    axes.set_xlim(found.xs[0], found.xs[-1])
    axes.set_ylim(found.ys[0], found.ys[-1])
    unit = found.choice.model.current_unit
    title = f"{label}, I = {found.choice.currents[1]:g} {unit}, {found.choice.tstop:g} ms"
    model = found.choice.model
    finish(axes, _named(model, found.x, values), _named(model, found.y, values), title)
    axes.legend(handles=handles, **LEGEND_BESIDE)
    whole = axes.get_figure(root=True)
    assert whole is not None
    return whole


def parameter_planes(paper: str) -> Figure:
    """Draw where the types of a publication lie in the planes of (a, b) and (c, d).

    As in Fig. 2 of the paper of 2003.

    Parameters
    ----------
    paper : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    entries = list(types_of(paper).values())
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, (x, y) in zip(figure.subplots(1, 2), (("a", "b"), ("c", "d")), strict=True):
        places: dict[tuple[float, float], list[str]] = {}
        for entry in entries:
            place = entry.parameters[x], entry.parameters[y]
            places.setdefault(place, []).append(_short(entry))
        axes.plot(*np.transpose(list(places)), "o", color=BLACK, markersize=4)
        for place, names in places.items():
            words = _folded(", ".join(dict.fromkeys(names)), 26)
            axes.annotate(
                words, place, xytext=(5, 4), textcoords="offset points", fontsize=SMALL_SIZE
            )
        axes.margins(0.25)
        model, values = entries[0].model, entries[0].parameters
        finish(axes, _named(model, x, values), _named(model, y, values), "")
    figure.suptitle(f"Parameters of the types of {paper}", fontsize=LABEL_SIZE + 1)
    return figure


def _named(model: Model, name: str, values: Mapping[str, float]) -> str:
    unit = model.unit(name, {"celltype": 1.0, **values})
    return f"{name} ({unit})" if unit else name


def _short(entry: CellType) -> str:
    """What a type is called in a crowd: what stands in brackets, or its panel."""
    _, bracket, rest = entry.label.partition("(")
    return rest.rstrip(")") if bracket else entry.panel


def _folded(text: str, width: int = 22) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
