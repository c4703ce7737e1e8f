"""Fixtures of the web page's tests: a server, a browser, a page in it (see web_view.py).

Only what asks for `browser` or `view` needs Debian's chromium. Without it these tests are skipped
and the others run; under CI=true they fail.
"""

from __future__ import annotations

import os
import shutil

import pytest

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # a name of any other computer leads nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from web_client import serving

    with serving(tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not chromium:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("there is no chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def laptop(browser):
    return browser.new_context(viewport=LAPTOP)


@pytest.fixture
def view(server, laptop):
    from web_view import View

    view = View(server, laptop)
    yield view
    view.close()


@pytest.fixture(scope="module")
def without_runs():
    """A server of this process has no workers."""
    from web_site import NoRuns

    from izhikevich.views.web import server

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Runs", NoRuns)
        yield
