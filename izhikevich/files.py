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
        If it cannot be written; it names `path`, whatever could not be done on the way.
    """
    path = Path(path)
    target = path.resolve()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=target.parent) as folder:
            unfinished = Path(folder) / path.name
            yield unfinished
            os.replace(unfinished, target)
    except Exception as error:
        failure = _first_os_error(error)
        if failure is None:
            raise
        raise OSError(failure.errno, failure.strerror, str(path)) from error


def _first_os_error(error: BaseException | None) -> OSError | None:
    """What the system refused: a writer may fail once more when it then closes its file."""
    found = None
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            found = error
        error = error.__context__
    return found
