"""What was published, as data: a file for each publication, each cell type beside what it teaches.

A new publication is a file with a `PUBLICATION` in it, and its line in `PUBLISHED`; a large one
without figures stands in `COLLECTIONS`, and is read when somebody asks for it.
"""

import importlib

from izhikevich.publications import izhikevich2003, izhikevich2004, izhikevich2007
from izhikevich.publications.base import CellType, Explanation, Publication

__all__ = ["COLLECTIONS", "PUBLISHED", "CellType", "Explanation", "Publication", "collection"]

#: In the order in which they are shown.
PUBLISHED: tuple[Publication, ...] = (
    izhikevich2003.PUBLICATION,
    izhikevich2004.PUBLICATION,
    izhikevich2007.PUBLICATION,
)

#: Names of publications with hundreds of types, and no figure of each: a file of that name each.
COLLECTIONS = ("hippocampome",)


def collection(name: str) -> Publication:
    """Read one of `COLLECTIONS`."""
    found: Publication = importlib.import_module(f"{__name__}.{name}").PUBLICATION
    return found
