"""How each lawful variant differs from the reference: a probe, and its result on the variant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

LONG = f"?search={'word' * 300}"
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Reader:
    """Reads a server with the own key, or with the other key if asked to."""

    def __init__(self, client: httpx.Client, other: httpx.Client) -> None:
        self.client = client
        self.other = other

    def get(self, query: str = "") -> httpx.Response:
        return self.client.get(f"/clinician-profiles{query}")

    def send(self, method: str, path: str = "", **headers: str) -> httpx.Response:
        return self.client.request(method, f"/clinician-profiles{path}", headers=headers)

    def status(self, query: str = "") -> int:
        return self.get(query).status_code

    def meta(self, query: str = "") -> Any:
        return self.get(query).json()["meta"]

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(query).json()["data"]
        return found

    def whole(self, other: bool = False) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        client = self.other if other else self.client
        while True:
            page = client.get(f"/clinician-profiles?limit=100&offset={len(found)}").json()
            found += page["data"]
            if not page["meta"]["has_more"]:
                return found

    def found(self, term: str) -> int:
        return len(self.rows(f"?limit=100&search={quote(term)}"))

    def places(self) -> int:
        return self.client.get("/locations").status_code

    def error(self, query: str) -> Any:
        return self.get(query).json()["error"]


def _ordered(reader: Reader, key: Callable[[dict[str, Any]], Any], reverse: bool = False) -> bool:
    rows = reader.whole()
    return rows == sorted(rows, key=key, reverse=reverse)


def _every(reader: Reader, test: Callable[[dict[str, Any]], bool]) -> bool:
    return all(test(row) for row in reader.whole())


def _first(reader: Reader) -> dict[str, Any]:
    return reader.rows("?limit=1")[0]


def _one(reader: Reader) -> dict[str, Any]:
    found: dict[str, Any] = reader.get(f"/{_first(reader)['id']}").json()["data"]
    return found


def _found_backwards(reader: Reader) -> int:
    row = next(row for row in reader.rows() if row["first_name"] and row["last_name"])
    return reader.found(f"{row['last_name']} {row['first_name']}")


def _reads_until(reader: Reader, changed: Callable[[Reader], bool], most: int = 120) -> bool:
    return any(changed(reader) for _ in range(most))


def _stumbles(reader: Reader) -> bool:
    return any(reader.status() >= 502 for _ in range(50))


def _with(reader: Reader, name: str, value: str) -> int:
    return reader.send("GET", **{name: value}).status_code


def _with_second_key(reader: Reader, value: str) -> int:
    keys = [("Authorization", reader.client.headers["authorization"]), ("Authorization", value)]
    return reader.client.get("/clinician-profiles", headers=httpx.Headers(keys)).status_code


Probe = tuple[Callable[[Reader], object], object]

PROBES: dict[str, Probe] = {
    "clamps-bounds": (lambda s: [s.meta(f"?limit={n}")["limit"] for n in (0, -5, 999)], [1, 1, 100]),
    "out-of-range-is-default": (lambda s: s.meta("?limit=101")["limit"], 20),
    "answers-huge-offsets": (lambda s: s.rows("?offset=99999999999999999999"), []),
    "answers-unprocessable": (lambda s: (s.status("?limit=x"), s.status("/x")), (422, 422)),
    "malformed-id-is-not-found": (lambda s: (s.status("?limit=x"), s.status("/x")), (400, 404)),
    "malformed-id-is-unprocessable": (lambda s: (s.status("?limit=x"), s.status("/x")), (400, 422)),
    "reads-every-uuid-notation": (lambda s: s.status(f"/{_first(s)['id'].replace('-', '')}"), 200),
    "refuses-unknown-parameters": (lambda s: s.status("?nonesuch=1"), 400),
    "takes-first-of-repeated": (lambda s: s.meta("?limit=3&limit=4")["limit"], 3),
    "takes-last-of-repeated": (lambda s: s.meta("?limit=3&limit=4")["limit"], 4),
    "honours-array-notation": (lambda s: s.rows("?is_active[]=true") == s.rows("?is_active=true"), True),
    "empty-location-gives-nothing": (lambda s: s.rows("?location_id="), []),
    "empty-location-is-absent": (lambda s: s.rows("?location_id=") == s.rows(), True),
    "honours-suffixes": (lambda s: s.rows("?created_at_gte=2999-01-01T00:00:00Z"), []),
    "huge-offsets-are-lawful": (lambda s: s.rows("?offset=3000000000"), []),
    "times-have-two-spellings": (lambda s: _first(s)["created_at"].endswith("+00:00"), True),
    "retrieved-times-have-zeros": (lambda s: _one(s)["created_at"].endswith("000000Z"), True),
    "retrieved-times-are-local": (lambda s: _one(s)["created_at"].endswith("+01:00"), True),
    "drops-words-of-its-own": (lambda s: s.found("ambrose"), 0),
    "drops-frequent-word": (lambda s: s.found("sister"), 0),
    "drops-stop-words": (lambda s: s.found("miss"), 0),
    "words-of-four-letters": (lambda s: s.found("mei"), 0),
    "short-names-are-not-indexed": (lambda s: (s.found("kim"), s.found("morgan") > 0), (0, True)),
    "drops-words-of-mysql": (lambda s: (s.found("will"), s.found("owen") > 0), (0, True)),
    "drops-words-of-sql-server": (lambda s: (s.found("will"), s.found("bronwen") > 0), (0, True)),
    "drops-names-of-one-word": (lambda s: (s.found("ambrose"), s.found("matteo") > 0), (0, True)),
    "ignores-plurals": (lambda s: s.found("hughes") == s.found("hugh"), True),
    "compares-five-letters": (lambda s: s.found("johnsberg") > 0, True),
    "guesses-at-misspellings": (lambda s: s.found("qohnson") > 0, True),
    "gateway-names-requests": (
        lambda s: (r := s.get()).headers["x-request-id"] == r.json()["meta"]["request_id"], False,
    ),
    "request-id-in-body-alone": (lambda s: "x-request-id" in s.get().headers, False),
    "request-ids-of-two-layers": (lambda s: len(s.get().headers.get_list("x-request-id")), 2),
    "rate-limits-of-two-layers": (lambda s: s.get().headers.get_list("x-ratelimit-limit")[0], "20"),
    "rate-limits-are-named": (lambda s: s.get().headers["x-ratelimit-limit"][:8], '"hour";q'),
    "rate-limits-of-three-windows": (lambda s: s.get().headers["x-ratelimit-limit"], "10, 300, 1000"),
    "nodes-write-times-differently": (
        lambda s: {_first(s)["created_at"][19:] for _ in range(4)}, {"Z", ".000+00:00"},
    ),
    "list-times-are-finer": (lambda s: _first(s)["created_at"][19:], ".000Z"),
    "private-cache-without-vary": (
        lambda s: (s.meta() == s.meta(), "vary" in s.get().headers), (True, False),
    ),
    "hosted-gateway-stumbles": (_stumbles, True),
    "edge-function-stumbles": (_stumbles, True),
    "restarts-during-the-run": (lambda s: [s.status() for _ in range(90)][-2:], [200, 502]),
    "retrieves-time-out": (lambda s: [s.status(f"/{NOWHERE}") for _ in range(23)][-1], 504),
    "search-is-busy": (lambda s: [s.status("?search=ruth") for _ in range(61)][-2:], [503, 503]),
    "writes-reach-no-origin": (lambda s: [s.send("POST").status_code for _ in range(2)], [405, 520]),
    "writes-not-implemented": (lambda s: s.send("POST").status_code, 501),
    "web-server-knows-no-writes": (lambda s: s.send("PUT", f"/{NOWHERE}").status_code, 501),
    "long-targets-are-too-long": (lambda s: s.get(LONG).headers["content-type"][:9], "text/html"),
    "long-targets-get-another-status": (lambda s: s.status(LONG), 431),
    "long-targets-have-an-envelope": (lambda s: s.error(LONG)["code"], "URI_TOO_LONG"),
    "long-targets-are-refused-in-json": (lambda s: s.get(LONG).json()["message"], "URI too long"),
    "firewall-in-front": (lambda s: s.status("?search=%3Cscript%3E"), 403),
    "firewall-not-acceptable": (lambda s: s.status("?search=%3Cscript%3E"), 406),
    "limit-names-its-window": (lambda s: s.get().headers["x-ratelimit-limit"], "1000, 1000;w=3600"),
    "counts-name-their-window": (lambda s: s.get().headers["x-ratelimit-limit"], "1000;w=3600"),
    "several-rate-limits": (lambda s: ";w=1," in s.get().headers["x-ratelimit-limit"], True),
    "cache-of-each-key": (lambda s: s.meta() == s.meta(), True),
    "range-without-total": (lambda s: s.get().headers["content-range"], "profiles 0-19/*"),
    "malformed-location-finds-nothing": (lambda s: s.rows("?location_id=x"), []),
    "lenient-booleans": (lambda s: s.rows("?is_active=No") == s.rows("?is_active=false"), True),
    "ignores-malformed-booleans": (lambda s: s.rows("?is_active=perhaps") == s.rows(), True),
    "malformed-numbers-are-default": (lambda s: s.meta("?limit=ten&offset=x")["limit"], 20),
    "lenient-integers": (lambda s: s.meta("?limit=%2B7")["limit"], 7),
    "empty-is-absent": (lambda s: (s.meta("?limit=")["limit"], s.status("?location_id=")), (20, 400)),
    "other-methods-are-not-found": (lambda s: s.send("POST").status_code, 404),
    "head-is-not-offered": (lambda s: s.send("HEAD").headers.get("allow"), "GET"),
    "key-comes-first": (lambda s: s.send("POST", Authorization="Bearer x").status_code, 401),
    "one-spelling-of-bearer": (
        lambda s: s.send("GET", Authorization=s.client.headers["authorization"].lower()[:6]
                         + s.client.headers["authorization"][6:]).status_code,
        401,
    ),
    "names-realm": (
        lambda s: "realm" in s.send("GET", Authorization="Bearer x").headers["www-authenticate"], True,
    ),
    "echoes-id": (lambda s: NOWHERE in s.error(f"/{NOWHERE}")["message"], True),
    "prefix-search": (lambda s: s.found("johns") > 0, True),
    "substring-search": (lambda s: s.found("hnso") > 0 and s.found("%") < len(s.whole()), True),
    "phrase-search": (_found_backwards, 0),
    "any-word-search": (lambda s: s.found("Johnson Zqxjk") == s.found("Johnson") > 0, True),
    "stemming-search": (lambda s: s.found("Johnsons") > 0, True),
    "accent-sensitive-search": (lambda s: (s.found("Zoe") < s.found("Zoë")), True),
    "trigram-search": (lambda s: s.found("hnso") > 0 == s.found("hn"), True),
    "refuses-short-search": (lambda s: s.status("?search=ab"), 400),
    "refuses-search-without-words": (lambda s: s.status("?search=%25"), 400),
    "empty-search-finds-nothing": (lambda s: s.found(""), 0),
    "found-by-relevance": (
        lambda s: [len(r["name"]) for r in s.rows("?search=johnson")]
        == sorted(len(r["name"]) for r in s.rows("?search=johnson")), True,
    ),
    "filtered-by-name": (
        lambda s: [r["name"] for r in s.rows("?is_active=true")]
        == sorted(r["name"] for r in s.rows("?is_active=true")), True,
    ),
    "ordered-by-name": (lambda s: _ordered(s, lambda r: (r["name"], r["id"])), True),
    "ordered-by-surname": (lambda s: [r["last_name"] for r in s.whole()][-1], None),
    "ordered-by-id": (lambda s: _ordered(s, lambda r: r["id"]), True),
    "newest-first": (lambda s: _ordered(s, lambda r: (r["created_at"], r["id"]), reverse=True), True),
    "shuffled-once": (lambda s: _ordered(s, lambda r: (r["id"][28:], r["id"])), True),
    "short-pages": (lambda s: (len(s.rows("?limit=100")), s.meta("?limit=100")["next_offset"]), (60, 60)),
    "further-members": (lambda s: "languages" in _first(s) and "links" in s.get().json(), True),
    "retrieve-has-more": (
        lambda s: len(s.rows(f"/{_first(s)['id']}")) > len(_first(s)), True,
    ),
    "further-members-near-the-bounds": (
        lambda s: len(s.get(f"/{_first(s)['id']}").json()["data"]["days"]), 900,
    ),
    "list-has-more": (lambda s: len(s.rows(f"/{_first(s)['id']}")) < len(_first(s)), True),
    "times-in-microseconds": (lambda s: _first(s)["created_at"][19:], ".000000+00:00"),
    "times-in-another-zone": (lambda s: _first(s)["created_at"][19:], ".000+01:00"),
    "times-in-lower-case": (lambda s: _first(s)["created_at"][10] + _first(s)["created_at"][-1], "tz"),
    "upper-case-ids": (lambda s: _every(s, lambda r: r["id"] == r["id"].upper()), True),
    "pretty-json": (lambda s: s.get().text.endswith("\n}\n"), True),
    "escaped-json": (lambda s: s.get("?search=josé").text.isascii(), True),
    "names-charset": (lambda s: s.get().headers["content-type"], "application/json; charset=utf-8"),
    "error-details": (lambda s: "details" in s.error("?limit=0"), True),
    "uuid-request-ids": (lambda s: len(s.meta()["request_id"]), 36),
    "unequal-request-ids": (lambda s: len({len(s.meta()["request_id"]) for _ in range(5)}), 5),
    "many-headers": (lambda s: s.get().headers.get("via"), "1.1 gateway"),
    "cache-headers": (lambda s: s.get().headers.get("etag") == s.get().headers.get("etag", 1), True),
    "slow-server": (lambda s: min(s.get().elapsed.total_seconds() for _ in range(10)) > 0.0095, True),
    "lower-rate-limit": (lambda s: s.get().headers["x-ratelimit-limit"], "400"),
    "gzip": (lambda s: s.get().headers.get("content-encoding"), "gzip"),
    "chunked": (lambda s: s.get().headers.get("transfer-encoding"), "chunked"),
    "closes-connections": (lambda s: s.get().headers.get("connection"), "close"),
    "no-clinicians": (lambda s: len(s.whole()), 0),
    "one-clinician": (lambda s: len(s.whole()), 1),
    "seven-clinicians": (lambda s: len(s.whole()), 7),
    "twenty-clinicians": (lambda s: len(s.whole()), 20),
    "hundred-clinicians": (lambda s: len(s.whole()), 100),
    "hundred-and-one-clinicians": (lambda s: len(s.whole()), 101),
    "many-clinicians": (lambda s: len(s.whole()), 1430),
    "empty-other-organisation": (lambda s: len(s.whole(other=True)), 0),
    "small-other-organisation": (lambda s: len(s.whole(other=True)), 1),
    "all-active": (lambda s: s.rows("?is_active=false"), []),
    "nobody-active": (lambda s: s.rows("?is_active=true"), []),
    "nobody-bookable": (lambda s: s.rows("?is_bookable_online=true"), []),
    "everything-null": (lambda s: _every(s, lambda r: list(r.values()).count(None) == 11), True),
    "no-locations": (lambda s: s.client.get("/locations").json()["data"], []),
    "nobody-anywhere": (lambda s: [
        s.rows(f"?location_id={place['id']}") for place in s.client.get("/locations").json()["data"]
    ], [[]] * 6),
    "no-latin-names": (lambda s: _every(s, lambda r: not r["name"].isascii()), True),
    "tagged-addresses": (lambda s: _every(s, lambda r: "+" in r["email"] or "%" in r["email"]), True),
    "time-ordered-ids": (lambda s: _every(s, lambda r: r["id"][14] == "7"), True),
    "all-alike": (lambda s: len({r["name"] for r in s.whole()}), 1),
    "awkward-texts": (lambda s: "<script>" in s.get("?limit=100").text, True),
    "somebody-joins": (lambda s: _reads_until(s, lambda s: len(s.whole()) == 264), True),
    "somebody-leaves": (lambda s: _reads_until(s, lambda s: len(s.whole()) == 262), True),
    "edited-all-the-time": (lambda s: s.whole() != [s.whole() for _ in range(9)][-1], True),
    "gateway-stumbles": (_stumbles, True),
    "no-locations-resource": (lambda s: s.places(), 404),
    "no-scope-for-locations": (lambda s: s.places(), 403),
    "trailing-slash": (lambda s: s.status("/"), 200),
    "nodes-differ": (lambda s: len({"x-node" in s.get().headers for _ in range(20)}), 2),
    "nodes-by-turns": (
        lambda s: sorted(
            "x-node" in (r := s.get()).headers and r.elapsed.total_seconds() > 0.0295 for _ in range(9)
        )[4:6], [False, True],
    ),
    "some-are-traced": (lambda s: any("x-trace" in s.get().headers for _ in range(99)), True),
    "tells-the-time": (lambda s: s.meta()["timing"]["request_count"], 1),
    "errors-name-the-path": (lambda s: s.error("/x")["path"], "/api-v1/clinician-profiles/x"),
    "refuses-named-organisation": (
        lambda s: (s.status("?tenant_id=x"), s.send("GET", **{"X-Org-Id": "x"}).status_code), (403, 403),
    ),
    "one-case-of-ids": (
        lambda s: [s.status(f"/{way(_first(s)['id'])}") for way in (str, str.lower)], [200, 404],
    ),
    "clamps-bounds-for-nobody": (lambda s: s.rows("?limit=999&is_active=true"), []),
    "proxy-refuses-odd-bytes": (
        lambda s: [s.status(q) for q in ("?search=a%00", "?search=%ff", f"/{'a' * 300}", "?search=a")],
        [400, 400, 400, 200],
    ),
    "counts-what-was-skipped": (lambda s: s.meta("?offset=7")["skipped_count"], 7),
    "stems-end-in-i": (lambda s: s.found("kay") == s.found("kai") > 0, True),
    "writes-accents-out": (lambda s: s.found("mueller") == s.found("müller") > 0, True),
    "joins-names": (lambda s: s.found("obrien") == s.found("O'Brien") > 0, True),
    "combined-in-another-order": (
        lambda s: [r["id"] for r in s.rows("?is_active=true&is_bookable_online=true")]
        == sorted(r["id"] for r in s.rows("?is_active=true&is_bookable_online=true")), True,
    ),
    "bounds-only-searches": (
        lambda s: [s.status(q) for q in ("?limit=101", "?limit=101&search=Sister")], [400, 200],
    ),
    "malformed-boolean-matches-nobody": (lambda s: s.rows("?is_active=x"), []),
    "unknown-location-ends-early": (lambda s: s.rows(f"?location_id={NOWHERE}&limit=0"), []),
    "characters-are-words": (lambda s: s.found("张伟") > 0, True),
    "refuses-forwarded-hosts": (lambda s: _with(s, "X-Forwarded-Host", "x.test"), 400),
    "refuses-foreign-origins": (lambda s: _with(s, "Origin", "https://x.test"), 403),
    "is-not-acceptable": (lambda s: _with(s, "Accept", "application/json;q=0.9"), 406),
    "refuses-bodies": (
        lambda s: s.client.request("GET", "/clinician-profiles", content=b"{}").status_code, 415,
    ),
    "headers-are-too-large": (lambda s: _with(s, "Authorization", f"Bearer {'x' * 9000}"), 431),
    "url-is-too-long": (lambda s: s.status(f"?x={'y' * 400}"), 414),
    "honours-conditions": (
        lambda s: [_with(s, "If-None-Match", s.get().headers.get("etag", "")), _with(s, "If-Match", "x")],
        [304, 412],
    ),
    "lists-have-versions": (lambda s: _with(s, "If-None-Match", 'W/"7"'), 304),
    "honours-dates": (
        lambda s: _with(s, "If-Modified-Since", "Fri, 31 Dec 2066 23:59:59 GMT"), 304,
    ),
    "sets-cookies": (lambda s: "node=" in s.get().headers.get("set-cookie", ""), True),
    "redirects-to-the-usual-path": (lambda s: s.status("/"), 308),
    "normalizes-paths": (lambda s: s.status(f"/{_first(s)['id']}.json;a=b"), 200),
    "takes-the-first-authorization": (lambda s: _with_second_key(s, "Bearer x"), 200),
    "takes-the-last-authorization": (lambda s: [_with_second_key(s, v) for v in (
        "Bearer x", s.client.headers["authorization"])], [401, 200]),
    "reads-two-words": (
        lambda s: _with(s, "Authorization", f"{s.client.headers['authorization']} x"), 200,
    ),
    "refuses-malformed-credentials": (lambda s: _with_second_key(s, "Bearer x"), 400),
    "answers-preflight": (lambda s: [s.send(m).status_code for m in ("OPTIONS", "TRACE")], [204, 501]),
    "adopts-request-ids": (
        lambda s: s.send("GET", **{"X-Request-Id": "mine"}).json()["meta"]["request_id"], "mine",
    ),
    "refuses-overrides": (lambda s: _with(s, "X-HTTP-Method-Override", "HEAD"), 405),
    "indented-bodies": (lambda s: s.get().text[:2], "\r\n"),
    "profiles-quote-code": (lambda s: "SELECT" in str(_first(s)["bio"]), True),
    "headers-name-software": (lambda s: s.get().headers.get("x-debug"), "0"),
    "refusals-repeat-the-request": (lambda s: s.send("POST").text[:9], "<!DOCTYPE"),
    "numbers-of-javascript": (lambda s: s.meta("?limit=1e1")["limit"], 10),
    "leading-digits": (lambda s: s.meta("?limit=5abc")["limit"], 5),
    "integers-of-python": (lambda s: s.meta("?limit=1_0")["limit"], 10),
    "offsets-of-any-size": (lambda s: s.rows("?offset=4294967303"), []),
    "operators-in-terms": (lambda s: s.found("johnson OR patel") > s.found("johnson"), True),
    "words-between-blanks": (lambda s: s.found("brien"), 0),
    "joining-signs-are-removed": (lambda s: s.found("obrien") == s.found("O'Brien"), True),
    "refuses-signs-of-query-languages": (lambda s: s.status("?search=a%7Cb"), 400),
    "refuses-blank-search": (lambda s: s.status("?search=%20"), 400),
    "one-word-only": (lambda s: s.found("Dr Sarah"), 0),
    "asterisk-lists-everything": (lambda s: s.found("*"), 100),
    "names-with-joining-signs": (lambda s: {row["email"] for row in s.whole()}, {None}),
    "says-what-is-on-the-page": (lambda s: s.meta("?limit=3")["returned"], 3),
    "says-what-is-on-the-only-page": (lambda s: s.meta("?limit=100")["returned"], 15),
    "locations-by-letter": (lambda s: s.rows(
        f"?location_id={s.client.get('/locations').json()['data'][0]['id'].upper()}"), []),
    "answers-options": (lambda s: s.send("OPTIONS").status_code, 200),
}  # fmt: skip
