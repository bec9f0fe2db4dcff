"""Servers that change certain values of a retrieved profile, or of a row that a search finds (RET-02)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from conformance.faults.pieces import RowsAfterwards
from conformance.faults.variant import fault
from conformance.reference.api import ClinicianApi
from conformance.reference.envelope import Body
from conformance.reference.parameters import ListQuery
from conformance.reference.store import Row

_NAMES = ("name", "display_name", "first_name", "last_name")


class _Changes(ClinicianApi):
    """An API that changes some texts of a retrieved profile."""

    changed: tuple[str, ...] = _NAMES

    def single_profile(self, row: Row) -> Body:
        return _with(super().single_profile(row), self.changed, self.change)

    def change(self, text: str) -> str:
        """Return the text to send."""
        raise NotImplementedError


def _with(body: Body, names: tuple[str, ...], change: Callable[[str], str]) -> Body:
    return {
        name: change(value) if name in names and isinstance(value, str) else value
        for name, value in body.items()
    }


def _in_latin_1(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")


@fault("RET-02", "A retrieved name in another script consists of question marks.")
class OtherScriptsAreLost(_Changes):
    def change(self, text: str) -> str:
        return _in_latin_1(text)


@fault("RET-02", "A retrieved `display_name` has question marks for accented letters.")
class AccentsAreLostInDisplayName(_Changes):
    changed = ("display_name",)

    def change(self, text: str) -> str:
        return text.encode("ascii", "replace").decode()


@fault("RET-02", "Retrieved names are escaped for HTML: `O&#x27;Brien`.")
class NamesAreEscapedForHtml(_Changes):
    def change(self, text: str) -> str:
        return html.escape(text)


@fault("RET-02", "A retrieved `qualifications` is cut to the 20 characters of a column.")
class QualificationsAreCut(_Changes):
    changed = ("qualifications",)

    def change(self, text: str) -> str:
        return text[:20]


@fault("RET-02", "Percent signs in a retrieved `email` are decoded.")
class AddressesAreDecoded(_Changes):
    changed = ("email",)

    def change(self, text: str) -> str:
        return unquote(text, errors="replace")


@fault("RET-02", "Rows that a search finds have question marks for letters of other scripts.")
class FoundRowsLoseOtherScripts(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:  # noqa: ARG002
        if query.search is None:
            return rows
        return [_with(row, _NAMES, _in_latin_1) for row in rows]


@fault("RET-02", "Names that a search finds have `<em>` around the words of the term.")
class MatchesAreMarked(RowsAfterwards):
    def revise(self, query: ListQuery, organisation: str, rows: list[Row]) -> list[Row]:  # noqa: ARG002
        words = "|".join(map(re.escape, self.search_words(query.search or "")))
        if not words:
            return rows
        marked = re.compile(rf"\b({words})\b", re.IGNORECASE)
        return [row | {"name": marked.sub(r"<em>\1</em>", row["name"])} for row in rows]
