"""Robustness: unusual and hostile input gets a list or a refusal, never a server error."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from conformance.contract.cases import Depth, requirement
from conformance.contract.document import LIST, RETRIEVE, Contract
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query, item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import COLLECTION, Query
from conformance.judging.session import Session, Spare
from conformance.suite.beyond import (
    BARE_NAMES,
    CLAIMED_NAMES,
    SPELLED,
    is_unknown_method,
    no_failure,
)
from conformance.suite.envelopes import is_judged_elsewhere
from conformance.suite.expect import expect
from conformance.suite.generated import Generated, chosen, described, problems
from conformance.suite.limits import NOT_INTEGERS, Observe, bounded
from conformance.suite.parting import MOST_REQUESTS, Outcome, judge_group
from conformance.suite.profiles import Row, profile_check, profiles_by_exchange
from conformance.suite.universal import (
    is_from_firewall,
    is_from_proxy,
    is_list,
    is_too_long,
    may_be_cut,
    reads,
)
from conformance.text.terms import LONG_TERM, NONSENSE

# A term combines only what a server accepts or refuses for the same reason, so that a refusal hides no
# failure. The quote is near the end: some parsers read everything after it as text. The last sign is a
# backslash: an escape with nothing behind it.
HOSTILE_TERMS: dict[str, str | bytes] = {
    "apostrophe, non-latin and beyond the basic plane": "o'zqx 黃小明 Ελένη 🩺",
    "brackets, operators, wildcards, backslash and quote": (
        'name:* ^zqx -zqx AND OR NOT NEAR( ([{ %_ \\ & | ! ~ , ; / + = ? # "zqx\\'
    ),
    "nul": "zq\x00x",
    "control characters": "zq\x01\x1b\x7f\r\nx",
    "no utf-8": b"zq\xff\xfex",
    "long": LONG_TERM,
}
PRINTABLE = tuple(HOSTILE_TERMS)[:2]
"""Terms that most servers accept: a list in return for both at once says that neither makes it fail."""

_LARGEST_OFFSET = 2**31 - 1

UNKNOWN_LOCATION = "00000000-0000-4000-8000-000000000000"
HOSTILE_SEGMENTS = {
    "nul": "%00",
    "quote and no utf-8": "%27%20OR%20%271%27%3D%271%ff%fe",
    "long": "a" * 1000,
}


@requirement("ROB-01", universal=True, depth=Depth.SMOKE)
def test_no_internal_server_error(transcript: Transcript) -> None:
    """Except the errors of a gateway, which are retried and reported as incidents.

    501 says that the server does not know a method; only GET and HEAD must be known.
    """
    if not len(transcript):
        raise Inconclusive("no response was received")
    # The simplest request: one with many headers and parameters names no cause.
    for item in sorted(transcript, key=_parts):
        if item.status == 501 and item.request.method not in ("GET", "HEAD"):
            continue
        ours = item.request.path != "/locations" and not is_unknown_method(item)
        if item.status >= 500 and ours:
            raise item.breach("no server error", item.summary())
        if item.broken and not item.status and not may_be_cut(item.request):
            detail = "sent four times or more; other requests got a response meanwhile"
            raise item.breach("a response", f"none: {item.broken}", detail)


def _parts(exchange: Exchange) -> int:
    """Return how many headers and parameters a request has that the contract does not define."""
    request = exchange.request
    return len(request.headers) + sum(name in CLAIMED_NAMES for name, _ in request.query)


@requirement("ROB-01", universal=True)
def test_hostile_terms_that_could_cause_a_server_error_were_sent(transcript: Transcript) -> None:
    _hostile_term_sent(transcript, "a server error")


@requirement("ROB-10", universal=True)
def test_hostile_terms_that_could_cause_an_endless_body_were_sent(transcript: Transcript) -> None:
    _hostile_term_sent(transcript, "an endless body")


def _hostile_term_sent(transcript: Transcript, what: str) -> None:
    terms = {value for item in transcript for name, value in item.request.query if name == "search"}
    if not terms & set(HOSTILE_TERMS.values()):
        raise Inconclusive(f"no hostile term was searched for, which could have caused {what}")


TWICE: dict[str, Query] = {
    "is_active": (("is_active", "true"), ("is_active", "false")),
    "is_bookable_online": (("is_bookable_online", "true"), ("is_bookable_online", "false")),
    "offset": (("offset", "0"), ("offset", "1")),
    "location_id": (("location_id", UNKNOWN_LOCATION), ("location_id", UNKNOWN_LOCATION)),
    "search": (("search", NONSENSE), ("search", NONSENSE)),
}
"""Parameters that travel in one request, each twice."""


@requirement("ROB-03")
def test_limit_given_twice(spare: Spare, observe: Observe) -> None:
    answer = spare.api.lists((("limit", "5"), ("limit", "7")))[0]
    expect(answer).refusal_or_page()
    if answer.is_page:
        bounded(answer)
    observe("repeated-limit", "The status code for limit given twice.", answer.status)


@requirement("ROB-03")
def test_other_parameters_given_twice(session: Session, spare: Spare, observe: Observe) -> None:
    """All of them in one request. If it is refused, so are its parts, but the server may fail for one."""
    answers: list[Exchange] = []

    def probe(names: Sequence[str]) -> Outcome:
        answers.append(spare.api.lists(tuple(pair for name in names for pair in TWICE[name]))[0])
        return no_failure(answers[-1])

    # A server that refuses any repeated parameter refuses limit too.
    limit = spare.api.lists((("limit", "5"), ("limit", "7")))[0]
    deep = session.depth is Depth.DEEP
    most = 1 if limit.is_refusal else MOST_REQUESTS
    try:
        judge_group(
            list(TWICE), probe, lambda name: f"{name} given twice", thorough=deep, most=most
        )
    finally:
        if answers:
            text = "The status code for is_active and other parameters given twice."
            observe("repeated-is-active", text, answers[0].status)


@requirement("ROB-04")
def test_parameters_in_another_notation(session: Session, spare: Spare) -> None:
    """Arrays, nesting, encoded and upper-case names, and no ``=``, all in one request."""
    deep = session.depth is Depth.DEEP

    def probe(pairs: Sequence[tuple[str, str | bytes]]) -> Outcome:
        return no_failure(spare.api.lists(tuple(pairs))[0])

    for group in (SPELLED, BARE_NAMES) if deep else (SPELLED,):
        judge_group(group, probe, lambda pair: f"the parameter {pair[0]}", thorough=deep)


@requirement("ROB-05")
@pytest.mark.parametrize("term", HOSTILE_TERMS)
def test_hostile_search_term(spare: Spare, observe: Observe, term: str) -> None:
    answer = _search_for(spare, term)
    # A proxy or a firewall in front may refuse the term with a page of its own.
    if not is_too_long(answer) and not is_from_firewall(answer):
        expect(answer).refusal_or_page()
    observe(
        f"hostile-term-{re.sub('[^a-z0-9]+', '-', term)}",
        f"The response to a search for {term}.",
        "a list" if answer.is_page else answer.status,
    )


def _search_for(spare: Spare, term: str) -> Exchange:
    """Search for a hostile term; for those of PRINTABLE at once, and alone only without a list in return."""
    if term in PRINTABLE:
        at_once = " ".join(str(HOSTILE_TERMS[name]) for name in PRINTABLE)
        answer = spare.api.list(search=at_once, limit=5)
        if answer.is_page:
            return answer
    return spare.api.list(search=HOSTILE_TERMS[term], limit=5)


@requirement("ROB-05")
def test_a_hostile_search_term_reached_the_api(spare: Spare) -> None:
    """A firewall that refuses each of the terms shows nothing of the server behind it."""
    answers = [_search_for(spare, term) for term in HOSTILE_TERMS]
    if all(is_from_firewall(answer) for answer in answers):
        raise Inconclusive("a firewall refused each of the hostile terms")


@requirement("ROB-06")
@pytest.mark.parametrize("segment", HOSTILE_SEGMENTS)
def test_hostile_path_segment(spare: Spare, segment: str) -> None:
    answer = spare.api.send(spare.api.request(path=f"{COLLECTION}/{HOSTILE_SEGMENTS[segment]}"))
    if not 400 <= answer.status < 500:
        raise answer.breach("a status code from 400 to 499", answer.summary(), certain=True)


@requirement("ROB-06")
@pytest.mark.parametrize("suffix", ["%0A", "%2Fx"], ids=["line end", "encoded slash"])
def test_hostile_path_behind_a_known_id(spare: Spare, suffix: str) -> None:
    spare.directory.require(1, "no id is known")
    answer = spare.api.send(spare.api.request(path=f"{item_path(spare.directory.ids[0])}{suffix}"))
    if not 400 <= answer.status < 500:
        raise answer.breach("a status code from 400 to 499", answer.summary(), certain=True)


def sent(
    session: Session, api: Api, spare: Spare, contract: Contract, *, positive: bool
) -> list[tuple[Generated, Exchange]]:
    """Send the requests that schemathesis generates from the contract.

    A limit that other cases send is sent with the own key, as they do, so that it costs no further request.

    :param positive: those that the contract allows, else those that it forbids.
    """
    everything = session.depth is Depth.DEEP
    items = [
        item
        for item in chosen(contract, session.seed, everything=everything)
        if item.positive is positive
    ]
    malformed = [as_query(limit=text) for text in NOT_INTEGERS]
    requests = [
        (api if item.query in malformed else spare.api).request(path=item.path, query=item.query)
        for item in items
    ]
    return list(zip(items, api.many(requests), strict=True))


@requirement("ROB-07")
def test_generated_valid_parameters(
    session: Session, api: Api, spare: Spare, contract: Contract
) -> None:
    for item, answer in sent(session, api, spare, contract, positive=True):
        if _may_be_refused(item) and (answer.status in (400, 422) or is_from_proxy(answer)):
            continue
        if answer.status != 200:
            raise answer.breach(f"200 for valid parameters: {described(item)}", answer.summary())
        _valid(item, answer)


def _may_be_refused(item: Generated) -> bool:
    """Return whether a request has a term that ROB-05 leaves open, or an offset beyond 32 bits."""
    query = {name: str(value) for name, value in item.query}
    term, offset = query.get("search", ""), query.get("offset", "")
    odd = len(term) >= len(LONG_TERM) or not term.isprintable()
    return odd or (offset.isdecimal() and int(offset) > _LARGEST_OFFSET)


@requirement("ROB-08")
def test_generated_invalid_parameters(
    session: Session, api: Api, spare: Spare, contract: Contract
) -> None:
    for item, answer in sent(session, api, spare, contract, positive=False):
        if is_from_proxy(answer):
            continue
        if item.path == COLLECTION:
            if answer.status not in (200, 400, 422):
                raise answer.breach(
                    f"400 or 422, or 200 with a bound applied: {described(item)}", answer.summary()
                )
        elif answer.status not in (400, 404, 422):
            raise answer.breach(f"400, 404 or 422: {described(item)}", answer.summary())
        _valid(item, answer)


def _valid(item: Generated, answer: Exchange) -> None:
    found = problems(item, answer)
    if found:
        raise answer.breach(
            f"a response that matches the contract for {described(item)}",
            answer.summary(),
            "; ".join(found),
        )


@requirement("ROB-08")
def test_several_invalid_parameters_at_once(spare: Spare) -> None:
    query = as_query(limit="abc", offset="abc", is_active="maybe", location_id="abc")
    expect(spare.api.lists(query)[0]).refusal_or_page()


@requirement("ROB-09", universal=True, depth=Depth.SMOKE)
def test_every_body_validates(transcript: Transcript, contract: Contract) -> None:
    """A body with a deviation that another requirement states is judged by that one."""
    judged = 0
    check = profile_check(contract)
    profiles = profiles_by_exchange(transcript)
    valid: dict[int, bool] = {}

    def is_valid(row: Row) -> bool:
        if id(row) not in valid:  # most pages hold the same profiles
            valid[id(row)] = check(row)
        return valid[id(row)]

    for item in reads(transcript):
        schema = contract.response_schema(LIST if is_list(item) else RETRIEVE, item.status)
        if schema is None or item.json is None:
            continue
        judged += 1
        if is_judged_elsewhere(item) or not all(map(is_valid, profiles[item.number])):
            continue
        found = contract.problems(schema, item.json)
        if found:
            raise item.breach(
                f"a body that validates against {schema}", f"{item.status}: {'; '.join(found)}"
            )
    if not judged:
        raise Inconclusive("no response with a body was received")


@requirement("ROB-10", universal=True, depth=Depth.SMOKE)
def test_no_body_is_too_large(transcript: Transcript) -> None:
    _within_bounds(transcript, "a body of at most 10 MiB", lambda item: item.cut)


@requirement("ROB-13", universal=True, depth=Depth.SMOKE)
def test_no_response_exceeds_a_bound(transcript: Transcript) -> None:
    _within_bounds(
        transcript, "a response within the bounds of this requirement", lambda item: not item.cut
    )


def _within_bounds(
    transcript: Transcript, expected: str, counts: Callable[[Exchange], bool]
) -> None:
    """Nothing else can be judged by a response beyond a bound: it is not read to its end, or not parsed."""
    answers = [item for item in transcript if item.request.path != "/locations"]
    if not answers:
        raise Inconclusive("no response was received")
    for item in answers:
        if item.excess is not None and counts(item):
            coding = item.header("content-encoding") if item.cut else None
            raise item.breach(
                expected,
                f"{item.status}: {item.excess}" + (f", compressed with {coding}" if coding else ""),
            )
