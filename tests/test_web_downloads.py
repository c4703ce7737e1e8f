"""What the web page gives to take home; in a real browser."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from izhikevich.engine.simulation import simulate


def test_downloads(view, tmp_path):
    view.open("?paper=2004&type=mixed+mode&d=4.5")
    recording = simulate("2004", "mixed mode", parameters={"d": 4.5})

    with view.page.expect_download() as waiting:
        view.press("CSV")
    assert waiting.value.suggested_filename == "2004_mixed_mode.csv"
    recording.to_csv(tmp_path / "expected.csv")
    assert Path(waiting.value.path()).read_text() == (tmp_path / "expected.csv").read_text()

    import matplotlib.image

    matplotlib.use("Agg")
    with view.page.expect_download() as waiting:
        view.press("PNG")
    picture = matplotlib.image.imread(waiting.value.path(), format="png")
    assert picture.shape[0] > 400 and picture.shape[1] > 700
    assert picture[..., :3].std() > 0.05
    with view.page.expect_download() as waiting:
        view.press("Python")
    names: dict = {}
    exec(compile(Path(waiting.value.path()).read_text(), "script", "exec"), names)
    (again,) = names["recordings"]
    assert np.array_equal(again.v, recording.v) and np.array_equal(again.u, recording.u)


def test_a_large_table_comes_in_parts_and_is_whole(view, tmp_path):
    view.open("?paper=2004&type=mixed+mode&tstop=10000")
    recording = simulate("2004", "mixed mode", tstop=10_000)
    with view.page.expect_download() as waiting:
        view.press("CSV")
    recording.to_csv(tmp_path / "expected.csv")
    text = Path(waiting.value.path()).read_text()
    assert text.count("\n") == 40_002 and text == (tmp_path / "expected.csv").read_text()
    # and so a second time, with nothing left of the first
    with view.page.expect_download() as waiting:
        view.press("CSV")
    assert Path(waiting.value.path()).read_text() == text


def test_downloads_of_several_runs(view):
    view.open("?variant=both&scheme=both&T1=5&I0=1&I1=12&u0=-13&synapse=1")
    with view.page.expect_download() as waiting:
        view.press("CSV")
    lines = Path(waiting.value.path()).read_text().splitlines()
    assert lines[0].startswith("variant,scheme,t (ms),v (mV)")
    assert {tuple(line.split(",")[:2]) for line in lines[1:]} == set(
        itertools.product(("PP", "Sec"), ("published", "exact"))
    )
    with view.page.expect_download() as waiting:
        view.press("Python")
    names: dict = {}
    exec(compile(Path(waiting.value.path()).read_text(), "script", "exec"), names)
    for n, again in enumerate(names["recordings"]):
        view.shows(again, n)
