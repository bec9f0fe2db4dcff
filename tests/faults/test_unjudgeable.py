"""Unjudgeable servers: what each sends, how a run on it ends, and its clean stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from conformance.contract.verdict import ExitStatus
from conformance.faults.unjudgeable.servers import UNJUDGEABLE
from conformance.faults.unjudgeable.stub import Stub, message
from conformance.http import sender, transport
from conformance.proof.trial import judged
from conformance.target.target import Target

BY_NAME = {fault.name: fault for fault in UNJUDGEABLE}

EXPECTED = {
    "dead-port": 4,
    "key-refused": 4,
    "scope-missing": 4,
    "wrong-path": 4,
    "quota-used-up": 4,
    "server-error": 1,
    "gateway-down": 4,
    "login-page": 4,
    "redirect-to-login": 4,
    "endless-redirect": 4,
    "hang": 4,
    "cut-mid-body": 4,
    "cut-at-once": 4,
    "other-protocol": 4,
    "empty-body": 4,
    "other-json": 4,
    "empty-database": 3,
    "tls-on-a-plain-port": 4,
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(sender, "BACKOFF", 0.01)


def raw(target: Target, method: str = "GET") -> bytes:
    """Return the bytes received until the connection ends."""
    parts = urlsplit(target.base_url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5) as sock:
        sock.sendall(f"{method} /api-v1/clinician-profiles HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return b"".join(_pieces(sock))


def _pieces(sock: socket.socket) -> Iterator[bytes]:
    while piece := sock.recv(65536):
        yield piece


def test_each_server_has_its_exit_status() -> None:
    assert {name: int(fault.exit_status) for name, fault in BY_NAME.items()} == EXPECTED


@pytest.mark.parametrize(
    "name", [name for name, status in EXPECTED.items() if status == ExitStatus.UNTESTABLE]
)
def test_a_run_without_cases_finds_the_server_untestable(name: str) -> None:
    with BY_NAME[name].serve() as target:
        result, problem = judged(target, [])
    assert problem is None
    assert (result["exit_status"], result["verdict"]) == (4, "untestable")
    assert result["reason"].startswith("The target cannot be tested: ")


@pytest.mark.parametrize(
    ("name", "starts", "holds"),
    [
        ("key-refused", b"HTTP/1.1 401 ", b'"UNAUTHORIZED"'),
        ("quota-used-up", b"HTTP/1.1 429 ", b"\r\nRetry-After: "),
        ("server-error", b"HTTP/1.1 500 ", b'"data": null'),
        ("login-page", b"HTTP/1.1 200 ", b"<form"),
        ("redirect-to-login", b"HTTP/1.1 302 ", b"\r\nLocation: /login"),
        ("endless-redirect", b"HTTP/1.1 301 ", b"\r\nLocation: /api-v1/clinician-profiles\r\n"),
        ("other-json", b"HTTP/1.1 200 ", b'"version"'),
    ],
)
def test_raw_responses(name: str, starts: bytes, holds: bytes) -> None:
    with BY_NAME[name].serve() as target:
        answer = raw(target)
        head = raw(target, "HEAD")
    assert answer.startswith(starts)
    assert holds in answer
    assert head.startswith(starts)
    assert head.endswith(b"\r\n\r\n")


def test_a_truncated_body_is_shorter_than_its_content_length() -> None:
    with BY_NAME["cut-mid-body"].serve() as target:
        head, _, body = raw(target).partition(b"\r\n\r\n")
    length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < length


def test_a_hanging_server_closes_connections_when_its_block_ends() -> None:
    before = threading.active_count()
    with BY_NAME["hang"].serve() as target:
        parts = urlsplit(target.base_url)
        sock = socket.create_connection((str(parts.hostname), parts.port or 0), timeout=5)
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    sock.settimeout(5)
    assert sock.recv(1) == b""
    sock.close()
    assert threading.active_count() <= before


@pytest.mark.parametrize("name", ["dead-port", "hang", "other-json"])
def test_nothing_listens_after_the_block(name: str) -> None:
    with BY_NAME[name].serve() as target:
        pass
    with pytest.raises(ConnectionRefusedError):
        raw(target)


def test_two_blocks_of_one_fault_are_two_servers() -> None:
    fault = BY_NAME["other-json"]
    with fault.serve() as one, fault.serve() as two:
        assert one.base_url != two.base_url
        assert raw(one) == raw(two)


def test_a_stub_answers_concurrently() -> None:
    gate = threading.Barrier(3, timeout=5)

    def respond(_: str) -> bytes:
        gate.wait()  # waits for all three connections
        return message("200 OK", "{}", "application/json")

    answers: list[bytes] = []
    with Stub(respond) as target:
        threads = [threading.Thread(target=lambda: answers.append(raw(target))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 3
    assert len(set(answers)) == 1
