"""HTTP/2 frame by frame: lawful behaviour is no incident, and any other is one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from h2.errors import ErrorCodes

from conformance.http import bounds, sender, transport
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.recording.har import NAME
from conformance.target.network import Network
from conformance.target.target import Target
from tests.support.asking import PAGE, client_to, got, pages
from tests.support.http2_frames import ReceivedRequest, RequestHandler, serve_frames
from tests.support.proxies import CertificateFiles, make_certificates
from tests.support.servers import OWN_KEY, start

LAST = 2**31 - 1
PATIENCE = 0.5


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", PATIENCE)
    monkeypatch.setattr(sender, "BACKOFF", 0.01)


def client_of(base_url: str, files: CertificateFiles, concurrency: int = 8) -> Client:
    network = Network(ca_bundle=str(files.authority), http2=True)
    return client_to(Target(base_url, OWN_KEY, network=network), concurrency=concurrency)


def answered(received: ReceivedRequest) -> bool:
    received.answer(PAGE)
    return True


def reset(received: ReceivedRequest) -> bool:
    received.wire.reset_stream(received.stream, ErrorCodes.INTERNAL_ERROR)
    received.flush()
    return True


def reset_within(received: ReceivedRequest) -> bool:
    received.head()
    received.body(PAGE[:5], end=False)
    return reset(received)


def complained(received: ReceivedRequest) -> bool:
    received.goaway(received.stream, ErrorCodes.ENHANCE_YOUR_CALM)
    return False


def closed(received: ReceivedRequest) -> bool:
    return False


def broken(received: ReceivedRequest) -> bool:
    """A settings frame of two bytes, which no setting has."""
    received.frame(4, b"??")
    return False


def too_short(received: ReceivedRequest) -> bool:
    received.head(("content-length", "1000"))
    received.body(PAGE)
    return True


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (reset, "the server ended the request (HTTP/2: INTERNAL_ERROR)"),
        (reset_within, "the server ended the request (HTTP/2: INTERNAL_ERROR)"),
        (complained, "the server ended the connection (HTTP/2: ENHANCE_YOUR_CALM)"),
        (closed, "the connection was cut: "),
        (broken, "the connection was cut: this breaks HTTP/2: "),
        (too_short, "the connection was cut: this breaks HTTP/2: "),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_failed_request_is_an_incident_and_is_retried(
    files: CertificateFiles, handler: RequestHandler, message: str
) -> None:
    with (
        serve_frames(files, handler, answered) as server,
        client_of(server.base_url, files) as client,
    ):
        answer = got(client)
        assert answer.protocol == "HTTP/2"
        assert " --http2 " in answer.curl()
        (incident,) = client.incidents
        assert message in incident.text
        got(client, Request(repeat="after it"))
        assert len(server.connection_numbers) == 3


def before_the_answer(received: ReceivedRequest) -> bool:
    """Send GOAWAY as nginx does: name the last request, then respond to it."""
    received.goaway(received.stream)
    received.head()
    received.body(PAGE)
    return False


def in_two_steps(received: ReceivedRequest) -> bool:
    """Send GOAWAY as Envoy and Go do: announce the end first, and name the last request later."""
    received.goaway(LAST)
    received.head()
    received.body(PAGE[:7], end=False)
    received.goaway(received.stream)
    received.body(PAGE[7:])
    return False


def without_a_word(received: ReceivedRequest) -> bool:
    received.answer(PAGE)
    return False


@pytest.mark.parametrize("handler", [before_the_answer, in_two_steps, without_a_word])
def test_a_request_lost_to_goaway_is_retried(
    files: CertificateFiles, handler: RequestHandler
) -> None:
    """The library gives up pending requests, and does not check whether a connection was closed."""
    with (
        serve_frames(files, handler, answered) as server,
        client_of(server.base_url, files, 1) as client,
    ):
        for request in pages(5):
            assert got(client, request).is_page
        assert len(client.incidents) <= 1
        assert client.total_sent == 5 + len(client.incidents)


def test_each_pending_request_has_its_own_connection(files: CertificateFiles) -> None:
    together = threading.Barrier(4)

    def waiting(received: ReceivedRequest) -> bool:
        together.wait(5)
        return answered(received)

    with serve_frames(files, waiting) as server, client_of(server.base_url, files, 4) as client:
        for again in "abc":
            answers = client.ask(pages(4, again))
            assert all(isinstance(item, Exchange) for item in answers)
        assert server.connections == 4
        assert client.incidents == []


def test_a_long_body_is_cut_and_delays_no_other_request(
    files: CertificateFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 20 * PATIENCE)  # a busy machine sends it slowly
    monster = " " * (bounds.MAX_BODY + 1)

    def long(received: ReceivedRequest) -> bool:
        received.head()
        received.body(monster, end=False)
        return True

    with (
        serve_frames(files, long, answered) as server,
        client_of(server.base_url, files, 1) as client,
    ):
        first = got(client)
        assert first.cut
        assert len(first.body) == bounds.KEPT_OF_CUT
        for request in pages(3):
            assert got(client, request).is_page
        assert client.incidents == []
        assert server.connection_numbers == [1, 2, 2, 2]


@pytest.mark.broad
def test_without_tls_the_run_says_that_http2_is_not_used(tmp_path: Path) -> None:
    ended = start(tmp_path, "run", "--depth", "smoke", "--allow-incomplete", "--http2").end()
    assert ended.status == 0, ended.text
    report = ended.report()
    (warning,) = report["warnings"]
    assert "HTTP/1.1 was used: HTTP/2 is negotiated in TLS" in warning
    assert report["settings"]["http2"] is True
    replayed = start(tmp_path, "run", "--allow-incomplete", "--replay", f"reports/latest/{NAME}")
    again = replayed.end().report()
    assert again["warnings"] == [warning]
    assert (again["settings"], again["requests"]) == (report["settings"], report["requests"])
