"""Another organisation's profile does not exist: not by its id, nor by how the answer looks."""

from __future__ import annotations

import random
from collections.abc import Sequence

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.http.request import Turn
from conformance.judging.session import Foreign, Session
from conformance.suite.alike import must_be_alike
from conformance.suite.expect import expect
from conformance.target.credentials import OTHER

_FOREIGN = {Depth.SMOKE: 4, Depth.STANDARD: 9, Depth.DEEP: 40}
_TIMED = 4
_TIMED_AGAIN = 2
_ORDER = "uuffuffuu"
_HEADS = 3
_SLOWER = 0.01
_UNKNOWN = "the answer to an unknown id"


def foreign_sample(foreign: Foreign, seed: int, count: int) -> list[str]:
    """A good share of the foreign ids: from all over the list, in every combination of the booleans."""
    ids = foreign.ids
    if len(ids) <= count:
        return ids
    chosen = [ids[0], ids[-1], *_kinds(foreign)]
    rest = [record for record in ids if record not in chosen]
    random.Random(f"{seed}:foreign").shuffle(rest)
    return list(dict.fromkeys([*chosen, *rest]))[:count]


def _kinds(foreign: Foreign) -> list[str]:
    """One foreign id of each combination of the booleans, where these are known."""
    if foreign.directory is None:
        return []
    rows = foreign.directory.by_id
    flags = ("is_active", "is_bookable_online")
    return list(
        {tuple(rows[i].get(name) for name in flags): i for i in reversed(foreign.ids)}.values()
    )


def _of_every_kind(foreign: Foreign, seed: int) -> list[str]:
    """Foreign ids, first those that differ in their booleans."""
    return list(dict.fromkeys([*_kinds(foreign), *foreign_sample(foreign, seed, _HEADS)]))


def asked_for(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> tuple[list[Exchange], list[Exchange]]:
    """The answers to foreign and to unknown ids.

    Some of both are asked for in turn, so that their times compare too, and the others at once. Among the
    foreign ids is one of a clinician at none of the known locations, if there is one.
    """
    sample = foreign_sample(foreign, session.seed, _FOREIGN[session.depth])
    away = None if session.depth is Depth.SMOKE else _at_no_location(api, foreign, session)
    if away is not None and away not in sample:
        sample = [*sample[:-1], away]
    timed, rest = sample[-_TIMED:], sample[:-_TIMED]
    plan = _mixed(unknown, timed)
    requests = [
        *(api.request(path=item_path(record)) for record in rest),
        *api.turns(
            [api.request(path=item_path(record)) for record in plan],
            "foreign and unknown",
            Turn.ALONE,
        ),
    ]
    answers = list(zip([*rest, *plan], api.many(requests), strict=True))
    strangers = [answer for record, answer in answers if record in unknown]
    theirs = [answer for record, answer in answers if record not in unknown]
    return theirs, strangers


def _mixed(unknown: Sequence[str], timed: Sequence[str]) -> list[str]:
    """Both kinds of ids in an order that no number of nodes, taking turns, answers one kind each.

    Unknown ones first and last, so that what changes with the clock has changed between unknown ones.
    """
    foreign, strangers = iter(timed), iter(unknown)
    order = [next(foreign if kind == "f" else strangers, "") for kind in _ORDER]
    return [record for record in order if record]


def _at_no_location(api: Api, foreign: Foreign, session: Session) -> str | None:
    """The last foreign id that none of the other organisation's locations lists."""
    known = foreign.directory is not None and foreign.directory.complete
    if not known or not session.locations.other:
        return None
    owner = api.as_(OTHER)
    placed: set[str] = set()
    for whole in owner.full_lists(
        [as_query(location_id=item) for item in session.locations.other[:2]]
    ):
        placed.update(whole.ids)
    away = [record for record in foreign.ids if record not in placed]
    return away[-1] if away else None


@requirement("ORG-01", depth=Depth.SMOKE)
def test_foreign_id_is_not_found(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """The positive control is the walk: the owner lists each of these ids, or somebody vouched for it."""
    theirs, _ = asked_for(api, foreign, unknown, session)
    for answer in theirs:
        expect(answer).error(404)


def _written(record: str) -> list[str]:
    """Paths that name a profile in other ways: some servers know them all, and check only the usual one."""
    usual = item_path(record)
    last = f"%{ord(record[-1]):02X}"
    return [item_path(record.upper()), item_path(record.replace("-", "")), usual[:-1] + last]


@requirement("ORG-01")
def test_foreign_id_in_another_notation_is_not_found(
    api: Api, foreign: Foreign, session: Session
) -> None:
    """In capitals, without hyphens, percent-encoded: refused as no id, or not found."""
    ids = foreign_sample(foreign, session.seed, len(_written("0")))
    paths = [_written(ids[place % len(ids)])[place] for place in range(len(_written("0")))]
    for answer in api.many([api.request(path=path) for path in paths]):
        expect(answer).error(400, 404, 422)


@requirement("ORG-01")
def test_own_id_is_not_found_for_the_other_key(
    api: Api, directory: Directory, session: Session
) -> None:
    """Isolation holds both ways."""
    theirs = session.other.by_id if session.other is not None else {}
    own = [record for record in directory.seen if record not in theirs]
    if theirs and own:  # with ids alone, the own key is all that can be asked with
        expect(api.as_(OTHER).get(own[-1])).error(404)


@requirement("ORG-02", depth=Depth.SMOKE)
def test_foreign_id_answers_like_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    theirs, strangers = asked_for(api, foreign, unknown, session)
    must_be_alike(api, theirs, strangers, _UNKNOWN, lambda name: not name.startswith("header "))


@requirement("ORG-03")
def test_foreign_id_answers_with_the_headers_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    theirs, strangers = asked_for(api, foreign, unknown, session)
    must_be_alike(api, theirs, strangers, _UNKNOWN, lambda name: name.startswith("header "))


@requirement("ORG-04")
def test_head_of_a_foreign_id_is_like_that_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    sample = _of_every_kind(foreign, session.seed)[:_HEADS]
    must_be_alike(api, _heads(api, sample), _heads(api, unknown[:2]), _UNKNOWN)


def _heads(api: Api, ids: Sequence[str]) -> list[Exchange]:
    return api.many([api.request("HEAD", item_path(record)) for record in ids])


def _owner_first(api: Api, foreign: Foreign, session: Session) -> list[Exchange]:
    """The answers to the owner and to the own key, in turn, for each of a few foreign ids; HEAD at last."""
    if foreign.directory is None:
        raise Inconclusive("a foreign profile can be read by its owner only with the owner's key")
    other = api.as_(OTHER)
    sample = foreign_sample(foreign, session.seed, _FOREIGN[session.depth])
    paths = [item_path(record) for record in sample[: 1 + (session.depth > Depth.SMOKE)]]
    plan = [
        request for path in paths for request in (other.request(path=path), api.request(path=path))
    ]
    plan.append(api.request("HEAD", paths[0]))
    return api.in_turn(plan, "after its owner")


@requirement("RET-01")
def test_profile_is_retrieved_though_another_key_was_told_that_there_is_none(
    api: Api, unknown: list[str], session: Session
) -> None:
    """By the owner, after others: a cache in front that keeps what was not found would say so to him too."""
    if session.other is None or not session.foreign_ids():
        return  # nobody else is known who could have asked
    foreign = session.foreign()
    asked_for(api, foreign, unknown, session)
    for answer in _owner_first(api, foreign, session):
        if answer.request.identity == OTHER:
            expect(answer).record()


@requirement("ORG-09", depth=Depth.SMOKE)
def test_foreign_id_stays_hidden_after_its_owner_has_read_it(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """A cache in front that forgets whose answer it keeps would show it now."""
    answers = _owner_first(api, foreign, session)
    stranger = _heads(api, unknown[:1])[0]
    for answer in answers:
        if answer.request.identity == OTHER:
            if not answer.is_record:
                raise Inconclusive(
                    f"the owner was answered {answer.summary()}, so nothing could be kept"
                )
        elif answer.request.method == "HEAD":
            if answer.status != stranger.status:
                raise answer.breach(f"{stranger.status}, as for an unknown id", answer.summary())
        else:
            expect(answer).error(404)


@requirement("ORG-13")
def test_foreign_id_takes_the_time_of_an_unknown_one(
    api: Api, foreign: Foreign, unknown: list[str], session: Session
) -> None:
    """One after the other, so that whatever slows the target down slows both."""
    theirs, strangers = (
        [answer for answer in answers if answer.request.in_turn]
        for answers in asked_for(api, foreign, unknown, session)
    )
    if len(theirs) < _TIMED - 1 or len(strangers) < _TIMED - 1:
        raise Inconclusive("too few foreign ids are known to tell a difference in time from noise")
    # One stray answer among the foreign ones is noise; with the unknown ones, all must lie on one side.
    if abs(_gap(theirs, strangers, (1, 0))) <= _SLOWER:
        return
    # A machine that was busy for a moment is not busy in the same places three times.
    records = [answer.request.path.rsplit("/", 1)[1] for answer in (*strangers, *theirs)]
    plan = _mixed(records[: len(strangers)], records[len(strangers) :]) * _TIMED_AGAIN
    requests = [api.request(path=item_path(record)) for record in plan]
    answers = api.many(api.turns(requests, "timed again", Turn.ALONE))
    for record, answer in zip(plan, answers, strict=True):
        (strangers if record in unknown else theirs).append(answer)
    gap = _gap(theirs, strangers, (len(theirs) // 4, len(strangers) // 8))
    if abs(gap) > _SLOWER:
        raise theirs[0].breach(
            "the same time for a foreign and an unknown id",
            f"foreign ids {'slower' if gap > 0 else 'faster'} by at least {abs(gap) * 1000:.0f} ms",
            f"{len(theirs)} answers to foreign and {len(strangers)} to unknown ids, by turns",
        )


def _gap(theirs: list[Exchange], strangers: list[Exchange], strays: tuple[int, int]) -> float:
    """Seconds by which the foreign ids took longer, or less where below 0, strays of both left out."""
    times = sorted(answer.elapsed for answer in theirs)
    nobodys = sorted(answer.elapsed for answer in strangers)
    theirs_astray, nobodys_astray = strays
    slower = times[theirs_astray] - nobodys[-1 - nobodys_astray]
    faster = nobodys[nobodys_astray] - times[-1 - theirs_astray]
    return slower if slower > 0 else min(-faster, 0.0)
