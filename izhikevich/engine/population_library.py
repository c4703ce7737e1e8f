"""The library of populations: loaded, and its functions as Python calls them.

The arrays of a population are numpy's, whose addresses are handed over here and nowhere else.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np

from izhikevich.engine import mechanisms
from izhikevich.engine.build import POPULATION, MechanismError, population_library

#: What the functions and the two mod files mean; must be as in mod/population/interface.hpp.
REVISION = 3

_INT, _LONG, _DOUBLE, _POINTER = ctypes.c_int, ctypes.c_int64, ctypes.c_double, ctypes.c_void_p
#: Result and arguments of each function.
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "revision": (_INT,),
    "parameters": (ctypes.c_char_p, _INT),
    "inputs": (ctypes.c_char_p, _INT),
    "new": (_INT, _INT, _LONG, _POINTER, _POINTER, _INT, _INT),
    "delete": (None, _INT),
    "set": (None, _INT, _INT, _POINTER, _INT),
    "begin_at": (None, _INT, _POINTER, _POINTER),
    "noise": (None, _INT, _POINTER, ctypes.c_uint32),
    "place": (_INT, _LONG, *[_POINTER] * 7),
    "arrange": (None, _LONG, *[_POINTER] * 3),
    "connect": (None, _INT, _INT, _INT, _LONG, _POINTER, _POINTER, _POINTER, _LONG, _DOUBLE),
    "connect_plastic": (None, _INT, _INT, *[_POINTER] * 9, _DOUBLE),
    "spikes": (_LONG, _INT, *[_POINTER] * 4),
}


class Library:
    """The functions ``izhikevich_population_*`` by their last names."""

    def __init__(self, process: Any) -> None:
        for name, (result, *arguments) in _SIGNATURES.items():
            function = getattr(process, f"izhikevich_population_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def names(self, what: str, model: int) -> tuple[str, ...]:
        """Names of the "parameters" or "inputs" of a model, in their order."""
        return tuple(getattr(self, what)(model).decode().split())

    def spikes_of(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and cells of the spikes of a population since its initialisation."""
        steps = ctypes.c_int64()
        found = [ctypes.c_void_p() for _ in range(3)]
        n = self.spikes(number, *(ctypes.byref(each) for each in (steps, *found)))
        times = _copy(found[0], steps.value, np.float64)
        ends = _copy(found[1], steps.value, np.int64)
        return np.repeat(times, np.diff(ends, prepend=0)), _copy(found[2], n, np.int32)


def _copy(address: ctypes.c_void_p, n: int, kind: Any) -> np.ndarray:
    if not n:
        return np.empty(0, kind)
    size = n * np.dtype(kind).itemsize
    assert address.value is not None
    return np.frombuffer((ctypes.c_char * size).from_address(address.value), kind).copy()


def aligned(values: Any, n: int) -> np.ndarray:
    """A new array of `n` numbers that begins where vector instructions read fastest."""
    line = 64
    memory = np.empty(8 * n + line, np.uint8)
    start = -memory.ctypes.data % line
    array = memory[start : start + 8 * n].view(np.float64)
    array[:] = values
    return array


def address_of(array: np.ndarray | None) -> int | None:
    """Where the numbers of an array lie; who takes it keeps the array."""
    return None if array is None else array.ctypes.data


@functools.cache
def library() -> Library:
    """Load the library, built where it is missing, and give its functions.

    Raises
    ------
    MechanismError
        If it cannot be built or loaded, or another of the same name is loaded.
    """
    from neuron import h

    mechanisms.load()
    if hasattr(h, POPULATION):
        process = ctypes.CDLL(None)
    else:
        path = population_library()
        if not h.nrn_load_dll(str(path)):
            raise MechanismError(f"NEURON could not load {path}; its reason is above.")
        process = ctypes.CDLL(str(path))
    try:
        functions = Library(process)
    except AttributeError:
        functions = None
    if functions is None or functions.revision() != REVISION:
        raise MechanismError(
            f"This process has a mechanism {POPULATION} that is not this package's. NEURON loads "
            "what is compiled in the working directory: start Python in another one."
        )
    return functions
