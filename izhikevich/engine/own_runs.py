"""Whether a run of ours is being made: of one cell, checked before and looked at as it goes.

What looks at the cells of users, at each initialisation, has nothing to look at then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

_runs: list[None] = []


def is_own_run() -> bool:
    """Whether one is being made now."""
    return bool(_runs)


@contextlib.contextmanager
def own_run() -> Iterator[None]:
    """Make a run of ours."""
    _runs.append(None)
    try:
        yield
    finally:
        _runs.pop()
