"""The cause of a race: requests at the same time get each other's organisation, and alone they are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from conformance.contract.verdict import UNSTABLE, Finding, named
from conformance.diagnosis.causes import Cause, Seen
from conformance.http.exchange import Exchange
from conformance.http.request import Id
from conformance.model.parameters import Filters
from conformance.target.credentials import OTHER, OWN

RACE = "ORG-15"
"""The requirement whose case sends the same requests with both keys at the same time, and then alone."""

_KEYS = (OWN, OTHER)

_LEAST = 3
"""Responses that are mixed up, and tell of a race on their own."""


def race(exchanges: Sequence[Exchange], findings: Sequence[tuple[str, Finding]]) -> Seen | None:
    """Return the race that a run has shown: by ORG-15, or by several responses; None if it has shown none.

    It explains a finding if its response is mixed up, and the same request got a right one in the same run;
    or one of the same kind did, and a request with the other key was under way at the same time. It explains
    one that did not occur again if a response of its kind is mixed up.
    """
    shown = {(name, finding.exchange) for name, finding in findings if name == RACE}
    if not findings:
        return None
    owners = _owners(exchanges)
    read = [item for item in exchanges if item.request.identity in _KEYS]
    filled = {item.request.sent for item in read if item.rows and not _shows_foreign(item, owners)}
    mixed = {item.number for item in read if _is_mixed_up(item, owners, filled)}
    right = {item.request.sent for item in read if item.number not in mixed and item.status < 500}
    if not shown and not _is_told_by([item for item in read if item.number in mixed], right, read):
        return None
    kinds = {_kind(item) for item in read if item.request.sent in right}
    raced = frozenset(
        item.number
        for item in read
        if item.number in mixed
        if item.request.sent in right
        or (_kind(item) in kinds and _beside_the_other_key(item, read))
    )
    mixed_kinds = {_kind(item) for item in read if item.number in raced}
    of_number = {item.number: item for item in read}
    explained = {
        (name, item.exchange)
        for name, item in findings
        if named(item) & raced
        or (UNSTABLE in (item.detail or "") and _kinds(named(item), of_number) & mixed_kinds)
    }
    title = "Concurrent requests get each other's organisation"
    cause = Cause(
        title=title,
        mechanism=f"{title}. A request reads it from a place that another request at the same time replaces.",
        usually="A variable of the process or the thread holds the tenant, or a tenant setting stays on a "
        "pooled connection, or the setting and the query are sent on two connections.",
        fix="Keep the organisation with the request: pass it on as an argument, or set it in the transaction "
        "of the query, on the same connection.",
        findings=frozenset(shown | explained),
        explained=len(raced | {number for _, number in shown if number is not None}),
        agreeing=len(read) - len(mixed),
        leads=RACE,
        at_times="it takes requests with both keys at the same time",
    )
    return Seen(cause, raced)


def _is_told_by(
    mixed: Sequence[Exchange], right: Collection[tuple[object, ...]], read: Sequence[Exchange]
) -> bool:
    """Return whether mixed up responses tell of a race though ORG-15 had none: it may lack what it needs.

    Each was sent beside a request with the other key, and most requests had a right response as well.
    """
    again = [item for item in mixed if item.request.sent in right]
    return (
        len(again) >= _LEAST
        and 2 * len(again) > len(mixed)
        and all(_beside_the_other_key(item, read) for item in mixed)
    )


def _kind(exchange: Exchange) -> tuple[object, ...]:
    """Return what is requested, by which key and by which filters; unusual parameters are ignored."""
    request = exchange.request
    names = {name for name, _ in request.query} & {*Filters._fields}
    return request.method, request.credential, exchange.record_asked_for is None, frozenset(names)


def _kinds(numbers: set[int], exchanges: Mapping[int, Exchange]) -> set[tuple[object, ...]]:
    return {_kind(exchanges[number]) for number in numbers if number in exchanges}


def _beside_the_other_key(exchange: Exchange, others: Sequence[Exchange]) -> bool:
    """Return whether a request with the other key was under way at the same time."""
    return any(
        exchange.overlaps(other)
        for other in others
        if other.request.identity != exchange.request.identity
    )


def _owners(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """Return id → the identity in whose lists a profile is more often, compared with all its lists."""
    lists: Counter[str] = Counter()
    listed: Counter[tuple[str, str]] = Counter()
    for item in exchanges:
        if item.is_page and item.rows and item.request.identity in _KEYS:
            lists[item.request.identity] += 1
            listed.update((record, item.request.identity) for record in set(item.ids))
    records = {record for record, _ in listed}
    return {
        record: max(_KEYS, key=lambda name: listed[record, name] / max(1, lists[name]))
        for record in records
    }


def _is_mixed_up(
    exchange: Exchange, owners: Mapping[str, str], filled: Collection[tuple[object, ...]]
) -> bool:
    """Return whether a response shows the other organisation's data, or lacks its own.

    :param filled: the requests that returned records of their own: an empty page for one of them lacks some.
    """
    own = exchange.request.identity
    if _shows_foreign(exchange, owners):
        return True
    if exchange.is_page and not exchange.rows:
        return exchange.request.sent in filled
    record = exchange.record_asked_for
    return record is not None and exchange.status == 404 and owners.get(record) == own


def _shows_foreign(exchange: Exchange, owners: Mapping[str, str]) -> bool:
    own = exchange.request.identity
    record = Id.of(exchange.member("data")) if exchange.is_record else None
    shown = exchange.ids if record is None else [record]
    return any(owners.get(one, own) != own for one in shown)
