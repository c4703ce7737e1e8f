"""The files that make up the page in a browser: the package's own, and BokehJS."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from pathlib import Path

from izhikevich.errors import MissingPackageError

_HERE = Path(__file__).resolve().parent

#: The page in the browser, wherever it is: what stands first is used by what follows.
SCRIPTS = (
    "dom.js",
    "plots.js",
    "sliders.js",
    "motion.js",
    "equations.js",
    "lesson.js",
    "explorer.js",
)
STYLES = ("explorer.css", "lesson.css")


def text(*names: str) -> str:
    """The text of some of the package's own files, one after the other."""
    return "".join((_HERE / name).read_text(encoding="utf-8") for name in names)


class Served:
    """A file that the server hands out.

    Parameters
    ----------
    content : bytes
    kind : str
        Its media type.

    Attributes
    ----------
    version : str
        Changes with the content.
    """

    def __init__(self, content: bytes, kind: str) -> None:
        self.content = content
        self.kind = kind
        self.version = hashlib.sha256(content).hexdigest()[:16]
        self.compressed: bytes | None = None

    def compress(self) -> None:
        """Have it smaller from now on, for browsers that are far away."""
        self.compressed = gzip.compress(self.content, 6)


def scripts_and_styles() -> dict[str, Served]:
    """What the page loads, by the last part of its address."""
    script = text(*SCRIPTS, "page.js")
    return {
        "bokeh.min.js": Served(_bokeh_js().read_bytes(), "text/javascript"),
        "page.js": Served(script.encode(), "text/javascript"),
        "explorer.css": Served(text(*STYLES).encode(), "text/css"),
    }


def _bokeh_js() -> Path:
    """BokehJS, found without importing Bokeh, which takes half a second."""
    spec = importlib.util.find_spec("bokeh")
    if spec is None or spec.origin is None:
        raise MissingPackageError("the page needs Bokeh: pip install 'izhikevich[web]'")
    file = Path(spec.origin).parent / "server" / "static" / "js" / "bokeh.min.js"
    if not file.is_file():
        raise MissingPackageError(f"the page needs {file}, which Bokeh has brought until now")
    return file
