"""Settings of Sphinx; `python -m sphinx -W docs build/docs` builds the site."""

import logging
import os
import sys
from pathlib import Path

# NEURON opens the display at import otherwise
os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

project = "izhikevich"
author = "the authors of izhikevich"
copyright = author

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinxcontrib.katex",
    "numpydoc",
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
smartquotes = False  # it would make one dash of the two of an option
exclude_patterns = ["lessons/README.md"]  # lessons.md holds it
# measurements are listed where there are any
logging.getLogger("sphinx.sphinx.directives.other").addFilter(
    lambda record: getattr(record, "subtype", None) != "empty_glob"
)

# MathML is drawn by the browser itself: no style sheet and no fonts from another server
katex_css_path = "katex-math.css"
katex_options = 'output: "mathml"'

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_title = "Izhikevich's neuron"
html_show_copyright = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's sections say them
numpydoc_show_class_members = False


def write_gallery(app):
    """Write the pages of the gallery, before any page is read."""
    import make_gallery

    make_gallery.write(DOCS / "gallery")


def keep_bars(app, what, name, obj, options, lines):
    """Let |x| in a docstring be a number's size, not a substitution of reStructuredText."""
    lines[:] = [line.replace("|", r"\|") for line in lines]


def setup(app):
    """Connect what is made at each build."""
    app.connect("builder-inited", write_gallery)
    app.connect("autodoc-process-docstring", keep_bars, priority=900)
