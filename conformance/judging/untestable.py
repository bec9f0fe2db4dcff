"""Targets that cannot be tested, recognised by their response to the plain list."""

from __future__ import annotations

from conformance.contract.document import Contract
from conformance.errors import Untestable
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION


def refuse_untestable(exchange: Exchange, contract: Contract) -> None:
    """Check that the response to the plain list is that of a target that can be tested.

    A server error passes, since it is a finding. A refused key, an HTML page or the JSON of another API does
    not.

    :raises Untestable: with what was received, and what to do.
    """
    kind = (exchange.header("content-type") or "no media type").split(";")[0].strip()
    request = f"GET {COLLECTION}"
    if exchange.status == 401:
        raise Untestable(f"{request} returned 401: the key in CONFORMANCE_API_KEY is not accepted")
    if exchange.status == 403:
        raise Untestable(f"{request} returned 403: the key lacks the scope for clinician profiles")
    if exchange.status == 429:
        raise Untestable(
            f"{request} returned 429: the key's rate limit is used up; try again after the top of the hour"
        )
    if exchange.status == 404:
        raise Untestable(
            f"{request} returned 404: the base URL must end just before /clinician-profiles"
        )
    if 300 <= exchange.status < 400:
        to = exchange.redirect or "an unnamed location"
        raise Untestable(
            f"{request} returned {exchange.status}, a redirect to {to}: give the final base URL"
        )
    if exchange.status >= 500 or (exchange.broken and "json" in kind):
        return
    start = exchange.body.lstrip()[:1]
    only_space = exchange.cut and not start  # the body was cut within white space
    if exchange.json_problem and start not in (b"{", b"[") and not only_space:
        raise Untestable(
            f"{request} returned {exchange.status} with {kind}, not JSON: not this API"
        )
    if exchange.status == 200 and not _looks_like_this_api(exchange.json, contract):
        raise Untestable(
            f"{request} returned 200 with JSON that has neither data nor meta: not this API"
        )


def _looks_like_this_api(body: object, contract: Contract) -> bool:
    """Return whether a body has a part of the envelope or a profile; a broken envelope is a finding."""
    if isinstance(body, dict):
        if {"data", "meta"} & set(body):
            return True
        return any(_looks_like_this_api(value, contract) for value in body.values())
    if isinstance(body, list):
        return any(
            isinstance(row, dict) and len(set(row) & set(contract.members)) >= 3 for row in body
        )
    return body is None  # the body starts like JSON but cannot be parsed, which is a finding
