"""Other spellings of paths: refused, redirected, or answered as the usual path is."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.directory.directory import Directory
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import named
from conformance.judging.session import Session
from conformance.suite.expect import expect
from conformance.suite.witnesses import foreign_sample
from conformance.target.credentials import OTHER

_DEFAULT = 20


def stranger_or_unknown(session: Session, unknown: Sequence[str]) -> str:
    """Return the id of a foreign profile, or of none if no foreign profile is known."""
    if not session.foreign_ids():
        return unknown[0]
    return foreign_sample(session.foreign(), session.seed, 1)[0]


def harmless(api: Api, path: str, session: Session, directory: Directory) -> Exchange:
    """Expect no server error and no profile that the key does not see, for a path in another spelling.

    :param directory: that of the key.
    """
    answer = api.send(api.request(path=path))
    if answer.status >= 500:
        raise answer.breach("no server error", answer.summary(), certain=True)
    theirs = _theirs(api, session)
    if answer.is_record:
        record = str(answer.member("data", "id")).lower()
        if record in theirs:
            raise answer.breach(
                "no profile of another organisation", f"the profile {named(record)}", certain=True
            )
    elif answer.is_page:
        leaked = theirs & set(answer.ids)
        if leaked:
            raise answer.breach(
                "no profile of another organisation", answer.summary(), certain=True
            )
        expect(answer).slice_of(directory.ids, 0, _DEFAULT)
    return answer


def _theirs(api: Api, session: Session) -> set[str]:
    """Return the ids that only the other organisation's key sees."""
    if api.credential == OTHER:
        return set(session.own.by_id) - (set(session.other.by_id) if session.other else set())
    return session.foreign_ids()
