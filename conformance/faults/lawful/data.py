"""Lawful variants: the correct server with directories of other sizes and other contents."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial

from conformance.faults.variant import lawful
from conformance.reference.api import ClinicianApi
from conformance.reference.people import Clinician, Location, digest
from conformance.reference.seed import SeedData, build


def altered(alter: Callable[[Clinician], Clinician]) -> Callable[[], SeedData]:
    """Return a function that builds the seed data with ``alter`` applied to every clinician."""
    return lambda: replace(build(), alter=alter)


def choice(person: Clinician, choices: int) -> int:
    """Return a number below ``choices`` that depends only on the clinician's id."""
    return int.from_bytes(digest(f"lawful/{person.id}")[:4], "big") % choices


@lawful("The organisation has no clinicians.", data=partial(build, 0))
class NoClinicians(ClinicianApi):
    """A new customer has an empty directory."""


@lawful("The organisation has one clinician.", data=partial(build, 1))
class OneClinician(ClinicianApi):
    """The smallest directory that is not empty."""


@lawful("The organisation has 7 clinicians.", data=partial(build, 7))
class SevenClinicians(ClinicianApi):
    """The directory is smaller than a page of the default size."""


@lawful("The organisation has 20 clinicians.", data=partial(build, 20))
class TwentyClinicians(ClinicianApi):
    """The directory fills exactly one page of the default size."""


@lawful("The organisation has 100 clinicians.", data=partial(build, 100))
class HundredClinicians(ClinicianApi):
    """The directory fills exactly one page of the largest size."""


@lawful("The organisation has 101 clinicians.", data=partial(build, 101))
class HundredAndOneClinicians(ClinicianApi):
    """The directory has one record more than the largest page holds."""


@lawful("The organisation has 1,430 clinicians.", data=partial(build, 1430))
class ManyClinicians(ClinicianApi):
    """The directory of a large group."""


@lawful("The other organisation has no clinicians.", data=partial(build, other_clinicians=0))
class EmptyOtherOrganisation(ClinicianApi):
    """There is no foreign id to request."""


@lawful("The other organisation has one clinician.", data=partial(build, other_clinicians=1))
class SmallOtherOrganisation(ClinicianApi):
    """There is one foreign id, and few foreign words to search for."""


def _active(person: Clinician) -> Clinician:
    return person._replace(is_active=True)


@lawful("All clinicians are active.", data=altered(_active))
class AllActive(ClinicianApi):
    """The filter is_active=true matches every profile, is_active=false none."""


def _inactive(person: Clinician) -> Clinician:
    return person._replace(is_active=False)


NOBODY_ACTIVE = altered(_inactive)


@lawful("No clinician is active.", data=NOBODY_ACTIVE)
class NobodyActive(ClinicianApi):
    """The filter is_active=true matches no profile, is_active=false every one."""


def _unbookable(person: Clinician) -> Clinician:
    return person._replace(is_bookable_online=False)


@lawful("No clinician can be booked online.", data=altered(_unbookable))
class NobodyBookable(ClinicianApi):
    """The organisation does not use online booking."""


def _null(person: Clinician) -> Clinician:
    return person._replace(
        display_name=None,
        first_name=None,
        last_name=None,
        title=None,
        role=None,
        email=None,
        bio=None,
        photo_url=None,
        qualifications=None,
        registration_number=None,
        professional_registration_body=None,
    )


@lawful("Every nullable member is null.", data=altered(_null))
class EverythingNull(ClinicianApi):
    """Only ids, names, flags and timestamps have values."""


def _nowhere(person: Clinician) -> Clinician:
    return person._replace(location_ids=())


@dataclass(frozen=True, slots=True)
class _WithoutLocations(SeedData):
    @property
    def locations(self) -> tuple[Location, ...]:
        return ()


def _without_locations() -> SeedData:
    plain = replace(build(), alter=_nowhere)
    return _WithoutLocations(**{item.name: getattr(plain, item.name) for item in fields(plain)})


@lawful("The organisations have no locations.", data=_without_locations)
class NoLocations(ClinicianApi):
    """An organisation need not use locations."""


@lawful("The organisations have locations, but no clinician has one.", data=altered(_nowhere))
class NobodyAnywhere(ClinicianApi):
    """The filter location_id matches no profile."""


_SCRIPTS = (
    ("Доктор", "Анна", "Кузнецова"),
    ("医生", "小明", "王"),
    ("Ιατρός", "Ελένη", "Παπαδοπούλου"),
    ("طبيب", "فاطمة", "الحسيني"),
    ("ד״ר", "שרה", "לוי"),
    ("डॉक्टर", "प्रिया", "शर्मा"),
    ("Дәрігер", "Айгүл", "Нұрланова"),
)


def _in_another_script(person: Clinician) -> Clinician:
    title, first, last = _SCRIPTS[choice(person, len(_SCRIPTS))]
    return person._replace(
        name=f"{title} {first} {last}",
        display_name=f"{first} {last}",
        first_name=first,
        last_name=last,
        title=title,
        bio=None if person.bio is None else f"{first} {last}.",
    )


@lawful("All names are in scripts other than Latin.", data=altered(_in_another_script))
class NoLatinNames(ClinicianApi):
    """The names are in Cyrillic, Chinese, Greek, Arabic, Hebrew and Devanagari."""


def _tagged(person: Clinician) -> Clinician:
    local, _, domain = (person.email or f"desk{choice(person, 10**6)}@example.org").partition("@")
    tag = ("+rota", "%desk", "_on+call")[choice(person, 3)]
    return person._replace(email=f"{local}{tag}@{domain}")


@lawful("Every e-mail address has a plus or a percent sign.", data=altered(_tagged))
class TaggedAddresses(ClinicianApi):
    """A plus sign and a percent sign have a meaning in URLs and in SQL LIKE."""


def _version_7(person: Clinician) -> Clinician:
    # RFC 9562: 48 bits of milliseconds, the version, 12 random bits, the variant, 62 random bits.
    noise = int.from_bytes(digest(person.id)[:10], "big")
    moment = 0x0190_0000_0000 + choice(person, 5)  # few moments, so that many ids share a prefix
    number = moment << 80 | 7 << 76 | (noise >> 62 & 0xFFF) << 64 | 2 << 62 | noise & (1 << 62) - 1
    return person._replace(id=str(uuid.UUID(int=number)))


@lawful("Ids are UUIDs of version 7.", data=altered(_version_7))
class TimeOrderedIds(ClinicianApi):
    """They start with a timestamp, so that many ids share their first digits."""


def _alike(person: Clinician) -> Clinician:
    moment = "2024-01-10T09:00:00Z"
    return person._replace(
        name="Dr Sarah Johnson",
        display_name="Dr S. Johnson",
        created_at=moment,
        updated_at=moment,
    )


@lawful("All clinicians have the same name and the same timestamps.", data=altered(_alike))
class AllAlike(ClinicianApi):
    """Test data that a script created in one second."""


_BIOGRAPHIES = (
    'Traceback (most recent call last):\n  File "/srv/app/main.py", line 3',
    "SELECT name FROM clinicians WHERE id = 1; -- ORA-00942, psycopg2.errors",
    "<script>alert('x')</script> & \"quotes\" \\ \u202e \u2028 \U0001f9d1\u200d\u2695\ufe0f",
    "Reads NaN and Infinity. " * 200,
)


def _awkward(person: Clinician) -> Clinician:
    return person._replace(
        bio=_BIOGRAPHIES[choice(person, len(_BIOGRAPHIES))],
        name=f"{person.name} \U0001f489" if choice(person, 5) == 0 else person.name,
        role='"Locum"\t<GP>' if choice(person, 3) == 0 else person.role,
        qualifications="C:\\Users\\db01.internal" if choice(person, 7) else person.qualifications,
    )


@lawful(
    "Biographies contain markup, SQL, a stack trace, control characters and emoji.",
    data=altered(_awkward),
)
class AwkwardTexts(ClinicianApi):
    """Text that a user entered is data, whatever it looks like."""


@lawful(
    "A run is given the ids of two own profiles.",
    known=("5230AB4F-EAA9-424C-B88E-B9E033979FC8", "0f9df3fb-ba8b-4391-9860-b0a68ffbbaab"),
)
class KnownProfiles(ClinicianApi):
    """Both are listed and can be retrieved; the letter case of an id does not matter."""
