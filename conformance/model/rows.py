"""The rows of one organisation, as the model answers from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from conformance.model.manners import ErrorAnswer

Row = dict[str, Any]


def id_of(row: Row) -> str:
    """Return the id of a row in lower case, as ids are compared."""
    return str(row.get("id")).lower()


class ModelDirectory:
    """The profiles and locations of one organisation.

    :param rows: profiles in the order of the list.
    :param locations: ids as ``GET /locations`` lists them; None if the target has no such resource.
    :param members: location id → ids of its profiles, all in lower case.
    :param error: the response to every request with the organisation's key; None if the key is accepted.
    """

    def __init__(
        self,
        rows: Sequence[Row] = (),
        *,
        locations: Sequence[str] | None = None,
        members: Mapping[str, frozenset[str]] | None = None,
        error: ErrorAnswer | None = None,
    ) -> None:
        self.rows = list(rows)
        self.locations = locations
        self.members = dict(members or {})
        self.error = error

    @cached_property
    def ids(self) -> list[str]:
        """The ids of the profiles in lower case, in the order of the list."""
        return [id_of(row) for row in self.rows]

    @cached_property
    def by_id(self) -> dict[str, Row]:
        """Id in lower case → profile."""
        return {id_of(row): row for row in self.rows}
