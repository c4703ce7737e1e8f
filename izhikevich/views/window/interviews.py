"""What NEURON's InterViews windows need beyond its own interface: events that end nothing.

NEURON evaluates what is typed into a field as hoc, whatever kind of field it is; there is none
that hands its text over. Two things that a person may type then end the process:

* A call of an unknown function, such as ``foo()``, where `h.doNotify` serves the events. The error
  is caught, but the frame of the failed call stays on hoc's stack, and `doNotify` returns into it.
  So the events are served here by the C function behind `doNotify`, which leaves no frame.
* ``quit()``, however events are served. hoc lets nobody redeclare it, so it has another name while
  events are served, which cannot be typed.

Both hold in NEURON 9.0, and tests/test_interviews.py fails where they no longer do. A NEURON
without these C functions is served by `h.doNotify`.

What was tried instead: `h.TextEditor` hands its text over, but has lines where a field has one, no
frame, and no steppers; `h.string_dialog` lets nobody press STOP.
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

# single_event_run() and hoc_notify_value(), the two halves of doNotify
_HANDLE_EVENTS = "_Z16single_event_runv"
_SHOW_VALUES = "_Z16hoc_notify_valuev"
# of NEURON's C interface, neuronapi.h
_SYMBOL, _NAME = "nrn_symbol", "nrn_symbol_name"


@functools.cache
def _library() -> ctypes.CDLL | None:
    """The NEURON of this process, as C sees it."""
    folder = Path(neuron.__file__).parent / ".data" / "lib"
    for path in sorted(folder.glob("libnrniv.*")):
        library = ctypes.CDLL(str(path))
        if all(hasattr(library, name) for name in (_HANDLE_EVENTS, _SHOW_VALUES, _SYMBOL, _NAME)):
            library.nrn_symbol.restype = library.nrn_symbol_name.restype = ctypes.c_void_p
            library.nrn_symbol.argtypes = [ctypes.c_char_p]
            library.nrn_symbol_name.argtypes = [ctypes.c_void_p]
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
    hidden = _rename_quit()
    try:
        yield
    finally:
        # hoc has made a symbol of what was typed, which would come first from then on
        _rename_quit()
        if hidden is not None:
            ctypes.memmove(hidden, b"quit", 4)


def _rename_quit() -> int | None:
    """Give what hoc knows as ``quit`` a name that cannot be typed; the name's address, if any."""
    library = _library()
    symbol = library.nrn_symbol(b"quit") if library is not None else None
    if library is None or not symbol:
        return None
    name = library.nrn_symbol_name(symbol)
    ctypes.memmove(name, b"\x01uit", 4)
    return name
