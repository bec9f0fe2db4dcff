"""What servers may lawfully do in answers and searches, and what near it they may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.contract.verdict import Breach
from conformance.directory.directory import Directory
from conformance.directory.lexicon import holders, words
from conformance.http.api import item_path
from conformance.http.exchange import Exchange, Transcript
from conformance.http.request import Id, Query, Request
from conformance.privacy.text_notes import Notes
from conformance.suite.likeness import Facts, standing
from conformance.suite.pages import is_a_proxys
from conformance.suite.test_envelope_extras import test_no_total_count as no_total_count
from conformance.suite.test_errors import said
from tests.support.rows import ID, lexicon, page, row

TELLS: dict[str, tuple[list[Facts], list[Facts]]] = {
    "a header with all of the one": ([{"header etag": True}] * 3, [{}] * 3),
    "a member with all of the other": ([{}] * 3, [{"body.owner": n} for n in range(3)]),
    "a value of its own": ([{"status": 403}] * 3, [{"status": 404}] * 3),
    "lengths that are far apart": (
        [{"announced length": n} for n in (150, 151)],
        [{"announced length": n} for n in (90, 92)],
    ),
}
TELLS_NOT: dict[str, tuple[list[Facts], list[Facts]]] = {
    "a header of one node": ([{"header etag": True}, {}], [{}, {}]),
    "a header that is missing once": ([{}, {}], [{"header etag": True}, {}]),
    "a value that is another one each time": (
        [{"body.took": 1}, {"body.took": 2}],
        [{"body.took": 3}] * 2,
    ),
    "a date": ([{"header date": True}] * 2, [{}] * 2),
    "lengths that are near": ([{"announced length": 150}] * 2, [{"announced length": 160}] * 2),
    "a length that varies as far": (
        [{"announced length": n} for n in (90, 150)],
        [{"announced length": n} for n in (100, 110)],
    ),
}


@pytest.mark.parametrize("name", TELLS)
def test_what_differs_each_time_tells_two_requests_apart(name: str) -> None:
    one, two = TELLS[name]
    assert len(standing(one, two)) == len(standing(two, one)) == 1


@pytest.mark.parametrize("name", TELLS_NOT)
def test_what_differs_by_chance_tells_nothing(name: str) -> None:
    one, two = TELLS_NOT[name]
    assert standing(one, two) == standing(two, one) == []


def test_an_id_is_compared_without_letter_case_and_asked_for_as_it_is_written() -> None:
    record = page([row(1, id="AB" + ID.format(1)[2:])]).ids[0]
    assert record == "ab" + ID.format(1)[2:]
    assert item_path(record).endswith("/AB" + ID.format(1)[2:])
    assert item_path(Directory([row(1, id=Id("AB-1").spelled)]).seen[0]).endswith("/AB-1")


FOUND = [
    ("kay", "Kai"),
    ("sorensen", "Sørensen"),
    ("muller", "Mueller"),
    ("mueller", "Müller"),
    ("obrien", "O'Brien"),
    ("annmarie", "Ann-Marie"),
    ("王小明", "王伟"),
    ("สมชาย", "สมหญิง"),
    ("strasse", "Straße"),
]
STRANGE = [("kay", "Kerr"), ("sorensen", "Sampson"), ("muller", "Miller"), ("王小明", "张伟")]


@pytest.mark.parametrize(("term", "name"), FOUND)
def test_a_search_may_find_what_is_written_in_another_way(term: str, name: str) -> None:
    rows = [row(1, name=name), row(2, name="Zq")]
    assert holders(rows, term, Notes()) == lexicon(*rows).may_find(term) == {ID.format(1)}


@pytest.mark.parametrize(("term", "name"), STRANGE)
def test_a_search_may_not_find_another_name(term: str, name: str) -> None:
    rows = [row(1, name=name)]
    assert holders(rows, term, Notes()) == lexicon(*rows).may_find(term) == set()


@pytest.mark.parametrize("text", ["Ann\u00a0Lee", "Ann,Lee", "İlker", "ΠΑΠΑΣ", "\u3000Eve\u3000"])
def test_what_servers_read_in_two_ways_is_no_witness(text: str) -> None:
    assert words(text) == set()


def listed(rows: int, query: Query = (), **meta: Any) -> Exchange:
    body = {"data": [row(n) for n in range(rows)], "meta": {"has_more": True, **meta}}
    content = json.dumps(body).encode()
    return Exchange(1, Request(query=query), "http://t/v1", 200, (), content, 0.0)


def counts(*pages: Exchange) -> bool:
    transcript = Transcript()
    transcript.add(pages)
    try:
        no_total_count(transcript, Directory([row(n) for n in range(9)]))
    except Breach:
        return True
    return False


def test_a_total_is_a_number_of_records() -> None:
    assert counts(listed(1, total=7))
    assert counts(listed(1, totalItems=7))
    assert counts(listed(1, count=9), listed(2, count=9))
    assert counts(listed(1, (("limit", "1"),), count=9), listed(1, (("search", "x"),), count=1))
    assert not counts(listed(1, total_time_ms=9), listed(1, totalDuration=9))
    assert not counts(listed(1, request_count=8), listed(1, request_count=9))


def error(url: str, message: str, request_id: str = "r1") -> Exchange:
    body = {
        "data": None,
        "meta": {"request_id": request_id},
        "error": {"code": "NOT_FOUND", "message": message},
    }
    path = url.partition("/api-v1")[2]
    return Exchange(1, Request(path=path), url, 404, (), json.dumps(body).encode(), 0.0)


def test_what_the_caller_has_sent_and_the_request_id_are_no_leak() -> None:
    url = f"https://host/app/api-v1/clinician-profiles/{ID.format(1)}"
    text = said(error(url, f"/app/api-v1/clinician-profiles/{ID.format(1)}: none", "req:10001"))
    assert "/app/" not in text
    assert "10001" not in text
    assert "/app/main.py" in said(error(url, "in /app/main.py"))


@pytest.mark.parametrize(
    ("request_", "status", "body", "proxys"),
    [
        (Request(query=(("search", "a\0"),)), 400, b"<h1>", True),
        (Request(query=(("search", b"\xff"),)), 403, b"<h1>", True),
        (Request(path=f"/clinician-profiles/{'a' * 300}"), 414, b"", True),
        (Request(query=(("search", "a\0"),)), 400, b'{"data": null}', False),
        (Request(query=(("search", "a\0"),)), 500, b"<h1>", False),
        (Request(query=(("search", "a'"),)), 400, b"<h1>", False),
        (Request(), 401, b"<h1>", False),
    ],
)
def test_only_what_no_server_should_see_may_a_proxy_answer_in_its_own_way(
    request_: Request, status: int, body: bytes, proxys: bool
) -> None:
    assert is_a_proxys(Exchange(1, request_, "http://t/v1", status, (), body, 0.0)) is proxys
