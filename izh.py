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

from izhikevich.views.window.display import require_display

if __name__ == "__main__":
    require_display()  # before anything else is imported: NEURON would complain in its own way

from izhikevich.views.window import doors, program
from izhikevich.views.window.doors import chwin, izhstim, p, synon, winup

__all__ = ["choices", "chwin", "izhstim", "p", "synon", "type2003", "type2004", "winup"]

choices = doors.choices()
type2003 = doors.table("2003")
type2004 = doors.table("2004")

if __name__ == "__main__":
    program.start(lambda: globals(), menu="--menu" in sys.argv)
