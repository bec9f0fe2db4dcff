"""One profile by its id: the record of the list, for every id of the organisation, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.directory.lexicon import Lexicon
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange
from conformance.judging.session import Locations, Session, Spare
from conformance.suite.expect import expect
from conformance.suite.test_filters import at_locations

Observe = Callable[[str, str, object], None]

NO_UUID = ("1", "first group of an id")


def varied(directory: Directory, contract: Contract) -> list[str]:
    """Ids from all over the list: each member null in one and set in another, where the data allow."""
    if not directory.total:
        raise Inconclusive("the directory is empty: there is nothing to retrieve")
    ids = directory.seen
    last = len(ids) - 1
    chosen = {ids[place] for place in (0, len(ids) // 2, min(150, last), last)}
    facts = {record: _facts(directory.by_id[record], contract) for record in ids}
    made: set[object] = set()
    for record in ids:
        # Of those of one second, another than the first: an id may be looked up by its time.
        moment = directory.by_id[record].get("created_at")
        facts[record] |= {("of its second", "another")} if moment in made else set()
        made.add(moment)
    seen = {fact for record in chosen for fact in facts[record]}
    # From the end of the list: what stands at its start is seen often enough.
    for record in reversed(ids):
        new = facts[record] - seen
        if new:
            chosen.add(record)
            seen |= new
    return sorted(chosen, key=ids.index)


def _facts(row: dict[str, object], contract: Contract) -> set[tuple[str, object]]:
    facts: set[tuple[str, object]] = {(name, row.get(name) is None) for name in contract.members}
    # An id that starts with 0 is lost where ids pass through a number.
    facts |= {("id", str(row.get("id")).startswith("0"))}
    facts |= {("flags", (row.get("is_active"), row.get("is_bookable_online")))}
    return facts | {
        (name, row.get(name))
        for name in ("is_active", "is_bookable_online")
        if isinstance(row.get(name), bool)
    }


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
    """Where locations are known: a profile that none of those asked for lists."""
    listed.require(1, "there is nothing to retrieve")
    at_one = at_locations(api, listed, locations) if locations.own else []
    placed = {record for _, whole in at_one for record in whole.ids}
    away = [record for record in listed.ids if record not in placed]
    for record in away[-1:] or listed.ids[-1:]:
        expect(api.get(record)).record(record)


@requirement("RET-02")
def test_retrieved_profile_equals_its_row(
    api: Api, directory: Directory, contract: Contract
) -> None:
    ids = varied(directory, contract)
    for record, answer in zip(ids, api.gets(ids), strict=True):
        equals_row(answer, directory.by_id[record], contract)


@requirement("RET-02")
def test_row_of_a_result_equals_the_profile(
    api: Api,
    directory: Directory,
    listed: Directory,
    locations: Locations,
    lexicon: Lexicon,
    contract: Contract,
) -> None:
    """What filters, a location and a search leave, as other cases list it: the rows of the whole list."""
    directory.require(1, "there is nothing to retrieve")
    wholes = api.full_lists([listed.of(is_active=True), listed.of(is_active=False)])
    wholes += api.full_lists(
        [as_query(search=word) for word in (lexicon.shared() or lexicon.rare())[:1]]
    )
    if locations.own or "location_id" in dict(listed.base):
        wholes += [whole for _, whole in at_locations(api, listed, locations)]
    rows = {**listed.by_id, **directory.by_id}
    for page in (page for whole in wholes for page in whole.pages):
        for record, row in zip(page.ids, page.rows, strict=True):
            _same_members(page, row, rows.get(record, row), contract, f" of {record}")
    if not directory.complete:
        record = listed.ids[-1]
        equals_row(api.get(record), listed.by_id[record], contract)


def equals_row(answer: Exchange, row: dict[str, object], contract: Contract) -> None:
    """The profile that came has the row's value in each of the 17 members."""
    expect(answer).record()
    _same_members(answer, answer.member("data"), row, contract)


def _same_members(
    answer: Exchange,
    profile: dict[str, object],
    row: dict[str, object],
    contract: Contract,
    whose: str = "",
) -> None:
    different = [name for name in contract.members if not _equal(profile, row, name)]
    if different:
        raise answer.breach(
            "the 17 members as the list row has them",
            f"{', '.join(different)} different{whose}",
            "; ".join(
                f"{name}: {_kind(row, name)} in the list, {_kind(profile, name)} here"
                for name in different
            ),
        )


def _equal(profile: dict[str, object], row: dict[str, object], name: str) -> bool:
    if (name in profile) is not (name in row):
        return False
    left, right = profile.get(name), row.get(name)
    return left == right and type(left) is type(right)


_FREE = ("id", "is_active", "is_bookable_online", "created_at", "updated_at")


def _kind(row: dict[str, object], name: str) -> str:
    """The value where it is nobody's, else what kind of value it is: reports show no personal data."""
    if name not in row:
        return "absent"
    value = row[name]
    if name in _FREE or value is None or isinstance(value, bool):
        return str(value)
    return (
        f"a {type(value).__name__} of {len(value)} characters"
        if isinstance(value, str)
        else type(value).__name__
    )


@requirement("RET-03", depth=Depth.SMOKE)
def test_unknown_id_is_not_found(api: Api, unknown: list[str]) -> None:
    expect(api.get(unknown[0])).error(404)


@requirement("RET-04")
@pytest.mark.parametrize("record", NO_UUID)
def test_id_that_is_no_uuid_is_refused(spare: Spare, observe: Observe, record: str) -> None:
    if record == NO_UUID[1]:
        spare.directory.require(1, "no id is known whose first group could be taken for it")
        record = spare.directory.ids[0][:8]
    answer = spare.api.get(record)
    expect(answer).error(400, 404, 422)
    observe("id-malformed", "The status for an id that is no UUID.", answer.status)


@requirement("RET-05")
def test_inactive_profile_is_retrieved(api: Api, directory: Directory, contract: Contract) -> None:
    rows = directory.by_id
    ids = [i for i in varied(directory, contract) if rows[i].get("is_active") is False]
    if not ids:
        raise Inconclusive("no profile has is_active false, so nothing can be seen")
    for record, answer in zip(ids, api.gets(ids), strict=True):
        expect(answer).record(record)


@requirement("RET-06")
def test_repeated_retrieve_is_the_same(api: Api, directory: Directory, contract: Contract) -> None:
    directory.require(1, "there is nothing to retrieve")
    rows = directory.by_id
    # One that was changed, has members that are null, and is read by few other cases: what a copy may lack.
    ids = sorted(
        varied(directory, contract),
        key=lambda record: (
            record != directory.seen[0],
            rows[record].get("updated_at") != rows[record].get("created_at"),
            sum(rows[record].get(name) is None for name in contract.members),
        ),
    )[-1:]
    first = api.gets(ids)
    for before, after in zip(first, api.afresh("repeat").gets(ids), strict=True):
        expect(before).record()
        equals_row(after, before.member("data"), contract)
