"""Requests for tests of the client, and an empty page as a response."""

from __future__ import annotations

from conformance.http.client import Client
from conformance.http.exchange import Exchange
from conformance.http.request import Request

LIST = Request()


PAGE = (
    '{"data": [], "meta": {"request_id": "r", "limit": 20, "has_more": false, "next_offset": null}}'
)


def got(client: Client, request: Request = LIST) -> Exchange:
    (answer,) = client.ask([request])
    assert isinstance(answer, Exchange), answer
    return answer


def pages(count: int, repeat: str = "") -> list[Request]:
    return [Request(query=(("offset", str(place)),), repeat=repeat) for place in range(count)]
