"""The cause of responses that a cache repeats for another request of the same key.

A response whose bytes came before, its ``request_id`` included, is that response.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conformance.contract.verdict import Finding, named
from conformance.diagnosis.causes import Cause
from conformance.http.exchange import Exchange
from conformance.model.parameters import Filters
from conformance.text.wording import plural

_LEAST = 2
"""Responses that came before for another request: one may have the same bytes by chance."""

_OF_LISTS = ("FIL-", "PAG-", "SRCH-")
_OF_COPIES = frozenset({"ENV-08", "ENV-14", "ENV-16"})
_PARAMETERS = frozenset({*Filters._fields, "limit", "offset"})


def cache_keys(
    exchanges: Sequence[Exchange],
    findings: Sequence[tuple[str, Finding]],
    explained: Collection[tuple[str, int | None]],
) -> Cause | None:
    """Return the cause of lists that are repeated whatever one parameter is; None if there is none.

    :param explained: the findings that another cause explains, with their exchanges.
    """
    first: dict[tuple[str, bytes], Exchange] = {}
    repeated: dict[int, set[str]] = {}
    copies: set[int] = set()
    for item in exchanges:
        if item.is_page and item.request_id and not item.request.headers:
            source = first.setdefault((item.request.credential, item.body), item)
            copies |= {item.number} - {source.number}
            if differing := _differing(source, item):
                repeated[item.number] = differing
    names = set.intersection(*repeated.values()) if repeated else set()
    if len(repeated) < _LEAST or len(names) != 1:
        return None
    (name,) = names
    # Any list with the parameter may be that of another value.
    with_it = {item.number for item in exchanges if name in dict(item.request.query)}
    found = frozenset(
        (requirement, item.exchange)
        for requirement, item in findings
        if (requirement, item.exchange) not in explained
        and (
            named(item) & {*repeated}
            or (requirement.startswith(_OF_LISTS) and item.exchange in with_it)
            or (requirement in _OF_COPIES and item.exchange in copies)
        )
    )
    title = f"A cache repeats a list for a request with another `{name}`"
    return Cause(
        title=title,
        mechanism=f"{title}. {plural(len(repeated), 'response')} came before, with the same `request_id`, "
        f"for a request that differs in `{name}`.",
        usually="The key of the cache is a list of parameters, and this one was forgotten.",
        fix="Make the key of the whole query string and of the API key, or do not cache.",
        findings=found,
        explained=len(repeated),
        agreeing=len(exchanges) - len(repeated),
    )


def _differing(source: Exchange, item: Exchange) -> set[str]:
    """Return the parameters in which two requests for a list differ; none if they differ in others too."""
    one, two = (
        {name: value for name, value in each.request.query if value not in ("", b"")}
        for each in (source, item)
    )
    was_there = source.at + source.elapsed <= item.at
    same_path = source.request.path == item.request.path
    if {*one, *two} - _PARAMETERS or not same_path or not was_there:
        return set()
    return {name for name in {*one, *two} if one.get(name) != two.get(name)}
