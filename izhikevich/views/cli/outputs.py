"""Where results go: what could not be written after the work is refused before it."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from izhikevich.errors import ParameterError

DATA_ENDINGS = (".csv", ".npz")
NWB_ENDING = ".nwb"
SONATA_ENDING = ".h5"
PICTURE_ENDINGS = (".png", ".svg", ".pdf")


def check_outputs(paths: Sequence[Path], endings: Sequence[str]) -> None:
    """Refuse paths that cannot be written to, or whose ending says nothing that is known.

    Raises
    ------
    ParameterError
        With the endings that there are.
    OSError
        With what cannot be written.
    """
    for path in paths:
        if path.suffix.lower() not in endings:
            raise ParameterError(f"--out {path.name!r} must end in one of {', '.join(endings)}")
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
        check_folder(path.resolve().parent)


def check_folder(folder: Path) -> None:
    """Refuse a folder in which nothing can be made; trying is what tells, also for root.

    Raises
    ------
    OSError
        If nothing can.
    """
    import tempfile  # which the help does not need

    try:
        with tempfile.TemporaryDirectory(prefix=".izh-", dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error


def is_picture(path: Path) -> bool:
    """Whether its ending is one of a picture."""
    return path.suffix.lower() in PICTURE_ENDINGS
