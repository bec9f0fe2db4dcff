"""Which responses are a gateway's, and which failures show that a request crashes the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.http.exchange import Exchange
from conformance.http.gateways import (
    SHORT,
    Passed,
    Strike,
    are_short,
    control_for,
    is_by_api,
    is_by_gateway,
    may_be_crash,
    others_passed,
)
from conformance.http.request import Request, Turn
from tests.support.asking import PAGE

ERROR = '{"data": null, "meta": {"request_id": "r"}, "error": {"code": "FAILED", "message": "No."}}'
HTML = "<h1>Bad gateway</h1>"


def answer(status: int, body: str = HTML) -> Exchange:
    return Exchange(1, Request(), "http://t/v1", status, (), body.encode(), 0.0)


def strikes(
    status: int = 502, passed_at: float = 2.5, other: Exchange | None = None, count: int = 4
) -> list[Strike]:
    """Return attempts that ended at 1, 2, 3 and so on; the last one knows of another response."""
    passed = Passed(passed_at, other or answer(200, PAGE))
    found = [Strike(answer(status), float(number), Passed()) for number in range(1, count)]
    return [*found, Strike(answer(status), float(count), passed)]


@pytest.mark.parametrize("status", [502, 503, 504, *range(520, 528), 530, 546])
@pytest.mark.parametrize("body", [HTML, "", '{"code": "WORKER_LIMIT"}'])
def test_statuses_of_a_gateway(status: int, body: str) -> None:
    assert is_by_gateway(answer(status, body))


@pytest.mark.parametrize("status", [200, 404, 500, 501, 505, 519, 528, 529, 531, 545, 547, 599])
def test_other_statuses_are_no_gateways(status: int) -> None:
    assert not is_by_gateway(answer(status))


def test_a_status_of_hosted_gateways_with_the_envelope_is_the_apis() -> None:
    assert not is_by_gateway(answer(520, ERROR))
    assert is_by_gateway(answer(503, ERROR))


@pytest.mark.parametrize(
    ("exchange", "by_api"),
    [
        (answer(200, PAGE), True),
        (answer(404, ERROR), True),
        (answer(500, ERROR), False),
        (answer(200), False),
        (answer(403), False),
        (answer(401, '{"message": "No API key found"}'), False),
    ],
)
def test_which_responses_are_the_apis(exchange: Exchange, by_api: bool) -> None:
    assert is_by_api(exchange) is by_api


def test_fewer_attempts_or_a_wait_show_no_crash() -> None:
    assert may_be_crash(strikes())
    assert not may_be_crash(strikes(count=3))
    waiting = Strike(answer(503), 5.0, Passed(), asks_to_wait=True)
    assert not may_be_crash([*strikes(), waiting])


@pytest.mark.parametrize(
    ("sizes", "alike"),
    [
        (["2431 of 11810"] * 4, True),
        (["2431 of 11810", "2434 of 11810", "2430 of 11812", "2433 of 11810"], True),
        (["2431 of 11810", "9034 of 11810", "560 of 11810", "2433 of 11810"], False),
        (["2431 of 11810", "2431 of 54000", "2431 of 11810", "2431 of 11810"], False),
        ([], False),
    ],
)
def test_bodies_that_are_cut_at_about_the_same_byte_are_the_servers(
    sizes: list[str], alike: bool
) -> None:
    cut = [replace(answer(200), broken=f"{SHORT} {size} bytes (Content-Length)") for size in sizes]
    found = [Strike(item, float(number), Passed()) for number, item in enumerate(cut, 1)]
    assert may_be_crash(found) is alike
    assert are_short(found) is (alike or not found)
    other = Strike(replace(answer(0), broken="the connection was closed"), 5.0, Passed())
    assert not are_short([*found, other])


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (strikes(), True),
        (strikes(passed_at=0.5), False),  # sent before the first failure: the outage began later
        (strikes(passed_at=float("-inf")), False),
        (strikes(other=answer(401, HTML)), False),  # the gateway itself checks keys
        (strikes(status=503), False),  # a limit on bursts lets others pass
        (strikes(status=546), True),
    ],
)
def test_others_pass_if_the_api_responded_between_the_failures(
    found: list[Strike], passed: bool
) -> None:
    assert others_passed(found) is passed


def test_the_control_is_the_plain_list_with_the_same_credential() -> None:
    request = Request(
        "HEAD", "/clinician-profiles/1", (("x", "1"),), "other", (("a", "b"),), "r 1", Turn.ALONE
    )
    assert control_for(request) == Request(credential="other", repeat="r 1")
    assert control_for(Request()) is None
    assert control_for(Request(repeat="once more")) is None
