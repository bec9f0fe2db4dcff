"""The first screen: one sentence, problems worst first, whose rule, areas, remedies, the command."""

from __future__ import annotations

import io
from typing import Any

import pytest

from conformance.report import first, html, junit, make_console, markdown, render
from conformance.report.remedies import remedy, untestable


def test_named_causes_make_the_sentence(build: Any) -> None:
    rows = [build.requirement(id_, "failed") for id_ in ("AUTH-03", "ORG-07", "PAG-01")]
    result = build.result(*rows)
    for defect, text in zip(
        result["defects"],
        ("Keys that were never issued are accepted", "Search shows others"),
        strict=False,
    ):
        defect["probable_cause"] = build.cause(f"{text}.") | {"candidates": []}
    screen = first.of(result)
    assert screen.sentence == (
        "Keys that were never issued are accepted; search shows others; 1 more problem."
    )
    assert [problem.number for problem in screen.problems] == [1, 2, 3]


def test_of_a_cause_only_its_first_sentence_is_shown(build: Any) -> None:
    result = build.result(build.requirement("PAG-13", "failed"))
    said = "`limit` 1.5 is cut to 1 in some requests. 4 of 10 pages differ."
    result["defects"][0]["probable_cause"] = build.cause(said) | {"candidates": []}
    assert first.of(result).sentence == "`limit` 1.5 is cut to 1 in some requests."


def test_without_causes_the_kinds_are_counted(build: Any) -> None:
    result = build.result(
        *(build.requirement(id_, "failed") for id_ in ("ORG-01", "PAG-01", "PAG-02"))
    )
    for defect, severity in zip(
        result["defects"], ("data leak", "data loss", "data loss"), strict=True
    ):
        defect["severity"] = severity
    assert first.of(result).sentence == (
        "1 data leak and 2 losses of data. The worst breaks this rule: The text of ORG-01."
    )


def test_it_says_whose_rules_are_broken(build: Any) -> None:
    rows = [
        build.requirement("ORG-01", "failed", source="seed"),
        build.requirement("PAG-01", "failed", source="decided"),
        build.requirement("PAG-02", "failed", source="decided"),
    ]
    screen = first.of(build.result(*rows))
    assert [problem.source for problem in screen.problems] == [
        "documented",
        "decided here",
        "decided here",
    ]
    assert screen.whose == (
        "1 problem breaks the vendor's documents, 2 problems break decisions of this contract."
    )


def test_an_area_has_its_worst_outcome_in_the_words_of_the_doctor(build: Any) -> None:
    screen = first.of(
        build.result(
            build.requirement("AUTH-01"),
            build.requirement("AUTH-02", "failed"),
            build.requirement("ENV-10", "warned"),
            build.requirement("PAG-01", "inconclusive"),
            build.requirement("FIL-01"),
            build.requirement("FIL-12", "inconclusive", level="should"),
        )
    )
    assert [(area.name, area.state, area.words) for area in screen.areas] == [
        ("authentication", "problem", "1 failed, 1 passed"),
        ("envelope", "warning", "1 warned"),
        ("pagination", "open", "1 inconclusive"),
        ("filters", "ok", "1 inconclusive, 1 passed"),
    ]


def test_many_requirements_with_one_reason_are_counted_by_area(build: Any) -> None:
    rows = [build.requirement(f"PAG-{n:02}", "inconclusive", reason="depth") for n in range(1, 15)]
    (group,) = first.of(build.result(*rows)).unchecked
    assert group.ids == "14 requirements (pagination 14)"
    assert group.remedy == "run with --depth standard"


def test_the_command_repeats_the_run(build: Any) -> None:
    result = build.result(build.requirement("PAG-01"), depth="deep", seed=7)
    result["target"]["base_url"] = "https://t.test/a'b;c"
    result["settings"] |= {"rate": "5/s", "no_writes": True}
    result["requests"]["limit"] = 500
    assert first.again(result) == (
        "conformance run --base-url 'https://t.test/a'\"'\"'b;c' --depth deep --seed 7 --rate 5/s "
        "--no-writes --max-requests 500"
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "no key of a second organisation: set CONFORMANCE_OTHER_API_KEY",
            "CONFORMANCE_OTHER_API_KEY",
        ),
        ("the limit of requests is reached", "--max-requests"),
        ("write methods are left out (--no-writes)", "without --no-writes"),
        ("no location of your organisation is known", "--location-id"),
        ("fewer than two profiles match is_active=true", "add such profiles"),
        (
            "the directory has 7 of the 21 profiles needed: a default would not show",
            "add such profiles",
        ),
        ("no word of a name finds two profiles, too few for two pages", "add such profiles"),
        ("no name has a word with an apostrophe", "add such profiles"),
        ("a term that occurs nowhere finds profiles too", "mend the problems"),
        ("something that no pattern knows", "run again"),
    ],
)
def test_each_reason_has_a_remedy(reason: str, words: str) -> None:
    assert words in remedy(reason)


def test_an_untestable_target_has_the_remedy_of_the_doctor() -> None:
    assert "CONFORMANCE_API_KEY" in untestable("GET /clinician-profiles returned 401: refused")
    assert "port" in untestable("nothing that is known")


def test_all_forms_have_the_same_order_and_words(build: Any) -> None:
    rows = [build.requirement(id_, "failed") for id_ in ("ORG-01", "AUTH-03", "PAG-01", "SRCH-02")]
    result = build.result(*rows)
    titles = [f"Title of {defect['id']} here" for defect in result["defects"]]
    for defect, title in zip(result["defects"], titles, strict=True):
        defect["title"] = title
    file = io.StringIO()
    render(result, make_console(file), None)
    for text in (file.getvalue(), html.render(result), markdown.render(result)):
        places = [text.index(title) for title in titles]
        assert places == sorted(places)
        assert first.of(result).headline in text.replace("&#58;", ":")
    assert all(title in junit.render(result).decode() for title in titles)
