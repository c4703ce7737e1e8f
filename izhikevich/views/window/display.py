"""Whether there is a display to open a window on."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import sys
from pathlib import Path
from typing import Any

NO_DISPLAY = (
    "izh: there is no display to open the window on ({reason}); on a remote machine log in with "
    "'ssh -X', or use what needs none: 'izh web' (a page in the browser), 'izh run', 'izh figures'"
)


@functools.cache  # one look is one connection: enough for a start
def require_display() -> None:
    """End with one clear line and status 1 where there is no display.

    Raises
    ------
    SystemExit
        If there is none.
    """
    reason = _why_there_is_no_display()
    if reason:
        print(NO_DISPLAY.format(reason=reason), file=sys.stderr)
        raise SystemExit(1)


def _why_there_is_no_display() -> str:
    """What is wrong with the display; empty if nothing is."""
    if sys.platform == "win32":
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "DISPLAY is not set"
    host, _, number = display.rpartition(":")
    number = number.split(".")[0]
    if host.startswith("/"):  # XQuartz gives the path of a socket
        return "" if Path(host).parent.exists() else f"DISPLAY={display} does not answer"
    try:
        if host in ("", "unix"):
            _connect(socket.AF_UNIX, f"/tmp/.X11-unix/X{number}")
        else:
            _connect(socket.AF_INET, (host, 6000 + int(number)))
    except (OSError, ValueError):
        return f"DISPLAY={display} does not answer"
    return ""


def _connect(family: int, address: Any) -> None:
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as connection:
        connection.settimeout(5)
        connection.connect(address)
