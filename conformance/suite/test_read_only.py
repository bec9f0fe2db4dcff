"""Read-only: methods that write are not available, and reading changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import Contract
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import COLLECTION, Request
from conformance.judging.session import Spare
from conformance.suite.beyond import is_unknown_method, sent_or_cut
from conformance.suite.expect import require_page
from conformance.suite.paging import reading
from conformance.suite.parting import Outcome, judge_group
from conformance.suite.rows import directory_unchanged, rows_unchanged
from conformance.text.wording import plural

Observe = Callable[[str, str, object], None]

MALFORMED = "not-a-uuid"
_VALIDATION = (400, 422)
_ECHO = re.compile(r"^authorization:\s*\S", re.IGNORECASE | re.MULTILINE)
_OVERRIDES = (
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-HTTP-Method", "DELETE"),
    ("X-Method-Override", "PATCH"),
    ("_method", "DELETE"),
)


def writes(api: Api, method: str, unknown: list[str]) -> list[Request]:
    """Return requests with a method that writes: without a body, and to ids that no record has."""
    if method == "POST":
        return [api.request("POST", COLLECTION)]
    if method == "PUT":
        # Only one: a second request would undo the first if PUT toggles something.
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
                "405, 404 or 501: the method is not available",
                f"{answer.status}, a validation error: a handler for the method exists",
                certain=True,
            )
        if not 401 <= answer.status < 500 and answer.status != 501:
            raise answer.breach(
                "405, 404 or 501: the method is not available", answer.summary(), certain=True
            )
    observe(
        f"method-{method.lower()}",
        f"The status codes for {method}.",
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
    """The directory, or the windows by which it was seen and its end, is the same before and after."""
    spare.directory.require(1, "an empty directory has nothing that could change")
    _all_writes(spare.api, unknown)
    after = spare.directory.again(spare.api.afresh("after writes"))
    directory_unchanged(spare.directory, after, contract.members)


@requirement("RO-06")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_method_that_is_not_allowed_says_which_are(
    spare: Spare, unknown: list[str], method: str
) -> None:
    answer = spare.api.send(writes(spare.api, method, unknown)[0])
    if answer.status in _VALIDATION or not 401 <= answer.status < 500:
        raise Inconclusive(f"{method} returned {answer.summary()}: the method is available")
    if answer.status != 405 or not answer.header("allow"):
        raise answer.breach(
            "405 with an Allow header",
            f"{answer.status}, Allow {answer.header('allow') or 'absent'}",
            certain=True,
        )


_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@requirement("RO-12", universal=True)
def test_allow_names_no_method_that_writes(transcript: Transcript) -> None:
    """In responses to methods that are not allowed, and to OPTIONS. RO-06 judges that there is one."""
    judged = [
        item
        for item in transcript
        if item.request.path != "/locations"
        and (item.status == 405 or item.request.method == "OPTIONS")
    ]
    if not judged:
        raise Inconclusive("no method that is not allowed was sent")
    for item in judged:
        named = {word.strip().upper() for word in (item.header("allow") or "").split(",")}
        if named & _WRITES:
            raise item.breach(
                "an Allow header without POST, PUT, PATCH and DELETE",
                f"{item.status}, Allow {item.header('allow')}",
            )


def _read_before(directory: Directory) -> Exchange | None:
    """Return the first page by which the directory was read, before any profile was retrieved."""
    return next((page for page in directory.pages if page.ids), None)


@requirement("RO-07")
def test_reading_changes_nothing(api: Api, directory: Directory, contract: Contract) -> None:
    """The rows of profiles are the same before and after these are retrieved.

    A cache may keep the response to HEAD too, and return it to GET.
    """
    directory.require(1, "there is no profile to retrieve")
    before = _read_before(directory)
    if before is None:
        raise Inconclusive("no page of the directory has a profile")
    # Its last profile: one that moves to the start of the list shows too.
    *_, after = api.many(reading(api, before.ids[-1]))
    if after.status == 200 and not after.is_page:
        raise after.breach("a page of the list, as before HEAD", after.summary())
    rows_unchanged(require_page(after), directory.by_id, contract.members)
    if after.ids != before.ids[: len(after.ids)]:
        raise after.breach("the order as it was before profiles were retrieved", "another order")


def _heads(api: Api, directory: Directory, unknown: list[str]) -> list[tuple[Exchange, Exchange]]:
    """Send HEAD and GET for the list, a profile, and an id that no profile has."""
    paths = [item_path(unknown[0])]
    if directory.problem is None and directory.rows:
        paths.append(item_path(directory.ids[0]))
    before = _read_before(directory)
    if before is None:
        paths.append(COLLECTION)
    answers = api.many([api.request(method, path) for path in paths for method in ("HEAD", "GET")])
    if before is not None:
        answers += api.many(reading(api, before.ids[-1]))[1:]
    return list(zip(answers[::2], answers[1::2], strict=True))


@requirement("RO-08")
def test_head_never_fails(api: Api, directory: Directory, unknown: list[str]) -> None:
    for head, _ in _heads(api, directory, unknown):
        if head.status >= 500:
            raise head.breach("no server error", str(head.status))


@requirement("RO-09")
def test_head_answers_as_get_does(api: Api, directory: Directory, unknown: list[str]) -> None:
    for head, get in _heads(api, directory, unknown):
        _answers_as(get, head)


@requirement("RO-09", depth=Depth.DEEP, last=True)
def test_head_of_the_list_without_a_key_answers_as_get_does(api: Api) -> None:
    """A framework may bind the check of the key to GET."""
    stranger = api.as_("no key")
    head, get = stranger.many([stranger.request(method) for method in ("HEAD", "GET")])
    _answers_as(get, head)


def _answers_as(get: Exchange, head: Exchange) -> None:
    if head.status >= 500 or get.status >= 500:
        raise Inconclusive(f"HEAD returned {head.status} and GET {get.status}")
    if head.status != get.status:
        raise head.breach(f"{get.status}, as for GET (exchange {get.number})", str(head.status))
    if head.body or head.surplus:
        size = len(head.body) + head.surplus
        raise head.breach("no body", plural(size, "byte"), certain=True)


@requirement("RO-10")
@pytest.mark.parametrize(
    ("method", "credential"), [("OPTIONS", "no key"), ("TRACE", "a key never issued")]
)
def test_options_and_trace_show_nothing(api: Api, method: str, credential: str) -> None:
    """Without a valid key, which costs none of a key's requests. TRACE would echo what it received."""
    stranger = api.as_(credential)
    answer = sent_or_cut(stranger, stranger.request(method))
    if answer is None:
        return
    if answer.status >= 500 and not is_unknown_method(answer):
        raise answer.breach("no server error but 501", answer.summary(), certain=True)
    if answer.is_page or answer.is_record:
        raise answer.breach("no data without a valid key", answer.summary(), certain=True)
    if method == "TRACE" and _ECHO.search(answer.body.decode("utf-8", "replace")):
        raise answer.breach(
            "no Authorization header of the request in the body", "it is echoed", certain=True
        )


@requirement("RO-11")
def test_method_that_a_header_or_parameter_names(spare: Spare, unknown: list[str]) -> None:
    """At the path of an id that no record has: a server that follows the name must not find anything."""

    def probe(overrides: Sequence[tuple[str, str]]) -> Outcome:
        headers = tuple(pair for pair in overrides if pair[0] != "_method")
        query = tuple(pair for pair in overrides if pair[0] == "_method")
        path = item_path(unknown[2])
        answer = spare.api.send(spare.api.request(path=path, query=query, headers=headers))
        if 300 <= answer.status < 500:
            return None
        return answer.finding(
            "404, as without another method, or another client error",
            answer.summary(),
            certain=True,
        )

    judge_group(_OVERRIDES, probe, lambda pair: f"{pair[0]}: {pair[1]}")
