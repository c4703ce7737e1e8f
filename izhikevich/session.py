"""What a person is looking at: model, cell type, parameters, current, scheme, the last run.

A view (a window, a web page) shows a `Session` and passes on what the person does; it keeps
nothing of this itself.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from izhikevich.analysis.explanations import explain
from izhikevich.analysis.plane import PhasePlane
from izhikevich.catalog import CATALOG, CellType, cell_type, papers, publication, types_of
from izhikevich.choice import NOT_BY_HAND, SCHEMES, VARIANTS, ByHand, Choice, Synapse
from izhikevich.errors import ParameterError
from izhikevich.recording import Recording, RunawayError
from izhikevich.waveforms import Waveform


def model_name(paper: str, variant: str) -> str:
    """What the program calls a publication in a variant, such as "2004 PP model"."""
    return f"{paper} {variant} model"


def models() -> tuple[str, ...]:
    """What there is to choose from: each publication in each variant."""
    return tuple(model_name(paper, variant) for paper in papers() for variant in VARIANTS)


# As many earlier runs stay on view while "keep" is on; the oldest goes first.
MOST_KEPT = 12


class Session:
    """The state behind one window: a choice, and the runs that were made of such.

    Parameters
    ----------
    model : str
        One of `models`, such as "2004 PP model".
    key : str, optional
        Key of the cell type. Default: the first of the publication; of 2004 tonic spiking.

    Attributes
    ----------
    choice : Choice
        What the next run is of.
    keep : bool
        Whether earlier runs stay on view.
    recording : Recording or None
        The last run.
    earlier : list of Recording
        Runs before it that are kept, oldest first.
    status : str
        One line: what was run and what came of it, or what is wrong.
    """

    def __init__(self, model: str = "2004 PP model", key: str | None = None) -> None:
        paper, variant = _parts(model)
        entry = next(iter(types_of(paper).values())) if key is None else cell_type(paper, key)
        self.choice = Choice(entry, variant)
        self.keep = False
        self.recording: Recording | None = None
        self.earlier: list[Recording] = []
        self.status = "click on a cell type"

    # --- what is chosen ---

    @property
    def model(self) -> str:
        """Publication and variant, such as "2004 PP model"."""
        return model_name(self.choice.paper, self.choice.variant)

    @property
    def paper(self) -> str:
        """Name of the publication."""
        return self.choice.paper

    @property
    def variant(self) -> str:
        """The variant, "PP" or "Sec"."""
        return self.choice.variant

    @property
    def key(self) -> str:
        """Key of the cell type."""
        return self.choice.key

    @property
    def cell_type(self) -> CellType:
        """The chosen cell type."""
        return self.choice.cell_type

    @property
    def scheme(self) -> str:
        """The scheme: "published", "fixed" or "exact"."""
        return self.choice.scheme

    @property
    def changes(self) -> dict[str, float]:
        """Parameters that differ from the type's own, v0 and u0 included."""
        return dict(self.choice.changes)

    @property
    def parameters(self) -> dict[str, float]:
        """Every parameter in force by name, v0 and u0 included."""
        return dict(self.choice.parameters)

    @property
    def tstop(self) -> float:
        """Duration, ms."""
        return self.choice.tstop

    @property
    def dt(self) -> float:
        """Step of the *fixed* scheme, ms."""
        return self.choice.fixed_dt

    @property
    def step(self) -> float | None:
        """The step in force, ms; None under *exact*."""
        return self.choice.dt

    @property
    def before(self) -> float:
        """The current by hand until `change_at`, mV/ms or pA."""
        return self.choice.by_hand.before

    @property
    def after(self) -> float:
        """The current by hand from `change_at` on, mV/ms or pA."""
        return self.choice.by_hand.after

    @property
    def change_at(self) -> float:
        """When the current by hand changes, ms."""
        return self.choice.by_hand.change_at

    @property
    def current_is_made_by_hand(self) -> bool:
        """Whether `before`, `after` and `change_at` replace the figure's current."""
        return self.choice.current_is_made_by_hand

    @property
    def synapse(self) -> Synapse | None:
        """The train of synaptic events that drives the cell."""
        return self.choice.synapse

    @synapse.setter
    def synapse(self, synapse: Synapse | None) -> None:
        self.choice = self.choice.but(synapse=synapse)

    @property
    def waveform(self) -> Waveform:
        """The current of the next run."""
        return self.choice.waveform

    # --- why it happens ---

    @property
    def plane(self) -> PhasePlane:
        """The phase plane of the parameters in force."""
        return self.choice.plane

    @property
    def current_before(self) -> float:
        """The current at t = 0, mV/ms or pA."""
        return self.choice.currents[0]

    @property
    def current_during(self) -> float:
        """The current that lies farthest from the first one, mV/ms or pA."""
        return self.choice.currents[1]

    def explanation(self) -> list[str]:
        """What to look at, why it happens, and what to try: two to five sentences."""
        entry = self.cell_type
        sentences = explain(self.plane, entry.explanation, *self.choice.currents)
        return [*sentences, f"Reading: {entry.reading}."] if entry.reading else sentences

    # --- what a person does ---

    def choose_model(self, model: str) -> None:
        """Go to another model; a type that it has, too, stays with its changes.

        Raises
        ------
        ParameterError
            If there is no such model.
        """
        paper, variant = _parts(model)
        self.choose_paper(paper)
        self.choose_variant(variant)

    def choose_paper(self, paper: str) -> None:
        """Go to another publication, and its first cell type; the present one stays as it is.

        A current made by hand stays, too, unless its unit is another one there.

        Raises
        ------
        UnknownCellTypeError
            If there is no such publication.
        """
        entry = publication(paper).types[0]
        if paper == self.paper:
            return
        kept = self.choice
        if entry.model.current_unit != kept.model.current_unit:  # 10 mV/ms is not 10 pA
            kept = kept.but(by_hand=NOT_BY_HAND)
        self.choice = _with_type(kept, entry)

    def choose_variant(self, variant: str) -> None:
        """Run as a point process, or in a section; nothing else changes.

        Raises
        ------
        ParameterError
            If it is neither "PP" nor "Sec".
        """
        if variant not in VARIANTS:
            raise ParameterError(f"variant is PP or Sec, not {variant!r}")
        self.choice = self.choice.but(variant=variant)

    def choose_type(self, key: str) -> None:
        """Take a cell type of the same publication, with its own parameters and current.

        Raises
        ------
        UnknownCellTypeError
            If the publication has no such type.
        """
        chosen = _with_type(self.choice, cell_type(self.paper, key)).but(by_hand=NOT_BY_HAND)
        if self.scheme == "fixed":
            chosen = chosen.but(fixed_dt=self.dt)
        self.choice = chosen

    def choose_scheme(self, scheme: str) -> None:
        """Run by another scheme from now on.

        Raises
        ------
        ParameterError
            If there is no such scheme.
        """
        if scheme not in SCHEMES:
            raise ParameterError(f"scheme is {', '.join(SCHEMES)}, not {scheme!r}")
        self.choice = self.choice.but(scheme=scheme)

    def set_parameter(self, name: str, value: float) -> None:
        """Change one parameter, v0 or u0; one at its own value follows the type again.

        Raises
        ------
        ParameterError
            If the value cannot be run; the old one stays.
        """
        self.set_parameters({name: value})

    def set_parameters(self, values: Mapping[str, float]) -> None:
        """Change several at once, which may need one another.

        Raises
        ------
        ParameterError
            If they cannot be run together; the old ones stay.
        """
        self.choice = self.choice.with_parameters(values)

    def set_timing(self, name: str, value: float) -> None:
        """Change `tstop`, `dt`, `before`, `after` or `change_at`.

        With `before` or `after` the current is made by hand from now on, zero or not.

        Raises
        ------
        ParameterError
            If the value cannot be run; the old one stays.
        """
        shown = _NAMES[name]
        if not math.isfinite(value):
            raise ParameterError(f"{shown} must be a finite number, not {value!r}")
        if name in ("tstop", "dt") and value <= 0:
            raise ParameterError(f"{shown} must be greater than 0 ms, not {value:g}")
        if name == "change_at" and value < 0:
            raise ParameterError(f"{shown} must not be before 0 ms; it is {value:g}")
        if name in ("tstop", "dt"):
            attribute = {"tstop": "tstop", "dt": "fixed_dt"}[name]
            self.choice = self.choice.but(**{attribute: value})
        else:
            changed: dict[str, Any] = {name: value}
            if name != "change_at":
                changed["in_force"] = True
            by_hand = dataclasses.replace(self.choice.by_hand, **changed)
            self.choice = self.choice.but(by_hand=by_hand)

    def make_current_by_hand(self) -> None:
        """Start a current of one's own from that of the figure; one that is there stays."""
        if not self.current_is_made_by_hand:
            by_hand = ByHand(self.current_before, self.current_during, self.waveform.first_change)
            self.choice = self.choice.but(by_hand=by_hand)

    def take_published_current(self) -> None:
        """Back to the current of the figure."""
        self.choice = self.choice.but(by_hand=NOT_BY_HAND)

    def reset(self) -> None:
        """Back to the type as published, without a current made by hand or a synapse."""
        self.choice = Choice(self.cell_type, self.variant, self.scheme)

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
        ParameterError
            If what is chosen cannot be run.
        """
        self.choice.check()
        from izhikevich.engine.simulation import simulate_choice  # NEURON, only now

        runaway = None
        try:
            recording = simulate_choice(self.choice, progress)
        except RunawayError as error:
            recording, runaway = error.recording, error
        self.take_over(recording, runaway, () if self.recording is None else (self.recording,))
        return recording

    def _keep(self, shown: Sequence[Recording], recording: Recording) -> None:
        """Keep what is on view, before another run takes its place; or forget all.

        What another publication ran is forgotten, too: its units need not be the same.
        """
        alike = [run for run in (*self.earlier, *shown) if run.paper == recording.paper]
        self.earlier = alike[-MOST_KEPT:] if self.keep else []

    # --- runs that a view makes elsewhere ---

    def run_choices(self, variants: Sequence[str], schemes: Sequence[str]) -> list[Choice]:
        """What `run` would run, checked, in each of the variants by each of the schemes.

        Raises
        ------
        ParameterError
            If what is chosen cannot be run.
        """
        return [
            self.choice.but(variant=variant, scheme=scheme).check()
            for scheme in schemes
            for variant in variants
        ]

    def comparison_choices(self) -> list[Choice]:
        """The four runs that a comparison needs, with the parameters and the current in force."""
        return self.run_choices(VARIANTS, ("published", "exact"))

    def figure_choices(self) -> list[Choice]:
        """A run for each current of the type's own figure, the strongest first.

        Raises
        ------
        ParameterError
            If its figure has no several currents.
        """
        entry = self.cell_type
        if not entry.amplitudes:
            others = [
                p for p, types in CATALOG.items() if any(t.amplitudes for t in types.values())
            ]
            raise ParameterError(
                f"the figure of {entry.label} has one current, which RUN shows; for several "
                f"choose a {' or '.join(others)} model"
            )
        scheme = "exact" if self.scheme == "exact" else "published"
        return [
            Choice(entry, self.variant, scheme, current=current).check()
            for current in reversed(entry.currents)
        ]

    def take_over(
        self,
        recording: Recording,
        runaway: RunawayError | None = None,
        shown: Sequence[Recording] = (),
    ) -> None:
        """Show a run; `run` does it itself, and whoever has run `run_choices` elsewhere.

        Parameters
        ----------
        recording : Recording
            The run; of one that diverged, what came before.
        runaway : RunawayError, optional
            What the run ended with, if it diverged.
        shown : sequence of Recording
            The runs that were on view until now, for `earlier`.
        """
        self._keep(shown, recording)
        self.recording = recording
        self.status = _report(recording, runaway)


def _what(recording: Recording) -> str:
    """What was run, in half a line."""
    choice = recording.choice
    entry = choice.cell_type
    step = "variable step" if choice.dt is None else f"dt {choice.dt:g} ms"
    what = f"{entry.paper} {choice.variant} {entry.place}: {entry.label} | {choice.scheme}, {step}"
    if choice.changes:
        what += " | changed: " + ", ".join(f"{n} {x:g}" for n, x in choice.changes.items())
    if choice.current_is_made_by_hand:
        by_hand = choice.by_hand
        is_zero = by_hand.before == by_hand.after == 0
        what += " | no current" if is_zero else " | current by hand (I0, I1, T1)"
    elif entry.amplitudes:
        what += f" | I {entry.amplitudes[-1]:g} {choice.model.current_unit}"
    if choice.synapse is not None:
        what += f" | synapse: {choice.synapse.number} events"
    return what


def kept_in_words(choice: Choice) -> str:
    """What tells a run that is kept from others of its publication, in a few words."""
    words = [f"{choice.cell_type.label}, {choice.variant} {choice.scheme}"]
    words += [f"{name} {x:g}" for name, x in choice.changes.items()]
    if choice.current_is_made_by_hand:
        by_hand = choice.by_hand
        words.append(f"I {by_hand.before:g} to {by_hand.after:g} at {by_hand.change_at:g} ms")
    if choice.synapse is not None:
        words.append("synapse")
    return ", ".join(words)


def _report(recording: Recording, runaway: RunawayError | None) -> str:
    """What was run and what came of it, in a line."""
    if runaway is not None:
        return f"{_what(recording)}: {runaway}"
    n = len(recording.spikes)
    counted = f"{n} spike{'' if n == 1 else 's'}"
    if n:
        counted += f", {recording.mean_rate:.1f} Hz"
    if n > 1:
        first, last = recording.intervals[[0, -1]]
        counted += f", first interval {first:.2f} ms, last {last:.2f} ms"
    return f"{_what(recording)} | {counted}"


def _parts(model: str) -> tuple[str, str]:
    """Publication and variant of a model's name."""
    if model not in models():
        raise ParameterError(f"unknown model {model!r}: it is one of {', '.join(models())}")
    paper, variant, _ = model.rsplit(" ", 2)
    return paper, variant


def _with_type(choice: Choice, entry: CellType) -> Choice:
    """Another cell type with its own parameters and times."""
    return choice.but(cell_type=entry, changes={}, tstop=entry.tstop, fixed_dt=entry.dt)


_NAMES = {"tstop": "tstop", "dt": "dt", "before": "I0", "after": "I1", "change_at": "T1"}
