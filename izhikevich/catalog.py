"""Every cell type there is to choose from, by publication and key.

The publications are data (`izhikevich.publications`). A program can add one of its own with
`register`, and a person a cell type of theirs with `izhikevich.define`; buttons, figures, tables,
the command line and the web page follow the catalogue.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.publications import PUBLISHED, CellType, Publication

__all__ = [
    "CATALOG",
    "PUBLICATIONS",
    "CellType",
    "Publication",
    "UnknownCellTypeError",
    "cell_type",
    "forget",
    "publication",
    "register",
    "registered",
]


class UnknownCellTypeError(IzhikevichError, KeyError):
    """A paper or key that the catalogue does not hold; the message lists the near ones."""

    def __str__(self) -> str:
        return str(self.args[0])


_publications: dict[str, Publication] = {}
_catalog: dict[str, Mapping[str, CellType]] = {}

#: Every publication by name, in the order in which they are shown.
PUBLICATIONS: Mapping[str, Publication] = MappingProxyType(_publications)
#: The cell types of every publication, by its name and by key.
CATALOG: Mapping[str, Mapping[str, CellType]] = MappingProxyType(_catalog)


def register(publication: Publication) -> None:
    """Add a publication to the catalogue, or put it in the place of one of the same name.

    Parameters
    ----------
    publication : Publication
        With one cell type or more, each naming this publication as its `paper`.

    Raises
    ------
    ParameterError
        If it has no type, two of one key, one of another publication, or one with parameters that
        are none of its model. Nothing is added then.
    """
    name, types = publication.name, publication.types
    if not types:
        raise ParameterError(f"publication {name!r} has no cell types")
    keys = [entry.key for entry in types]
    for entry in types:
        if keys.count(entry.key) > 1:
            raise ParameterError(f"publication {name!r} has two cell types of key {entry.key!r}")
        if entry.paper != name:
            raise ParameterError(
                f"cell type {entry.key!r} says it is of {entry.paper!r}, not of {name!r}"
            )
        entry.model.check(entry.model.complete(entry.parameters))
    _publications[name] = publication
    _catalog[name] = MappingProxyType({entry.key: entry for entry in types})


def forget(name: str) -> None:
    """Take a publication out of the catalogue, if it is there."""
    _publications.pop(name, None)
    _catalog.pop(name, None)


@contextlib.contextmanager
def registered(publication: Publication) -> Iterator[Publication]:
    """Have a publication in the catalogue for a while."""
    register(publication)
    try:
        yield publication
    finally:
        forget(publication.name)


for _each in PUBLISHED:
    register(_each)


def publication(name: str) -> Publication:
    """Look a publication up.

    Raises
    ------
    UnknownCellTypeError
        If there is none of that name; the message has them all.
    """
    if name not in _publications:
        raise UnknownCellTypeError(
            f"unknown paper {name!r}: it is one of {', '.join(map(repr, _publications))}"
        )
    return _publications[name]


def cell_type(paper: str, key: str) -> CellType:
    """Look a cell type up.

    Parameters
    ----------
    paper : str
        Name of a publication: "2003", "2004", "2007" or one that was registered.
    key : str
        A key of the catalogue, such as "tonic spiking" or "RS".

    Returns
    -------
    CellType

    Raises
    ------
    UnknownCellTypeError
        If there is no such entry; the message lists the near ones.
    """
    publication(paper)
    entries = _catalog[paper]
    if key in entries:
        return entries[key]
    raise UnknownCellTypeError(f"unknown cell type {key!r} of {paper}: {_hint(paper, key)}")


def _hint(paper: str, key: Any) -> str:
    """What a person who typed `key` may have meant."""
    spelt = {k.casefold(): k for k in _catalog[paper]}
    spelt.update({entry.label.casefold(): k for k, entry in _catalog[paper].items()})
    near = difflib.get_close_matches(str(key).casefold(), list(spelt), n=4, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(dict.fromkeys(repr(spelt[n]) for n in near)) + "?"
    for other, entries in _catalog.items():
        if key in entries:
            return f"it is a type of {other}"
    return "the keys are " + ", ".join(repr(k) for k in _catalog[paper])
