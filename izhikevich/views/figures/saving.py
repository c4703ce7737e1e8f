"""Write a figure to a file, which appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from izhikevich.errors import ParameterError
from izhikevich.files import whole_file


def save(figure: Figure, path: str | os.PathLike[str], *, dpi: float = 200) -> None:
    """Write a figure; its text stays text in .svg and .pdf.

    The file appears whole or not at all, and an existing one is replaced only by a whole one. The
    same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path-like
        The ending says the format: .pdf, .svg, .png or another that matplotlib knows.
    dpi : float
        Resolution of .png, dots per inch.

    Raises
    ------
    ParameterError
        If the ending is missing or unknown.
    OSError
        If the folder cannot be written to.
    """
    path = Path(path)
    file_format = path.suffix[1:].lower()
    known = figure.canvas.get_supported_filetypes()
    if file_format not in known:
        raise ParameterError(f"{path.name!r} must end in one of .{', .'.join(sorted(known))}")
    no_date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(file_format)
    vector_text: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "izhikevich",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
    }
    with whole_file(path) as unfinished, matplotlib.rc_context(vector_text):
        figure.savefig(unfinished, format=file_format, dpi=dpi, metadata=no_date)
