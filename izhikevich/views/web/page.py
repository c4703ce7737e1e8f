"""One person's page: what they do comes in as messages, what they see goes out as replies.

The page in the browser (`explorer.js`) keeps nothing that the server relies on. Each message is
one action; it is tried on a copy of the `Exploration`, and the copy takes the original's place
only when every run of it has come back. So a refused action leaves what was on screen.

How messages travel is the business of `server` and `notebook`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from izhikevich.catalog import papers, publication, types_of
from izhikevich.choice import Choice
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.experiments.comparison import compare_recordings
from izhikevich.experiments.comparison_tables import HEADINGS, rows
from izhikevich.recording import Recording, RunawayError
from izhikevich.script import script
from izhikevich.session import kept_in_words
from izhikevich.views.web import downloads, threads
from izhikevich.views.web.columns import Axes, Columns, columns, labels
from izhikevich.views.web.equations import equations
from izhikevich.views.web.exploration import (
    LARGEST,
    SHOWN_SCHEMES,
    SHOWN_VARIANTS,
    SWITCHES,
    Exploration,
    shortened,
)
from izhikevich.views.web.fields import fields
from izhikevich.views.web.links import LinkError, Query, from_link, link_to, parts_of
from izhikevich.views.web.runs import Runs, TooLongError, outcome
from izhikevich.views.web.shelf import NoRoomError, Shelf
from izhikevich.views.web.thinning import FEWEST_COLUMNS, MOST_COLUMNS, SMALLEST, ZOOMABLE, Sight
from izhikevich.views.web.threads import done_in
from izhikevich.views.web.thumbnails import HEIGHT, WIDTH, Thumbnails

_log = logging.getLogger(__name__)
_COMPARED = ("first", "second", *HEADINGS[5:12], "remark")

Outcome = tuple[Recording, RunawayError | None]


class MessageError(IzhikevichError, ValueError):
    """A message that the page does not send."""


class Page:
    """What one person's page is answered.

    Parameters
    ----------
    runs : Runs
        Where the runs take place.
    thumbnails : Thumbnails
        The pictures of the menu.
    exploration : Exploration, optional
        What is shown first. Default: tonic spiking of 2004.
    notice : str
        What the person should know at the start, such as what is wrong with their link.
    shelf : Shelf, optional
        What all pages hold. Default: one of its own.
    """

    def __init__(
        self,
        runs: Runs,
        thumbnails: Thumbnails,
        exploration: Exploration | None = None,
        notice: str = "",
        shelf: Shelf | None = None,
    ) -> None:
        self.exploration = exploration or Exploration()
        self._runs = runs
        self._shelf = shelf or Shelf()
        self._thumbnails = thumbnails
        self._notice = notice
        self._axes = Axes()
        self._sight = Sight()
        self._number = 0  # of what is on view
        self._is_gone = False
        self._forget_what_was_sent()

    @classmethod
    def of_link(
        cls, runs: Runs, thumbnails: Thumbnails, query: Query, shelf: Shelf | None = None
    ) -> Page:
        """The page that a link leads to; if it leads nowhere, the preset with a word why."""
        try:
            return cls(runs, thumbnails, from_link(query), shelf=shelf)
        except LinkError as error:
            return cls(runs, thumbnails, notice=_instead(error), shelf=shelf)

    def _forget_what_was_sent(self) -> None:
        self._menu_sent: dict[str, Any] | None = None
        self._columns_sent: dict[str, bytes] = {}
        self._axes.forget()

    async def answer(self, message: Any) -> dict[str, Any]:
        """Carry a message out; the reply holds what the page has to show then.

        Parameters
        ----------
        message : object
            ``{"number": ..., "action": ..., "value": ...}`` if it is the page's; whatever else it
            is, the reply says so. Must not be called again before it has returned.

        Returns
        -------
        dict
            What has changed, by kind, with the message's number. Of the plots, each column is a
            list or an array; a file's content is bytes.
        """
        number = message.get("number") if isinstance(message, dict) else None
        reply: dict[str, Any] = {"number": number if isinstance(number, int) else None}
        try:
            reply |= await self._acted_on(message)
        except IzhikevichError as error:
            # the sliders go back to what is on screen
            reply |= self._controls() | {"problem": _sentence(str(error))}
        except Exception as error:  # whatever it is, the person is told
            _log.exception("internal error: a page was not answered as it should have been")
            reply |= self._controls() | {
                "problem": f"internal error ({type(error).__name__}): this should not happen; "
                "the server's log says more"
            }
        if self._notice and "words" in reply:
            reply["problem"] = self._notice
            self._notice = ""
        return reply

    async def _acted_on(self, message: Any) -> dict[str, Any]:
        action, given = _checked(message)
        if action == "pictures":
            return await self._pictures()
        if action == "compare":
            return await self._comparison()
        if action == "look":
            return await done_in(threads.REPLIES, self._looked_at, given)
        if action == "download":
            return {"file": await done_in(threads.DOWNLOADS, self._download, given)}
        if action == "show":
            self._forget_what_was_sent()  # the page has just been opened
        try:
            return await self._shown(*self._changed(action, given))
        except (ParameterError, TooLongError, NoRoomError) as error:
            if action != "show" or self.exploration.recordings:
                raise
            # nothing is on screen that could stay there
            self._notice = _instead(error)
            preset = Exploration()
            return await self._shown(preset, preset.choices())

    def _changed(self, action: str, given: Any) -> tuple[Exploration, list[Choice]]:
        """What an action makes of what is chosen, and what has to be run for it."""
        candidate = self.exploration.copy()
        if action != "show":
            _CHANGES[action](candidate, given)
        candidate.session.plane  # noqa: B018 - refuses what cannot be drawn
        return candidate, candidate.choices()

    async def _shown(self, candidate: Exploration, choices: list[Choice]) -> dict[str, Any]:
        """Run what is chosen, and take it over."""
        async with self._shelf.turn(choices):
            outcomes = await self._outcomes(choices)
            return await done_in(threads.REPLIES, self._told, candidate, outcomes)

    def _told(self, candidate: Exploration, outcomes: list[Outcome]) -> dict[str, Any]:
        candidate.take_over(outcomes)
        self._make_room(candidate)
        drawn = self._drawn(candidate)
        self.exploration = candidate
        self._number += 1
        return drawn | self._controls() | self._words()

    def _make_room(self, candidate: Exploration) -> None:
        """Let earlier runs go that there is no room for, and say so."""
        session = candidate.session
        kept = self._shelf.place(self, candidate.recordings, session.earlier)
        n = len(session.earlier) - len(kept)
        if n:
            session.earlier = kept
            session.status += (
                f" | no room for {n} earlier run{'' if n == 1 else 's'}: "
                "the server's memory is for all who use it"
            )

    async def _outcomes(self, choices: list[Choice]) -> list[Outcome]:
        """Run all; when one cannot be shown, the others need not be run."""
        if self._is_gone:
            raise asyncio.CancelledError
        futures = [self._runs.submit(choice, self) for choice in choices]
        waiting = [asyncio.wrap_future(future) for future in futures]
        for done in asyncio.as_completed(waiting):
            try:
                await done
            except RunawayError:
                pass  # which can be shown
            except BaseException:
                for each in waiting:
                    each.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)
                raise
        return [outcome(future) for future in futures]

    def leave(self) -> None:
        """Forget the runs of a page that is gone."""
        self._is_gone = True
        self._runs.leave(self)
        self._shelf.leave(self)

    async def _pictures(self) -> dict[str, Any]:
        paper = self.exploration.session.paper
        paths = await done_in(threads.PICTURES, self._thumbnails.paths, paper)
        return {"pictures": {"paper": paper, "width": WIDTH, "height": HEIGHT, "paths": paths}}

    async def _comparison(self) -> dict[str, Any]:
        choices = self.exploration.session.comparison_choices()
        async with self._shelf.turn(choices):
            outcomes = await self._outcomes(choices)
            return await done_in(threads.REPLIES, self._compared, outcomes)

    def _compared(self, outcomes: list[Outcome]) -> dict[str, Any]:
        found = rows([compare_recordings(recording for recording, _ in outcomes)])
        columns = [HEADINGS.index(name) for name in _COMPARED]
        return {
            "comparison": {
                "headings": list(_COMPARED),
                "rows": [[row[column] for column in columns] for row in found],
            }
        }

    def _download(self, given: Any) -> dict[str, Any]:
        """A file, or its next part: "csv", "script", or what came with the part before."""
        recordings = self.exploration.recordings
        if not recordings:
            raise MessageError("nothing has been run yet")
        name = f"{recordings[0].paper} {recordings[0].key}".replace(" ", "_")
        what, number, start = _part_of_file(given)
        if what == "csv":
            if number is not None and number != self._number:
                raise MessageError("another run has come on view meanwhile: download again")
            content, end = downloads.table(recordings, start)
            following = None if end is None else {"what": what, "run": self._number, "from": end}
            return {
                "name": f"{name}.csv",
                "type": "text/csv",
                "content": content,
                "following": following,
            }
        if what == "script":
            content = script([recording.choice for recording in recordings]).encode()
            return {
                "name": f"{name}.py",
                "type": "text/x-python",
                "content": content,
                "following": None,
            }
        raise MessageError("there is no such download")

    # --- what is shown ---

    def _drawn(self, exploration: Exploration) -> dict[str, Any]:
        """What has changed in the plots."""
        axes = self._axes.fit(exploration)
        self._sight = self._sight.refitted(axes)
        return {
            "columns": self._new_columns(exploration),
            "axes": axes,
            "labels": labels(exploration),
        }

    def _new_columns(self, exploration: Exploration) -> dict[str, Columns]:
        """What has not been sent before; of what has been, only the digest is remembered."""
        shown = columns(exploration, self._axes, self._sight)
        self._points = shown["fixed points"]
        sent, self._columns_sent = self._columns_sent, {n: _digest(x) for n, x in shown.items()}
        return {n: each for n, each in shown.items() if self._columns_sent[n] != sent.get(n)}

    def _looked_at(self, given: Any) -> dict[str, Any]:
        """What has to be sent for who has another screen, or has zoomed in."""
        self._sight = _sight(given)
        if not self.exploration.recordings:
            return {}
        return {"columns": self._new_columns(self.exploration)}

    def _controls(self) -> dict[str, Any]:
        """What is chosen, for menus and sliders."""
        exploration = self.exploration
        session = exploration.session
        controls: dict[str, Any] = {
            "chosen": {
                "paper": session.paper,
                "type": session.key,
                "variant": exploration.variant,
                "scheme": exploration.scheme,
                "current": "hand" if session.current_is_made_by_hand else "figure",
            },
            "switched": {name: exploration.is_on(name) for name in SWITCHES},
            "fields": fields(exploration),
            "link": link_to(exploration),
        }
        menu = {
            "papers": list(papers()),
            "variants": list(SHOWN_VARIANTS),
            "schemes": list(SHOWN_SCHEMES),
            "citation": publication(session.paper).citation,
            "types": [
                {
                    "key": entry.key,
                    "label": entry.label,
                    "panel": entry.panel,
                    "group": entry.group if entry.is_preferred else f"{entry.group}, further",
                }
                for entry in types_of(session.paper).values()
            ],
        }
        if menu != self._menu_sent:
            self._menu_sent = controls["menu"] = menu
        return controls

    def _words(self) -> dict[str, Any]:
        """What came of the run, in words."""
        session = self.exploration.session
        points = self._points
        unit = session.choice.model.current_unit
        return {
            "words": {
                "status": session.status,
                "equations": equations(self.exploration),
                "explanation": session.explanation(),
                "runs": [f"{r.variant} {r.scheme}" for r in self.exploration.recordings],
                "points": [
                    f"{kind} at v = {v:.4g} mV, u = {u:.4g} {unit}, {when}"
                    for kind, v, u, when in zip(
                        *(points[name] for name in ("kind", "v", "u", "when")), strict=True
                    )
                ],
                "earlier": [kept_in_words(run.choice) for run in session.earlier],
            }
        }


# --- messages ------------------------------------------------------------------------------------


def _checked(message: Any) -> tuple[str, Any]:
    """Action and value of a message."""
    if not isinstance(message, dict) or not set(message) <= {"number", "action", "value"}:
        raise MessageError("the page sent what this program does not understand")
    action = message.get("action")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise MessageError("the page asked for what this program cannot do")
    return action, message.get("value")


def _typed(given: Any, kind: type) -> Any:
    if not isinstance(given, kind):
        raise MessageError(f"the page sent no {kind.__name__}")
    return given


def _set(exploration: Exploration, given: Any) -> None:
    """Change one value: {"name": ..., "value": ...}."""
    if not isinstance(given, Mapping) or set(given) != {"name", "value"}:
        raise MessageError("the page sent no name with a value")
    name, value = given["name"], given["value"]
    if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, int | float):
        raise MessageError("the page sent no name with a number")
    exploration.set_value(name, _as_float(value))


def _start(exploration: Exploration, given: Any) -> None:
    """Start a run somewhere else in the phase plane: {"v0": ..., "u0": ...}."""
    if not isinstance(given, Mapping) or set(given) != {"v0", "u0"}:
        raise MessageError("the page sent no v0 and u0")
    for value in given.values():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise MessageError("the page sent no numbers as v0 and u0")
    exploration.set_values({name: _as_float(value) for name, value in given.items()})


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer of any length
        raise MessageError("the number is too large") from None


def _choose_current(exploration: Exploration, given: Any) -> None:
    if given == "hand":
        exploration.session.make_current_by_hand()
    elif given == "figure":
        exploration.session.take_published_current()
    else:
        raise MessageError("there is no such current")


def _part_of_file(given: Any) -> tuple[str, int | None, int]:
    """Name of a file, number of the run that its first part was of, and where to go on."""
    if not isinstance(given, Mapping):
        return _typed(given, str), None, 0
    if set(given) != {"what", "run", "from"}:
        raise MessageError("the page asked for no part of a file")
    number, start = given["run"], given["from"]
    if any(isinstance(x, bool) or not isinstance(x, int) for x in (number, start)) or start < 0:
        raise MessageError("the page asked for no part of a file")
    return _typed(given["what"], str), number, start


def _sight(given: Any) -> Sight:
    """What a screen shows: {"columns": ..., "t": [start, end], "plane v": ..., "plane u": ...}."""
    if not isinstance(given, Mapping) or not set(given) <= {"columns", "everything", *ZOOMABLE}:
        raise MessageError("the page sent nothing that can be looked at")
    n_columns = given.get("columns")
    if isinstance(n_columns, bool) or not isinstance(n_columns, int):
        raise MessageError("the page sent no number of columns")
    zoomed = {}
    for name in ZOOMABLE:
        if name not in given:
            continue
        ends = _typed(given[name], list)
        if len(ends) != 2 or any(
            isinstance(x, bool) or not isinstance(x, int | float) for x in ends
        ):
            raise MessageError("the page sent no start and end of an axis")
        start, end = map(_as_float, ends)
        if not -LARGEST <= start < end <= LARGEST or end - start < SMALLEST:
            raise MessageError("the page sent an axis of no length")
        zoomed[name] = start, end
    return Sight(
        min(max(n_columns, FEWEST_COLUMNS), MOST_COLUMNS), zoomed, given.get("everything") is True
    )


def _switch(exploration: Exploration, given: Any) -> None:
    """Switch one thing on or off: {"name": ..., "on": ...}."""
    if not isinstance(given, Mapping) or set(given) != {"name", "on"}:
        raise MessageError("the page sent no name of a switch")
    exploration.switch(_typed(given["name"], str), _typed(given["on"], bool))


def _choose(method: Callable[[Exploration, str], None]) -> Callable[[Exploration, Any], None]:
    return lambda exploration, given: method(exploration, _typed(given, str))


def _follow(exploration: Exploration, given: Any) -> None:
    """Go where a link leads, as on the way back in the browser; what is on view may be kept."""
    linked = from_link(parts_of(_typed(given, str)))
    exploration.session.choice = linked.session.choice
    exploration.session.keep = linked.session.keep
    exploration.variant, exploration.scheme = linked.variant, linked.scheme


_CHANGES: Mapping[str, Callable[[Exploration, Any], None]] = {
    "paper": _choose(Exploration.choose_paper),
    "type": _choose(lambda exploration, key: exploration.session.choose_type(key)),
    "variant": _choose(Exploration.choose_variant),
    "scheme": _choose(Exploration.choose_scheme),
    "current": _choose_current,
    "set": _set,
    "start": _start,
    "switch": _switch,
    "link": _follow,
    "reset": lambda exploration, _: exploration.session.reset(),
}
_ACTIONS = frozenset({*_CHANGES, "show", "pictures", "compare", "download", "look"})


def _instead(error: Exception) -> str:
    return _sentence(f"This link cannot be shown, so here is the preset instead: {error}")


def _sentence(text: str) -> str:
    return shortened(" ".join(text.split()), 400)


def _digest(columns: Columns) -> bytes:
    """What two sources have in common only if they hold the same numbers and words."""
    found = hashlib.blake2b(digest_size=16)
    for name, each in columns.items():
        found.update(f"{name} {len(each)} ".encode())
        # the sum makes 0.0 of -0.0
        found.update((each + 0).data if isinstance(each, np.ndarray) else repr(each).encode())
    return found.digest()
