"""Conditions in words: no more than the requests show, in terms of the API."""

from __future__ import annotations

from conformance.diagnosis.conditions import worded
from conformance.diagnosis.context import Context
from conformance.http.exchange import Exchange
from conformance.http.request import Query, Request

FAR = "`offset` is above 10000"


def asked(**query: str) -> Context:
    pairs: Query = tuple(query.items())
    return Context(Exchange(1, Request(query=pairs), "http://t.test", 500, (), b"", 0.0))


def test_a_bound_that_one_number_shows_is_that_number() -> None:
    assert worded([FAR], [asked(offset="20000"), asked(offset="20000")]) == "`offset` is 20000"
    assert worded([FAR], [asked(offset="20000"), asked(offset="30000")]) == FAR
    between = "`offset` is above 2147483647 and within 64 bits"
    assert worded([between], [asked(offset="4294967303")]) == between


def test_the_filters_that_were_always_beside_the_number_are_named() -> None:
    beside = asked(offset="20000", search="x", limit="5")
    assert worded([FAR], [beside]) == "`offset` is 20000 beside `search`"
    assert worded([FAR], [beside, asked(offset="20000")]) == "`offset` is 20000"
    literals = [FAR, "`search` is given"]
    assert worded(literals, [beside]) == "`offset` is 20000 and `search` is given"


def test_an_operation_is_said_in_words() -> None:
    both = ["the operation is list", "the method is HEAD"]
    assert worded(both, [asked()]) == "the method is HEAD and a list is requested"
