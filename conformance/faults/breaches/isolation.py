"""Servers with wrong isolation of a retrieve between organisations (ORG-01 to ORG-04, ORG-13)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.pieces import (
    AT_NO_LOCATION,
    EVERYTHING,
    INACTIVE,
    SeesForeign,
    all_of,
    behind,
    one_of,
)
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Row, Store


class _RetrievesForeign(ClinicianApi):
    """An API that also retrieves other organisations' profiles that meet ``leaking``."""

    leaking: Condition = EVERYTHING

    def where_retrieved(self, clinician_id: str, organisation: str) -> Condition:
        by_id = Condition("c.id = ?", (clinician_id,))
        return all_of(by_id, one_of(self.where_organisation(organisation), self.leaking))


@fault("ORG-01", "A retrieve returns the profiles of every organisation.")
class EveryoneRetrieved(_RetrievesForeign):
    pass


@fault("ORG-01", "A retrieve returns another organisation's profiles, except the first 40.")
class ForeignPastFortyRetrieved(_RetrievesForeign):
    leaking = behind(40)


@fault("ORG-01", "A retrieve returns another organisation's profiles that have no location.")
class ForeignWithoutLocationRetrieved(_RetrievesForeign):
    leaking = AT_NO_LOCATION


@fault("ORG-01", "A retrieve returns another organisation's inactive profiles.")
class ForeignInactiveRetrieved(_RetrievesForeign):
    leaking = INACTIVE


@fault("ORG-01", "Another organisation's id returns 403.")
class ForeignForbidden(SeesForeign):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        if self.foreign(context):
            raise Refusal(403, "FORBIDDEN", "This profile belongs to another organisation.")
        return super().retrieve_profile(context, identity)


@fault("ORG-01", "The id of another organisation's inactive profile returns 410.")
class ForeignInactiveGone(SeesForeign):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        row = self.foreign(context)
        if row and not row["is_active"]:
            raise Refusal(410, "GONE", "This clinician is no longer active.")
        return super().retrieve_profile(context, identity)


@fault("ORG-01", "From the second request on, another organisation's id returns the profile.")
class ForeignRetrievedTheSecondTime(SeesForeign):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.requested: set[str] = set()

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        row = self.foreign(context)
        if row is None or row["id"] not in self.requested:
            self.requested.update([row["id"]] if row else [])
            return super().retrieve_profile(context, identity)
        return self.single_body(context, self.single_profile(row))


class _ForeignRefused(SeesForeign):
    """An API with a different 404 for another organisation's id."""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        row = self.foreign(context)
        if row is not None:
            raise self.foreign_refusal(row)
        return super().retrieve_profile(context, identity)

    def foreign_refusal(self, row: Row) -> Refusal:
        """Return the 404 for another organisation's id."""
        return self.profile_not_found()


@fault("ORG-02", "The 404 for another organisation's id has its own message.")
class ForeignMessageDiffers(_ForeignRefused):
    def foreign_refusal(self, row: Row) -> Refusal:
        return Refusal(404, "NOT_FOUND", "This organisation has no clinician profile with this id.")


@fault("ORG-02", "The 404 for another organisation's id has its own error code.")
class ForeignCodeDiffers(_ForeignRefused):
    def foreign_refusal(self, row: Row) -> Refusal:
        return Refusal(404, "PROFILE_NOT_FOUND", self.profile_not_found().message)


@fault("ORG-02", "The message of the 404 for another organisation's id lacks the usual full stop.")
class ForeignMessageLacksItsStop(_ForeignRefused):
    def foreign_refusal(self, row: Row) -> Refusal:
        return Refusal(404, "NOT_FOUND", self.profile_not_found().message.rstrip("."))


@fault(
    "ORG-02", "The 404 for another organisation's inactive profile says that it was deactivated."
)
class ForeignInactiveTold(_ForeignRefused):
    def foreign_refusal(self, row: Row) -> Refusal:
        if row["is_active"]:
            return self.profile_not_found()
        return Refusal(404, "NOT_FOUND", "The clinician profile with this id was deactivated.")


@fault("ORG-02", "The 404 for another organisation's id contains the profile's `created_at`.")
class ForeignCreationTold(SeesForeign):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        row = self.foreign(context) if refusal.status == 404 else None
        if row is not None:
            body["meta"]["created_at"] = row["created_at"]
        return body


class _ForeignHeaders(SeesForeign):
    """An API whose 404 reveals in status or headers whether the id is another organisation's."""

    methods: tuple[str, ...] = ("GET", "HEAD")

    def finish(self, context: Context, response: Response) -> Response:
        if response.status_code == 404 and context.request.method in self.methods:
            self.reveal(response, self.foreign(context))
        return response

    def reveal(self, response: Response, row: Row | None) -> None:
        """Change the 404 in place; ``row`` is the foreign profile, or None for an unknown id."""


@fault(
    "ORG-03", "The 404 for another organisation's id has an `ETag`; for an unknown id it has none."
)
class ForeignHasAnEtag(_ForeignHeaders):
    def reveal(self, response: Response, row: Row | None) -> None:
        if row is not None:
            response.headers["ETag"] = f'"{row["id"][:8]}"'


@fault(
    "ORG-03",
    "The 404 for an unknown id has `Cache-Control`; for another organisation's id it has none.",
)
class OnlyUnknownMayBeCached(_ForeignHeaders):
    def reveal(self, response: Response, row: Row | None) -> None:
        if row is None:
            response.headers["Cache-Control"] = "private, max-age=60"


@fault("ORG-03", "The 404 for another organisation's id has no rate limit headers.")
class ForeignLacksRateLimit(_ForeignHeaders):
    def reveal(self, response: Response, row: Row | None) -> None:
        for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"):
            if row is not None and name in response.headers:
                del response.headers[name]


@fault("ORG-04", "HEAD of another organisation's id returns 200.")
class HeadFindsForeign(_ForeignHeaders):
    methods = ("HEAD",)

    def reveal(self, response: Response, row: Row | None) -> None:
        if row is not None:
            response.status_code = 200


@fault("ORG-04", "HEAD of another organisation's id returns 403.")
class HeadOfForeignForbidden(_ForeignHeaders):
    methods = ("HEAD",)

    def reveal(self, response: Response, row: Row | None) -> None:
        if row is not None:
            response.status_code = 403


@fault("ORG-04", "HEAD of another organisation's id has a `Last-Modified` header.")
class HeadDatesForeign(_ForeignHeaders):
    methods = ("HEAD",)

    def reveal(self, response: Response, row: Row | None) -> None:
        if row is not None:
            response.headers["Last-Modified"] = "Mon, 06 Mar 2017 09:00:00 GMT"


class _SlowNotFound(SeesForeign):
    """An API whose 404 takes 60 ms longer for another organisation's id, or for an unknown id."""

    slow_for_foreign: bool = True

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.wait = 0.0

    def finish(self, context: Context, response: Response) -> Response:
        is_not_found = context.operation == "retrieve" and response.status_code == 404
        is_slow = is_not_found and (self.foreign(context) is not None) is self.slow_for_foreign
        self.wait = 0.06 if is_slow else 0.0
        return response

    def delay(self, request: Request, response: Response) -> float:
        return self.wait


@fault("ORG-13", "The 404 for another organisation's id takes 60 ms longer than for an unknown id.")
class ForeignIsSlower(_SlowNotFound):
    pass


@fault("ORG-13", "The 404 for an unknown id takes 60 ms longer than for another organisation's id.")
class UnknownIsSlower(_SlowNotFound):
    slow_for_foreign = False
