"""Isolation: for a key, the profiles of another organisation do not exist."""

from __future__ import annotations

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.judging.session import Foreign, Session
from conformance.suite.comparison import must_be_alike
from conformance.suite.expect import expect
from conformance.suite.isolation import (
    TIMED,
    UNKNOWN_ID,
    foreign_and_unknown,
    heads,
    hidden,
    notations,
    owner_first,
    require_uuids,
    timed_again,
)
from conformance.suite.timing import gap
from conformance.suite.witnesses import foreign_of_each_kind, foreign_sample
from conformance.target.credentials import OTHER

_HEADS = 3
_SLOWER = 0.01
"""Seconds that a difference in time must exceed."""


@requirement("ORG-01", depth=Depth.SMOKE)
def test_foreign_id_is_not_found(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """That the ids exist is known from the list of their owner, or from the settings."""
    theirs, strangers = foreign_and_unknown(api, foreign, unknown, session)
    for answer in theirs:
        hidden(answer, strangers[0], foreign.ids)


@requirement("ORG-01")
def test_foreign_id_in_another_notation_is_not_found(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """In capitals, without hyphens, percent-encoded: refused as malformed, or not found."""
    count = len(notations("0"))
    ids = foreign_sample(foreign, session.seed, count)
    paths = [notations(ids[index % len(ids)])[index] for index in range(count)]
    for answer in api.many([api.request(path=path) for path in paths]):
        hidden(answer, api.get(unknown[0]), foreign.ids, 400, 422)


@requirement("ORG-01")
def test_own_id_is_not_found_for_the_other_key(
    api: Api, directory: Directory, unknown: list[str], session: Session
) -> None:
    """Isolation holds in both directions."""
    theirs = session.other.by_id if session.other is not None else {}
    own = [record for record in directory.seen if record not in theirs]
    if theirs and own:  # without the second key, this direction cannot be requested
        answer = api.as_(OTHER).get(own[-1])
        if answer.status != 404:
            hidden(answer, api.as_(OTHER).get(unknown[0]), own)


@requirement("ORG-02", depth=Depth.SMOKE)
def test_foreign_id_answers_like_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    require_uuids(foreign)
    theirs, strangers = foreign_and_unknown(api, foreign, unknown, session)
    must_be_alike(api, theirs, strangers, UNKNOWN_ID, lambda name: not name.startswith("header "))


@requirement("ORG-03")
def test_foreign_id_answers_with_the_headers_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    require_uuids(foreign)
    theirs, strangers = foreign_and_unknown(api, foreign, unknown, session)
    must_be_alike(api, theirs, strangers, UNKNOWN_ID, lambda name: name.startswith("header "))


@requirement("ORG-04")
def test_head_of_a_foreign_id_is_like_that_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    require_uuids(foreign)
    sample = foreign_of_each_kind(foreign, session.seed, _HEADS)
    theirs, strangers = heads(api, sample), heads(api, unknown[:1])
    if strangers[0].status < 400:
        raise Inconclusive(f"HEAD of an unknown id returned {strangers[0].status}")
    must_be_alike(api, theirs, strangers, UNKNOWN_ID)


@requirement("RET-01")
def test_profile_is_retrieved_though_another_key_was_told_that_there_is_none(
    api: Api, unknown: list[str], session: Session
) -> None:
    """A cache that keeps the 404 for one key and returns it to the owner fails."""
    if session.other is None or not session.foreign_ids():
        return  # no other key that could have caused a 404
    foreign = session.foreign()
    foreign_and_unknown(api, foreign, unknown, session)
    for answer in owner_first(api, foreign, session):
        if answer.request.identity == OTHER:
            expect(answer).record()


@requirement("ORG-09", depth=Depth.SMOKE)
def test_foreign_id_stays_hidden_after_its_owner_has_read_it(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """A cache that returns the owner's response to another key fails."""
    answers = owner_first(api, foreign, session)
    stranger = heads(api, unknown[:1])[0]
    for answer in answers:
        if answer.request.identity == OTHER:
            if not answer.is_record:
                raise Inconclusive(
                    f"the owner received {answer.summary()}, so a cache could not keep the profile"
                )
        elif answer.request.method == "HEAD":
            failed = next((item for item in (answer, stranger) if item.status >= 500), None)
            if failed is not None:
                raise Inconclusive(f"exchange {failed.number} returned {failed.summary()}")
            if answer.status != stranger.status:
                raise answer.breach(f"{stranger.status}, as for an unknown id", answer.summary())
        else:
            hidden(answer, api.get(unknown[0]), foreign.ids)


@requirement("ORG-13")
def test_foreign_id_takes_the_time_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """The requests are sent one after the other, so that a slow moment of the target affects both kinds."""
    require_uuids(foreign)
    theirs, strangers = (
        [answer for answer in answers if answer.request.in_turn]
        for answers in foreign_and_unknown(api, foreign, unknown, session)
    )
    if len(theirs) < TIMED - 1 or len(strangers) < TIMED - 1:
        raise Inconclusive("too few foreign ids are known to compare response times")
    if abs(gap(theirs, strangers, outliers=(1, 0))) <= _SLOWER:
        return
    # A moment of load does not fall on the same requests three times.
    theirs, strangers = timed_again(api, theirs, strangers)
    seconds = gap(theirs, strangers, outliers=(len(theirs) // 4, len(strangers) // 8))
    if abs(seconds) > _SLOWER:
        raise theirs[0].breach(
            "the same response time for a foreign id and an unknown one",
            f"foreign ids {'slower' if seconds > 0 else 'faster'} by at least "
            f"{abs(seconds) * 1000:.0f} ms",
            f"{len(theirs)} responses to foreign ids and {len(strangers)} to unknown ids, by turns",
        )
