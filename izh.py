"""Izhikevich's neuron, every published cell type at a click.

    nrniv -python izh.py        (or: python izh.py, or the installed command: izh)

opens one window. Click on a cell type: it runs as published. Change a parameter, press RUN and
see what becomes of it. A script can do the same by name:

    import izh
    izh.winup("2004 PP model")          # open the window on a model
    izh.p("tonic spiking")              # run a cell type; returns the Recording
    izh.synon()                         # drive it by ten synaptic events

E. M. Izhikevich, IEEE Trans. Neural Networks 14(6):1569-1572, 2003; 15(5):1063-1070, 2004;
Dynamical Systems in Neuroscience, MIT Press 2007. The names of this door are those of
ModelDB 39948 (W. Lytton, S. Dura-Bernal, C. Kerr).
"""

from __future__ import annotations

import sys

from izhikevich.views.window import program

if __name__ == "__main__":
    program.require_display()  # before NEURON is imported, which would complain in its own way

from izhikevich.engine.simulation import Synapse
from izhikevich.recording import Recording
from izhikevich.views.window import doors

__all__ = ["choices", "chwin", "izhstim", "p", "synon", "type2003", "type2004", "winup"]

choices = doors.choices()
type2003 = doors.table("2003")
type2004 = doors.table("2004")


def chwin() -> None:
    """Open the window."""
    doors.program().window()


def winup(model: str = "2004 PP model") -> None:
    """Open the window on a model, such as "2007 Sec model".

    Raises
    ------
    ValueError
        If there is no such model.
    """
    doors.program().window().choose(model)


def p(name: str) -> Recording:
    """Run a cell type of the chosen model, such as "tonic spiking", and draw it.

    Raises
    ------
    UnknownCellTypeError
        If the model has no such type; the message lists the near ones.
    """
    return doors.program().show(key=name)


def synon() -> Recording:
    """Drive the cell by ten spikes: from 10 ms, every 10 ms, weight 2, taug 3 ms."""
    return doors.program().drive(Synapse())


def izhstim() -> Recording:
    """Drive the cell by one weak spike at 1 ms, erev -5 mV; best seen with "Class 1"."""
    return doors.program().drive(Synapse(start=1, number=1, delay=2, weight=0.1, tau=1, erev=-5))


if __name__ == "__main__":
    program.start(lambda: globals(), menu="--menu" in sys.argv)
