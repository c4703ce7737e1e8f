"""`izh figures`: the published figures, into a folder."""

from __future__ import annotations

from pathlib import Path

import click

from izhikevich.views.cli.options import Paper, scheme_option
from izhikevich.views.cli.outputs import check_folder
from izhikevich.views.cli.progress import item_bar


@click.command("figures")
@click.argument("which", type=Paper("all", only_with_figures=True), default="all")
@scheme_option
@click.option(
    "--variant",
    type=click.Choice(["PP", "Sec", "both"], case_sensitive=False),
    metavar="[PP|Sec|both]",
    default="both",
    show_default=True,
    help="A point process with its own voltage, or a section.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="Folder for the figures; made if missing.",
)
@click.option(
    "--format",
    "ending",
    type=click.Choice(["png", "svg", "pdf"], case_sensitive=False),
    default="png",
    show_default=True,
    help="Pixels, or lines and text for print.",
)
def command(which: str, scheme: str, variant: str, out: Path, ending: str) -> None:
    """Draw the published figures of a paper, or of all, into a folder.

    2003 Fig. 2, 2004 Fig. 1, the book's figures 8.12 to 8.32; with "all" also two that compare PP
    with Sec and published with exact.

    \b
    Examples:
      izh figures
      izh figures 2004 --scheme exact --variant PP
      izh figures all --out figures --format pdf
    """  # noqa: D301 - click reads the character \b
    from izhikevich.experiments.runaways import simulate_until_runaway
    from izhikevich.views.figures.plans import FIGURES
    from izhikevich.views.figures.saving import save

    if out.exists():
        check_folder(out)
    else:
        out.mkdir(parents=True)
    variants = ("PP", "Sec") if variant.lower() == "both" else (variant,)
    jobs = []
    for plan in FIGURES.values():
        if plan.compares and which == "all":
            jobs.append((plan, plan.name, plan.runs()))
        elif not plan.compares and (which == "all" or which in plan.papers):
            for each in variants:
                jobs.append((plan, f"{plan.name}-{each}-{scheme}", plan.runs(each, scheme)))
    written = []
    with item_bar(jobs, "figures") as bar:
        for plan, name, runs in bar:
            bar.set_postfix_str(name)
            recordings = [simulate_until_runaway(**how) for how in runs]
            path = out / f"{name}.{ending}"
            save(plan.draw(recordings), path)
            written.append(path)
    for path in written:
        click.echo(f"wrote {path}")
