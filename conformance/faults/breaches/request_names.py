"""Servers that parameter names or other spellings of paths break or mislead (ROB-02 to ROB-04, ROB-12)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from urllib.parse import unquote

from starlette.responses import Response

from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Identity

# ROB-02: names that frameworks claim


@fault("ROB-02", "`callback` wraps the list in a function call.")
class CallbackReturnsScript(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        name = context.request.query_params.get("callback")
        if name and response.status_code == 200:
            response.body = f"{name}({bytes(response.body).decode()});".encode()
            response.headers["Content-Length"] = str(len(response.body))
            response.headers["Content-Type"] = "application/javascript"
        return super().finish(context, response)


def _only(body: Body, names: str) -> Body:
    return {name: value for name, value in body.items() if name in names.split(",")}


@fault("ROB-02", "`fields=id` leaves the other members out of the list.", shown_by="?fields=id")
class FieldsDropMembers(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        names = context.request.query_params.get("fields")
        return {**body, "data": [_only(row, names) for row in body["data"]]} if names else body


@fault("ROB-02", "`select=id` leaves the other members out of a retrieved profile.")
class SelectDropsMembersOfRetrieve(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        body = super().retrieve_profile(context, identity)
        names = context.request.query_params.get("select")
        return {**body, "data": _only(body["data"], names)} if names else body


@fault("ROB-02", "`page=2` returns the second page.", shown_by="?page=2")
class PageMovesTheList(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        query = super().parse(pairs, known)
        page = dict(pairs).get("page", "1")
        if page.isdecimal() and "offset" not in dict(pairs):
            query.offset = (int(page) - 1) * query.limit
        return query


@fault("ROB-02", "`sort` with an unknown column returns 500.", shown_by="?sort=-zqx")
class SortBreaksTheServer(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        column = context.request.query_params.get("sort", "name").lstrip("-")
        {"name": "c.name", "created_at": "c.created_at"}[column]
        return super().list_profiles(context, identity)


@fault("ROB-02", "A parameter without `=` returns 500, also in a retrieve.", shown_by="?zqx")
class NameWithoutValueBreaksTheServer(ClinicianApi):
    def read(self, context: Context, identity: Identity) -> Body:
        for pair in filter(None, context.request.scope["query_string"].decode().split("&")):
            _, _ = pair.split("=", 1)
        return super().read(context, identity)


@fault("ROB-02", "A rewritten URL has the id as a parameter, and that of the client comes first.")
class IdParameterIsTheId(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        named = context.request.query_params.get("id")
        if named is not None:
            context.clinician_id = named
        return super().retrieve_profile(context, identity)


# ROB-03 and ROB-04: repeated parameters, other notations


@fault("ROB-03", "The last of a repeated parameter applies, but a repeated `offset` returns 500.")
class OffsetTwiceBreaksTheServer(ClinicianApi):
    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:
        if name == "offset":
            raise TypeError("int() argument must be a string, not 'list'")
        return texts[-1]


@fault("ROB-04", "Nested notation (`filter[is_active]`) returns 500.", shown_by="?filter[a]=1")
class NestingBreaksTheServer(ClinicianApi):
    def unknown_parameter(self, name: str, text: str) -> None:
        if re.fullmatch(r"\w+\[\w+\]", name):
            raise KeyError(name, text)


@fault("ROB-04", "A parameter name in upper-case letters returns 500.", shown_by="?LIMIT=5")
class UpperCaseNameBreaksTheServer(ClinicianApi):
    def unknown_parameter(self, name: str, text: str) -> None:
        if name not in self.list_parameters and name.lower() in self.list_parameters:
            raise AttributeError(name, text)


# ROB-12: other spellings of paths


@fault("ROB-12", "A path with a matrix parameter returns 500.", shown_by="/x;a=b")
class MatrixParameterBreaksTheServer(ClinicianApi):
    def answer(self, context: Context) -> Response:
        if ";" in context.request.scope["path"]:
            raise RuntimeError("jsessionid")
        return super().answer(context)


@fault("ROB-12", "A broken percent sign in a path returns 500.", shown_by="/%zz")
class BrokenPercentSignBreaksTheServer(ClinicianApi):
    def answer(self, context: Context) -> Response:
        raw = context.request.scope["raw_path"].decode("latin-1")
        if re.search(r"%(?![0-9A-Fa-f]{2})", raw):
            raise ValueError("URI malformed")
        return super().answer(context)


@fault("ROB-12", "An id with the suffix `.json` returns 500.", shown_by="/x.json")
class SuffixBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        name, dot, form = text.rpartition(".")
        if dot:
            {"xml": name}[form]
        return super().parse_id(text)


@fault("ROB-12", "A path with dot segments retrieves the profile of any organisation.")
class DotSegmentsRetrieveAnything(ClinicianApi):
    def route(self, context: Context, path: str) -> None:
        super().route(context, re.sub("/+", "/", posixpath.normpath(unquote(path))))

    def organisation(self, context: Context, identity: Identity) -> str:
        own = super().organisation(context, identity)
        usual = f"{self.base_path}/clinician-profiles/{context.clinician_id}"
        if context.operation != "retrieve" or context.request.scope["path"] == usual:
            return own
        sql = "SELECT organisation_id FROM clinicians WHERE id = ?"
        found = self.store.rows(sql, (context.clinician_id.lower(),))
        return str(found[0]["organisation_id"]) if found else own


@fault(
    "ROB-12", "A profile with a matrix parameter behind its id is retrieved from any organisation."
)
class MatrixParameterHidesTheOwner(ClinicianApi):
    def route(self, context: Context, path: str) -> None:
        super().route(context, path.partition(";")[0])

    def organisation(self, context: Context, identity: Identity) -> str:
        own = super().organisation(context, identity)
        if context.operation != "retrieve" or ";" not in context.request.scope["path"]:
            return own
        sql = "SELECT organisation_id FROM clinicians WHERE id = ?"
        found = self.store.rows(sql, (context.clinician_id.lower(),))
        return str(found[0]["organisation_id"]) if found else own
