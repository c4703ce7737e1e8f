"""What NEURON's InterViews windows need beyond its own interface.

NEURON evaluates what is typed into a field as hoc. Text that calls an unknown function then
kills a process whose events are served by `h.doNotify` (the error unwinds the interpreter's
stack below the caller), and ``quit()`` ends it. So events are served by NEURON's own C function
here, outside of the hoc interpreter, and the name ``quit`` is unknown to hoc meanwhile. Both were
tried with NEURON 9.0; a NEURON without these functions is served by `h.doNotify`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
from collections.abc import Iterator
from pathlib import Path

import neuron
from neuron import h

_HANDLE_EVENTS = "_Z16single_event_runv"
_SHOW_VALUES = "_Z16hoc_notify_valuev"


@functools.cache
def _library() -> ctypes.CDLL | None:
    """The NEURON of this process, as C sees it."""
    folder = Path(neuron.__file__).parent / ".data" / "lib"
    for path in sorted(folder.glob("libnrniv.*")):
        library = ctypes.CDLL(str(path))
        if all(hasattr(library, name) for name in (_HANDLE_EVENTS, _SHOW_VALUES, "nrn_symbol")):
            library.nrn_symbol.restype = ctypes.c_void_p
            library.nrn_symbol.argtypes = [ctypes.c_char_p]
            return library
    return None


def expect_number() -> None:
    """Let a field whose text is no number become nan.

    NEURON takes the result of its last evaluation otherwise, whatever that was about.
    """
    h.hoc_ac_ = math.nan


def serve() -> None:
    """Show changed values in their fields and handle every mouse and key event that waits."""
    library = _library()
    if library is None:
        expect_number()
        h.doNotify()
    else:
        library[_SHOW_VALUES]()
        expect_number()
        with without_quit():
            library[_HANDLE_EVENTS]()


@contextlib.contextmanager
def without_quit() -> Iterator[None]:
    """Make ``quit`` an unknown name to hoc: typed into a field it must not end the program."""
    name = _name_of_quit()
    if name is None:
        yield
        return
    ctypes.memmove(name, b"\x01uit", 4)  # nothing that can be typed
    try:
        yield
    finally:
        ctypes.memmove(name, b"quit", 4)


def _name_of_quit() -> int | None:
    """Address of the name by which hoc looks ``quit`` up: the first member of its symbol."""
    library = _library()
    symbol = library.nrn_symbol(b"quit") if library is not None else None
    if not symbol:
        return None
    name = ctypes.cast(symbol, ctypes.POINTER(ctypes.c_void_p))[0]
    return name if name and ctypes.string_at(name) == b"quit" else None
