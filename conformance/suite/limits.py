"""Limits and offsets out of range: refused, or replaced by a value in range that the page names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conformance.contract.bounds import DEFAULT_LIMIT, MAX_LIMIT
from conformance.directory.directory import Directory
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange
from conformance.suite.expect import counted, expect
from conformance.text.wording import written

Observe = Callable[[str, str, object], None]

NOT_INTEGERS = ("", "0.5")
BEYOND_64_BITS = str(2**64 + 7)
"""In 64 bits it overflows to 7, which is neither a bound nor the default."""

NOTATIONS = (
    *("+5", "05", "010", " 5", "5 ", "5.0", "5e0", "0x5", "0b1", "1_0", "5,5", "-0", "5;", "5abc"),
    *("²", "٥", "５", "NaN", "Infinity", "null", "undefined", "true", "[]", "--5", "5-"),
)
"""Texts that some languages read as an integer, or as something near to one."""

WIDE = (
    str(2**32 + 7),
    *(str(2**bits + step) for bits in (31, 32, 53, 63) for step in (-1, 0, 1)),
    str(2**63 + 7),
)
"""Integers on both sides of the bounds of machine integers, first one that overflows to 7 in 32 bits."""


def bounded(page: Exchange, total: int | None = None) -> None:
    """Expect a page whose ``meta.limit`` is in range and is not exceeded, whatever limit was requested.

    :param total: the number of records of the list if it is known: a list with records has some on the page.
    """
    limit = page.member("meta", "limit")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise page.breach(
            f"meta.limit from 1 to {MAX_LIMIT}, the limit in force",
            f"meta.limit {written(limit)}",
            certain=True,
        )
    at_most(page, limit, ", as meta.limit says", certain=True)
    if total and not page.rows:
        raise page.breach("records, as the list is not empty", "an empty list")


def at_most(page: Exchange, limit: int, why: str = "", *, certain: bool = False) -> None:
    """Expect a page of at most ``limit`` records."""
    if len(page.rows) > limit:
        raise page.breach(
            f"at most {counted(limit)}{why}", counted(len(page.rows)), certain=certain
        )


def refused_or_bounded(
    answers: Sequence[Exchange], total: int | None, observe: Observe, name: str, text: str
) -> None:
    """Expect that each limit was refused or bounded, and record which.

    :param total: see :func:`bounded`.
    """
    for answer in answers:
        expect(answer).refusal_or_page()
        if answer.is_page:
            bounded(answer, total)
    observe(name, text, [limit_or_refusal(answer) for answer in answers])


def refused_rather_than_bounded(answer: Exchange, *, empty: bool = False) -> None:
    """Expect that an input is refused with 400 or 422, and not answered with a page.

    :param empty: an empty page is the only one that the contract tolerates.
    :raises Inconclusive: for a response that is not tolerated, which another requirement judges.
    """
    tolerated = answer.is_page and not (empty and answer.rows)
    if not tolerated and answer.status not in (400, 422):
        raise Inconclusive(f"exchange {answer.number} returned {answer.summary()}")
    expect(answer).refusal()


def limit_or_refusal(answer: Exchange) -> str:
    """Return how the server responded, for an observation."""
    return (
        f"answered with limit {written(answer.member('meta', 'limit'))}"
        if answer.is_page
        else f"refused {answer.status}"
    )


def refused_or_at(
    answers: Sequence[Exchange],
    directory: Directory,
    starts: tuple[int, ...],
    limit: int = DEFAULT_LIMIT,
) -> None:
    """Expect that each offset was refused, or that the page starts at one of these offsets."""
    for answer in answers:
        expect(answer).refusal_or_page()
        if answer.is_page:
            start = next((i for i in starts if answer.ids[:1] == directory.ids[i : i + 1]), 0)
            expect(answer).slice_of(directory.ids, start, limit)
            # The offset in force shows in next_offset, if has_more and next_offset can be relied on.
            if (
                answer.member("meta", "has_more") is True
                and start + len(answer.rows) < directory.total
            ):
                expect(answer).meta(next_offset=start + len(answer.rows))


def refused_or_start(answer: Exchange, directory: Directory) -> None:
    """Expect that a page is the part of the list that ``meta`` says, or that it is empty.

    :raises Inconclusive: if the directory is not known.
    """
    if not answer.is_page:
        return
    bounded(answer)
    if answer.rows and directory.complete:
        start = next((at for at, one in enumerate(directory.ids) if one == answer.ids[0]), 0)
        expect(answer).slice_of(directory.ids, start, int(answer.member("meta", "limit")))
