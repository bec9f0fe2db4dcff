"""Retrieve: for every id of the list its profile, as the list has it; for any other id none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.judging.session import Locations, Session, Spare
from conformance.suite.expect import expect
from conformance.suite.filtering import at_locations
from conformance.suite.known import known_answers
from conformance.suite.rows import equals_row, same_members
from conformance.suite.witnesses import beyond_ascii, least_retrieved, varied
from conformance.text.uuids import is_uuid

Observe = Callable[[str, str, object], None]

NOT_UUIDS = ("1", "first group of an id")


@requirement("RET-01", depth=Depth.SMOKE)
def test_id_of_the_list_is_retrieved(
    api: Api, directory: Directory, contract: Contract, session: Session
) -> None:
    ids = varied(directory, contract)
    if session.depth is Depth.SMOKE:
        ids = directory.sample(ids, 3, "smoke")
    for record, answer in zip(ids, api.gets(ids), strict=True):
        expect(answer).record(record)


@requirement("RET-01")
def test_clinician_at_no_location_is_retrieved(
    api: Api, listed: Directory, locations: Locations
) -> None:
    """A profile that none of the requested locations lists, or any other if no location is known."""
    listed.require(1, "there is no profile to retrieve")
    results = at_locations(api, listed, locations) if locations.own else []
    at_one = {record for _, result in results for record in result.ids}
    away = [record for record in listed.ids if record not in at_one]
    for record in away[-1:] or listed.ids[-1:]:
        expect(api.get(record)).record(record)


@requirement("RET-01")
def test_known_profiles_are_retrieved(api: Api, session: Session) -> None:
    for record, answer in known_answers(api, session):
        expect(answer).record(record)


@requirement("RET-02")
def test_retrieved_profile_equals_its_row(
    api: Api, directory: Directory, contract: Contract
) -> None:
    """A profile that is not retrieved at all is judged by RET-01."""
    ids = varied(directory, contract)
    answers = [answer for answer in api.gets(ids) if answer.is_record]
    if not answers:
        raise Inconclusive("no profile was retrieved")
    for answer in answers:
        record = str(answer.member("data", "id")).lower()
        row = directory.by_id.get(record)
        # Another profile than the one that was requested is judged by RET-01.
        if row is not None and record == answer.record_asked_for:
            same_members(answer, answer.member("data"), row, contract)


@requirement("RET-02")
def test_row_of_a_result_equals_the_profile(
    api: Api,
    directory: Directory,
    listed: Directory,
    locations: Locations,
    lexicon: Lexicon,
    contract: Contract,
) -> None:
    """In filtered lists and search results that other cases request too."""
    directory.require(1, "there is no profile to retrieve")
    results = api.full_lists([listed.of(is_active=True), listed.of(is_active=False)])
    words = (lexicon.shared() or lexicon.rare())[:1]
    if directory.complete:
        words += [word for word, _ in beyond_ascii(directory, lexicon)]
    results += api.full_lists([as_query(search=word) for word in words])
    if locations.own or "location_id" in dict(listed.base):
        results += [result for _, result in at_locations(api, listed, locations)]
    rows = {**listed.by_id, **directory.by_id}
    for page in (page for result in results for page in result.pages):
        for record, row in zip(page.ids, page.rows, strict=True):
            same_members(page, row, rows.get(record, row), contract, f" in {record}")
    if not directory.complete:
        record = listed.ids[-1]
        answer = api.get(record)
        if answer.is_record:
            same_members(answer, answer.member("data"), listed.by_id[record], contract)


@requirement("RET-03", depth=Depth.SMOKE)
def test_unknown_id_is_not_found(api: Api, unknown: list[str]) -> None:
    expect(api.get(unknown[0])).error(404)


@requirement("RET-04")
@pytest.mark.parametrize("record", NOT_UUIDS)
def test_id_that_is_no_uuid_is_refused(spare: Spare, observe: Observe, record: str) -> None:
    if record == NOT_UUIDS[1]:
        known = [record for record in spare.directory.ids if is_uuid(record)]
        if not known:
            raise Inconclusive("no id is known, so its first group is not either")
        record = known[0][:8]
    answer = spare.api.get(record)
    expect(answer).error(400, 404, 422)
    observe("id-malformed", "The status code for an id that is not a UUID.", answer.status)


@requirement("RET-05")
def test_inactive_profile_is_retrieved(api: Api, directory: Directory, contract: Contract) -> None:
    """If active profiles cannot be retrieved either, RET-01 judges."""
    rows = directory.by_id
    known = varied(directory, contract)
    ids = [record for record in known if rows[record].get("is_active") is False]
    if not ids:
        raise Inconclusive("no profile has is_active false")
    active = [record for record in known if record not in ids]
    failed = [answer for answer in api.gets(active) if not answer.is_record]
    if failed:
        raise Inconclusive(f"an active profile returned {failed[0].summary()}")
    for record, answer in zip(ids, api.gets(ids), strict=True):
        expect(answer).record(record)


@requirement("RET-06")
def test_repeated_retrieve_is_the_same(api: Api, directory: Directory, contract: Contract) -> None:
    directory.require(1, "there is no profile to retrieve")
    ids = [least_retrieved(directory, contract)]
    first = api.gets(ids)
    for before, after in zip(first, api.afresh("repeat").gets(ids), strict=True):
        if not before.is_record:
            raise Inconclusive(f"the profile returned {before.summary()} the first time")
        equals_row(after, before.member("data"), contract)
