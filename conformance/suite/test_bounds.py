"""Limits and offsets: what is in range is honoured, what is not is refused or bounded, and said."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.contract.cases import Depth, requirement
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.api import Api, as_query
from conformance.http.exchange import Exchange, Transcript
from conformance.judging.session import Spare
from conformance.suite.expect import counted, expect
from conformance.suite.pages import asked, pages_of
from conformance.suite.test_pagination import after_other_lists, shorter_than, steady

Observe = Callable[[str, str, object], None]

ABOVE = (MAX_LIMIT + 1,)
NO_INTEGER = ("", "0.5")
FEW = 5
# It wraps to 7 where 64 bits are all there is: an answer that no bound and no default gives.
BEYOND_64_BITS = str(2**64 + 7)


def bounded(page: Exchange, total: int | None = None) -> None:
    """A list answered with a limit that was not asked for: ``meta.limit`` names one in range, and it holds.

    :param total: records that the list has, where that is known: as many as the limit lets through must come.
    """
    limit = page.member("meta", "limit")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise page.breach(
            f"meta.limit from 1 to {MAX_LIMIT}, the limit in force",
            f"meta.limit {limit!r}",
            certain=True,
        )
    if len(page.rows) > limit:
        raise page.breach(
            f"at most {counted(limit)}, as meta.limit says", counted(len(page.rows)), certain=True
        )
    if total and not page.rows:
        raise page.breach("records, as the list is not empty", "an empty list")


def refused_or_bounded(
    answers: list[Exchange], total: int | None, observe: Observe, name: str, text: str
) -> None:
    """Each answer is one of the two lawful ones; which, is recorded."""
    for answer in answers:
        expect(answer).refusal_or_page()
        if answer.is_page:
            bounded(answer, total)
    observe(name, text, [_taken(answer) for answer in answers])


def _taken(answer: Exchange) -> str:
    return (
        f"answered with limit {answer.member('meta', 'limit')}"
        if answer.is_page
        else f"refused {answer.status}"
    )


@requirement("LIM-01", depth=Depth.SMOKE)
def test_without_limit_a_page_holds_twenty(api: Api, directory: Directory) -> None:
    page = api.list()
    expect(page).meta(limit=DEFAULT_LIMIT)
    if len(page.rows) > DEFAULT_LIMIT:
        raise page.breach(f"at most {DEFAULT_LIMIT} records", counted(len(page.rows)), certain=True)
    directory.require(DEFAULT_LIMIT + 1, "a default above 20 cannot be seen")
    filtered = api.list(is_active=True)
    expect(filtered).meta(limit=DEFAULT_LIMIT)


@requirement("LIM-01", universal=True)
def test_every_page_without_limit_holds_twenty(transcript: Transcript) -> None:
    """Of whatever list, filtered and searched ones too."""
    pages = [page for page in pages_of(transcript) if "limit" not in dict(page.request.query)]
    for page in pages:
        expect(page).meta(limit=DEFAULT_LIMIT)
        if len(page.rows) > DEFAULT_LIMIT:
            raise page.breach(f"at most {DEFAULT_LIMIT} records", counted(len(page.rows)))
    if not pages:
        raise Inconclusive("no page without limit was seen")


@requirement("LIM-02", universal=True)
def test_limit_in_range_is_the_limit_in_force(transcript: Transcript) -> None:
    """Every page of the run, first or later, full or not."""
    pages = [page for page in pages_of(transcript) if 1 <= asked(page)[0] <= MAX_LIMIT]
    for page in pages:
        expect(page).meta(limit=asked(page)[0])
    seen = {asked(page)[0] for page in pages}
    for limit in (1, MAX_LIMIT):
        if limit not in seen:
            raise Inconclusive(f"no page with limit {limit} was seen")


@requirement("LIM-02")
def test_smallest_limit_is_accepted(api: Api) -> None:
    expect(api.list(limit=1, offset=0)).meta(limit=1)


@requirement("LIM-03", universal=True, depth=Depth.SMOKE)
def test_a_page_never_holds_more_than_its_limit(transcript: Transcript) -> None:
    pages = pages_of(transcript)
    for page in pages:
        limit, _ = asked(page)
        if 1 <= limit <= MAX_LIMIT and len(page.rows) > limit:
            raise page.breach(f"at most {counted(limit)}", counted(len(page.rows)))
        if len(page.rows) > MAX_LIMIT:
            raise page.breach(f"at most {counted(MAX_LIMIT)}", counted(len(page.rows)))
    if not any(page.member("meta", "has_more") is True for page in pages):
        raise Inconclusive("no page was seen that the limit had cut off")


@requirement("LIM-04", depth=Depth.SMOKE)
def test_limit_above_the_maximum(api: Api, directory: Directory, observe: Observe) -> None:
    queries = [as_query(limit=limit) for limit in ABOVE]
    # Under a filter too: some servers look at the limit only on the plain list.
    answers = api.lists(*queries, as_query(limit=1000, is_active=True))
    # Where nobody is active, the page under the filter is rightly empty.
    active = any(row.get("is_active") is True for row in directory.rows)
    refused_or_bounded(
        answers,
        directory.total if active else None,
        observe,
        "limit-above-maximum",
        "Answers to limit 101, and 1000 with a filter.",
    )
    if any(answer.is_page for answer in answers):
        directory.require(MAX_LIMIT + 1, "a cap of 100 cannot be seen")


@requirement("LIM-05")
def test_limit_zero(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page says nothing of a limit")
    answers = [api.list(limit=0)]
    refused_or_bounded(answers, directory.total, observe, "limit-zero", "The answer to limit 0.")


@requirement("LIM-06")
def test_limit_negative(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page says nothing of a limit")
    answers = [api.list(limit=-1)]
    refused_or_bounded(
        answers, directory.total, observe, "limit-negative", "The answer to limit -1."
    )


@requirement("LIM-07")
def test_limit_that_is_no_integer(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page says nothing of a limit")
    answers = api.lists(*(as_query(limit=text) for text in NO_INTEGER))
    refused_or_bounded(
        answers,
        directory.total,
        observe,
        "limit-malformed",
        "Answers to an empty limit and 0.5.",
    )


@requirement("LIM-08")
def test_limit_that_is_no_integer_is_refused(api: Api) -> None:
    for answer in api.lists(*(as_query(limit=text) for text in NO_INTEGER)):
        expect(answer).refusal()


@requirement("LIM-09")
def test_limit_beyond_64_bits(api: Api, directory: Directory, observe: Observe) -> None:
    directory.require(1, "an empty page says nothing of a limit")
    answers = [api.list(limit=BEYOND_64_BITS)]
    refused_or_bounded(
        answers,
        directory.total,
        observe,
        "limit-beyond-64-bits",
        "The answer to a limit of 20 digits.",
    )


@requirement("LIM-15")
def test_limit_beyond_64_bits_is_refused(api: Api) -> None:
    expect(api.list(limit=BEYOND_64_BITS)).refusal()


@requirement("LIM-10")
def test_without_offset_the_list_starts_at_its_first_record(api: Api) -> None:
    after_filter, after_offset, zero = after_other_lists(api)
    expect(zero).page()
    if len(zero.rows) < 2:
        raise Inconclusive("the directory has fewer than 2 profiles: there is one place to start")
    for page in (after_offset, after_filter):
        steady(zero, page)
    expect(api.list()).ids(zero.ids)


@requirement("LIM-11")
def test_offset_negative(spare: Spare, observe: Observe) -> None:
    spare.directory.require(2, "one record has only one place to start")
    size = shorter_than(spare.directory)
    answers = [spare.api.list(limit=size, offset=-1)]
    _refused_or_at(answers, spare.directory, (0,), size)
    observe("offset-negative", "The answer to offset -1.", [_taken(answer) for answer in answers])


@requirement("LIM-12")
def test_offset_that_is_no_integer(spare: Spare, observe: Observe) -> None:
    spare.directory.require(2, "one record has only one place to start")
    answers = spare.api.lists(*(as_query(offset=text) for text in NO_INTEGER))
    # 0.5 may be rounded up: the contract allows a bound, and the next integer is near enough to one.
    _refused_or_at(answers, spare.directory, (0, 1))
    observe(
        "offset-malformed",
        "Answers to an empty offset and 0.5.",
        [_taken(answer) for answer in answers],
    )


@requirement("LIM-13")
def test_offset_that_is_no_integer_is_refused(spare: Spare) -> None:
    for answer in spare.api.lists(*(as_query(offset=text) for text in NO_INTEGER)):
        expect(answer).refusal()


@requirement("LIM-16")
def test_offset_beyond_64_bits_is_refused(spare: Spare) -> None:
    expect(_beyond_64_bits(spare)).refusal()


@requirement("LIM-14")
def test_offset_beyond_64_bits(spare: Spare, observe: Observe) -> None:
    spare.directory.require(1, "an empty directory has no page that could come instead")
    answers = [_beyond_64_bits(spare)]
    for answer in answers:
        expect(answer).refusal_or_page()
        if answer.is_page and answer.rows:
            expect(answer).part(spare.directory.ids, 0, int(dict(answer.request.query)["limit"]))
    observe(
        "offset-beyond-64-bits",
        "Answers to offsets beyond 64 bits.",
        [_taken(answer) for answer in answers],
    )


def _beyond_64_bits(spare: Spare) -> Exchange:
    # Less than a whole list, where that is known: else its last page is its first.
    size = shorter_than(spare.directory) if spare.directory.problem is None else FEW
    return spare.api.list(limit=min(size, FEW), offset=BEYOND_64_BITS)


def _refused_or_at(
    answers: list[Exchange],
    directory: Directory,
    starts: tuple[int, ...],
    limit: int = DEFAULT_LIMIT,
) -> None:
    for answer in answers:
        expect(answer).refusal_or_page()
        if answer.is_page:
            start = next((i for i in starts if answer.ids[:1] == directory.ids[i : i + 1]), 0)
            expect(answer).part(directory.ids, start, limit)
            if answer.member("meta", "has_more") is True:
                expect(answer).meta(next_offset=start + len(answer.rows))
