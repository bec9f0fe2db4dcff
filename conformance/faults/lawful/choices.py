"""Lawful variants: other answers to what the contract leaves open about parameters, ids and methods.

A variant may leave a ``should`` of the contract: it then names that in ``departs_from``, and a
warning of it is no false alarm.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from starlette.responses import Response

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body, Context
from conformance.reference.refusals import Refusal
from conformance.reference.store import Identity


@lawful("A limit or offset out of range is brought to the nearest bound, and meta.limit names it.")
class ClampsBounds(ClinicianApi):
    """What a client asks beyond a bound, it gets as far as the bound."""

    departs_from = frozenset({"LIM-15", "LIM-16"})

    def limit_out_of_range(self, limit: int) -> int:
        """The nearest limit that is allowed."""
        return min(max(limit, self.minimum_limit), self.maximum_limit)

    def offset_out_of_range(self, offset: int) -> int:
        """The nearest offset that is allowed."""
        return min(max(offset, 0), self.maximum_offset)


@lawful("A limit out of range gives the default limit, a negative offset the first page.")
class OutOfRangeIsDefault(ClinicianApi):
    """Like a client that has not asked."""

    departs_from = frozenset({"LIM-15", "LIM-16"})

    def limit_out_of_range(self, limit: int) -> int:  # noqa: ARG002
        """The default."""
        return self.default_limit

    def offset_out_of_range(self, offset: int) -> int:
        """The default, but never the first page for a place far behind it."""
        return 0 if offset < 0 else self.maximum_offset


@lawful("An offset beyond 32 bits, even beyond 64, gives an empty page.")
class AnswersHugeOffsets(ClinicianApi):
    """Past the end is past the end, however far."""

    departs_from = frozenset({"LIM-16"})

    def offset_out_of_range(self, offset: int) -> int:
        """The largest offset for what is larger; less than 0 is refused."""
        return super().offset_out_of_range(offset) if offset < 0 else self.maximum_offset


@lawful("Invalid parameters and malformed ids are answered 422.")
class AnswersUnprocessable(ClinicianApi):
    """The status that several frameworks give to invalid input."""

    def invalid_parameter(self, name: str, expected: str) -> Refusal:
        """422 in place of 400."""
        return Refusal(422, "VALIDATION_ERROR", f"{name}: must be {expected}.")


@lawful("A malformed id is answered 404, like any id that no profile has.")
class MalformedIdIsNotFound(ClinicianApi):
    """An id that cannot be is an id that nobody has."""

    def parse_id(self, text: str) -> str:
        """The id in lower case, or 404."""
        if not self.is_uuid(text):
            raise self.profile_not_found()
        return text.lower()


@lawful("A malformed id is answered 422, invalid query parameters 400.")
class MalformedIdIsUnprocessable(ClinicianApi):
    """Path and query are checked in two places."""

    def parse_id(self, text: str) -> str:
        """The id in lower case, or 422."""
        if not self.is_uuid(text):
            raise Refusal(422, "INVALID_ID", "The id must be a UUID.")
        return text.lower()


@lawful("UUIDs are read in every notation: without hyphens, in braces, as a URN.")
class ReadsEveryUuidNotation(ClinicianApi):
    """As PostgreSQL reads them."""

    def is_uuid(self, text: str) -> bool:
        """Whether it is one in any notation."""
        try:
            uuid.UUID(text)
        except ValueError:
            return False
        return text.isascii()

    def parse_id(self, text: str) -> str:
        """The id as it is stored."""
        return str(uuid.UUID(super().parse_id(text)))

    def parse_location(self, text: str) -> str | None:
        """The id as it is stored."""
        found = super().parse_location(text)
        return found and str(uuid.UUID(found))


@lawful("A query parameter that the contract does not define is refused with 400.")
class RefusesUnknownParameters(ClinicianApi):
    """A misspelt filter is an error rather than the whole list."""

    def unknown_parameter(self, name: str, text: str) -> None:  # noqa: ARG002
        """400, without the name: it may be anything."""
        raise Refusal(400, "UNKNOWN_PARAMETER", "There is a query parameter that is not known.")


@lawful("Of a parameter that is given twice the first counts.")
class TakesFirstOfRepeated(ClinicianApi):
    """As many routers do."""

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:  # noqa: ARG002
        """The first."""
        return texts[0]


@lawful("Of a parameter that is given twice the last counts.")
class TakesLastOfRepeated(ClinicianApi):
    """As a dictionary does."""

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:  # noqa: ARG002
        """The last."""
        return texts[-1]


@lawful("A parameter in array notation, such as is_active[]=true, counts like the plain one.")
class HonoursArrayNotation(ClinicianApi):
    """As PHP and Rails write parameters."""

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """The values, brackets at the end of a name left out."""
        plain = [(re.sub(r"\[[0-9]*\]$", "", name), text) for name, text in pairs]
        return super().single_values(plain, known)


@lawful("A location_id that is empty or no UUID gives an empty list.")
class MalformedLocationFindsNothing(ClinicianApi):
    """An id that cannot be is that of no location."""

    departs_from = frozenset({"FIL-12"})

    def malformed_location(self, text: str) -> str | None:  # noqa: ARG002
        """An id that no location has."""
        return str(uuid.UUID(int=0))


@lawful("Boolean filters understand 1, 0, yes, no, on, off, t and f in any letter case.")
class LenientBooleans(ClinicianApi):
    """As several languages read booleans."""

    departs_from = frozenset({"FIL-14"})

    def malformed_boolean(self, name: str, text: str) -> bool | None:
        """What the word means, if it means anything."""
        word = text.strip().lower()
        if word in ("1", "yes", "on", "t", "y", "true"):
            return True
        if word in ("0", "no", "off", "f", "n", "false"):
            return False
        return super().malformed_boolean(name, text)


@lawful("A boolean filter whose value is neither true nor false is ignored.")
class IgnoresMalformedBooleans(ClinicianApi):
    """Like a parameter that was not given."""

    departs_from = frozenset({"FIL-14"})

    def malformed_boolean(self, name: str, text: str) -> bool | None:  # noqa: ARG002
        """No filter."""
        return None


@lawful("A limit or offset that is no integer falls to the default, and meta.limit names it.")
class MalformedNumbersAreDefault(ClinicianApi):
    """Like a parameter that was not given."""

    departs_from = frozenset({"LIM-08", "LIM-13"})

    def malformed_integer(self, name: str, text: str) -> int:  # noqa: ARG002
        """The default of the parameter."""
        return self.default_limit if name == "limit" else self.default_offset


@lawful("Integers are read as Python reads them: with a plus, spaces around, underscores within.")
class LenientIntegers(ClinicianApi):
    """What reads as a number is one."""

    departs_from = frozenset({"LIM-08", "LIM-13"})

    def malformed_integer(self, name: str, text: str) -> int:
        """The number behind the decoration, or a refusal."""
        try:
            return int(text) if len(text) < 19 else super().malformed_integer(name, text)
        except ValueError:
            return super().malformed_integer(name, text)


@lawful("A parameter with an empty value is absent, location_id apart.")
class EmptyIsAbsent(ClinicianApi):
    """As forms send what was not filled in."""

    departs_from = frozenset({"LIM-08", "LIM-13", "FIL-14"})

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """The values that are not empty; an empty location must never give the whole list."""
        given = [(name, text) for name, text in pairs if text or name == "location_id"]
        return super().single_values(given, known)


@lawful("Other methods are answered 404 with an error envelope.")
class OtherMethodsAreNotFound(ClinicianApi):
    """A route is a path with its method; this one is not there."""

    departs_from = frozenset({"RO-06"})

    def method_not_allowed(self) -> Refusal:
        """404 in place of 405."""
        return self.path_not_found()


@lawful("HEAD is answered 405, with Allow: GET.")
class HeadIsNotOffered(ClinicianApi):
    """A router that knows GET alone."""

    departs_from = frozenset({"RO-09"})
    allowed_methods = ("GET",)


@lawful("The key is asked for before the method and the path.")
class KeyComesFirst(ClinicianApi):
    """Without a valid key there is nothing but 401, wherever one asks."""

    def answer(self, context: Context) -> Response:
        """401 before anything else is looked at."""
        if self.authenticate(context.request.headers.get("authorization")) is None:
            raise self.unauthorized()
        return super().answer(context)


@lawful("Only the scheme exactly as documented, Bearer, is accepted.")
class OneSpellingOfBearer(ClinicianApi):
    """A comparison of text where the standard has none."""

    def read_key(self, authorization: str | None) -> str | None:
        """The key behind ``Bearer`` and one space."""
        key = (authorization or "").removeprefix("Bearer ")
        return key if key and key != authorization else None


@lawful("WWW-Authenticate names a realm and the error.")
class NamesRealm(ClinicianApi):
    """As RFC 6750 has it."""

    def unauthorized(self) -> Refusal:
        """401 with another code and a longer challenge."""
        challenge = 'Bearer realm="clinician-profiles", error="invalid_token"'
        return Refusal(401, "INVALID_API_KEY", "No valid key.", {"WWW-Authenticate": challenge})


@lawful("A 404 repeats the id that was asked for, the same way for unknown and foreign ids.")
class EchoesId(ClinicianApi):
    """Helpful, and no leak: the caller has sent it."""

    def retrieve_profile(self, context: Context, identity: Identity) -> Body:
        """One clinician, or a 404 that names the id."""
        try:
            return super().retrieve_profile(context, identity)
        except Refusal as refusal:
            if refusal.status == 404:
                refusal.message = f"There is no clinician profile {context.clinician_id}."
            raise
