"""Reads the names and dates of a certificate from its DER encoding.

The standard library shows them only for certificates that it has verified; the doctor needs them for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_COMMON_NAME = bytes.fromhex("550403")
_ORGANISATION = bytes.fromhex("55040a")
_VERSION = 0xA0
_UTC_TIME = 0x17


@dataclass(frozen=True)
class Certificate:
    """The names of a certificate, and the start and end of its validity in UTC."""

    subject: str
    issuer: str
    starts: datetime
    ends: datetime


def read(der: bytes) -> Certificate:
    """Read a certificate (RFC 5280, section 4.1).

    :raises ValueError: if the bytes are not a certificate.
    """
    try:
        (certificate,) = _values(der)
        signed = next(_values(certificate[1]))
        fields = list(_values(signed[1]))
        if fields[0][0] == _VERSION:
            fields = fields[1:]
        _, _, issuer, validity, subject = fields[:5]
        starts, ends = (_moment(*item) for item in _values(validity[1]))
    except (IndexError, StopIteration, ValueError) as reason:
        raise ValueError(f"not a certificate: {reason}") from None
    return Certificate(_name(subject[1]), _name(issuer[1]), starts, ends)


def _values(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and content of consecutive values."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("it is truncated")
        yield tag, der[at : at + length]
        at += length


def _name(sequence: bytes) -> str:
    """Return the common name, else the organisation, else a note that there is neither."""
    found: dict[bytes, str] = {}
    for _, part in _values(sequence):
        for _, pair in _values(part):
            (_, kind), (_, value) = _values(pair)
            found.setdefault(kind, value.decode("utf-8", "replace"))
    return found.get(_COMMON_NAME) or found.get(_ORGANISATION) or "no name"


def _moment(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year, from 1950 on
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
