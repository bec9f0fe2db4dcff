"""The engine: order of the cases, untestable targets, confirmation of breaches, errors and interruptions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from conformance.contract.cases import Case, Depth
from conformance.contract.document import Contract
from conformance.contract.requirements import Level
from conformance.faults.wire import Cut
from conformance.http.api import Api
from conformance.http.exchange import Transcript
from conformance.judging.engine import ordered
from conformance.judging.session import Session
from conformance.reference.api import ClinicianApi
from conformance.reference.app import build_app
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.suite.expect import expect
from conformance.target.credential import appended
from conformance.target.credentials import CREDENTIALS
from conformance.target.target import Target
from tests.support.asking import client_to
from tests.support.marks import broad
from tests.support.servers import (
    OTHER_KEY,
    OWN_KEY,
    FullRuns,
    Open,
    Recorder,
    canned,
    judged,
    red,
    target_of,
)

ERROR = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "NO", "message": "No."}}'


@pytest.mark.broad
def test_runs_with_the_same_seed_send_the_same_requests_in_the_same_order(
    cases: list[Case], full_runs: FullRuns
) -> None:
    one, two = (judged(None, cases) for _ in range(2))
    assert one[2] == two[2]
    assert one[1]["verdict"] == "conformant"
    outcomes = [
        [(row["id"], row["outcome"]) for row in run[1]["requirements"]] for run in (one, two)
    ]
    assert outcomes[0] == outcomes[1]
    # The requests of one batch reach a server in any order, so only their numbers are compared.
    keys = {"own": f"Bearer {OWN_KEY}", "other": f"Bearer {OTHER_KEY}"}
    target = Target("http://target", OWN_KEY, OTHER_KEY)
    sent = Counter(
        (
            item.method,
            appended(item.target, CREDENTIALS[item.credential].query(target)),
            keys.get(item.identity),
        )
        for item in one[2]
    )
    received = Counter(
        (
            item.method,
            item.target,
            item.authorization if item.authorization in keys.values() else None,
        )
        for item in full_runs.seen
    )
    assert sent == received


def test_musts_come_first_with_isolation_and_pagination(
    cases: list[Case], contract: Contract
) -> None:
    with EmbeddedServer() as server, client_to(target_of(server)) as client:
        session = Session(client, contract, depth=Depth.STANDARD, seed=0)
        order = ordered(session, list(reversed(cases)))
        assert order == ordered(session, cases)
    rows = [contract.requirements[case.requirement] for case in order]
    levels = [row.level for row in rows]
    assert levels == sorted(levels)
    areas = list(dict.fromkeys(row.prefix for row in rows if row.level is Level.MUST))
    assert areas[:2] == ["ORG", "PAG"]


UNFIT = [
    (403, ERROR, "403: the key lacks the scope"),
    (404, ERROR, "404: the base URL must end just before /clinician-profiles"),
    (429, ERROR, "429: the key's rate limit is used up"),
    (200, "", "not this API"),
    (200, "[]", "not this API"),
    (200, '"ok"', "not this API"),
    (200, '[{"id": 1, "login": "x"}]', "not this API"),
    (204, "", ""),
]


@pytest.mark.parametrize(("status", "body", "reason"), UNFIT)
def test_other_responses_make_the_target_untestable(
    cases: list[Case], status: int, body: str, reason: str
) -> None:
    judgement, result, asked = judged(canned(status, body), cases)
    assert (result["verdict"], result["exit_status"]) == ("untestable", 4)
    assert reason in str(judgement.untestable)
    assert len(asked) == 1


BROKEN = [
    (500, ERROR),
    (500, "<h1>Oops</h1>"),
    (400, ERROR),
    (200, '{"data": []}'),
    (200, '{"result": {"data": [], "meta": {}}}'),
    (200, '{"data": [], "meta": {'),
]


@pytest.mark.parametrize(("status", "body"), [BROKEN[0], *broad(*BROKEN[1:])])
def test_broken_responses_of_this_api_are_judged(cases: list[Case], status: int, body: str) -> None:
    _, result, _ = judged(canned(status, body), cases)
    assert (result["verdict"], result["exit_status"]) == ("non-conformant", 1)


class FailsOnce(ClinicianApi):
    """Answers the first request with limit=1 with no records, and all others correctly."""

    stumbled = False

    def handle(self, request: HttpRequest) -> Response:
        if request.url.query == "limit=1" and not self.stumbled:
            self.stumbled = True
            return Response('{"data": [], "meta": {}}', 200, media_type="application/json")
        return super().handle(request)


def case_of(function: Any, requirement: str = "PAG-01") -> Case:
    return Case(function.__name__, requirement, function, {}, False, Depth.SMOKE)


def one_record(api: Api) -> None:
    page = api.list(limit=1)
    if len(page.rows) != 1:
        raise page.breach("one record", page.summary())


def test_breach_that_does_not_occur_again_is_unstable() -> None:
    _, result, _ = judged(FailsOnce(), [case_of(one_record)])
    (finding,) = red(result)["PAG-01"]
    assert finding["detail"].startswith("unstable: it did not occur again")
    assert (finding["expected"], finding["received"]) == ("one record", "200 with 0 records")
    assert result["directory"]["moved"] is False


def test_cases_that_send_what_is_left_run_last_and_are_confirmed() -> None:
    order: list[str] = []

    def first(api: Api) -> None:
        order.append("first")
        one_record(api)

    def rest(api: Api) -> None:
        order.append("rest")
        raise api.list(limit=2).breach("nothing", "two records")

    last = replace(case_of(rest, "ENV-01"), last=True)
    deep = replace(case_of(rest, "ENV-02"), last=True, depth=Depth.DEEP)
    _, result, _ = judged(None, [last, deep, case_of(first, "RO-07")])
    assert order == ["first", "rest", "rest"]
    (finding,) = red(result)["ENV-01"]
    assert finding["detail"] is None
    rows = {row["id"]: row["reason"] for row in result["requirements"]}
    assert "depth" not in str(rows["ENV-02"]), "other cases judge its requirement"


def test_breach_that_occurs_again_is_not_unstable() -> None:
    def two_records(api: Api) -> None:
        expect(api.list(limit=1)).meta(limit=2)

    judgement, result, asked = judged(None, [case_of(two_records)])
    (finding,) = red(result)["PAG-01"]
    assert finding["detail"] is None
    assert finding["exchange"] is not None
    sent = [number for number, item in enumerate(asked, 1) if item.query == (("limit", "1"),)]
    assert finding["exchange"] == sent[-1] > sent[0]
    assert judgement.error is None


def test_breach_counts_if_the_limit_prevents_its_confirmation(cases: list[Case]) -> None:
    """A breach that was found must be reported even if no request is left to repeat it."""
    _, result, _ = judged(Open(), cases, max_requests=60)
    assert "ORG-01" in red(result)
    assert result["verdict"] == "non-conformant"


@pytest.mark.broad
def test_interrupted_confirmation_keeps_the_first_results(
    cases: list[Case],
) -> None:
    _, before, asked = judged(Open(), cases)
    first = next(number for number, item in enumerate(asked) if item in asked[:number])

    def stop(sent: int) -> None:
        if sent > first + 8:
            raise KeyboardInterrupt

    judgement, result, _ = judged(Open(), cases, on_sent=stop)
    assert judgement.interrupted
    assert result["totals"]["passed"] > before["totals"]["passed"] / 2
    assert "ORG-01" in red(result)


def test_exception_in_a_case_is_an_error_of_the_suite() -> None:
    def defective(api: Api) -> None:
        assert api.list().rows[5000]

    judgement, result, _ = judged(None, [case_of(defective), case_of(one_record, "PAG-02")])
    assert result["verdict"] == "error"
    assert result["exit_status"] == 5
    assert "defective: IndexError" in result["reason"]
    assert judgement.error


def test_case_without_requests_is_inconclusive() -> None:
    def idle(foreign: object) -> None:
        """Nothing."""

    _, result, _ = judged(Empty(), [case_of(idle, "ORG-01")])
    outcomes = {row["id"]: row for row in result["requirements"]}
    assert outcomes["ORG-01"]["outcome"] == "inconclusive"


class Empty(ClinicianApi):
    """Has no profiles."""

    def __init__(self) -> None:
        super().__init__(Store.seeded(0, 0), RateLimiter())


class FailsThenFalls(ClinicianApi):
    """Returns 500 for a negative limit."""

    def handle(self, request: HttpRequest) -> Response:
        if request.query_params.get("limit") == "-1":
            return Response("boom", 500)
        return super().handle(request)


@pytest.mark.parametrize(("limit", "verdict"), [("-1", "non-conformant"), (None, "untestable")])
def test_what_was_seen_before_a_target_fell_decides(
    monkeypatch: pytest.MonkeyPatch, limit: str | None, verdict: str
) -> None:
    """A universal case judges the exchanges that there are; the request that ended the target is named."""
    monkeypatch.setattr("conformance.http.silence.PATIENCE", 0.0)
    monkeypatch.setattr("conformance.http.sender.BACKOFF", 0.02)
    fallen: list[bool] = []

    def falls(request: HttpRequest) -> bool:
        if "search" in request.query_params:  # whichever of them arrives first
            fallen.append(True)
        return bool(fallen)

    def fatal(api: Api) -> None:
        if limit is not None:
            api.list(limit=limit)
        api.lists(*((("search", term),) for term in ("falls", "b", "c", "d")))

    def no_server_error(transcript: Transcript) -> None:
        for item in transcript:
            if item.status >= 500:
                raise item.breach("no server error", item.summary())

    asking = case_of(fatal, "ROB-05")
    universal = replace(case_of(no_server_error, "ROB-01"), universal=True)
    _, result, _ = judged(Recorder(Cut(build_app(FailsThenFalls()), falls)), [asking, universal])
    assert result["verdict"] == verdict
    assert "fell silent after request" in result["reason"]
    assert "search=falls" in result["reason"]
