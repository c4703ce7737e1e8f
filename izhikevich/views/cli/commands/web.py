"""`izh web`: the program as a web page."""

from __future__ import annotations

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
@click.option("--no-browser", is_flag=True, help="Only print the address of the page.")
def command(port: int, host: str, no_browser: bool) -> None:
    """Serve the program as a web page, for one person or a class, until Ctrl-C."""
    from izhikevich.views.web import serve

    try:
        serve(host, port, open_browser=not no_browser)
    except OSError as error:
        reason = error.strerror
        raise IzhikevichError(f"cannot listen on {host}, port {port}: {reason}") from error
