"""Lawful variants: the correct server on directories of other sizes and with other people in them."""

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
    """What makes the usual seed data with every clinician changed."""
    return lambda: replace(build(), alter=alter)


def choice(person: Clinician, choices: int) -> int:
    """A number below ``choices`` that is the person's own and goes with nothing else."""
    return int.from_bytes(digest(f"lawful/{person.id}")[:4], "big") % choices


@lawful("The organisation has no clinicians.", data=partial(build, 0))
class NoClinicians(ClinicianApi):
    """A new customer."""


@lawful("The organisation has one clinician.", data=partial(build, 1))
class OneClinician(ClinicianApi):
    """A practice of one."""


@lawful("The organisation has 7 clinicians.", data=partial(build, 7))
class SevenClinicians(ClinicianApi):
    """Less than a page."""


@lawful("The organisation has 20 clinicians.", data=partial(build, 20))
class TwentyClinicians(ClinicianApi):
    """Exactly a page of the default size."""


@lawful("The organisation has 100 clinicians.", data=partial(build, 100))
class HundredClinicians(ClinicianApi):
    """Exactly the largest page."""


@lawful("The organisation has 101 clinicians.", data=partial(build, 101))
class HundredAndOneClinicians(ClinicianApi):
    """One more than the largest page."""


@lawful("The organisation has 1,430 clinicians.", data=partial(build, 1430))
class ManyClinicians(ClinicianApi):
    """A large group."""


@lawful("The other organisation has no clinicians.", data=partial(build, other_clinicians=0))
class EmptyOtherOrganisation(ClinicianApi):
    """Nothing foreign to ask for."""


@lawful("The other organisation has one clinician.", data=partial(build, other_clinicians=1))
class SmallOtherOrganisation(ClinicianApi):
    """One foreign id, and hardly a word."""


def _active(person: Clinician) -> Clinician:
    return person._replace(is_active=True)


@lawful("All clinicians are active.", data=altered(_active))
class AllActive(ClinicianApi):
    """A filter that leaves everybody."""


def _inactive(person: Clinician) -> Clinician:
    return person._replace(is_active=False)


NOBODY_ACTIVE = altered(_inactive)


@lawful("No clinician is active.", data=NOBODY_ACTIVE)
class NobodyActive(ClinicianApi):
    """A filter that leaves nobody."""


def _unbookable(person: Clinician) -> Clinician:
    return person._replace(is_bookable_online=False)


@lawful("No clinician can be booked online.", data=altered(_unbookable))
class NobodyBookable(ClinicianApi):
    """The flag was never switched on."""


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


@lawful("Every member that may be null is null.", data=altered(_null))
class EverythingNull(ClinicianApi):
    """Names, ids, flags and times, and nothing else."""


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
    """Nobody works anywhere."""


@lawful("The organisations have locations, and nobody is at one.", data=altered(_nowhere))
class NobodyAnywhere(ClinicianApi):
    """Rooms without people."""


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
    """Cyrillic, Chinese, Greek, Arabic, Hebrew, Devanagari."""


def _tagged(person: Clinician) -> Clinician:
    local, _, domain = (person.email or f"desk{choice(person, 10**6)}@example.org").partition("@")
    tag = ("+rota", "%desk", "_on+call")[choice(person, 3)]
    return person._replace(email=f"{local}{tag}@{domain}")


@lawful("Every e-mail address has a plus or a percent sign.", data=altered(_tagged))
class TaggedAddresses(ClinicianApi):
    """Signs that mean something in a URL and in LIKE."""


def _version_7(person: Clinician) -> Clinician:
    # The time in milliseconds, the version, chance, the variant, chance.
    noise = int.from_bytes(digest(person.id)[:10], "big")
    moment = 0x0190_0000_0000 + choice(person, 5)  # few moments, so that many ids start alike
    number = moment << 80 | 7 << 76 | (noise >> 62 & 0xFFF) << 64 | 2 << 62 | noise & (1 << 62) - 1
    return person._replace(id=str(uuid.UUID(int=number)))


@lawful("Ids are UUIDs of version 7.", data=altered(_version_7))
class TimeOrderedIds(ClinicianApi):
    """They start with a time, so that many share their first digits."""


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
    """Test data, made by a loop."""


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
    "Biographies hold markup, SQL, a stack trace, control characters and emoji.",
    data=altered(_awkward),
)
class AwkwardTexts(ClinicianApi):
    """What people type is data, whatever it looks like."""
