"""Servers that share between organisations what they have answered, or let the client name one."""

from __future__ import annotations

from conformance.faults.pieces import SharedCache
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.store import Identity


@fault("ORG-09", "Retrieved profiles are kept by URL, whoever asks for them next.")
class RetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)


@fault("ORG-09", "The last retrieved profile is kept by URL, for whoever asks in the next request.")
class LastRetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        url = str(context.request.url)
        self.bodies = {kept: body for kept, body in self.bodies.items() if kept == url}
        return super().read(context, identity)


@fault(
    "ORG-09", "HEAD is answered from what GET has retrieved by the same URL, for whoever it was."
)
class HeadFromSharedCache(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        if context.request.method == "HEAD" or not self.is_cached(context):
            return super().read(context, identity)
        body = ClinicianApi.read(self, context, identity)
        self.bodies[str(context.request.url)] = body
        return body


@fault("ORG-09", "Retrieved profiles are kept by URL, but only those of active clinicians.")
class ActiveRetrieveCachedByUrl(SharedCache):
    kept_operations = ("retrieve",)

    def read(self, context: Context, identity: Identity) -> Body:
        body = super().read(context, identity)
        if context.operation == "retrieve" and not body["data"]["is_active"]:
            self.bodies.pop(str(context.request.url), None)
        return body


@fault("ORG-10", "Pages of the list are kept by URL, whoever asks for them next.")
class ListCachedByUrl(SharedCache):
    kept_operations = ("list",)


@fault("ORG-10", "What a search has found is kept by URL, whoever searches next.")
class SearchCachedByUrl(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        return super().is_cached(context) and "search" in context.request.query_params


@fault("ORG-10", "Filtered pages are kept by URL, whoever asks for them next.")
class FilteredListCachedByUrl(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        filters = {"is_active", "is_bookable_online", "location_id"}
        return super().is_cached(context) and not filters.isdisjoint(context.request.query_params)


@fault("ORG-10", "The list without parameters is kept for whoever asks next.")
class PlainListCached(SharedCache):
    kept_operations = ("list",)

    def is_cached(self, context: Context) -> bool:
        return super().is_cached(context) and not context.request.query_params


class _Named(ClinicianApi):
    """Believes the client about the organisation that it belongs to."""

    parameter: str = ""
    header: str = ""
    operations: tuple[str, ...] = ("list", "retrieve")

    def organisation(self, context: Context, identity: Identity) -> str:
        named: str | None = None
        if context.operation in self.operations:
            request = context.request
            named = request.query_params.get(self.parameter) or request.headers.get(self.header)
        return named or super().organisation(context, identity)


@fault("ORG-11", "The parameter organisation_id says whose data are seen.")
class ParameterNamesOrganisation(_Named):
    parameter = "organisation_id"


@fault("ORG-11", "The parameter organisation_id says whose profile is retrieved.")
class ParameterNamesOrganisationOfRetrieve(_Named):
    parameter = "organisation_id"
    operations = ("retrieve",)


@fault("ORG-11", "The header X-Organisation-Id says whose data are seen.")
class HeaderNamesOrganisation(_Named):
    header = "x-organisation-id"


@fault("ORG-11", "The header X-Tenant-Id says whose list is seen.")
class HeaderNamesTenant(_Named):
    header = "x-tenant-id"
    operations = ("list",)


@fault("ORG-11", "The parameter organization_id, in American spelling, says whose list is seen.")
class ParameterNamesOrganization(_Named):
    parameter = "organization_id"
    operations = ("list",)
