"""Windows of matplotlib's, where there is a display."""

from __future__ import annotations

from typing import Any

from izhikevich.errors import IzhikevichError


def with_a_window(asked_by: str) -> Any:
    """Matplotlib's pyplot, on a backend that opens windows.

    Parameters
    ----------
    asked_by : str
        What asks for a window, for the error.

    Raises
    ------
    IzhikevichError
        If there is no display.
    """
    import matplotlib.backends
    from matplotlib import pyplot

    backends = matplotlib.backends
    interactive = backends.backend_registry.list_builtin(backends.BackendFilter.INTERACTIVE)
    try:
        # an interactive one that is chosen by name is loaded, and misses its display, only now
        pyplot.switch_backend(matplotlib.get_backend())
        has_window = matplotlib.get_backend().lower() in [name.lower() for name in interactive]
    except ImportError:
        has_window = False
    if not has_window:
        raise IzhikevichError(
            f"{asked_by} finds no display to open a window on; use --out picture.png"
        )
    return pyplot
