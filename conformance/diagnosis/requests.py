"""What kind of request a finding rests on: its operation, its parameters, its key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.contract.verdict import Finding
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION
from conformance.target.credentials import OTHER, OWN

PAGING = frozenset({"limit", "offset"})
PARAMETERS = PAGING | {"is_active", "is_bookable_online", "location_id", "search"}
_LONG = 24


@dataclass(frozen=True)
class Asked:
    """The request of a finding.

    ``operation`` is ``list``, ``retrieve`` or ``other``. ``parameters`` are decoded names and values.
    ``credential`` is the name of the credential, None if the transcript does not have the exchange.
    """

    method: str = "GET"
    operation: str = "other"
    parameters: tuple[tuple[str, str], ...] = ()
    credential: str | None = None
    headers: tuple[str, ...] = ()
    has_body: bool = False

    @property
    def subject_names(self) -> tuple[str, ...]:
        """The parameters that the request is about: ``limit`` and ``offset`` only if there are no others."""
        names = dict.fromkeys(name for name, _ in self.parameters)
        return tuple(name for name in names if name not in PAGING) or tuple(names)

    @property
    def with_valid_key(self) -> bool:
        """Whether the request carries one of the two keys as it should."""
        return self.credential in (OWN, OTHER, None)


def asked(finding: Finding, transcript: Sequence[Exchange]) -> Asked:
    """Return the request of a finding, with what its exchange adds."""
    if finding.url is None:
        return Asked()
    parts = urlsplit(finding.url)
    _, found, record = parts.path.rpartition(COLLECTION)
    operation = "other"
    if found and record in ("", "/"):
        operation = "list"
    elif found and re.fullmatch(r"/[^/]+", record):
        operation = "retrieve"
    parameters = tuple(parse_qsl(parts.query, keep_blank_values=True, errors="replace"))
    credential, headers, has_body = None, (), False
    if finding.exchange is not None and finding.exchange <= len(transcript):
        request: Any = transcript[finding.exchange - 1].request
        credential = request.credential
        headers = tuple(sorted({name.lower() for name, _ in request.headers}))
        has_body = bool(request.content)
    return Asked(finding.method or "GET", operation, parameters, credential, headers, has_body)


def phrase(request: Asked) -> str:
    """Return the request in a few words that name no person: ```is_active=true```, ``a profile``."""
    words = _parameters(request)
    if request.operation == "retrieve":
        words = "a profile"
    elif not words:
        words = "the list" if request.operation == "list" else "another path"
    if request.method != "GET":
        words = f"`{request.method}` of {words}"
    named = [f"`{name}`" for name in request.headers if name != "content-type"]
    if request.has_body:
        named.insert(0, "a body")
    elif len(named) < len(request.headers):
        named.append("`content-type`")
    if named:
        words += f" with {', '.join(named[:3])}"
    if not request.with_valid_key:
        words += f" ({request.credential})"
    return words


def _parameters(request: Asked) -> str:
    if request.operation != "list" or not request.parameters:
        return ""
    wanted = request.subject_names[:4]
    shown = [
        f"{name}={value}" if _is_plain(name, value) else name
        for name, value in request.parameters
        if name in wanted
    ]
    return f"`{'&'.join(dict.fromkeys(shown))}`"


def _is_plain(name: str, value: str) -> bool:
    """Return whether a value names no person and is short enough to be shown."""
    return name not in ("search", "location_id") and len(value) <= _LONG and value.isprintable()
