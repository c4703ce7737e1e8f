"""Slow motion: a point that moves along a run, in its trace and on the phase plane."""

from __future__ import annotations

import time

import numpy as np

from izhikevich.recording import Recording

# Of a picture, s.
FRAME = 0.05


class SlowMotion:
    """A recording played slowly.

    Parameters
    ----------
    recording : Recording
        What is played, from the beginning.

    Attributes
    ----------
    time : float
        Where the point is, ms.
    playing : bool
        Whether it moves.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.time = 0.0
        self.playing = True
        self._moved = time.monotonic()

    @property
    def at_end(self) -> bool:
        """Whether the point has arrived at the last sample."""
        return bool(self.time >= self.recording.t[-1])

    @property
    def sample(self) -> int:
        """Index of the last sample that the point has reached."""
        return int(np.searchsorted(self.recording.t, self.time, side="right")) - 1

    def advance(self, speed: float) -> bool:
        """Move on by the time that has passed, at `speed` (ms of the recording per second).

        Returns
        -------
        bool
            Whether it is time for another picture.
        """
        now = time.monotonic()
        if not self.playing or now - self._moved < FRAME:
            return False
        end = float(self.recording.t[-1])
        self.time = min(self.time + speed * (now - self._moved), end)
        self.playing = not self.at_end
        self._moved = now
        return True

    def pause(self) -> None:
        """Stand still, or move on."""
        self.playing = not self.playing and not self.at_end
        self._moved = time.monotonic()

    def step(self) -> None:
        """Stand still at the next sample."""
        self.playing = False
        following = min(self.sample + 1, len(self.recording.t) - 1)
        self.time = float(self.recording.t[following])
