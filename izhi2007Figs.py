"""The figures of chapter 8 of Izhikevich's book, from the shell or from a cell of your own.

All of them at once, shown where there is a display and otherwise saved in the current folder::

    nrniv -python izhi2007Figs.py        or        python izhi2007Figs.py

One type, with a cell of your own::

    from izhi2007Figs import *
    from izhikevich import IzhiCell

    cell = IzhiCell()                           # a section, whose v is the model's
    recorder(cell, cell.sec(0.5)._ref_v)        # what to record: this cell, this voltage
    test1(cell, "RS", "RS")                     # Fig. 8.12: one panel for each current
    closeFig()

A point process has a voltage of its own::

    cell = IzhiCell(host="dummy")
    recorder(cell, cell.izh._ref_V)
    test1(cell, "TC_burst", "burst")            # Fig. 8.31, after 120 ms at -1200 pA

What to see in the figures: the same two equations with other parameters adapt (RS), burst
(IB, CH), fire fast (FS) or after a rebound (TC_burst, RTN_burst). How the number of spikes
grows with the current, from the bottom panel to the top one, is each type's signature.

`test1` runs *your* cell, with everything that is connected to it, by the published rule at the
step of the figure. That initialises everything in this NEURON; its step, clock, and
variable-step settings are put back afterwards. With ``izhi2007Figs.save = True`` it also writes
a picture, such as RS.png or TC_burstMode.png.

E. M. Izhikevich, Dynamical Systems in Neuroscience, MIT Press 2007, chapter 8.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import Any

from izhikevich import catalog, simulate
from izhikevich.choice import Choice
from izhikevich.engine import simulation
from izhikevich.engine.cells import IzhiCell
from izhikevich.errors import IzhikevichError, ParameterError
from izhikevich.recording import Recording
from izhikevich.views.figures.currents import currents_figure
from izhikevich.views.figures.plans import FIGURES
from izhikevich.views.figures.saving import save as save_figure

__all__ = ["IzhiCell", "closeFig", "plotall", "recorder", "runsim", "save", "test1"]

#: Whether `test1` writes each figure as a picture in the current folder.
save = False


class NotYetError(IzhikevichError, RuntimeError):
    """A call came before the one that it needs; the message names that one."""


@dataclass
class _Desk:
    """What the calls of this door hand on to each other: their signatures leave no other way."""

    cell: Any = None
    label: str = ""
    recordings: list[Recording] = field(default_factory=list)
    figure: Any = None


_desk = _Desk()


def recorder(cell: IzhiCell, vref: Any) -> None:
    """Say which cell the next tests are about.

    Parameters
    ----------
    cell : IzhiCell
    vref : pointer
        The voltage to record: ``cell.sec(0.5)._ref_v`` of a cell in its own section,
        ``cell.izh._ref_V`` of a point process.

    Raises
    ------
    ParameterError
        If `vref` is not the voltage of the model in this cell.
    """
    if vref != cell.vref:
        raise ParameterError(
            "vref must point to the cell's own voltage: cell.sec(0.5)._ref_v where it has a "
            "section of its own, cell.izh._ref_V where it is a point process"
        )
    _desk.cell, _desk.recordings = cell, []


def test1(cell: IzhiCell, name: str, label: str = "") -> Any:
    """Run a cell through the currents of its type's figure and draw them.

    Parameters
    ----------
    cell : IzhiCell
        The one that `recorder` was called with. It becomes a cell of type `name` unless it
        is one already.
    name : str
        RS, IB, CH, LTS, FS, TC, TC_burst, RTN or RTN_burst; TC_vu65 or TC_burst_vu65 in the
        other reading of TC.
    label : str
        For the legend.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UnknownCellTypeError
        If there is no such type; the cell is as it was.
    NotYetError
        If `recorder` was not called with this cell.
    """
    catalog.cell_type("2007", name)
    _recorded(cell.izh)
    if cell.type != name:
        cell.reparam(name)
    _desk.label = label
    return runsim(cell.izh)


# pytest takes every function test* that a test file imports for a test
vars(test1)["__test__"] = False


def runsim(izh: Any) -> Any:
    """Run the recorded cell once for each current of its type's figure, the weakest first.

    Parameters
    ----------
    izh : point process
        ``cell.izh`` of the cell that `recorder` was called with.

    Returns
    -------
    matplotlib.figure.Figure
        What `plotall` draws.
    """
    cell = _recorded(izh)
    entry = catalog.cell_type("2007", cell.type)
    injected_before = izh.Iin
    try:
        _desk.recordings = [_run(cell, amplitude) for amplitude in sorted(entry.amplitudes)]
    finally:
        izh.Iin = injected_before
    return plotall()


def plotall() -> Any:
    """Draw the runs, a panel each, the weakest at the bottom; on the screen if there is one.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    NotYetError
        If nothing was run.
    """
    if not _desk.recordings:
        raise NotYetError("there is nothing to draw yet: call test1(cell, name, label) first")
    on_screen = _figure_on_screen()
    _desk.figure = currents_figure(_desk.recordings, label=_desk.label, figure=on_screen)
    if save:
        key = _desk.recordings[0].key
        save_figure(_desk.figure, f"{key.replace('_burst', '_burstMode')}.png")
    if on_screen is not None:
        from matplotlib import pyplot

        pyplot.show(block=False)
        pyplot.pause(0.001)
    return _desk.figure


def closeFig() -> None:
    """Close the figure of the last test, if there is one."""
    if _desk.figure is not None and "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(_desk.figure)
    _desk.figure = None


def _recorded(izh: Any) -> IzhiCell:
    """The cell that `recorder` was called with, if `izh` is its mechanism."""
    if _desk.cell is None or _desk.cell.izh != izh:
        raise NotYetError("call recorder(cell, vref) with this cell first")
    return _desk.cell


def _run(cell: IzhiCell, amplitude: float) -> Recording:
    """One run of the user's own cell, with the parameters that it has now."""
    entry = cell.cell_type
    choice = Choice(
        entry,
        cell.variant,
        current=entry.driven_by(amplitude),
        changes={name: getattr(cell.izh, name) for name in entry.parameters},
    )
    # simulate() would make a cell of its own
    return simulation.run_on(cell, choice.check())


def _figure_on_screen() -> Any:
    """An empty figure in a window; None where matplotlib can open none."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return None
    try:
        from matplotlib import get_backend, pyplot
        from matplotlib.backends import backend_registry

        _, window_toolkit = backend_registry.resolve_backend(get_backend())
        return None if window_toolkit is None else pyplot.figure()
    except ImportError:
        return None


def main() -> None:
    """Draw the book's figures and show them, or save them where there is no display."""
    saved = []
    types = catalog.CATALOG["2007"].values()
    for plan in FIGURES.values():
        if plan.compares or plan.traces[0][0] not in types:
            continue
        on_screen = _figure_on_screen()
        recordings = [simulate(**run) for run in plan.runs()]
        figure = currents_figure(recordings, figure=on_screen)
        if on_screen is None:
            saved.append(f"{plan.name}.png")
            save_figure(figure, saved[-1])
    if saved:
        print(f"no display: saved {', '.join(saved)} in {os.getcwd()}")
    else:
        from matplotlib import pyplot

        pyplot.show()


if __name__ == "__main__":
    main()
