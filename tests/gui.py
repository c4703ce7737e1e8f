"""A display of the tests' own, the window in a process of its own, and a hand with mouse and keys.

InterViews does not tell where it puts its widgets, so they are found on a screenshot.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import pty
import queue
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from izhikevich.catalog import CATALOG, papers, types_of
from izhikevich.choice import SCHEMES, VARIANTS, all_parameters

ROOT = Path(__file__).resolve().parent.parent

# The first start may build the mechanisms.
START_TIMEOUT = 120.0
TIMEOUT = 20.0

# The colours of NEURON's widgets.
BUTTON = (169, 169, 169)
PAPER = (254, 254, 254)


def require(*programs: str) -> None:
    """Skip where a program is missing; a CI machine must have them all."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        reason = (
            f"the window's tests need {', '.join(missing)} (Debian: xvfb, xdotool, imagemagick)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def wait_until(holds: Callable[[], Any], what: str, timeout: float = TIMEOUT) -> Any:
    """Wait for `holds()` to be true, and return it."""
    end = time.monotonic() + timeout
    while not (value := holds()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:g} s in vain for {what}")
        time.sleep(0.01)
    return value


class Display:
    """A virtual display, with the mouse and the keys of a person before it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to open a window here."""
        # without graphics is how the tests themselves run
        return {**_without(os.environ, "NEURON_MODULE_OPTIONS"), "DISPLAY": self.name}

    def _command(self, *words: str) -> bytes:
        return subprocess.run(
            words, env=self.environment, check=True, stdout=subprocess.PIPE, timeout=TIMEOUT
        ).stdout

    def screenshot(self) -> np.ndarray:
        """What is to be seen, shape (height, width, 3)."""
        png = self._command("import", "-window", "root", "png:-")
        return np.array(Image.open(io.BytesIO(png)).convert("RGB"))

    def click(self, x: float, y: float, times: int = 1) -> None:
        """Press and release the left button of the mouse."""
        place = ["mousemove", str(round(x)), str(round(y))]
        self._command("xdotool", *place, *["click", "1"] * times)

    def leaves(self) -> None:
        """Move the mouse into a corner, away from any widget."""
        self._command("xdotool", "mousemove", "0", "10000")

    def press(self, *keys: str) -> None:
        """Press and release keys, such as "Return" or "ctrl+u"."""
        self._command("xdotool", "key", *keys)

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        self._command("xdotool", "type", "--", text)

    def windows(self) -> list[str]:
        """Titles of the windows that are on the screen."""
        search = ["xdotool", "search", "--onlyvisible", "--name", "."]
        found = subprocess.run(search, env=self.environment, capture_output=True, text=True)
        titles = []
        for number in found.stdout.split():
            with contextlib.suppress(subprocess.CalledProcessError):  # gone by now
                titles.append(self._command("xdotool", "getwindowname", number).decode().strip())
        return titles


def _without(environment: Any, name: str) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key != name}


@contextlib.contextmanager
def display(size: str = "1280x800") -> Iterator[Display]:
    """A virtual display that is there for a while."""
    require("Xvfb", "xdotool", "import")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24"]
    process = subprocess.Popen(
        # without -noreset a server starts anew, and cuts off whoever comes just then, when its last
        # client leaves
        [*command, "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as number:
            yield Display(f":{int(number.readline())}")
    finally:
        process.terminate()
        process.wait()


class Driver:
    """The process of the window, which can be asked."""

    def __init__(self, screen: Display, before: str = "") -> None:
        self.screen = screen
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "window_driver.py"), before],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=screen.environment,
            start_new_session=True,
        )
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.ask("1", START_TIMEOUT)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line)

    def ask(self, question: str, timeout: float = TIMEOUT) -> Any:
        """Value of an expression in the driver's process, or None where it is a statement."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        try:
            answer = json.loads(self._answers.get(timeout=timeout))
        except queue.Empty:
            state = self.process.poll()
            raise AssertionError(f"no answer to {question!r}; the process: {state}") from None
        if "error" in answer:
            raise AssertionError(f"{question!r} raised\n{answer['error']}")
        return answer["answer"]

    def until(self, question: str, timeout: float = TIMEOUT) -> Any:
        """Wait until an expression is true, and return its value."""
        return wait_until(lambda: self.ask(question), question, timeout)

    def curves(self, plot: str) -> list[tuple[np.ndarray, np.ndarray]]:
        """The lines on the graph "v", "i" or "plane" as x and y, oldest first."""
        return [(np.array(x), np.array(y)) for x, y in self.ask(f"curves({plot!r})")]

    def remains(self) -> list[int]:
        """The processes that it has started, itself included, that are still there."""
        return processes_of(self.process.pid)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()


def processes_of(session: int) -> list[int]:
    """Numbers of the processes of a session (in the sense of Unix); zombies do not count."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone by now
            state, _, _, number = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(number) == session and state != "Z":
                found.append(int(folder.name))
    return found


@contextlib.contextmanager
def driver(screen: Display, before: str = "") -> Iterator[Driver]:
    """The window on a display, in a process of its own, which first executes `before`."""
    running = Driver(screen, before)
    try:
        yield running
    finally:
        running.end()


# --- where the widgets are -----------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A rectangle on the screen, in pixels; right and bottom are not part of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """The point to click on."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def boxes(picture: np.ndarray, colour: tuple[int, int, int]) -> list[Box]:
    """Connected areas of one colour as tall as a widget, from top to bottom and left to right."""
    labels, _ = ndimage.label((picture == colour).all(axis=2))
    found = [Box(x.start, y.start, x.stop, y.stop) for y, x in ndimage.find_objects(labels)]
    return sorted((box for box in found if box.height >= 8), key=lambda box: (box.top, box.left))


def in_rows(found: list[Box]) -> list[list[Box]]:
    """Boxes side by side together, from top to bottom, each row from left to right."""
    rows: list[list[Box]] = []
    for box in sorted(found, key=lambda box: box.top):
        if rows and box.top < rows[-1][0].bottom - box.height / 2:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [sorted(row, key=lambda box: box.left) for row in rows]


class Layout:
    """Where the widgets are on a screenshot of the window on a model of a paper."""

    def __init__(self, picture: np.ndarray, paper: str) -> None:
        self.picture, self.paper = picture, paper
        self._white = boxes(picture, PAPER)
        self._gray = boxes(picture, BUTTON)
        graphs = [box for box in self._white if box.width > 250 and box.height > 80]
        traces = in_rows(graphs)
        assert [len(row) for row in traces] == [2, 1], f"the graphs are {graphs}"
        (self.voltage, self.plane), (self.current,) = traces

    @property
    def close(self) -> tuple[float, float]:
        """On the title bar, which NEURON draws itself where there is no window manager."""
        bar = next(box for box in self._gray if box.bottom <= self.voltage.top)
        return bar.left + 20, (bar.top + bar.bottom) / 2

    @functools.cached_property
    def cell_types(self) -> dict[str, tuple[float, float]]:
        """The buttons of the paper's cell types, by key; of a large paper those of its groups."""
        row = self.fields["before"]
        below = [box for box in self._gray if box.top > row.bottom and box.width > 30]
        inside = [b for b in below if self.current.left <= b.left and b.right <= self.current.right]
        # the catalogue goes along the rows of the figure
        places = [box.middle for row in in_rows(inside) for box in row]
        types = types_of(self.paper)
        groups = dict.fromkeys(entry.group for entry in types.values())
        keys = list(types) if self.paper in CATALOG else [*groups, "previous", "next"]
        assert len(places) == len(keys), (
            f"{len(places)} buttons for the {len(keys)} of {self.paper}"
        )
        return dict(zip(keys, places, strict=True))

    @functools.cached_property
    def fields(self) -> dict[str, Box]:
        """The fields that take numbers, by name."""
        entry = next(iter(types_of(self.paper).values()))
        left = ["tstop", "dt", *all_parameters(entry, {})]
        found = [box for box in self._white if box.right < self.voltage.left and box.width > 40]
        assert len(found) == len(left), f"{len(found)} fields for {left}"
        by_hand = ["before", "after", "change_at"]
        row = [
            box
            for box in self._white
            if box.top >= self.current.bottom
            and self.current.left < box.left
            and box.right < self.current.right
            and box.width > 40
        ]
        assert len(row) == len(by_hand), f"the row of {by_hand} is {row}"
        row = sorted(row, key=lambda box: box.left)
        return dict(zip([*left, *by_hand], [*found, *row], strict=True))

    @functools.cached_property
    def buttons(self) -> dict[str, tuple[float, float]]:
        """RUN, STOP and reset."""
        first_field = self.fields["tstop"].top
        found = [
            box
            for box in self._gray
            if self.voltage.top < box.top
            and box.bottom < first_field
            and box.right < self.voltage.left
            and box.width > 40
        ]
        assert len(found) == 3, f"the row of RUN, STOP and reset is {found}"
        row = sorted(found, key=lambda box: box.left)
        return dict(zip(("RUN", "STOP", "reset"), (box.middle for box in row), strict=True))

    @functools.cached_property
    def check_boxes(self) -> dict[str, tuple[float, float]]:
        """Models, schemes and options by name."""
        bottom = min(y for _, y in self.buttons.values())
        above = [
            box
            for box in self._gray
            if self.voltage.top < box.top
            and box.bottom < bottom
            and box.right < self.voltage.left
            and abs(box.width - box.height) <= 2
        ]
        side = max(box.height for box in above)
        columns = sorted({box.left for box in above})
        assert len(columns) == 2, f"the check boxes are {above}"
        # the check mark cuts up the gray of its box; its middle lies over it
        places = {(box.left, box.top) for box in above}
        red = (self.picture[..., 0] > 150) & (self.picture[..., 1:] < 60).all(axis=2)
        labels, _ = ndimage.label(ndimage.binary_dilation(red, iterations=2))
        for y, x in ndimage.find_objects(labels):
            if y.stop < bottom and x.stop < self.voltage.left:
                column = min(columns, key=lambda left: abs(left - x.start))
                places.add((column, round((y.start + y.stop - side) / 2)))
        names = (*papers(), *VARIANTS, *SCHEMES, "live", "keep", "synapse")
        assert len(places) == len(names), f"{len(places)} check boxes for {names}"
        half = side / 2
        middles = [(left + half, top + half) for left, top in sorted(places)]
        return dict(zip(names, middles, strict=True))

    @functools.cached_property
    def by_hand(self) -> tuple[float, float]:
        """The check box of a current by hand, left of its fields."""
        field = self.fields["before"]
        row = self.picture[round(field.middle[1]), : round(field.left)]
        grey, red = (row == BUTTON).all(axis=1), (row[:, 0] > 150) & (row[:, 1:] < 60).all(axis=1)
        columns = np.flatnonzero(grey | red)
        left = columns[columns > self.current.left - 5][0]
        return float(left) + 6, field.middle[1]

    @functools.cached_property
    def motion(self) -> dict[str, tuple[float, float]]:
        """What is under the phase plane: its buttons, and the box of the flow."""
        under = [
            box
            for box in self._gray
            if box.left >= self.plane.left and box.top > self.plane.bottom and box.height > 8
        ]
        buttons, options = in_rows(under)[:2]
        names = ("slow motion", "pause", "step", "book figure")
        assert len(buttons) == len(names), f"the buttons of slow motion are {buttons}"
        named = zip(names, buttons, strict=True)
        return {name: box.middle for name, box in named} | {"flow": options[0].middle}

    def stepper(self, name: str) -> dict[str, tuple[float, float]]:
        """The two arrows beside a field, which make its number greater and smaller."""
        box = self.fields[name]
        x = box.right + 0.7 * box.height
        return {"up": (x, box.top + box.height / 4), "down": (x, box.bottom - box.height / 4)}


class Person:
    """Someone who looks at the window, clicks and types."""

    def __init__(self, running: Driver) -> None:
        self.driver, self.screen = running, running.screen
        self.ask, self.until, self.curves = running.ask, running.until, running.curves
        self._layouts: dict[str, Layout] = {}

    @property
    def status(self) -> str:
        """What the status line shows."""
        return self.ask("window.layout.fields.status[0]")

    def shown(self, name: str) -> float:
        """The number in a field, or 1 and 0 for a check box."""
        return self.ask(f"shown({name!r})")

    @property
    def layout(self) -> Layout:
        """Where the widgets are; they stay where they are while the paper does."""
        paper = self.ask("session.paper")
        if paper not in self._layouts:
            self.screen.leaves()  # what the mouse is over is drawn otherwise
            self.ask("1")  # which the window answers when it has heard of that
            self._layouts[paper] = Layout(self.screen.screenshot(), paper)
        return self._layouts[paper]

    def forgets(self) -> None:
        """Look anew where the widgets are."""
        self._layouts.clear()

    def starts_with(self, model: str = "2004 PP model", key: str = "tonic spiking") -> None:
        """Bring the window back to its start, without the mouse."""
        self.ask(f"fresh({model!r}, {key!r})")

    def goes_to(self, model: str) -> None:
        """Click on the publication and on the variant of a model, such as "2004 PP model"."""
        for name in model.split()[:2]:
            self.clicks(name)

    def clicks(self, name: str, wait: bool = True) -> None:
        """Click on a cell type, a check box, RUN, STOP, reset or Close."""
        layout = self.layout
        places = {"Close": layout.close, "by hand": layout.by_hand}
        places |= {**layout.buttons, **layout.check_boxes, **layout.motion}
        self.screen.click(*(places | layout.cell_types)[name])
        if wait:
            self.until("not window.is_running")

    def types(self, name: str, text: str) -> None:
        """Type a number into a field."""
        self.screen.click(*self.layout.fields[name].middle)
        self.screen.press("ctrl+u")
        self.screen.type(text)
        self.screen.press("Return")
        self.until("not window.is_running")

    def steps(self, name: str, direction: str) -> None:
        """Click on the arrow "up" or "down" of a field."""
        self.screen.click(*self.layout.stepper(name)[direction])
        self.until("not window.is_running")


class Terminal:
    """A process at a terminal of its own, as a person starts it."""

    def __init__(
        self, command: list[str], environment: dict[str, str], folder: Path = ROOT
    ) -> None:
        self.seen = ""
        self.status: int | None = None
        self.number, self._terminal = pty.fork()
        if self.number == 0:
            try:
                os.chdir(folder)
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)

    def _look(self) -> None:
        """Read what has come, and see whether the process has ended."""
        with contextlib.suppress(OSError):  # closed at the other end
            while select.select([self._terminal], [], [], 0)[0]:
                text = os.read(self._terminal, 65536)
                if not text:
                    break
                self.seen += text.decode(errors="replace")
        if self.status is None:
            number, status = os.waitpid(self.number, os.WNOHANG)
            if number:
                self.status = os.waitstatus_to_exitcode(status)

    def type(self, text: str) -> None:
        """Type text; "\\n" is Return, "\\x03" Ctrl-C and "\\x04" Ctrl-D."""
        os.write(self._terminal, text.encode())

    def until_seen(self, text: str, timeout: float = TIMEOUT) -> None:
        """Wait for text to appear that was not there at the last look; forget what came before."""

        def has_come() -> bool:
            self._look()
            return text in self.seen or self.status is not None

        try:
            wait_until(has_come, f"{text!r} on the terminal", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows {self.seen!r}") from None
        assert text in self.seen, f"ended with {self.status}, having shown {self.seen!r}"
        self.seen = self.seen.partition(text)[2]

    def until_ended(self, timeout: float = TIMEOUT) -> int:
        """Wait for the end of the process, and return its status."""

        def has_ended() -> bool:
            self._look()
            return self.status is not None

        wait_until(has_ended, "the end of the process", timeout)
        assert self.status is not None
        return self.status

    def end(self) -> None:
        """End the process and what it has started, whatever they do."""
        for number in processes_of(self.number):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        if self.status is None:
            os.waitpid(self.number, 0)
        os.close(self._terminal)
