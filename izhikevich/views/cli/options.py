"""What several commands are asked in the same words, and what a person types for it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from izhikevich.errors import ParameterError

if TYPE_CHECKING:
    from izhikevich.catalog import CellType
    from izhikevich.waveforms import Waveform


class Paper(click.ParamType):
    """The name of a publication that the catalogue has now, or one of some other words."""

    name = "paper"

    def __init__(self, *others: str, only_with_figures: bool = False) -> None:
        self._others = others
        self._only_with_figures = only_with_figures

    def _choices(self) -> list[str]:
        # which the help of all commands does not need
        from izhikevich.catalog import CATALOG, papers

        return [*(CATALOG if self._only_with_figures else papers()), *self._others]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is neither."""
        return click.Choice(self._choices()).convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What the help shows."""
        return f"[{'|'.join(self._choices())}]"


paper_option = click.option("--paper", type=Paper(), help="Where KEY is looked up; default: all.")
cell_option = click.option(
    "--cell",
    "cell_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A cell of your own in the place of KEY, from a TOML file, or from NeuroML or LEMS (.nml, "
    ".xml), of whose cells KEY is the id of one.",
)
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Change a parameter, or the start v0 or u0. May be repeated.",
)
current_option = click.option(
    "--current",
    metavar="I[,I@T...]",
    help="Injected current in mV/ms (2003, 2004) or pA (2007), and its steps: 0,14@10 is 0 until "
    "10 ms, then 14. Default: the figure's; of several, the strongest.",
)
variant_option = click.option(
    "--variant",
    type=click.Choice(["PP", "Sec"], case_sensitive=False),
    metavar="[PP|Sec]",
    default="PP",
    show_default=True,
    help="A point process with its own voltage, or a section.",
)
#: Of the commands that take no step of a person's own.
scheme_option = click.option(
    "--scheme",
    type=click.Choice(["published", "exact"], case_sensitive=False),
    default="published",
    show_default=True,
    help="The author's rule at his step, or the answer of the equations themselves.",
)
picture_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Write the figure (.png, .svg, .pdf)."
)


def takes_a_cell_type(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument KEY and the options --paper and --cell; it gets the `entry`."""

    @click.argument("key", required=False)
    @paper_option
    @cell_option
    @functools.wraps(function)
    def with_entry(
        key: str | None, paper: str | None, cell_file: Path | None, **others: Any
    ) -> None:
        keys = () if key is None else (key,)
        (entry,) = cell_types(keys, paper, cell_file)
        function(entry=entry, **others)

    return with_entry


def cell_types(keys: Sequence[str], paper: str | None, cell_file: Path | None) -> list[CellType]:
    """The cell types that a person means: by keys, or those of a file.

    Raises
    ------
    click.UsageError
        If neither is given.
    IzhikevichError
        If there is no such type, or the file describes none.
    """
    context = click.get_current_context()
    if cell_file is None:
        if not keys:
            raise click.UsageError("Missing argument 'KEY' or option '--cell'", context)
        return [_published(paper, key) for key in keys]
    if paper is not None:
        raise click.UsageError("--paper says where KEY is looked up; --cell has none", context)
    from izhikevich.exchange import read_cell

    try:
        return [read_cell(cell_file, key) for key in keys or (None,)]
    except OSError as error:
        raise ParameterError(f"cannot read {cell_file}: {error.strerror}") from error


def _published(paper: str | None, key: str) -> CellType:
    """The cell type of a key; without a paper all are searched."""
    from izhikevich.catalog import UnknownCellTypeError, cell_type, papers, types_of

    if paper is not None:
        return cell_type(paper, key)
    for each in papers():
        if key in types_of(each):
            return types_of(each)[key]
    hints = []
    for each in papers():
        try:
            cell_type(each, key)
        except UnknownCellTypeError as error:
            hint = str(error).partition(": ")[2]
            if hint.startswith("did you mean"):
                hints.append(f"in {each} {hint.removeprefix('did you mean ').removesuffix('?')}")
    near = f"did you mean, {'; '.join(hints)}?" if hints else "'izh list' shows them all"
    raise UnknownCellTypeError(f"unknown cell type {key!r}: {near}")


def current_from(text: str | None) -> float | Waveform | None:
    """A current as typed: "14", or "0,14@10,0@50" for steps at 10 and 50 ms.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if text is None:
        return None
    from izhikevich.waveforms import Step, Waveform

    first, *changes = text.split(",")
    try:
        initial = float(first)
        pairs = [each.split("@") for each in changes]
        steps = tuple(Step(float(time), float(amplitude)) for amplitude, time in pairs)
    except ValueError:
        raise ParameterError(
            f"--current {text!r} is neither a number nor steps such as 0,14@10,0@50 "
            "(amplitude@time in ms)"
        ) from None
    try:
        return Waveform(initial, steps) if steps else initial
    except ParameterError as error:
        raise ParameterError(f"--current {text!r}: {error}") from None


def changes_from(settings: Sequence[str]) -> dict[str, float]:
    """The parameters of --set NAME=VALUE.

    Raises
    ------
    ParameterError
        If one is something else.
    """
    changes = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ParameterError(f"--set {setting!r} must be NAME=VALUE, such as a=0.03")
        try:
            changes[name.strip()] = float(value)
        except ValueError:
            raise ParameterError(f"--set {setting!r}: {value!r} is no number") from None
    return changes
