"""The cause of failures that come and go: the same request fails at one time, and is answered at another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from conformance.contract.verdict import Finding
from conformance.diagnosis.causes import Cause, Seen
from conformance.http.exchange import Exchange
from conformance.http.gateways import is_by_gateway
from conformance.text.wording import plural

NO_FAILURE = "ROB-01"
"""The requirement that no request fails, whatever the others expect of its response."""

_LEAST = 3
"""Requests that failed and were answered: fewer may each have a reason of their own."""

_ALWAYS = 3
"""How often a request that fails for what it asks has failed, without a response in between."""


def sporadic(exchanges: Sequence[Exchange], findings: Sequence[tuple[str, Finding]]) -> Seen | None:
    """Return the failures that do not follow from what is requested; None if they may."""
    sent: defaultdict[tuple[object, ...], list[Exchange]] = defaultdict(list)
    for item in exchanges:
        sent[item.request.sent].append(item)
    failed, answered, always = set[int](), 0, 0
    for group in sent.values():
        failures = [item for item in group if _is_failure(item)]
        if failures and len(failures) < len(group):
            answered += 1
        elif len(failures) > 1:
            always += 1
        if len(failures) < max(len(group), _ALWAYS):
            failed.update(item.number for item in failures)
    if answered < max(_LEAST, always + 1):
        return None
    title = "Some requests fail with a server error at one time, and are answered at another"
    cause = Cause(
        title=title,
        mechanism=f"{title}. {len(failed):,} of {plural(len(exchanges), 'request')} failed, and "
        f"{plural(answered, 'request')} that failed got an answer at another time. The failures depend on "
        "what happens before or beside a request, not on what it asks for.",
        usually="A connection returns to its pool within a broken transaction, a lock that is taken is an "
        "error at once, a pool or a worker has run out, or one of several instances is broken.",
        fix="Look up the request ids of these responses in the server's log. Roll back before a connection "
        "is used again, and wait for a lock, or try the transaction again.",
        findings=frozenset(
            (name, item.exchange) for name, item in findings if item.exchange in failed
        ),
        explained=len(failed),
        agreeing=sum(not _is_failure(item) for item in exchanges),
        leads=NO_FAILURE,
        at_times="such a request fails at one time, and is answered at another",
    )
    return Seen(cause, frozenset(failed))


def _is_failure(exchange: Exchange) -> bool:
    return exchange.status >= 500 and exchange.status != 501 and not is_by_gateway(exchange)
