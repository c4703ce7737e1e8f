"""A reply as one binary message, with its columns of numbers as they lie in memory.

The length of the text (4 bytes, the low one first), the text (JSON, filled up with spaces to a
multiple of 8 bytes), the numbers (8 bytes each). Where a column stood, the text says at which of
the numbers it begins and how many there are: ``{"at": ..., "n": ...}``. `page.js` reads it.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np


def packed(reply: dict[str, Any]) -> bytes:
    """The message for a reply of `izhikevich.views.web.page.Page`."""
    arrays: list[np.ndarray] = []
    length = 0

    def place(value: Any) -> Any:
        nonlocal length
        if not isinstance(value, np.ndarray):
            raise TypeError(f"cannot send a {type(value).__name__}")
        arrays.append(np.ascontiguousarray(value, dtype="<f8"))
        length += len(value)
        return {"at": length - len(value), "n": len(value)}

    text = json.dumps(reply, default=place, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return b"".join([struct.pack("<I", len(text)), text, *(a.tobytes() for a in arrays)])
