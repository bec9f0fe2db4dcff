"""Building blocks of several faults: conditions in SQL, and subclasses of the API with more hooks."""

# ruff: noqa: ARG002 - a hook need not use all of its arguments

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from starlette.responses import Response

from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity, Row, Store

EVERYTHING = Condition("1")
INACTIVE = Condition("c.is_active = 0")
AT_NO_LOCATION = Condition(
    "NOT EXISTS (SELECT 1 FROM clinician_locations WHERE clinician = c.number)"
)


def one_of(*conditions: Condition) -> Condition:
    """Join the conditions with OR."""
    return _joined(" OR ", conditions)


def all_of(*conditions: Condition) -> Condition:
    """Join the conditions with AND."""
    return _joined(" AND ", conditions)


def behind(count: int) -> Condition:
    """Match records after the first ``count`` records of their organisation's list."""
    return Condition(
        "(SELECT count(*) FROM clinicians AS d WHERE d.organisation_id = c.organisation_id"
        " AND (d.created_at, d.id) < (c.created_at, c.id)) >= ?",
        (count,),
    )


def fold(text: str | None) -> str:
    """Return a text in lower case and without accents; an empty text for None."""
    plain = unicodedata.normalize("NFKD", text or "").lower()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(text: str | None) -> list[str]:
    """Return the folded words of a text, in order."""
    return re.findall(r"[^\W_]+", fold(text))


def _joined(link: str, conditions: Iterable[Condition]) -> Condition:
    parts = tuple(conditions)
    return Condition(
        link.join(f"({part.sql})" for part in parts),
        tuple(value for part in parts for value in part.values),
    )


def negated(condition: Condition) -> Condition:
    """Negate a condition."""
    return Condition(f"NOT ({condition.sql})", condition.values)


def words_in(columns: str, searched: Iterable[str]) -> Condition:
    """Match records that have all words in the ``columns`` of the text index."""
    expression = f"{{{columns}}} : (" + " ".join(f'"{word}"' for word in searched) + ")"
    found = "c.number IN (SELECT rowid FROM clinicians_text WHERE clinicians_text MATCH ?)"
    return Condition(found, (expression,))


class OwnSearch(ClinicianApi):
    """A correct API that searches record by record in Python, without the text index."""

    def where_search(self, text: str) -> Condition:
        self.store.connection.create_function("matches", 4, self.matches)
        return Condition("matches(?, c.name, c.display_name, c.email)", (text,))

    def matches(self, term: str, name: str, display_name: str | None, email: str | None) -> bool:
        """Return whether the search finds a record."""
        present = {word for text in (name, display_name, email) for word in words(text)}
        wanted = set(words(term))
        return bool(wanted) and wanted <= present


class SeesForeign(ClinicianApi):
    """An API that can look up whether an id belongs to another organisation."""

    def foreign(self, context: Context) -> Row | None:
        """Return the requested profile if it belongs to another organisation, else None."""
        if context.operation != "retrieve" or context.identity is None:
            return None
        theirs = Condition(
            "c.organisation_id <> ? AND c.id = ?",
            (context.identity.organisation_id, context.clinician_id.lower()),
        )
        rows = self.select(theirs, "c.id", 1, 0)
        return rows[0] if rows else None


class SharedCache(ClinicianApi):
    """An API that caches the bodies of ``kept_operations`` by URL, without regard to the key."""

    kept_operations: tuple[str, ...] = ()

    def __init__(self, store: Store | None = None, limiter: RateLimiter | None = None) -> None:
        super().__init__(store, limiter)
        self.bodies: dict[str, Body] = {}

    def is_cached(self, context: Context) -> bool:
        """Return whether the cache handles this request."""
        return context.operation in self.kept_operations

    def read(self, context: Context, identity: Identity) -> Body:
        if not self.is_cached(context):
            return super().read(context, identity)
        url = str(context.request.url)
        if url not in self.bodies:
            self.bodies[url] = super().read(context, identity)
        body = self.bodies[url]
        return {**body, "meta": {**body["meta"], **self.meta(context)}}


class Writes(ClinicianApi):
    """An API that handles the methods that a read-only resource refuses."""

    def answer(self, context: Context) -> Response:
        try:
            return super().answer(context)
        except Refusal as refusal:
            if refusal.status != 405 or context.identity is None:
                raise
            return self.write(context, context.identity, context.request.method)

    def write(self, context: Context, identity: Identity, method: str) -> Response:
        """Return the response to a request with a valid key and a method other than GET and HEAD."""
        raise self.method_not_allowed()

    def change(self, sql: str, *values: str) -> None:
        """Run an SQL statement on the store."""
        self.store.connection.execute(sql, values)


class RowsAfterwards(ClinicianApi):
    """An API that can change the rows of a page before they are sent."""

    def fetch(self, query: ListQuery, organisation: str) -> tuple[list[Row], bool]:
        rows, has_more = super().fetch(query, organisation)
        return self.revise(query, organisation, rows), has_more

    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:
        """Return the rows to send instead of ``rows``."""
        return rows
