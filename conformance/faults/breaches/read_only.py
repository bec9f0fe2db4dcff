"""Servers that have something behind the methods that write."""

# ruff: noqa: ARG002 - a decision that is replaced need not look at all that it is given

from __future__ import annotations

import uuid

from starlette.responses import Response

from conformance.faults.pieces import Writes
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity
from conformance.text import stamps

_NOW = "2024-06-15T11:30:00Z"
_CREATE = (
    "INSERT INTO clinicians (organisation_id, id, name, is_active, is_bookable_online, created_at,"
    " updated_at) VALUES (?, ?, 'New clinician', 0, 0, ?, ?)"
)
# The record of an organisation that stands first, or last, in the list.
_FIRST = "SELECT number FROM clinicians WHERE organisation_id = ? ORDER BY created_at, id LIMIT 1"
_LAST = _FIRST.replace("created_at, id", "created_at DESC, id DESC")


class _Handler(Writes):
    """Answers one method of one resource with something else than a refusal of the method."""

    method: str = "POST"
    operation: str = "retrieve"

    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if method == self.method and context.operation == self.operation:
            return self.handled(context, identity)
        return super().write(context, identity, method)

    def handled(self, context: Context, identity: Identity) -> Response:
        """The response of the handler."""
        return self.respond(context, 200, {"data": None, "meta": self.meta(context)})

    def handled_by(self, context: Context, status: int, code: str, message: str) -> Response:
        """The response of a handler that refuses the request."""
        return self.refuse(context, Refusal(status, code, message))


@fault("RO-01", "POST of nothing creates an empty profile, 201.")
class PostCreates(_Handler):
    operation = "list"

    def handled(self, context: Context, identity: Identity) -> Response:
        new = str(uuid.uuid4())
        self.change(_CREATE, identity.organisation_id, new, _NOW, _NOW)
        row = self.find(new, identity.organisation_id)
        body = self.single_body(context, self.single_profile(row or {}))
        return self.respond(context, 201, body)


@fault("RO-01", "POST of nothing is answered 422: name is missing.")
class PostValidates(_Handler):
    operation = "list"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.handled_by(context, 422, "VALIDATION_ERROR", "name must be given.")


@fault("RO-01", "POST of nothing is answered 400: the body is no JSON.")
class PostParsesItsBody(_Handler):
    operation = "list"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.handled_by(context, 400, "INVALID_JSON", "The body must be JSON.")


@fault("RO-01", "POST causes a server error.")
class PostCrashes(_Handler):
    operation = "list"

    def handled(self, context: Context, identity: Identity) -> Response:
        raise NotImplementedError("create")


@fault("RO-01", "The method is not looked at: POST is answered with the list.")
class PostLists(_Handler):
    operation = "list"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.respond(context, 200, self.read(context, identity))


@fault("RO-02", "PUT of nothing is answered 422: the profile is incomplete.")
class PutValidates(_Handler):
    method = "PUT"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.handled_by(context, 422, "VALIDATION_ERROR", "name must be given.")


@fault("RO-02", "PUT to an id that no profile has creates it, 201.")
class PutCreates(_Handler):
    method = "PUT"

    def handled(self, context: Context, identity: Identity) -> Response:
        new = self.parse_id(context.clinician_id)
        if self.find(new, identity.organisation_id) is None:
            self.change(_CREATE, identity.organisation_id, new, _NOW, _NOW)
        row = self.find(new, identity.organisation_id) or {}
        return self.respond(context, 201, self.single_body(context, self.single_profile(row)))


@fault("RO-02", "PUT to an id that no profile has causes a server error.")
class PutCrashes(_Handler):
    method = "PUT"

    def handled(self, context: Context, identity: Identity) -> Response:
        row = self.find(context.clinician_id, identity.organisation_id)
        if row is None:
            raise LookupError("no row to update")
        return super().write(context, identity, "PUT")


@fault("RO-03", "PATCH changes nothing and is answered 200.")
class PatchSucceeds(_Handler):
    method = "PATCH"


@fault("RO-03", "PATCH of nothing is answered 400: there is nothing to change.")
class PatchValidates(_Handler):
    method = "PATCH"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.handled_by(context, 400, "EMPTY_PATCH", "At least one member must be given.")


@fault("RO-03", "PATCH causes a server error.")
class PatchCrashes(_Handler):
    method = "PATCH"

    def handled(self, context: Context, identity: Identity) -> Response:
        raise NotImplementedError("update")


@fault("RO-04", "DELETE removes the profile, and is answered 204 whether or not there was one.")
class DeleteRemoves(_Handler):
    method = "DELETE"

    def handled(self, context: Context, identity: Identity) -> Response:
        scoped = "DELETE FROM clinicians WHERE organisation_id = ? AND id = ?"
        self.change(scoped, identity.organisation_id, context.clinician_id.lower())
        return Response(status_code=204, headers=self.response_headers(context, 204))


@fault("RO-04", "DELETE of an id that no profile has causes a server error.")
class DeleteCrashes(_Handler):
    method = "DELETE"

    def handled(self, context: Context, identity: Identity) -> Response:
        if self.find(context.clinician_id.lower(), identity.organisation_id) is None:
            raise LookupError("no row to delete")
        return super().write(context, identity, "DELETE")


@fault("RO-04", "DELETE wants a reason in its body, and is answered 422 without.")
class DeleteWantsReason(_Handler):
    method = "DELETE"

    def handled(self, context: Context, identity: Identity) -> Response:
        return self.handled_by(context, 422, "VALIDATION_ERROR", "reason must be given.")


class _QuietWrites(Writes):
    """Changes something and then refuses the method all the same."""

    method: str = "POST"

    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if method == self.method:
            self.happens(context, identity.organisation_id)
        return super().write(context, identity, method)

    def happens(self, context: Context, organisation: str) -> None:
        """The change."""


@fault("RO-05", "POST is refused, but a draft of an inactive profile stays behind.")
class PostLeavesDraft(_QuietWrites):
    def happens(self, context: Context, organisation: str) -> None:
        self.change(_CREATE, organisation, str(uuid.uuid4()), _NOW, _NOW)


@fault("RO-05", "PUT is refused, but the first profile of the list changes its booking flag.")
class PutTogglesTheFirst(_QuietWrites):
    method = "PUT"

    def happens(self, context: Context, organisation: str) -> None:
        toggle = "UPDATE clinicians SET is_bookable_online = 1 - is_bookable_online"
        self.change(f"{toggle} WHERE number = ({_FIRST})", organisation)


@fault("RO-05", "PATCH is refused, but a stamp is left on the updated_at of every profile.")
class PatchStampsAll(_QuietWrites):
    method = "PATCH"

    def happens(self, context: Context, organisation: str) -> None:
        now = stamps.rfc3339(stamps.now())
        self.change(
            "UPDATE clinicians SET updated_at = ? WHERE organisation_id = ?", now, organisation
        )


@fault("RO-05", "DELETE is refused, but the last profile of the list is gone.")
class DeleteDropsTheLast(_QuietWrites):
    method = "DELETE"

    def happens(self, context: Context, organisation: str) -> None:
        self.change(f"DELETE FROM clinicians WHERE number = ({_LAST})", organisation)  # noqa: S608


@fault("RO-06", "A method that is not allowed is answered 405 without Allow.")
class AllowIsMissing(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        refusal = super().method_not_allowed()
        return Refusal(405, refusal.code, refusal.message)


@fault("RO-06", "A method that is not allowed is answered 403.")
class OtherMethodsForbidden(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        return Refusal(403, "FORBIDDEN", "This API key may only read.")


@fault("RO-06", "A method that is not allowed is answered 404 on a profile, and 405 on the list.")
class ProfileMethodsNotFound(Writes):
    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if context.operation == "retrieve":
            raise self.path_not_found()
        return super().write(context, identity, method)
