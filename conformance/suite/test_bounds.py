"""Limits and offsets: in range they are in force, out of range they are refused or bounded."""

from __future__ import annotations

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.judging.session import Session, Spare
from conformance.suite.carried import refused_beside_others
from conformance.suite.expect import expect, require_page
from conformance.suite.limits import (
    BEYOND_64_BITS,
    NOT_INTEGERS,
    Observe,
    at_most,
    limit_or_refusal,
    refused_or_at,
    refused_or_bounded,
    refused_rather_than_bounded,
)
from conformance.suite.paging import after_other_lists, same_page, shorter_than
from conformance.suite.universal import FILTERS, limits_refused, pages_of, requested

FEW = 5


@requirement("LIM-01", depth=Depth.SMOKE)
def test_without_limit_a_page_holds_twenty(
    session: Session, api: Api, spare: Spare, directory: Directory
) -> None:
    page = api.list()
    expect(page).meta(limit=DEFAULT_LIMIT)
    at_most(page, DEFAULT_LIMIT, certain=True)
    directory.require(DEFAULT_LIMIT + 1, "a default above 20 would not show")
    if session.depth > Depth.SMOKE:
        return  # other cases request filtered lists without limit, which the next case judges
    expect(spare.api.list(is_active=True)).meta(limit=DEFAULT_LIMIT)


@requirement("LIM-01", universal=True)
def test_every_page_without_limit_holds_twenty(transcript: Transcript) -> None:
    """Pages of filtered lists and search results included."""
    pages = [page for page in pages_of(transcript) if "limit" not in dict(page.request.query)]
    for page in pages:
        expect(page).meta(limit=DEFAULT_LIMIT)
        at_most(page, DEFAULT_LIMIT)
    if not pages:
        raise Inconclusive("no page was requested without limit")
    if not any(FILTERS & set(dict(page.request.query)) for page in pages):
        raise Inconclusive("no filtered page was requested without limit")


@requirement("LIM-02", universal=True)
def test_limit_in_range_is_the_limit_in_force(transcript: Transcript) -> None:
    """On every page of the run, first or later, full or not."""
    pages = [page for page in pages_of(transcript) if 1 <= requested(page)[0] <= MAX_LIMIT]
    for page in pages:
        expect(page).meta(limit=requested(page)[0])
    for refused, page in limits_refused(transcript):
        raise refused.breach(
            f"200 with a list, as limit {requested(page)[0]} returns at the same offset "
            f"(exchange {page.number})",
            refused.summary(),
            certain=True,
        )
    limits = {requested(page)[0] for page in pages}
    for limit in (1, MAX_LIMIT):
        if limit not in limits:
            raise Inconclusive(f"no page with limit {limit} was received")


@requirement("LIM-02")
def test_smallest_limit_is_accepted(api: Api, directory: Directory) -> None:
    """On the last page, which another case requests too."""
    last = max(directory.total - 1, 0) if directory.problem is None else 0
    expect(api.list(limit=1, offset=last)).page().meta(limit=1)


@requirement("LIM-03", universal=True, depth=Depth.SMOKE)
def test_a_page_never_holds_more_than_its_limit(transcript: Transcript) -> None:
    pages = pages_of(transcript)
    for page in pages:
        limit, _ = requested(page)
        at_most(page, limit if 1 <= limit <= MAX_LIMIT else MAX_LIMIT)
    if not any(page.member("meta", "has_more") is True for page in pages):
        raise Inconclusive("no page with has_more true was received, so no limit was reached")


@requirement("LIM-04", depth=Depth.SMOKE)
def test_limit_above_the_maximum(
    session: Session, api: Api, directory: Directory, unknown: list[str], observe: Observe
) -> None:
    # With filters too: some servers check the limit only on the plain list.
    above = api.list(limit=MAX_LIMIT + 1)
    refused = refused_beside_others(session, api, unknown, "limit", "1000")
    answers = [above, refused or api.list(limit=1000, is_active=True)]
    # Without an active profile, the page with the filter is rightly empty.
    active = any(row.get("is_active") is True for row in directory.rows)
    refused_or_bounded(
        answers,
        directory.total if active else None,
        observe,
        "limit-above-maximum",
        "Responses to limit 101, and to limit 1000 with filters.",
    )
    if any(answer.is_page for answer in answers):
        directory.require(MAX_LIMIT + 1, "a maximum of 100 would not show")


@requirement("LIM-05")
def test_limit_zero(
    session: Session, api: Api, directory: Directory, unknown: list[str], observe: Observe
) -> None:
    directory.require(1, "an empty page does not show which limit is in force")
    answers = [refused_beside_others(session, api, unknown, "limit", "0") or api.list(limit=0)]
    refused_or_bounded(answers, directory.total, observe, "limit-zero", "The response to limit 0.")


@requirement("LIM-06")
def test_limit_negative(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page does not show which limit is in force")
    answers = [api.list(limit=-1)]
    refused_or_bounded(
        answers, directory.total, observe, "limit-negative", "The response to limit -1."
    )


@requirement("LIM-07")
def test_limit_that_is_no_integer(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page does not show which limit is in force")
    answers = api.lists(*(as_query(limit=text) for text in NOT_INTEGERS))
    refused_or_bounded(
        answers,
        directory.total,
        observe,
        "limit-malformed",
        "Responses to an empty limit and to limit 0.5.",
    )


@requirement("LIM-08")
def test_limit_that_is_no_integer_is_refused(api: Api) -> None:
    for answer in api.lists(*(as_query(limit=text) for text in NOT_INTEGERS)):
        refused_rather_than_bounded(answer)


@requirement("LIM-09")
def test_limit_beyond_64_bits(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page does not show which limit is in force")
    answers = [api.list(limit=BEYOND_64_BITS)]
    refused_or_bounded(
        answers,
        directory.total,
        observe,
        "limit-beyond-64-bits",
        "The response to a limit of 20 digits.",
    )


@requirement("LIM-15")
def test_limit_beyond_64_bits_is_refused(api: Api) -> None:
    refused_rather_than_bounded(api.list(limit=BEYOND_64_BITS))


@requirement("LIM-10")
def test_without_offset_the_list_starts_at_its_first_record(api: Api) -> None:
    lists = after_other_lists(api)
    zero = require_page(lists.zero)
    if len(zero.rows) < 2:
        raise Inconclusive("the directory has fewer than 2 profiles, so it has only one offset")
    for page in (lists.after_offset, lists.after_filter):
        same_page(zero, page)
    expect(api.list()).ids(zero.ids)


@requirement("ROB-07")
def test_offset_without_another_parameter(api: Api) -> None:
    later = after_other_lists(api).later
    if later.status != 200:
        raise later.breach("200 for valid parameters: offset alone", later.summary())


@requirement("LIM-11")
def test_offset_negative(
    session: Session, api: Api, spare: Spare, unknown: list[str], observe: Observe
) -> None:
    spare.directory.require(2, "a single record has only one offset")
    size = shorter_than(spare.directory)
    refused = refused_beside_others(session, api, unknown, "offset", "-1")
    answers = [refused or spare.api.list(limit=size, offset=-1)]
    refused_or_at(answers, spare.directory, (0,), size)
    observe("offset-negative", "The response to offset -1.", _responses(answers))


@requirement("LIM-12")
def test_offset_that_is_no_integer(spare: Spare, observe: Observe) -> None:
    spare.directory.require(2, "a single record has only one offset")
    answers = spare.api.lists(*(as_query(offset=text) for text in NOT_INTEGERS))
    # 0.5 may be rounded up: the contract allows a bound, and the next integer counts as one.
    refused_or_at(answers, spare.directory, (0, 1))
    observe(
        "offset-malformed", "Responses to an empty offset and to offset 0.5.", _responses(answers)
    )


@requirement("LIM-13")
def test_offset_that_is_no_integer_is_refused(spare: Spare) -> None:
    for answer in spare.api.lists(*(as_query(offset=text) for text in NOT_INTEGERS)):
        refused_rather_than_bounded(answer)


@requirement("LIM-16")
def test_offset_beyond_64_bits_is_refused(spare: Spare) -> None:
    refused_rather_than_bounded(_beyond_64_bits(spare))


@requirement("LIM-14")
def test_offset_beyond_64_bits(spare: Spare, observe: Observe) -> None:
    """Refused, bounded to an offset after the end, or set to 0."""
    spare.directory.require(1, "an empty directory has no other page that could be returned")
    answer = _beyond_64_bits(spare)
    expect(answer).refusal_or_page()
    if answer.is_page and answer.rows:
        expect(answer).slice_of(spare.directory.ids, 0, int(dict(answer.request.query)["limit"]))
    observe("offset-beyond-64-bits", "Responses to offsets beyond 64 bits.", _responses([answer]))


def _beyond_64_bits(spare: Spare) -> Exchange:
    # Less than the complete list if its length is known: else its last page is its first.
    size = shorter_than(spare.directory) if spare.directory.problem is None else FEW
    return spare.api.list(limit=min(size, FEW), offset=BEYOND_64_BITS)


def _responses(answers: list[Exchange]) -> list[str]:
    return [limit_or_refusal(answer) for answer in answers]
