"""Requests that reveal each fault of access, envelope, profile, bounds, pages, errors and robustness."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from conformance.reference import seed

DATA = seed.build()
OWN = sorted(
    (record for record in DATA.clinicians() if record.organisation_id == DATA.own.id),
    key=lambda record: (record.created_at, record.id),
)
KEY = DATA.own_key.key
BEARER = f"Bearer {KEY}"
WRONG = "Bearer pk_test_" + "0" * 32
UNKNOWN = "/00000000-0000-4000-8000-000000000000"
INACTIVE = f"/{next(record.id for record in OWN if not record.is_active)}"
HIDDEN = next(r.id for r in OWN if not r.is_active and not r.is_bookable_online)
ACTIVE = f"/{next(record.id for record in OWN if record.is_active and record.role)}"
WITHOUT_EMAIL = f"/{next(record.id for record in OWN if record.email is None)}"
WITHOUT_BIO = f"/{next(record.id for record in OWN if record.bio is None)}"
PLACE = DATA.own.locations()[0].id
HUGE = "9" * 30


@dataclass(frozen=True)
class Answer:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> Any:
        """The request id in the body, or None."""
        return json.loads(self.body)["meta"].get("request_id")


Look = Callable[[Sequence[Answer]], object]


def answers(found: Sequence[Answer]) -> object:
    """Return status, headers and body, without the values that differ on every response."""
    changing = ("date", "content-length", "x-request-id")
    return [
        (
            answer.status,
            {
                name: text
                for name, text in answer.headers.items()
                if name not in changing and not name.startswith("x-ratelimit-")
            },
            re.sub(rb'"request_id":"[^"]+"', b'"request_id":"req"', answer.body),
        )
        for answer in found
    ]


def request_ids(found: Sequence[Answer]) -> object:
    """Return whether all request ids differ, which are non-empty texts, and which headers repeat them."""
    ids = [answer.request_id for answer in found]
    texts = [isinstance(one, str) and bool(one) for one in ids]
    headers = [
        (answer.headers.get("x-request-id") == one, "x-request-id" in answer.headers)
        for answer, one in zip(found, ids, strict=True)
    ]
    return (len(set(ids)) == len(ids), texts, headers)


def rate_limit(found: Sequence[Answer]) -> object:
    """Return the names of the rate limit headers, and whether the remaining count never rises."""
    names = [
        sorted(name for name in answer.headers if name.startswith("x-ratelimit-"))
        for answer in found
    ]
    left = [int(answer.headers.get("x-ratelimit-remaining", 0)) for answer in found]
    return names, left == sorted(left, reverse=True)


@dataclass(frozen=True)
class Probe:
    """Requests to the collection: ``paths`` are appended to its URL."""

    paths: tuple[str, ...]
    method: str = "GET"
    authorization: str | None = BEARER
    look: Look = field(default=answers)


def get(*paths: str, **how: Any) -> Probe:
    """Return a probe; its method is GET unless ``how`` names another one."""
    return Probe(paths, **how)


def search(term: str) -> Probe:
    """Return a probe that searches for a term."""
    return get(f"?search={quote(term, safe='')}")


PROBES: dict[str, Probe] = {
    # authentication
    "retrieve-refuses-valid-keys": get(ACTIVE),
    "no-header-is-the-first-organisation": get("", ACTIVE, authorization=None),
    "no-header-is-forbidden": get("", ACTIVE, authorization=None),
    "no-header-hides-profiles": get(ACTIVE, authorization=None),
    "no-header-is-answered-by-the-gateway": get("", authorization=None),
    "any-test-key-is-valid": get("", authorization=WRONG),
    "unknown-key-sees-nothing": get("", authorization=WRONG),
    "retrieve-takes-unknown-keys": get(ACTIVE, authorization=WRONG),
    "key-tail-is-not-compared": get("", authorization=BEARER[:-1] + "-"),
    "key-head-is-not-compared": get("", authorization=BEARER.replace("pk_", "pq_")),
    "key-middle-is-not-compared": get("", authorization=f"Bearer {KEY[:20]}-{KEY[21:]}"),
    "key-in-any-case": get("", authorization=f"Bearer {KEY.swapcase()}"),
    "key-is-cut-to-its-column": get("", authorization=f"{BEARER}x"),
    "signs-behind-akey-are-skipped": get("", authorization=f"{BEARER}="),
    "scheme-is-cut-off-as-characters": get("", authorization=f"{BEARER}ear"),
    "key-may-be-cut-short": get("", authorization=BEARER[:-1]),
    "empty-bearer-is-let-in": get("", ACTIVE, authorization="Bearer"),
    "empty-bearer-breaks-the-server": get("", authorization="Bearer"),
    "unknown-id-comes-before-the-key": get(ACTIVE, UNKNOWN, authorization=None),
    "known-id-has-its-own-refusal": get(ACTIVE, UNKNOWN, authorization=WRONG),
    "any-scheme-will-do": get("", authorization=f"Basic {KEY}"),
    "key-as-user-name": get(
        "", authorization=f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}"
    ),
    "no-challenge-to-wrong-keys": get("", authorization=WRONG),
    "slash-behind-the-list-needs-no-key": get("/", authorization=None),
    "head-needs-no-key": get(ACTIVE, method="HEAD", authorization=None),
    # envelope
    "empty-list-is-null": get("?offset=263"),
    "single-row-is-no-array": get("?limit=1"),
    "limit-is-echoed-as-text": get("?limit=20"),
    "has-more-is-numeric": get(""),
    "next-offset-is-left-out": get("?offset=260"),
    "retrieve-is-an-array": get(ACTIVE),
    "inactive-profile-is-unwrapped": get(INACTIVE),
    "not-found-has-no-data": get(UNKNOWN),
    "list-error-has-an-array": get("?limit=x"),
    "unauthorized-is-text": get("", authorization=None),
    "not-found-code-in-lower-case": get(UNKNOWN),
    "bad-request-code-is-numeric": get("?limit=x"),
    "unauthorized-says-nothing": get("", authorization=None),
    "bad-request-message-is-an-object": get("?limit=x"),
    "bodies-in-latin-one": get(""),
    "retrieve-begins-with-mark": get(ACTIVE),
    "rating-is-nan": get(""),
    "has-more-is-given-twice": get("?offset=260"),
    "comment-behind-the-body": get(WITHOUT_BIO),
    "total-beside-search-results": get("?search=miss"),
    "total-of-filtered-lists": get("?is_active=true"),
    # request ids, media types, rate headers
    "not-found-has-no-request-id": get(UNKNOWN),
    "request-id-is-numeric": get("", look=request_ids),
    "retrieve-has-an-empty-request-id": get(ACTIVE, look=request_ids),
    "request-id-of-the-second": get(*[ACTIVE] * 8, look=request_ids),
    "request-id-of-the-url": get("?limit=1", "?limit=1", look=request_ids),
    "request-ids-in-pairs": get(ACTIVE, INACTIVE, UNKNOWN, look=request_ids),
    "refusals-share-request-id": get(UNKNOWN, "?limit=0", look=request_ids),
    "cache-forgets-one-filter": get("?is_bookable_online=true", "?is_bookable_online=false"),
    "cache-forgets-the-offset": get("", "?offset=1"),
    "transaction-stays-broken": get("/not-a-uuid", *[ACTIVE] * 3),
    "one-instance-has-no-database": get(*[ACTIVE] * 12),
    "request-ids-run-out": get(*[ACTIVE] * 60, look=request_ids),
    "cache-is-shared": get("?limit=1", "?limit=1", authorization=WRONG, look=request_ids),
    "cache-repeats-request-ids": get("?limit=1", "?limit=1", look=request_ids),
    "head-of-unknown-not-implemented": get(UNKNOWN, method="HEAD"),
    "head-crashes-behind-gateway": get(UNKNOWN, method="HEAD"),
    "inactive-exceeds-worker-limit": get(f"/{HIDDEN}"),
    "error-header-has-another-request-id": get(UNKNOWN, look=request_ids),
    "errors-have-no-request-id-header": get(UNKNOWN, look=request_ids),
    "errors-are-html": get(UNKNOWN),
    "bad-request-is-problem-json": get("?limit=x"),
    "not-found-has-no-remaining": get(UNKNOWN, look=rate_limit),
    "remaining-counts-up": get("", "", look=rate_limit),
    "remaining-of-window-counts-up": get(
        "",
        "",
        look=lambda found: [
            answer.headers["x-ratelimit-remaining"].partition(";")[0] for answer in found
        ],
    ),
    "operations-count-apart": get("", "", ACTIVE, look=rate_limit),
    # profile
    "rows-drop-nulls": get(""),
    "search-rows-are-summaries": get("?search=miss"),
    "large-pages-are-lighter": get("?limit=51"),
    "imported-rows-have-no-updated-at": get("?offset=140"),
    "retrieve-drops-nulls": get(WITHOUT_EMAIL),
    "inactive-profile-cannot-be-booked": get(INACTIVE),
    "inactive-ids-are-prefixed": get(""),
    "one-imported-id-is-numeric": get("?offset=163"),
    "imported-rows-share-an-id": get("?offset=140"),
    "rows-without-email-repeat-an-id": get(""),
    "name-is-null-without-title": get(""),
    "booleans-are-numbers": get(ACTIVE),
    "inactive-booking-is-null": get(INACTIVE),
    "timestamps-without-zone": get(ACTIVE),
    "timestamps-with-two-zones": get(ACTIVE),
    "never-changed-is-null": get(""),
    "qualifications-are-an-array": get(""),
    "no-photo-is-false": get(""),
    "retrieved-role-is-an-object": get(ACTIVE),
    "registration-is-numeric": get(""),
    "no-email-is-empty": get(WITHOUT_EMAIL),
    "inactive-email-is-spelled": get(""),
    "inactive-photo-has-no-scheme": get(INACTIVE),
    "never-changed-is-the-epoch": get(""),
    "password-hash-is-shown": get(""),
    "calendar-token-is-shown": get(ACTIVE),
    # bounds
    "default-is-fifty-under-filters": get("?is_active=true"),
    "default-is-named-wrong": get(""),
    "hundred-is-cut-to-ninety-nine": get("?limit=100"),
    "limit-of-one-is-refused": get("?limit=1"),
    "odd-limits-are-rounded": get("?limit=7"),
    "limits-are-cut-to-fifty": get("?limit=51"),
    "limit-is-the-count": get("?offset=260"),
    "limit-is-forgotten-on-later-pages": get("?limit=7&offset=7"),
    "read-ahead-is-sent": get("?limit=7"),
    "search-has-no-limit": get("?search=miss&limit=5"),
    "seconds-are-not-parted": get("?limit=20"),
    "hundred-and-one-is-allowed": get("?limit=101"),
    "cut-limit-is-not-named": get("?limit=101"),
    "limit-of-zero-gives-everything": get("?limit=0"),
    "limit-of-zero-gives-nothing": get("?limit=0"),
    "negative-limit-gives-everything": get("?limit=-1"),
    "word-for-limit-breaks-the-server": get("?limit=abc"),
    "empty-limit-gives-everything": get("?limit="),
    "word-for-limit-is-the-default": get("?limit=abc"),
    "empty-limit-is-the-default": get("?limit="),
    "huge-limit-breaks-the-server": get(f"?limit={HUGE}"),
    "huge-limit-is-cut": get(f"?limit={HUGE}"),
    "default-offset-of-one": get(""),
    "offset-is-remembered": get("", ""),
    "negative-offset-counts-from-the-end": get("?offset=-1"),
    "negative-offset-moves-the-next": get("?offset=-1"),
    "empty-offset-breaks-the-server": get("?offset="),
    "word-for-an-offset-is-zero": get("?offset=abc"),
    "offset-is-read-as-far-as-it-goes": get("?offset=10abc"),
    "huge-offset-breaks-the-server": get(f"?offset={HUGE}"),
    "no-offset-is-too-large": get(f"?offset={HUGE}"),
    "huge-offset-is-the-last-page": get(f"?offset={HUGE}"),
    # pagination
    "one-more-is-no-more": get("?limit=20&offset=242"),
    "read-ahead-is-cut": get("?limit=100"),
    "no-more-from-two-hundred-on": get("?limit=20&offset=200"),
    "only-whole-pages-are-more": get("?limit=100&offset=100"),
    "count-is-rounded-up": get("?limit=20&offset=244"),
    "almost-full-means-more": get("?limit=20&offset=244"),
    "full-page-means-more": get("?limit=20&offset=243"),
    "large-full-page-means-more": get("?limit=100&offset=163"),
    "divisible-list-has-one-page-more": get("?limit=20&offset=220"),
    "last-page-has-next-offset": get("?offset=260"),
    "search-has-no-next-offset": get("?search=miss&limit=5"),
    "empty-page-leads-back": get("?offset=263"),
    "next-offset-is-page-number": get("?limit=20"),
    "next-offset-forgets-the-offset": get("?limit=20&offset=20"),
    "next-offset-is-twenty-on-at-most": get("?limit=50"),
    "next-offset-skips-one-deep-down": get("?offset=100"),
    "second-hundred-is-late": get("?offset=100"),
    "long-list-always-has-more": get("?offset=263"),
    "pages-end-at-sixty": get("?limit=100"),
    "first-page-is-one-short": get("?limit=20"),
    "end-is-not-found": get("?offset=263"),
    "end-repeats-the-last-record": get("?offset=263"),
    "past-the-end-is-the-last-page": get("?offset=264"),
    "window-of-ten-thousand": get("?offset=10001"),
    "sum-overflows": get("?offset=2147483647"),
    "ties-are-shuffled": get("?limit=100&offset=100"),
    "replicas-disagree": get("?limit=50", "?limit=50"),
    "cached-page-is-shorter": get("?limit=50", "?limit=50"),
    "large-pages-are-ordered-otherwise": get("?limit=51"),
    "odd-limits-turn-ties": get("?limit=21"),
    "offset-is-rounded-to-pages": get("?limit=20&offset=10"),
    "offset-ends-at-two-hundred": get("?limit=20&offset=220"),
    "later-pages-repeat-records": get("?limit=20&offset=20"),
    "pages-turn-ties": get("?limit=20&offset=20"),
    "deep-pages-lose-records": get("?limit=20&offset=200"),
    "pages-begin-with-new-seconds": get("?limit=20&offset=20"),
    "filtered-has-more-counts-all": get("?is_active=false&limit=20&offset=80"),
    "search-window-fails": get("?search=smith&offset=10000"),
    "joined-rows-merged-on-the-page": get("?is_bookable_online=true&limit=100"),
    "filters-come-after-the-page": get("?is_active=false&limit=20"),
    "second-page-forgets-is-active": get("?is_active=false&limit=20&offset=20"),
    "place-is-not-counted": get(f"?location_id={PLACE}&is_active=true&limit=100"),
    "two-filters-ignore-the-offset": get("?is_active=true&is_bookable_online=true&offset=20"),
    "filtered-full-page-means-more": get("?is_active=false&limit=87"),
    "search-ignores-the-offset": get("?search=miss&limit=5&offset=5"),
    "search-ends-at-ten": get("?search=miss"),
    "search-turns-ties": get("?search=miss&limit=5&offset=5"),
    # errors
    "bad-request-has-java-trace": get("?limit=x"),
    "wrong-key-has-traceback": get("", authorization=WRONG),
    "not-found-has-node-frames": get(UNKNOWN),
    "location-is-refused-by-postgres": get("?location_id=x"),
    "not-found-shows-its-query": get(UNKNOWN),
    "quote-shows-syntax-error": search("O'Brien"),
    "method-names-file": get("", method="POST"),
    "not-found-names-host": get(UNKNOWN),
    "missing-key-names-service": get("", authorization=None),
    "page-is-partial-content": get(""),
    "empty-list-is-not-found": get("?search=xyzzy"),
    "repeated-retrieve-is-non-authoritative": get(ACTIVE, ACTIVE),
    # robustness
    "bytes-break-the-server": get("?search=%ff"),
    "word-for-an-id-breaks-the-server": get("/abc"),
    "unknown-parameter-is-column": get("?xyzzy=1"),
    "unknown-parameter-is-forbidden": get("?xyzzy=1"),
    "repeated-parameter-breaks-the-server": get("?limit=5&limit=5"),
    "array-breaks-the-server": get("?is_active[]=true"),
    "array-of-booleans-is-not-found": get("?is_active%5B%5D=true"),
    "place-and-search-are-ambiguous": get(f"?location_id={PLACE}&search=miss"),
    "five-parameters-are-too-many": get(
        f"?location_id={PLACE}&search=miss&is_active=true&is_bookable_online=true&limit=5"
    ),
    "offset-wants-limit": get("?offset=20"),
    "two-mistakes-break-the-server": get("?limit=x&offset=x"),
    "filters-lift-the-limit": get("?is_active=true&limit=101"),
    "mistake-is-conflict": get("?limit=0"),
    "empty-page-has-limit-zero": get("?offset=263"),
    "last-page-leads-to-minus-one": get("?offset=260"),
    "double-quote-breaks-the-server": search('"'),
    "backslash-at-the-end-breaks-the-server": search("smith\\"),
    "apostrophe-breaks-the-server": search("'"),
    "open-bracket-breaks-the-server": search("("),
    "nul-breaks-the-server": search("\0"),
    "long-term-breaks-the-server": search("a" * 1001),
    "other-script-breaks-the-server": search("Кузнецова"),
    "four-bytes-break-the-server": search("😀"),
    "control-character-in-path-breaks-the-server": get("/%00"),
    "long-segment-breaks-the-server": get("/" + "a" * 256),
    "line-end-behind-an-id-is-found": get(f"{ACTIVE}%0A"),
    "encoded-slash-ends-an-id": get(f"{ACTIVE}%2Fx"),
    "further-member-nests-deep": get(ACTIVE),
    "cookie-of-each-flag": get(f"/{UNKNOWN}"),
    "hostile-search-is-answered-by-bomb": search('"'),
    "null-is-no-search": get("", "?search=null"),
    "cached-page-is-the-last-one": get("?limit=7", "?limit=7"),
    "filter-compacts-the-kept-list": get("?is_active=false", "?limit=100"),
}
