"""The program: opens the window and serves it, beside a Python prompt where there is a terminal."""

from __future__ import annotations

import atexit
import code
import contextlib
import gc
import queue
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from izhikevich.views.window.display import require_display

if TYPE_CHECKING:
    from izhikevich.choice import Choice

PROMPT = "The window is open; at this prompt, too: p('tonic bursting'), winup('2007 Sec model')."
# How long the loop rests between two looks for clicks, s.
_REST = 0.01


def start(
    names: Callable[[], dict[str, Any]] | None = None,
    *,
    menu: bool = False,
    choice: Choice | None = None,
) -> None:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    names : callable
        Gives what the Python prompt beside the window knows by name; by default the names of the
        door `izh`.
    menu : bool
        Whether NEURON's own main menu appears, too.
    choice : Choice, optional
        What the window begins with.

    Raises
    ------
    SystemExit
        If there is no display.
    """
    require_display()
    from izhikevich.views.window import doors

    with _no_garbage_looked_for():
        if choice is not None:
            doors.program().session.choice = choice
        window = doors.program().window()
        if menu:
            from neuron import h

            h.load_file("nrngui.hoc")
            h.nrnmainmenu()
        window.choose()
    has_terminal = sys.stdin is not None and sys.stdin.isatty()
    if not _is_in_nrniv():
        if has_terminal:
            _serve_beside_a_prompt(window, (names or doors.names)())
        else:
            _serve_until_closed(window)
    elif has_terminal:
        window.when_closed = _leave_nrniv
        window.tick()
        print(PROMPT)  # nrniv's own prompt follows, and serves the window
    else:
        _serve_until_closed(window)
        _leave_nrniv()


@contextlib.contextmanager
def _no_garbage_looked_for() -> Iterator[None]:
    """What a start imports and makes stays: to look it through again and again only takes time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_in_nrniv() -> bool:
    """Whether this Python runs inside of NEURON's own program."""
    return bool(sys.argv) and Path(sys.argv[0]).name.startswith(("nrniv", "special"))


def _leave_nrniv() -> None:
    from neuron import h

    h.quit()


def _serve_until_closed(window: Any) -> None:
    while window.is_open:
        try:
            window.serve()
            time.sleep(_REST)
        except KeyboardInterrupt:
            window.close()


def _serve_beside_a_prompt(window: Any, names: dict[str, Any]) -> None:
    """Read lines in a thread; run them here, in the one thread that may touch NEURON."""
    _restore_terminal_at_exit()
    console = _Console(names)
    reader = threading.Thread(target=console.read_until_end, daemon=True)
    former = signal.signal(signal.SIGINT, console.interrupt)
    try:
        reader.start()
        while window.is_open and reader.is_alive():
            window.serve()
            console.run_a_line()
    finally:
        signal.signal(signal.SIGINT, former)
    window.close()


class _Console(code.InteractiveConsole):
    """A Python prompt whose lines are run by another thread."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(names)
        self._lines: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running: types.CodeType | None = None
        self._wants_to_leave = self._was_interrupted = False

    def read_until_end(self) -> None:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401 - line editing and history
        self.interact(banner=PROMPT, exitmsg="")

    def runcode(self, code: Any) -> None:
        done = threading.Event()

        def run() -> None:
            self._running = code
            try:
                super(_Console, self).runcode(code)
            except SystemExit:
                self._wants_to_leave = True
            finally:
                self._running = None
                done.set()

        self._lines.put(run)
        done.wait()
        if self._wants_to_leave:
            raise SystemExit

    def run_a_line(self) -> None:
        """Run the line that waits, if one comes soon, here."""
        with contextlib.suppress(queue.Empty):
            self._lines.get(timeout=_REST)()
        if self._was_interrupted:
            self._was_interrupted = False
            print("\n(close the window or press Ctrl-D to end)")

    def interrupt(self, number: int, frame: types.FrameType | None) -> None:
        """Take a Ctrl-C: it ends the line that runs, and nothing else.

        Raised anywhere else it could lose a line between the queue and its run, and the prompt
        would wait for that line for ever.
        """
        while frame is not None:
            if self._running is not None and frame.f_code is self._running:
                raise KeyboardInterrupt
            frame = frame.f_back
        self._was_interrupted = True


def _restore_terminal_at_exit() -> None:
    """Reading a line in a thread may leave the terminal without echo when the window closes."""
    if sys.platform == "win32":
        return
    import termios

    descriptor = sys.stdin.fileno()
    state = termios.tcgetattr(descriptor)
    atexit.register(termios.tcsetattr, descriptor, termios.TCSANOW, state)
