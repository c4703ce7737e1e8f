"""The gallery: a page for each paper, with a picture of every type, made from the catalogue.

Called by conf.py at each build; the pages go into docs/gallery, which is not kept in git.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from izhikevich import simulate
from izhikevich.analysis.explanations import explain
from izhikevich.catalog import CATALOG, PUBLICATIONS, CellType
from izhikevich.choice import Choice
from izhikevich.views.figures.currents import currents_figure
from izhikevich.views.figures.saving import save
from izhikevich.views.figures.traces import trace
from izhikevich.waveforms import Waveform

# Of each model, with what a reader can leave out because it has its usual value.
EQUATIONS = {
    "quadratic": r"""
$$
v' = e\,v^2 + f\,v + g - u + I, \qquad u' = a\,\bigl(b\,(v - v_u) - u_{leak}\,u\bigr)
$$

with $e = 0.04$, $f = 5$, $g = 140$, $v_u = 0$ and $u_{leak} = 1$ where a type names no other.
When $v$ exceeds 30 mV there is a spike: $v \leftarrow c$ and $u \leftarrow u + d$.
Time is in ms, $v$ in mV, $u$ and $I$ in mV/ms.
""",
    "book": r"""
$$
100\,C\,v' = k\,(v - v_r)(v - v_t) - u + I, \qquad u' = a\,\bigl(U(v) - u\bigr)
$$

When $v$ exceeds $v_{peak}$ there is a spike: $v \leftarrow c$ and $u \leftarrow u + d$.
$U(v) = b\,(v - v_r)$ and this reset hold for RS, IB and CH; the others have their own,
which the parameter `celltype` chooses. Time is in ms, $v$ in mV, $u$ and $I$ in pA, $C$ in 100 pF.
""",
}


def write(folder: Path) -> None:
    """Write the pages and their pictures.

    Parameters
    ----------
    folder : pathlib.Path
        Where; made if missing.
    """
    folder.mkdir(exist_ok=True)
    for paper, entries in CATALOG.items():
        (folder / f"{paper}.md").write_text(page(paper), encoding="utf-8")
        for entry in entries.values():
            runs = [simulate(entry.paper, entry.key, current=each) for each in entry.currents]
            if entry.amplitudes:
                drawn = currents_figure(runs)
            else:
                drawn = trace(runs[0]).get_figure(root=True)
            save(drawn, folder / picture(entry))


def picture(entry: CellType) -> str:
    """Name of the file with the picture of a type."""
    return f"{entry.paper}-{slug(entry.key)}.svg"


def slug(key: str) -> str:
    """A key as part of a file's name or of an address."""
    return "".join(c if c.isalnum() else "-" for c in key.lower()).strip("-")


def page(paper: str) -> str:
    """The page of a paper, in Markdown."""
    entries = CATALOG[paper].values()
    models = dict.fromkeys(entry.model.name for entry in entries)
    parts = [f"# {PUBLICATIONS[paper].citation}", *(EQUATIONS[each].strip() for each in models)]
    parts += [_section(entry) for entry in entries]
    return "\n\n".join(parts) + "\n"


def _section(entry: CellType) -> str:
    title = entry.title if entry.label in entry.title else f"{entry.title}: {entry.label}"
    choice = Choice(entry)
    unit = entry.model.current_unit
    look, why, _, attempt = explain(choice.plane, entry.explanation, *choice.currents)
    command = f'izh run "{entry.key}" --paper {entry.paper} --out trace.png'
    return "\n\n".join(
        [
            f"({entry.paper}-{slug(entry.key)})=\n## {title}",
            f"![Voltage and current of {title}]({picture(entry)})",
            f"{look} {why}",
            attempt,
            *([f"Reading: {entry.reading}."] if entry.reading else []),
            _table(["parameter", *_parameters(entry)], [["value", *_parameters(entry).values()]]),
            _table(
                [f"injected current ({unit})", "spikes, published", "spikes, exact"],
                _traces(entry),
            ),
            f"{entry.figure}, {entry.tstop:g} ms, published step {entry.dt:g} ms. By command:",
            f"```console\n$ {command}\n```",
        ]
    )


def _parameters(entry: CellType) -> dict[str, str]:
    """Parameters that are not the model's usual ones, and the start, as text."""
    usual = {parameter.name: parameter.default for parameter in entry.model.parameters}
    values = {n: x for n, x in entry.parameters.items() if x != usual[n]}
    if entry.v0 is not None:
        values["v0"] = entry.v0
    if entry.u0 is not None:
        values["u0"] = entry.u0
    return {name: f"{value:g}" for name, value in values.items()}


def _traces(entry: CellType) -> Iterable[list[str]]:
    for current, published, exact in zip(
        entry.currents, entry.spikes_published, entry.spikes_exact, strict=True
    ):
        yield [
            current_in_words(current),
            str(published),
            "runs away" if exact is None else str(exact),
        ]


def current_in_words(current: Waveform) -> str:
    """What a current is at the start, and what it becomes when."""
    changes = [(s.time, f"{s.amplitude:g} from {s.time:.4g} ms") for s in current.steps]
    changes += [
        (r.start, f"a ramp from {r.first:g} to {r.last:g} from {r.start:g} to {r.stop:g} ms")
        for r in current.ramps
    ]
    return "; ".join([f"{current.initial:g}", *(words for _, words in sorted(changes))])


def _table(heading: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
