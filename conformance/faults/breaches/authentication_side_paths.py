"""Servers that require a key on the usual path but not on a side path (AUTH-02, AUTH-08)."""

from __future__ import annotations

from starlette.responses import Response

from conformance.faults.questions import authorization
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Context


class _OpenSidePath(ClinicianApi):
    """An API that serves some requests without a valid key as the first organisation."""

    def is_open(self, context: Context) -> bool:
        """Return whether the request needs no key."""
        raise NotImplementedError

    def answer(self, context: Context) -> Response:
        if self.authenticate(authorization(context)) is not None or not self.is_open(context):
            return super().answer(context)
        identity = self.store.identity(self.store.data.own_key.key)
        assert identity is not None
        return self.respond(context, 200, self.read(context, identity))


@fault(
    "AUTH-02",
    "The list path with a trailing slash returns the first organisation's list without a key.",
)
class SlashBehindTheListNeedsNoKey(_OpenSidePath):
    def route(self, context: Context, path: str) -> None:
        super().route(context, path.removesuffix("/"))

    def is_open(self, context: Context) -> bool:
        path: str = context.request.scope["path"]
        return context.operation == "list" and path.endswith("/")


@fault(
    "AUTH-08",
    "HEAD of a profile needs no key: it returns 200 for a known id and 404 for an unknown one.",
)
class HeadNeedsNoKey(_OpenSidePath):
    def is_open(self, context: Context) -> bool:
        return context.request.method == "HEAD" and context.operation == "retrieve"
