"""A page in the browser, as a test sees it."""

from __future__ import annotations

import urllib.parse

import numpy as np
from playwright.sync_api import BrowserContext, Locator, Page, expect
from web_client import Server


class View:
    """A page in the browser; no request may leave the server and no script may fail."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server = server
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.page.on("console", self._console)
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: self._request(socket))

    def _console(self, message) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def _request(self, request) -> None:
        where = urllib.parse.urlsplit(request.url)
        if where.scheme in ("data", "blob"):
            return
        if where.netloc != urllib.parse.urlsplit(self.server.address).netloc:
            self.wrong.append(f"a request left the server: {request.url}")

    def close(self) -> None:
        self.page.close()
        assert not self.wrong, self.wrong

    def open(self, query: str = "") -> View:
        self.page.goto(self.server.address + query)
        self.page.locator(".page[data-answered]").wait_for()
        self.settle()
        return self

    def settle(self) -> None:
        expect(self.page.locator(".page")).to_have_attribute("aria-busy", "false", timeout=15000)

    def choose(self, action: str, value: str) -> None:
        """Click on a radio button."""
        self.page.locator(f"input[type=radio][name^='{action}-'][value='{value}']").locator(
            "xpath=.."
        ).click()
        self.settle()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def box(self, name: str) -> Locator:
        return self.page.locator(f"input.number[data-name='{name}']")

    def slider(self, name: str) -> Locator:
        return self.page.locator(f"input[type=range][data-name='{name}']")

    def type(self, name: str, text: str) -> None:
        self.box(name).fill(text)
        self.box(name).press("Enter")
        self.settle()

    def data(self, name: str) -> dict[str, np.ndarray]:
        """What a plot shows: the columns of its source."""
        columns = self.page.evaluate(
            """(name) => Object.fromEntries(
                Object.entries(Bokeh.documents[0].get_model_by_name(name).data)
                .map(([k, x]) => [k, Array.from(x, (y) => Number.isNaN(y) ? null : y)]))""",
            name,
        )
        return {key: np.array(values) for key, values in columns.items()}

    @property
    def status(self) -> str:
        return self.page.locator(".status").inner_text()

    @property
    def problem(self) -> str:
        return self.page.locator(".problem").inner_text()

    def switch(self, name: str) -> None:
        """Click on a check box."""
        self.page.get_by_label(name).click()
        self.settle()

    def columns(self) -> int:
        """How many columns of pixels the plots over time have."""
        return self.page.evaluate(
            """() => {
                const plot = Bokeh.documents[0].get_model_by_name("plot v");
                return Math.ceil(Bokeh.index.get_one(plot).frame.bbox.width * devicePixelRatio);
            }"""
        )

    def keeps(self, recordings) -> None:
        """The grey lines are these recordings."""
        shown = self.data("earlier")
        ends = [n for n, t in enumerate(shown["t"]) if t is None]
        assert len(ends) == len(recordings)
        for recording, first, end in zip(
            recordings, [0, *(n + 1 for n in ends[:-1])], ends, strict=True
        ):
            part = {name: each[first:end].astype(float) for name, each in shown.items()}
            looks_like(part, recording, self.columns())
        assert self.data("earlier numbers")["text"].tolist() == [
            str(n) for n in range(1, len(recordings) + 1)
        ]

    def shows(self, recording, n: int = 0) -> None:
        """The n-th trace is this recording."""
        looks_like(self.data(f"run{n}"), recording, self.columns())


def looks_like(shown: dict[str, np.ndarray], recording, n_columns: int) -> None:
    """What is drawn looks like all samples would: each is one of them, and in each column of
    pixels the lowest and the highest are there, and every spike."""
    whole = {name: getattr(recording, name) for name in ("t", "v", "u")}
    if len(recording.t) <= 2 * n_columns:
        kept = np.arange(len(recording.t))
    else:
        kept = np.searchsorted(recording.t, shown["t"])
        # two samples at one time: before and after a jump
        assert np.array_equal(recording.t[kept], shown["t"])
        for spike in recording.spikes:
            assert np.abs(shown["t"] - spike).min() <= np.diff(recording.t).max()
    single = {name: whole[name].astype(np.float32) for name in ("v", "u")}
    if len(recording.t) <= 2 * n_columns:
        assert np.array_equal(shown["t"], whole["t"])
        for name, each in single.items():
            assert np.array_equal(shown[name], each), name
        return
    edges = np.linspace(recording.t[0], recording.t[-1], n_columns + 1)[1:-1]
    for name, each in single.items():
        assert set(shown[name]) <= set(each), name
        columns = np.searchsorted(edges, whole["t"], side="right")
        columns_shown = np.searchsorted(edges, shown["t"], side="right")
        for sign in (1, -1):
            wanted, found = np.full((2, n_columns + 2), np.inf)
            np.minimum.at(wanted, columns + 1, sign * each)
            np.minimum.at(found, columns_shown + 1, sign * shown[name])
            # the columns of another width of the plot begin elsewhere
            near = np.minimum(found[1:-1], np.minimum(found[:-2], found[2:]))
            assert (near <= wanted[1:-1]).all(), name
