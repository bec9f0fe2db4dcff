"""Servers for the doctor, each with the line that the doctor prints for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

from conformance.reference import seed
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.store import Identity, Row, Store
from tests.support.servers import OTHER_KEY, OWN_KEY, Recorder, canned, recorded

ERROR = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "NO", "message": "No."}}'
LOGIN = "<!doctype html><title>Sign in</title><form><input name=password></form>"


class OneForBoth(ClinicianApi):
    """Treats both keys as keys of the own organisation."""

    def organisation(self, context: Context, identity: Identity) -> str:  # noqa: ARG002
        return self.store.data.own.id


class Leaky(ClinicianApi):
    """Lists the other organisation's first profile to every caller."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, more = super().fetch(query, organisation)
        if query.offset == 0 and organisation == self.store.data.own.id:
            theirs, _ = super().fetch(ListQuery(limit=1), self.store.data.other.id)
            rows = [*theirs, *rows[1:]]
        return rows, more


class Stuck(ClinicianApi):
    """Returns the first page at every offset."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        return super().fetch(ListQuery(query.limit), organisation)


class Lacking(ClinicianApi):
    """Leaves out two members and the request id."""

    def list_profile(self, row: Row) -> Body:
        profile = super().list_profile(row)
        return {name: profile[name] for name in profile if name not in ("bio", "email")}

    def meta(self, context: Context) -> Body:  # noqa: ARG002
        return {}


class Telling(ClinicianApi):
    """Puts keys into names, and sends no rate limit headers."""

    def list_profile(self, row: Row) -> Body:
        return super().list_profile(row) | {
            "name": f"Dr {OWN_KEY} {OTHER_KEY}",
            "created_at": OWN_KEY,
        }

    def rate_headers(self, allowance: object) -> dict[str, str]:  # noqa: ARG002
        return {}


def sized(own: int) -> Callable[[], Recorder]:
    return lambda: recorded(ClinicianApi(Store.of(seed.build(own)), RateLimiter()))


@dataclass(frozen=True)
class Situation:
    """A server, the exit status of its examination, and the words that one check must contain.

    ``make`` builds the server, which takes time, so it is called on use. ``most`` is the largest number of
    requests that the examination may send.
    """

    make: Callable[[], Recorder]
    status: int
    check: str
    state: str
    words: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    most: int = 12

    @cached_property
    def app(self) -> Recorder:
        return self.make()


def of(
    api: type[ClinicianApi], status: int, check: str, state: str, *words: str, **variables: str
) -> Situation:
    def make() -> Recorder:
        return recorded(api(Store.seeded()))

    return Situation(make, status, check, state, words, variables)


def unfit(app: Recorder, *words: str, most: int = 1) -> Situation:
    return Situation(lambda: app, 4, "target", "problem", words, most=most)


@lru_cache
def situations() -> dict[str, Situation]:
    plain = ClinicianApi
    return {
        "all is well": of(plain, 0, "requirements", "ok", "with this data"),
        "no other key": of(
            plain,
            3,
            "other key",
            "problem",
            "none",
            "CONFORMANCE_OTHER_API_KEY",
            "--foreign-id",
            CONFORMANCE_OTHER_API_KEY="",
        ),
        "ids instead of the other key": of(
            plain,
            3,
            "other key",
            "warning",
            "1 id",
            CONFORMANCE_OTHER_API_KEY="",
            CONFORMANCE_FOREIGN_ID="7c0d3c62-5b5f-4e6f-9f52-7d7d8f0f6a01",
        ),
        "the other key is refused": of(
            plain,
            3,
            "other key",
            "problem",
            "401",
            "CONFORMANCE_OTHER_API_KEY",
            CONFORMANCE_OTHER_API_KEY="pk_test_nobody",
        ),
        "one organisation": of(
            OneForBoth, 3, "organisations", "problem", "same 263 profiles", "there is no isolation"
        ),
        "a leak": of(Leaky, 0, "organisations", "problem", "1 profile in common", "ORG-05"),
        "an offset that is ignored": of(
            Stuck, 3, "own directory", "warning", "at least 101", "only records of earlier pages"
        ),
        "missing members": of(
            Lacking, 3, "contract shape", "warning", "email, bio", "meta lacks request_id"
        ),
        "no quota": of(Telling, 3, "quota", "warning", "X-RateLimit-Remaining"),
        "a small bound": of(
            plain, 3, "cost", "problem", "--max-requests 100", CONFORMANCE_MAX_REQUESTS="100"
        ),
        "the depth smoke": of(plain, 0, "requirements", "ok", "", CONFORMANCE_DEPTH="smoke"),
        "a quota that the examination uses up": Situation(
            partial(recorded, rate_limit=5),
            3,
            "cost",
            "problem",
            ("left until the limit resets", "next hour"),
        ),
        "a quota that does not suffice": Situation(
            partial(recorded, rate_limit=100),
            3,
            "cost",
            "problem",
            ("left until the limit resets",),
        ),
        "a quota that others need": Situation(
            partial(recorded, rate_limit=155),
            3,
            "cost",
            "problem",
            ("10% of its limit", "other users"),
        ),
        "slow answers": Situation(
            partial(recorded, latency_ms=550),
            0,
            "answers",
            "warning",
            ("a response takes", "nearer"),
        ),
        "an empty directory": Situation(sized(0), 3, "own directory", "problem", ("empty",)),
        "a few": Situation(sized(7), 3, "own directory", "ok", ("7 profiles, all",)),
        "five pages": Situation(sized(450), 0, "own directory", "ok", ("450 profiles, all",)),
        "many": Situation(sized(5000), 0, "own directory", "ok", ("between", "612 of them")),
        "401 to everything": unfit(canned(401, ERROR), "401", "CONFORMANCE_API_KEY"),
        "403 to everything": unfit(canned(403, ERROR), "403", "scope"),
        "404 to everything": unfit(canned(404, ERROR), "404", "/clinician-profiles"),
        "429 to everything": unfit(canned(429, ERROR), "429", "hour"),
        "500 to everything": Situation(
            partial(canned, 500, ERROR),
            3,
            "contract shape",
            "problem",
            ("500", "will report it"),
            most=2,
        ),
        "a login page": unfit(
            canned(200, LOGIN, ("content-type", "text/html")), "text/html", "not this API"
        ),
        "other JSON": unfit(canned(200, '{"status": "ok"}'), "not this API"),
        "a redirect": unfit(
            canned(302, "", ("location", "https://sso.example.org/login")), "302", "sso.example.org"
        ),
        "a gateway without a server": unfit(canned(503, LOGIN), "503", "gateway", most=4),
    }
