"""`izh web`: the program as a web page."""

from __future__ import annotations

from pathlib import Path

import click

from izhikevich.errors import IzhikevichError


@click.command("web")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5006,
    show_default=True,
    help="0 takes any that is free.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; other than this computer's own, the page's address holds a token.",
)
@click.option(
    "--token",
    envvar="IZHIKEVICH_TOKEN",
    show_envvar=True,
    help="The token, of 16 letters or more, so that links survive a restart. Others on this "
    "computer can read a command line: a file or the environment keeps it.",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that holds the token; it is made if it is not there.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Address by which people come through a web server in front of this one, such as "
    "https://neurons.example; may be given again.",
)
@click.option("--prefix", default="", help="What its path begins with there, such as /izh.")
@click.option(
    "--embed",
    "embedded_in",
    multiple=True,
    help="Address of a site that may show the page in a frame, such as a course's; no other may. "
    "May be given again.",
)
@click.option("--log", help="File to write down who comes; - is the screen. Default: nothing is.")
@click.option("--no-browser", is_flag=True, help="Only print the address of the page.")
def command(
    port: int,
    host: str,
    token: str | None,
    token_file: Path | None,
    origins: tuple[str, ...],
    prefix: str,
    embedded_in: tuple[str, ...],
    log: str | None,
    no_browser: bool,
) -> None:
    """Serve the program as a web page, for one person or a class, until Ctrl-C."""
    from izhikevich.views.web import serve

    try:
        serve(
            host,
            port,
            open_browser=not no_browser,
            token=_token(token, token_file),
            origins=origins,
            prefix=prefix,
            embedded_in=embedded_in,
            log=log,
        )
    except OSError as error:
        if error.filename is not None:
            raise
        reason = error.strerror
        raise IzhikevichError(f"cannot listen on {host}, port {port}: {reason}") from error


def _token(token: str | None, file: Path | None) -> str:
    """The secret of the address; empty where none is wanted."""
    if file is None:
        return token or ""
    if token is not None:
        raise click.UsageError("a token is given by --token or IZHIKEVICH_TOKEN, and by a file")
    from izhikevich.views.web.access import token_in

    found = token_in(file)
    if not found:
        raise IzhikevichError(f"{file} is to hold a token, and is empty")
    return found
