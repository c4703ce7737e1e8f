"""A fit as a file: a cell that `izh --cell` and `izhikevich.define_from_file` take."""

from __future__ import annotations

import json
import os

from izhikevich.files import whole_file
from izhikevich.fitting.search import Fit


def write_cell(
    fit: Fit, path: str | os.PathLike[str], name: str, *, current: float = 0.0, tstop: float = 1000
) -> None:
    """Write a fit as a cell type of one's own; the file appears whole or not at all.

    Parameters
    ----------
    fit : Fit
    path : path-like
        .toml.
    name : str
        Of the cell.
    current : float
        What it is driven with from 100 ms on where nothing else is said, pA.
    tstop : float
        ms.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with whole_file(path) as unfinished:
        unfinished.write_text(cell_text(fit, name, current, tstop), encoding="utf-8")


def cell_text(fit: Fit, name: str, current: float = 0.0, tstop: float = 1000) -> str:
    """The text of such a file; numbers in it are those of the fit to the last digit."""
    lines = [
        f"# Fitted, seed {fit.seed}, {fit.generations} generations; behind each parameter: the",
        "# spread of all fits that are as good.",
        f"name = {json.dumps(name, ensure_ascii=False)}",
        'model = "book"',
        f"current = {{ start = 0.0, steps = [[100.0, {current!r}]] }}  # pA",
        f"tstop = {float(tstop)!r}  # ms",
        f"dt = {fit.dt!r}  # ms: the step of the fit",
        "",
        "[parameters]",
    ]
    for parameter, value in fit.parameters.items():
        lines.append(f"{parameter} = {value!r}  # {spread_in_words(fit, parameter)}")
    return "\n".join(lines) + "\n"


def spread_in_words(fit: Fit, parameter: str) -> str:
    """How well a parameter is determined."""
    if parameter not in fit.spread:
        return "fixed"
    low, high = fit.spread[parameter]
    return f"{low:.4g} to {high:.4g}"
