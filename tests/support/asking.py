"""Requests for tests of the client, and an empty page as a response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.errors import TransportFailure
from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.limits import Limits
from conformance.http.request import Request
from conformance.http.sender import Sender
from conformance.target.target import Target

LIST = Request()


PAGE = (
    '{"data": [], "meta": {"request_id": "r", "limit": 20, "has_more": false, "next_offset": null}}'
)


def client_to(
    target: Target, *, on_sent: Callable[[int], None] | None = None, **limits: Any
) -> Client:
    """Return a client that sends to a target."""
    return Client(Sender(target, Limits(**limits)), on_sent=on_sent)


def got(client: Client, request: Request = LIST) -> Exchange:
    (answer,) = client.ask([request])
    assert isinstance(answer, Exchange), answer
    return answer


def failed(client: Client, request: Request = LIST) -> TransportFailure:
    (answer,) = client.ask([request])
    assert isinstance(answer, TransportFailure), answer
    return answer


def pages(count: int, repeat: str = "") -> list[Request]:
    return [Request(query=(("offset", str(offset)),), repeat=repeat) for offset in range(count)]
