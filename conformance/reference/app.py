"""The ASGI application: Starlette in front of the API."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from conformance.reference.api import ClinicianApi


class _Endpoint:
    """Answers every path and every method: the API itself decides which there are."""

    def __init__(self, api: ClinicianApi, latency: float) -> None:
        self.api = api
        self.latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # In the event loop and not in a thread: a query takes less than the way there and back.
        response = self.api.handle(request)
        wait = self.latency + self.api.delay(request, response)
        if wait > 0:
            await asyncio.sleep(wait)
        await response(scope, receive, send)


def build_app(api: ClinicianApi, latency_ms: float = 0) -> Starlette:
    """The application that serves ``api``, each response ``latency_ms`` milliseconds later.

    There is no table of routes: Starlette's patterns take a path with an encoded line end for the one
    without it, and its answers to unknown paths and methods are no error envelopes.
    """
    app = Starlette()
    app.router.default = _Endpoint(api, latency_ms / 1000)
    return app
