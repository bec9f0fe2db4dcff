"""Framing of HTTP/1.1: where a response ends, by the bytes that arrived."""

from __future__ import annotations

import pytest

from conformance.http.framing import Message

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "pieces", "surplus", "missing"),
    [
        ("GET", [HEAD + b"abcd"], 0, 0),
        ("GET", [HEAD, b"ab", b"cd\n"], 1, 0),
        ("GET", [HEAD[:20], HEAD[20:] + b"ab"], 0, 2),
        ("HEAD", [HEAD], 0, 0),
        ("HEAD", [HEAD, b"abcd"], 4, 0),
        ("GET", [b"HTTP/1.1 204 No Content\r\n\r\nx"], 1, 0),
        ("GET", [b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"], 0, 0),
        ("GET", [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEAD + b"abcd"], 0, 0),
        ("GET", [b"HTTP/1.1 200 OK\r\n\r\nto the end of the connection"], 0, 0),
        ("GET", [HEAD.replace(b"C", b"Transfer-Encoding: chunked\r\nC", 1) + b"4\r\nabcd"], 0, 0),
    ],
)
def test_a_message_knows_what_follows_and_what_is_missing(
    method: str, pieces: list[bytes], surplus: int, missing: int
) -> None:
    message = Message(f"{method} / HTTP/1.1\r\n\r\n".encode())
    for piece in pieces:
        message.feed(piece)
    assert (message.surplus, message.missing) == (surplus, missing)


def test_other_protocols_are_ignored() -> None:
    for request, answer in (
        (b"PRI * HTTP/2.0\r\n\r\n", HEAD + b"too long"),
        (b"GET / HTTP/1.1\r\n", b"SSH-2.0-x\r\n\r\n"),
    ):
        message = Message(request)
        message.feed(answer)
        assert message.surplus == 0
        assert message.status is None
