"""Servers with wrong responses to methods other than GET and HEAD (RO-01 to RO-06)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

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
# The first and the last record in the list of an organisation.
_FIRST = "SELECT number FROM clinicians WHERE organisation_id = ? ORDER BY created_at, id LIMIT 1"
_LAST = _FIRST.replace("created_at, id", "created_at DESC, id DESC")


class _Handler(Writes):
    """An API that handles ``method`` on ``operation`` instead of refusing it."""

    method: str = "POST"
    operation: str = "retrieve"

    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if method == self.method and context.operation == self.operation:
            return self.handle_write(context, identity)
        return super().write(context, identity, method)

    def handle_write(self, context: Context, identity: Identity) -> Response:
        """Return the response of the handler."""
        return self.respond(context, 200, {"data": None, "meta": self.meta(context)})

    def rejected(self, context: Context, status: int, code: str, message: str) -> Response:
        """Return the response of a handler that refuses the request."""
        return self.refuse(context, Refusal(status, code, message))


@fault("RO-01", "POST creates an empty profile and returns 201.")
class PostCreates(_Handler):
    operation = "list"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        new = str(uuid.uuid4())
        self.change(_CREATE, identity.organisation_id, new, _NOW, _NOW)
        row = self.find(new, identity.organisation_id)
        body = self.single_body(context, self.single_profile(row or {}))
        return self.respond(context, 201, body)


@fault("RO-01", "POST returns 422 with the validation error that `name` is missing.")
class PostValidates(_Handler):
    operation = "list"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.rejected(context, 422, "VALIDATION_ERROR", "name must be given.")


@fault("RO-01", "POST returns 400 because the body is not JSON.")
class PostParsesItsBody(_Handler):
    operation = "list"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.rejected(context, 400, "INVALID_JSON", "The body must be JSON.")


@fault("RO-01", "POST returns 500.")
class PostCrashes(_Handler):
    operation = "list"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        raise NotImplementedError("create")


@fault("RO-01", "POST returns 200 with the list.")
class PostLists(_Handler):
    operation = "list"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.respond(context, 200, self.read(context, identity))


@fault("RO-02", "PUT returns 422 with the validation error that `name` is missing.")
class PutValidates(_Handler):
    method = "PUT"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.rejected(context, 422, "VALIDATION_ERROR", "name must be given.")


@fault("RO-02", "PUT with an unknown id creates a profile and returns 201.")
class PutCreates(_Handler):
    method = "PUT"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        new = self.parse_id(context.clinician_id)
        if self.find(new, identity.organisation_id) is None:
            self.change(_CREATE, identity.organisation_id, new, _NOW, _NOW)
        row = self.find(new, identity.organisation_id) or {}
        return self.respond(context, 201, self.single_body(context, self.single_profile(row)))


@fault("RO-02", "PUT with an unknown id returns 500.")
class PutCrashes(_Handler):
    method = "PUT"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        row = self.find(context.clinician_id, identity.organisation_id)
        if row is None:
            raise LookupError("no row to update")
        return super().write(context, identity, "PUT")


@fault("RO-03", "PATCH changes nothing and returns 200.")
class PatchSucceeds(_Handler):
    method = "PATCH"


@fault("RO-03", "PATCH returns 400 because no member is given.")
class PatchValidates(_Handler):
    method = "PATCH"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.rejected(context, 400, "EMPTY_PATCH", "At least one member must be given.")


@fault("RO-03", "PATCH returns 500.")
class PatchCrashes(_Handler):
    method = "PATCH"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        raise NotImplementedError("update")


@fault("RO-04", "DELETE removes the profile and returns 204, even for an unknown id.")
class DeleteRemoves(_Handler):
    method = "DELETE"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        scoped = "DELETE FROM clinicians WHERE organisation_id = ? AND id = ?"
        self.change(scoped, identity.organisation_id, context.clinician_id.lower())
        return Response(status_code=204, headers=self.response_headers(context, 204))


@fault("RO-04", "DELETE with an unknown id returns 500.")
class DeleteCrashes(_Handler):
    method = "DELETE"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        if self.find(context.clinician_id.lower(), identity.organisation_id) is None:
            raise LookupError("no row to delete")
        return super().write(context, identity, "DELETE")


@fault("RO-04", "DELETE returns 422 because no reason is given.")
class DeleteWantsReason(_Handler):
    method = "DELETE"

    def handle_write(self, context: Context, identity: Identity) -> Response:
        return self.rejected(context, 422, "VALIDATION_ERROR", "reason must be given.")


class _WritesThenRefuses(Writes):
    """An API that changes its data on ``method`` and then refuses the method."""

    method: str = "POST"

    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if method == self.method:
            self.change_data(context, identity.organisation_id)
        return super().write(context, identity, method)

    def change_data(self, context: Context, organisation: str) -> None:
        """Change the data."""


@fault("RO-05", "POST is refused but creates an inactive profile.")
class PostLeavesDraft(_WritesThenRefuses):
    def change_data(self, context: Context, organisation: str) -> None:
        self.change(_CREATE, organisation, str(uuid.uuid4()), _NOW, _NOW)


@fault("RO-05", "PUT is refused but toggles `is_bookable_online` of the first profile in the list.")
class PutTogglesTheFirst(_WritesThenRefuses):
    method = "PUT"

    def change_data(self, context: Context, organisation: str) -> None:
        toggle = "UPDATE clinicians SET is_bookable_online = 1 - is_bookable_online"
        self.change(f"{toggle} WHERE number = ({_FIRST})", organisation)


@fault("RO-05", "PATCH is refused but sets a new `updated_at` on every profile.")
class PatchStampsAll(_WritesThenRefuses):
    method = "PATCH"

    def change_data(self, context: Context, organisation: str) -> None:
        now = stamps.rfc3339(stamps.now())
        self.change(
            "UPDATE clinicians SET updated_at = ? WHERE organisation_id = ?", now, organisation
        )


@fault("RO-05", "DELETE is refused but deletes the last profile in the list.")
class DeleteDropsTheLast(_WritesThenRefuses):
    method = "DELETE"

    def change_data(self, context: Context, organisation: str) -> None:
        self.change(f"DELETE FROM clinicians WHERE number = ({_LAST})", organisation)  # noqa: S608


@fault("RO-06", "A 405 has no `Allow` header.")
class AllowIsMissing(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        refusal = super().method_not_allowed()
        return Refusal(405, refusal.code, refusal.message)


@fault("RO-06", "Methods other than GET and HEAD return 403 instead of 405.")
class OtherMethodsForbidden(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        return Refusal(403, "FORBIDDEN", "This API key may only read.")


@fault("RO-06", "Methods other than GET and HEAD return 404 on a profile and 405 on the list.")
class ProfileMethodsNotFound(Writes):
    def write(self, context: Context, identity: Identity, method: str) -> Response:
        if context.operation == "retrieve":
            raise self.path_not_found()
        return super().write(context, identity, method)
