"""Servers that one request crashes each time, so that the gateway in front returns an error (ROB-01)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi


class _Crashing(ClinicianApi):
    """An API in a process that ends during some requests; the gateway responds in its place."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return self.page() if self.crashes(request, response) else response

    def crashes(self, request: Request, response: Response) -> bool:
        """Return whether the process ends before it has sent this response."""
        raise NotImplementedError

    def page(self) -> Response:
        """Return the page of the gateway."""
        return Response("<h1>502 Bad Gateway</h1>", 502, media_type="text/html")


@fault(
    "ROB-05",
    "A search term with a NUL character crashes the server; the gateway returns 502 in HTML.",
    shown_by="?search=a%00b",
)
class NulCrashesBehindGateway(_Crashing):
    def crashes(self, request: Request, response: Response) -> bool:
        return b"%00" in request.scope["query_string"]


@fault(
    "RET-05",
    "Retrieving an inactive profile that cannot be booked exceeds a limit of the gateway: 546 in JSON.",
)
class InactiveExceedsWorkerLimit(_Crashing):
    def crashes(self, request: Request, response: Response) -> bool:
        single = request.scope["path"].count("/") == 3
        return single and b'"is_active":false,"is_bookable_online":false' in bytes(response.body)

    def page(self) -> Response:
        body = b'{"code":"WORKER_LIMIT","message":"Function failed: not enough resources"}'
        return Response(body, 546, media_type="application/json")


@fault("RO-08", "HEAD of an unknown id crashes the server; the gateway returns 502 without a body.")
class HeadCrashesBehindGateway(_Crashing):
    def crashes(self, request: Request, response: Response) -> bool:
        return request.method == "HEAD" and response.status_code == 404

    def page(self) -> Response:
        return Response(None, 502)
