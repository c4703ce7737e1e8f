"""The recipe of docs/department.md, with nginx in front of `izh web` as it is there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from web_client import ROOT, run, serving, unpacked, wait_until

NAME = "neurons.example"
RECIPE = (ROOT / "docs" / "department.md").read_text(encoding="utf-8")
# What nginx needs beside the recipe where it is nobody's system service.
AROUND = """
daemon off; pid {folder}/pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def nginx():
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not found:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("there is no nginx")
    return found


@contextlib.contextmanager
def in_front(nginx: str, folder: Path, port: int, of: int):
    """Run nginx by the recipe on a port of the test's."""
    (server,) = re.findall(r"```nginx\n(.*?)```", RECIPE, re.DOTALL)
    for ours, here in (("listen 80;", f"listen 127.0.0.1:{port};"), (":5006;", f":{of};")):
        assert server.count(ours) == 1
        server = server.replace(ours, here)
    file = folder / "nginx.conf"
    file.write_text(AROUND.format(folder=folder, server=server))
    process = subprocess.Popen(
        [nginx, "-e", "stderr", "-p", folder, "-c", file],
        stderr=subprocess.PIPE,
        text=True,
    )

    def listens() -> bool:
        assert process.poll() is None, process.stderr.read()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    try:
        wait_until(listens, 20)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_recipe_leads_to_the_page(nginx, tmp_path):
    (command,) = re.findall(r"\$ izh web (--no-browser .*)", RECIPE)
    port, of = free_port(), free_port()
    origin = f"http://{NAME}:{port}"
    token, log = tmp_path / "token", tmp_path / "log"
    arguments = command.replace("~/izh-token", str(token)).split()[1:]
    arguments[arguments.index("--origin") + 1] = origin
    arguments += ["--port", str(of), "--log", str(log)]
    front = in_front(nginx, tmp_path, port, of)
    with serving(tmp_path / "out", *arguments) as server, front:
        path = f"/izh/{token.read_text().strip()}/"
        assert server.address == origin + path

        def status(path: str, host: str = f"{NAME}:{port}", **headers: str) -> int:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}{path}", headers={"Host": host, **headers}
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

        assert status(path) == status(path + "page.js") == status(path, Origin=origin) == 200
        assert status("/izh/") == status("/izh/page.js") == 404
        # nginx takes any name for its only server; ours does not
        assert status(path, host=f"evil.example:{port}") == 403
        assert status(path, Origin="http://evil.example") == 403

        async def visit(origin: str) -> dict:
            request = HTTPRequest(
                f"ws://127.0.0.1:{port}{path}ws?d=5",
                headers={"Host": f"{NAME}:{port}", "Origin": origin},
            )
            connection = await websocket_connect(request, max_message_size=2**28)
            await connection.write_message('{"number": 1, "action": "show"}')
            reply = unpacked(await connection.read_message())
            connection.close()
            return reply

        assert "changed: d 5" in run(visit(origin))["words"]["status"]
        with pytest.raises(HTTPClientError, match="403"):
            run(visit("http://evil.example"))
    lines = log.read_text().splitlines()
    assert any("GET '/izh/TOKEN/' 200" in line for line in lines)
    assert token.read_text().strip() not in log.read_text()
