"""Comparisons as tables and in words: one row for each pair of runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from izhikevich.experiments.comparison import Comparison
from izhikevich.experiments.current_in_words import current_text
from izhikevich.models import MODELS

HEADINGS = (
    "paper",
    "cell type",
    "current",
    "first",
    "second",
    "spikes of the first",
    "spikes of the second",
    "same spikes",
    "largest difference (ms)",
    "mean difference (ms)",
    "coincidence factor",
    "parted at (ms)",
    "remark",
)


def rows(comparisons: Iterable[Comparison]) -> list[tuple[str, ...]]:
    """The comparisons as text, one row for each pair of runs, in the columns of `HEADINGS`."""
    return [
        (
            comparison.cell_type.paper,
            comparison.cell_type.label,
            current_text(comparison.recording),
            " ".join(difference.first),
            " ".join(difference.second),
            *(_text(count, "d") for count in difference.counts),
            "" if difference.reason else ("yes" if difference.same else "no"),
            _text(difference.largest, ".3f"),
            _text(difference.mean, ".3f"),
            _text(difference.coincidence, ".3f"),
            _text(difference.parted_at, ".2f"),
            difference.reason,
        )
        for comparison in comparisons
        for difference in comparison.differences
    ]


def csv_table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as comma-separated values, headings first."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADINGS, *rows(comparisons)])
    return text.getvalue()


def markdown_table(comparisons: Iterable[Comparison]) -> str:
    """The comparisons as a Markdown table."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    lines = [line(HEADINGS), line(["---"] * len(HEADINGS)), *map(line, rows(comparisons))]
    return "\n".join(lines) + "\n"


def published_equality(comparisons: Sequence[Comparison]) -> str:
    """How many of the published runs have the same spikes in PP and Sec, by model."""
    parts = []
    for model in MODELS.values():
        of_model = [each for each in comparisons if each.cell_type.model == model]
        papers = dict.fromkeys(each.cell_type.paper for each in of_model)
        pairs = [each.difference(("PP", "published"), ("Sec", "published")) for each in of_model]
        if of_model:
            parts.append(f"{sum(d.same for d in pairs)}/{len(of_model)} of {'/'.join(papers)}")
    return f"PP and Sec, published, spike for spike the same: {', '.join(parts)}"


def _text(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
