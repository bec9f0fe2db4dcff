"""Comparison of responses: which differences tell two requests apart, and which are chance."""

from __future__ import annotations

import pytest

from conformance.suite.comparison import Facts, consistent_differences

TELLS: dict[str, tuple[list[Facts], list[Facts]]] = {
    "a header in all responses to the one": ([{"header etag": True}] * 3, [{}] * 3),
    "a member in all responses to the other": ([{}] * 3, [{"body.owner": n} for n in range(3)]),
    "a value of its own in all responses": ([{"status": 403}] * 3, [{"status": 404}] * 3),
    "lengths that differ by much": (
        [{"announced length": n} for n in (150, 151)],
        [{"announced length": n} for n in (90, 92)],
    ),
}
TELLS_NOT: dict[str, tuple[list[Facts], list[Facts]]] = {
    "a header of one node": ([{"header etag": True}, {}], [{}, {}]),
    "a header that is missing once": ([{}, {}], [{"header etag": True}, {}]),
    "a value that changes from response to response": (
        [{"body.took": 1}, {"body.took": 2}],
        [{"body.took": 3}] * 2,
    ),
    "a date": ([{"header date": True}] * 2, [{}] * 2),
    "lengths that differ by little": (
        [{"announced length": 150}] * 2,
        [{"announced length": 160}] * 2,
    ),
    "lengths that vary as much for each": (
        [{"announced length": n} for n in (90, 150)],
        [{"announced length": n} for n in (100, 110)],
    ),
}


@pytest.mark.parametrize("name", TELLS)
def test_a_difference_between_all_responses_tells_two_requests_apart(name: str) -> None:
    one, two = TELLS[name]
    assert len(consistent_differences(one, two)) == len(consistent_differences(two, one)) == 1


@pytest.mark.parametrize("name", TELLS_NOT)
def test_a_difference_by_chance_tells_nothing(name: str) -> None:
    one, two = TELLS_NOT[name]
    assert consistent_differences(one, two) == consistent_differences(two, one) == []
