"""The seed data: two organisations whose directories contain a witness for every case.

With another number of clinicians, the organisations, keys, locations and the members of each record
stay the same. ``random`` is used only for the keys, with a fixed seed.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import gcd
from typing import NamedTuple

from conformance.reference import words
from conformance.reference.people import Clinician, Location, Organisation, clinician, uuid_of

OWN_CLINICIANS = 263
OTHER_CLINICIANS = 74
SCOPES = "clinician_profiles:read locations:read"


class ApiKey(NamedTuple):
    """A key in plain text, its organisation, its scopes (separated by spaces) and whether it is revoked."""

    key: str
    organisation_id: str
    scopes: str = SCOPES
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class SeedData:
    """The data that a server starts with. ``own`` and ``other`` are the two organisations.

    ``alter`` maps each clinician to the one to store instead, as in
    ``dataclasses.replace(build(), alter=...)``.
    """

    own: Organisation
    other: Organisation
    own_key: ApiKey
    other_key: ApiKey
    unscoped_key: ApiKey
    revoked_key: ApiKey
    clinician_count: int
    other_clinician_count: int
    alter: Callable[[Clinician], Clinician] | None = None

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """Return both organisations."""
        return (self.own, self.other)

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """Return every key, including the revoked one."""
        return (self.own_key, self.other_key, self.unscoped_key, self.revoked_key)

    @property
    def locations(self) -> tuple[Location, ...]:
        """Return the locations of both organisations."""
        return (*self.own.locations(), *self.other.locations())

    def clinicians(self) -> Iterator[Clinician]:
        """Yield every clinician of both organisations in the order of insertion.

        This order deliberately differs from the order of the list, so that a list without ORDER BY
        shows.
        """
        records = chain(
            _scattered(self.other, self.other_clinician_count),
            _scattered(self.own, self.clinician_count),
        )
        return map(self.alter, records) if self.alter else records


def build(clinicians: int = OWN_CLINICIANS, other_clinicians: int = OTHER_CLINICIANS) -> SeedData:
    """Return the seed data with the given numbers of clinicians in both organisations.

    :raises ValueError: for a negative number.
    """
    if clinicians < 0 or other_clinicians < 0:
        raise ValueError("--clinicians: must be 0 or more")
    return SeedData(
        own=_OWN,
        other=_OTHER,
        own_key=ApiKey(_key("own"), _OWN.id),
        other_key=ApiKey(_key("other"), _OTHER.id),
        unscoped_key=ApiKey(_key("unscoped"), _OWN.id, scopes="locations:read"),
        revoked_key=ApiKey(_key("revoked"), _OWN.id, revoked=True),
        clinician_count=clinicians,
        other_clinician_count=other_clinicians,
    )


def _key(name: str) -> str:
    draw = random.Random(f"clinician-profiles/key/{name}")
    return "pk_test_" + "".join(draw.choices(string.ascii_letters + string.digits, k=32))


def _scattered(organisation: Organisation, count: int) -> Iterator[Clinician]:
    """Yield the record of each rank once, in strides coprime to the count."""
    stride = next((step for step in range(61, 61 + count) if gcd(step, count) == 1), 1)
    location_ids = tuple(location.id for location in organisation.locations())
    for turn in range(count):
        yield clinician(organisation, (turn * stride + 7) % count, location_ids)


_OWN = Organisation(
    id=uuid_of("own"),
    name="Harbour Street Medical Group",
    slug="own",
    domain="example.nhs.uk",
    surnames=words.SHARED_SURNAMES + words.OWN_SURNAMES,
    location_names=(
        *("Harbour Street Surgery", "Millbrook Health Centre", "Quayside Clinic"),
        *("St Anne's Practice", "The Old Dairy Branch", "Northgate Annexe"),
    ),
    # Names that the word lists do not contain: in another script, or with an accent in every part.
    unusual={
        11: ("Анна", "Кузнецова", "anna.kuznetsova"),
        46: ("小明", "王", "xiaoming.wang"),
        87: ("Ελένη", "Παπαδοπούλου", "eleni.papadopoulou"),
        120: ("Zoë", "Brontë-Núñez", "zoe.bronte-nunez"),
    },
)
_OTHER = Organisation(
    id=uuid_of("other"),
    name="Fenland Family Practice",
    slug="other",
    domain="example.org",
    surnames=words.SHARED_SURNAMES + words.OTHER_SURNAMES,
    location_names=("Fenland Main Surgery", "Drovers Lane Clinic", "Sluice House"),
)
