"""How a value of a profile can be damaged: what one value is in relation to the right one."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from conformance.model.rows import Row

MISSING: Any = object()
"""Stands for a member that a row does not have."""

BOOLEANS = frozenset({"is_active", "is_bookable_online"})
TIMES = frozenset({"created_at", "updated_at"})
MEMBERS = (
    "id", "name", "title", "first_name", "last_name", "display_name", "email", "role", "bio",
    "photo_url", "qualifications", "registration_number", "professional_registration_body", "is_active",
    "is_bookable_online", "created_at", "updated_at",
)  # fmt: skip
_NEVER_NULL = frozenset({"id", "name", *BOOLEANS, *TIMES})
_ZONE = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)$")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?")
_PREFIXED = re.compile(r"[\w-]*[0-9a-f]{8}-[0-9a-f]{4}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]+\.\w+(/|$)")


def misformed(name: str, value: Any) -> str:
    """Return what is wrong with a value in itself, as the end of a clause; empty if nothing is."""
    if value is MISSING:
        return "is missing"
    if value is None:
        return "is null" if name in _NEVER_NULL else ""
    if name in BOOLEANS:
        return _boolean(value)
    if not isinstance(value, str):
        return f"is {_kind(value)} instead of {'null' if value is False else 'a string'}"
    if name == "id":
        return _id(value)
    if name in TIMES:
        return _time(value)
    return _text(name, value)


def _boolean(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    if type(value) is int and value in (0, 1):
        return "is 0 or 1 instead of a boolean"
    return f"is {_kind(value)} instead of a boolean"


def _id(value: str) -> str:
    if _UUID.fullmatch(value):
        return ""
    return "has a prefix in front of its UUID" if _PREFIXED.match(value) else "is not a UUID"


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        return "is not an RFC 3339 timestamp"
    if not _ZONE.search(value):
        return "has no time zone"
    return "is a time of 1970" if value.startswith("1970-01-01") else ""


def _text(name: str, value: str) -> str:
    if name == "email":
        if not value:
            return "is an empty string instead of null"
        return "" if "@" in value else "is not an address"
    if name == "photo_url" and not re.match(r"[a-zA-Z][\w+.-]*:", value):
        if value.startswith("//") or _HOST.match(value):
            return "has no scheme"
        return "is an empty string instead of null" if not value else "is not an absolute URI"
    return ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    kinds = {
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return kinds.get(type(value), "null")


def damaged(name: str, right: Any, shown: Any, row: Row) -> str:
    """Return how a value differs from the right one, as the end of a clause; empty if that cannot be said.

    :param row: the profile with its right values.
    """
    if right is None:
        if shown == "":
            return "is an empty string instead of null"
        return _copied(name, shown, row, " instead of null")
    if shown is None:
        return "is null instead of its value"
    if isinstance(right, bool) and isinstance(shown, bool):
        return f"is {str(shown).lower()} instead of {str(right).lower()}"
    if not isinstance(right, str) or not isinstance(shown, str):
        return ""
    if name in TIMES and (found := _moved(right, shown)):
        return found
    return _copied(name, shown, row, "") or _changed(right, shown)


def _copied(name: str, shown: Any, row: Row, rest: str) -> str:
    if isinstance(shown, str) and len(shown) > 1:
        for other in MEMBERS:
            if other != name and row.get(other) == shown:
                return f"has the value of `{other}`{rest}"
    return ""


def _changed(right: str, shown: str) -> str:
    asked = sum(char == "?" for char in shown) > sum(char == "?" for char in right)
    tests = (
        (shown == "", "is an empty string instead of its value"),
        (shown == right.lstrip("0"), "lacks its leading zeros"),
        (shown.rstrip() == right, "ends with a blank"),
        (shown.strip() == right, "has blanks around it"),
        (right.strip() == shown, "lacks blanks at its ends"),
        (html.unescape(shown) == right, "is escaped for HTML"),
        (_TAGS.sub("", shown) == right, "has tags of HTML around a part of it"),
        (unquote(right) == shown, "has its percent signs decoded"),
        (json.dumps(right)[1:-1] == shown, "is escaped for JSON twice"),
        (asked and len(shown) == len(right), "has question marks in place of letters beyond ASCII"),
        (_bare(right) == shown, "lacks its accents"),
        (_mojibake(right) == shown, "is decoded in another character set"),
        (shown == right.lower(), "is in lower case"),
        (shown == right.upper(), "is in upper case"),
        (len(shown) >= 5 and right.startswith(shown.rstrip(".… ")), "is cut"),
        (right.endswith(shown), "lacks its beginning"),
    )
    return next((text for holds, text in tests if holds), "")


_TAGS = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))


def _mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def instant(text: Any) -> datetime | None:
    """Return the instant of a timestamp with a zone, None if it is none."""
    if not isinstance(text, str) or not _ZONE.search(text):
        return None
    try:
        return datetime.fromisoformat(text.replace("z", "Z"))
    except ValueError:
        return None


def _moved(right: str, shown: str) -> str:
    a, b = instant(right), instant(shown)
    if a is None or b is None:
        return ""
    if a.replace(tzinfo=None) == b.replace(tzinfo=None):
        return "has another zone with the same digits"
    seconds = abs((a - b).total_seconds())
    if seconds and seconds % 900 == 0 and seconds <= 50_400:
        return "is in another time zone than its label says"
    return "has another fraction of a second" if seconds < 1 else ""


def equal(name: str, one: Any, other: Any) -> bool:
    """Return whether two values of a member are equal: timestamps as instants."""
    if type(one) is type(other) and one == other:
        return True
    if name not in TIMES:
        return False
    a, b = instant(one), instant(other)
    return a is not None and a == b


def places(rows: Mapping[str, Row]) -> dict[str, frozenset[str]]:
    """Return id → what is true of each profile, for conditions."""
    found = {}
    for record, row in rows.items():
        literals = [
            f"the profile's `{name}` is {str(row[name]).lower()}"
            for name in sorted(BOOLEANS)
            if isinstance(row.get(name), bool)
        ]
        literals += [
            f"the profile's `{name}` is null" for name in MEMBERS if row.get(name, "") is None
        ]
        if row.get("created_at") == row.get("updated_at"):
            literals.append("the profile was never updated")
        found[record] = frozenset(literals)
    return found
