"""Servers with wrong bodies: envelopes and JSON (ENV-01 to ENV-06, ENV-12, ENV-15)."""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.responses import Response

from conformance.faults.questions import total
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.refusals import Refusal
from conformance.reference.store import Row

# ENV-01: the envelope of a list


@fault("ENV-01", "`data` of an empty page is null instead of an empty array.")
class EmptyListIsNull(ClinicianApi):
    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        body = super().list_body(context, query, data, has_more)
        return {**body, "data": body["data"] or None}


@fault("ENV-01", "`data` of a page with one record is the record instead of an array.")
class SingleRowIsNoArray(ClinicianApi):
    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        body = super().list_body(context, query, data, has_more)
        return {**body, "data": data[0]} if len(data) == 1 else body


# ENV-02: the meta of a list


@fault("ENV-02", "`meta.limit` is a string if the request has a `limit`.")
class LimitIsEchoedAsText(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {**meta, "limit": context.request.query_params.get("limit", query.limit)}


@fault("ENV-02", "`has_more` is 1 or 0 instead of true or false.")
class HasMoreIsNumeric(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {**meta, "has_more": int(has_more)}


@fault("ENV-02", "The last page has no `next_offset` member.")
class NextOffsetIsLeftOut(ClinicianApi):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        return {name: value for name, value in meta.items() if value is not None}


# ENV-03: the envelope of one record


@fault("ENV-03", "`data` of a retrieve is an array with one record.")
class RetrieveIsAnArray(ClinicianApi):
    def single_body(self, context: Context, data: Body) -> Body:
        return {**super().single_body(context, data), "data": [data]}


@fault(
    "ENV-03", "A retrieved inactive profile is at the top level of the body instead of in `data`."
)
class InactiveProfileIsUnwrapped(ClinicianApi):
    def single_body(self, context: Context, data: Body) -> Body:
        body = super().single_body(context, data)
        return body if data["is_active"] else {**data, "meta": body["meta"]}


# ENV-04 to ENV-06: the envelope of an error


@fault("ENV-04", "The body of a 404 has no `data` member.")
class NotFoundHasNoData(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 404:
            del body["data"]
        return body


@fault("ENV-04", "`data` of a list error is an empty array instead of null.")
class ListErrorHasAnArray(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        return {**body, "data": []} if context.operation == "list" else body


@fault("ENV-04", "`error` of a 401 is a string instead of an object.")
class UnauthorizedIsText(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        return {**body, "error": refusal.message} if refusal.status == 401 else body


@fault("ENV-05", "The error code of the 404 for an unknown id is in lower case.")
class NotFoundCodeInLowerCase(ClinicianApi):
    def profile_not_found(self) -> Refusal:
        return Refusal(404, "not_found", "There is no clinician profile with this id.")


@fault("ENV-05", "The error code of a 400 is the number 400.")
class BadRequestCodeIsNumeric(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 400:
            body["error"]["code"] = refusal.status
        return body


@fault("ENV-06", "The error message of a 401 is empty.")
class UnauthorizedSaysNothing(ClinicianApi):
    def unauthorized(self) -> Refusal:
        refusal = super().unauthorized()
        refusal.message = ""
        return refusal


@fault("ENV-06", "The error message of a 400 is an object with one member per parameter.")
class BadRequestMessageIsAnObject(ClinicianApi):
    def error_body(self, context: Context, refusal: Refusal) -> Body:
        body = super().error_body(context, refusal)
        if refusal.status == 400:
            name, _, rest = refusal.message.partition(" ")
            body["error"]["message"] = {name: [rest]}
        return body


# ENV-12: strict JSON


@fault("ENV-12", "Response bodies are encoded in Latin-1.")
class BodiesInLatinOne(ClinicianApi):
    def encode(self, body: Body) -> bytes:
        return super().encode(body).decode().encode("latin-1", "replace")


@fault("ENV-12", "The body of a retrieve begins with a byte order mark.")
class RetrieveBeginsWithMark(ClinicianApi):
    def encode(self, body: Body) -> bytes:
        mark = b"\xef\xbb\xbf" if isinstance(body["data"], dict) else b""
        return mark + super().encode(body)


@fault(
    "ENV-12", "Profiles that were never updated have a `rating` of NaN, which is not valid JSON."
)
class RatingIsNan(ClinicianApi):
    def profile(self, row: Row) -> Body:
        rating = 4.5 if row["updated_at"] > row["created_at"] else float("nan")
        return {**super().profile(row), "rating": rating}

    def encode(self, body: Body) -> bytes:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@fault("ENV-12", "The last page has the member `has_more` twice.")
class HasMoreIsGivenTwice(ClinicianApi):
    def encode(self, body: Body) -> bytes:
        member = b'"has_more":false'
        return super().encode(body).replace(member, member + b"," + member)


@fault("ENV-12", "A retrieved profile without a `bio` has an HTML comment after its JSON.")
class CommentBehindTheBody(ClinicianApi):
    def finish(self, context: Context, response: Response) -> Response:
        if context.operation == "retrieve" and b'"bio":null' in bytes(response.body):
            response.body = bytes(response.body) + b"\n<!-- no biography -->"
            response.headers["Content-Length"] = str(len(response.body))
        return response


# ENV-15: no total count


class _CountsRecords(ClinicianApi):
    """An API that can count the records of a query."""

    def total_of(self, context: Context, query: ListQuery) -> int:
        """Return the number of records on all pages."""
        assert context.identity is not None
        return total(self, query, self.organisation(context, context.identity))


@fault("ENV-15", "The first page of a search has a `totalCount` beside `data`.")
class TotalBesideSearchResults(_CountsRecords):
    def list_body(
        self, context: Context, query: ListQuery, data: Sequence[Body], has_more: bool
    ) -> Body:
        body = super().list_body(context, query, data, has_more)
        if query.search is not None and query.offset == 0:
            body["totalCount"] = self.total_of(context, query)
        return body


@fault("ENV-15", "A list with a boolean filter has a `total_count` in `meta.pagination`.")
class TotalOfFilteredLists(_CountsRecords):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        meta = super().list_meta(context, query, count, has_more)
        if query.is_active is not None or query.is_bookable_online is not None:
            meta["pagination"] = {"total_count": self.total_of(context, query)}
        return meta


@fault("ENV-15", "Every list has an `X-Total-Count` header.", shown_by="?limit=1")
class TotalInHeader(_CountsRecords):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        context.headers["X-Total-Count"] = str(self.total_of(context, query))
        return super().list_meta(context, query, count, has_more)


@fault(
    "ENV-15", "A page after the first has a `Content-Range` with a total.", shown_by="?offset=20"
)
class ContentRangeHasTotal(_CountsRecords):
    def list_meta(self, context: Context, query: ListQuery, count: int, has_more: bool) -> Body:
        if query.offset and count:
            last = query.offset + count - 1
            all_ = self.total_of(context, query)
            context.headers["Content-Range"] = f"profiles {query.offset}-{last}/{all_}"
        return super().list_meta(context, query, count, has_more)
