"""Servers that show debug pages and secrets where no error was provoked (ERR-07, ERR-08)."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi

_DJANGO = """<!DOCTYPE html><html><head><title>Page not found</title></head><body>
<p>Using the URLconf defined in <code>practice.urls</code>, Django tried these URL patterns:</p>
<p>You're seeing this error because you have <code>DEBUG = True</code> in your settings file.</p>
</body></html>"""
_LARAVEL = """<!DOCTYPE html><html><body><h1>Whoops, looks like something went wrong.</h1>
<p>MethodNotAllowedHttpException in RouteCollection.php line 255</p></body></html>"""
_CLAIMS = "eyJyb2xlIjoic2VydmljZSJ9"


class _Revised(ClinicianApi):
    """An API that changes responses before they are sent."""

    def handle(self, request: Request) -> Response:
        return self.revised(request, super().handle(request))

    def revised(self, request: Request, response: Response) -> Response:
        """Return the response to send."""
        return response

    @staticmethod
    def with_meta(response: Response, **members: Any) -> Response:
        """Return the response with further members in ``meta``."""
        body = json.loads(bytes(response.body))
        body["meta"].update(members)
        return _with_body(response, json.dumps(body).encode())


def _with_body(response: Response, body: bytes) -> Response:
    kept = {
        name: value for name, value in response.headers.items() if name.lower() != "content-length"
    }
    return Response(body, response.status_code, kept)


def _is_read(request: Request, response: Response) -> bool:
    return request.method == "GET" and response.status_code == 200


@fault("ERR-07", "A path that does not exist returns the debug page of Django.")
class DebugPageOfAnUnknownPath(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        path = request.url.path
        if response.status_code == 404 and (path.endswith("/") or "//" in path or ";" in path):
            return HTMLResponse(_DJANGO, 404)
        return response


@fault("ERR-07", "A write method returns 405 with the debug page of Laravel.")
class DebugPageOfWriteMethods(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if request.method in ("POST", "PUT", "PATCH", "DELETE"):
            return HTMLResponse(_LARAVEL, 405, {"Allow": "GET, HEAD"})
        return response


@fault("ERR-07", "Each list has its SQL statement in `meta.debug`.", shown_by="?limit=1")
class ListShowsItsSql(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if not _is_read(request, response) or not request.url.path.endswith("clinician-profiles"):
            return response
        statement = "SELECT * FROM clinicians WHERE organisation_id = 1 LIMIT 21"
        return self.with_meta(response, debug={"sql": statement, "seconds": 0.003})


@fault("ERR-07", "Errors have headers that name the exception and its line.")
class ExceptionInHeaders(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if response.status_code >= 400:
            response.headers["X-Debug-Exception"] = "NotFoundException"
            response.headers["X-Debug-Exception-File"] = "Controller.php:44"
        return response


@fault("ERR-07", "A HEAD request for an unknown id has a stack trace in a header.")
class StackTraceInAHeaderOfHead(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if request.method == "HEAD" and response.status_code == 404:
            response.headers["X-Error"] = "at ProfilesService.findOne (dist/profiles.js:44:13)"
        return response


@fault("ERR-08", "`meta.request` repeats the headers of the request, the key included.")
class MetaRepeatsTheKey(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if not _is_read(request, response):
            return response
        return self.with_meta(response, request=dict(request.headers))


@fault("ERR-08", "Errors for a valid key repeat it in a header.")
class KeyInAHeaderOfErrors(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if response.status_code in (400, 404):
            response.headers["X-Consumer"] = request.headers.get("authorization", "none")
        return response


@fault("ERR-08", "An OPTIONS request returns the address of the database with its password.")
class DatabasePasswordInOptions(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if request.method != "OPTIONS":
            return response
        url = "mysql://app:Tr0ub4dor@db-1/practice"
        return _with_body(response, json.dumps({"data": None, "config": {"db": url}}).encode())


@fault("ERR-08", "A profile has the token of the service in `meta`.")
class TokenOfTheServiceInMeta(_Revised):
    def revised(self, request: Request, response: Response) -> Response:
        if not _is_read(request, response) or request.url.path.endswith("clinician-profiles"):
            return response
        token = f"eyJhbGciOiJIUzI1NiJ9.{_CLAIMS}.c2lnbmF0dXJlMTIz"
        return self.with_meta(response, session=token)
