"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a place to write to; on success it takes the place of `path` at once.

    After an exception nothing is left, and an existing file is as it was.

    Parameters
    ----------
    path : path-like
        Where the file shall be.

    Yields
    ------
    pathlib.Path
        Where to write it: a file of the same name in a folder beside it, on the same disk.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    """
    path = Path(path).resolve()
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        yield unfinished
        os.replace(unfinished, path)
