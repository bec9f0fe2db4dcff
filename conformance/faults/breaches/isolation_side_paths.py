"""Servers with wrong isolation for some ids, methods or callers only (ORG, RET-01)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

import uuid

from conformance.faults.pieces import EVERYTHING
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Store


class _UnscopedSidePath(ClinicianApi):
    """An API that retrieves profiles of every organisation if ``is_scoped`` returns false."""

    def is_scoped(self, context: Context, identity: Identity) -> bool:
        """Return whether the retrieve is limited to the caller's organisation."""
        return True

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        if self.is_scoped(context, identity):
            return super().retrieve_profile(context, identity)
        try:
            clinician_id = str(uuid.UUID(context.clinician_id))
        except ValueError:
            return super().retrieve_profile(context, identity)
        rows = self.select(Condition("c.id = ?", (clinician_id,)), "c.id", 1, 0)
        if not rows:
            raise self.profile_not_found()
        return self.single_body(context, self.single_profile(rows[0]))


@fault("ORG-01", "Another organisation's id returns the profile if the id is in upper case.")
class ForeignInUpperCaseRetrieved(_UnscopedSidePath):
    def is_scoped(self, context: Context, identity: Identity) -> bool:
        return context.clinician_id == context.clinician_id.lower()


@fault("ORG-01", "Another organisation's id returns the profile if the id has no hyphens.")
class ForeignWithoutHyphensRetrieved(_UnscopedSidePath):
    def is_scoped(self, context: Context, identity: Identity) -> bool:
        return "-" in context.clinician_id


@fault("ORG-01", "Another organisation's id returns the profile if the path is percent-encoded.")
class ForeignPercentEncodedRetrieved(_UnscopedSidePath):
    def is_scoped(self, context: Context, identity: Identity) -> bool:
        return b"%" not in context.request.scope["raw_path"]


@fault("ORG-01", "The second organisation can retrieve the profiles of every organisation.")
class OwnRetrievedByTheOther(_UnscopedSidePath):
    def is_scoped(self, context: Context, identity: Identity) -> bool:
        return identity.organisation_id == self.store.data.own.id


@fault("ORG-04", "HEAD of another organisation's inactive profile returns 200.")
class HeadFindsForeignInactive(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        if context.request.method == "HEAD":
            inactive = Condition("c.id = ? AND c.is_active = 0", (context.clinician_id.lower(),))
            for row in self.select(inactive, "c.id", 1, 0):
                return self.single_body(context, self.single_profile(row))
        return super().retrieve_profile(context, identity)


class _SometimesWide(ClinicianApi):
    """An API that lists the clinicians of every organisation if ``is_wide`` returns true."""

    def is_wide(self, query: ListQuery, organisation: str) -> bool:
        """Return whether the list contains the records of every organisation."""
        return False

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        found = super().conditions(query, organisation)
        return [EVERYTHING, *found[1:]] if self.is_wide(query, organisation) else found


@fault(
    "ORG-06", "From the second page on, `is_active=false` lists every organisation's clinicians."
)
class InactiveOfEveryoneOnNextPage(_SometimesWide):
    def is_wide(self, query: ListQuery, organisation: str) -> bool:
        return query.is_active is False and query.offset > 0


@fault("ORG-06", "With `is_active`, the second organisation lists every organisation's clinicians.")
class FilteredListOfTheOtherIsWide(_SometimesWide):
    def is_wide(self, query: ListQuery, organisation: str) -> bool:
        return query.is_active is not None and organisation != self.store.data.own.id


@fault("ORG-07", "A search by the second organisation finds every organisation's clinicians.")
class SearchOfTheOtherIsWide(_SometimesWide):
    def is_wide(self, query: ListQuery, organisation: str) -> bool:
        return query.search is not None and organisation != self.store.data.own.id


@fault("ORG-11", "In a retrieve, the header `X-Organisation-Id` selects the organisation.")
class HeaderNamesOrganisationOfRetrieve(ClinicianApi):
    def organisation(self, context: Context, identity: Identity) -> str:
        named = context.request.headers.get("x-organisation-id")
        own = super().organisation(context, identity)
        return named if named and context.operation == "retrieve" else own


@fault("ORG-11", "The query parameter `organisationId` selects the organisation.")
class CamelCaseParameterNamesOrganisation(ClinicianApi):
    def organisation(self, context: Context, identity: Identity) -> str:
        named = context.request.query_params.get("organisationId")
        return named or super().organisation(context, identity)


@fault(
    "RET-01", "A 404 for an id is cached and returned to the organisation that owns the profile."
)
class NotFoundIsKeptByUrl(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.not_found: set[str] = set()

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        if context.clinician_id in self.not_found:
            raise self.profile_not_found()
        try:
            return super().retrieve_profile(context, identity)
        except Refusal as refusal:
            if refusal.status == 404:
                self.not_found.add(context.clinician_id)
            raise
