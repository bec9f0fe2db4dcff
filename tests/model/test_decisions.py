"""Each decision of the model can be replaced, and changes its own answers alone."""

# ruff: noqa: ARG005 - each function has all the parameters of the one that it stands for

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.http.api import item_path
from conformance.http.request import COLLECTION, Request
from conformance.model.manners import ErrorAnswer
from conformance.model.service import Operation, Service
from conformance.target.credentials import OTHER, OWN
from tests.support.model_rows import (
    EMAIL,
    LOCATION,
    MINE,
    NAME,
    OTHER_DIRECTORY,
    OWN_DIRECTORY,
    REQUESTS,
    ROLE,
    THEIRS,
    Shown,
    answer_of,
    name_of,
)


def given(request: Request, name: str) -> str | None:
    """Return the value of a parameter of the list, None if the request does not give it."""
    value = dict(request.query).get(name) if request.path == COLLECTION else None
    return str(value) if value is not None else None


def offset_of(request: Request) -> str:
    return str(dict(request.query).get("offset", "0"))


def limits(request: Request) -> list[str]:
    return [str(value) for name, value in request.query if name == "limit"]


def searches(*terms: str) -> Callable[[Request, Shown], bool]:
    return lambda request, _: given(request, "search") in terms


CHANGES: list[tuple[str, Callable[..., Any], Callable[[Request, Shown], bool]]] = [
    (
        "authenticate",
        lambda self, request: OWN_DIRECTORY,
        lambda request, answer: request.credential != OWN,
    ),
    (
        "parse_limit",
        lambda self, text: 5,
        lambda request, answer: len(limits(request)) == 1 and limits(request) != ["5"],
    ),
    (
        "parse_offset",
        lambda self, text: 0,
        lambda request, answer: offset_of(request) != "0",
    ),
    (
        "parse_boolean",
        lambda self, name, text: text.lower() == "true",
        lambda request, answer: (
            given(request, "is_active") in ("TRUE", "1", "")
            or given(request, "is_bookable_online") == "no"
        ),
    ),
    (
        "parse_location",
        lambda self, text: text,
        lambda request, answer: given(request, "location_id") in (LOCATION.upper(), "x", ""),
    ),
    ("parse_search", lambda self, text: text, searches("")),
    (
        "filter_active",
        lambda self, row, wanted: row["is_active"] is not wanted,
        lambda request, answer: (
            given(request, "is_active") in ("true", "false") and answer.status == 200
        ),
    ),
    (
        "filter_bookable",
        lambda self, row, wanted: True,
        lambda request, answer: given(request, "is_bookable_online") in ("true", "false"),
    ),
    (
        "filter_location",
        lambda self, directory, row, location: True,
        lambda request, answer: given(request, "location_id") not in (None, "x", ""),
    ),
    (
        "filters_in_force",
        lambda self, query: query.filters._replace(
            search=None if "is_active" in query.given else query.filters.search
        ),
        searches("Dr"),
    ),
    (
        "search_fields",
        lambda self: ("role",),
        lambda request, answer: (
            bool(answer.rows and given(request, "search")) or given(request, "search") == ROLE
        ),
    ),
    (
        "term_matches",
        lambda self, wanted, held: held.startswith(wanted),
        searches(NAME[:-1]),
    ),
    (
        "combine_units",
        lambda self, found: set().union(*found),
        searches(f"{NAME} zzz", EMAIL),
    ),
    (
        "order",
        lambda self, directory, found: list(reversed(found)),
        lambda request, answer: (
            isinstance(answer.rows, list)
            and request.path == COLLECTION
            and (
                (answer.meta or {})["has_more"]
                or len(answer.rows) > 1
                or offset_of(request) == "59"
            )
        ),
    ),
    (
        "page",
        lambda self, found, query: found[: query.limit],
        lambda request, answer: answer.status == 200 and offset_of(request) != "0",
    ),
    (
        "has_more",
        lambda self, query, count, total: count == query.limit,
        lambda request, answer: (
            isinstance(answer.rows, list)
            and len(answer.rows) == (answer.meta or {})["limit"]
            and not (answer.meta or {})["has_more"]
        ),
    ),
    (
        "next_offset",
        lambda self, query, count, more: query.offset // query.limit + 1 if more else None,
        lambda request, answer: (answer.meta or {}).get("next_offset") not in (None, 1),
    ),
    (
        "find_record",
        lambda self, directory, record: None if record == MINE else directory.by_id.get(record),
        lambda request, answer: (
            answer.status == 200
            and request.path.lower() == item_path(MINE)
            and request.credential == OWN
        ),
    ),
    (
        "foreign_record",
        lambda self, owner, record: owner.by_id[record],
        lambda request, answer: (
            (request.target, request.credential)
            in ((item_path(THEIRS), OWN), (item_path(MINE), OTHER))
        ),
    ),
    (
        "retrieved_profile",
        lambda self, row: row | {"bio": ""},
        lambda request, answer: isinstance(answer.rows, dict),
    ),
    (
        "error_body",
        lambda self, error: {"data": None, "error": {"code": "FAILED"}},
        lambda request, answer: answer.code is not None,
    ),
    ("meta", lambda self, request_id: {}, lambda request, answer: answer.meta is not None),
    (
        "headers",
        lambda self, request, request_id: (),
        lambda request, answer: True,
    ),
    (
        "allowed_methods",
        lambda self, operation: ("GET",) if operation is Operation.LIST else ("GET", "HEAD"),
        lambda request, answer: (request.method, request.path) == ("HEAD", COLLECTION),
    ),
    (
        "method_not_allowed",
        lambda self, operation: ErrorAnswer(404, "NOT_FOUND"),
        lambda request, answer: answer.status == 405,
    ),
    (
        "route",
        lambda self, path: Service.route(self, path.rstrip("/")),
        lambda request, answer: request.path == f"{COLLECTION}/",
    ),
    (
        "parse_id",
        lambda self, text: text.lower(),
        lambda request, answer: answer.status == 400 and request.path != COLLECTION,
    ),
    (
        "repeated_parameter",
        lambda self, name, texts: texts[0],
        lambda request, answer: len(limits(request)) == 2,
    ),
    (
        "unknown_parameter",
        lambda self, name, text: self.parse_limit(text),
        lambda request, answer: given(request, "colour") is not None,
    ),
    (
        "sent_body",
        lambda self, request, body: body,
        lambda request, answer: request.method == "HEAD",
    ),
]


@pytest.mark.parametrize(
    ("hook", "decision", "changes"), CHANGES, ids=[item[0] for item in CHANGES]
)
def test_a_replaced_decision_changes_its_own_answers_and_no_others(
    hook: str, decision: Callable[..., Any], changes: Callable[[Request, Shown], bool]
) -> None:
    assert callable(getattr(Service, hook))
    replaced = type("Replaced", (Service,), {hook: decision})(OWN_DIRECTORY, OTHER_DIRECTORY)
    model = Service(OWN_DIRECTORY, OTHER_DIRECTORY)
    changed, expected = set(), set()
    for request in REQUESTS:
        answer = answer_of(model, request)
        if changes(request, answer):
            expected.add(name_of(request))
        if answer_of(replaced, request) != answer:
            changed.add(name_of(request))
    assert changed == expected
    assert changed
