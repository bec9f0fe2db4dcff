"""A cache may have kept what another key received: the lines send that request first, if the run did."""

from __future__ import annotations

from dataclasses import replace

from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from tests.support.reproducing import META, ONE, OTHER, exchange, lines, page

PATH = f"{COLLECTION}/{ONE}"
PROFILE = {"data": {"id": ONE}, "meta": {}}
OWN, OWNER = Request(path=PATH), Request(path=PATH, credential="other")


def keys(written: tuple[str, ...]) -> list[bool]:
    """Return for each request whether it has the other key."""
    return [OTHER in line for line in written if line.startswith("curl ")]


def leak(*transcript: Exchange) -> tuple[str, ...]:
    (*_, last) = transcript
    return lines([*transcript], ("ORG-01", last.finding("404", "200 (application/json, 2 bytes)")))


def test_a_response_that_another_key_had_before_is_requested_with_that_key_first() -> None:
    written = leak(exchange(1, PROFILE, OWNER), exchange(2, PROFILE, OWN))
    assert keys(written) == [True, False]
    assert written[-1] == "# expected 404, received 200"


def test_of_two_requests_at_the_same_time_either_may_have_been_first() -> None:
    at_once = [replace(item, repeat="at the same time 1") for item in (OWN, OWNER)]
    own, owner = (exchange(number, PROFILE, item) for number, item in enumerate(at_once, 1))
    finding = own.finding("404", "200 (application/json, 2 bytes)")
    assert keys(lines([own, owner], ("ORG-01", finding))) == [True, False]


def test_a_response_that_came_before_any_other_key_needs_no_other_request() -> None:
    again = replace(OWN, repeat="once more")
    first, owner = exchange(1, PROFILE, OWN), exchange(2, PROFILE, OWNER)
    assert keys(leak(first, owner, exchange(3, PROFILE, again))) == [False]
    other_data = exchange(1, {"data": {"id": ONE, "bio": "x"}, "meta": {}}, OWNER)
    assert keys(leak(other_data, exchange(2, PROFILE, OWN))) == [False]


def test_a_key_that_is_accepted_where_no_cache_can_help_needs_no_other_request() -> None:
    listed, stranger = {"data": [{"id": ONE}], "meta": META}, Request(credential="no key")
    elsewhere = exchange(3, PROFILE, replace(stranger, path=PATH))
    run = [exchange(1, listed), exchange(2, listed, stranger)]
    finding = run[1].finding("401", "200 with 1 record")
    assert len([line for line in lines(run, ("AUTH-01", finding)) if "curl" in line]) == 2
    run.append(elsewhere)
    assert len([line for line in lines(run, ("AUTH-01", finding)) if "curl" in line]) == 1


def test_a_refusal_that_another_key_had_before_is_sent_in_the_plainest_way() -> None:
    head = replace(OWN, method="HEAD")
    tagged = replace(OWN, headers=(("If-None-Match", "*"),))
    run = [exchange(1, "", head, 404), exchange(2, {}, tagged, 404), exchange(3, {}, OWNER, 404)]
    finding = run[2].finding("200 with the profile", "404 NOT_FOUND")
    written = lines(run, ("RET-01", finding))
    assert keys(written) == [False, True]
    assert " -I " in written[0], "no other one of this key is in the run"
    written = lines([*run, exchange(4, {}, OWN, 404)], ("RET-01", finding))
    assert keys(written) == [False, True]
    assert " -I " not in written[0]


def test_a_valid_key_that_is_refused_is_no_reason_for_another_refusal() -> None:
    run = [exchange(1, {}, OWN, 401), exchange(2, {}, OWNER, 401)]
    finding = run[1].finding("200 with the profile", "401 UNAUTHORIZED")
    assert keys(lines(run, ("RET-01", finding))) == [True]
    stranger = exchange(1, {}, replace(OWN, credential="no key"), 401)
    assert keys(lines([stranger, run[1]], ("RET-01", finding))) == [False, True]


def test_a_list_that_the_expectation_rests_on_may_be_kept_too() -> None:
    theirs, ours = {"data": [{"id": ONE}], "meta": META}, {"data": [], "meta": META}
    odd = Request(headers=(("Range", "bytes=0-9"),))
    sorted_ = Request(query=(("sort", "name"),), credential="other")
    run = [
        exchange(1, theirs, odd),
        exchange(2, theirs, Request(credential="other")),
        exchange(3, ours, sorted_),
    ]
    finding = run[2].finding("the 1 record of exchange 2", "200 with 0 records")
    written = lines(run, ("ROB-05", finding))
    assert keys(written) == [False, True, True]
    assert "Range" in written[0]


def test_a_profile_that_was_requested_in_another_way_before_is_requested_twice() -> None:
    head = exchange(1, "", replace(OWN, method="HEAD"), 404)
    written = leak(head, exchange(2, PROFILE, OWN))
    assert len(keys(written)) == 2
    assert "-o /dev/null -H" in written[0]
    assert len(keys(leak(exchange(1, PROFILE, OWN)))) == 1


def test_an_empty_body_is_shown_by_its_size() -> None:
    empty = replace(page(1, ONE), body=b"")
    finding = empty.finding("the 5 records of exchange 4", "200 (application/json, 0 bytes)")
    assert (
        lines([empty], ("ROB-05", finding))[1] == "# the body is empty: expected no, received yes"
    )


def test_a_header_is_fetched_from_a_response_to_a_request_without_headers() -> None:
    sent = (("If-None-Match", '"v1"'),)
    run = [
        exchange(1, PROFILE, replace(OWN, headers=(("Accept", "*/*"),))),
        exchange(2, PROFILE, OWN),
        exchange(3, "", replace(OWN, credential="no key", headers=sent), 304),
    ]
    for item in run[:2]:
        object.__setattr__(item, "headers", (("etag", '"v1"'),))
    finding = run[2].finding(
        "a client error, as without the header", "304 (no media type, 0 bytes)"
    )
    written = lines(run, ("AUTH-01", finding))
    assert written[0].startswith("ETAG=$(curl ")
    assert "Accept" not in written[0]
