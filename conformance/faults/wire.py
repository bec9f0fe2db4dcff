"""Applications that send bytes beside the response, end the connection or wait: variants below the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.store import Identity

_QUERY = 0.02
"""Seconds that a query takes, in which other requests arrive."""


class Framed:
    """An application that declares another length than it sends.

    ``change`` receives the request, the status and the body, and returns what is sent instead, None for the
    usual response. Bytes beyond the declared length are sent after the response, which ``wait`` seconds
    separate from it. ``headers`` are added to what is sent instead.
    """

    def __init__(
        self,
        app: ASGIApp,
        change: Callable[[Request, int, bytes], tuple[int | None, bytes] | None],
        wait: float = 0.0,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self.app = app
        self.change = change
        self.wait = wait
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        start, body = messages[0], b"".join(item.get("body", b"") for item in messages[1:])
        changed = self.change(Request(scope), start["status"], body)
        if changed is None:
            for message in messages:
                await send(message)
            return
        declared, content = changed
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        headers += self.headers
        if declared is not None:
            headers.append((b"content-length", str(declared).encode()))
        await send({**start, "headers": headers})
        bodiless = scope["method"] == "HEAD" or start["status"] == 204
        ends = 0 if bodiless else declared
        await send({"type": "http.response.body", "body": content[:ends]})
        if ends is not None and len(content) > ends:
            await asyncio.sleep(self.wait)
            transport_of(send).write(content[ends:])


class Cut:
    """An application that ends the connection instead of responding to requests that ``cuts`` selects."""

    def __init__(self, app: ASGIApp, cuts: Callable[[Request], bool]) -> None:
        self.app = app
        self.cuts = cuts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.cuts(Request(scope)):
            transport_of(send).abort()
            return
        await self.app(scope, receive, send)


def transport_of(send: Send) -> Any:
    """Return the connection of a request; the server passes a method of an object that has it."""
    return send.__self__.transport  # type: ignore[attr-defined]


def framed(
    change: Callable[[Request, int, bytes], tuple[int | None, bytes] | None],
    wait: float = 0.0,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Callable[[ClinicianApi], ASGIApp]:
    """Return what builds an application with other lengths."""
    return lambda api: Framed(build_app(api), change, wait, headers)


def cut(cuts: Callable[[Request], bool]) -> Callable[[ClinicianApi], ASGIApp]:
    """Return what builds an application that ends some connections."""
    return lambda api: Cut(build_app(api), cuts)


class Overlaps(ClinicianApi):
    """An API whose requests overlap: see :func:`overlapping`."""

    def checked(self, identity: Identity) -> None:
        """Note that the key of a request is valid; the request waits for its query now."""

    def began(self, request: Request) -> None:
        """Note what a request with a valid key asks for."""


def overlapping(api: ClinicianApi) -> ASGIApp:
    """Return an application that checks the key of a request, and waits before it reads the data."""
    app = build_app(api)

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        identity = api.authenticate(request.headers.get("authorization"))
        if identity is not None and isinstance(api, Overlaps):
            api.checked(identity)
            api.began(request)
            await asyncio.sleep(_QUERY)
        await app(scope, receive, send)

    return handle
