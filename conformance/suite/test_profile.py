"""The profile: 17 members of the right kind, in every row and every retrieve that the run has seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.suite.pages import is_list, reads
from conformance.text.uuids import is_uuid

Row = dict[str, Any]

_TIMESTAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:)(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*\.?")
_SECRETS = frozenset(
    {"password", "passwd", "passphrase", "hash", "token", "tokens", "secret", "secrets"}
)
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def records(transcript: Transcript) -> list[tuple[Exchange, str, Row]]:
    """Every profile that was seen, with the exchange and the place in it; the same again only once."""
    return transcript.derived("profiles", lambda: list(_distinct(transcript)))


def _distinct(transcript: Transcript) -> Iterator[tuple[Exchange, str, Row]]:
    seen: set[tuple[bool, str]] = set()
    for found in _profiles(transcript):
        key = (is_list(found[0]), repr(found[2]))
        if key not in seen:
            seen.add(key)
            yield found


def _profiles(transcript: Transcript) -> Iterator[tuple[Exchange, str, Row]]:
    for item in reads(transcript):
        if item.is_page and is_list(item):
            for place, row in enumerate(item.rows):
                yield item, f"data[{place}]", row
        elif item.is_record and not is_list(item):
            yield item, "data", item.member("data")


def every_record(
    transcript: Transcript,
    problem: Callable[[Row], tuple[str, str] | None],
    *,
    rows: bool = True,
    singles: bool = True,
) -> None:
    """No profile has the problem.

    :param problem: what was expected and what came, None for a profile as it should be.
    :raises Inconclusive: where no profile was seen.
    """
    judged = 0
    for exchange, place, row in records(transcript):
        if not (rows if is_list(exchange) else singles):
            continue
        judged += 1
        found = problem(row)
        if found is not None:
            expected, came = found
            raise exchange.breach(expected, came, f"{place} (id {row.get('id')})")
    if not judged:
        raise Inconclusive(
            "no profile was seen: the directory is empty" if rows else "no profile was retrieved"
        )


def of_kind(name: str, *kinds: type, null: bool) -> Callable[[Row], tuple[str, str] | None]:
    """A member has one of these JSON types; absent members are another requirement's."""
    names = {str: "a string", bool: "true or false"}
    wanted = " or ".join([*(names[kind] for kind in kinds), *(["null"] if null else [])])

    def problem(row: Row) -> tuple[str, str] | None:
        if name not in row:
            return None
        value = row[name]
        if (value is None and null) or (value is not None and type(value) in kinds):
            return None
        return f"{name} {wanted}", f"{name} {'null' if value is None else type(value).__name__}"

    return problem


def _complete(contract: Contract) -> Callable[[Row], tuple[str, str] | None]:
    def problem(row: Row) -> tuple[str, str] | None:
        missing = [name for name in contract.members if name not in row]
        return ("all 17 members", f"{', '.join(missing)} missing") if missing else None

    return problem


@requirement("OBJ-01", universal=True, depth=Depth.SMOKE)
def test_every_row_has_all_members(transcript: Transcript, contract: Contract) -> None:
    every_record(transcript, _complete(contract), singles=False)


@requirement("OBJ-02", universal=True, depth=Depth.SMOKE)
def test_every_retrieved_profile_has_all_members(
    transcript: Transcript, contract: Contract
) -> None:
    every_record(transcript, _complete(contract), rows=False)


@requirement("OBJ-03", universal=True, depth=Depth.SMOKE)
def test_id_is_a_uuid(transcript: Transcript) -> None:
    def problem(row: Row) -> tuple[str, str] | None:
        value = row.get("id")
        if "id" not in row or (isinstance(value, str) and is_uuid(value)):
            return None
        return "id a UUID", f"id {value!r}"

    every_record(transcript, problem)


@requirement("OBJ-04", universal=True, depth=Depth.SMOKE)
def test_no_two_profiles_share_an_id(transcript: Transcript, directory: Directory) -> None:
    """Two rows of one page with one id, or two profiles of one moment that differ in all but the id."""
    for page in reads(transcript):
        if not page.is_page or not is_list(page):
            continue
        seen: dict[str, Row] = {}
        for record, row in zip(page.ids, page.rows, strict=True):
            if record in seen:
                same = "the same profile" if row == seen[record] else "another profile"
                raise page.breach("ids that differ", f"id {record} twice", f"the second is {same}")
            seen[record] = row
    made = [row.get("created_at") for row in directory.rows]
    if len(made) < 2:
        raise Inconclusive("fewer than two profiles were seen")
    walked: dict[str, Row] = {}
    for page in directory.pages:
        for record, row in zip(page.ids, page.rows, strict=True):
            if record in walked and walked[record].get("created_at") != row.get("created_at"):
                raise page.breach(
                    "ids that differ", f"id {record} for two profiles made at different times"
                )
            walked.setdefault(record, row)


@requirement("OBJ-05", universal=True)
def test_name_is_a_string(transcript: Transcript) -> None:
    every_record(transcript, of_kind("name", str, null=False))


@requirement("OBJ-06", universal=True)
def test_flags_are_booleans(transcript: Transcript) -> None:
    every_record(transcript, of_kind("is_active", bool, null=False))
    every_record(transcript, of_kind("is_bookable_online", bool, null=False))


@requirement("OBJ-07", universal=True)
def test_timestamps_are_rfc_3339(transcript: Transcript) -> None:
    for name in ("created_at", "updated_at"):
        every_record(transcript, _timestamped(name))


def _timestamped(name: str) -> Callable[[Row], tuple[str, str] | None]:
    def problem(row: Row) -> tuple[str, str] | None:
        if name not in row or moment(row[name]) is not None:
            return None
        return f"{name} an RFC 3339 timestamp with a zone", f"{name} {row[name]!r}"

    return problem


def moment(value: object) -> datetime | None:
    """The moment of an RFC 3339 timestamp, None where it is none."""
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    date, time, seconds, fraction, zone = match.groups()
    # A leap second is lawful in RFC 3339, and no number of seconds in Python.
    seconds = "59" if seconds == "60" else seconds
    digits = (fraction or ".0")[1:7].ljust(6, "0")
    try:
        return datetime.fromisoformat(
            f"{date}T{time}{seconds}.{digits}{zone.upper().replace('Z', '+00:00')}"
        )
    except ValueError:
        return None


@requirement("OBJ-08", universal=True)
def test_other_members_are_strings_or_null(transcript: Transcript, contract: Contract) -> None:
    members = contract.schema("ClinicianProfile")["properties"].items()
    nullable = [name for name, member in members if member["type"] == ["string", "null"]]
    for name in nullable:
        if name == "registration_number":
            continue  # it has a requirement of its own
        every_record(transcript, of_kind(name, str, null=True))


@requirement("OBJ-09", universal=True)
def test_registration_number_is_a_string(transcript: Transcript) -> None:
    every_record(transcript, of_kind("registration_number", str, null=True))
    if not any(
        isinstance(row.get("registration_number"), str) for _, _, row in records(transcript)
    ):
        raise Inconclusive("no profile with a registration_number was seen")


@requirement("OBJ-10", universal=True)
def test_email_is_an_address(transcript: Transcript) -> None:
    def problem(row: Row) -> tuple[str, str] | None:
        value = row.get("email")
        if not isinstance(value, str) or _EMAIL.fullmatch(value):
            return None
        return "email an e-mail address", f"a string of {len(value)} characters that is none"

    every_record(transcript, problem)
    if not any(isinstance(row.get("email"), str) for _, _, row in records(transcript)):
        raise Inconclusive("no profile with an email was seen")


@requirement("OBJ-11", universal=True)
def test_photo_url_is_an_absolute_uri(transcript: Transcript) -> None:
    def problem(row: Row) -> tuple[str, str] | None:
        value = row.get("photo_url")
        if not isinstance(value, str) or _absolute(value):
            return None
        return "photo_url an absolute URI", f"a string of {len(value)} characters that is none"

    every_record(transcript, problem)
    if not any(isinstance(row.get("photo_url"), str) for _, _, row in records(transcript)):
        raise Inconclusive("no profile with a photo_url was seen")


def _absolute(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    whole = re.fullmatch(r"[^\s<>\"{}|\\^`\x00-\x1f]+", value) is not None
    return (
        whole and bool(parts.scheme) and bool(parts.netloc or parts.scheme not in ("http", "https"))
    )


@requirement("OBJ-12", universal=True)
def test_updated_is_not_before_created(transcript: Transcript) -> None:
    def problem(row: Row) -> tuple[str, str] | None:
        created, updated = moment(row.get("created_at")), moment(row.get("updated_at"))
        if created is None or updated is None or updated >= created:
            return None
        return (
            f"updated_at not before created_at ({row['created_at']})",
            f"updated_at {row['updated_at']}",
        )

    every_record(transcript, problem)


@requirement("OBJ-13", universal=True)
def test_no_member_speaks_of_a_secret(transcript: Transcript) -> None:
    def problem(row: Row) -> tuple[str, str] | None:
        names = [name for name in _names(row) if _speaks_of_a_secret(name)]
        return ("no member whose name speaks of a secret", ", ".join(names)) if names else None

    every_record(transcript, problem)


def _names(value: object) -> Iterator[str]:
    """The names of all members, however deep."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member)


def _speaks_of_a_secret(name: str) -> bool:
    """Whether one of the words of a name is that of a secret: ``passwordHash`` is, ``secretary`` is not."""
    return any(word.lower() in _SECRETS for word in _TOKEN.findall(name))
