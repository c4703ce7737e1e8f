"""One family of errors: what a person can put right.

Each says what was wrong, which value, and what to do. A view shows the message of an
`IzhikevichError`; any other exception is a fault of the program, and is shown with its traceback.
Errors that belong to one room live there: an unknown cell type in the catalogue, a run that left
every bound in the engine. Each is of the built-in kind, too, that scripts may have caught before.
"""

from __future__ import annotations

__all__ = ["IzhikevichError", "MissingPackageError", "ParameterError"]


class IzhikevichError(Exception):
    """What every error of this package is that a person can put right.

    Examples
    --------
    >>> import izhikevich
    >>> try:
    ...     izhikevich.simulate("2004", "tonic spking")
    ... except izhikevich.IzhikevichError as error:
    ...     print(error)
    unknown cell type 'tonic spking' of 2004: did you mean 'tonic spiking' or ...
    """


class ParameterError(IzhikevichError, ValueError):
    """A value that a person gave cannot be used: a parameter, a current, a duration, a choice.

    It is raised before work starts, and the message names the value and the limit.

    Examples
    --------
    >>> raise ParameterError("dt must be greater than 0 ms, not -1")
    Traceback (most recent call last):
    izhikevich.errors.ParameterError: dt must be greater than 0 ms, not -1
    """


class MissingPackageError(IzhikevichError, ImportError):
    """A package that only this needs is not installed; the message says how to install it."""
