"""Cells in the files of others: what each format is called, and who writes it.

>>> from izhikevich.choice import choose
>>> from izhikevich.exchange import files_of
>>> sorted(files_of(choose("2007", "RS"), "neuroml"))
['LEMS_RS.xml', 'RS.net.nml']
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from izhikevich.choice import Choice
from izhikevich.errors import ParameterError
from izhikevich.exchange import brian2, nest, netpyne, neuroml, pynn
from izhikevich.exchange.neuroml_reading import ENDINGS, read_neuroml
from izhikevich.own_cells import define_from_file
from izhikevich.publications import CellType

__all__ = ["FORMATS", "files_of", "read_cell"]

#: What writes each format: names of files, and their texts.
FORMATS: Mapping[str, Callable[[Choice], dict[str, str]]] = MappingProxyType(
    {
        "neuroml": neuroml.files_of,
        "brian2": brian2.files_of,
        "nest": nest.files_of,
        "pynn": pynn.files_of,
        "netpyne": netpyne.files_of,
    }
)


def files_of(choice: Choice, form: str) -> dict[str, str]:
    """Say a cell and its current in another format.

    Parameters
    ----------
    choice : Choice
        What the cell is, what it is driven with, and for how long.
    form : str
        One of `FORMATS`.

    Returns
    -------
    dict of str to str
        The text of each file by its name. The one that runs names the others.

    Raises
    ------
    ParameterError
        If there is no such format, or it has no words for this cell.
    """
    if form not in FORMATS:
        raise ParameterError(f"unknown format {form!r}: it is one of {', '.join(FORMATS)}")
    return FORMATS[form](choice)


def read_cell(path: str | os.PathLike[str], key: str | None = None) -> CellType:
    """Read a cell from a file and put it into the catalogue under "own".

    Parameters
    ----------
    path : path-like
        A cell of one's own (.toml), NeuroML (.nml) or LEMS (.xml).
    key : str, optional
        Which, where the file has several: its id.

    Returns
    -------
    CellType

    Raises
    ------
    OSError
        If it cannot be read.
    ParameterError
        With what is wrong in it; nothing is defined then.
    """
    if Path(path).suffix.lower() in ENDINGS:
        return read_neuroml(path, key)
    if key is not None:
        raise ParameterError(f"{os.fspath(path)} has one cell, and needs no KEY: {key!r}")
    return define_from_file(path)
