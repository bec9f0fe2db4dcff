"""ENV-14: the count of a key resets at the top of an hour, by a clock that may differ from that of Date."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from conformance.contract.cases import Case
from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Request
from conformance.reference.api import ClinicianApi
from conformance.reference.ratelimit import HOUR, RateLimiter
from conformance.reference.store import Store
from conformance.suite.test_envelope_extras import test_remaining_requests_never_rise as never_rise
from tests.support.marks import broad
from tests.support.servers import judged, red

TOP = 500_000 * HOUR


def answer(at: float, left: int, lasted: float = 0.1, dated: float | None = None) -> Exchange:
    """A response; ``at`` by our clock and ``dated`` by the server's, in seconds from the top of an hour."""
    date = TOP + (at if dated is None else dated)
    ours = datetime.fromtimestamp(TOP + at, UTC)
    return Exchange(
        number=1,
        request=Request(),
        url="http://target/api-v1/clinician-profiles",
        status=200,
        headers=(
            ("date", formatdate(date, usegmt=True)),
            ("x-ratelimit-remaining", str(left)),
            ("content-type", "application/json"),
        ),
        body=b'{"data": [], "meta": {}, "error": null}',
        elapsed=lasted,
        at=1000 + at,
        started_at=ours.isoformat(),
    )


def rises(*answers: Exchange) -> bool:
    transcript = Transcript()
    transcript.add(answers)
    try:
        never_rise(transcript)
    except Breach:
        return True
    return False


LAWFUL = {
    "falls": (answer(1, 9), answer(2, 8), answer(3, 8)),
    "turns": (answer(-1, 9), answer(1, 999), answer(2, 998)),
    "turns before the date does": (answer(-9, 9), answer(-8, 999), answer(-7, 998)),
    "turns after the date did": (answer(7, 9), answer(8, 999), answer(9, 998)),
    "something was under way at the turn": (
        answer(-3, 9),
        answer(-2, 999, 0.5),
        answer(-1.9, 8, 0.9),
        answer(-1.8, 998, 0.1),
        answer(-0.5, 997),
    ),
    "recorded in another order": (answer(3, 997), answer(1, 999), answer(-1, 9)),
    "one is under way for long": (answer(600, 9, 20), answer(601, 8), answer(602, 7)),
    "nothing takes time": (answer(1, 9, 0), answer(1, 8, 0), answer(1, 8, 0)),
    "is dated minutes ahead": (answer(-1, 9, dated=299), answer(1, 999, dated=301)),
    "is dated minutes late": (answer(-1, 9, dated=-301), answer(1, 999, dated=-299)),
    "turns by a clock that is minutes ahead of ours": (
        answer(-301, 9, dated=-1),
        answer(-299, 999, dated=1),
    ),
    "nodes come to it one after the other": (
        answer(-2, 741),
        answer(-1, 999),
        answer(0, 740),
        answer(1, 998),
        answer(2, 739),
        answer(3, 997),
        answer(90, 996),
    ),
    "every hour": (
        answer(-HOUR - 1, 9),
        answer(-HOUR + 1, 999),
        answer(-1, 500),
        answer(1, 999),
    ),
}
RISING = {
    "though nothing takes time": (answer(600, 9, 0), answer(600, 8, 0), answer(600, 9, 0)),
    "in mid-hour": (answer(600, 9), answer(601, 10)),
    "a second time": (answer(-2, 9), answer(-1, 999), answer(1, 998), answer(2, 999)),
    "by the old count long after the turn": (
        answer(-1, 9),
        answer(1, 999),
        answer(70, 8),
        answer(71, 997),
    ),
    "in mid-hour after the turn": (
        answer(-1, 9),
        answer(1, 999),
        answer(600, 500),
        answer(601, 501),
    ),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_a_count_may_reset_once_an_hour(name: str) -> None:
    assert not rises(*LAWFUL[name])


@pytest.mark.parametrize("name", RISING)
def test_a_rise_at_another_time_is_a_finding(name: str) -> None:
    assert rises(*RISING[name])


def test_concurrent_responses_prove_nothing() -> None:
    with pytest.raises(Inconclusive, match="one after the other"):
        rises(answer(1, 9, 5), answer(2, 8, 5))


@pytest.mark.parametrize("late", [0.0, *broad(-2.0, 2.0)])
def test_a_run_across_the_top_of_the_hour_has_no_finding(
    monkeypatch: pytest.MonkeyPatch, cases: list[Case], late: float
) -> None:
    """The hour ends after a number of requests, whatever the time is."""
    begun = time.time()
    asked = itertools.count()

    def counting_clock() -> float:
        return TOP + next(asked) - 120

    monkeypatch.setattr(
        "uvicorn.server.formatdate",
        lambda moment, **_: formatdate(TOP + moment - begun + late, usegmt=True),
    )
    api = ClinicianApi(Store.seeded(), RateLimiter(clock=counting_clock))
    _, result, _ = judged(api, cases)
    assert red(result) == {}
    assert result["verdict"] == "conformant"
