"""Debug pages and secrets: what is searched for, and in which parts of a response."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Request
from conformance.suite.leaks import (
    DEBUG_PAGE,
    SECRET,
    beside_data,
    shows_no_secret,
    shows_nothing_of_the_inside,
)


def transcript(
    body: Any, status: int = 200, method: str = "GET", headers: dict[str, str] | None = None
) -> Transcript:
    text = body if isinstance(body, str) else json.dumps(body)
    request = Request(method=method, path="/clinician-profiles")
    found = Transcript()
    pairs = tuple((headers or {}).items())
    found.add([Exchange(1, request, "http://t/v1", status, pairs, text.encode(), 0.0)])
    return found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (DEBUG_PAGE, "you have <code>DEBUG = True</code>"),
        (DEBUG_PAGE, "<b>Warning</b>:  Undefined index"),
        (DEBUG_PAGE, "Uncaught TypeError: x"),
        (SECRET, "postgres://app:pw@db/x"),
        (SECRET, "-----BEGIN RSA PRIVATE KEY-----"),
        (SECRET, "AKIA" + "A" * 16),
    ],
)
def test_a_text_of_the_inside_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize(
    "text",
    [
        *("https://host:8080/a@b", "Warning: the key expires", "see https://example.org/a:b@c"),
        *("Debug is true", "mailto:a@b.org", "postgrest/12.2.0", "Not found. 404 | nginx"),
    ],
)
def test_a_text_for_the_caller_is_lawful(text: str) -> None:
    assert not DEBUG_PAGE.search(text)
    assert not SECRET.search(text)


def test_data_is_not_judged_and_every_other_member_is() -> None:
    quoted = {"data": [{"bio": "Traceback (most recent call last)"}], "meta": {"limit": 1}}
    shows_nothing_of_the_inside(transcript(quoted))
    shown = {"data": [], "meta": {"debug": {"sql": "SELECT a FROM b"}}}
    assert "SELECT" in beside_data(transcript(shown).of(1))
    with pytest.raises(Breach):
        shows_nothing_of_the_inside(transcript(shown))


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS"])
def test_pages_for_any_request_are_judged(method: str) -> None:
    with pytest.raises(Breach):
        shows_nothing_of_the_inside(transcript("<h1>Werkzeug Debugger</h1>", 405, method))


def test_the_key_of_the_request_is_found_in_headers_but_not_in_the_echo_of_trace() -> None:
    echo = {"x-consumer": "Bearer $CONFORMANCE_API_KEY"}
    with pytest.raises(Breach):
        shows_no_secret(transcript({}, headers=echo))
    shows_no_secret(transcript("Authorization: Bearer $CONFORMANCE_API_KEY", method="TRACE"))


def test_without_a_response_nothing_is_judged() -> None:
    for judge in (shows_no_secret, shows_nothing_of_the_inside):
        with pytest.raises(Inconclusive):
            judge(Transcript())
