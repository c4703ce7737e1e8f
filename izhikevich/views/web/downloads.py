"""What a person can take home: the samples as a table."""

from __future__ import annotations

import time
from collections.abc import Sequence

from izhikevich.recording import Recording

# Every so many rows others have their turn: Python runs one thread at a time.
_ROWS, _PAUSE = 200, 1e-4


def table(recordings: Sequence[Recording]) -> bytes:
    """The samples as comma-separated values.

    One recording gives the table of `Recording.to_csv`; of several, each row begins with the
    variant and the scheme that it belongs to.
    """
    several = len(recordings) > 1
    names = [*(["variant", "scheme"] if several else []), *recordings[0].columns()]
    parts = [",".join(names) + "\n"]
    for recording in recordings:
        columns = list(recording.columns().values())
        start = f"{recording.variant},{recording.scheme}," if several else ""
        for first in range(0, len(recording.t), _ROWS):
            rows = zip(*(each[first : first + _ROWS].tolist() for each in columns), strict=True)
            parts += [f"{start}{','.join(map(repr, row))}\n" for row in rows]
            time.sleep(_PAUSE)
    return "".join(parts).encode()
