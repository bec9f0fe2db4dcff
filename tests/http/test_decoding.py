"""Bodies are unpacked within bounds, and cut if they are too long."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from conformance.errors import TransportFailure
from conformance.faults.unjudgeable.stub import Stub, message
from conformance.http import bounds
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.recording import seal
from conformance.reference.server import EmbeddedServer
from tests.support.asking import LIST, PAGE, client_to, got
from tests.support.replaying import written
from tests.support.servers import (
    Recorder,
    canned,
    client_for,
    keys_for,
    recorded,
    surroundings,
    target_of,
)

MEBIBYTE = 1024 * 1024
GZIP = "Content-Encoding", "gzip"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asked(body: bytes, *headers: tuple[str, str], method: str = "GET") -> Exchange:
    with (
        EmbeddedServer(canned(200, body, *headers)) as server,
        client_to(target_of(server)) as client,
    ):
        return got(client, Request(method))


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


LONG = (PAGE + " " * 700_000).encode()
PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip in capitals": ("GZIP", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "gzip of two": ("gzip", lambda data: gzip.compress(data[:40]) + gzip.compress(data[40:])),
    "gzip followed by zeros": ("gzip", lambda data: gzip.compress(data) + b"\0" * 9),
    "deflate": ("deflate", zlib.compress),
    "deflate without its head": ("deflate", raw_deflate),
    "identity": ("identity", bytes),
    "twice": ("deflate, gzip", lambda data: gzip.compress(zlib.compress(data))),
}


@pytest.mark.parametrize("data", [PAGE.encode(), LONG], ids=["short", "long"])
@pytest.mark.parametrize(("name", "pack"), PACKED.values(), ids=list(PACKED))
def test_each_content_coding_is_removed(
    name: str, pack: Callable[[bytes], bytes], data: bytes
) -> None:
    answer = asked(pack(data), ("Content-Encoding", name))
    assert answer.body == data
    assert (answer.cut, answer.is_page) == (False, True)


def test_only_supported_codings_are_accepted() -> None:
    offered: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        offered.append(dict(scope["headers"])[b"accept-encoding"].decode())
        await canned(200, PAGE).app(scope, receive, send)

    with EmbeddedServer(Recorder(app)) as server, client_to(target_of(server)) as client:
        got(client)
    assert offered == ["gzip, deflate"]


def test_an_unknown_coding_is_left_unchanged() -> None:
    answer = asked(b"\x8b\x02\x80{}\x03", ("Content-Encoding", "br"))
    assert answer.body == b"\x8b\x02\x80{}\x03"
    assert answer.json_problem


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_an_empty_body_stays_empty(method: str) -> None:
    assert asked(b"", GZIP, method=method).body == b""


BROKEN = {
    "cut short": gzip.compress(PAGE.encode())[:-9],
    "no gzip": b"not packed at all",
    "broken within": gzip.compress(PAGE.encode())[:20] + b"\xff" * 20,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=list(BROKEN))
def test_a_body_that_cannot_be_unpacked_is_a_failure(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.http.sender.BACKOFF", 0.001)
    app = canned(200, body, GZIP)
    with EmbeddedServer(app) as server, client_to(target_of(server)) as client:
        (answer,) = client.ask([LIST])
        assert isinstance(answer, TransportFailure)
        assert "unpacked" in str(answer) or "cut short" in str(answer)


# What is too long


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_is_cut_after_ten_mebibytes(*, packed: bool) -> None:
    most = bounds.MAX_BODY
    assert most == 10 * MEBIBYTE
    start = b'{"data": "'
    for size, cut in ((most, False), (most + 1, True)):
        body = start + b"x" * (size - len(start))
        answer = asked(gzip.compress(body, 1) if packed else body, *([GZIP] if packed else []))
        assert answer.cut is cut
        assert answer.body == (body[: bounds.KEPT_OF_CUT] if cut else body)
        assert (answer.json_problem == "the body was too long and was cut") is cut


def test_a_cut_body_is_cut_in_the_transcript_too() -> None:
    with (
        Stub(lambda _: message("200 OK", " " * 11 * MEBIBYTE, "application/json")) as target,
        client_to(target) as client,
    ):
        one = got(client)
        with written(client) as second:
            two = got(second)
    assert one == two
    assert two.cut
    content = seal.load(Path("it.har"))["entries"][0]["response"]
    assert (content["bodySize"], content["content"]["comment"]) == (-1, "cut: the body was longer")


def test_an_endless_body_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_BODY", 1000)
    with client_for(canned(200, "x" * 5_000_000)) as client:
        answer = got(client)
        assert 1000 < len(answer.body) < 1_000_000
        assert answer.json_problem


# Memory


class Bomb(Recorder):
    """Returns some bodies without an end, or that unpack to more than any memory."""

    def __init__(self, kind: str) -> None:
        super().__init__(recorded().app)
        self.kind = kind
        self.packed = gzip.compress(b" " * (32 * MEBIBYTE)) * 64  # two gibibytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"search" not in scope["query_string"]:
            await super().__call__(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        if self.kind != "endless":
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in self.pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def pieces(self) -> Iterator[bytes]:
        if self.kind == "bomb":
            yield self.packed
            return
        empty = gzip.compress(b"") * 3000
        for _ in range(400):  # 24 MiB and more: what goes on for ever, as far as a test can tell
            yield empty if self.kind == "nothing" else b"x" * 65536


MEASURED = """
import resource, subprocess, sys
status = subprocess.call([sys.executable, "-m", "conformance", *sys.argv[1:]])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


@pytest.mark.broad
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is Linux's")
@pytest.mark.parametrize("kind", ["bomb", "endless", "nothing"])
def test_no_response_exhausts_memory(tmp_path: Path, kind: str) -> None:
    with EmbeddedServer(Bomb(kind)) as server:
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, "run", "--quiet", "--report-dir", "here"],
            cwd=tmp_path,
            env=surroundings(**keys_for(server.base_url)),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    from conformance import report

    result: Any = report.read(tmp_path / "here")
    failed = {row["id"] for row in result["requirements"] if row["outcome"] == "failed"}
    assert failed == {"ROB-10"}
    peak = int(ended.stdout.rsplit("peak ", 1)[1]) * 1024
    assert peak < 400 * MEBIBYTE
