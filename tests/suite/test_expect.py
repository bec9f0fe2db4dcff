"""Expectations: which responses meet them, and what a finding says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.contract.verdict import Breach, Finding
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange
from conformance.suite.expect import counted, expect, missing_from, same_ids, shown
from conformance.text.wording import whole_words
from tests.support.rows import ID, page, row


def ids(*numbers: int) -> list[str]:
    return [ID.format(number) for number in numbers]


def listed(*numbers: int, **meta: Any) -> Exchange:
    return page([row(number) for number in numbers], **meta)


def finding(call: Callable[[], object]) -> Finding:
    with pytest.raises(Breach) as breach:
        call()
    return breach.value.findings[0]


def test_numbers_have_their_noun() -> None:
    assert (counted(1), counted(2), counted(0, "profile")) == (
        "1 record",
        "2 records",
        "0 profiles",
    )
    assert shown([]) == "none"
    many = [f"0000000{number}-0000-4000-8000-000000000000" for number in range(7)]
    assert shown(many[::-1]) == f"{', '.join(many[:5])} and 2 more"
    assert missing_from("abc", "b") == "1 of 3 records is missing: 'b'"
    assert missing_from("abc", "bc", "profile") == "2 of 3 profiles are missing: 'b', 'c'"


def test_a_finding_says_which_records_are_missing_unexpected_and_repeated() -> None:
    received = listed(1, 3, 3)
    found = finding(lambda: same_ids(ids(1, 2), received.ids, received))
    assert (found.expected, found.received) == ("exactly 2 records", "3 records")
    assert found.detail == "; ".join(
        (
            f"1 of 2 records is missing: {ID.format(2)}",
            f"1 unexpected record: {ID.format(3)}",
            f"1 record returned more than once: {ID.format(3)}",
        )
    )


def test_a_finding_says_from_which_position_on_the_order_differs() -> None:
    found = finding(lambda: expect(listed(1, 3, 2)).ids(ids(1, 2, 3)))
    assert found.received == "another order from position 2 on"
    assert found.detail is not None
    assert found.detail.endswith(f"the list has {ID.format(2)}, the page has {ID.format(3)}")


def test_a_slice_may_be_short_only_if_the_page_says_that_there_is_more() -> None:
    whole = ids(0, 1, 2, 3, 4)
    expect(listed(1, 2, has_more=True)).slice_of(whole, 1, 3)
    expect(listed(3, 4, has_more=False)).slice_of(whole, 3, 3)
    finding(lambda: expect(listed(1, 2, has_more=False)).slice_of(whole, 1, 3))
    finding(lambda: expect(listed(2, 3, has_more=True)).slice_of(whole, 1, 3))


def test_has_more_is_expected_if_a_record_follows() -> None:
    expect(listed(1, 2, has_more=True)).announces(3, 0)
    expect(listed(1, 2, has_more=False)).announces(2, 0)
    finding(lambda: expect(listed(1, 2, has_more=True)).announces(2, 0))


def test_a_limit_of_another_type_is_judged_by_the_envelope() -> None:
    with pytest.raises(Inconclusive, match=r"meta\.limit of exchange 1 is true"):
        expect(listed(1, limit=True)).meta(limit=1)


def test_a_text_is_cut_between_words() -> None:
    assert whole_words("Anna Berg", 7) == "Anna "
    assert whole_words("Anna Berg", 20) == "Anna Berg"
