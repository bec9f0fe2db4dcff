"""Servers with wrong errors: internal details and undocumented statuses (ERR-01 to ERR-04, RET-04)."""

from __future__ import annotations

from starlette.responses import Response

from conformance.faults.questions import authorization
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Store

# ERR-01: stack traces


@fault("ERR-01", "A 400 contains a Java stack trace.")
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


@fault("ERR-01", "The error message of the 401 for a wrong key contains a Python traceback.")
class WrongKeyHasTraceback(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and authorization(context):
            refusal.message += (
                "\nTraceback (most recent call last):\n"
                '  File "access.py", line 41, in authenticate\n'
                "    return keys[digest]\n"
                "KeyError: digest"
            )
        return super().refuse(context, refusal)


@fault("ERR-01", "A 404 lists the stack frames of a Node.js server in `error.details`.")
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


# ERR-02: SQL and database messages


@fault("ERR-02", "A malformed `location_id` returns 400 with the error message of PostgreSQL.")
class LocationIsRefusedByPostgres(ClinicianApi):
    def malformed_location(self, text: str) -> str | None:
        raise Refusal(
            400, "INVALID_PARAMETER", f'invalid input syntax for type uuid: "{text}" (22P02)'
        )


@fault("ERR-02", "A 404 contains an SQL query.")
class NotFoundShowsItsQuery(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 404:
            body["error"]["debug"] = (
                "SELECT c.* FROM clinicians c WHERE c.id = $1 AND c.organisation_id = $2 LIMIT 1"
            )
        return body


@fault("ERR-02", "A search term with a quote returns 400 with the syntax error of the database.")
class QuoteShowsSyntaxError(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        for quote in "'\"":
            if quote in text:
                message = f'SQLITE_ERROR: fts5: syntax error near "{quote}"'
                raise Refusal(400, "INVALID_PARAMETER", message)
        return super().parse_search(text)


# ERR-03: file paths and hosts


@fault("ERR-03", "The error message of a 405 names the source file of the route.")
class MethodNamesFile(ClinicianApi):
    def method_not_allowed(self) -> Refusal:
        refusal = super().method_not_allowed()
        refusal.message = "Only GET is routed in /srv/clinicians/app/routes/profiles.py."
        return refusal


@fault("ERR-03", "The error message of the 404 for an unknown id names the database host.")
class NotFoundNamesHost(ClinicianApi):
    def profile_not_found(self) -> Refusal:
        refusal = super().profile_not_found()
        refusal.message += " (asked clinicians-db-2.internal:5432)"
        return refusal


@fault("ERR-03", "The error message of the 401 for a missing key names an internal service.")
class MissingKeyNamesService(ClinicianApi):
    def refuse(self, context: Context, refusal: Refusal) -> Response:
        if refusal.status == 401 and not authorization(context):
            refusal.message = "No token for http://keys.auth.svc.cluster.local:8080/introspect."
        return super().refuse(context, refusal)


# ERR-04: undocumented statuses


@fault("ERR-04", "A list page returns 206 if `has_more` is true.")
class PageIsPartialContent(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "list" and b'"has_more":true' in bytes(response.body):
            response.status_code = 206
        return response


@fault("ERR-04", "An empty list page returns 404.")
class EmptyListIsNotFound(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "list" and bytes(response.body).startswith(b'{"data":[],'):
            return self.refuse(context, self.path_not_found())
        return response


@fault("ERR-04", "From the second request on, a retrieve returns 203.")
class RepeatedRetrieveIsNonAuthoritative(ClinicianApi):
    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self._retrieved: dict[str, bool] = {}

    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "retrieve" and response.status_code == 200:
            if self._retrieved.get(context.clinician_id):
                response.status_code = 203
            self._retrieved[context.clinician_id] = True
        return response


@fault(
    "ERR-04",
    "A search term of more than 20 characters returns 414 with an error envelope.",
    shown_by="?search=firecrest.team%40example.nhs.uk",
)
class ShortTermsAreTooLong(ClinicianApi):
    def parse_search(self, text: str) -> str | None:
        if len(text) > 20:
            raise Refusal(414, "URI_TOO_LONG", "The URI is too long.")
        return super().parse_search(text)


@fault("RET-04", "A malformed id returns 406 with an error envelope.", shown_by="/not-a-uuid")
class MalformedIdNotAcceptable(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if not self.is_uuid(text):
            raise Refusal(406, "NOT_ACCEPTABLE", "This id is not acceptable.")
        return super().parse_id(text)
