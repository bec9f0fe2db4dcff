"""One request with its response, and the record of all of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from conformance.contract.verdict import Breach, Finding
from conformance.http.request import COLLECTION, Id, Request
from conformance.target.credentials import CREDENTIALS
from conformance.text import stamps, strict_json
from conformance.text.wording import plural

Derived = TypeVar("Derived")

HTTP2 = "HTTP/2"


def utc_now() -> str:
    """Return the time in UTC, in the format of a HAR."""
    return stamps.rfc3339(stamps.now())


@dataclass(frozen=True)
class Exchange:
    """A request and the response that came.

    ``number`` counts from 1 in the order of the record; ``at`` is when it was sent and ``elapsed`` how long
    the answer took, in seconds, ``at`` from the start of the run; ``headers`` have their names in lower case;
    ``body`` is the body without transfer and content coding, ``cut`` says that it was too long and that this
    is but its beginning; ``protocol`` is the version of HTTP that it came by, and ``way`` what a curl line
    needs besides to go the same way.
    """

    number: int
    request: Request
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed: float = field(compare=False)
    at: float = field(default=0.0, compare=False)
    started_at: str = field(default="", compare=False)
    cut: bool = False
    protocol: str = field(default="HTTP/1.1", compare=False)
    way: tuple[str, ...] = field(default=(), compare=False)

    def header(self, name: str) -> str | None:
        """The value of a header, None where it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    @cached_property
    def _parsed(self) -> tuple[Any, str | None]:
        if self.cut:
            return None, "the body was too long and was cut"
        if not self.body:
            return None, "the body is empty"
        parsed = strict_json.parse(self.body)
        return parsed.value, None if parsed.problem is None else f"the body {parsed.problem}"

    @property
    def json(self) -> Any:
        """The parsed body, None where it cannot be parsed."""
        return self._parsed[0]

    @property
    def json_problem(self) -> str | None:
        """Why the body is not strict JSON in UTF-8, None where it is."""
        return self._parsed[1]

    def member(self, *path: str) -> Any:
        """A member of the body by its path, None where any step is missing."""
        value = self.json
        for step in path:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value

    @property
    def request_id(self) -> str | None:
        """``meta.request_id``, else the header."""
        found = self.member("meta", "request_id")
        return found if isinstance(found, str) else self.header("x-request-id")

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The records of a list; none where the body is no list."""
        data = self.member("data")
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the records of a list, in their order, lower-cased as UUIDs are compared."""
        return [Id(str(row.get("id"))) for row in self.rows]

    @property
    def is_page(self) -> bool:
        """Whether this is a list as the contract has it: 200, ``data`` an array, ``meta`` an object."""
        return (
            self.status == 200
            and isinstance(self.member("data"), list)
            and isinstance(self.member("meta"), dict)
        )

    @property
    def is_record(self) -> bool:
        """Whether this is one record: 200 and ``data`` an object."""
        return self.status == 200 and isinstance(self.member("data"), dict)

    @property
    def is_error(self) -> bool:
        """Whether the body is an error envelope."""
        body = self.json
        return (
            isinstance(body, dict)
            and "data" in body
            and body["data"] is None
            and isinstance(body.get("error"), dict)
        )

    @property
    def is_refusal(self) -> bool:
        """Whether a parameter was refused as the contract allows: 400 or 422 with an error envelope."""
        return self.status in (400, 422) and self.is_error

    @property
    def redirect(self) -> str | None:
        """Where a redirect leads to, with its host named where that is another one; it is not followed."""
        location = self.header("location")
        if location is None:
            return None
        try:
            there, here = urlsplit(urljoin(self.url, location)), urlsplit(self.url)
        except ValueError:
            return location
        other = (there.scheme, there.netloc) != (here.scheme, here.netloc)
        return f"another host, {there.netloc}: {location}" if other else location

    def curl(self) -> str:
        """A command that sends the request again, with the key as a shell variable."""
        credential = CREDENTIALS[self.request.credential]
        parts = ["curl", "-sS"]
        if self.request.method == "HEAD":
            parts.append("-I")
        else:
            parts += ["-i"] + (["-X", self.request.method] if self.request.method != "GET" else [])
        parts.append("--path-as-is" if "/.." in self.request.path else "")
        if credential.shell is not None:
            parts += ["-H", f'"Authorization: {credential.shell}"']
        for name, value in self.request.headers:
            parts += ["-H", shlex.quote(f"{name}: {value}")]
        parts.append("--http2" if self.protocol == HTTP2 else "")
        parts += self.way
        parts += ["-g", shlex.quote(self.url)] if "[" in self.url else [shlex.quote(self.url)]
        return " ".join(part for part in parts if part)

    @property
    def record_asked_for(self) -> str | None:
        """The id in the path of a retrieve as UUIDs are compared, None where this is none."""
        collection, _, record = self.request.path.partition(f"{COLLECTION}/")
        return record.lower() if record and not collection and "/" not in record else None

    def finding(
        self,
        expected: str,
        received: str,
        detail: str | None = None,
        *,
        certain: bool = False,
        witnesses: Collection[str] = (),
    ) -> Finding:
        """A finding that rests on this exchange.

        :param certain: moving data cannot explain it.
        :param witnesses: ids of profiles of which each shows it, as long as that one stood still. Where none
            is given it is the one that was asked for, if one was.
        """
        if not witnesses and self.record_asked_for is not None:
            witnesses = (self.record_asked_for,)
        return Finding(
            expected=expected,
            received=received,
            detail=detail,
            exchange=self.number,
            method=self.request.method,
            url=self.url,
            identity=self.request.identity,
            status=self.status,
            request_id=self.request_id,
            curl=self.curl(),
            certain=certain,
            witnesses=frozenset(witnesses),
        )

    def breach(
        self,
        expected: str,
        received: str,
        detail: str | None = None,
        *,
        certain: bool = False,
        witnesses: Collection[str] = (),
    ) -> Breach:
        """The same as an exception, for a case to raise."""
        return Breach(
            self.finding(expected, received, detail, certain=certain, witnesses=witnesses)
        )

    def summary(self) -> str:
        """What came, in a few words: status, and the error code or the number of records."""
        if self.is_page:
            return f"{self.status} with {plural(len(self.rows), 'record')}"
        code = self.member("error", "code")
        if isinstance(code, str):
            return f"{self.status} {code}"
        if 300 <= self.status < 400 and (to := self.redirect) is not None:
            return f"{self.status}, a redirect to {to}"
        kind = (self.header("content-type") or "no media type").split(";")[0]
        return f"{self.status} ({kind}, {len(self.body)} bytes)"


class Transcript:
    """All exchanges of a run, in order."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._derived: dict[str, tuple[int, Any]] = {}

    def derived(self, name: str, make: Callable[[], Derived]) -> Derived:
        """Something made of the record, made once as long as the record does not grow."""
        length, value = self._derived.get(name, (-1, None))
        if length != len(self.exchanges):
            value = make()
            self._derived[name] = (len(self.exchanges), value)
        return cast("Derived", value)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __len__(self) -> int:
        return len(self.exchanges)

    def add(self, exchanges: Sequence[Exchange]) -> None:
        """Append exchanges in the order of the record."""
        self.exchanges.extend(exchanges)

    def of(self, number: int) -> Exchange:
        """The exchange with that number, counted from 1."""
        return self.exchanges[number - 1]
