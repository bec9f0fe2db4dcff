"""The part of the grammar that is about keys, single profiles and status codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conformance.diagnosis.grammar_filters import rows_without
from conformance.diagnosis.hypotheses import Record, What
from conformance.diagnosis.lawful import Lawful, other_directory
from conformance.model.rows import ModelDirectory, Row
from conformance.target.credentials import OWN

_RETRIEVE = frozenset({"the operation is retrieve"})
_INVALID = frozenset({"the key is not valid"})


def access() -> Iterator[What]:
    """Yield which keys a server can accept."""
    yield What(
        "a request without a valid key is answered as with your key",
        "the check of the key is left out for these requests, compares only a part of it, or runs after the "
        "response is made",
        "check the whole key, in one place in front of every route, and refuse what does not match with 401",
        key=lambda _: OWN,
        needs=_INVALID,
    )


def retrieves(rows: Sequence[Row]) -> Iterator[What]:
    """Yield which profiles a server can find by their id.

    :param rows: the profiles of both organisations.
    """
    for text, test in rows_without(rows):
        yield What(
            f"a profile whose {text} is not found by its id",
            "a condition of the list, or a scope of the model, applies to the single profile too",
            "look the profile up by organisation and id alone",
            record=_lost(test),
            needs=_RETRIEVE,
            narrow="null" in text,
        )
        yield What(
            f"another organisation's profile is found by its id if {text}",
            "the profile is looked up by its id alone, with a condition that does not name the organisation",
            "add the organisation of the key to the query for one profile",
            record=_foreign(test),
            needs=_RETRIEVE,
            narrow="null" in text,
            rank=1,
        )
    yield What(
        "another organisation's profile is found by its id",
        "the profile is looked up by its id alone",
        "add the organisation of the key to the query for one profile",
        record=_foreign(lambda _: True),
        needs=_RETRIEVE,
    )
    usually = "the id is looked up with a comparison that accepts a part of it or another form"
    fix = "refuse what is not a UUID, and compare the whole id"
    for title, found in (
        ("a number in place of an id finds the profile at that place", _at_place),
        ("the beginning of an id finds the profile", _by_beginning),
        ("what follows an id is ignored", lambda d, wanted: d.by_id.get(wanted[:36])),
        ("an unknown id finds the profile with the next id", _next_id),
    ):
        yield What(title, usually, fix, record=_found(found), needs=_RETRIEVE)
    yield What(
        "what is not an id finds a profile",
        usually,
        fix,
        any_record=True,
        needs=_RETRIEVE | {"the id is not a UUID"},
        rank=2,
    )
    yield What(
        "a profile is not found by its id",
        "the id is compared in another form than it is stored in",
        "bring both sides of the comparison to one form",
        record=lambda _, __, ___, ____: None,
        needs=_RETRIEVE,
        rank=1,
    )


def _at_place(directory: ModelDirectory, wanted: str) -> Row | None:
    if not wanted.isdecimal() or len(wanted) > 6 or not directory.rows:
        return None
    place = int(wanted)
    return directory.rows[place] if place < len(directory.rows) else None


def _by_beginning(directory: ModelDirectory, wanted: str) -> Row | None:
    found = [row for record, row in directory.by_id.items() if wanted and record.startswith(wanted)]
    return found[0] if found else None


def _next_id(directory: ModelDirectory, wanted: str) -> Row | None:
    later = sorted(record for record in directory.by_id if record > wanted)
    return directory.by_id[later[0]] if later else None


def _found(find: Callable[[ModelDirectory, str], Row | None]) -> Record:
    def record(_: Lawful, directory: ModelDirectory, wanted: str, row: Row | None) -> Row | None:
        return row if row is not None else find(directory, wanted)

    return record


def _lost(test: Callable[[Row], bool]) -> Record:
    def record(_: Lawful, __: ModelDirectory, ___: str, row: Row | None) -> Row | None:
        return None if row is not None and test(row) else row

    return record


def _foreign(test: Callable[[Row], bool]) -> Record:
    def record(
        service: Lawful, directory: ModelDirectory, wanted: str, row: Row | None
    ) -> Row | None:
        other = other_directory(service, directory)
        theirs = other.by_id.get(wanted) if row is None and other is not None else None
        return theirs if theirs is not None and test(theirs) else row

    return record
