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

    def keeps(self, recordings, with_u: bool = True) -> None:
        """The grey lines are these recordings."""
        shown = self.data("earlier")
        for name in ("t", "v", "u"):
            wanted = [[*getattr(each, name), np.nan] for each in recordings]
            values = np.array(np.concatenate(wanted), dtype=float)
            if name == "u" and not with_u:
                values[:] = np.nan
            assert np.array_equal(shown[name].astype(float), values, equal_nan=True), name

    def shows(self, recording, n: int = 0) -> None:
        """The n-th trace is this recording."""
        shown = self.data(f"run{n}")
        for name in ("t", "v", "u"):
            assert np.array_equal(shown[name], getattr(recording, name)), name
