"""The model of the API: the right answer to each request of the suite, worked out from rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from conformance.http.request import COLLECTION, Query, Request
from conformance.model.organisation import Filters, Organisation
from conformance.target.credentials import OTHER, OWN
from conformance.text.uuids import is_uuid

_LOCATIONS = "/locations"
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DEFAULT_LIMIT = 20
_MAX_LIMIT = 100
_MAX_OFFSET = 2**31 - 1
_KNOWN = ("limit", "offset", *Filters._fields)
_READS = ("GET", "HEAD")
_QUOTA = 10**9

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Manner:
    """How a target does what the contract leaves to it, as far as the outcome of a case hangs on it.

    ``caps`` answers a limit above the maximum, or an offset below 0, with the bound instead of a refusal;
    the others say which headers answers have.
    """

    caps: bool = False
    request_id_header: bool = True
    quota_headers: bool = True


@dataclass(frozen=True)
class Reply:
    """A response; header names are in lower case."""

    status: int
    headers: Headers
    body: bytes


class _Refused(Exception):
    def __init__(self, status: int, code: str, *headers: tuple[str, str]) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers


class Service:
    """Answers for two organisations.

    :param other: None where there is no key of another organisation.
    """

    def __init__(
        self, own: Organisation, other: Organisation | None = None, manner: Manner | None = None
    ) -> None:
        self._organisations = {OWN: own} | ({OTHER: other} if other is not None else {})
        self._manner = manner or Manner()
        self._answered: Counter[str] = Counter()

    def answer(self, request: Request) -> Reply:
        """The answer to a request."""
        self._answered[request.identity] += 1
        request_id = f"rehearsed-{sum(self._answered.values()):08}"
        extra: Headers = ()
        status = 200
        try:
            content = self._content(request)
        except _Refused as refused:
            status, extra = refused.status, refused.headers
            content = {
                "data": None,
                "error": {"code": refused.code, "message": "This cannot be answered."},
            }
        content["meta"] = {**content.get("meta", {}), "request_id": request_id}
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = (
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            *self._headers(request, request_id),
            *extra,
        )
        return Reply(status, headers, b"" if request.method == "HEAD" else body)

    def _headers(self, request: Request, request_id: str) -> Headers:
        found: list[tuple[str, str]] = []
        if self._manner.request_id_header:
            found.append(("x-request-id", request_id))
        if self._manner.quota_headers and request.credential in self._organisations:
            left = _QUOTA - self._answered[request.identity]
            found += [("x-ratelimit-limit", str(_QUOTA)), ("x-ratelimit-remaining", str(left))]
        return tuple(found)

    def _content(self, request: Request) -> dict[str, Any]:
        organisation = self._organisations.get(request.credential)
        if organisation is None:
            raise _Refused(401, "UNAUTHORIZED", ("www-authenticate", "Bearer"))
        if organisation.refusal is not None:
            raise _Refused(*organisation.refusal)
        is_known = request.path in (COLLECTION, _LOCATIONS)
        segment = request.path.removeprefix(f"{COLLECTION}/")
        record = unquote(segment, errors="replace")
        if not is_known and (segment == request.path or not record or "/" in record):
            raise _Refused(404, "NOT_FOUND")
        if request.method not in _READS:
            raise _Refused(405, "METHOD_NOT_ALLOWED", ("allow", ", ".join(_READS)))
        if request.path == _LOCATIONS:
            return self._locations(organisation)
        if request.path == COLLECTION:
            return self._page(organisation, request.query)
        if not is_uuid(record):
            raise _Refused(400, "INVALID_PARAMETER")
        row = organisation.find(record.lower())
        if row is None:
            raise _Refused(404, "NOT_FOUND")
        return {"data": row}

    def _locations(self, organisation: Organisation) -> dict[str, Any]:
        if organisation.locations is None:
            raise _Refused(404, "NOT_FOUND")
        rows = [{"id": location} for location in organisation.locations]
        return _listed(rows, _MAX_LIMIT, 0, len(rows))

    def _page(self, organisation: Organisation, query: Query) -> dict[str, Any]:
        values = _values(query)
        limit = self._limit(values)
        offset = _integer(values, "offset", 0)
        if offset < 0 and self._manner.caps:
            offset = 0
        if not 0 <= offset <= _MAX_OFFSET:
            raise _Refused(400, "INVALID_PARAMETER")
        positions = organisation.positions(_filters(values))
        rows = [organisation.row(position) for position in positions[offset : offset + limit]]
        return _listed(rows, limit, offset, len(positions))

    def _limit(self, values: Mapping[str, str]) -> int:
        limit = _integer(values, "limit", _DEFAULT_LIMIT)
        if limit > _MAX_LIMIT and self._manner.caps:
            return _MAX_LIMIT
        if not 1 <= limit <= _MAX_LIMIT:
            raise _Refused(400, "INVALID_PARAMETER")
        return limit


def _listed(rows: Sequence[dict[str, Any]], limit: int, offset: int, total: int) -> dict[str, Any]:
    more = offset + len(rows) < total and bool(rows)
    following = offset + len(rows) if more else None
    return {
        "data": list(rows),
        "meta": {"limit": limit, "has_more": more, "next_offset": following},
    }


def _values(query: Query) -> dict[str, str]:
    """The known parameters, each of which may be given once."""
    found: dict[str, str] = {}
    for name, value in query:
        if name not in _KNOWN:
            continue
        if name in found:
            raise _Refused(400, "INVALID_PARAMETER")
        found[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return found


def _integer(values: Mapping[str, str], name: str, default: int) -> int:
    if name not in values:
        return default
    if not _INTEGER.fullmatch(values[name]):
        raise _Refused(400, "INVALID_PARAMETER")
    return int(values[name])


def _filters(values: Mapping[str, str]) -> Filters:
    booleans: dict[str, bool] = {}
    for name in ("is_active", "is_bookable_online"):
        if name in values:
            if values[name] not in ("true", "false"):
                raise _Refused(400, "INVALID_PARAMETER")
            booleans[name] = values[name] == "true"
    location = values.get("location_id")
    if location is not None and not is_uuid(location):
        raise _Refused(400, "INVALID_PARAMETER")
    return Filters(
        **booleans,
        location_id=None if location is None else location.lower(),
        search=values.get("search") or None,
    )
