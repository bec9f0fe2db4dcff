"""Lists that are requested with something added that must change nothing."""

from __future__ import annotations

from collections.abc import Collection

from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Query
from conformance.suite.expect import counted, require_page, shown


def changes_nothing(api: Api, answer: Exchange, known: Collection[str], query: Query) -> None:
    """Expect that a page has the records of the same request without the addition.

    Only if they are not the known ones, both requests are repeated by turns: the server may have another
    order at each request, or page wrongly, which is no effect of the addition.

    :param known: ids that the page must have, as far as the directory tells.
    :param query: the query without the addition.
    :raises Inconclusive: if the request without the addition has no constant response.
    """
    if answer.is_page and set(answer.ids) == set(known):
        return
    plan = [api.request(query=query), answer.request] * 2
    answers = api.in_turn(plan, f"without the addition of {answer.number}")
    without, again = [require_page(page) for page in answers[::2]], answers[1::2]
    records = set(without[0].ids)
    if set(without[1].ids) != records:
        raise Inconclusive("the list has other records each time that it is requested")
    if any(page.is_page and set(page.ids) == records for page in again):
        return
    if answer.status >= 500:
        raise Inconclusive(f"exchange {answer.number} returned {answer.summary()}")
    parts = []
    if missing := records - set(answer.ids):
        parts.append(f"{counted(len(missing))} missing: {shown(missing)}")
    if unexpected := set(answer.ids) - records:
        parts.append(f"{counted(len(unexpected), 'unexpected record')}: {shown(unexpected)}")
    raise answer.breach(
        f"the {counted(len(records))} of exchange {without[0].number}",
        answer.summary(),
        "; ".join(parts) if answer.is_page else None,
    )
