"""Network settings: gateways that require a header, private certificate authorities, proxies, IPv6."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.types import Receive, Scope, Send

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.recording import har
from conformance.reference.server import EmbeddedServer
from conformance.target.network import Network
from conformance.target.secrets import Redactor
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.in_process import call
from tests.support.proxies import CertificateFiles, forward_proxy, make_certificates, over_tls
from tests.support.servers import (
    OWN_KEY,
    Ended,
    Recorder,
    canned,
    keys_for,
    recorded,
    target_of,
)

SMOKE = ("run", "--depth", "smoke", "--allow-incomplete")
SECRET = "s3cret-of-the-gateway"
DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secure(files: CertificateFiles) -> Iterator[str]:
    with over_tls(recorded(), files) as base_url:
        yield base_url


# TLS


def test_a_given_certificate_authority_is_trusted(
    tmp_path: Path, files: CertificateFiles, secure: str
) -> None:
    ended = call(tmp_path, *SMOKE, "--ca-bundle", str(files.authority), **keys_for(secure))
    assert ended.status == 0, ended.text
    report = ended.report()
    assert report["verdict"] == "partial"
    assert report["settings"]["ca_bundle"] is True
    assert report["warnings"] == []


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    tmp_path: Path, files: CertificateFiles, secure: str
) -> None:
    for name, arguments in (
        ("usual", ()),
        ("stranger", ("--ca-bundle", str(files.other_authority))),
    ):
        ended = call(tmp_path / name, *SMOKE, *arguments, **keys_for(secure))
        assert ended.status == 4, ended.text
        reason = ended.report()["reason"]
        assert "TLS failed: " in reason
        assert "--ca-bundle" in reason


def test_a_run_without_certificate_verification_says_so_everywhere(
    tmp_path: Path, secure: str
) -> None:
    ended = call(tmp_path, *SMOKE, "--insecure", "--quiet", **keys_for(secure))
    assert ended.status == 0, ended.text
    report = ended.report()
    (warning,) = report["warnings"]
    assert "not verified (--insecure)" in warning
    assert f"WARNING: {warning}" in ended.out
    assert warning in (tmp_path / "reports" / "latest" / "report.html").read_text()
    junit = ElementTree.parse(tmp_path / "reports" / "latest" / "junit.xml")
    assert junit.find(".//property[@name='warnings']").get("value") == warning  # type: ignore[union-attr]
    # The directory of the report will do.
    replayed = call(tmp_path, "run", "--replay", "reports/latest")
    assert replayed.report()["warnings"] == [warning]
    assert f"WARNING: {warning}" in " ".join(replayed.out.split())


@pytest.mark.parametrize("two_files", [False, True], ids=["one file", "certificate and key"])
def test_a_server_may_require_a_client_certificate(
    tmp_path: Path, files: CertificateFiles, *, two_files: bool
) -> None:
    given = f"{files.client_certificate},{files.client_key}" if two_files else str(files.client)
    with over_tls(recorded(), files, client_needed=True) as base_url:
        trust = ("--ca-bundle", str(files.authority))
        ended = call(tmp_path, *SMOKE, *trust, "--client-cert", given, **keys_for(base_url))
        without = call(tmp_path / "without", *SMOKE, *trust, **keys_for(base_url))
    assert ended.status == 0, ended.text
    assert ended.report()["settings"]["client_cert"] is True
    assert without.status == 4, without.text
    assert "no response: " in without.report()["reason"]


def test_a_curl_line_has_the_same_network_settings() -> None:
    network = Network((("X-Gate", SECRET),), "/etc/our ca.pem", ("c.pem", "k.pem"))
    assert network.curl == (
        "--cacert '/etc/our ca.pem'",
        "--cert c.pem",
        "--key k.pem",
        '-H "X-Gate: $CONFORMANCE_HEADER_X_GATE"',
    )
    assert Network(ca_bundle="ca.pem", insecure=True).curl == ("-k",)
    assert SECRET not in repr(network)
    with EmbeddedServer(recorded()) as server, client_to(target_of(server, network=Network(
        (("X-Gate", SECRET),)
    ))) as client:  # fmt: skip
        (answer,) = client.ask([Request()])
    assert isinstance(answer, Exchange)
    assert '-H "X-Gate: $CONFORMANCE_HEADER_X_GATE"' in answer.curl()


# Headers


class Gateway(Recorder):
    """Refuses requests without its header, and repeats the header in every response."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if headers.get(b"x-gate") != SECRET.encode() or headers.get(b"x-stage") != b"blue":
            await canned(418, "{}").app(scope, receive, send)
            return

        async def shown(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-echo", SECRET.encode())]  # type: ignore[misc]
            await send(message)

        await super().__call__(scope, receive, shown)  # type: ignore[arg-type]


def whole(ended: Ended) -> str:
    files = [path.read_text("utf-8") for path in ended.folder.rglob("*") if path.is_file()]
    return ended.text + "".join(files)


@pytest.mark.broad
def test_a_gateway_gets_its_headers_and_no_file_shows_them(tmp_path: Path) -> None:
    gateway = Gateway(recorded().app)
    with EmbeddedServer(gateway) as server:
        ended = call(
            tmp_path, "run", "--allow-incomplete",
            **keys_for(server.base_url, CONFORMANCE_HEADER=f"X-Gate: {SECRET}\nX-Stage:blue"),
        )  # fmt: skip
    assert ended.status == 0, ended.text
    report = ended.report()
    assert report["settings"]["headers"] == ["X-Gate", "X-Stage"]
    assert len(gateway.seen) == report["requests"]["sent"] > 100
    assert "" in {item.authorization for item in gateway.seen}  # every identity passed it
    text = whole(ended)
    assert SECRET not in text
    assert "$CONFORMANCE_HEADER_X_GATE" in text
    replayed = call(tmp_path, "run", "--allow-incomplete", "--replay", f"reports/latest/{har.NAME}")
    times = {"started_at": "", "finished_at": ""}
    assert {**replayed.report(), **times} == {**report, **times}


def test_headers_come_from_flags_too(tmp_path: Path) -> None:
    gateway = Gateway(recorded().app)
    with EmbeddedServer(gateway) as server:
        arguments = ("--header", f"X-Gate: {SECRET}", "--header", "X-Stage: blue")
        ended = call(tmp_path, *SMOKE, *arguments, **keys_for(server.base_url))
    assert ended.status == 0, ended.text


def test_values_that_are_no_secrets_are_not_redacted() -> None:
    """A plain word may be a name, and a short value anything."""
    headers = (
        ("X-Env", "staging"),
        ("X-N", "1"),
        ("X-User", "Basic dXNlcjpwYXNz"),
        ("X-G", SECRET),
    )
    redactor = Redactor(Target("http://t/v1", "pk_test_abcdef", network=Network(headers)))
    assert redactor.text(f"staging 1 Basic dXNlcjpwYXNz {SECRET}") == (
        "staging 1 $CONFORMANCE_HEADER_X_USER $CONFORMANCE_HEADER_X_G"
    )
    assert redactor.text("dXNlcjpwYXNz") == "$CONFORMANCE_HEADER_X_USER"


# Proxies


def test_the_proxy_of_the_environment_is_used(tmp_path: Path) -> None:
    recorder = recorded()
    with EmbeddedServer(recorder) as server, forward_proxy() as proxy:
        keys = keys_for(server.base_url)
        ended = call(tmp_path, *SMOKE, **keys, HTTP_PROXY=proxy.url, NO_PROXY="")
        assert ended.status == 0, ended.text
        passed = len(proxy.requested)
        assert passed == len(recorder.seen) == ended.report()["requests"]["sent"]
        assert proxy.requested[0].startswith(f"GET {server.base_url}/clinician-profiles")
        around = call(
            tmp_path / "around", *SMOKE, **keys, HTTP_PROXY=proxy.url, NO_PROXY="127.0.0.1"
        )
        assert around.status == 0, around.text
        assert len(proxy.requested) == passed


def test_tls_goes_through_the_tunnel_of_a_proxy(
    tmp_path: Path, files: CertificateFiles, secure: str
) -> None:
    with forward_proxy() as proxy:
        ended = call(
            tmp_path, *SMOKE, "--ca-bundle", str(files.authority),
            **keys_for(secure), HTTPS_PROXY=proxy.url, NO_PROXY="",
        )  # fmt: skip
    assert ended.status == 0, ended.text
    host = secure.removeprefix("https://").partition("/")[0]
    assert set(proxy.requested) == {f"CONNECT {host}"}


@pytest.mark.parametrize("proxy", [DEAD, "ftp://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_ends_the_run(tmp_path: Path, proxy: str) -> None:
    ended = call(
        tmp_path, *SMOKE, **keys_for("http://target.example/v1"), HTTP_PROXY=proxy, NO_PROXY=""
    )
    assert ended.status == 4, ended.text
    assert "Traceback" not in ended.text
    assert "no connection" in ended.report()["reason"]


# Redirects


def test_a_key_never_follows_a_redirect(tmp_path: Path) -> None:
    """Neither on the first request nor later; the report says that it leads to another host."""
    elsewhere = canned(200, "{}")
    api = recorded()
    with EmbeddedServer(elsewhere) as other:
        host = other.base_url.removeprefix("http://").partition("/")[0]
        away = canned(307, "", ("location", f"http://{host}/api-v1/clinician-profiles"))

        async def straying(scope: Scope, receive: Receive, send: Send) -> None:
            astray = b"is_active=false" in scope["query_string"]
            await (away.app if astray else api)(scope, receive, send)

        with EmbeddedServer(away) as server:
            at_once = call(tmp_path / "one", *SMOKE, **keys_for(server.base_url))
        with EmbeddedServer(Recorder(straying)) as server:
            later = call(tmp_path / "two", "run", **keys_for(server.base_url))
    assert elsewhere.seen == []
    assert at_once.status == 4, at_once.text
    assert f"another host, {host}" in at_once.report()["reason"]
    assert later.status == 1, later.text
    found = [
        finding["received"]
        for row in later.report()["requirements"]
        if row["outcome"] == "failed"
        for finding in row["findings"]
    ]
    assert any(f"307, a redirect to another host, {host}" in text for text in found)


# Base URLs


def _ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not _ipv6(), reason="this machine has no IPv6 loopback")
def test_a_target_may_have_an_ipv6_address(tmp_path: Path) -> None:
    with EmbeddedServer(recorded(), host="::1") as server:
        assert server.base_url.startswith("http://[::1]:")
        ended = call(tmp_path, *SMOKE, **keys_for(server.base_url))
    assert ended.status == 0, ended.text
    assert "--1" in ended.reports[0].name


def test_a_base_url_may_have_a_path_and_end_in_a_slash(tmp_path: Path) -> None:
    recorder = recorded()
    seen: list[str] = []

    async def deeper(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        path = scope["path"].removeprefix("/gateway/eu")
        raw = scope["raw_path"].removeprefix(b"/gateway/eu")
        await recorder({**scope, "path": path, "raw_path": raw}, receive, send)

    with EmbeddedServer(Recorder(deeper)) as server:
        base_url = server.base_url.replace("/api-v1", "/gateway/eu/api-v1//")
        ended = call(tmp_path, *SMOKE, **keys_for(base_url))
    assert ended.status == 0, ended.text
    assert all(path.startswith("/gateway/eu/api-v1/") for path in seen)
    assert not any("//" in path for path in seen)


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("http://target.example:80/v1", "target.example"),
        ("http://target.example/v1", "target.example"),
        ("http://target.example:8080/v1", "target.example:8080"),
        ("http://[2001:db8::7]/v1", "[2001:db8::7]"),
    ],
)
def test_a_default_port_is_not_another_host(base_url: str, host: str) -> None:
    """A proxy in place of a target of that name sees the Host header."""
    hosts: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        hosts.append(dict(scope["headers"])[b"host"].decode())
        await canned(200, json.dumps({"data": [], "meta": {}})).app(scope, receive, send)

    with EmbeddedServer(Recorder(app)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTP_PROXY", server.base_url.removesuffix("/api-v1"))
        patch.setenv("NO_PROXY", "")
        with client_to(Target(base_url, OWN_KEY)) as client:
            (answer,) = client.ask([Request()])
    assert isinstance(answer, Exchange), answer
    assert hosts == [host]
