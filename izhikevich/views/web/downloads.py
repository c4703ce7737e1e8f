"""What a person can take home: the samples as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from izhikevich.recording import Recording


def table(recordings: Sequence[Recording]) -> str:
    """The samples as comma-separated values.

    One recording gives the table of `Recording.to_csv`; of several, each row begins with the
    variant and the scheme that it belongs to.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    several = len(recordings) > 1
    write([*(["variant", "scheme"] if several else []), *recordings[0].columns()])
    for recording in recordings:
        columns = [values.tolist() for values in recording.columns().values()]
        start = [recording.variant, recording.scheme] if several else []
        for row in zip(*columns, strict=True):
            write([*start, *map(repr, row)])
    return text.getvalue()
