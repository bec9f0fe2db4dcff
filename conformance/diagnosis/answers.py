"""Responses reduced to what a model predicts of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from conformance.http.exchange import Exchange

UNKNOWN: Any = ...
"""Stands for a part of a response that cannot be compared; it equals every value."""


class Answer(NamedTuple):
    """The part of a response that a model predicts.

    ``ids`` are those of a page in its order, or the one of a retrieved profile. ``unordered`` is set if the
    model does not know the order of the ids.
    """

    status: int
    ids: tuple[str, ...] | Any = UNKNOWN
    limit: int | Any = UNKNOWN
    more: bool | Any = UNKNOWN
    next: int | Any | None = UNKNOWN
    unordered: bool = False

    def differs(self, seen: Answer) -> tuple[str, ...]:
        """Return the names of the facets in which the response that was seen differs from this one."""
        if self.status != seen.status:
            return ("status",)
        found = []
        if self.ids is not UNKNOWN and seen.ids is not UNKNOWN and self.ids != seen.ids:
            if sorted(self.ids) != sorted(seen.ids):
                found.append("ids")
            elif not self.unordered:
                found.append("order")
        for name in ("limit", "more", "next"):
            one, other = getattr(self, name), getattr(seen, name)
            if one is not UNKNOWN and other is not UNKNOWN and one != other:
                found.append(name)
        return tuple(found)


def seen_in(exchange: Exchange) -> Answer:
    """Return what a response shows. A member of a wrong type is not compared: it is a matter of form."""
    if exchange.status != 200 or exchange.request.method == "HEAD":
        return Answer(exchange.status)
    if exchange.is_record:
        record = exchange.member("data", "id")
        return Answer(200, (record.lower(),) if isinstance(record, str) else UNKNOWN)
    if not exchange.is_page:
        return Answer(200)
    limit, more, following = (
        exchange.member("meta", name) for name in ("limit", "has_more", "next_offset")
    )
    return Answer(
        200,
        tuple(exchange.ids),
        limit if type(limit) is int else UNKNOWN,
        more if type(more) is bool else UNKNOWN,
        following if following is None or type(following) is int else UNKNOWN,
    )
