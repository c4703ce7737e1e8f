"""Whatever is typed into a field ends nothing, and why that takes more than `h.doNotify`."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading

import gui
import pytest

# A field, and what it takes. Its process ends by itself when its standard input does.
ONE_FIELD = """
import sys, threading, time
from neuron import h
from izhikevich.views.window import interviews

class Fields:
    number = 6.0

serve = {"ours": interviews.serve, "NEURON's": h.doNotify}[sys.argv[1]]
fields, over = Fields(), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
h.xpanel("one field")
h.xvalue("number", (fields, "number"), 1, lambda: print("took", fields.number, flush=True))
h.xpanel(50, 50)
serve()
print("ready", flush=True)
while not over.is_set():
    serve()
    time.sleep(0.005)
print("ended as it should", flush=True)
"""


@pytest.fixture(scope="module")
def screen():
    with gui.display() as display:
        yield display


class Field:
    """The field of a process, before a person."""

    def __init__(self, screen, served_by):
        self.screen = screen
        self.process = subprocess.Popen(
            [sys.executable, "-c", ONE_FIELD, served_by],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=gui.ROOT,
            env=screen.environment,
        )
        self.said = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.says("ready")
        self.place = gui.wait_until(self._find, "the field").middle

    def _find(self):
        boxes = gui.boxes(self.screen.screenshot(), gui.PAPER)
        return next((box for box in boxes if box.width > 40), None)

    def _listen(self):
        for line in self.process.stdout:
            self.said.put(line.strip())

    def says(self, text):
        """Wait for a line that is `text`; NEURON's own lines are between them."""
        while self.said.get(timeout=gui.START_TIMEOUT) != text:
            pass

    def types(self, text):
        """Click into the field and type."""
        self.screen.click(*self.place)
        self.screen.press("ctrl+u")
        self.screen.type(text)
        self.screen.press("Return")


@contextlib.contextmanager
def field(screen, served_by):
    it = Field(screen, served_by)
    try:
        yield it
    finally:
        it.process.kill()
        it.process.wait()


@pytest.mark.parametrize("text", ["foo()", "quit()", "foo(quit())", "sqrt(-1)", "1/0", '"'])
def test_nothing_that_is_typed_ends_the_process(screen, text):
    with field(screen, "ours") as it:
        for number in ("7", "8"):
            it.types(text)
            it.says("took nan")
            it.types(number)
            it.says(f"took {number}.0")
        it.process.stdin.close()
        it.says("ended as it should")
        assert it.process.wait(gui.TIMEOUT) == 0


# Where one of the two that follow fails, what `izhikevich.views.window.interviews` does with
# NEURON's library has lost its reason: `h.doNotify` can serve the window.


def test_neuron_still_dies_of_an_unknown_function_in_a_field(screen):
    with field(screen, "NEURON's") as it:
        it.types("foo()")
        assert it.process.wait(gui.TIMEOUT) < 0, "by a signal"


def test_neuron_still_ends_by_quit_in_a_field(screen):
    with field(screen, "NEURON's") as it:
        it.types("quit()")
        assert it.process.wait(gui.TIMEOUT) == 0
        while not it.said.empty():
            assert it.said.get() != "ended as it should"


def test_quit_has_its_name_again_afterwards(screen):
    code = """
from neuron import h
from izhikevich.views.window import interviews
with interviews.without_quit():
    assert h("quit()") == 0
    with interviews.without_quit():
        assert h("quit()") == 0
interviews.serve()
h.quit()
raise AssertionError("not reached")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=gui.ROOT, env=screen.environment, timeout=gui.TIMEOUT
    )
    assert done.returncode == 0
