"""A server that spoils its responses on the wire: status line, headers, framing, timing and order."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import responses
from random import Random
from urllib.parse import parse_qsl

from conformance.http.request import Request
from conformance.model.service import Service
from conformance.target.credentials import OTHER, OWN
from tests.hostile.spoiling import SPOILERS, Answer, spoilt
from tests.support.model_rows import OTHER_DIRECTORY, OWN_DIRECTORY
from tests.support.processes import OTHER_KEY, OWN_KEY
from tests.support.raw import CLOSE, RESET, Raw, Received, Step

_PREFIX = "/api-v1"
_CREDENTIALS = {f"Bearer {OWN_KEY}": OWN, f"Bearer {OTHER_KEY}": OTHER}
_LINES = (
    *(b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.0 200 OK", b"HTTP/2 200 OK", b"HTTP/1.1 99 X"),
    *(
        b"HTTP/1.1 1000 X",
        b"HTTP/1.1 OK",
        b"\xff\xfe",
        b"",
        b"SSH-2.0-x",
        b"HTTP/1.1 200 \x1b[31m\xff",
    ),
    *(
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 000 X",
        b"http/1.1 200 ok",
        b"HTTP/1.1  200 OK",
    ),
)
_HEADER_LINES = (
    *(
        b"no colon",
        b": no name",
        b"X: \x00",
        b"X\x00: y",
        b" folded",
        b"X : y",
        b"X: " + b"y" * 200_000,
    ),
    *(b"Content-Length: -1", b"Content-Length: 5, 5", b"Content-Length: 99999999999999999999"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Connection: upgrade, close"),
    *(b"Content-Encoding: gzip", b"X: \r", b"\xff\xfe: \xff", b"Location: http://\xff:x/\x1b[31m"),
)


class Wire:
    """Responds as the model does, and spoils some responses; which ones and how follows from the seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        random = Random(seed)
        self._share = random.choice([1.0, 0.5, 0.1, 0.03, 0.03])
        self._framing = random.choice([0.0, 0.1, 0.5])
        self._spoilers = tuple(random.sample(SPOILERS, random.choice([1, 2, len(SPOILERS)])))
        self._spared = random.random() < 0.8
        self._dies_after = random.choice([*[10**6] * 9, 1, 20])
        self._service = Service(OWN_DIRECTORY, OTHER_DIRECTORY)
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Run the server; yield its base URL."""
        with Raw(self._respond) as self._server:
            yield self._server.base_url

    def _respond(self, received: Received) -> Iterator[Step]:
        key = f"{received.method} {received.target} {received.headers.get('authorization')}"
        with self._lock:
            self._seen[key] += 1
            count, total = self._seen[key], self._seen.total()
            reply = self._service.answer(_request(received))
        answer = Answer(reply.status, reply.headers, reply.body)
        random = Random(f"{self._seed} {key} {count}")
        if total > self._dies_after:
            self._server.stop()
            return
        if (self._spared and total == 1) or random.random() >= self._share:
            yield b"".join(_message(answer, received.method))
            return
        if random.random() >= self._framing:
            found = spoilt(random, answer, self._spoilers)
            yield b"".join(_message(found, received.method))
            return
        yield from _framed(random, answer, received.method)


def _request(received: Received) -> Request:
    path, _, query = received.target.removeprefix(_PREFIX).partition("?")
    pairs = tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))
    credential = _CREDENTIALS.get(received.headers.get("authorization", ""), "a key never issued")
    return Request(received.method, path, pairs, credential)


def _message(answer: Answer, method: str) -> Iterator[bytes]:
    yield f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Odd')}\r\n".encode()
    for name, value in answer.headers:
        if name != "content-length":
            text = value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
            yield f"{name}: {text}\r\n".encode("latin-1", "replace")
    body = b"" if method == "HEAD" or answer.status in (204, 304) else answer.body
    yield f"content-length: {len(body)}\r\n\r\n".encode() + body


def _framed(random: Random, answer: Answer, method: str) -> Iterator[Step]:
    """Yield a response whose framing is spoilt."""
    line, *fields, last = _message(answer, method)
    head = line + b"".join(fields)
    _, _, body = last.partition(b"\r\n\r\n")
    size = b"content-length: %d\r\n\r\n" % len(body)
    chunked = b"transfer-encoding: chunked\r\n\r\n"
    whole = head + size + body
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    odd = (chunks, chunks[:-3], b"zz\r\n" + body, b"-5\r\n", b"fffffffffffffffff\r\nx")
    slow = [step for place in range(40) for step in (whole[place : place + 1], 0.001)]
    drip = [step for _ in range(30) for step in (b"x", 0.05)]
    choices: list[list[Step]] = [
        [random.choice(_LINES) + b"\r\n" + b"".join(fields) + size + body, CLOSE],
        [head + random.choice(_HEADER_LINES) + b"\r\n" + size + body, CLOSE],
        [head + b"content-length: %d\r\n\r\n" % (len(body) + 50) + body, CLOSE],
        [whole + b"HTTP/1.1 200 OK\r\n\r\nmore", CLOSE],
        [head + chunked + random.choice(odd), CLOSE],
        [head + b"\r\n" + body, CLOSE],
        [whole[: random.randrange(len(whole) + 1)], random.choice([RESET, CLOSE])],
        [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * random.choice([1, 50]), whole],
        [*slow, whole[40:]],
        [line + b"x-slow: ", *drip, CLOSE],
        [RESET],
        [body, CLOSE],
    ]
    yield from random.choice(choices)
