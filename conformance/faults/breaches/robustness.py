"""Servers with wrong parameters, paths and bodies (ROB-01 to ROB-04, ROB-07 to ROB-10, ROB-13, LIM-04)."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.responses import Response

from conformance.faults.questions import filters
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Row

# ROB-01: malformed requests


@fault("ROB-01", "A query string that is not valid UTF-8 returns 500.")
class BytesBreakTheServer(ClinicianApi):
    def read(self, context: Context, identity: Identity) -> Body:
        unquote_to_bytes(context.request.scope["query_string"]).decode()
        return super().read(context, identity)


@fault("ROB-01", "An id that is not a UUID returns 500.")
class WordForAnIdBreaksTheServer(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if not self.is_uuid(text):
            raise ValueError("badly formed hexadecimal UUID string")
        return super().parse_id(text)


# ROB-02: unknown parameters


@fault("ROB-02", "An undocumented query parameter returns 500 because it is used as a column name.")
class UnknownParameterIsColumn(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        for name in context.request.query_params:
            if name.isidentifier() and name not in self.list_parameters:
                self.store.rows(f"SELECT {name} FROM clinicians LIMIT 1")  # noqa: S608
        return super().list_profiles(context, identity)


@fault("ROB-02", "An undocumented query parameter returns 403.")
class UnknownParameterIsForbidden(ClinicianApi):
    def unknown_parameter(self, name: str, text: str) -> None:
        super().unknown_parameter(name, text)
        if "[" not in name:
            raise Refusal(403, "FORBIDDEN", "This request was blocked.")


# ROB-03 and ROB-04: repeated parameters and arrays


@fault("ROB-03", "A query parameter that is given twice returns 500.")
class RepeatedParameterBreaksTheServer(ClinicianApi):
    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:
        raise TypeError(f"{name}: expected string, got {type(texts).__name__}")


@fault("ROB-04", "A documented query parameter in array notation returns 500.")
class ArrayBreaksTheServer(ClinicianApi):
    def unknown_parameter(self, name: str, text: str) -> None:
        if name.partition("[")[0] in self.list_parameters:
            raise TypeError(f"{name} is an array", text)


@fault("ROB-04", "A boolean filter in array notation returns 404.")
class ArrayOfBooleansIsNotFound(ClinicianApi):
    def unknown_parameter(self, name: str, text: str) -> None:
        super().unknown_parameter(name, text)
        if name.startswith("is_") and "[" in name:
            raise self.path_not_found()


# ROB-07: allowed combinations of parameters


@fault("ROB-07", "A request with both `location_id` and `search` returns 500.")
class PlaceAndSearchAreAmbiguous(ClinicianApi):
    def combine(self, conditions: Sequence[Condition]) -> Condition:
        condition = super().combine(conditions)
        if "clinician_locations" in condition.sql and "clinicians_text" in condition.sql:
            raise RuntimeError("ambiguous column name: id")
        return condition


@fault("ROB-07", "A request with more than four query parameters returns 400.")
class FiveParametersAreTooMany(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        if sum(name in known for name, _ in pairs) > 4:
            raise self.invalid_parameter("The query", "four parameters at most")
        return super().parse(pairs, known)


@fault("ROB-07", "A request with `offset` but without `limit` returns 400.")
class OffsetWantsLimit(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        names = {name for name, _ in pairs}
        if "offset" in names and "limit" not in names:
            raise self.invalid_parameter("offset", "given together with limit")
        return super().parse(pairs, known)


# ROB-08: forbidden parameters


@fault("ROB-08", "A request with two invalid query parameters returns 500.")
class TwoMistakesBreakTheServer(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        invalid = 0
        for pair in pairs:
            try:
                super().parse([pair], known)
            except Refusal:
                invalid += 1
        if invalid > 1:
            raise TypeError("sequence item 0: expected str instance, dict found")
        return super().parse(pairs, known)


@fault("LIM-04", "A `limit` above 100 is accepted if a filter or `search` is present.")
class FiltersLiftTheLimit(ClinicianApi):
    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        others = [pair for pair in pairs if pair[0] != "limit"]
        query = super().parse(others, known)
        texts = [text for name, text in pairs if name == "limit"]
        is_unbounded = filters(query) > 0 or query.search is not None
        if len(texts) == 1 and is_unbounded and texts[0].isdecimal() and 3 <= len(texts[0]) < 10:
            query.limit = int(texts[0])
            return query
        return super().parse(pairs, known)


@fault("ROB-08", "An invalid query parameter returns 409.")
class MistakeIsConflict(ClinicianApi):
    def invalid_parameter(self, name: str, expected: str) -> Refusal:
        refusal = super().invalid_parameter(name, expected)
        refusal.status = 400 if name == "id" else 409
        return refusal


# ROB-09: the schemas


@fault("ROB-09", "`meta.limit` of an empty page is 0.")
class EmptyPageHasLimitZero(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return meta if count else {**meta, "limit": 0}


@fault("ROB-09", "`next_offset` of the last page is -1 instead of null.")
class LastPageLeadsToMinusOne(ClinicianApi):
    def next_offset(self, query: ListQuery, count: int, has_more: bool) -> int | None:
        following = super().next_offset(query, count, has_more)
        return -1 if following is None else following


# ROB-10: the size of a body


class _Padded(ClinicianApi):
    """An API that appends white space to some bodies, which JSON allows."""

    def is_padded(self, context: Context, status: int) -> bool:
        """Return whether the body of this response is padded."""
        raise NotImplementedError

    def finish(self, context: Context, response: Response) -> Response:
        if self.is_padded(context, response.status_code):
            response.body = self.padded(response, bytes(response.body))
            response.headers["Content-Length"] = str(len(response.body))
        return super().finish(context, response)

    def padded(self, response: Response, body: bytes) -> bytes:  # noqa: ARG002
        """Return the body to send."""
        return body + b" " * (11 * 1024 * 1024)


@fault("ROB-10", "The body of the 400 for a malformed id is larger than 11 MiB.", shown_by="/abc")
class WordForAnIdIsAnsweredAtLength(_Padded):
    def is_padded(self, context: Context, status: int) -> bool:
        return status == 400 and context.operation == "retrieve"


@fault("ROB-13", "A retrieved profile has a further member that nests 500 levels deep.")
class FurtherMemberNestsDeep(ClinicianApi):
    def single_profile(self, row: Row) -> Body:
        nested: object = None
        for _ in range(500):
            nested = [nested]
        return {**super().single_profile(row), "rota": nested}


@fault("ROB-10", "A search for a double quote returns a gzip body of 1 MiB that unpacks to 1 GiB.")
class HostileSearchIsAnsweredByBomb(_Padded):
    def is_padded(self, context: Context, status: int) -> bool:
        term = context.request.query_params.get("search", "")
        return status == 200 and '"' in term

    def padded(self, response: Response, body: bytes) -> bytes:
        response.headers["Content-Encoding"] = "gzip"
        # A gzip body may consist of several members.
        return gzip.compress(body) + gzip.compress(b" " * (16 * 1024 * 1024)) * 64


# ROB-13: levels, digits and headers of a response


@fault(
    "ROB-13",
    "`error.details` of a malformed filter is nested 120 levels deep.",
    shown_by="?is_active=maybe",
)
class DetailsOfDetails(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 400 and context.operation == "list":
            details: Any = {}
            for _ in range(120):
                details = {"cause": details}
            body["error"]["details"] = details
        return body


@fault(
    "ROB-13",
    "A page behind the end of the list has a number of 500 digits in `meta`.",
    shown_by="?offset=5000",
)
class PagesLeftUnbounded(ClinicianApi):
    def list_profiles(self, context: Context, identity: Identity) -> Body:
        body = super().list_profiles(context, identity)
        if not body["data"]:
            body["meta"]["distance"] = 10**500
        return body


@fault("ROB-13", "A retrieve of an unknown id returns 300 `Set-Cookie` headers.")
class CookieOfEachFlag(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        response = super().finish(context, response)
        if response.status_code == 404:
            for number in range(300):
                response.headers.append("Set-Cookie", f"flag{number}=on; Path=/")
        return response


@fault("ROB-01", "HEAD for an unknown id returns 501.")
class HeadOfUnknownNotImplemented(ClinicianApi):
    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        try:
            return super().retrieve_profile(context, identity)
        except Refusal as refusal:
            if context.request.method == "HEAD" and refusal.status == 404:
                raise Refusal(501, "NOT_IMPLEMENTED", "This is not implemented.") from None
            raise


@fault(
    "ROB-01",
    "A malformed id returns 520 with the error envelope of the API.",
    shown_by="/not-a-uuid",
)
class UnknownErrorForMalformedId(ClinicianApi):
    def parse_id(self, text: str) -> str:
        if not self.is_uuid(text):
            raise Refusal(520, "UNKNOWN_ERROR", "An unknown error occurred.")
        return super().parse_id(text)
