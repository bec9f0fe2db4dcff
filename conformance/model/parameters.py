"""Reads the query parameters of a list: one method for each decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conformance.contract.bounds import MAX_LIMIT
from conformance.http.request import Query
from conformance.model.manners import ErrorAnswer, Malformed, Manners, OutOfRange, Refused, Repeated
from conformance.text.uuids import is_uuid

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class Filters(NamedTuple):
    """The filters of a list; None for a filter that is not set. ``location_id`` is in lower case."""

    is_active: bool | None = None
    is_bookable_online: bool | None = None
    location_id: str | None = None
    search: str | None = None


@dataclass(frozen=True)
class ListQuery:
    """A list request as the target understands it; ``given`` names its known parameters."""

    limit: int
    offset: int
    filters: Filters
    given: tuple[str, ...] = ()


class ParameterDecisions:
    """What each query parameter may be, and the answer if it is not."""

    default_limit: int = 20
    minimum_limit: int = 1
    maximum_limit: int = MAX_LIMIT
    maximum_offset: int = 2**31 - 1

    manners: Manners

    def parse(self, query: Query, known: Sequence[str]) -> ListQuery:
        """Return the query that the parameters mean."""
        texts = self.single_values(query, known)
        limit = self.parse_limit(texts["limit"]) if "limit" in texts else None
        offset = self.parse_offset(texts["offset"]) if "offset" in texts else None
        filters = Filters(
            self._boolean("is_active", texts),
            self._boolean("is_bookable_online", texts),
            self.parse_location(texts["location_id"]) if "location_id" in texts else None,
            self.parse_search(texts["search"]) if "search" in texts else None,
        )
        return ListQuery(
            self.default_limit if limit is None else limit, offset or 0, filters, tuple(texts)
        )

    def _boolean(self, name: str, texts: Mapping[str, str]) -> bool | None:
        return self.parse_boolean(name, texts[name]) if name in texts else None

    def single_values(self, query: Query, known: Sequence[str]) -> dict[str, str]:
        """Return the text of each known parameter that is given."""
        values: dict[str, list[str]] = {}
        for name, value in query:
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            if name in known:
                values.setdefault(name, []).append(text)
            else:
                self.unknown_parameter(name, text)
        return {
            name: texts[0] if len(texts) == 1 else self.repeated_parameter(name, texts)
            for name, texts in values.items()
        }

    def unknown_parameter(self, name: str, text: str) -> None:  # noqa: ARG002
        """Handle a parameter that the contract does not define."""
        if self.manners.refuses_unknown_parameters:
            raise Refused(self.invalid_parameter(name))

    def repeated_parameter(self, name: str, texts: Sequence[str]) -> str:
        """Return the text in force of a parameter that occurs more than once."""
        if self.manners.repeated is Repeated.REFUSE:
            raise Refused(self.invalid_parameter(name))
        return texts[0] if self.manners.repeated is Repeated.FIRST else texts[-1]

    def parse_limit(self, text: str) -> int | None:
        """Return the limit in force, None for the default."""
        limit = self.parse_integer("limit", text)
        if limit is None:
            return None
        return self.bounded("limit", limit, self.minimum_limit, self.maximum_limit)

    def parse_offset(self, text: str) -> int | None:
        """Return the number of records to skip, None for the default."""
        offset = self.parse_integer("offset", text)
        return None if offset is None else self.bounded("offset", offset, 0, self.maximum_offset)

    def bounded(self, name: str, number: int, least: int, most: int) -> int:
        """Return the integer in force for one that may be out of range."""
        if least <= number <= most:
            return number
        side = "above" if number > most else "below"
        if getattr(self.manners, f"{name}_{side}") is OutOfRange.REFUSE:
            raise Refused(self.invalid_parameter(name))
        return most if number > most else least

    def parse_integer(self, name: str, text: str) -> int | None:
        """Return a number in decimal digits, None if it is malformed and ignored."""
        if not _INTEGER.fullmatch(text):
            self.malformed(name)
            return None
        return int(text)

    def parse_boolean(self, name: str, text: str) -> bool | None:
        """Return the value of a boolean filter."""
        if text not in ("true", "false"):
            self.malformed(name)
            return None
        return text == "true"

    def parse_location(self, text: str) -> str | None:
        """Return the id of a location in lower case."""
        if not self.is_uuid(text):
            self.malformed("location_id")
            return None
        return text.lower()

    def parse_search(self, text: str) -> str | None:
        """Return the search term, None for an empty one."""
        return text or None

    def parse_id(self, text: str) -> str:
        """Return the id in the path in lower case."""
        if not self.is_uuid(text):
            raise Refused(self.manners.invalid_id)
        return text.lower()

    def is_uuid(self, text: str) -> bool:
        """Return whether a text is a UUID with hyphens, in any letter case."""
        return is_uuid(text)

    def malformed(self, name: str) -> None:
        """Handle a value that is not of the documented type: refuse the request or ignore the parameter."""
        # An invalid location must never give the whole list.
        if self.manners.malformed is Malformed.REFUSE or name == "location_id":
            raise Refused(self.invalid_parameter(name))

    def invalid_parameter(self, name: str) -> ErrorAnswer:  # noqa: ARG002
        """Return the error response to an invalid parameter."""
        return self.manners.invalid_parameter
