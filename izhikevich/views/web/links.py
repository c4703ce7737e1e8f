"""Links that lead back to what is chosen; who reads one trusts nothing in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

from izhikevich.choice import NOT_BY_HAND
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.views.web.exploration import SWITCHES, TIMINGS, Exploration, shortened

#: Every value of every name of an address, without its escapes.
Query = Mapping[str, Sequence[bytes]]

_LONGEST_LINK = 2000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")


class LinkError(ParameterError):
    """A link that does not describe what this page can show."""


def link_to(exploration: Exploration) -> str:
    """The query of a link that leads back to what is chosen; `from_link` reads it."""
    session = exploration.session
    query = {
        "paper": session.paper,
        "type": session.key,
        "variant": exploration.variant,
        "scheme": exploration.scheme,
    }
    query |= {name: "1" for name in SWITCHES if exploration.is_on(name)}
    values = session.changes
    if session.tstop != session.cell_type.tstop:
        values["tstop"] = session.tstop
    if exploration.scheme == "fixed" or session.dt != session.cell_type.dt:
        values["dt"] = session.dt
    if session.current_is_made_by_hand:
        query["current"] = "hand"
    if session.choice.by_hand != NOT_BY_HAND:
        values |= {name: getattr(session, TIMINGS[name]) for name in ("I0", "I1", "T1")}
    return urlencode(query | {name: repr(float(x)) for name, x in values.items()})


def parts_of(link: str) -> Query:
    """The names and values of a link, as `from_link` reads them."""
    try:
        # a byte that is no character is one of its own, as in an address that a server is asked for
        found = parse_qs(link, keep_blank_values=True, max_num_fields=100, errors="surrogateescape")
    except ValueError as error:
        raise LinkError(f"it has too many parts: {error}") from error
    return {
        name: [text.encode(errors="surrogateescape") for text in texts]
        for name, texts in found.items()
    }


def from_link(query: Query) -> Exploration:
    """Read what `link_to` wrote; everything in it may be hostile.

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
            raise LinkError(f"{shortened(name)} is given more than once")
        try:
            texts[name] = given[0].decode("utf-8")
        except UnicodeDecodeError as error:
            raise LinkError(f"{shortened(name)} is no text") from error
    try:
        exploration.choose_paper(texts.pop("paper", exploration.session.paper))
        key = texts.pop("type", None)
        if key is not None:
            exploration.session.choose_type(key)
        exploration.choose_variant(texts.pop("variant", exploration.variant))
        exploration.choose_scheme(texts.pop("scheme", exploration.scheme))
        for name in SWITCHES:
            exploration.switch(name, _on(name, texts.pop(name, "0")))
        is_by_hand = _is_by_hand(texts.pop("current", ""))
        exploration.set_values({name: _number(name, text) for name, text in texts.items()})
        _set_in_force(exploration, is_by_hand)
        exploration.choices()
    except IzhikevichError as error:
        raise LinkError(shortened(str(error), 300)) from error
    return exploration


def _is_by_hand(text: str) -> bool:
    if text not in ("", "hand"):
        raise LinkError(f"current must be hand, not {shortened(text)!r}")
    return text == "hand"


def _set_in_force(exploration: Exploration, is_by_hand: bool) -> None:
    """A link that says nothing of it is of a former version: zero was not in force there."""
    session = exploration.session
    by_hand = session.choice.by_hand
    in_force = is_by_hand or by_hand.before != 0 or by_hand.after != 0
    session.choice = session.choice.but(by_hand=replace(by_hand, in_force=in_force))


def _on(name: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise LinkError(f"{name} must be 0 or 1, not {shortened(text)!r}")
    return text == "1"


def _number(name: str, text: str) -> float:
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise LinkError(f"{shortened(name)} must be a number, not {shortened(text)!r}")
    return float(text)
