"""Start and stop of the server, in a thread and in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from conformance.errors import ServerError
from conformance.reference.api import ClinicianApi
from conformance.reference.server import EmbeddedServer
from tests.reference.conftest import client_for


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_it_stops_with_connections_open() -> None:
    for _ in range(3):
        server = EmbeddedServer()
        with client_for(server) as client:
            with server:
                assert client.get("/clinician-profiles").status_code == 200
                start = time.monotonic()
            assert time.monotonic() - start < 0.5
            with pytest.raises(httpx.TransportError):
                client.get("/clinician-profiles")


def test_a_port_in_use_is_named() -> None:
    with EmbeddedServer() as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        with pytest.raises(
            ServerError, match=rf"^--port {port}: Address already in use\. Give [^\n]+$"
        ):
            EmbeddedServer(port=port)
    with EmbeddedServer(port=port) as second:
        assert second.base_url == server.base_url


@pytest.mark.parametrize(
    ("host", "port", "setting"),
    [("127.0.0.1", 70_000, "--port"), ("192.0.2.1", 0, "--host"), ("no.such.invalid", 0, "--host")],
)
def test_bad_addresses_are_named(host: str, port: int, setting: str) -> None:
    with pytest.raises(ServerError, match=rf"^{setting} [^\n]+$"):
        EmbeddedServer(host=host, port=port)


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on the loopback")
def test_ipv6() -> None:
    with EmbeddedServer(host="::1") as server, client_for(server) as client:
        assert server.base_url.startswith("http://[::1]:")
        assert client.get("/clinician-profiles").status_code == 200


def test_all_addresses_are_reached_by_the_loopback() -> None:
    with EmbeddedServer(host="0.0.0.0") as server, client_for(server) as client:
        assert server.base_url.startswith("http://127.0.0.1:")
        assert client.get("/clinician-profiles").status_code == 200


class Slow(ClinicianApi):
    """Delays each response 404."""

    def delay(self, request: Request, response: Response) -> float:  # noqa: ARG002
        return 0.05 if response.status_code == 404 else 0.0


def test_latency() -> None:
    with EmbeddedServer(Slow(), latency_ms=20) as server, client_for(server) as client:
        client.get("/locations")
        times = []
        for path in ("/locations", "/nothing"):
            start = time.monotonic()
            client.get(path)
            times.append(time.monotonic() - start)
        assert times[0] >= 0.02
        assert times[1] >= 0.07


def test_any_asgi_application_can_be_served() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("a login page")(scope, receive, send)

    with EmbeddedServer(app) as server:
        assert httpx.get(server.base_url).text == "a login page"
        assert server.api is None
        assert server.own_key.startswith("pk_test_")


def test_no_clinicians_at_all() -> None:
    with EmbeddedServer(clinicians=0) as server, client_for(server) as client:
        body = client.get("/clinician-profiles").json()
        assert body["data"] == []
        assert (body["meta"]["has_more"], body["meta"]["next_offset"]) == (False, None)


def start(arguments: str, before: str = "pass") -> subprocess.Popen[str]:
    """Start ``serve`` in a process of its own, which first executes the statement ``before``."""
    code = f"{before}\nfrom conformance.reference.server import serve\nserve({arguments})"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_in_the_foreground(number: signal.Signals) -> None:
    with start("port=0, clinicians=30") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        settings = dict(re.findall(r"^export (\w+)=(\S+)$", "".join(lines), re.MULTILINE))
        assert list(settings) == [
            "CONFORMANCE_BASE_URL",
            "CONFORMANCE_API_KEY",
            "CONFORMANCE_OTHER_API_KEY",
        ]
        url = settings["CONFORMANCE_BASE_URL"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api-v1", url)
        counts = []
        with httpx.Client(base_url=url) as client:
            for name in ("CONFORMANCE_API_KEY", "CONFORMANCE_OTHER_API_KEY"):
                headers = {"Authorization": f"Bearer {settings[name]}"}
                response = client.get("/clinician-profiles?limit=100", headers=headers)
                counts.append(len(response.json()["data"]))
            process.send_signal(number)
            rest, errors = process.communicate(timeout=10)
    assert counts == [30, 74]
    assert (rest, errors) == ("", "")
    assert process.returncode == 0


def test_serve_in_the_background_of_a_shell_ends_on_sigint() -> None:
    """A shell starts background processes with SIGINT ignored."""
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    with start("port=0, clinicians=30", before=ignored) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_serve_names_the_setting_that_it_cannot_use(tmp_path: Path) -> None:
    with start(f"port=0, database=__import__('pathlib').Path({str(tmp_path)!r})") as process:
        output, errors = process.communicate(timeout=10)
    assert output == ""
    assert re.search(r"StoreError: --database [^\n]+\n$", errors)
    assert process.returncode == 1
