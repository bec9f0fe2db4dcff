"""The page is complete, loads nothing from a network, and text from a target cannot change it."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from itertools import pairwise
from typing import Any

import pytest

from conformance.report import html
from tests.support.page import Page

Result = Any


def test_the_page_is_well_formed(every: dict[str, Result]) -> None:
    for result in every.values():
        text = html.render(result)
        page = Page(text)
        assert text.startswith("<!doctype html>")
        assert text.endswith("</html>\n")
        ids = page.all("id")
        assert len(ids) == len(set(ids))
        assert {href[1:] for href in page.all("href") if href.startswith("#")} <= set(ids)
        assert {ref for refs in page.all("aria-labelledby") for ref in refs.split()} <= set(ids)
        headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(headings))


def test_the_page_loads_nothing(every: dict[str, Result]) -> None:
    for result in every.values():
        text = html.render(result)
        page = Page(text)
        assert not page.all("src")
        assert all(
            href.startswith(("#", "requirements.html")) or href == "data:,"
            for href in page.all("href")
        )
        style = text[text.index("<style>") : text.index("</style>")]
        assert "url(" not in style
        assert "@import" not in style


def test_the_policy_allows_only_the_script_of_the_page(hostile: Result) -> None:
    text = html.render(hostile)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert f"script-src 'sha256-{digest}'" in policy
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert not Page(text).all("style")
    assert "default-src 'none'" in policy


def test_hostile_text_is_escaped(hostile: Result) -> None:
    text = html.render(hostile)
    assert "<script>alert" not in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufffe]", text)
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "<script>alert('x')</script>\\x1b[31m\\u202e]]>&amp;\\x00[bold]:smile:" in page.text
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]


def exchange(number: int, **shown: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:8000/api-v1/clinician-profiles?limit=20&offset={number}"
    return {
        "number": number, "method": "GET", "url": url, "identity": "own",
        "status": 200, "milliseconds": 12.5, "bytes": 11_000,
    } | shown  # fmt: skip


def test_each_exchange_is_on_the_page_and_its_number_leads_there(build: Any) -> None:
    finding = build.finding(expected="the records of exchange 2", exchange=1)
    result = build.result(build.requirement("PAG-10", "failed", findings=[finding]))
    shown = exchange(1, headers=[["content-type", "application/json"]], body='{"data": []}')
    result["exchanges"] = [shown, exchange(2)]
    text = html.render(result)
    assert '<a href="#x2">exchange 2</a>' in text
    assert '<a href="#x1">exchange 1</a>' in text
    page = Page(text)
    assert {"x1", "x2"} <= set(page.all("id"))
    for words in ("content-type: application/json", '{"data": []}', "offset=2", "12 ms", "list"):
        assert words in page.text, words


def test_a_report_of_an_earlier_version_has_no_exchanges(mixed: Result) -> None:
    text = html.render(mixed)
    assert "exchange 7" in Page(text).text
    assert 'href="#x' not in text


def test_a_thousand_exchanges_stay_under_three_megabytes(build: Any) -> None:
    shown = {"headers": [["etag", "x" * 40]] * 8, "body": "x" * 1_500}
    many = [exchange(number, **(shown if number <= 200 else {})) for number in range(1, 1001)]
    result = build.result(build.requirement("PAG-01"), exchanges=many)
    assert len(html.render(result).encode()) < 3_000_000


def test_an_untestable_target_is_a_reason_and_a_remedy(build: Any) -> None:
    requirements = [build.requirement(f"PAG-{n:02}", "inconclusive") for n in range(1, 13)]
    result = build.result(
        *requirements, verdict="untestable", reason="GET /clinician-profiles returned 401: refused"
    )
    page = Page(html.render(result))
    assert "COULD NOT BE TESTED" in page.text
    assert "set CONFORMANCE_API_KEY to a valid key" in page.text
    assert "PAG-01" not in page.text
    assert "0 passed" not in page.text


def test_an_incomplete_run_begins_with_what_is_missing(build: Any) -> None:
    missing = build.requirement(
        "ORG-05",
        "inconclusive",
        reason="no key of a second organisation: set CONFORMANCE_OTHER_API_KEY",
    )
    text = Page(html.render(build.result(build.requirement("PAG-01"), missing))).text
    parts = (
        "COULD NOT BE CHECKED",
        "set CONFORMANCE_OTHER_API_KEY to a key",
        "Could not be checked",
        "Areas",
    )
    places = [text.index(words) for words in parts]
    assert places == sorted(places)


def test_text_between_backticks_is_code(build: Any) -> None:
    texts = {
        "`limit` is 20": "<code>limit</code> is 20",
        "`<b>`": "<code>&lt;b&gt;</code>",
        "a ` alone": "a ` alone",
        "`a` and ` one": "<code>a</code> and ` one",
        "``": "<code></code>",
    }
    for text, shown in texts.items():
        page = html.render(build.result(build.requirement("PAG-04", text=text)))
        assert f"<p>{shown}</p>" in page


def test_the_page_has_the_facts_of_the_run(mixed: Result) -> None:
    page = Page(html.render(mixed))
    for words in (
        "FAILED: do not release",
        "1 loss of data. The worst breaks this rule: The text of PAG-04.",
        "1 problem breaks the vendor's documents.",
        "conformance run --base-url http://127.0.0.1:8000/api-v1",
        "The target breaks its contract",
        "http://127.0.0.1:8000/api-v1",
        "sha256 " + mixed["contract"]["sha256"],
        "2026-03-02 10:15:04 UTC, 2.2 s",
        "12 requests sent, 30 responses reused, limit 300 per key, 1 incident",
        "your key 8, second organisation's key 3, no valid key 1",
        "263 records, read completely",
        mixed["defects"][0]["reproduction"][0],
        "setup 2, pagination 7, isolation 3",
        "fewer than 101 clinicians",
        "would use up the rate limit",
        "limit-above-maximum",
        "the retry succeeded",
        "3 requirements: PAG-04, PAG-05, PAG-10",
    ):
        assert words in page.text, words
    assert {r["id"] for r in mixed["requirements"]} <= set(page.all("id"))


def test_a_uuid_is_not_broken_at_its_hyphens(build: Any) -> None:
    finding = build.finding(received="<0f8fad5b-d9cb-469f-a165-70867728950E> is missing")
    text = html.render(build.result(build.requirement("PAG-04", "failed", findings=[finding])))
    uuid = '<span class="uuid">0f8fad5b-d9cb-469f-a165-70867728950E</span>'
    assert f"&lt;{uuid}&gt; is missing" in text


def test_each_defect_has_a_card_in_their_order(mixed: Result) -> None:
    page = Page(html.render(mixed))
    assert [id_ for id_ in page.all("id") if id_ in ("D1", "D2")] == ["D1", "D2"]


def test_a_card_shows_the_probable_cause(build: Any, mixed: Result) -> None:
    assert "Probable cause" not in Page(html.render(mixed)).text
    mixed["defects"][0]["probable_cause"] = build.cause("`limit` is read twice.")
    text = html.render(mixed)
    for words in ("Probable cause", "<code>limit</code> is read twice.", "Fix", "none of 210"):
        assert words in text, words


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(scheme: str) -> None:
    css = resources.files("conformance.report").joinpath("templates/report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme == "dark"]))
    tones = ("failed", "warned", "inconclusive", "waived", "passed")
    pairs = [(front, back) for front in ("ink", "soft", "link") for back in ("paper", "card")]
    pairs += [(tone, back) for tone in tones for back in ("paper", "card", f"{tone}-tint")]
    pairs += [(front, f"{tone}-tint") for front in ("ink", "soft") for tone in tones]
    # The counts of the outcomes are on the tint of any verdict.
    pairs += [(tone, f"{other}-tint") for tone in tones for other in tones]
    pairs += [("ink", "code")]
    for front, back in pairs:
        low, high = sorted((luminance(colours[front]), luminance(colours[back])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (front, back)
