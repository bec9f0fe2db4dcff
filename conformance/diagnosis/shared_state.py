"""The cause of responses that have the parameters of another request, which was sent at the same time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.verdict import Finding, named
from conformance.diagnosis.causes import Cause
from conformance.http.exchange import Exchange

_LEAST = 3
"""Responses with the limit of a request at the same time: fewer may have it for another reason."""


def shared_state(
    exchanges: Sequence[Exchange],
    findings: Sequence[tuple[str, Finding]],
    explained: Collection[tuple[str, int | None]],
) -> Cause | None:
    """Return the cause of pages with the limit of another request; None if there are too few.

    They were under way together with a request that had this limit, and most pages have their own.

    :param explained: the findings that another cause explains, with their exchanges.
    """
    pages = [item for item in exchanges if item.is_page and _limit(item) is not None]
    wrong = [item for item in pages if item.member("meta", "limit") != _limit(item)]
    swapped = [item for item in wrong if _of_another(item, pages)]
    if len(swapped) < _LEAST or 5 * len(swapped) < 4 * len(wrong) or 2 * len(wrong) > len(pages):
        return None
    mixed = {item.number for item in swapped}
    mixed |= {item.number for item in exchanges if _is_inconsistent(item)}
    found = frozenset(
        (name, item.exchange)
        for name, item in findings
        if (name, item.exchange) not in explained and named(item) & mixed
    )
    title = "Concurrent requests get each other's parameters"
    return Cause(
        title=title,
        mechanism=f"{title}. {len(swapped):,} pages name the limit of a request that was under way at the "
        "same time. The same request alone is answered with its own.",
        usually="An object that serves all requests (a paginator, a controller, a variable of a module) "
        "keeps what belongs to one of them.",
        fix="Create the object for each request, or pass what it keeps as an argument.",
        findings=found,
        explained=len(mixed),
        agreeing=len(exchanges) - len(mixed),
        at_times="it takes another request at the same time",
    )


def _limit(exchange: Exchange) -> int | None:
    """Return the limit that a request asks for; None if it is not valid."""
    texts = [str(value) for name, value in exchange.request.query if name == "limit"]
    if not texts:
        return DEFAULT_LIMIT
    text = texts[0]
    valid = len(texts) == 1 and text.isascii() and text.isdecimal() and len(text) <= len("100")
    return int(text) if valid and 1 <= int(text) <= MAX_LIMIT and not text.startswith("0") else None


def _of_another(exchange: Exchange, others: Sequence[Exchange]) -> bool:
    """Return whether a request for the limit that a page names was under way at the same time."""
    limit = exchange.member("meta", "limit")
    return any(
        _limit(other) == limit and exchange.overlaps(other)
        for other in others
        if other is not exchange
    )


def _is_inconsistent(exchange: Exchange) -> bool:
    """Return whether a response contradicts itself, as one that is made for two requests does."""
    header = exchange.header("x-request-id")
    if header is not None and exchange.member("meta", "request_id") not in (None, header):
        return True
    following = exchange.member("meta", "next_offset")
    offset = str(dict(exchange.request.query).get("offset", "0"))
    if not exchange.is_page or not isinstance(following, int) or not offset.isdecimal():
        return False
    return following != int(offset) + len(exchange.rows)
