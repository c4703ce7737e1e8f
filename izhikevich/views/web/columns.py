"""What the plots show, as columns of numbers: the runs, the current, the phase plane, the axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from izhikevich.analysis.plane import PhasePlane, Polyline
from izhikevich.recording import Recording
from izhikevich.views.web.exploration import Exploration
from izhikevich.views.web.thinning import Sight, path_in_sight, samples_in_sight

MOST_RUNS = 4
_N_NULLCLINE_POINTS = 241
# A run that diverges is drawn this far: v in mV, u in mV/ms or pA.
_FARTHEST, _FARTHEST_U = 1000.0, 100_000.0

# Shape tells the kind, filling the stability.
MARKERS = {
    "node": "circle",
    "focus": "diamond",
    "saddle": "x",
    "centre": "circle_cross",
    "saddle-node": "triangle",
}

Columns = Mapping[str, Sequence[Any] | np.ndarray]


def columns(exploration: Exploration, axes: Axes, sight: Sight) -> dict[str, Columns]:
    """The columns of every source of the plots (see plots.js), by its name.

    Parameters
    ----------
    exploration : Exploration
        With its recordings.
    axes : Axes
        Fitted to it.
    sight : Sight
        What the screen shows of that.
    """
    session, recordings = exploration.session, exploration.recordings
    found: dict[str, Columns] = {}
    for n in range(MOST_RUNS):
        shown = n < len(recordings)
        found[f"run{n}"] = _samples(recordings[n], sight) if shown else _empty("t", "v", "u")
        found[f"path{n}"] = _path(recordings[n], axes, sight) if shown else _empty("v", "u")
    found["resets"] = _resets(recordings[0], sight)
    found["earlier"] = _earlier(session.earlier, sight)
    found["earlier numbers"] = _numbers(session.earlier)
    times, amplitudes = session.waveform.knots(session.tstop)
    found["current"] = {"t": times, "i": amplitudes}
    first = recordings[0]
    found["synapse"] = _conductance(first, sight)
    return found | _plane_columns(exploration, axes)


def labels(exploration: Exploration) -> dict[str, str]:
    """What stands beside the axes whose units depend on the model; empty where there is none."""
    model = exploration.session.choice.model
    driven = exploration.session.synapse is not None
    return {
        "u": f"u ({model.current_unit})",
        "i": f"I ({model.current_unit})",
        "synapse": f"gsyn ({model.conductance_unit})" if driven else "",
    }


class Axes:
    """How far the axes of one page go.

    They are fitted to another type; while a slider moves, only where something would not fit. So
    the picture stands still under a moving slider, and stays as a person zoomed it.
    """

    def __init__(self) -> None:
        self._shown: tuple[str, str, float] | None = None
        self._fitted: dict[str, tuple[float, float]] = {}

    def fit(self, exploration: Exploration) -> dict[str, tuple[float, float]]:
        """Start and end of each axis that has to change, by its name (see plots.js)."""
        session = exploration.session
        shown = (session.paper, session.key, session.tstop)
        if shown != self._shown:
            self._fitted = {}
        self._shown = shown
        changed = {
            name: needed
            for name, needed in _needed(exploration).items()
            if name not in self._fitted or not _suits(self._fitted[name], needed)
        }
        self._fitted |= changed
        return changed

    def wide(self, name: str) -> tuple[float, float]:
        """Start and end of what is drawn: beyond the axis, for who moves it."""
        start, end = self._fitted[name]
        return 2 * start - end, 2 * end - start

    def shown(self, name: str) -> tuple[float, float]:
        """Start and end of an axis."""
        return self._fitted[name]

    def forget(self) -> None:
        """Fit all of them next time."""
        self._shown = None


def _needed(exploration: Exploration) -> dict[str, tuple[float, float]]:
    session = exploration.session
    currents = (session.current_before, session.current_during)
    window = session.plane.view_window(currents, *_all_samples(exploration.recordings))
    v, u = _all_samples([*exploration.recordings, *session.earlier])
    _, amplitudes = session.waveform.knots(session.tstop)
    conductance = exploration.recordings[0].gsyn
    return {
        "t": (0.0, session.tstop),
        "v": (min(-85.0, float(v.min()) - 5), max(45.0, float(v.max()) + 5)),
        "u": _padded(u),
        "i": _padded([0.0, *amplitudes]),
        "synapse": (0.0, 1.0) if conductance is None else _padded(conductance),
        "plane v": window.v,
        "plane u": window.u,
    }


def _padded(values: np.ndarray | Sequence[float]) -> tuple[float, float]:
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.1 * (high - low) or 1.0
    return low - margin, high + margin


def _suits(shown: tuple[float, float], needed: tuple[float, float]) -> bool:
    """Whether what is needed lies within what is shown, and fills a good part of it."""
    slack = 0.02 * (shown[1] - shown[0])
    within = shown[0] - slack <= needed[0] and needed[1] <= shown[1] + slack
    return within and needed[1] - needed[0] >= 0.45 * (shown[1] - shown[0])


# --- recordings ----------------------------------------------------------------------------------


def _empty(*names: str) -> dict[str, list[Any]]:
    """Columns without a sample."""
    return {name: [] for name in names}


def _clipped(recording: Recording) -> Polyline:
    return (
        np.clip(recording.v, -_FARTHEST, _FARTHEST),
        np.clip(recording.u, -_FARTHEST_U, _FARTHEST_U),
    )


def _in_sight(recording: Recording, sight: Sight) -> np.ndarray:
    """Index of each sample of a recording that a screen can show."""
    values = [recording.v, recording.u]
    if recording.gsyn is not None:
        values.append(recording.gsyn)
    return samples_in_sight(recording.t, values, recording.spike_samples(), sight)


def _samples(recording: Recording, sight: Sight) -> dict[str, np.ndarray]:
    """Time in double precision, the others as a screen can show them, in single."""
    kept = _in_sight(recording, sight)
    v, u = _clipped(recording)
    return {"t": recording.t[kept], "v": _single(v[kept]), "u": _single(u[kept])}


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)


def _all_samples(recordings: Iterable[Recording]) -> Polyline:
    v, u = zip(*map(_clipped, recordings), strict=True)
    return np.concatenate(v), np.concatenate(u)


def _earlier(recordings: Sequence[Recording], sight: Sight) -> Columns:
    """Earlier runs, one after the other."""
    # slow motion is of what is on view now
    sight = replace(sight, everything=False)
    parts = [_samples(each, sight) for each in recordings]
    return _joined(("t", "v", "u"), [tuple(part.values()) for part in parts])


def _numbers(recordings: Sequence[Recording]) -> Columns:
    """Where the number of each earlier run stands: at its last spike, where runs differ most."""
    found = _empty("t", "v", "text")
    for n, recording in enumerate(recordings, 1):
        v, _ = _clipped(recording)
        at = int(recording.spike_samples()[-1] if len(recording.spikes) else v.argmax())
        found["t"].append(float(recording.t[at]))
        found["v"].append(float(v[at]))
        found["text"].append(str(n))
    return found


def _conductance(recording: Recording, sight: Sight) -> Columns:
    if recording.gsyn is None:
        return _empty("t", "g")
    kept = _in_sight(recording, sight)
    return {"t": recording.t[kept], "g": _single(recording.gsyn[kept])}


def _resets(recording: Recording, sight: Sight) -> Columns:
    """Which samples of those that are sent are the last before a reset, and their u before it."""
    _, u = recording.trajectory()
    spikes = np.unique(recording.spike_samples())
    before = np.clip(u[spikes], -_FARTHEST_U, _FARTHEST_U)
    at = np.searchsorted(_in_sight(recording, sight), spikes)
    return {"at": at.astype(float), "u": _single(before)}


def _path(recording: Recording, axes: Axes, sight: Sight) -> Columns:
    """The trajectory as the cell went: cut at each reset, to which it moves in no time."""
    v, u = recording.trajectory()
    v, u = np.clip(v, -_FARTHEST, _FARTHEST), np.clip(u, -_FARTHEST_U, _FARTHEST_U)
    shown_v, shown_u = (sight.zoomed.get(x, axes.shown(x)) for x in ("plane v", "plane u"))
    spikes = np.unique(recording.spike_samples())
    first, last = path_in_sight(v, u, spikes, (shown_v, shown_u), sight.columns)
    # lines that follow each other are one; between others there is a gap
    follows = np.append(first[1:] == last[:-1], False)
    n_lines = len(first)
    order = np.full((n_lines, 3), -1)
    order[:, 0] = np.where(np.concatenate([[False], follows[:-1]]), -2, first)
    order[:, 1] = last
    order[:, 2] = np.where(follows, -2, -1)
    index = order[order != -2]
    gap = index == -1
    return {
        name: _single(np.where(gap, np.nan, values[index])) for name, values in (("v", v), ("u", u))
    }


def _joined(names: Sequence[str], pieces: Sequence[tuple[np.ndarray, ...]]) -> Columns:
    """Pieces as one column each, with a gap after each piece."""
    gap = np.array([np.nan])
    if not pieces:
        return _empty(*names)
    return {
        name: np.concatenate([x for piece in pieces for x in (piece[n], gap)])
        for n, name in enumerate(names)
    }


# --- the phase plane -----------------------------------------------------------------------------


def _plane_columns(exploration: Exploration, axes: Axes) -> dict[str, Columns]:
    session = exploration.session
    plane, before, during = session.plane, session.current_before, session.current_during
    v = np.linspace(*axes.wide("plane v"), _N_NULLCLINE_POINTS)
    return {
        "v-nullcline before": {"v": v, "u": plane.v_nullcline(v, before)},
        "v-nullcline during": {"v": v, "u": plane.v_nullcline(v, during)},
        "u-nullcline": _joined(("v", "u"), plane.u_nullcline(v, axes.wide("plane u"))),
        "fixed points": _fixed_points(plane, before, during),
    }


def _fixed_points(plane: PhasePlane, before: float, during: float) -> Columns:
    found: dict[str, list] = {
        name: [] for name in ("v", "u", "kind", "marker", "fill", "alpha", "when")
    }
    currents = {"during": during} if before == during else {"before": before, "during": during}
    for when, current in currents.items():
        try:
            points = plane.fixed_points(current)
        except ValueError:  # not isolated; the explanation says so
            continue
        for point in points:
            found["v"].append(point.v)
            found["u"].append(point.u)
            found["kind"].append(point.kind)
            found["marker"].append(MARKERS[point.kind.split()[-1]])
            alpha = 0.45 if when == "before" else 1.0
            found["fill"].append(alpha if point.stable else 0.0)
            found["alpha"].append(alpha)
            found["when"].append(f"{when} the stimulus")
    return {
        name: each if name in ("kind", "marker", "when") else np.array(each, dtype=float)
        for name, each in found.items()
    }
