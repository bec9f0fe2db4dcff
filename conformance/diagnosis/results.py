"""Literals about the right response to a request: how much it holds, and whose profile it is."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.diagnosis.context import Context
from conformance.diagnosis.lawful import other_directory
from conformance.diagnosis.layered import Layered
from conformance.model.rows import ModelDirectory
from conformance.target.credentials import OWN
from conformance.text.uuids import is_uuid


def literals(service: Layered, context: Context) -> Iterator[str]:
    """Yield what is true of the right response to a request."""
    key = context.request.credential
    directory = service.directories.get(key if key in service.directories else OWN)
    if directory is None:
        return
    if context.operation == "retrieve":
        yield from _record(service, context, directory)
    elif context.operation == "list":
        yield from _page(service, context, directory)


def _record(service: Layered, context: Context, directory: ModelDirectory) -> Iterator[str]:
    record = context.record.lower()
    row = directory.by_id.get(record)
    if row is None:
        other = other_directory(service, directory)
        theirs = other is not None and record in other.by_id
        if theirs:
            yield "the profile is another organisation's"
        elif is_uuid(record):
            yield "the id is unknown"
        yield "the id is none of the organisation's"
        return
    yield "the profile is one of the organisation's"
    for name in ("is_active", "is_bookable_online"):
        if isinstance(row.get(name), bool):
            yield f"the profile's `{name}` is {str(row[name]).lower()}"


def _page(service: Layered, context: Context, directory: ModelDirectory) -> Iterator[str]:
    reading = next(iter(service.readings(context, ())), None)
    if reading is None:
        return
    limit, offset, filters = reading
    if filters.location_id is not None and is_uuid(filters.location_id):
        other = other_directory(service, directory)
        mine = _locations(directory)
        theirs = _locations(other) if other is not None else set()
        if filters.location_id in theirs - mine:
            yield "the location is another organisation's"
        elif filters.location_id not in mine:
            yield "the location is unknown"
    yield from _size(limit, offset, len(service.matching(directory, filters)))


def _locations(directory: ModelDirectory) -> set[str]:
    return {item.lower() for item in directory.locations or ()} | directory.members.keys()


def _size(limit: int, offset: int, total: int) -> Iterator[str]:
    count = max(min(limit, total - offset), 0)
    tests = (
        (not total, "nothing matches"),
        (total == 1, "one profile matches"),
        (total and limit and total % limit == 0, "the number of matches is a multiple of `limit`"),
        (total > limit, "more profiles match than `limit`"),
        (not count, "the page is empty"),
        (count, "the page has records"),
        (count == 1, "the page has one record"),
        (count and count == limit, "the page is full"),
        (count and offset + count == total, "it is the last page"),
        (count and offset + count < total, "more records follow"),
        (offset >= total, "the offset is at or past the end"),
        (limit and offset % limit, "the offset is no multiple of `limit`"),
    )
    yield from (text for holds, text in tests if holds)
