"""One clinician, made from nothing but its organisation and its rank within it.

Every trait follows from a SHA-256 of that place, so that record 17 is the same whether 20 or
100,000 are asked for, on every machine and every Python, and no trait goes with another or with the
order of the list.
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
# One import of 29 records in the same second, besides the short runs at every multiple of 20.
_BULK_IMPORT = range(143, 172)


class Clinician(NamedTuple):
    """One row of the directory: the 17 members of a profile, and where it belongs.

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
    """A place of an organisation. The last one of each organisation has no clinicians."""

    id: str
    organisation_id: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Organisation:
    """An organisation and what its records are made from.

    ``slug`` seeds its ids, ``domain`` ends its e-mail addresses, ``unusual`` gives first name,
    surname and local part of an address for single ranks.
    """

    id: str
    name: str
    slug: str
    domain: str
    surnames: tuple[str, ...]
    location_names: tuple[str, ...]
    unusual: Mapping[int, tuple[str, str, str]] = field(default_factory=dict)

    def locations(self) -> tuple[Location, ...]:
        """Its locations in the order of ``location_names``."""
        return tuple(
            Location(uuid_of(f"{self.slug}/location/{index}"), self.id, name)
            for index, name in enumerate(self.location_names)
        )


def digest(text: str) -> bytes:
    """The 32 bytes that stand for ``text``."""
    return hashlib.sha256(f"clinician-profiles/{text}".encode()).digest()


def uuid_of(text: str) -> str:
    """A UUID that follows from ``text`` and looks like any random one (version 4, lower case)."""
    return str(uuid.UUID(bytes=digest(text)[:16], version=4))


def clinician(organisation: Organisation, rank: int, location_ids: tuple[str, ...]) -> Clinician:
    """The record that was the ``rank``-th (from 0) to be created in its organisation."""
    # The id comes from a digest of its own, so that no trait goes with the order of the ids.
    dice = digest(f"{organisation.slug}/traits/{rank}")
    first, last, local = _person(organisation, rank)
    title = None if dice[0] < 26 else words.TITLES[dice[1] % len(words.TITLES)]
    middle = _every(words.MIDDLE_NAMES, rank, 7, 3)
    nickname = _every(words.NICKNAMES, rank, 8, 5)
    # A profile may lack one part of the name in its own member: `name` then lacks it too.
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
        location_ids=_places(location_ids, dice),
    )


def _person(organisation: Organisation, rank: int) -> tuple[str, str, str]:
    """First name, surname and the local part of an address, which no other record has."""
    if rank in organisation.unusual:
        return organisation.unusual[rank]
    surnames, given = organisation.surnames, words.GIVEN_NAMES
    pairs = len(surnames) * len(given)
    # A stride that shares no factor with the number of pairs meets each pair once before any twice.
    pair = (rank * _stride(pairs) + 5) % pairs
    first, last = given[pair % len(given)], surnames[pair // len(given)]
    again = rank // pairs
    return first, last, f"{_plain(first)}.{_plain(last)}{again + 1 if again else ''}"


@lru_cache
def _stride(pairs: int) -> int:
    return next(step for step in range(round(pairs * 0.618), pairs) if gcd(step, pairs) == 1)


@lru_cache(maxsize=512)
def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())


def _every(choices: tuple[str, ...], rank: int, period: int, phase: int) -> str | None:
    """One of the choices for each ``period``-th record, in turn, else None."""
    return choices[rank // period % len(choices)] if rank % period == phase else None


def _email(organisation: Organisation, rank: int, local: str, dice: bytes) -> str | None:
    mailbox = _every(words.MAILBOXES, rank, 9, 4)
    if mailbox:  # a shared mailbox: its word is in no name, and some hold a wildcard of SQL
        number = rank // (9 * len(words.MAILBOXES))
        suffix = ("", "_rota", "%desk", ".team")[rank // 9 % 4] + (str(number) if number else "")
        return f"{mailbox}{suffix}@{organisation.domain}"
    return None if dice[8] < 30 else f"{local}@{organisation.domain}"


def _bio(title: str | None, last: str, dice: bytes) -> str | None:
    if dice[9] < 80:
        return None
    # Not the display name: a nickname is to occur in that member and in no other.
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
    """In the form of its body: digits alone (with leading zeros), or letters around digits."""
    number = (int.from_bytes(dice[19:22], "big") + rank * 7919) % 1_000_000
    if body == "NMC":
        return f"{dice[22] % 30:02d}{'ABCDEFGHIJ'[dice[23] % 10]}{number % 10_000:04d}E"
    return {"GMC": f"{number:07d}", "HCPC": f"PH{number:06d}", "GPhC": f"2{number:06d}"}[body]


def _moments(rank: int, dice: bytes) -> tuple[str, str]:
    """When it was created and last updated, to the second.

    Records 18 to 22, 38 to 42 and so on share one second, so that a page of 20 or of 100 always
    ends within a run of equal timestamps: an order that has no second key then shows.
    """
    within = (rank + 2) % 20
    place = _BULK_IMPORT.start if rank in _BULK_IMPORT else rank - within if within < 5 else rank
    created = _FIRST_CREATED + max(place, 0) * _STEP
    changed = (
        timedelta(0) if dice[24] < 50 else timedelta(days=dice[25], seconds=60 + dice[26] * 211)
    )
    return rfc3339(created, "seconds"), rfc3339(created + changed, "seconds")


def _places(location_ids: tuple[str, ...], dice: bytes) -> tuple[str, ...]:
    """None, one, two or three of the locations, never the last one."""
    used = location_ids[:-1]
    many = (0, 1, 1, 1, 1, 1, 2, 2, 3, 3)[dice[27] % 10]
    start = dice[28] % len(used)
    return tuple(used[(start + step) % len(used)] for step in range(min(many, len(used))))
