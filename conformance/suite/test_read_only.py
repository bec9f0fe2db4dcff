"""Read-only: other methods are not there, and reading leaves no trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.contract.bounds import MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.changes import differing
from conformance.directory.directory import Directory, Row
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange
from conformance.http.request import COLLECTION, Request
from conformance.judging.session import Spare
from conformance.suite.expect import counted, expect, shown

Observe = Callable[[str, str, object], None]

MALFORMED = "not-a-uuid"
_VALIDATION = (400, 422)
_MANY = 5


def writes(api: Api, method: str, unknown: list[str]) -> list[Request]:
    """Requests that would write if anything did: with no body, and to ids that no record has."""
    if method == "POST":
        return [api.request("POST", COLLECTION)]
    if method == "PUT":
        # Once only: what toggles a record would toggle it back.
        return [api.request("PUT", item_path(unknown[0]))]
    return [api.request(method, item_path(record)) for record in (unknown[0], MALFORMED)]


@requirement("RO-01", depth=Depth.SMOKE)
def test_post_is_not_there(spare: Spare, unknown: list[str], observe: Observe) -> None:
    _not_there(spare, "POST", unknown, observe)


@requirement("RO-02")
def test_put_is_not_there(spare: Spare, unknown: list[str], observe: Observe) -> None:
    _not_there(spare, "PUT", unknown, observe)


@requirement("RO-03")
def test_patch_is_not_there(spare: Spare, unknown: list[str], observe: Observe) -> None:
    _not_there(spare, "PATCH", unknown, observe)


@requirement("RO-04")
def test_delete_is_not_there(spare: Spare, unknown: list[str], observe: Observe) -> None:
    _not_there(spare, "DELETE", unknown, observe)


def _not_there(spare: Spare, method: str, unknown: list[str], observe: Observe) -> None:
    answers = spare.api.many(writes(spare.api, method, unknown))
    for answer in answers:
        if answer.status in _VALIDATION:
            raise answer.breach(
                "405 or 404: the method is not there",
                f"{answer.status}, a validation error: a write handler exists",
                certain=True,
            )
        if not 401 <= answer.status < 500:
            raise answer.breach(
                "405 or 404: the method is not there", answer.summary(), certain=True
            )
    observe(
        f"method-{method.lower()}",
        f"The statuses for {method}.",
        [answer.status for answer in answers],
    )


def _all_writes(api: Api, unknown: list[str]) -> list[Exchange]:
    return api.many(
        [
            item
            for method in ("POST", "PUT", "PATCH", "DELETE")
            for item in writes(api, method, unknown)
        ]
    )


@requirement("RO-05")
def test_other_methods_change_nothing(spare: Spare, unknown: list[str], contract: Contract) -> None:
    """The whole directory, or all that was seen of it and where it ends, before and after."""
    spare.directory.require(1, "in an empty directory nothing can be changed")
    before = spare.directory.by_id
    _all_writes(spare.api, unknown)
    after = spare.directory.again(spare.api.afresh("after writes"))
    page = after.pages[-1]
    if after.problem and after.size is None:
        raise Inconclusive(f"the directory could not be walked again: {after.problem}")
    changes = {
        record: differing(row, after.by_id[record], contract.members)
        for record, row in before.items()
        if record in after.by_id
    }
    changed = {record for record, names in changes.items() if names}
    # No edit of somebody else's changes most of a directory, unless an import stamps all that it looks at.
    edited = [names for names in changes.values() if set(names) - {"updated_at"}]
    most = len(edited) > max(_MANY, len(before) // 2)
    for ids, what in (
        (set(before) - set(after.by_id), "gone"),
        (set(after.by_id) - set(before), "new"),
        (changed, "changed"),
    ):
        if ids:
            raise page.breach(
                "the same profiles as before the writes",
                f"{counted(len(ids), 'profile')} {what}: {shown(ids)}",
                certain=most,
            )
    if after.problem:
        raise page.breach("the list as it was before the writes", after.problem)


@requirement("RO-06")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_method_that_is_not_allowed_says_which_are(
    spare: Spare, unknown: list[str], method: str
) -> None:
    answer = spare.api.send(writes(spare.api, method, unknown)[0])
    if answer.status != 405 or not answer.header("allow"):
        raise answer.breach(
            "405 with an Allow header",
            f"{answer.status}, Allow {answer.header('allow') or 'absent'}",
            certain=True,
        )


@requirement("RO-07")
def test_reading_changes_nothing(api: Api, directory: Directory, contract: Contract) -> None:
    """The rows of profiles that were read one by one, before and after."""
    directory.require(1, "there is nothing to read")
    ids = directory.sample(directory.seen, 2, "read twice")
    place = min(directory.seen.index(ids[0]), max(directory.total - MAX_LIMIT, 0))
    page = api.request(query=as_query(limit=MAX_LIMIT, offset=place))
    reads = [api.request(path=item_path(record)) for record in ids]
    before, *_, after = api.in_turn([page, *reads, page], "reading")
    expect(before).page()
    expect(after).page()
    # Against the rows of the start of the run too: a moment ago, somebody else may have read the same.
    for known in ({str(row.get("id")).lower(): row for row in before.rows}, directory.by_id):
        _unchanged(after, known, contract)
    if after.ids != before.ids:
        raise after.breach("the order as it was before profiles were read", "another order")


def _unchanged(page: Exchange, known: dict[str, Row], contract: Contract) -> None:
    """The rows of the page are as they were known."""
    for record, row in zip(page.ids, page.rows, strict=True):
        names = differing(known.get(record, row), row, contract.members)
        if names:
            raise page.breach(
                "the row as it was before profiles were read",
                f"{', '.join(names)} changed",
                f"id {record}",
                witnesses=(record,),
            )


def _heads(api: Api, directory: Directory, unknown: list[str]) -> list[tuple[Exchange, Exchange]]:
    """HEAD and GET of the list, a profile, and an id that no profile has."""
    paths = [COLLECTION, item_path(unknown[0])]
    if directory.problem is None and directory.rows:
        paths.append(item_path(directory.ids[0]))
    answers = api.many([api.request(method, path) for path in paths for method in ("HEAD", "GET")])
    return list(zip(answers[::2], answers[1::2], strict=True))


@requirement("RO-08")
def test_head_never_fails(api: Api, directory: Directory, unknown: list[str]) -> None:
    for head, _ in _heads(api, directory, unknown):
        if head.status >= 500:
            raise head.breach("no server error", str(head.status))


@requirement("RO-09")
def test_head_answers_as_get_does(api: Api, directory: Directory, unknown: list[str]) -> None:
    for head, get in _heads(api, directory, unknown):
        if head.status != get.status:
            raise head.breach(f"{get.status}, as to GET (exchange {get.number})", str(head.status))
        if head.body:
            raise head.breach("no body", f"{len(head.body)} bytes", certain=True)
