"""A line that a correct server prints too decides nothing: the lines show what the expectation rests on."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from conformance.proof.paste import checks
from tests.support.reproducing import META, ONE, OTHER, TWO, exchange, lines

THREE = "3e66f71d-844b-4fda-8658-06a0e3e00f65"
FOUR = "40ad1643-0e15-4d91-882f-13f7d2c70624"


def page(number: int, *ids: str, query: str = "", more: bool = False, key: str = "own") -> Exchange:
    pairs = tuple(parse_qsl(query))
    end = int(dict(pairs).get("offset", "0")) + len(ids)
    meta = {**META, "has_more": more, "next_offset": end if more else None}
    body = {"data": [{"id": record} for record in ids], "meta": meta}
    return exchange(number, body, Request(query=pairs, credential=key))


def numbered(*pages: Exchange) -> list[Exchange]:
    assert [item.number for item in pages] == list(range(1, len(pages) + 1))
    return [*pages]


def shown(written: tuple[str, ...]) -> tuple[str, ...]:
    return checks(written)


def test_a_profile_in_the_lists_of_two_keys_is_counted_in_both() -> None:
    run = numbered(page(1, ONE, TWO), page(2, TWO, THREE, key="other"))
    text = f"1 profile: {TWO}"
    for number, other in ((1, "the second organisation's"), (2, "your")):
        finding = run[number - 1].finding(f"no profile that {other} key lists too", text)
        written = lines(run, ("ORG-05", finding))
        assert OTHER in written[0]
        assert written[0].count("curl ") == 2
        assert written[1] == f"# rows with the id {TWO}: expected 1, received 2"
    text = f"1 profile of another organisation: {TWO}"
    finding = run[0].finding("only profiles of the key's organisation", text)
    assert lines(run, ("ORG-12", finding))[1].endswith("expected 1, received 2")


def test_a_shared_profile_may_be_on_another_page_than_the_first() -> None:
    run = numbered(
        page(1, ONE, query="limit=1", more=True),
        page(2, TWO, query="limit=1&offset=1"),
        page(3, TWO, key="other"),
    )
    finding = run[0].finding("no profile that your key lists too", f"1 profile: {TWO}")
    written = lines(run, ("ORG-05", finding))
    assert "offset=1" in written[0]
    assert written[1].endswith("expected 1, received 2")


def test_lists_that_are_the_same_for_two_keys_are_joined() -> None:
    run = numbered(page(1, ONE, key="other"), page(2, ONE))
    expected = "two organisations with no profile in common"
    finding = run[1].finding(expected, "the same 1 profile for both keys")
    written = lines(run, ("ORG-16", finding))
    assert written[-1] == f"# rows with the id {ONE}: expected 1, received 2"


def test_a_profile_that_only_a_filter_reveals_needs_one_request() -> None:
    run = numbered(page(1, ONE), page(2, TWO, key="other"), page(3, TWO, query="is_active=true"))
    text = f"1 profile of another organisation: {TWO}"
    finding = run[2].finding("only profiles of the key's organisation", text)
    assert lines(run, ("ORG-06", finding))[1:] == (
        f"# {TWO} is listed: expected false, received true",
    )


def test_a_record_on_two_pages_of_a_list_is_counted_on_both() -> None:
    run = numbered(page(1, ONE, TWO, more=True), page(2, TWO, THREE, query="offset=2"))
    finding = run[1].finding("each record once in the list", f"1 record returned twice: {TWO}")
    written = lines(run, ("PAG-12", finding))
    assert written[0].count("curl ") == 2
    assert written[1] == f"# rows with the id {TWO}: expected 1, received 2"


def test_has_more_is_shown_with_the_record_that_follows() -> None:
    run = numbered(page(1, ONE, TWO, THREE), page(2, TWO, query="limit=1&offset=1"))
    finding = run[1].finding("meta.has_more true", "meta.has_more false")
    assert shown(lines(run, ("PAG-01", finding))) == (THREE, "false")


def test_a_page_that_is_too_short_is_shown_with_the_record_that_it_lacks() -> None:
    run = numbered(page(1, ONE, TWO, THREE), page(2, query="limit=2&offset=1"))
    detail = f"2 of 2 records are missing: {TWO}, {THREE}"
    finding = run[1].finding("exactly 2 records", "0 records", detail)
    assert shown(lines(run, ("PAG-11", finding))) == (TWO, "0")


def test_a_profile_that_is_not_found_is_shown_in_the_list_first() -> None:
    path = Request(path=f"{COLLECTION}/{TWO}")
    run = numbered(page(1, ONE, TWO), exchange(2, {}, path, 404))
    finding = run[1].finding("200 with the profile", "404 NOT_FOUND")
    assert shown(lines(run, ("RET-01", finding))) == ("true", "404")
    run[1] = exchange(2, {}, path, 500)
    finding = run[1].finding("200 with the profile", "500 (x, 2 bytes)")
    assert shown(lines(run, ("RET-01", finding))) == ("500",), "no list makes that right"


def test_a_page_behind_the_end_is_shown_with_the_list_that_ends() -> None:
    run = numbered(
        page(1, ONE, more=True, query="limit=1&is_active=true"),
        page(2, TWO, query="limit=1&offset=1&is_active=true"),
        page(3, THREE, query="offset=2&is_active=true"),
    )
    finding = run[2].finding("an empty list", "200 with 1 record")
    assert shown(lines(run, ("PAG-08", finding))) == ("[2,false]", "1")


def test_pages_that_end_too_early_are_counted_with_their_end() -> None:
    run = numbered(page(1, ONE, more=True, query="limit=1"), page(2, TWO, query="limit=1&offset=1"))
    finding = run[1].finding("exactly 3 records", "2 records", f"1 record is missing: {THREE}")
    written = lines(run, ("PAG-12", finding))
    assert written[1].endswith("expected [3,false], received [2,false]")


def test_pages_that_leave_out_a_record_are_shown_by_next_offset() -> None:
    first, second = (
        page(1, ONE, more=True, query="limit=1"),
        page(2, THREE, query="limit=1&offset=2"),
    )
    body: dict[str, Any] = {"data": [{"id": ONE}], "meta": {**META, "next_offset": 2}}
    first = exchange(1, {**body, "meta": {**body["meta"], "has_more": True}}, first.request)
    finding = second.finding("exactly 3 records", "2 records", f"1 record is missing: {TWO}")
    written = lines([first, second], ("PAG-12", finding))
    assert len(written) == 2
    assert written[1].endswith("meta.next_offset: expected [1,1], received [1,2]")


def test_a_record_that_a_filter_alone_lacks_is_looked_for_on_all_pages() -> None:
    run = numbered(
        page(1, ONE, more=True, query="is_active=true&limit=1"),
        page(2, TWO, query="is_active=true&limit=1&offset=1"),
        page(3, ONE, THREE, query="is_active=true&search=a"),
    )
    expected = "200 with 1 record of the profiles that is_active and search each list on their own"
    finding = run[2].finding(expected, f"1 unexpected record: {THREE}")
    assert shown(lines(run, ("FIL-17", finding))) == ("false", "true")


def test_a_record_that_a_list_without_a_filter_lacks_is_looked_for_there() -> None:
    run = numbered(
        page(1, ONE, query="search=a"),
        page(2, TWO, query="is_active=false&search=a"),
    )
    received = "1 record that the same list without `is_active` lacks"
    detail = f"1 unexpected record: {TWO}; compared with exchange 1"
    written = lines(run, ("FIL-12", run[1].finding("none of them", received, detail)))
    assert shown(written) == ("false", "true")
    assert "is_active" not in written[0]


def test_a_record_that_each_filter_alone_lists_is_shown_in_all_lists() -> None:
    run = numbered(page(1, ONE, TWO, query="is_active=true"), page(2, TWO, ONE, query="search=a"))
    run.append(page(3, ONE, query="is_active=true&search=a"))
    expected = "200 with 2 records of the profiles that is_active and search each list on their own"
    finding = run[2].finding(expected, "1 record")
    written = lines(run, ("FIL-17", finding))
    assert shown(written) == ("true", "true", "false")
    assert written[-1].startswith(f"# {TWO} is listed: expected true")


def test_a_page_that_is_short_but_not_the_last_is_shown_with_has_more() -> None:
    run = numbered(page(1, ONE, more=True))
    finding = run[0].finding(
        "as many records as meta.limit, as has_more is true", "1 record, meta.limit 20"
    )
    assert shown(lines(run, ("PAG-07", finding))) == ("[1,20,true]",)
    finding = run[0].finding("200 with 1 record", "1 record, meta.has_more true")
    written = lines(run, ("FIL-17", finding))
    assert written[1] == "# records and meta.has_more: expected [1,false], received [1,true]"


def test_a_last_page_that_leads_on_is_shown_with_its_records() -> None:
    last = exchange(1, {"data": [{"id": ONE}], "meta": {**META, "next_offset": -1}})
    finding = last.finding("200 with 1 record", "1 record, meta.next_offset -1")
    written = lines([last], ("FIL-17", finding))
    assert written[1] == "# records and meta.next_offset: expected [1,null], received [1,-1]"


def test_a_profile_on_no_page_is_looked_for_on_all_of_them() -> None:
    record = exchange(3, {"data": {"id": THREE}, "meta": {}}, Request(path=f"{COLLECTION}/{THREE}"))
    run = numbered(
        page(1, ONE, more=True, query="limit=1"), page(2, TWO, query="limit=1&offset=1"), record
    )
    finding = record.finding("the profile in the list, which has 2 profiles", "200, but it is not")
    written = lines(run, ("RET-07", finding))
    assert shown(written) == ("200", "false")
    assert written[2].count("curl ") == 2
