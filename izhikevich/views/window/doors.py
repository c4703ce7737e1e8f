"""The names by which scripts drive the program: what the door `izh` offers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from izhikevich.catalog import CATALOG, CellType
from izhikevich.choice import VARIANTS, Synapse
from izhikevich.recording import Recording
from izhikevich.session import Session, model_name


def table(paper: str) -> dict[str, tuple]:
    """The cell types of a paper as plain tuples by key, as scripts have used them.

    The second reading of the book's TC, with a vu that these tuples have no place for, is not
    among them.

    Returns
    -------
    dict
        2003 and 2004: (a, b, c, d, v0, tstop). 2007: (C, k, vr, vt, vpeak, a, b, c, d,
        celltype), C in units of 100 pF.
    """
    return {key: _as_tuple(each) for key, each in CATALOG[paper].items() if not _has_its_own(each)}


def _has_its_own(entry: CellType) -> bool:
    """Whether a type says of a parameter what otherwise follows another one."""
    return any(entry.model.parameter(name).follows for name in entry.parameters)


def _as_tuple(entry: CellType) -> tuple:
    """What a type has to say of its model, and its figure's start and duration if it has them."""
    names = [parameter.name for parameter in entry.model.parameters if parameter.required]
    own = tuple(entry.parameters[name] for name in names)
    return own if entry.v0 is None else (*own, entry.v0, entry.tstop)


class ModelOfProgram(NamedTuple):
    """A model of the program.

    Attributes
    ----------
    make : callable
        Makes a cell: an `IzhiCell` or an `Izhi2003Cell`.
    voltage : callable
        Pointer to the voltage (mV) of the cell that is given.
    types : dict
        Its cell types: see `table`.
    """

    make: Callable[[], Any]
    voltage: Callable[[Any], Any]
    types: dict[str, tuple]


def choices() -> dict[str, ModelOfProgram]:
    """The models by name, such as "2004 PP model"."""
    return {
        model_name(paper, variant): _choice(paper, variant)
        for paper in CATALOG
        for variant in VARIANTS
    }


def _choice(paper: str, variant: str) -> ModelOfProgram:
    from izhikevich.engine.cells import Izhi2003Cell, IzhiCell, cell_of

    host = "dummy" if variant == "PP" else None
    first = next(iter(CATALOG[paper].values()))

    def make() -> IzhiCell | Izhi2003Cell:
        return cell_of(first, host)

    return ModelOfProgram(make, lambda cell: cell.vref, table(paper))


class Program:
    """One session and, once it is asked for, the window on it."""

    def __init__(self) -> None:
        self.session = Session()
        self._window: Any = None

    def window(self) -> Any:
        """The window, opened if it is not open."""
        if self._window is None or not self._window.is_open:
            from izhikevich.views.window.panels import Window

            self._window = Window(self.session)
        self._window.follow_catalogue()
        return self._window

    def show(self, model: str | None = None, key: str | None = None) -> Recording:
        """Choose and run; drawn where the window is open."""
        if self._window is not None and self._window.is_open:
            self._window.choose(model, key)
        else:
            if model is not None:
                self.session.choose_model(model)
            if key is not None:
                self.session.choose_type(key)
            self.session.run()
        assert self.session.recording is not None
        return self.session.recording

    def drive(self, synapse: Synapse) -> Recording:
        """Let a synapse drive the cell from now on, and run."""
        self.session.synapse = synapse
        return self.show()


@functools.cache
def program() -> Program:
    """The program of this process."""
    return Program()


# --- what scripts and the prompt call ---


def chwin() -> None:
    """Open the window."""
    program().window()


def winup(model: str = "2004 PP model") -> None:
    """Open the window on a model, such as "2007 Sec model".

    Raises
    ------
    ParameterError
        If there is no such model.
    """
    program().window().choose(model)


def p(name: str) -> Recording:
    """Run a cell type of the chosen model, such as "tonic spiking", and draw it.

    Raises
    ------
    UnknownCellTypeError
        If the model has no such type; the message lists the near ones.
    """
    return program().show(key=name)


def synon() -> Recording:
    """Drive the cell by ten spikes: from 10 ms, every 10 ms, weight 2, taug 3 ms."""
    return program().drive(Synapse())


def izhstim() -> Recording:
    """Drive the cell by one weak spike at 1 ms, erev -5 mV; best seen with "Class 1"."""
    return program().drive(Synapse(start=1, number=1, delay=2, weight=0.1, tau=1, erev=-5))


def names() -> dict[str, Any]:
    """Every name of the door `izh`, for a prompt that is not its own."""
    tables = {f"type{paper}": table(paper) for paper in ("2003", "2004")}
    calls = {call.__name__: call for call in (chwin, izhstim, p, synon, winup)}
    return {"choices": choices(), **tables, **calls}
