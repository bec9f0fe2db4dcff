"""Servers whose errors show their insides, or have statuses that nobody expects (ERR)."""

from __future__ import annotations

from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Store

# ERR-01: stack traces


@fault("ERR-01", "A 400 has the stack trace of a Java server beside its message.")
class BadRequestHasJavaTrace(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 400:
            body["error"]["trace"] = (
                'java.lang.NumberFormatException: For input string: "x"\n'
                "\tat java.lang.Integer.parseInt(Integer.java:652)\n"
                "\tat com.jumpehr.api.ClinicianController.list(ClinicianController.java:88)"
            )
        return body


@fault("ERR-01", "The message of a 401 to a wrong key ends in a Python traceback.")
class WrongKeyHasTraceback(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and context.request.headers.get("authorization"):
            refusal.message += (
                "\nTraceback (most recent call last):\n"
                '  File "access.py", line 41, in authenticate\n'
                "    return keys[digest]\n"
                "KeyError: digest"
            )
        return super().refuse(context, refusal)


@fault("ERR-01", "A 404 lists the stack frames of a Node server under error.details.")
class NotFoundHasNodeFrames(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 404:
            body["error"]["details"] = [
                "NotFoundError: no rows",
                "    at ClinicianService.findOne (clinician.service.js:41:13)",
                "    at async ClinicianController.get (clinician.controller.js:27:20)",
            ]
        return body


# ERR-02: SQL and what a database says


@fault("ERR-02", "A location_id that is no UUID is refused in the words of PostgreSQL.")
class LocationIsRefusedByPostgres(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        raise Refusal(
            400, "INVALID_PARAMETER", f'invalid input syntax for type uuid: "{text}" (22P02)'
        )


@fault("ERR-02", "A 404 shows the query that found nothing.")
class NotFoundShowsItsQuery(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 404:
            body["error"]["debug"] = (
                "SELECT c.* FROM clinicians c WHERE c.id = $1 AND c.organisation_id = $2 LIMIT 1"
            )
        return body


@fault("ERR-02", "A search that holds a quote is refused with the syntax error of the database.")
class QuoteShowsSyntaxError(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        for quote in "'\"":
            if quote in text:
                message = f'SQLITE_ERROR: fts5: syntax error near "{quote}"'
                raise Refusal(400, "INVALID_PARAMETER", message)
        return super().parse_search(text)


# ERR-03: paths and hosts


@fault("ERR-03", "A 405 names the file in which the route is defined.")
class MethodNamesFile(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        refusal = super().method_not_allowed()
        refusal.message = "Only GET is routed in /srv/clinicians/app/routes/profiles.py."
        return refusal


@fault("ERR-03", "A 404 names the database host that was asked.")
class NotFoundNamesHost(ClinicianApi):
    def profile_not_found(self) -> Refusal:
        refusal = super().profile_not_found()
        refusal.message += " (asked clinicians-db-2.internal:5432)"
        return refusal


@fault("ERR-03", "A 401 without a key names the service that keys are checked with.")
class MissingKeyNamesService(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and not context.request.headers.get("authorization"):
            refusal.message = "No token for http://keys.auth.svc.cluster.local:8080/introspect."
        return super().refuse(context, refusal)


# ERR-04: statuses


@fault("ERR-04", "A page with more behind it is 206.")
class PageIsPartialContent(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "list" and b'"has_more":true' in bytes(response.body):
            response.status_code = 206
        return response


@fault("ERR-04", "A list that comes out empty is 404, which no list has.")
class EmptyListIsNotFound(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "list" and bytes(response.body).startswith(b'{"data":[],'):
            return self.refuse(context, self.path_not_found())
        return response


@fault("ERR-04", "A profile that was retrieved before comes from a proxy, as 203.")
class RepeatedRetrieveIsNonAuthoritative(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._kept: dict[str, bool] = {}

    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "retrieve" and response.status_code == 200:
            if self._kept.get(context.clinician_id):
                response.status_code = 203
            self._kept[context.clinician_id] = True
        return response
