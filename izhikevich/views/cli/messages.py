"""What a person reads when something goes wrong: one line, on standard error.

An `IzhikevichError`, an `OSError` and what click says of a mistyped command line are messages for
people. Any other exception is a fault of the program: it is logged with its traceback, and called
an internal error. ``izh --debug`` shows the traceback of every one.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from izhikevich.errors import IzhikevichError

if TYPE_CHECKING:
    import logging


class _OneLine(click.ClickException):
    """Something a person can mend: one line on standard error, status 1."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))

    def show(self, file: Any = None) -> None:
        """Say it."""
        click.echo(f"izh: {self.format_message()}", file=file or sys.stderr)


class _Mistyped(_OneLine):
    exit_code = 2


class _InternalError(_OneLine):
    exit_code = 70  # as sysexits.h says


class _Interrupted(_OneLine):
    exit_code = 130  # as a shell says of Ctrl-C


def _log() -> logging.Logger:
    import logging  # only now: nearly always nothing goes wrong

    return logging.getLogger(__name__)


def show_tracebacks() -> None:
    """Show the traceback of every error from now on, also of those that a person can mend."""
    import logging

    logging.basicConfig(format="%(message)s")
    logging.getLogger("izhikevich").setLevel(logging.DEBUG)


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what goes wrong within, and Ctrl-C, into one line."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise  # click's own ways to end
    except BrokenPipeError:
        raise  # whoever read the output, such as `head`, has seen enough: click ends quietly
    except OSError as error:
        _log().debug("what follows as one line:", exc_info=True)
        where = error.filename or "the output"
        raise _OneLine(f"cannot write {where}: {error.strerror or error}") from error
    except IzhikevichError as error:
        _log().debug("what follows as one line:", exc_info=True)
        raise _OneLine(str(error)) from error
    except KeyboardInterrupt:
        raise _Interrupted("interrupted; no file was left unfinished") from None
    except Exception as error:
        _log().exception("izh: an internal error")
        raise _InternalError(
            f"internal error, {type(error).__name__}: {error}. This is a fault of the program: "
            "please report it, with what you typed and the lines above"
        ) from error


@contextlib.contextmanager
def one_line_usage(context: click.Context | None = None) -> Iterator[None]:
    """Turn what click says of a mistyped command line into one line; its status, 2, stays."""
    try:
        yield
    except click.UsageError as error:
        where = error.ctx or context
        command = "izh" if where is None else where.command_path
        if where is context and context is not None and context.invoked_subcommand:
            command += f" {context.invoked_subcommand}"  # whose option it was
        message = f"{error.format_message().rstrip('.')}; see '{command} --help'"
        raise _Mistyped(message) from error
