"""One request with its response, and the transcript of a run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from conformance.contract.verdict import Breach, Finding
from conformance.http import bounds
from conformance.http.request import COLLECTION, Id, Request
from conformance.target.credentials import CREDENTIALS
from conformance.text import stamps, strict_json
from conformance.text.wording import plural

Derived = TypeVar("Derived")

HTTP2 = "HTTP/2"

_PLAIN = re.compile(r"[A-Z][A-Z0-9_]{0,60}|[\w.+-]{1,60}/[\w.+-]{1,60}")
_LONGEST = 200
"""Characters of a text of the target in a sentence."""


def utc_now() -> str:
    """Return the time in UTC, in the format of a HAR."""
    return stamps.rfc3339(stamps.now())


@dataclass(frozen=True)
class Exchange:
    """A request and its response.

    ``number`` counts from 1 in the order of the record. ``at`` is when the request was sent, in seconds from
    the start of the run; ``elapsed`` is how long the response took, in seconds. Header names are in lower
    case. ``body`` has no transfer or content coding; if ``cut``, it was too long and only its beginning is
    kept. If no complete response arrived, ``broken`` says why, the body is empty, and without headers the
    status is 0. ``surplus`` counts the bytes after the end of the response. ``protocol`` is the version of
    HTTP; ``curl_options`` are those of the network settings.
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
    broken: str = ""
    surplus: int = 0
    protocol: str = field(default="HTTP/1.1", compare=False)
    curl_options: tuple[str, ...] = field(default=(), compare=False)

    def header(self, name: str) -> str | None:
        """Return the value of a header, None if it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    def overlaps(self, other: Exchange) -> bool:
        """Return whether two requests were under way at the same time."""
        return other.at < self.at + self.elapsed and self.at < other.at + other.elapsed

    @cached_property
    def _parsed(self) -> strict_json.Parsed:
        if self.cut:
            return strict_json.Parsed(None, "was too long and was cut")
        if not self.body:
            return strict_json.Parsed(None, "is empty")
        return strict_json.parse(self.body, bounds.BODY)

    @property
    def json(self) -> Any:
        """The parsed body, None if it cannot be parsed."""
        return self._parsed.value

    @property
    def json_problem(self) -> str | None:
        """Why the body is not strict JSON in UTF-8, None if it is."""
        problem = self._parsed.problem
        return None if problem is None else f"the body {problem}"

    @property
    def unparsed(self) -> bool:
        """Whether the body has too many levels or values to be parsed."""
        return self._parsed.unparsed

    @cached_property
    def excess(self) -> str | None:
        """Which bound the response exceeds, None if it is within all; if one, no case judges its content."""
        if self.cut:
            return f"the body is longer than {bounds.MAX_BODY >> 20} MiB"
        if len(self.headers) > bounds.MAX_HEADERS:
            return f"the response has more than {bounds.MAX_HEADERS} headers"
        return self.json_problem if self._parsed.excess else None

    @cached_property
    def _facts(self) -> dict[Callable[[Exchange], Any], Any]:
        return {}

    def fact(self, judge: Callable[[Exchange], Derived]) -> Derived:
        """Return what a function says about this exchange; it is called once."""
        facts = self._facts
        if judge not in facts:
            facts[judge] = judge(self)
        return cast("Derived", facts[judge])

    def member(self, *path: str) -> Any:
        """Return a member of the body by its path, None if any step is missing."""
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
        """The records of a list; empty if the body is not a list."""
        data = self.member("data")
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the records of a list in order, in lower case as UUIDs are compared."""
        return [Id.of(row) for row in self.rows]

    @cached_property
    def is_page(self) -> bool:
        """Whether this is a list of the contract: 200, ``data`` an array, ``meta`` an object."""
        return (
            self.status == 200
            and isinstance(self.member("data"), list)
            and isinstance(self.member("meta"), dict)
        )

    @cached_property
    def is_record(self) -> bool:
        """Whether this is one record: 200 and ``data`` an object."""
        return self.status == 200 and isinstance(self.member("data"), dict)

    @cached_property
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
        """The target of a redirect, with its host if that differs; redirects are not followed."""
        location = self.header("location")
        if location is None:
            return None
        try:
            to, here = urlsplit(urljoin(self.url, location)), urlsplit(self.url)
        except ValueError:
            return location
        other_host = (to.scheme, to.netloc) != (here.scheme, here.netloc)
        return f"another host, {to.netloc}: {location}" if other_host else location

    def curl(self) -> str:
        """Return a command that repeats the request, with the key as a shell variable."""
        return self.command("" if self.request.method == "HEAD" else "-i")

    def command(self, shown: str = "", quote: Callable[[str], str] = shlex.quote) -> str:
        """Return the command with other options in place of ``-i``, and with its texts quoted in another way.

        :param shown: options that say what is shown of the response, as a shell writes them.
        :param quote: returns a text of the request as a shell writes it.
        """
        credential = CREDENTIALS[self.request.credential]
        request = self.request
        parts = ["curl", "-sS"]
        if request.method == "HEAD":
            parts.append("-I")
        parts.append(shown)
        if request.method not in ("GET", "HEAD") or (request.content and request.method == "GET"):
            parts += ["-X", request.method]
        parts.append("--path-as-is" if "/." in request.path else "")
        for name, value in credential.shown_headers():
            parts += ["-H", f'"{name}: {value}"']
        for name, value in request.headers:
            # With a colon and no value, curl would leave the header out.
            parts += ["-H", quote(f"{name}: {value}" if value else f"{name};")]
        if request.content:
            parts += ["--data-raw", quote(request.content)]
        parts.append("--http2" if self.protocol == HTTP2 else "")
        parts += self.curl_options
        # In double quotes, the shell replaces the key's variable.
        url = f'"{self.url}"' if credential.shown_query else quote(self.url)
        parts += ["-g", url] if "[" in self.url else [url]
        return " ".join(part for part in parts if part)

    @property
    def record_asked_for(self) -> str | None:
        """The id in the path of a retrieve in lower case, None for any other request."""
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
        """Return a finding with this exchange as its evidence.

        :param certain: data that change during the run cannot explain it.
        :param witnesses: ids of profiles that each prove the finding, if that profile did not change. By
            default, the profile that was retrieved.
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
            status=self.status or None,
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
        """Return the finding as an exception, for a case to raise."""
        return Breach(
            self.finding(expected, received, detail, certain=certain, witnesses=witnesses)
        )

    def summary(self) -> str:
        """Return the response in a few words: status, and the error code or the number of records."""
        if self.broken:
            return f"{self.status}, but {self.broken}" if self.status else self.broken
        if self.is_page:
            return f"{self.status} with {plural(len(self.rows), 'record')}"
        code = self.member("error", "code")
        if isinstance(code, str):
            return f"{self.status} {quoted(code)}"
        if 300 <= self.status < 400 and (to := self.redirect) is not None:
            return f"{self.status}, a redirect to {to}"
        kind = (self.header("content-type") or "").split(";")[0]
        shown = quoted(kind) if kind else "no media type"
        return f"{self.status} ({shown}, {len(self.body):,} bytes)"


def quoted(text: str) -> str:
    """Return a text of the target for a sentence: an error code or media type as it is, others in quotes.

    Only words in quotes are masked, because the words of the sentence itself may be names too. Of a long text
    only its length is shown: a part of a name cannot be masked.
    """
    if len(text) > _LONGEST:
        return f"a text of {len(text):,} characters"
    return text if _PLAIN.fullmatch(text) else repr(text)


class Transcript:
    """All exchanges of a run, in order."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._derived: dict[str, tuple[int, Any]] = {}

    def derived(self, name: str, make: Callable[[], Derived]) -> Derived:
        """Return a value made from the transcript; it is made again only if the transcript has grown."""
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
        """Return the exchange with that number, counted from 1."""
        return self.exchanges[number - 1]
