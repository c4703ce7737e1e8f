"""How much of the server's memory the results of each page may take.

A page has a little room of its own, which nobody can take from it, and beyond that a part of what
all share, whoever comes first. What is on view must have room, or the run is refused; earlier runs
that are kept are let go, the oldest first, as soon as there is none. And of the pages that ask for
large results one is answered at a time, so that many results do not wait half finished.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Iterable, Sequence

from izhikevich.choice import Choice
from izhikevich.errors import IzhikevichError
from izhikevich.recording import Recording

MEGABYTE = 1_000_000
#: What each page has, what all share, and what one may have of both together, bytes.
OWN, SHARED, MOST = 1_500_000, 48 * MEGABYTE, 48 * MEGABYTE

# More steps than this, or a longer run of the variable step (ms), may be large.
_LARGE_STEPS = 5000
_LARGE_EXACT = 500.0


class NoRoomError(IzhikevichError, RuntimeError):
    """A result that there is no room for."""


class Shelf:
    """What the pages of one server hold.

    Parameters
    ----------
    own, shared, most : int
        As `OWN`, `SHARED` and `MOST`.
    """

    def __init__(self, own: int = OWN, shared: int = SHARED, most: int = MOST) -> None:
        self._own, self._shared, self._most = own, shared, most
        self._held: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._lane = asyncio.Semaphore(1)

    @property
    def held(self) -> int:
        """What all pages hold together, bytes."""
        with self._lock:
            return sum(self._held.values())

    def place(
        self, page: object, shown: Sequence[Recording], kept: Sequence[Recording]
    ) -> list[Recording]:
        """Make room for what a page shows, and for as much of what it keeps as there is room for.

        Parameters
        ----------
        page : object
            Whose it is; what it held before goes.
        shown, kept : sequence of Recording
            What is on view, and earlier runs, the oldest first.

        Returns
        -------
        list of Recording
            The newest of `kept`, those that there is room for.

        Raises
        ------
        NoRoomError
            If there is none for what is shown; what the page held before stays.
        """
        with self._lock:
            taken = sum(
                max(0, size - self._own) for each, size in self._held.items() if each is not page
            )
            room = min(self._most, self._own + self._shared - taken)
            size = size_of(shown)
            if size > room:
                raise NoRoomError(
                    f"this run has {size / MEGABYTE:.1f} MB of samples, and the server has room "
                    f"for {room / MEGABYTE:.1f} MB now: shorten tstop, or show fewer runs at once"
                )
            placed: list[Recording] = []
            for recording in reversed(kept):
                if size + size_of([recording]) > room:
                    break
                size += size_of([recording])
                placed.insert(0, recording)
            self._held[page] = size
            return placed

    def leave(self, page: object) -> None:
        """Forget a page that is gone."""
        with self._lock:
            self._held.pop(page, None)

    def turn(self, choices: Iterable[Choice]) -> contextlib.AbstractAsyncContextManager[None]:
        """What has to be entered before the choices are run, and left when they are placed."""
        return self._lane if any(map(_may_be_large, choices)) else contextlib.nullcontext()


def size_of(recordings: Iterable[Recording]) -> int:
    """What recordings take, bytes."""
    return sum(
        values.nbytes
        for each in recordings
        for values in (each.t, each.v, each.u, each.i, each.spikes, each.gsyn)
        if values is not None
    )


def _may_be_large(choice: Choice) -> bool:
    if choice.dt is None:
        return choice.tstop > _LARGE_EXACT
    return choice.n_steps > _LARGE_STEPS
