"""The ASGI application in front of the API."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.reference.api import ClinicianApi


class _Endpoint:
    """An ASGI application that passes every path and every method to the API."""

    def __init__(self, api: ClinicianApi, latency: float) -> None:
        self.api = api
        self.latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # In the event loop: a query takes less time than a switch to another thread.
        response = self.api.handle(request)
        wait = self.latency + self.api.delay(request, response)
        if wait > 0:
            await asyncio.sleep(wait)
        await response(scope, receive, send)


def build_app(api: ClinicianApi, latency_ms: float = 0) -> ASGIApp:
    """Return the application that serves ``api`` and delays each response by ``latency_ms``.

    It has no routes, because Starlette's routes ignore an encoded line feed at the end of a path, and its
    responses to unknown paths and methods are not error envelopes.
    """
    return _Endpoint(api, latency_ms / 1000)
