"""Values that a request with several parameters carries anyway, and that need no request of their own then.

A request of LIM-17 or FIL-18 has one value that may be refused, beside valid ones. If it is refused, so is
that value. Any other response says nothing of the value alone: then the case sends it alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contract.cases import Depth
from conformance.errors import Inconclusive, NotHeld
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.judging.session import Session
from conformance.suite.together import of_own, valid, wrong


def refused_beside_others(
    session: Session, api: Api, unknown: Sequence[str], name: str, text: str
) -> Exchange | None:
    """Return the refusal of a value that was sent beside valid ones.

    None if no request carries the value, if it was not refused, or if valid values are refused together too,
    which another requirement judges. A smoke run has no such requests.

    :param name: the parameter.
    :param text: its value.
    """
    if session.depth is Depth.SMOKE:
        return None
    try:
        accepted, carrying = session.listed.derived(
            "requests that carry values", lambda: _requests(session, api, unknown)
        )
    except NotHeld:
        raise  # a replay cannot tell which value was sent beside others
    except Inconclusive:
        return None
    carriers = [query for query in carrying if (name, text) in query]
    try:
        answers = api.lists(*accepted, *carriers[:1]) if carriers else []
    except Inconclusive:
        return None
    if not answers or not all(answer.is_page for answer in answers[:-1]):
        return None
    return answers[-1] if answers[-1].is_refusal else None


def _requests(
    session: Session, api: Api, unknown: Sequence[str]
) -> tuple[list[Query], list[Query]]:
    """Return the requests with several valid values, and those with one value that may be refused."""
    together = of_own(session, api, unknown)
    return (
        [item.query for item in together.few(valid)],
        [item.query for item in together.few(wrong)],
    )
