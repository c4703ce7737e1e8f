"""The pictures of the type menu: the voltage of each published run, small."""

from __future__ import annotations

import threading

import numpy as np

from izhikevich.catalog import Publication, publication
from izhikevich.choice import Choice
from izhikevich.recording import Recording
from izhikevich.views.web.runs import Runs, outcome

WIDTH, HEIGHT = 100, 36
# mV; every published trace but a few undershoots lies within
_LOW, _HIGH = -90.0, 50.0


class Thumbnails:
    """The pictures, made once for everyone when a paper is first shown.

    Parameters
    ----------
    runs : Runs
        Where the published runs take place.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._made: dict[Publication, dict[str, str]] = {}
        self._turn = threading.Lock()

    def paths(self, paper: str) -> dict[str, str]:
        """The trace of each type of a paper, as the data of an SVG path; waits for the runs.

        A publication of hundreds of types, which are in a list, has no pictures.
        """
        shown = publication(paper)
        if all(each.group for each in shown.types):
            return {}
        with self._turn:
            if shown not in self._made:
                futures = {each.key: self._runs.submit(Choice(each)) for each in shown.types}
                self._made[shown] = {
                    key: svg_path(outcome(future)[0]) for key, future in futures.items()
                }
            return self._made[shown]


def svg_path(recording: Recording) -> str:
    """The voltage as the data of an SVG path in a picture of `WIDTH` by `HEIGHT`."""
    n_columns = 2 * WIDTH
    column = np.minimum((recording.t / recording.tstop * n_columns).astype(int), n_columns - 1)
    points = []
    for each in np.unique(column):
        # the lowest and the highest sample of each column, in order: no spike is lost
        v = recording.v[column == each]
        for at in sorted({int(v.argmin()), int(v.argmax())}):
            points.append((each / 2, min(max(float(v[at]), _LOW), _HIGH)))
    scale = (HEIGHT - 2) / (_HIGH - _LOW)
    return "M" + "L".join(f"{x:.1f} {HEIGHT - 1 - (v - _LOW) * scale:.1f}" for x, v in points)
