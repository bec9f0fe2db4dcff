"""Integers in other notations, and on both sides of the bounds of machine integers."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contract.cases import Depth, requirement
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Session, Spare
from conformance.suite.carried import refused_beside_others
from conformance.suite.expect import expect
from conformance.suite.limits import (
    NOTATIONS,
    WIDE,
    Observe,
    limit_or_refusal,
    refused_or_bounded,
    refused_or_start,
)
from conformance.suite.universal import is_from_firewall
from conformance.suite.values import LIMITS, OFFSETS


@requirement("LIM-18")
def test_limit_in_another_notation(
    session: Session, api: Api, spare: Spare, unknown: list[str], observe: Observe
) -> None:
    """Above the maximum or not: a text that is converted after its check escapes the check."""
    chosen = _first((LIMITS["malformed"], *NOTATIONS, *WIDE), session)
    refused = refused_beside_others(session, api, unknown, "limit", chosen[0])
    alone = chosen[1:] if refused else chosen
    answers = spare.api.lists(*(as_query(limit=text) for text in alone))
    refused_or_bounded(
        _by_the_api([*([refused] if refused else []), *answers]),
        None,
        observe,
        "limit-notation",
        f"Responses to limit {_named(chosen)}.",
    )


@requirement("LIM-19")
def test_offset_in_another_notation(
    session: Session, api: Api, spare: Spare, unknown: list[str], observe: Observe
) -> None:
    """The digit two as a superscript is a digit by Unicode, and no number by most languages."""
    chosen = _first((OFFSETS["malformed"], *NOTATIONS), session)
    refused = refused_beside_others(session, api, unknown, "offset", chosen[0])
    alone = chosen[1:] if refused else chosen
    sent = spare.api.lists(*(as_query(limit=5, offset=text) for text in alone))
    answers = _by_the_api([*([refused] if refused else []), *sent])
    for answer in answers:
        expect(answer).refusal_or_page()
        refused_or_start(answer, spare.directory)
    observe(
        "offset-notation",
        f"Responses to offset {_named(chosen)}.",
        [limit_or_refusal(answer) for answer in answers],
    )


@requirement("LIM-20")
def test_offset_beyond_32_bits(session: Session, spare: Spare) -> None:
    spare.directory.require(1, "an empty directory has no other page that could be returned")
    chosen = _first(WIDE, session)
    for answer in spare.api.lists(*(as_query(limit=5, offset=text) for text in chosen)):
        expect(answer).refusal_or_page()
        if answer.is_page and answer.rows and answer.ids != list(spare.directory.ids[:5]):
            raise answer.breach("400 or 422, the first page or an empty one", answer.summary())


def _by_the_api(answers: Sequence[Exchange]) -> list[Exchange]:
    return [answer for answer in answers if not is_from_firewall(answer)]


def _first(texts: Sequence[str], session: Session) -> Sequence[str]:
    """Return the first of the texts, all of them in a deep run."""
    return texts if session.depth is Depth.DEEP else texts[:1]


def _named(texts: Sequence[str]) -> str:
    return ", ".join(map(repr, texts))
