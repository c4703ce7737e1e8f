"""The window in a process of its own, which answers questions where it serves clicks.

Each line of the standard input is an expression or statements in JSON; each line of the standard
output is the answer. Questions are answered in the middle of a run, too. What is given on the
command line is executed before the window is opened.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from izhikevich.catalog import CATALOG
from izhikevich.session import Session
from izhikevich.views.window import interviews, panels, program
from izhikevich.views.window.layout import field_of

answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # NEURON prints to the standard output

serve = interviews.serve
questions: queue.SimpleQueue[str] = queue.SimpleQueue()
names: dict[str, Any] = {}


def listen() -> None:
    for line in sys.stdin:
        questions.put(json.loads(line))


def answer(question: str) -> Any:
    try:
        return eval(question, names)
    except SyntaxError:
        exec(question, names)


def serve_and_answer() -> None:
    serve()
    while not questions.empty():
        serve()  # what was clicked before the question is handled before it
        try:
            result = {"answer": answer(questions.get())}
        except Exception:
            result = {"error": traceback.format_exc()}
        print(json.dumps(result), file=answers, flush=True)


def curves(plot: str) -> list[tuple[list[float], list[float]]]:
    """The lines drawn on a graph, oldest first.

    The vectors are gone afterwards: while someone holds one, runs take place in a worker.
    """
    from neuron import h

    x, y, number, lines = h.Vector(), h.Vector(), -1, []
    graph = window.layout.plots[plot].graph
    while (number := graph.getline(number, x, y)) >= 0:
        lines.append((x.to_python(), y.to_python()))
    return lines


def fresh(model: str, key: str) -> None:
    """Begin anew, as if the window had just been opened on a cell type."""
    session.__init__(model, key)  # the window keeps its session
    window.layout.fields.live = 0.0
    window.choose()


def shown(name: str) -> float:
    """The number behind a field or a check box."""
    model = session.choice.model
    is_parameter = name in model.names_with_start
    return getattr(window.layout.fields, field_of(model, name) if is_parameter else name)


def resident() -> int:
    """Memory of this process in use, bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


exec(" ".join(sys.argv[1:]))
interviews.serve = serve_and_answer
session = Session()
window = panels.Window(session)
window.choose()
names.update(globals(), CATALOG=CATALOG)
threading.Thread(target=listen, daemon=True).start()
program._serve_until_closed(window)
