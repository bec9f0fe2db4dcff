"""Clinicians of two organisations in two shapes, as lines of COPY. No record is in the embedded data."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

OWN_KEY, OTHER_KEY = "pk_live_Kd83mWq0ZtYx51LbVr", "pk_live_p9TnB47hXcRe2GsUaJ"

_START = datetime(2021, 2, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """What the data look like. Sizes are numbers of clinicians."""

    own: int
    other: int
    given: Sequence[str]
    family: Sequence[str]
    locations: int
    active: float = 0.7
    bookable: float = 0.5
    filled: float = 0.85
    together: int = 25
    """So many clinicians have the same ``created_at``, as after an import."""


SURGERY = Shape(
    own=240,
    other=66,
    given=(
        "Amelia",
        "Oliver",
        "Siân",
        "Rhys",
        "Kwame",
        "Fatima",
        "Zofia",
        "Jürgen",
        "Niamh",
        "Tariq",
        "Chiara",
        "Anna-Lena",
        "Wanjiru",
        "Xin",
    ),
    family=(
        "Baker",
        "Cohen",
        "Hughes",
        "Okafor",
        "O'Brien",
        "Rahman",
        "Fernández",
        "Lloyd-Davies",
        "Schröder",
        "Mbeki",
        "D'Souza",
    ),
    locations=3,
)

HOSPITAL = Shape(
    own=1130,
    other=9,
    given=(
        "Ольга",
        "Иван",
        "Mary",
        "Peter",
        "Θεοδώρα",
        "丽",
        "Yūki",
        "Ahmed",
        "Siobhán",
        "José",
        "Nia",
        "Tom",
        "Eleanor",
    ),
    family=(
        "Ivanova",
        "Нестерова",
        "Παππάς",
        "陳",
        "Tanaka",
        "Farouk",
        "Ní-Bhriain",
        "Ortega",
        "Rees",
        "Fox",
        "Marchbanks",
        "Quill",
    ),
    locations=11,
    active=0.97,
    bookable=0.08,
    filled=0.35,
    together=1,
)

ROLES = ("GP Partner", "Salaried GP", "Locum", "Practice Nurse", "Paramedic")
BIOS = ("Special interest in cardiology.", "Teaches medical students.", "Runs the diabetes clinic.")

NICKNAMES = ("Bobbie", "Scout", "Maxi", "Pip")

Line = Sequence[str | bool | None]


@dataclass(frozen=True)
class Tables:
    """The content of the tables, each a list of lines."""

    organizations: list[Line]
    api_keys: list[Line]
    locations: list[Line]
    clinicians: list[Line]
    clinician_locations: list[Line]

    def script(self) -> Iterator[str]:
        """Yield the lines of a psql script that fills the tables."""
        for name, lines in vars(self).items():
            yield f"COPY {name} FROM STDIN;"
            yield from ("\t".join(map(_field, line)) for line in lines)
            yield "\\."


def _field(value: str | bool | None) -> str:
    if value is None:
        return "\\N"
    return ("f", "t")[value] if isinstance(value, bool) else value.replace("\\", "\\\\")


def tables(shape: Shape) -> Tables:
    """Return the tables for a shape, the same each time."""
    draw = random.Random(f"second stack {shape.own}")
    result = Tables([], [], [], [], [])
    for key, count in ((OWN_KEY, shape.own), (OTHER_KEY, shape.other)):
        organization = _uuid(draw)
        result.organizations.append((organization, f"Organisation of {count}"))
        digest = hashlib.sha256(key.encode()).hexdigest()
        result.api_keys.append((f"\\x{digest}", organization, None))
        places = [_uuid(draw) for _ in range(shape.locations)]
        result.locations.extend(
            (place, organization, f"Site {number}") for number, place in enumerate(places)
        )
        for number in range(count):
            person = _clinician(shape, draw, number)
            result.clinicians.append((person[0], organization, *person[1:]))
            result.clinician_locations.extend(
                (person[0], place, organization)
                for place in draw.sample(places, min(len(places), draw.choice((0, 1, 1, 2))))
            )
    return result


def _clinician(shape: Shape, draw: random.Random, number: int) -> list[str | bool | None]:
    """Return the columns of one clinician without its organisation, in the order of the table."""

    def perhaps(value: str) -> str | None:
        return value if draw.random() < shape.filled else None

    record = _uuid(draw)
    given, family = draw.choice(shape.given), draw.choice(shape.family)
    created = _START + number // shape.together * timedelta(hours=7, microseconds=1001)
    updated = created + timedelta(days=draw.choice((0, 0, 3, 90)))
    familiar = draw.random() < 0.1
    shown = f"{draw.choice(NICKNAMES)} {family}" if familiar else f"Dr {given[0]} {family}"
    return [
        record,
        f"{given} {family}",
        perhaps(shown),
        perhaps(given),
        family,
        perhaps("Dr"),
        perhaps(draw.choice(ROLES)),
        perhaps(f"clinician{number}@{'surgery' if shape.own < 1000 else 'hospital'}.example"),
        perhaps(draw.choice(BIOS)),
        perhaps(f"https://images.example/{record}.png"),
        perhaps("MBBS"),
        perhaps(f"{draw.randrange(10**7):07}"),
        perhaps("GMC"),
        draw.random() < shape.active,
        draw.random() < shape.bookable,
        created.isoformat(),
        updated.isoformat(),
    ]


def _uuid(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))
