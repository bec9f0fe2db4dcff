"""The lines of a defect: every request it rests on, and after each what it prints."""

from __future__ import annotations

from dataclasses import replace

from conformance.contract.verdict import Finding
from conformance.http.request import Request
from conformance.proof.paste import checks
from conformance.reproduction import Found, Reproducer
from tests.support.reproducing import BASE, KEY, ONE, OTHER, TWO, exchange, lines, page


def test_a_status_is_printed_and_compared() -> None:
    found = exchange(1, {}, Request(path=f"/clinician-profiles/{ONE}"))
    assert lines([found], ("ORG-01", found.finding("404", "200 (text/plain, 2 bytes)"))) == (
        f"curl -sS -o /dev/null -w '%{{http_code}}\\n' {KEY} {BASE}/clinician-profiles/{ONE}",
        "# expected 404, received 200",
    )


def test_the_plainest_request_that_shows_the_defect_is_taken() -> None:
    capital = exchange(1, {}, Request(path=f"/clinician-profiles/{ONE.upper()}"))
    headers = exchange(2, {}, Request(path=f"/clinician-profiles/{ONE}", headers=(("X-Zqx", "1"),)))
    plain = exchange(3, {}, Request(path=f"/clinician-profiles/{ONE}"))
    found = [
        ("ORG-01", item.finding("404", "200 (x, 2 bytes)")) for item in (capital, headers, plain)
    ]
    assert f"clinician-profiles/{ONE}" in lines([capital, headers, plain], *found)[0]
    assert "X-Zqx" not in lines([capital, headers, plain], *found)[0]


def test_a_masked_term_is_fetched_from_the_target() -> None:
    listed = page(1, ONE, TWO, name="Anne Okonkwo", email="anne@okonkwo.example")
    searched = page(2, query=(("search", "OKONKWO"), ("limit", "100")))
    text = f"1 of 1 profile is missing: {TWO}"
    written = lines(
        [listed, searched], ("SRCH-04", searched.finding("1 profile that holds the term", text))
    )
    assert written == (
        (
            f'WORD=$(curl -sS {KEY} {BASE}/clinician-profiles | jq -r \'.data[] | select(.id == "{TWO}")'
            " | .name[5:12] | ascii_upcase | @uri')"
        ),
        (
            f'curl -sS {KEY} "{BASE}/clinician-profiles?search=$WORD&limit=100"'
            f" | jq 'any(.data[]; .id == \"{TWO}\")'"
        ),
        f"# {TWO} is listed: expected true, received false",
    )
    assert not any(line.startswith("TERM=") for line in written), "a shell keeps its terminal there"
    assert "okonkwo" not in "\n".join(written).lower()
    shown = lines([listed, searched], ("SRCH-04", searched.finding("1 profile", text)), mask=False)
    assert "search=OKONKWO&limit=100" in shown[0]


def test_a_term_that_no_profile_explains_is_said_to_be_masked() -> None:
    email = "nobody@elsewhere.example"
    searched = page(1, ONE, query=(("search", email),))
    written = lines([searched], ("SRCH-05", searched.finding("an empty list", "200 with 1 record")))
    assert "--show-data" in written[-1]
    assert written[-2] == "# look for: records: expected 0; received 1"
    assert checks(written) == (), "a masked word finds nothing on any server"


def test_a_comparison_has_both_requests() -> None:
    one = exchange(1, {}, Request(path=f"/clinician-profiles/{TWO}"), 404)
    two = exchange(2, {}, Request(path=f"/clinician-profiles/{ONE}"), 403)
    written = lines(
        [one, two],
        ("ORG-02", two.finding("the response to an unknown id (exchange 1: 404)", "403 X")),
    )
    assert written[1::2] == ("# received 404", "# expected 404, received 403")
    assert TWO in written[0]
    assert ONE in written[2]


def test_a_list_that_is_joined_is_requested_page_by_page() -> None:
    first = page(1, ONE, query=(("limit", "1"),))
    second = page(2, ONE, query=(("limit", "1"), ("offset", "1")))
    detail = f"1 record returned more than once: {ONE}"
    finding = second.finding("exactly 1 record", "2 records", detail)
    (command, check) = lines([first, second], ("PAG-13", finding))
    assert command.startswith("{ curl ")
    assert "limit=1'; curl" in command.replace("limit=1;", "limit=1';")
    assert check == "# records of all pages: expected 1, received 2"


def test_a_cached_response_is_shown_after_the_request_that_filled_the_cache() -> None:
    url = Request(path=f"/clinician-profiles/{ONE}")
    refused = exchange(1, {}, url, 404)
    owner = exchange(2, {}, Request(path=url.path, credential="other"))
    leaked = exchange(3, {}, Request(path=url.path, repeat="after the owner"))
    written = lines([refused, owner, leaked], ("ORG-09", leaked.finding("404", "200 (x, 2 bytes)")))
    path = f"{BASE}/clinician-profiles/{ONE}"
    assert written == (
        f"curl -sS -o /dev/null {KEY} {path}",
        f"curl -sS -o /dev/null {OTHER} {path}",
        f"curl -sS -o /dev/null -w '%{{http_code}}\\n' {KEY} {path}",
        "# expected 404, received 200",
    ), "a cache that is filled has no 404, so only the last line has something to check"


def test_a_list_that_a_cache_repeats_is_requested_after_the_one_that_it_kept() -> None:
    kept = page(1, ONE, TWO)
    other = page(2, TWO, query=(("limit", "1"),))
    repeated = replace(page(3, query=(("is_active", "false"),)), body=kept.body)
    found = ("FIL-02", repeated.finding("exactly 1 record", "2 records"))
    written = lines([kept, other, repeated], found)
    assert written[0] == f"curl -sS -o /dev/null {KEY} {BASE}/clinician-profiles"
    assert "is_active=false" in written[1]
    assert written[2] == "# records: expected 1, received 2"
    new = page(3, ONE, TWO, query=(("is_active", "false"),))
    assert len(lines([kept, other, new], found)) == 2, "no response came before as this one"


def test_a_cause_that_holds_at_one_time_only_says_so_first() -> None:
    swapped = page(1, ONE)
    finding = swapped.finding("meta.limit 20", "meta.limit 1")
    written = Reproducer([swapped], None).lines(
        [Found("LIM-02", finding)], at_times="it takes another request at the same time"
    )
    assert written[0] == (
        "# This does not show each time: it takes another request at the same time. Repeat it:"
    )


def test_what_does_not_show_each_time_is_said_so() -> None:
    crash = exchange(1, {}, status=500)
    fine = page(2, ONE)
    written = lines([crash, fine], ("ROB-01", crash.finding("no server error", "500 X")))
    assert written[0].startswith("# This does not show each time: the same request printed 200")


def test_time_is_said_to_need_many_requests() -> None:
    slow = exchange(1, {}, Request(path=f"/clinician-profiles/{ONE}"), 404)
    finding = slow.finding("the same response time", "foreign ids slower by at least 80 ms")
    assert "cannot be reproduced alone" in lines([slow], ("ORG-13", finding))[0]


def test_a_header_that_the_target_sent_is_fetched_again() -> None:
    listed = page(1, ONE)
    object.__setattr__(listed, "headers", (("etag", '"v1"'),))
    sent = exchange(2, {}, Request(credential="other", headers=(("If-None-Match", '"v1"'),)), 304)
    finding = sent.finding("200 with the key's own list", "304 (no media type, 0 bytes)")
    written = lines([listed, sent], ("ORG-14", finding))
    assert written[0].startswith("ETAG=$(curl -sS -o /dev/null -D -")
    assert '"If-None-Match: $ETAG"' in written[1]


def test_nothing_is_written_for_a_finding_without_an_exchange() -> None:
    assert lines([], ("PAG-01", Finding("a", "b"))) == ()
