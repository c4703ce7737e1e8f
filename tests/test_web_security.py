"""Who may come in to the web server, and what a browser is told; without a browser.

The server is one of this process, which nobody runs anything in (see web_site.py).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import re
import signal
import socket
import threading
import urllib.parse

import pytest
from web_client import Client, run, start
from web_site import ask, knock, listening, parts

from izhikevich.views.web import access, server


@pytest.fixture(scope="module")
def here(without_runs):
    """For this computer alone."""
    with listening("127.0.0.1") as site:
        yield site


@pytest.fixture(scope="module")
def elsewhere(without_runs):
    """For other computers, too."""
    with listening("127.0.0.2") as site:
        yield site


# --- what a browser is told ----------------------------------------------------------------------

PATHS = ["", "page.js", "bokeh.min.js", "explorer.css", "nothing.js", "//etc/passwd"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("site", ["here", "elsewhere"])
def test_every_answer_says_what_the_page_may_load(request, site, path):
    answer = ask(request.getfixturevalue(site), path)
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Server") is None
    policy = dict(
        each.strip().split(" ", 1)
        for each in answer.getheader("Content-Security-Policy").split(";")
    )
    assert policy == {
        "default-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "connect-src": "'self' ws: wss:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.getheader("X-Frame-Options") == "DENY"


def test_the_page_loads_its_own_files_alone_and_tells_nobody_of_its_address(here):
    answer = ask(here, "")
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "text/html; charset=utf-8"
    html = answer.text.decode()
    assert '<meta name="referrer" content="no-referrer">' in html
    assert "<script>" not in html and " onload" not in html
    for address in re.findall(r'(?:src|href)="([^"]+)"', html):
        if address == "data:,":
            continue
        assert re.fullmatch(r"[\w.]+\?v=[0-9a-f]{16}", address)
        answer = ask(here, address)
        assert answer.status == 200
        assert answer.getheader("Cache-Control") == "max-age=31536000, immutable"
        # of another version it must be asked for again
        for other in (address[:-1], address.split("?")[0]):
            assert ask(here, other).getheader("Cache-Control") == "no-cache"
    assert ask(here, "").getheader("Cache-Control") == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("page.js", "text/javascript"),
        ("bokeh.min.js", "text/javascript"),
        ("explorer.css", "text/css"),
    ],
)
def test_files_come_as_what_they_are_and_smaller_on_request(here, path, kind):
    plain = ask(here, path, Accept_Encoding="identity")
    assert plain.getheader("Content-Type").split(";")[0] == kind
    assert plain.getheader("Content-Encoding") is None
    assert plain.getheader("Vary") == "Accept-Encoding"

    def compressed():
        answer = ask(here, path, Accept_Encoding="br, gzip")
        return answer if answer.getheader("Content-Encoding") == "gzip" else None

    found = None
    for _ in range(200):  # they are compressed while the first page is loaded
        found = found or compressed()
        threading.Event().wait(0 if found else 0.05)
    assert found and gzip.decompress(found.text) == plain.text
    assert len(found.text) < len(plain.text) / 2


@pytest.mark.parametrize("path", ["", "page.js"])
def test_head_tells_the_same_without_the_content(here, path):
    whole, head = ask(here, path), ask(here, path, "HEAD")
    assert (head.status, head.text) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Content-Security-Policy", "Etag"):
        assert head.getheader(name) == whole.getheader(name) != None  # noqa: E711
    assert ask(here, "nothing.js", "HEAD").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_else_can_be_done_to_the_server(here, method):
    assert ask(here, "", method).status in (403, 405)


@pytest.mark.parametrize(
    "path",
    [
        "static/../../../../../../etc/passwd",
        "static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "page.js/%2e%2e/__init__.py",
        "../page.py",
        "page.py",
        "explorer.js",
        "..%2fserver.py",
        "%2e%2e/cli.py",
        "izhikevich/views/web/page.py",
        "page.js%00",
        "bokeh.min.js/",
    ],
)
@pytest.mark.parametrize("site", ["here", "elsewhere"])
def test_no_other_file_can_be_read(request, site, path):
    assert ask(request.getfixturevalue(site), path).status in (400, 403, 404)


# --- who may come in -----------------------------------------------------------------------------


def test_a_server_for_this_computer_has_its_names_alone(here):
    host, port, home = parts(here)
    assert (host, home, here.access.token) == ("127.0.0.1", "/", "")
    for name in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}"):
        assert ask(here, "", Host=name).status == 200, name
        assert knock(here, Host=name) == 101
        assert knock(here, Host=name, Origin=f"http://{name}") == 101
    for name in (
        f"evil.example:{port}",  # by which its owner has this computer found
        "evil.example",
        "127.0.0.1",
        f"127.0.0.1:{port + 1}",
        f"127.0.0.1:{port}1",
        f"localhost:{port}.evil.example",
        f"127.0.0.1.evil.example:{port}",
        f"localhost.evil.example:{port}",
        f"evil.example@localhost:{port}",
        f"[::1]:{port}",
        "",
    ):
        for path in ("", "page.js", "ws"):
            assert ask(here, path, Host=name).status in (400, 403), name
        assert knock(here, Host=name) in (400, 403)
        assert knock(here, Host=name, Origin=f"http://{name}") in (400, 403)


FOREIGN = [
    "http://evil.example",
    "https://evil.example:5006",
    "null",
    "",
    "file://",
    "chrome-extension://abcdef",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://evil-127.0.0.1:{port}",
    "http://evil.127.0.0.2:{port}",
    "http://evil.example#127.0.0.1:{port}",
    "http://127.0.0.1:{port}.evil.example",
    "http://evil.example/127.0.0.1:{port}",
    "http://127.0.0.1:{port}@evil.example",
    "127.0.0.1:{port}",
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("site", ["here", "elsewhere"])
def test_another_site_cannot_use_the_page(request, site, origin):
    site = request.getfixturevalue(site)
    origin = origin.format(port=parts(site)[1])
    assert knock(site, Origin=origin) == 403
    assert ask(site, "", Origin=origin).status == 403


@pytest.mark.parametrize("site", ["here", "elsewhere"])
def test_its_own_pages_and_programs_can(request, site):
    site = request.getfixturevalue(site)
    host, port, _ = parts(site)
    assert knock(site, Origin=f"http://{host}:{port}") == 101
    assert knock(site, Origin=f"HTTP://{host}:{port}") == 101
    assert knock(site) == 101  # a script, which has no origin
    assert ask(site, "", Origin=f"http://{host}:{port}").status == 200


def test_another_computer_needs_the_token(elsewhere):
    host, port, home = parts(elsewhere)
    token = elsewhere.access.token
    assert home == f"/{token}/"
    wrong = [token[:-1], token + "a", token.swapcase(), "", "x" * len(token)]
    for name in ("", "ws", "bokeh.min.js", "page.js"):
        assert ask(elsewhere, "//" + name).status == 404
        for each in wrong:
            assert ask(elsewhere, f"//{each}/{name}").status == 404
    for each in (*(f"/{each}/ws" for each in wrong), "/ws"):
        assert knock(elsewhere, each, Origin=f"http://{host}:{port}") == 404
    assert ask(elsewhere, "//" + token).status == 404
    assert ask(elsewhere, "").status == ask(elsewhere, "page.js").status == 200
    # by whatever name it is called there: of another computer it knows none
    assert ask(elsewhere, "", Host="lab.example").status == 200
    assert knock(elsewhere, Host="lab.example", Origin="http://lab.example") == 101
    assert knock(elsewhere, Host="lab.example", Origin="http://evil.example") == 403


def test_the_token_is_a_new_secret_each_time():
    tokens = {access.access_to("0.0.0.0", 5006).token for _ in range(200)}
    assert len(tokens) == 200
    for place in range(20):  # no part of it is the same in all of them
        assert len({token[place] for token in tokens}) > 20
    # 16 bytes: 128 bits
    assert all(len(base64.urlsafe_b64decode(token + "==")) >= 16 for token in tokens)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.7", "lab.example", "127.0.0.2"])
def test_only_addresses_of_this_computer_do_without_a_token(host):
    found = access.access_to(host, 5006)
    assert found.token and found.path == f"/{found.token}"
    assert all(each.endswith(f":5006/{found.token}/") for each in found.addresses)
    assert found.addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_addresses_of_this_computer_have_its_names(host):
    found = access.access_to(host, 5006)
    assert found.token == found.path == ""
    shown = f"[{host}]" if ":" in host else host
    assert found.addresses[0] == f"http://{shown}:5006/"
    assert set(found.names) == {f"{shown}:5006", "127.0.0.1:5006", "localhost:5006"}
    # browsers leave the port of http out
    assert access.access_to(host, 80).admits("localhost", "http://localhost")
    for port in (79, 5006):
        assert not access.access_to(host, port).admits("localhost", "http://localhost")


def test_names_for_other_computers():
    assert access.names_of("192.168.1.7") == ["192.168.1.7"]
    assert access.names_of("fe80::1") == ["[fe80::1]"]
    for everywhere in ("0.0.0.0", "::", ""):
        first, *others = access.names_of(everywhere)
        assert first == socket.gethostname()
        assert not any(each.startswith("127.") for each in others)
        assert others == sorted(set(others))


def test_every_address_of_this_computer_is_named(monkeypatch):
    found = [(0, 0, 0, "", (address, 0)) for address in ("192.0.2.7", "127.0.1.1", "192.0.2.5")]
    monkeypatch.setattr(socket, "gethostname", lambda: "lab")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    names = access.names_of("0.0.0.0")
    assert names[0] == "lab" and {"192.0.2.5", "192.0.2.7"} < {*names, "another"}
    assert "127.0.1.1" not in names


# --- messages ------------------------------------------------------------------------------------


def test_a_message_of_any_length_is_not_read(here):
    async def visit(length: int) -> dict | None:
        client = await Client.open(here.access.addresses[0])
        await client.send_text("x" * length)
        return await asyncio.wait_for(client._connection.read_message(), 20)

    assert run(visit(100_000)) is not None
    assert run(visit(100_001)) is None  # the connection is closed


def test_what_is_no_message_is_answered_and_the_next_one_read(here):
    async def visit() -> list[dict]:
        client = await Client.open(here.access.addresses[0])
        replies = []
        for text in ("{", "[" * 50_000, "", b"\xff\x00", '{"number": 1e999}'):
            await client.send_text(text)
            replies.append(await client.reply())
        return [*replies, await client.ask("show")]

    *replies, last = run(visit())
    assert all(reply["problem"].startswith("the page ") for reply in replies)
    assert last["problem"] == "nothing is run here"


def test_the_server_keeps_no_list_of_visitors(here, caplog, capfd):
    with caplog.at_level("INFO"):
        ask(here, "")
        ask(here, "nothing.js")
        knock(here, Origin="http://evil.example")
    assert caplog.text == "" and capfd.readouterr() == ("", "")


def test_each_page_has_its_own_choice(here):
    async def visit() -> None:
        one = await Client.open(here.access.addresses[0], "?paper=2007")
        two = await Client.open(here.access.addresses[0])
        assert (await one.ask("show"))["chosen"]["paper"] == "2007"
        assert (await two.ask("show"))["chosen"]["paper"] == "2004"
        assert (await one.ask("show"))["chosen"]["paper"] == "2007"

    run(visit())


@pytest.mark.parametrize("wanted", [True, False])
def test_the_browser_is_opened_where_it_is_wanted(without_runs, monkeypatch, capsys, wanted):
    opened: list[str] = []
    monkeypatch.setattr(server.webbrowser, "open", opened.append)

    async def serve() -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(server._serve("127.0.0.1", 0, wanted), 1)

    run(serve())
    first, end = capsys.readouterr().out.splitlines()
    assert end == "Ctrl-C ends it."
    assert opened == ([first.split(": ")[1]] if wanted else [])


def test_no_message_waits_for_the_next(here, monkeypatch):
    """Nagle's algorithm costs 40 ms of each movement of a slider."""
    found: list[bool] = []
    monkeypatch.setattr(server._Socket, "set_nodelay", lambda self, value: found.append(value))
    assert knock(here) == 101
    for _ in range(100):
        threading.Event().wait(0 if found else 0.02)
    assert found == [True]


# --- as a program --------------------------------------------------------------------------------


def test_the_program_says_where_it_is_for_other_computers():
    process = start("--no-browser", "--port", "0", "--host", "0.0.0.0")
    try:
        names = access.names_of("0.0.0.0")
        n_lines = 3 if len(names) > 1 else 2
        first, *others, end = (process.stdout.readline().strip() for _ in range(n_lines))
        title, address = first.split(": ")
        assert title == server.TITLE and end == "Ctrl-C ends it."
        port, path = re.fullmatch(r"http://[^/:]+:(\d+)(/[\w-]{22}/)", address).groups()
        assert address == f"http://{names[0]}:{port}{path}"
        for line in others:
            assert line.startswith("or, from another computer: ")
            assert line.split()[4:] == [f"http://{name}:{port}{path}" for name in names[1:]]

        async def visit() -> dict:
            client = await Client.open(f"http://127.0.0.1:{port}{path}")
            return await client.ask("show")

        assert run(visit())["words"]
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert (rest, process.returncode) == ("", 0)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_port_in_use_is_one_line(server):
    port = str(urllib.parse.urlsplit(server.address).port)
    process = start("--no-browser", "--port", port)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    lines = [line for line in output.splitlines() if line.startswith("izh:")]
    assert len(lines) == 1 and "cannot listen" in lines[0]
    assert "Traceback" not in output
