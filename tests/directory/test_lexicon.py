"""The directory, its words and the comparison of responses, on rows made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.directory.directory import Directory, from_walk, learn, walk_problem
from conformance.directory.words import words
from conformance.errors import Inconclusive
from conformance.http.api import Api, FullList
from conformance.http.client import ExchangeOrError
from conformance.http.exchange import Exchange
from conformance.http.request import Request
from conformance.suite.comparison import differences, facts, naturally_varying
from conformance.text.folding import folded
from conformance.text.terms import NONSENSE
from tests.support.rows import ID, lexicon, page, row


def ids(*numbers: int) -> set[str]:
    return {ID.format(number) for number in numbers}


WITNESSES = [
    ("Zoë Brontë", {"zoë", "brontë"}),
    ("Mary-Jane Smith", {"smith"}),
    ("Sinéad O'Connor", {"sinéad"}),
    ("Sinéad O’Connor", {"sinéad"}),
    ("Will Will-Power", set()),
    ("Dr. Ann Ng", {"ann"}),
    ("THE Nurse And All", set()),
    ("Smith, Ann (Locum); 'Jo'", {"smith", "ann", "locum"}),
    ("R2D2 Anna2 3Bob Carl", {"carl"}),
    ("Анна Кузнецова", {"анна", "кузнецова"}),
    ("a_b under_score plain", {"plain"}),
    ("100% Pure", {"pure"}),
    ("ann.lee", set()),
    ("  ", set()),
    (None, set()),
    (5, set()),
]


@pytest.mark.parametrize(("text", "found"), WITNESSES)
def test_only_words_that_every_server_separates_are_witnesses(
    text: object, found: set[str]
) -> None:
    assert words(text) == found


def test_folding_removes_case_and_accents() -> None:
    assert folded("ZOË Brontë-Núñez") == "zoe bronte-nunez"
    assert folded("Straße") == folded("STRASSE")
    assert folded("ﬁn") == "fin"


def test_profiles_that_must_be_found_are_among_those_that_may_be() -> None:
    words_of = lexicon(
        row(1, name="Zoë Brontë", display_name="Dr Zoë", email="z.bronte@example.org"),
        row(2, name="Zoe Smithson", email="zs@example.org"),
        row(3, name="Ann Smith", display_name="Smithy"),
        row(4, name="Mary-Smith Jones", display_name="SMITH"),
        row(5, name="Joan", email="joan.smith@example.org"),
        row(6, name="Bob"),
    )
    assert words_of.must_find("zoë") == words_of.must_find("ZOË") == ids(1)
    assert words_of.must_find("smith") == ids(3, 4)
    assert words_of.must_find("nobody") == set()
    assert words_of.may_find("zoë") == words_of.may_find("zoe") == ids(1, 2)
    assert words_of.may_find("smith") == ids(2, 3, 4, 5)
    assert words_of.may_find("smiths") >= ids(2, 3)
    assert words_of.may_find("mit") >= ids(2, 3, 4, 5)
    for word in words_of.frequency:
        assert words_of.must_find(word) <= words_of.may_find(word)


def test_words_that_others_have_as_a_part() -> None:
    words_of = lexicon(
        row(1, name="Dr Ann Hill"),
        row(2, name="Mr Ann Lee"),
        row(3, name="Hannah Hillary"),
        row(4, name="Joanna Hill"),
        row(5, name="Lee Berg"),
    )
    assert words_of.contained() == ["ann", "hill"]


def test_two_words_that_stand_together() -> None:
    words_of = lexicon(
        row(1, name="Mrs Holm"), row(2, name="Mrs Ann Holm"), row(3, name="Mrs Berg"), row(4)
    )
    assert words_of.together() == ["holm", "mrs"]
    assert lexicon(row(1, name="Mrs Holm"), row(2, name="Mrs Berg")).together() == []


def test_words_of_one_field_alone() -> None:
    words_of = lexicon(
        row(1, name="Ann Smith", display_name="Annie Locum", email="as@example.org"),
        row(2, name="Robert Locum", display_name="Robert Locum", email="robert@example.org"),
        row(3, name="Zoë Stone", display_name="Bo", email="zoe@example.org"),
        row(4, name="Peter Parker", display_name=None, email=None),
    )
    assert dict(words_of.only_in("name")) == {
        "smith": ID.format(1),
        "stone": ID.format(3),
        "peter": ID.format(4),
        "parker": ID.format(4),
    }
    assert words_of.only_in("display_name") == [("locum", ID.format(1))]
    assert words_of.only_in("email") == []


def test_addresses_that_share_no_word_with_a_name_are_first() -> None:
    words_of = lexicon(
        row(1, name="Ann Smith", email="ann.smith@example.org"),
        row(2, name="Robert Lee", email="q7.frontdesk@example.org"),
        row(3, name="Bo", email=None),
        row(4, name="Cy", email="no address"),
    )
    assert words_of.emails() == [
        ("q7.frontdesk@example.org", ID.format(2)),
        ("ann.smith@example.org", ID.format(1)),
    ]


def test_a_word_of_another_field_occurs_in_no_searched_field() -> None:
    words_of = lexicon(
        row(
            1,
            name="Ann Smith",
            role="Physiotherapist",
            bio="Smith likes orchids and smithing",
            registration_number="7654321",
            title="Dr",
        ),
        row(2, name="Physio Jones", email="orchards@example.org", bio="orchids"),
    )
    found = words_of.elsewhere()
    assert found["registration_number"] == ("7654321", ID.format(1))
    assert found["bio"] == ("likes", ID.format(1))
    assert "role" not in found
    assert "title" not in found


def test_the_absent_word_is_in_no_profile() -> None:
    assert lexicon(row(1, name="Ann")).absent() == NONSENSE
    assert lexicon(row(1, name=f"Ann {NONSENSE}")).absent() != NONSENSE


def test_rows_without_names_are_skipped() -> None:
    words_of = lexicon({"id": "X"}, row(2, name=7, display_name=[], email={}), {"name": "Ann"})
    assert words_of.rare() == ["ann"]
    assert words_of.may_find("zzz") == set()
    assert words_of.emails() == []


# The directory


def test_a_directory_predicts_pages_and_filters() -> None:
    rows = [row(n, is_active=n % 3 > 0, id=ID.format(n).upper()) for n in range(12)]
    directory = Directory(rows)
    assert directory.total == 12
    assert directory.ids[10:15] == [ID.format(10), ID.format(11)]
    assert directory.matching(is_active=False) == [ID.format(n) for n in (0, 3, 6, 9)]
    assert directory.matching(is_active=0) == []
    assert [len(part) for part in directory.both("is_active")] == [8, 4]
    assert directory.page_size_dividing_total() == 6
    with pytest.raises(Inconclusive, match="needed: to see it"):
        directory.require(13, "to see it")
    with pytest.raises(Inconclusive, match="is_bookable_online true"):
        directory.both("is_bookable_online")


def test_a_sample_contains_both_ends_and_follows_from_the_seed() -> None:
    directory = Directory([row(n) for n in range(50)], seed=4)
    sample = directory.sample(directory.ids, 7, "test")
    assert sample == sorted(set(sample))
    assert (len(sample), sample[0], sample[-1]) == (7, ID.format(0), ID.format(49))
    assert directory.sample(directory.ids, 7, "test") == sample
    assert directory.sample(directory.ids, 7, "another") != sample
    assert directory.sample(directory.ids[:3], 7, "few") == directory.ids[:3]
    assert directory.sample(directory.ids, 1, "one") == [ID.format(0)]


def test_an_unknown_directory_predicts_nothing() -> None:
    directory = Directory([row(1)], problem="a page returned 500")
    for question in (lambda: directory.total, lambda: directory.ids, directory.matching):
        with pytest.raises(Inconclusive, match="could not be read completely: a page returned 500"):
            question()


def served(rows: list[dict[str, Any]], size: int = 100) -> Any:
    """Answer as a correct server does, with pages of at most ``size`` records."""

    def ask(requests: Any) -> list[Exchange]:
        answers = []
        for request in requests:
            query = dict(request.query)
            at, limit = int(query.get("offset", 0)), min(int(query["limit"]), size)
            more = at + limit < len(rows)
            answers.append(page(rows[at : at + limit], 1, has_more=more))
        return answers

    return ask


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 263])
@pytest.mark.parametrize("size", [100, 30])
def test_a_directory_is_read_completely(count: int, size: int) -> None:
    """Also if the server's pages are smaller than the limit."""
    directory = learn(Api(served([row(n) for n in range(count)], size)), 0, 40)
    assert directory.problem is None
    assert directory.total == count


def test_a_list_that_cannot_be_read_completely_is_a_problem() -> None:
    assert (
        walk_problem(FullList(("a", "b", "a"), ())) == "1 of 2 records were returned more than once"
    )
    broken = Exchange(1, Request(), "http://t", 500, (), b"{}", 0.0)
    assert "returned 500" in str(walk_problem(FullList((), (), broken)))
    full_list = FullList(("a", "b"), (page([row(1, name="first")]), page([row(1, name="second")])))
    assert [item["name"] for item in from_walk(full_list, 0).rows] == ["first"]

    def stuck(requests: Any) -> list[ExchangeOrError]:
        return [page([row(1), row(2)], has_more=True) for _ in requests]

    assert "only records of earlier pages" in str(learn(Api(stuck), 0, 40).problem)


# Likeness


def answer(
    asked: str, body: object, number: int = 1, status: int = 404, **headers: str
) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = Request(path=f"/clinician-profiles/{asked}")
    return Exchange(number, request, f"http://t/{asked}", status, pairs, content, 0.0)


def missing(asked: str, number: int = 1, message: str = "No {}.", **members: Any) -> Exchange:
    error = {"code": "NOT_FOUND", "message": message.replace("{}", asked)} | members
    meta = {"request_id": f"req_{number}"}
    return answer(asked, {"data": None, "meta": meta, "error": error}, number)


ONE, TWO = ID.format(1), "AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee"


def unlike(one: Exchange, two: Exchange) -> list[str]:
    return differences(facts(one), facts(two))


def test_an_echoed_id_and_a_request_id_are_no_difference() -> None:
    for message in ("No {}.", "No profile {} ({}).", "Nothing."):
        assert unlike(missing(ONE, 1, message), missing(TWO, 2, message)) == []
    assert unlike(missing(TWO), missing(TWO, 2, f"No {TWO.lower()}.")) == []
    html = "<p>No {} (request {r})</p>"
    one = answer(ONE, html.replace("{}", ONE).replace("{r}", "r1"), x_request_id="r1")
    assert (
        unlike(one, answer(TWO, html.replace("{}", TWO).replace("{r}", "r2"), x_request_id="r2"))
        == []
    )


def test_every_other_difference_is_named() -> None:
    known = missing(ONE)
    assert unlike(known, answer(TWO, known.body.decode(), status=403)) != []
    assert unlike(known, missing(TWO, message="No access to {}.")) == [
        'body.error.message is "No {id}." and "No access to {id}."'
    ]
    assert unlike(known, missing(TWO, organisation="b")) == [
        "body.error.organisation is only in the second"
    ]
    assert len(unlike(answer(ONE, "{}", x_cache="hit"), answer(TWO, "{}"))) == 1
    assert unlike(answer(ONE, "{}", date="1", age="5"), answer(TWO, "{}", date="2")) == []
    assert unlike(missing(ONE, details=[1]), missing(TWO, details=[1, 2])) != []
    assert unlike(missing(ONE, retry=True), missing(TWO, retry="true")) != []


def test_members_that_vary_by_themselves_follow_from_samples() -> None:
    samples = [missing(ID.format(n), n, at=f"2026-01-01T00:00:0{n}Z") for n in (1, 2, 3)]
    assert naturally_varying(samples) == {"body.error.at", "body.meta.request_id"} or (
        naturally_varying(samples) == {"body.error.at"}
    )
    assert differences(facts(samples[0]), facts(samples[1]), naturally_varying(samples)) == []
    assert naturally_varying(samples[:1]) == frozenset()
