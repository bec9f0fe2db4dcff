"""The part of the grammar that is about headers and request ids, and about what a response should not hold."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, RIGHT, Aspect, Deviation, Unit
from conformance.http.exchange import Exchange
from conformance.http.request import WRITES

_TOTAL = re.compile(
    r"^(x-)?(total|count|totalcount|total_?(count|records|items|results)|matches|found|num_?found|"
    r"record_?count|hits)$|total",
    re.IGNORECASE,
)
_MEMBERS = frozenset({"limit", "has_more", "next_offset", "request_id"})
_LEAKS = (
    ("a stack trace", re.compile(r"Traceback|\bat [\w.$<>]+ ?\(|\.(java|py|js|php|rb|go):\d+|File \\?\"")),
    ("SQL", re.compile(r"\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|syntax error at or near|SQLSTATE")),
    ("a debug page", re.compile(r"DEBUG = True|<title>.*(Error|Exception|404|not found)|Whoops", re.I)),
    ("a path of a source file", re.compile(r"(/[\w.-]+){2,}\.(py|js|ts|php|rb|java|go)\b|[A-Z]:\\\\")),
    ("a host name of the inside", re.compile(r"\b[\w-]+(\.[\w-]+)*\.(internal|local|svc|lan)\b")),
)  # fmt: skip
_SECRET = re.compile(r"pk_(live|test)_\w{8,}|://[^/\s:@\"]+:[^/\s@\"]+@|BEGIN [A-Z ]*PRIVATE KEY")


def headers() -> Iterator[Aspect]:
    """Yield what can be wrong with the headers of one response."""
    layer = "the header is set in a layer that these responses do not pass"
    yield Aspect(
        _request_id,
        frozenset({"ENV-09", "ENV-10"}),
        layer,
        "set the request id in the outermost layer, in header and body from one variable",
    )
    yield Aspect(
        _two_ids,
        frozenset({"ENV-09"}),
        "header and body get their request id in two layers",
        "set the request id in the outermost layer, in header and body from one variable",
    )
    yield Aspect(
        _excess,
        frozenset({"ROB-10", "ROB-13"}),
        "the response repeats its input, a relation or a header without a bound",
        "bound what a response holds: its length, its levels, its headers",
    )
    yield Aspect(
        _rate_limit,
        frozenset({"ENV-13", "ORG-03"}),
        layer,
        "set the rate limit headers in the outermost layer, for every response to a valid key",
    )
    yield Aspect(
        _challenge,
        frozenset({"AUTH-10"}),
        "the framework answers 401 without the challenge that HTTP asks for",
        "send `WWW-Authenticate: Bearer` with every 401",
    )
    yield Aspect(
        _allow,
        frozenset({"RO-06", "RO-12"}),
        "the header is that of the framework, which names every method, or the route has no handler for others",
        "send `Allow: GET, HEAD` with every 405",
    )
    yield Aspect(
        _length,
        frozenset({"ROB-14"}),
        "`Content-Length` is set by hand, counts characters, or is that of the body before it was compressed",
        "let the server set `Content-Length` from the bytes that it sends",
    )
    yield Aspect(
        _total,
        frozenset({"ENV-15"}),
        "the paging of the framework adds a count to every list",
        "remove the count: `has_more` is what a client pages by",
    )
    for look in (_leak_in_headers, _leak_in_body):
        yield Aspect(
            look,
            frozenset({"ERR"}),
            "the debug mode is on, or the text of an exception is passed on to the client",
            "turn the debug mode off, log the exception, and return a fixed text",
        )
    yield Aspect(
        _secret,
        frozenset({"ERR-08"}),
        "request headers or settings are copied into the response for debugging",
        "remove the copy, and revoke what was shown",
    )


def _api(context: Context) -> bool:
    exchange = context.exchange
    return exchange.status > 0 and not exchange.broken and context.operation in ("list", "retrieve")


def _request_id(context: Context) -> str | None:
    if not _api(context) or context.exchange.status == 304:
        return NOT_JUDGED
    if context.exchange.header("x-request-id") is None:
        return "the header `X-Request-Id` is missing"
    return RIGHT


def _two_ids(context: Context) -> str | None:
    header = context.exchange.header("x-request-id")
    body = context.exchange.member("meta", "request_id")
    if header is None or not isinstance(body, str) or not body:
        return NOT_JUDGED
    return RIGHT if body == header else "`X-Request-Id` differs from `meta.request_id`"


def _excess(context: Context) -> str | None:
    exchange = context.exchange
    if not _api(context) or context.request.method == "HEAD":
        return NOT_JUDGED
    if exchange.cut:
        return "the body is longer than 10 MiB"
    if exchange.excess is None:
        return RIGHT
    return re.sub(r"^the response has", "a response has", exchange.excess)


def _rate_limit(context: Context) -> str | None:
    valid = "the key is valid" in context.literals
    if not _api(context) or not valid or context.exchange.status == 304:
        return NOT_JUDGED
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining")
    missing = [name for name in names if context.exchange.header(name) is None]
    if len(missing) == len(names):
        return "the rate limit headers are missing"
    return f"the header `{missing[0]}` is missing" if missing else RIGHT


def _challenge(context: Context) -> str | None:
    if context.exchange.status != 401:
        return NOT_JUDGED
    return (
        RIGHT if context.exchange.header("www-authenticate") else "a 401 has no `WWW-Authenticate`"
    )


def _allow(context: Context) -> str | None:
    value = context.exchange.header("allow")
    if value is None:
        return "a 405 has no `Allow`" if context.exchange.status == 405 else NOT_JUDGED
    named = {name.strip().upper() for name in value.split(",")}
    return f"`Allow` names {', '.join(sorted(named & WRITES))}" if named & WRITES else RIGHT


def _length(context: Context) -> str | None:
    exchange = context.exchange
    declared = exchange.header("content-length")
    if exchange.surplus:
        return "bytes follow the end of the response"
    if declared is None or not declared.isdigit() or context.request.method == "HEAD":
        return NOT_JUDGED
    if exchange.broken:
        return "`Content-Length` is larger than the body"
    return RIGHT


def _total(context: Context) -> str | None:
    exchange = context.exchange
    if not _api(context) or exchange.status != 200 or not isinstance(exchange.json, dict):
        return NOT_JUDGED
    for name, value in exchange.headers:
        if name == "content-range" and re.search(r"/\d", value):
            return "the header `Content-Range` has a total"
        if re.fullmatch(r"x-.*(total|count).*", name) and "ratelimit" not in name:
            return f"the header `{name}` has a count"
    for name, value in _counts(exchange.json):
        if type(value) in (int, str):
            return f"the member `{name}` has a count"
    return RIGHT


def _counts(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    meta = body.get("meta")
    places = [("", body), ("meta.", meta if isinstance(meta, dict) else {})]
    for prefix, members in places:
        for name, value in members.items():
            inner = (
                value if isinstance(value, dict) and name not in ("meta", "data", "error") else {}
            )
            named = {f"{prefix}{name}.{key}": item for key, item in inner.items()}
            further = not prefix or name not in _MEMBERS
            for path, item in ({f"{prefix}{name}": value} | named).items():
                counts = type(item) is int and prefix and further
                shown = re.sub(r"[^\w.-]", "", path)[:60]
                if (
                    _TOTAL.search(path.rpartition(".")[2])
                    or counts
                    or re.fullmatch(
                        r".*\d+ (of|/) \d+.*", str(item) if isinstance(item, str) else ""
                    )
                ):
                    yield shown, item


def _leak_in_headers(context: Context) -> str | None:
    exchange = context.exchange
    if exchange.status == 0 or exchange.broken:
        return NOT_JUDGED
    heads = " ".join(f"{name}: {value}" for name, value in exchange.headers)
    for what, pattern in _LEAKS:
        if pattern.search(heads):
            return f"a header holds {what}"
    return RIGHT


def _leak_in_body(context: Context) -> str | None:
    exchange = context.exchange
    if exchange.status == 0 or exchange.broken or not exchange.body:
        return NOT_JUDGED
    body = exchange.json
    if isinstance(body, dict):
        text = str({name: value for name, value in body.items() if name != "data"})
    else:
        text = exchange.body[:20_000].decode("utf-8", "replace")
    for what, pattern in _LEAKS:
        if pattern.search(text):
            return f"the body holds {what}"
    return RIGHT


def _secret(context: Context) -> str | None:
    exchange = context.exchange
    if exchange.status == 0 or exchange.broken:
        return NOT_JUDGED
    heads = " ".join(f"{name}: {value}" for name, value in exchange.headers)
    if _SECRET.search(heads):
        return "a header holds a key or a password"
    body = exchange.json
    found = {k: v for k, v in body.items() if k != "data"} if isinstance(body, dict) else None
    text = exchange.body[:20_000].decode("utf-8", "replace") if found is None else str(found)
    return "the body holds a key or a password" if _SECRET.search(text) else RIGHT


def refusals(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield how a 404 differs from that of an unknown id: what it says, and which headers it has."""
    found = [c for c in contexts if c.operation == "retrieve" and c.exchange.status == 404]
    found = [c for c in found if "the key is valid" in c.literals and not c.request.headers]
    for what, part in _PARTS:
        usual: dict[str, Counter[object]] = defaultdict(Counter)
        for context in found:
            if "the id is unknown" in context.literals:
                usual[context.request.method][part(context.exchange)] += 1
        judged = [
            c
            for c in found
            if usual[c.request.method] and (what == "other headers" or c.request.method == "GET")
        ]
        shown = [
            c for c in judged if part(c.exchange) != usual[c.request.method].most_common(1)[0][0]
        ]
        if shown:
            others = [Unit(context) for context in judged if context not in shown]
            yield Deviation(
                f"a 404 has {what} than that of an unknown id",
                Aspect(lambda _: NOT_JUDGED, frozenset({"ORG-02", "ORG-03", "ORG-04"}), *_TOLD),
                [Unit(context) for context in shown],
                others,
            )
            return


_TOLD = (
    "the profile is looked up first, and its organisation is checked afterwards",
    "add the organisation of the key to the query, so that both cases take one path",
)
_IDS_IN_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS: tuple[tuple[str, Callable[[Exchange], object]], ...] = (
    ("another `error.code`", lambda e: e.member("error", "code")),
    ("another `error.message`", lambda e: _IDS_IN_TEXT.sub("", str(e.member("error", "message")))),
    ("further members", lambda e: str(_shape(e.json))),
    ("other headers", lambda e: frozenset(name for name, _ in e.headers)),
)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in sorted(value.items())}
    return type(value).__name__


# What several responses show together

_ABOUT_IDS = frozenset({"ENV-08", "ENV-16"})
_IDS = (
    "the request id is made from something that does not change with every request, or a cache repeats the "
    "response",
    "make a random id for every response, behind every cache",
)
_PARTITIONS: tuple[tuple[str, Callable[[Exchange], object]], ...] = (
    ("requests with the same method and URL", lambda e: (e.request.method, e.request.target)),
    ("requests with the same URL", lambda e: e.request.target),
    ("requests of the same key", lambda e: e.request.credential),
    ("responses of the same second", lambda e: e.header("date")),
    ("responses with the same status", lambda e: e.status),
    ("responses with the same body", lambda e: str(e.member("data"))),
)


def repeated_ids(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield in which responses the request id is the same."""
    groups: dict[str, list[Context]] = defaultdict(list)
    for context in contexts:
        value = context.exchange.request_id
        if value:
            groups[value].append(context)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return
    shown = [context for group in several for context in group]
    others = [context for group in groups.values() if len(group) == 1 for context in group]
    aspect = Aspect(lambda _: NOT_JUDGED, _ABOUT_IDS, *_IDS)
    clause = "`request_id` is the same in several responses"
    for what, key in _PARTITIONS:
        if len({key(c.exchange) for c in shown}) > 1 and _is_by(groups, shown, key):
            clause, others = f"`request_id` is the same in {what}", []
            break
    if all(
        context.exchange.header("age") is not None for group in several for context in group[1:]
    ):
        clause, others = "a cache repeats responses with their `request_id`", []
    elif all(_neighbours(group) for group in several) and len(several) * 3 > len(groups):
        clause, others = "`request_id` is the same in responses that follow each other", []
    yield Deviation(clause, aspect, [Unit(c) for c in shown], [Unit(c) for c in others])


def _is_by(
    groups: Mapping[str, Sequence[Context]],
    shown: Sequence[Context],
    key: Callable[[Exchange], object],
) -> bool:
    """Return whether responses share an id if and only if they share a key."""
    every = [context for group in groups.values() for context in group]
    alike = Counter(key(context.exchange) for context in every)
    if any(len({key(c.exchange) for c in group}) > 1 for group in groups.values()):
        return False
    counts = {key(c.exchange): len(group) for group in groups.values() for c in group}
    return all(counts[name] == count for name, count in alike.items()) and bool(shown)


def _neighbours(group: Sequence[Context]) -> bool:
    return len(group) == 2 and abs(group[0].number - group[1].number) <= 8


_COUNTS = (
    "the limit is counted in several places (process, route, address) instead of once for each key",
    "count the requests of each key in one store",
)


def counts(contexts: Sequence[Context]) -> Iterator[Deviation]:
    """Yield how the remaining requests of a key deviate from a count that falls."""
    series: dict[str, list[tuple[Context, int]]] = defaultdict(list)
    for context in contexts:
        text = (context.exchange.header("x-ratelimit-remaining") or "").split(";")[0].strip()
        if text.isdigit() and "the key is valid" in context.literals:
            series[context.request.credential].append((context, int(text)))
    aspect = Aspect(lambda _: NOT_JUDGED, frozenset({"ENV-14", "ENV-17"}), *_COUNTS)
    for items in series.values():
        steps = [(later, b - a) for (_, a), (later, b) in pairwise(items)]
        up = [context for context, step in steps if step > 0]
        # Requests that are pending together are counted in another order than they are recorded in.
        rise = max(n for _, n in items[-8:]) - min(n for _, n in items[:8])
        if len(items) > 10 and rise * 10 > len(items) * 8:
            yield Deviation(
                "`X-RateLimit-Remaining` counts up, not down", aspect, [Unit(c) for c in up]
            )
            return
    by_operation = {
        name: [(c, n) for items in series.values() for c, n in items if c.operation == name]
        for name in ("list", "retrieve")
    }
    mixed = sum(b > a for items in series.values() for (_, a), (_, b) in pairwise(items))
    apart = sum(b > a for items in by_operation.values() for (_, a), (_, b) in pairwise(items))
    if mixed > 5 and apart * 4 < mixed and len(series) == 1:
        yield Deviation(
            "list and retrieve count the requests of a key separately",
            aspect,
            [Unit(c) for items in by_operation.values() for c, _ in items],
        )
