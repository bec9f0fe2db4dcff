"""The members of profiles: what each must be, judged in every row and every retrieved profile of a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from conformance.contract.document import Contract
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Id, named
from conformance.suite.universal import is_list, reads
from conformance.text.uuids import is_uuid
from conformance.text.wording import kind_of, written

Row = dict[str, Any]

Check = Callable[[Row], tuple[str, str] | None]
"""Returns what was expected and received, None for a profile that is as it should be."""

_TIMESTAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*\.?")
_SECRETS = frozenset(
    {"password", "passwd", "passphrase", "hash", "token", "tokens", "secret", "secrets"}
)
_URI = re.compile(r"[^\s<>\"{}|\\^`\x00-\x1f]+")
_PLAIN = frozenset({str, bool, int, type(None)})
"""Types that say all of how a value is written, once it equals another one of its type."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def records(transcript: Transcript) -> list[tuple[Exchange, str, Row]]:
    """Return each different profile of a run, with an exchange that has it and its path in the body."""
    return transcript.derived("profiles", lambda: list(_distinct(transcript)))


def _distinct(transcript: Transcript) -> Iterator[tuple[Exchange, str, Row]]:
    known: set[tuple[bool, int]] = set()
    profiles = profiles_by_exchange(transcript)
    for item in reads(transcript):
        listed = is_list(item)
        if not (item.is_page if listed else item.is_record):
            continue
        for index, row in enumerate(profiles[item.number]):
            if (listed, id(row)) not in known:
                known.add((listed, id(row)))
                yield item, f"data[{index}]" if listed else "data", row


def profiles_by_exchange(transcript: Transcript) -> dict[int, list[Row]]:
    """Return number of an exchange that reads → the profiles in its response.

    Equal profiles are one object, so that what depends on a profile alone is judged once.
    """
    return transcript.derived("profiles by exchange", lambda: _by_exchange(transcript))


def _by_exchange(transcript: Transcript) -> dict[int, list[Row]]:
    known = _Known()
    found = {}
    for item in reads(transcript):
        single = [item.member("data")] if item.is_record else []
        found[item.number] = [known.first(row) for row in (item.rows if is_list(item) else single)]
    return found


class _Known:
    """Profiles that differ."""

    def __init__(self) -> None:
        self._by_id: dict[str, Row] = {}
        self._by_text: dict[str, Row] = {}

    def first(self, row: Row) -> Row:
        """Return the first row that equals this one, as JSON: 1, 1.0 and true differ."""
        identifier = row.get("id")
        if isinstance(identifier, str):
            other = self._by_id.setdefault(identifier, row)
            if other is row or _same(row, other):
                return other
        # Not one by one: a target may send any number of rows without an id, or with the same one.
        return self._by_text.setdefault(repr(row), row)


def _same(row: Row, other: Row) -> bool:
    types = list(map(type, row.values()))
    if row != other or types != list(map(type, other.values())):
        return False
    return _PLAIN.issuperset(types) or repr(row) == repr(other)


def every_record(
    transcript: Transcript,
    check: Check,
    *,
    rows: bool = True,
    singles: bool = True,
) -> None:
    """Expect that every profile passes a check.

    :param rows: judge the rows of lists.
    :param singles: judge the profiles that were retrieved.
    :raises Inconclusive: if there is no profile.
    """
    judged = 0
    for exchange, path, row in records(transcript):
        if not (rows if is_list(exchange) else singles):
            continue
        judged += 1
        problem = check(row)
        if problem is not None:
            expected, received = problem
            raise exchange.breach(expected, received, f"{path} (id {named(Id.of(row))})")
    if not judged:
        raise Inconclusive(
            "no profile was received in a list or by its id"
            if rows and singles
            else "no list with a profile was received"
            if rows
            else "no profile was retrieved"
        )


def require_value(transcript: Transcript, name: str) -> None:
    """Require a profile with a string in this member.

    :raises Inconclusive: if there is none, so that the member could not be judged.
    """
    if not any(isinstance(row.get(name), str) for _, _, row in records(transcript)):
        raise Inconclusive(f"no profile with {name} was received")


def has_members(names: Sequence[str]) -> Check:
    """Return the check that a profile has all of these members."""

    def check(row: Row) -> tuple[str, str] | None:
        missing = [name for name in names if name not in row]
        verb = "is" if len(missing) == 1 else "are"
        return (
            (f"all {len(names)} members", f"{', '.join(missing)} {verb} missing")
            if missing
            else None
        )

    return check


def of_type(name: str, *kinds: type, null: bool) -> Check:
    """Return the check that a member has one of these JSON types. A missing member passes."""
    names = {str: "a string", bool: "true or false"}
    wanted = " or ".join([*(names[kind] for kind in kinds), *(["null"] if null else [])])

    def check(row: Row) -> tuple[str, str] | None:
        if name not in row:
            return None
        value = row[name]
        if (value is None and null) or (value is not None and type(value) in kinds):
            return None
        return f"{name} {wanted}", f"{name} {'null' if value is None else kind_of(value)}"

    return check


def profile_check(contract: Contract) -> Callable[[Row], bool]:
    """Return the check that a profile has all members, each as the requirements of the profile state."""
    checks = [
        has_members(contract.members),
        id_is_uuid,
        of_type("name", str, null=False),
        *(of_type(name, bool, null=False) for name in ("is_active", "is_bookable_online")),
        *(is_timestamp(name) for name in ("created_at", "updated_at")),
        *(of_type(name, str, null=True) for name in nullable_members(contract)),
    ]
    return lambda row: all(check(row) is None for check in checks)


def nullable_members(contract: Contract) -> list[str]:
    """Return the members of a profile that are each a string or null."""
    members = contract.schema("ClinicianProfile")["properties"].items()
    return [name for name, member in members if member["type"] == ["string", "null"]]


def id_is_uuid(row: Row) -> tuple[str, str] | None:
    """Check that the id is a UUID."""
    value = row.get("id")
    if "id" not in row or (isinstance(value, str) and is_uuid(value)):
        return None
    return "id a UUID", f"id {_written(value)}"


def is_timestamp(name: str) -> Check:
    """Return the check that a member is an RFC 3339 timestamp. A missing member passes."""

    def check(row: Row) -> tuple[str, str] | None:
        if name not in row or moment(row[name]) is not None:
            return None
        return f"{name} an RFC 3339 timestamp with a zone", f"{name} {_written(row[name])}"

    return check


def _written(value: object) -> str:
    """Return a value as JSON; of an object or an array only what it is."""
    return kind_of(value) if isinstance(value, dict | list) else written(value)


def moment(value: object) -> datetime | None:
    """Return the time of an RFC 3339 timestamp, None if the value is not one."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    date, time, seconds, fraction, zone = match.groups()
    # RFC 3339 allows a leap second, datetime does not.
    seconds = "59" if seconds == "60" else seconds
    digits = (fraction or ".0")[1:7].ljust(6, "0")
    try:
        return datetime.fromisoformat(
            f"{date}T{time}{seconds}.{digits}{zone.upper().replace('Z', '+00:00')}"
        )
    except ValueError:
        return None


def updated_after_created(row: Row) -> tuple[str, str] | None:
    """Check that ``updated_at`` is not before ``created_at``."""
    created, updated = moment(row.get("created_at")), moment(row.get("updated_at"))
    if created is None or updated is None or updated >= created:
        return None
    return (
        f"updated_at not before created_at ({row['created_at']})",
        f"updated_at {row['updated_at']}",
    )


def email_is_address(row: Row) -> tuple[str, str] | None:
    """Check that the email is an address, if it is a string."""
    value = row.get("email")
    if not isinstance(value, str) or _EMAIL.fullmatch(value):
        return None
    return "email an e-mail address", f"a string of {len(value):,} characters that is not one"


def photo_url_is_absolute(row: Row) -> tuple[str, str] | None:
    """Check that the photo URL is an absolute URI, if it is a string."""
    value = row.get("photo_url")
    if not isinstance(value, str) or is_absolute_uri(value):
        return None
    return "photo_url an absolute URI", f"a string of {len(value):,} characters that is not one"


def is_absolute_uri(value: str) -> bool:
    """Return whether a text is a URI with a scheme, and with a host if the scheme is http or https."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return (
        _URI.fullmatch(value) is not None
        and bool(parts.scheme)
        and bool(parts.netloc or parts.scheme not in ("http", "https"))
    )


def names_no_secret(row: Row) -> tuple[str, str] | None:
    """Check that no member, at any depth, is named as a secret."""
    names = [name for name in _names(row) if is_secret(name)]
    return ("no member that is named as a secret", ", ".join(names)) if names else None


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member)


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Return whether a word of a name is that of a secret: ``passwordHash`` is, ``secretary`` is not."""
    return any(word.lower() in _SECRETS for word in _WORD.findall(name))


def no_id_twice(page: Exchange) -> None:
    """Expect that the ids of different profiles on a page differ. A repeated row is no second profile."""
    first: dict[str, Row] = {}
    for record, row in zip(page.ids, page.rows, strict=True):
        if first.setdefault(record, row) != row:
            raise page.breach("ids that differ", f"id {named(record)} for two different profiles")


def is_another(one: Row, two: Row) -> bool:
    """Return whether two rows with the same id are two profiles: an edit does not change ``created_at``."""
    return one.get("created_at") != two.get("created_at")


def no_id_for_two_profiles(pages: Sequence[Exchange]) -> None:
    """Expect that rows with the same id on different pages have the same ``created_at``."""
    first: dict[str, Row] = {}
    for page in pages:
        for record, row in zip(page.ids, page.rows, strict=True):
            if is_another(first.setdefault(record, row), row):
                raise page.breach(
                    "ids that differ",
                    f"id {named(record)} for two profiles with different created_at",
                )
