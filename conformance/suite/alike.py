"""Whether an answer can be told from those that it must be like: by what differs each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.suite.likeness import Facts, differences, facts, naturally_varying, standing

_ORDER = "abbabaab"
"""The one and the other, so that no two nodes that take turns answer one each."""


def _all(_: str) -> bool:
    return True


def must_be_alike(
    api: Api,
    answers: Sequence[Exchange],
    others: Sequence[Exchange],
    expected: str,
    counts: Callable[[str], bool] = _all,
    *,
    certain: bool = False,
) -> None:
    """None of the answers differs from the others in more than these differ among themselves.

    What differs is asked for again, in turn with one of the others: a header that only some nodes send, or a
    time that every answer names, is another one next time, and tells nobody anything.

    :param expected: what the others are, for the finding.
    :param counts: which facts are judged, by name.
    :param certain: whether data that move cannot explain a difference.
    """
    varying = naturally_varying(others)
    other = others[0]
    known = facts(other)
    for answer in answers:
        found = facts(answer)
        ignored = varying | {name for name in {*found, *known} if not counts(name)}
        if not differences(found, known, ignored):
            continue
        ones, twos = (
            [_only(item, ignored) for item in looks] for looks in _again(api, answer, other)
        )
        different = standing([_only(found, ignored), *ones], [_only(known, ignored), *twos])
        if different:
            raise answer.breach(
                f"{expected} (exchange {other.number}: {other.summary()})",
                answer.summary(),
                "; ".join(different),
                certain=certain,
            )
        varying |= {name for name in {*found, *known} if found.get(name) != known.get(name)}


def _again(api: Api, answer: Exchange, other: Exchange) -> tuple[list[Facts], list[Facts]]:
    """Further answers to the requests of both."""
    plan = [answer.request if which == "a" else other.request for which in _ORDER]
    answers = api.in_turn(plan, f"told apart: {answer.request.target} {other.request.target}")
    found = list(zip(_ORDER, map(facts, answers), strict=True))
    return [item for which, item in found if which == "a"], [
        item for which, item in found if which == "b"
    ]


def _only(found: Facts, ignored: frozenset[str]) -> Facts:
    return {name: value for name, value in found.items() if name not in ignored}
