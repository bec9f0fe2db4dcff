"""Builds one clinician from its organisation and its rank within it.

Every member derives from a SHA-256 of these two. So record 17 is the same in a directory of 20 or of
100,000 records, on every machine and with every Python version, and no member correlates with another
one or with the order of the list.
"""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from conformance.reference import words
from conformance.text.stamps import rfc3339

_FIRST_CREATED = datetime(2017, 3, 6, 9, 0, 0, tzinfo=UTC)
_STEP = timedelta(minutes=41)
# One import of 29 records in the same second, in addition to the short runs at multiples of 20.
_BULK_IMPORT = range(143, 172)


class Clinician(NamedTuple):
    """One row of the directory: the 17 members of a profile, its organisation and its locations.

    ``created_at`` and ``updated_at`` are RFC 3339 in UTC; ``location_ids`` may be empty.
    """

    organisation_id: str
    id: str
    name: str
    display_name: str | None
    first_name: str | None
    last_name: str | None
    title: str | None
    role: str | None
    email: str | None
    bio: str | None
    photo_url: str | None
    qualifications: str | None
    registration_number: str | None
    professional_registration_body: str | None
    is_active: bool
    is_bookable_online: bool
    created_at: str
    updated_at: str
    location_ids: tuple[str, ...]


class Location(NamedTuple):
    """A location of an organisation. The last one of each organisation has no clinicians."""

    id: str
    organisation_id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Organisation:
    """An organisation and the source of its records.

    ``slug`` seeds its ids, ``domain`` is the domain of its e-mail addresses. ``unusual`` maps single
    ranks to a first name, a surname and the local part of an e-mail address.
    """

    id: str
    name: str
    slug: str
    domain: str
    surnames: tuple[str, ...]
    location_names: tuple[str, ...]
    unusual: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)

    def locations(self) -> tuple[Location, ...]:
        """Return its locations in the order of ``location_names``."""
        return tuple(
            Location(uuid_of(f"{self.slug}/location/{index}"), self.id, name)
            for index, name in enumerate(self.location_names)
        )


def digest(text: str) -> bytes:
    """Return the 32 bytes that derive from ``text``."""
    return hashlib.sha256(f"clinician-profiles/{text}".encode()).digest()


def uuid_of(text: str) -> str:
    """Return a UUID that derives from ``text`` and looks random (version 4, lower case)."""
    return str(uuid.UUID(bytes=digest(text)[:16], version=4))


def clinician(organisation: Organisation, rank: int, location_ids: tuple[str, ...]) -> Clinician:
    """Return the record at position ``rank``, from 0, in the order of creation in its organisation."""
    # The id has a separate digest, so that no member correlates with the order of the ids.
    dice = digest(f"{organisation.slug}/traits/{rank}")
    first, last, local = _person(organisation, rank)
    title = None if dice[0] < 26 else words.TITLES[dice[1] % len(words.TITLES)]
    middle = _every(words.MIDDLE_NAMES, rank, 7, 3)
    nickname = _every(words.NICKNAMES, rank, 8, 5)
    # If first_name or last_name is null, `name` lacks that part too.
    first_name = None if dice[2] < 20 and rank not in organisation.unusual else first
    last_name = None if first_name and dice[3] < 18 else last
    name = " ".join(part for part in (title, first_name, middle, last_name) if part)
    called = nickname or (f"{first[0]}." if last_name else first)
    shown = " ".join(part for part in (title, called, last_name) if part)
    created, updated = _moments(rank, dice)
    body = ("GMC", "NMC", "HCPC", "GPhC")[dice[4] % 4]
    return Clinician(
        organisation_id=organisation.id,
        id=uuid_of(f"{organisation.slug}/clinician/{rank}"),
        name=name,
        display_name=None if dice[5] < 30 and not nickname else shown,
        first_name=first_name,
        last_name=last_name,
        title=title,
        role=None if dice[6] < 28 else words.ROLES[dice[7] % len(words.ROLES)],
        email=_email(organisation, rank, local, dice),
        bio=_bio(title, last_name or first, dice),
        photo_url=None if dice[10] < 90 else f"https://example.com/photos/{local}-{rank}.jpg",
        qualifications=_qualifications(rank, dice),
        registration_number=None if dice[13] < 24 else _registration(body, rank, dice),
        professional_registration_body=None if dice[14] < 24 else body,
        is_active=dice[15] >= 70,
        is_bookable_online=dice[16] >= 100,
        created_at=created,
        updated_at=updated,
        location_ids=_locations(location_ids, dice),
    )


def _person(organisation: Organisation, rank: int) -> tuple[str, str, str]:
    """Return first name, surname and a unique local part of an e-mail address."""
    if rank in organisation.unusual:
        return organisation.unusual[rank]
    surnames, given = organisation.surnames, words.GIVEN_NAMES
    pairs = len(surnames) * len(given)
    # A stride coprime to the number of pairs reaches every pair before it repeats one.
    pair = (rank * _stride(pairs) + 5) % pairs
    first, last = given[pair % len(given)], surnames[pair // len(given)]
    rounds = rank // pairs
    return first, last, f"{_plain(first)}.{_plain(last)}{rounds + 1 if rounds else ''}"


@lru_cache
def _stride(pairs: int) -> int:
    return next(step for step in range(round(pairs * 0.618), pairs) if gcd(step, pairs) == 1)


@lru_cache(maxsize=512)
def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())


def _every(choices: tuple[str, ...], rank: int, period: int, phase: int) -> str | None:
    """Return one of the choices, in turn, for every ``period``-th record, else None."""
    return choices[rank // period % len(choices)] if rank % period == phase else None


def _email(organisation: Organisation, rank: int, local: str, dice: bytes) -> str | None:
    mailbox = _every(words.MAILBOXES, rank, 9, 4)
    if mailbox:  # a shared mailbox: its word is in no name, and some contain an SQL wildcard
        number = rank // (9 * len(words.MAILBOXES))
        suffix = ("", "_rota", "%desk", ".team")[rank // 9 % 4] + (str(number) if number else "")
        return f"{mailbox}{suffix}@{organisation.domain}"
    return None if dice[8] < 30 else f"{local}@{organisation.domain}"


def _bio(title: str | None, last: str, dice: bytes) -> str | None:
    if dice[9] < 80:
        return None
    # Not the display name: a nickname must not occur in any other member.
    shown = f"{title} {last}" if title else last
    interest = words.INTERESTS[dice[11] % len(words.INTERESTS)]
    years = 2 + dice[12] % 30
    return f"{shown} has over {years} years of experience, with a special interest in {interest}."


def _qualifications(rank: int, dice: bytes) -> str | None:
    rare = _every(words.RARE_QUALIFICATIONS, rank, 31, 6)
    if dice[17] < 30 and not rare:
        return None
    return ", ".join(
        filter(None, (words.QUALIFICATIONS[dice[18] % len(words.QUALIFICATIONS)], rare))
    )


def _registration(body: str, rank: int, dice: bytes) -> str:
    """Return a number in the format of its body: digits with leading zeros, or letters and digits."""
    number = (int.from_bytes(dice[19:22], "big") + rank * 7919) % 1_000_000
    if body == "NMC":
        return f"{dice[22] % 30:02d}{'ABCDEFGHIJ'[dice[23] % 10]}{number % 10_000:04d}E"
    return {"GMC": f"{number:07d}", "HCPC": f"PH{number:06d}", "GPhC": f"2{number:06d}"}[body]


def _moments(rank: int, dice: bytes) -> tuple[str, str]:
    """Return when a record was created and last updated, to the second.

    Records 18 to 22, 38 to 42 and so on share one second. A page of 20 or 100 records then always ends
    within a run of equal timestamps, which reveals an order without a second key.
    """
    within = (rank + 2) % 20
    step = _BULK_IMPORT.start if rank in _BULK_IMPORT else rank - within if within < 5 else rank
    created = _FIRST_CREATED + max(step, 0) * _STEP
    changed = (
        timedelta(0) if dice[24] < 50 else timedelta(days=dice[25], seconds=60 + dice[26] * 211)
    )
    return rfc3339(created, "seconds"), rfc3339(created + changed, "seconds")


def _locations(location_ids: tuple[str, ...], dice: bytes) -> tuple[str, ...]:
    """Return up to three of the locations, never the last one."""
    used = location_ids[:-1]
    count = (0, 1, 1, 1, 1, 1, 2, 2, 3, 3)[dice[27] % 10]
    start = dice[28] % len(used)
    return tuple(used[(start + step) % len(used)] for step in range(min(count, len(used))))
