"""The part of the grammar that is about headers, and about what a response should not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.diagnosis.context import Context
from conformance.diagnosis.forms import NOT_JUDGED, RIGHT, Aspect
from conformance.http.request import WRITES

_TOTAL = re.compile(
    r"^(x-)?(total|count|totalcount|total_?(count|records|items|results)|matches|found|num_?found|"
    r"record_?count|hits)$|total",
    re.IGNORECASE,
)
_MEMBERS = frozenset({"limit", "has_more", "next_offset", "request_id"})
_SEARCHED = 20_000
"""Characters of a response that are searched. Every quantifier is bounded, so that the time is linear."""

_LEAKS = (
    (
        "a stack trace",
        re.compile(r"Traceback|\bat [\w.$<>]{1,120} ?\(|\.(java|py|js|php|rb|go):\d|File \\?\""),
    ),
    (
        "SQL",
        re.compile(r"\bSELECT\b.{1,200}\bFROM\b|\bINSERT INTO\b|syntax error at or near|SQLSTATE"),
    ),
    (
        "a debug page",
        re.compile(r"DEBUG = True|<title>.{0,200}(Error|Exception|404|[Nn]ot [Ff]ound)|Whoops"),
    ),
    (
        "a path of a source file",
        re.compile(r"/[\w.-]{1,60}/[\w.-]{1,60}\.(py|js|ts|php|rb|java|go)\b|[A-Z]:\\\\"),
    ),
    ("a host name of the inside", re.compile(r"\b[\w-]{1,60}\.(internal|local|svc|lan)\b")),
)
_OF = re.compile(r"\d (?:of|/) \d")
_SECRET = re.compile(
    r"pk_(live|test)_\w{8}|://[^/\s:@\"]{1,64}:[^/\s@\"]{1,128}@|BEGIN [A-Z ]{0,40}PRIVATE KEY"
)


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
        "the header is that of the framework, which names every method, or is not set at all",
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
                    or (isinstance(item, str) and _OF.search(item[:_SEARCHED]))
                ):
                    yield shown, item


def _leak_in_headers(context: Context) -> str | None:
    exchange = context.exchange
    if exchange.status == 0 or exchange.broken:
        return NOT_JUDGED
    heads = " ".join(f"{name}: {value}" for name, value in exchange.headers)[:_SEARCHED]
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
        text = str({name: value for name, value in body.items() if name != "data"})[:_SEARCHED]
    else:
        text = exchange.body[:_SEARCHED].decode("utf-8", "replace")
    for what, pattern in _LEAKS:
        if pattern.search(text):
            return f"the body holds {what}"
    return RIGHT


def _secret(context: Context) -> str | None:
    exchange = context.exchange
    if exchange.status == 0 or exchange.broken:
        return NOT_JUDGED
    heads = " ".join(f"{name}: {value}" for name, value in exchange.headers)[:_SEARCHED]
    if _SECRET.search(heads):
        return "a header holds a key or a password"
    body = exchange.json
    found = {k: v for k, v in body.items() if k != "data"} if isinstance(body, dict) else None
    text = exchange.body.decode("utf-8", "replace") if found is None else str(found)
    text = text[:_SEARCHED]
    return "the body holds a key or a password" if _SECRET.search(text) else RIGHT
