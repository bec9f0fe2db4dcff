"""Isolation: what one key received shows another key, or none, nothing when it is sent back."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, item_path
from conformance.http.exchange import Exchange
from conformance.judging.session import Foreign, Session
from conformance.suite.beyond import FAR_AHEAD, Header
from conformance.suite.isolation import own_rows
from conformance.suite.parting import Outcome, judge_group
from conformance.suite.returned import received, shows_no_list, shows_no_profile
from conformance.suite.witnesses import foreign_sample
from conformance.target.credentials import OTHER

_FOREIGN = "since the profile is another organisation's"

_CONDITIONS: tuple[Header, ...] = (("If-None-Match", "*"), ("If-Modified-Since", FAR_AHEAD))


def _named(header: Header) -> str:
    return f"the header {header[0]}"


@requirement("ORG-14")
def test_condition_reveals_no_foreign_profile(api: Api, foreign: Foreign, session: Session) -> None:
    """304 says that the profile exists. ``*`` matches any profile, so nothing need be known of it."""
    record = foreign_sample(foreign, session.seed, 1)[0]
    for headers in [_CONDITIONS, *([_CONDITIONS[1:]] if session.depth is Depth.DEEP else [])]:
        judge_group(
            headers,
            lambda part: shows_no_profile(api, item_path(record), part, _FOREIGN),
            _named,
        )


@requirement("ORG-14")
def test_what_a_key_received_shows_nothing_to_another(
    api: Api, directory: Directory, session: Session
) -> None:
    """Cookies and validators of a list and of a profile, sent with the other key and with none."""
    directory.require(1, "there is no profile to retrieve")
    lists, profile = api.list(), api.get(directory.ids[0])
    for answer in (lists, profile):
        headers = received(answer)
        if headers:
            _judge(api, session, answer, headers)


def _judge(api: Api, session: Session, answer: Exchange, headers: Sequence[Header]) -> None:
    stranger = api.as_("no key")
    path = answer.request.path

    def without_key(part: Sequence[Header]) -> Outcome:
        return shows_no_profile(stranger, path, part)

    def named(header: Header) -> str:
        return f"the header {header[0]} with what exchange {answer.number} received"

    other = api.as_(OTHER) if session.target.other_key is not None else None
    is_listed_too = answer.is_record and path.rsplit("/", 1)[1].lower() not in own_rows(session)
    # The other key comes first: a request without a key may end the session that it would be given.
    if other is not None and not is_listed_too:
        if answer.is_record:
            judge_group(headers, lambda part: shows_no_profile(other, path, part, _FOREIGN), named)
        else:
            plain, own = other.list(), own_rows(session)
            judge_group(headers, lambda part: shows_no_list(other, part, plain, own), named)
    judge_group(headers, without_key, named)
    if other is not None and is_listed_too:
        raise Inconclusive("the second organisation's key lists the profile too")
