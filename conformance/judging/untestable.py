"""When a target cannot be judged at all: what the answer to the plain list says of it."""

from __future__ import annotations

from conformance.contract.document import Contract
from conformance.errors import Untestable
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION


def refuse_untestable(exchange: Exchange, contract: Contract) -> None:
    """Whether the answer to the plain list shows a target that can be judged.

    A server error can: it is a finding. A refused key, a page for people or another API's JSON cannot.

    :raises Untestable: with what came, and what to do.
    """
    kind = (exchange.header("content-type") or "no media type").split(";")[0].strip()
    where = f"GET {COLLECTION}"
    if exchange.status == 401:
        raise Untestable(f"{where} was answered 401: the key in CONFORMANCE_API_KEY is refused")
    if exchange.status == 403:
        raise Untestable(
            f"{where} was answered 403: the key lacks the scope for clinician profiles"
        )
    if exchange.status == 429:
        raise Untestable(
            f"{where} was answered 429: the key's quota is used up, try again after the top of the hour"
        )
    if exchange.status == 404:
        raise Untestable(
            f"{where} was answered 404: the base URL must end where /clinician-profiles begins"
        )
    if 300 <= exchange.status < 400:
        to = exchange.redirect or "nowhere"
        raise Untestable(
            f"{where} was answered {exchange.status}, a redirect to {to}: give the final base URL"
        )
    if exchange.status >= 500:
        return
    start = exchange.body.lstrip()[:1]
    unseen = exchange.cut and not start  # so much white space that nothing else was kept
    if exchange.json_problem and start not in (b"{", b"[") and not unseen:
        raise Untestable(
            f"{where} was answered {exchange.status} with {kind}, not JSON: not this API"
        )
    if exchange.status == 200 and not _looks_like_this_api(exchange.json, contract):
        raise Untestable(
            f"{where} was answered 200 with JSON that has neither data nor meta: not this API"
        )


def _looks_like_this_api(body: object, contract: Contract) -> bool:
    """Whether the body has anything of the envelope or of the profile; a broken envelope is a finding."""
    if isinstance(body, dict):
        if {"data", "meta"} & set(body):
            return True
        return any(_looks_like_this_api(value, contract) for value in body.values())
    if isinstance(body, list):
        return any(
            isinstance(row, dict) and len(set(row) & set(contract.members)) >= 3 for row in body
        )
    return body is None  # a body that cannot be parsed starts like JSON: a finding, not another API
