"""What one person explores: a `Session`, seen in one or more variants and schemes at once."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import numpy as np

from izhikevich.catalog import CATALOG
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
_LONGEST_LINK = 2000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class LinkError(ParameterError):
    """A link that does not describe what this page can show."""


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
        if paper not in CATALOG:
            raise ParameterError(
                f"unknown paper {_shortened(paper)!r}: it is one of {', '.join(CATALOG)}"
            )
        self.session.choose_model(f"{paper} {self.session.variant} model")
        self.take_published_current()

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
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise ParameterError(f"{name} must be a number of at most {LARGEST:g}, not {value:g}")
        if name in TIMINGS:
            self.session.set_timing(TIMINGS[name], value)
        else:
            self.session.set_parameter(name, value)

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
            raise ParameterError(f"there is no {_shortened(name)!r} to switch on or off")

    def is_on(self, name: str) -> bool:
        """Whether one of `SWITCHES` is on."""
        session = self.session
        return session.keep if name == "keep" else session.synapse is not None

    def make_current_by_hand(self) -> None:
        """Start a current of one's own from that of the figure."""
        session = self.session
        before, during = session.current_before, session.current_during
        self.set_value("T1", session.waveform.first_change)
        self.set_value("I0", before)
        self.set_value("I1", during)

    def take_published_current(self) -> None:
        """Back to the current of the figure."""
        self.set_value("I0", 0.0)
        self.set_value("I1", 0.0)

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

    # --- links ---

    def link(self) -> str:
        """The query of a link that leads back to what is chosen."""
        session = self.session
        query = {
            "paper": session.paper,
            "type": session.key,
            "variant": self.variant,
            "scheme": self.scheme,
        }
        values = dict(session.changes)
        if session.tstop != session.cell_type.tstop:
            values["tstop"] = session.tstop
        if self.scheme == "fixed":
            values["dt"] = session.dt
        if session.current_is_made_by_hand:
            values |= {name: getattr(session, TIMINGS[name]) for name in ("I0", "I1", "T1")}
        query |= {name: "1" for name in SWITCHES if self.is_on(name)}
        return urlencode(query | {name: repr(float(x)) for name, x in values.items()})


def from_link(query: Mapping[str, Sequence[bytes]]) -> Exploration:
    """Read what `Exploration.link` wrote; everything in it may be hostile.

    Parameters
    ----------
    query : mapping of str to sequence of bytes
        Every value of every name, without its escapes.

    Raises
    ------
    LinkError
        If anything in it cannot be shown; the message says what.
    """
    exploration = Exploration()
    if sum(len(name) + sum(map(len, given)) for name, given in query.items()) > _LONGEST_LINK:
        raise LinkError(f"it is longer than {_LONGEST_LINK} characters")
    texts = {}
    for name, given in query.items():
        if len(given) != 1:
            raise LinkError(f"{_shortened(name)} is given more than once")
        try:
            texts[name] = given[0].decode("utf-8")
        except UnicodeDecodeError as error:
            raise LinkError(f"{_shortened(name)} is no text") from error
    try:
        exploration.choose_paper(texts.pop("paper", exploration.session.paper))
        key = texts.pop("type", None)
        if key is not None:
            exploration.session.choose_type(key)
        exploration.choose_variant(texts.pop("variant", exploration.variant))
        exploration.choose_scheme(texts.pop("scheme", exploration.scheme))
        for name in SWITCHES:
            exploration.switch(name, _on(name, texts.pop(name, "0")))
        for name, text in _in_order(texts):
            exploration.set_value(name, _number(name, text))
        exploration.choices()
    except (ValueError, KeyError) as error:
        raise LinkError(_shortened(str(error), 300)) from error
    return exploration


def _in_order(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Peaks before resets: a reset is checked against the peak that is in force."""
    return sorted(texts.items(), key=lambda item: item[0] not in ("vpeak", "thresh"))


def _on(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise LinkError(f"{name} must be 0 or 1, not {_shortened(text)!r}")
    return text == "1"


def _number(name: str, text: str) -> float:
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise LinkError(f"{_shortened(name)} must be a number, not {_shortened(text)!r}")
    return float(text)


def _shortened(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else text[:longest] + "..."


def _one_of(offered: Mapping[str, tuple[str, ...]], what: str, chosen: str) -> tuple[str, ...]:
    if chosen not in offered:
        raise ParameterError(
            f"{what} is one of {', '.join(offered)}, not {_shortened(repr(chosen))}"
        )
    return offered[chosen]


def _same_trace(one: Recording, other: Recording) -> bool:
    return np.array_equal(one.t, other.t) and np.array_equal(one.v, other.v)
