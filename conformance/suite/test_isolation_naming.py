"""An organisation that a parameter or a header names changes nothing: only the key counts."""

from __future__ import annotations

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.judging.session import Session
from conformance.suite.additions import changes_nothing
from conformance.suite.expect import expect

_PARAMETERS = (
    *("organisation_id", "organization_id", "org_id", "tenant_id"),
    *("organisationId", "organizationId", "orgId", "tenantId"),
)
_HEADERS = ("X-Organisation-Id", "X-Organization-Id", "X-Org-Id", "X-Tenant-Id")


@requirement("ORG-11")
def test_naming_an_organisation_moves_nothing(
    api: Api, directory: Directory, session: Session, unknown: list[str]
) -> None:
    """Whether the organisation exists or not, the key lists its own profiles."""
    directory.require(1, "in an empty directory every list is empty")
    organisation = _organisation_of(session) or unknown[1]
    plain = as_query(limit=20)
    query = (*plain, *((name, organisation) for name in _PARAMETERS))
    headers = tuple((name, organisation) for name in _HEADERS)
    answer = api.send(api.request(query=query, headers=headers))
    if not (answer.is_page and answer.ids == directory.ids[:20]):
        # One of the two may be refused, or followed: each alone shows which.
        alone = api.many([api.request(query=query), api.request(query=plain, headers=headers)])
        for part in alone:
            if not _refused(part):
                changes_nothing(api, part, directory.ids[:20], plain)
    if not _refused(answer):
        changes_nothing(api, answer, directory.ids[:20], plain)


def _refused(answer: Exchange) -> bool:
    """Return whether the request is refused, which is as lawful as ignoring the name."""
    return answer.status in (400, 403, 422)


@requirement("ORG-11")
def test_naming_an_organisation_moves_no_profile(
    api: Api, directory: Directory, session: Session, unknown: list[str]
) -> None:
    directory.require(1, "there is no profile to retrieve")
    organisation = _organisation_of(session) or unknown[1]
    record = directory.ids[0]
    query = tuple((name, organisation) for name in _PARAMETERS)
    headers = tuple((name, organisation) for name in _HEADERS)
    answer = api.send(api.request(path=item_path(record), query=query, headers=headers))
    if _refused(answer):  # for the parameters; so the headers are still to be judged
        answer = api.send(api.request(path=item_path(record), headers=headers))
    if not _refused(answer):
        without = api.get(record)
        if not without.is_record:
            raise Inconclusive(f"without the names, the profile returned {without.summary()}")
        expect(answer).record(str(without.member("data", "id")))


def _organisation_of(session: Session) -> str | None:
    """Return the second organisation's id, if its profiles have it in an additional member."""
    rows = session.other.rows[:1] if session.other else []
    ids = [row[name] for row in rows for name in _PARAMETERS if isinstance(row.get(name), str)]
    return str(ids[0]) if ids else None
