"""The page in JupyterLab, with a real kernel and a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect
from web_client import wait_until

from izhikevich.engine.simulation import simulate

NOTEBOOK = """{
 "cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {}, "outputs": [],
            "source": "import izhikevich\\npage = izhikevich.explorer()\\npage"},
           {"cell_type": "code", "execution_count": null, "id": "b", "metadata": {}, "outputs": [],
            "source": "'seen: %r' % page.exploration.session.changes"}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 5
}"""


@pytest.fixture
def jupyter(tmp_path):
    """The address of a notebook in a running JupyterLab that keeps nothing outside `tmp_path`."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "page.ipynb").write_text(NOTEBOOK)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        **{f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    log = tmp_path / "log"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    options += ["--IdentityProvider.token=abc", f"--ServerApp.root_dir={tmp_path / 'notebooks'}"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        pattern = re.compile(r"http://127\.0\.0\.1:\d+/lab")
        wait_until(lambda: process.poll() is not None or pattern.search(log.read_text()), 60)
        found = pattern.search(log.read_text())
        assert found, log.read_text()
        yield f"{found.group()}/tree/page.ipynb?token=abc"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _run_cell(cell: Locator) -> None:
    """Run a cell; JupyterLab takes no key before the kernel is there."""
    prompt = cell.locator(".jp-InputPrompt")

    def run_it() -> bool:
        # who runs a cell too early is asked which kernel it should be: the notebook's own
        accept = cell.page.locator(".jp-Dialog button.jp-mod-accept")
        if accept.count():
            accept.first.click()
        if prompt.inner_text().strip() in ("", "[ ]:"):
            cell.locator(".cm-content").click()
            cell.page.keyboard.press("Shift+Enter")
            cell.page.wait_for_timeout(500)
        return "[" in prompt.inner_text() and prompt.inner_text().strip() != "[ ]:"

    wait_until(run_it, 60)


def test_the_page_in_jupyterlab(browser, jupyter, tmp_path):
    """With a real kernel: a slider moves the plots, and the kernel knows of it."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url))
    page.goto(jupyter)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(2, timeout=60000)
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Idle", timeout=60000)
    _run_cell(cells.first)
    page.locator(".page[data-answered]").wait_for(timeout=60000)
    page.locator("input[type=range][data-name=d]").evaluate(
        """(slider) => { slider.value = 3.5; slider.dispatchEvent(new Event("input")); }"""
    )
    expect(page.locator(".status")).to_contain_text("changed: d 3.5", timeout=15000)
    recording = simulate("2004", "tonic spiking", parameters={"d": 3.5})
    expect(page.locator(".status")).to_contain_text(f"| {len(recording.spikes)} spikes")
    shown = """() => {
        const sources = Bokeh.documents.map((each) => each.get_model_by_name("run0"));
        return Array.from(sources.find((source) => source !== null).data.v);
    }"""
    assert page.evaluate(shown) == np.float32(recording.v).tolist()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    recording.to_csv(tmp_path / "expected.csv")
    assert Path(waiting.value.path()).read_text() == (tmp_path / "expected.csv").read_text()
    _run_cell(cells.nth(1))
    expect(cells.nth(1)).to_contain_text("seen: {'d': 3.5}", timeout=15000)
    host = urllib.parse.urlsplit(jupyter).netloc
    parts = [urllib.parse.urlsplit(url) for url in elsewhere]
    assert {p.netloc for p in parts if p.scheme not in ("data", "blob")} == {host}
    page.close()
