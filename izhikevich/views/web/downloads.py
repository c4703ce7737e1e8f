"""What a person can take home: the samples as a table."""

from __future__ import annotations

import time
from collections.abc import Sequence

from izhikevich.recording import Recording

# Every so many rows others have their turn: Python runs one thread at a time.
_ROWS, _PAUSE = 200, 1e-4
#: So many rows are one part of a table: some 1.5 MB.
PART = 20_000


def table(recordings: Sequence[Recording], start: int = 0) -> tuple[bytes, int | None]:
    """A part of the samples as comma-separated values.

    One recording gives the table of `Recording.to_csv`; of several, each row begins with the
    variant and the scheme that it belongs to.

    Parameters
    ----------
    recordings : sequence of Recording
    start : int
        Number of the row to begin with.

    Returns
    -------
    content : bytes
        At most `PART` rows; with the first of them, the names of the columns.
    end : int or None
        The row that the next part begins with, if there is one.
    """
    several = len(recordings) > 1
    names = [*(["variant", "scheme"] if several else []), *recordings[0].columns()]
    parts = [] if start else [",".join(names) + "\n"]
    end = start + PART
    offset = 0  # of the first row of a recording
    for recording in recordings:
        n = len(recording.t)
        columns = list(recording.columns().values())
        beginning = f"{recording.variant},{recording.scheme}," if several else ""
        for first in range(max(start - offset, 0), min(end - offset, n), _ROWS):
            last = min(first + _ROWS, end - offset)
            rows = zip(*(each[first:last].tolist() for each in columns), strict=True)
            parts += [f"{beginning}{','.join(map(repr, row))}\n" for row in rows]
            time.sleep(_PAUSE)
        offset += n
    return "".join(parts).encode(), end if end < offset else None
