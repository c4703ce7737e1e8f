"""What was published, as data: a file for each publication, each cell type beside what it teaches.

A new publication is a file with a `PUBLICATION` in it, and its line in `PUBLISHED`.
"""

from izhikevich.publications import izhikevich2003, izhikevich2004, izhikevich2007
from izhikevich.publications.base import CellType, Explanation, Publication

__all__ = ["PUBLISHED", "CellType", "Explanation", "Publication"]

#: In the order in which they are shown.
PUBLISHED: tuple[Publication, ...] = (
    izhikevich2003.PUBLICATION,
    izhikevich2004.PUBLICATION,
    izhikevich2007.PUBLICATION,
)
