"""An organisation that the client names, in a parameter or a header, moves nothing: the key alone counts."""

from __future__ import annotations

import pytest

from conformance.contract.cases import requirement
from conformance.directory.directory import Directory
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.judging.session import Session
from conformance.suite.expect import expect

_PARAMETERS = (
    *("organisation_id", "organization_id", "org_id", "tenant_id"),
    *("organisationId", "organizationId", "orgId", "tenantId"),
)
_HEADERS = ("X-Organisation-Id", "X-Organization-Id", "X-Org-Id", "X-Tenant-Id")


@requirement("ORG-11")
@pytest.mark.parametrize("where", ["parameter", "header"])
def test_naming_an_organisation_moves_nothing(
    api: Api, directory: Directory, session: Session, unknown: list[str], where: str
) -> None:
    """A key sees its own organisation, whether the one named exists or not."""
    directory.require(1, "an empty directory lists nothing whatever is asked")
    organisation = _organisation_of(session) or unknown[1]
    query = as_query(limit=20)
    if where == "parameter":
        query = (*query, *((name, organisation) for name in _PARAMETERS))
        answer = api.lists(query)[0]
    else:
        headers = tuple((name, organisation) for name in _HEADERS)
        answer = api.send(api.request(query=query, headers=headers))
    if not _declined(answer):
        expect(answer).part(directory.ids, 0, 20)


def _declined(answer: Exchange) -> bool:
    """Whether whoever names an organisation is refused, as lawful as to pass over it: nothing is widened."""
    return answer.status in (400, 403, 422) and answer.is_error


@requirement("ORG-11")
def test_naming_an_organisation_moves_no_profile(
    api: Api, directory: Directory, session: Session, unknown: list[str]
) -> None:
    directory.require(1, "there is nothing to retrieve")
    organisation = _organisation_of(session) or unknown[1]
    record = directory.ids[0]
    query = tuple((name, organisation) for name in _PARAMETERS)
    headers = tuple((name, organisation) for name in _HEADERS)
    answer = api.send(api.request(path=item_path(record), query=query, headers=headers))
    if _declined(answer):  # for the parameters, so that nothing was seen of what headers do
        answer = api.send(api.request(path=item_path(record), headers=headers))
    if not _declined(answer):
        expect(answer).record(record)


def _organisation_of(session: Session) -> str | None:
    """The other organisation's id, where its profiles give it away in a further member."""
    rows = session.other.rows if session.other else []
    for row in rows[:1]:
        for name in _PARAMETERS:
            if isinstance(row.get(name), str):
                return str(row[name])
    return None
