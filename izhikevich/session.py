"""What a person is looking at: model, cell type, parameters, current, scheme, the last run.

A view (a window, a web page) shows a `Session` and passes on what the person does; it keeps
nothing of this itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from izhikevich.analysis.explanations import EXPLANATIONS, explain
from izhikevich.analysis.phase_plane import PhasePlane, plane
from izhikevich.catalog import CATALOG, CellType, cell_type
from izhikevich.engine.simulation import (
    SCHEMES,
    VARIANTS,
    Protocol,
    RunawayError,
    Synapse,
    all_parameters,
    make_protocol,
    simulate_protocol,
)
from izhikevich.recording import Recording
from izhikevich.waveforms import Waveform, step

MODELS = tuple(f"{paper} {variant} model" for paper in CATALOG for variant in VARIANTS)

# As many earlier runs stay on view while "keep" is on; the oldest goes first.
MOST_KEPT = 12


class Playback:
    """A recording played slowly: a point that moves along it.

    Parameters
    ----------
    recording : Recording
        What is played.

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

    @property
    def at_end(self) -> bool:
        """Whether the point has arrived at the last sample."""
        return bool(self.time >= self.recording.t[-1])

    @property
    def sample(self) -> int:
        """Index of the last sample that the point has reached."""
        return int(np.searchsorted(self.recording.t, self.time, side="right")) - 1

    def advance(self, duration: float) -> None:
        """Move on by `duration` (ms of the recording); it stops at the end."""
        self.time = min(self.time + duration, float(self.recording.t[-1]))
        if self.at_end:
            self.playing = False

    def step(self) -> None:
        """Pause and move to the next sample."""
        self.playing = False
        following = min(self.sample + 1, len(self.recording.t) - 1)
        self.time = float(self.recording.t[following])


class Session:
    """The state behind one window.

    Attributes
    ----------
    model : str
        One of `MODELS`, such as "2004 PP model".
    key : str
        Key of the cell type.
    scheme : str
        "published", "fixed" or "exact".
    changes : dict of str to float
        Parameters that differ from the type's own, v0 and u0 included.
    tstop : float
        Duration, ms.
    dt : float
        Step of the *fixed* scheme, ms.
    before, after, change_at : float
        A current made by hand: `before` until `change_at` (ms), then `after`. In force while one
        of the two is not zero.
    synapse : Synapse or None
        The train of synaptic events that drives the cell.
    keep : bool
        Whether earlier runs stay on view.
    recording : Recording or None
        The last run.
    earlier : list of Recording
        Runs before it that are kept, oldest first.
    status : str
        One line: what was run and what came of it, or what is wrong.
    """

    dt: float

    def __init__(self, model: str = "2004 PP model", key: str = "tonic spiking") -> None:
        self.model = model
        self.scheme = "published"
        self.before = self.after = self.change_at = 0.0
        self.synapse: Synapse | None = None
        self.keep = False
        self.recording: Recording | None = None
        self.earlier: list[Recording] = []
        self.status = "click on a cell type"
        self._take(cell_type(self.paper, key))

    # --- what is chosen ---

    @property
    def paper(self) -> str:
        """The model's paper: "2003", "2004" or "2007"."""
        return self.model.split()[0]

    @property
    def variant(self) -> str:
        """The model's variant: "PP" or "Sec"."""
        return self.model.split()[1]

    @property
    def cell_type(self) -> CellType:
        """The catalogue's entry of the chosen type."""
        return cell_type(self.paper, self.key)

    @property
    def parameters(self) -> dict[str, float]:
        """Every parameter in force by name, v0 and u0 included."""
        return all_parameters(self.cell_type, self.changes)

    @property
    def step(self) -> float | None:
        """The step in force, ms; None under *exact*."""
        return {"published": self.cell_type.dt, "fixed": self.dt, "exact": None}[self.scheme]

    @property
    def current_is_made_by_hand(self) -> bool:
        """Whether `before`, `after` and `change_at` replace the figure's current."""
        return self.before != 0 or self.after != 0

    @property
    def waveform(self) -> Waveform:
        """The current of the next run."""
        if self.current_is_made_by_hand:
            return step(self.before, self.after, self.change_at)
        return self.cell_type.default_current

    # --- why it happens ---

    @property
    def plane(self) -> PhasePlane:
        """The phase plane of the parameters in force."""
        values = self.parameters
        return plane(self.paper, {n: x for n, x in values.items() if n not in ("v0", "u0")})

    @property
    def current_before(self) -> float:
        """The current at t = 0, mV/ms or pA."""
        return self.waveform.at(0)

    @property
    def current_during(self) -> float:
        """The current that lies farthest from the first one, mV/ms or pA."""
        _, amplitudes = self.waveform.knots(self.tstop)
        return float(amplitudes[np.argmax(np.abs(amplitudes - self.current_before))])

    def explanation(self) -> list[str]:
        """What to look at, why it happens, and what to try: two to four sentences."""
        return explain(
            self.plane,
            EXPLANATIONS[self.paper, self.key],
            self.current_before,
            self.current_during,
        )

    # --- what a person does ---

    def choose_model(self, model: str) -> None:
        """Go to another model; a type that it has, too, stays with its changes.

        Raises
        ------
        ValueError
            If there is no such model.
        """
        if model not in MODELS:
            raise ValueError(f"unknown model {model!r}: it is one of {', '.join(MODELS)}")
        same_paper = model.split()[0] == self.paper
        self.model = model
        if not same_paper:
            self._take(next(iter(CATALOG[self.paper].values())))

    def choose_type(self, key: str) -> None:
        """Take a cell type of the model's paper, with its own parameters and current.

        Raises
        ------
        UnknownCellTypeError
            If the paper has no such type.
        """
        typed_dt = self.dt
        self._take(cell_type(self.paper, key))
        self.before = self.after = self.change_at = 0.0
        if self.scheme == "fixed":
            self.dt = typed_dt

    def _take(self, entry: CellType) -> None:
        self.key = entry.key
        self.changes: dict[str, float] = {}
        self.tstop = float(entry.tstop)
        self.dt = float(entry.dt)

    def choose_scheme(self, scheme: str) -> None:
        """Run by another scheme from now on.

        Raises
        ------
        ValueError
            If there is no such scheme.
        """
        if scheme not in SCHEMES:
            raise ValueError(f"scheme is {', '.join(SCHEMES)}, not {scheme!r}")
        self.scheme = scheme

    def set_parameter(self, name: str, value: float) -> None:
        """Change one parameter, v0 or u0; one at its own value follows the type again.

        Raises
        ------
        ValueError
            If the value cannot be run; the old one stays.
        """
        changes = {**self.changes, name: value}
        all_parameters(self.cell_type, changes)
        without = {n: x for n, x in changes.items() if n != name}
        if value == all_parameters(self.cell_type, without)[name]:
            changes = without
        self.changes = changes

    def set_timing(self, name: str, value: float) -> None:
        """Change `tstop`, `dt`, `before`, `after` or `change_at`.

        Raises
        ------
        ValueError
            If the value cannot be run; the old one stays.
        """
        if not math.isfinite(value):
            raise ValueError(f"{_NAMES[name]} must be a finite number, not {value!r}")
        if name in ("tstop", "dt") and value <= 0:
            raise ValueError(f"{_NAMES[name]} must be greater than 0 ms, not {value:g}")
        if name == "change_at" and value < 0:
            raise ValueError(f"{_NAMES[name]} must not be before 0 ms; it is {value:g}")
        setattr(self, name, value)

    def reset(self) -> None:
        """Back to the type as published, without a current made by hand or a synapse."""
        self._take(self.cell_type)
        self.before = self.after = self.change_at = 0.0
        self.synapse = None

    # --- the run ---

    def run(self, progress: Callable[[float], None] | None = None) -> Recording:
        """Run what is chosen; `recording` and `status` tell the outcome.

        A run that diverges gives the recording until then. After any other exception everything
        is as it was before.

        Parameters
        ----------
        progress : callable, optional
            As for `izhikevich.simulate`.

        Returns
        -------
        Recording

        Raises
        ------
        ValueError
            If what is chosen cannot be run.
        """
        protocol = self.protocol()
        try:
            recording = simulate_protocol(protocol, progress)
            status = self._report(recording)
        except RunawayError as error:
            recording = error.recording
            status = f"{self._what(recording)}: {error}"
        self._keep(() if self.recording is None else (self.recording,))
        self.recording, self.status = recording, status
        return recording

    def _keep(self, shown: Sequence[Recording]) -> None:
        """Keep what is on view, before another run takes its place; or forget all."""
        self.earlier = [*self.earlier, *shown][-MOST_KEPT:] if self.keep else []

    def _what(self, recording: Recording) -> str:
        entry = recording.cell_type
        where = entry.figure if entry.panel == entry.key else f"{entry.figure} {entry.panel}"
        step = "variable step" if recording.dt is None else f"dt {recording.dt:g} ms"
        what = (
            f"{recording.paper} {recording.variant} {where}: {entry.label} | "
            f"{recording.scheme}, {step}"
        )
        if self.changes:
            what += " | changed: " + ", ".join(f"{n} {x:g}" for n, x in self.changes.items())
        if self.current_is_made_by_hand:
            what += " | current by hand (I0, I1, T1)"
        elif entry.amplitudes:
            what += f" | I {entry.amplitudes[-1]:g} pA"
        if self.synapse is not None:
            what += f" | synapse: {self.synapse.number} events"
        return what

    def _report(self, recording: Recording) -> str:
        n = len(recording.spikes)
        counted = f"{n} spike{'' if n == 1 else 's'}"
        if n:
            counted += f", {recording.mean_rate:.1f} Hz"
        if n > 1:
            first, last = recording.intervals[[0, -1]]
            counted += f", first interval {first:.2f} ms, last {last:.2f} ms"
        return f"{self._what(recording)} | {counted}"

    # --- runs that a view makes elsewhere ---

    def protocol(self, variant: str | None = None, scheme: str | None = None) -> Protocol:
        """What `run` would run, checked, for a view that has it run elsewhere.

        Parameters
        ----------
        variant, scheme : str, optional
            In place of the chosen ones.

        Raises
        ------
        ValueError
            If what is chosen cannot be run.
        """
        scheme = self.scheme if scheme is None else scheme
        return make_protocol(
            self.paper,
            self.key,
            variant=self.variant if variant is None else variant,
            scheme=scheme,
            dt=self.dt if scheme == "fixed" else None,
            current=self.waveform,
            tstop=self.tstop,
            parameters=self.changes,
            synapse=self.synapse,
        )

    def take_over(
        self,
        recording: Recording,
        runaway: RunawayError | None = None,
        shown: Sequence[Recording] = (),
    ) -> None:
        """Show a run of `protocol` that was made elsewhere, as `run` shows its own.

        Parameters
        ----------
        recording : Recording
            The run; of one that diverged, what came before.
        runaway : RunawayError, optional
            What the run ended with, if it diverged.
        shown : sequence of Recording
            The runs that were on view until now, for `earlier`.
        """
        self._keep(shown)
        self.recording = recording
        if runaway is None:
            self.status = self._report(recording)
        else:
            self.status = f"{self._what(recording)}: {runaway}"


_NAMES = {"tstop": "tstop", "dt": "dt", "before": "I0", "after": "I1", "change_at": "T1"}
