"""Where a rest is lost, as the package finds it: what a calculation by hand is judged by."""

from __future__ import annotations

from izhikevich.analysis.bifurcations import Bifurcations
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type


def saddle_node(paper: str, key: str) -> float:
    """Current (mV/ms or pA) at which rest and saddle of a type meet."""
    found = _bifurcations(paper, key).saddle_node
    assert found is not None
    return found.current


def hopf(paper: str, key: str) -> float:
    """Current (mV/ms or pA) at which the rest of a type loses its stability as a focus."""
    found = _bifurcations(paper, key).hopf
    assert found is not None
    return found.current


def _bifurcations(paper: str, key: str) -> Bifurcations:
    return for_cell_type(cell_type(paper, key)).bifurcations()
