"""A server for a department: a token that lasts, a web server in front, a frame around, a log."""

from __future__ import annotations

import logging
import re
import stat
import urllib.parse

import pytest
from click.testing import CliRunner
from web_client import get, serving, status, wait_until
from web_site import ask, knock, listening

from izhikevich.errors import ParameterError
from izhikevich.views.cli.main import main
from izhikevich.views.web import access, visitors

TOKEN = "a-token-of-20-signs_"
ORIGIN = "https://neurons.example"


# --- a web server in front -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind(without_runs):
    """As behind a web server for https://neurons.example/izh/."""
    with listening("127.0.0.1", origins=(ORIGIN,), prefix="/izh") as site:
        yield site


def at(site) -> str:
    """Its own name and port."""
    return site.access.names[0]


def asked(site, path: str, **headers: str):
    """The answer at the server's own address, whatever it is called there."""
    host, _, port = at(site).partition(":")
    import http.client

    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read()
        return answer
    finally:
        connection.close()


def test_the_address_shown_first_is_the_one_that_people_use(behind):
    assert behind.access.addresses[0] == f"{ORIGIN}/izh/"
    assert behind.access.addresses[1] == f"http://{at(behind)}/izh/"
    assert behind.access.token == ""


@pytest.mark.parametrize(
    ("host", "origin", "is_admitted"),
    [
        ("neurons.example", None, True),
        ("neurons.example", ORIGIN, True),
        ("Neurons.Example", "HTTPS://NEURONS.example", True),
        ("own", ORIGIN, True),  # a web server that does not pass the name on
        ("own", "http://own", True),
        ("neurons.example", "http://neurons.example", False),
        ("neurons.example", "https://neurons.example:444", False),
        ("neurons.example", "https://evil.example", False),
        ("neurons.example", "http://own", False),
        ("neurons.example", "null", False),
        ("own", "http://evil.example", False),
        ("evil.example", ORIGIN, False),
        ("evil.example", "http://evil.example", False),
        ("evil.example", "https://evil.example", False),
        ("evil.example", None, False),
        ("neurons.example.evil.example", None, False),
        ("neurons.example:5006", None, False),
    ],
)
@pytest.mark.parametrize("token", ["", TOKEN])
def test_who_comes_through_it(host, origin, is_admitted, token):
    door = access.Access(["own"], token, [ORIGIN], "/izh")
    assert door.admits(host, origin) == is_admitted


def test_so_it_is_asked(behind):
    for host, origin, code in (
        ("neurons.example", ORIGIN, 200),
        ("neurons.example", "https://evil.example", 403),
        ("evil.example", "https://evil.example", 403),
    ):
        headers = {"Host": host, "Origin": origin}
        assert asked(behind, "/izh/", **headers).status == code


@pytest.mark.parametrize("path", ["/", "/izh", "/page.js", "/ws", "/izh/izh/", "/izhx/", "/Izh/"])
def test_only_paths_with_the_prefix_lead_to_it(behind, path):
    assert asked(behind, path, Host="neurons.example").status == 404


def test_dots_in_a_prefix_are_dots(without_runs):
    with listening("127.0.0.1", prefix="/izh.1/") as site:
        assert site.access.path == "/izh.1"
        assert asked(site, "/izh.1/").status == 200
        assert asked(site, "/izhx1/").status == 404


@pytest.mark.parametrize("prefix", ["izh", "//izh", "/a b", "/../a", "/(.*)", "/ä", "/a\n", "/%2e"])
def test_what_is_no_prefix(prefix):
    with pytest.raises(ParameterError, match="path such as /izh"):
        access.access_to("127.0.0.1", 1, prefix=prefix)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://neurons.example", "https://neurons.example"),
        ("HTTPS://Neurons.Example/", "https://neurons.example"),
        ("https://neurons.example:443", "https://neurons.example"),
        ("http://neurons.example:80", "http://neurons.example"),
        ("http://neurons.example:443", "http://neurons.example:443"),
        ("http://[::1]:5006", "http://[::1]:5006"),
    ],
)
def test_origins_are_as_browsers_write_them(text, origin):
    assert access.checked_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "null", "neurons.example", "//neurons.example", "https://", "file:///a"),
        *("https://neurons.example/izh", "https://a@neurons.example", "https://neurons.example?x"),
        *("https://a.example b.example", "https://a.example;script-src *", "https://a.example:x"),
        *("https://*.example", "https://a.example,https://b.example", "https://[::1"),
    ],
)
@pytest.mark.parametrize("option", ["origins", "embedded_in"])
def test_what_is_no_origin(text, option):
    with pytest.raises(ParameterError, match="address without a path"):
        access.access_to("127.0.0.1", 1, **{option: (text,)})


def test_who_is_asked_for_is_believed_of_the_web_server_in_front_alone():
    class Request:
        headers = {"X-Real-Ip": "192.0.2.7"}  # noqa: RUF012
        remote_ip = "127.0.0.1"

    behind = access.Access(["own"], origins=[ORIGIN])
    assert visitors.address_of(Request, behind) == "192.0.2.7"
    assert visitors.address_of(Request, access.Access(["own"])) == "127.0.0.1"
    Request.remote_ip = "192.0.2.8"
    assert visitors.address_of(Request, behind) == "192.0.2.8"
    Request.remote_ip = "127.0.0.1"
    for said in ("1" * 46, "", "192.0.2.7\n", "\x1b[2J", "192.0.2.7, 192.0.2.8"):
        Request.headers = {"X-Real-Ip": said}
        assert visitors.address_of(Request, behind) == "127.0.0.1"


# --- a token that lasts --------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_a_token_of_ones_own(without_runs, host):
    with listening(host, token=TOKEN, prefix="/izh") as site:
        assert urllib.parse.urlsplit(site.access.addresses[0]).path == f"/izh/{TOKEN}/"
        assert ask(site, "").status == ask(site, "page.js").status == 200
        for path in ("/", "/izh/", f"/{TOKEN}/", f"/izh/{TOKEN[:-1]}/", f"/izh/{TOKEN}x/"):
            assert ask(site, "/" + path).status == 404
        assert knock(site) == 101
        assert knock(site, "/izh/ws") == 404
        assert knock(site, Origin="http://evil.example") == 403


@pytest.mark.parametrize("token", ["short", "x" * 15, "a/b" * 10, "a b" * 10, "." * 20, "x" * 201])
def test_a_token_that_can_be_guessed_or_cannot_stand_in_an_address(token):
    with pytest.raises(ParameterError, match="16 to 200 letters") as found:
        access.access_to("0.0.0.0", 1, token=token)
    # the example is one that would do
    example = str(found.value).split()[-1]
    assert access.access_to("0.0.0.0", 1, token=example).token == example


def test_a_file_keeps_the_token(tmp_path):
    file = tmp_path / "token"
    token = access.token_in(file)
    assert access.token_in(file) == token == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert access.token_in(tmp_path / "other") != token
    with pytest.raises(FileNotFoundError):
        access.token_in(tmp_path / "nowhere" / "token")


def asked_of_the_program(*arguments: str, **environment: str):
    return CliRunner().invoke(main, ["web", *arguments], env=environment)


@pytest.fixture
def served(monkeypatch):
    """What the server would be started with."""
    found: list[dict] = []
    monkeypatch.setattr("izhikevich.views.web.serve", lambda *_, **options: found.append(options))
    return found


def test_the_token_comes_from_the_command_the_environment_or_a_file(served, tmp_path):
    file = tmp_path / "token"
    file.write_text("from-a-file-of-mine\n")
    for arguments, environment in (
        (("--token", TOKEN), {}),
        ((), {"IZHIKEVICH_TOKEN": TOKEN}),
        (("--token-file", str(file)), {}),
        ((), {}),
    ):
        assert asked_of_the_program(*arguments, **environment).exit_code == 0
    assert [each["token"] for each in served] == [TOKEN, TOKEN, "from-a-file-of-mine", ""]


def test_what_the_program_does_not_take(served, tmp_path):
    (tmp_path / "empty").touch()
    for arguments, code, words in (
        (("--token-file", "x", "--token", TOKEN), 2, "and by a file"),
        (("--token-file", str(tmp_path / "empty")), 1, "is to hold a token, and is empty"),
        (("--token-file", str(tmp_path / "no" / "token")), 1, "No such file"),
    ):
        result = asked_of_the_program(*arguments)
        assert result.exit_code == code and words in result.output
        assert "Traceback" not in result.output
    assert served == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--token", "guess"), "16 to 200 letters"),
        (("--origin", "neurons.example"), "address without a path"),
        (("--embed", "*"), "address without a path"),
        (("--prefix", "izh"), "a path such as /izh"),
        (("--log", "/nowhere/log"), "No such file"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_before_anything_is_begun(arguments, words):
    result = asked_of_the_program("--no-browser", "--port", "0", *arguments)
    assert result.exit_code == 1 and words in result.output
    assert len(result.output.strip().splitlines()) == 1


# --- a frame around ------------------------------------------------------------------------------


def test_only_pages_that_are_named_may_show_it_in_a_frame(without_runs):
    course = ("https://moodle.example", "https://course.example:8443")
    with listening("127.0.0.1", embedded_in=course) as site:
        answer = ask(site, "")
        policy = answer.getheader("Content-Security-Policy")
        assert policy.endswith(f"; frame-ancestors {' '.join(course)}")
        # which knows none of these, or all others
        assert answer.getheader("X-Frame-Options") is None
        # who shows it does not come in by that
        assert ask(site, "", Origin=course[0]).status == 403
        assert knock(site, Origin=course[0]) == 403


# --- a log ---------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "log"
    visitors.write_to(str(file))
    yield file
    logger = logging.getLogger("izhikevich.web")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


def test_a_log_tells_who_came_and_no_secret(without_runs, log):
    with listening("127.0.0.2", token=TOKEN) as site:
        ask(site, "?type=secret")
        ask(site, "nothing.js")
        ask(site, "//%0d%0a2026-01-01%20forged")
        assert knock(site, Origin="http://evil.example") == 403
        assert knock(site) == 101
        wait_until(lambda: "opened" in log.read_text(), 10)
    lines = log.read_text().splitlines()
    begins = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} 127\.0\.0\.1 GET '/"
    assert all(re.match(begins, line) for line in lines)
    said = [re.sub(r"\d+ ms$", "ms", line.split(" ", 4)[4]) for line in lines]
    assert said[:2] == ["'/TOKEN/' 200 ms", "'/TOKEN/nothing.js' 404 ms"]
    assert said[3] == "'/TOKEN/ws' 403 ms"
    assert "'/TOKEN/ws' opened, 1 are open" in said
    assert TOKEN not in log.read_text() and "secret" not in log.read_text()


def test_the_program_writes_one_and_links_survive_a_restart(tmp_path):
    log, token = tmp_path / "log", tmp_path / "token"
    arguments = ("--port", "0", "--token-file", str(token), "--log", str(log), "--prefix", "/izh")
    paths = []
    for _ in range(2):
        with serving(tmp_path / "out", *arguments) as server:
            assert "<title>" in get(server.address)
            assert status(server.address.replace("/izh/", "/")) == 404
            paths.append(urllib.parse.urlsplit(server.address).path)
    assert paths[0] == paths[1] == f"/izh/{token.read_text().strip()}/"
    assert log.read_text().count("GET '/izh/TOKEN/' 200") == 2
