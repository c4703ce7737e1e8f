"""Mod files of the user's own, to be loaded and compiled beside ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from izhikevich.engine import build
from izhikevich.engine.build import MechanismError
from izhikevich.engine.names import NAMES, loaded
from izhikevich.errors import ParameterError

#: What mod files include, by the ends of the files' names.
INCLUDED = (".inc", ".h", ".hpp")

#: A folder of mod files, a mod file, or several of these.
Where = str | os.PathLike | Iterable[str | os.PathLike]


def find(where: Where) -> list[Path]:
    """Look for the mod files of a folder, or files that are named, without copies of our own.

    Parameters
    ----------
    where : path or iterable of paths
        Folders and files.

    Returns
    -------
    list of Path
        Absolute, in the order of their names.

    Raises
    ------
    ParameterError
        If there is none, or one defines a mechanism of ours in another way.
    """
    places = [where] if isinstance(where, str | os.PathLike) else list(where)
    if not places:
        raise ParameterError("there is no mod file in an empty list: name a folder of them, or one")
    files: set[Path] = set()
    for place in (Path(each).expanduser().absolute() for each in places):
        found = list(place.glob("*.mod")) if place.is_dir() else [place]
        if not found or not all(file.is_file() and file.suffix == ".mod" for file in found):
            raise ParameterError(f"there is no mod file in {place}: name a folder of them, or one")
        files.update(found)
    ours = {file.stem: _text(file) for file in build.mod_files()}
    theirs = []
    for file in sorted(files, key=lambda file: file.name):
        name = name_in(file)
        if name not in NAMES and file.stem not in NAMES:
            theirs.append(file)
        elif _text(file) != ours.get(file.stem):
            raise ParameterError(
                f"{file} is another {name} than this package's, and there can be one alone: leave "
                "it out, or give it and its mechanism another name"
            )
    return theirs


def name_in(file: Path) -> str | None:
    """Name of the mechanism that a mod file defines; None if it has functions alone."""
    text = re.sub(r"(?s)\bCOMMENT\b.*?\bENDCOMMENT\b", "", _text(file))
    text = re.sub(r"[:?].*", "", text)
    found = re.search(r"\b(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", text)
    return found[1] if found and found[1] != "nothing" else None


def with_included(files: Sequence[Path]) -> list[Path]:
    """Files, and those beside them that they may include."""
    folders = dict.fromkeys(file.parent for file in files)
    beside = [each for folder in folders for each in sorted(folder.iterdir())]
    return [*files, *(file for file in beside if file.suffix in INCLUDED and file.is_file())]


def load(files: Sequence[Path]) -> None:
    """Load the mechanisms of mod files that are not loaded yet, built where they are missing.

    Parameters
    ----------
    files : sequence of Path
        What `find` gives.

    Raises
    ------
    MechanismError
        If one cannot be built or loaded, or is loaded from another text than its file has now.
    """
    from neuron import h

    present = loaded()
    names = {file: name_in(file) for file in files}
    for file, name in names.items():
        if name in present and _differs(present[name].text, _text(file)):
            raise MechanismError(
                f"the {name} that this process has loaded was compiled from another text than is "
                f"in {file} now, and CoreNEURON would mistake its data: compile it again with "
                "nrnivmodl, or start Python where it is not loaded"
            )
    absent = [file for file, name in names.items() if name not in present]
    if any(names[file] for file in absent):
        # functions alone do not tell whether they are loaded; they come with the mechanisms
        some_are_loaded = any(name in present for name in names.values())
        needed = [file for file in absent if names[file] or not some_are_loaded]
        library = build.library_of(with_included(needed))
        if not h.nrn_load_dll(str(library)):
            raise MechanismError(f"NEURON could not load {library}; its reason is above.")


def _differs(compiled: str, text: str) -> bool:
    """Whether a mechanism was compiled from another text, as far as NEURON has kept it."""
    # what is included stands in the place of INCLUDE there
    return bool(compiled) and not re.search(r"\bINCLUDE\b", text) and compiled != text


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="surrogateescape")
