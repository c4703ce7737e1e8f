"""Every cell type there is to choose from, by publication and key.

The publications are data (`izhikevich.publications`). Those of hundreds of types, without a figure
of each, are apart from `CATALOG`: what is drawn or compared of everything leaves them out, and they
are read when they are asked for. A program can add one of its own with
`register`, and a person a cell type of theirs with `izhikevich.define`; buttons, figures, tables,
the command line and the web page follow the catalogue.
"""

from __future__ import annotations

import collections
import contextlib
import difflib
import functools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.publications import COLLECTIONS, PUBLISHED, CellType, Publication, collection

__all__ = [
    "CATALOG",
    "PUBLICATIONS",
    "CellType",
    "Publication",
    "UnknownCellTypeError",
    "cell_type",
    "forget",
    "papers",
    "publication",
    "register",
    "registered",
    "types_of",
]


# a message has room for so many keys
_MOST_NAMED = 40


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
    types = _checked(publication)
    _publications[publication.name] = publication
    _catalog[publication.name] = types


def _checked(publication: Publication) -> Mapping[str, CellType]:
    """Its types by key; see `register` for what is refused."""
    name, types = publication.name, publication.types
    if not types:
        raise ParameterError(f"publication {name!r} has no cell types")
    keys = collections.Counter(entry.key for entry in types)
    for entry in types:
        if keys[entry.key] > 1:
            raise ParameterError(f"publication {name!r} has two cell types of key {entry.key!r}")
        if entry.paper != name:
            raise ParameterError(
                f"cell type {entry.key!r} says it is of {entry.paper!r}, not of {name!r}"
            )
        entry.model.check(entry.model.complete(entry.parameters))
    return MappingProxyType({entry.key: entry for entry in types})


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
    if name in _publications:
        return _publications[name]
    if name in COLLECTIONS:
        return _collected(name)[0]
    raise UnknownCellTypeError(
        f"unknown paper {name!r}: it is one of {', '.join(map(repr, papers()))}"
    )


def papers() -> tuple[str, ...]:
    """Names of all publications, those of `CATALOG` first."""
    return tuple(dict.fromkeys((*_publications, *COLLECTIONS)))


def types_of(name: str) -> Mapping[str, CellType]:
    """The cell types of a publication by key.

    Raises
    ------
    UnknownCellTypeError
        If there is none of that name; the message has them all.
    """
    publication(name)
    return _catalog[name] if name in _catalog else _collected(name)[1]


@functools.cache
def _collected(name: str) -> tuple[Publication, Mapping[str, CellType]]:
    """A publication that is read when it is asked for, checked as those that are registered."""
    found = collection(name)
    return found, _checked(found)


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
    entries = types_of(paper)
    if key in entries:
        return entries[key]
    raise UnknownCellTypeError(f"unknown cell type {key!r} of {paper}: {_hint(paper, key)}")


def _hint(paper: str, key: Any) -> str:
    """What a person who typed `key` may have meant."""
    entries = types_of(paper)
    spelt = {k.casefold(): k for k in entries}
    spelt.update({entry.label.casefold(): k for k, entry in entries.items()})
    near = difflib.get_close_matches(str(key).casefold(), list(spelt), n=4, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(dict.fromkeys(repr(spelt[n]) for n in near)) + "?"
    for other in papers():
        if key in types_of(other):
            return f"it is a type of {other}"
    if len(entries) > _MOST_NAMED:
        return f"'izh list --paper {paper}' shows its {len(entries)} types"
    return "the keys are " + ", ".join(map(repr, entries))
