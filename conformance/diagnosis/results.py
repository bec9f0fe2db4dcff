"""Literals about the right response to a request: how much it holds, and whose profile it is."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.diagnosis.context import Context
from conformance.diagnosis.lawful import Lawful, other_directory
from conformance.model.rows import ModelDirectory
from conformance.target.credentials import OWN
from conformance.text.uuids import is_uuid


def literals(service: Lawful, context: Context) -> Iterator[str]:
    """Yield what is true of the right response to a request."""
    key = context.request.credential
    directory = service.directories.get(key if key in service.directories else OWN)
    if directory is None:
        return
    if context.operation == "retrieve":
        yield from _record(service, context, directory)
    elif context.operation == "list":
        yield from _page(service, context, directory)


def _record(service: Lawful, context: Context, directory: ModelDirectory) -> Iterator[str]:
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


def _page(service: Lawful, context: Context, directory: ModelDirectory) -> Iterator[str]:
    reading = next(iter(service.readings(context, ())), None)
    if reading is None:
        return
    limit, offset, filters = reading
    if filters.location_id is not None and is_uuid(filters.location_id):
        other = other_directory(service, directory)
        mine = {item.lower() for item in directory.locations or ()} | directory.members.keys()
        theirs = set() if other is None else {item.lower() for item in other.locations or ()}
        theirs |= set() if other is None else other.members.keys()
        if filters.location_id in theirs - mine:
            yield "the location is another organisation's"
        elif filters.location_id not in mine:
            yield "the location is unknown"
    total = len(service.matching(directory, filters))
    count = max(min(limit, total - offset), 0)
    if not total:
        yield "nothing matches"
    elif total == 1:
        yield "one profile matches"
    if total and limit and total % limit == 0:
        yield "the number of matches is a multiple of `limit`"
    if total > limit:
        yield "more profiles match than `limit`"
    yield "the page is empty" if not count else "the page has records"
    if count == 1:
        yield "the page has one record"
    if count and count == limit:
        yield "the page is full"
    if count and offset + count == total:
        yield "it is the last page"
    if count and offset + count < total:
        yield "more records follow"
    if offset >= total:
        yield "the offset is at or past the end"
    if limit and offset % limit:
        yield "the offset is no multiple of `limit`"
