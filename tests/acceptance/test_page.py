"""The page for the person who accepts a product: complete on paper, without script and outside requests."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.acceptance import claim, page, versions
from conformance.acceptance.claim import Claim
from tests.report.conftest import HOSTILE

CLAIMED: Claim = {
    "claimant": {"organisation": "Example <Health> Ltd", "contact": "conformance@example.com"},
    "implementation": {
        "vendor": "Example Health Ltd",
        "product": "Example EHR",
        "version": "4.2.1",
        "documentation": "https://developer.example.com",
    },
    "statement": "It conforms.\n<b>Truly.</b>",
    "valid_until": "2999-05-31",
}
VOID = {"meta", "link"}


class Parsed(HTMLParser):
    """The attributes and the words of a page, whose tags must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def rendered(result: Any, claimed: Claim | None = CLAIMED) -> str:
    return page.render(result, claimed, versions.here()).decode("utf-8")


def test_every_result_has_a_well_formed_page(every: dict[str, Any]) -> None:
    for result in every.values():
        for claimed in (CLAIMED, None):
            text = rendered(result, claimed)
            parsed = Parsed(text)
            assert text.startswith("<!doctype html>")
            assert page.HEADINGS[result["verdict"]] in parsed.text
            assert ("does not support the claim" in parsed.text) is (
                claimed is not None and result["verdict"] != "conformant"
            )
            assert ("This pack makes no claim" in parsed.text) is (claimed is None)
            assert rendered(result, claimed) == text, "the same each time"


def test_the_page_has_no_script_and_loads_nothing(every: dict[str, Any]) -> None:
    for result in every.values():
        text = rendered(result)
        parsed = Parsed(text)
        assert {"script", "img", "iframe", "object", "form"}.isdisjoint(parsed.tags)
        names = {name for name, _ in parsed.attributes}
        assert not {name for name in names if name.startswith("on")} | names & {"src", "style"}
        hrefs = {value or "" for name, value in parsed.attributes if name == "href"}
        assert all(re.fullmatch(r"data:,|requirements\.html#[A-Z]+-\d+", href) for href in hrefs)
        assert "url(" not in text
        assert "@import" not in text


def test_the_policy_allows_only_the_style_of_the_page(hostile: Any) -> None:
    text = rendered(hostile)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy[1].startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy[1]


def test_hostile_text_is_escaped(hostile: Any) -> None:
    text = rendered(hostile)
    assert HOSTILE[:8] == "<script>"
    assert "<script" not in text
    assert "<b>Truly" not in text
    assert not {"\x1b", "\u202e", "\x00", "\ufffe"} & set(text)
    assert "Example &lt;Health&gt; Ltd" in text


def test_a_manager_reads_what_counts(mixed: Any) -> None:
    text = Parsed(rendered(mixed)).text
    for words in (
        "Product Example EHR 4.2.1, by Example Health Ltd",
        "Valid until 2999-05-31",
        "1 problem breaks what the vendor's own documents say.",
        "Pagination 3 – 2 1 – –",
        "Total 8 1 2 2 2 1",
        "The problem of PAG-04.",
        "Vendor's documents",
        "Records cannot be reached, are repeated or are changed.",
        "Fewer than 101 clinicians 1 LIM-03",
        "Would use up the rate limit 1 RO-01",
        "conformance verify PACK.zip",
        "sha256sum -c SHA256SUMS",
        mixed["contract"]["sha256"],
        versions.here()["suite"]["sha256"],
    ):
        assert words in text


@pytest.mark.parametrize(
    ("sources", "whose", "words"),
    [
        (("seed", "decided"), "Vendor's documents", "1 problem breaks what the vendor's own"),
        (("decided", "decided"), "Decision of this contract", "1 breaks a decision that this"),
        (("decided", "public"), "Vendor's documents", "1 problem breaks what the vendor's own"),
    ],
)
def test_a_problem_says_whose_rule_is_broken(
    build: Any, sources: tuple[str, str], whose: str, words: str
) -> None:
    """The sources of recommendations beside mandatory requirements do not count."""
    rows = [
        build.requirement("PAG-04", "failed", source=sources[0]),
        build.requirement("PAG-05", "failed", source=sources[1]),
        build.requirement("PAG-10", "warned", source="seed"),
    ]
    text = Parsed(rendered(build.result(*rows, together=("PAG-04", "PAG-05", "PAG-10")))).text
    assert whose in text
    assert words in text


def test_the_page_is_made_for_paper(mixed: Any) -> None:
    """Numbers on A4 pages, and no row in two parts; see docs/acceptance.md."""
    text = rendered(mixed)
    assert "@page { size: A4;" in text
    assert "counter(page)" in text
    assert re.search(r"tr, [^{]*\{ break-inside: avoid; \}", text)
    assert "thead { display: table-header-group; }" in text


def test_labels_of_a_run_are_shown(mixed: Any) -> None:
    text = Parsed(rendered(mixed | {"labels": {"build": "1234", "commit": "<i>abc</i>"}})).text
    assert "build 1234 commit <i>abc</i>" in text


def test_accepted_deviations_are_shown(mixed: Any) -> None:
    waiver = {
        "requirement": "PAG-04",
        "owner": "platform@example.com",
        "reason": "The next release pages by keys.",
        "ticket": "API-117",
        "expires": "2999-01-31",
    }
    text = Parsed(rendered(mixed | {"waivers": [waiver]})).text
    assert (
        "PAG-04 The next release pages by keys. (API-117) platform@example.com 2999-01-31" in text
    )
    assert "Accepted deviations" not in Parsed(rendered(mixed)).text


def test_the_claim_of_the_page_matches_its_schema() -> None:
    assert claim.read(claim.dumps(CLAIMED)) == CLAIMED
