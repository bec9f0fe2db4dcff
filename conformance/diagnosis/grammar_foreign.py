"""The part of the grammar that is about isolation: how another organisation's profiles get into responses."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.diagnosis.context import Context, Plan
from conformance.diagnosis.grammar_filters import nothing
from conformance.diagnosis.hypotheses import What
from conformance.diagnosis.lawful import Lawful, other_directory
from conformance.model.rows import id_of


def foreign() -> Iterator[What]:
    """Yield how another organisation's rows can get into a list."""
    text = (
        "the condition on the organisation is missing, is set from the request, or stands beside an OR",
        "add the organisation of the key to every query, in one place that no query can leave out",
    )
    yield What(
        "the other organisation's profiles are listed too", *text, "rows", _both, access=True
    )
    yield What(
        "the other organisation's profiles are listed instead",
        *text,
        key=lambda context: "other" if context.request.credential == "own" else "own",
        needs=frozenset({"the operation is list", "the key is valid"}),
        rank=2,
    )
    yield What(
        "if nothing is found, all organisations are searched",
        *text,
        "rows",
        _both_if_empty,
        access=True,
        rank=1,
    )
    for counting in (_count_both, _count_both_past_the_end):
        yield What(
            "`has_more` counts the other organisation's profiles",
            "the query that counts lacks the condition on the organisation",
            "count with the same conditions as the list",
            "more",
            counting,
            access=True,
        )


def selections() -> Iterator[What]:
    """Yield how something beside the key can select whose profiles are found."""
    text = (
        "the organisation is taken from the request (a header, a parameter, a session) instead of the key",
        "take the organisation from the key alone",
    )
    for needs in (
        "a header that names an organisation is sent",
        "a parameter that names an organisation is given",
    ):
        what = "a header" if "header" in needs else "an undocumented parameter"
        yield What(
            f"{what} selects another organisation, and nothing is found",
            *text,
            "found",
            nothing,
            record=lambda _, __, ___, ____: None,
            needs=frozenset({needs, "the key is valid"}),
            rank=1,
        )
        yield What(
            f"{what} selects the other organisation",
            *text,
            key=lambda context: "other" if context.request.credential == "own" else "own",
            needs=frozenset({needs, "the key is valid"}),
        )
    cache = (
        "a cache has the URL as its key, without the organisation or the `Authorization` header",
        "add the key to what the cache compares (`Vary: Authorization`), or cache nothing",
    )
    yield What(
        "a 404 to another key is repeated for the key that owns the profile",
        *cache,
        record=lambda _, __, ___, ____: None,
        needs=frozenset(
            {"the operation is retrieve", "another key got 404 for the same URL before"}
        ),
    )
    yield What(
        "a response is that to an earlier request of another key for the same URL",
        *cache,
        key=lambda context: context.before,
        needs=frozenset({"another key has requested the same URL before"}),
    )


def _theirs(service: Lawful, plan: Plan) -> list[str]:
    other = other_directory(service, plan.directory)
    if other is None:
        return []
    return [id_of(other.rows[at]) for at in service.matching(other, plan.filters)]


def _both(service: Lawful, context: Context, plan: Plan) -> None:
    theirs = _theirs(service, plan)
    if not theirs:
        return
    plan.total += len(theirs)
    if plan.total <= plan.limit and plan.offset == 0:
        plan.ids = plan.ids + theirs
    else:
        # Where their records stand in the list is not known: what was seen is taken, if it can be.
        seen = context.seen.ids if isinstance(context.seen.ids, tuple) else ()
        mine = [record for record in seen if record not in theirs]
        known = {id_of(plan.directory.rows[at]) for at in plan.found}
        full = min(plan.limit, max(plan.total - plan.offset, 0))
        if known >= set(mine) and len(mine) <= len(seen) == full:
            plan.ids = list(seen)
    plan.foreign = True


def _both_if_empty(service: Lawful, context: Context, plan: Plan) -> None:
    if not plan.found:
        _both(service, context, plan)


def _count_both(service: Lawful, _: Context, plan: Plan) -> None:
    total = len(plan.found) + len(_theirs(service, plan))
    plan.more = bool(plan.ids) and plan.offset + len(plan.ids) < total


def _count_both_past_the_end(service: Lawful, _: Context, plan: Plan) -> None:
    total = len(plan.found) + len(_theirs(service, plan))
    plan.more = plan.offset + len(plan.ids) < total
