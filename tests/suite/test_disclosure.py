"""Information disclosure: which texts of an error are the server's, and which patterns they match."""

from __future__ import annotations

import json
import re

import pytest

from conformance.contract.verdict import Breach
from conformance.errors import Inconclusive
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import COLLECTION, Request
from conformance.suite.disclosure import (
    FILE_PATH,
    INTERNAL_HOST,
    SQL,
    STACK_TRACE,
    discloses_none,
    server_text,
)
from tests.support.rows import ID


def error(url: str, message: str, request_id: str = "r1") -> Exchange:
    body = {
        "data": None,
        "meta": {"request_id": request_id},
        "error": {"code": "NOT_FOUND", "message": message},
    }
    path = url.partition("/api-v1")[2]
    return Exchange(1, Request(path=path), url, 404, (), json.dumps(body).encode(), 0.0)


def test_the_request_and_the_request_id_are_no_text_of_the_server() -> None:
    url = f"https://host/app/api-v1/clinician-profiles/{ID.format(1)}"
    text = server_text(
        error(url, f"/app/api-v1/clinician-profiles/{ID.format(1)}: none", "req:10001")
    )
    assert "/app/" not in text
    assert "10001" not in text
    assert "/app/main.py" in server_text(error(url, "in /app/main.py"))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (STACK_TRACE, 'File "main.py", line 7'),
        (STACK_TRACE, "at Object.<anonymous> (/x/server.js:10:3)"),
        (STACK_TRACE, "panicked at src"),
        (SQL, "SELECT id FROM clinicians"),
        (SQL, "no such column: zq"),
        (FILE_PATH, "in /usr/lib"),
        (FILE_PATH, r"C:\\app\\main"),
        (INTERNAL_HOST, "db.internal"),
        (INTERNAL_HOST, "10.0.0.7"),
    ],
)
def test_a_text_of_the_inside_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please select a value from the list.",
        "limit must be where it was set",
        "Not found",
        r"Invalid input:\nlimit",
    ],
)
def test_a_sentence_for_the_caller_is_not_taken_for_the_inside(text: str) -> None:
    assert not any(item.search(text) for item in (STACK_TRACE, SQL, FILE_PATH, INTERNAL_HOST))


def test_a_text_that_the_caller_knows_is_allowed_and_the_next_one_is_not() -> None:
    transcript = Transcript()
    with pytest.raises(Inconclusive):
        discloses_none(transcript, [INTERNAL_HOST], "no host")
    url = f"http://t/api-v1{COLLECTION}/{ID.format(1)}"
    transcript.add([error(url, "see api.local, not db.local")])
    discloses_none(transcript, [re.compile("api.local")], "no host", allowed="api.local")
    with pytest.raises(Breach) as breach:
        discloses_none(transcript, [INTERNAL_HOST], "no host", allowed="api.local")
    assert breach.value.findings[0].received == "404 with 'db.local'"
