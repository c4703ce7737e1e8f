"""Where the tests find the program and their helpers, and what none of them may leave behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
# NEURON opens the display at import otherwise, and says so where there is none
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

pytest_plugins = ["web_fixtures"]


@pytest.fixture
def striatum():
    """A publication that the package has no file of, in the catalogue for one test."""
    from fourth_publication import FOURTH

    from izhikevich.catalog import registered

    with registered(FOURTH) as publication:
        yield publication
