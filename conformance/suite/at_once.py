"""Requests of two organisations at the same time, and what a response shows of the other organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth
from conformance.directory.changes import on_page
from conformance.directory.directory import Row
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.http.request import Id, Query, Request, Turn
from conformance.judging.session import Foreign, Session
from conformance.suite.expect import counted
from conformance.suite.isolation import own_rows, rows_of
from conformance.suite.witnesses import foreign_sample
from conformance.target.credentials import OWN

ROUNDS = {Depth.STANDARD: 1, Depth.DEEP: 4}
"""How often each pair of requests is sent. A window of microseconds is hit only by chance."""


@dataclass(frozen=True)
class Both:
    """The profiles of two organisations: id → row of those that only one of them has.

    ``own`` and ``theirs`` are the profiles of the first and of the second organisation.
    """

    own: Mapping[str, Row]
    theirs: Mapping[str, Row]

    def hidden_from(self, answer: Exchange) -> Mapping[str, Row]:
        """Return the profiles that the key of a request must not see."""
        return self.theirs if answer.request.identity == OWN else self.own

    def mixed_up(self, answer: Exchange) -> str | None:
        """Return what a response shows of the organisation whose key was not sent, or lacks of its own.

        Which own profiles a page has is not judged: another page may lack them for another reason.
        """
        hidden = self.hidden_from(answer)
        visible = self.own if hidden is self.theirs else self.theirs
        leaked = on_page(answer.rows, hidden)
        if leaked:
            return f"{counted(len(leaked), 'profile')} of another organisation"
        record = answer.record_asked_for
        if record is None:
            return None
        if answer.is_record and Id.of(answer.member("data")) in hidden:
            return "the profile of another organisation"
        return answer.summary() if record in visible and answer.status == 404 else None


def both(session: Session, foreign: Foreign) -> Both:
    """Return the profiles of both organisations.

    :raises Inconclusive: if one of them has none that the other has not.
    """
    found = Both(own_rows(session), rows_of(foreign))
    theirs = {
        record: row for record, row in found.theirs.items() if record not in session.own.by_id
    }
    if not found.own or not theirs:
        raise Inconclusive("the two organisations have no profiles that tell them apart")
    return Both(found.own, theirs)


def pairs(api: Api, other: Api, foreign: Foreign, session: Session) -> list[Request]:
    """Return the same requests with both keys, by turns: a profile, a filtered list, a filtered search.

    A deep run adds the list and the search without a filter. A server that mixes up lists does so with a
    filter too, and one that keeps responses may keep only those that take long.
    """
    searches = _searches(session, foreign)
    record = foreign_sample(foreign, session.seed, 1)[0]
    plan = []
    for number in range(1, ROUNDS[session.depth] + 1):
        once = [key.afresh(f"at the same time {number}") for key in (api, other)]
        queries = [as_query(is_active=True, limit=MAX_LIMIT)]
        queries += searches[:1]
        if session.depth is Depth.DEEP:
            queries = [as_query(limit=MAX_LIMIT), *queries, *searches[1:]]
        plan += [key.request(path=item_path(record)) for key in once]
        plan += [key.request(query=query) for query in queries for key in once]
    return plan


def _searches(session: Session, foreign: Foreign) -> list[Query]:
    """Return the search for a word of the other organisation, with a filter and without."""
    if foreign.directory is None:
        return []
    lexicon = session.lexicon(foreign.directory)
    words = lexicon.rare()
    if not words:
        return []
    holder = foreign.directory.by_id.get(min(lexicon.must_find(words[0]), default=""), {})
    active = holder.get("is_active")
    filters = {"is_active": active} if isinstance(active, bool) else {}
    return [as_query(search=words[0], **filters), as_query(search=words[0])]


def only_at_once(api: Api, answers: Sequence[Exchange], known: Both) -> None:
    """Expect that no response mixes up two organisations which does not do so when it is asked alone.

    :raises Inconclusive: if one does so alone as well: then concurrency is not the cause.
    """
    suspects = [(answer, text) for answer in answers if (text := known.mixed_up(answer))]
    for answer, text in suspects[:2]:
        again = api.as_(answer.request.credential)
        asked = again.request(path=answer.request.path, query=answer.request.query)
        alone = api.many(api.turns([asked], "alone", Turn.ALONE))[0]
        if not known.mixed_up(alone):
            raise answer.breach(
                "what the key's own organisation has",
                f"{text}, only under concurrent requests",
                f"asked alone, the same request is right (exchange {alone.number})",
                certain=_is_leak(answer, known),
            )
    if suspects:
        raise Inconclusive(
            "responses mix up the two organisations without concurrent requests as well"
        )


def _is_leak(answer: Exchange, known: Both) -> bool:
    """Return whether a response shows a profile of the other organisation, which no edit explains."""
    return bool(on_page(answer.rows, known.hidden_from(answer))) or answer.is_record
