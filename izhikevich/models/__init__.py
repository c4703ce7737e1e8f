"""What a set of equations is, said once: the quadratic of 2003 and 2004, and the book's of 2007."""

from collections.abc import Mapping
from types import MappingProxyType

from izhikevich.models.base import Model, Parameter
from izhikevich.models.book import Book
from izhikevich.models.quadratic import Quadratic

__all__ = ["BOOK", "MODELS", "QUADRATIC", "Model", "Parameter"]

QUADRATIC = Quadratic()
BOOK = Book()

#: Every model by name.
MODELS: Mapping[str, Model] = MappingProxyType({model.name: model for model in (QUADRATIC, BOOK)})
