"""A server may remember requests: the lines send first what the run sent first, and check only what holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request, Turn
from conformance.reproduction.history import History
from tests.support.reproducing import (
    BASE,
    KEY,
    META,
    ONE,
    OTHER,
    TWO,
    exchange,
    lines,
    page,
)

LIST = Request()
INACTIVE = Request(query=(("is_active", "false"), ("limit", "1")))
THREE = "3e66f71d-844b-4fda-8658-06a0e3e00f65"


def in_turn(request: Request, number: int, why: str = "after other lists") -> Request:
    return replace(request, repeat=f"{why} {number}", in_turn=Turn.OF_ITS_KEY)


def listed(number: int, request: Request, *ids: str) -> Exchange:
    return replace(page(number, *ids), request=request, url=BASE + request.target)


def record(number: int, id_: str, why: Request | None = None, **members: Any) -> Exchange:
    request = replace(why or Request(), path=f"{COLLECTION}/{id_}")
    return exchange(number, {"data": {"id": id_, **members}, "meta": {}}, request)


def test_a_turn_is_what_was_sent_right_before_in_turn() -> None:
    early = [listed(1, in_turn(INACTIVE, 1)), listed(2, in_turn(LIST, 2), ONE)]
    later = [
        listed(3, in_turn(INACTIVE, 1)),
        listed(4, replace(LIST, repeat="2")),
        listed(5, in_turn(LIST, 2)),
        listed(6, in_turn(LIST, 3)),
    ]
    history = History([*early, *later])
    assert [item.number for item in history.turn(later[-1])] == [3, 5]
    assert history.turn(later[0]) == history.turn(later[1]) == ()
    assert [item.number for item in history.turn(early[1])] == [1]


def test_requests_of_the_turn_come_first_if_the_response_was_another_one_before() -> None:
    transcript = [
        page(1, ONE, TWO),
        listed(2, in_turn(INACTIVE, 1), ONE),
        listed(3, in_turn(LIST, 2), ONE),
    ]
    written = lines(transcript, ("FIL-10", transcript[2].finding("2 records", "1 record")))
    assert written == (
        f"curl -sS -o /dev/null {KEY} {BASE}{COLLECTION}",
        f"curl -sS -o /dev/null {KEY} '{BASE}{COLLECTION}?is_active=false&limit=1'",
        f"curl -sS {KEY} {BASE}{COLLECTION} | jq '.data | length'",
        "# records: expected 2, received 1",
    )
    alike = [transcript[1], transcript[2]]
    alone = lines(
        [replace(item, number=number) for number, item in enumerate(alike, 1)],
        ("FIL-10", replace(alike[1], number=2).finding("2 records", "1 record")),
    )
    assert len(alone) == 2, "a response that never differed needs no other request"


def test_two_responses_of_a_turn_are_compared_as_they_were_sent() -> None:
    transcript = [
        listed(1, in_turn(INACTIVE, 1), TWO),
        listed(2, in_turn(LIST, 2), TWO),
        listed(3, in_turn(Request(query=(("offset", "20"),)), 3)),
        listed(4, in_turn(LIST, 4), ONE),
    ]
    finding = transcript[3].finding("the record of exchange 2", "1 record in only one of the two")
    written = lines(transcript, ("PAG-10", finding))
    assert "is_active=false" in written[0]
    assert written[1].startswith("FIRST=$(")
    assert "offset=20" in written[2]
    assert written[3].startswith("SECOND=$(")
    assert written[-1] == "# expected same, received different"
    other = transcript[1].finding("the record of exchange 4", "1 record in only one of the two")
    assert lines(transcript, ("PAG-10", other)) == written


def test_what_reading_changes_is_shown_by_the_reads_of_the_turn() -> None:
    query = (("limit", "100"),)
    transcript = [
        page(1, ONE, TWO, query=query),
        record(2, THREE),
        record(3, TWO, in_turn(LIST, 1, "reading")),
        listed(4, in_turn(Request(query=query), 2, "reading"), TWO, ONE),
    ]
    written = lines(transcript, ("RO-07", transcript[3].finding("the order", "another order")))
    assert [line.partition("=$(")[0] for line in written[1:4:2]] == ["FIRST", "SECOND"]
    assert THREE in written[0], "another profile: the server may have read this one last"
    assert TWO in written[2]


def test_head_comes_first_if_the_request_was_never_sent_without_it() -> None:
    url = Request(query=(("limit", "98"),))
    transcript = [
        record(1, ONE, in_turn(LIST, 1, "reading")),
        exchange(2, None, in_turn(replace(url, method="HEAD"), 2, "reading")),
        replace(exchange(3, None, in_turn(url, 3, "reading")), body=b""),
    ]
    finding = transcript[2].finding("strict JSON in UTF-8", "200: the body is empty")
    written = lines(transcript, ("ENV-12", finding))
    assert ONE in written[0]
    assert " -I " in written[1]
    assert "limit=98" in written[1]
    assert "limit=98" in written[2]
    sent_alone = [*transcript, replace(transcript[2], number=4, request=replace(url, repeat="2"))]
    assert len(lines(sent_alone, ("ENV-12", finding))) == len(written) - 2


def test_a_response_that_was_another_one_before_is_sent_several_times() -> None:
    path = Request(path=f"{COLLECTION}/{ONE}")
    transcript = [
        exchange(1, {}, path, 200),
        exchange(2, {}, replace(path, repeat="once more"), 418),
    ]
    written = lines(transcript, ("ROB-01", transcript[1].finding("200", "418 (x, 2 bytes)")))
    command = f"curl -sS -o /dev/null -w '%{{http_code}}\\n' {KEY} {BASE}{COLLECTION}/{ONE}"
    assert written == (
        f"for N in $(seq 4); do {command}; done | grep -qxF -e 418 && echo yes || echo no",
        "# 418 in one of 4: expected no, received yes",
    )


def test_a_profile_that_differs_at_times_from_its_row_is_retrieved_several_times() -> None:
    transcript = [
        page(1, ONE, updated_at="2020-01-02T00:00:00Z"),
        record(2, ONE, updated_at="2020-01-02T00:00:00Z"),
        record(3, ONE, Request(repeat="once more"), updated_at="2020-01-01T00:00:00Z"),
    ]
    finding = transcript[2].finding("the row of the list", "updated_at differs")
    written = lines(transcript, ("RET-02", finding))
    assert written[0].startswith("FIRST=$(")
    assert written[1].startswith('for N in $(seq 4); do [ "$FIRST" = "$(curl ')
    alone = replace(transcript[2], number=2)
    finding = alone.finding("the row of the list", "updated_at differs")
    steady = lines([transcript[0], alone], ("RET-02", finding))
    assert steady[1].startswith("SECOND=$(")


def test_a_row_of_a_filtered_list_is_compared_with_the_row_of_the_list() -> None:
    transcript = [
        page(1, ONE, TWO, role="x"),
        page(2, TWO, query=(("is_active", "true"),), role=None),
    ]
    finding = transcript[1].finding("the row of the list", f"role, bio differ in {TWO}")
    written = lines(transcript, ("RET-02", finding))
    assert written[0].startswith(f"FIRST=$(curl -sS {KEY} {BASE}{COLLECTION} | jq -c ")
    assert written[0].endswith("| .role')")
    assert "is_active=true" in written[1]
    assert written[-1] == "# expected same, received different"


def with_id(number: int, name: str, request: Request = LIST, status: int = 200) -> Exchange:
    return exchange(number, {"data": [], "meta": {**META, "request_id": name}}, request, status)


def test_ids_that_meet_by_chance_are_shown_by_as_many_requests_as_in_the_run() -> None:
    names = "abcdcefagh"
    transcript = [
        with_id(number, name, Request(query=(("offset", str(number)),)))
        for number, name in enumerate(names, 1)
    ]
    finding = transcript[4].finding("a request_id of its own", "the request_id of exchange 3")
    written = lines(transcript, ("ENV-08", finding))
    assert written[0].startswith("for N in $(seq 12); do curl "), "at most seven in a row differed"
    assert written[0].endswith(" | sort | uniq -d | grep -q . && echo yes || echo no")
    assert written[1] == "# a request_id of 12 occurs twice: expected no, received yes"


def test_ids_that_meet_by_chance_are_shown_by_a_request_of_the_status_that_has_them() -> None:
    missing = Request(path=f"{COLLECTION}/{ONE}")
    transcript = [
        *(with_id(number, name) for number, name in enumerate("abca", 1)),
        with_id(5, "c", missing, 404),
        with_id(6, "d", missing, 404),
    ]
    finding = transcript[4].finding("a request_id of its own", "the request_id of exchange 3")
    written = lines(transcript, ("ENV-08", finding))
    assert written[0].startswith(f"for N in $(seq 6); do curl -sS {KEY} {BASE}{COLLECTION} |")
    other = [with_id(1, "a"), with_id(2, "b"), with_id(3, "b", missing, 404), with_id(4, "c")]
    finding = other[2].finding("a request_id of its own", "the request_id of exchange 2")
    assert lines(other, ("ENV-08", finding))[0].startswith("FIRST=$("), "no status has one twice"


def test_ids_that_follow_from_the_request_are_shown_by_two() -> None:
    bad = Request(query=(("limit", "0"),))
    alike = [
        with_id(1, "a"),
        with_id(2, "x", bad, 400),
        with_id(3, "b"),
        with_id(4, "x", replace(bad, query=(("limit", "x"),)), 400),
    ]
    finding = alike[3].finding("a request_id of its own", "the request_id of exchange 2")
    assert lines(alike, ("ENV-08", finding))[0].startswith("FIRST=$(")
    cached = [with_id(1, "a"), with_id(2, "b", bad), with_id(3, "a", replace(LIST, repeat="again"))]
    finding = cached[2].finding("a request_id of its own", "the request_id of exchange 1")
    assert lines(cached, ("ENV-16", finding))[0].startswith("FIRST=$(")


def test_without_a_check_nothing_is_said_to_be_printed() -> None:
    path = Request("HEAD", path=f"{COLLECTION}/{ONE}")
    one = exchange(1, "", replace(path, path=f"{COLLECTION}/{TWO}"), 404)
    two = exchange(2, "", path, 404)
    expected = "the response to an unknown id (exchange 1: 404 (no media type, 0 bytes))"
    finding = two.finding(expected, "404 (no media type, 0 bytes)")
    written = lines([one, two], ("ORG-04", finding))
    assert [line.startswith("curl -sS -I ") for line in written] == [True, True, False]
    assert written[2].startswith("# look for: ")
    for item, length in ((one, "151"), (two, "187")):
        object.__setattr__(item, "headers", (("content-length", length),))
    finding = two.finding(expected, finding.received, "announced length is 187 and 151")
    written = lines([one, two], ("ORG-04", finding))
    assert written[1::2] == (
        "# Content-Length: received 151",
        "# Content-Length: expected 151, received 187",
    )


def test_the_other_keys_request_is_sent_between_with_or_without_a_turn() -> None:
    path = Request(path=f"{COLLECTION}/{ONE}")
    transcript = [
        exchange(1, {}, path, 404),
        exchange(2, {}, in_turn(replace(path, credential="other"), 1, "after its owner")),
        exchange(3, {}, in_turn(path, 2, "after its owner")),
    ]
    written = lines(transcript, ("ORG-09", transcript[2].finding("404", "200 (x, 2 bytes)")))
    assert [OTHER in line for line in written] == [False, True, False, False]
    assert [line for line in written if "received" in line] == ["# expected 404, received 200"]
