"""Profiles that the user knows to be theirs: a profile that each list lacks is invisible otherwise."""

from __future__ import annotations

from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api
from conformance.http.exchange import Exchange
from conformance.http.request import Id
from conformance.judging.session import Session


def known_answers(api: Api, session: Session) -> list[tuple[Id, Exchange]]:
    """Retrieve the profiles of ``--known-id``; none without the setting."""
    known = [Id(record) for record in session.target.known_ids]
    return list(zip(known, api.gets(known), strict=True))


def must_be_listed(api: Api, session: Session, directory: Directory) -> None:
    """Expect that the list has each known profile that can be retrieved.

    :raises Inconclusive: if the list is too long to be read completely.
    """
    answers = [
        (record, answer) for record, answer in known_answers(api, session) if answer.is_record
    ]
    if answers and not directory.complete:
        why = directory.problem or "only parts of the list were read"
        raise Inconclusive(f"whether it has the profiles of --known-id is not known: {why}")
    for record, answer in answers:
        if record not in directory.by_id:
            raise answer.breach(
                f"the profile in the list, which has {directory.total} profiles",
                "200, but it is on no page of the list",
                "the id is given by --known-id",
            )
