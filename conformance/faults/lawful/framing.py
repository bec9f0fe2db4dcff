"""Lawful variants: other ways to end a response, and to begin one."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.faults.variant import lawful
from conformance.faults.wire import transport_of
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app


class _Changed:
    """An application that changes the start of each response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = self.start(scope, message, send)
            await send(message)

        await self.app(scope, receive, changed)

    def start(self, scope: Scope, message: Message, send: Send) -> Message:
        """Return the start of the response that is sent."""
        raise NotImplementedError


class _Closing(_Changed):
    def start(self, scope: Scope, message: Message, send: Send) -> Message:  # noqa: ARG002
        """Return the start with ``Connection: close``, and for a short body without its length."""
        length = int(dict(message["headers"]).get(b"content-length", b"0"))
        headers = [
            pair for pair in message["headers"] if pair[0] != b"content-length" or length > 1000
        ]
        return {**message, "headers": [*headers, (b"connection", b"close")]}


@lawful(
    "The connection is closed after each response.",
    app=lambda api: _Closing(build_app(api)),
)
class ClosesEachConnection(ClinicianApi):
    """A server may close a connection at any time between two responses."""


class _Hinting(_Changed):
    def start(self, scope: Scope, message: Message, send: Send) -> Message:  # noqa: ARG002
        """Send an interim response first."""
        transport_of(send).write(b"HTTP/1.1 103 Early Hints\r\nLink: </>; rel=preload\r\n\r\n")
        return message


@lawful(
    "An interim response (103) precedes each response.",
    app=lambda api: _Hinting(build_app(api)),
)
class SendsEarlyHints(ClinicianApi):
    """An interim response has no body, and the response follows it."""


class _HeadWithLength(_Changed):
    def start(self, scope: Scope, message: Message, send: Send) -> Message:  # noqa: ARG002
        """Return the start; for HEAD with the length of another body."""
        if scope["method"] != "HEAD":
            return message
        headers = [pair for pair in message["headers"] if pair[0] != b"content-length"]
        return {**message, "headers": [*headers, (b"content-length", b"4711")]}


@lawful(
    "HEAD declares a Content-Length, and sends no body.",
    app=lambda api: _HeadWithLength(build_app(api)),
)
class HeadDeclaresLength(ClinicianApi):
    """Content-Length of a HEAD response is that of the GET response, which may be compressed otherwise."""
