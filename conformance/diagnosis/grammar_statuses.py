"""The part of the grammar that is about status codes: which one is sent in place of the right one, and when.

The status is seen, so only the condition is induced. What a profile that is not found means is left to the
grammar of access: there a status follows from whose profile it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from conformance.contract.verdict import Finding
from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, Aspect, Deviation, Unit
from conformance.diagnosis.layered import Layered
from conformance.http.request import WRITES

_STATUS = re.compile(r"(\d{3})\b")
_MOST = 24
_REFUSED = frozenset({400, 404, 422})
_WRITE = frozenset({401, 404, 405, 429, 501})
_SAME = frozenset(
    {"AUTH", "ENV-04", "ERR-04", "FIL", "LIM", "ORG", "PAG", "RET", "RO", "ROB", "SRCH"}
)
_ODD = re.compile(
    r"^(`\w+`) is (?:not valid|malformed|empty)$|^the (?:id|path) (?:holds|has)|^(the term) (?:holds|has|is)"
    r"|^a (parameter)|^an (undocumented parameter)"
)
CRASH = (
    "an exception is not handled, such as a value that is used before it is checked",
    "handle the case before the value is used; the log of the server names the place",
)
REFUSAL = (
    "a check, a route or a proxy refuses the request before it reaches the operation",
    "return the documented response, or one of the documented refusals",
)
ACCEPTED = (
    "the framework has a handler for the method or the case that the contract does not have",
    "remove the handler, or return the documented status",
)


def statuses(
    service: Layered, contexts: Sequence[Context], findings: Sequence[tuple[str, Finding]]
) -> Iterator[Deviation]:
    """Yield the status codes that findings object to, with the responses that have them."""
    blamed = _blamed(findings)
    numbers = {number for found in blamed.values() for number in found}
    for status, found in sorted(blamed.items()):
        by_kind: dict[str, list[Context]] = defaultdict(list)
        for context in contexts:
            if context.seen.status == status and (
                context.number in found or _deviates(service, context, numbers)
            ):
                by_kind[_kind(context)].append(context)
        shown = [context for items in by_kind.values() for context in items]
        if not shown or not any(context.number in found for context in shown):
            continue
        # A request with several oddities may be refused for another one of them.
        subjects = frozenset.intersection(*(_oddities(context) for context in shown))
        valid = all("the key is valid" in context.literals for context in shown)
        others = [
            context
            for context in contexts
            if context.seen.status != status
            and not (context.seen.status in _REFUSED | {401, 414} and _oddities(context) - subjects)
            and not (
                context.seen.status == 404 and "the path has an encoded slash" in context.literals
            )
            and (not valid or "the key is valid" in context.literals)
        ]
        yield Deviation(
            _clause(status),
            Aspect(lambda _: NOT_JUDGED, _SAME, *_words(status)),
            [Unit(context) for context in shown],
            [Unit(context) for context in others],
        )


def _blamed(findings: Sequence[tuple[str, Finding]]) -> dict[int, set[int]]:
    """Return status → exchanges in which a finding objects to it."""
    blamed: dict[int, set[int]] = defaultdict(set)
    for _, finding in findings:
        if finding.exchange is None:
            continue
        received = _STATUS.match(finding.received)
        status = finding.status or 0
        if received is None and status == 0:
            blamed[0].add(finding.exchange)
        elif received is not None and int(received.group(1)) == status and status != 200:
            expected = {int(text) for text in _STATUS.findall(finding.expected)}
            if status not in expected and (expected or status >= 500):
                blamed[status].add(finding.exchange)
    return blamed


def _deviates(service: Layered, context: Context, blamed: set[int]) -> bool:
    """Return whether the model has no response with the status."""
    status = context.seen.status
    if status == 0 or status >= 500:
        return status != 501 or context.request.method not in WRITES
    if context.operation == "write":
        return status not in _WRITE
    if status in _REFUSED and status in context.refusals:
        return False
    if context.operation == "other" or context.request.method not in ("GET", "HEAD"):
        return context.number in blamed
    if context.request.headers and status in context.refusals:
        return False
    answers = islice(service.answers(context), _MOST)
    return all(answer.status != status for answer in answers)


def of_access(context: Context) -> bool:
    """Return whether a 404 may say that a profile is not found, or that it is another organisation's."""
    valid = "the key is valid" in context.literals
    return valid and context.operation == "retrieve" and context.seen.status in (200, 404)


def _oddities(context: Context) -> frozenset[str]:
    """Return which parts of a request may be refused: parameters, the path, the key, headers."""
    subjects = {
        subject.group(1) or "path"
        for literal in context.literals
        if (subject := _ODD.search(literal)) is not None
    }
    subjects.update(name for name, _ in context.request.headers)
    return frozenset(subjects | ({"key"} if "the key is not valid" in context.literals else set()))


def _kind(context: Context) -> str:
    return context.operation


def _clause(status: int) -> str:
    if status == 0:
        return "the connection is cut"
    return f"the server fails with {status}" if status >= 500 else f"the response is {status}"


def _words(status: int) -> tuple[str, str]:
    if status == 0 or status >= 500:
        return CRASH
    return REFUSAL if status >= 400 else ACCEPTED
