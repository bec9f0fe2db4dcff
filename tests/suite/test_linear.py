"""What searches the text of a target takes steps in proportion to its length."""

from __future__ import annotations

import json
import re
import re._constants as codes  # type: ignore[import-not-found]  # not in typeshed
import re._parser as parser  # type: ignore[import-not-found]
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance.diagnosis import grammar_headers
from conformance.http.bounds import BODY
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.privacy.disguise import Disguise
from conformance.privacy.personal_data import PersonalData
from conformance.report.lines import wrapped
from conformance.suite import disclosure
from conformance.target.target import Target
from conformance.text import strict_json

URL = "http://target/api-v1/clinician-profiles"
MOST = 2.3
"""Twice the text takes at most this multiple of the steps; a quadratic search takes four times as many."""


def repeats(parsed: Any) -> Iterator[tuple[Any, int]]:
    """Yield the kind of each quantifier of a pattern, at any depth, and its upper bound."""
    for code, argument in parsed:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            yield code, argument[1]
        for part in argument if isinstance(argument, tuple | list) else [argument]:
            inside = part if isinstance(part, list) else [part]
            for one in inside:
                if isinstance(one, parser.SubPattern):
                    yield from repeats(one)


PATTERNS = {
    "a stack trace": disclosure.STACK_TRACE,
    "SQL": disclosure.SQL,
    "a path": disclosure.FILE_PATH,
    "a host": disclosure.INTERNAL_HOST,
    **{f"the diagnosis: {name}": pattern for name, pattern in grammar_headers._LEAKS},
    "the diagnosis: a secret": grammar_headers._SECRET,
}


@pytest.mark.parametrize("name", PATTERNS)
def test_every_quantifier_of_a_pattern_is_bounded(name: str) -> None:
    pattern = PATTERNS[name]
    found = list(repeats(parser.parse(pattern.pattern, pattern.flags & re.VERBOSE)))
    assert found
    assert all(most <= 300 for _, most in found)


def test_the_quantifiers_of_a_pattern_are_found() -> None:
    found = list(repeats(parser.parse(r"(a+|(?:b{1,3}c)*?)(?=d?)[e]++")))
    assert sorted(most for _, most in found) == [1, 3, *[codes.MAXREPEAT] * 3]


def test_no_more_of_an_error_is_searched_than_a_bound() -> None:
    body = json.dumps({"error": {"message": "x" * 200_000}}).encode()
    exchange = Exchange(1, Request(), URL, 500, (), body, 0.0)
    assert len(disclosure.server_text(exchange)) == disclosure.SCANNED


def steps(work: Callable[[], object]) -> int:
    """Return how many functions a function calls, of Python and of C."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def hidden(rows: list[dict[str, Any]], message: str) -> Callable[[], object]:
    """Return a function that hides the personal data of a page and of an error, and masks the message."""

    def work() -> None:
        answers = [
            Exchange(1, Request(), URL, 200, (), json.dumps({"data": rows}).encode(), 0.0),
            Exchange(2, Request(), URL, 400, (), json.dumps({"error": message}).encode(), 0.0),
        ]
        disguise = Disguise(PersonalData(answers), Target("http://target/api-v1", "pk_test_abcdef"))
        for answer in answers:
            disguise.answer(answer, Request())
        disguise.mask().text(message)

    return work


TEXTS: dict[str, Callable[[int], Callable[[], object]]] = {
    "many values that begin with the same word": lambda size: hidden(
        [{"name": f"a-{number}"} for number in range(size)], "a " * size
    ),
    "many addresses": lambda size: hidden([{"email": "a@b.example"}], "a@b.example " * size),
    "many timestamps": lambda size: hidden([{}], "2026-01-01T00:00:00Z " * size),
    "many quotation marks": lambda size: hidden([{"name": "ann"}], "'ann' \" " * size),
    "many escapes": lambda size: hidden([{"name": '\\"' * size}], '\\"' * size),
    "repeated members": lambda size: (
        lambda: strict_json.parse(b"{" + b",".join([b'"a":1'] * size) + b"}", BODY)
    ),
    "blanks at the end of a line": lambda size: lambda: wrapped("a" + " " * size, 80),
}


@pytest.mark.parametrize("name", TEXTS)
def test_twice_the_text_takes_twice_the_steps(name: str) -> None:
    steps(TEXTS[name](10))  # fills the caches
    short, long = steps(TEXTS[name](300)), steps(TEXTS[name](600))
    assert long <= MOST * short + 100
