"""Every figure that there is: the runs that it needs, and how it is drawn from them.

>>> from izhikevich import simulate
>>> from izhikevich.views.figures.plans import FIGURES
>>> from izhikevich.views.figures.saving import save
>>> plan = FIGURES["2004-fig1"]
>>> figure = plan.draw([simulate(**run) for run in plan.runs()])
>>> save(figure, "fig1.pdf")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from izhikevich.catalog import CATALOG, PUBLICATIONS, CellType
from izhikevich.experiments.comparison import FOUR_RUNS
from izhikevich.models import MODELS
from izhikevich.recording import Recording
from izhikevich.views.figures.comparisons import overview_figure
from izhikevich.views.figures.currents import currents_figure, figure_of, without_mode
from izhikevich.views.figures.gallery import gallery_figure
from izhikevich.waveforms import Waveform


@dataclass(frozen=True)
class FigurePlan:
    """A figure, the runs it is drawn from, and how.

    Attributes
    ----------
    name : str
        For the file; a key of `FIGURES`.
    title : str
        For people.
    traces : tuple of (CellType, Waveform)
        What is to be run, in order.
    compares : bool
        Whether each trace is needed in the four ways, PP and Sec, published and exact.
    draw : callable
        Makes the figure from the recordings.
    """

    name: str
    title: str
    traces: tuple[tuple[CellType, Waveform], ...]
    compares: bool
    draw: Callable[[Iterable[Recording]], Figure]

    @property
    def papers(self) -> tuple[str, ...]:
        """Names of the publications that its types are from."""
        return tuple(dict.fromkeys(entry.paper for entry, _ in self.traces))

    def runs(self, variant: str = "PP", scheme: str = "published") -> list[dict[str, Any]]:
        """What to call `izhikevich.simulate` with, run by run.

        Parameters
        ----------
        variant, scheme : str
            For a published figure; a comparison needs them all.
        """
        ways = FOUR_RUNS if self.compares else ((variant, scheme),)
        return [
            dict(
                paper=entry.paper,
                key=entry.key,
                current=current,
                variant=one_variant,
                scheme=one_scheme,
            )
            for entry, current in self.traces
            for one_variant, one_scheme in ways
        ]


def _traces(*entries: CellType) -> tuple[tuple[CellType, Waveform], ...]:
    return tuple((entry, current) for entry in entries for current in entry.currents)


def _file_name(*parts: str) -> str:
    """A name that every file system takes, such as "2007-fig8.12-RS"."""
    return "-".join(re.sub(r"[^\w.]+", "-", part.replace("Fig. ", "fig")) for part in parts)


def _plans() -> Iterator[FigurePlan]:
    """The published figures and the comparisons, all from the catalogue."""
    for paper, publication in PUBLICATIONS.items():
        entries = tuple(publication.types)
        if publication.scale_bar is not None:
            name, title = _file_name(paper, entries[0].figure), publication.citation
            yield FigurePlan(name, title, _traces(*entries), False, gallery_figure)
            continue
        for figure in dict.fromkeys(map(figure_of, entries)):
            shown = [entry for entry in entries if figure_of(entry) == figure]
            first = shown[0]
            name = _file_name(paper, first.figure, first.key)
            title = f"{publication.author} {first.figure}, {without_mode(first)}"
            yield FigurePlan(name, title, _traces(*shown), False, currents_figure)
    for model in MODELS.values():
        of_model = [e for types in CATALOG.values() for e in types.values() if e.model == model]
        papers = dict.fromkeys(entry.paper for entry in of_model)
        name = _file_name(*papers, "comparison")
        title = f"PP and Sec, published and exact: every type of {' and '.join(papers)}"
        yield FigurePlan(name, title, _traces(*of_model), True, overview_figure)


class _Figures(Mapping[str, FigurePlan]):
    """Every plan by name, as the catalogue is now."""

    def __getitem__(self, name: str) -> FigurePlan:
        return {plan.name: plan for plan in _plans()}[name]

    def __iter__(self) -> Iterator[str]:
        return (plan.name for plan in _plans())

    def __len__(self) -> int:
        return len(list(_plans()))


#: Every plan by name.
FIGURES: Mapping[str, FigurePlan] = _Figures()
