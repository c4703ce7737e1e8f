"""A reply as one binary message, with columns of numbers and files as they lie in memory.

The length of the text (4 bytes, the low one first), the text (JSON, filled up with spaces to a
multiple of 8 bytes), the numbers (8 bytes each). Where a column stood, the text says at which of
the numbers it begins and how many there are: ``{"at": ..., "n": ...}``. A file, and a column in
single precision, stand among them filled up with zeros: ``{"at": ..., "bytes": ...}`` and
``{"at": ..., "n": ..., "single": true}``. `page.js` reads it.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np


def packed(reply: dict[str, Any]) -> bytes:
    """The message for a reply of `izhikevich.views.web.page.Page`."""
    parts: list[bytes] = []
    length = 0

    def place(value: Any) -> Any:
        nonlocal length
        at = length
        if isinstance(value, bytes):
            parts.append(value + bytes(-len(value) % 8))
            placed: dict[str, Any] = {"at": at, "bytes": len(value)}
        elif isinstance(value, np.ndarray) and value.dtype == np.float32:
            content = np.ascontiguousarray(value, dtype="<f4").tobytes()
            parts.append(content + bytes(-len(content) % 8))
            placed = {"at": at, "n": len(value), "single": True}
        elif isinstance(value, np.ndarray):
            parts.append(np.ascontiguousarray(value, dtype="<f8").tobytes())
            placed = {"at": at, "n": len(value)}
        else:
            raise TypeError(f"cannot send a {type(value).__name__}")
        length += len(parts[-1]) // 8
        return placed

    text = json.dumps(reply, default=place, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return b"".join([struct.pack("<I", len(text)), text, *parts])
