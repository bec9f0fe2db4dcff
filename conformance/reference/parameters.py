"""The query parameters: their valid values, and what happens with invalid ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.reference.refusals import Refusals
from conformance.text.uuids import is_uuid

_INTEGER = re.compile(r"-?[0-9]+", re.ASCII)
# Longer than any bound. Python refuses to convert integers of thousands of digits.
_TOO_LONG = 19


@dataclass(slots=True)
class ListQuery:
    """The query of a list request. None stands for a filter that is not set.

    ``location_id`` is in lower case; ``search`` is the term unchanged.
    """

    limit: int
    offset: int = 0
    is_active: bool | None = None
    is_bookable_online: bool | None = None
    location_id: str | None = None
    search: str | None = None


class ParameterRules(Refusals):
    """Parses query strings. Invalid values of documented parameters are refused with 400."""

    default_limit: int = 20
    minimum_limit: int = 1
    maximum_limit: int = 100
    default_offset: int = 0
    maximum_offset: int = 2_147_483_647

    list_parameters: tuple[str, ...] = (
        "limit",
        "offset",
        "is_active",
        "is_bookable_online",
        "location_id",
        "search",
    )
    locations_parameters: tuple[str, ...] = ("limit", "offset")

    def parse(self, pairs: Sequence[tuple[str, str]], known: Sequence[str]) -> ListQuery:
        """Return the query for decoded ``pairs`` of name and text.

        :raises Refusal: (400) for an invalid value.
        """
        texts = self.single_values(pairs, known)
        query = ListQuery(self.default_limit, self.default_offset)
        if "limit" in texts:
            query.limit = self.parse_limit(texts["limit"])
        if "offset" in texts:
            query.offset = self.parse_offset(texts["offset"])
        if "is_active" in texts:
            query.is_active = self.parse_boolean("is_active", texts["is_active"])
        if "is_bookable_online" in texts:
            text = texts["is_bookable_online"]
            query.is_bookable_online = self.parse_boolean("is_bookable_online", text)
        if "location_id" in texts:
            query.location_id = self.parse_location(texts["location_id"])
        if "search" in texts:
            query.search = self.parse_search(texts["search"])
        return query

    def single_values(
        self, pairs: Sequence[tuple[str, str]], known: Sequence[str]
    ) -> dict[str, str]:
        """Return the text of each known parameter in the query string."""
        values: dict[str, list[str]] = {}
        for name, text in pairs:
            if name in known:
                values.setdefault(name, []).append(text)
            else:
                self.unknown_parameter(name, text)
        return {
            name: texts[0] if len(texts) == 1 else self.repeated_parameter(name, texts)
            for name, texts in values.items()
        }

    def unknown_parameter(self, name: str, text: str) -> None:
        """Handle a parameter that is not documented: ignore it."""

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:  # noqa: ARG002
        """Return the text to use for a repeated parameter; this server refuses it."""
        raise self.invalid_parameter(name, "given once")

    def parse_limit(self, text: str) -> int:
        """Return the largest number of records on the page."""
        limit = self.parse_integer("limit", text)
        if not self.minimum_limit <= limit <= self.maximum_limit:
            return self.limit_out_of_range(limit)
        return limit

    def limit_out_of_range(self, limit: int) -> int:  # noqa: ARG002
        """Return the limit to use for an integer out of range; this server refuses it."""
        raise self.invalid_parameter(
            "limit", f"an integer from {self.minimum_limit} to {self.maximum_limit}"
        )

    def parse_offset(self, text: str) -> int:
        """Return the number of records to skip."""
        offset = self.parse_integer("offset", text)
        if not 0 <= offset <= self.maximum_offset:
            return self.offset_out_of_range(offset)
        return offset

    def offset_out_of_range(self, offset: int) -> int:  # noqa: ARG002
        """Return the offset to use for an integer out of range; this server refuses it."""
        raise self.invalid_parameter("offset", f"an integer from 0 to {self.maximum_offset}")

    def parse_integer(self, name: str, text: str) -> int:
        """Return an integer in decimal digits, with an optional minus sign.

        An integer of more than 18 digits becomes one of 19 digits, which is out of every range.
        """
        if not _INTEGER.fullmatch(text) or text.startswith("-0"):
            return self.malformed_integer(name, text)
        sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
        digits = digits.lstrip("0") or "0"
        return sign * (10**_TOO_LONG - 1 if len(digits) >= _TOO_LONG else int(digits))

    def malformed_integer(self, name: str, text: str) -> int:  # noqa: ARG002
        """Return the number to use for a text that is not an integer; this server refuses it."""
        raise self.invalid_parameter(name, "an integer in decimal digits")

    def parse_boolean(self, name: str, text: str) -> bool | None:
        """Return the value of ``true`` or ``false``, in lower case."""
        if text not in ("true", "false"):
            return self.malformed_boolean(name, text)
        return text == "true"

    def malformed_boolean(self, name: str, text: str) -> bool | None:  # noqa: ARG002
        """Return the filter to use for any other text; this server refuses it."""
        raise self.invalid_parameter(name, "true or false")

    def parse_location(self, text: str) -> str | None:
        """Return the id of a location in lower case. The location need not exist."""
        if not self.is_uuid(text):
            return self.malformed_location(text)
        return text.lower()

    def malformed_location(self, text: str) -> str | None:  # noqa: ARG002
        """Return the location to use for a text that is not a UUID; this server refuses it."""
        raise self.invalid_parameter("location_id", "a UUID")

    def parse_search(self, text: str) -> str | None:
        """Return the term, or None for an empty one, which lists everything."""
        return text or None

    def parse_id(self, text: str) -> str:
        """Return the id in the path, in lower case."""
        if not self.is_uuid(text):
            raise self.invalid_parameter("id", "a UUID")
        return text.lower()

    def is_uuid(self, text: str) -> bool:
        """Return whether a text is a UUID with hyphens, in any letter case."""
        return is_uuid(text)
