"""Which responses a cache may have repeated to the same key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.caches import is_repeat_of_a_cache

BODY = b'{"data": [], "meta": {"request_id": "r1"}}'
HEADERS = (
    ("date", "Sat, 28 Nov 2026 10:00:00 GMT"),
    ("content-type", "application/json"),
    ("x-ratelimit-remaining", "990"),
)


def answer(
    *more: tuple[str, str],
    request: Request | None = None,
    body: bytes = BODY,
    headers: tuple[tuple[str, str], ...] = HEADERS,
) -> Exchange:
    request = request or Request(repeat="once more")
    return Exchange(1, request, "http://t/v1", 200, (*headers, *more), body, 0.0)


def changed(name: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, value if key == name else old) for key, old in HEADERS)


FIRST = answer(request=Request())

REPEATS = {
    "age": answer(("age", "3"), headers=changed("date", "Sat, 28 Nov 2026 10:00:03 GMT")),
    "age 0": answer(("age", "0")),
    "the same headers": answer(),
    "the same count at another second": answer(
        headers=changed("date", "Sat, 28 Nov 2026 10:00:01 GMT")
    ),
    "the same headers and one of the cache": answer(("x-cache", "HIT"), ("connection", "close")),
    "the same headers and another one of the cache": answer(("x-cache-status", "HIT")),
}
NEW = {
    "another count": answer(headers=changed("x-ratelimit-remaining", "989")),
    "another header": answer(("x-node", "b")),
    "another rule for caches": answer(("cache-control", "no-store")),
    "another body": answer(("age", "3"), body=BODY.replace(b"[]", b"null")),
    "another key": answer(("age", "3"), request=Request(credential="other")),
    "another URL": answer(("age", "3"), request=Request(query=(("limit", "5"),))),
    "another method": answer(("age", "3"), request=Request("HEAD")),
    "an age in words": answer(("age", "old"), headers=changed("x-ratelimit-remaining", "989")),
}


@pytest.mark.parametrize("later", REPEATS.values(), ids=list(REPEATS))
def test_a_repeat_to_the_same_key_may_be_of_a_cache(later: Exchange) -> None:
    assert is_repeat_of_a_cache(FIRST, later)


@pytest.mark.parametrize("later", NEW.values(), ids=list(NEW))
def test_a_new_response_with_an_old_request_id_is_of_no_cache(later: Exchange) -> None:
    assert not is_repeat_of_a_cache(FIRST, later)


@pytest.mark.parametrize(
    ("date", "is_repeat"),
    [(HEADERS[0][1], True), ("Sat, 28 Nov 2026 10:00:01 GMT", False), (None, False)],
)
def test_without_a_count_the_date_tells(date: str | None, is_repeat: bool) -> None:
    headers = HEADERS[1:2] if date is None else (("date", date), HEADERS[1])
    earlier = HEADERS[1:2] if date is None else HEADERS[:2]
    assert (
        is_repeat_of_a_cache(replace(FIRST, headers=earlier), answer(headers=headers)) is is_repeat
    )
