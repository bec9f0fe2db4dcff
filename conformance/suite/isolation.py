"""Isolation of two organisations: which ids belong to whom, and requests with both keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth
from conformance.directory.changes import on_page
from conformance.directory.directory import Row
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Id, Query, Turn
from conformance.judging.session import Foreign, Session
from conformance.suite.expect import counted, missing_from, shown
from conformance.suite.timing import interleaved
from conformance.suite.universal import FILTERS, pages_of, requested
from conformance.suite.witnesses import foreign_sample, last_outside
from conformance.target.credentials import CREDENTIALS, OTHER, OWN
from conformance.text.uuids import is_uuid

UNKNOWN_ID = "the response to an unknown id"

TIMED = 3
"""Foreign ids whose requests are sent alone, so that their times can be compared."""

_TIMED_AGAIN = 2
_FOREIGN = {Depth.SMOKE: 4, Depth.STANDARD: 6, Depth.DEEP: 40}
_IN_SMOKE = 5
"""Requests at the depth that compares no times."""


def in_both_lists(session: Session) -> set[str]:
    """Return the ids of the profiles that both keys list."""
    return on_page(session.own.rows, session.other.by_id) if session.other is not None else set()


def foreign_rows(session: Session) -> dict[str, Row]:
    """Return id → row of the profiles that your key was not given when the directories were first read.

    A profile that is known only by the id that the settings name has an empty row.
    """
    known = session.kept or session.other
    rows = known.by_id if known is not None else {}
    return {record: rows.get(record, {}) for record in session.foreign_ids()}


def rows_of(foreign: Foreign) -> dict[str, Row]:
    """Return id → row of the known profiles of the second organisation."""
    rows = foreign.directory.by_id if foreign.directory is not None else {}
    return {record: rows.get(record, {}) for record in foreign.ids}


def own_rows(session: Session) -> dict[str, Row]:
    """Return id → row of the profiles that only your key lists."""
    theirs = {} if session.other is None else session.other.by_id
    return {record: row for record, row in session.own.by_id.items() if record not in theirs}


def no_foreign_profile(page: Exchange, theirs: Mapping[str, Row]) -> None:
    """Expect that a page has no profile of another organisation.

    :param theirs: id → row of the other organisation's profiles.
    """
    leaked = on_page(page.rows, theirs)
    if leaked:
        raise page.breach(
            "only profiles of the key's organisation",
            f"{counted(len(leaked), 'profile')} of another organisation: {shown(leaked)}",
            certain=True,
        )


def hidden(answer: Exchange, stranger: Exchange, theirs: Collection[str], *statuses: int) -> None:
    """Expect 404 for the id of another organisation's profile, or another of ``statuses``.

    :param stranger: the response to an unknown id.
    :param theirs: the ids of the other organisation's profiles.
    :raises Inconclusive: if an unknown id gets the same other status: then nothing is revealed.
    """
    if not is_uuid(answer.record_asked_for or ""):
        statuses = (400, *statuses, 422)
    if answer.status in (404, *statuses):
        return
    revealed = answer.is_record and Id.of(answer.member("data")) in theirs
    if not revealed and (answer.status == stranger.status or answer.status >= 500):
        raise Inconclusive(
            f"exchange {answer.number} returned {answer.summary()}, as for an unknown id"
        )
    wanted = " or ".join(str(status) for status in sorted({404, *statuses}))
    raise answer.breach(wanted, answer.summary(), certain=True)


def require_uuids(foreign: Foreign) -> None:
    """Require that foreign ids have the form of the unknown ids that they are compared with.

    :raises Inconclusive: if one is not a UUID, which a server may refuse for its form.
    """
    strange = next((record for record in foreign.ids if not is_uuid(record)), None)
    if strange is not None:
        raise Inconclusive(f"the foreign id {strange} is not a UUID, as unknown ids are")


def no_empty_page_of(before: Sequence[Exchange], answers: Sequence[Exchange], own: int) -> None:
    """Expect that no response is an empty page that the other key received for the same URL.

    Such a page shows by its body, request id included, and by the records that your list has at its offset.

    :param own: the number of your records.
    """
    for theirs, answer in zip(before, answers, strict=True):
        at = requested(answer)[1]
        plain = _kind(answer) == "plain"
        if plain and not answer.rows and at < own and answer.body == theirs.body:
            raise answer.breach(
                f"records, as the list has {own}",
                f"the body that the second organisation's key received (exchange {theirs.number})",
            )


def no_foreign_profile_in_run(transcript: Transcript, session: Session, kind: str) -> None:
    """Expect that no page of a run, for either key, has a profile of the other organisation.

    A page that was returned without a valid key belongs to no organisation: it is judged by authentication.

    :param kind: the pages to judge: plain, filtered or searched.
    """
    foreign = {OWN: foreign_rows(session), OTHER: own_rows(session)}
    if not foreign[OWN]:
        raise Inconclusive("the second organisation has no profile that could be listed")
    pages = [
        page
        for page in pages_of(transcript, plain=False)
        if _kind(page) == kind and page.request.identity in foreign
    ]
    if not any(page.rows for page in pages if page.request.identity == OWN):
        raise Inconclusive(f"no {kind} page with a record was received")
    for page in pages:
        # A page for both keys at once is judged as one for the own key.
        holder = CREDENTIALS[page.request.credential].holder
        whose = OWN if holder == OWN else page.request.identity
        no_foreign_profile(page, foreign[whose])


def _kind(page: Exchange) -> str:
    names = {name for name, _ in page.request.query}
    return "searched" if "search" in names else "filtered" if names & FILTERS else "plain"


def foreign_and_unknown(
    api: Api, foreign: Foreign, unknown: Sequence[str], session: Session
) -> tuple[list[Exchange], list[Exchange]]:
    """Request foreign ids and unknown ids.

    Some of both are requested alone and by turns, so that their times can be compared, the others in
    parallel. Among the foreign ids is one of a clinician at none of the known locations, if there is one.

    :returns: the responses to foreign ids and those to unknown ids.
    """
    sample = foreign_sample(foreign, session.seed, _FOREIGN[session.depth])
    away = None if session.depth is Depth.SMOKE else _at_no_location(api, foreign, session)
    if away is not None and away not in sample:
        sample = [*sample[:-1], away]
    timed, rest = sample[-TIMED:], sample[:-TIMED]
    plan = interleaved(unknown, timed)
    if session.depth is Depth.SMOKE:
        rest, plan = [], interleaved(unknown, sample)[:_IN_SMOKE]
    requests = [
        *(api.request(path=item_path(record)) for record in rest),
        *api.turns(
            [api.request(path=item_path(record)) for record in plan],
            "foreign and unknown",
            Turn.ALONE,
        ),
    ]
    answers = list(zip([*rest, *plan], api.many(requests), strict=True))
    return (
        [answer for record, answer in answers if record not in unknown],
        [answer for record, answer in answers if record in unknown],
    )


def _at_no_location(api: Api, foreign: Foreign, session: Session) -> str | None:
    """Return the last foreign id that no location of the second organisation lists, of the first two."""
    complete = foreign.directory is not None and foreign.directory.complete
    if not complete or not session.locations.other:
        return None
    queries = [as_query(location_id=item) for item in session.locations.other[:2]]
    listed = {record for result in api.as_(OTHER).full_lists(queries) for record in result.ids}
    return last_outside(foreign.ids, listed)


def timed_again(
    api: Api, theirs: Sequence[Exchange], strangers: Sequence[Exchange]
) -> tuple[list[Exchange], list[Exchange]]:
    """Request the ids of both groups again, alone and by turns.

    :returns: the groups with the new responses added.
    """
    foreign, unknown = (
        [answer.request.path.rsplit("/", 1)[1] for answer in answers]
        for answers in (theirs, strangers)
    )
    plan = interleaved(unknown, foreign) * _TIMED_AGAIN
    requests = [api.request(path=item_path(record)) for record in plan]
    answers = list(zip(plan, api.many(api.turns(requests, "timed again", Turn.ALONE)), strict=True))
    return (
        [*theirs, *(answer for record, answer in answers if record not in unknown)],
        [*strangers, *(answer for record, answer in answers if record in unknown)],
    )


def notations(record: str) -> list[str]:
    """Return paths that name a profile in other notations.

    Some servers accept them all, and check the organisation only for the usual one.
    """
    usual = item_path(record)
    last = f"%{ord(record[-1]):02X}"
    return [item_path(record.upper()), item_path(record.replace("-", "")), usual[:-1] + last]


def heads(api: Api, ids: Sequence[str]) -> list[Exchange]:
    """Send HEAD for profiles."""
    return api.many([api.request("HEAD", item_path(record)) for record in ids])


def owner_first(api: Api, foreign: Foreign, session: Session) -> list[Exchange]:
    """Request a foreign id with its owner's key and then with the own key, one after the other.

    That of an active profile if there is one, as a cache may keep only these; two ids in a deep run. The last
    request is HEAD with the own key.
    """
    if foreign.directory is None:
        raise Inconclusive("only the second organisation's key can retrieve a foreign profile")
    other = api.as_(OTHER)
    sample = foreign_sample(foreign, session.seed, _FOREIGN[session.depth])
    rows = rows_of(foreign)
    sample.sort(key=lambda record: rows[record].get("is_active") is not True)
    paths = [item_path(record) for record in sample[: 1 + (session.depth is Depth.DEEP)]]
    plan = [
        request for path in paths for request in (other.request(path=path), api.request(path=path))
    ]
    plan.append(api.request("HEAD", paths[0]))
    return api.in_turn(plan, "after its owner")


def by_both_keys(
    api: Api, other: Api, queries: Sequence[Query]
) -> tuple[list[Exchange], list[Exchange]]:
    """Request lists with the second organisation's key and then with the own key, one after the other.

    :returns: the pages for the second organisation's key, and those for the own key.
    """
    plan = [
        request
        for query in queries
        for request in (other.request(query=query), api.request(query=query))
    ]
    answers = api.in_turn(plan, "after the other")
    return answers[::2], answers[1::2]


def found_by_both_keys(
    api: Api, other: Api, word: str, own: Collection[str], theirs: Collection[str]
) -> None:
    """Expect that each key finds a profile by a word of both organisations if the other key does.

    :param own: ids of the own profiles with the word.
    :param theirs: ids of the second organisation's.
    """
    (for_other,), (for_own,) = by_both_keys(api, other, [as_query(search=word, limit=MAX_LIMIT)])
    for page, wanted, control, others in (
        (for_other, theirs, for_own, own),
        (for_own, own, for_other, theirs),
    ):
        if page.is_page and set(control.ids) & set(others) and not set(page.ids) & set(wanted):
            raise page.breach(
                f"{counted(len(wanted), 'profile')} of the key's organisation that "
                f"{'holds' if len(wanted) == 1 else 'hold'} the term",
                missing_from(set(wanted), set(wanted), "profile"),
                f"the other key finds its own (exchange {control.number})",
                witnesses=wanted,
            )


def shared_word_finds_none(api: Api, other: Api, foreign: Foreign, theirs: Lexicon) -> None:
    """Expect only own profiles by a word of both organisations, after the other key has searched for it."""
    if not theirs.rare():
        raise Inconclusive(
            "no profile of the second organisation has a word of three letters in a name"
        )
    word = theirs.rare()[0]
    other.list(search=word, limit=MAX_LIMIT)
    for page in api.afresh("after the owner").full_list(search=word).pages:
        no_foreign_profile(page, rows_of(foreign))
