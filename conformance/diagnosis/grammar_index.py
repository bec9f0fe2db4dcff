"""The part of the grammar about profiles that a search index lacks, as far as searches show which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.diagnosis.context import Context
from conformance.diagnosis.grammar_filters import given
from conformance.diagnosis.grammar_search import found_without
from conformance.diagnosis.hypotheses import What
from conformance.diagnosis.layered import Layered
from conformance.model.rows import ModelDirectory, id_of

_GAPS = (
    ("created_at", True, "the newest profiles"),
    ("created_at", False, "the oldest profiles"),
    ("updated_at", True, "the profiles that were changed last"),
    ("updated_at", False, "the profiles that were not changed for longest"),
)
"""Member, whether its latest values are lacking, and how the profiles are called."""


def gaps(contexts: Sequence[Context], service: Layered | None = None) -> Iterator[What]:
    """Yield which end of the directory, by a timestamp, a search can leave out.

    :param contexts: the responses that deviate.
    :param service: the model that they deviate from, None for the texts alone.
    """
    for member, latest, profiles in _GAPS:
        lacking = set() if service is None else _lacking(service, contexts, member, latest=latest)
        if lacking or service is None:
            yield What(
                f"a search does not find {profiles}",
                "the index is built at intervals, or what keeps it up to date has stopped",
                "update the index with every change of a profile, and rebuild it once",
                "found",
                found_without(lambda row, ids=lacking: id_of(row) in ids),  # type: ignore[misc]
                needs=given("search"),
                learned=True,
                rank=2,
            )


def _lacking(
    service: Layered, contexts: Sequence[Context], member: str, *, latest: bool
) -> set[str]:
    found: set[str] = set()
    for key, directory in service.directories.items():
        asked = [context for context in contexts if context.request.credential == key]
        found |= _in_one(service, asked, directory, member, latest=latest)
    return found


def _in_one(
    service: Layered,
    contexts: Sequence[Context],
    directory: ModelDirectory,
    member: str,
    *,
    latest: bool,
) -> set[str]:
    """Return the ids of the profiles at one end, up to the last one that a search should have found."""
    values = {id_of(row): row[member] for row in directory.rows if isinstance(row.get(member), str)}
    missed, found = set[str](), set[str]()
    for context in contexts:
        expected, seen = next(service.answers(context)).ids, context.seen.ids
        pages = isinstance(expected, tuple) and isinstance(seen, tuple)
        # A later page begins elsewhere if records before it are missing.
        if not pages or "search" not in context.parameters or "offset" in context.parameters:
            continue
        missed |= {values[record] for record in set(expected) - set(seen) if record in values}
        found |= {values[record] for record in set(expected) & set(seen) if record in values}
    if not missed:
        return set()
    edge = min(missed) if latest else max(missed)
    beyond = {value for value in values.values() if (value >= edge if latest else value <= edge)}
    if beyond & found:
        return set()
    return {record for record, value in values.items() if value in beyond}
