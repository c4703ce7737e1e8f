"""The pages that are made from the program: the gallery has every type, the numbers are current."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest
from conftest import ROOT

from izhikevich.catalog import CATALOG

sys.path.insert(0, str(ROOT / "docs"))

import make_fidelity
import make_gallery

# what the equations on the page say holds where a type names no other
USUAL = {"e": 0.04, "f": 5.0, "g": 140.0, "vu": 0.0, "uleak": 1.0, "thresh": 30.0}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


@pytest.mark.parametrize("paper", CATALOG)
def test_the_gallery_has_a_section_for_every_type(paper):
    _, *sections = make_gallery.page(paper).split("\n## ")
    assert len(sections) == len(CATALOG[paper])
    for section, entry in zip(sections, CATALOG[paper].values(), strict=True):
        title = section.partition("\n")[0]
        assert entry.label in title
        assert f"]({make_gallery.picture(entry)})" in section
        assert f'$ izh run "{entry.key}" --paper {paper}' in section
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines()
            if line.startswith("|")
        ]
        shown = dict(zip(rows[0][1:], map(float, rows[2][1:]), strict=True))
        for name, value in entry.parameters.items():
            assert shown.get(name, USUAL.get(name)) == pytest.approx(value, rel=1e-5)
        counts = [row[1:] for row in rows[5:]]
        expected = zip(entry.spikes_published, entry.spikes_exact, strict=True)
        assert counts == [[str(a), "runs away" if b is None else str(b)] for a, b in expected]


def test_pictures_have_names_of_their_own():
    names = [make_gallery.picture(entry) for types in CATALOG.values() for entry in types.values()]
    assert len(set(names)) == len(names) == 39


def test_a_current_is_told_in_the_order_of_time():
    current = CATALOG["2004"]["spike latency"].default_current
    assert make_gallery.current_in_words(current) == "0; 7.04 from 10 ms; 0 from 13 ms"
    ramps = CATALOG["2004"]["accomodation"].default_current
    assert make_gallery.current_in_words(ramps) == (
        "0; a ramp from 0 to 8 from 0 to 200 ms; a ramp from 0 to 4 from 300 to 312.5 ms"
    )


def test_the_gallery_writes_pages_and_pictures(tmp_path, monkeypatch):
    few = {
        "2003": {"resonator (RZ)": CATALOG["2003"]["resonator (RZ)"]},
        "2007": {"FS": CATALOG["2007"]["FS"]},
    }
    monkeypatch.setattr(make_gallery, "CATALOG", few)
    make_gallery.write(tmp_path / "made")
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == ["2003-resonator--rz.svg", "2003.md", "2007-fs.svg", "2007.md"]
    for name, text in (("2003-resonator--rz.svg", "resonator (RZ)"), ("2007-fs.svg", "73.2 pA")):
        root = ElementTree.parse(tmp_path / "made" / name).getroot()
        assert any(text in "".join(each.itertext()) for each in root.iter() if each.text)


def test_the_numbers_of_the_fidelity_page_are_those_of_now():
    page = make_fidelity.PAGE.read_text(encoding="utf-8")
    now = make_fidelity.text()
    again = "run `python docs/make_fidelity.py` again"
    assert NUMBER.sub("#", page) == NUMBER.sub("#", now), again
    # another processor may round the last digit otherwise
    written = [float(x) for x in NUMBER.findall(page)]
    assert written == pytest.approx([float(x) for x in NUMBER.findall(now)], abs=0.0021), again
    assert "28/28 of 2003/2004" in page
