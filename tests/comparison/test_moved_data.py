"""Two real runs on one faulty server whose data, ids and names moved in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.comparison import compare as comparing
from conformance.contract.cases import Depth
from conformance.contract.document import load
from conformance.faults.variant import Variant
from conformance.proof import catalogue
from conformance.proof.trial import collect, run_suite
from conformance.reference import seed
from conformance.reference.ratelimit import RateLimiter
from conformance.reference.server import EmbeddedServer
from conformance.reference.store import Store
from conformance.target.target import Target
from tests.support.marks import broad


def moved() -> seed.SeedData:
    """Return data in which every record, id and name differs, and the directory has another size."""
    data = seed.build(211, 58)
    own, other = replace(data.own, slug="moved"), replace(data.other, slug="moved-too")
    return replace(data, own=own, other=other)


def judged(variant: Variant, data: seed.SeedData, area: str) -> Any:
    cases = [case for case in collect() if case.requirement.startswith(area)]
    store = Store.of(data)
    try:
        with EmbeddedServer(variant.app(variant.api(store, RateLimiter()))) as server:
            keys = (data.own_key.key, data.other_key.key)
            target = Target(server.base_url, *keys, embedded=True)
            return run_suite(target, cases, Depth.STANDARD)[0]
    finally:
        store.close()


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("foreign-inactive-retrieved", "ORG"),
        ("active-by-default", "FIL"),
        *broad(("key-may-be-cut-short", "AUTH"), ("later-pages-repeat-records", "PAG")),
    ],
)
def test_moved_data_are_no_change(name: str, area: str) -> None:
    (variant,) = catalogue.load(load()).only([name]).faults
    old, new = judged(variant, seed.build(), area), judged(variant, moved(), area)
    assert old["totals"]["failed"]
    document = comparing.compare(old, new)
    assert not document["regression"], document["reason"]
    assert document["defects"]["still"]
    for part, lists in (("defects", ("new", "fixed", "added")), ("requirements", ("new", "fixed"))):
        assert [document[part][name] for name in lists] == [[]] * len(lists)
