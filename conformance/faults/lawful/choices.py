"""Lawful variants: other choices where the contract leaves parameters, ids, methods and keys open.

A variant may depart from recommendations (``should``) of the contract. It lists their ids in
``departs_from``: a warning about one of them is not a false alarm.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.parameters import ListQuery
from conformance.reference.queries import Condition
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity


@lawful("A limit or offset out of range is clamped to the nearest bound, and meta.limit shows it.")
class ClampsBounds(ClinicianApi):
    """The contract allows a server to apply a bound instead of refusing the value."""

    departs_from = frozenset({"LIM-15", "LIM-16"})

    def limit_out_of_range(self, limit: int) -> int:
        """Return the nearest allowed limit."""
        return min(max(limit, self.minimum_limit), self.maximum_limit)

    def offset_out_of_range(self, offset: int) -> int:
        """Return the nearest allowed offset."""
        return min(max(offset, 0), self.maximum_offset)


@lawful("A limit out of range becomes the default limit, and a negative offset becomes 0.")
class OutOfRangeIsDefault(ClinicianApi):
    """The server treats such a parameter as if it were absent."""

    departs_from = frozenset({"LIM-15", "LIM-16"})

    def limit_out_of_range(self, limit: int) -> int:  # noqa: ARG002
        """Return the default."""
        return self.default_limit

    def offset_out_of_range(self, offset: int) -> int:
        """Return 0 for a negative offset; a huge one must not return the first page."""
        return 0 if offset < 0 else self.maximum_offset


@lawful("An offset above 32 bits, or even above 64 bits, returns an empty page.")
class AnswersHugeOffsets(ClinicianApi):
    """Any offset past the end of the list returns an empty page."""

    departs_from = frozenset({"LIM-16"})

    def offset_out_of_range(self, offset: int) -> int:
        """Return the largest offset for a larger one; refuse a negative offset."""
        return super().offset_out_of_range(offset) if offset < 0 else self.maximum_offset


@lawful("Invalid parameters and malformed ids return 422.")
class AnswersUnprocessable(ClinicianApi):
    """Several frameworks use 422 for invalid input."""

    def invalid_parameter(self, name: str, expected: str) -> Refusal:
        """Return 422 instead of 400."""
        return Refusal(422, "VALIDATION_ERROR", f"{name}: must be {expected}.")


@lawful("A malformed id returns 404, like an unknown id.")
class MalformedIdIsNotFound(ClinicianApi):
    """No profile has a malformed id."""

    def parse_id(self, text: str) -> str:
        """Return the id in lower case; a malformed id is not found."""
        if not self.is_uuid(text):
            raise self.profile_not_found()
        return text.lower()


@lawful("A malformed id returns 422, an invalid query parameter returns 400.")
class MalformedIdIsUnprocessable(ClinicianApi):
    """Path and query string are validated by different code."""

    def parse_id(self, text: str) -> str:
        """Return the id in lower case; refuse a malformed id with 422."""
        if not self.is_uuid(text):
            raise Refusal(422, "INVALID_ID", "The id must be a UUID.")
        return text.lower()


@lawful("UUIDs are accepted in other notations too: without hyphens, in braces, as a URN.")
class ReadsEveryUuidNotation(ClinicianApi):
    """A database type for UUIDs usually accepts several notations."""

    def is_uuid(self, text: str) -> bool:
        """Return whether the text is a UUID in any notation."""
        try:
            uuid.UUID(text)
        except ValueError:
            return False
        return text.isascii()

    def parse_id(self, text: str) -> str:
        """Return the id as it is stored."""
        return str(uuid.UUID(super().parse_id(text)))

    def parse_location(self, text: str) -> str | None:
        """Return the id as it is stored."""
        location_id = super().parse_location(text)
        return location_id and str(uuid.UUID(location_id))


@lawful("A query parameter that the contract does not define returns 400.")
class RefusesUnknownParameters(ClinicianApi):
    """A misspelt filter returns an error instead of the unfiltered list."""

    def unknown_parameter(self, name: str, text: str) -> None:  # noqa: ARG002
        """Refuse with 400. The message leaves the name out, which may be any text."""
        raise Refusal(400, "UNKNOWN_PARAMETER", "The query has an unknown parameter.")


@lawful("If a parameter is repeated, the first value applies.")
class TakesFirstOfRepeated(ClinicianApi):
    """Many web frameworks do this."""

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:  # noqa: ARG002
        """Return the first value."""
        return texts[0]


@lawful("If a parameter is repeated, the last value applies.")
class TakesLastOfRepeated(ClinicianApi):
    """A server that reads parameters into a dictionary does this."""

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:  # noqa: ARG002
        """Return the last value."""
        return texts[-1]


@lawful("A parameter in array notation (is_active[]=true) works like the plain parameter.")
class HonoursArrayNotation(ClinicianApi):
    """PHP and Rails write array parameters in this way."""

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """Return the values, with brackets removed from the end of each name."""
        plain = [(re.sub(r"\[[0-9]*\]$", "", name), text) for name, text in pairs]
        return super().single_values(plain, known)


@lawful("The operator suffixes _gte and _lte on timestamps are honoured.")
class HonoursSuffixes(ClinicianApi):
    """The vendor documents them for other resources."""

    suffixes: Mapping[str, str] = {"created_at_gte": ">=", "created_at_lte": "<="}
    asked: Sequence[tuple[str, str]] = ()

    def list_profiles(self, context: Context, identity: Identity) -> Body:
        """Return a page of the profiles that the suffixes select."""
        self.asked = [
            (self.suffixes[name], text)
            for name, text in context.request.query_params.multi_items()
            if name in self.suffixes
        ]
        return super().list_profiles(context, identity)

    def conditions(self, query: ListQuery, organisation: str) -> list[Condition]:
        """Return the usual conditions, and one for each suffix."""
        more = [Condition(f"c.created_at {sign} ?", (text,)) for sign, text in self.asked]
        return [*super().conditions(query, organisation), *more]


@lawful("An offset beyond 32 bits returns an empty page.")
class HugeOffsetsAreLawful(ClinicianApi):
    """The contract has no largest offset."""

    maximum_offset = 2**63 - 1


@lawful("A location_id that is empty or not a UUID returns an empty list.")
class MalformedLocationFindsNothing(ClinicianApi):
    """No location has a malformed id."""

    departs_from = frozenset({"FIL-12"})

    def malformed_location(self, text: str) -> str | None:  # noqa: ARG002
        """Return an id that no location has."""
        return str(uuid.UUID(int=0))


@lawful("An empty location_id returns an empty list; other malformed values return 400.")
class EmptyLocationGivesNothing(ClinicianApi):
    """No location has an empty id."""

    def malformed_location(self, text: str) -> str | None:
        """Return an id that no location has for an empty value; refuse any other."""
        return super().malformed_location(text) if text else str(uuid.UUID(int=0))


@lawful("An empty location_id counts as absent.")
class EmptyLocationIsAbsent(ClinicianApi):
    """Many frameworks read empty parameters in this way."""

    departs_from = frozenset({"FIL-16"})

    def malformed_location(self, text: str) -> str | None:
        """Return no filter for an empty value; refuse any other."""
        return super().malformed_location(text) if text else None


@lawful("Boolean filters also accept 1, 0, yes, no, on, off, t, f, y and n, in any letter case.")
class LenientBooleans(ClinicianApi):
    """Several frameworks read booleans in this way."""

    departs_from = frozenset({"FIL-14"})

    def malformed_boolean(self, name: str, text: str) -> bool | None:
        """Return the meaning of a known word; refuse any other text."""
        word = text.strip().lower()
        if word in ("1", "yes", "on", "t", "y", "true"):
            return True
        if word in ("0", "no", "off", "f", "n", "false"):
            return False
        return super().malformed_boolean(name, text)


@lawful("A boolean filter whose value is neither true nor false is ignored.")
class IgnoresMalformedBooleans(ClinicianApi):
    """The server treats such a filter as if it were absent."""

    departs_from = frozenset({"FIL-14"})

    def malformed_boolean(self, name: str, text: str) -> bool | None:  # noqa: ARG002
        """Return no filter."""
        return None


@lawful("A limit or offset that is not an integer becomes the default, and meta.limit shows it.")
class MalformedNumbersAreDefault(ClinicianApi):
    """The server treats such a parameter as if it were absent."""

    departs_from = frozenset({"LIM-08", "LIM-13"})

    def malformed_integer(self, name: str, text: str) -> int:  # noqa: ARG002
        """Return the default of the parameter."""
        return self.default_limit if name == "limit" else self.default_offset


@lawful("Integers may have a plus sign, surrounding spaces and underscores between digits.")
class LenientIntegers(ClinicianApi):
    """The server parses integers with Python's ``int``."""

    departs_from = frozenset({"LIM-08", "LIM-13"})

    def malformed_integer(self, name: str, text: str) -> int:
        """Return the number as ``int`` reads it; refuse any other text."""
        try:
            return int(text) if len(text) < 19 else super().malformed_integer(name, text)
        except ValueError:
            return super().malformed_integer(name, text)


@lawful("A parameter with an empty value counts as absent, except location_id.")
class EmptyIsAbsent(ClinicianApi):
    """HTML forms send an empty value for a field that is not filled in."""

    departs_from = frozenset({"LIM-08", "LIM-13", "FIL-14"})

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """Return the values that are not empty, and location_id always.

        An empty location_id must never return the unfiltered list.
        """
        given = [(name, text) for name, text in pairs if text or name == "location_id"]
        return super().single_values(given, known)


@lawful("Other methods return 404 with an error envelope.")
class OtherMethodsAreNotFound(ClinicianApi):
    """Some routers match path and method at once and return 404 if either differs."""

    departs_from = frozenset({"RO-06"})

    def method_not_allowed(self) -> Refusal:
        """Return 404 instead of 405."""
        return self.path_not_found()


@lawful("HEAD returns 405 with Allow: GET.")
class HeadIsNotOffered(ClinicianApi):
    """The router accepts only GET."""

    departs_from = frozenset({"RO-09"})
    allowed_methods = ("GET",)


@lawful("The key is checked before the method and the path.")
class KeyComesFirst(ClinicianApi):
    """Without a valid key every path and every method returns 401."""

    def answer(self, context: Context) -> Response:
        """Refuse with 401 before anything else is checked."""
        if self.authenticate(context.request.headers.get("authorization")) is None:
            raise self.unauthorized()
        return super().answer(context)


@lawful("The scheme Bearer is accepted only in this letter case.")
class OneSpellingOfBearer(ClinicianApi):
    """HTTP ignores the letter case of a scheme; this server compares it as text."""

    def read_key(self, authorization: str | None) -> str | None:
        """Return the key after ``Bearer`` and one space."""
        key = (authorization or "").removeprefix("Bearer ")
        return key if key and key != authorization else None


@lawful("WWW-Authenticate has a realm and an error.")
class NamesRealm(ClinicianApi):
    """RFC 6750, section 3 defines both attributes."""

    def unauthorized(self) -> Refusal:
        """Return 401 with another code and a longer challenge."""
        challenge = 'Bearer realm="clinician-profiles", error="invalid_token"'
        return Refusal(401, "INVALID_API_KEY", "No valid key.", {"WWW-Authenticate": challenge})


@lawful("A 404 repeats the requested id, in the same way for unknown and foreign ids.")
class EchoesId(ClinicianApi):
    """This is not a leak: the caller sent the id."""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        """Return one clinician; a 404 repeats the id."""
        try:
            return super().retrieve_profile(context, identity)
        except Refusal as refusal:
            if refusal.status == 404:
                refusal.message = f"There is no clinician profile {context.clinician_id}."
            raise
