"""Date, Retry-After and the rate limit headers, whatever they hold."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.contract.cases import Case
from conformance.doctor.checks import resets_at
from conformance.doctor.examine import examine
from conformance.http import rate_headers
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.reference.server import EmbeddedServer
from conformance.running.settings import Settings
from tests.support.servers import OTHER_KEY, OWN_KEY, judged, recorded

NOON = 1_800_000_000.0 // 3600 * 3600
FAR_YEAR = "Sat, 28 Nov 99999999999 00:00:00 GMT"


def answer(**headers: object) -> Exchange:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in headers.items())
    return Exchange(1, Request(), "http://t/v1/x", 200, pairs, b"{}", 0.0)


def dated(moment: float) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


WAITS = [
    ({}, None),
    ({"retry_after": 12}, 12),
    ({"retry_after": dated(NOON + 9)}, 9),
    ({"retry_after": dated(NOON - 9)}, 0),
    ({"retry_after": dated(NOON + 9), "date": dated(NOON + 4)}, 5),
    ({"retry_after": "soon"}, None),
    ({"retry_after": "-3"}, None),
    ({"retry_after": "nan", "x_ratelimit_reset": 4}, 4),
    ({"retry_after": FAR_YEAR, "x_ratelimit_reset": 4}, 4),
    ({"x_ratelimit_reset": int(NOON + 30)}, 30),
    ({"x_ratelimit_reset": int(NOON + 30) * 1000}, 30),
    ({"x_ratelimit_reset": int(NOON - 30)}, 0),
    ({"x_ratelimit_reset": int(NOON + 30), "date": dated(NOON + 10)}, 20),
    ({"x_ratelimit_reset": int(NOON + 30), "date": FAR_YEAR}, 30),
    ({"x_ratelimit_reset": "tomorrow"}, None),
    ({"retry_after": 2, "x_ratelimit_reset": 50}, 2),
]


@pytest.mark.parametrize(("headers", "seconds"), WAITS)
def test_a_target_asks_for_a_wait_in_several_ways(
    headers: dict[str, object], seconds: float | None
) -> None:
    assert rate_headers.requested_wait(answer(**headers), NOON) == seconds
    if "x_ratelimit_reset" not in headers:
        assert rate_headers.retry_after(answer(**headers), NOON) == seconds
    else:
        assert rate_headers.retry_after(answer(x_ratelimit_reset=3), NOON) is None


DATES = {
    "Thu, 26 Nov 2026 10:00:00 GMT": 1795687200.0,
    "Thursday, 26-Nov-26 10:00:00 GMT": 1795687200.0,
    "Thu Nov 26 10:00:00 2026": 1795687200.0,
    "Thu, 26 Nov 2026 11:00:00 +0100": 1795687200.0,
    "Thu, 26 Nov 2026 10:00:00 -0000": 1795687200.0,
    "Thu, 01 Jan 1970 00:00:00 GMT": 0.0,
    "Wed, 31 Dec 1969 23:59:59 GMT": None,
    "Fri, 01 Jan 9999 00:00:00 GMT": None,
    FAR_YEAR: None,
    "Thu, 26 Nov 0026 10:00:00 GMT": None,
    "Thu, 26 Nov 126 10:00:00 GMT": None,
    "Thu, 26 Nov ２０２６ 10:00:00 GMT": None,
    "Thu, 26 Nov 2026 24:00:00 GMT": None,
    "Thu, 26 Nov 2026 10:00:00 +9999": None,
    "2026-11-26T10:00:00Z": None,
    "9" * 5000: None,
    "": None,
}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
@pytest.mark.parametrize(("text", "moment"), DATES.items())
def test_a_date_is_read_in_every_format_of_http_and_in_utc(
    text: str, moment: float | None, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", zone)
        time.tzset()
        assert rate_headers.date(answer(date=text)) == moment
    time.tzset()


COUNTS = {
    "0": 0,
    " 17 ": 17,
    "18446744073709551615": 18446744073709551615,
    "1" * 21: None,
    "9" * 5000: None,
    "-1": None,
    "+1": None,
    "1.5": None,
    "1_000": None,
    "²": None,
    "٣": None,
    "": None,
}


@pytest.mark.parametrize(("text", "number"), COUNTS.items())
def test_a_count_is_a_number_in_ascii_digits(text: str, number: int | None) -> None:
    found = answer(x_ratelimit_limit=text, x_ratelimit_remaining=text)
    assert rate_headers.limit(found) == rate_headers.remaining(found) == number


# Any text

NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.from_regex(r"[0-9]{1,30}(\.[0-9]{0,12})?", fullmatch=True),
    st.from_regex(r"\s?[-+]?\d+[.,_eE]?\d*\s?", fullmatch=True),
    st.integers(1, 5000).map("9".__mul__),
)
NEARLY_DATES = st.builds(
    "{}{} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Sat, ", "Saturday, ", "Sat ", ""]),
    st.integers(-1, 99),
    st.sampled_from(["Nov", "November", "11", "Nvo"]),
    st.integers(-1, 10**12) | st.integers(1960, 2100) | st.integers(9990, 10010),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61) | st.integers(10**10, 10**12),
    st.sampled_from(["GMT", "UTC", "EST", "-0000", "+0000", "+9999", "-99999999999", "Z", ""]),
)
DATES_OF_MOMENTS = st.floats(0, rate_headers.LATEST - 1).map(int).map(dated)
TEXTS = st.one_of(st.text(), NUMBERS, NEARLY_DATES, DATES_OF_MOMENTS)
MOMENTS = st.floats(0, rate_headers.LATEST - 1)
NAMES = (
    *("date", "retry_after"),
    *("x_ratelimit_limit", "x_ratelimit_remaining", "x_ratelimit_reset"),
)
HEADERS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TEXTS))


@given(HEADERS, MOMENTS)
@example({"date": FAR_YEAR, "retry_after": FAR_YEAR, "x_ratelimit_reset": FAR_YEAR}, NOON)
def test_no_text_raises_an_error_or_gives_a_value_out_of_range(
    headers: dict[str, str], now: float
) -> None:
    found = answer(**headers)
    for number in (rate_headers.limit(found), rate_headers.remaining(found)):
        assert number is None or 0 <= number < 10**20
    for moment in (rate_headers.date(found), rate_headers.reset_at(found, now)):
        assert moment is None or 0 <= moment < rate_headers.LATEST
        if moment is not None:
            assert datetime.fromtimestamp(moment, UTC).year >= 1970
    for wait in (rate_headers.retry_after(found, now), rate_headers.requested_wait(found, now)):
        assert wait is None or (math.isfinite(wait) and wait >= 0)


@given(st.integers(0, int(rate_headers.LATEST) - 1))
def test_a_date_is_read_as_the_moment_that_it_names(moment: int) -> None:
    assert rate_headers.date(answer(date=dated(moment))) == moment


@given(st.integers(10**9, int(rate_headers.LATEST) - 1), MOMENTS, TEXTS | st.none())
def test_a_reset_in_milliseconds_is_the_reset_in_seconds(
    reset: int, now: float, date: str | None
) -> None:
    more = {} if date is None else {"date": date}
    seconds = rate_headers.reset_at(answer(x_ratelimit_reset=reset, **more), now)
    milliseconds = rate_headers.reset_at(answer(x_ratelimit_reset=reset * 1000, **more), now)
    assert milliseconds == seconds
    assert date is not None or seconds == reset


# What uses them


@pytest.mark.broad
def test_a_date_that_cannot_be_read_breaks_neither_a_run_nor_the_doctor(
    cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.server.formatdate", lambda *_, **__: FAR_YEAR)
    judgement, result, _ = judged(None, cases)
    assert (judgement.error, judgement.untestable) == (None, None)
    assert result["verdict"] == "conformant"
    with EmbeddedServer(recorded()) as server:
        found = examine(
            Settings(base_url=server.base_url, api_key=OWN_KEY, other_api_key=OTHER_KEY)
        )
    assert found["verdict"] == "ready"
    assert found["quota"]["own"]["resets_at"].endswith("00:00Z")


@given(HEADERS)
@example({"date": dated(rate_headers.LATEST - 1)})
@example({"date": dated(0), "x_ratelimit_reset": int(NOON) * 1000})
def test_the_doctor_tells_a_reset_for_any_headers(headers: dict[str, str]) -> None:
    found = replace(answer(**headers), started_at="2026-01-02T03:04:05.678Z")
    assert 1970 <= resets_at(found).year <= 9999


LISTS = [
    ("1000", 1000),
    ("1000, 1000;w=3600", 1000),
    ("1000;w=3600", 1000),
    (' 1000 ; w=3600 ; comment="hour"', 1000),
    ("100, 100;w=1, 1000;w=3600", None),
    ("997, x", None),
    ("997;w=3600,", None),
    (", ".join(["1000"] * 100), None),
]


@pytest.mark.parametrize(("text", "number"), LISTS)
def test_a_list_is_read_if_all_its_numbers_are_equal(text: str, number: int | None) -> None:
    assert rate_headers.limit(answer(x_ratelimit_limit=text)) == number
    assert rate_headers.remaining(answer(x_ratelimit_remaining=text)) == number


def test_headers_of_the_same_name_are_one_list() -> None:
    """A gateway may add its own before those of the API: which is the limit of an hour cannot be told."""
    two = replace(answer(), headers=(("x-ratelimit-limit", "20"), ("x-ratelimit-limit", "1000")))
    same = replace(two, headers=(("x-ratelimit-limit", "1000"),) * 2)
    assert rate_headers.limit(two) is None
    assert rate_headers.limit(same) == 1000
    assert rate_headers.limit(answer()) is None
