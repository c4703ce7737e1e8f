"""What one person explores: a `Session`, seen in one or more variants and schemes at once."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence

import numpy as np

from izhikevich.catalog import papers
from izhikevich.choice import Choice, Synapse
from izhikevich.errors import ParameterError
from izhikevich.recording import Recording, RunawayError
from izhikevich.session import Session

# What the page offers for each, and what is run for it.
SHOWN_VARIANTS: Mapping[str, tuple[str, ...]] = {
    "PP": ("PP",),
    "Sec": ("Sec",),
    "both": ("PP", "Sec"),
}
SHOWN_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "published": ("published",),
    "exact": ("exact",),
    "fixed": ("fixed",),
    "both": ("published", "exact"),
}

# The current made by hand and the times, as the page and its links name them.
TIMINGS: Mapping[str, str] = {
    "I0": "before",
    "I1": "after",
    "T1": "change_at",
    "tstop": "tstop",
    "dt": "dt",
}

# What is on or off; in a link, 1 or 0.
SWITCHES = ("keep", "synapse")

# No number of a run needs more; beyond it the phase plane is not computed, either.
LARGEST = 1e9


class Exploration:
    """A session and which of its variants and schemes are shown, one over the other.

    Attributes
    ----------
    session : Session
        The first variant and scheme of those shown.
    variant : str
        A key of `SHOWN_VARIANTS`.
    scheme : str
        A key of `SHOWN_SCHEMES`.
    recordings : list of Recording
        The runs on view, in the order of `choices`.
    """

    def __init__(self) -> None:
        self.session = Session()
        self.variant = "PP"
        self.scheme = "published"
        self.recordings: list[Recording] = []

    def copy(self) -> Exploration:
        """One to try a change on; neither notices what becomes of the other."""
        other = copy.copy(self)
        other.session = copy.copy(self.session)
        return other

    # --- what a person does ---

    def choose_paper(self, paper: str) -> None:
        """Go to another paper, and its first cell type.

        Raises
        ------
        ParameterError
            If there is no such paper.
        """
        if paper not in papers():
            raise ParameterError(
                f"unknown paper {shortened(paper)!r}: it is one of {', '.join(papers())}"
            )
        self.session.choose_model(f"{paper} {self.session.variant} model")
        self.session.take_published_current()

    def choose_variant(self, shown: str) -> None:
        """Show a point process, a section or both.

        Raises
        ------
        ParameterError
            If it is none of them.
        """
        variants = _one_of(SHOWN_VARIANTS, "variant", shown)
        self.session.choose_model(f"{self.session.paper} {variants[0]} model")
        self.variant = shown

    def choose_scheme(self, shown: str) -> None:
        """Show one scheme, or the published and the exact one.

        Raises
        ------
        ParameterError
            If it is none of them.
        """
        self.session.choose_scheme(_one_of(SHOWN_SCHEMES, "scheme", shown)[0])
        self.scheme = shown

    def set_value(self, name: str, value: float) -> None:
        """Change a parameter, v0, u0, or one of `TIMINGS`.

        Raises
        ------
        ParameterError
            If there is no such name or the value cannot be run.
        """
        self.set_values({name: value})

    def set_values(self, values: Mapping[str, float]) -> None:
        """Change several at once: what counts is whether they can be run together.

        Raises
        ------
        ParameterError
            If there is no such name or a value cannot be run.
        """
        for name, value in values.items():
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise ParameterError(
                    f"{shortened(name)} must be a number of at most {LARGEST:g}, not {value:g}"
                )
        session = self.session
        session.set_parameters({n: x for n, x in values.items() if n not in TIMINGS})
        for name in TIMINGS:
            if name in values:
                session.set_timing(TIMINGS[name], values[name])

    def switch(self, name: str, on: bool) -> None:
        """Keep earlier runs on view or not, or drive the cell by a synapse or not.

        Raises
        ------
        ParameterError
            If it is none of `SWITCHES`.
        """
        if name == "keep":
            self.session.keep = on
        elif name == "synapse":
            self.session.synapse = Synapse() if on else None
        else:
            raise ParameterError(f"there is no {shortened(name)!r} to switch on or off")

    def is_on(self, name: str) -> bool:
        """Whether one of `SWITCHES` is on."""
        session = self.session
        return session.keep if name == "keep" else session.synapse is not None

    # --- the runs ---

    def choices(self) -> list[Choice]:
        """What has to be run for what is chosen: every shown variant by every shown scheme.

        Raises
        ------
        ParameterError
            If it cannot be run.
        """
        return self.session.run_choices(SHOWN_VARIANTS[self.variant], SHOWN_SCHEMES[self.scheme])

    def take_over(self, outcomes: Sequence[tuple[Recording, RunawayError | None]]) -> None:
        """Show what came of `choices`; the session tells of the first."""
        shown, self.recordings = self.recordings, [recording for recording, _ in outcomes]
        # what is shown again, or is kept already, needs no second line
        others = [*self.session.earlier, *self.recordings]
        earlier = [run for run in shown if not any(_same_trace(run, other) for other in others)]
        self.session.take_over(*outcomes[0], shown=earlier)
        for recording, runaway in outcomes[1:]:
            if runaway is None:
                n = len(recording.spikes)
                said = f"{n} spike{'' if n == 1 else 's'}"
            else:
                said = str(runaway)
            self.session.status += f" | {recording.variant} {recording.scheme}: {said}"


def shortened(text: str, longest: int = 40) -> str:
    """The text, or its beginning: a message that repeats what it was given stays short."""
    return text if len(text) <= longest else text[:longest] + "..."


def _one_of(offered: Mapping[str, tuple[str, ...]], what: str, chosen: str) -> tuple[str, ...]:
    if chosen not in offered:
        raise ParameterError(
            f"{what} is one of {', '.join(offered)}, not {shortened(repr(chosen))}"
        )
    return offered[chosen]


def _same_trace(one: Recording, other: Recording) -> bool:
    return np.array_equal(one.t, other.t) and np.array_equal(one.v, other.v)
